"""The pages of the chairmanship: who chairs, who is to, what entities say of their years, and what one chair hands to the next."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import g, render_template, request
from markupsafe import Markup
from marshmallow import fields
from werkzeug.exceptions import NotFound

from contracts import chairs
from contracts.base import Command
from gateway.forms import timeline
from gateway.web.acts import Act, Form, Input
from gateway.web.room import Room, acting, called, moves, reads, who_chairs, year_of

AHEAD = 10
"""Coming years that are shown."""

LAST = 30
"""Coming years of which a page can be asked for: as many as the rota tells."""


def _turn(line: str) -> dict[str, Any]:
    """Who is to chair in a year, of a line that begins with it."""
    year, *who = re.split(r"[,;\s]+", line)
    codes = [g.acronyms.code_of(code, g.reader.language, g.reader.at) for code in who if code]
    return {"year": int(year) if re.fullmatch("[0-9]{4}", year) else year, "chairs": codes}


def _line_of(turn: Mapping[str, Any]) -> str:
    return f"{turn['year']} {', '.join(called(code) for code in turn['chairs'])}"


class _Swap(Act):
    """A swap asks for the other's year and whose it is as one thing: a turn."""

    def asked(self) -> dict[str, fields.Field]:
        asked = {name: one for name, one in super().asked().items() if name not in ("with_entity", "with_year")}
        letter = {"letter": asked.pop("letter")} if "letter" in asked else {}
        return asked | {"other_turn": fields.String(required=True)} | letter

    def filled(self, path: Mapping[str, str]) -> dict[str, Any]:
        filled = super().filled(path)
        year, _, entity = filled.pop("other_turn").partition(" ")
        return filled | {"with_entity": entity, "with_year": int(year) if year.isdecimal() else year}


def _voiced(command: type[Command], entered: str, kind: type[Act] = Act, *, hidden: tuple[str, ...] = (), **more: Any) -> Iterable[Act]:
    """An entity's word, as its own people say it, and as the secretariat enters it from a letter."""
    yield kind(command, hidden=("entity", *hidden), left_out=("letter",), **more)
    yield kind(command, hidden=hidden, called=entered, **more)


_YEAR = ("year",)
_SWAP = ("swap",)


class ChairsPages(Room):
    """One method per page; ``TABLE`` says where each is found."""

    acts = {
        act.name: act
        for act in (
            *_voiced(chairs.AcceptTerm, "enter_acceptance", in_path=_YEAR),
            *_voiced(chairs.DeclineTerm, "enter_decline", in_path=_YEAR),
            *_voiced(chairs.CoChair, "enter_co_chair", in_path=_YEAR),
            *_voiced(chairs.ProposeSwap, "enter_swap", _Swap, in_path=_YEAR),
            *_voiced(chairs.StepDown, "enter_step_down", in_path=_YEAR),
            *_voiced(chairs.SignHandover, "enter_signature", in_path=_YEAR, hidden=("digest",)),
            Act(chairs.AgreeSwap, in_path=(), hidden=_SWAP, left_out=("letter",)),
            Act(chairs.AgreeSwap, in_path=(), hidden=_SWAP, called="enter_agreement"),
            Act(chairs.RefuseSwap, in_path=(), hidden=_SWAP, left_out=("letter",)),
            Act(chairs.RefuseSwap, in_path=(), hidden=_SWAP, left_out=("letter",), called="take_back_swap"),
            Act(chairs.RefuseSwap, in_path=(), hidden=_SWAP, called="enter_refusal"),
            Act(chairs.RecordTerm, in_path=_YEAR),
            Act(chairs.ProposeRota, in_path=()),
            Act(chairs.AdoptRota, in_path=(), lines={"turns": (_turn, _line_of)}),
            Act(chairs.NoteHandover, in_path=_YEAR),
        )
    }
    TABLE: tuple[tuple[str, str, str], ...] = (
        ("/chairs", "chairs", "GET"),
        ("/chairs/rota", "rota", "GET POST"),
        ("/chairs/terms/<year>", "term", "GET POST"),
        ("/chairs/handovers/<year>", "handover", "GET POST"),
    )

    def chairs(self) -> Any:
        asked: dict[str, tuple[str, str, dict[str, Any]]] = {"group": ("chairs", "overview", {}), "history": ("chairs", "history", {})}
        panels = self.desk.gather(g.reader.order(), asked)
        history = panels["history"].answer
        picture = Markup(timeline.draw(history, g.reader.language).inline()) if history else None
        return render_template("chairs/chairs.html", panels=panels, picture=picture)

    # The coming years

    @reads
    @acting("propose_rota", "adopt_rota", "agree_swap", "refuse_swap", "take_back_swap", "enter_agreement", "enter_refusal")
    def rota(self) -> Any:
        """The order as it is adopted and would go on, what entities ask of one another, and what the Group has before it."""
        panels = self.desk.gather(g.reader.order(), {"it": ("chairs", "rota", {"years": AHEAD}), **who_chairs()})
        it = panels["it"].told
        forms = []
        if moves(panels.get("group")):
            forms.append(self.form("propose_rota", values={"years": 3, "together": 1}))
        if g.reader.actor.is_secretariat:
            turns = it["tabled"]["turns"] if it["tabled"] else [turn for turn in it["turns"] if turn["state"] == "proposed"][:3]
            forms.append(self.form("adopt_rota", values={"turns": turns}, version=it["version"]))
        answers = {one["swap"]: self._answers(one) for one in it["swaps"] if one["state"] == "proposed"}
        return render_template("chairs/rota.html", it=it, forms=forms, answers=answers)

    def _answers(self, swap: Mapping[str, Any]) -> list[Form]:
        """What this reader may answer to a swap that is proposed."""
        actor, name = g.reader.actor, swap["swap"]
        acts = ["agree_swap", "refuse_swap"] if actor.speaks_for(swap["with_entity"]) else []
        acts += ["take_back_swap"] if actor.speaks_for(swap["entity"]) else []
        acts += ["enter_agreement", "enter_refusal"] if actor.is_secretariat else []
        return [_from_letter(self.form(act, swap=name)) for act in acts]

    # One year

    def term(self, year: str) -> Any:
        """A year in the chair, for everyone; and to whom it concerns what they may say of it."""
        return self._ordered(year=year) if request.method == "POST" else self._term(year)

    @reads
    @acting(
        "accept_term",
        "enter_acceptance",
        "decline_term",
        "enter_decline",
        "co_chair",
        "enter_co_chair",
        "propose_swap",
        "enter_swap",
        "step_down",
        "enter_step_down",
        "record_term",
    )
    def _ordered(self, year: str) -> Any:
        return self._term(year)

    def _term(self, year: str) -> Any:
        wanted, at = year_of(year), g.reader.at
        asked: dict[str, tuple[str, str, dict[str, Any]]] = {
            "group": ("chairs", "overview", {}),
            "history": ("chairs", "history", {"years": min(max(wanted - at.year, AHEAD), LAST)}),
        }
        if g.reader.actor.in_the_group:
            asked |= {"rota": ("chairs", "rota", {"years": AHEAD}), "dossier": ("chairs", "handover", {"year": wanted})}
        panels = self.desk.gather(g.reader.order(), asked)
        group, history = panels["group"].told, panels["history"].told
        it = next((term for term in history["terms"] if term["year"] == wanted), None)
        records = g.reader.actor.is_secretariat and wanted <= at.year and (it is None or it["state"] == "unknown")
        if it is None and not records:
            raise NotFound
        rota = panels["rota"].answer if "rota" in panels else None
        forms = self._own_words(it, group, rota) if it and rota else []
        if records:
            forms.append(self.form("record_term"))
        return render_template("chairs/term.html", it=it, year=wanted, rota=rota, panels=panels, forms=forms)

    def _own_words(self, it: Mapping[str, Any], group: Mapping[str, Any], rota: Mapping[str, Any]) -> list[Form]:
        """What this reader may say of a year now: for its own entity, or the secretariat from a letter."""
        chairing = it["chairs"]
        if it["state"] == "begun":
            return self._word("step_down", "enter_step_down", it["serving"])
        if it["state"] != "adopted":
            return []
        others = [code for code in group["seated"] if code not in chairing]
        waiting = [code for code in chairing if code not in it["accepted"]]
        offered = [one["entity"] for one in rota["offers"] if one["year"] == it["year"] and g.reader.actor.speaks_for(one["with_entity"])]
        partners = others if g.reader.actor.entity in chairing else chairing
        with_whom = {"with_entity": _entities(partners)}
        turns = [
            (f"{turn['year']} {code}", f"{turn['year']} · {called(code)}")
            for turn in rota["turns"]
            if turn["state"] == "adopted" and turn["year"] != it["year"] and g.reader.actor.entity not in turn["chairs"]
            for code in turn["chairs"]
            if code not in chairing
        ]
        forms = self._word("accept_term", "enter_acceptance", waiting)
        forms += self._word("decline_term", "enter_decline", chairing)
        forms += self._word(
            "co_chair",
            "enter_co_chair",
            [*chairing, *others],
            own=with_whom,
            entered={"with_entity": _entities([*chairing, *others])},
            values={"with_entity": next(iter(offered), "")},
        )
        if turns:
            forms += self._word("propose_swap", "enter_swap", chairing, own={"other_turn": turns}, entered={"other_turn": turns})
        return forms

    def _word(
        self,
        act: str,
        entering: str,
        codes: list[str],
        *,
        own: dict[str, Any] | None = None,
        entered: dict[str, Any] | None = None,
        values: dict[str, Any] | None = None,
        **hidden: Any,
    ) -> list[Form]:
        """The forms in which one of these entities says its word, as far as they are this reader's. ``own`` and ``entered``: what its own
        people choose from, and the secretariat."""
        actor, forms = g.reader.actor, []
        if actor.entity in codes and actor.speaks_for(actor.entity):
            forms.append(self.form(act, choices=own, values=values, entity=actor.entity, **hidden))
        if actor.is_secretariat and codes:
            forms.append(_from_letter(self.form(entering, choices={"entity": _entities(codes)} | (entered or {}), **hidden)))
        return forms

    # The handover

    @reads
    @acting("note_handover", "sign_handover", "enter_signature")
    def handover(self, year: str) -> Any:
        """What is open when the chair passes on, what was written of it, who has signed, and to whom it concerns the forms for both."""
        asked = {"it": ("chairs", "handover", {"year": year_of(year)}), **who_chairs()}
        panels = self.desk.gather(g.reader.order(), asked)
        it = panels["it"].told
        concerned = list(dict.fromkeys([*it["outgoing"], *it["incoming"]]))
        signed = [one["entity"] for one in it["signatures"] if one["current"]]
        unsigned = [code for code in concerned if code not in signed] if it["state"] in ("open", "escalated") else []
        forms = self._word("sign_handover", "enter_signature", unsigned, digest=it["digest"])
        if it["state"] in ("coming", "open", "escalated") and self._writes(it, panels):
            forms.append(self.form("note_handover"))
        return render_template("chairs/handover.html", it=it, concerned=concerned, forms=forms)

    @staticmethod
    def _writes(it: Mapping[str, Any], panels: Mapping[str, Any]) -> bool:
        """Whether this reader is offered to write into the dossier: who hands over, who chairs, and the secretariat."""
        begun = g.reader.at >= datetime.fromisoformat(it["at"])
        serving = any(map(g.reader.actor.speaks_for, it["incoming"])) if begun else moves(panels.get("group"))
        return g.reader.actor.is_secretariat or serving or any(map(g.reader.actor.speaks_for, it["outgoing"]))


def _entities(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Entities to choose from."""
    return [(code, called(code)) for code in codes]


def _from_letter(form: Form) -> Form:
    """What the secretariat enters names its letter, which the contract asks of nobody else; and whose word it is, is chosen."""

    def asked(one: Input) -> Input:
        return replace(one, required=one.required or one.name == "letter", hint="" if one.kind == "choice" else one.hint)

    return replace(form, inputs=[asked(one) for one in form.inputs])
