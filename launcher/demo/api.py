"""The API as a person uses it: a token, the instant of the story, a fresh key with every change."""

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MARKDOWN = "text/markdown"

TIMEOUT_SECONDS = 30
PATIENCE_SECONDS = 30.0

T = TypeVar("T")


class Unexpected(Exception):
    """The platform answered what the story does not expect. ``problem``: its problem document, where it gave one."""

    def __init__(self, what: str, problem: dict[str, Any] | None = None) -> None:
        super().__init__(what if problem is None else f"{what}\n{json.dumps(problem, indent=2, ensure_ascii=False)}")
        self.problem = problem or {}


@dataclass(frozen=True)
class File:
    """An answer that is a file."""

    media_type: str
    content: bytes


class Api:
    """The platform at ``url`` and the instant at which the story stands (``at``: ISO 8601), which every request names."""

    def __init__(self, url: str, at: str) -> None:
        self.url = url
        self.root = f"{url}/api/v1"
        self.at = at
        # An answer may be lost or late, and a room be away for a moment: asking again under the same key does nothing twice.
        again = Retry(total=6, status_forcelist=(503, 504), allowed_methods=None, backoff_factor=0.1, raise_on_status=False)
        self.session = requests.Session()
        self.session.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=32, max_retries=again))
        self.changes: Counter[str] = Counter()
        """How many changes each person made."""

    def log_in(self, name: str, password: str, entity: str | None = None) -> "Person":
        """A person with a token of their own, made in a session that then ends."""
        with requests.Session() as browser:
            headers = self._opened(browser, name, password)
            answer = browser.post(f"{self.root}/tokens", json={"name": "demo"}, headers=headers, timeout=TIMEOUT_SECONDS)
            token = _expected(answer, 201)["token"]
            browser.delete(f"{self.root}/sessions/current", headers=headers, timeout=TIMEOUT_SECONDS)
        return Person(self, name, entity, {"Authorization": f"Bearer {token}"})

    def in_session(self, name: str, password: str, entity: str | None = None) -> "Person":
        """A person who is logged in, as at a browser: what concerns accounts is done so, and never with a token."""
        with requests.Session() as browser:
            headers = self._opened(browser, name, password)
            cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)
        return Person(self, name, entity, headers | {"Cookie": cookies})

    def _opened(self, browser: requests.Session, name: str, password: str) -> dict[str, str]:
        """What a browser in which this person has just logged in shows besides its cookie."""
        answer = browser.post(f"{self.root}/sessions", json={"name": name, "password": password}, timeout=TIMEOUT_SECONDS)
        return {"X-CSRF-Token": _expected(answer, 201)["csrf_token"]}

    def open(self, link: str, **form: str | list[str]) -> str:
        """The page to which a link in a mail leads, as whoever bears it sees it: with no account and no cookies. With a ``form`` it is sent
        there. Raises Unexpected for anything but a page."""
        order = {"data": form} if form else {}
        # Pages are told the instant in their address, as people tell it who look at the rehearsal.
        answer = requests.request("POST" if form else "GET", link, params={"at": self.at}, timeout=TIMEOUT_SECONDS, **order)
        if answer.status_code != 200:
            raise Unexpected(f"{answer.request.method} {link.partition('?')[0]} answered {answer.status_code}: {answer.text[:200]}")
        if form:
            self.changes["visitor"] += 1
        return answer.text

    def feed(self, path: str) -> bytes | None:
        """What a program fetches at an address of its own; None where there is nothing."""
        answer = requests.get(f"{self.url}{path}", timeout=TIMEOUT_SECONDS)
        if answer.status_code not in (200, 404):
            raise Unexpected(f"A feed answered {answer.status_code}.")
        return answer.content if answer.status_code == 200 else None

    @property
    def visitor(self) -> "Person":
        """Anyone, without an account."""
        return Person(self, "visitor", None, {})


class Person:
    """Someone who uses the API: of an entity, of a mission, of the secretariat, or a visitor."""

    def __init__(self, api: Api, name: str, entity: str | None, shows: dict[str, str]) -> None:
        """``shows``: the headers that say who it is."""
        self.api, self.name, self.entity, self._shows = api, name, entity, shows

    @property
    def headers(self) -> dict[str, str]:
        """What each of their requests says: who asks, and when."""
        return self._shows | {"ICAT-Instant": self.api.at}

    def get(self, path: str, /, **query: Any) -> dict[str, Any]:
        """The answer to a question. Raises Unexpected for anything but 200."""
        return _expected(self._send("GET", path, params=query), 200)

    def fetch(self, path: str, /, **query: Any) -> bytes:
        """An answer that is a file: a picture, a calendar, a sheet, a page. Raises Unexpected for anything but 200."""
        return self.file(path, **query).content

    def file(self, path: str, /, **query: Any) -> File:
        """An answer that is a file, with what it is. Raises Unexpected for anything but 200."""
        answer = self._send("GET", path, params=query)
        if answer.status_code != 200:
            _expected(answer, 200)
        return File(answer.headers["Content-Type"], answer.content)

    def find(self, path: str, /, **query: Any) -> dict[str, Any] | None:
        """The answer to a question about something that may not be there, or not for this person: None then."""
        answer = self._send("GET", path, params=query)
        return None if answer.status_code == 404 else _expected(answer, 200)

    def each(self, path: str, /, **query: Any) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page."""
        after: str | None = ""
        while after is not None:
            page = self.get(path, limit=200, **query, **({"after": after} if after else {}))
            yield from page["items"]
            after = page["next"]

    def post(self, path: str, /, **body: Any) -> dict[str, Any]:
        """Carry out an order. Raises Unexpected when it is refused."""
        return self._change("POST", path, body)

    def put(self, path: str, /, **body: Any) -> dict[str, Any]:
        return self._change("PUT", path, body)

    def patch(self, path: str, /, **body: Any) -> dict[str, Any]:
        return self._change("PATCH", path, body)

    def check(self, path: str, file: bytes, /, type: str = SPREADSHEET) -> dict[str, Any]:
        """The answer to a question that is put with a file."""
        return _expected(self._send("POST", path, data=file, type=type), 200)

    def send(self, path: str, file: bytes, /, type: str = SPREADSHEET) -> dict[str, Any]:
        """Carry out an order that is a file. Raises Unexpected when it is refused."""
        answer = _expected(self._send("POST", path, data=file, type=type), 200, 201)
        self.api.changes[self.name] += 1
        return answer

    def refused_sheet(self, status: int, path: str, sheet: bytes, /) -> dict[str, Any]:
        """The problem document of a spreadsheet that must be refused with this status."""
        return _expected(self._send("POST", path, data=sheet, type=SPREADSHEET), status)

    def refused(self, status: int, method: str, path: str, /, **body: Any) -> dict[str, Any]:
        """The problem document of what must be refused with this status. Raises Unexpected if it is not."""
        return _expected(self._send(method, path, json=body if method != "GET" else None), status)

    def _change(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = _expected(self._send(method, path, json=body), 200, 201, 204)
        self.api.changes[self.name] += 1
        return answer

    def _send(self, method: str, path: str, *, type: str | None = None, **content: Any) -> requests.Response:
        headers = self.headers | ({"Content-Type": type} if type else {})
        if method != "GET":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        return self.api.session.request(method, self.api.root + path, headers=headers, timeout=TIMEOUT_SECONDS, **content)


def _expected(answer: requests.Response, *statuses: int) -> dict[str, Any]:
    what = f"{answer.request.method} {answer.request.path_url} answered {answer.status_code}"
    try:
        content = answer.json() if answer.content else {}
    except ValueError:
        raise Unexpected(f"{what}, which is no JSON: {answer.text[:200]}") from None
    if answer.status_code not in statuses:
        raise Unexpected(f"{what}, expected was {' or '.join(map(str, statuses))}.", content)
    return content


def eventually(what: str, question: Callable[[], T | None], seconds: float = PATIENCE_SECONDS) -> T:
    """The first true answer to ``question``: what one room tells another arrives a moment later. ``what``: for the
    complaint when it does not come. Raises Unexpected."""
    until, pause = time.monotonic() + seconds, 0.02
    while not (answer := question()):
        if time.monotonic() > until:
            raise Unexpected(f"Not within {seconds:.0f} seconds: {what}.")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)
    return answer


def once_heard(order: Callable[[], T], *rules: str, seconds: float = PATIENCE_SECONDS) -> T:
    """Carry out an order in a room that has yet to hear of the Group from *chairs*: given again for as long as it is refused
    by one of these rules. Raises Unexpected."""
    until = time.monotonic() + seconds
    while True:
        try:
            return order()
        except Unexpected as refusal:
            if refusal.problem.get("rule") not in rules or time.monotonic() > until:
                raise
            time.sleep(0.1)
