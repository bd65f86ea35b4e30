"""The pages of briefings: what missions are invited to, who comes, and where those invited say so."""

from dataclasses import replace
from typing import Any

from flask import g, make_response, redirect, render_template, request, url_for

from contracts import notifications
from contracts.notifications import ATTENDING
from gateway.api.dispatch import VISITOR
from gateway.web.acts import Act, Failed, Form
from gateway.web.reader import Reader
from gateway.web.room import ASK_SECONDS, ORDER_SECONDS, Room
from gateway.web.words import said
from services.kernel.actor import Actor
from services.kernel.refusal import Refusal


class BriefingPages(Room):
    """One method per page; ``TABLE`` says where each is found."""

    acts = {
        "reply_to_briefing": Act(notifications.ReplyToBriefing, in_path=("briefing", "token", "subscriber"), left_out=("letter",)),
        "enter_reply": Act(notifications.ReplyToBriefing, in_path=("briefing",), left_out=("token",)),
    }
    TABLE: tuple[tuple[str, str, str], ...] = (
        ("/briefings", "briefings", "GET"),
        ("/briefings/<briefing>", "briefing", "GET"),
        ("/briefings/<briefing>/reply", "briefing_reply", "GET POST"),
    )

    def briefings(self) -> Any:
        return render_template("briefings.html", page=self.ask("workplan", "briefings", limit=100))

    def briefing(self, briefing: str) -> Any:
        """What it is, which everyone may know; and to those invited their own reply, to the secretariat and the chair all of them."""
        named = {"briefing": briefing}
        asked: dict[str, tuple[str, str, dict[str, Any]]] = {"it": ("workplan", "get_briefing", named)}
        if g.reader.caller is not None:
            asked["guests"] = ("notifications", "attendance", named)
        panels = self.desk.gather(g.reader.order(), asked)
        if (refusal := panels["it"].refusal) is not None:
            raise refusal
        return render_template("briefing.html", it=panels["it"].answer, guests=panels.get("guests"))

    def briefing_reply(self, briefing: str) -> Any:
        """Whoever bears the link of a mail replies for whom it went to, and is nobody else, whoever is logged in: the token proves the
        right, and no cookie is looked at. Without one the reader replies for its own subscriber, the secretariat for any, from a letter."""
        token, status = request.args.get("token", "")[:300], 200
        if not token and g.reader.caller is None:
            return redirect(url_for("web.login", next=request.full_path.rstrip("?")), 303)
        reader = replace(g.reader, caller=None, actor=Actor(VISITOR, language=g.reader.language)) if token else g.reader
        act = "enter_reply" if reader.actor.is_secretariat else "reply_to_briefing"
        if request.method == "POST":
            if not token:
                self.must_be_ours()
            try:
                payload = self.acts[act].read(_named(reader, briefing, token))
                self.desk.services.call("notifications", "reply_to_briefing", payload, reader.order(), ORDER_SECONDS)
                return redirect(url_for("web.briefing_reply", briefing=briefing, **({"token": token} if token else {}), done="yes"), 303)
            except Refusal as refusal:
                g.failed = Failed("reply_to_briefing", request.form, refusal)
                status = g.failed.status
        asked = {"briefing": briefing} | ({"token": token} if token else {})
        it = self.desk.services.call("notifications", "attendance", asked, reader.order(), ASK_SECONDS)
        own = _own(it, reader) if act == "reply_to_briefing" else None
        told = {"it": it, "own": own, "token": token, "entering": act == "enter_reply", "form": self._reply_form(act, own)}
        return make_response(render_template("briefing_reply.html", **told), status)

    def _reply_form(self, act: str, own: dict[str, Any] | None) -> Form:
        words = [(word, said(g.reader.language, f"attending_{word}")) for word in ATTENDING]
        values = {name: own[name] for name in ("attending", "people", "message")} if own else {}
        form = self.form(act, choices={"attending": words}, values=values)
        # The contract asks for these in certain cases, of which a letter that the secretariat enters is one.
        return replace(form, inputs=[replace(one, required=one.required or one.name in ("subscriber", "letter")) for one in form.inputs])


def _named(reader: Reader, briefing: str, token: str) -> dict[str, str]:
    """What the page's address, or who reads it, says of a reply."""
    return {"briefing": briefing} | ({"token": token} if token else {"subscriber": reader.actor.entity or ""})


def _own(it: dict[str, Any], reader: Reader) -> dict[str, Any] | None:
    """The reader's own reply; one who sees all of them has it among them."""
    everyones = it["coming"] is not None
    return next((reply for reply in it["replies"] if not everyones or reply["subscriber"] == reader.actor.entity), None)
