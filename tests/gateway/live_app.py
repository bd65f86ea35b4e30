"""The gateway for gunicorn, with inboxes that are files: what a line of ``<folder>/<code>`` says is an item of that subscriber's."""

import os
from pathlib import Path
from typing import Any

from gateway import Settings, create_app
from gateway.accounts.passwords import hash_password
from gateway.accounts.rules import Account, Token
from gateway.accounts.store import Accounts, digest
from messaging.context import Cause, now
from services.kernel.actor import SYSTEM_ACTOR
from services.kernel.refusal import Refusal
from tests.gateway.conftest import PASSWORD
from tests.gateway.served import MISSIONS, token

FOLDER = Path(os.environ["ICAT_TEST_INBOXES"])
AT = "2014-07-30T00:00:00Z"


def item(code: str, number: int, text: str, *, read: bool) -> dict[str, Any]:
    words = {"en": text, "fr": f"{text} (fr)"}
    note = {"kind": "place_given", "title": words, "summary": words, "at": AT, "url": "/inbox", "data": {"of": code}}
    item = {"id": f"note_{code}_{number}", "at": AT, "topic": None, "number": None, "matter": None, "note": note}
    return {**item, "position": f"n-{number}", "read": read}


class Inboxes:
    """Answers for inboxes to the subscriber's own people, and ``chairs.get_group`` to all. What else a page asks is away."""

    def call(self, service: str, name: str, payload: dict[str, Any], cause: Cause, timeout: float | None = None) -> Any:
        if (service, name) == ("chairs", "get_group"):
            return {"version": 1}
        if (service, name) not in (("notifications", "inbox"), ("notifications", "mark_read")):
            raise Refusal("unavailable", f"The {service} service is not there.", rule="service-away")
        code = payload["subscriber"]
        if cause.by.entity != code:
            raise Refusal.not_found("There is no such subscriber.")
        marked = FOLDER / f"{code}.read"
        if name == "mark_read":
            marked.write_text(payload["position"].removeprefix("n-"))
            payload = {"subscriber": code, "limit": 50}
        path, read = FOLDER / code, int(marked.read_text()) if marked.exists() else 0
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        items = [item(code, number, line, read=number <= read) for number, line in enumerate(lines, 1)]
        answer = {"subscriber": code, "unread": len(items) - read, "position": f"n-{len(items)}", "next": None}
        if payload.get("since") is None:
            return answer | {"items": items[::-1][: payload["limit"]]}
        since = int(payload["since"].removeprefix("n-"))
        end = min(since + payload["limit"], len(items))
        return answer | {"items": items[since:end], "position": f"n-{end}", "next": str(end) if end < len(items) else None}


app = create_app(Settings.from_environ(), Inboxes())
_HASHED = hash_password(PASSWORD)
for code in MISSIONS:
    language = "fr" if code == "M12" else "en"
    opened = Account.open(
        code.lower(), code, code, ["mission"], language, by=SYSTEM_ACTOR, at=now(), cause=f"open-{code}", password=_HASHED
    )
    opened.make_token(Token(f"token-{code}", "live", digest(token(code)), now(), None), cause=f"token-{code}")
    try:
        Accounts().create(opened, f"open-{code}")
    except Refusal:
        assert Accounts().find(code.lower())  # made by the other worker
