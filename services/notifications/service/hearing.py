"""What other services say becomes matters."""

from contracts import chairs, documents, workplan
from messaging.context import Arrived
from messaging.service import subscribe
from services.notifications.rules import matters
from services.notifications.service.asking import announce, chairs_at
from services.notifications.store import clock, composition


class Hearing:
    """What is public, or concerns entities of the Group, becomes a matter."""

    @subscribe(chairs.CompositionChanged)
    def composition_changed(self, event: Arrived) -> None:
        composition.keep(event)
        clock.advance(event.at)

    @subscribe(documents.Published)
    def published(self, event: Arrived) -> None:
        announce(matters.published(event.data), event)

    @subscribe(documents.Presented)
    def presented(self, event: Arrived) -> None:
        announce(matters.presented(event.data, event.at), event)

    @subscribe(documents.StatementIssued)
    def statement_issued(self, event: Arrived) -> None:
        announce(matters.statement_issued(event.data), event)

    @subscribe(documents.CorrigendumIssued)
    def corrigendum_issued(self, event: Arrived) -> None:
        announce(matters.corrigendum_issued(event.data, event.at), event)

    @subscribe(documents.LanguagePublished)
    def language_published(self, event: Arrived) -> None:
        announce(matters.language_published(event.data, event.at), event)

    @subscribe(documents.CommentRoundOpened)
    def comment_round_opened(self, event: Arrived) -> None:
        announce(matters.comment_round_opened(event.data, event.at), event)

    @subscribe(documents.ClearanceOpened)
    def clearance_opened(self, event: Arrived) -> None:
        announce(matters.clearance_opened(event.data, event.at), event)

    @subscribe(documents.ClearanceExtended)
    def clearance_extended(self, event: Arrived) -> None:
        announce(matters.clearance_extended(event.data, event.at), event)

    @subscribe(documents.ClearancePassed)
    def clearance_passed(self, event: Arrived) -> None:
        announce(matters.clearance_passed(event.data, event.at, chairs_at(event.at)), event)

    @subscribe(documents.ClearanceBroken)
    def clearance_broken(self, event: Arrived) -> None:
        announce(matters.clearance_broken(event.data, event.at, chairs_at(event.at)), event)

    @subscribe(documents.ClearanceLapsed)
    def clearance_lapsed(self, event: Arrived) -> None:
        announce(matters.clearance_lapsed(event.data, event.at, chairs_at(event.at)), event)

    @subscribe(documents.Reminded)
    def document_reminded(self, event: Arrived) -> None:
        announce(matters.document_reminded(event.data, event.at, chairs_at(event.at)), event)

    @subscribe(documents.IssueStopped)
    def issue_stopped(self, event: Arrived) -> None:
        announce(matters.issue_stopped(event.data, event.at, chairs_at(event.at)), event)

    @subscribe(workplan.ConsultationOpened)
    def consultation_opened(self, event: Arrived) -> None:
        announce(matters.consultation_opened(event.data, event.at), event)

    @subscribe(workplan.AdoptionOpened)
    def adoption_opened(self, event: Arrived) -> None:
        announce(matters.adoption_opened(event.data, event.at), event)

    @subscribe(workplan.AdoptionExtended)
    def adoption_extended(self, event: Arrived) -> None:
        announce(matters.adoption_extended(event.data, event.at), event)

    @subscribe(workplan.AdoptionReminded)
    def adoption_reminded(self, event: Arrived) -> None:
        announce(matters.adoption_reminded(event.data, event.at), event)

    @subscribe(workplan.AdoptionBroken)
    def adoption_broken(self, event: Arrived) -> None:
        announce(matters.adoption_broken(event.data, event.at, chairs_at(event.at)), event)

    @subscribe(workplan.AdoptionLapsed)
    def adoption_lapsed(self, event: Arrived) -> None:
        announce(matters.adoption_lapsed(event.data, event.at, chairs_at(event.at)), event)

    @subscribe(workplan.AdoptionSuperseded)
    def adoption_superseded(self, event: Arrived) -> None:
        announce(matters.adoption_superseded(event.data, event.at), event)

    @subscribe(workplan.AmendmentAdopted)
    def amendment_adopted(self, event: Arrived) -> None:
        announce(matters.amendment_adopted(event.data, event.at, chairs_at(event.at)), event)

    @subscribe(workplan.PlanAdopted)
    def plan_adopted(self, event: Arrived) -> None:
        announce(matters.plan_adopted(event.data, event.at), event)

    @subscribe(workplan.PlanClosed)
    def plan_closed(self, event: Arrived) -> None:
        announce(matters.plan_closed(event.data, event.at), event)

    @subscribe(chairs.TermStarted)
    def term_started(self, event: Arrived) -> None:
        announce(matters.term_started(event.data, event.at), event)

    @subscribe(chairs.HandoverReminded)
    def handover_reminded(self, event: Arrived) -> None:
        announce(matters.handover_reminded(event.data, event.at), event)

    @subscribe(chairs.HandoverEscalated)
    def handover_escalated(self, event: Arrived) -> None:
        announce(matters.handover_escalated(event.data, event.at), event)

    @subscribe(workplan.MeetingCalled)
    def meeting_called(self, event: Arrived) -> None:
        announce(matters.meeting("meeting_called", event.data, event.at), event)

    @subscribe(workplan.MeetingChanged)
    def meeting_changed(self, event: Arrived) -> None:
        announce(matters.meeting("meeting_changed", event.data, event.at), event)

    @subscribe(workplan.MeetingCancelled)
    def meeting_cancelled(self, event: Arrived) -> None:
        announce(matters.meeting("meeting_cancelled", event.data, event.at), event)

    @subscribe(workplan.MeetingReminded)
    def meeting_reminded(self, event: Arrived) -> None:
        announce(matters.meeting("meeting_reminded", event.data, event.at), event)

    @subscribe(workplan.ActionAssigned)
    def action_assigned(self, event: Arrived) -> None:
        announce(matters.action_assigned(event.data, event.at), event)

    @subscribe(workplan.ActionChanged)
    def action_changed(self, event: Arrived) -> None:
        announce(matters.action_changed(event.data, event.at), event)

    @subscribe(workplan.ActionReminded)
    def action_reminded(self, event: Arrived) -> None:
        announce(matters.action_reminded(event.data, event.at), event)
