"""The pages of subscribers: their inbox, and what the links in their mails lead to."""

from dataclasses import replace
from typing import Any

from flask import g, make_response, render_template, request

from contracts import notifications
from gateway.api.dispatch import VISITOR
from gateway.api.routes import PREFIX
from gateway.web.acts import Act, Failed
from gateway.web.reader import Reader, chosen_language
from gateway.web.room import ASK_SECONDS, ORDER_SECONDS, SCRIPTED_POLICY, Room, acting, reads
from gateway.web.words import LANGUAGES as SPOKEN
from gateway.web.words import said
from services.kernel.actor import Actor
from services.kernel.refusal import Refusal

OF_THE_GROUP = ("focal_point", "secretariat")
"""Kinds of subscriber that may ask for reminders, which are the Group's own."""


class MissionPages(Room):
    """One method per page; ``TABLE`` says where each is found."""

    acts = {
        act.name: act
        for act in (
            Act(notifications.MarkRead, in_path=("subscriber",), hidden=("position",)),
            Act(notifications.AcceptInvitation, in_path=("token",)),
        )
    }
    TABLE: tuple[tuple[str, str, str], ...] = (
        ("/inbox", "own_inbox", "GET"),
        ("/inbox/<subscriber>", "inbox", "GET POST"),
        ("/subscriptions/confirm", "confirm", "GET POST"),
        ("/subscriptions/unsubscribe", "unsubscribe", "GET POST"),
        ("/subscriptions/invitation", "accept_invitation", "GET POST"),
    )

    def words(self) -> dict[str, Any]:
        """What the templates of subscribers can say beside what all can."""
        return super().words() | {"spoken_topics": lambda topics: ", ".join(said(g.reader.language, f"topic_{topic}") for topic in topics)}

    # The inbox

    @reads
    def own_inbox(self) -> Any:
        if g.reader.actor.entity is None:
            return render_template("missions/no_inbox.html")
        return self._inbox(g.reader.actor.entity)

    @reads
    @acting("mark_read")
    def inbox(self, subscriber: str) -> Any:
        return self._inbox(subscriber)

    def _inbox(self, code: str) -> Any:
        """The newest first. On the first page a script of ours adds what comes meanwhile; without it one reloads."""
        before = request.args.get("before", "")[:200]
        try:
            page = self.ask("notifications", "inbox", subscriber=code, limit=50, **({"before": before} if before else {}))
        except Refusal as refusal:
            if refusal.kind != "not_found":
                raise
            status = 200 if code == g.reader.actor.entity else 404  # one's own page is there, and says that nothing is in it
            return make_response(render_template("missions/no_inbox.html"), status)
        stream = "" if before else f"{PREFIX}/subscribers/{page['subscriber']}/inbox/live"
        told = {"page": page, "stream": stream, "unread": page["unread"], "topics": notifications.TOPICS}
        response = make_response(render_template("missions/inbox.html", **told))
        response.headers["Content-Security-Policy"] = SCRIPTED_POLICY
        return response

    # Links in mails: a GET shows a button, since mail scanners follow links. The token proves the right; no cookie is looked at,
    # so one-click unsubscribing (RFC 8058) needs no form of ours.

    def confirm(self) -> Any:
        return self._bear("confirm")

    def unsubscribe(self) -> Any:
        return self._bear("unsubscribe")

    def _bear(self, command: str) -> Any:
        token, done = _token(), None
        if request.method == "POST":
            done = self.desk.services.call("notifications", command, {"token": token}, _bearer().order(), ASK_SECONDS)
        return render_template("bearer.html", name=command, token=token, done=done)

    def accept_invitation(self) -> Any:
        """Whoever bears the link is shown what they are invited to, and accepts with a choice of their own."""
        token, status = _token(), 200
        if request.method == "POST":
            act = self.acts["accept_invitation"]
            try:
                payload = act.read({"token": token})
                done = self.desk.services.call("notifications", act.name, payload, _bearer().order(), ORDER_SECONDS)
                return render_template("missions/invitation.html", it=done | {"state": "accepted"}, token=token)
            except Refusal as refusal:
                g.failed = Failed(act.name, request.form, refusal)
                status = g.failed.status
        it = self.desk.services.call("notifications", "get_invitation", {"token": token}, _bearer().order(), ASK_SECONDS)
        if g.reader.caller is None and chosen_language() is None and it["language"] in SPOKEN:
            g.reader = replace(g.reader, language=it["language"])  # as the mail that led here
        topics = [topic for topic in notifications.TOPICS if topic != "reminders" or it["kind"] in OF_THE_GROUP]
        schedule = {f"schedule.{name}": value for name, value in notifications.DEFAULT_SCHEDULE.items()}
        form = self.form(
            "accept_invitation",
            choices={"topics": [(topic, said(g.reader.language, f"topic_{topic}")) for topic in topics]},
            values={"language": it["language"], **schedule},
        )
        return make_response(render_template("missions/invitation.html", it=it, token=token, form=form), status)


def _token() -> str:
    return request.args.get("token", "")[:300]


def _bearer() -> Reader:
    """Who bears a token is nobody else, whoever is logged in."""
    return replace(g.reader, caller=None, actor=Actor(VISITOR, language=g.reader.language))
