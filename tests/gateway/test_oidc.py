"""People come in by the account that their own organization gives them: a real provider, and a forger in its place."""

import hashlib
import logging
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import mongoengine
import pyotp
import pytest
import requests
import trustme
from joserfc.jwk import RSAKey
from werkzeug import Response

from gateway import create_app
from gateway.accounts import callers, federation, openid
from gateway.accounts.providers import Provider
from gateway.accounts.store import Accounts
from launcher.home import claim_port
from messaging.context import now
from services.kernel.actor import SYSTEM_ACTOR
from services.kernel.refusal import Refusal
from tests.gateway.conftest import PASSWORD, SECRET_KEY
from tests.gateway.forger import CLIENT, SECRET, Forger, _base64, answered, edwards, elliptic
from tests.gateway.test_house import fields_of, plain
from tests.gateway.test_web import form_of, guard, log_in

NOBODY = "No account here is tied to your organization’s account."


@pytest.fixture(scope="module")
def forgers():
    both = Forger(), Forger()
    yield both
    for one in both:
        one.stop()


@pytest.fixture
def forger(forgers) -> Forger:
    """ILO's provider, as it should be until a test has it otherwise."""
    for one in forgers:
        one.honest()
    return forgers[0]


@pytest.fixture
def other(forger, forgers) -> Forger:
    return forgers[1]


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch):
    """What is known of a provider is remembered for an hour; in each test it is asked anew, as by a gateway that just started."""
    monkeypatch.setattr(openid._Remembered, "of", _asked_anew(openid._Remembered.of))


def _asked_anew(of):
    asked = set()

    def first_anew(self, address, **more):
        if (self, address) not in asked:
            asked.add((self, address))
            self._found.pop(address, None)
        return of(self, address, **more)

    return first_anew


@pytest.fixture
def sec(secretariat, in_person, known):
    return in_person(secretariat)


@pytest.fixture
def registered(app):
    """Registers a provider, as the secretariat does: ``registered("ILO", forger.issuer)``."""
    keeper = federation.Federation(SECRET_KEY, "http://localhost", loopback=True)

    def register(entity: str, issuer: str, client_id: str = CLIENT, secret: str = SECRET) -> None:
        said = {"by": SYSTEM_ACTOR, "at": now(), "cause": f"register-{entity}-{time.monotonic_ns()}", "loopback": True}
        described = (said["cause"], issuer, client_id, keeper.seal(secret))
        if keeper.providers.create(Provider.register(entity, *described, **said)) is None:
            keeper.providers.change(entity, said["cause"], lambda one: one.begin(*described, **said))

    return register


@pytest.fixture
def ilo(registered, forger, person):
    """ILO has a provider, and one person, who has tied their account to ``alice`` there."""
    registered("ILO", forger.issuer)
    person("alice.ilo", "ILO")
    tied("alice.ilo", "alice")


def tied(account: str, subject: str) -> None:
    """The account is tied to what its entity's provider calls ``subject``."""
    kept = Accounts().get(account).account
    provider = federation.Providers().get(kept.entity).provider
    tie, cause = federation.Tie(provider.id, provider.issuer, subject, now()), f"tie-{account}-{subject}"
    Accounts().change(account, cause, lambda a: a.tie_to(tie, kept.entity, at=now(), cause=cause))


def sent(browser, entity="ILO", **query) -> str:
    """Where the page of logging in sends this browser."""
    answer = browser.get(f"/login/oidc/{entity}", query_string=query)
    assert answer.status_code == 303, plain(answer.text)
    return answer.headers["Location"]


def who(browser) -> str | None:
    answer = browser.get("/api/v1/me")
    return answer.json["name"] if answer.status_code == 200 else None


def said(page) -> str:
    return unescape(plain(page.text)).replace("'", "’")


# With a real provider -------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def provider():
    """The issuer of a provider that is a process of its own."""
    port = claim_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    issuer, until = f"http://127.0.0.1:{port}", time.monotonic() + 30
    try:
        while True:
            try:
                requests.get(f"{issuer}/.well-known/openid-configuration", timeout=5).raise_for_status()
                break
            except requests.RequestException:
                assert process.poll() is None, "the provider starts"
                assert time.monotonic() < until, "the provider answers"
                time.sleep(0.1)
        yield issuer
    finally:
        process.terminate()
        process.wait(10)


def there_and_back(browser, address: str, subject: str):
    """Logs in at the provider, and follows its answer back."""
    back = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=10).headers["Location"]
    assert back.startswith("http://localhost/login/oidc/callback/OHCHR?")
    return browser.get(back.removeprefix("http://localhost"))


def test_a_person_ties_their_account_and_comes_in_by_it_from_then_on(app, registered, provider, person, client, sec):
    registered("OHCHR", provider, "icat", "secret")
    person("ohchr", "OHCHR")
    browser = app.test_client()
    log_in(browser, "ohchr")
    page = browser.get("/account/organization")
    form = {"csrf_token": form_of(page), "password": PASSWORD}
    onward = browser.post("/account/organization/tie", data=form)
    address = unescape(re.search(rf'href="({provider}[^"]+)"', onward.text)[1])
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid"]
    back = there_and_back(browser, address, "someone@ohchr.example")
    assert (back.status_code, back.headers["Location"]) == (303, "/account/organization?done=tie")
    assert f"Tied to {provider}" in said(browser.get("/account/organization"))

    another = app.test_client()
    assert "OHCHR" in another.get("/login").text
    came = there_and_back(another, sent(another, "OHCHR", next="/calendar"), "someone@ohchr.example")
    assert (came.status_code, came.headers["Location"]) == (303, "/calendar")
    assert who(another) == "ohchr"
    assert [one["through"] for one in another.get("/api/v1/sessions").json["items"]] == ["organization", "password"]
    history = client.get("/api/v1/people/ohchr", headers=sec).json["history"]
    assert (history[-1]["what"], history[-1]["by"], history[-1]["after"]) == ("tied", "ohchr", {"issuer": provider})

    hidden = fields_of(browser.get("/account/organization").text, "untie")
    assert browser.post("/account/organization", data=hidden).status_code == 303
    assert who(another) is None, "the sessions that it opened have ended"
    assert who(browser) == "ohchr", "and no other"
    refused = there_and_back(another, sent(another, "OHCHR"), "someone@ohchr.example")
    assert refused.status_code == 401
    assert NOBODY in said(refused)


def test_an_invitation_is_accepted_with_the_organizations_account(app, client, registered, provider, sec):
    registered("OHCHR", provider, "icat", "secret")
    new = {"name": "mara", "display_name": "Mara", "entity": "OHCHR", "roles": ["focal_point"]}
    invitation = client.post("/api/v1/people", json=new, headers=sec).json["invitation"]
    browser = app.test_client()
    form = {"csrf_token": form_of(browser.get("/invitation")), "invitation": f" {invitation} ", "way": "organization"}
    onward = browser.post("/invitation", data=form)
    address = unescape(re.search(rf'href="({provider}[^"]+)"', onward.text)[1])
    assert invitation not in address
    came = there_and_back(browser, address, "mara@ohchr.example")
    assert (came.status_code, came.headers["Location"]) == (303, "/")
    me = browser.get("/api/v1/me").json
    assert (me["name"], me["status"], me["has_password"], me["tied_to"]) == ("mara", "active", False, provider)
    again = browser.get("/account/organization")
    assert browser.post("/account/organization", data=fields_of(again.text, "untie")).status_code == 409, "nothing else would let her in"
    other = app.test_client()
    form = {"csrf_token": form_of(other.get("/invitation")), "invitation": invitation, "way": "organization"}
    assert other.post("/invitation", data=form).status_code == 404, "it was used"


def test_at_the_provider_somebody_may_change_their_mind(app, registered, provider):
    registered("OHCHR", provider, "icat", "secret")
    browser = app.test_client()
    sent(browser, "OHCHR")
    state = "anything"
    refused = browser.get(f"/login/oidc/callback/OHCHR?error=access_denied&error_description=%3Cb%3E&state={state}")
    assert refused.status_code == 401
    assert "<b>" not in refused.text


# What is taken, and what is not ---------------------------------------------------------------------------------------------------------


def test_a_token_as_it_should_be_is_taken(app, ilo, forger):
    browser = app.test_client()
    came = browser.get(answered(forger.let_through(sent(browser))))
    assert (came.status_code, who(browser)) == (303, "alice.ilo")


@pytest.mark.parametrize(("key", "algorithm"), [(None, "PS256"), (elliptic, "ES256"), (edwards, "EdDSA"), (edwards, "Ed25519")])
def test_other_signatures_of_a_key_of_its_own_are_taken(app, ilo, forger, key, algorithm):
    forger.algorithm = algorithm
    if key is not None:
        forger.keys = [key(), *forger.keys]
    made = hashlib.sha512 if algorithm.startswith("Ed") else hashlib.sha256
    whole = made(b"an access token").digest()
    forger.claims = {"at_hash": _base64(whole[: len(whole) // 2])}
    browser = app.test_client()
    assert browser.get(answered(forger.let_through(sent(browser)))).status_code == 303


def test_several_audiences_are_taken_when_the_token_was_made_for_us(app, ilo, forger):
    forger.claims = {"aud": [CLIENT, "another"], "azp": CLIENT}
    browser = app.test_client()
    assert browser.get(answered(forger.let_through(sent(browser)))).status_code == 303


NOW = int(time.time())

LIES = {
    "another nonce": {"nonce": "mine"},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "https://accounts.example"},
    "the issuer with a slash": {"iss": "…/"},
    "another audience": {"aud": "another"},
    "no audience": {"aud": None},
    "an audience that is none": {"aud": {"x": 1}},
    "several audiences and no party": {"aud": [CLIENT, "another"]},
    "another party": {"azp": "another"},
    "expired": {"exp": NOW - 200},
    "never expires": {"exp": None},
    "expires in words": {"exp": "tomorrow"},
    "expires at true": {"exp": True},
    "made long ago": {"iat": NOW - 3600},
    "made tomorrow": {"iat": NOW + 86400},
    "not made at all": {"iat": None},
    "for later": {"nbf": NOW + 3600},
    "another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "nobody": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is a number": {"sub": 1},
    "a subject without end": {"sub": "a" * 256},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_says_otherwise_is_not_taken(app, ilo, forger, lie):
    claims = LIES[lie]
    forger.claims = {name: f"{forger.issuer}/" if value == "…/" else value for name, value in claims.items()}
    _nobody_comes_in(app, forger)


@pytest.mark.parametrize("way", ["unsigned", "by_the_public_key", "by_the_secret", "by_another", "altered", "with_a_demand"])
def test_a_token_that_is_signed_otherwise_is_not_taken(app, ilo, forger, way):
    forger.sign = getattr(forger, way)
    _nobody_comes_in(app, forger)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "....", "é.é.é", 7, None, "a" * 100_000])
def test_what_is_no_token_is_not_taken(app, ilo, forger, token):
    forger.more = {"id_token": token}
    _nobody_comes_in(app, forger)


def test_a_token_by_a_key_that_was_made_too_short_is_not_taken(app, ilo, forger):
    forger.keys = [RSAKey.generate_key(1024, {"kid": "short"})]
    _nobody_comes_in(app, forger)


def _nobody_comes_in(app, forger) -> None:
    browser = app.test_client()
    refused = browser.get(answered(forger.let_through(sent(browser))))
    assert (refused.status_code, who(browser)) == (401, None)
    assert "Your organization’s answer could not be taken" in said(refused), "one wording for all of it"


def test_why_it_was_not_taken_is_in_the_log_and_no_secret_is(app, ilo, forger, caplog):
    forger.claims = {"aud": "another"}
    with caplog.at_level(logging.WARNING):
        _nobody_comes_in(app, forger)
    assert "another audience" in caplog.text
    assert "code-" not in caplog.text
    assert SECRET not in caplog.text


# The way itself -------------------------------------------------------------------------------------------------------------------------


def test_a_code_of_somebody_elses_way_is_of_no_use(app, ilo, forger, person):
    """A code that an attacker was given is slipped into another's browser, which would then be logged in as the attacker."""
    person("mallory.ilo", "ILO")
    tied("mallory.ilo", "mallory")
    theirs, mine = app.test_client(), app.test_client()
    stolen = forger.let_through(sent(mine), "mallory")["code"]
    answer = forger.let_through(sent(theirs)) | {"code": stolen}
    assert theirs.get(answered(answer)).status_code == 401
    forger.checks_verifier = False  # even where the provider does not look who redeems a code, its token is for another way
    stolen = forger.let_through(sent(mine), "mallory")["code"]
    answer = forger.let_through(sent(theirs)) | {"code": stolen}
    assert theirs.get(answered(answer)).status_code == 401
    assert who(theirs) is None


def test_an_answer_without_the_browser_that_asked_is_of_no_use(app, ilo, forger):
    answer = answered(forger.let_through(sent(app.test_client())))
    browser = app.test_client()
    refused = browser.get(answer)
    assert (refused.status_code, who(browser)) == (401, None)
    browser.set_cookie("icat_way", "made up")
    assert browser.get(answer).status_code == 401
    assert forger.asked["/token"] == 0, "it was not even asked"


def test_a_way_is_good_once(app, ilo, forger):
    browser = app.test_client()
    answer = forger.let_through(sent(browser))
    ticket = browser.get_cookie("icat_way").value
    assert browser.get(answered(answer)).status_code == 303
    assert browser.get_cookie("icat_way") is None
    again = app.test_client()
    again.set_cookie("icat_way", ticket)
    fresh = forger.let_through(sent(app.test_client())) | {"state": answer["state"]}
    assert again.get(answered(fresh)).status_code == 401
    assert who(again) is None
    assert forger.asked["/token"] == 1


def test_a_way_ends_after_ten_minutes(app, ilo, forger, monkeypatch):
    browser = app.test_client()
    answer = answered(forger.let_through(sent(browser)))
    monkeypatch.setattr(federation, "ON_THE_WAY", timedelta(seconds=-2))
    assert browser.get(answer).status_code == 401
    assert who(browser) is None


@pytest.mark.parametrize("change", [{"state": "another"}, {"state": None}, {"code": None}, {"iss": None}, {"iss": "https://x.example"}])
def test_an_answer_that_is_none_of_ours(app, ilo, forger, change):
    browser = app.test_client()
    answer = forger.let_through(sent(browser)) | change
    refused = browser.get(answered({name: value for name, value in answer.items() if value is not None}))
    assert (refused.status_code, who(browser)) == (401, None)
    assert forger.asked["/token"] == 0


def test_the_answer_of_another_provider_is_of_no_use(app, ilo, forger, other, registered, person):
    """Mix-up: a provider that would like to be shown another's codes, or have its own word taken for that one's."""
    registered("IOM", other.issuer)
    browser = app.test_client()
    sent(browser)
    theirs = other.let_through(sent(app.test_client(), "IOM"))
    way = browser.get_cookie("icat_way").value
    state = parse_qs(urlsplit(sent(browser)).query)["state"][0]
    assert way
    assert browser.get(answered(theirs | {"state": state})).status_code == 401
    forger.says = {"authorization_response_iss_parameter_supported": False}
    state = parse_qs(urlsplit(sent(browser)).query)["state"][0]
    assert browser.get(answered({"code": theirs["code"], "state": state})).status_code == 401
    assert who(browser) is None
    assert other.asked["/token"] == 0


def test_a_code_is_shown_to_no_provider_but_the_one_that_gave_it(app, ilo, forger, other, registered):
    """Mix-up among providers that do not name themselves: IOM's passes alice on to ILO's, and would be shown the code she gets there."""
    forger.says = other.says = {"authorization_response_iss_parameter_supported": False}
    registered("IOM", other.issuer)
    mallory, alice = app.test_client(), app.test_client()
    mine, led = ({name: values[0] for name, values in parse_qs(urlsplit(sent(*way)).query).items()} for way in ((mallory,), (alice, "IOM")))
    assert (mine["redirect_uri"], led["redirect_uri"]) == tuple(f"http://localhost/login/oidc/callback/{code}" for code in ("ILO", "IOM"))
    passed = forger.let_through(f"{forger.issuer}/authorize?{urlencode(mine | {'state': led['state']})}")
    del passed["iss"]
    assert alice.get(answered(passed, "ILO")).status_code == 401, "ILO's sends her back to its own address"
    assert (other.asked["/token"], forger.asked["/token"]) == (0, 0), "and nobody is shown the code"
    assert (who(mallory), who(alice)) == (None, None)


@pytest.mark.parametrize(
    "onward", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nX: 1", "javascript:1", "/login/oidc/ILO"]
)
def test_coming_in_leads_nowhere_else(app, ilo, forger, onward):
    browser = app.test_client()
    came = browser.get(answered(forger.let_through(sent(browser, next=onward))))
    assert (came.status_code, came.headers["Location"]) == (303, "/")
    assert "X" not in came.headers


def test_what_is_kept_meanwhile_is_sealed_and_the_browsers_alone(app, ilo, settings, services, forger):
    browser = app.test_client()
    address = sent(browser)
    cookie = browser.get("/login/oidc/ILO").headers["Set-Cookie"]
    assert re.search(r"HttpOnly", cookie)
    assert "SameSite=Lax" in cookie
    assert "Max-Age=600" in cookie
    nonce = parse_qs(urlsplit(address).query)["nonce"][0]
    assert nonce not in browser.get_cookie("icat_way").value
    over_tls = create_app(replace(settings, public_url="https://icat.example"), services).test_client()
    cookie = over_tls.get("/login/oidc/ILO").headers["Set-Cookie"]
    assert cookie.startswith("__Host-icat_way=")
    assert {"Secure", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_a_tie_is_made_in_the_session_that_began_it_and_in_no_other(app, registered, forger, person):
    """Somebody who began to tie an account of theirs has another finish it, whose account they would then come into."""
    registered("ILO", forger.issuer)
    person("victim", "ILO")
    person("mallory", "ILO")
    mine, theirs = app.test_client(), app.test_client()
    log_in(mine, "mallory")
    log_in(theirs, "victim")
    form = {"csrf_token": form_of(mine.get("/account/organization")), "password": PASSWORD}
    address = _address(mine.post("/account/organization/tie", data=form))
    theirs.set_cookie("icat_way", mine.get_cookie("icat_way").value)
    refused = theirs.get(answered(forger.let_through(address, "mallory")))
    assert refused.status_code == 401
    assert theirs.get("/api/v1/me").json["tied_to"] is None
    assert mine.get("/api/v1/me").json["tied_to"] is None


def test_to_tie_takes_the_password_and_a_form_of_ours(app, registered, forger, person):
    registered("ILO", forger.issuer)
    person("alice.ilo", "ILO")
    browser = app.test_client()
    log_in(browser, "alice.ilo")
    token = form_of(browser.get("/account/organization"))
    assert browser.post("/account/organization/tie", data={"password": PASSWORD}).status_code == 403
    wrong = browser.post("/account/organization/tie", data={"csrf_token": token, "password": "wrong"})
    assert wrong.status_code == 403
    assert "The current password is wrong." in said(wrong)
    assert forger.asked == {}


def test_guessing_is_throttled(app, ilo, forger):
    for _ in range(federation.MOST_TRIED):
        browser = app.test_client()
        sent(browser)
        browser.get("/login/oidc/callback/ILO?state=x&code=y")
    browser = app.test_client()
    refused = browser.get(answered(forger.let_through(sent(browser))))
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers


# Whom it lets in ------------------------------------------------------------------------------------------------------------------------


def test_whatever_a_provider_claims_it_reaches_no_account_but_the_tied_one(app, ilo, forger, person, secretariat):
    person("boss", "ILO")
    claims = {"email": "boss@ilo.example", "email_verified": True, "preferred_username": "boss", "name": "BOSS", "roles": ["secretariat"]}
    browser = app.test_client()
    for subject in ("boss", "sec", "boss@ilo.example", "alice.ilo", "Alice"):
        refused = browser.get(answered(forger.let_through(sent(browser), subject, **claims)))
        assert (refused.status_code, who(browser)) == (401, None)
        assert NOBODY in said(refused)
    browser.get(answered(forger.let_through(sent(browser), **claims)))
    assert browser.get("/api/v1/me").json["roles"] == ["focal_point"]


def test_a_provider_reaches_people_of_its_entity_alone(app, ilo, other, registered, person):
    """Another entity's provider says the very same subject."""
    registered("IOM", other.issuer)
    person("iom", "IOM")
    browser = app.test_client()
    refused = browser.get(answered(other.let_through(sent(browser, "IOM"), "alice"), "IOM"))
    assert (refused.status_code, who(browser)) == (401, None)


def test_an_invitation_to_another_entity_is_not_accepted_through_it(app, ilo, forger, client, sec):
    new = {"name": "mara", "display_name": "Mara", "entity": "IOM", "roles": ["focal_point"]}
    invitation = client.post("/api/v1/people", json=new, headers=sec).json["invitation"]
    browser = app.test_client()
    form = {"csrf_token": form_of(browser.get("/invitation")), "invitation": invitation, "way": "organization"}
    refused = browser.post("/invitation", data=form)
    assert refused.status_code == 404
    assert "IOM has no provider here" in said(refused)


def test_of_an_account_that_may_not_act_it_says_what_it_says_of_none(app, ilo, forger, client, sec):
    browser = app.test_client()
    unknown = browser.get(answered(forger.let_through(sent(browser), "nobody")))
    client.patch("/api/v1/people/alice.ilo", json={"status": "suspended"}, headers=sec)
    suspended = browser.get(answered(forger.let_through(sent(browser))))
    assert (unknown.status_code, said(unknown)) == (suspended.status_code, said(suspended))


def test_who_becomes_another_entitys_loses_the_tie(app, ilo, forger, client, sec):
    browser = app.test_client()
    browser.get(answered(forger.let_through(sent(browser))))
    assert who(browser) == "alice.ilo"
    assert client.patch("/api/v1/people/alice.ilo", json={"entity": "IOM"}, headers=sec).status_code == 200
    assert who(browser) is None
    history = client.get("/api/v1/people/alice.ilo", headers=sec).json["history"]
    assert [(entry["what"], entry["by"]) for entry in history[-2:]] == [("changed", "sec"), ("untied", "sec")]
    refused = browser.get(answered(forger.let_through(sent(browser))))
    assert NOBODY in said(refused)


def test_one_subject_is_tied_to_one_account(app, ilo, forger, person):
    person("second", "ILO")
    browser = app.test_client()
    log_in(browser, "second")
    form = {"csrf_token": form_of(browser.get("/account/organization")), "password": PASSWORD}
    address = _address(browser.post("/account/organization/tie", data=form))
    refused = browser.get(answered(forger.let_through(address, "alice")))
    assert refused.status_code == 409
    assert browser.get("/api/v1/me").json["tied_to"] is None


def test_ending_a_provider_ends_what_it_opened_and_nothing_else(app, ilo, forger, client, sec, registered):
    through, password = app.test_client(), app.test_client()
    through.get(answered(forger.let_through(sent(through))))
    log_in(password, "alice.ilo")
    waiting = app.test_client()
    answer = answered(forger.let_through(sent(waiting)))
    ended = client.post("/api/v1/providers/ILO/ending", json={"reason": "It was broken into."}, headers=sec)
    assert (ended.json["ended_because"], ended.json["people"]) == ("It was broken into.", 0)
    assert (who(through), who(password)) == (None, "alice.ilo")
    assert waiting.get(answer).status_code == 404, "who was on the way comes back to nothing"
    assert through.get("/login/oidc/ILO").status_code == 404
    assert "/login/oidc/ILO" not in app.test_client().get("/login").text
    assert (
        client.post("/api/v1/providers/ILO/ending", json={"reason": "Again."}, headers=sec).json["ended_because"] == "It was broken into."
    )
    registered("ILO", forger.issuer)
    assert NOBODY in said(through.get(answered(forger.let_through(sent(through))))), "registered anew it begins without any"
    what = [entry["what"] for entry in client.get("/api/v1/providers", headers=sec).json["items"][0]["history"]]
    assert what == ["provider_registered", "provider_ended", "provider_registered"]


@pytest.mark.parametrize("what_for", ["tie", "accept"])
def test_a_provider_that_ends_with_an_answer_on_its_way_ties_nobody(app, registered, forger, person, client, sec, what_for):
    registered("ILO", forger.issuer)
    browser = app.test_client()
    if what_for == "tie":
        log_in(browser, person("mara", "ILO"))
        form = {"csrf_token": form_of(browser.get("/account/organization")), "password": PASSWORD}
        onward = browser.post("/account/organization/tie", data=form)
    else:
        new = {"name": "mara", "display_name": "Mara", "entity": "ILO", "roles": ["focal_point"]}
        onward = _accepting(browser, client.post("/api/v1/people", json=new, headers=sec).json["invitation"])
    answer = answered(forger.let_through(_address(onward), "mallory"))
    ended = []

    def end(request):
        if request.path == "/token":
            ended.append(app.test_client().post("/api/v1/providers/ILO/ending", json={"reason": "Broken into."}, headers=sec).status_code)

    forger.instead = end
    refused = browser.get(answer)
    assert (ended, refused.status_code) == ([200], 404)
    assert who(browser) == ("mara" if what_for == "tie" else None), "a session of a password goes on"
    history = client.get("/api/v1/people/mara", headers=sec).json["history"]
    assert [(entry["what"], entry["by"]) for entry in history[-2:]] == [("tied", "mara"), ("untied", SYSTEM_ACTOR.person)]


def test_a_session_ends_with_its_provider_before_its_person_is_untied(app, ilo, forger, sec):
    browser = app.test_client()
    browser.get(answered(forger.let_through(sent(browser))))
    said = {"by": SYSTEM_ACTOR, "at": now(), "cause": "cut short"}
    federation.Providers().change("ILO", "cut short", lambda one: one.end("Broken into.", **said))
    assert Accounts().get("alice.ilo").account.tie is not None
    assert who(browser) is None


@pytest.mark.parametrize("how", ["ended", "untied"])
def test_a_token_made_in_a_session_of_a_provider_ends_with_it(app, ilo, forger, client, sec, how):
    through, password = app.test_client(), app.test_client()
    through.get(answered(forger.let_through(sent(through))))
    log_in(password, "alice.ilo")
    made = []
    for browser in (through, password):
        csrf = {"X-CSRF-Token": browser.get("/api/v1/me").json["csrf_token"]}
        secret = browser.post("/api/v1/tokens", json={"name": "x"}, headers=csrf).json["token"]
        made.append({"Authorization": f"Bearer {secret}"})
    assert [client.get("/api/v1/me", headers=token).status_code for token in made] == [200, 200]
    if how == "ended":
        client.post("/api/v1/providers/ILO/ending", json={"reason": "Broken into."}, headers=sec)
    else:
        client.delete("/api/v1/people/alice.ilo/organization", headers=sec)
        tied("alice.ilo", "alice-again")
    assert [client.get("/api/v1/me", headers=token).status_code for token in made] == [401, 200], "the password's goes on"
    last = client.get("/api/v1/people/alice.ilo", headers=sec).json["history"]
    assert ("token_revoked", "sec") in [(entry["what"], entry["by"]) for entry in last]


@pytest.mark.parametrize("how", ["password", "organization"])
def test_once_a_new_invitation_is_accepted_what_let_in_before_does_no_more(app, ilo, forger, client, sec, bearer, how):
    by_password, through, browser = app.test_client(), app.test_client(), app.test_client()
    log_in(by_password, "alice.ilo")
    through.get(answered(forger.let_through(sent(through))))
    token = bearer("alice.ilo")
    invitation = client.post("/api/v1/people/alice.ilo/invitation", json={}, headers=sec).json["invitation"]
    assert (who(by_password), who(through)) == ("alice.ilo", "alice.ilo"), "until then it does"
    if how == "password":
        form = {"csrf_token": form_of(browser.get("/invitation")), "invitation": invitation, "password": "a wholly new password"}
        assert browser.post("/invitation", data=form).status_code == 200
        assert log_in(browser, "alice.ilo", "a wholly new password").status_code == 303
    else:
        onward = _accepting(browser, invitation)
        assert browser.get(answered(forger.let_through(_address(onward), "alice at her new account"))).status_code == 303
    assert (who(browser), who(by_password), who(through)) == ("alice.ilo", None, None)
    assert client.get("/api/v1/me", headers=token).status_code == 401
    thief = app.test_client()
    assert NOBODY in said(thief.get(answered(forger.let_through(sent(thief)))))
    assert log_in(thief, "alice.ilo").status_code == 401


def _accepting(browser, invitation: str):
    """The page that leads on to the provider with which somebody accepts an invitation."""
    form = {"csrf_token": form_of(browser.get("/invitation")), "invitation": invitation, "way": "organization"}
    return browser.post("/invitation", data=form)


def _address(onward) -> str:
    return unescape(re.search(r'href="(http://127[^"]+)"', onward.text)[1])


# The second factor ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [{"amr": ["pwd", "mfa"]}, {"amr": ["otp"]}, {"amr": ["hwk"]}, {"acr": "mfa"}])
def test_a_second_factor_shown_at_the_provider_counts(app, ilo, forger, told):
    guard("alice.ilo")
    browser = app.test_client()
    came = browser.get(answered(forger.let_through(sent(browser), **told)))
    assert (came.status_code, who(browser)) == (303, "alice.ilo")


@pytest.mark.parametrize("told", [{}, {"amr": ["pwd"]}, {"amr": "mfa"}, {"amr": [["mfa"]]}, {"acr": "0"}])
def test_otherwise_our_own_code_is_asked_for(app, ilo, forger, told):
    secret = guard("alice.ilo")
    browser = app.test_client()
    page = browser.get(answered(forger.let_through(sent(browser, next="/calendar"), **told)))
    assert (page.status_code, who(browser)) == (200, None)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    assert browser.post("/login", data=hidden | {"code": "000000"}).status_code == 401
    came = browser.post("/login", data=hidden | {"code": pyotp.TOTP(secret).now()})
    assert (came.status_code, came.headers["Location"], who(browser)) == (303, "/calendar", "alice.ilo")


def test_half_way_in_an_ended_tie_is_no_way_on(app, ilo, forger, client, sec):
    secret = guard("alice.ilo")
    browser = app.test_client()
    page = browser.get(answered(forger.let_through(sent(browser))))
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    assert client.delete("/api/v1/people/alice.ilo/organization", headers=sec).status_code == 200
    assert browser.post("/login", data=hidden | {"code": pyotp.TOTP(secret).now()}).status_code == 401


def test_where_a_role_requires_one_the_providers_counts(settings, services, ilo, forger):
    app = create_app(replace(settings, second_factor_for=frozenset({"focal_point"})), services)
    browser = app.test_client()
    browser.get(answered(forger.let_through(sent(browser), amr=["mfa"])))
    assert browser.get("/api/v1/me").json["second_factor_required"] is False
    plain_one = app.test_client()
    plain_one.get(answered(forger.let_through(sent(plain_one), amr=["pwd"])))
    assert plain_one.get("/account").headers["Location"] == "/account/second-factor"


def test_without_a_password_what_guards_the_account_is_changed_soon_after_coming_in(app, ilo, forger, monkeypatch):
    Accounts().change("alice.ilo", "lost", lambda a: (setattr(a, "password", None), a.untie(by=SYSTEM_ACTOR, at=now(), cause="lost")))
    tied("alice.ilo", "alice-again")
    browser = app.test_client()
    browser.get(answered(forger.let_through(sent(browser), "alice-again")))
    csrf = {"X-CSRF-Token": browser.get("/api/v1/me").json["csrf_token"]}
    monkeypatch.setattr(callers, "FRESH", timedelta(seconds=-1))
    late = browser.post("/api/v1/me/second-factor", json={}, headers=csrf)
    assert (late.status_code, late.json["rule"]) == (403, "fresh-login")
    monkeypatch.undo()
    assert browser.post("/api/v1/me/second-factor", json={}, headers=csrf).status_code == 200


def test_a_first_password_comes_of_an_invitation_and_of_no_session_of_a_provider(app, ilo, forger, client, sec):
    """Whoever broke into a provider is in for as long as it runs, and leaves nothing behind that lets them in after its end."""
    said = {"at": now(), "cause": "lost"}
    Accounts().change("alice.ilo", "lost", lambda a: (setattr(a, "password", None), a.change_self({"display_name": "Alice"}, **said)))
    intruder = app.test_client()
    intruder.get(answered(forger.let_through(sent(intruder))))
    csrf = {"X-CSRF-Token": intruder.get("/api/v1/me").json["csrf_token"]}
    for current in ("", "whatever it may be"):
        refused = intruder.post("/api/v1/me/password", json={"current": current, "new": "a password to stay"}, headers=csrf)
        assert (refused.status_code, refused.json["rule"]) == (409, "first-password")
    page = intruder.get("/account").text
    assert "You have no password here" in page
    assert 'value="change_password"' not in page
    refused = intruder.delete("/api/v1/people/alice.ilo/organization", headers=csrf)
    assert (refused.status_code, refused.json["rule"]) == (409, "last-way-in")
    secret = client.post("/api/v1/people/alice.ilo/invitation", headers=sec).json["invitation"]
    ended = client.post("/api/v1/providers/ILO/ending", json={"reason": "It was broken into."}, headers=sec)
    assert ended.status_code == 200
    assert log_in(app.test_client(), "alice.ilo", "a password to stay").status_code == 401
    chosen = {"invitation": secret, "password": "a password of alice"}
    assert client.post("/api/v1/invitations/acceptances", json=chosen).status_code == 200
    alice = app.test_client()
    assert log_in(alice, "alice.ilo", "a password of alice").status_code == 303
    assert 'value="change_password"' in alice.get("/account").text


# A provider that is away, or strange ----------------------------------------------------------------------------------------------------


def _drips(request):
    def drops():
        while True:
            yield b" "
            time.sleep(0.02)

    return Response(drops(), content_type="application/json")


STRANGE = {
    "broken": lambda request: Response("no", 500),
    "no JSON": lambda request: Response("<html>", 200),
    "no object": lambda request: Response("[1]", 200),
    "nested without end": lambda request: Response("[" * 100_000, 200),
    "elsewhere": lambda request: Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
    "without end": lambda request: Response(iter(lambda: b" " * 65536, None), 200),
    "drop by drop": _drips,
}


@pytest.mark.parametrize("how", STRANGE)
def test_with_the_provider_away_it_is_said_and_the_password_still_works(app, ilo, forger, how, monkeypatch):
    monkeypatch.setattr(openid, "WHOLE_SECONDS", 0.3)
    forger.instead = STRANGE[how]
    browser = app.test_client()
    away = browser.get("/login/oidc/ILO")
    assert away.status_code == 503
    assert "does not answer as it should" in said(away)
    assert 'name="password"' in away.text
    assert log_in(browser, "alice.ilo").status_code == 303


@pytest.mark.parametrize(
    "says",
    [
        {"issuer": "https://accounts.example"},
        {"token_endpoint": "http://10.0.0.1/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://127.0.0.1/\r\nX: 1"},
        {"jwks_uri": None},
        {"jwks_uri": ["http://127.0.0.1/"]},
    ],
)
def test_a_provider_that_describes_itself_strangely_is_not_gone_to(app, ilo, forger, says):
    forger.says = says
    assert app.test_client().get("/login/oidc/ILO").status_code == 503


NAMED = "id.ilo.example"


@pytest.fixture(scope="module")
def over_tls() -> Iterator[tuple[Forger, ssl.SSLContext]]:
    """A provider behind a certificate of its name, and what trusts it."""
    authority, serving, trusting = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(NAMED).configure_cert(serving)
    authority.configure_trust(trusting)
    forger = Forger(NAMED, serving)
    yield forger, trusting
    forger.stop()


@pytest.fixture
def looked_up(monkeypatch) -> dict[str, list[str]]:
    """The addresses of names, the test's to change; what is no name of it is looked up as ever."""
    names: dict[str, list[str]] = {}
    original = socket.getaddrinfo

    def look_up(host: str, port: int, *told: Any, **more: Any) -> list[Any]:
        if host not in names:
            assert host == "127.0.0.1", "a name is looked up where its addresses are judged, and nowhere else"
            return original(host, port, *told, **more)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in names[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return names


def asking(trusting: ssl.SSLContext, *, loopback: bool) -> openid.OpenId:
    asks = openid.OpenId(loopback=loopback)
    asks._tls = trusting
    return asks


def test_a_provider_is_asked_at_the_address_that_was_judged_and_under_its_own_name(over_tls, looked_up):
    forger, trusting = over_tls
    looked_up[NAMED] = ["127.0.0.1"]
    assert asking(trusting, loopback=True).described(forger.issuer).token == f"{forger.issuer}/token"
    looked_up["another.example"] = ["127.0.0.1"]
    with pytest.raises(Refusal) as refused:
        asking(trusting, loopback=True).described(forger.issuer.replace(NAMED, "another.example"))
    assert (refused.value.kind, refused.value.rule) == ("unavailable", "provider-away"), "the certificate is not that of this name"


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["8.8.8.8", "127.0.0.1"], ["::1"], []])
def test_in_production_no_provider_is_asked_inside_a_network(over_tls, looked_up, addresses):
    forger, trusting = over_tls
    looked_up[NAMED] = addresses
    before = forger.asked.total()
    with pytest.raises(Refusal) as refused:
        asking(trusting, loopback=False).described(forger.issuer)
    assert (refused.value.kind, refused.value.rule) == ("unavailable", "provider-away")
    assert forger.asked.total() == before


@pytest.mark.parametrize("names", ["token_endpoint", "jwks_uri", "authorization_endpoint"])
@pytest.mark.parametrize("inside", ["https://127.0.0.1/x", "https://localhost/x", "https://idp.localhost./x", "https://[fd00::1]/x"])
def test_in_production_a_provider_names_nothing_inside(over_tls, looked_up, monkeypatch, names, inside):
    forger, trusting = over_tls
    looked_up[NAMED] = ["127.0.0.1"]
    monkeypatch.setattr(openid, "is_public", lambda address: True)  # as if it were asked from outside
    assert asking(trusting, loopback=False).described(forger.issuer)
    monkeypatch.setattr(forger, "says", {names: inside})
    with pytest.raises(Refusal) as refused:
        asking(trusting, loopback=False).described(forger.issuer)
    assert refused.value.rule == "provider-away"
    assert asking(trusting, loopback=True).described(forger.issuer), "in development it may"


def test_keys_that_come_later_are_fetched_once_a_minute_at_most(app, ilo, forger, monkeypatch):
    browser = app.test_client()
    browser.get(answered(forger.let_through(sent(browser))))
    assert forger.asked["/keys"] == 1
    forger.keys = [elliptic(), *forger.keys]
    forger.algorithm = "ES256"
    for _ in range(3):
        _nobody_comes_in(app, forger)
    assert forger.asked["/keys"] == 1, "a stranger's key ids have nobody fetch anything"
    monkeypatch.setattr(openid, "KEYS_ANEW_SECONDS", 0.0)
    assert browser.get("/logout").status_code == 405
    another = app.test_client()
    assert another.get(answered(forger.let_through(sent(another)))).status_code == 303
    assert forger.asked["/keys"] == 2
    assert forger.asked["/.well-known/openid-configuration"] == 1, "for an hour what it says of itself is known"


def test_a_provider_may_take_the_secret_in_the_form_alone(app, ilo, forger):
    forger.says = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    browser = app.test_client()
    assert browser.get(answered(forger.let_through(sent(browser)))).status_code == 303


# Registering one ------------------------------------------------------------------------------------------------------------------------


def test_its_secret_is_sealed_and_shown_nowhere(client, ilo, sec, caplog):
    shown = client.get("/api/v1/providers", headers=sec)
    assert SECRET not in shown.text
    assert shown.json["redirect_uri"] == "http://localhost/login/oidc/callback/{entity}"
    assert shown.json["items"][0]["redirect_uri"] == "http://localhost/login/oidc/callback/ILO"
    changed = client.patch("/api/v1/providers/ILO", json={"client_secret": "another secret"}, headers=sec)
    assert changed.json["history"][-1]["after"] == {"client_secret": "replaced"}
    database = mongoengine.get_db()
    kept = repr([list(database[name].find()) for name in database.list_collection_names()])
    assert "another secret" not in kept
    assert SECRET not in kept
    assert "another secret" not in caplog.text


@pytest.mark.parametrize(
    "issuer",
    [
        "http://accounts.example",
        "ftp://accounts.example",
        "https://",
        "https://user:word@accounts.example",
        "https://accounts.example?x=1",
        "https://accounts.example#x",
        "https://accounts.example/?",
        "https://acc ounts.example",
        "https://accounts.example:port",
        "https://café.example",
        "//accounts.example",
        "accounts.example",
        "javascript:alert(1)",
    ],
)
def test_an_issuer_that_cannot_be(client, sec, issuer):
    body = {"entity": "ILO", "issuer": issuer, "client_id": "x", "client_secret": "y"}
    refused = client.post("/api/v1/providers", json=body, headers=sec)
    assert (refused.status_code, refused.json["field"], refused.json["rule"]) == (422, "issuer", "provider-issuer")
    assert client.get("/api/v1/providers", headers=sec).json["items"] == []


def test_in_production_an_issuer_is_never_inside(settings, services, known, secretariat):
    browser = create_app(replace(settings, production=True), services).test_client()
    csrf = browser.post("/api/v1/sessions", json={"name": secretariat, "password": PASSWORD}).json["csrf_token"]
    for inner in ("http://127.0.0.1:8000", "https://127.0.0.1", "https://10.0.0.1", "https://localhost:8443", "https://[::1]"):
        body = {"entity": "ILO", "issuer": inner, "client_id": "x", "client_secret": "y"}
        refused = browser.post("/api/v1/providers", json=body, headers={"X-CSRF-Token": csrf})
        assert (refused.status_code, refused.json["rule"]) == (422, "provider-issuer"), inner


def test_an_entity_has_one_at_a_time_and_must_be_known(client, ilo, sec):
    body = {"entity": "ILO", "issuer": "https://accounts.example", "client_id": "x", "client_secret": "y"}
    assert client.post("/api/v1/providers", json=body, headers=sec).json["rule"] == "provider-stands"
    assert client.post("/api/v1/providers", json=body | {"entity": "FAO"}, headers=sec).json["rule"] == "entity-known"
    assert client.patch("/api/v1/providers/IOM", json={"client_id": "x"}, headers=sec).status_code == 404


def test_it_is_the_secretariats_in_person(client, ilo, person, bearer, in_person, secretariat):
    body = {"entity": "IOM", "issuer": "https://accounts.example", "client_id": "x", "client_secret": "y"}
    orders = (
        ("post", "/api/v1/providers", body),
        ("patch", "/api/v1/providers/ILO", {"client_id": "x"}),
        ("post", "/api/v1/providers/ILO/ending", {"reason": "x"}),
        ("delete", "/api/v1/people/alice.ilo/organization", None),
    )
    token, focal_point = bearer(secretariat), in_person(person("ohchr", "OHCHR"))
    for method, path, sent_body in orders:
        refused = getattr(client, method)(path, json=sent_body, headers=token)
        assert (refused.status_code, refused.json["rule"]) == (403, "session-only")
        refused = getattr(client, method)(path, json=sent_body, headers=focal_point)
        assert refused.status_code in (403, 404), (method, path)
    assert client.get("/api/v1/providers", headers=focal_point).status_code == 403
    assert Accounts().get("alice.ilo").account.tie is not None


def test_the_secretariat_registers_changes_and_ends_one_on_its_page(client, secretariat, known):
    log_in(client, secretariat)
    page = client.get("/providers")
    assert "http://localhost/login/oidc/callback/{entity}" in page.text
    typed = {"entity": "ilo", "issuer": "https://accounts.example", "client_id": "icat", "client_secret": "kept"}
    assert client.post("/providers", data=fields_of(page.text, "register_provider") | typed).status_code == 303
    page = client.get("/providers")
    assert "https://accounts.example" in page.text
    assert "http://localhost/login/oidc/callback/ILO" in page.text
    assert "kept" not in page.text.replace("Kept sealed", "")
    changed = client.post("/providers", data=fields_of(page.text, "change_provider") | {"client_id": "icat-2"})
    assert changed.status_code == 303
    stale = client.post("/providers", data=fields_of(page.text, "end_provider") | {"reason": "Broken into"})
    assert stale.status_code == 412, "the page showed what it was before"
    page = client.get("/providers")
    assert client.post("/providers", data=fields_of(page.text, "end_provider") | {"reason": "Broken into"}).status_code == 303
    told = said(client.get("/providers"))
    assert "Broken into" in told
    assert "ended the provider" in told
