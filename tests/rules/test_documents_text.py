"""What a text is, how its sections are named, how it is kept, and how two differ."""

import difflib
import itertools

import pytest

from services.documents import rules
from services.documents.rules.compare import Steps, difference


def test_two_texts_are_compared_by_section_and_word():
    def text(*sections):
        return rules.Text("T", tuple(rules.Section(*section) for section in sections))

    base = text(("s1", "A", "Demand drives trade."), ("s2", "B", "Kept."), ("s3", "C", "Stays."), ("s4", "D", "Goes."))
    other = text(("s1", "A", "Demand feeds trade."), ("s2", "B", "Kept."), ("s3", "New C", "Stays."), ("s5", "D", "New."))
    found = rules.compare(base, other)
    assert [(s["id"], s["heading"], s["op"]) for s in found] == [
        ("s1", "A", "changed"),
        ("s2", "B", "kept"),
        ("s3", "New C", "changed"),
        ("s4", "D", "removed"),
        ("s5", "D", "added"),
    ]
    assert found[1]["changes"] == []
    assert found[2]["heading_changes"] == [{"op": "inserted", "text": "New "}, {"op": "equal", "text": "C"}]
    assert found[2]["changes"] == [{"op": "equal", "text": "Stays."}]
    assert not any(section["moved"] for section in found)
    assert found[0]["changes"] == [
        {"op": "equal", "text": "Demand "},
        {"op": "deleted", "text": "drives"},
        {"op": "inserted", "text": "feeds"},
        {"op": "equal", "text": " trade."},
    ]
    alone = text(("s1", "A", "Demand feeds trade."))
    assert [s["op"] for s in rules.compare(other, alone)] == ["kept", "removed", "removed", "removed"]
    chinese = rules.compare(text(("s1", "A", "打击人口贩运")), text(("s1", "A", "防止人口贩运")))
    assert chinese[0]["changes"][-1] == {"op": "equal", "text": "人口贩运"}
    retitled = rules.compare(base, rules.Text("U", base.sections))
    assert (retitled[0]["id"], retitled[0]["heading"], retitled[0]["op"]) == (None, "U", "changed")


def of(*bodies: str) -> rules.Text:
    return rules.Text("T", tuple(rules.Section(f"s{n}", f"Section {n}", body) for n, body in enumerate(bodies, 1)))


def periodic(*period: str, words: int) -> str:
    return " ".join(itertools.islice(itertools.cycle(period), words))


def must_rebuild(found: list[dict], base: rules.Text, other: rules.Text) -> None:
    """Whatever a comparison costs or leaves out, both texts stand in it to the letter."""
    for text, passed_over in ((base, "inserted"), (other, "deleted")):
        for section in found:
            if section["op"] != "kept":
                told = "".join(change["text"] for change in section["changes"] if change["op"] != passed_over)
                assert told == (text.by_id[section["id"]].text if section["id"] in text.by_id else "")


# Two words, in rhythms that never meet for long: each search must look at half of all pairs, and finds next to nothing.
HARD = [(periodic(*"aab", words=n), periodic(*"abbab", words=n)) for n in (40, 400, 1_990)]


@pytest.mark.parametrize(("left", "right"), HARD)
@pytest.mark.parametrize("sections", [1, 200])
def test_a_comparison_takes_no_more_steps_than_it_may(monkeypatch, left, right, sections):
    looked_at = 0
    search = difflib.SequenceMatcher.find_longest_match

    def counted(matcher, alo, ahi, blo, bhi):
        nonlocal looked_at
        looked_at += sum(len(matcher.b2j.get(one, ())) for one in matcher.a[alo:ahi]) + ahi - alo + bhi - blo
        return search(matcher, alo, ahi, blo, bhi)

    monkeypatch.setattr(difflib.SequenceMatcher, "find_longest_match", counted)
    base, other = of(*[left] * sections), of(*[right] * sections)
    found = rules.compare(base, other)
    assert looked_at <= 2_000_000
    must_rebuild(found, base, other)
    if sections == 1 and len(left) < 100:
        assert found[0]["exact"]
    if len(left) > 3_000:
        assert not any(section["exact"] for section in found)


def test_what_is_left_uncompared_is_said():
    base, other = of("one two three"), of("one 2 three")
    (section,) = rules.compare(base, other, Steps(left=0))
    assert (section["exact"], [change["op"] for change in section["changes"]]) == (False, ["equal", "deleted", "inserted", "equal"])
    apart = rules.compare(of("a one b", "same"), of("c one d", "same"), Steps(left=0))
    assert [(s["exact"], [change["op"] for change in s["changes"]]) for s in apart] == [(False, ["deleted", "inserted"]), (True, [])]
    assert rules.compare(of("a one b"), of("c one d"))[0]["exact"]


def test_one_changed_word_is_found_in_a_text_however_long_and_repetitive():
    words = periodic(*"aab", words=50_000)
    base, other = of(f"{words} old {words}"), of(f"{words} new {words}")
    (section,) = rules.compare(base, other)
    assert section["exact"]
    assert [change["text"] for change in section["changes"]][1:3] == ["old", "new"]


def test_a_long_section_is_compared_between_the_lines_that_both_have():
    lines = [periodic(f"word{n}", "the", "of", words=100) for n in range(60)]
    changed = [f"{line} more" if n % 20 == 7 else line for n, line in enumerate(lines)]
    base, other = of("\n".join(lines)), of("\n".join(changed))
    found = rules.compare(base, other)
    must_rebuild(found, base, other)
    assert [change["text"].strip() for change in found[0]["changes"] if change["op"] != "equal"] == ["more"] * 3


def test_the_difference_of_two_drafts_can_be_applied_and_takes_no_more_steps_than_it_may(monkeypatch):
    base = of("\n".join(str(n % 7) for n in range(3_000)))
    other = of("\n".join("new" if n == 1_500 else str(n % 7) for n in range(3_000)))
    lines = difference(base.markdown, other.markdown, ours="ours", theirs="theirs").split("\n")
    assert lines[:3] == ["--- ours", "+++ theirs", "@@ -1502,7 +1502,7 @@"]
    assert [line for line in lines[3:] if line[0] != " "] == ["-2", "+new"]
    short, shorter = of("a\nb\nc"), of("a\nc")
    usual = difflib.unified_diff(short.markdown.splitlines(), shorter.markdown.splitlines(), "ours", "theirs", lineterm="")
    assert difference(short.markdown, shorter.markdown, ours="ours", theirs="theirs") == "\n".join(usual)
    assert difference(base.markdown, base.markdown, ours="ours", theirs="theirs") == ""
    monkeypatch.setattr(difflib.SequenceMatcher, "find_longest_match", None)
    apart = difference("1\n2\n3", "4\n2\n5", ours="ours", theirs="theirs", steps=Steps(left=0))
    assert apart.split("\n")[-6:] == ["-1", "-2", "-3", "+4", "+2", "+5"]
