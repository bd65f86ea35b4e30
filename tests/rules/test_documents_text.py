"""What a text is, how its sections are named, how it is kept, and how two differ."""

import difflib
import itertools
import unicodedata

import pytest
from document_desk import CO, LEAD, drafted, refused
from hypothesis import given, settings
from hypothesis import strategies as st

from services.documents import rules
from services.documents.rules.compare import Steps, difference, merge, words
from services.documents.rules.text import named


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


# What is kept, and how sections are named

SIX = ["human", "trafficking,", "людей", "торговля,", "traite", "êtres,", "trata", "الاتجارُ", "بِالبَشَر,", "打击人口贩运𠀀,"]
SIX += ["e\u0301\u0327", "க்ஷி", "👩\u200d👧", "\n"]
writings = st.lists(st.one_of(st.sampled_from(SIX), st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=4)), max_size=12)
bodies = writings.map(" ".join)
headings = st.sampled_from(["One", "Two", "Второй", "三", "الرابع"])
sections = st.builds(rules.Section, st.sampled_from([f"s{n}" for n in range(1, 9)]), headings, bodies)
texts = st.builds(
    lambda title, found: rules.Text(title, tuple({section.id: section for section in found}.values())),
    st.sampled_from(["A title", "标题"]),
    st.lists(sections, min_size=1, max_size=8),
)
quickly = settings(max_examples=80, deadline=None)


@quickly
@given(texts, texts)
def test_a_text_is_what_its_outline_and_bodies_say(one, other):
    assert rules.Text.of(one.outlined, one.bodies) == one
    assert (one.outline == other.outline) == (one == other)
    assert set(one.bodies) == {digest for _, digest in one.outlined["sections"]}


def test_a_change_of_one_section_adds_one_body():
    text = of(*(f"Section number {n}." for n in range(400)))
    changed = text.with_section(rules.Section("s7", "Section 7", "Other words."))
    assert len(set(changed.bodies) - set(text.bodies)) == 1
    assert [left.id for left, right in zip(text.sections, changed.sections, strict=True) if left != right] == ["s7"]


@quickly
@given(texts, texts)
def test_a_comparison_says_what_became_of_each_section(base, other):
    found = [section for section in rules.compare(base, other) if section["id"] is not None]
    must_rebuild(found, base, other)
    assert [s["id"] for s in found if s["op"] != "removed"] == [section.id for section in other.sections]
    assert {s["id"] for s in found if s["op"] == "removed"} == set(base.by_id) - set(other.by_id)
    for section in found:
        left, right = base.by_id.get(section["id"]), other.by_id.get(section["id"])
        assert (section["op"] == "kept") == (left is not None and right is not None and left.body == right.body)
        if left and right and left.heading != right.heading:
            for heading, passed_over in ((left.heading, "inserted"), (right.heading, "deleted")):
                assert "".join(c["text"] for c in section["heading_changes"] if c["op"] != passed_over) == heading
    stayed = [s["id"] for s in found if s["op"] in ("kept", "changed") and not s["moved"]]
    assert stayed == [section.id for section in base.sections if section.id in stayed]


@quickly
@given(bodies, bodies)
def test_no_change_parts_a_mark_from_its_letter_and_an_ideograph_stands_alone(base, other):
    found = words(base, other)
    for text, passed_over in ((base, "inserted"), (other, "deleted")):
        standing = [change["text"] for change in found if change["op"] != passed_over]
        assert "".join(standing) == text
        for before, after in itertools.pairwise(standing):
            assert not unicodedata.category(after[0]).startswith("M") or before[-1].isspace(), (before, after)


def test_arabic_words_stay_whole_and_move_nothing_around():
    found = words("مكافحة الاتجارِ بالبشر", "مكافحة الاتجارُ بالبشر")
    assert [(change["op"], change["text"]) for change in found] == [
        ("equal", "مكافحة "),
        ("deleted", "الاتجارِ"),
        ("inserted", "الاتجارُ"),
        ("equal", " بالبشر"),
    ]


def test_a_section_that_was_moved_is_told_from_those_it_passed():
    base = of("1", "2", "3", "4")
    first, *others = base.sections
    found = rules.compare(base, rules.Text("T", (*others, first)))
    assert [(section["id"], section["op"], section["moved"]) for section in found] == [
        ("s2", "kept", False),
        ("s3", "kept", False),
        ("s4", "kept", False),
        ("s1", "kept", True),
    ]


def test_a_section_is_named_by_its_id_else_by_its_heading_else_anew():
    base = rules.Text("T", (rules.Section("s1", "A", ""), rules.Section("s2", "B", ""), rules.Section("s4", "B", "")))
    sent = [{"heading": "New"}, {"heading": "B"}, {"id": "s1", "heading": "Was A"}, {"heading": "B"}, {"heading": "B"}]
    assert named(sent, base, 4) == ["s5", "s2", "s1", "s4", "s6"]
    assert named([{"id": "s3", "heading": "Back again"}, {"heading": "A"}], base, 4) == ["s3", "s1"]
    never = refused("invalid", "section-id", named, [{"id": "s5", "heading": "A"}], base, 4, field="sections.0.id")
    assert never.accepted == ["s1", "s2", "s4"]
    twice = [{"id": "s1", "heading": "A"}, {"id": "s1", "heading": "B"}]
    refused("invalid", "section-once", named, twice, base, 4, field="sections.1.id")


@quickly
@given(st.lists(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=6, unique_by=lambda one: one[0]), max_size=8))
def test_no_section_is_ever_named_as_another_was(saves):
    """Sections come and go, sent with their ids or without; each is known here by its heading, which it never changes."""
    desk, names = drafted(), {}
    for number, wanted in enumerate(saves):
        current = {s.heading: s.id for s in desk.texts[desk.document.current.outline].sections}
        sent = []
        for which, with_id in wanted:
            heading = f"Heading {which}"
            id = current.get(heading) if with_id else None
            sent.append({"id": id, "heading": heading, "text": f"Save {number}"})
        text = desk.order("save_revision", len(desk.document.revisions), None, sent, "S", by=LEAD)
        for section in text.sections:
            if section.heading in current:
                assert section.id == current[section.heading]
            else:
                assert section.id not in names
            names.setdefault(section.id, section.heading)
            assert names[section.id] == section.heading
    assert desk.document.sections_made == len(names) + 1


# What two drafters changed


def brought_together(theirs: rules.Text, found: list[dict], mine: str) -> list[tuple[str | None, dict]]:
    """What a drafter saves who takes each change as it is, and where both changed a section, ``mine``."""
    sections: list[tuple[str | None, dict]] = [(section.id, section.body) for section in theirs.sections]
    last: str | None = None
    place = 0
    for entry in found:
        if entry["id"] is None and entry["base"]:
            continue  # the title
        ids = [id for id, _ in sections]
        if entry["theirs"] is not None:
            taken = entry[{"theirs": "theirs", "yours": "yours", "both": mine}[entry["state"]]]
            at = ids.index(entry["id"])
            sections[at : at + 1] = [(entry["id"], taken)] if taken else []
        elif entry["yours"] is not None and (entry["state"], mine) in (("yours", "theirs"), ("yours", "yours"), ("both", "yours")):
            place = place + 1 if last == entry["after"] and place else (ids.index(entry["after"]) + 1 if entry["after"] in ids else 0)
            sections.insert(place, (entry["id"], entry["yours"]))
            last = entry["after"]
    return sections


@quickly
@given(texts, texts, texts, st.sampled_from(["theirs", "yours"]))
def test_each_change_of_either_drafter_is_offered_and_none_else(base, theirs, yours, mine):
    found = merge(base, theirs, yours)
    saved = dict(brought_together(theirs, found, mine))
    for id in {*base.by_id, *theirs.by_id, *yours.by_id}:
        was, one, other = (text.by_id[id].body if id in text.by_id else None for text in (base, theirs, yours))
        expected = other if one == was else one if other in (was, one) else {"theirs": one, "yours": other}[mine]
        assert saved.get(id) == expected
        assert (id in {entry["id"] for entry in found}) == ((one != was or other != was) and (one or other) is not None)


def test_the_second_drafter_is_offered_to_merge_section_by_section():
    desk = drafted()
    two = [{"heading": "One", "text": "Words."}, {"heading": "Two", "text": "More."}, {"heading": "Three", "text": "Last."}]
    desk.order("save_revision", 1, None, two, "S", by=LEAD)
    theirs = [{"id": "s1", "heading": "First", "text": "Their words."}, *two[1:], {"heading": "Theirs", "text": "New."}]
    desk.order("save_revision", 2, None, theirs, "S", by=CO)
    mine = [{"id": "s1", "heading": "One", "text": "My words."}, {"heading": "Mine", "text": "New too."}, two[2]]
    refusal = refused("conflict", "base-revision", desk.order, "save_revision", 2, "My title", mine, "S", by=LEAD, field="base")
    told = [(entry["id"], entry["state"], entry["after"]) for entry in refusal.extra["merge"]]
    assert told == [(None, "yours", None), ("s1", "both", None), ("s2", "yours", "s1"), (None, "yours", "s2"), ("s4", "theirs", "s3")]
    both, removed, added = refusal.extra["merge"][1:4]
    assert [both[side]["text"] for side in ("base", "theirs", "yours")] == ["Words.", "Their words.", "My words."]
    assert (added["theirs"], added["yours"]) == (None, {"heading": "Mine", "text": "New too."})
    assert (removed["theirs"]["text"], removed["yours"]) == ("More.", None)
    assert [section["id"] for section in refusal.extra["yours"]["sections"]] == ["s1", None, "s3"]


# One section


def test_two_who_save_other_sections_do_not_hold_one_another_up():
    desk = drafted()
    sections = [{"heading": "One", "text": "Words."}, {"heading": "Two", "text": "More."}]
    desk.order("save_revision", 1, None, sections, "S", by=LEAD)
    desk.order("save_section", "s1", 2, None, "Their words.", "S", by=CO)
    text = desk.order("save_section", "s2", 2, "Second", "My words.", "S", by=LEAD)
    assert [section.content for section in text.sections] == [
        {"id": "s1", "heading": "One", "text": "Their words."},
        {"id": "s2", "heading": "Second", "text": "My words."},
    ]
    assert [(one.number, one.entity) for one in desk.document.revisions[2:]] == [(3, "ILO"), (4, "OHCHR")]
    refusal = refused("conflict", "base-revision", desk.order, "save_section", "s1", 2, None, "Mine.", "S", by=LEAD, field="base")
    assert refusal.accepted == "4"
    assert refusal.extra["current"]["section"]["text"] == "Their words."
    assert (refusal.extra["base"]["text"], refusal.extra["yours"]["text"]) == ("Words.", "Mine.")
    assert "-Their words." in refusal.extra["difference"]
    desk.order("save_revision", 4, None, sections[1:], "Without the first", by=LEAD)
    gone = refused("conflict", "base-revision", desk.order, "save_section", "s1", 4, None, "Mine.", "S", by=LEAD, field="base")
    assert gone.extra["current"]["section"] is None


def test_a_section_alone_is_held_to_the_same_rules():
    desk = drafted()
    refused("not_found", "section-exists", desk.order, "save_section", "s2", 1, None, "x", "S", by=LEAD, field="section")
    refused("invalid", "base-revision", desk.order, "save_section", "s1", 2, None, "x", "S", by=LEAD, field="base")
    refused("invalid", "section-levels", desk.order, "save_section", "s1", 1, None, "## x", "S", by=LEAD, field="text")
    refused("invalid", "section-heading", desk.order, "save_section", "s1", 1, " ", "x", "S", by=LEAD, field="heading")
    refused("invalid", "text-length", desk.order, "save_section", "s1", 1, None, "x" * 2_000_000, "S", by=LEAD, field="sections")
    refused("conflict", "revision-same", desk.order, "save_section", "s1", 1, None, "Words.", "S", by=LEAD, field="sections")
    assert len(desk.document.revisions) == 1


def test_what_is_read_of_a_file_is_shown_as_it_would_be_saved():
    desk = drafted()
    sent = [{"heading": "One", "text": "Words."}, {"heading": "Two", "text": "More."}]
    text, newest = desk.order("check_text", None, sent, by=LEAD)
    assert desk.document.as_sent(text)["sections"] == [
        {"id": "s1", "heading": "One", "text": "Words."},
        {"id": None, "heading": "Two", "text": "More."},
    ]
    assert newest == desk.texts[desk.document.current.outline]
    refused("invalid", "section-one", desk.order, "check_text", None, [], by=LEAD, field="sections")
    refused("invalid", "section-one", desk.order, "save_revision", 1, None, [], "S", by=LEAD, field="sections")
    assert len(desk.document.revisions) == 1
