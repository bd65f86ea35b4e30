"""Matters, and what becomes of them: numbered, brought to those who asked, or fetched by them; sent again, replayed, previewed."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from contracts.base import Answer, Command, EntityCode, Event, Instant, Language, Message, PageQuery, Query, Slug, many, page_of
from contracts.notifications.parts import (
    DELIVERY_STATES,
    HIGHEST_NUMBER,
    PURPOSES,
    TOPICS,
    Channel,
    Matter,
    Note,
    Number,
    NumberedMatter,
    Token,
    Topic,
    Words,
)
from contracts.notifications.subscribers import OfSubscription


class DeliveryAnswer(Answer):
    """One delivery record. ``topic``, ``number`` and ``title`` are null where it brings no single matter; ``items`` are those of a
    digest. ``held_until``: of one that waits for its digest or for quiet hours to end; ``due``: the next attempt of one that waits;
    ``why``: the reason of the last failure, or why it waits, in English. Where that is one of the platform's own reasons, ``why_code``
    names it (such codes are added and never change their meaning), ``why_said`` says it in English and French, and ``why_quoted`` holds
    what another server said, in its own words; all three are null otherwise, as in records from before there were codes. ``replay``: the
    order by which it was brought once more."""

    id = Slug()
    purpose = fields.String(validate=validate.OneOf(PURPOSES))
    topic = Topic(allow_none=True)
    number = fields.Integer(allow_none=True)
    title = fields.String(allow_none=True)
    subscriber = EntityCode()
    subscription = fields.String(metadata={"description": "Of an invitation: the one that accepting it makes."})
    channel = Channel()
    target = fields.String()
    state = fields.String(validate=validate.OneOf(DELIVERY_STATES))
    attempts = fields.Integer()
    announced_at = Instant()
    held_until = Instant(allow_none=True)
    due = Instant(allow_none=True)
    sent_at = Instant(allow_none=True)
    why = fields.String(allow_none=True)
    why_code = Slug(allow_none=True)
    why_said = fields.Nested(Words, allow_none=True)
    why_quoted = fields.String(allow_none=True)
    items = fields.List(fields.String(), metadata={"description": "Of a digest: what it holds, as publications/3."})
    replay = fields.String(allow_none=True)


class Tally(Answer):
    """How many deliveries were sent, were given up, still wait (the held ones among them)."""

    sent = fields.Integer()
    failed = fields.Integer()
    waiting = fields.Integer()


class DeliverySummaryAnswer(Tally):
    """Deliveries of matters (what concerns one subscriber alone is not counted), over all, by channel, and by subscriber's code. Counted
    is what was announced from ``since`` on, whole matters, so that it is the newest 50,000 deliveries and a few more; null where there are
    no more than these, and all that ever were are counted."""

    since = Instant(allow_none=True)
    by_channel = fields.Dict(keys=fields.String(), values=fields.Nested(Tally))
    by_mission = fields.Dict(keys=fields.String(), values=fields.Nested(Tally))


class BoardRow(Tally):
    """How the deliveries of one matter stand. ``fan_out``: whether all that will be recorded are."""

    topic = Topic()
    number = fields.Integer()
    title = fields.Dict(keys=fields.String(), values=fields.String())
    announced_at = Instant()
    fan_out = fields.String(validate=validate.OneOf(("running", "complete")))
    by_channel = fields.Dict(keys=fields.String(), values=fields.Nested(Tally))


class MattersAnswer(Answer):
    """Matters of a topic in the order of their numbers, without a hole but for those that are not for the asker; ``last`` is the
    highest number given so far, ``next`` the number to ask after when there are more: a page ends where it would grow too large, too."""

    topic = Topic()
    last = fields.Integer()
    items = fields.List(fields.Nested(NumberedMatter))
    next = fields.Integer(allow_none=True)


class InboxItem(Message):
    """One thing in the inbox: a matter with its topic and number, or a note to this subscriber alone (``note`` is its id). ``position``:
    where one has come who has seen it, and all before it; to whoever resumes."""

    id = fields.String(required=True, metadata={"description": "publications.3, or the note's id."})
    at = Instant(required=True)
    topic = Topic(load_default=None, allow_none=True)
    number = fields.Integer(load_default=None, allow_none=True)
    matter = fields.Nested(Matter, load_default=None, allow_none=True)
    note = fields.Nested(Note, load_default=None, allow_none=True)
    position = fields.String(load_default=None, allow_none=True)
    read = fields.Boolean()


class InboxAnswer(Answer):
    """What a subscriber's inbox holds, newest first, or oldest first for one that resumes. ``position``: give it back as ``since`` to be
    told what came after; also the ``Last-Event-ID`` of the live stream, as each item's is. ``unread``: how many. A page ends, with a
    ``next``, where it would grow too large, too."""

    subscriber = EntityCode()
    items = fields.List(fields.Nested(InboxItem))
    position = fields.String()
    unread = fields.Integer()
    next = fields.String(allow_none=True)


class FeedAnswer(Answer):
    """What a feed shows: its matters, newest first, in the language it was asked for. ``updated_at``: when the newest was announced."""

    id = fields.String(metadata={"description": "The feed's own name for ever: the subscription, or the topic."})
    subscriber = fields.String(allow_none=True)
    language = Language()
    topics = many(Topic())
    updated_at = Instant(allow_none=True)
    items = fields.List(fields.Nested(NumberedMatter))


class PreviewAnswer(Answer):
    """What a mail would be, and nothing that is kept: ``calendar`` is its iCalendar part, null without one; ``reach``: how many
    subscriptions of each channel would be told."""

    subject = fields.String()
    text = fields.String()
    html = fields.String()
    calendar = fields.String(allow_none=True)
    notice = fields.Dict(metadata={"description": "The body a webhook and a queue would carry."})
    reach = fields.Dict(keys=fields.String(), values=fields.Integer())


class ReplayAnswer(Answer):
    """How many matters are brought once more; their deliveries carry the order's id as ``replay``."""

    replay = fields.String()
    matters = fields.Integer()


# Orders ---------------------------------------------------------------------------------------------------------------------------------


class SendAgain(Command):
    """One delivery that was given up, or waits for its next attempt, is tried anew at once. One that was sent is not sent twice; one that
    was tried anew within the minute, or five times within the hour, is not yet (rule ``again-too-soon``)."""

    answer = DeliveryAnswer
    delivery = Slug(required=True)


class Replay(OfSubscription, Command):
    """The secretariat brings a subscription the matters of a topic once more, from ``since`` (not included) to ``until``: only those it
    asked for, and may be told. They come under new ids, since those who receive pass over an id that they have had."""

    answer = ReplayAnswer
    topic = Topic(required=True)
    since = fields.Integer(load_default=0, validate=validate.Range(min=0, max=HIGHEST_NUMBER))
    until = Number(load_default=None, allow_none=True)


class MarkRead(Command):
    """A subscriber's own people have read what stands in its inbox up to a ``position`` that the inbox answered."""

    answer = InboxAnswer
    subscriber = EntityCode(required=True)
    position = fields.String(required=True, validate=validate.Regexp(r"^[a-z0-9.~-]{0,200}\Z", error="A position of the inbox."))


class ReportBounce(Command):
    """What came back for a mail: the platform's own receiver of bounces tells it. ``token``: of the address that the mail was sent
    from (VERP); ``status``: the enhanced status code (RFC 3463) of a delivery status notification (RFC 3464), or ``complaint`` (RFC
    5965). A permanent failure (5.x.x) and a complaint suspend the subscription and suppress its address; a third transient one (4.x.x)
    in fourteen days does as well; a refusal by policy (5.7.x), as often about the sender as about the address, counts as one."""

    answer = Answer
    token = Token(required=True)
    status = fields.String(
        required=True, validate=validate.Regexp(r"^([245]\.\d{1,3}\.\d{1,3}|complaint)\Z", error="As 5.1.1, or complaint.")
    )
    diagnostic = fields.String(load_default="", validate=validate.Length(max=500))


# Questions ------------------------------------------------------------------------------------------------------------------------------


class Deliveries(PageQuery):
    """Deliveries, newest first: all of them to the secretariat, its own to a subscriber."""

    answer = page_of(DeliveryAnswer)
    subscriber = EntityCode(load_default=None, allow_none=True)
    subscription = Slug(load_default=None, allow_none=True)
    purpose = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(PURPOSES))
    topic = Topic(load_default=None, allow_none=True)
    number = Number(load_default=None, allow_none=True)
    state = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(DELIVERY_STATES))
    channel = Channel(load_default=None, allow_none=True)


class DeliverySummary(Query):
    """How many of the newest deliveries of matters were sent, failed, wait: of all for the secretariat, of its own for a subscriber."""

    answer = DeliverySummaryAnswer
    subscriber = EntityCode(load_default=None, allow_none=True)


class DeliveryBoard(PageQuery):
    """The newest matters, each with how its deliveries stand: over all for the secretariat, its own for a subscriber."""

    answer = page_of(BoardRow)
    subscriber = EntityCode(load_default=None, allow_none=True)


class Matters(Query):
    """The matters of a topic after the number ``since``: how a mission's software resumes. They are public; those of ``reminders`` are
    shown to the people of an entity they are for, and all of them to the secretariat."""

    answer = MattersAnswer
    topic = Topic(required=True)
    since = fields.Integer(load_default=0, validate=validate.Range(min=0, max=HIGHEST_NUMBER))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class Inbox(Query):
    """A subscriber's inbox: what its ``inbox`` subscriptions ask for, and the notes to it alone. To its own people and the secretariat.
    ``since``: a position, for what came after it, oldest first; without it the newest first, ``before`` a page's ``next``."""

    answer = InboxAnswer
    subscriber = EntityCode(required=True)
    since = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    before = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class Feed(Query):
    """What the bearer of a feed's secret address is shown (``token``): public matters alone. An address that was replaced, ended or
    never was is not found."""

    answer = FeedAnswer
    token = Token(required=True)


class PublicFeed(Query):
    """A public topic's feed, for everyone."""

    answer = FeedAnswer
    topic = fields.String(required=True, validate=validate.OneOf([topic for topic in TOPICS if topic != "reminders"]))
    language = Language(load_default="en")


class Preview(Query):
    """How a matter reads in a mail, to the secretariat alone, before or after it goes out; nothing of it is kept. Either one that has a
    number (``topic`` and ``number``), or one to come: ``event``, the name of the event that would announce it (as
    ``workplan.briefing_announced``), and its ``payload`` by that event's contract."""

    answer = PreviewAnswer
    topic = Topic(load_default=None, allow_none=True)
    number = Number(load_default=None, allow_none=True)
    event = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=100))
    payload = fields.Dict(load_default=None, allow_none=True)
    language = Language(load_default="en")

    @post_load
    def one_way(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        ways = [[data[name] is not None for name in way] for way in (("topic", "number"), ("event", "payload"))]
        if sorted(map(sum, ways)) != [0, 2]:
            raise ValidationError({"event": ["Either a topic and a number, or an event and its payload."]})
        return data


# Facts ----------------------------------------------------------------------------------------------------------------------------------


class Announced(Event):
    """A topic gave a matter its number; it is now brought to those who asked for it."""

    topic = Topic(required=True)
    number = Number(required=True, strict=True)
    matter = fields.Nested(Matter, required=True)


class Replayed(Event):
    """Matters of a topic are brought to one subscription once more."""

    subscriber = EntityCode(required=True)
    subscription = Slug(required=True)
    topic = Topic(required=True)
    since = fields.Integer(required=True)
    until = fields.Integer(required=True)
    replay = fields.String(required=True)
