"""A meeting of the Group: called, replied to, held, and what came of it; one calendar entry through all of it."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, NoReturn

from services.kernel import Actor, Aggregate, Composition, Refusal, written
from services.kernel.rights import Standing
from services.workplan.rules.briefing import check_papers, plain
from services.workplan.rules.rights import RIGHTS, ToThing

CALLED = ("title", "starts_at", "ends_at", "place", "link", "agenda", "papers")
"""The fields of a meeting's call, and what may change of them."""

LONGEST = timedelta(days=14)
FULL_AGENDA = 50
MEETING_REMINDERS = (7, 1)
"""Days before it begins at which those expected are reminded of a meeting."""

ACTION_REMINDERS = (7, 0, -7)
"""Days before it is due at which its owner is reminded of an open action item; the last when it is a week late."""

ASKED = timedelta(days=30)
"""How long before it begins a meeting awaits an entity's reply."""

ONLINE = "online"
"""The place, in any case, of a meeting that is held at no place; one of the past may have lost its link."""

OPEN, DONE, DROPPED = "open", "done", "dropped"


@dataclass
class AgendaItem:
    """``entity``: who asked for it; None when the chair put it there. ``papers``: each ``{"title", "url"}``."""

    item: str
    title: str
    papers: list[dict] = field(default_factory=list)
    entity: str | None = None


@dataclass
class Reply:
    """An entity's latest word on whether it comes: ``yes``, ``no`` or ``tentative``; said by ``person``, from ``letter``
    where the secretariat entered it."""

    entity: str
    attending: str
    people: list[str]
    at: datetime
    person: str
    letter: str = ""


@dataclass
class Attendance:
    """Whether an entity was there, and its people."""

    entity: str
    attended: bool = True
    people: list[str] = field(default_factory=list)


@dataclass
class Decision:
    """What the meeting decided, under ``item`` of its agenda where it was under one; recorded by ``person``."""

    decision: str
    text: str
    item: str | None
    at: datetime
    person: str


@dataclass
class Action:
    """What an entity took upon itself. ``state``: open, done or dropped; ``note``: how it was done, or why it was dropped.
    ``revision`` is its calendar entry's SEQUENCE. Its reminders up to ``reminded`` are over."""

    action: str
    what: str
    owner: str
    due: datetime
    revised_at: datetime
    reminded: datetime
    state: str = OPEN
    settled_at: datetime | None = None
    note: str = ""
    revision: int = 0


@dataclass
class Meeting(Aggregate):
    """``revision`` is its calendar entry's SEQUENCE: it grows when what a calendar shows, or the agenda, changes.

    The clock reminds those expected, and it is not told the composition of the Group: ``expected`` are the entities that had a
    seat as of the last order that changed something here (as of the beginning, once the meeting had begun). ``moved_at``: when
    the present time was set; a reply from before it answered another time. Reminders up to ``reminded`` are over: told, or
    already past when the meeting was called or moved.
    """

    id: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    called_at: datetime
    revised_at: datetime
    moved_at: datetime
    reminded: datetime
    link: str | None = None
    agenda: list[AgendaItem] = field(default_factory=list)
    papers: list[dict] = field(default_factory=list)
    revision: int = 0
    cancelled_at: datetime | None = None
    reason: str | None = None
    expected: list[str] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    attendance: list[Attendance] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    @property
    def uid(self) -> str:
        """Its calendar entry's UID, the same for ever."""
        return f"meeting-{self.id}@icat"

    # Before it

    @classmethod
    def call(cls, id: str, *, by: Actor, at: datetime, composition: Composition, agenda: Iterable[dict] = (), **told: Any) -> "Meeting":
        """The chair, or the secretariat for it, calls a meeting to come; one of the past the secretariat alone enters, for the
        record. ``told``: the other fields of ``CALLED``."""
        RIGHTS.must("call_meeting", Standing(by, at, composition))
        meeting = cls(id, **told, agenda=_itemized(agenda, []), called_at=at, revised_at=at, moved_at=at, reminded=at)
        meeting._check(at, moved=True, past=RIGHTS.may("call_meeting.past", Standing(by, at, composition)))
        meeting._tell("meeting_called", at, composition, agenda=meeting._agenda())
        return meeting

    def call_again(self, *, by: Actor, at: datetime, composition: Composition) -> NoReturn:
        """Only who could call a meeting is told that this one is there."""
        RIGHTS.must("call_meeting", Standing(by, at, composition))
        raise Refusal.conflict(f"There is a meeting {self.id} already.", rule="exists", field="meeting")

    def change(self, changes: dict, *, reason: str, by: Actor, at: datetime, composition: Composition) -> None:
        """Move or reword it; what is not among ``changes`` stays. Once it is over, the secretariat alone corrects its record."""
        who = self._enter("change_meeting", by, at, composition)
        self._must_stand()
        keeps_the_record = RIGHTS.may("change_meeting.past", who)
        if at >= self.ends_at and not keeps_the_record:
            raise Refusal.too_late(f"This meeting ended on {_day(self.ends_at)}; the secretariat corrects its record.", rule="meeting-over")
        if "agenda" in changes:
            changes = changes | {"agenda": _itemized(changes["agenda"], self.agenda)}
        changed = replace(self, **changes)
        changed._check(at, moved=changed.starts_at != self.starts_at, past=keeps_the_record)
        before = {name: _earlier(getattr(self, name)) for name in CALLED if getattr(self, name) != getattr(changed, name)}
        if not before:
            return
        for name in before:
            setattr(self, name, getattr(changed, name))
        if set(before) != {"papers"}:  # which no calendar shows
            self._revise(at)
        if "starts_at" in before:
            self.moved_at = self.reminded = at
        self.reason = reason or None
        self._tell("meeting_changed", at, composition, agenda=self._agenda(), before=before, reason=reason)

    def cancel(self, reason: str, *, by: Actor, at: datetime, composition: Composition) -> None:
        """It will not be held."""
        self._enter("cancel_meeting", by, at, composition)
        self._must_stand()
        if at >= self.ends_at:
            raise Refusal.too_late(f"This meeting was held on {_day(self.ends_at)}.", rule="meeting-over")
        if self._is_on_record:
            raise Refusal.conflict("What came of this meeting is on record, so it was held.", rule="meeting-on-record")
        self._revise(at)
        self.cancelled_at, self.reason = at, reason
        self._tell("meeting_cancelled", at, composition, reason=reason)

    def propose_item(
        self, title: str, *, by: Actor, at: datetime, composition: Composition, item: str | None = None, papers: Iterable[dict] = ()
    ) -> None:
        """A member asks that something be on the agenda; it comes last, and the chair may reorder."""
        self._enter("propose_agenda_item", by, at, composition)
        self._must_be_ahead(at)
        if len(self.agenda) >= FULL_AGENDA:
            raise Refusal.conflict(f"An agenda has at most {FULL_AGENDA} items.", rule="agenda-full")
        papers = list(papers)
        check_papers(papers)
        id = _own_id("item", item, [known.item for known in self.agenda])
        entity = by.entity if by.entity is not None and by.speaks_for(by.entity) else None
        self.agenda = [*self.agenda, AgendaItem(id, title, papers, entity)]
        self._revise(at)
        self._note("agenda_item_proposed", at, composition, item=id, what=title, entity=entity)

    def reply(
        self, entity: str, attending: str, people: list[str], *, by: Actor, at: datetime, composition: Composition, letter: str = ""
    ) -> None:
        """A member says whether it comes, and who; until the meeting begins it may change its word. The secretariat enters it from
        the letter that says so."""
        self._enter("reply_to_meeting", by, at, composition, own=entity)
        self._must_be_ahead(at)
        invited = sorted({*composition.members(at), *self._expected(at, composition)})
        if entity not in invited:
            raise Refusal.invalid("entity", f"{entity} is no member of the Group.", rule="meeting-member", accepted=invited)
        if not by.speaks_for(entity) and not letter.strip():
            raise Refusal.invalid("letter", "A reply entered on behalf of an entity names the letter it came by.", rule="on-behalf-letter")
        said = Reply(entity, attending, list(people), at, by.person, letter)
        earlier = next((reply for reply in self.replies if reply.entity == entity), None)
        if earlier and earlier.at >= self.moved_at and replace(said, at=earlier.at, person=earlier.person) == earlier:
            return
        self.replies = sorted([*(reply for reply in self.replies if reply is not earlier), said], key=lambda reply: reply.entity)
        self._note(
            "meeting_replied",
            at,
            composition,
            entity=entity,
            attending=attending,
            people=said.people,
            letter=letter,
            before=earlier.attending if earlier else None,
        )

    # What came of it

    def record_attendance(self, attendance: Iterable[dict], *, by: Actor, at: datetime, composition: Composition) -> None:
        """Who was there: each ``{"entity", "attended", "people"}``; entities not named stay as they were recorded."""
        self._enter("record_attendance", by, at, composition)
        self._must_have_begun(at)
        there = [Attendance(**given) for given in attendance]
        members = composition.members(self.starts_at)
        for i, one in enumerate(there):
            if one.entity not in members:
                raise Refusal.invalid(
                    f"attendance.{i}.entity",
                    f"{one.entity} was no member of the Group as of {_day(self.starts_at)}.",
                    rule="meeting-member",
                    accepted=members,
                )
            if one.entity in [other.entity for other in there[:i]]:
                raise Refusal.invalid(f"attendance.{i}.entity", f"{one.entity} is named twice.", rule="entity-once")
            if one.people and not one.attended:
                raise Refusal.invalid(
                    f"attendance.{i}.people", f"{one.entity} was not there, so none of its people were.", rule="attendance-people"
                )
        recorded = {one.entity: one for one in self.attendance}
        news = [one for one in there if one != recorded.get(one.entity)]
        if not news:
            return
        before = [asdict(recorded[one.entity]) for one in news if one.entity in recorded]
        recorded |= {one.entity: one for one in news}
        self.attendance = [recorded[entity] for entity in sorted(recorded)]
        self._note("attendance_recorded", at, composition, attendance=[asdict(one) for one in news], before=before)

    def record_decision(
        self, text: str, *, by: Actor, at: datetime, composition: Composition, decision: str | None = None, item: str | None = None
    ) -> None:
        """What the meeting decided, under an item of its agenda or under none."""
        self._enter("record_decision", by, at, composition)
        self._must_have_begun(at)
        items = [known.item for known in self.agenda]
        if item is not None and item not in items:
            raise Refusal.invalid("item", f"The agenda has no item {item}.", rule="agenda-item-known", accepted=items)
        id = _own_id("decision", decision, [known.decision for known in self.decisions])
        self.decisions.append(Decision(id, text, item, at, by.person))
        self._note("decision_recorded", at, composition, decision=id, text=text, item=item)

    # Action items

    def assign_action(
        self, what: str, owner: str, due: datetime, *, by: Actor, at: datetime, composition: Composition, action: str | None = None
    ) -> None:
        """What an entity took upon itself in the meeting, and until when."""
        self._enter("assign_action", by, at, composition)
        self._must_have_begun(at)
        self._check_action(owner, due, at, composition)
        id = _own_id("action", action, [known.action for known in self.actions])
        assigned = Action(id, what, owner, due, revised_at=at, reminded=at)
        self.actions.append(assigned)
        self._tell_action("action_assigned", at, composition, assigned)

    def change_action(
        self,
        id: str,
        *,
        reason: str,
        by: Actor,
        at: datetime,
        composition: Composition,
        owner: str | None = None,
        due: datetime | None = None,
    ) -> None:
        """Give it another owner or date; what is None stays. A new date has its own reminders."""
        self._enter("change_action", by, at, composition)
        action = self._open_action(id)
        changed = replace(action, owner=owner or action.owner, due=due or action.due)
        self._check_action(changed.owner if changed.owner != action.owner else None, changed.due, at, composition)
        before = {name: plain(getattr(action, name)) for name in ("owner", "due") if getattr(action, name) != getattr(changed, name)}
        if not before:
            return
        action.owner, action.due = changed.owner, changed.due
        action.revision, action.revised_at = action.revision + 1, at
        if "due" in before:
            action.reminded = at
        self._tell_action("action_changed", at, composition, action, before=before, reason=reason)

    def complete_action(self, id: str, note: str, *, by: Actor, at: datetime, composition: Composition) -> None:
        """Its owner, the chair or the secretariat says that it is done, and how."""
        self._must_be_known_to(by, at, composition)
        action = self._action(id)
        self._enter("complete_action", by, at, composition, own=action.owner)
        self._settle(self._open_action(id), DONE, note, at)
        self._tell_action("action_completed", at, composition, action, note=note)

    def drop_action(self, id: str, reason: str, *, by: Actor, at: datetime, composition: Composition) -> None:
        """It will not be done; it stays to be seen, with the reason."""
        self._enter("drop_action", by, at, composition)
        action = self._open_action(id)
        self._settle(action, DROPPED, reason, at)
        self._tell_action("action_dropped", at, composition, action, reason=reason)

    # The clock

    def due(self) -> datetime | None:
        """The soonest reminder of the meeting, or of an action item that is open."""
        return min((fell for fell, *_ in self._reminders()), default=None)

    def tick(self, now: datetime) -> None:
        """Remind of what has come near, each once and dated when it fell, in the order in which it fell."""
        while reminders := [reminder for reminder in self._reminders() if reminder[0] <= now]:
            fell, days, action = min(reminders, key=lambda reminder: reminder[0])
            if action is None:
                self.reminded = fell
                unanswered = [entity for entity in self.expected if not self._has_answered(entity)]
                self.happen("meeting_reminded", fell, **self._said(), days=days, unanswered=unanswered)
            else:
                action.reminded = fell
                self.happen("action_reminded", fell, **self._of_action(action), days=days)

    def _reminders(self) -> Iterator[tuple[datetime, int, Action | None]]:
        """What is still to fall: when, how many days before, and of which action item (None: of the meeting)."""
        if self.cancelled_at is None:
            for days in MEETING_REMINDERS:
                if (fell := self.starts_at - timedelta(days=days)) > self.reminded:
                    yield fell, days, None
        for action in self.actions:
            for days in ACTION_REMINDERS:
                if action.state == OPEN and (fell := action.due - timedelta(days=days)) > action.reminded:
                    yield fell, days, action

    # What is seen

    def view(self, by: Actor, at: datetime, composition: Composition) -> dict:
        """The whole meeting; for the Group alone."""
        self._must_be_known_to(by, at, composition)
        state = "cancelled" if self.cancelled_at else "held" if self.ends_at <= at else "called"
        return asdict(self) | {
            "meeting": self.id,
            "uid": self.uid,
            "state": state,
            "expected": self._expected(at, composition),
            "actions": [self.action_view(action, at) for action in self.actions],
        }

    def action_view(self, action: Action, at: datetime) -> dict:
        """One of its action items: open, late, done or dropped as of ``at``."""
        late = action.state == OPEN and action.due < at
        return asdict(action) | {
            "meeting": self.id,
            "meeting_title": self.title,
            "state": "late" if late else action.state,
            "done_at": action.settled_at if action.state == DONE else None,
        }

    def awaits(self, entity: str, at: datetime, composition: Composition) -> list[dict]:
        """What awaits an entity here: ``kind``, ``what``, ``title``, ``link``, ``deadline``, ``consequence``,
        ``consequence_code``, ``year``, ``digest``."""
        common = {"title": self.title, "link": f"/meetings/{self.id}", "year": None, "digest": None}
        items = []
        asked = self.cancelled_at is None and at < self.starts_at <= at + ASKED
        if asked and entity in self._expected(at, composition) and not self._has_answered(entity):
            items.append(
                common
                | {
                    "kind": "meeting_reply",
                    "what": "Whether you attend, and who",
                    "deadline": self.starts_at,
                    "consequence": "The meeting begins without the others knowing whether you come.",
                    "consequence_code": "attendance_unknown",
                }
            )
        for action in self.actions:
            if action.owner == entity and action.state == OPEN:
                late = action.due < at
                items.append(
                    common
                    | {
                        "kind": "action_item",
                        "what": action.what,
                        "deadline": action.due,
                        "consequence": "The action item shows as late." if late else "From then on the action item shows as late.",
                        "consequence_code": "action_is_late" if late else "action_late_then",
                    }
                )
        return items

    # Telling

    def _agenda(self) -> list[dict]:
        return [asdict(item) for item in self.agenda]

    def _said(self) -> dict:
        told = {name: getattr(self, name) for name in ("title", "starts_at", "ends_at", "place", "link")}
        return {"meeting": self.id, "uid": self.uid, "revision": self.revision, "entities": self.expected} | told

    def _of_action(self, action: Action) -> dict:
        told = {name: getattr(action, name) for name in ("action", "what", "owner", "due")}
        return {"meeting": self.id, "title": self.title} | told

    def _tell(self, event: str, at: datetime, composition: Composition, **data: Any) -> None:
        self.expected = self._expected(at, composition)
        self.happen(event, at, **self._said(), **data)

    def _note(self, event: str, at: datetime, composition: Composition, **data: Any) -> None:
        self.expected = self._expected(at, composition)
        self.happen(event, at, meeting=self.id, title=self.title, **data)

    def _tell_action(self, event: str, at: datetime, composition: Composition, action: Action, **data: Any) -> None:
        self.expected = self._expected(at, composition)
        self.happen(event, at, **self._of_action(action), **data)

    def _revise(self, at: datetime) -> None:
        self.revision, self.revised_at = self.revision + 1, at

    def _settle(self, action: Action, state: str, note: str, at: datetime) -> None:
        action.state, action.settled_at, action.note = state, at, note
        action.revision, action.revised_at = action.revision + 1, at

    # Finding

    def _expected(self, at: datetime, composition: Composition) -> list[str]:
        return composition.seated(min(at, self.starts_at))

    def _has_answered(self, entity: str) -> bool:
        """Whether it has said whether it comes at the present time; a yes to Tuesday is none to Thursday."""
        return any(reply.entity == entity and reply.at >= self.moved_at for reply in self.replies)

    @property
    def _is_on_record(self) -> bool:
        return bool(self.attendance or self.decisions or self.actions)

    def _action(self, id: str) -> Action:
        for action in self.actions:
            if action.action == id:
                return action
        raise Refusal.not_found(
            f"The meeting {self.id} has no action item {id}.",
            rule="action-known",
            field="action",
            accepted=[action.action for action in self.actions],
        )

    def _open_action(self, id: str) -> Action:
        action = self._action(id)
        if action.settled_at is not None:
            raise Refusal.conflict(f"This action item was {action.state} on {_day(action.settled_at)}.", rule="action-open")
        return action

    # Who may, and when

    def _enter(self, order: str, by: Actor, at: datetime, composition: Composition, *, own: str | None = None) -> Standing:
        """Before any order: whose it is not is refused, no one outside learns of a meeting by trying, and the reminders of before stand.
        ``own``: the entity that the order is about. Returns who the actor is to this meeting."""
        who = self._seen_by(by, at, composition, own)
        RIGHTS.must(order, who)
        self.tick(at)
        return who

    def _must_be_known_to(self, by: Actor, at: datetime, composition: Composition) -> None:
        RIGHTS.must("get_meeting", self._seen_by(by, at, composition))

    def _seen_by(self, by: Actor, at: datetime, composition: Composition, own: str | None = None) -> ToThing:
        return ToThing(by, at, composition, own=[own] if own else [], named=f"There is no meeting {self.id}.", rule="exists")

    def _must_stand(self) -> None:
        if self.cancelled_at is not None:
            raise Refusal.conflict(f"This meeting was cancelled on {_day(self.cancelled_at)}: {self.reason}", rule="meeting-cancelled")

    def _must_be_ahead(self, at: datetime) -> None:
        self._must_stand()
        if at >= self.starts_at:
            raise Refusal.too_late(f"This meeting began on {written(self.starts_at)}.", rule="meeting-ahead")

    def _must_have_begun(self, at: datetime) -> None:
        self._must_stand()
        if at < self.starts_at:
            raise Refusal.too_early(
                "What came of a meeting is recorded once it has begun.",
                rule="meeting-begun",
                accepted=f"{written(self.starts_at)} or later",
            )

    def _check(self, at: datetime, *, moved: bool, past: bool) -> None:
        """Refuse what cannot be. ``moved``: whether its beginning is set now; ``past``: whether that may be before now."""
        if moved and self.starts_at <= at and not past:
            raise Refusal.invalid(
                "starts_at",
                "A meeting is called before it begins; one of the past the secretariat enters.",
                rule="meeting-ahead",
                accepted=f"after {written(at)}",
            )
        if not timedelta() < self.ends_at - self.starts_at <= LONGEST:
            raise Refusal.invalid(
                "ends_at",
                f"A meeting ends after it starts, and within {LONGEST.days} days.",
                rule="meeting-length",
                accepted=f"after {written(self.starts_at)}, until {written(self.starts_at + LONGEST)}",
            )
        if self.starts_at > at and self.place.strip().casefold() == ONLINE and not self.link:
            raise Refusal.invalid(
                "link",
                "A meeting that is held online says where it is joined.",
                rule="online-link",
                accepted="the address of the meeting, or a place other than online",
            )
        if moved and self.starts_at > at and self._is_on_record:
            raise Refusal.conflict("What came of this meeting is on record, so it is not still to come.", rule="meeting-on-record")
        if any(action.due <= self.starts_at for action in self.actions):
            soonest = min(action.due for action in self.actions)
            raise Refusal.invalid(
                "starts_at",
                "An action item would be due before it began.",
                rule="action-after-meeting",
                accepted=f"before {written(soonest)}",
            )
        check_papers(self.papers)
        for i, item in enumerate(self.agenda):
            check_papers(item.papers, f"agenda.{i}.papers")
        items = {item.item for item in self.agenda}
        if gone := sorted({decision.item for decision in self.decisions if decision.item} - items):
            raise Refusal.invalid("agenda", f"Something was decided under {', '.join(gone)}.", rule="agenda-decided", accepted=gone)

    def _check_action(self, owner: str | None, due: datetime, at: datetime, composition: Composition) -> None:
        if owner is not None and owner not in composition.members(at):
            raise Refusal.invalid("owner", f"{owner} is no member of the Group.", rule="action-member", accepted=composition.members(at))
        if due <= self.starts_at:
            raise Refusal.invalid(
                "due",
                "What follows from a meeting is due after it began.",
                rule="action-after-meeting",
                accepted=f"after {written(self.starts_at)}",
            )


def must_be_inside(by: Actor, at: datetime, composition: Composition, *, asking: str = "meetings") -> None:
    """Refuse unless the meetings of the Group are the actor's business."""
    RIGHTS.must(asking, ToThing(by, at, composition))


def action_items(
    meetings: Iterable[Meeting], owner: str | None, *, settled: bool, by: Actor, at: datetime, composition: Composition
) -> dict:
    """The action items of these meetings, soonest due first: of one owner or of all; those done or dropped only if ``settled``."""
    must_be_inside(by, at, composition, asking="action_items")
    items = [
        meeting.action_view(action, at)
        for meeting in meetings
        for action in meeting.actions
        if owner in (None, action.owner) and (settled or action.state == OPEN)
    ]
    return {"items": sorted(items, key=lambda item: (item["due"], item["meeting"], item["action"]))}


def _itemized(given: Iterable[dict], current: list[AgendaItem]) -> list[AgendaItem]:
    """An agenda with an identifier for each item. One without is the item of the same title, where there is one; who asked for
    an item stays known."""
    given = list(given)
    by_id, by_title = {item.item: item for item in current}, {item.title: item.item for item in current}
    named = [item.get("item") for item in given]
    for i, id in enumerate(named):
        if id is not None and id in named[:i]:
            raise Refusal.invalid(f"agenda.{i}.item", f"{id} is there already.", rule="id-unique")
    taken = {*by_id, *(id for id in named if id)}
    agenda: list[AgendaItem] = []
    for one in given:
        same = by_title.get(one["title"])
        used = {*(id for id in named if id), *(item.item for item in agenda)}
        id = one.get("item") or (same if same and same not in used else _first_free("i", taken))
        taken.add(id)
        asked_by = by_id[id].entity if id in by_id else None
        agenda.append(AgendaItem(id, one["title"], list(one.get("papers") or []), asked_by))
    return agenda


def _own_id(what: str, given: str | None, taken: list[str]) -> str:
    """The identifier given, unless it is another's, or the first free one: ``a1``, ``d1``, ``i1`` and on."""
    if given is not None and given in taken:
        raise Refusal.invalid(what, f"The meeting has {what} {given} already.", rule="id-unique")
    return given or _first_free(what[0], taken)


def _first_free(letter: str, taken: Iterable[str]) -> str:
    known = set(taken)
    return next(id for n in count(1) if (id := f"{letter}{n}") not in known)


def _earlier(value: Any) -> Any:
    """An earlier value as it stands in an event."""
    if isinstance(value, list):
        return [asdict(item) if isinstance(item, AgendaItem) else item for item in value]
    return plain(value)


def _day(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d}"
