"""The secretariat's own pages: who has an account, who belongs, what went astray, and who did what."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import g, render_template, request
from marshmallow import fields
from werkzeug.exceptions import NotFound

from contracts import chairs
from contracts.subscriptions import PRODUCERS
from gateway.accounts import contract as accounts
from gateway.api.dispatch import VISITOR
from gateway.house import contract as house
from gateway.web import refusals
from gateway.web.account import handed_over, stands
from gateway.web.acts import Act, Failed, Form, typed_instant, written_instant
from gateway.web.reader import current
from gateway.web.room import Room, View, acting, reads
from gateway.web.words import NAMES, WORDS, date_of, said
from messaging.context import now, written
from services.kernel.actor import FOCAL_POINT, SYSTEM_ACTOR
from services.kernel.refusal import Refusal

PAGE = 50

TRAILED = ("subject", "person", "entity", "since", "until", "after")
"""What the address of a trail may say."""

PARTICULARS = ("name", "display_name", "entity", "roles", "language")
"""What an account is, in the order in which people tell it."""

_ONE_ACCOUNT = ("name",)
_ONE_ENTITY = ("entity",)
_ONE_LETTER = ("service", "id")
_OF_A_PERSON = ("display_name", "entity", "roles", "language", "status", "appointments")


class _Appoint(Act):
    """One role more, with its dates: its form carries the appointments that stand, beside which it is to stand."""

    def asked(self) -> dict[str, fields.Field]:
        return dict(accounts.Appointment().fields)

    def read(self, path: Mapping[str, str]) -> dict[str, Any]:
        try:
            standing = json.loads(request.form.get("appointments", ""))
        except ValueError:
            standing = None
        if not isinstance(standing, list):
            raise Refusal.invalid("appointments", "This is no list of appointments.", rule="contract")
        new = {name: value for name, one in self.asked().items() if (value := self._value(name, one)) is not None}
        return {"name": path["name"], "appointments": [*standing, new]}


def keeps(view: View) -> View:
    """For the secretariat alone, whatever the page would ask."""

    @reads
    def guarded(self: "HousePages", **path: str) -> Any:
        g.reader.actor.must_be_secretariat("run the house")
        return view(self, **path)

    return guarded


class HousePages(Room):
    """One method per page; ``TABLE`` says where each is found."""

    acts = {
        act.name: act
        for act in (
            Act(accounts.InvitePerson, in_path=(), left_out=("password", "appointments"), whole=True, tells=True),
            Act(
                accounts.ChangePerson,
                in_path=_ONE_ACCOUNT,
                left_out=("status", "roles", "appointments"),
                differing=True,
                emptied={"display_name": "", "entity": None},
            ),
            _Appoint(
                accounts.ChangePerson,
                in_path=_ONE_ACCOUNT,
                hidden=("appointments",),
                left_out=("display_name", "entity", "roles", "language", "status"),
                called="appoint_person",
            ),
            Act(accounts.ChangePerson, in_path=_ONE_ACCOUNT, hidden=("status",), left_out=_OF_A_PERSON, called="suspend_person"),
            Act(accounts.ChangePerson, in_path=_ONE_ACCOUNT, hidden=("status",), left_out=_OF_A_PERSON, called="reinstate_person"),
            Act(accounts.ResetSecondFactor, in_path=_ONE_ACCOUNT),
            Act(accounts.InviteAgain, in_path=_ONE_ACCOUNT, tells=True),
            Act(accounts.Untie, in_path=_ONE_ACCOUNT, called="untie_person"),
            Act(accounts.HandOver, in_path=(), hidden=("of",), tells=True, called="hand_over_for"),
            Act(accounts.RegisterProvider, in_path=()),
            Act(accounts.ChangeProvider, in_path=(), hidden=_ONE_ENTITY),
            Act(accounts.EndProvider, in_path=(), hidden=_ONE_ENTITY),
            Act(chairs.RegisterEntity, in_path=()),
            Act(chairs.StartMembership, in_path=_ONE_ENTITY),
            Act(chairs.EndMembership, in_path=_ONE_ENTITY),
            Act(chairs.TakeSeat, in_path=_ONE_ENTITY),
            Act(chairs.GiveUpSeat, in_path=_ONE_ENTITY),
            Act(house.SendLetterAgain, in_path=(), hidden=_ONE_LETTER),
            Act(house.DropLetter, in_path=(), hidden=_ONE_LETTER),
        )
    }
    TABLE: tuple[tuple[str, str, str], ...] = (
        ("/house", "house", "GET"),
        ("/people", "people", "GET POST"),
        ("/people/<name>", "person", "GET POST"),
        ("/providers", "providers", "GET POST"),
        ("/entities", "entities", "GET POST"),
        ("/entities/<entity>", "entity", "GET POST"),
        ("/letters", "letters", "GET POST"),
        ("/trail", "trail", "GET"),
    )

    def words(self) -> dict[str, Any]:
        """What the secretariat's templates can say beside what all can."""
        language = current().language
        return super().words() | {
            "role": partial(_word, language, "role"),
            "deed": partial(_word, language, "history"),
            "event": partial(_event, language),
            "service_name": partial(_word, language, "service"),
            "failed": partial(_failure, language),
            "has_account": lambda person: person not in (SYSTEM_ACTOR.person, VISITOR),
        }

    @keeps
    def house(self) -> Any:
        """What waits for whoever runs the house, and where the secretariat's work begins."""
        return render_template("house/house.html", it=self.asked(house.House))

    # People

    @keeps
    @acting("invite_person")
    def people(self) -> Any:
        """All accounts, a page at a time, and the form that opens one."""
        asked = {name: value[:80] for name in ("entity", "role", "status", "after") if (value := request.args.get(name, "").strip())}
        if "entity" in asked:
            asked["entity"] = asked["entity"].upper()
        page = self.ask("gateway", "people", limit=PAGE, **asked)
        return render_template(
            "house/people.html",
            page=page,
            asked=asked,
            onward=urlencode(asked | {"after": page["next"]}) if page["next"] else None,
            roles=_roles(),
            states=accounts.STATES,
            invite=self._account_form("invite_person", values={"language": g.reader.language}),
            told=g.get("told"),
        )

    @keeps
    @acting(
        "change_person",
        "appoint_person",
        "end_role",
        "reset_second_factor",
        "suspend_person",
        "reinstate_person",
        "invite_again",
        "untie_person",
        "hand_over_for",
    )
    def person(self, name: str) -> Any:
        """One account, what may be done with it, and everything that ever changed in it. Roles have dates, and are changed one by one, so
        that no other's end is lost."""
        told, at = g.get("told"), written(now())
        if told is not None and "of" in told:
            return handed_over(told)
        it = self.ask("gateway", "get_person", name=name)
        standing = [held for held in it["appointments"] if stands(held, at)]
        entries = [entry | {"changes": _changes(g.reader.language, entry)} for entry in reversed(it["history"])]
        change = self._account_form("change_person", values=it, version=it["version"])
        return render_template(
            "house/person.html",
            it=it,
            told=told,
            tied=_is_tied(it["history"]),
            takers=self._takers(it) if any(held["role"] == FOCAL_POINT for held in standing) else [],
            entries=entries,
            change=change,
            standing=[(held, json.dumps([other for other in standing if other != held])) for held in standing],
            appoint=self.form(
                "appoint_person", choices={"role": _roles()}, values={}, appointments=json.dumps(standing), version=it["version"]
            ),
        )

    def _takers(self, it: dict[str, Any]) -> list[tuple[str, str]]:
        """To whom the work of a focal point may be handed over: active accounts of the same entity."""
        colleagues = self.ask("gateway", "people", entity=it["entity"], status="active", limit=200)["items"]
        return [(one["name"], one["display_name"]) for one in colleagues if one["name"] != it["name"]]

    @keeps
    @acting("register_provider", "change_provider", "end_provider")
    def providers(self) -> Any:
        """The entities' own providers of accounts, what each is, and the orders that enter them."""
        return render_template("house/providers.html", it=self.asked(accounts.Providers))

    def _account_form(self, act: str, *, values: dict[str, Any], **hidden: Any) -> Form:
        """A form of what an account is."""
        form = self.form(act, choices={"roles": _roles()}, values=values, **hidden)
        first = {name: place for place, name in enumerate(PARTICULARS)}
        return replace(form, inputs=sorted(form.inputs, key=lambda one: first.get(one.name, len(first))))

    # Entities and seats

    @keeps
    @acting("register_entity")
    def entities(self) -> Any:
        """Every entity known, and what each is as of an instant."""
        given = request.args.get("as_of", "").strip()[:40]
        group = self._group(**({"as_of": written_instant(given)} if given else {}))
        register = self.form("register_entity")
        return render_template(
            "house/entities.html",
            group=group,
            rows=[_standing(group, code) for code in sorted(group["entities"])],
            as_of=typed_instant(group["as_of"]) if given else "",
            register=replace(register, inputs=[replace(one, required=one.required or one.name == "names.en") for one in register.inputs]),
        )

    @keeps
    @acting("start_membership", "end_membership", "take_seat", "give_up_seat")
    def entity(self, entity: str) -> Any:
        """One entity with all its memberships, seats and years in the chair, and the orders that enter them."""
        code, group = entity.upper(), self._group()
        if code not in group["entities"]:
            raise NotFound
        return render_template(
            "house/entity.html",
            it=_standing(group, code),
            periods=[(kind, sorted(_periods(group, kind, code), key=lambda one: one["since"])) for kind in ("memberships", "seats")],
            terms=[term for term in group["terms"].values() if code in (*term["chairs"], *(one["entity"] for one in term["stand_ins"]))],
        )

    # Dead letters

    @keeps
    @acting("send_letter_again", "drop_letter")
    def letters(self) -> Any:
        """What each service could not handle; a service that is away takes only its own with it."""
        panels = self.desk.gather(g.reader.order(), {name: (name, "dead_letters", {"limit": PAGE}) for name in PRODUCERS})
        failed: Failed | None = g.get("failed")
        shown = {(name, letter["id"]) for name, panel in panels.items() if panel.is_there for letter in panel.answer["items"]}
        gone = failed is not None and (failed.typed.get("service"), failed.typed.get("id")) not in shown
        return render_template("house/letters.html", panels=panels, refused=refusals.told(failed.refusal) if failed and gone else "")

    # The trail

    @keeps
    def trail(self) -> Any:
        """Who did what, in all services, narrowed by what is asked for in the page's address."""
        asked = {name: value[:400] for name in TRAILED if (value := request.args.get(name, "").strip())}
        for name in ("since", "until"):
            if name in asked:
                asked[name] = written_instant(asked[name])
        if "entity" in asked:
            asked["entity"] = asked["entity"].upper()
        page = self.asked(house.Trail, limit=PAGE, **asked)
        narrowed = {name: value for name, value in asked.items() if name != "after"}
        return render_template(
            "house/trail.html",
            page=page,
            asked=asked | {name: typed_instant(asked[name]) for name in ("since", "until") if name in asked},
            onward=urlencode(narrowed | {"after": page["next"]}) if page["next"] else None,
            narrowed=lambda **more: urlencode(narrowed | more),
        )

    def _group(self, **asked: Any) -> dict[str, Any]:
        """The Group with all that is on record; before the first entity is registered, a Group of none."""
        try:
            return dict(self.asked(chairs.GetGroup, **asked))
        except Refusal as refusal:
            if refusal.kind != "not_found":
                raise
            nothing: dict[str, Any] = {name: [] for name in ("members", "seated", "chairs", "memberships", "seats")}
            return nothing | {"entities": {}, "terms": {}, "as_of": asked.get("as_of") or written(g.reader.at)}


def _is_tied(history: list[dict[str, Any]]) -> bool:
    """Whether an organization's account lets the person in, as their history tells it."""
    return next((entry["what"] for entry in reversed(history) if entry["what"] in ("tied", "untied")), "") == "tied"


CAPACITIES = (("chairs", "chair"), ("seated", "seat"), ("members", "member"))
"""Where the Group lists who is what, the most first."""


def _standing(group: Mapping[str, Any], code: str) -> dict[str, Any]:
    """An entity, and what it is as of the Group's instant: with the periods that make it so."""
    entity = group["entities"][code]
    capacity = next((word for where, word in CAPACITIES if code in group[where]), "known")
    if capacity == "chair" and len(group["chairs"]) > 1:
        capacity = "co_chair"
    at = datetime.fromisoformat(group["as_of"])
    held = {kind: next((p for p in _periods(group, kind, code) if _holds(p, at)), None) for kind in ("memberships", "seats")}
    return entity | {"name": entity["names"].get(current().language) or entity["names"]["en"], "capacity": capacity, **held}


def _periods(group: Mapping[str, Any], kind: str, code: str) -> list[dict[str, Any]]:
    return [period for period in group[kind] if period["entity"] == code]


def _holds(period: Mapping[str, Any], at: datetime) -> bool:
    since, until = (datetime.fromisoformat(period[end]) if period[end] else None for end in ("since", "until"))
    return (since is None or since <= at) and (until is None or at < until)


def _event(language: str, type: str) -> str:
    """An event in words, by its type as its envelope has it; the type itself where no contract of ours tells of it."""
    key = "event_" + type.removeprefix("icat.").rpartition(".")[0].replace(".", "_")
    return said(language, key) if key in WORDS else type


def _failure(language: str, error: str) -> str:
    """A kind of error in words."""
    key = f"failed_{error}"
    return said(language, key) if key in WORDS else said(language, "failed_otherwise", error=error)


def _roles() -> list[tuple[str, str]]:
    return [(role, _word(g.reader.language, "role", role)) for role in accounts.ROLES]


def _word(language: str, prefix: str, name: str) -> str:
    key = f"{prefix}_{name}"
    return said(language, key) if key in WORDS else name.replace("_", " ")


def _changes(language: str, entry: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What an entry of a history changed: of each particular its name, what it was and what it became, as people read them."""
    before, after = entry["before"], entry["after"]
    return [
        (
            _word(language, "field", "roles" if name == "appointments" else name),
            _plain(language, name, before[name]) if name in before else "",
            _plain(language, name, after.get(name)),
        )
        for name in (after or before)
    ]


def _plain(language: str, name: str, value: Any) -> str:
    """A particular of an account in words."""
    if value in (None, "", []):
        return "–"
    if isinstance(value, list):
        return ", ".join(_plain(language, name, one) for one in value)
    if name == "appointments":
        held = [said(language, word, date=date_of(language, value[word], time=False)) for word in ("since", "until") if value[word]]
        return f"{_word(language, 'role', value['role'])} ({' '.join(held)})"
    if name == "language":
        return NAMES.get(value, str(value))
    if name == "status":
        return _word(language, "account", str(value))
    return _word(language, "role", value) if f"role_{value}" in WORDS else str(value)
