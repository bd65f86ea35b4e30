"""A year's plan: draft → consultation → adoption → in force → closed.

Positions bind the digest of the plan's substance, so the plan that is adopted is, byte for byte, the one that
was cleared; afterwards its substance changes by amendment alone, and its record by progress.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NoReturn

from services.kernel import Actor, Aggregate, Clearance, Composition, PassingRule, Position, Refusal, digest_of, written, year_begins
from services.kernel.clearance import ENDORSE, NO_OBJECTION
from services.workplan.rules import awaits, importing, rights
from services.workplan.rules.activity import SUBSTANCE, Activity, Carried, Deliverable, Note, Wording, differences
from services.workplan.rules.amendment import Amendment
from services.workplan.rules.carrying import carried
from services.workplan.rules.funding import Cancellation, Funding
from services.workplan.rules.reminding import Reminder, ahead
from services.workplan.rules.rights import RIGHTS
from services.workplan.rules.views import Seen, rule_view
from services.workplan.rules.wording import Standard

DRAFT, CONSULTATION, ADOPTION, IN_FORCE, CLOSED = "draft", "consultation", "adoption", "in_force", "closed"
PUBLIC = (IN_FORCE, CLOSED)
"""The states in which those outside the Group know of a plan."""

AWAITING = (ADOPTION, IN_FORCE)
"""The states in which something may await an entity."""


def is_coming(year: int, at: datetime) -> bool:
    """Whether a term for ``year`` opens a draft by itself: this year's or the next, not those a rota adopts far ahead."""
    return at.year <= year <= at.year + 1


@dataclass
class Plan(Aggregate):
    """``clearances``: the runs of its adoption, the last one counts. ``baseline``: the substance first adopted. ``cleared``: the
    digest of the text in force, None until adoption. ``annual_report``: as it was made when the plan closed, its digest beside it.
    ``reminded``: the reminders that were told."""

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
    cleared: str | None = None
    foreword: str = ""
    annual_report: dict | None = None
    report_digest: str | None = None
    reminded: list[str] = field(default_factory=list)

    # Its text

    def substance(self, activities: list[Activity] | None = None) -> dict:
        """What is adopted: every activity that is not cancelled. JSON-able, in one canonical order."""
        standing = [a for a in (self.activities if activities is None else activities) if a.cancelled is None]
        return {"year": self.year, "activities": [a.substance() for a in sorted(standing, key=lambda a: a.id)]}

    @property
    def digest(self) -> str:
        """SHA-256 of the substance as it stands; what a position on the plan names. In force it is the one that was cleared, and
        need not be reckoned anew for each who looks."""
        return self.cleared or digest_of(self.substance())

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
        RIGHTS.must("open_plan", rights.ToPlan(by, at, composition, year))
        return cls.begin(year, at=at)

    def open_again(self, *, by: Actor, at: datetime, composition: Composition) -> NoReturn:
        """There is one plan a year; only who could open it is told that it is there."""
        RIGHTS.must("open_plan", rights.to_plan(self, by, at, composition))
        raise Refusal.conflict(f"The plan {self.year} is open already.", rule="exists")

    def set_passing_rule(
        self, *, passing: list[str], blocking: list[str], minimum_hours: int, by: Actor, at: datetime, composition: Composition
    ) -> None:
        """The Group's own passing rule for this plan: which words satisfy, which block, the shortest silence in hours."""
        RIGHTS.must("set_passing_rule", self._enter("set_passing_rule", by, at, composition))
        self._must_be_in((DRAFT, CONSULTATION), "Its passing rule is fixed once adoption has opened.")
        if not passing:
            raise Refusal.invalid("passing", "At least one word satisfies.", rule="passing-words")
        for i, word in enumerate(blocking):
            if word in passing:
                raise Refusal.invalid(f"blocking.{i}", f"{word} cannot both satisfy and block.", rule="passing-disjoint")
        rule = replace(self.passing, passing=list(passing), blocking=list(blocking), minimum_hours=minimum_hours)
        if rule != self.passing:
            before, self.passing = rule_view(self.passing), rule
            self.happen("passing_rule_set", at, year=self.year, before=before, after=rule_view(rule))

    # The draft

    def add_activity(self, id: str, wording: Wording, *, by: Actor, at: datetime, composition: Composition) -> None:
        """A seated entity adds an activity to the draft."""
        RIGHTS.must("add_activity", self._enter("add_activity", by, at, composition))
        self._must_not_need_amendment("add an activity")
        self._must_be_in((DRAFT, CONSULTATION), "The plan is before the entities; reopen the consultation to add to it.")
        self._must_be_new("activity", id, [a.id for a in self.activities])
        wording = self._standard(at, composition).checked(id, wording)
        activity = Activity(id, wording["title"], wording["lead"]).reworded(wording)
        self.activities.append(activity)
        self._tell_added(activity, self.digest, at)

    def change_activity(self, id: str, wording: Wording, *, by: Actor, at: datetime, composition: Composition) -> None:
        """The lead, the chair or the secretariat changes an activity's substance. In adoption, positions on the
        earlier text become stale and the plan goes back to consultation."""
        who = self._enter("change_activity", by, at, composition)
        activity = self._standing(id)
        RIGHTS.must("change_activity", replace(who, activity=activity))
        self._must_not_need_amendment("change an activity's substance")
        reworded = activity.reworded(self._standard(at, composition).checked(id, wording, current=activity))
        if reworded.substance() != activity.substance():
            self._put(reworded)
            self._tell_changed(activity, reworded, self.digest, at)
            self._text_changed(at)

    def cancel_activity(self, id: str, reason: str, *, by: Actor, at: datetime, composition: Composition) -> None:
        """The lead, the chair or the secretariat drops an activity; it stays to be seen, with the reason."""
        who = self._enter("cancel_activity", by, at, composition)
        activity = self._standing(id)
        RIGHTS.must("cancel_activity", replace(who, activity=activity))
        self._must_not_need_amendment("drop an activity")
        self._put(replace(activity, cancelled=Cancellation(at, by.person, reason)))
        self._tell_of(activity, "activity_cancelled", at, reason=reason, digest=self.digest)
        self._text_changed(at)

    def carry_over(self, left: "Plan", ids: Sequence[str] | None, *, by: Actor, at: datetime, composition: Composition) -> None:
        """What the plan before left unfinished goes on in this one: the activities named, or all. ``left``: that plan as it stands,
        which is read and not changed; it hears of this by the events told here."""
        left.must_be_known_to(by, at, composition)
        RIGHTS.must("carry_over", self._enter("carry_over", by, at, composition))
        self._must_not_need_amendment("carry activities over")
        if left.state not in PUBLIC:
            raise Refusal.conflict(
                f"The plan {left.year} is {_spoken(left.state)}; what was adopted is carried over.",
                rule="carried-adopted",
                accepted=[_spoken(state) for state in PUBLIC],
            )
        joining = carried(ids, left.year, left.activities, self._standard(at, composition))
        if not joining:
            return
        self.activities += joining.values()
        digest = self.digest
        for id, activity in joining.items():
            self._tell_added(activity, digest, at)
            self._tell_of(activity, "activity_carried_over", at, lead=activity.lead, from_year=left.year, from_activity=id)
            for money in activity.funding:
                self._tell_secured(activity, money, at)
        self._text_changed(at)

    def find_nothing_to_carry_into(self, *, by: Actor, at: datetime, composition: Composition) -> NoReturn:
        """What this plan leaves unfinished has nowhere to go: there is no plan of the next year yet. Only who could open it is told how."""
        into, who = self.year + 1, rights.to_plan(self, by, at, composition)
        RIGHTS.must("carry_over", replace(who, year=into))
        raise Refusal.not_found(
            f"There is no plan {into} yet to carry into. Its draft opens with the term of {into}, once that is settled; or the chair, or "
            "the secretariat for it, opens it.",
            accepted="POST /api/v1/workplans",
        )

    def check_import(
        self, rows: Sequence[Wording], *, by: Actor, at: datetime, composition: Composition, digest: str | None = None
    ) -> importing.Import:
        """What importing these rows would do, and every problem in the way; nothing is changed. Each row is a wording with the id of
        its ``activity``. ``digest``: of the plan that the rows were made of, None where that is not known."""
        who = rights.to_plan(self, by, at, composition)
        RIGHTS.must("check_import", who)
        return self._read(rows, digest, who)

    def take_in(
        self, rows: Sequence[Wording], *, by: Actor, at: datetime, composition: Composition, digest: str | None = None
    ) -> importing.Import:
        """The activities of a spreadsheet are added, or changed: all of them, or none. A lead may import its own, the chair and the
        secretariat all. ``digest``: as for a check; rows made of an earlier text change nothing that is in the plan."""
        who = self._enter("import_plan", by, at, composition)
        RIGHTS.must("import_plan", who)
        outcome = self._read(rows, digest, who)
        if outcome.problems:
            raise Refusal.invalid(
                "activities",
                f"Nothing was imported; what stands in the way: {len(outcome.problems)}.",
                rule="import",
                extra={"problems": outcome.view()["problems"]},
            )
        if not (outcome.added or outcome.changed):
            return outcome
        changed = {new.id: new for _, new in outcome.changed}
        self.activities = [changed.get(activity.id, activity) for activity in self.activities] + outcome.added
        present = self.digest
        for activity in outcome.added:
            self._tell_added(activity, present, at)
        for old, new in outcome.changed:
            self._tell_changed(old, new, present, at)
        told = outcome.view()
        self.happen("plan_imported", at, year=self.year, added=told["added"], changed=told["changed"], digest=present)
        self._text_changed(at)
        return outcome

    def _read(self, rows: Sequence[Wording], digest: str | None, who: rights.ToPlan) -> importing.Import:
        self._must_not_need_amendment("import activities")
        stale = digest is not None and digest != self.digest

        def may_lead(lead: str) -> bool:
            return RIGHTS.may("change_activity", replace(who, activity=Activity("", "", lead)))

        return importing.read(rows, self._standard(who.at, who.group), may_lead=may_lead, stale=stale)

    # Consultation and adoption

    def open_consultation(self, *, by: Actor, at: datetime, composition: Composition) -> None:
        """Draft → consultation; or adoption → consultation, which supersedes the clearance."""
        RIGHTS.must("open_consultation", self._enter("open_consultation", by, at, composition))
        self._must_be_in((DRAFT, ADOPTION), "Consultation is opened on a draft, or reopened out of adoption.")
        if self.state == ADOPTION:
            self._text_changed(at)
        else:
            self._consult(composition.seated(at), at, again=False)

    def open_adoption(self, procedure: str, deadline: datetime | None, *, by: Actor, at: datetime, composition: Composition) -> None:
        """Put the plan as it stands to the entities seated at this instant, by ``express`` positions or by ``silence``."""
        RIGHTS.must("open_adoption", self._enter("open_adoption", by, at, composition))
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
        RIGHTS.must("extend_adoption", rights.to_plan(self, by, at, composition))
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
        who = rights.to_plan(self, by, at, composition)
        entity = rights.voice(who, on_behalf_of)
        clearance = self._clearance_for(amendment, at)
        if entity not in composition.members(at):
            raise Refusal.not_allowed(
                f"{entity} is no member of the Group as of {at:%Y-%m-%d}, so it takes no position.",
                rule="position-member",
                accepted=[code for code in clearance.counting if code in composition.members(at)],
            )
        if on_behalf_of is None:
            RIGHTS.must("take_position", replace(who, counting=clearance.counting))
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
        RIGHTS.must("propose_amendment", self._enter("propose_amendment", by, at, composition))
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
            changes = self._standard(at, composition).checked(activity, changes, current=current, path="changes.")
        proposed = Amendment(id, kind, activity, reason, by.person, by.entity, at, changes)
        proposed.digest = self.digest_with(proposed)
        if proposed.digest == self.digest:
            raise Refusal.invalid("changes", "The plan says so already.", rule="amendment-changes")
        self.amendments.append(proposed)
        before, after = proposed.before_and_after(self.activities)
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
        RIGHTS.must("open_amendment", self._enter("open_amendment", by, at, composition))
        self._must_be_in((IN_FORCE,), "Only a plan in force is amended.")
        amendment = self._amendment(id)
        if amendment.state != "proposed":
            raise Refusal.conflict(f"This amendment is {_spoken(amendment.state)}.", rule="amendment-proposed")
        if not amendment.applies_to(self.activities):
            raise Refusal.conflict("The plan has changed so that this amendment no longer applies; withdraw it.", rule="amendment-applies")
        if amendment.changes:
            current = self._find(amendment.activity)
            self._standard(at, composition).checked(amendment.activity, amendment.changes, current=current, path="changes.")
        amendment.digest = self.digest_with(amendment)
        clearance = self._opened(amendment.digest, procedure, deadline, at, composition)
        amendment.clearances.append(clearance)
        amendment.state = "clearance"
        self._tell_opened(id, clearance)

    def withdraw_amendment(self, id: str, reason: str, *, by: Actor, at: datetime, composition: Composition) -> None:
        """Its proposer, the chair or the secretariat takes an amendment back."""
        who = self._enter("withdraw_amendment", by, at, composition)
        amendment = self._amendment(id)
        RIGHTS.must("withdraw_amendment", replace(who, own=[amendment.entity] if amendment.entity else []))
        if not amendment.is_pending:
            raise Refusal.conflict(f"This amendment is {_spoken(amendment.state)}.", rule="amendment-pending")
        amendment.before, amendment.after = amendment.before_and_after(self.activities)
        self._supersede(amendment, at)
        amendment.state, amendment.settled_at, amendment.withdrawn_because, amendment.digest = "withdrawn", at, reason, None
        self.happen("amendment_withdrawn", at, year=self.year, amendment=id, reason=reason)

    # Progress

    def report_progress(self, id: str, note: str, milestones_met: list[str], *, by: Actor, at: datetime, composition: Composition) -> None:
        """The lead, a contributor, the chair or the secretariat notes progress; a milestone already met keeps its date."""
        who = self._enter("report_progress", by, at, composition)
        activity = self._standing(id)
        RIGHTS.must("report_progress", replace(who, activity=activity))
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
        self._tell_of(activity, "activity_progressed", at, note=note, milestones_met=milestones_met, status=activity.status(at))

    def mark_delivered(self, id: str, deliverable: str, note: str, *, by: Actor, at: datetime, composition: Composition) -> None:
        """A meeting, a briefing or an outcome has come about; a document is delivered by its publication alone."""
        who = self._enter("mark_delivered", by, at, composition)
        activity = self._standing(id)
        RIGHTS.must("mark_delivered", replace(who, activity=activity))
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

    def secure_funding(
        self,
        id: str,
        funding: str,
        *,
        donor: str,
        amount: str,
        currency: str,
        ends: datetime | None = None,
        note: str = "",
        by: Actor,
        at: datetime,
        composition: Composition,
    ) -> None:
        """Money that a donor gave for an activity is put on record; it is no part of the substance."""
        who = self._enter("secure_funding", by, at, composition)
        activity = self._standing(id)
        RIGHTS.must("secure_funding", replace(who, activity=activity))
        self._must_not_be_closed("record funding")
        if any(money.id == funding for money in activity.funding):
            raise Refusal.invalid("funding", f"{id} has funding {funding} already.", rule="id-unique")
        if ends is not None and ends <= at:
            raise Refusal.invalid(
                "ends", "Money that can no longer be used is not secured.", rule="funding-ends", accepted=f"after {written(at)}, or no end"
            )
        money = Funding(funding, donor, amount, currency, at, by.person, ends, note)
        activity.funding.append(money)
        self._tell_secured(activity, money, at)

    def end_funding(self, id: str, funding: str, reason: str, *, by: Actor, at: datetime, composition: Composition) -> None:
        """Money falls away, or was entered wrongly: that of a dropped activity too."""
        who = self._enter("end_funding", by, at, composition)
        activity = self._known(id)
        RIGHTS.must("end_funding", replace(who, activity=activity))
        self._must_not_be_closed("end funding")
        money = next((money for money in activity.funding if money.id == funding), None)
        if money is None:
            raise Refusal.not_found(
                f"{id} has no funding {funding}.", rule="funding-known", field="funding", accepted=[money.id for money in activity.funding]
            )
        if money.ended is not None:
            raise Refusal.conflict(f"{funding} ended on {money.ended.at:%Y-%m-%d}: {money.ended.reason}", rule="funding-ended")
        money.ended = Cancellation(at, by.person, reason)
        self.happen("funding_ended", at, year=self.year, activity=id, funding=funding, reason=reason)

    # Closing

    def close(self, foreword: str, report: dict, *, by: Actor, at: datetime, composition: Composition) -> None:
        """The year is over. ``report``: the annual report made of this plan's record, JSON-able; it is kept as it is now, with its
        digest, whatever comes later. ``foreword``: the chair's own words before it."""
        RIGHTS.must("close_plan", self._enter("close_plan", by, at, composition))
        self._must_be_in((IN_FORCE,), "Only a plan in force is closed.")
        if at < year_begins(self.year + 1):
            raise Refusal.too_early(
                f"The year {self.year} is not over.", rule="year-over", accepted=f"{self.year + 1}-01-01T00:00:00Z or later"
            )
        if pending := [amendment.id for amendment in self.amendments if amendment.is_pending]:
            raise Refusal.conflict(f"Amendments await settlement: {', '.join(pending)}.", rule="amendments-settled")
        self.state, self.closed_at, self.foreword = CLOSED, at, foreword
        self.annual_report, self.report_digest = report, digest_of(report)
        statuses = dict(Counter(activity.status(at) for activity in self.activities))
        self.happen("plan_closed", at, year=self.year, digest=self.digest, statuses=statuses, foreword=foreword, report=self.report_digest)

    # What is told by events

    def deliver(self, id: str, deliverable: str, evidence: dict, *, lead: str | None, at: datetime) -> bool:
        """The document that a deliverable promised is public. Whatever the plan's state: a publication is a fact.
        The first one delivers; told again, or told of a later one, nothing changes. ``lead``: whose document it is, None where
        that was not told. Whoever proposes a document may name any deliverable, so one by an entity that does not carry the
        activity out delivers nothing; returns whether it is one that may."""
        activity = self._known(id)
        promised = self._deliverable(activity, deliverable, dropped=True)
        if promised.kind != "document":
            raise Refusal.conflict(f"{deliverable} is a {promised.kind}, which no publication delivers.", rule="document-by-publication")
        if lead is not None and lead not in (activity.lead, *activity.contributors):
            return False
        if promised.delivered_at is None:
            self._delivered(activity, promised, evidence, at)
        return True

    def continued(self, id: str, to: Carried, *, at: datetime) -> None:
        """An activity was carried over, and goes on in another plan. Told twice, nothing changes."""
        activity = self._known(id)
        if activity.carried_to is None:
            activity.carried_to = to
            self.happen("activity_continued", at, year=self.year, activity=id, to_year=to.year, to_activity=to.activity)

    def goes_on(self, id: str) -> tuple[Carried, list[Deliverable]] | None:
        """Where an activity goes on, with the documents of it that were published, whichever of the two came first; None while
        there is nothing to be delivered there."""
        activity = self._known(id)
        public = [item for item in activity.deliverables + activity.dropped if item.kind == "document" and item.delivered_at is not None]
        return (activity.carried_to, public) if activity.carried_to is not None and public else None

    def deliver_carried(self, id: str, public: list[Deliverable]) -> None:
        """What an activity promised in the plan it was carried over from was published: so it is delivered here, if it went along, is
        a document still, and was not delivered before. Told twice, nothing changes."""
        activity = self._known(id)
        went_along = activity.carried_from.promised if activity.carried_from else []
        for published in public:
            promised = activity.deliverable(published.id) if published.id in went_along else None
            if promised is not None and promised.kind == "document" and promised.delivered_at is None and published.delivered_at:
                self._delivered(activity, promised, published.evidence or {}, published.delivered_at)

    # The clock

    def due(self) -> datetime | None:
        """The soonest deadline of what is in clearance, or the reminder that falls before it."""
        return self._reminder.falls if self._reminder else next((clearance.deadline for _, clearance in self._cleared), None)

    def tick(self, now: datetime) -> None:
        """Remind of deadlines, and settle each clearance whose deadline has come, in the order in which they fall: an amendment that
        passes makes the others' text another."""
        while (due := self.due()) is not None and due <= now:
            if reminder := self._reminder:
                self._remind(reminder)
            else:
                amendment, clearance = self._cleared[0]
                clearance.fall_due(now)
                self._conclude(amendment, clearance)

    @property
    def _reminder(self) -> Reminder | None:
        """The one that falls next, unless a deadline comes first, which may leave nothing to remind of."""
        cleared = self._cleared
        untold = (
            reminder
            for amendment, clearance in cleared
            for reminder in ahead(amendment.id if amendment else None, clearance)
            if reminder.key not in self.reminded
        )
        first = min(untold, key=lambda reminder: reminder.falls, default=None)
        soonest = cleared[0][1].deadline if cleared else None
        return first if first and soonest and first.falls < soonest else None

    def _remind(self, reminder: Reminder) -> None:
        self.reminded.append(reminder.key)
        facts = {"deadline": reminder.deadline, "days": (reminder.deadline - reminder.falls).days}
        clearance = reminder.clearance
        self._tell("adoption_reminded", reminder.falls, reminder.amendment, clearance, **facts, entities=clearance.awaiting())

    # What is seen

    @property
    def is_public(self) -> bool:
        """Those outside know of an adopted plan alone; of a draft they are told that there is none."""
        return self.state in PUBLIC

    def must_be_known_to(self, by: Actor, at: datetime, composition: Composition, *, asking: str = "get_plan") -> bool:
        """Refuse, as unknown, whom this plan may not be shown to. Returns whether the actor is inside."""
        who = rights.to_plan(self, by, at, composition)
        RIGHTS.must(asking, who)
        return who.is_inside

    def seen(self, by: Actor, at: datetime, composition: Composition) -> Seen:
        """The plan as this actor may see it. Who is inside is asked as of ``at``: a role alone opens nothing to those whose entity
        has left."""
        return Seen(self, at, inside=self.must_be_known_to(by, at, composition))

    def awaits(self, entity: str, at: datetime) -> list[dict]:
        """What awaits an entity in this plan."""
        items = [awaits.position(self, a, clearance) for a, clearance in self._cleared if entity in clearance.awaiting()]
        if self.state == IN_FORCE:
            led = [activity for activity in self.activities if activity.lead == entity and activity.cancelled is None]
            items += [item for activity in led for item in awaits.owed(self, activity, at)]
        return items

    # What follows from a change

    def _consult(self, asked: list[str], at: datetime, *, again: bool) -> None:
        self.state = CONSULTATION
        self.happen("consultation_opened", at, year=self.year, digest=self.digest, again=again, asked=asked)

    def _text_changed(self, at: datetime) -> None:
        """Positions bound the earlier text: the clearance that ran over it is superseded."""
        if self.state == ADOPTION and self.adoption is not None:
            self._supersede(None, at)
            self._consult(self.adoption.counting, at, again=True)

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
            self._consult(clearance.counting, at, again=True)
        else:
            amendment.state = "proposed"

    def _adopt(self, clearance: Clearance, at: datetime) -> None:
        self.state, self.adopted_at, self.baseline, self.cleared = IN_FORCE, at, self.substance(), clearance.digest
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
        amendment.before, amendment.after = amendment.before_and_after(self.activities)
        self.activities, self.cleared = amendment.applied_to(self.activities, at), clearance.digest
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
            after=amendment.after,
            counting=clearance.counting,
            endorsed_by=clearance.words(ENDORSE),
            status=self._known(amendment.activity).status(at),
        )
        for other in self.amendments:
            if other.state == "clearance":
                self._supersede(other, at)
                other.state = "proposed"
            if other.state == "proposed":
                other.digest = self.digest_with(other) if other.applies_to(self.activities) else None

    def _delivered(self, activity: Activity, deliverable: Deliverable, evidence: dict, at: datetime) -> None:
        deliverable.delivered_at, deliverable.evidence = at, evidence
        self._tell_of(
            activity,
            "deliverable_delivered",
            at,
            deliverable=deliverable.id,
            deliverable_title=deliverable.title,
            kind=deliverable.kind,
            pillars=activity.pillars,
            evidence=evidence,
            status=activity.status(at),
        )

    def _tell_of(self, activity: Activity, event: str, at: datetime, **data: Any) -> None:
        """What happened to an activity, told with the year and the title by which readers know it."""
        self.happen(event, at, year=self.year, activity=activity.id, title=activity.title, **data)

    def _tell_added(self, activity: Activity, digest: str, at: datetime) -> None:
        """``digest``: of the plan now, reckoned once for all that are added at once."""
        substance = activity.substance()
        self._tell_of(activity, "activity_added", at, lead=activity.lead, pillars=activity.pillars, substance=substance, digest=digest)

    def _tell_changed(self, old: Activity, new: Activity, digest: str, at: datetime) -> None:
        before, after = differences(old.substance(), new.substance())
        status = new.status(at)
        if self.adopted_at is None and status == "late":  # nothing is late before the plan is adopted
            status = "planned"
        self.happen("activity_changed", at, year=self.year, activity=new.id, before=before, after=after, digest=digest, status=status)

    def _tell_secured(self, activity: Activity, money: Funding, at: datetime) -> None:
        self._tell_of(
            activity,
            "funding_secured",
            at,
            funding=money.id,
            donor=money.donor,
            amount=money.amount,
            currency=money.currency,
            ends=money.ends,
            note=money.note,
        )

    def _tell(self, event: str, at: datetime, amendment: str | None, clearance: Clearance, **data) -> None:
        self.happen(event, at, year=self.year, amendment=amendment, digest=clearance.digest, counting=clearance.counting, **data)

    def _tell_opened(self, amendment: str | None, clearance: Clearance) -> None:
        self._tell(
            "adoption_opened",
            clearance.opened_at,
            amendment,
            clearance,
            procedure=clearance.rule.by,
            deadline=clearance.deadline,
        )

    # Finding

    def _find(self, id: str) -> Activity | None:
        return next((activity for activity in self.activities if activity.id == id), None)

    def _known(self, id: str) -> Activity:
        activity = self._find(id)
        if activity is None:
            raise Refusal.not_found(f"The plan {self.year} has no activity {id}.", rule="activity-known", field="activity")
        return activity

    def _standing(self, id: str) -> Activity:
        activity = self._known(id)
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
        found = activity.deliverable(id)
        if found is not None and (dropped or found in activity.deliverables):
            return found
        raise Refusal.not_found(
            f"{activity.id} has no deliverable {id}.",
            rule="deliverable-known",
            field="deliverable",
            accepted=[deliverable.id for deliverable in activity.deliverables],
        )

    def _standard(self, at: datetime, composition: Composition) -> Standard:
        return Standard(self.year, self.activities, at, composition)

    # Who may, and when

    def _enter(self, order: str, by: Actor, at: datetime, composition: Composition) -> rights.ToPlan:
        """Before any order: no one learns by trying what is the Group's own, and what the clock has brought about by now stands. Who is
        outside, a lead that has left among them, may read an adopted plan and act on none: a refusal that looked any closer would tell
        of what was dropped before the adoption, and of amendments that are pending. Returns who the actor is to this plan."""
        who = rights.to_plan(self, by, at, composition)
        RIGHTS.must_enter(order, who)
        self.tick(at)
        return who

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

    def _must_not_be_closed(self, doing: str) -> None:
        self._must_be_in((DRAFT, CONSULTATION, ADOPTION, IN_FORCE), f"It is too late to {doing}.")

    def _must_be_new(self, what: str, id: str, known: list[str]) -> None:
        if id in known:
            raise Refusal.invalid(what, f"The plan {self.year} has {what} {id} already.", rule="id-unique")


def _spoken(state: str) -> str:
    return state.replace("_", " ").replace("clearance", "in clearance")
