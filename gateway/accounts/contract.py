"""What the gateway itself answers: people, sessions, tokens, and what it gathers from the services."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from contracts.base import (
    Answer,
    Command,
    Contract,
    EntityCode,
    Instant,
    Language,
    Line,
    Message,
    PageQuery,
    Query,
    Slug,
    Text,
    VersionedAnswer,
    many,
    page_of,
)
from contracts.platform import StatusAnswer
from gateway.accounts.rules import ALL, READ
from gateway.house import contract as house
from services.kernel.actor import ALTERNATE, FOCAL_POINT, MISSION, READER, SECRETARIAT

ROLES = (SECRETARIAT, FOCAL_POINT, ALTERNATE, MISSION, READER)
STATES = ("invited", "active", "suspended")


AREAS = ("chairs", "workplan", "documents", "notifications", "gateway")
"""Whose routes a token may be held to."""


class LoginName(fields.String):
    """A login name: lower-case letters, digits, dot, hyphen and underscore; 2 to 64 characters."""

    def __init__(self, **kwargs):
        super().__init__(
            validate=validate.Regexp(
                r"^[a-z0-9][a-z0-9._-]{1,63}\Z", error="A login name is 2 to 64 of a-z, 0-9, dot, hyphen, underscore."
            ),
            **kwargs,
        )


def Password(**kwargs) -> fields.String:
    """Ten characters or more; any characters."""
    return fields.String(validate=validate.Length(min=10, max=200), metadata={"format": "password"}, **kwargs)


def SaidPassword(*, required: bool = True, **kwargs) -> fields.String:
    """A password that is there already, as a person says it: whatever they type."""
    return fields.String(required=required, validate=validate.Length(max=200), metadata={"format": "password"}, **kwargs)


def Code(**kwargs) -> fields.String:
    """Six digits, or a recovery code; spaces and hyphens do not matter."""
    return fields.String(validate=validate.Length(min=1, max=40), **kwargs)


def Roles(**kwargs) -> fields.List:
    """What a person is: secretariat, focal_point, alternate, mission, reader."""
    return fields.List(fields.String(validate=validate.OneOf(ROLES)), validate=validate.Length(min=1, max=len(ROLES)), **kwargs)


class Appointment(Message):
    """A role with its dates: held from ``since`` until ``until``, without end when that is null. In an order ``since`` may be left out:
    the role goes on, or begins now."""

    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    since = Instant(load_default=None, allow_none=True)
    until = Instant(load_default=None, allow_none=True)


MOST_APPOINTMENTS = 40


class _Appointing(Command):
    """Says what a person is: by ``roles``, held from now on without end, or by ``appointments``, all that is to hold now or later."""

    roles = Roles()
    appointments = many(Appointment, max=MOST_APPOINTMENTS)

    @validates_schema
    def _one_of_both(self, data: dict[str, Any], **kwargs: Any) -> None:
        if "roles" in data and "appointments" in data:
            raise ValidationError("Roles are given as roles or as appointments, not as both.", "appointments")


# Answers --------------------------------------------------------------------------------------------------------------------------------


class ChangeAnswer(Answer):
    """One entry of an account's history: who changed what, when."""

    at = Instant()
    by = fields.String()
    what = fields.String()
    before = fields.Dict(keys=fields.String())
    after = fields.Dict(keys=fields.String())


class PersonAnswer(VersionedAnswer):
    """A person's account. Never a password, a token or a digest of one."""

    name = LoginName()
    display_name = fields.String()
    entity = EntityCode(allow_none=True, metadata={"description": "Code of the one entity or mission the person acts for."})
    roles = Roles(metadata={"description": "Those held now."})
    appointments = many(Appointment, max=1_000, metadata={"description": "Past, present and to come."})
    language = Language()
    status = fields.String(validate=validate.OneOf(STATES))
    second_factor = fields.Boolean(allow_none=True, metadata={"description": "Whether one is in force; null to whom it does not concern."})


class PersonWithHistory(PersonAnswer):
    """A person's account and everything that ever changed in it."""

    history = many(ChangeAnswer, max=100_000)


class InvitationAnswer(PersonAnswer):
    """The new account. ``invitation`` is shown here only, to be handed to the person, who chooses a password with it; it is null
    when a password was given."""

    invitation = fields.String(allow_none=True)
    invitation_expires_at = Instant(allow_none=True)


class SessionAnswer(PersonAnswer):
    """Who logged in. The session itself travels in the cookie; ``csrf_token`` goes into the header ``X-CSRF-Token`` of what the
    cookie is to change."""

    csrf_token = fields.String()
    expires_at = Instant()


class RunningSessionAnswer(Answer):
    """Where one is logged in. ``agent`` is what the browser said it is, in short; ``through``: by what one came in; ``current``: it is the
    one that asks."""

    id = Slug()
    opened_at = Instant()
    last_seen_at = Instant(metadata={"description": "To the minute."})
    expires_at = Instant()
    agent = fields.String()
    through = fields.String(
        validate=validate.OneOf(("password", "organization")),
        metadata={"description": "`password`, or `organization`: one's own organization's account."},
    )
    current = fields.Boolean()


class SessionsAnswer(Answer):
    """One's own sessions, the newest first."""

    items = many(RunningSessionAnswer, max=100_000)


class SecretAnswer(VersionedAnswer):
    """A new secret, shown here only, for a program that makes codes of it (RFC 6238: SHA-1, six digits, thirty seconds)."""

    secret = fields.String(metadata={"description": "In base 32."})
    uri = fields.String(metadata={"description": "The same as programs take it, usually as a QR code: `otpauth://totp/…`."})


class RecoveryAnswer(VersionedAnswer):
    """Recovery codes, shown here only: each stands in for one code, once."""

    recovery_codes = fields.List(fields.String())


SCOPES = (READ, ALL)


def Scope(**kwargs) -> fields.String:
    """What a token may do: ``read`` asks questions only, ``all`` does all that its account may."""
    return fields.String(
        validate=validate.OneOf(SCOPES),
        metadata={"description": "`read` asks questions only, `all` does all that its account may."},
        **kwargs,
    )


def Areas(**kwargs) -> fields.List:
    """The services with which a token may be used; all of them when empty."""
    return many(
        fields.String(validate=validate.OneOf(AREAS)),
        max=len(AREAS),
        metadata={"description": "The services with which it may be used; all of them when empty."},
        **kwargs,
    )


class TokenAnswer(Answer):
    """An API token without its secret."""

    id = Slug()
    name = fields.String()
    scope = Scope()
    areas = Areas()
    made_at = Instant()
    expires_at = Instant(allow_none=True)
    last_used_at = Instant(allow_none=True, metadata={"description": "To the minute."})
    revoked_at = Instant(allow_none=True)


class NewTokenAnswer(TokenAnswer):
    """A new API token. ``token`` is shown here only: of it the gateway keeps the SHA-256 digest."""

    token = fields.String()


class TokensAnswer(Answer):
    """One's own tokens, revoked ones among them."""

    items = many(TokenAnswer, max=1_000)


class ProviderAnswer(VersionedAnswer):
    """An entity's own provider of accounts. Never its secret. ``ended_because`` is null while it lets people in."""

    entity = EntityCode()
    issuer = fields.String()
    client_id = fields.String()
    redirect_uri = fields.String(metadata={"description": "Where it sends people back to, and no other entity's provider does."})
    ended_because = fields.String(allow_none=True)
    people = fields.Integer(metadata={"description": "How many accounts are tied to it."})
    history = many(ChangeAnswer, max=100_000)


class ProvidersAnswer(Answer):
    """All providers, those that have ended among them; and the address where the provider of an entity sends people back to, which it is
    told when the platform is registered there."""

    items = many(ProviderAnswer, max=10_000)
    redirect_uri = fields.String(metadata={"description": "With `{entity}` in the place of the entity's code."})


class AwaitedAnswer(Answer):
    """One thing that awaits an entity: what, by when, and what happens if nobody does it."""

    service = fields.String(metadata={"description": "Where it waits: chairs, workplan or documents."})
    kind = fields.String(metadata={"description": "Stable word for what is to be done."})
    what = fields.String()
    title = fields.String()
    link = fields.String(metadata={"description": "Path of the thing, as its service names it."})
    deadline = Instant(allow_none=True)
    consequence = fields.String(metadata={"description": "What happens if nothing is done, silence included; in English."})
    consequence_code = fields.String(
        allow_none=True, metadata={"description": "Stable word for the same; null where the service has none for it."}
    )


class MyAwaitingAnswer(Answer):
    """What awaits one's entity, the nearest deadline first. ``unavailable``: services that could not be asked now."""

    items = many(AwaitedAnswer, max=1_000)
    unavailable = fields.List(fields.String())


class HandedOverAnswer(MyAwaitingAnswer):
    """Who speaks for the entity from when on, and what awaits it."""

    of = LoginName()
    to = LoginName()
    since = Instant()
    entity = EntityCode()


class ServiceStateAnswer(StatusAnswer):
    """One service, as it says of itself. ``available`` is false, and ``problem`` says why, when it does not answer."""

    available = fields.Boolean()
    problem = fields.String(allow_none=True)


class PlatformStatusAnswer(Answer):
    """Every service by name."""

    services = fields.Dict(keys=fields.String(), values=fields.Nested(ServiceStateAnswer))


class RehearsalAnswer(Answer):
    """How far the clock was let pass, and how many aggregates it changed in each service."""

    to = Instant()
    changed = fields.Dict(keys=fields.String(), values=fields.Integer())


# Orders ---------------------------------------------------------------------------------------------------------------------------------


class InvitePerson(_Appointing):
    """The secretariat opens an account, with ``roles`` from now on or with dated ``appointments``. Without ``password`` the answer
    carries an invitation with which the person chooses one. A focal point invites people of its own entity, as focal point, alternate
    or reader, and a mission's person people of its mission, always by invitation; ``entity`` is then its own."""

    answer = InvitationAnswer
    name = LoginName(required=True)
    display_name = Text(required=True, max=200)
    entity = EntityCode(load_default=None, allow_none=True)
    language = Language(load_default="en")
    password = Password(load_default=None, allow_none=True)

    @validates_schema
    def _some_role(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not (data.get("roles") or data.get("appointments")):
            raise ValidationError("A person has at least one role.", "roles")


class ChangePerson(_Appointing):
    """The secretariat changes an account; what is left out stays. ``roles`` are held from now on without end, and no others;
    ``appointments`` are all that is to hold now or later, so that one that is left out ends now. Suspending ends its sessions and
    silences its tokens. A focal point may end the roles of its entity's alternates and readers, a mission's person those of its
    colleagues, and change nothing else."""

    answer = PersonAnswer
    name = LoginName(required=True)
    display_name = Text(min=1, max=200)
    entity = EntityCode(allow_none=True)
    language = Language()
    status = fields.String(validate=validate.OneOf(("active", "suspended")))


class HandOver(Command):
    """A focal point hands its work over to a colleague of the same entity: at ``at``, now unless it is given, its own appointment ends
    and the colleague's begins. The secretariat does it for one who cannot. Answers what awaits the entity."""

    answer = HandedOverAnswer
    of = LoginName(required=True, metadata={"description": "Whose work it is."})
    to = LoginName(required=True, metadata={"description": "Whose it becomes."})
    at = Instant(load_default=None, allow_none=True)


class ChangeMe(Command):
    """One's own display name or language."""

    answer = PersonAnswer
    display_name = Text(min=1, max=200)
    language = Language()


class ChangePassword(Command):
    """One's own password; every other session of the account ends. Who has none, since their organization's account lets them in, chooses
    one with a new invitation alone. By session only."""

    answer = PersonAnswer
    current = SaidPassword()
    new = Password(required=True)


class InviteAgain(Command):
    """A new invitation for an account, in place of one that was lost or has expired. From the secretariat also for a person who lost their
    password or their organization's account; until it is accepted, what let them in still does. By session only."""

    answer = InvitationAnswer
    name = LoginName(required=True)


class AcceptInvitation(Command):
    """The bearer of an invitation chooses a password; the account is active from then on. Whatever let somebody in before does no more: an
    earlier password, an organization's account, sessions and tokens."""

    answer = PersonAnswer
    invitation = fields.String(required=True, validate=validate.Length(max=200))
    password = Password(required=True)


class LogIn(Command):
    """Name and password against a session cookie. A wrong name and a wrong password are answered alike, in the same time. Where a
    second factor guards the account, the right password without a ``code`` is refused under the rule ``second-factor``: send all
    three. A code is good once, and so is a recovery code in its place."""

    answer = SessionAnswer
    name = fields.String(required=True, validate=validate.Length(min=1, max=64))
    password = SaidPassword()
    code = Code(load_default=None, allow_none=True)


class LogOut(Command):
    """This session ends."""


class EndSession(Command):
    """One of one's own sessions ends, on every copy of the gateway within five seconds. By session only."""

    id = Slug(required=True)


class EndOtherSessions(Command):
    """All of one's own sessions end but this one. By session only."""


class BeginSecondFactor(Command):
    """A new secret of one's own, in force once a first code is shown (``ConfirmSecondFactor``). Who has no password came in within the last
    quarter of an hour. By session only."""

    answer = SecretAnswer
    password = SaidPassword(required=False, load_default="")


class ConfirmSecondFactor(Command):
    """The first code shows that the secret is in one's program: from now on logging in takes a code. Answers ten recovery codes. By
    session only."""

    answer = RecoveryAnswer
    code = Code(required=True)


class RemoveSecondFactor(Command):
    """One's own second factor is no longer asked for. Who has no password came in within the last quarter of an hour. By session only."""

    answer = PersonAnswer
    password = SaidPassword(required=False, load_default="")
    code = Code(required=True)


class ResetSecondFactor(Command):
    """The secretariat takes away another's second factor, which was lost. By session only."""

    answer = PersonAnswer
    name = LoginName(required=True)


class Untie(Command):
    """An organization's account lets somebody in no more, and the sessions that it opened, and the tokens made in them, end: one's own,
    where a password does, or, by the secretariat, another's. By session only; tied it is on the pages, where one logs in to both."""

    answer = PersonAnswer
    name = LoginName(required=True)


def ClientId(**kwargs) -> fields.String:
    """What the provider calls this platform."""
    return Line(min=1, max=300, **kwargs)


def ClientSecret(**kwargs) -> fields.String:
    """What the provider gave this platform to show; kept sealed, and never shown again."""
    return fields.String(validate=validate.Length(min=1, max=500), metadata={"format": "password"}, **kwargs)


class RegisterProvider(Command):
    """An entity's own provider (OpenID Connect) lets its people in from now on: those who tie their account to the one they have there, or
    accept their invitation with it, and nobody else. Secretariat, by session only."""

    answer = ProviderAnswer
    entity = EntityCode(required=True)
    issuer = Line(
        required=True, max=500, metadata={"description": "Of https, as the provider writes it; it describes itself at a path below it."}
    )
    client_id = ClientId(required=True)
    client_secret = ClientSecret(required=True)


class ChangeProvider(Command):
    """Another client id or secret of an entity's provider; what is left out stays. Another issuer is another provider. Secretariat, by
    session only."""

    answer = ProviderAnswer
    entity = EntityCode(required=True)
    client_id = ClientId()
    client_secret = ClientSecret()


class EndProvider(Command):
    """An entity's provider lets nobody in any more: its people are untied from it; the sessions it opened, and the tokens made in
    them, end. Secretariat, by session only."""

    answer = ProviderAnswer
    entity = EntityCode(required=True)
    reason = Text(required=True, min=1, max=500)


class MakeToken(Command):
    """An API token of one's own, for ``Authorization: Bearer``. It expires in real time, in rehearsal too: after a year, or sooner. What
    it is not for is refused under the rule ``token-scope``, before any service hears of it. Made in a session that one's organization's
    account opened it works as long as that lets one in. By session only: no token makes another."""

    answer = NewTokenAnswer
    name = Text(required=True, max=100)
    scope = Scope(load_default=ALL)
    areas = Areas(load_default=list)
    expires_at = Instant(load_default=None, allow_none=True)


class RevokeToken(Command):
    """One's own token stops working, on every copy of the gateway within five seconds."""

    id = Slug(required=True)


class RehearsalTick(Command):
    """Let the clock of every service pass to an instant: what is due by then happens. Secretariat, in rehearsal only."""

    answer = RehearsalAnswer
    to = Instant(required=True)


# Questions ------------------------------------------------------------------------------------------------------------------------------


class MeAnswer(PersonAnswer):
    """One's own account."""

    csrf_token = fields.String(allow_none=True)
    second_factor_required = fields.Boolean(
        metadata={"description": "Whether one must be set up before anything else can be done, since a role requires it."}
    )
    recovery_codes_left = fields.Integer(allow_none=True, metadata={"description": "Null without a second factor."})
    has_password = fields.Boolean()
    tied_to = fields.String(allow_none=True, metadata={"description": "The issuer of the organization's account that lets one in."})


class Me(Query):
    """One's own account. With a session, its CSRF token too."""

    answer = MeAnswer


class People(PageQuery):
    """All accounts by name, for the secretariat; for a focal point or a mission's person, those of its entity or mission."""

    answer = page_of(PersonAnswer, "PeoplePage")
    entity = EntityCode(load_default=None, allow_none=True)
    role = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(ROLES))
    status = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(STATES))


class GetPerson(Query):
    """One account with its history: for the secretariat, and for the person. A focal point or a mission's person sees those of its own,
    and of their history what concerns their roles."""

    answer = PersonWithHistory
    name = LoginName(required=True)


class Providers(Query):
    """The providers of all entities, by code. Secretariat."""

    answer = ProvidersAnswer


class Sessions(Query):
    """One's own sessions."""

    answer = SessionsAnswer


class Tokens(Query):
    """One's own tokens."""

    answer = TokensAnswer


class MyAwaiting(Query):
    """What awaits my entity, by when, and what happens if nobody answers; gathered from chairs, workplan and documents."""

    answer = MyAwaitingAnswer


class PlatformStatus(Query):
    """How every service is, for members of the Group and the secretariat."""

    answer = PlatformStatusAnswer


contract = Contract("gateway", __name__, house.__name__)
