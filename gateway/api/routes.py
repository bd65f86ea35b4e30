"""The table of the API: method, path, and the contract that the request is.

Path parameters and the JSON body (or the query string of a GET) together are the contract's payload. Everything else follows
from the table: the dispatcher, the OpenAPI description, the readable page. Every route needs an account unless it is marked
``public``; what an account may do is decided by the service that owns the rule.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from contracts import chairs, documents, notifications, workplan
from contracts.base import Answer, Command, Query
from gateway.accounts import contract as accounts
from gateway.house import contract as house

PREFIX = "/api/v1"
MIB = 1024 * 1024


@dataclass(frozen=True)
class Deprecated:
    """That a route is not to be built upon any more, ``since`` an instant; that it ends at ``sunset``, where that is settled; and the path
    of the route that takes its place. Told in the answers' headers (RFC 9745, RFC 8594) and in the description."""

    since: datetime
    sunset: datetime | None = None
    successor: str = ""

    def headers(self) -> list[tuple[str, str]]:
        """``Deprecation`` and ``Sunset``, and where to read of it and to turn to."""
        found = [("Deprecation", f"@{int(self.since.timestamp())}"), ("Link", '</api/docs>; rel="deprecation"; type="text/html"')]
        if self.sunset is not None:
            found.append(("Sunset", format_datetime(self.sunset.astimezone(UTC), usegmt=True)))
        if self.successor:
            found.append(("Link", f'<{PREFIX}{self.successor}>; rel="successor-version"'))
        return found


@dataclass(frozen=True)
class Route:
    """One line of the table.

    ``path``: under ``/api/v1``, parameters in braces. ``public``: for visitors without an account too. ``creates``: answered
    201; with a path, filled from the answer and the payload, that is the Location. ``limit``: bytes of body. ``secret``: its
    answer shows a secret, so it is never kept for an idempotency key: sent again, the order is carried out again under the same
    cause, and answered as the service answers it then. ``gives``: the form in which the answer goes out, ``takes``: that in which the
    request may come in beside JSON; both are names in ``gateway.forms``. ``fixed``: fields of the payload that this path itself says,
    with their values: ``….pdf`` asks for the format ``pdf``. ``live``: its answer is the beginning of a stream of events, which goes on
    with what the same question answers later (``gateway.live``). ``in_person``: by a session alone, never by a token, so that whoever
    got hold of one cannot make it last. ``deprecated``: that it is going, and since when.
    """

    method: str
    path: str
    contract: type[Command]
    public: bool = False
    creates: str | bool = False
    limit: int = MIB
    secret: bool = False
    gives: str = ""
    takes: str = ""
    fixed: Mapping[str, Any] = field(default_factory=dict, hash=False)
    live: bool = False
    in_person: bool = False
    deprecated: Deprecated | None = None

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    @property
    def in_path(self) -> list[str]:
        """The fields that a caller cannot send beside the path, since it says them."""
        return [*self.parameters, *self.fixed]

    @property
    def rule(self) -> str:
        """The path as Flask writes it."""
        return PREFIX + re.sub(r"{(\w+)}", r"<\1>", self.path)

    @property
    def changes(self) -> bool:
        return not issubclass(self.contract, Query)

    @property
    def is_calendar(self) -> bool:
        """Whether calendar programs subscribe to it: they know names and passwords, and no bearer tokens."""
        return self.gives.endswith(".ics")

    @property
    def is_sparse(self) -> bool:
        """Whether one may ask for some fields of its answer alone."""
        return self.method == "GET" and not (self.gives or self.live)

    @property
    def status(self) -> int:
        """The status of success."""
        if self.creates:
            return 201
        return 204 if self.contract.answer is Answer else 200

    @property
    def tag(self) -> str:
        return self.contract.producer


CHAIRS = (
    Route("GET", "/group", chairs.GetGroup, public=True),
    Route("GET", "/entities", chairs.Entities, public=True),
    Route("POST", "/entities", chairs.RegisterEntity, creates=True),
    Route("GET", "/memberships", chairs.Members, public=True),
    Route("POST", "/memberships", chairs.StartMembership, creates=True),
    Route("POST", "/memberships/{entity}/ending", chairs.EndMembership),
    Route("GET", "/seats", chairs.Seats, public=True),
    Route("POST", "/seats", chairs.TakeSeat, creates=True),
    Route("POST", "/seats/{entity}/ending", chairs.GiveUpSeat),
    Route("GET", "/chairs", chairs.Overview, public=True),
    Route("GET", "/chairs/terms", chairs.Terms, public=True),
    Route("PUT", "/chairs/terms/{year}", chairs.RecordTerm),
    Route("POST", "/chairs/terms/{year}/acceptances", chairs.AcceptTerm),
    Route("POST", "/chairs/terms/{year}/declinations", chairs.DeclineTerm),
    Route("POST", "/chairs/terms/{year}/co-chairs", chairs.CoChair),
    Route("POST", "/chairs/terms/{year}/step-downs", chairs.StepDown),
    Route("GET", "/chairs/history", chairs.History, public=True),
    Route("GET", "/chairs/history.svg", chairs.History, public=True, gives="timeline.svg"),
    Route("GET", "/chairs/history.ics", chairs.History, public=True, gives="terms.ics"),
    Route("GET", "/chairs/handovers/{year}", chairs.Handover),
    Route("POST", "/chairs/handovers/{year}/notes", chairs.NoteHandover, creates=True),
    Route("POST", "/chairs/handovers/{year}/signatures", chairs.SignHandover, creates=True),
    Route("GET", "/chairs/rota", chairs.Rota),
    Route("POST", "/chairs/rota/proposals", chairs.ProposeRota, creates=True),
    Route("POST", "/chairs/rota/adoptions", chairs.AdoptRota, creates=True),
    Route("POST", "/chairs/swaps", chairs.ProposeSwap, creates=True),
    Route("POST", "/chairs/swaps/{swap}/agreement", chairs.AgreeSwap),
    Route("POST", "/chairs/swaps/{swap}/refusal", chairs.RefuseSwap),
    Route("GET", "/awaiting/chairs", chairs.Awaiting),
)

_ACTIVITY = "/workplans/{year}/activities/{activity}"
_MEETING = "/meetings/{meeting}"

WORKPLAN = (
    Route("GET", "/workplans", workplan.Plans),
    Route("POST", "/workplans", workplan.OpenPlan, creates="/workplans/{year}"),
    Route("GET", "/workplans/{year}", workplan.GetPlan),
    Route("PUT", "/workplans/{year}/passing-rule", workplan.SetPassingRule),
    Route("POST", "/workplans/{year}/consultation", workplan.OpenConsultation),
    Route("POST", "/workplans/{year}/adoption", workplan.OpenAdoption),
    Route("PATCH", "/workplans/{year}/adoption", workplan.ExtendAdoption),
    Route("GET", "/workplans/{year}/positions", workplan.Positions),
    Route("POST", "/workplans/{year}/positions", workplan.TakePosition, creates=True),
    Route("POST", "/workplans/{year}/closure", workplan.ClosePlan),
    Route("GET", "/workplans/{year}/baseline", workplan.Baseline),
    Route("POST", "/workplans/{year}/carry-over", workplan.CarryOver),
    Route("POST", "/workplans/{year}/imports", workplan.ImportPlan, takes="plan.xlsx", limit=2 * MIB),
    Route("POST", "/workplans/{year}/imports/checks", workplan.CheckImport, takes="plan.xlsx", limit=2 * MIB),
    Route("GET", "/workplans/{year}/plan.xlsx", workplan.GetPlan, gives="plan.xlsx"),
    Route("GET", "/workplans/{year}/timeline.svg", workplan.Activities, gives="gantt.svg"),
    Route("GET", "/workplans/{year}/coverage", workplan.Coverage),
    Route("GET", "/workplans/{year}/coverage.svg", workplan.Coverage, gives="coverage.svg"),
    Route("GET", "/workplans/{year}/report", workplan.AnnualReport),
    Route("GET", "/workplans/{year}/report.html", workplan.AnnualReport, gives="report.html"),
    Route("GET", "/workplans/{year}/activities", workplan.Activities),
    Route("POST", "/workplans/{year}/activities", workplan.AddActivity, creates=_ACTIVITY),
    Route("GET", _ACTIVITY, workplan.GetActivity),
    Route("PATCH", _ACTIVITY, workplan.ChangeActivity),
    Route("POST", f"{_ACTIVITY}/cancellation", workplan.CancelActivity),
    Route("POST", f"{_ACTIVITY}/progress", workplan.ReportProgress, creates=True),
    Route("POST", f"{_ACTIVITY}/deliverables/{{deliverable}}/delivery", workplan.MarkDelivered),
    Route("POST", f"{_ACTIVITY}/funding", workplan.SecureFunding, creates=True),
    Route("POST", f"{_ACTIVITY}/funding/{{funding}}/ending", workplan.EndFunding),
    Route("POST", "/workplans/{year}/amendments", workplan.ProposeAmendment, creates=True),
    Route("POST", "/workplans/{year}/amendments/{amendment}/clearance", workplan.OpenAmendment),
    Route("POST", "/workplans/{year}/amendments/{amendment}/withdrawal", workplan.WithdrawAmendment),
    Route("GET", "/global-plan", workplan.GlobalPlan, public=True),
    Route("GET", "/concrete-actions", workplan.ConcreteActions),
    Route("POST", "/concrete-actions", workplan.DeclareConcreteAction, creates="/concrete-actions/{action}"),
    Route("GET", "/concrete-actions/{action}", workplan.GetConcreteAction),
    Route("PATCH", "/concrete-actions/{action}", workplan.ChangeConcreteAction),
    Route("POST", "/concrete-actions/{action}/ending", workplan.EndConcreteAction),
    Route("GET", "/calendar", workplan.Calendar),
    Route("GET", "/calendar.ics", workplan.Calendar, gives="calendar.ics"),
    Route("GET", "/entities/{entity}/calendar", workplan.Calendar),
    Route("GET", "/entities/{entity}/calendar.ics", workplan.Calendar, gives="calendar.ics"),
    Route("GET", "/meetings", workplan.Meetings),
    Route("POST", "/meetings", workplan.CallMeeting, creates="/meetings/{meeting}"),
    Route("GET", _MEETING, workplan.GetMeeting),
    Route("PATCH", _MEETING, workplan.ChangeMeeting),
    Route("POST", f"{_MEETING}/cancellation", workplan.CancelMeeting),
    Route("POST", f"{_MEETING}/agenda", workplan.ProposeAgendaItem, creates=True),
    Route("POST", f"{_MEETING}/replies", workplan.ReplyToMeeting, creates=True),
    Route("POST", f"{_MEETING}/attendance", workplan.RecordAttendance, creates=True),
    Route("POST", f"{_MEETING}/decisions", workplan.RecordDecision, creates=True),
    Route("POST", f"{_MEETING}/actions", workplan.AssignAction, creates=True),
    Route("PATCH", f"{_MEETING}/actions/{{action}}", workplan.ChangeAction),
    Route("POST", f"{_MEETING}/actions/{{action}}/completion", workplan.CompleteAction),
    Route("POST", f"{_MEETING}/actions/{{action}}/dropping", workplan.DropAction),
    Route("GET", "/action-items", workplan.ActionItems),
    Route("GET", "/briefings", workplan.Briefings, public=True),
    Route("POST", "/briefings", workplan.AnnounceBriefing, creates="/briefings/{briefing}"),
    Route("GET", "/briefings/{briefing}", workplan.GetBriefing, public=True),
    Route("PATCH", "/briefings/{briefing}", workplan.ChangeBriefing),
    Route("POST", "/briefings/{briefing}/cancellation", workplan.CancelBriefing),
    Route("GET", "/awaiting/workplan", workplan.Awaiting),
)

_DOCUMENT = "/documents/{document}"
_REVISIONS = f"{_DOCUMENT}/revisions"
_COMMENTS = f"{_DOCUMENT}/comments"
_LANGUAGES = f"{_DOCUMENT}/languages"
_EXPORTS = f"{_DOCUMENT}/exports"

_REVISION = "/documents/{id}/revisions/{revision}"
"""Where an order that saves one answers that it is."""


def _published(format: str) -> Route:
    """The publication in one format, under an address that says so, with ``?language=`` for another than the original's."""
    name = format if format.startswith("certificate") else f"export.{format}"
    return Route("GET", f"{_DOCUMENT}/{name}", documents.GetPublished, public=True, gives=f"made.{format}", fixed={"format": format})


DOCUMENTS = (
    Route("GET", "/library", documents.Library, public=True),
    Route("POST", "/library", documents.EnterPublished, creates="/documents/{id}"),
    Route("GET", "/search", documents.Search, public=True),
    Route("GET", "/passing-rules/documents", documents.PassingRules),
    Route("PUT", "/passing-rules/documents/{kind}", documents.SetPassingRule),
    Route("GET", "/documents", documents.Documents, public=True),
    Route("POST", "/documents", documents.Propose, creates="/documents/{id}"),
    Route("GET", _DOCUMENT, documents.GetDocument, public=True),
    Route("PATCH", _DOCUMENT, documents.Describe),
    Route("POST", f"{_DOCUMENT}/concept", documents.AgreeConcept),
    Route("PATCH", f"{_DOCUMENT}/drafters", documents.ChangeDrafters),
    Route("GET", f"{_DOCUMENT}/text", documents.GetRevision, public=True),
    Route("GET", _REVISIONS, documents.Revisions),
    Route("POST", _REVISIONS, documents.SaveRevision, creates=_REVISION, limit=8 * MIB),
    Route("GET", f"{_REVISIONS}/{{number}}", documents.GetRevision, public=True),
    Route("POST", f"{_REVISIONS}/{{base}}/imports", documents.ImportText, creates=_REVISION, takes="text", limit=10 * MIB),
    Route("POST", f"{_DOCUMENT}/imports/checks", documents.CheckText, takes="text", limit=10 * MIB),
    Route("GET", f"{_DOCUMENT}/sections/{{section}}", documents.GetSection),
    Route("PUT", f"{_DOCUMENT}/sections/{{section}}", documents.SaveSection, limit=2 * MIB),
    Route("GET", f"{_DOCUMENT}/comparison", documents.CompareRevisions, public=True),
    Route("PUT", _LANGUAGES, documents.DecideLanguages),
    Route("GET", f"{_LANGUAGES}/{{language}}", documents.CompareTranslation),
    Route("PUT", f"{_LANGUAGES}/{{language}}", documents.SaveTranslation, limit=8 * MIB),
    Route("POST", f"{_LANGUAGES}/{{language}}/publication", documents.PublishTranslation),
    Route("POST", f"{_DOCUMENT}/comment-rounds", documents.OpenCommentRound, creates=True),
    Route("GET", _COMMENTS, documents.Comments),
    Route("POST", _COMMENTS, documents.Comment, creates="/documents/{document}/comments/{number}"),
    Route("GET", f"{_COMMENTS}/{{comment}}", documents.GetComment),
    Route("POST", f"{_COMMENTS}/{{comment}}/replies", documents.ReplyToComment, creates=True),
    Route("POST", f"{_COMMENTS}/{{comment}}/dispositions", documents.Dispose, creates=True),
    Route("GET", f"{_DOCUMENT}/clearance", documents.Clearance),
    Route("GET", f"{_DOCUMENT}/clearance.svg", documents.Clearance, gives="board.svg"),
    Route("POST", f"{_DOCUMENT}/clearance", documents.OpenClearance),
    Route("PATCH", f"{_DOCUMENT}/clearance", documents.ExtendClearance),
    Route("POST", f"{_DOCUMENT}/positions", documents.TakePosition, creates=True),
    Route("POST", f"{_DOCUMENT}/signatories", documents.JoinSignatories, creates=True),
    Route("POST", f"{_DOCUMENT}/endorsement-withdrawals", documents.WithdrawEndorsement, creates=True),
    Route("GET", f"{_DOCUMENT}/certificate", documents.Certificate, public=True),
    Route("POST", f"{_DOCUMENT}/publication", documents.Publish),
    Route("POST", f"{_DOCUMENT}/presentations", documents.Present, creates=True),
    Route("POST", f"{_DOCUMENT}/corrigenda", documents.IssueCorrigendum, creates=_REVISION, limit=8 * MIB),
    Route("POST", f"{_DOCUMENT}/withdrawal", documents.Withdraw),
    Route("POST", f"{_DOCUMENT}/attachments", documents.Attach, creates="/documents/{document}/attachments/{id}", limit=12 * MIB),
    Route("GET", f"{_DOCUMENT}/attachments/{{attachment}}", documents.GetAttachment, public=True, gives="file"),
    Route("POST", _EXPORTS, documents.RequestExport, creates="/documents/{document}/exports/{id}"),
    Route("GET", f"{_EXPORTS}/{{export}}", documents.GetExport),
    Route("GET", f"{_EXPORTS}/{{export}}/file", documents.GetExportFile, gives="made"),
    *(_published(format) for format in documents.PUBLIC_FORMATS),
    Route("GET", "/awaiting/documents", documents.Awaiting),
)

_INBOX = "/subscribers/{subscriber}/inbox"
_SUBSCRIPTIONS = "/subscribers/{subscriber}/subscriptions"
_SUBSCRIPTION = f"{_SUBSCRIPTIONS}/{{subscription}}"
_INVITATIONS = "/subscribers/invitations"

NOTIFICATIONS = (
    Route("GET", "/subscribers", notifications.Subscribers),
    Route("POST", "/subscribers", notifications.AdmitSubscriber, creates="/subscribers/{code}"),
    Route("POST", _INVITATIONS, notifications.InviteSubscriber, creates="/subscribers/{code}"),
    Route("GET", _INVITATIONS, notifications.GetInvitation, public=True, secret=True),
    Route("POST", f"{_INVITATIONS}/acceptances", notifications.AcceptInvitation, public=True),
    Route("GET", "/subscribers/{code}", notifications.GetSubscriber),
    Route("POST", "/subscribers/{code}/ending", notifications.EndSubscriber),
    Route("POST", _SUBSCRIPTIONS, notifications.Subscribe, creates="/subscribers/{subscriber}", secret=True),
    Route("PUT", _SUBSCRIPTION, notifications.ChangeSubscription),
    Route("DELETE", _SUBSCRIPTION, notifications.Unsubscribe),
    Route("POST", f"{_SUBSCRIPTION}/pause", notifications.PauseSubscription),
    Route("POST", f"{_SUBSCRIPTION}/resumption", notifications.ResumeSubscription),
    Route("POST", f"{_SUBSCRIPTION}/secret", notifications.ReplaceSecret, secret=True),
    Route("POST", f"{_SUBSCRIPTION}/credentials", notifications.FetchQueueCredentials, secret=True),
    Route("POST", "/subscriptions/confirmations", notifications.Confirm, public=True),
    Route("POST", "/subscriptions/endings", notifications.Unsubscribe, public=True),
    Route("GET", _INBOX, notifications.Inbox),
    Route("GET", f"{_INBOX}/live", notifications.Inbox, live=True, fixed={"before": None, "limit": 100}),
    Route("POST", f"{_INBOX}/reading", notifications.MarkRead),
    Route("GET", "/deliveries", notifications.Deliveries),
    Route("GET", "/deliveries/board", notifications.DeliveryBoard),
    Route("GET", "/deliveries/summary", notifications.DeliverySummary),
    Route("POST", "/deliveries/{delivery}/attempts", notifications.SendAgain),
    Route("POST", "/replays", notifications.Replay, creates=True),
    Route("POST", "/previews", notifications.Preview, secret=True),
    Route("GET", "/suppressions", notifications.Suppressions),
    Route("POST", "/suppressions/liftings", notifications.LiftSuppression),
    Route("GET", "/matters/{topic}", notifications.Matters, public=True),
    Route("GET", "/briefings/{briefing}/attendance", notifications.Attendance, public=True),
    Route("GET", "/briefings/{briefing}/attendance.csv", notifications.Attendance, gives="participants.csv"),
    Route("GET", "/briefings/{briefing}/attendance.xlsx", notifications.Attendance, gives="participants.xlsx"),
    Route("POST", "/briefings/{briefing}/replies", notifications.ReplyToBriefing, public=True, creates=True),
)

_LETTERS = "/services/{service}/letters"

GATEWAY = (
    Route("POST", "/sessions", accounts.LogIn, public=True, creates="/me", secret=True),
    Route("GET", "/sessions", accounts.Sessions),
    Route("DELETE", "/sessions/current", accounts.LogOut),
    Route("DELETE", "/sessions/{id}", accounts.EndSession, in_person=True),
    Route("POST", "/sessions/endings", accounts.EndOtherSessions, in_person=True),
    Route("POST", "/invitations/acceptances", accounts.AcceptInvitation, public=True),
    Route("GET", "/me", accounts.Me),
    Route("PATCH", "/me", accounts.ChangeMe),
    Route("POST", "/me/password", accounts.ChangePassword, in_person=True),
    Route("POST", "/me/second-factor", accounts.BeginSecondFactor, secret=True, in_person=True),
    Route("POST", "/me/second-factor/confirmation", accounts.ConfirmSecondFactor, secret=True, in_person=True),
    Route("POST", "/me/second-factor/removal", accounts.RemoveSecondFactor, in_person=True),
    Route("GET", "/me/awaiting", accounts.MyAwaiting),
    Route("GET", "/tokens", accounts.Tokens),
    Route("POST", "/tokens", accounts.MakeToken, creates=True, secret=True, in_person=True),
    Route("DELETE", "/tokens/{id}", accounts.RevokeToken),
    Route("GET", "/people", accounts.People),
    Route("POST", "/people", accounts.InvitePerson, creates="/people/{name}", secret=True, in_person=True),
    Route("GET", "/people/{name}", accounts.GetPerson),
    Route("PATCH", "/people/{name}", accounts.ChangePerson, in_person=True),
    Route("POST", "/people/{of}/handover", accounts.HandOver, in_person=True),
    Route("POST", "/people/{name}/invitation", accounts.InviteAgain, creates=True, secret=True, in_person=True),
    Route("DELETE", "/people/{name}/second-factor", accounts.ResetSecondFactor, in_person=True),
    Route("DELETE", "/people/{name}/organization", accounts.Untie, in_person=True),
    Route("GET", "/providers", accounts.Providers),
    Route("POST", "/providers", accounts.RegisterProvider, creates=True, in_person=True),
    Route("PATCH", "/providers/{entity}", accounts.ChangeProvider, in_person=True),
    Route("POST", "/providers/{entity}/ending", accounts.EndProvider, in_person=True),
    Route("GET", "/status", accounts.PlatformStatus),
    Route("GET", "/house", house.House),
    Route("GET", "/trail", house.Trail),
    Route("GET", _LETTERS, house.DeadLetters),
    Route("POST", f"{_LETTERS}/resending", house.SendLetterAgain),
    Route("POST", f"{_LETTERS}/dropping", house.DropLetter),
    Route("POST", "/rehearsal/tick", accounts.RehearsalTick),
)

ROUTES: tuple[Route, ...] = (*CHAIRS, *WORKPLAN, *DOCUMENTS, *NOTIFICATIONS, *GATEWAY)
