"""The pages of briefings: what missions are invited to, how it is announced, changed and cancelled, who comes, and where those invited
say so."""

from dataclasses import dataclass, replace
from typing import Any

from flask import g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from contracts import notifications, workplan
from contracts.base import LANGUAGES, Event, load
from contracts.notifications import ATTENDING
from gateway.api.dispatch import VISITOR
from gateway.web.acts import Act, Failed, Form
from gateway.web.reader import Reader
from gateway.web.room import ASK_SECONDS, ORDER_SECONDS, PAGE_POLICY, Again, Room, acting, moves, reads, who_chairs
from gateway.web.text import line_of, on_one_line, paper_of
from gateway.web.words import said
from services.kernel.actor import Actor
from services.kernel.refusal import Refusal

PREVIEW_POLICY = PAGE_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""Of a page that shows a mail within itself, in a sandbox: the mail, written into the page, is under the page's own policy, and has its
styles on its elements, as mail programs want them. Nothing runs, and nothing is fetched, on either."""

LEADS_TO = {"announce_briefing": "briefing_told", "change_briefing": "briefing_told_change", "cancel_briefing": "briefing_told_end"}
"""What is said to come of an act, once it is done."""


LINES = {"agenda": (str, on_one_line), "papers": (paper_of, line_of), "people": (str, on_one_line)}
"""Points and names have commas, and papers an address: each has a line of its own."""

NEEDED = ("title", "kind", "starts_at", "ends_at", "place")
"""What a briefing never is without, though a change need not say it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was looked at before it goes out. ``act``: the form's, ``mail``: what missions would receive; None when they would be told
    nothing, since nothing was changed."""

    act: str
    mail: dict[str, Any] | None


def _address(announced: dict[str, Any]) -> str:
    return f"/briefings/{announced['briefing']}"


class BriefingPages(Room):
    """One method per page; ``TABLE`` says where each is found."""

    acts = {
        "reply_to_briefing": Act(
            notifications.ReplyToBriefing, in_path=("briefing", "token", "subscriber"), left_out=("letter",), lines=LINES
        ),
        "enter_reply": Act(notifications.ReplyToBriefing, in_path=("briefing",), left_out=("token",), lines=LINES),
        "announce_briefing": Act(
            workplan.AnnounceBriefing, in_path=(), hidden=("briefing",), lines=LINES, through="_look_or_order", onward=_address
        ),
        "change_briefing": Act(
            workplan.ChangeBriefing,
            in_path=("briefing",),
            whole=True,
            differing=True,
            emptied={"on_margins_of": "", "capacity": None, "reply_by": None} | dict.fromkeys(NEEDED, ""),
            lines=LINES,
            through="_look_or_order",
        ),
        "cancel_briefing": Act(workplan.CancelBriefing, in_path=("briefing",), through="_look_or_order"),
    }
    TABLE: tuple[tuple[str, str, str], ...] = (
        ("/briefings", "briefings", "GET"),
        ("/briefings/new", "new_briefing", "GET POST"),
        ("/briefings/<briefing>", "briefing", "GET POST"),
        ("/briefings/<briefing>/reply", "briefing_reply", "GET POST"),
    )

    def briefings(self) -> Any:
        asked: dict[str, tuple[str, str, dict[str, Any]]] = {"page": ("workplan", "briefings", {"limit": 100})}
        panels = self.desk.gather(g.reader.order(), asked | who_chairs())
        return render_template("briefings.html", page=panels["page"].told, may=moves(panels.get("group")))

    @reads
    @acting("announce_briefing")
    def new_briefing(self) -> Any:
        """The form carries the identifier of what it announces: sent twice it is one briefing, and its preview has the address and the
        calendar entry that missions will have."""
        if request.method != "POST":
            group = self.desk.gather(g.reader.order(), who_chairs()).get("group")
            if group is not None and group.refusal is not None:
                raise group.refusal
            if not moves(group):
                raise Refusal.not_allowed("Only the chair, or the secretariat for it, may announce a briefing.", rule="chair-only")
        _must_be_theirs()
        briefing = request.form.get("briefing", "") or g.reader.order().new_id("briefing")
        return render_template("briefing_new.html", announce=self._form("announce_briefing", briefing=briefing), **_around(None))

    def briefing(self, briefing: str) -> Any:
        """What it is, which everyone may know; and to those invited their own reply, to the secretariat and the chair all of them, and
        how to change it."""
        return self._briefing_ordered(briefing=briefing) if request.method == "POST" else self._briefing(briefing)

    def _briefing(self, briefing: str) -> Any:
        named = {"briefing": briefing}
        asked: dict[str, tuple[str, str, dict[str, Any]]] = {"it": ("workplan", "get_briefing", named)}
        if g.reader.caller is not None:
            asked |= {"guests": ("notifications", "attendance", named)} | who_chairs()
        panels = self.desk.gather(g.reader.order(), asked)
        _must_be_theirs()
        it = panels["it"].told
        told: dict[str, Any] = {"it": it, "guests": panels.get("guests"), "leads_to": LEADS_TO.get(request.args.get("done", ""))}
        if it["state"] == "announced" and (moves(panels.get("group")) or request.method == "POST"):
            told["change"] = self._form("change_briefing", values=_values(it))
            told["cancel"] = self._form("cancel_briefing")
        elif request.method == "POST":  # what it was refused for is why there is no form to say it beside
            raise g.failed.refusal if "failed" in g else NotFound
        return render_template("briefing.html", **told, **_around(it["version"]))

    @reads
    @acting("change_briefing", "cancel_briefing")
    def _briefing_ordered(self, briefing: str) -> Any:
        return self._briefing(briefing)

    # Orders, and what they would tell

    def _look_or_order(self, act: Act, typed: dict[str, Any]) -> Any:
        """Have carried out what was typed, or see what it would tell, whichever button was pressed; that orders nothing, and leaves it in
        the form to be sent from there. A change without a difference orders nothing either, and says so. Raises Refusal."""
        looks, it = "preview" in request.form, None
        if looks and act.command is not workplan.AnnounceBriefing:
            it = self.ask("workplan", "get_briefing", briefing=typed["briefing"])
        if act.command is workplan.ChangeBriefing and typed.keys() <= {"briefing", "reason"}:
            return self._seen(act, None)
        if looks:
            event, told = told_of(act, typed, it)
            asked = {"event": event.key().rpartition(".")[0], "payload": told, "language": _language()}
            return self._seen(act, self.ask("notifications", "preview", **asked))
        return self.carry_out(act, typed)

    def _seen(self, act: Act, mail: dict[str, Any] | None) -> Again:
        g.seen = Seen(act.name, mail)
        return Again({"Content-Security-Policy": PREVIEW_POLICY})

    def _form(self, name: str, *, values: dict[str, Any] | None = None, **hidden: Any) -> Form:
        seen: Seen | None = g.get("seen")
        mine = seen is not None and seen.act == name
        form = self.form(name, values=values, typed=request.form if mine else None, **hidden)
        needed = [replace(one, required=one.required or one.name in NEEDED) for one in form.inputs]
        return replace(form, inputs=needed, open=form.open or mine)

    # Who comes

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


def told_of(act: Act, payload: dict[str, Any], it: dict[str, Any] | None) -> tuple[type[Event], dict[str, Any]]:
    """The event that would tell of an order, and what it would say. ``payload``: the order's, ``it``: the briefing as it is, None of one
    that is announced."""
    order = load(act.command, payload)
    if it is None:
        briefing = order["briefing"] or "briefing"
        told = order | {"briefing": briefing, "uid": f"briefing-{briefing}@icat", "revision": 0}
        return workplan.BriefingAnnounced, workplan.BriefingAnnounced.publish(told)
    now = workplan.BriefingAnnounced.read(it)
    told = now | {"revision": now["revision"] + 1, "reason": order["reason"]}
    if act.command is workplan.CancelBriefing:
        return workplan.BriefingCancelled, workplan.BriefingCancelled.publish(told)
    changes = {name: order[name] for name in payload if name in now}
    before = {name: it[name] for name in changes if name != "briefing"}
    return workplan.BriefingChanged, workplan.BriefingChanged.publish(told | changes | {"before": before})


def _must_be_theirs() -> None:
    """Refuse with a page of its own what the reader may not do at all: there is nothing in the form that would make it right."""
    if "failed" in g and g.failed.refusal.kind == "not_allowed":
        raise g.failed.refusal


def _around(version: int | None) -> dict[str, Any]:
    """What stands around a form's fields. ``version``: of the briefing as it is; the form keeps the one its reader saw, until they are told
    that it is another now."""
    stale = "failed" in g and g.failed.refusal.kind == "stale"
    return {
        "version": version if stale else request.form.get("version", version),
        "stale": stale,
        "seen": g.get("seen"),
        "preview_language": _language(),
        "languages": LANGUAGES,
    }


def _language() -> str:
    chosen = request.form.get("preview_language", "")
    return chosen if chosen in LANGUAGES else str(g.reader.language)


def _values(it: dict[str, Any]) -> dict[str, Any]:
    """What stands in the form that changes a briefing; the reason of an earlier change is none of this one."""
    return {name: value for name, value in it.items() if name != "reason"}


def _named(reader: Reader, briefing: str, token: str) -> dict[str, str]:
    """What the page's address, or who reads it, says of a reply."""
    return {"briefing": briefing} | ({"token": token} if token else {"subscriber": reader.actor.entity or ""})


def _own(it: dict[str, Any], reader: Reader) -> dict[str, Any] | None:
    """The reader's own reply; one who sees all of them has it among them."""
    everyones = it["coming"] is not None
    return next((reply for reply in it["replies"] if not everyones or reply["subscriber"] == reader.actor.entity), None)
