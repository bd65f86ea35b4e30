"""The pages of one's own account, without a browser: what is shown, what is ordered, what is shown once and no more."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pyotp
import pytest

from gateway import create_app
from gateway.accounts import callers
from gateway.web.account import AccountPages
from gateway.web.words import WORDS
from messaging.context import now
from tests.gateway.conftest import PASSWORD
from tests.gateway.test_house import fields_of, plain
from tests.gateway.test_web import log_in

PAGES = ["/account", "/account/second-factor", "/account/people", "/account/organization"]
NEW = "a better password"


@pytest.fixture
def ohchr(client, person, known):
    person("ohchr", "OHCHR")
    log_in(client, "ohchr")
    return client


@pytest.fixture
def clock(monkeypatch):
    """The present where people come in, a minute ahead of the test's; each call goes half a minute on."""
    at = [now() + timedelta(minutes=1)]
    monkeypatch.setattr(callers, "now", lambda: at[0])

    def goes_on():
        at[0] += timedelta(seconds=30)
        return at[0]

    return goes_on


def send(browser, path, act, page=None, **typed):
    form = fields_of(page or browser.get(path).text, act)
    return browser.post(path, data={name: unescape(value) for name, value in form.items()} | typed)


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_is_asked_to_log_in(client, path):
    assert client.get(path).headers["Location"] == f"/login?next={path}"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_renders_with_one_heading_in_the_readers_language(client, person, known, path, language):
    person("ohchr", "OHCHR", language=language)
    log_in(client, "ohchr")
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.text.count("<h1") == 1
    assert f'<html lang="{language}">' in answer.text
    assert "style=" not in answer.text
    assert WORDS["my_account"][("en", "fr").index(language)] in answer.text
    ids = re.findall(r' id="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))


def test_every_act_has_its_words_in_both_languages():
    for name, act in AccountPages.acts.items():
        assert f"act_{name}" in WORDS
        for field in act.command().fields:
            told = {f"field_{field}", f"field_{name}_{field}"}
            assert field in (*act.in_path, *act.hidden, *act.left_out) or told & set(WORDS), (name, field)


# Oneself --------------------------------------------------------------------------------------------------------------------------------


def test_name_and_language_are_changed(ohchr):
    answer = send(ohchr, "/account", "change_me", display_name="Mara <Lind>", language="fr")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account?done=change_me")
    page = ohchr.get("/account").text
    assert "Mara &lt;Lind&gt;" in page
    assert "Mon compte" in page


def test_a_password_is_changed_and_none_is_said_again(ohchr, app):
    wrong = send(ohchr, "/account", "change_password", current="not it at all", new=NEW)
    assert wrong.status_code == 403
    assert re.search(r'name="current" type="password"[^>]*aria-invalid="true"', wrong.text)
    assert "not it at all" not in wrong.text
    assert NEW not in wrong.text
    short = send(ohchr, "/account", "change_password", current=PASSWORD, new="short")
    assert short.status_code == 422
    assert send(ohchr, "/account", "change_password", current=PASSWORD, new=NEW).status_code == 303
    assert ohchr.get("/account").status_code == 200, "one's own session goes on"
    assert log_in(app.test_client(), "ohchr").status_code == 401
    assert log_in(app.test_client(), "ohchr", NEW).status_code == 303


def test_a_form_of_another_site_changes_nothing(ohchr, app):
    form = fields_of(ohchr.get("/account").text, "change_password") | {"current": PASSWORD, "new": NEW}
    assert ohchr.post("/account", data=form | {"csrf_token": "guess"}).status_code == 403
    assert log_in(app.test_client(), "ohchr").status_code == 303


def test_sessions_are_seen_and_ended(ohchr, app):
    others = [app.test_client() for _ in range(2)]
    for other, agent in zip(others, ("Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", "curl/8"), strict=True):
        log_in(other, "ohchr", headers={"User-Agent": agent})
    page = ohchr.get("/account").text
    assert "Firefox · Windows" in page
    assert "this one" in page
    assert send(ohchr, "/account", "end_session", page).status_code == 303
    assert [other.get("/account").status_code for other in others].count(303) == 1
    assert send(ohchr, "/account", "end_other_sessions").status_code == 303
    assert [other.get("/account").status_code for other in others] == [303, 303]
    assert ohchr.get("/account").text.count('value="end_session"') == 0


def test_a_token_is_shown_once_and_revoked(ohchr, app):
    made = send(ohchr, "/account", "make_token", name="laptop", scope="read", areas="workplan")
    assert (made.status_code, made.headers["Cache-Control"]) == (200, "no-store")
    (secret,) = re.findall(r"<code>(icat_[^<]+)</code>", made.text)
    read = app.test_client().get("/api/v1/library", headers={"Authorization": f"Bearer {secret}"})
    assert read.json["rule"] == "token-scope"
    page = ohchr.get("/account").text
    assert secret not in page
    assert "laptop read only workplan" in plain(page)
    assert send(ohchr, "/account", "revoke_token", page).status_code == 303
    assert "No token works." in ohchr.get("/account").text
    late = send(ohchr, "/account", "make_token", name="x", scope="all", expires_at="2199-01-01T00:00")
    assert late.status_code == 422
    assert re.search(r'name="expires_at"[^>]*aria-invalid="true"', late.text)


# The second factor ----------------------------------------------------------------------------------------------------------------------


def test_a_second_factor_is_set_up_and_removed_on_its_page(ohchr, app, clock):
    path = "/account/second-factor"
    assert "None." in ohchr.get("/account").text
    assert send(ohchr, path, "begin_second_factor", password="wrong password").status_code == 403
    begun = send(ohchr, path, "begin_second_factor", password=PASSWORD)
    assert (begun.status_code, begun.headers["Cache-Control"]) == (200, "no-store")
    assert re.search(r'<figure role="img" aria-label="[^"]+"><svg', begun.text)
    totp = pyotp.TOTP(re.search(r"<code>([A-Z2-7]{32})</code>", begun.text)[1])
    wrong = send(ohchr, path, "confirm_second_factor", begun.text, code="000000")
    assert wrong.status_code == 401
    assert totp.secret not in wrong.text, "shown once"
    shown = send(ohchr, path, "confirm_second_factor", wrong.text, code=totp.at(clock()))
    codes = re.findall(r"<code>([a-z2-7-]{19})</code>", shown.text)
    assert len(codes) == 10
    assert "Print this page" in shown.text
    page = ohchr.get(path).text
    assert "Recovery codes left: 10." in page
    assert not [code for code in codes if code in page]
    asked = log_in(app.test_client(), "ohchr")
    assert 'autocomplete="one-time-code"' in asked.text
    assert send(ohchr, path, "remove_second_factor", password=PASSWORD, code=codes[0]).status_code == 303
    assert log_in(app.test_client(), "ohchr").status_code == 303


def test_who_must_set_one_up_is_led_there_from_every_page(app, settings, services, person, clock):
    person("ohchr", "OHCHR", language="fr")
    browser = create_app(replace(settings, second_factor_for=frozenset({"focal_point"})), services).test_client()
    try:
        assert log_in(browser, "ohchr").status_code == 303
        for path in ("/", "/account", "/workplans/2014", "/nothing", "/api/docs"):
            assert browser.get(path).headers["Location"] == "/account/second-factor", path
        page = browser.get("/account/second-factor")
        assert page.status_code == 200
        assert "Votre fonction exige un second facteur." in page.text
        begun = send(browser, "/account/second-factor", "begin_second_factor", password=PASSWORD)
        code = pyotp.TOTP(re.search(r"<code>([A-Z2-7]{32})</code>", begun.text)[1]).at(clock())
        assert "Codes de secours" in send(browser, "/account/second-factor", "confirm_second_factor", begun.text, code=code).text
        assert browser.get("/account").status_code == 200
    finally:
        create_app(settings, services)


# One's own people -----------------------------------------------------------------------------------------------------------------------


def test_a_focal_point_invites_a_colleague_and_ends_a_role(ohchr, person, app):
    person("iom", "IOM")
    path = "/account/people"
    assert path in ohchr.get("/account").text
    typed = {"name": "ruth", "display_name": "Ruth", "roles": ["alternate", "reader"], "language": "en"}
    made = send(ohchr, path, "invite_colleague", **typed)
    (invitation,) = re.findall(r"<code>([^<]+)</code>", made.text)
    accepted = app.test_client().post("/api/v1/invitations/acceptances", json={"invitation": invitation, "password": PASSWORD})
    assert accepted.json["entity"] == "OHCHR"
    page = ohchr.get(path).text
    assert invitation not in page
    assert "IOM" not in plain(page)
    assert "Ruth" in page
    assert page.count('value="end_role"') == 2
    assert send(ohchr, path, "end_role", page).headers["Location"] == f"{path}?done=end_role"
    page = ohchr.get(path).text
    assert page.count('value="end_role"') == 1
    refused = send(ohchr, path, "end_role", page, appointments='[{"role": "focal_point"}]')
    assert refused.status_code == 403
    assert send(ohchr, path, "end_role", page, appointments="[").status_code == 422


def test_a_focal_point_hands_over_and_is_shown_what_awaits(ohchr, person, services):
    person("ruth", "OHCHR", "alternate")
    waits = {"kind": "plan_position", "what": "take_position", "title": "Plan", "link": "/workplans/2014", "part": None}
    waits |= {"deadline": "2014-03-01T12:00:00Z", "consequence": "C.", "consequence_code": "not_adopted"}
    services.answers("workplan.awaiting", {"items": [waits]})
    assert "invite_colleague" in ohchr.get("/account/people").text
    done = send(ohchr, "/account/people", "hand_over", to="ruth")
    assert done.status_code == 200
    assert "ruth is the focal point" in done.text
    assert "Take a position on the plan: Plan" in plain(done.text).replace(" :", ":")
    assert "If nothing is done: C." not in plain(done.text).replace(" :", ":"), "it is said as on the desk"
    assert "Chairs, Documents" in plain(done.text)
    assert ohchr.get("/account/people").status_code == 403
    assert "/account/people" not in ohchr.get("/account").text


def test_who_has_no_people_has_no_such_page_and_the_secretariat_has_its_own(client, person, secretariat, known):
    person("ruth", "OHCHR", "alternate")
    log_in(client, "ruth")
    assert client.get("/account/people").status_code == 403
    client.delete_cookie("icat_session")
    log_in(client, secretariat)
    assert client.get("/account/people").headers["Location"] == "/people"
