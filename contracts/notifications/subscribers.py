"""Subscribers and their subscriptions: admitted or invited, asked for, confirmed by their owner, tuned, suspended, ended."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from contracts.base import (
    Answer,
    Command,
    EntityCode,
    Event,
    Instant,
    Language,
    Line,
    Message,
    PageQuery,
    Pillars,
    Query,
    Slug,
    Text,
    VersionedAnswer,
    many,
    page_of,
)
from contracts.notifications.parts import (
    DAYS,
    KINDS,
    MATTER_KINDS,
    RHYTHMS,
    SUBSCRIPTION_STATES,
    TOPICS,
    Channel,
    Token,
    Topic,
    WebhookSecret,
    Words,
    mail_address,
)


def Clock(**kwargs: Any) -> fields.String:
    """A time of day to the minute, ``HH:MM``, in the zone of the schedule it stands in."""
    return fields.String(validate=validate.Regexp(r"^([01]\d|2[0-3]):[0-5]\d\Z", error="A time of day, as 08:00."), **kwargs)


DEFAULT_SCHEDULE: dict[str, Any] = {
    "rhythm": "at_once",
    "zone": "UTC",
    "hour": "08:00",
    "day": "monday",
    "quiet_from": None,
    "quiet_until": None,
    "quiet_statements": False,
}


class Schedule(Message):
    """When a subscription's matters are brought. ``rhythm``: each at once, or gathered into one mail a day or a week, at ``hour`` of
    ``day`` (a weekly digest's) in ``zone`` (a name of IANA's time zone database). ``quiet_from`` and ``quiet_until``: hours in which
    nothing is brought, over midnight too; what comes in them is brought when they end. What is told in the topic ``statements`` is
    brought all the same unless ``quiet_statements``. A digest's hour lies outside them. A mail tells instants by the clocks of ``zone``,
    with UTC in brackets; ``UTC`` stands for none chosen."""

    rhythm = fields.String(load_default="at_once", validate=validate.OneOf(RHYTHMS))
    zone = Line(load_default="UTC", max=60)
    hour = Clock(load_default="08:00")
    day = fields.String(load_default="monday", validate=validate.OneOf(DAYS))
    quiet_from = Clock(load_default=None, allow_none=True)
    quiet_until = Clock(load_default=None, allow_none=True)
    quiet_statements = fields.Boolean(load_default=False)


class Wanted(Message):
    """What a subscription asks for. None of ``pillars``, ``places`` or ``kinds`` means all. ``places``: cities, at most 500 characters
    together, compared without case and accents with the place of a briefing or a presentation, and narrowing these alone; ``kinds``:
    those of paper narrow publications and statements, those of briefing narrow briefings, and neither keeps back another topic. A matter
    that names none concerns all. ``language``: of what is brought; the subscriber's own when it is not given."""

    topics = fields.List(Topic(), required=True, validate=validate.Length(min=1, max=len(TOPICS)))
    pillars = Pillars(load_default=list)
    places = many(Line(max=100, min=1), load_default=list, max=20)
    kinds = many(fields.String(validate=validate.OneOf(MATTER_KINDS)), load_default=list, max=len(MATTER_KINDS))
    language = Language(load_default=None, allow_none=True)
    schedule = fields.Nested(Schedule, load_default=lambda: dict(DEFAULT_SCHEDULE))


# Answers --------------------------------------------------------------------------------------------------------------------------------


class SubscriptionAnswer(Answer):
    """One subscription. ``secret`` is there once, in the answer to the order that made or replaced it: what signs a webhook, or the
    path of a feed. ``paused_until``: null with ``paused_at`` set means until resumed. ``suspended_because``: why we stopped, in English;
    ``suspended_said`` and ``ended_said``: why, in English and French."""

    id = Slug()
    channel = Channel()
    target = fields.String(metadata={"description": "Mail address, webhook address or queue; empty where the subscriber fetches."})
    topics = many(Topic())
    pillars = Pillars()
    places = many(fields.String())
    kinds = many(fields.String())
    language = Language(allow_none=True)
    schedule = fields.Nested(Schedule)
    state = fields.String(validate=validate.OneOf(SUBSCRIPTION_STATES))
    requested_at = Instant()
    requested_by = fields.String()
    confirmed_at = Instant(allow_none=True)
    paused_at = Instant(allow_none=True)
    paused_until = Instant(allow_none=True)
    suspended_at = Instant(allow_none=True)
    suspended_because = fields.String(allow_none=True)
    suspended_said = fields.Nested(Words, allow_none=True)
    ended_at = Instant(allow_none=True)
    ended_because = fields.String(allow_none=True)
    ended_said = fields.Nested(Words, allow_none=True)
    secret = fields.String(metadata={"description": "Signs the webhook, or the path of the feed on the public site; shown only here."})


class SubscriberAnswer(VersionedAnswer):
    """One subscriber with its subscriptions, ended ones among them. ``invited_at``: of one that was invited and has not accepted yet,
    which is in state ``invited``."""

    code = EntityCode()
    name = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    language = Language()
    state = fields.String(validate=validate.OneOf(("invited", "admitted", "ended")))
    invited_at = Instant(allow_none=True)
    admitted_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    subscriptions = many(SubscriptionAnswer, max=1_000)


class BearerAnswer(Answer):
    """What the bearer of a token learns: whose subscription, in which state, to what; no address."""

    subscriber = EntityCode()
    name = fields.String()
    subscription = Slug()
    channel = Channel()
    topics = many(Topic())
    state = fields.String(validate=validate.OneOf(SUBSCRIPTION_STATES))


class InvitationAnswer(Answer):
    """What the bearer of an invitation's link is shown before accepting; no address."""

    subscriber = EntityCode()
    name = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    language = Language()
    state = fields.String(validate=validate.OneOf(("invited", "admitted", "ended")))


class QueueCredentials(Answer):
    """How a mission reads its queue: the broker's address with a user of the queue's own, and the queue's name. Shown once."""

    uri = fields.String()
    queue = fields.String()


# Orders ---------------------------------------------------------------------------------------------------------------------------------


class AdmitSubscriber(Command):
    """The secretariat admits a permanent mission, an entity's focal points, another reader, or itself. ``code`` is the code its people
    act under: the mission's, or the entity's. The secretariat's is of its own choice, since its people may act for any entity or none.
    One that ended is admitted once more under its code: its ended subscriptions stay ended. Refused for a code in use."""

    answer = SubscriberAnswer
    code = EntityCode(required=True)
    name = Line(required=True, max=200)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    language = Language(load_default="en")


class InviteSubscriber(AdmitSubscriber):
    """The secretariat invites a subscriber by a mail to ``address``: whoever bears its link accepts, and is admitted. Ordered again for
    one that has not accepted, it invites anew and the earlier link no longer serves; so it does for one that ended."""

    address = Text(required=True, max=320)

    @post_load
    def normal_address(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["address"] = _address("address", data["address"])
        return data


class AcceptInvitation(Wanted, Command):
    """The bearer of an invitation's link accepts: the subscriber is admitted, and the address that the link came to is subscribed by
    mail, confirmed by the acceptance itself. Twice is once."""

    answer = BearerAnswer
    token = Token(required=True)


class Subscribe(Wanted, Command):
    """A subscriber asks to be told of topics on one channel; nothing is sent before its owner confirms. What its own people fetch for
    themselves (a feed, the inbox) is confirmed by their asking; what the secretariat asks for on their behalf, by the first order that
    they give for it: to change it, to replace its secret, or to resume it.

    ``topics``: ``reminders`` is for an entity's focal points and the secretariat alone, and no feed carries it.
    ``target``: an address for mail, an https address for a webhook, nothing for the others.
    ``secret``: a webhook's, when the receiver brings its own (Standard Webhooks: ``whsec_`` and 24 to 64 bytes in base64); otherwise
    one is made and answered once. Digests (``schedule``) are of mail alone.
    """

    answer = SubscriptionAnswer
    subscriber = EntityCode(required=True)
    channel = Channel(required=True)
    target = Text(max=500, load_default="")
    secret = WebhookSecret(load_default=None, allow_none=True)

    @post_load
    def normal_address(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """One spelling per mailbox, so that the same one is not told twice."""
        if data["channel"] == "mail":
            data["target"] = _address("target", data["target"])
        return data


class OfSubscription(Message):
    """Names a subscription of a subscriber's."""

    subscriber = EntityCode(required=True)
    subscription = Slug(required=True)


class ChangeSubscription(Wanted, OfSubscription, Command):
    """Another choice of topics, narrowing, language or schedule for a subscription that lives; its target stays. It replaces the whole
    choice, and holds from now on: what is on its way goes as it was asked for. Refused for the 21st change within 24 hours."""

    answer = SubscriptionAnswer


class PauseSubscription(OfSubscription, Command):
    """Nothing is brought from now on, ``until`` an instant or until it is resumed."""

    answer = SubscriptionAnswer
    until = Instant(load_default=None, allow_none=True)


class ResumeSubscription(OfSubscription, Command):
    """A paused subscription goes on; so does a suspended one, but for mail and webhooks: these are confirmed anew, by a new mail or
    challenge, and pending till then. ``catch_up``: bring what was announced meanwhile too."""

    answer = SubscriptionAnswer
    catch_up = fields.Boolean(load_default=False)


class ReplaceSecret(OfSubscription, Command):
    """A new secret. A webhook is signed with both for a day, so that its receiver can change over; a feed's earlier address no longer
    answers; a queue's user gets a new password, told by the next FetchQueueCredentials. ``secret``: a webhook's own, as in Subscribe."""

    answer = SubscriptionAnswer
    secret = WebhookSecret(load_default=None, allow_none=True)


class Confirm(Command):
    """The bearer of the link in a confirmation mail confirms; twice is once."""

    answer = BearerAnswer
    token = Token(required=True)


class Unsubscribe(Command):
    """A subscription ends: by the subscriber or the secretariat (``subscriber`` and ``subscription``), or by the bearer of the
    token in a mail's ``List-Unsubscribe`` (``token``). Twice is once."""

    answer = BearerAnswer
    subscriber = EntityCode(load_default=None, allow_none=True)
    subscription = Slug(load_default=None, allow_none=True)
    token = Token(load_default=None, allow_none=True)

    @post_load
    def one_way(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        named = data["subscriber"] is not None and data["subscription"] is not None
        if named == (data["token"] is not None):
            raise ValidationError({"token": ["Either a token, or both the subscriber and the subscription."]})
        return data


class FetchQueueCredentials(OfSubscription, Command):
    """The subscriber itself fetches how to read its queue, once; the first time confirms the subscription. Lost ones are replaced
    (ReplaceSecret) and fetched anew."""

    answer = QueueCredentials


class EndSubscriber(Command):
    """A subscriber leaves, or the secretariat ends it: all its subscriptions end. It can come back by being admitted or invited."""

    answer = SubscriberAnswer
    code = EntityCode(required=True)
    reason = Line(required=True, max=300)


class LiftSuppression(Command):
    """The secretariat takes an address off the list of those that refuse mail, having heard from its owner. Its subscriptions stay
    suspended until they are resumed and confirmed anew."""

    answer = Answer
    address = Text(required=True, max=320)

    @post_load
    def normal_address(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["address"] = _address("address", data["address"])
        return data


# Questions ------------------------------------------------------------------------------------------------------------------------------


class Subscribers(PageQuery):
    """All subscribers by code, for the secretariat."""

    answer = page_of(SubscriberAnswer)
    kind = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(KINDS))


class GetSubscriber(Query):
    """One subscriber, to itself and to the secretariat."""

    answer = SubscriberAnswer
    code = EntityCode(required=True)


class GetInvitation(Query):
    """What the bearer of an invitation's link is invited to."""

    answer = InvitationAnswer
    token = Token(required=True)


class SuppressionAnswer(Answer):
    """An address that no longer takes mail: since when, and what its server or a bounce said."""

    address = fields.String()
    at = Instant()
    why = fields.String()


class Suppressions(PageQuery):
    """Addresses that no longer take mail, for the secretariat."""

    answer = page_of(SuppressionAnswer)


# Facts ----------------------------------------------------------------------------------------------------------------------------------


class SubscriberInvited(Event):
    """A mail invites someone to become a subscriber; its address is in no event."""

    code = EntityCode(required=True)
    name = Line(required=True, max=200)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    language = Language(required=True)
    invitation = Slug(required=True)


class SubscriberAdmitted(Event):
    """A subscriber may now subscribe."""

    code = EntityCode(required=True)
    name = Line(required=True, max=200)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    language = Language(required=True)


class SubscriberEnded(Event):
    """A subscriber left or was ended, with all its subscriptions."""

    code = EntityCode(required=True)
    reason = Line(required=True, max=300)


class SubscriptionRequested(Event):
    """A subscription waits for its owner's confirmation, for the first time or anew. Its address is in no event."""

    subscriber = EntityCode(required=True)
    subscription = Slug(required=True)
    channel = Channel(required=True)
    topics = many(Topic(), required=True)
    pillars = Pillars(load_default=list)
    places = many(fields.String(), load_default=list)
    kinds = many(fields.String(), load_default=list)
    language = Language(load_default=None, allow_none=True)
    schedule = fields.Nested(Schedule, load_default=lambda: dict(DEFAULT_SCHEDULE))


class SubscriptionConfirmed(Event):
    """Its owner confirmed: matters announced from now on are sent."""

    subscriber = EntityCode(required=True)
    subscription = Slug(required=True)


class SubscriptionChanged(SubscriptionRequested):
    """Another choice for a living subscription. ``before``: what was otherwise."""

    before = fields.Dict(keys=fields.String(), required=True)


class SubscriptionPaused(Event):
    """Nothing is brought on it for a while; ``until`` null: until it is resumed."""

    subscriber = EntityCode(required=True)
    subscription = Slug(required=True)
    until = Instant(required=True, allow_none=True)


class SubscriptionResumed(Event):
    """It goes on. ``since``: the instant from which it was silent; ``catch_up``: whether what was announced since then is brought."""

    subscriber = EntityCode(required=True)
    subscription = Slug(required=True)
    since = Instant(required=True)
    catch_up = fields.Boolean(required=True)


class SubscriptionSuspended(Event):
    """We stopped: its target fails or refuses, or nobody reads its queue. Its owner is told by a note."""

    subscriber = EntityCode(required=True)
    subscription = Slug(required=True)
    because = Line(required=True, max=300)


class SecretReplaced(Event):
    """A subscription has a new secret; it is in no event."""

    subscriber = EntityCode(required=True)
    subscription = Slug(required=True)


class CredentialsFetched(Event):
    """A subscriber's own people were told how to read its queue; the credentials are in no event."""

    subscriber = EntityCode(required=True)
    subscription = Slug(required=True)


class SubscriptionEnded(Event):
    """Nothing more is sent on it, not even what was waiting."""

    subscriber = EntityCode(required=True)
    subscription = Slug(required=True)
    because = Line(required=True, max=300)


def _address(field: str, text: str) -> str:
    try:
        return mail_address(text)
    except ValidationError as error:
        raise ValidationError({field: error.messages_dict["target"]}) from None
