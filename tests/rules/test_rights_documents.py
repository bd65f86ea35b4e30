"""Who may do what with documents: every cell of the table, asked of the rules."""

import copy
from functools import cache, partial

import pytest

from contracts import documents as contract
from services.documents import rules
from services.documents.rules import boards, passing, rights, views
from services.documents.rules.rights import RIGHTS, ToDocument
from services.documents.rules.series import Series
from services.kernel import Actor
from tests.rules.cells import (
    CHAIR,
    CONTRIBUTOR,
    EVERYONE,
    GROUP,
    INSIDE,
    LEAD,
    MEMBER,
    MEMBERS,
    OFFICE,
    OUTSIDE,
    PEOPLE,
    SEATED,
    SIX,
    Row,
    cells,
    person,
    try_cell,
)
from tests.rules.document_desk import DAY, ISSUE, NOW, Desk

DRAFTERS = LEAD | CONTRIBUTOR
MOVES = CHAIR | OFFICE
LEADS = LEAD | MOVES
WHO = {"at": NOW, "group": GROUP}
THE_CHAIR, THE_LEAD = person("focal_point", "IOM"), person("focal_point", "OHCHR")


class Paper(Desk):
    """A document with its texts, copied and compared as a whole."""

    def order(self, act: str, *said, by: Actor, at=NOW, group=GROUP, **more):
        return super().order(act, *said, by=by, at=at, group=group, **more)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Paper) and self.document == other.document

    __hash__ = None  # type: ignore[assignment]

    def take_happened(self) -> list:
        facts, self.facts = self.facts, []
        return facts


def copied(make):
    made = cache(make)

    def fresh() -> Paper:
        paper = copy.deepcopy(made())
        paper.take_happened()
        return paper

    return fresh


def proposed(kind: str) -> Paper:
    said = {"kind": kind, "title": "A title", "lead": "OHCHR", "co_drafters": ["ILO"], "by": THE_LEAD}
    timed = {"occasion": "World Day", "issue_at": ISSUE} if kind == "joint_statement" else {}
    return Paper(rules.Document.propose("d1", **said, **timed, **WHO))


@copied
def concept() -> Paper:
    return proposed("issue_paper")


def drafted(kind: str) -> Paper:
    paper = proposed(kind)
    if kind == "issue_paper":
        paper.order("agree_concept", by=THE_CHAIR)
    paper.save()
    attached(paper, THE_LEAD, "table", digest="1" * 64, public=True)
    paper.order("save_translation", "fr", 1, 0, "Un titre", _rendered(paper), [], "s", by=THE_LEAD)
    return paper


def _rendered(paper: Paper) -> list[dict]:
    outline = paper.document.current.outline
    return [{"id": one.id, "heading": "Un", "text": "Mots."} for one in paper.texts[outline].sections]


note = copied(lambda: drafted("information_note"))
statement = copied(lambda: drafted("joint_statement"))


@copied
def commented() -> Paper:
    paper = note()
    paper.order("open_comment_round", NOW + 9 * DAY, by=THE_CHAIR)
    paper.order("comment", None, 1, "Words", 0, "Which?", by=person("focal_point", "UNICEF"))
    return paper


@copied
def in_clearance() -> Paper:
    paper = note()
    paper.order("open_clearance", "express", NOW + 4 * DAY, None, by=THE_CHAIR)
    return paper


def agreed(paper: Paper) -> Paper:
    paper.order("open_clearance", "express", NOW + 4 * DAY, None, by=THE_CHAIR)
    for entity in SIX:
        paper.say(entity)
    return paper


cleared = copied(lambda: agreed(note()))
embargoed = copied(lambda: agreed(statement()))


@copied
def half_embargoed() -> Paper:
    """A statement of which neither its lead nor UNICEF is a signatory."""
    paper = statement()
    paper.order("open_clearance", "express", NOW + 4 * DAY, None, by=THE_CHAIR)
    for entity in SIX:
        paper.say(entity, "stand_aside" if entity in ("OHCHR", "UNICEF") else "endorse")
    return paper


@copied
def stopped() -> Paper:
    """A statement from which an endorsement was taken back: it is a draft again."""
    paper = embargoed()
    paper.order("withdraw_endorsement", "r", by=person("focal_point", "UNICEF"))
    return paper


@copied
def issued() -> Paper:
    paper = embargoed()
    paper.tick(ISSUE)
    return paper


@copied
def published() -> Paper:
    paper = cleared()
    paper.order("publish", None, by=THE_CHAIR)
    return paper


@copied
def rendered_anew() -> Paper:
    paper = published()
    paper.order("save_translation", "fr", 1, 1, "Un autre titre", _rendered(paper), [], "s", by=THE_LEAD)
    return paper


def for_another(by: Actor, **more: str) -> dict[str, str]:
    """What the secretariat adds for an entity that wrote; the platform's own orders name theirs too."""
    return {"on_behalf_of": "UNICEF", "letter": "Letter of today"} if by.roles & {"secretariat", "system"} else {}


TEXT = [{"heading": "One", "text": "Other words."}]


def saved(paper: Paper, by: Actor) -> None:
    paper.order("save_revision", 1, None, TEXT, "Why", by=by)


def section_saved(paper: Paper, by: Actor) -> None:
    id = paper.texts[paper.document.current.outline].sections[0].id
    paper.order("save_section", id, 1, None, "Other words.", "Why", by=by)


def translated(paper: Paper, by: Actor) -> None:
    paper.order("save_translation", "es", 1, 0, "Un título", _rendered(paper), [], "s", by=by)


def corrected(paper: Paper, by: Actor) -> None:
    paper.order("issue_corrigendum", 1, None, TEXT, "What was wrong", by=by)


def attached(paper: Paper, by: Actor, id: str = "a", *, digest: str = "0" * 64, public: bool) -> None:
    said = {"name": "a.pdf", "media_type": "application/pdf", "size": 3, "digest": digest, "description": ""}
    paper.order("attach", id, public=public, **said, by=by)


def looking(paper: Paper, by: Actor) -> dict:
    return {"drafts": ToDocument(by, NOW, GROUP, paper.document).is_privy, "at": NOW}


PAST = {"title": "Past", "published_on": "2012", "source": "000 ¶28"}

act = partial(Row, make=note, unknown=OUTSIDE)
clearing = partial(Row, make=in_clearance, unknown=OUTSIDE)
public = partial(Row, make=published)
nothing = partial(Row, make=lambda: None)
shown = {
    "get_document": lambda p, by: views.document(p.document, **looking(p, by)),
    "revisions": lambda p, by: views.revisions(p.document, **looking(p, by), limit=50, after=None),
    "get_revision": lambda p, by: views.readable(p.document, 1, **looking(p, by)),
    "get_section": lambda p, by: views.readable(p.document, None, **looking(p, by)),
    "compare_revisions": lambda p, by: views.readable(p.document, 1, **looking(p, by)),
    "certificate": lambda p, by: boards.certificate(p.document, **looking(p, by)),
    "request_export": lambda p, by: views.readable(p.document, 1, **looking(p, by)),
    "get_export": lambda p, by: rights.must_show("get_export", p.document, **looking(p, by)),
    "get_attachment": lambda p, by: p.document.attachment("table", **looking(p, by)),
    "get_export_file": lambda p, by: rights.must_show("get_export_file", p.document, **looking(p, by)),
}
own = {
    name: lambda p, by: views.of_the_group(p.document, **looking(p, by))
    for name in ("comments", "get_comment", "clearance", "compare_translation")
}

ROWS = {
    "propose": nothing(
        lambda _, by: rules.Document.propose("d", kind="information_note", title="T", lead="OHCHR", by=by, **WHO), allowed=INSIDE
    ),
    "agree_concept": Row(lambda p, by: p.order("agree_concept", by=by), concept, MOVES, OUTSIDE),
    "change_drafters": act(lambda p, by: p.order("change_drafters", None, ["WB"], by=by), allowed=LEADS),
    "describe": act(lambda p, by: p.order("describe", None, ["demand"], None, by=by), allowed=LEADS),
    "withdraw": act(lambda p, by: p.order("withdraw", "r", by=by), allowed=LEADS),
    "save_revision": act(saved, allowed=DRAFTERS),
    "import_text": act(saved, allowed=DRAFTERS),
    "save_section": act(section_saved, allowed=DRAFTERS),
    "check_text": act(lambda p, by: p.order("check_text", None, TEXT, by=by), allowed=DRAFTERS),
    "save_translation": act(translated, allowed=DRAFTERS | OFFICE),
    "decide_languages": act(lambda p, by: p.order("decide_languages", ["fr"], by=by), allowed=MOVES),
    "publish_translation": Row(lambda p, by: p.order("publish_translation", "fr", by=by), rendered_anew, MOVES),
    "open_comment_round": act(lambda p, by: p.order("open_comment_round", NOW + 9 * DAY, by=by), allowed=MOVES),
    "comment": Row(lambda p, by: p.order("comment", None, 1, "Words", 0, "Why?", by=by), commented, MEMBERS, OUTSIDE),
    "reply_to_comment": Row(lambda p, by: p.order("reply_to_comment", 1, "This", by=by), commented, MEMBERS, OUTSIDE),
    "dispose": Row(lambda p, by: p.order("dispose", 1, "accepted", "", by=by), commented, DRAFTERS, OUTSIDE),
    "open_clearance": act(lambda p, by: p.order("open_clearance", "express", None, None, by=by), allowed=MOVES),
    "extend_clearance": clearing(lambda p, by: p.order("extend_clearance", NOW + 9 * DAY, by=by), allowed=MOVES),
    "take_position": clearing(
        lambda p, by: p.order("take_position", p.document.digest, "endorse", by=by, **for_another(by)), allowed=SEATED | OFFICE
    ),
    "join_signatories": Row(lambda p, by: p.order("join_signatories", "WB", by=by), statement, MEMBER | OFFICE, OUTSIDE),
    "withdraw_endorsement": Row(
        lambda p, by: p.order("withdraw_endorsement", "r", by=by, **for_another(by)), embargoed, SEATED | OFFICE, OUTSIDE | MEMBER
    ),
    "publish": Row(lambda p, by: p.order("publish", None, by=by), cleared, MOVES, OUTSIDE),
    "present": public(lambda p, by: p.order("present", "Geneva", "2014-05", "", by=by), allowed=LEADS),
    "issue_corrigendum": public(corrected, allowed=MOVES),
    "attach": act(partial(attached, public=False), allowed=DRAFTERS | OFFICE),
    "attach.public": public(partial(attached, public=True), allowed=OFFICE),
    "passing_rules": nothing(lambda _, by: passing.must_be_shown(inside=GROUP.is_inside(by, NOW)), allowed=INSIDE),
    "set_passing_rule": Row(lambda book, by: book.set_rule("issue_paper", minimum_hours=96, by=by, **WHO), passing.Rulebook, MOVES),
    "enter_published": Row(lambda series, by: series.enter("p", 1, PAST, by=by, at=NOW), Series, OFFICE),
    "awaiting": nothing(lambda _, by: RIGHTS.must("awaiting", ToDocument(by, NOW, GROUP, own=["OHCHR"])), allowed=LEAD | OFFICE),
    **{
        name: nothing(lambda _, by, name=name: RIGHTS.must(name, ToDocument(by, NOW, GROUP)), allowed=EVERYONE)
        for name in ("documents", "library", "search")  # what of it they are shown, views and the store decide
    },
    "get_published": public(lambda p, by: rights.must_show("get_published", p.document, drafts=False, at=NOW), allowed=EVERYONE),
    "get_published draft": act(
        lambda p, by: rights.must_show("get_published", p.document, drafts=False, at=NOW), allowed=(), unknown=EVERYONE
    ),
}
PRIVY, PRIVY_TO_HALF = INSIDE - MEMBER, INSIDE - MEMBER - {"seated", "seated's alternate"}
for name, ask in shown.items():
    ROWS[f"{name} cleared"] = Row(ask, cleared, INSIDE, OUTSIDE)
    ROWS[name] = public(ask, allowed=EVERYONE)
for name, ask in own.items():
    ROWS[f"{name} draft"] = Row(ask, commented, INSIDE, OUTSIDE)
    ROWS[name] = public(ask, allowed=INSIDE)
for name, ask in (shown | own).items():
    ROWS[f"{name} embargoed"] = Row(ask, embargoed, PRIVY, EVERYONE - PRIVY)
    ROWS[f"{name} half embargoed"] = Row(ask, half_embargoed, PRIVY_TO_HALF, EVERYONE - PRIVY_TO_HALF)
    if name != "certificate":  # of a text that is cleared no more there is none
        ROWS[f"{name} stopped"] = Row(ask, stopped, INSIDE, OUTSIDE)
    ROWS[f"{name} as of before it was issued"] = Row(ask, issued, PRIVY, EVERYONE - PRIVY)
for name, allowed in {"save_revision": DRAFTERS, "withdraw": LEADS, "attach": DRAFTERS | OFFICE}.items():
    ROWS[f"{name} embargoed"] = Row(ROWS[name].ask, embargoed, allowed, EVERYONE - PRIVY)


@pytest.mark.parametrize(("action", "name"), cells(ROWS))
def test_a_cell(action, name):
    try_cell(RIGHTS, action, ROWS[action], name)


def test_at_its_instant_a_statement_is_there_again_for_all_of_the_group():
    document = issued().document
    privy = {name for name, by in PEOPLE.items() if ToDocument(by, ISSUE, GROUP, document).is_privy}
    assert privy == INSIDE
    assert all(ToDocument(by, ISSUE, GROUP, document).is_public for by in PEOPLE.values())


def test_every_order_and_question_has_a_row_and_every_row_has_one():
    RIGHTS.must_cover(contract.contract.commands)
    assert {action.partition(" ")[0].partition(".")[0] for action in ROWS} == set(contract.contract.commands)
