"""What is remembered of causes: never that one is new which is not, and the journal is seldom asked."""

from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from messaging import remembering
from messaging.remembering import ASKED_BEFORE, Causes, Latest

IN_DOCUMENT = 4
"""Causes that stand in a document here."""


class Counter:
    """An aggregate that was changed by these causes, the first ``sent`` of which stand in its journal."""

    def __init__(self) -> None:
        self.causes: list[str] = []
        self.sent = self.read = 0

    def change(self, many: int = 1) -> None:
        self.causes += [f"cause-{len(self.causes) + number}" for number in range(many)]

    def document(self) -> dict[str, Any]:
        pending = [{"causationid": cause} for cause in self.causes[self.sent :]]
        return {"_id": "a", "version": len(self.causes), "causes": self.causes[-IN_DOCUMENT:], "pending": pending}

    def journal(self) -> Iterable[str]:
        self.read += 1
        return self.causes[: self.sent]


def changed_often(counter: Counter, known: Causes) -> None:
    """Past where all that its journal tells is read."""
    for _ in range(ASKED_BEFORE + 1):
        counter.change()
        counter.sent = len(counter.causes)
        known.suspects(counter.document(), ["another"], counter.journal)


def test_of_one_that_changes_often_the_journal_is_read_once():
    counter, known = Counter(), Causes(2)
    for number in range(ASKED_BEFORE):
        counter.change()
        assert known.suspects(counter.document(), ["new"], counter.journal) == ["new"], number
    assert counter.read == 0
    for number in range(50):
        counter.change()
        counter.sent = len(counter.causes)
        assert known.suspects(counter.document(), [f"new-{number}", "cause-3"], counter.journal) == ["cause-3"]
    assert counter.read == 1


def test_what_others_changed_beyond_the_document_makes_it_forgotten():
    counter, known = Counter(), Causes(2)
    changed_often(counter, known)
    counter.change(IN_DOCUMENT)
    assert known.suspects(counter.document(), ["new"], counter.journal) == []
    counter.change(IN_DOCUMENT + 1)
    counter.sent = len(counter.causes)
    assert known.suspects(counter.document(), ["new"], counter.journal) == ["new"]


def test_one_that_went_back_is_forgotten():
    counter, known = Counter(), Causes(2)
    changed_often(counter, known)
    del counter.causes[-3:]
    assert known.suspects(counter.document(), ["new"], counter.journal) == ["new"]


def test_one_of_very_many_changes_has_its_journal_asked(monkeypatch):
    counter, known = Counter(), Causes(2)
    changed_often(counter, known)
    monkeypatch.setattr(remembering, "MOST_CAUSES", len(counter.causes))
    counter.change()
    assert known.suspects(counter.document(), ["new"], counter.journal) == ["new"]


def test_where_two_read_the_journal_at_once_the_one_who_knows_more_is_believed():
    counter, known = Counter(), Causes(2)
    counter.change(ASKED_BEFORE)
    for _ in range(ASKED_BEFORE):
        known.suspects(counter.document(), ["new"], counter.journal)
    counter.sent = len(counter.causes)
    before = counter.document()

    def slowly() -> Iterable[str]:
        read = list(counter.journal())
        counter.change(2)
        counter.sent = len(counter.causes)
        assert known.suspects(counter.document(), ["new"], counter.journal) == []
        return read

    assert known.suspects(before, ["new"], slowly) == []
    counter.change(IN_DOCUMENT)
    counter.sent = len(counter.causes)
    assert known.suspects(counter.document(), [f"cause-{ASKED_BEFORE}"], counter.journal) == [f"cause-{ASKED_BEFORE}"]


@given(st.lists(st.tuples(st.integers(1, IN_DOCUMENT + 2), st.booleans(), st.integers(0, 200)), max_size=60))
def test_what_changed_it_before_is_always_suspected(steps):
    counter, known = Counter(), Causes(1)
    for many, is_sent, asked in steps:
        counter.change(many)
        if is_sent:
            counter.sent = len(counter.causes)
        document = counter.document()
        told = {*document["causes"], *(event["causationid"] for event in document["pending"])}
        before = f"cause-{asked % len(counter.causes)}"
        if before not in told:
            assert known.suspects(document, [before, "new"], counter.journal)[0] == before


def test_no_more_than_so_many_are_kept():
    latest = Latest[int](2)
    for number, id in enumerate("abca"):
        latest.keep(id, number)
    assert latest == {"c": 2, "a": 3}
    assert Latest[int](0).keep("a", 1) == 1
