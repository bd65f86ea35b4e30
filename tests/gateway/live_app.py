"""The gateway for gunicorn, with inboxes that are files: what a line of ``<folder>/<code>`` says is an item of that subscriber's."""

import os
from pathlib import Path
from typing import Any

from gateway import Settings, create_app
from gateway.accounts.rules import Account, Token
from gateway.accounts.store import Accounts, digest
from messaging.context import Cause, now
from services.kernel.actor import SYSTEM_ACTOR
from services.kernel.refusal import Refusal

FOLDER = Path(os.environ["ICAT_TEST_INBOXES"])
MISSIONS = [f"M{number:02d}" for number in range(40)]
AT = "2014-07-30T00:00:00Z"


def token_of(code: str) -> str:
    return f"icat_{code}-a-token-of-no-interest"


def item(code: str, number: int, text: str) -> dict[str, Any]:
    words = {"en": text, "fr": text}
    note = {"kind": "place_given", "title": words, "summary": words, "at": AT, "url": "/inbox", "data": {"of": code}}
    return {"id": f"note_{code}_{number}", "at": AT, "topic": None, "number": None, "matter": None, "note": note, "read": False}


class Inboxes:
    """Answers ``notifications.inbox`` to the subscriber's own people, and ``chairs.get_group`` to all."""

    def call(self, service: str, name: str, payload: dict[str, Any], cause: Cause, timeout: float | None = None) -> Any:
        if (service, name) == ("chairs", "get_group"):
            return {"version": 1}
        code = payload["subscriber"]
        if (service, name) != ("notifications", "inbox") or cause.by.entity != code:
            raise Refusal.not_found("There is no such subscriber.")
        path = FOLDER / code
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        items = [item(code, number, line) for number, line in enumerate(lines, 1)]
        end = since = len(items)
        if payload.get("since") is not None:
            since = int(payload["since"].removeprefix("n-"))
            end = min(since + payload["limit"], len(items))
        shown = items[since:end] if payload.get("since") is not None else items[::-1][: payload["limit"]]
        more = str(end) if end < len(items) else None
        return {"subscriber": code, "items": shown, "position": f"n-{end}", "unread": len(items), "next": more}


app = create_app(Settings.from_environ(), Inboxes())
for code in MISSIONS:
    opened = Account.open(code.lower(), code, code, ["mission"], "en", by=SYSTEM_ACTOR, at=now(), cause=f"open-{code}", password="*")
    opened.make_token(Token(f"token-{code}", "live", digest(token_of(code)), now(), None), cause=f"token-{code}")
    try:
        Accounts().create(opened, f"open-{code}")
    except Refusal:
        assert Accounts().find(code.lower())  # made by the other worker
