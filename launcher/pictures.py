"""``python -m launcher.pictures [--to FOLDER]``: photograph every page of the platform, for people to look at.

It runs the year of ``./icat demo`` on a platform of its own, then follows the links from page to page and those in mails, as the chair, who
drafts a paper, the secretariat, a mission and a visitor, until it has found an address for each page that the gateway has; each is taken in
Chromium light, dark, as wide as a phone, and in French. A page that is refused, that is wider than its window, that complains to the
console or that no link leads to fails it.
"""

import argparse
import html
import re
import secrets
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, Rule

from gateway.web.pages import Pages
from launcher.demo.api import Unexpected
from launcher.demo.outside import Mailboxes, Receiver
from launcher.demo.year import Year
from launcher.home import AlreadyRunning, Home
from launcher.platform import NotReady, Platform
from launcher.processes import Missing, find_browser

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "is_mobile": True},
    "french": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
}
"""How each page is taken; in French it is asked for by someone who reads French."""

ENOUGH = 4
"""Addresses of one page that are tried by one person, at most: what differs between them is what is told, not how."""

BY_ALL = ("/",)
"""Pages that are another to each, and are taken of each."""

TYPED = ("/", "/login", "/invitation", "/subscriptions/confirm?token=any", "/library/any")
"""Where people begin, and what is reached from outside alone."""

ON_THE_WAY = ("/login/oidc/<entity>", "/login/oidc/callback/<entity>")
"""Addresses that lead to an organization's own provider and back, where there is one, and show nothing themselves."""

PASSING = ("/documents/<document>/exports/<export>", "/subscriptions/invitation")
"""Pages that are there for a while: until an export is made, and until an invitation is accepted. They are taken when there is one."""

IN_WORK = ("drafting", "comment_round")
"""States of a document that somebody drafts."""

MISSION = "BRA"
PASSWORD = secrets.token_urlsafe(24)

Say = Callable[[str], object]


@dataclass(frozen=True)
class Person:
    """Whose eyes a page is seen with. ``account``: what opens an account; None for a visitor."""

    who: str
    account: dict[str, Any] | None = None

    def name(self, language: str) -> str:
        return f"pictures-{self.who}-{language}"


@dataclass
class Taken:
    """One page and whose. ``wrong``: what was not as it should be, by look."""

    path: str
    address: str
    person: Person
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def file(self, look: str) -> str:
        words = re.sub(r"[^a-z0-9]+", "-", self.path.lower()).strip("-") or "home"
        return f"{words}.{self.person.who}.{look}.png"


def main(argv: list[str]) -> int:
    """The exit code: 0 when every page could be taken."""
    parser = argparse.ArgumentParser(prog="./icat pictures", description="Photograph every page, light, dark, on a phone and in French.")
    parser.add_argument("--to", type=Path, default=None, metavar="FOLDER", help="where the pictures go (.icat/pictures/taken)")
    wanted = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, _leave)  # as Ctrl-C does: what was started is stopped
    try:
        return run(wanted.to, lambda line: print(line, flush=True))
    except (Unexpected, NotReady, Missing, AlreadyRunning) as problem:
        print(f"\n{problem}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130


def run(folder: Path | None, say: Say) -> int:
    """Take all pictures on a platform that is emptied first and stopped afterwards."""
    home = Home(Home().path / "pictures")
    home.empty()
    say("Running the year of the demo on a platform for the pictures …")
    with Platform(home.path, rehearsal=True) as platform, Receiver() as hooks:
        year = Year(
            platform.url, platform.login, Mailboxes(platform.mail), hooks, home.folder("missions"), lambda line: None, platform.bounces
        )
        year.run()
        house = House(platform.url, platform.login, year.api.at, links_of(platform.mail, platform.url))
        return photograph(house, folder or home.path / "taken", say)


def links_of(mails: Path, url: str) -> list[str]:
    """The addresses on this platform that its mails name, the newest of each kind first."""
    texts = [
        message_from_bytes(path.read_bytes(), policy=default).get_body(("plain",)) for path in sorted(mails.glob("*.eml"), reverse=True)
    ]
    found = [link for text in texts if text is not None for link in re.findall(re.escape(url) + r"(/[^\s<>\"]*)", text.get_content())]
    kinds: dict[str, list[str]] = {}
    for link in dict.fromkeys(found):
        kinds.setdefault(re.sub(r"[^/]*\d[^/]*|\?.*", "", link), []).append(link)
    return [link for links in kinds.values() for link in links[:ENOUGH]]


def photograph(house: "House", folder: Path, say: Say) -> int:
    """Take a picture of every page of a platform in rehearsal, and write what was not as it should be."""
    if (program := find_browser()) is None:
        raise Missing("Chromium takes the pictures: install it, or name it in ICAT_CHROMIUM.")
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(program), args=["--no-sandbox"])
        house.opened_by(browser)
        found, lost = find(house)
        say(f"{len(found)} pages found by their links; taking them …")
        for look, how in LOOKS.items():
            for taken in found:
                _take(house.window(taken.person, "fr" if look == "french" else "en", look, how), taken, look, folder)
        browser.close()
    (folder / "index.html").write_text(_index(found, lost), encoding="utf-8")
    wrong = [f"{one.address} ({one.person.who}, {look}): {what}" for one in found for look, told in one.wrong.items() for what in told]
    wrong += [f"{path}: no link leads to it" for path in lost]
    for line in wrong:
        print(f"Not as it should be: {line}", file=sys.stderr, flush=True)
    say(f"{len(found) * len(LOOKS)} pictures in {time.monotonic() - began:.0f} s: {folder / 'index.html'}")
    return 1 if wrong else 0


class House:
    """The platform as its people see it: a window for each of them, in each language and look. ``login``: the secretariat's name and
    password; ``at``: the instant as of which it is seen; ``letters``: addresses that stood in mails."""

    def __init__(self, url: str, login: tuple[str, str], at: str, letters: list[str]) -> None:
        self.url, self.at, self.letters = url, at, letters
        self.people: list[Person] = []
        self._login = login
        self._browser: Browser
        self._windows: dict[tuple[str, str, str], BrowserContext] = {}

    def opened_by(self, browser: Browser) -> None:
        """Open accounts for the persons as whom the pages are seen, in each language: whoever sees most of a page comes first."""
        self._browser = browser
        with self._window() as window:
            headers = {"X-CSRF-Token": self._log_in(window, *self._login), "ICAT-Instant": self.at}

            def ask(path: str, order: dict[str, Any] | None = None) -> Any:
                asked, address = window.request, f"/api/v1{path}"
                answer = asked.get(address, headers=headers) if order is None else asked.post(address, headers=headers, data=order)
                if not answer.ok:
                    raise Unexpected(f"{path}: {answer.text()}")
                return answer.json()

            paper = next(one for one in ask("/documents?limit=200")["items"] if one["state"] in IN_WORK and one["revision"])
            ask(f"/documents/{paper['id']}/exports", {"format": "html"})
            self.people = [
                Person("chair", {"entity": ask("/chairs")["chairs"][0], "roles": ["focal_point"]}),
                Person("drafter", {"entity": paper["lead"], "roles": ["focal_point"]}),
                Person("secretariat", {"entity": None, "roles": ["secretariat"]}),
                Person("mission", {"entity": MISSION, "roles": ["mission"]}),
                Person("visitor"),
            ]
            for person in self.people:
                for language in ("en", "fr") if person.account else ():
                    name = person.name(language)
                    told = {
                        "name": name,
                        "display_name": f"{person.who.capitalize()} ({language})",
                        "language": language,
                        "password": PASSWORD,
                    }
                    ask("/people", told | (person.account or {}))

    def window(self, person: Person, language: str, look: str, how: dict[str, Any] | None = None) -> BrowserContext:
        """Where this person looks at pages, as of the story's last day."""
        key = (person.who, language, look)
        if key not in self._windows:
            window = self._browser.new_context(base_url=self.url, locale="fr-FR" if language == "fr" else "en-GB", **(how or {}))
            if person.account is not None:
                self._log_in(window, person.name(language), PASSWORD)
            chosen: dict[str, str | float | bool] = {} if person.account else {"lang": language}
            window.request.get("/", params={"at": self.at, **chosen})
            self._windows[key] = window
        return self._windows[key]

    @contextmanager
    def _window(self) -> Iterator[BrowserContext]:
        window = self._browser.new_context(base_url=self.url)
        yield window
        window.close()

    def _log_in(self, window: BrowserContext, name: str, password: str) -> str:
        answer = window.request.post("/api/v1/sessions", data={"name": name, "password": password})
        if not answer.ok:
            raise Unexpected(f"logging in as {name}: {answer.text()}")
        return answer.json()["csrf_token"]


def find(house: House) -> tuple[list[Taken], list[str]]:
    """An address and a person for every page that is looked at, found by following links; and the pages to which none leads."""
    pages = [path for path, _, methods in Pages.TABLE if "GET" in methods]
    matcher = Map([Rule(path, endpoint=path) for path in pages]).bind("localhost")
    found: dict[tuple[str, str], Taken] = {}
    leads_on: set[str] = set()
    for person in house.people:
        tried: dict[str, int] = {}
        waiting = deque([*TYPED, *house.letters])
        seen = set(waiting)
        window = house.window(person, "en", "links")
        while waiting:
            address = waiting.popleft()
            if (path := _page_of(matcher, address)) is None or tried.get(path, 0) >= ENOUGH:
                continue
            tried[path] = tried.get(path, 0) + 1
            answer = window.request.get(address, max_redirects=0)
            if 300 <= answer.status < 400:
                leads_on.add(path)
                links = [answer.headers["location"]]
            elif not answer.ok:
                continue
            else:
                found.setdefault((path, person.who if path in BY_ALL else ""), Taken(path, address, person))
                links = [html.unescape(link) for link in re.findall(r'<a [^>]*href="(/[^"#]*)', answer.text())]
            fresh = [link for link in dict.fromkeys(links) if link not in seen]
            seen.update(fresh)
            waiting.extend(sorted(fresh, key=lambda link: "?" in link))
    there = {path for path, _ in found} | leads_on | {*PASSING, *ON_THE_WAY}
    return sorted(found.values(), key=lambda taken: pages.index(taken.path)), [path for path in pages if path not in there]


def _page_of(matcher: MapAdapter, address: str) -> str | None:
    try:
        return matcher.match(address.partition("?")[0])[0]
    except HTTPException:
        return None


def _take(window: BrowserContext, taken: Taken, look: str, folder: Path) -> None:
    """Photograph one page, and note what it complains of."""
    page = window.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    answer = page.goto(taken.address)
    if answer is None or answer.status >= 400:
        wrong.append(f"answers {answer.status if answer else 'nothing'}")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        wrong.append(f"is {wide} pixels wider than its window")
    page.screenshot(path=folder / taken.file(look), full_page=True)
    page.close()
    if wrong:
        taken.wrong[look] = wrong


def _index(found: list[Taken], lost: list[str]) -> str:
    """The pictures on one page, a row for each page and a column for each look."""
    rows = []
    for one in found:
        cells = "".join(
            f'<td><a href="{one.file(look)}"><img loading="lazy" src="{one.file(look)}" alt="{html.escape(one.path)}, {look}"></a>'
            f"{''.join(f'<p><strong>{html.escape(what)}</strong></p>' for what in one.wrong.get(look, []))}</td>"
            for look in LOOKS
        )
        name, address = html.escape(one.path), html.escape(one.address)
        rows.append(f'<tr><th scope="row">{name}<br><small>{one.person.who}: {address}</small></th>{cells}</tr>')
    style = (
        "body{font:1rem sans-serif;margin:1rem}table{border-collapse:collapse}th{text-align:start;vertical-align:top;padding:.5rem}"
        "td{vertical-align:top;padding:.5rem}img{width:18rem;max-height:24rem;object-fit:cover;object-position:top;border:1px solid #999}"
    )
    head = "".join(f'<th scope="col">{look}</th>' for look in LOOKS)
    without = f"<p>No link leads to: {html.escape(', '.join(lost))}</p>" if lost else ""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Every page</title><style>{style}</style><h1>Every page</h1>{without}'
        f"<table><thead><tr><th>Page</th>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></html>\n"
    )


def _leave(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
