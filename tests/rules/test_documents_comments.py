"""Comments: passages that are found again, rounds and their reminders, threads and dispositions, the table of all."""

from itertools import count

import pytest
from document_desk import (
    CHAIR,
    CO,
    DAY,
    FORMER,
    GROUP,
    LEAD,
    MEMBER,
    MISSION,
    NOW,
    OTHER,
    SEATS,
    SECOND,
    SECRETARIAT,
    Desk,
    drafted,
    focal,
    refused,
)
from hypothesis import given
from hypothesis import strategies as st

from services.documents.rules import anchors, views
from services.documents.rules.anchors import CHANGED, GONE, HERE, MOVED, Memory, Passages, Place
from services.documents.rules.commenting import OUTCOMES
from services.documents.rules.table import comment_table
from services.documents.rules.text import Section

# Passages

_names = count()


def passages(*texts: str, **named: str) -> Passages:
    """Sections ``s1``, ``s2``… of these texts, then those that are named."""
    sections = [Section(f"s{number}", "A heading", text) for number, text in enumerate(texts, 1)]
    return Passages(f"text {next(_names)}", sections + [Section(id, "A heading", text) for id, text in named.items()])


DEMAND = (
    "Demand is what sustains the market. States should address the demand that fosters\nall forms of exploitation, through law and "
    "through education.\n\nThey should also assess what they have done, together with those who were exploited."
)


def test_a_passage_is_told_by_what_it_says_and_where():
    text = passages(DEMAND, "Another section.")
    found = text.select("s1", "demand  that fosters all\nforms")
    assert found == (
        "s1",
        "demand that fosters all forms",
        62,
        "rket. States should address the ",
        " of exploitation, through law an",
        True,
    )
    assert text.locate(found) == Place(HERE, "s1", 62, "demand that fosters all forms")
    assert text.select("s1", "should").start == 43
    assert text.select("s1", "should", 44).start > 100, "the first from there on"
    assert not text.select("s1", "should").alone
    assert text.select("s1", "should", 1_000) is text.select("s1", "never there") is text.select("s1", " \n") is None
    assert text.select("s2", "DEMAND") is None
    assert passages("Demand.", "Demand.").select("s2", "Demand.").alone is False


@pytest.mark.parametrize(
    ("now", "where"),
    [
        (passages("Preface.\n\n" + DEMAND), Place(HERE, "s1", 71, "demand that fosters all forms")),
        (passages(s9="Preface.", s1=DEMAND), Place(HERE, "s1", 62, "demand that fosters all forms")),
        (passages("Nothing.", "Before. " + DEMAND), Place(MOVED, "s2", 70, "demand that fosters all forms")),
        (passages(s4="Nothing.", s9=DEMAND), Place(MOVED, "s9", 62, "demand that fosters all forms")),
        (passages(DEMAND.replace("fosters\nall", "drives all")), Place(CHANGED, "s1", 62, "demand that drives all forms")),
        (passages(DEMAND.replace("demand that", "great demand")), Place(CHANGED, "s1", 68, "demand fosters all forms")),
        (passages(DEMAND.replace("all forms", "many forms, too many,")), Place(CHANGED, "s1", 62, "demand that fosters many forms")),
        (passages(DEMAND.replace("demand that fosters\nall forms", "use")), Place(GONE)),
        (passages("Nothing."), Place(GONE)),
        (passages(s2="Nothing."), Place(GONE)),
        (passages(""), Place(GONE)),
    ],
)
def test_a_passage_is_here_moved_changed_or_gone(now, where):
    sought = passages(DEMAND).select("s1", "demand that fosters all forms")
    assert now.locate(sought) == where
    assert now.locate(sought) == where, "as it is remembered"


def test_of_equal_passages_the_one_with_its_own_surroundings_is_found():
    old = passages("One: they should act. Two: they should act. Three: they should act.")
    second = old.select("s1", "they should act", 10)
    now = passages("Zero: they should act, they should act, they should act. One: they should act. Two: they should act. Three.")
    assert now.locate(second).start == now.select("s1", "Two: they").start + 5
    without = passages("One: they should act once. Three: they should act.", "Elsewhere they should act.")
    assert without.locate(second) == Place(GONE), "others read the same, and are not it"
    moved = passages("One.", "And two: they should act. Three: they do not.")
    assert moved.locate(second) == Place(MOVED, "s2", 9, "they should act")


def test_a_placeholder_that_stands_in_every_section_stays_in_its_own():
    old = passages("[To be written]", "[To be written]")
    sought = old.select("s2", "[To be written]")
    assert old.locate(sought) == Place(HERE, "s2", 0, "[To be written]")
    assert passages("[To be written]", "Written.").locate(sought) == Place(GONE)


def test_chinese_is_found_by_character():
    old = passages("国家应当解决助长一切形式剥削的需求问题,并且应当与受害者一起评估其所做的工作。")
    sought = old.select("s1", "助长一切形式剥削的需求")
    assert passages("各国应当解决助长各种形式剥削的需求问题,并且应当与受害者一起评估其所做的工作。").locate(sought) == Place(
        CHANGED, "s1", 6, "助长各种形式剥削的需求"
    )


WORDS = [f"{one}{two}{three}" for one in "bdfgklm" for two in "aeiou" for three in "nprst"]
"""Words that occur in a text once each, so that a passage is one place and no other."""
edits = st.lists(st.tuples(st.sampled_from(["before", "after"]), st.booleans(), st.integers(0, 200), st.integers(1, 9)), max_size=4)


@st.composite
def quoted(draw, least: int = 1) -> tuple[list[str], list[str], list[str]]:
    """A section's words: those before a passage, its own, those after."""
    words = draw(st.permutations(WORDS))
    length, begin, size = draw(st.integers(least, 80)), draw(st.integers(0, 60)), draw(st.integers(least, 20))
    begin = min(begin, length - least)
    return words[:begin], words[begin : min(begin + size, length)], words[min(begin + size, length) : length]


def edited(before: list[str], after: list[str], changes: list[tuple[str, bool, int, int]]) -> None:
    """Words are put into the surroundings of a passage, or taken out of them, anywhere."""
    fresh = (f"new{number}" for number in count())
    for side, is_insertion, at, many in changes:
        words = before if side == "before" else after
        begin = at % (len(words) + 1)
        words[begin : begin if is_insertion else begin + many] = [next(fresh) for _ in range(many)] if is_insertion else []


@given(quoted(), edits, st.sampled_from([" ", "\n", "  \n\n"]))
def test_whatever_is_edited_around_a_passage_it_is_found_where_it_stands(words, changes, space):
    before, own, after = words
    sought = passages(" ".join([*before, *own, *after])).select("s1", " ".join(own), len(" ".join(before)))
    edited(before, after, changes)
    start = len(" ".join(before)) + bool(before)
    found = passages("Nothing.", s1=space.join([*before, *own, *after])).locate(sought)
    assert found == Place(HERE, "s1", start, " ".join(own))
    moved = passages(s7=space.join([*before, *own, *after]), s8="Nothing.").locate(sought)
    assert moved == Place(MOVED, "s7", start, " ".join(own))


@given(quoted(), edits)
def test_a_passage_that_is_taken_out_is_gone_whatever_else_is_edited(words, changes):
    before, own, after = words
    sought = passages(" ".join([*before, *own, *after])).select("s1", " ".join(own))
    edited(before, after, changes)
    assert passages(" ".join([*before, *after])).locate(sought) == Place(GONE)


@given(quoted(least=3), st.data())
def test_a_passage_of_which_a_minority_of_words_is_changed_is_changed(words, data):
    before, own, after = words
    sought = passages(" ".join([*before, *own, *after])).select("s1", " ".join(own))
    which = data.draw(st.sets(st.sampled_from(range(len(own))), min_size=1, max_size=(len(own) - 1) // 2))
    now = [f"other{place}" if place in which else word for place, word in enumerate(own)]
    found = passages(" ".join([*before, *now, *after])).locate(sought)
    assert found == Place(CHANGED, "s1", len(" ".join(before)) + bool(before), " ".join(now))


def test_the_hardest_text_for_a_passage_takes_no_longer_than_it_may():
    """One word over and over, as long as a section may be: each step of the search is bounded, whatever it finds."""
    old = passages("word " * 400, "word " * 40_000)
    sought = old.select("s1", "word " * 399 + "word")
    assert old.locate(sought).passage == HERE
    assert passages("word " * 40_000).locate(sought).passage == HERE
    assert passages("word word, " * 18_000).locate(sought).passage in (CHANGED, GONE)


def test_what_is_remembered_is_bounded_by_what_it_weighs():
    memory: Memory[str] = Memory(10, len)
    asked = []

    def find(text: str):
        return lambda: (asked.append(text), text)[1]

    for text in ("abcd", "efgh", "abcd", "ijkl", "abcd", "efgh"):
        assert memory.get(text, find(text)) == text
    assert asked == ["abcd", "efgh", "ijkl", "efgh"], "the one used longest ago went"
    assert memory.get("long", find("x" * 11)) == "x" * 11
    assert memory.weight == 0, "what is more than may be kept is not kept"


def test_a_section_that_stayed_is_not_read_anew(monkeypatch):
    plain, read = anchors.plain, []
    monkeypatch.setattr(anchors, "plain", lambda text: (read.append(text), plain(text))[1])
    old = passages("A first section that is read once.", "A second one that is changed.")
    sought = old.select("s2", "second one")
    read.clear()
    assert passages("A first section that is read once.", "A 2nd one that is changed.").locate(sought).passage == GONE
    assert read == ["A 2nd one that is changed."]


# Rounds, comments, threads, dispositions


def in_round(deadline=NOW + 10 * DAY, **more) -> Desk:
    desk = drafted(**more)
    desk.order("open_comment_round", deadline, by=CHAIR)
    return desk


def said(text="Say which words.", *, revision=None, section=1, quotation="Words.", start=0):
    return ("comment", revision, section, quotation, start, text)


def test_comments_are_made_until_the_deadline_and_answered_before_clearance():
    desk = drafted()
    refused("conflict", "life-cycle", desk.order, *said(), by=OTHER)
    refused("invalid", "deadline-minute", desk.order, "open_comment_round", NOW + DAY + SECOND, by=CHAIR, field="deadline")
    refused("invalid", "deadline-future", desk.order, "open_comment_round", NOW, by=CHAIR, field="deadline")
    refused("not_allowed", "chair-only", desk.order, "open_comment_round", NOW + DAY, by=LEAD)
    desk.order("open_comment_round", NOW + DAY, by=CHAIR)
    desk.order(*said(), by=OTHER)
    desk.order(*said("Fewer words."), by=MEMBER, at=NOW + DAY - SECOND)
    refused("too_late", "comment-deadline", desk.order, *said(), by=OTHER, at=NOW + DAY)
    desk.tick(NOW + DAY)
    assert (desk.document.state, desk.told("comment_round_closed")[0].data["comments"]) == ("drafting", 2)
    later = {"by": CHAIR, "at": NOW + DAY}
    refusal = refused("conflict", "dispositions-first", desk.order, "open_clearance", "express", None, None, **later)
    assert refusal.extra["comments"] == [1, 2]
    refused("invalid", "rejection-reason", desk.order, "dispose", 1, "rejected", " ", by=LEAD, field="reason")
    refused("not_allowed", "drafters-only", desk.order, "dispose", 1, "accepted", "", by=CHAIR)
    refused("not_found", "comment-exists", desk.order, "dispose", 3, "accepted", "", by=LEAD, field="comment")
    desk.order("dispose", 1, "rejected", "They are the right ones.", by=LEAD, at=NOW + DAY)
    assert (desk.document.ledger, desk.document.undisposed, desk.document.unanswered) == ("r.", [2], 1)
    desk.order("dispose", 1, "accepted", "", by=CO, at=NOW + DAY)
    desk.order("dispose", 2, "accepted_in_part", "", by=LEAD, at=NOW + DAY)
    assert [desk.document.outcome_of(number) for number in (1, 2)] == ["accepted", "accepted_in_part"]
    assert [(fact.data["earlier"], fact.data["outcome"], fact.data["entity"]) for fact in desk.told("comment_disposed")] == [
        (None, "rejected", "OHCHR"),
        ("rejected", "accepted", "ILO"),
        (None, "accepted_in_part", "OHCHR"),
    ]
    desk.order("open_clearance", "express", None, None, **later)
    assert desk.document.state == "clearance"


def test_a_comment_hangs_on_words_that_stand_there():
    desk = drafted()
    desk.save("Other words\nover two lines, and other words.")
    desk.order("open_comment_round", NOW + DAY, by=CHAIR)

    def wrong(field, **where):
        return refused("invalid", "passage-exists", desk.order, *said(**where), by=OTHER, field=field)

    assert wrong("section", section=2, quotation="Other").accepted == "1 to 1"
    assert "as they are read" in wrong("quotation", quotation="never there").accepted
    many = refused("invalid", "passage-one", desk.order, *said(quotation="words", start=None), by=OTHER, field="quotation")
    assert (many.detail, "as start one of 6, 38" in many.accepted) == ("These words stand 2 times in section 1 of revision 2.", True)
    wrong("quotation", quotation=" \n")
    wrong("quotation", revision=1, quotation="Other words")
    assert wrong("start", quotation="words", start=39).accepted == "0 to 38"
    refused("invalid", "revision-exists", desk.order, *said(revision=3), by=OTHER, field="revision")
    refused("not_allowed", "members-only", desk.order, *said(quotation="Other"), by=SECRETARIAT)
    refused("not_found", "exists", desk.order, *said(quotation="Other"), by=MISSION)
    first = desk.order(*said(quotation="words over  two", start=None), by=OTHER).content
    assert (first["passage"]["quotation"], first["passage"]["start"], first["heading"]) == ("words over two", 6, "One")
    assert desk.order(*said(quotation="words", start=7), by=OTHER).content["passage"]["start"] == 38
    facts = [fact.data for fact in desk.told("commented")]
    assert [(fact["comment"], fact["revision"], fact["section"], fact["entity"]) for fact in facts] == [
        (1, 2, 1, "UNICEF"),
        (2, 2, 1, "UNICEF"),
    ]
    assert all("words" not in str(fact) for fact in facts), "they may be an embargoed text's"


def test_a_round_knows_whom_it_asks_and_whom_it_heard():
    desk = in_round()
    (opened,) = desk.told("comment_round_opened")
    assert opened.data["asked"] == desk.document.rounds[0].asked == ["ICAO", "IOM", "UNDP", "UNHCR", "UNICEF", "UNODC"]

    def awaited(entity):
        return [wait["kind"] for wait in views.awaited(desk.document, entity, NOW, GROUP)]

    assert (awaited("UNICEF"), awaited("ILO"), awaited("WB")) == (["comment"], [], [])
    for _ in range(2):
        desk.order(*said(), by=OTHER)
    desk.order(*said(), by=LEAD)
    assert desk.document.rounds[0].heard == ["UNICEF", "OHCHR"]
    assert (awaited("UNICEF"), awaited("UNDP"), awaited("OHCHR")) == ([], ["comment"], ["dispose"])
    desk.order("change_drafters", None, ["UNDP"], by=LEAD)
    assert (awaited("UNDP"), awaited("ILO")) == (["dispose"], []), "who drafts is not asked; who was not asked is not awaited"
    desk.tick(NOW + 10 * DAY)
    assert desk.document.unheard == []
    desk.order("open_comment_round", NOW + 20 * DAY, by=CHAIR, at=NOW + 11 * DAY)
    assert (desk.document.rounds[0].heard, desk.document.rounds[1].heard) == (["UNICEF", "OHCHR"], [])


def test_those_not_heard_are_reminded_three_days_and_one_day_before():
    desk = in_round(NOW + 10 * DAY)
    assert desk.document.due() == NOW + 7 * DAY
    for who in (OTHER, CHAIR, focal("ICAO")):
        desk.order(*said(), by=who)
    desk.tick(NOW + 7 * DAY - SECOND)
    assert not desk.told("reminded")
    desk.tick(NOW + 7 * DAY)
    desk.tick(NOW + 8 * DAY)
    (first,) = desk.told("reminded")
    assert first.at == NOW + 7 * DAY
    facts = {"document": "d1", "title": "A title", "kind": "issue_paper", "about": "comments", "step": None}
    facts |= {"deadline": NOW + 10 * DAY, "days": 3, "entities": ["UNDP", "UNHCR", "UNODC"]}
    assert facts.items() <= first.data.items()
    desk.order(*said(), by=MEMBER, at=NOW + 8 * DAY)
    desk.tick(NOW + 30 * DAY)  # late, and dated right
    second, closed = desk.told("reminded")[1], desk.told("comment_round_closed")[0]
    assert (second.at, second.data["days"], second.data["entities"]) == (NOW + 9 * DAY, 1, ["UNHCR", "UNODC"])
    assert (closed.at, desk.document.due()) == (NOW + 10 * DAY, None)
    assert desk.facts.index(second) < desk.facts.index(closed)


@pytest.mark.parametrize(("deadline", "reminders"), [(NOW + DAY, 0), (NOW + DAY + 60 * SECOND, 1), (NOW + 3 * DAY, 1), (NOW + 4 * DAY, 2)])
def test_only_instants_that_lie_ahead_at_the_opening_are_reminded_of(deadline, reminders):
    desk = in_round(deadline)
    desk.tick(deadline)
    assert len(desk.told("reminded")) == reminders


def test_nobody_is_reminded_when_all_have_spoken_or_the_paper_is_withdrawn():
    desk = in_round()
    for entity in desk.document.rounds[0].asked:
        desk.order(*said(), by=focal(entity))
    assert desk.document.due() == NOW + 10 * DAY
    desk.tick(NOW + 10 * DAY)
    withdrawn = in_round()
    withdrawn.order("withdraw", "Why", by=LEAD)
    withdrawn.tick(NOW + 10 * DAY)
    assert desk.told("reminded") == withdrawn.told("reminded") == []


def test_a_statement_is_commented_on_while_it_is_drafted():
    desk = drafted("joint_statement")
    desk.order(*said(), by=MEMBER)
    assert (desk.document.ledger, desk.document.rounds) == (".", [])
    refused("conflict", "life-cycle", desk.order, "open_comment_round", NOW + DAY, by=CHAIR)


@pytest.mark.parametrize("kind", ["issue_paper", "joint_statement"])
def test_a_thread_goes_on_until_the_text_is_cleared(kind):
    desk = in_round() if kind == "issue_paper" else drafted(kind)
    desk.order(*said(), by=MEMBER)
    refused("not_found", "comment-exists", desk.order, "reply_to_comment", 2, "Which?", by=OTHER, field="comment")
    refused("not_found", "exists", desk.order, "reply_to_comment", 1, "Which?", by=MISSION)
    refused("not_found", "exists", desk.order, "reply_to_comment", 1, "Which?", by=FORMER)
    refused("not_allowed", "members-only", desk.order, "reply_to_comment", 1, "Which?", by=SECRETARIAT)
    refused("conflict", "thread-length", desk.order, "reply_to_comment", 1, "Which?", by=OTHER, thread=100, field="text")
    refused("conflict", "thread-length", desk.order, "dispose", 1, "accepted", "", by=LEAD, dispositions=100, field="outcome")
    words = desk.order("reply_to_comment", 1, "These.", by=MEMBER)
    desk.order("reply_to_comment", 1, "Those?", by=LEAD, thread=1)
    first, second = desk.told("comment_replied")
    assert words.content == {"text": "These."}
    assert (first.data["digest"], first.data["entity"], second.data["entity"]) == (words.digest, "UNDP", "OHCHR")
    assert "These" not in str(first.data)
    desk.tick(NOW + 10 * DAY)
    later = {"at": NOW + 10 * DAY}
    desk.order("reply_to_comment", 1, "After the round.", by=OTHER, **later)
    desk.order("dispose", 1, "accepted", "", by=LEAD, **later)
    desk.order("open_clearance", "express", None, None, by=CHAIR, **later)
    desk.order("reply_to_comment", 1, "In clearance.", by=OTHER, **later)
    refused("conflict", "life-cycle", desk.order, "dispose", 1, "rejected", "No.", by=LEAD, **later)
    for entity in SEATS:
        desk.say(entity, **later)
    refused("conflict", "life-cycle", desk.order, "reply_to_comment", 1, "Too late.", by=OTHER, **later)


def test_five_thousand_comments_weigh_five_thousand_letters():
    desk = in_round()
    document = desk.document
    document.ledger = "." * 4_999
    desk.order(*said(), by=OTHER)
    desk.order("dispose", 5_000, "rejected", "No.", by=LEAD)
    desk.order("dispose", 7, "accepted", "", by=LEAD)
    assert (len(desk.document.ledger), desk.document.unanswered) == (5_000, 4_998)
    assert (desk.document.outcome_of(7), desk.document.outcome_of(5_000), desk.document.outcome_of(8)) == ("accepted", "rejected", None)
    refusal = refused("conflict", "dispositions-first", desk.order, "open_clearance", "express", None, None, by=CHAIR, at=NOW + 10 * DAY)
    assert len(refusal.extra["comments"]) == 100


# The table


def shown(number: int, **more) -> dict:
    """A comment as it is shown."""
    one = {"number": number, "revision": 1, "section": 2, "heading": "Demand", "quotation": "the demand", "text": "Which?"}
    one |= {"person": "A. Person", "entity": "UNICEF", "at": NOW, "passage": "here", "section_now": 2, "quotation_now": "the demand"}
    return one | {"replies": [], "dispositions": [], "disposition": None} | more


def test_the_table_has_a_row_for_each_comment_and_a_cell_for_each_heading():
    desk = in_round(title="On demand")
    desk.order(*said(), by=OTHER)
    desk.order(*said(), by=MEMBER)
    desk.order("dispose", 2, "rejected", "No.", by=LEAD)
    replies = [{"text": text, "person": "p", "entity": "ILO", "at": NOW + DAY} for text in ("This one.", "And that.")]
    last = {"outcome": "rejected", "reason": "=NO()", "person": "q", "entity": "OHCHR", "at": NOW + 2 * DAY}
    changed = {"passage": "changed", "section_now": 3, "quotation_now": "that demand"}
    comments = [shown(1), shown(2, replies=replies, dispositions=[last], disposition=last, **changed)]
    table = comment_table(desk.document, iter(comments), "en")
    assert (table.title, table.language) == ("Comments and dispositions: On demand", "en")
    assert table.lines == ("Comments: 2; without a disposition: 1. Passages are held against revision 1.",)
    first, second = (dict(zip(table.headings, row, strict=True)) for row in table.rows)
    assert first == {
        "No.": "1",
        "Entity": "UNICEF\nA. Person",
        "Date (UTC)": "2014-03-01 09:00",
        "Section": "2. Demand\n(revision 1)",
        "Passage": "the demand",
        "Comment": "Which?",
        "Replies": "",
        "Disposition": "open",
        "Reason": "",
        "Answered by": "",
        "The passage now": "here, in section 2",
    }
    assert second["Replies"] == "ILO, 2014-03-02 09:00: This one.\n\nILO, 2014-03-02 09:00: And that."
    assert (second["Disposition"], second["Reason"], second["Answered by"]) == ("rejected", "=NO()", "OHCHR, 2014-03-03 09:00")
    assert second["The passage now"] == "changed, in section 3: that demand"
    assert [table.headings[place] for place in table.wide] == ["Passage", "Comment", "Replies", "Reason", "The passage now"]


@pytest.mark.parametrize(
    ("passage", "en", "fr"),
    [
        ("here", "here, in section 2", "à sa place, section 2"),
        ("moved", "moved to section 2", "déplacé à la section 2"),
        ("changed", "changed, in section 2: the demand", "modifié, section 2: the demand"),
        ("gone", "gone", "disparu"),
    ],
)
def test_the_table_is_written_in_english_or_french(passage, en, fr):
    document = drafted().document
    for language, now in (("en", en), ("fr", fr), ("ar", en)):
        table = comment_table(document, [shown(1, passage=passage)], language)
        assert (table.language, table.rows[0][-1]) == ("en" if language == "ar" else language, now)
    table = comment_table(
        document, [shown(1, disposition=shown(1) | {"outcome": outcome, "reason": ""}) for outcome in OUTCOMES.values()], "fr"
    )
    assert [row[7] for row in table.rows] == ["accepté", "accepté en partie", "rejeté"]
    assert set(table.headings) & {"Suite donnée", "Motif", "Échanges"} == {"Suite donnée", "Motif", "Échanges"}
