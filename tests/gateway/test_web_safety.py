"""What keeps people's browsers safe: cookies, headers, ways onward, and answers that tell nobody who has an account."""

import re
from dataclasses import replace
from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import create_app
from gateway.accounts import passwords
from gateway.accounts.store import Accounts
from gateway.api.routes import PREFIX, ROUTES
from gateway.forms.file import Foreign, disposition, in_base64
from gateway.web.login import inside
from messaging.context import now
from tests.gateway.conftest import PASSWORD
from tests.gateway.test_house import plain
from tests.gateway.test_web import form_of, log_in

PAGES = ["/login", "/library", "/nowhere", "/static/icat.css", "/api/v1/chairs", "/api/v1/nowhere", "/api/openapi.json", "/health/live"]


@pytest.fixture(scope="module")
def over_tls(settings, stand_in):
    """The application as people reach it over https."""
    return create_app(replace(settings, public_url="https://icat.example"), stand_in)


# Over TLS -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_browsers_are_held_to_tls_where_there_is_tls_and_nowhere_else(client, over_tls, path):
    assert "Strict-Transport-Security" not in client.get(path).headers
    assert re.fullmatch(r"max-age=\d{8,}", over_tls.test_client().get(path).headers["Strict-Transport-Security"])


def test_every_cookie_is_out_of_reach_of_scripts_and_of_other_sites(app, over_tls, person, application_in_rehearsal):
    person("ohchr", "OHCHR")
    given = set()
    for application, secure in ((app, False), (over_tls, True), (application_in_rehearsal, False)):
        browser = application.test_client()
        answers = [browser.get("/login?lang=fr&at=2015-01-01T00:00:00Z"), log_in(browser, "ohchr")]
        answers.append(browser.post("/logout", data={"csrf_token": form_of(browser.get("/account"))}))
        answers.append(browser.get("/login/oidc/callback/ILO"))
        for cookie in (cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")):
            name, _, flags = cookie.partition("=")
            given.add(name.removeprefix("__Host-"))
            said = set(flags.split("; ")[1:])
            assert "HttpOnly" in said, cookie
            assert said & {"SameSite=Lax", "SameSite=Strict"}, cookie
            assert ("Secure" in said) is secure, cookie
            assert "Path=/" in said, cookie
            assert not any(flag.startswith("Domain") for flag in said), cookie
    assert given == {"icat_session", "icat_form", "icat_language", "icat_at", "icat_way"}


# Ways onward ----------------------------------------------------------------------------------------------------------------------------

ASTRAY = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\x00/evil.example",
    "/\u2028/evil.example",
    "／／evil.example",
    "https:evil.example",
    "https:///evil.example",
    "http://localhost@evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "?x",
    "/a\r\nSet-Cookie: x=1",
    "/login?next=//evil.example",
    "/logout",
    "/" + "a" * 600,
]

ENCODED = [
    "/%2fevil.example",
    "/%5cevil.example",
    "/%09/evil.example",
    "/%0d%0aSet-Cookie:x=1",
    "/.//evil.example",
    "/@evil.example",
    "/a?b=//c",
]
"""What a browser takes for a path of this site, however it looks once it is decoded."""


@pytest.mark.parametrize("onward", ASTRAY)
def test_logging_in_leads_to_no_other_site(client, person, onward):
    person("ohchr", "OHCHR")
    came = log_in(client, "ohchr", onward=onward)
    assert (came.status_code, came.headers["Location"]) == (303, "/")
    assert client.get("/login", query_string={"next": onward}).headers["Location"] == "/"
    assert client.get("/login/oidc/ILO", query_string={"next": onward}).headers["Location"] == "/"


@pytest.mark.parametrize("onward", [*ENCODED, "/workplans/2014?x=1#y"])
def test_a_path_of_this_site_stays_one(client, person, onward):
    person("ohchr", "OHCHR")
    location = log_in(client, "ohchr", onward=onward).headers["Location"]
    assert urlsplit(urljoin("http://localhost/login", location)).netloc == "localhost"
    assert not re.search(r"[\x00-\x20]", location)


@given(st.text(max_size=60) | st.text("/\\:.@%0aevil\t\r\n", max_size=12))
def test_nothing_that_anybody_could_write_leads_elsewhere(onward):
    for written in (onward, unquote(onward), quote(onward)):
        found = inside(written)
        assert found.isascii()
        assert urlsplit(urljoin("https://icat.example/login", found)).netloc == "icat.example"
        assert not re.search(r"[\x00-\x20\x7f\\]", found)


def test_who_is_asked_to_log_in_is_brought_back_to_this_site_whatever_the_address_says(client, person):
    for path in ("/calendar?x=//evil.example", "/calendar?x=%0d%0aX:1", "//evil.example/calendar"):
        answer = client.get(path)
        assert urlsplit(urljoin("http://localhost/", answer.headers.get("Location", "/"))).netloc == "localhost"
        assert "X" not in answer.headers


# Headers --------------------------------------------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=80) | st.text('a";\r\n\0/\\%é.', max_size=20))
def test_the_name_of_a_file_begins_no_other_header(name):
    header = disposition("attachment", name)
    header.encode("latin-1")
    found = re.fullmatch(r"attachment; filename=\"([A-Za-z0-9 ._()-]*)\"; filename\*=UTF-8''([A-Za-z0-9._~%-]*)", header)
    assert found
    assert unquote(found[2]) == re.sub(r"[\x00-\x1f\x7f/\\]", "_", name)


@pytest.mark.parametrize(
    "media_type", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "text/javascript", "application/pdf", "text/html;x=1"]
)
def test_what_somebody_attached_is_saved_and_never_opened_as_a_page_of_ours(media_type):
    answer = {"media_type": media_type, "name": 'a";x.html', "content": in_base64(b"<script>")}
    headers = Foreign("*/*").headers(answer)
    assert headers["Content-Disposition"].startswith("attachment; ")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("header", ["traceparent", "Idempotency-Key", "Accept-Language", "ICAT-Instant", "If-None-Match", "Origin", "Host"])
def test_what_a_request_says_of_itself_begins_no_header_of_the_answer(client, services, header):
    answer = client.get("/login", headers={header: 'x", evil: 1; Set-Cookie: y=1'})
    assert all("evil" not in value for _, value in answer.headers if _ != "Location")


# Other sites ----------------------------------------------------------------------------------------------------------------------------


def test_no_other_site_may_read_an_answer(client, services, person, bearer):
    own = bearer(person("ohchr", "OHCHR"))
    origin = {"Origin": "https://evil.example"}
    for path in [*PAGES, "/", "/api/v1/me", "/feeds/statements.atom"]:
        for headers in (origin, origin | own, {"Origin": "null"}):
            answer = client.get(path, headers=headers)
            assert [name for name, _ in answer.headers if name.lower().startswith("access-control-")] == []


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_no_other_site_may_ask_whether_it_may(client, services, method):
    preflight = {
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "x-csrf-token",
    }
    for route in ROUTES:
        if route.method == method:
            answer = client.options(PREFIX + re.sub("{.*?}", "2014", route.path), headers=preflight)
            assert [name for name, _ in answer.headers if name.lower().startswith("access-control-")] == [], route.path
    assert services.asked == []


# Who has an account ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def everyone(person, app):
    """A name that nobody has, and names of people who cannot come in with this password, each for a reason of its own."""
    for name in ("active", "suspended", "invited", "tied"):
        person(name, "ILO")
    changes = {
        "suspended": lambda a: setattr(a, "status", "suspended"),
        "invited": lambda a: (setattr(a, "status", "invited"), setattr(a, "password", None)),
        "tied": lambda a: setattr(a, "password", None),
    }
    for name, change in changes.items():
        Accounts().change(name, "so", lambda a, change=change: (change(a), a._note(now(), "test", "changed", "so")))
    return ["nobody", "active", *changes]


def test_logging_in_tells_nobody_who_has_an_account(app, everyone):
    told = set()
    for name in everyone:
        browser = app.test_client()
        api = browser.post("/api/v1/sessions", json={"name": name, "password": "wrong, certainly"})
        page = log_in(browser, name, password="wrong, certainly")
        told.add((api.status_code, api.text, page.status_code, re.sub("value=.*?>|once.*?>", "", plain(page.text))))
    assert len(told) == 1


def test_nor_does_the_time_that_it_takes(app, everyone, monkeypatch):
    verified = []
    verify = passwords._hasher.verify
    monkeypatch.setattr(type(passwords._hasher), "verify", lambda self, *said: verified.append(said) or verify(*said))
    for name in everyone:
        verified.clear()
        app.test_client().post("/api/v1/sessions", json={"name": name, "password": "wrong, certainly"})
        assert len(verified) == 1, f"one password is looked at, for {name} as for all"


def test_nor_does_the_throttle(app, everyone):
    told = set()
    for name in everyone:
        browser = app.test_client()
        answers = [browser.post("/api/v1/sessions", json={"name": name, "password": "wrong"}) for _ in range(6)]
        told.add(tuple((answer.status_code, answer.json["rule"]) for answer in answers))
    assert len(told) == 1


def test_nor_does_an_invitation(app, client, known, in_person, secretariat):
    new = {"name": "mara", "display_name": "Mara", "entity": "ILO", "roles": ["focal_point"]}
    used = client.post("/api/v1/people", json=new, headers=in_person(secretariat)).json["invitation"]
    client.post("/api/v1/invitations/acceptances", json={"invitation": used, "password": PASSWORD})
    told = {
        client.post("/api/v1/invitations/acceptances", json={"invitation": one, "password": PASSWORD}).text
        for one in (used, "made up", "a" * 200)
    }
    assert len(told) == 1


@pytest.mark.parametrize("entity", ["ILO", "FAO", "callback2", "<script>alert(1)</script>", "a" * 300, "..", "%2e%2e", "ILO\r\nX: 1"])
def test_an_entity_without_a_provider_is_said_to_have_none(client, entity):
    answer = client.get(f"/login/oidc/{quote(entity, safe='%')}")
    assert answer.status_code in (404, 308)
    assert "<script>alert" not in answer.text
    assert "X" not in answer.headers
