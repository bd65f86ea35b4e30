"""What notifications promises and what it is promised: samples checked on both sides, and input that is refused."""

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest
from marshmallow import Schema, ValidationError, fields, validate

from contracts import chairs, documents, workplan
from contracts import notifications as c
from contracts.base import dump, load
from contracts.problems import invalid
from contracts.subscriptions import SUBSCRIPTIONS
from services.kernel import Actor, utc
from services.notifications import rules
from services.notifications.channels import notice
from services.notifications.rules import matters

SAMPLES = Path(c.__file__).parents[1] / "samples"
AT = utc(2014, 9, 15, 9)
SECRETARIAT = Actor("amina", "UNODC", frozenset({"secretariat"}))

HEARD = {
    documents.Published: matters.published,
    documents.Presented: lambda data: matters.presented(data, AT),
    documents.StatementIssued: matters.statement_issued,
    documents.CorrigendumIssued: lambda data: matters.corrigendum_issued(data, AT),
    documents.LanguagePublished: lambda data: matters.language_published(data, AT),
    documents.CommentRoundOpened: lambda data: matters.comment_round_opened(data, AT),
    documents.ClearanceOpened: lambda data: matters.clearance_opened(data, AT),
    documents.ClearanceExtended: lambda data: matters.clearance_extended(data, AT),
    documents.ClearancePassed: lambda data: matters.clearance_passed(data, AT, ["IOM"]),
    documents.ClearanceBroken: lambda data: matters.clearance_broken(data, AT, ["IOM"]),
    documents.ClearanceLapsed: lambda data: matters.clearance_lapsed(data, AT, ["IOM"]),
    documents.Reminded: lambda data: matters.document_reminded(data, AT, ["IOM"]),
    documents.IssueStopped: lambda data: matters.issue_stopped(data, AT, ["IOM"]),
    workplan.ConsultationOpened: lambda data: matters.consultation_opened(data, AT),
    workplan.AdoptionOpened: lambda data: matters.adoption_opened(data, AT),
    workplan.AdoptionExtended: lambda data: matters.adoption_extended(data, AT),
    workplan.AdoptionReminded: lambda data: matters.adoption_reminded(data, AT),
    workplan.AdoptionBroken: lambda data: matters.adoption_broken(data, AT, ["IOM"]),
    workplan.AdoptionLapsed: lambda data: matters.adoption_lapsed(data, AT, ["IOM"]),
    workplan.AdoptionSuperseded: lambda data: matters.adoption_superseded(data, AT),
    workplan.AmendmentAdopted: lambda data: matters.amendment_adopted(data, AT, ["IOM"]),
    workplan.PlanAdopted: lambda data: matters.plan_adopted(data, AT),
    workplan.BriefingAnnounced: lambda data: matters.briefing("briefing_announced", data, AT),
    workplan.BriefingChanged: lambda data: matters.briefing("briefing_changed", data, AT),
    workplan.BriefingCancelled: lambda data: matters.briefing("briefing_cancelled", data, AT),
    chairs.TermStarted: lambda data: matters.term_started(data, AT),
    workplan.PlanClosed: lambda data: matters.plan_closed(data, AT),
    chairs.HandoverReminded: lambda data: matters.handover_reminded(data, AT),
    chairs.HandoverEscalated: lambda data: matters.handover_escalated(data, AT),
    workplan.MeetingCalled: lambda data: matters.meeting("meeting_called", data, AT),
    workplan.MeetingChanged: lambda data: matters.meeting("meeting_changed", data, AT),
    workplan.MeetingCancelled: lambda data: matters.meeting("meeting_cancelled", data, AT),
    workplan.MeetingReminded: lambda data: matters.meeting("meeting_reminded", data, AT),
    workplan.ActionAssigned: lambda data: matters.action_assigned(data, AT),
    workplan.ActionChanged: lambda data: matters.action_changed(data, AT),
    workplan.ActionReminded: lambda data: matters.action_reminded(data, AT),
}
FOR_ALL = {event for event in HEARD if "briefing" in event.key()} | {
    documents.Published,
    documents.Presented,
    documents.StatementIssued,
    documents.CorrigendumIssued,
    documents.LanguagePublished,
    workplan.PlanAdopted,
    workplan.PlanClosed,
    chairs.TermStarted,
}
OWN = {
    *(c.Announced, c.Replayed, c.BriefingNear, c.BriefingReminded, c.BriefingReplied, c.PlaceGiven),
    *(c.SubscriberInvited, c.SubscriberEnded, c.SubscriptionRequested, c.SubscriptionResumed),
    *(c.SubscriptionConfirmed, c.SubscriptionChanged, c.SubscriptionSuspended, c.SubscriptionEnded),
}

PAPER = {"title": "Programme", "url": "/documents/programme"}
BRIEFING = {
    "briefing": "consultation-2015",
    "uid": "consultation-2015@icat.example",
    "revision": 1,
    "title": "Consultation with permanent missions",
    "kind": "consultation",
    "starts_at": "2015-01-20T15:00:00Z",
    "ends_at": "2015-01-21T17:00:00Z",
    "place": "New York",
    "on_margins_of": "the session",
    "agenda": ["Priorities"],
    "papers": [PAPER],
    "pillars": ["partnerships"],
    "capacity": 40,
    "reply_by": "2015-01-19T17:00:00Z",
}
DOCUMENT = {"document": "paper-demand", "title": "Demand", "kind": "issue_paper", "number": 2}
PUBLIC = {"at": "2014-09-15T09:00:00Z", "digest": "5d" * 32, "language": "en", "url": "/documents/paper-demand", "pillars": ["prevention"]}
DRAFT = {name: value for name, value in DOCUMENT.items() if name != "number"}
CLEARANCE = DRAFT | {
    "digest": "5d" * 32,
    "deadline": "2014-09-12T16:00:00Z",
    "counting": ["ILO", "UNHCR"],
    "by": "silence",
    "drafters": ["ILO"],
}
MEETING = {
    "meeting": "may-2014",
    "uid": "meeting-may-2014@icat",
    "revision": 1,
    "title": "Meeting of the working group",
    "starts_at": "2014-05-14T08:00:00Z",
    "ends_at": "2014-05-14T15:00:00Z",
    "place": "Vienna",
    "link": None,
    "entities": ["ILO", "IOM"],
}
AGENDA = {"agenda": [{"item": "item-1", "title": "The paper on demand", "papers": [PAPER], "entity": None}]}
ACTION = {"meeting": "may-2014", "title": "Meeting", "action": "a", "what": "Write", "owner": "ILO", "due": "2014-06-30T22:00:00Z"}
ADOPTION = {"year": 2014, "amendment": None, "digest": "5d" * 32, "counting": ["ILO", "UNHCR"]}
EVENTS = {
    documents.Published: {**DOCUMENT, **PUBLIC, "summary": "What drives demand.", "deliverable": None},
    documents.Presented: {**DOCUMENT, "where": "Vienna", "when": "2014-10", "on_margins_of": "the seventh session"},
    documents.StatementIssued: {
        **{name: value for name, value in DOCUMENT.items() if name in ("document", "title")},
        **PUBLIC,
        "occasion": "World Day against Trafficking in Persons",
        "signatories": ["IOM", "UNHCR"],
        "text": "The whole text.",
        "deliverable": None,
    },
    documents.CorrigendumIssued: {
        **{name: value for name, value in (DRAFT | PUBLIC).items() if name != "at"},
        **{"corrigendum": 1, "revision": 9, "earlier": "7e" * 32, "note": "The year of the Protocol."},
    },
    documents.LanguagePublished: {**DRAFT, **PUBLIC, "language": "fr", "number": 3},
    documents.CommentRoundOpened: {**DRAFT, "number": 1, "deadline": "2014-08-15T16:00:00Z", "asked": ["ILO", "UNHCR"]},
    documents.ClearanceOpened: CLEARANCE,
    documents.ClearanceExtended: CLEARANCE | {"earlier": "2014-09-10T16:00:00Z"},
    documents.ClearancePassed: CLEARANCE | {"endorsed_by": []},
    documents.ClearanceBroken: CLEARANCE | {"entity": "UNHCR"},
    documents.ClearanceLapsed: CLEARANCE | {"awaiting": ["UNHCR"]},
    documents.Reminded: {**DRAFT, "about": "position", "step": None, "deadline": "2014-09-12T16:00:00Z", "days": 1, "entities": ["ILO"]},
    documents.IssueStopped: {
        **DRAFT,
        **{"issue_at": "2014-07-30T00:00:00Z", "because": "not_endorsed", "entities": ["ILO"], "drafters": ["ILO"]},
    },
    workplan.ConsultationOpened: {"year": 2014, "digest": "5d" * 32, "again": False, "asked": ["ILO"]},
    workplan.AdoptionOpened: ADOPTION | {"by": "silence", "deadline": "2014-02-14T16:00:00Z"},
    workplan.AdoptionExtended: ADOPTION | {"deadline": "2014-02-14T16:00:00Z", "before": "2014-02-10T16:00:00Z"},
    workplan.AdoptionReminded: ADOPTION | {"deadline": "2014-02-14T16:00:00Z", "days": 3, "entities": ["UNHCR"]},
    workplan.AdoptionBroken: ADOPTION | {"objecting": ["UNHCR"]},
    workplan.AdoptionLapsed: ADOPTION | {"awaiting": ["UNHCR"]},
    workplan.AdoptionSuperseded: ADOPTION | {"successor": "7e" * 32},
    workplan.AmendmentAdopted: ADOPTION
    | {"amendment": "a", "kind": "drop", "activity": "b", "before": "7e" * 32, "after": None, "endorsed_by": [], "status": "cancelled"},
    workplan.PlanAdopted: {
        "year": 2014,
        "digest": "5d" * 32,
        "endorsed_by": ["IOM"],
        "no_objection": ["ILO"],
        "activities": [{"id": "paper-on-demand", "title": "Paper on demand", "lead": "ILO", "pillars": ["prevention"]}],
    },
    workplan.BriefingAnnounced: BRIEFING,
    workplan.BriefingChanged: {**BRIEFING, "before": {"place": "Geneva"}, "reason": "The room is taken."},
    workplan.BriefingCancelled: {**BRIEFING, "reason": "A storm."},
    chairs.TermStarted: {"year": 2015, "chairs": ["UNHCR"]},
    workplan.PlanClosed: {"year": 2014, "digest": "5d" * 32, "statuses": {"delivered": 9}, "foreword": "", "report": "7e" * 32},
    chairs.HandoverReminded: {
        "year": 2015,
        "at": "2014-10-03T00:00:00Z",
        "days": 90,
        "entities": ["IOM", "UNHCR"],
        "outgoing": ["IOM"],
        "incoming": ["UNHCR"],
        "unsigned": ["IOM"],
    },
    chairs.HandoverEscalated: {"year": 2015, "unsigned": ["IOM"]},
    workplan.MeetingCalled: MEETING | AGENDA,
    workplan.MeetingChanged: MEETING | AGENDA | {"before": {"place": "Geneva"}, "reason": ""},
    workplan.MeetingCancelled: MEETING | {"reason": "A storm."},
    workplan.MeetingReminded: MEETING | {"days": 1, "unanswered": ["ILO"]},
    workplan.ActionAssigned: ACTION,
    workplan.ActionChanged: ACTION | {"before": {"owner": "IOM"}, "reason": "IOM has no hands free."},
    workplan.ActionReminded: ACTION | {"days": 0},
}


def sample(path: str) -> dict:
    return json.loads((SAMPLES / path).read_text(encoding="utf-8"))


def test_what_it_hears_is_what_it_subscribed_to():
    kept = chairs.CompositionChanged  # no matter: it says who belongs, when something is the Group's own
    assert {event.key() for event in [kept, *HEARD, *OWN]} == set(SUBSCRIPTIONS["notifications"])


@pytest.mark.parametrize("event", HEARD, ids=lambda event: event.key())
def test_every_event_it_hears_becomes_a_matter_that_may_be_announced(event):
    data = event.read(event.publish(event.read(EVENTS[event])) | {"added_later": True})
    matter = HEARD[event](data)
    topic = rules.Topic(matter.topic)
    topic.announce(matter, AT)
    (fact,) = topic.take_happened()
    told = c.Announced.read(c.Announced.publish(fact.data))
    assert told["number"] == 1
    assert told["matter"]["title"]["fr"] == matter.title["fr"]
    assert told["matter"].get("audience") == matter.audience
    assert (matter.audience is None) == (matter.topic != "reminders") == (event in FOR_ALL)
    assert json.loads(json.dumps(told["matter"]["data"])) == matter.data


@pytest.mark.parametrize("audience", [["iom"], ["Secretariat"], ["IOM\n"]])
def test_an_audience_is_made_of_codes_and_the_secretariat(audience):
    told = {"kind": "published", "title": {"en": "T", "fr": "T"}, "summary": {"en": "S", "fr": "S"}, "at": AT, "url": "/chairs"}
    reminder = {"topic": "reminders", "number": 1, "matter": told | {"audience": ["IOM", "OSRSG-VAC", "secretariat"]}}
    assert c.Announced.read(c.Announced.publish(reminder))["matter"]["audience"] == ["IOM", "OSRSG-VAC", "secretariat"]
    with pytest.raises(ValidationError, match="audience"):
        c.Announced.publish({**reminder, "matter": told | {"audience": audience}})


@pytest.mark.parametrize(
    "path", sorted(p.name for p in (SAMPLES / "notifications").glob("*.json") if not p.name.startswith("notifications."))
)
def test_the_samples_its_producers_promise_become_matters(path):
    if path == "chairs.composition_changed.json":
        assert chairs.composition_from(sample(f"notifications/{path}")).members(AT)
        return
    (event,) = [event for event in HEARD if event.key().removesuffix(".v1") == path.removesuffix(".json")]
    content = sample(f"notifications/{path}")
    assert HEARD[event](event.read(content.get("data", content))).title["en"]


@pytest.mark.parametrize("event", OWN, ids=lambda event: event.key())
def test_its_own_events_are_as_in_the_samples(event):
    content = sample(f"notifications/{event.key().removesuffix('.v1')}.json")
    assert event.publish(event.read(content)) == content


def test_a_mission_receives_the_sample():
    promised = sample("mission/notifications.notice.json")
    told = c.Announced.read(sample("notifications/notifications.announced.json"))
    assert notice(told) == promised
    assert not c.Notice().validate(promised)


def test_all_that_a_subscriber_does_may_be_published():
    own = Actor("desk", "BRAZIL", frozenset({"mission"}))
    given, wanted = {"by": own, "at": AT}, {"topics": ["briefings"], "places": ["Geneva"], "schedule": {"rhythm": "weekly"}}
    subscriber = rules.Subscriber.invite("BRAZIL", "Mission of Brazil", "mission", "en", "sub-0", by=SECRETARIAT, at=AT)
    subscriber.accept("sub-0", "desk@brazil.example", wanted, by=own, at=AT)
    subscriber.subscribe("sub-1", "amqp", "", ["briefings", "briefings"], [], by=SECRETARIAT, at=AT, queue_part="8c1f")
    subscriber.fetch_queue("sub-1", "order-1", **given)
    subscriber.replace_secret("sub-1", "order-2", **given)
    subscriber.change(
        "sub-0", ["statements"], ["protection"], language="fr", schedule={"quiet_from": "22:00", "quiet_until": "07:00"}, **given
    )
    subscriber.pause("sub-0", AT + timedelta(days=1), **given)
    subscriber.resume("sub-0", True, **given)
    subscriber.pause("sub-1", None, **given)
    subscriber.suspend("sub-1", "Nobody reads it.", AT)
    subscriber.end("closed", by=SECRETARIAT, at=AT)
    facts = subscriber.take_happened()
    for fact in facts:
        event = c.contract.events[fact.name]
        assert event.read(event.publish(fact.data)) == fact.data
    assert {fact.name for fact in facts} == {name for name in c.contract.events if name.startswith(("subscri", "secret", "credentials"))}


def test_a_subscriber_is_answered_without_a_secret_but_once():
    subscriber = rules.Subscriber.admit("BRAZIL", "Brazil", "mission", "en", by=SECRETARIAT, at=AT)
    subscriber.subscribe("sub-1", "webhook", "https://hooks.example/", ["briefings"], [], by=SECRETARIAT, at=AT)
    assert dump(c.SubscriptionAnswer, subscriber.subscription("sub-1").told_once("whsec_x"))["secret"] == "whsec_x"
    assert "secret" not in json.dumps(dump(c.SubscriberAnswer, subscriber.view(SECRETARIAT, AT)))


HOOK = {"subscriber": "BRAZIL", "topics": ["briefings"], "channel": "webhook", "target": "https://hooks.example/"}
SUBSCRIBE = {"subscriber": "BRAZIL", "topics": ["briefings"], "channel": "mail", "target": "desk@brazil.example"}
NAMED = {"subscriber": "BRAZIL", "subscription": "sub-1"}
INVITE = {"code": "BRAZIL", "name": "Brazil", "kind": "mission", "address": "desk@brazil.example"}


@pytest.mark.parametrize(
    ("order", "payload", "field"),
    [
        (c.Subscribe, SUBSCRIBE | {"color": "red"}, "color"),
        (c.Subscribe, SUBSCRIBE | {"topics": []}, "topics"),
        (c.Subscribe, SUBSCRIBE | {"topics": ["weather"]}, "topics.0"),
        (c.Subscribe, SUBSCRIBE | {"channel": "pigeon"}, "channel"),
        (c.Subscribe, SUBSCRIBE | {"pillars": ["profit"]}, "pillars.0"),
        (c.Subscribe, SUBSCRIBE | {"target": ""}, "target"),
        (c.Subscribe, SUBSCRIBE | {"target": "no address"}, "target"),
        (c.Subscribe, SUBSCRIBE | {"target": "desk@brazil.example\r\nBcc: all@brazil.example"}, "target"),
        (c.Subscribe, SUBSCRIBE | {"target": "a@brazil.example, b@brazil.example"}, "target"),
        (c.Subscribe, SUBSCRIBE | {"target": "größe@brazil.example"}, "target"),
        (c.Subscribe, SUBSCRIBE | {"subscriber": "brazil"}, "subscriber"),
        (c.Subscribe, SUBSCRIBE | {"channel": "webhook", "target": "https://hooks.example/", "secret": "short"}, "secret"),
        (c.Subscribe, SUBSCRIBE | {"target": "=?utf-8?q?victim=40evil.org=2C_y?=@example.org"}, "target"),
        *((c.Subscribe, HOOK | {"secret": f"whsec_{secret}"}, "secret") for secret in ("=" * 36, "A" * 33, "A" * 29 + "===", "A" * 88)),
        (c.Subscribe, SUBSCRIBE | {"places": ["Geneva", "Vien\x00na"]}, "places.1"),
        (c.Subscribe, SUBSCRIBE | {"places": ["Geneva\r\nBcc: all@brazil.example"]}, "places.0"),
        (c.Subscribe, SUBSCRIBE | {"places": [" "]}, "places.0"),
        (c.Subscribe, SUBSCRIBE | {"places": [f"City {n}" for n in range(21)]}, "places"),
        (c.Subscribe, SUBSCRIBE | {"kinds": ["poem"]}, "kinds.0"),
        (c.Subscribe, SUBSCRIBE | {"language": "la"}, "language"),
        (c.Subscribe, SUBSCRIBE | {"schedule": {"rhythm": "hourly"}}, "schedule.rhythm"),
        (c.Subscribe, SUBSCRIBE | {"schedule": {"hour": "24:00"}}, "schedule.hour"),
        (c.Subscribe, SUBSCRIBE | {"schedule": {"quiet_from": "8:00"}}, "schedule.quiet_from"),
        (c.Subscribe, SUBSCRIBE | {"schedule": {"zone": "UTC\nX"}}, "schedule.zone"),
        (c.Subscribe, SUBSCRIBE | {"schedule": {"day": "someday"}}, "schedule.day"),
        (c.Subscribe, SUBSCRIBE | {"schedule": {"color": "red"}}, "schedule.color"),
        (c.ChangeSubscription, NAMED, "topics"),
        (c.ChangeSubscription, NAMED | {"topics": ["briefings"], "target": "other@brazil.example"}, "target"),
        (c.PauseSubscription, NAMED | {"until": "tomorrow"}, "until"),
        (c.PauseSubscription, NAMED | {"subscription": "../x"}, "subscription"),
        (c.ReplaceSecret, NAMED | {"secret": "whsec_short"}, "secret"),
        (c.AcceptInvitation, {"token": "short", "topics": ["briefings"]}, "token"),
        (c.InviteSubscriber, INVITE | {"address": "no address"}, "address"),
        (c.InviteSubscriber, INVITE | {"address": "desk@brazil.example\r\nBcc: all@brazil.example"}, "address"),
        (c.InviteSubscriber, INVITE | {"address": "=?utf-8?q?victim=40evil.org=2C_y?=@example.org"}, "address"),
        (c.InviteSubscriber, INVITE | {"name": "Brazil\r\nBcc: all@brazil.example"}, "name"),
        (c.AdmitSubscriber, {"code": "BRAZIL", "name": "Brazil\r\nBcc: all@brazil.example", "kind": "mission"}, "name"),
        (c.AdmitSubscriber, {"code": "BRAZIL", "name": "Brazil\u2028Bcc: all@brazil.example", "kind": "mission"}, "name"),
        (c.AdmitSubscriber, {"code": "BRAZIL", "name": "x" * 201, "kind": "mission"}, "name"),
        (c.AdmitSubscriber, {"code": "BRAZIL", "name": "Brazil", "kind": "king"}, "kind"),
        (c.AdmitSubscriber, {"code": "BRAZIL", "name": "Brazil", "kind": "mission", "language": "la"}, "language"),
        (c.AdmitSubscriber, {"code": "MISSION.#", "name": "Brazil", "kind": "mission"}, "code"),
        (c.Confirm, {"token": "../../etc/passwd/and/more"}, "token"),
        (c.Confirm, {"token": "sub-1." + "x" * 30 + "\n"}, "token"),
        (c.Unsubscribe, {"subscriber": "BRAZIL"}, "token"),
        (c.Unsubscribe, {"subscriber": "BRAZIL", "subscription": "sub-1", "token": "sub-1." + "x" * 30}, "token"),
        (c.Unsubscribe, {}, "token"),
        (c.SendAgain, {"delivery": "publications/1"}, "delivery"),
        (c.Matters, {"topic": "weather"}, "topic"),
        (c.Matters, {"topic": "briefings", "since": "-1"}, "since"),
        (c.Matters, {"topic": "briefings", "since": "9" * 40}, "since"),
        (c.Deliveries, {"number": "9" * 30}, "number"),
    ],
)
def test_bad_input_is_refused_with_the_field_at_fault(order, payload, field):
    with pytest.raises(ValidationError) as refused:
        load(order, payload)
    assert invalid(refused.value).field == field


@pytest.mark.parametrize("length", [24, 32, 64])
def test_a_secret_of_their_own_is_taken(length):
    secret = "whsec_" + base64.b64encode(b"k" * length).decode()
    assert load(c.Subscribe, HOOK | {"secret": secret})["secret"] == secret


PRODUCERS = (chairs, workplan, documents, c)


@pytest.mark.parametrize(
    "order", [order for producer in PRODUCERS for order in producer.contract.commands.values()], ids=lambda o: o.__name__
)
def test_no_number_without_end_is_taken(order):
    """The store holds integers of 64 bits: a longer one must be refused at the border, with its field, in whatever is ordered or asked."""
    unbounded = [path for path, number in numbers(order(), "") if not bounded(number)]
    assert unbounded == []


def numbers(schema: Schema, path: str):
    for name, field in schema.fields.items():
        yield from numbers_in(field, f"{path}.{name}")


def numbers_in(field: fields.Field, path: str):
    if isinstance(field, fields.Nested):
        yield from numbers(field.schema, path)
    elif isinstance(field, fields.List):
        yield from numbers_in(field.inner, path)
    elif isinstance(field, fields.Dict) and field.value_field:
        yield from numbers_in(field.value_field, path)
    elif isinstance(field, fields.Number):
        yield path, field


def bounded(number: fields.Number) -> bool:
    ranges = [rule for rule in number.validators if isinstance(rule, validate.Range)]
    return any(rule.min is not None and rule.max is not None and abs(rule.max) <= 2**53 for rule in ranges)


def test_one_mailbox_has_one_spelling():
    loaded = load(c.Subscribe, SUBSCRIBE | {"target": " Desk@Missions.BRAZIL.Example "})
    assert loaded["target"] == "Desk@missions.brazil.example"
