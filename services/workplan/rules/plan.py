"""A year's plan: draft → consultation → adoption → in force → closed.

Positions bind the digest of the plan's substance, so the plan that is adopted is, byte for byte, the one that
was cleared; afterwards its substance changes by amendment alone, and its record by progress.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from services.kernel import Actor, Aggregate, Clearance, Composition, PassingRule, Position, Refusal, digest_of, year_begins
from services.kernel.clearance import ENDORSE, NO_OBJECTION
from services.workplan.rules.activity import SUBSTANCE, Activity, Cancellation, Deliverable, Milestone, Note, Wording, checked
from services.workplan.rules.amendment import Amendment

DRAFT, CONSULTATION, ADOPTION, IN_FORCE, CLOSED = "draft", "consultation", "adoption", "in_force", "closed"
PUBLIC = (IN_FORCE, CLOSED)
"""The states in which those outside the Group know of a plan."""

AWAITING = (ADOPTION, IN_FORCE)
"""The states in which something may await an entity."""

REMINDED = timedelta(days=30)
"""How long before it is due an activity's step awaits its lead."""


def is_coming(year: int, at: datetime) -> bool:
    """Whether a term for ``year`` opens a draft by itself: this year's or the next, not those a rota adopts far ahead."""
    return at.year <= year <= at.year + 1


def awaiting(plans: Iterable["Plan"], entity: str, *, by: Actor, at: datetime, composition: Composition) -> dict:
    """What awaits an entity in these plans, soonest deadline first; told to the entity and to the secretariat. Nothing awaits
    one that is outside the Group."""
    by.must_speak_for(entity, "ask what awaits it")
    items = [item for plan in plans for item in plan.awaits(entity, at)] if composition.is_inside(by, at) else []
    return {"entity": entity, "items": sorted(items, key=lambda item: (item["deadline"] is None, item["deadline"] or at))}


@dataclass
class Plan(Aggregate):
    """``clearances``: the runs of its adoption, the last one counts. ``baseline``: the substance first adopted."""

    year: int
    state: str = DRAFT
    opened_at: datetime | None = None
    passing: PassingRule = field(default_factory=PassingRule)
    activities: list[Activity] = field(default_factory=list)
    clearances: list[Clearance] = field(default_factory=list)
    amendments: list[Amendment] = field(default_factory=list)
    baseline: dict | None = None
    adopted_at: datetime | None = None
    closed_at: datetime | None = None
    report: str | None = None

    # Its text

    def substance(self, activities: list[Activity] | None = None) -> dict:
        """What is adopted: every activity that is not cancelled. JSON-able, in one canonical order."""
        standing = [a for a in (self.activities if activities is None else activities) if a.cancelled is None]
        return {"year": self.year, "activities": [a.substance() for a in sorted(standing, key=lambda a: a.id)]}

    @property
    def digest(self) -> str:
        """SHA-256 of the substance as it stands; what a position on the plan names."""
        return digest_of(self.substance())

    def digest_with(self, amendment: Amendment) -> str:
        """SHA-256 of the substance as the amendment would leave it; what a position on the amendment names."""
        return digest_of(self.substance(amendment.applied_to(self.activities, amendment.proposed_at)))

    @property
    def adoption(self) -> Clearance | None:
        return self.clearances[-1] if self.clearances else None

    @property
    def _cleared(self) -> list[tuple[Amendment | None, Clearance]]:
        """What is in clearance now, soonest deadline first; one without a deadline comes last."""
        running: list[tuple[Amendment | None, Clearance]] = [(None, c) for c in self.clearances if c.is_open]
        running += [(a, c) for a in self.amendments for c in a.clearances if c.is_open]
        return sorted(running, key=lambda pair: (pair[1].deadline is None, pair[1].deadline or pair[1].opened_at))

    # Opening

    @classmethod
    def begin(cls, year: int, *, at: datetime) -> "Plan":
        """The draft that the coming term opens by itself."""
        plan = cls(year, opened_at=at)
        plan.happen("plan_opened", at, year=year)
        return plan

    @classmethod
    def open(cls, year: int, *, by: Actor, at: datetime, composition: Composition) -> "Plan":
        """The draft of a year's plan, opened by the chair or the secretariat."""
        cls(year)._must_move(by, at, composition, "open a plan")
        return cls.begin(year, at=at)

    def open_again(self, *, by: Actor, at: datetime, composition: Composition) -> None:
        """There is one plan a year; only who could open it is told that it is there."""
        self._must_move(by, at, composition, "open a plan")
        raise Refusal.conflict(f"The plan {self.year} is open already.", rule="exists")

    def set_passing_rule(
        self, *, passing: list[str], blocking: list[str], minimum_hours: int, by: Actor, at: datetime, composition: Composition
    ) -> None:
        """The Group's own passing rule for this plan: which words satisfy, which block, the shortest silence in hours."""
        self._enter(by, at, composition)
        by.must_be_secretariat("record the Group's passing rule")
        self._must_be_in((DRAFT, CONSULTATION), "Its passing rule is fixed once adoption has opened.")
        if not passing:
            raise Refusal.invalid("passing", "At least one word satisfies.", rule="passing-words")
        for i, word in enumerate(blocking):
            if word in passing:
                raise Refusal.invalid(f"blocking.{i}", f"{word} cannot both satisfy and block.", rule="passing-disjoint")
        rule = replace(self.passing, passing=list(passing), blocking=list(blocking), minimum_hours=minimum_hours)
        if rule != self.passing:
            before, self.passing = _rule_view(self.passing), rule
            self.happen("passing_rule_set", at, year=self.year, before=before, after=_rule_view(rule))

    # The draft

    def add_activity(self, id: str, wording: Wording, *, by: Actor, at: datetime, composition: Composition) -> None:
        """A seated entity adds an activity to the draft."""
        self._enter(by, at, composition)
        self._must_sit(by, at, composition, "add an activity")
        self._must_not_need_amendment("add an activity")
        self._must_be_in((DRAFT, CONSULTATION), "The plan is before the entities; reopen the consultation to add to it.")
        self._must_be_new("activity", id, [a.id for a in self.activities])
        wording = checked(wording, year=self.year, at=at, composition=composition)
        activity = Activity(id, wording["title"], wording["lead"]).reworded(wording)
        self.activities.append(activity)
        self.happen(
            "activity_added",
            at,
            year=self.year,
            activity=id,
            title=activity.title,
            lead=activity.lead,
            pillars=activity.pillars,
            substance=activity.substance(),
            digest=self.digest,
        )

    def change_activity(self, id: str, wording: Wording, *, by: Actor, at: datetime, composition: Composition) -> None:
        """The lead, the chair or the secretariat changes an activity's substance. In adoption, positions on the
        earlier text become stale and the plan goes back to consultation."""
        self._enter(by, at, composition)
        activity = self._standing(id)
        self._must_lead(activity, by, at, composition, "change this activity")
        self._must_not_need_amendment("change an activity's substance")
        reworded = activity.reworded(checked(wording, year=self.year, at=at, composition=composition, current=activity))
        before, after = _differences(activity, reworded)
        if not after:
            return
        self._put(reworded)
        self.happen("activity_changed", at, year=self.year, activity=id, before=before, after=after, digest=self.digest)
        self._text_changed(at)

    def cancel_activity(self, id: str, reason: str, *, by: Actor, at: datetime, composition: Composition) -> None:
        """The lead, the chair or the secretariat drops an activity; it stays to be seen, with the reason."""
        self._enter(by, at, composition)
        activity = self._standing(id)
        self._must_lead(activity, by, at, composition, "drop this activity")
        self._must_not_need_amendment("drop an activity")
        self._put(replace(activity, cancelled=Cancellation(at, by.person, reason)))
        self.happen("activity_cancelled", at, year=self.year, activity=id, title=activity.title, reason=reason, digest=self.digest)
        self._text_changed(at)

    # Consultation and adoption

    def open_consultation(self, *, by: Actor, at: datetime, composition: Composition) -> None:
        """Draft → consultation; or adoption → consultation, which supersedes the clearance."""
        self._enter(by, at, composition)
        self._must_move(by, at, composition, "open the consultation")
        self._must_be_in((DRAFT, ADOPTION), "Consultation is opened on a draft, or reopened out of adoption.")
        if self.state == ADOPTION:
            self._text_changed(at)
        else:
            self._consult(at, again=False)

    def open_adoption(self, procedure: str, deadline: datetime | None, *, by: Actor, at: datetime, composition: Composition) -> None:
        """Put the plan as it stands to the entities seated at this instant, by ``express`` positions or by ``silence``."""
        self._enter(by, at, composition)
        self._must_move(by, at, composition, "open the adoption")
        self._must_be_in((CONSULTATION,), "Adoption follows the consultation.")
        standing = [a for a in self.activities if a.cancelled is None]
        if not standing:
            raise Refusal.conflict("A plan without activities cannot be adopted.", rule="plan-empty")
        seated = composition.seated(max(at, year_begins(self.year)))
        for activity in standing:
            if activity.lead not in seated:
                raise Refusal.conflict(
                    f"{activity.lead} leads {activity.id} and has no seat; give it another lead first.", rule="lead-seated", accepted=seated
                )
        clearance = self._opened(self.digest, procedure, deadline, at, composition)
        self.clearances.append(clearance)
        self.state = ADOPTION
        self._tell_opened(None, clearance)

    def extend_adoption(
        self, deadline: datetime, *, by: Actor, at: datetime, composition: Composition, amendment: str | None = None
    ) -> None:
        """A later deadline for the adoption, or for that of an amendment, given before the present one has come."""
        self.must_be_known_to(by, at, composition)
        self._must_move(by, at, composition, "extend the deadline")
        clearance = self._clearance_for(amendment, at)
        self.tick(at)
        before = clearance.deadline
        clearance.extend(deadline, at=at)
        self._tell("adoption_extended", at, amendment, clearance, deadline=deadline, before=before)

    def take_position(
        self,
        digest: str,
        word: str,
        *,
        by: Actor,
        at: datetime,
        composition: Composition,
        amendment: str | None = None,
        reasons: str = "",
        proposal: str = "",
        on_behalf_of: str | None = None,
        letter: str = "",
    ) -> None:
        """A member's word on exactly the text named by ``digest``: the plan's, or what an amendment would make of it."""
        self.must_be_known_to(by, at, composition)
        entity = _voice(by, on_behalf_of)
        clearance = self._clearance_for(amendment, at)
        if entity not in composition.members(at):
            raise Refusal.not_allowed(
                f"{entity} is no member of the Group as of {at:%Y-%m-%d}, so it takes no position.",
                rule="position-member",
                accepted=[code for code in clearance.counting if code in composition.members(at)],
            )
        self.tick(at)
        earlier = clearance.current(entity)
        clearance.take(
            Position(
                entity, word, digest, at, by.person, reasons=reasons, proposal=proposal, on_behalf=on_behalf_of is not None, letter=letter
            )
        )
        self._tell(
            "position_taken",
            at,
            amendment,
            clearance,
            entity=entity,
            word=word,
            reasons=reasons,
            proposal=proposal,
            on_behalf=on_behalf_of is not None,
            letter=letter,
            before=earlier.word if earlier else None,
        )
        if not clearance.is_open:
            self._conclude(self._amendment(amendment) if amendment else None, clearance)

    # Amendments

    def propose_amendment(
        self,
        id: str,
        *,
        kind: str,
        activity: str,
        changes: Wording | None,
        reason: str,
        by: Actor,
        at: datetime,
        composition: Composition,
    ) -> None:
        """A seated entity proposes to ``add``, ``change`` or ``drop`` an activity of the plan in force."""
        self._enter(by, at, composition)
        self._must_sit(by, at, composition, "propose an amendment")
        self._must_be_in((IN_FORCE,), "Only a plan in force is amended; before that its activities are changed.")
        self._must_be_new("amendment", id, [a.id for a in self.amendments])
        current = None
        if kind == "add":
            self._must_be_new("activity", activity, [a.id for a in self.activities])
        else:
            current = self._standing(activity)
        if (kind == "drop") != (not changes):
            raise Refusal.invalid(
                "changes",
                "What is dropped is not reworded." if kind == "drop" else f"To {kind} an activity, say how it reads.",
                rule="amendment-changes",
                accepted="none" if kind == "drop" else list(SUBSTANCE),
            )
        if changes:
            changes = checked(changes, year=self.year, at=at, composition=composition, current=current, path="changes.")
        proposed = Amendment(id, kind, activity, reason, by.person, by.entity, at, changes)
        if self.digest_with(proposed) == self.digest:
            raise Refusal.invalid("changes", "The plan says so already.", rule="amendment-changes")
        self.amendments.append(proposed)
        before, after = self._before_and_after(proposed)
        self.happen(
            "amendment_proposed",
            at,
            year=self.year,
            amendment=id,
            kind=kind,
            activity=activity,
            reason=reason,
            before=before,
            after=after,
        )

    def open_amendment(
        self, id: str, procedure: str, deadline: datetime | None, *, by: Actor, at: datetime, composition: Composition
    ) -> None:
        """Put an amendment to the entities seated at this instant, as the plan was."""
        self._enter(by, at, composition)
        self._must_move(by, at, composition, "open the clearance of an amendment")
        self._must_be_in((IN_FORCE,), "Only a plan in force is amended.")
        amendment = self._amendment(id)
        if amendment.state != "proposed":
            raise Refusal.conflict(f"This amendment is {_spoken(amendment.state)}.", rule="amendment-proposed")
        if not amendment.applies_to(self.activities):
            raise Refusal.conflict("The plan has changed so that this amendment no longer applies; withdraw it.", rule="amendment-applies")
        if amendment.changes:
            current = self._find(amendment.activity)
            checked(amendment.changes, year=self.year, at=at, composition=composition, current=current, path="changes.")
        clearance = self._opened(self.digest_with(amendment), procedure, deadline, at, composition)
        amendment.clearances.append(clearance)
        amendment.state = "clearance"
        self._tell_opened(id, clearance)

    def withdraw_amendment(self, id: str, reason: str, *, by: Actor, at: datetime, composition: Composition) -> None:
        """Its proposer, the chair or the secretariat takes an amendment back."""
        self._enter(by, at, composition)
        amendment = self._amendment(id)
        if not (amendment.entity and by.speaks_for(amendment.entity)):
            self._must_move(by, at, composition, "withdraw this amendment")
        if not amendment.is_pending:
            raise Refusal.conflict(f"This amendment is {_spoken(amendment.state)}.", rule="amendment-pending")
        before, after = self._before_and_after(amendment)
        amendment.before, amendment.after = before, after
        self._supersede(amendment, at)
        amendment.state, amendment.settled_at, amendment.withdrawn_because = "withdrawn", at, reason
        self.happen("amendment_withdrawn", at, year=self.year, amendment=id, reason=reason)

    # Progress

    def report_progress(self, id: str, note: str, milestones_met: list[str], *, by: Actor, at: datetime, composition: Composition) -> None:
        """The lead, a contributor, the chair or the secretariat notes progress; a milestone already met keeps its date."""
        self._enter(by, at, composition)
        activity = self._standing(id)
        self._must_carry_out(activity, by, at, composition, "report its progress")
        self._must_be_in((IN_FORCE,), "Progress is reported on a plan in force.")
        milestones = {milestone.id: milestone for milestone in activity.milestones}
        for i, milestone in enumerate(milestones_met):
            if milestone not in milestones:
                raise Refusal.invalid(
                    f"milestones_met.{i}",
                    f"The activity has no milestone {milestone}.",
                    rule="milestone-known",
                    accepted=list(milestones),
                )
        for milestone in milestones_met:
            milestones[milestone].met_at = milestones[milestone].met_at or at
        activity.progress.append(Note(at, by.person, by.entity, note))
        self.happen(
            "activity_progressed",
            at,
            year=self.year,
            activity=id,
            title=activity.title,
            note=note,
            milestones_met=milestones_met,
            status=activity.status(at),
        )

    def mark_delivered(self, id: str, deliverable: str, note: str, *, by: Actor, at: datetime, composition: Composition) -> None:
        """A meeting, a briefing or an outcome has come about; a document is delivered by its publication alone."""
        self._enter(by, at, composition)
        activity = self._standing(id)
        self._must_carry_out(activity, by, at, composition, "mark its deliverables")
        self._must_be_in((IN_FORCE,), "What a plan in force promises is delivered.")
        promised = self._deliverable(activity, deliverable, dropped=False)
        if promised.kind == "document":
            raise Refusal.invalid(
                "deliverable",
                "A document is delivered by its publication, untouched by hand.",
                rule="document-by-publication",
                accepted=[d.id for d in activity.deliverables if d.kind != "document"],
            )
        if promised.delivered_at is not None:
            raise Refusal.conflict(f"{deliverable} was delivered on {promised.delivered_at:%Y-%m-%d}.", rule="delivered-once")
        self._delivered(activity, promised, {"note": note, "person": by.person, "entity": by.entity}, at)

    def deliver(self, id: str, deliverable: str, evidence: dict, *, lead: str | None, at: datetime) -> bool:
        """The document that a deliverable promised is public. Whatever the plan's state: a publication is a fact.
        The first one delivers; told again, or told of a later one, nothing changes. ``lead``: whose document it is, None where
        that was not told. Whoever proposes a document may name any deliverable, so one by an entity that does not carry the
        activity out delivers nothing; returns whether it is one that may."""
        activity = self._find(id)
        if activity is None:
            raise Refusal.not_found(f"The plan {self.year} has no activity {id}.", rule="activity-known", field="activity")
        promised = self._deliverable(activity, deliverable, dropped=True)
        if promised.kind != "document":
            raise Refusal.conflict(f"{deliverable} is a {promised.kind}, which no publication delivers.", rule="document-by-publication")
        if lead is not None and lead not in (activity.lead, *activity.contributors):
            return False
        if promised.delivered_at is None:
            self._delivered(activity, promised, evidence, at)
        return True

    def close(self, report: str, *, by: Actor, at: datetime, composition: Composition) -> None:
        """The year is over and its report given."""
        self._enter(by, at, composition)
        self._must_move(by, at, composition, "close the plan")
        self._must_be_in((IN_FORCE,), "Only a plan in force is closed.")
        if at < year_begins(self.year + 1):
            raise Refusal.too_early(
                f"The year {self.year} is not over.", rule="year-over", accepted=f"{self.year + 1}-01-01T00:00:00Z or later"
            )
        if pending := [amendment.id for amendment in self.amendments if amendment.is_pending]:
            raise Refusal.conflict(f"Amendments await settlement: {', '.join(pending)}.", rule="amendments-settled")
        self.state, self.closed_at, self.report = CLOSED, at, report
        statuses = dict(Counter(activity.status(at) for activity in self.activities))
        self.happen("plan_closed", at, year=self.year, digest=self.digest, statuses=statuses, report=report)

    # The clock

    def due(self) -> datetime | None:
        """The soonest deadline of what is in clearance."""
        return next((clearance.deadline for _, clearance in self._cleared), None)

    def tick(self, now: datetime) -> None:
        """Settle each clearance whose deadline has come, in the order of the deadlines: an amendment that passes
        makes the others' text another."""
        while (cleared := self._cleared) and cleared[0][1].fall_due(now):
            self._conclude(*cleared[0])

    # What is seen

    def must_be_known_to(self, by: Actor, at: datetime, composition: Composition) -> bool:
        """Those outside know of an adopted plan alone; of a draft they are told that there is none. Returns whether the actor is inside."""
        inside = composition.is_inside(by, at)
        if not inside and self.state not in PUBLIC:
            raise Refusal.not_found(f"There is no plan {self.year}.")
        return inside

    # The views ask as of ``at`` who is inside: a role alone opens nothing to those whose entity has left.

    def view(self, by: Actor, at: datetime, composition: Composition) -> dict:
        """The whole plan, as this actor may see it."""
        inside = self.must_be_known_to(by, at, composition)
        return self.summary(by, at, composition) | {
            "passing": _rule_view(self.passing),
            "baseline": digest_of(self.baseline) if self.baseline is not None else None,
            "adoption": self._clearance_view(None, self.adoption) if inside and self.adoption else None,
            "activities": [self._activity_view(activity, at, inside) for activity in self._visible(inside)],
            "amendments": [self._amendment_view(amendment, inside) for amendment in self._visible_amendments(inside)],
            "report": self.report,
        }

    def summary(self, by: Actor, at: datetime, composition: Composition) -> dict:
        """The plan in a list."""
        inside = self.must_be_known_to(by, at, composition)
        return {
            "year": self.year,
            "state": self.state,
            "digest": self.digest,
            "opened_at": self.opened_at,
            "adopted_at": self.adopted_at,
            "closed_at": self.closed_at,
            "endorsed_by": self.adoption.words(ENDORSE) if self.adoption and self.adopted_at else [],
            "statuses": dict(Counter(self._activity_view(activity, at, inside)["status"] for activity in self._visible(inside))),
        }

    def activity_view(self, id: str, by: Actor, at: datetime, composition: Composition) -> dict:
        """One activity."""
        inside = self.must_be_known_to(by, at, composition)
        for activity in self._visible(inside):
            if activity.id == id:
                return self._activity_view(activity, at, inside)
        raise _no_activity(self.year, id)

    def positions_view(self, by: Actor, at: datetime, composition: Composition) -> dict:
        """Every clearance with all that was said in it; the Group's own."""
        if not self.must_be_known_to(by, at, composition):
            raise Refusal.not_allowed("What each entity said is the Group's own.", rule="group-only")
        views = [self._clearance_view(None, clearance) for clearance in self.clearances]
        views += [self._clearance_view(amendment, clearance) for amendment in self.amendments for clearance in amendment.clearances]
        return {"year": self.year, "clearances": sorted(views, key=lambda view: view["opened_at"])}

    def baseline_view(self, by: Actor, at: datetime, composition: Composition) -> dict:
        """The substance first adopted, and the amendments adopted since."""
        inside = self.must_be_known_to(by, at, composition)
        if self.baseline is None:
            raise Refusal.not_found(f"The plan {self.year} has not been adopted yet.", rule="baseline")
        adopted = [self._amendment_view(amendment, inside) for amendment in self.amendments if amendment.state == "adopted"]
        return {"year": self.year, "digest": digest_of(self.baseline), "substance": self.baseline, "amendments": adopted}

    def awaits(self, entity: str, at: datetime) -> list[dict]:
        """What awaits an entity in this plan: ``kind``, ``what``, ``title``, ``link``, ``deadline``, ``consequence``, ``digest``."""
        items = []
        for amendment, clearance in self._cleared:
            if entity in clearance.awaiting():
                silent = clearance.rule.by == "silence"
                items.append(
                    {
                        "kind": "amendment_position" if amendment else "plan_position",
                        "what": f"Position on the amendment {amendment.id} of the plan {self.year}"
                        if amendment
                        else f"Position on the plan {self.year}",
                        "title": f"Workplan {self.year}",
                        "link": f"/workplans/{self.year}",
                        "deadline": clearance.deadline,
                        "consequence": "Silence until then means no objection."
                        if silent
                        else "It is not adopted until every entity speaks.",
                        "digest": clearance.digest,
                    }
                )
        if self.state == IN_FORCE:
            items += [item for a in self.activities if a.lead == entity and a.cancelled is None for item in self._owed(a, at)]
        return items

    def _owed(self, activity: Activity, at: datetime) -> list[dict]:
        steps: list[Deliverable | Milestone] = [*activity.deliverables, *activity.milestones]
        return [
            {
                "kind": "deliverable" if isinstance(step, Deliverable) else "milestone",
                "what": step.title,
                "title": activity.title,
                "link": f"/workplans/{self.year}/activities/{activity.id}",
                "deadline": step.due,
                "consequence": "The activity shows as late." if step.is_late(at) else "From then on the activity shows as late.",
                "digest": None,
            }
            for step in steps
            if step.due is not None and step.due <= at + REMINDED and not step.is_done(at)
        ]

    def _visible(self, inside: bool) -> list[Activity]:
        """The Group sees all; others see what was adopted, and what was dropped after that."""
        if inside or self.adopted_at is None:
            return self.activities
        return [a for a in self.activities if a.cancelled is None or a.cancelled.at > self.adopted_at]

    def _visible_amendments(self, inside: bool) -> list[Amendment]:
        return [amendment for amendment in self.amendments if inside or amendment.state == "adopted"]

    def _activity_view(self, activity: Activity, at: datetime, inside: bool) -> dict:
        return activity.view(self.year, at, agreed=self.adopted_at is not None, inside=inside)

    def _amendment_view(self, amendment: Amendment, inside: bool) -> dict:
        before, after = self._before_and_after(amendment)
        pending = amendment.is_pending and amendment.applies_to(self.activities)
        return {
            "amendment": amendment.id,
            "kind": amendment.kind,
            "activity": amendment.activity,
            "state": amendment.state,
            "reason": amendment.reason,
            "proposed_by": amendment.person if inside else None,
            "entity": amendment.entity,
            "proposed_at": amendment.proposed_at,
            "settled_at": amendment.settled_at,
            "withdrawn_because": amendment.withdrawn_because,
            "digest": self.digest_with(amendment) if pending else amendment.digest,
            "before": before,
            "after": after,
            "clearance": self._clearance_view(amendment, amendment.clearance) if inside and amendment.clearance else None,
        }

    def _clearance_view(self, amendment: Amendment | None, clearance: Clearance) -> dict:
        if amendment is None:
            text = self.digest
        elif amendment.is_pending and amendment.applies_to(self.activities):
            text = self.digest_with(amendment)
        else:
            text = amendment.digest or ""
        # What passed was said of the text that passed, and stays so when an amendment makes another of it.
        stale = clearance.state != "passed" and clearance.digest != text
        return {
            "amendment": amendment.id if amendment else None,
            "digest": clearance.digest,
            "by": clearance.rule.by,
            "state": clearance.state,
            "opened_at": clearance.opened_at,
            "deadline": clearance.deadline,
            "settled_at": clearance.settled_at,
            "counting": clearance.counting,
            "awaiting": clearance.awaiting() if clearance.is_open else [],
            "positions": [
                asdict(position) | {"stale": stale, "current": not stale and clearance.current(position.entity) is position}
                for position in clearance.positions
            ],
        }

    def _before_and_after(self, amendment: Amendment) -> tuple[dict | None, dict | None]:
        """The activity's substance without the amendment and with it: as it stands, or as it was when this was settled."""
        if not (amendment.is_pending and amendment.applies_to(self.activities)):
            return amendment.before, amendment.after
        current = self._find(amendment.activity)
        amended = amendment.applied_to(self.activities, amendment.proposed_at)
        after = next(a for a in amended if a.id == amendment.activity)
        return current.substance() if current else None, None if after.cancelled else after.substance()

    # What follows from a change

    def _consult(self, at: datetime, *, again: bool) -> None:
        self.state = CONSULTATION
        self.happen("consultation_opened", at, year=self.year, digest=self.digest, again=again)

    def _text_changed(self, at: datetime) -> None:
        """Positions bound the earlier text: the clearance that ran over it is superseded."""
        if self.state == ADOPTION:
            self._supersede(None, at)
            self._consult(at, again=True)

    def _supersede(self, amendment: Amendment | None, at: datetime) -> None:
        clearance = amendment.clearance if amendment else self.adoption
        if clearance is not None and clearance.is_open:
            clearance.supersede(at)
            self._tell("adoption_superseded", at, amendment.id if amendment else None, clearance, successor=self.digest)

    def _opened(self, digest: str, procedure: str, deadline: datetime | None, at: datetime, composition: Composition) -> Clearance:
        rule = replace(self.passing, by=procedure)
        return Clearance.open(digest, rule, composition.seated(at), at=at, deadline=deadline)

    def _conclude(self, amendment: Amendment | None, clearance: Clearance) -> None:
        """A clearance has settled: what passed is adopted; else the text goes back to where it can be changed."""
        at = clearance.settled_at or clearance.opened_at
        id = amendment.id if amendment else None
        if clearance.state == "passed":
            if amendment is None:
                self._adopt(clearance, at)
            else:
                self._amend(amendment, clearance, at)
            return
        if clearance.state == "broken":
            spoken = [position for entity in clearance.counting if (position := clearance.current(entity))]
            objecting = sorted(p.entity for p in spoken if p.word in clearance.rule.blocking or p.proposal.strip())
            self._tell("adoption_broken", at, id, clearance, objecting=objecting)
        else:
            satisfied = {entity for word in clearance.rule.passing for entity in clearance.words(word)}
            self._tell("adoption_lapsed", at, id, clearance, awaiting=[e for e in clearance.counting if e not in satisfied])
        if amendment is None:
            self._consult(at, again=True)
        else:
            amendment.state = "proposed"

    def _adopt(self, clearance: Clearance, at: datetime) -> None:
        self.state, self.adopted_at, self.baseline = IN_FORCE, at, self.substance()
        self.happen(
            "plan_adopted",
            at,
            year=self.year,
            digest=clearance.digest,
            endorsed_by=clearance.words(ENDORSE),
            no_objection=clearance.words(NO_OBJECTION),
            activities=[
                {"id": a.id, "title": a.title, "lead": a.lead, "pillars": a.pillars} for a in self.activities if a.cancelled is None
            ],
        )

    def _amend(self, amendment: Amendment, clearance: Clearance, at: datetime) -> None:
        before = self.digest
        amendment.before, amendment.after = self._before_and_after(amendment)
        self.activities = amendment.applied_to(self.activities, at)
        amendment.state, amendment.settled_at, amendment.digest = "adopted", at, clearance.digest
        self.happen(
            "amendment_adopted",
            at,
            year=self.year,
            amendment=amendment.id,
            kind=amendment.kind,
            activity=amendment.activity,
            digest=self.digest,
            before=before,
            endorsed_by=clearance.words(ENDORSE),
        )
        for other in self.amendments:
            if other.state == "clearance":
                self._supersede(other, at)
                other.state = "proposed"

    def _delivered(self, activity: Activity, deliverable: Deliverable, evidence: dict, at: datetime) -> None:
        deliverable.delivered_at, deliverable.evidence = at, evidence
        self.happen(
            "deliverable_delivered",
            at,
            year=self.year,
            activity=activity.id,
            title=activity.title,
            deliverable=deliverable.id,
            deliverable_title=deliverable.title,
            kind=deliverable.kind,
            pillars=activity.pillars,
            evidence=evidence,
            status=activity.status(at),
        )

    def _tell(self, event: str, at: datetime, amendment: str | None, clearance: Clearance, **data) -> None:
        self.happen(event, at, year=self.year, amendment=amendment, digest=clearance.digest, **data)

    def _tell_opened(self, amendment: str | None, clearance: Clearance) -> None:
        self._tell(
            "adoption_opened",
            clearance.opened_at,
            amendment,
            clearance,
            procedure=clearance.rule.by,
            deadline=clearance.deadline,
            counting=clearance.counting,
        )

    # Finding

    def _find(self, id: str) -> Activity | None:
        return next((activity for activity in self.activities if activity.id == id), None)

    def _standing(self, id: str) -> Activity:
        activity = self._find(id)
        if activity is None:
            raise _no_activity(self.year, id)
        if activity.cancelled is not None:
            raise Refusal.conflict(f"{id} was cancelled: {activity.cancelled.reason}", rule="activity-cancelled")
        return activity

    def _put(self, activity: Activity) -> None:
        self.activities = [activity if a.id == activity.id else a for a in self.activities]

    def _amendment(self, id: str) -> Amendment:
        for amendment in self.amendments:
            if amendment.id == id:
                return amendment
        raise Refusal.not_found(f"The plan {self.year} has no amendment {id}.", rule="amendment-known", field="amendment")

    def _clearance_for(self, amendment: str | None, at: datetime) -> Clearance:
        """The clearance that a word, or a later deadline, is meant for. Looked at before the clock settles it, so
        that who comes late is told of the deadline and not of what silence made of it."""
        clearance = self._amendment(amendment).clearance if amendment else self.adoption
        if clearance is None:
            raise Refusal.conflict(f"It is not before the entities; the plan is {_spoken(self.state)}.", rule="clearance-open")
        met_its_deadline = clearance.is_open or clearance.settled_at == clearance.deadline
        if met_its_deadline and clearance.deadline is not None and at >= clearance.deadline:
            raise Refusal.too_late(f"The deadline was {clearance.deadline:%Y-%m-%d %H:%M} UTC.", rule="clearance-deadline")
        return clearance

    def _deliverable(self, activity: Activity, id: str, *, dropped: bool) -> Deliverable:
        for deliverable in activity.deliverables + (activity.dropped if dropped else []):
            if deliverable.id == id:
                return deliverable
        raise Refusal.not_found(
            f"{activity.id} has no deliverable {id}.",
            rule="deliverable-known",
            field="deliverable",
            accepted=[deliverable.id for deliverable in activity.deliverables],
        )

    # Who may, and when

    def _enter(self, by: Actor, at: datetime, composition: Composition) -> None:
        """Before any order: what the clock has brought about by now stands, and no one learns of a draft by trying."""
        self.must_be_known_to(by, at, composition)
        self.tick(at)

    def _chairs(self, at: datetime, composition: Composition) -> list[str]:
        """Who serves now, and who holds the plan's own year: it prepares its plan before, and closes it after."""
        term = composition.term(self.year)
        own = term.serving(at) if term and term.state in ("adopted", "begun", "ended") else []
        return list(dict.fromkeys([*composition.chairs(at), *own]))

    def _moves(self, by: Actor, at: datetime, composition: Composition) -> bool:
        return by.is_secretariat or by.is_system or any(map(by.speaks_for, self._chairs(at, composition)))

    def _must_move(self, by: Actor, at: datetime, composition: Composition, doing: str) -> None:
        if not self._moves(by, at, composition):
            raise Refusal.not_allowed(
                f"Only the chair, or the secretariat for it, may {doing}.", rule="chair-only", accepted=self._chairs(at, composition)
            )

    def _must_sit(self, by: Actor, at: datetime, composition: Composition, doing: str) -> None:
        seated = {*composition.seated(at), *composition.seated(max(at, year_begins(self.year)))}
        if not (self._moves(by, at, composition) or any(map(by.speaks_for, seated))):
            raise Refusal.not_allowed(
                f"Only an entity with a seat in the working group, or the secretariat, may {doing}.", rule="seat", accepted=sorted(seated)
            )

    def _must_lead(self, activity: Activity, by: Actor, at: datetime, composition: Composition, doing: str) -> None:
        if not (by.speaks_for(activity.lead) or self._moves(by, at, composition)):
            raise Refusal.not_allowed(
                f"Only its lead, the chair or the secretariat may {doing}.", rule="lead-or-chair", accepted=[activity.lead]
            )

    def _must_carry_out(self, activity: Activity, by: Actor, at: datetime, composition: Composition, doing: str) -> None:
        if not (any(map(by.speaks_for, [activity.lead, *activity.contributors])) or self._moves(by, at, composition)):
            raise Refusal.not_allowed(
                f"Only its lead, a contributor, the chair or the secretariat may {doing}.",
                rule="carries-it-out",
                accepted=[activity.lead, *activity.contributors],
            )

    def _must_be_in(self, states: tuple[str, ...], why: str) -> None:
        if self.state not in states:
            raise Refusal.conflict(
                f"The plan {self.year} is {_spoken(self.state)}. {why}", rule="life-cycle", accepted=[_spoken(state) for state in states]
            )

    def _must_not_need_amendment(self, doing: str) -> None:
        if self.state == IN_FORCE:
            raise Refusal.conflict(
                f"The plan {self.year} is adopted; to {doing}, propose an amendment.",
                rule="adopted-substance",
                accepted=f"POST /api/v1/workplans/{self.year}/amendments",
            )
        self._must_be_in((DRAFT, CONSULTATION, ADOPTION), "Its substance stays as it is.")

    def _must_be_new(self, what: str, id: str, known: list[str]) -> None:
        if id in known:
            raise Refusal.invalid(what, f"The plan {self.year} has {what} {id} already.", rule="id-unique")


def _voice(by: Actor, on_behalf_of: str | None) -> str:
    """The entity whose word this is: the person's own, or the one whose letter the secretariat enters."""
    if on_behalf_of is not None:
        by.must_be_secretariat("enter a position on behalf of an entity")
        return on_behalf_of
    if by.entity is None or not by.speaks_for(by.entity):
        raise Refusal.not_allowed(
            "A position is an entity's: its focal point or alternate takes it, or the secretariat on its behalf.",
            rule="own-entity",
            field="on_behalf_of" if by.is_secretariat else None,
        )
    return by.entity


def _differences(old: Activity, new: Activity) -> tuple[dict, dict]:
    """The fields of the substance that differ, as they were and as they are."""
    before, after = old.substance(), new.substance()
    differing = [name for name in SUBSTANCE if before[name] != after[name]]
    return {name: before[name] for name in differing}, {name: after[name] for name in differing}


def _rule_view(rule: PassingRule) -> dict:
    return {"passing": rule.passing, "blocking": rule.blocking, "minimum_hours": rule.minimum_hours}


def _no_activity(year: int, id: str) -> Refusal:
    return Refusal.not_found(f"The plan {year} has no activity {id}.", rule="activity-known", field="activity")


def _spoken(state: str) -> str:
    return state.replace("_", " ").replace("clearance", "in clearance")
