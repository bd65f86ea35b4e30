"""What chairs promises: the samples its consumers build on, all that it tells and answers, and the bad input it refuses."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields

from contracts import chairs as c
from contracts import documents, workplan
from contracts.base import dump, load
from contracts.problems import invalid
from contracts.subscriptions import SUBSCRIPTIONS
from services.chairs.rules import Group, dossier, views, waiting
from services.chairs.rules.handover import Note, Signature
from services.chairs.rules.history import history as history_of
from services.kernel import Actor, utc

SAMPLES = Path(c.__file__).parent / "samples"
SECRETARIAT = Actor("Sofia", None, frozenset({"secretariat"}))
ORDER = [{"year": 2014, "chairs": ["IOM"]}, {"year": 2015, "chairs": ["UNHCR"]}]


def focal_point(entity: str) -> Actor:
    return Actor(f"of {entity}", entity, frozenset({"focal_point"}))


def history() -> tuple[Group, list[tuple[str, dict[str, Any]]]]:
    """A group to which everything has happened that can, and what was told of it, as published."""
    group, at = Group(), utc(2013, 11, 4)
    entered = {"by": SECRETARIAT, "at": at}
    names = {
        "INTERPOL": ("International Criminal Police Organization", "INTERPOL"),
        "IOM": ("International Organization for Migration", "OIM"),
        "UNHCR": ("Office of the United Nations High Commissioner for Refugees", "HCR"),
        "UNODC": ("United Nations Office on Drugs and Crime", "ONUDC"),
    }
    for code, (name, french) in names.items():
        group.register_entity(code, names={"en": name}, acronyms={"fr": french}, **entered)
        group.start_membership(code, since=utc(2006), until=None, source="001 ¶31", **entered)
        group.take_seat(code, since=utc(2010), until=None, source="000 ¶28", **entered)
    group.give_up_seat("INTERPOL", until=utc(2013), source="001 ¶72", **entered)
    group.end_membership("INTERPOL", until=utc(2014), source=None, **entered)
    group.record_term(2012, chairs=["UNODC"], nobody_knows=False, source="001 ¶71", **entered)
    group.record_term(2013, chairs=[], nobody_knows=True, source=None, **entered)
    group.propose_rota(first_year=None, years=2, together=1, **entered)
    group.adopt_rota(ORDER, decision="minutes of November 2013", **entered)
    group.accept_term(2014, "IOM", letter="letter of 4 November", **entered)
    group.tick(utc(2014, 11))
    matters = [
        {
            "kind": "document",
            "id": "issue-paper-5c1f0b7e9a21",
            "title": "Remedies for victims",
            "state": "clearance",
            "lead": "IOM",
            "due": utc(2015, 1, 20, 16),
            "link": "/documents/issue-paper-5c1f0b7e9a21",
            "told_at": utc(2014, 10, 2, 9),
        }
    ]
    group.note_handover(2015, "The room in Vienna is booked for May.", by=focal_point("IOM"), at=utc(2014, 11, 3))
    digest = group.handovers["2015"].digest(matters)
    signed: dict[str, Any] = {"digest": digest, "letter": None, "matters": matters}
    group.sign_handover(2015, "UNHCR", by=focal_point("UNHCR"), at=utc(2014, 11, 4), **signed)
    group.tick(utc(2015))
    group.sign_handover(2015, "IOM", by=focal_point("IOM"), at=utc(2015, 1, 7), **signed)
    said: dict[str, Any] = {"letter": None, "at": utc(2015, 2)}
    group.adopt_rota([{"year": 2016, "chairs": ["IOM"]}, {"year": 2017, "chairs": ["UNODC"]}], decision=None, by=SECRETARIAT, at=said["at"])
    for swap in ("swap-1", "swap-2"):
        group.propose_swap(swap, entity="IOM", year=2016, with_entity="UNODC", with_year=2017, by=focal_point("IOM"), **said)
        (group.refuse_swap if swap == "swap-1" else group.agree_swap)(swap, by=focal_point("UNODC"), **said)
    group.decline_term(2016, "UNODC", by=focal_point("UNODC"), **said)
    for one, other in (("IOM", "UNHCR"), ("UNHCR", "IOM")):
        group.co_chair(2016, entity=one, with_entity=other, by=focal_point(one), **said)
    group.step_down(2015, "UNHCR", by=focal_point("UNHCR"), **said)
    group.step_down(2015, "IOM", by=focal_point("IOM"), **said)
    for entity in ("IOM", "UNHCR"):
        group.give_up_seat(entity, until=None, source=None, by=focal_point(entity), at=utc(2015, 3))
    group.give_up_seat("UNODC", until=utc(2016), source=None, by=focal_point("UNODC"), at=utc(2015, 3))
    group.tick(utc(2016))
    return group, [(fact.name, c.contract.events[fact.name].publish(fact.data)) for fact in group.take_happened()]


def samples() -> list[Path]:
    return sorted(SAMPLES.glob("*/chairs.*.json"))


def test_every_consumer_of_an_event_of_chairs_has_a_sample_of_it():
    there = {(path.parent.name, f"chairs.{path.name.split('.')[1]}.v1") for path in samples()}
    assert there == {(consumer, key) for consumer, keys in SUBSCRIPTIONS.items() for key in keys if key.startswith("chairs.")}


@pytest.mark.parametrize("path", samples(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sample_is_what_the_rules_tell(path):
    assert (path.name.split(".")[1], json.loads(path.read_text(encoding="utf-8"))) in history()[1]


def test_everything_that_happens_is_in_the_contract_and_everything_in_the_contract_happens():
    assert {name for name, _ in history()[1]} == set(c.contract.events)


def heard() -> list[Path]:
    return sorted(SAMPLES.glob("chairs/*.json"))


def test_chairs_hears_what_it_subscribed_to_and_has_a_sample_of_each():
    assert {f"{name}.v1" for name in dossier.HEARD} == set(SUBSCRIPTIONS["chairs"])
    assert {path.stem for path in heard()} == set(dossier.HEARD)


@pytest.mark.parametrize("path", heard(), ids=lambda path: path.stem)
def test_what_others_promise_chairs_becomes_a_matter_of_the_dossier(path):
    producer, name = path.stem.split(".")
    event = {"workplan": workplan, "documents": documents}[producer].contract.events[name]
    told = dossier.facts(path.stem, event.read(json.loads(path.read_text(encoding="utf-8"))))
    for key, facts in told.items():
        assert key.partition("/")[0] in c.MATTERS
        assert facts["link"].startswith("/")
        complete = facts | {"state": next(iter(dossier.OPEN[key.partition("/")[0]])), "continued": False, "until": None}
        (shown,) = dossier.standing({key: dossier.newest({}, complete, sequence=1, at=utc(2014))}, utc(2014))
        assert dump(c.MatterView, shown).keys() == shown.keys()
        assert not c.MatterView().validate(dump(c.MatterView, shown))


def test_each_change_of_the_composition_ends_with_the_whole_of_it():
    group, told = history()
    assert told[-1][0] == "composition_changed"
    assert c.composition_from(told[-1][1]) == group.composition


def test_a_composition_is_read_from_json_from_an_event_and_from_a_newer_producer():
    data = next(data for name, data in reversed(history()[1]) if name == "composition_changed")
    composition = c.composition_from(data)
    assert composition == c.composition_from(c.CompositionChanged.read(data))
    newer = json.loads(json.dumps(data))
    newer["observers"] = []
    newer["seats"][0]["colour"] = newer["entities"]["IOM"]["colour"] = newer["terms"]["2015"]["stand_ins"][0]["colour"] = "blue"
    assert composition == c.composition_from(c.CompositionChanged.read(newer)) == c.composition_from(newer)
    assert composition.terms["2015"].stand_ins[0]["since"] == utc(2015, 2)


@pytest.mark.parametrize("missing", ["entities", "memberships", "seats", "terms"])
def test_half_a_composition_is_none_and_cannot_be_published(missing):
    data = next(data for name, data in history()[1] if name == "composition_changed")
    del data[missing]
    with pytest.raises(ValidationError, match=missing):
        c.composition_from(data)
    with pytest.raises(ValidationError, match=missing):
        c.CompositionChanged.publish(
            asdict(c.composition_from(data | {missing: {} if missing in ("entities", "terms") else []})) | {missing: None}
        )


def test_what_the_rules_answer_the_contract_answers_whole():
    """A key that a view has and its answer has not would be lost on the way without a word."""
    group, at = Group(), utc(2014, 5)
    page: dict[str, Any] = {"limit": 50, "after": None}
    full = history()[0]
    for who in (group, full):
        for answer, view in (
            (c.GetGroup, views.whole(who, SECRETARIAT, at)),
            (c.Overview, views.overview(who, SECRETARIAT, at)),
            (c.Entities, views.entities(who, **page)),
            (c.Members, views.members(who, at, history=True, **page)),
            (c.Seats, views.seats(who, at, history=True, **page)),
            (c.Terms, views.terms(who, SECRETARIAT, at, as_of=None, **page)),
            (c.Rota, views.rota(who, SECRETARIAT, utc(2013, 12))),
            (c.Awaiting, waiting.awaiting(who, None, SECRETARIAT, at)),
            (c.History, history_of(who, SECRETARIAT, at)),
        ):
            assert dump(answer.answer, view).keys() == view.keys()
    rota = dump(c.RotaAnswer, views.rota(full, SECRETARIAT, utc(2013, 12)))
    assert [swap["state"] for swap in rota["swaps"]] == ["refused", "agreed"]
    assert set(rota["swaps"][0]) == set(c.SwapAnswer().fields)
    assert set(rota["adoptions"][0]) == set(c.AdoptionAnswer().fields)
    whole = dump(c.HandoverAnswer, full.handovers["2015"].view([], full.composition, at))
    assert set(whole) == set(c.HandoverAnswer().fields) - {"version"}
    assert whole["signed"] == [], "what is shown is what was signed"
    assert [matter["title"] for matter in whole["dossier"]] == ["Remedies for victims"]
    assert set(whole["dossier"][0]) == set(c.MatterView().fields)
    full.handovers["2015"].notes.append(Note(at, "Ann", None, "Unsigned."))
    full.handovers["2015"].signatures.append(Signature("IOM", "outgoing", at, "Ann", None, "0" * 64))
    live = dump(c.HandoverAnswer, full.handovers["2015"].view([], full.composition, at))
    assert [text.keys() for text in live["signed"]] == [c.SignedAnswer().fields.keys()]
    assert live["signed"][0] == {name: whole[name] for name in ("digest", "dossier", "notes")}
    assert set(whole["signatures"][0]) == set(c.SignatureAnswer().fields)
    assert set(whole["notes"][0]) == set(c.HandoverNoteAnswer().fields)
    assert set(whole["reminders"][0]) == set(c.ReminderAnswer().fields)
    record = dump(c.HistoryAnswer, history_of(full, SECRETARIAT, at))["entities"][0]
    assert set(record) == set(c.RecordOfEntity().fields)
    full.composition.terms.clear()
    awaited = waiting.awaiting(full, None, SECRETARIAT, utc(2015, 2))
    assert [item.keys() for item in dump(c.AwaitingAnswer, awaited)["items"]] == [item.keys() for item in awaited["items"]] != []


GOOD: dict[str, dict[str, Any]] = {
    "register_entity": {"code": "OHCHR", "names": {"en": "Human rights", "fr": "Droits de l'homme"}, "acronyms": {"fr": "HCDH"}},
    "start_membership": {"entity": "OHCHR", "since": "2006-01-01T00:00:00Z", "until": "2010-01-01T00:00:00+02:00", "source": "001 ¶31"},
    "end_membership": {"entity": "OHCHR", "until": "2006-01-01T00:00:00Z", "source": "a letter"},
    "take_seat": {"entity": "OHCHR", "since": "2006-01-01T00:00:00Z", "until": None, "source": "000 ¶28"},
    "give_up_seat": {"entity": "OHCHR", "until": "2006-01-01T00:00:00Z", "source": None},
    "record_term": {"year": 2011, "chairs": ["OHCHR"], "nobody_knows": False, "source": "001 ¶71"},
    "propose_rota": {"first_year": 2016, "years": 6, "together": 2},
    "adopt_rota": {"turns": ORDER, "decision": "minutes"},
    "accept_term": {"year": 2016, "entity": "OHCHR", "letter": None},
    "decline_term": {"year": "2016", "entity": "OHCHR", "letter": "a letter"},
    "propose_swap": {"entity": "IOM", "year": 2016, "with_entity": "ILO", "with_year": 2017, "letter": None},
    "agree_swap": {"swap": "swap-1", "letter": None},
    "refuse_swap": {"swap": "swap-1", "letter": None},
    "co_chair": {"year": 2022, "entity": "UNODC", "with_entity": "ICMPD", "letter": None},
    "step_down": {"year": 2016, "entity": "IOM", "letter": None},
    "get_group": {"as_of": "2012-02-08T00:00:00Z"},
    "overview": {"as_of": "2012-02-08T00:00:00Z"},
    "entities": {"limit": 10, "after": "IOM"},
    "members": {"as_of": None, "history": "true", "limit": "10", "after": None},
    "seats": {"as_of": "2012-02-08T00:00:00Z", "history": False, "limit": 10, "after": None},
    "terms": {"as_of": None, "limit": 10, "after": None},
    "rota": {"as_of": None, "years": 3},
    "history": {"as_of": "2012-02-08T00:00:00Z", "years": 3},
    "handover": {"year": 2015},
    "note_handover": {"year": 2015, "text": "The room in Vienna is booked for May."},
    "sign_handover": {"year": "2015", "entity": "IOM", "digest": "5d" * 32, "letter": None},
    "awaiting": {"entity": "IOM"},
}


def refused(name: str, payload: dict[str, Any]) -> dict[str, str]:
    """The paths at fault, each with what was wrong with it."""
    with pytest.raises(ValidationError) as caught:
        load(c.contract.commands[name], payload)
    return {error["field"]: error["detail"] for error in invalid(caught.value).extra["errors"]}


def test_every_command_has_its_good_payload():
    assert set(GOOD) == set(c.contract.commands)
    for name, payload in GOOD.items():
        assert set(payload) == set(c.contract.commands[name]().fields)
        assert set(load(c.contract.commands[name], payload)) == set(payload)


@pytest.mark.parametrize("name", sorted(GOOD))
def test_an_unknown_field_is_refused(name):
    assert refused(name, GOOD[name] | {"colour": "blue"}) == {"colour": "Unknown field."}


WRONG: dict[type[fields.Field], list[Any]] = {
    fields.AwareDateTime: ["2014-01-01", "2014-01-01T00:00:00", "soon", 0, "1066-01-01T00:00:00Z", "9999-12-31T23:59:59Z", []],
    fields.Integer: ["x", "1.5", -1, 0, 10**9, []],
    fields.String: [1, [], {}, "x" * 10_001, ""],
    fields.Boolean: ["perhaps", 7, []],
    fields.List: ["IOM", {}, [1], ["iom"], ["IOM"] * 101],
    fields.Dict: ["x", [], {"tlh": "Klingon"}, {"en": 1}, {"en": ""}, {"en": "x" * 301}],
}


@pytest.mark.parametrize(
    ("name", "field"), [(name, field) for name, payload in sorted(GOOD.items()) for field in payload if field not in ("after", "turns")]
)
def test_a_wrong_type_or_size_is_refused_with_its_path(name, field):
    kind = type(c.contract.commands[name]().fields[field])
    wrong = next(values for base, values in WRONG.items() if issubclass(kind, base))
    for value in wrong:
        if (name, field, value) == ("history", "years", 0):  # no year ahead
            continue
        paths = refused(name, GOOD[name] | {field: value})
        assert {path.split(".")[0] for path in paths} == {field}, value


@pytest.mark.parametrize("name", sorted(GOOD))
def test_what_is_required_is_missed(name):
    schema: Schema = c.contract.commands[name]()
    required = {field for field, kind in schema.fields.items() if kind.required}
    assert set(refused(name, {})) == required if required else load(c.contract.commands[name], {}) is not None


@pytest.mark.parametrize(
    ("turns", "path"),
    [
        ([{"year": 2014}], "turns.0.chairs"),
        ([{"chairs": ["IOM"]}], "turns.0.year"),
        ([ORDER[0], {"year": 1999, "chairs": ["IOM"]}], "turns.1.year"),
        ([ORDER[0], {"year": 2015, "chairs": ["IOM\n"]}], "turns.1.chairs.0"),
        ([{"year": 2015, "chairs": ["A"] * 21}], "turns.0.chairs"),
        ([{"year": 2015, "chairs": ["A"], "state": "begun"}], "turns.0.state"),
        (ORDER * 16, "turns"),
        ("2014", "turns"),
        (None, "turns"),
    ],
)
def test_an_order_that_is_none_is_refused_with_its_path(turns, path):
    assert path in refused("adopt_rota", {"turns": turns})


def test_instants_arrive_in_utc():
    loaded = load(c.TakeSeat, {"entity": "IOM", "since": "2014-01-01T01:00:00+01:00"})["since"]
    assert loaded == utc(2014)
    assert loaded.utcoffset() == datetime.min.replace(tzinfo=utc(2014).tzinfo).utcoffset()
