"""The pages of one's own account: who one is, what guards it, where one is logged in, one's tokens, and one's own people."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import g, redirect, render_template, request
from markupsafe import Markup

from gateway.accounts import contract as accounts
from gateway.accounts.contract import AREAS, SCOPES
from gateway.accounts.factors import picture_of
from gateway.accounts.rights import ENDS, INVITES, own_people
from gateway.web.acts import Act, Failed
from gateway.web.desk import awaited_of
from gateway.web.room import Room, acting, reads
from gateway.web.words import said
from messaging.context import now, written
from services.kernel.actor import FOCAL_POINT
from services.kernel.refusal import Refusal

PAGE = 100


class _EndRole(Act):
    """The end of one role: its form carries the appointments that remain."""

    def read(self, path: Mapping[str, str]) -> dict[str, Any]:
        try:
            remaining = json.loads(request.form.get("appointments", ""))
        except ValueError:
            raise Refusal.invalid("appointments", "This is no list of appointments.", rule="contract") from None
        return {"name": request.form.get("name", ""), "appointments": remaining}


class AccountPages(Room):
    """One method per page; ``TABLE`` says where each is found."""

    acts = {
        act.name: act
        for act in (
            Act(accounts.ChangeMe, in_path=()),
            Act(accounts.ChangePassword, in_path=()),
            Act(accounts.BeginSecondFactor, in_path=(), tells=True),
            Act(accounts.ConfirmSecondFactor, in_path=(), tells=True),
            Act(accounts.RemoveSecondFactor, in_path=()),
            Act(accounts.EndSession, in_path=(), hidden=("id",)),
            Act(accounts.EndOtherSessions, in_path=()),
            Act(accounts.MakeToken, in_path=(), tells=True),
            Act(accounts.RevokeToken, in_path=(), hidden=("id",)),
            Act(
                accounts.InvitePerson,
                in_path=(),
                left_out=("password", "appointments", "entity"),
                whole=True,
                tells=True,
                called="invite_colleague",
            ),
            _EndRole(
                accounts.ChangePerson,
                in_path=(),
                hidden=("name", "appointments"),
                left_out=("display_name", "entity", "roles", "language", "status"),
                called="end_role",
            ),
            Act(accounts.HandOver, in_path=(), hidden=("of",), tells=True),
        )
    }
    TABLE: tuple[tuple[str, str, str], ...] = (
        ("/account", "account", "GET POST"),
        ("/account/second-factor", "second_factor", "GET POST"),
        ("/account/people", "colleagues", "GET POST"),
    )

    @reads
    @acting("change_me", "change_password", "end_session", "end_other_sessions", "make_token", "revoke_token")
    def account(self) -> Any:
        """One's own account, the sessions that run, and the tokens."""
        language, at = g.reader.language, written(now())
        tokens = self.ask("gateway", "tokens")["items"]
        return render_template(
            "account/account.html",
            it=self.ask("gateway", "me"),
            sessions=self.ask("gateway", "sessions")["items"],
            working=[one for one in tokens if not one["revoked_at"] and (not one["expires_at"] or one["expires_at"] > at)],
            scopes=[(scope, said(language, f"scope_{scope}")) for scope in SCOPES],
            areas=[(area, said(language, f"area_{area}")) for area in AREAS],
            has_people=own_people(g.reader.actor) is not None,
            told=g.get("told"),
        )

    @reads
    @acting("begin_second_factor", "confirm_second_factor", "remove_second_factor")
    def second_factor(self) -> Any:
        """Setting up a second factor, a step at a time; or what there is of it, and how to remove it."""
        told, failed, it = g.get("told") or {}, g.get("failed"), self.ask("gateway", "me")
        begin = self.form("begin_second_factor")  # whose contract asks for a password of who has one
        inputs = [replace(one, required=it["has_password"]) for one in begin.inputs if it["has_password"]]
        return render_template(
            "account/second_factor.html",
            it=it,
            begin=replace(begin, inputs=inputs),
            secret=told.get("secret"),
            picture=Markup(picture_of(told["uri"])) if "uri" in told else None,
            codes=told.get("recovery_codes"),
            confirming="uri" in told or (isinstance(failed, Failed) and failed.act == "confirm_second_factor"),
        )

    @reads
    @acting("invite_colleague", "end_role", "hand_over")
    def colleagues(self) -> Any:
        """The people of one's own entity or mission. The secretariat has a page for everyone's."""
        actor, told = g.reader.actor, g.get("told")
        if told is not None and "of" in told:
            return handed_over(told)
        if actor.is_secretariat:
            return redirect("/people", 303)
        if (entity := own_people(actor)) is None:
            actor.must_be_secretariat("see all accounts")
        after = request.args.get("after", "")[:200]
        page = self.ask("gateway", "people", limit=PAGE, **({"after": after} if after else {}))
        at, ends = written(now()), {role for held in actor.roles for role in ENDS.get(held, ())}
        others = [one for one in page["items"] if one["name"] != actor.person]
        return render_template(
            "account/people.html",
            entity=entity,
            page=page,
            standing=lambda one: [held for held in one["appointments"] if stands(held, at)],
            endable=lambda one, held: one["name"] != actor.person and held["role"] in ends,
            without=lambda one, held: json.dumps([other for other in one["appointments"] if other != held and stands(other, at)]),
            roles=[(role, said(g.reader.language, f"role_{role}")) for role in _invited(actor.roles)],
            takers=[(one["name"], one["display_name"]) for one in others if one["status"] == "active"]
            if FOCAL_POINT in actor.roles
            else [],
            told=told,
        )


def handed_over(told: dict[str, Any]) -> str:
    """The page of a handover that was just made: to whom, and what awaits them, as their desk says it."""
    items = [one | {"deadline": one["deadline"] and datetime.fromisoformat(one["deadline"])} for one in told["items"]]
    return render_template("account/handed_over.html", it=told, awaited=[awaited_of(one, g.reader) for one in items])


def stands(held: dict[str, Any], at: str) -> bool:
    """Whether an appointment has not ended. Instants are written alike, so they compare as text."""
    return not held["until"] or held["until"] > at


def _invited(roles: frozenset[str]) -> list[str]:
    return list(dict.fromkeys(role for held in sorted(roles) for role in INVITES.get(held, ())))
