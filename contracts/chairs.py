"""What *chairs* hears and says: the composition of the Group, its terms and its rota.

Every instant is UTC; a period holds from ``since`` and until, but without, ``until``.
``letter`` names the letter or email by which an entity sent its word, when the
secretariat enters it on the entity's behalf; ``source`` where a thing of the past is written.
"""

from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, fields, validate

from contracts.base import (
    Answer,
    Command,
    Contract,
    Digest,
    EntityCode,
    Event,
    Instant,
    Language,
    Message,
    PageQuery,
    Query,
    Slug,
    Text,
    VersionedAnswer,
    Year,
    many,
    page_of,
)
from services.kernel import Composition, Entity, Membership, Seat, Term

TERM_STATES = ("proposed", "adopted", "begun", "ended", "unknown")


def _by_language(**kwargs: Any) -> fields.Dict:
    """A short text per language."""
    return fields.Dict(keys=Language(), values=Text(max=300, min=1), **kwargs)


def _codes(**kwargs: Any) -> fields.List:
    return fields.List(EntityCode(), **kwargs)


def _source() -> Text:
    return Text(max=500, min=1, load_default=None, allow_none=True)


class View(Message):
    """A part of what is told to others: its readers pass over what a newer producer added."""

    class Meta:
        unknown = EXCLUDE


class EntityView(View):
    """A UN body or other intergovernmental organization."""

    code = EntityCode(required=True)
    names = _by_language(required=True)
    acronyms = _by_language(required=True)


class PeriodView(View):
    """An entity's dated membership or seat; ``until`` is null while it lasts."""

    entity = EntityCode(required=True)
    since = Instant(required=True)
    until = Instant(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)


StandInView = View.from_dict(
    {"entity": EntityCode(required=True), "since": Instant(required=True), "for": EntityCode(required=True)}, name="StandInView"
)
"""``entity`` serves from ``since`` in the place of ``for``, who stepped down."""


class TermView(View):
    """One calendar year of chairmanship; ``chairs`` is empty when nobody knows."""

    year = fields.Integer(required=True)
    chairs = _codes(required=True)
    state = fields.String(required=True, validate=validate.OneOf(TERM_STATES))
    accepted = _codes(required=True)
    source = fields.String(required=True, allow_none=True)
    started_at = Instant(required=True, allow_none=True)
    ended_at = Instant(required=True, allow_none=True)
    stand_ins = fields.List(fields.Nested(StandInView), required=True)


class TurnView(View):
    """Who is to chair in a year; nobody, when no seat holds throughout it."""

    year = fields.Integer(required=True)
    chairs = _codes(required=True)


class CompositionView(View):
    """The Group at all its instants: mirrors ``services.kernel.Composition`` field by field."""

    entities = fields.Dict(keys=EntityCode(), values=fields.Nested(EntityView), required=True)
    memberships = fields.List(fields.Nested(PeriodView), required=True)
    seats = fields.List(fields.Nested(PeriodView), required=True)
    terms = fields.Dict(keys=fields.String(), values=fields.Nested(TermView), required=True)


_composition = CompositionView()


def composition_from(data: dict[str, Any]) -> Composition:
    """The composition in the data of ``composition_changed``, instants as text or already read.

    Raises marshmallow.ValidationError when ``data`` is not one.
    """
    read: dict[str, Any] = _composition.load(data)
    return Composition(
        entities={code: Entity(**entity) for code, entity in read["entities"].items()},
        memberships=[Membership(**period) for period in read["memberships"]],
        seats=[Seat(**period) for period in read["seats"]],
        terms={year: Term(**term) for year, term in read["terms"].items()},
    )


# ------------------------------------------------------------------ answers


class TroikaAnswer(Answer):
    """The outgoing, serving and incoming chairs, who act together (000 ¶34)."""

    outgoing = _codes()
    serving = _codes()
    incoming = _codes()


class TermAnswer(Answer):
    """A term as its reader may see it. ``state`` and ``serving`` are as of the instant asked for."""

    year = fields.Integer()
    begins = Instant()
    ends = Instant()
    chairs = _codes()
    serving = _codes(metadata={"description": "Who holds the chair at that instant, stand-ins counted; empty outside the term."})
    state = fields.String(validate=validate.OneOf(TERM_STATES))
    accepted = _codes()
    source = fields.String(allow_none=True)
    stand_ins = fields.List(fields.Nested(StandInView))


class GroupAnswer(VersionedAnswer):
    """The Group as of ``as_of``: who belongs, who sits, who chairs, who comes next."""

    as_of = Instant()
    members = _codes()
    seated = _codes()
    chairs = _codes()
    troika = fields.Nested(TroikaAnswer)
    term = fields.Nested(TermAnswer, allow_none=True)
    next_term = fields.Nested(TermAnswer, allow_none=True)


class WholeGroupAnswer(GroupAnswer, CompositionView):
    """The same with all entities, memberships, seats and terms on record."""


class PeriodAnswer(Answer):
    entity = EntityCode()
    since = Instant()
    until = Instant(allow_none=True)
    source = fields.String(allow_none=True)


class SwapAnswer(Answer):
    """Two entities' exchange of their years. ``state``: proposed, agreed, refused, lapsed."""

    swap = Slug()
    entity = EntityCode()
    year = fields.Integer()
    with_entity = EntityCode()
    with_year = fields.Integer()
    state = fields.String()


class OfferAnswer(Answer):
    """An entity's word that it would co-chair ``year`` with another, who has not said so yet."""

    year = fields.Integer()
    entity = EntityCode()
    with_entity = EntityCode()


class TabledAnswer(Answer):
    """The proposal last put before the Group; ``current`` while the rota would still propose the same."""

    turns = fields.List(fields.Nested(TurnView))
    proposed_at = Instant()
    person = fields.String()
    current = fields.Boolean()


class AdoptionAnswer(Answer):
    """An order the Group adopted, who entered it, and where the decision is written."""

    turns = fields.List(fields.Nested(TurnView))
    adopted_at = Instant()
    person = fields.String()
    decision = fields.String(allow_none=True)


class RotaAnswer(VersionedAnswer):
    """The coming years; within the Group also what is tabled, offered and was adopted."""

    as_of = Instant()
    turns = fields.List(fields.Nested(TermAnswer))
    tabled = fields.Nested(TabledAnswer, allow_none=True)
    adoptions = fields.List(fields.Nested(AdoptionAnswer))
    swaps = fields.List(fields.Nested(SwapAnswer))
    offers = fields.List(fields.Nested(OfferAnswer))


class RecordOfEntity(Answer):
    """An entity's turns. ``chaired``: the years it held the chair, stand-ins counted; ``coming``: those it is adopted for and, within
    the Group, those the rota would give it. ``seated_years``: whole and begun calendar years with a seat, as of the asking; ``share``:
    its fair share of the chair, the sum over the terms on record of as many parts as chairs held them, in as many as were seated when
    they began; ``balance``: times chaired less that, above nothing for who chaired more than its share. ``rank``: its place in the order
    of *longest ago*, the first being 1; null without a seat."""

    entity = EntityCode()
    chaired = fields.List(fields.Integer())
    coming = fields.List(fields.Integer())
    last = fields.Integer(allow_none=True)
    seated_since = Instant(allow_none=True)
    seated_years = fields.Integer()
    share = fields.Float()
    balance = fields.Float()
    rank = fields.Integer(allow_none=True)


class TermInHistory(TermAnswer):
    """``changes``: how often who is to chair changed after the year was first adopted; a year left to nobody counts twice, since it falls
    back to what is proposed. So an entry in a calendar can tell that it is newer."""

    changes = fields.Integer()


class HistoryAnswer(VersionedAnswer):
    """Who chaired, chairs and will chair, year after year; what is not adopted yet stands ``proposed``, for the Group alone.
    ``longest_ago``: the seated entities in the order in which the rota would take them."""

    as_of = Instant()
    terms = fields.List(fields.Nested(TermInHistory))
    entities = fields.List(fields.Nested(RecordOfEntity))
    longest_ago = _codes()


HANDOVER_STATES = ("coming", "open", "signed", "escalated", "not_needed")
SIDES = ("outgoing", "incoming")
MATTERS = ("activity", "document", "meeting", "briefing", "action_item", "plan")


class MatterView(View):
    """Something open that a new chair inherits, as another service's events told of it. ``state``: that service's word."""

    kind = fields.String(required=True, validate=validate.OneOf(MATTERS))
    id = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True)
    lead = fields.String(required=True, allow_none=True)
    due = Instant(required=True, allow_none=True)
    link = fields.String(required=True, metadata={"description": "Path of its page."})
    told_at = Instant(required=True)


class HandoverNoteAnswer(Answer):
    at = Instant()
    person = fields.String()
    entity = fields.String(allow_none=True)
    text = fields.String()


class SignatureAnswer(Answer):
    """``digest``: of the dossier as it stood when it was signed; ``current``: whether it is what the handover shows."""

    entity = EntityCode()
    side = fields.String(validate=validate.OneOf(SIDES))
    at = Instant()
    person = fields.String()
    letter = fields.String(allow_none=True)
    digest = fields.String()
    current = fields.Boolean()


class SignedAnswer(Answer):
    """A text that was signed, as it then stood."""

    digest = fields.String()
    dossier = fields.List(fields.Nested(MatterView))
    notes = fields.List(fields.Nested(HandoverNoteAnswer))


class ReminderAnswer(Answer):
    """``at``: when it falls; ``sent``: whether it went."""

    days = fields.Integer()
    at = Instant()
    sent = fields.Boolean()


class HandoverAnswer(VersionedAnswer):
    """The handover to the chairs of ``year`` at ``at``, 1 January. ``state``: ``coming`` before T−90, ``open``, ``signed`` by every
    outgoing and incoming chair, ``escalated`` to the secretariat when it was not signed at T (it can still be signed), or ``not_needed``
    when the same entities go on. ``dossier``: what is open, soonest due first, and ``digest`` names it with the notes. Once it is
    ``signed`` these three are for good those of the last signature. ``signed``: the other texts that were signed, by which each
    signature's can be read."""

    year = fields.Integer()
    at = Instant()
    outgoing = _codes()
    incoming = _codes()
    state = fields.String(validate=validate.OneOf(HANDOVER_STATES))
    reminders = fields.List(fields.Nested(ReminderAnswer))
    dossier = fields.List(fields.Nested(MatterView))
    notes = fields.List(fields.Nested(HandoverNoteAnswer))
    digest = fields.String()
    signatures = fields.List(fields.Nested(SignatureAnswer))
    signed = fields.List(fields.Nested(SignedAnswer))
    unsigned = _codes()
    escalated_at = Instant(allow_none=True)


CONSEQUENCES = (
    "term_begins",
    "swap_lapses",
    "offer_lapses",
    "handover_escalated",
    "handover_unsigned",
    "year_without_chair",
    "year_unknown",
)
"""What comes of it when nothing is done, each said in full in ``consequence``."""


class AwaitedAnswer(Answer):
    """One thing that awaits an entity here, and what happens if it does nothing: a sentence in English, and the stable word for it."""

    what = fields.String(metadata={"description": "The command that would answer it."})
    title = fields.String()
    link = fields.String()
    deadline = Instant(allow_none=True)
    consequence = fields.String()
    consequence_code = fields.String(validate=validate.OneOf(CONSEQUENCES))
    year = fields.Integer()
    swap = fields.String(allow_none=True)
    with_entity = fields.String(allow_none=True)


class AwaitingAnswer(Answer):
    items = fields.List(fields.Nested(AwaitedAnswer))


# ------------------------------------------------------------------ commands


class Turn(Message):
    """Who is to chair in a year of an adopted order."""

    year = Year(required=True)
    chairs = many(EntityCode(), max=20, required=True)


class RegisterEntity(Command):
    """The secretariat makes an entity known, so that it can belong to the Group."""

    answer = GroupAnswer
    code = EntityCode(required=True)
    names = _by_language(required=True, validate=validate.Length(min=1))
    acronyms = _by_language(load_default=dict)


class StartMembership(Command):
    """The secretariat enters an entity as a member from ``since`` (now, when not given)."""

    answer = GroupAnswer
    entity = EntityCode(required=True)
    since = Instant(load_default=None, allow_none=True)
    until = Instant(load_default=None, allow_none=True)
    source = _source()


class EndMembership(Command):
    """The secretariat ends an entity's membership at ``until`` (now, when not given), before any end it had."""

    answer = GroupAnswer
    entity = EntityCode(required=True)
    until = Instant(load_default=None, allow_none=True)
    source = _source()


class TakeSeat(Command):
    """A member declares its wish to take part in the working group and sits from ``since``
    (now, when not given) (000 ¶28). What lies in the past, the secretariat enters with its source."""

    answer = GroupAnswer
    entity = EntityCode(required=True)
    since = Instant(load_default=None, allow_none=True)
    until = Instant(load_default=None, allow_none=True)
    source = _source()


class GiveUpSeat(Command):
    """An entity declares that it leaves the working group at ``until`` (now, when not given), before any end its
    seat had."""

    answer = GroupAnswer
    entity = EntityCode(required=True)
    until = Instant(load_default=None, allow_none=True)
    source = _source()


class RecordTerm(Command):
    """The secretariat enters who chaired a year that has begun or gone, with the source; or that nobody knows."""

    answer = GroupAnswer
    year = Year(required=True)
    chairs = many(EntityCode(), max=20, load_default=list)
    nobody_knows = fields.Boolean(load_default=False)
    source = _source()


class ProposeRota(Command):
    """The chair or the secretariat puts before the Group the rota of ``years`` years from ``first_year``
    (the first without a chair, when not given), ``together`` entities to a term."""

    answer = RotaAnswer
    first_year = Year(load_default=None, allow_none=True)
    years = fields.Integer(strict=True, load_default=3, validate=validate.Range(min=1, max=30))
    together = fields.Integer(strict=True, load_default=1, validate=validate.Range(min=1, max=20))


class AdoptRota(Command):
    """The secretariat enters the order the Group adopted; it holds even where it differs from the proposal."""

    answer = RotaAnswer
    turns = many(Turn, max=30, required=True)
    decision = Text(max=500, min=1, load_default=None, allow_none=True)


class _OwnWord(Message):
    """An entity's word, by its focal point or alternate, or by the secretariat from a letter."""

    answer: ClassVar[type[Schema]] = RotaAnswer
    letter = _source()


class AcceptTerm(_OwnWord, Command):
    """An entity accepts the year it was adopted for."""

    year = Year(required=True)
    entity = EntityCode(required=True)


class DeclineTerm(_OwnWord, Command):
    """An entity declines its year: the next in order moves up, and it takes that one's place."""

    year = Year(required=True)
    entity = EntityCode(required=True)


class ProposeSwap(_OwnWord, Command):
    """An entity asks another to exchange their years."""

    entity = EntityCode(required=True)
    year = Year(required=True)
    with_entity = EntityCode(required=True)
    with_year = Year(required=True)


class AgreeSwap(_OwnWord, Command):
    """The entity that was asked agrees, and the years are exchanged."""

    swap = Slug(required=True)


class RefuseSwap(_OwnWord, Command):
    """The entity that was asked refuses, or the one that asked takes it back."""

    swap = Slug(required=True)


class CoChair(_OwnWord, Command):
    """An entity says it would co-chair a year with another. Once both have said so, they do."""

    year = Year(required=True)
    entity = EntityCode(required=True)
    with_entity = EntityCode(required=True)


class StepDown(_OwnWord, Command):
    """A serving chair steps down; the incoming chair serves the rest of the year, and its own year too."""

    year = Year(required=True)
    entity = EntityCode(required=True)


class NoteHandover(Command):
    """An outgoing or serving chair, or the secretariat, writes into the dossier what no record holds, until all have signed it."""

    answer = HandoverAnswer
    year = Year(required=True)
    text = Text(required=True, max=10_000)


class SignHandover(Command):
    """An outgoing or incoming chair signs the dossier of that exact ``digest``, from T−90 on; what moves afterwards is shown, and it
    may sign again until all have."""

    answer = HandoverAnswer
    year = Year(required=True)
    entity = EntityCode(required=True)
    digest = Digest(required=True)
    letter = _source()


# ------------------------------------------------------------------ queries


class GetGroup(Query):
    """The whole composition, and who belongs, sits and chairs as of an instant."""

    answer = WholeGroupAnswer
    as_of = Instant(load_default=None, allow_none=True)


class Overview(Query):
    """Who chairs, the troika, the seats and the next term as of an instant."""

    answer = GroupAnswer
    as_of = Instant(load_default=None, allow_none=True)


class Entities(PageQuery):
    """The entities known, by code."""

    answer = page_of(EntityView, "EntityPage")


class Members(PageQuery):
    """The memberships as of an instant, or with ``history`` all on record."""

    answer = page_of(PeriodAnswer, "MembershipPage")
    as_of = Instant(load_default=None, allow_none=True)
    history = fields.Boolean(load_default=False)


class Seats(PageQuery):
    """The seats as of an instant, or with ``history`` all on record."""

    answer = page_of(PeriodAnswer, "SeatPage")
    as_of = Instant(load_default=None, allow_none=True)
    history = fields.Boolean(load_default=False)


class Terms(PageQuery):
    """Every year from the first on record to the last adopted; a year nobody knows is shown unknown."""

    answer = page_of(TermAnswer, "TermPage")
    as_of = Instant(load_default=None, allow_none=True)


class Rota(Query):
    """The coming ``years`` years as of an instant: adopted, and beyond that as the rota proposes them."""

    answer = RotaAnswer
    as_of = Instant(load_default=None, allow_none=True)
    years = fields.Integer(load_default=6, validate=validate.Range(min=1, max=30))


class History(Query):
    """Who chaired, chairs and will chair, ``years`` ahead of the instant asked for; how often each did, and how fair that was."""

    answer = HistoryAnswer
    as_of = Instant(load_default=None, allow_none=True)
    years = fields.Integer(load_default=6, validate=validate.Range(min=0, max=30))


class Handover(Query):
    """The handover to the chairs of ``year``, with its dossier; for the Group."""

    answer = HandoverAnswer
    year = Year(required=True)


class Awaiting(Query):
    """What awaits an entity here; without one, the asker's own entity or the secretariat."""

    answer = AwaitingAnswer
    entity = EntityCode(load_default=None, allow_none=True)


# ------------------------------------------------------------------ events


class EntityRegistered(Event):
    """An entity was made known."""

    code = EntityCode(required=True)
    names = _by_language(required=True)
    acronyms = _by_language(required=True)


class MembershipStarted(PeriodView, Event):
    """An entity belongs to the Group from ``since``."""


class MembershipEnded(PeriodView, Event):
    """An entity's membership ends at ``until``. ``earlier``: the end that it had before, or null."""

    earlier = Instant(load_default=None, allow_none=True)


class SeatTaken(PeriodView, Event):
    """An entity sits in the working group from ``since``."""


class SeatGivenUp(PeriodView, Event):
    """An entity's seat ends at ``until``. ``earlier``: the end that it had before, or null."""

    earlier = Instant(load_default=None, allow_none=True)


class TermRecorded(Event):
    """A year that has begun or gone was entered from its source; without chairs, as unknown."""

    year = fields.Integer(required=True)
    chairs = _codes(required=True)
    source = fields.String(required=True, allow_none=True)


class RotaProposed(Event):
    """A rota was put before the Group."""

    turns = fields.List(fields.Nested(TurnView), required=True)


class RotaAdopted(Event):
    """The Group adopted an order; ``proposed`` is what the rota would have been for the same years."""

    turns = fields.List(fields.Nested(TurnView), required=True)
    proposed = fields.List(fields.Nested(TurnView), required=True)
    decision = fields.String(required=True, allow_none=True)


class TermAdopted(Event):
    """``chairs`` are to chair ``year``: by adoption, or because the order moved. ``earlier``: who was to before."""

    year = fields.Integer(required=True)
    chairs = _codes(required=True)
    earlier = _codes(required=True)


class TermAccepted(Event):
    """An entity accepted its year."""

    year = fields.Integer(required=True)
    entity = EntityCode(required=True)
    letter = fields.String(required=True, allow_none=True)


class TermDeclined(Event):
    """An entity declined ``year``, ``moved_up`` take it, and the entity has its place in ``instead``
    (null when its seat ends before there is one)."""

    year = fields.Integer(required=True)
    entity = EntityCode(required=True)
    moved_up = _codes(required=True)
    instead = fields.Integer(required=True, allow_none=True)
    letter = fields.String(required=True, allow_none=True)


class TermVacated(Event):
    """Nobody with a seat can serve an adopted year any more."""

    year = fields.Integer(required=True)
    earlier = _codes(required=True)


class _SwapFact(Message):
    swap = Slug(required=True)
    entity = EntityCode(required=True)
    year = fields.Integer(required=True)
    with_entity = EntityCode(required=True)
    with_year = fields.Integer(required=True)
    letter = fields.String(required=True, allow_none=True)


class SwapProposed(_SwapFact, Event):
    """``entity`` asked ``with_entity`` to exchange their years."""


class SwapAgreed(_SwapFact, Event):
    """The years were exchanged; ``year`` and ``with_year`` are those from before."""


class SwapRefused(_SwapFact, Event):
    """The swap was refused, or taken back by who asked."""


class CoChairOffered(Event):
    """``entity`` would co-chair ``year`` with ``with_entity``, who has not said so yet."""

    year = fields.Integer(required=True)
    entity = EntityCode(required=True)
    with_entity = EntityCode(required=True)
    letter = fields.String(required=True, allow_none=True)


class CoChairAgreed(Event):
    """Both said so: ``chairs`` chair ``year`` together."""

    year = fields.Integer(required=True)
    entity = EntityCode(required=True)
    with_entity = EntityCode(required=True)
    chairs = _codes(required=True)
    letter = fields.String(required=True, allow_none=True)


class ChairSteppedDown(Event):
    """``entity`` no longer chairs ``year``; ``stand_ins`` serve the rest."""

    year = fields.Integer(required=True)
    entity = EntityCode(required=True)
    stand_ins = _codes(required=True)
    since = Instant(required=True)
    letter = fields.String(required=True, allow_none=True)


class TermStarted(Event):
    """A term began, by the calendar alone: dated 1 January 00:00Z, however late it was noticed."""

    year = fields.Integer(required=True)
    chairs = _codes(required=True)


class TermEnded(Event):
    """A term ended, by the calendar alone: dated 1 January 00:00Z of the next year."""

    year = fields.Integer(required=True)
    chairs = _codes(required=True)


class TermMissed(Event):
    """A year began after a term had ended, and nobody was adopted for it."""

    year = fields.Integer(required=True)


class CompositionChanged(CompositionView, Event):
    """The whole composition after a change, last of the change's events; the newest sequence wins."""


class HandoverReminded(Event):
    """The chair passes on in ``days``: ninety, thirty, seven, none. ``entities``: the troika, whom it concerns, as far as they still
    belong; ``unsigned``: those who have not signed the dossier; ``incoming`` is empty while nobody is adopted. Dated ``at`` the instant
    it fell, however late it was noticed."""

    year = fields.Integer(required=True)
    at = Instant(required=True)
    days = fields.Integer(required=True)
    entities = _codes(required=True)
    outgoing = _codes(required=True)
    incoming = _codes(required=True)
    unsigned = _codes(required=True)


class HandoverNoted(Event):
    """A chair wrote into the dossier what no record holds."""

    year = fields.Integer(required=True)
    entity = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)


class HandoverSigned(Event):
    """An entity signed the dossier as ``digest`` names it; ``dossier`` and ``notes`` are what it signed."""

    year = fields.Integer(required=True)
    entity = EntityCode(required=True)
    side = fields.String(required=True)
    digest = fields.String(required=True)
    letter = fields.String(required=True, allow_none=True)
    dossier = fields.List(fields.Nested(MatterView), required=True)
    notes = fields.List(fields.String(), required=True)


class HandoverCompleted(Event):
    """Both sides signed. ``late``: after the term began. Told again when other chairs had to sign after that, and have."""

    year = fields.Integer(required=True)
    outgoing = _codes(required=True)
    incoming = _codes(required=True)
    late = fields.Boolean(required=True)


class HandoverEscalated(Event):
    """The term began and the dossier was not signed by both sides: the secretariat is told who is missing. Nobody may be, where nobody
    was adopted to sign for the new side."""

    year = fields.Integer(required=True)
    unsigned = _codes(required=True)


contract = Contract("chairs", __name__)
