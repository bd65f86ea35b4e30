"""Answers the account routes. Accounts live in real time: a rehearsed instant never opens or expires one."""

from datetime import datetime
from typing import Any

from flask import after_this_request, g, request

from gateway.accounts import cookies
from gateway.accounts.callers import TOKEN_PREFIX, Callers, Session, Through
from gateway.accounts.factors import plain
from gateway.accounts.federation import Arrived, Federation, nobody_tied
from gateway.accounts.passwords import hash_password
from gateway.accounts.providers import Provider, no_such_provider
from gateway.accounts.rights import must_know, no_such_account, own_people, sees_all
from gateway.accounts.rules import Account, Token, must_be_registered, no_such_invitation
from gateway.accounts.store import Accounts, Kept, KeptProvider, Running, digest
from gateway.asking import Asks
from gateway.desk import Desk
from messaging.context import Order, now, to_milliseconds
from services.kernel.actor import SYSTEM_ACTOR, Actor

CHAIRS_SECONDS = 5.0
ENTITIES_AT_ONCE = 200

FIRST = "first-login"
"""The cause of the first account: two copies of the gateway that start at once open it once."""


class AccountsRoom:
    """One method per command and query of ``gateway.accounts.contract`` that concerns people, named alike."""

    def __init__(self, callers: Callers, federation: Federation, services: Asks, desk: Desk, *, secure: bool) -> None:
        self.callers = callers
        self.federation = federation
        self.services = services
        self.desk = desk
        self.secure = secure
        self.accounts = Accounts()

    def open_first(self, login: str) -> None:
        """The first account of the secretariat, when there is no account at all. ``login``: ``name:password``."""
        name, _, password = login.partition(":")
        if not login or self.accounts.any():
            return
        self.accounts.create(Account.first(name.lower(), hash_password(password), at=now(), cause=FIRST), FIRST)

    # People

    def invite_person(self, order: Order) -> dict[str, Any]:
        entity = order.entity if order.entity is not None or sees_all(order.by) else order.by.entity
        at, secret = now(), None if order.password else self.callers.derived("invitation", order.id)
        account = Account.open(
            order.name,
            order.display_name,
            entity,
            order.data.get("roles", []),
            order.language,
            by=order.by,
            at=at,
            cause=order.id,
            appointments=_appointments(order),
            password=hash_password(order.password) if order.password else None,
            invitation_digest=digest(secret) if secret else None,
        )
        self._must_speak_for_a_known_entity(account, order)
        kept = self.accounts.create(account, order.id)
        invitation = kept.account.invitation
        return _shown(kept, order.by) | {"invitation": secret, "invitation_expires_at": invitation.expires_at if invitation else None}

    def invite_again(self, order: Order) -> dict[str, Any]:
        self._known(order.by, order.name, "invite again")
        secret = self.callers.derived("invitation", order.id)
        kept = self.accounts.change(
            order.name, order.id, lambda a: a.invite_again(digest(secret), by=order.by, at=now(), cause=order.id), order.expected
        )
        invitation = kept.account.invitation
        return _shown(kept, order.by) | {"invitation": secret, "invitation_expires_at": invitation.expires_at if invitation else None}

    def accept_invitation(self, order: Order) -> dict[str, Any]:
        found = self.invited(order.invitation)
        hashed = hash_password(order.password)
        kept = self.accounts.change(found.account.name, order.id, lambda a: a.accept(hashed, at=now(), cause=order.id))
        self.callers.end_sessions(found.account.name)
        return _shown(kept, kept.account.actor_at(now()))

    def invited(self, invitation: str) -> Kept:
        """Whose invitation this is. Raises Refusal(not_found)."""
        if (found := self.accounts.by_invitation(digest(invitation))) is None:
            raise no_such_invitation()
        return found

    def people(self, order: Order) -> dict[str, Any]:
        asked = order.data
        if not sees_all(order.by):
            if (own := own_people(order.by)) is None:
                order.by.must_be_secretariat("see all accounts")
            if asked["entity"] not in (None, own):
                return {"items": [], "next": None}
            asked = asked | {"entity": own}
        found, following = self.accounts.page(now(), **asked)
        return {"items": [_shown(kept, order.by) for kept in found], "next": following}

    def get_person(self, order: Order) -> dict[str, Any]:
        kept = self._known(order.by, order.name, "see another's account")
        history = kept.account.history
        if not _concerns(kept.account, order.by):
            history = [change for change in history if change.what in OF_ITS_ROLES]
        return _shown(kept, order.by) | {"history": history}

    def change_person(self, order: Order) -> dict[str, Any]:
        self._known(order.by, order.name, "change another's account")
        particulars = {k: v for k, v in order.data.items() if k != "name"}
        if (appointments := _appointments(order)) is not None:
            particulars["appointments"] = appointments

        def decide(account: Account) -> None:
            at = now()
            another = self.accounts.another_keeps_the_house(account.name, at)
            account.change(particulars, by=order.by, at=at, cause=order.id, another_keeps_the_house=another)
            if {"entity", "roles", "appointments"} & set(
                particulars
            ):  # the rest can be changed, and an account suspended, with chairs away
                self._must_speak_for_a_known_entity(account, order)

        kept = self.accounts.change(order.name, order.id, decide, order.expected)
        if kept.account.may_act:
            self.callers.forget(order.name)  # and a session that a tie had opened, which it may have lost, is none without it
        else:
            self.callers.end_sessions(order.name)
        return _shown(kept, order.by)

    def hand_over(self, order: Order) -> dict[str, Any]:
        """Two writes, the taker's first, so that the entity is never without a voice. What a crash left between them, the same order, or
        asking again, finishes."""
        giver = self._known(order.by, order.of, "hand another's work over").account
        if order.by.person != order.of:
            order.by.must_be_secretariat("hand another's work over")
        taker, at = self.accounts.find(order.to), now()
        if taker is None:
            raise no_such_account(order.to)
        since = to_milliseconds(order.data["at"] or at)
        if (done := giver.handed_over(order.to, since)) is not None:
            since = done
        else:
            begun = taker.account.took_over(order.id)
            since = begun or since
            held = giver.to_hand_over(taker.account, since, begun or at)
            said = {"by": order.by, "at": at, "cause": order.id}
            self.accounts.change(order.to, order.id, lambda a: a.take_over(order.of, held, since=since, **said))
            self.accounts.change(order.of, order.id, lambda a: a.hand_over(order.to, until=since, **said))
            self.callers.forget(order.of)
            self.callers.forget(order.to)
        return {"of": order.of, "to": order.to, "since": since, "entity": giver.entity} | self.desk.awaiting(order, giver.entity)

    def _known(self, by: Actor, name: str, doing: str) -> Kept:
        """One's own account, or one that is not unknown to who asks. Raises Refusal."""
        kept = self.accounts.find(name)
        if by.person != name:
            must_know(by, name, kept.account.entity if kept else None, doing)
        if kept is None:
            raise no_such_account(name)
        return kept

    def _must_speak_for_a_known_entity(self, account: Account, order: Order) -> None:
        at = now()
        if account.speaks_for(at) is not None:
            account.must_speak_for_one_of(self._registered(order), at)

    def _registered(self, order: Order) -> set[str]:
        """The codes of the entities that chairs knows. Raises Refusal when it cannot be asked."""
        codes: set[str] = set()
        after = None
        while True:
            page = self.services.call("chairs", "entities", {"limit": ENTITIES_AT_ONCE, "after": after}, order, CHAIRS_SECONDS)
            codes |= {entity["code"] for entity in page["items"]}
            if (after := page["next"]) is None:
                return codes

    # Oneself

    def me(self, order: Order) -> dict[str, Any]:
        kept = self.accounts.get(order.by.person)
        return _shown(kept, order.by) | {
            "csrf_token": g.caller.csrf,
            "second_factor_required": g.caller.must_set_up,
            "recovery_codes_left": len(kept.account.factor.recovery) if kept.account.factor else None,
            "has_password": kept.account.password is not None,
            "tied_to": kept.account.tie.issuer if kept.account.tie else None,
        }

    def change_me(self, order: Order) -> dict[str, Any]:
        kept = self.accounts.change(
            order.by.person, order.id, lambda a: a.change_self(order.data, at=now(), cause=order.id), order.expected
        )
        self.callers.forget(order.by.person)
        return _shown(kept, order.by)

    def change_password(self, order: Order) -> dict[str, Any]:
        kept = self.accounts.get(order.by.person)
        if not kept.account.did(order.id):
            kept.account.must_have_password()
            self.callers.confirm_person(g.caller, kept.account, order.current, request.remote_addr or "", field="current")
            hashed = hash_password(order.new)
            kept = self.accounts.change(kept.account.name, order.id, lambda a: a.set_password(hashed, at=now(), cause=order.id))
            self.callers.end_sessions(kept.account.name, but=g.caller.session)
        return _shown(kept, order.by)

    def log_in(self, order: Order) -> dict[str, Any]:
        session = self.callers.log_in(order.name, order.password, order.code, request.remote_addr or "", request.user_agent.string)
        after_this_request(lambda response: cookies.give(response, session.secret, secure=self.secure))
        kept = Kept(session.account, session.version)
        return _shown(kept, kept.account.actor_at(now())) | {"csrf_token": session.csrf, "expires_at": session.expires_at}

    def log_out(self, order: Order) -> dict[str, Any]:
        self.callers.log_out(g.caller)
        after_this_request(lambda response: cookies.take(response, secure=self.secure))
        return {}

    def sessions(self, order: Order) -> dict[str, Any]:
        return {"items": [_session(one) for one in self.callers.sessions(order.by.person)]}

    def end_session(self, order: Order) -> dict[str, Any]:
        self.callers.end_session(order.by.person, order.data["id"])
        return {}

    def end_other_sessions(self, order: Order) -> dict[str, Any]:
        self.callers.end_sessions(order.by.person, but=g.caller.session)
        return {}

    # The account that one's organization gives

    def may_tie(self, order: Order, password: str) -> str:
        """The entity whose provider this person may tie their account to, having said their password again. Raises Refusal."""
        account = self.accounts.get(order.by.person).account
        entity = account.entity or ""
        self.federation.running(entity)
        self.callers.confirm_person(g.caller, account, password, request.remote_addr or "", field="password")
        return entity

    def tie(self, arrived: Arrived, account: str) -> None:
        """The person who is logged in with this account came back from their provider."""
        tie, said = arrived.tie(), {"at": now(), "cause": arrived.cause}
        self.accounts.change(account, arrived.cause, lambda a: a.tie_to(tie, arrived.way.entity, **said))
        self._must_still_run(arrived, account)

    def accept_through(self, arrived: Arrived) -> Kept:
        """The bearer of an invitation, whose digest is ``arrived.way.whose``, came back from their provider. Raises Refusal."""
        found = self.accounts.by_invitation(arrived.way.whose)
        if found is None:
            raise no_such_invitation()
        tie, said = arrived.tie(), {"at": now(), "cause": arrived.cause}
        kept = self.accounts.change(found.account.name, arrived.cause, lambda a: a.accept_through(tie, arrived.way.entity, **said))
        self.callers.end_sessions(kept.account.name)
        self._must_still_run(arrived, kept.account.name)
        return kept

    def _must_still_run(self, arrived: Arrived, account: str) -> None:
        """A provider that ended while its answer was on the way may have untied its people before this one was tied. It is therefore asked
        again afterwards: one of the two sees what the other wrote. Raises Refusal(not_found)."""
        if not self.federation.providers.lets_in(arrived.way.entity, arrived.provider.id):
            said = {"by": SYSTEM_ACTOR, "at": now(), "cause": f"{arrived.cause}/ended"}
            self.accounts.change(account, f"{arrived.cause}/ended", lambda a: a.lose_tie(**said))
            raise no_such_provider(arrived.way.entity)

    def through(self, arrived: Arrived) -> Kept:
        """The account that is tied to whom a provider says came: of its entity, and of no other. Raises Refusal."""
        kept = self.accounts.by_tie(arrived.provider.id, arrived.subject)
        if kept is None or not kept.account.may_act or kept.account.entity != arrived.way.entity:
            raise nobody_tied()
        return kept

    def come_in_through(self, arrived: Arrived, kept: Kept, address: str, agent: str) -> Session:
        """A session for who came through their provider. It is none from the moment on at which the tie is. Raises Refusal as ``log_in``
        does."""
        through = Through(arrived.provider.id, arrived.strong)
        session = self.callers.come_in(kept, None, address, agent, through)
        self.federation.came_in(arrived, address)
        return session

    def untie(self, order: Order) -> dict[str, Any]:
        before = self._known(order.by, order.name, "untie another's account").account.tie
        kept = self.accounts.change(order.name, order.id, lambda a: a.untie(by=order.by, at=now(), cause=order.id), order.expected)
        if before is not None:
            self.callers.end_sessions_through(before.provider, order.name)
        return _shown(kept, order.by)

    # Providers

    def register_provider(self, order: Order) -> dict[str, Any]:
        order.by.must_be_secretariat("register an entity's provider")
        must_be_registered(order.entity, self._registered(order))
        id, sealed = order.new_id("provider"), self.federation.seal(order.client_secret)
        said = {"by": order.by, "at": now(), "cause": order.id, "loopback": self.federation.loopback}
        providers, described = self.federation.providers, (id, order.issuer, order.client_id, sealed)
        first = providers.create(Provider.register(order.entity, *described, **said))
        kept = first or providers.change(order.entity, order.id, lambda one: one.begin(*described, **said))
        return self._provider(kept)

    def change_provider(self, order: Order) -> dict[str, Any]:
        order.by.must_be_secretariat("change an entity's provider")
        secret = order.data.get("client_secret")
        sealed, said = self.federation.seal(secret) if secret else None, {"by": order.by, "at": now(), "cause": order.id}
        return self._provider(
            self.federation.providers.change(
                order.entity, order.id, lambda one: one.change(order.data.get("client_id"), sealed, **said), order.expected
            )
        )

    def end_provider(self, order: Order) -> dict[str, Any]:
        """The provider first, which lets nobody in from then on; then one person after the other. What a crash left, the same order, or
        ending it again, finishes."""
        order.by.must_be_secretariat("end an entity's provider")
        said = {"by": order.by, "at": now()}
        kept = self.federation.providers.change(
            order.entity, order.id, lambda one: one.end(order.reason, cause=order.id, **said), order.expected
        )
        for name in self.accounts.tied_to(kept.provider.id):
            self.accounts.change(name, order.id, lambda a: a.lose_tie(cause=order.id, **said))
            self.callers.end_sessions_through(kept.provider.id, name)
        return self._provider(kept)

    def providers(self, order: Order) -> dict[str, Any]:
        order.by.must_be_secretariat("see the entities' providers")
        found = self.federation.providers.all()
        return {"items": [self._provider(kept) for kept in found], "redirect_uri": self.federation.callback("{entity}")}

    def _provider(self, kept: KeptProvider) -> dict[str, Any]:
        provider = kept.provider
        shown = {name: getattr(provider, name) for name in ("entity", "issuer", "client_id", "ended_because", "history")}
        people, back = len(self.accounts.tied_to(provider.id)), self.federation.callback(provider.entity)
        return shown | {"redirect_uri": back, "people": people, "version": kept.version}

    # The second factor

    def begin_second_factor(self, order: Order) -> dict[str, Any]:
        kept = self.accounts.get(order.by.person)
        secret, uri, sealed = self.callers.new_factor(kept.account.name, order.id)
        if not kept.account.did(order.id):
            self.callers.confirm_person(g.caller, kept.account, order.password, request.remote_addr or "", field="password")
            kept = self.accounts.change(
                kept.account.name, order.id, lambda a: a.begin_second_factor(sealed, at=now(), cause=order.id), order.expected
            )
        return {"secret": secret, "uri": uri, "version": kept.version}

    def confirm_second_factor(self, order: Order) -> dict[str, Any]:
        kept, codes = self.accounts.get(order.by.person), self.callers.recovery_codes(order.id)
        if not kept.account.did(order.id):
            self.callers.use_first_code(kept.account, order.code)
            digests = [digest(plain(code)) for code in codes]
            kept = self.accounts.change(
                kept.account.name, order.id, lambda a: a.confirm_second_factor(digests, at=now(), cause=order.id), order.expected
            )
            self.callers.forget(kept.account.name)
        return {"recovery_codes": codes, "version": kept.version}

    def remove_second_factor(self, order: Order) -> dict[str, Any]:
        kept = self.accounts.get(order.by.person)
        if not kept.account.did(order.id):
            self.callers.confirm_person(g.caller, kept.account, order.password, request.remote_addr or "", field="password")
            self.callers.use_code(kept.account, order.code, order.id)
            kept = self.accounts.change(kept.account.name, order.id, lambda a: a.remove_second_factor(at=now(), cause=order.id))
            self.callers.forget(kept.account.name)
        return _shown(kept, order.by)

    def reset_second_factor(self, order: Order) -> dict[str, Any]:
        order.by.must_be_secretariat("take away another's second factor")
        kept = self.accounts.change(
            order.name, order.id, lambda a: a.reset_second_factor(by=order.by, at=now(), cause=order.id), order.expected
        )
        self.callers.forget(order.name)
        return _shown(kept, order.by)

    # Tokens

    def make_token(self, order: Order) -> dict[str, Any]:
        secret = TOKEN_PREFIX + self.callers.derived("token", order.id)
        said = {"scope": order.scope, "areas": sorted(set(order.areas)), "expires_at": order.expires_at, "provider": g.caller.provider}
        token = Token(order.new_id("token"), order.name, digest(secret), now(), **said)
        kept = self.accounts.change(order.by.person, order.id, lambda a: a.make_token(token, cause=order.id))
        return vars(kept.account.token(token.id)) | {"token": secret}

    def tokens(self, order: Order) -> dict[str, Any]:
        kept = self.accounts.get(order.by.person)
        return {"items": [vars(token) | {"last_used_at": kept.used.get(token.id)} for token in kept.account.tokens]}

    def revoke_token(self, order: Order) -> dict[str, Any]:
        self.accounts.change(order.by.person, order.id, lambda a: a.revoke_token(order.data["id"], at=now(), cause=order.id))
        self.callers.forget(order.by.person)
        return {}


def _appointments(order: Order) -> list[dict[str, Any]] | None:
    """The appointments that an order names, with instants as exact as they are kept; None when it names none."""
    if (given := order.data.get("appointments")) is None:
        return None
    return [{name: to_milliseconds(value) if isinstance(value, datetime) else value for name, value in one.items()} for one in given]


def _session(one: Running) -> dict[str, Any]:
    told = ("id", "opened_at", "last_seen_at", "expires_at", "agent")
    through = "organization" if one.provider else "password"
    return {name: getattr(one, name) for name in told} | {"through": through, "current": one.digest == g.caller.session}


OF_ITS_ROLES = frozenset({"opened", "changed", "invitation_accepted", "handed_over", "taken_over"})
"""What the history of an account tells others of its entity; what guards the account is for its person, and the secretariat."""


def _concerns(account: Account, by: Actor) -> bool:
    return sees_all(by) or by.person == account.name


def _shown(kept: Kept, by: Actor) -> dict[str, Any]:
    account = kept.account
    return {
        "name": account.name,
        "display_name": account.display_name,
        "entity": account.entity,
        "roles": account.roles_at(now()),
        "appointments": account.appointments,
        "language": account.language,
        "status": account.status,
        "second_factor": account.factor is not None if _concerns(account, by) else None,
        "version": kept.version,
    }
