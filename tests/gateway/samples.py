"""Answers of chairs and workplan, as their contracts write them: what forms and pages are tried with."""

from typing import Any

from contracts import chairs, workplan
from contracts.base import PILLARS, Answer, dump

HOSTILE = "=cmd|'/c calc'!A1"
"""A title that a sheet must not compute."""
MARKUP = 'Demand & <b>supply</b> \u202e, "quoted"; 100 %'


def checked(answer: type[Answer], value: dict[str, Any]) -> dict[str, Any]:
    """The value, which is exactly what the contract dumps: nothing left out, nothing undeclared."""
    schema = answer()
    undeclared = set(value) - set(schema.fields)
    assert not undeclared, undeclared
    assert set(schema.fields) <= set(value), set(schema.fields) - set(value)
    assert schema.validate(value) == {}
    return value


def _term(year: int, who: list[str], state: str, **more: Any) -> dict[str, Any]:
    return {
        "year": year,
        "begins": f"{year}-01-01T00:00:00Z",
        "ends": f"{year + 1}-01-01T00:00:00Z",
        "chairs": who,
        "serving": who if state == "begun" else [],
        "state": state,
        "accepted": [],
        "source": None,
        "stand_ins": [],
        **more,
    }


def history(as_of: str = "2015-06-08T00:00:00Z") -> dict[str, Any]:
    """The Group's years from 2011: one unknown, one that changed hands, one present, one adopted, and what is proposed."""
    terms = [
        _term(2011, ["UNODC"], "ended"),
        _term(2012, ["OHCHR"], "ended", stand_ins=[{"entity": "UNICEF", "since": "2012-09-01T00:00:00Z", "for": "OHCHR"}]),
        _term(2013, [], "unknown"),
        _term(2014, ["IOM"], "ended"),
        _term(2015, ["UNHCR"], "begun"),
        _term(2016, ["ILO"], "adopted", accepted=["ILO"]),
        _term(2017, ["UNODC", "UNICEF"], "adopted"),
        _term(2018, ["OHCHR"], "proposed"),
    ]
    terms = [term | {"changes": 2 if term["year"] == 2016 else 0} for term in terms]
    entities = []
    for rank, (code, chaired, coming) in enumerate(
        [
            ("UNODC", [2011], [2017]),
            ("OHCHR", [2012], [2018]),
            ("UNICEF", [2012], [2017]),
            ("IOM", [2014], []),
            ("UNHCR", [2015], []),
            ("ILO", [], [2016]),
        ]
    ):
        record = {
            "entity": code,
            "chaired": chaired,
            "coming": coming,
            "last": chaired[-1] if chaired else None,
            "seated_since": "2012-02-01T00:00:00Z",
            "seated_years": 4,
            "share": 0.6667,
            "balance": round(len(chaired) - 0.6667, 4),
            "rank": rank + 1,
        }
        entities.append(record)
    order = ["ILO", "UNODC", "OHCHR", "UNICEF", "IOM", "UNHCR"]
    return checked(chairs.HistoryAnswer, {"version": 31, "as_of": as_of, "terms": terms, "entities": entities, "longest_ago": order})


def rota() -> dict[str, Any]:
    terms = [{name: value for name, value in term.items() if name != "changes"} for term in history()["terms"]]
    return checked(
        chairs.RotaAnswer,
        {
            "version": 31,
            "as_of": "2015-06-08T00:00:00Z",
            "turns": terms[5:],
            "tabled": {
                "turns": [{"year": 2018, "chairs": ["OHCHR"]}],
                "proposed_at": "2015-06-01T00:00:00Z",
                "person": "sec",
                "current": True,
            },
            "adoptions": [
                {
                    "turns": [{"year": 2016, "chairs": ["ILO"]}, {"year": 2017, "chairs": ["UNODC", "UNICEF"]}],
                    "adopted_at": "2015-03-01T00:00:00Z",
                    "person": "sec",
                    "decision": "In the Group's minutes",
                }
            ],
            "swaps": [
                {"swap": "s1", "entity": "ILO", "year": 2016, "with_entity": "UNODC", "with_year": 2017, "state": "proposed"},
            ],
            "offers": [{"year": 2018, "entity": "OHCHR", "with_entity": "IOM"}],
        },
    )


def handover() -> dict[str, Any]:
    matter = {
        "kind": "activity",
        "id": "2015/paper",
        "title": MARKUP,
        "state": "late",
        "lead": "IOM",
        "due": "2015-09-01T00:00:00Z",
        "link": "/workplans/2015",
        "told_at": "2015-10-10T00:00:00Z",
    }
    signature = {
        "entity": "UNHCR",
        "side": "outgoing",
        "at": "2015-12-01T10:00:00Z",
        "person": "Someone",
        "letter": None,
        "digest": "a" * 64,
        "current": False,
    }
    return checked(
        chairs.HandoverAnswer,
        {
            "version": 4,
            "year": 2016,
            "at": "2016-01-01T00:00:00Z",
            "outgoing": ["UNHCR"],
            "incoming": ["ILO"],
            "state": "open",
            "reminders": [
                {"days": 90, "at": "2015-10-03T00:00:00Z", "sent": True},
                {"days": 30, "at": "2015-12-02T00:00:00Z", "sent": False},
            ],
            "dossier": [matter],
            "notes": [{"at": "2015-11-01T00:00:00Z", "person": "Someone", "entity": "UNHCR", "text": "Keys are with *us*."}],
            "digest": "b" * 64,
            "signatures": [signature],
            "signed": [{"digest": "a" * 64, "dossier": [matter | {"title": "As it was signed"}], "notes": []}],
            "unsigned": ["ILO"],
            "escalated_at": None,
        },
    )


# The plan -----------------------------------------------------------------------------------------------------------


def activity(name: str = "paper", **more: Any) -> dict[str, Any]:
    value = {
        "year": 2015,
        "activity": name,
        "title": MARKUP,
        "lead": "IOM",
        "contributors": ["ILO", "UNODC"],
        "pillars": ["prevention", "partnerships"],
        "paragraphs": [12, 14, 61],
        "objective": "To advise States.\n\nOn two lines,\tand a tab.",
        "status": "under_way",
        "deliverables": [
            {
                "id": "text",
                "kind": "document",
                "title": HOSTILE,
                "due": "2015-09-01T12:00:00Z",
                "due_reason": "",
                "delivered_at": None,
                "evidence": None,
                "late": False,
            },
            {
                "id": "talk",
                "kind": "outcome",
                "title": "+1 outcome",
                "due": None,
                "due_reason": "",
                "delivered_at": "2015-03-01T00:00:00Z",
                "evidence": {"note": "It was held."},
                "late": False,
            },
        ],
        "milestones": [
            {
                "id": "draft",
                "title": "@first draft",
                "due": "2016-02-01T23:59:59Z",
                "due_reason": "The printer is late.",
                "met_at": None,
                "late": False,
            }
        ],
        "needs": [{"id": "print", "purpose": "-printing", "amount": "120000.50", "currency": "USD"}],
        "funding": [
            {
                "funding": "f1",
                "donor": "A donor",
                "amount": "20000.00",
                "currency": "USD",
                "ends": "2015-12-31T00:00:00Z",
                "note": "",
                "recorded_at": "2015-01-05T00:00:00Z",
                "person": "Someone",
                "ended": None,
                "available": True,
            }
        ],
        "balance": [{"currency": "USD", "needed": "120000.50", "secured": "20000.00", "gap": "100000.50"}],
        "depends_on": ["survey"] if name == "paper" else [],
        "waits_for": [{"activity": "survey", "title": "A survey", "status": "late", "endangers": True}] if name == "paper" else [],
        "carried_from": {"year": 2014, "activity": "paper"} if name == "paper" else None,
        "carried_to": None,
        "dropped": [],
        "progress": [{"at": "2015-02-01T00:00:00Z", "person": "Someone", "entity": "IOM", "note": "Begun."}],
        "cancelled": None,
    }
    return value | more


_LISTS = ("deliverables", "milestones", "needs", "funding", "balance")


def plan(**more: Any) -> dict[str, Any]:
    """A plan in force, with an amendment adopted and one in clearance."""
    clearance = {
        "amendment": None,
        "digest": "c" * 64,
        "by": "silence",
        "state": "passed",
        "opened_at": "2015-01-10T00:00:00Z",
        "deadline": "2015-01-20T12:00:00Z",
        "settled_at": "2015-01-20T12:00:00Z",
        "counting": ["IOM", "ILO"],
        "awaiting": [],
        "positions": [],
    }
    amendment = {
        "amendment": "later",
        "kind": "change",
        "activity": "paper",
        "state": "adopted",
        "reason": "The authors asked for time.",
        "proposed_by": "Someone",
        "entity": "IOM",
        "proposed_at": "2015-04-01T00:00:00Z",
        "settled_at": "2015-04-10T00:00:00Z",
        "withdrawn_because": None,
        "digest": "d" * 64,
        "before": {"title": "Demand"},
        "after": {"title": MARKUP},
        "clearance": None,
        "may": [],
    }
    cancelled = {"at": "2015-05-01T00:00:00Z", "person": "Someone", "reason": "No money."}
    value = {
        "version": 12,
        "year": 2015,
        "state": "in_force",
        "digest": "d" * 64,
        "opened_at": "2014-11-01T00:00:00Z",
        "adopted_at": "2015-01-20T12:00:00Z",
        "closed_at": None,
        "endorsed_by": ["IOM"],
        "statuses": {"under_way": 1, "late": 1, "cancelled": 1},
        "passing": {"passing": ["endorse"], "blocking": ["object"], "minimum_hours": 72},
        "baseline": "c" * 64,
        "adoption": clearance,
        "activities": [
            activity("paper"),
            activity(
                "survey", title="A survey", status="late", deliverables=[], milestones=[], needs=[], funding=[], balance=[], objective=""
            ),
            activity("gone", title="Given up", status="cancelled", cancelled=cancelled),
        ],
        "amendments": [
            amendment,
            amendment | {"amendment": "drop", "kind": "drop", "state": "proposed", "settled_at": None, "after": None},
        ],
        "report": None,
        "may": [],
    }
    return checked(workplan.PlanAnswer, value | more)


def activities(year: int = 2015, **chosen: Any) -> dict[str, Any]:
    """Those of the plan, or those that were asked for."""

    def fits(it: dict[str, Any]) -> bool:
        return all(it[name] == value or value in it.get(f"{name}s", ()) for name, value in chosen.items() if value is not None)

    items = [it for it in plan()["activities"] if fits({"pillar": None, **it})]
    return checked(workplan.ActivitiesAnswer, {"version": 12, "year": year, "as_of": "2015-07-01T00:00:00Z", "items": items})


def baseline() -> dict[str, Any]:
    """What was first adopted, beside what stands now: one activity reads otherwise, one came, one went."""
    substance = {"id": "paper", "title": "Demand", "lead": "IOM", "pillars": ["prevention"], "deliverables": []}
    differences = [
        {"activity": "added", "title": "New", "kind": "added", "before": None, "after": {"title": "New", "lead": "ILO"}},
        {"activity": "gone", "title": "Given up", "kind": "dropped", "before": {"title": "Given up", "needs": []}, "after": None},
        {"activity": "paper", "title": MARKUP, "kind": "changed", "before": {"title": "Demand"}, "after": {"title": MARKUP}},
    ]
    return checked(
        workplan.BaselineAnswer,
        {
            "version": 12,
            "year": 2015,
            "digest": "c" * 64,
            "substance": {"year": 2015, "activities": [substance]},
            "amendments": [{name: value for name, value in plan()["amendments"][0].items() if name != "may"}],
            "differences": differences,
        },
    )


def calendar(entity: str | None = None) -> dict[str, Any]:
    """A meeting, a briefing that was cancelled, and what is due: one open, one done."""

    def entry(kind: str, starts: str, ends: str, **more: Any) -> dict[str, Any]:
        value = {
            "uid": f"{kind}-1@icat",
            "sequence": 2,
            "kind": kind,
            "title": MARKUP,
            "description": "",
            "starts_at": starts,
            "ends_at": ends,
            "place": "",
            "url": "/workplans/2015",
            "link": None,
            "state": "confirmed",
            "done": False,
            "updated_at": "2015-01-05T10:00:00Z",
        }
        return value | more

    meeting = {
        "description": "First line\nsecond; line, " + "with a long tail " * 12,
        "place": "Palais des Nations, Genève; salle XX",
        "link": "https://meet.example/abc",
        "url": "/meetings/spring",
    }
    entries = [
        entry("meeting", "2015-03-20T09:00:00Z", "2015-03-20T17:00:00Z", **meeting),
        entry("briefing", "2015-04-02T13:00:00Z", "2015-04-02T14:00:00Z", place="New York", state="cancelled", url="/briefings/b1"),
        entry("deliverable", "2015-09-01T12:00:00Z", "2015-09-01T12:00:00Z"),
        entry("milestone", "2015-10-01T00:00:00Z", "2015-10-01T00:00:00Z", done=True),
        entry("action_item", "2015-11-01T00:00:00Z", "2015-11-01T00:00:00Z", title="Write to the donors"),
    ]
    return checked(workplan.CalendarAnswer, {"entity": entity, "entries": entries})


_PARTS = (("general", 1, 11), ("prevention", 12, 24), ("protection", 25, 42), ("prosecution", 43, 51), ("partnerships", 52, 61))


def global_plan() -> dict[str, Any]:
    paragraphs = [
        {
            "paragraph": number,
            "pillar": part,
            "titles": {"en": f"Matter {number} & more", "fr": f"Matière {number}"},
            "source": f"A/RES/64/293, annex, para. {number}",
        }
        for part, first, last in _PARTS
        for number in range(first, last + 1)
    ]
    return checked(workplan.GlobalPlanAnswer, {"paragraphs": paragraphs})


def coverage() -> dict[str, Any]:
    """Every third paragraph has a gap; the others are served by up to seven."""
    paragraphs = []
    for one in global_plan()["paragraphs"]:
        number = one["paragraph"]
        activities = ["paper", "survey", "talks", "guide"][: number % 3 and number % 5]
        actions = ["training", "hotline", "shelter"][: number % 3 and number % 4]
        entities = ["IOM"] if activities or actions else []
        paragraphs.append({**one, "activities": activities, "concrete_actions": actions, "entities": entities})
    pillars = []
    for part, first, last in _PARTS:
        within = [p for p in paragraphs if p["pillar"] == part]
        served = [p["paragraph"] for p in within if p["activities"] or p["concrete_actions"]]
        pillars.append(
            {
                "pillar": part,
                "first": first,
                "last": last,
                "activities": ["paper", "survey"],
                "concrete_actions": ["training"],
                "served": served,
                "not_served": [p["paragraph"] for p in within if p["paragraph"] not in served],
            }
        )
    entities = [
        {
            "entity": code,
            "activities": dict.fromkeys(("general", *PILLARS), 0) | {"prevention": count},
            "concrete_actions": dict.fromkeys(("general", *PILLARS), 0) | {"protection": count % 2},
        }
        for count, code in enumerate(("ILO", "IOM", "UNODC"))
    ]
    gaps = [number for pillar in pillars for number in pillar["not_served"]]
    return checked(
        workplan.CoverageAnswer, {"year": 2015, "pillars": pillars, "paragraphs": paragraphs, "entities": entities, "gaps": gaps}
    )


def report(**more: Any) -> dict[str, Any]:
    tally = {
        "activities": 4,
        "statuses": {"delivered": 2, "late": 1, "cancelled": 1},
        "deliverables": 6,
        "delivered": 4,
        "on_time": 3,
        "carried_over": 1,
    }
    publication = {
        "document": "p2",
        "kind": "issue_paper",
        "number": 2,
        "title": MARKUP,
        "lead": "IOM",
        "at": "2015-09-01T00:00:00Z",
        "url": "/documents/p2",
        "signatories": [],
        "presentations": ["Vienna, on the margins of the Commission"],
    }
    value = {
        "year": 2015,
        "as_of": "2016-01-20T00:00:00Z",
        "final": True,
        "digest": "e" * 64,
        "foreword": "A year of *work*.\n\n<script>alert(1)</script>",
        "chairs": ["UNHCR"],
        "adopted_at": "2015-01-20T12:00:00Z",
        "endorsed_by": ["IOM", "ILO"],
        "amendments": 1,
        "total": tally,
        "pillars": [
            tally | {"pillar": name, "deliverables": planned, "delivered": done, "on_time": max(done - 1, 0)}
            for name, planned, done in zip(PILLARS, (6, 4, 0, 9), (4, 4, 0, 1), strict=True)
        ],
        "entities": [tally | {"entity": "IOM", "contributes": 2}],
        "activities": [
            {
                "activity": "paper",
                "title": MARKUP,
                "lead": "IOM",
                "contributors": ["ILO"],
                "pillars": ["prevention"],
                "status": "delivered",
                "deliverables": [
                    {
                        "title": HOSTILE,
                        "kind": "document",
                        "due": "2015-09-01T12:00:00Z",
                        "delivered_at": "2015-09-01T00:00:00Z",
                        "url": "/documents/p2",
                    },
                    {"title": "Promised", "kind": "outcome", "due": None, "delivered_at": None, "url": None},
                ],
                "milestones": 3,
                "milestones_met": 2,
                "carried_to": 2016,
                "cancelled_because": None,
            }
        ],
        "papers": [publication],
        "statements": [publication | {"kind": "joint_statement", "number": None, "signatories": ["IOM", "ILO"], "presentations": []}],
        "meetings": [
            {
                "meeting": "spring",
                "title": "Spring meeting",
                "starts_at": "2015-03-20T09:00:00Z",
                "place": "Geneva",
                "attended": ["IOM", "ILO"],
                "decisions": 2,
                "actions": 3,
                "actions_done": 1,
            }
        ],
        "briefings": [
            {"briefing": "b1", "title": "Consultation", "kind": "consultation", "starts_at": "2015-02-20T15:00:00Z", "place": "New York"}
        ],
        "funding": {
            "balance": [{"currency": "USD", "needed": "120000.50", "secured": "20000.00", "gap": "100000.50"}],
            "donors": [{"donor": "A <donor>", "currency": "USD", "amount": "20000.00"}],
            "gaps": [
                {"activity": "paper", "title": MARKUP, "currency": "USD", "needed": "120000.50", "secured": "20000.00", "gap": "100000.50"}
            ],
            "ended": [],
        },
        "served": [12, 14],
        "not_served": [number for number in range(1, 62) if number not in (12, 14)],
    }
    return checked(workplan.AnnualReportAnswer, value | more)


def meeting(**more: Any) -> dict[str, Any]:
    action = {
        "meeting": "spring",
        "meeting_title": "Spring meeting",
        "action": "letter",
        "what": "Write to the donors",
        "owner": "ILO",
        "due": "2015-05-01T00:00:00Z",
        "state": "late",
        "done_at": None,
        "note": "",
    }
    value = {
        "version": 9,
        "meeting": "spring",
        "uid": "meeting-spring@icat",
        "revision": 2,
        "state": "held",
        "title": "Spring meeting",
        "starts_at": "2015-03-20T09:00:00Z",
        "ends_at": "2015-03-20T17:00:00Z",
        "place": "Geneva",
        "link": "https://meet.example/abc",
        "agenda": [
            {"item": "1", "title": MARKUP, "papers": [{"title": "Bad", "url": "javascript:alert(1)"}], "entity": None},
            {"item": "2", "title": "Other matters", "papers": [], "entity": "ILO"},
        ],
        "papers": [{"title": "Good", "url": "/documents/p2"}],
        "expected": ["ILO", "IOM"],
        "replies": [
            {
                "entity": "ILO",
                "attending": "yes",
                "people": ["Ms A", "Mr B"],
                "at": "2015-03-01T00:00:00Z",
                "person": "Someone",
                "letter": "",
            }
        ],
        "attendance": [{"entity": "ILO", "attended": True, "people": ["Ms A"]}, {"entity": "IOM", "attended": False, "people": []}],
        "decisions": [{"decision": "d1", "text": "To go on.", "item": "1", "at": "2015-03-20T16:00:00Z", "person": "Someone"}],
        "actions": [action],
        "called_at": "2015-02-01T00:00:00Z",
        "reason": "The room was taken.",
    }
    return checked(workplan.MeetingAnswer, value | more)


def concrete_action() -> dict[str, Any]:
    return checked(
        workplan.ConcreteActionAnswer,
        {
            "version": 1,
            "action": "training",
            "entity": "IOM",
            "title": MARKUP,
            "description": "Judges and prosecutors are trained.",
            "pillars": ["prosecution"],
            "paragraphs": [43, 45],
            "since": 2014,
            "until": 2016,
            "state": "declared",
            "note": "",
            "letter": "",
        },
    )


def import_answer(**more: Any) -> dict[str, Any]:
    return dump(
        workplan.ImportAnswer,
        {"version": 12, "year": 2015, "added": [], "changed": [], "unchanged": [], "problems": []} | more,
    )
