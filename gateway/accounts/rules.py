"""What an account may be and become. Pure: told the instant, the actor and the digests; it hashes nothing and asks no store."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.kernel.actor import ALTERNATE, FOCAL_POINT, MISSION, SECRETARIAT, Actor
from services.kernel.refusal import Refusal

INVITATION_LASTS = timedelta(days=14)
MOST_TOKENS = 50
"""Working tokens of one account at a time; an account is one document of the store."""


@dataclass
class Token:
    """An API token; ``digest`` is the SHA-256 of its secret."""

    id: str
    name: str
    digest: str
    made_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

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
class Account:
    """A person: who they are, for which one entity or mission they act, and what ever changed.

    ``password`` is an argon2 hash or None; ``status`` is ``invited``, ``active`` or ``suspended``.
    """

    name: str
    display_name: str
    entity: str | None
    roles: list[str]
    language: str = "en"
    status: str = "invited"
    password: str | None = None
    invitation: Invitation | None = None
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
        password: str | None = None,
        invitation_digest: str | None = None,
    ) -> "Account":
        """The secretariat opens an account: active with a password's hash, else invited."""
        by.must_be_secretariat("open an account")
        _must_fit(entity, roles)
        account = cls(name, display_name, entity, sorted(set(roles)), language, password=password)
        if password is not None:
            account.status = "active"
        elif invitation_digest is not None:
            account.invitation = Invitation(invitation_digest, at + INVITATION_LASTS)
        account._note(at, by.person, "opened", cause, {}, account._particulars())
        return account

    @classmethod
    def first(cls, name: str, password: str, *, at: datetime, cause: str) -> "Account":
        """The account with which a new platform is opened: of the secretariat, which opens all others."""
        account = cls(name, "Secretariat", None, [SECRETARIAT], password=password, status="active")
        account._note(at, "platform", "opened", cause, {}, account._particulars())
        return account

    @property
    def actor(self) -> Actor:
        return Actor(self.name, self.entity, frozenset(self.roles), self.language)

    @property
    def may_act(self) -> bool:
        return self.status == "active"

    @property
    def speaks_for(self) -> str | None:
        """The entity whose one voice is this person's; None for missions, readers, and the secretariat alone."""
        return self.entity if {FOCAL_POINT, ALTERNATE} & set(self.roles) else None

    def must_speak_for_one_of(self, registered: Collection[str]) -> None:
        """Nobody speaks for an entity that is not known. ``registered``: the codes of those that are. A mission is no entity
        of the Group, and its code stands in no register of ours."""
        if self.speaks_for is not None and self.speaks_for not in registered:
            raise Refusal.invalid(
                "entity",
                f"No entity {self.speaks_for} is registered, so nobody speaks for it.",
                rule="entity-known",
                accepted=sorted(registered),
            )

    @property
    def keeps_the_house(self) -> bool:
        """An active account of the secretariat: at least one must remain."""
        return self.may_act and SECRETARIAT in self.roles

    def did(self, cause: str) -> bool:
        """Whether this order has already changed the account."""
        return any(change.cause == cause for change in self.history)

    def change(self, particulars: dict[str, Any], *, by: Actor, at: datetime, cause: str, another_keeps_the_house: bool) -> None:
        """Change some of display_name, entity, roles, language, status."""
        by.must_be_secretariat("change another's account")
        after = self._particulars() | particulars
        after["roles"] = sorted(set(after["roles"]))
        _must_fit(after["entity"], after["roles"])
        if after["status"] == "active" and self.password is None:
            raise Refusal.conflict("The person has not yet chosen a password.", rule="invitation-pending")
        stays = after["status"] == "active" and SECRETARIAT in after["roles"]
        if self.keeps_the_house and not stays and not another_keeps_the_house:
            raise Refusal.conflict(
                "This is the last active account of the secretariat; give another one that role first.", rule="last-secretariat"
            )
        self._become(after, at, by.person, "changed", cause)

    def change_self(self, particulars: dict[str, Any], *, at: datetime, cause: str) -> None:
        self._become(self._particulars() | particulars, at, self.name, "changed", cause)

    def set_password(self, hashed: str, *, at: datetime, cause: str) -> None:
        """A new password; neither it nor the old one enters the history."""
        self.password = hashed
        self._note(at, self.name, "password_changed", cause)

    def accept(self, hashed: str, *, at: datetime, cause: str) -> None:
        """The bearer of the invitation chooses a password."""
        if self.invitation is None or self.status != "invited":
            raise no_such_invitation()
        if at >= self.invitation.expires_at:
            raise Refusal.too_late("The invitation has expired; ask the secretariat for a new one.", rule="invitation-expires")
        self.password, self.invitation = hashed, None
        self._become(self._particulars() | {"status": "active"}, at, self.name, "invitation_accepted", cause)

    def make_token(self, token: Token, *, cause: str) -> None:
        if token.expires_at is not None and token.expires_at <= token.made_at:
            raise Refusal.invalid(
                "expires_at", "A token expires in the future.", rule="token-expiry", accepted=f"after {token.made_at.isoformat()}"
            )
        if sum(kept.works(token.made_at) for kept in self.tokens) >= MOST_TOKENS:
            raise Refusal.conflict(f"An account has at most {MOST_TOKENS} working tokens; revoke one first.", rule="token-count")
        self.tokens.append(token)
        self._note(token.made_at, self.name, "token_made", cause, {}, {"token": token.id, "name": token.name})

    def revoke_token(self, token_id: str, *, at: datetime, cause: str) -> None:
        """The token stops working; revoking it twice is once."""
        token = self.token(token_id)
        if token.revoked_at is None:
            token.revoked_at = at
            self._note(at, self.name, "token_revoked", cause, {}, {"token": token.id, "name": token.name})

    def token(self, token_id: str) -> Token:
        for token in self.tokens:
            if token.id == token_id:
                return token
        raise Refusal.not_found("You have no such token.")

    def _particulars(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("display_name", "entity", "roles", "language", "status")}

    def _become(self, after: dict[str, Any], at: datetime, by: str, what: str, cause: str) -> None:
        before = self._particulars()
        changed = [name for name in before if before[name] != after[name]]
        for name in changed:
            setattr(self, name, after[name])
        if changed or what != "changed":
            self._note(at, by, what, cause, {n: before[n] for n in changed}, {n: after[n] for n in changed})

    def _note(self, at: datetime, by: str, what: str, cause: str, before: dict | None = None, after: dict | None = None) -> None:
        self.history.append(Change(at, by, what, cause, before or {}, after or {}))


def no_such_invitation() -> Refusal:
    """One answer for an unknown and a used invitation: the bearer learns nothing of other accounts."""
    return Refusal.not_found("This invitation is unknown or was used.", rule="invitation")


def _must_fit(entity: str | None, roles: list[str]) -> None:
    """One entity or mission per person, and only roles that go together."""
    inside = {FOCAL_POINT, ALTERNATE} & set(roles)
    if (inside or MISSION in roles) and entity is None:
        raise Refusal.invalid(
            "entity", "A focal point, an alternate or a mission's person acts for one entity or mission.", rule="entity-of-role"
        )
    if MISSION in roles and (inside or SECRETARIAT in roles):
        raise Refusal.invalid(
            "roles",
            "Permanent missions are outside the Group: a mission's person is neither a focal point nor of the secretariat.",
            rule="mission-outside",
            accepted=["mission", "reader"],
        )
