"""The pages on which subscribers tune what they are told, and the secretariat sees to it: subscribers, deliveries, previews."""

from typing import Any
from urllib.parse import urlencode

from flask import g, make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from contracts import notifications
from contracts.base import LANGUAGES
from gateway.forms import deliveries as deliveries_picture
from gateway.web import refusals
from gateway.web.acts import Act
from gateway.web.missions import OF_THE_GROUP
from gateway.web.room import PAGE_POLICY, Room, acting, reads
from gateway.web.words import said
from services.kernel.refusal import Refusal

PAGE = 50

MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups; frame-ancestors 'self'"
"""Under which a mail is shown as its reader would see it: its own styles, and nothing that runs or is fetched."""

_ONE = ("subscriber", "subscription")


class SubscriberPages(Room):
    """One method per page; ``TABLE`` says where each is found."""

    acts = {
        act.name: act
        for act in (
            Act(notifications.AdmitSubscriber, in_path=(), onward=lambda answer: f"/subscribers/{answer['code']}"),
            Act(notifications.InviteSubscriber, in_path=(), onward=lambda answer: f"/subscribers/{answer['code']}"),
            Act(notifications.EndSubscriber, in_path=("code",)),
            Act(notifications.Subscribe, in_path=(), hidden=("subscriber",), whole=True, tells=True),
            Act(notifications.ChangeSubscription, in_path=(), hidden=_ONE, whole=True),
            Act(notifications.PauseSubscription, in_path=(), hidden=_ONE),
            Act(notifications.ResumeSubscription, in_path=(), hidden=_ONE),
            Act(notifications.ReplaceSecret, in_path=(), hidden=_ONE, tells=True),
            Act(notifications.FetchQueueCredentials, in_path=(), hidden=_ONE, tells=True),
            Act(notifications.Unsubscribe, in_path=(), hidden=_ONE, left_out=("token",)),
            Act(notifications.Replay, in_path=(), hidden=_ONE),
            Act(notifications.SendAgain, in_path=(), hidden=("delivery",)),
            Act(notifications.LiftSuppression, in_path=(), hidden=("address",)),
        )
    }
    TABLE: tuple[tuple[str, str, str], ...] = (
        ("/subscriptions", "own_subscriptions", "GET"),
        ("/subscribers", "subscribers", "GET POST"),
        ("/subscribers/<code>", "subscriber", "GET POST"),
        ("/deliveries", "delivery_board", "GET"),
        ("/deliveries/<topic>/<number>", "matter_deliveries", "GET POST"),
        ("/suppressions", "suppressions", "GET POST"),
        ("/previews", "previews", "GET"),
        ("/previews/mail", "preview_mail", "GET"),
    )

    # Subscribers and their subscriptions

    @reads
    def own_subscriptions(self) -> Any:
        """Where the reader's own subscriber is, or for the secretariat all are."""
        code = g.reader.actor.entity
        if g.reader.actor.is_secretariat or code is None:
            return redirect("/subscribers", 303)
        try:
            self.asked(notifications.GetSubscriber, code=code)
        except Refusal as refusal:
            if refusal.kind != "not_found":
                raise
            return render_template("missions/no_subscriber.html")
        return redirect(f"/subscribers/{code}", 303)

    @reads
    @acting("admit_subscriber", "invite_subscriber")
    def subscribers(self) -> Any:
        """All subscribers, for the secretariat, and the forms that make one."""
        asked = {name: value[:200] for name in ("kind", "after") if (value := request.args.get(name))}
        page = self.asked(notifications.Subscribers, limit=PAGE, **asked)
        onward = urlencode({**asked, "after": page["next"]}) if page["next"] else None
        return render_template("missions/subscribers.html", page=page, asked=asked, onward=onward, kinds=notifications.KINDS)

    @reads
    @acting(
        "invite_subscriber",
        "end_subscriber",
        "subscribe",
        "change_subscription",
        "pause_subscription",
        "resume_subscription",
        "replace_secret",
        "fetch_queue_credentials",
        "unsubscribe",
        "replay",
        "send_again",
    )
    def subscriber(self, code: str) -> Any:
        """One subscriber with its subscriptions, and all that its people may do with them."""
        it = self.asked(notifications.GetSubscriber, code=code)
        asked = {one["id"]: self._asking(it["code"], "confirmation", one["id"]) for one in it["subscriptions"] if _waits_for_an_echo(one)}
        invitation = self._asking(it["code"], "invitation") if it["state"] == "invited" else None
        return render_template(
            "missions/subscriber.html",
            it=it,
            asked=asked,
            invitation=invitation,
            own=g.reader.actor.entity == it["code"],
            living=[one for one in it["subscriptions"] if one["state"] != "ended"],
            ended=[one for one in it["subscriptions"] if one["state"] == "ended"],
            topics=[(topic, said(g.reader.language, f"topic_{topic}")) for topic in _topics(it["kind"])],
            values=_values,
            told=g.get("told"),
        )

    # What was sent

    @reads
    def delivery_board(self) -> Any:
        """The newest matters and how their deliveries stand; for a subscriber its own."""
        whose = request.args.get("subscriber", "")[:40]
        own = {"subscriber": whose} if whose else {}
        after = request.args.get("after", "")[:200]
        page = self.asked(notifications.DeliveryBoard, limit=20, **own, **({"after": after} if after else {}))
        summary = self.asked(notifications.DeliverySummary, **own)
        picture = Markup(deliveries_picture.draw(page["items"], g.reader.language).inline()) if page["items"] else None
        onward = urlencode({**own, "after": page["next"]}) if page["next"] else None
        return render_template("missions/board.html", page=page, summary=summary, picture=picture, onward=onward, whose=whose)

    @reads
    @acting("send_again")
    def matter_deliveries(self, topic: str, number: str) -> Any:
        """What became of one matter: each delivery with its state, and why it failed."""
        if topic not in notifications.TOPICS or not number.isdecimal():
            raise NotFound
        names = ("state", "channel", "subscriber", "after")
        asked = {name: value[:200] for name in names if (value := request.args.get(name))}
        page = self.asked(notifications.Deliveries, topic=topic, number=int(number), limit=PAGE, **asked)
        told = self.asked(notifications.Matters, topic=topic, since=max(int(number) - 1, 0), limit=1)["items"]
        onward = urlencode({**asked, "after": page["next"]}) if page["next"] else None
        return render_template(
            "missions/deliveries.html",
            page=page,
            asked=asked,
            onward=onward,
            topic=topic,
            number=number,
            title=told[0]["matter"]["title"][g.reader.language] if told and told[0]["number"] == int(number) else "",
            states=notifications.DELIVERY_STATES,
            channels=notifications.PUSHED,
        )

    @reads
    @acting("lift_suppression")
    def suppressions(self) -> Any:
        """Addresses that no longer take mail."""
        after = request.args.get("after", "")[:200]
        page = self.asked(notifications.Suppressions, limit=PAGE, **({"after": after} if after else {}))
        return render_template("missions/suppressions.html", page=page)

    # Before it goes out

    @reads
    def previews(self) -> Any:
        """How a matter reads in a mail, in a language, to the secretariat; nothing of it is kept."""
        g.reader.actor.must_be_secretariat("preview what goes out")
        recent = self.asked(notifications.DeliveryBoard, limit=20)["items"]
        names = ("topic", "number", "language")
        asked = {name: value[:20] for name in names if (value := request.args.get(name))}
        found, refusal = None, None
        if "topic" in asked:
            try:
                found = self.asked(notifications.Preview, **_numbered(asked))
            except Refusal as no:
                if no.kind not in ("invalid", "not_found"):
                    raise
                refusal = no
        shown = render_template(
            "missions/previews.html",
            recent=recent,
            asked=asked,
            found=found,
            languages=LANGUAGES,
            query=urlencode(asked),
            refused=refusals.told(refusal) if refusal else "",
        )
        headers = {"Content-Security-Policy": f"{PAGE_POLICY}; frame-src 'self'", "Cache-Control": "no-store"}
        return make_response(shown, 422 if refusal else 200, headers)

    @reads
    def preview_mail(self) -> Any:
        """The mail itself, as a program that reads mail shows it."""
        asked = {name: value[:20] for name in ("topic", "number", "language") if (value := request.args.get(name))}
        found = self.asked(notifications.Preview, **_numbered(asked))
        headers = {"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN", "Cache-Control": "no-store"}
        return make_response(found["html"], 200, headers)

    def _asking(self, code: str, purpose: str, subscription: str | None = None) -> dict[str, Any] | None:
        """The delivery that last invited a subscriber, or asked a subscription's owner to confirm; None before there is one."""
        named = {"subscriber": code, "purpose": purpose} | ({"subscription": subscription} if subscription else {})
        return next(iter(self.asked(notifications.Deliveries, **named, limit=1)["items"]), None)


def _waits_for_an_echo(subscription: dict[str, Any]) -> bool:
    return bool(subscription["state"] == "pending" and subscription["channel"] == "webhook")


def _topics(kind: str) -> list[str]:
    return [topic for topic in notifications.TOPICS if topic != "reminders" or kind in OF_THE_GROUP]


def _values(chosen: dict[str, Any] | None = None) -> dict[str, Any]:
    """What stands in a form that chooses: as it was chosen, or as it is when nobody says otherwise."""
    chosen = chosen or {"schedule": notifications.DEFAULT_SCHEDULE}
    schedule = {f"schedule.{name}": value for name, value in chosen["schedule"].items()}
    return {name: chosen.get(name) for name in ("topics", "pillars", "places", "kinds", "language")} | schedule


def _numbered(asked: dict[str, str]) -> dict[str, Any]:
    return {name: int(value) if name == "number" and value.isdecimal() else value for name, value in asked.items()}
