"""What an account may be and become. Pure: told the instant, the actor and the digests; it hashes nothing and asks no store."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gateway.accounts.appointments import INSIDE, Appointment, begun, ended, from_now, held_at, instead, must_fit, next_change, roles_at
from gateway.accounts.rights import must_invite, must_know, must_only_end, no_such_account, sees_all
from services.kernel.actor import FOCAL_POINT, SECRETARIAT, Actor
from services.kernel.refusal import Refusal

INVITATION_LASTS = timedelta(days=14)
TOKEN_LASTS = timedelta(days=366)
"""The longest a token works, and how long it does when nobody says otherwise."""

READ = "read"
ALL = "all"
"""What a token may do: ask, or all that its account may."""

MOST_TOKENS = 50
"""Working tokens of one account at a time; an account is one document of the store."""


@dataclass
class Token:
    """An API token; ``digest`` is the SHA-256 of its secret. ``scope``: ``read`` or ``all``; ``areas``: the services it may be used with,
    all of them when empty; ``provider``: the registration of the provider in whose session it was made, empty for a password's."""

    id: str
    name: str
    digest: str
    made_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    scope: str = ALL
    areas: list[str] = field(default_factory=list)
    provider: str = ""

    def must_allow(self, area: str, *, changes: bool) -> None:
        """Raises Refusal(not_allowed) for a service that is not the token's, or an order when it may only ask."""
        if changes and self.scope == READ:
            raise Refusal.not_allowed(
                "This token asks questions only; it changes nothing.", rule="token-scope", accepted="a token of scope all"
            )
        if self.areas and area not in self.areas:
            raise Refusal.not_allowed(f"This token is not for {area}.", rule="token-scope", accepted=self.areas)

    def works(self, at: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


@dataclass
class Change:
    """One entry of the history. ``cause``: the order that led here, so that an order sent twice is carried out once."""

    at: datetime
    by: str
    what: str
    cause: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


@dataclass
class Invitation:
    digest: str
    expires_at: datetime


@dataclass
class SecondFactor:
    """What a person shows besides the password. ``sealed``: the secret that makes its codes, in force from ``confirmed_at``, which is
    None until a first code was shown; ``recovery``: the SHA-256 digests of the recovery codes that are left."""

    sealed: str
    confirmed_at: datetime | None = None
    recovery: list[str] = field(default_factory=list)


@dataclass
class Tie:
    """Whom a provider calls this person (``subject``: its ``sub``). ``provider``: the id of its registration."""

    provider: str
    issuer: str
    subject: str
    since: datetime


@dataclass
class Account:
    """A person: who they are, for which one entity or mission they act, and what ever changed.

    ``password`` is an argon2 hash or None; ``status`` is ``invited``, ``active`` or ``suspended``; ``tie``: the account that their own
    organization gives them, by which they come in as well.
    """

    name: str
    display_name: str
    entity: str | None
    appointments: list[Appointment]
    language: str = "en"
    status: str = "invited"
    password: str | None = None
    invitation: Invitation | None = None
    second_factor: SecondFactor | None = None
    tie: Tie | None = None
    tokens: list[Token] = field(default_factory=list)
    history: list[Change] = field(default_factory=list)

    @classmethod
    def open(
        cls,
        name: str,
        display_name: str,
        entity: str | None,
        roles: list[str],
        language: str,
        *,
        by: Actor,
        at: datetime,
        cause: str,
        appointments: list[dict[str, Any]] | None = None,
        password: str | None = None,
        invitation_digest: str | None = None,
    ) -> "Account":
        """An account, opened by the secretariat or by one of the entity's own (``rights``): active with a password's hash, else invited.
        Its roles are held from now on without end, unless ``appointments`` (``role``, ``since``, ``until``) say from when until when."""
        held = from_now(roles, at) if appointments is None else instead([], appointments, at)
        must_invite(by, entity, {one.role for one in held}, password=password is not None)
        must_fit(entity, held, at)
        account = cls(name, display_name, entity, held, language, password=password)
        if password is not None:
            account.status = "active"
        elif invitation_digest is not None:
            account.invitation = Invitation(invitation_digest, at + INVITATION_LASTS)
        account._note(at, by.person, "opened", cause, {}, account._particulars())
        return account

    @classmethod
    def first(cls, name: str, password: str, *, at: datetime, cause: str) -> "Account":
        """The account with which a new platform is opened: of the secretariat, which opens all others."""
        account = cls(name, "Secretariat", None, from_now([SECRETARIAT], at), password=password, status="active")
        account._note(at, "platform", "opened", cause, {}, account._particulars())
        return account

    def actor_at(self, at: datetime) -> Actor:
        """Who acts with this account at an instant. Who holds no role acts for nobody."""
        roles = self.roles_at(at)
        return Actor(self.name, self.entity if roles else None, frozenset(roles), self.language)

    def roles_at(self, at: datetime) -> list[str]:
        return roles_at(self.appointments, at)

    def next_change(self, at: datetime) -> datetime | None:
        """When a role next begins or ends."""
        return next_change(self.appointments, at)

    @property
    def may_act(self) -> bool:
        return self.status == "active"

    def speaks_for(self, at: datetime) -> str | None:
        """The entity whose one voice is this person's, at an instant or later; None for missions, readers, and the secretariat alone."""
        return self.entity if any(one.role in INSIDE and not one.is_over(at) for one in self.appointments) else None

    def must_speak_for_one_of(self, registered: Collection[str], at: datetime) -> None:
        """Nobody speaks for an entity that is not known. ``registered``: the codes of those that are. A mission is no entity
        of the Group, and its code stands in no register of ours."""
        entity = self.speaks_for(at)
        if entity is not None:
            must_be_registered(entity, registered)

    def keeps_the_house(self, at: datetime) -> bool:
        """An active account of the secretariat, for as long as one can see: at least one must remain."""
        return self.may_act and _is_kept(self.appointments, at)

    def did(self, cause: str) -> bool:
        """Whether this order has already changed the account."""
        return any(change.cause == cause for change in self.history)

    def change(self, particulars: dict[str, Any], *, by: Actor, at: datetime, cause: str, another_keeps_the_house: bool) -> None:
        """Change some of display_name, entity, language, status, and roles, either as ``roles`` (held from now on without end, and no
        others) or as ``appointments`` (all that is to hold now or later)."""
        must_know(by, self.name, self.entity, "change another's account")
        wanted = particulars.get("appointments")
        if wanted is None and "roles" in particulars:
            wanted = [{"role": role} for role in sorted(set(particulars["roles"]))]
        held = self.appointments if wanted is None else instead(self.appointments, wanted, at)
        must_only_end(by, self.name, particulars, self.appointments, held)
        after = self._particulars() | {k: v for k, v in particulars.items() if k != "roles"} | {"appointments": held}
        must_fit(after["entity"], held, at)
        if after["status"] == "active" and self.status != "active" and self.password is None and self.tie is None:
            raise Refusal.conflict("The person has not yet chosen a password.", rule="invitation-pending")
        stays = after["status"] == "active" and _is_kept(held, at)
        if self.keeps_the_house(at) and not stays and not another_keeps_the_house:
            raise Refusal.conflict(
                "This is the last active account of the secretariat; give another one that role first.", rule="last-secretariat"
            )
        moved = after["entity"] != self.entity
        self._become(after, at, by.person, "changed", cause)
        if moved and self.tie is not None:  # which was made by the entity that this person no longer is of
            self.lose_tie(by=by, at=at, cause=cause)

    # Handing the work of a focal point over

    def to_hand_over(self, to: "Account", since: datetime, at: datetime) -> Appointment:
        """The appointment that ends at ``since`` when this person hands their work over to a colleague. ``at``: when they say so. Raises
        Refusal."""
        if to.name == self.name:
            raise Refusal.invalid("to", "One hands over to another.", rule="handover-to")
        if to.entity != self.entity or self.entity is None:
            raise no_such_account(to.name)
        if since < at:
            raise Refusal.invalid("at", "Work is handed over now or later.", rule="handover-at", accepted="now or later, or left out")
        if not to.may_act:
            raise Refusal.conflict(f"The account of {to.name} is not active, so nobody would speak.", rule="handover-active", field="to")
        held = held_at(self.appointments, FOCAL_POINT, since)
        if held is None:
            raise Refusal.conflict(f"{self.name} is no focal point at that instant.", rule="handover-role", field="at")
        return held

    def take_over(self, giver: str, held: Appointment, *, by: Actor, since: datetime, at: datetime, cause: str) -> None:
        """This person is the focal point from ``since`` on, for as long as the one they take it over from (``giver``) would have been."""
        before = self.appointments
        self.appointments = begun(before, FOCAL_POINT, since, held.until)
        must_fit(self.entity, self.appointments, at)
        self._note_handover(at, by, "taken_over", cause, before, {"from": giver, "at": since.isoformat()})

    def hand_over(self, taker: str, *, by: Actor, until: datetime, at: datetime, cause: str) -> None:
        """This person's appointment as focal point ends at ``until``, since another (``taker``) takes it over."""
        before, held = self.appointments, held_at(self.appointments, FOCAL_POINT, until)
        if held is not None:
            self.appointments = [rest for one in before for rest in (ended(one, until) if one == held else [one])]
        self._note_handover(at, by, "handed_over", cause, before, {"to": taker, "at": until.isoformat()})

    def handed_over(self, taker: str, at: datetime) -> datetime | None:
        """Since when this person's work is the other's, if they have handed it over to them, and are no focal point at ``at`` any more."""
        found = [change.after["at"] for change in self.history if change.what == "handed_over" and change.after["to"] == taker]
        return datetime.fromisoformat(found[-1]) if found and held_at(self.appointments, FOCAL_POINT, at) is None else None

    def took_over(self, cause: str) -> datetime | None:
        """Since when this person has the work that this order gave them."""
        return next((datetime.fromisoformat(change.after["at"]) for change in self.history if change.cause == cause), None)

    def _note_handover(self, at: datetime, by: Actor, what: str, cause: str, before: list[Appointment], told: dict[str, str]) -> None:
        changed = before != self.appointments
        earlier, later = ({"appointments": held} if changed else {} for held in (before, self.appointments))
        self._note(at, by.person, what, cause, earlier, told | later)

    def change_self(self, particulars: dict[str, Any], *, at: datetime, cause: str) -> None:
        self._become(self._particulars() | particulars, at, self.name, "changed", cause)

    def set_password(self, hashed: str, *, at: datetime, cause: str) -> None:
        """A new password; neither it nor the old one enters the history."""
        self.must_have_password()
        self.password = hashed
        self._note(at, self.name, "password_changed", cause)

    def must_have_password(self) -> None:
        """Raises Refusal(conflict) for who comes in by their organization's account alone. A first password comes of an invitation, never
        of a session that a provider opened: it would let in, after that provider's end, whoever had broken into it."""
        if self.password is None:
            raise Refusal.conflict(
                "You have no password here; one is chosen with a new invitation, which the secretariat gives.", rule="first-password"
            )

    def invite_again(self, digest: str, *, by: Actor, at: datetime, cause: str) -> None:
        """A new invitation, in place of one that was lost or has expired. The secretariat gives one to a person who has lost their
        password or their organization's account, too; until it is accepted, what let them in still does."""
        must_know(by, self.name, self.entity, "invite again")
        if by.person == self.name:
            raise Refusal.not_allowed("One's own password is changed by who knows it.", rule="invitation-own")
        if self.status == "suspended":
            raise Refusal.conflict("The account is suspended; reinstate it first.", rule="invitation-suspended")
        if not sees_all(by):
            must_invite(by, self.entity, {one.role for one in self.appointments if not one.is_over(at)}, password=False)
            if self.status != "invited":
                raise Refusal.not_allowed("Only the secretariat lets in again who was in before.", rule="secretariat-only")
        self.invitation = Invitation(digest, at + INVITATION_LASTS)
        self._note(at, by.person, "invited_again", cause)

    def accept(self, hashed: str, *, at: datetime, cause: str) -> None:
        """The bearer of the invitation chooses a password, by which alone they come in from now on."""
        self._must_be_invited(at)
        self._shut_out(at, cause)
        self.password, self.invitation = hashed, None
        self._become(self._particulars() | {"status": "active"}, at, self.name, "invitation_accepted", cause)

    def _shut_out(self, at: datetime, cause: str) -> None:
        """Whatever let somebody in before does no more. Who is invited again has lost it, and another may have it by now."""
        self.password = None
        self.lose_tie(by=self.actor_at(at), at=at, cause=cause)
        self._revoke(self.tokens, self.name, at, cause)

    def _must_be_invited(self, at: datetime) -> None:
        if self.invitation is None or self.status == "suspended":
            raise no_such_invitation()
        if at >= self.invitation.expires_at:
            raise Refusal.too_late("The invitation has expired; ask the secretariat for a new one.", rule="invitation-expires")

    # The account that one's organization gives

    def tie_to(self, tie: Tie, entity: str, *, at: datetime, cause: str) -> None:
        """From now on the person comes in by their organization's account, too. ``entity``: whose provider it is; it ties its own people,
        and no others."""
        self._must_fit(entity)
        if self.tie is not None:
            raise Refusal.conflict("Your account is tied already; untie it first.", rule="tied-once")
        self.tie = tie
        self._note(at, self.name, "tied", cause, {}, {"issuer": tie.issuer})

    def accept_through(self, tie: Tie, entity: str, *, at: datetime, cause: str) -> None:
        """The bearer of the invitation comes in by their organization's account alone, and needs no password here."""
        self._must_be_invited(at)
        self._must_fit(entity)
        self._shut_out(at, cause)
        self.invitation, self.tie = None, tie
        self._become(self._particulars() | {"status": "active"}, at, self.name, "invitation_accepted", cause)
        self._note(at, self.name, "tied", cause, {}, {"issuer": tie.issuer})

    def untie(self, *, by: Actor, at: datetime, cause: str) -> None:
        """By the person, who keeps another way in, or by the secretariat."""
        if by.person != self.name:
            by.must_be_secretariat("untie another's account")
        if self.tie is None:
            raise Refusal.conflict("No organization's account is tied to it.", rule="tied-none")
        if by.person == self.name and self.password is None:
            raise Refusal.conflict(
                "Nothing else would let you in; ask the secretariat for a new invitation, and choose a password with it.",
                rule="last-way-in",
            )
        self.lose_tie(by=by, at=at, cause=cause)

    def lose_tie(self, *, by: Actor, at: datetime, cause: str) -> None:
        """It lets nobody in any more: untied, or its provider ended, or the person is another entity's now. The tokens that were made in
        its sessions stop working."""
        if self.tie is not None:
            before, self.tie = self.tie, None
            self._note(at, by.person, "untied", cause, {"issuer": before.issuer})
            self._revoke([token for token in self.tokens if token.provider == before.provider], by.person, at, cause)

    def is_tied(self, provider: str) -> bool:
        """Whether this registration of a provider lets the person in."""
        return self.tie is not None and self.tie.provider == provider

    def _must_fit(self, entity: str) -> None:
        if self.entity != entity:
            raise Refusal.not_allowed(f"The provider of {entity} lets in people of {entity}, and no others.", rule="provider-entity")

    # The second factor

    @property
    def factor(self) -> SecondFactor | None:
        """The second factor that is in force."""
        return self.second_factor if self.second_factor is not None and self.second_factor.confirmed_at is not None else None

    def begin_second_factor(self, sealed: str, *, at: datetime, cause: str) -> None:
        """A new secret, in force once a first code is shown; it takes the place of one that was only begun."""
        if self.factor is not None:
            raise Refusal.conflict("A second factor is in force; remove it before you set up another.", rule="second-factor-stands")
        self.second_factor = SecondFactor(sealed)
        self._note(at, self.name, "second_factor_begun", cause)

    def confirm_second_factor(self, recovery: list[str], *, at: datetime, cause: str) -> None:
        """It is in force from now on. ``recovery``: the digests of its recovery codes."""
        factor = self.begun_factor()
        factor.confirmed_at, factor.recovery = at, recovery
        self._note(at, self.name, "second_factor_confirmed", cause)

    def begun_factor(self) -> SecondFactor:
        """The second factor that waits for its first code. Raises Refusal(conflict)."""
        if self.second_factor is None or self.factor is not None:
            raise Refusal.conflict("No second factor waits for its first code; begin one.", rule="second-factor-begun")
        return self.second_factor

    def use_recovery_code(self, digest: str, *, at: datetime, cause: str) -> None:
        """One recovery code less."""
        factor = self.factor
        if factor is None or digest not in factor.recovery:
            raise wrong_code()
        factor.recovery.remove(digest)
        self._note(at, self.name, "recovery_code_used", cause, {}, {"left": len(factor.recovery)})

    def remove_second_factor(self, *, at: datetime, cause: str) -> None:
        """The person does without from now on; they have shown password and code."""
        self._must_have_factor()
        self.second_factor = None
        self._note(at, self.name, "second_factor_removed", cause)

    def reset_second_factor(self, *, by: Actor, at: datetime, cause: str) -> None:
        """The secretariat takes a lost one away. Its own it removes as everyone does, with a code: who took over a session of the
        secretariat is not to lower what guards it."""
        by.must_be_secretariat("take away another's second factor")
        if by.person == self.name:
            raise Refusal.not_allowed(
                "One's own second factor is removed with a code; a lost one is taken away by another of the secretariat.",
                rule="second-factor-own",
            )
        self._must_have_factor()
        self.second_factor = None
        self._note(at, by.person, "second_factor_reset", cause)

    def _must_have_factor(self) -> None:
        if self.factor is None:
            raise Refusal.conflict("No second factor is in force.", rule="second-factor-none")

    # Tokens

    def make_token(self, token: Token, *, cause: str) -> None:
        """A token works for a year at most, so that none is forgotten for good."""
        last = token.made_at + TOKEN_LASTS
        if token.expires_at is not None and token.expires_at <= token.made_at:
            raise Refusal.invalid(
                "expires_at", "A token expires in the future.", rule="token-expiry", accepted=f"after {token.made_at.isoformat()}"
            )
        if token.expires_at is not None and token.expires_at > last:
            raise Refusal.invalid(
                "expires_at",
                "A token works for a year at most; make another then.",
                rule="token-lasts",
                accepted=f"until {last.isoformat()}",
            )
        token.expires_at = token.expires_at or last
        if sum(kept.works(token.made_at) for kept in self.tokens) >= MOST_TOKENS:
            raise Refusal.conflict(f"An account has at most {MOST_TOKENS} working tokens; revoke one first.", rule="token-count")
        self.tokens.append(token)
        self._note(
            token.made_at,
            self.name,
            "token_made",
            cause,
            {},
            {"token": token.id, "name": token.name, "scope": token.scope, "areas": token.areas},
        )

    def revoke_token(self, token_id: str, *, at: datetime, cause: str) -> None:
        """The token stops working; revoking it twice is once."""
        self._revoke([self.token(token_id)], self.name, at, cause)

    def _revoke(self, tokens: Iterable[Token], by: str, at: datetime, cause: str) -> None:
        for token in tokens:
            if token.revoked_at is None:
                token.revoked_at = at
                self._note(at, by, "token_revoked", cause, {}, {"token": token.id, "name": token.name})

    def token(self, token_id: str) -> Token:
        for token in self.tokens:
            if token.id == token_id:
                return token
        raise Refusal.not_found("You have no such token.")

    def _particulars(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("display_name", "entity", "appointments", "language", "status")}

    def _become(self, after: dict[str, Any], at: datetime, by: str, what: str, cause: str) -> None:
        before = self._particulars()
        changed = [name for name in before if before[name] != after[name]]
        for name in changed:
            setattr(self, name, after[name])
        if changed or what != "changed":
            self._note(at, by, what, cause, {n: before[n] for n in changed}, {n: after[n] for n in changed})

    def _note(self, at: datetime, by: str, what: str, cause: str, before: dict | None = None, after: dict | None = None) -> None:
        self.history.append(Change(at, by, what, cause, _told(before or {}), _told(after or {})))


def must_be_registered(entity: str, registered: Collection[str]) -> None:
    """Raises Refusal for an entity that is not known. ``registered``: the codes of those that are."""
    if entity not in registered:
        raise Refusal.invalid(
            "entity", f"No entity {entity} is registered, so nobody speaks for it.", rule="entity-known", accepted=sorted(registered)
        )


def wrong_code() -> Refusal:
    """One answer for a code that is wrong, of another time, or used."""
    return Refusal("not_authenticated", "The code is wrong, or was used; wait for the next one.", rule="second-factor", field="code")


def no_such_invitation() -> Refusal:
    """One answer for an unknown and a used invitation: the bearer learns nothing of other accounts."""
    return Refusal.not_found("This invitation is unknown or was used.", rule="invitation")


def _is_kept(appointments: Iterable[Appointment], at: datetime) -> bool:
    return any(one.role == SECRETARIAT and one.holds(at) and one.until is None for one in appointments)


def _told(particulars: dict[str, Any]) -> dict[str, Any]:
    """As the history keeps them: appointments written out."""
    written = {"appointments": [one.told() for one in particulars["appointments"]]} if "appointments" in particulars else {}
    return particulars | written
