"""Pages without a browser: who is let in, what is shown, what other sites cannot do."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from contracts.problems import KINDS
from gateway import Settings, create_app
from gateway.accounts import callers
from gateway.accounts.callers import Callers
from gateway.accounts.store import Accounts
from gateway.web.pages import ROOMS, Pages
from gateway.web.room import Room
from gateway.web.text import html_of
from gateway.web.words import CATALOGUES, PROBLEMS, TITLES, WORDS, amount_of, date_of, decimal_of, month_of
from gateway.web.words_done import DONE
from gateway.web.words_refusals import CONTRACT, RULES
from messaging.context import now
from messaging.settings import SettingsError
from services.kernel.refusal import Refusal
from tests.gateway import samples
from tests.gateway.conftest import PASSWORD, SECRET_KEY

GROUP = {
    "version": 3,
    "seated": ["IOM", "OHCHR"],
    "members": ["IOM", "OHCHR", "UNDP"],
    "chairs": ["IOM"],
    "troika": {"outgoing": [], "serving": ["IOM"], "incoming": ["UNHCR"]},
}
PLAN = {
    "version": 2,
    "year": 2014,
    "state": "adoption",
    "digest": "0" * 64,
    "adopted_at": None,
    "endorsed_by": [],
    "statuses": {"planned": 4, "late": 0},
    "adoption": {"state": "open", "deadline": "2014-03-01T12:00:00Z"},
    "activities": [],
}


def form_of(page) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]


def log_in(client, name="ohchr", password=PASSWORD, onward="/", **more):
    token = form_of(client.get("/login"))
    return client.post("/login", data={"csrf_token": token, "name": name, "password": password, "next": onward}, **more)


@pytest.fixture
def ohchr(client, person):
    person("ohchr", "OHCHR")
    assert log_in(client).status_code == 303
    return client


# In and out -----------------------------------------------------------------------------------------------------------------------------


def test_logging_in_and_out(client, person):
    person("ohchr", "OHCHR")
    answer = log_in(client, onward="/workplans/2014")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/workplans/2014")
    home = client.get("/")
    assert "OHCHR · OHCHR" in home.text
    out = client.post("/logout", data={"csrf_token": form_of(home)})
    assert (out.status_code, out.headers["Location"]) == (303, "/login")
    assert client.get("/api/v1/me").status_code == 401


def test_a_wrong_password_keeps_the_name_and_says_so(client, person):
    person("ohchr", "OHCHR")
    answer = log_in(client, password="wrong")
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert 'value="ohchr"' in answer.text
    assert "wrong" not in answer.text.replace("Name or password is wrong.", "")


def test_a_form_of_another_site_logs_nobody_in(client, person, app):
    person("ohchr", "OHCHR")
    fields = {"name": "ohchr", "password": PASSWORD}
    assert client.post("/login", data=fields).status_code == 403
    stolen = form_of(app.test_client().get("/login"))
    client.get("/login")
    answer = client.post("/login", data=fields | {"csrf_token": stolen})
    assert answer.status_code == 403
    assert "icat_session" not in answer.headers.get("Set-Cookie", "")


def test_a_form_of_another_site_logs_nobody_out(ohchr):
    assert ohchr.post("/logout").status_code == 403
    assert ohchr.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nX: 1", "javascript:1", ""])
def test_logging_in_leads_nowhere_else(client, person, onward):
    person("ohchr", "OHCHR")
    assert log_in(client, onward=onward).headers["Location"] == "/"


def test_what_needs_an_account_brings_one_back(client, person, services):
    services.answers("workplan.get_plan", PLAN)
    answer = client.get("/workplans/2014")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/workplans/2014")
    assert services.asked == []


INSIDE = ["/workplans/2015/coverage", "/workplans/2015/report", "/chairs/handovers/2016", "/calendar", "/meetings", "/meetings/spring"]


@pytest.mark.parametrize("path", [*INSIDE, "/concrete-actions", "/concrete-actions/training"])
def test_what_is_not_public_asks_a_visitor_to_log_in(client, services, path):
    assert client.get(path).headers["Location"].startswith("/login?next=")
    assert services.asked == []


@pytest.mark.parametrize("path", INSIDE)
def test_what_a_service_keeps_to_the_group_is_not_found_on_its_page(client, person, services, path):
    person("brazil", "BRA", "mission")
    log_in(client, "brazil")
    for query in ("coverage", "annual_report", "calendar", "meetings", "get_meeting"):
        services.answers(f"workplan.{query}", Refusal.not_found("There is none."))
    services.answers("chairs.handover", Refusal.not_found("There is none."))
    assert client.get(path).status_code == 404


def test_a_mission_is_shown_the_calendar_of_all_and_no_way_to_the_meetings(client, person, services):
    person("brazil", "BRA", "mission")
    log_in(client, "brazil")
    services.answers("workplan.calendar", samples.calendar())
    page = client.get("/calendar?year=2015").text
    assert services.asked[-1][1] == {"since": "2015-01-01T00:00:00Z", "until": "2016-01-01T00:00:00Z"}
    assert 'href="/meetings"' not in page
    person("iom", "IOM")
    client.delete_cookie("icat_session")
    log_in(client, "iom")
    assert 'href="/meetings"' in client.get("/calendar?year=2015").text
    assert services.asked[-1][1]["entity"] == "IOM"


def test_guessing_in_the_form_is_throttled_too(client, person):
    person("ohchr", "OHCHR")
    assert [log_in(client, password="guess").status_code for _ in range(6)] == [401] * 5 + [429]


def test_where_a_second_factor_guards_the_account_a_second_page_asks_for_the_code(client, person, monkeypatch):
    person("ohchr", "OHCHR", language="fr")
    at = now()
    monkeypatch.setattr(callers, "now", lambda: at)
    secret = guard("ohchr")
    asked = log_in(client, onward="/workplans/2014")
    assert asked.status_code == 200
    assert PASSWORD not in asked.text
    assert "icat_session" not in asked.headers.get("Set-Cookie", "")
    hidden = dict(re.findall(r'name="(csrf_token|next|ticket)" value="([^"]+)"', asked.text))
    assert hidden["next"] == "/workplans/2014"
    wrong = client.post("/login", data=hidden | {"code": "000000"})
    assert wrong.status_code == 401
    assert 'role="alert"' in wrong.text
    assert 'name="ticket"' in wrong.text, "the code is asked for again, not the password"
    done = client.post("/login", data=hidden | {"code": pyotp.TOTP(secret).at(at)})
    assert (done.status_code, done.headers["Location"]) == (303, "/workplans/2014")
    assert client.get("/api/v1/me").status_code == 200


def test_the_second_page_is_no_way_round_the_first(client, person, monkeypatch):
    person("ohchr", "OHCHR")
    secret = guard("ohchr")
    hidden = dict(re.findall(r'name="(csrf_token|ticket)" value="([^"]+)"', log_in(client).text))
    code = pyotp.TOTP(secret).now()
    for ticket in ("made up", hidden["ticket"][:-8], Callers(SECRET_KEY)._factors.close("ohchr ")):
        refused = client.post("/login", data=hidden | {"ticket": ticket, "code": code})
        assert (refused.status_code, "icat_session" in refused.headers.get("Set-Cookie", "")) == (401, False)
    monkeypatch.setattr(callers, "HALF_WAY_SECONDS", -1)
    late = client.post("/login", data=hidden | {"code": code})
    assert late.status_code == 401
    assert 'name="password"' in late.text


def guard(name: str) -> str:
    """A second factor in force for this account; its secret."""
    keeper = Callers(SECRET_KEY)
    secret, _, sealed = keeper.new_factor(name, "begin")
    Accounts().change(name, "begin", lambda a: a.begin_second_factor(sealed, at=now(), cause="begin"))
    Accounts().change(name, "confirm", lambda a: a.confirm_second_factor([], at=now(), cause="confirm"))
    return secret


def test_what_is_not_there_is_said_in_our_own_words_in_either_language(client):
    for language, words in (("en", "There is no such thing, or not for your eyes."), ("fr", "Cela n’existe pas")):
        for path in ("/nowhere", "/api/v1/nowhere"):
            answer = client.get(path, headers={"Accept-Language": language})
            assert (answer.status_code, words in answer.text) == (404, True), (path, answer.text)


def test_an_invitation_is_accepted_on_a_page(client, known, secretariat, in_person, app):
    sec = in_person(secretariat)
    new = {"name": "mara", "display_name": "Mara", "entity": "OHCHR", "roles": ["focal_point"]}
    invitation = client.post("/api/v1/people", json=new, headers=sec).json["invitation"]
    browser = app.test_client()
    fields = {"csrf_token": form_of(browser.get("/invitation")), "invitation": f" {invitation} "}
    assert browser.post("/invitation", data=fields | {"password": "short"}).status_code == 422
    assert browser.post("/invitation", data=fields | {"invitation": "guess", "password": PASSWORD}).status_code == 404
    opened = browser.post("/invitation", data=fields | {"password": PASSWORD}).text
    assert "You can log in now, under the name mara." in opened, "who was invited did not choose that name"
    assert 'name="name" value="mara"' in opened
    assert log_in(browser, "mara").status_code == 303


# The desk -------------------------------------------------------------------------------------------------------------------------------


def test_in_rehearsal_the_desk_can_be_seen_as_of_another_day(rehearsal, services, person):
    person("ohchr", "OHCHR")
    log_in(rehearsal)
    services.answers("workplan.get_plan", PLAN)
    assert "Workplan 2014" in rehearsal.get("/?at=2014-02-01T00:00:00Z").text
    assert {cause.at.year for what, _, cause in services.asked if what != "chairs.entities"} == {2014}
    assert rehearsal.get("/?at=someday").status_code == 400


def test_in_rehearsal_every_page_says_its_instant_and_keeps_it(rehearsal, client, full, person):
    assert "1 February 2014, 00:00 UTC" in rehearsal.get("/?at=2014-02-01T00:00:00Z").text
    for path in ("/chairs", "/login", "/global-plan"):
        page = rehearsal.get(path).text
        assert "the pages show 1 February 2014, 00:00 UTC" in page
        assert "?at=2014-07-30T00:00:00Z" in page
    assert {cause.at.year for _, _, cause in full.asked} == {2014}
    assert "2014, 00:00 UTC. For" not in rehearsal.get("/chairs?at=").text
    assert "2014, 00:00 UTC. For" not in rehearsal.get("/chairs").text
    assert "Rehearsal" not in client.get("/chairs?at=2014-02-01T00:00:00Z").text


def test_an_instant_that_is_none_is_not_kept(rehearsal, full):
    assert rehearsal.get("/chairs?at=someday").status_code == 400
    assert rehearsal.get("/chairs").status_code == 200


def test_a_french_reader_is_told_in_french_what_is_not_there(client, services):
    page = client.get("/nothing-here", headers={"Accept-Language": "fr"}).text
    assert PROBLEMS["not_found"][1] in page
    assert "URL" not in page
    assert "URL" not in client.get("/nothing-here").text


def test_the_plan_names_each_part_for_what_it_is(ohchr, full):
    def says(entity, word, **more):
        told = {"entity": entity, "word": word, "at": "2015-01-12T09:00:00Z", "person": "someone", "reasons": "", "proposal": ""}
        return told | {"on_behalf": False, "tacit": False, "stale": False, "current": True} | more

    positions = [says("IOM", "endorse"), says("ILO", "no_objection"), says("UNODC", "no_objection", current=False)]
    plan = samples.plan()
    full.answers("workplan.get_plan", plan | {"adoption": plan["adoption"] | {"positions": positions}})
    plain = re.sub(r"\s+", " ", re.sub("<[^>]+>", "", ohchr.get("/workplans/2015").text))
    for said in ("Endorsed by IOM", "No objection from ILO", "1 September 2015", "100,000.50 USD"):
        assert said in plain, said
    assert "No objection from ILO, UNODC" not in plain


@pytest.mark.parametrize("path", ["/calendar?year=2015", "/workplans/2015/report", "/meetings/spring"])
def test_what_is_due_is_shown_with_its_time(ohchr, full, path):
    assert re.search(r">\d+ \w+ 201[56], [0-9:]{5} UTC</time>", ohchr.get(path).text)


def test_the_calendar_says_how_to_subscribe(ohchr, full, person, app):
    full.answers("workplan.calendar", samples.calendar("OHCHR"))
    page = ohchr.get("/calendar").text
    assert "http://localhost/api/v1/entities/OHCHR/calendar.ics, any user name, and as password an API token" in page
    person("hcdh", "OHCHR", language="fr")
    french = app.test_client()
    log_in(french, "hcdh")
    page = french.get("/calendar").text
    assert "http://localhost/api/v1/entities/OHCHR/calendar.ics, un nom d’utilisateur quelconque" in page
    assert "Calendrier : OHCHR" in page


def test_a_french_reader_reads_french(client, person, services):
    person("ohchr", "OHCHR", language="fr")
    assert 'lang="fr"' in client.get("/login", headers={"Accept-Language": "fr-CH,en;q=0.5"}).text
    log_in(client)
    page = client.get("/").text
    assert '<html lang="fr">' in page
    assert "Ce qui attend OHCHR" in page
    assert "Indisponible pour le moment" in page


# Every page -----------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def full(services):
    document = {
        "id": "p2",
        "kind": "issue_paper",
        "state": "published",
        "title": "Demand <b>",
        "summary": "S",
        "language": "en",
        "number": 2,
        "digest": "a" * 64,
        "published_at": "2014-09-01T00:00:00Z",
        "published_on": "2014-09-01",
        "url": "/documents/p2",
        "signatories": [],
    }
    briefing = {
        "briefing": "b1",
        "state": "announced",
        "title": "Consultation",
        "kind": "consultation",
        "starts_at": "2015-01-20T15:00:00Z",
        "ends_at": "2015-01-20T17:00:00Z",
        "place": "New York",
        "on_margins_of": "",
        "version": 1,
        "agenda": ["Priorities"],
        "papers": [{"title": "Bad", "url": "javascript:alert(1)"}, {"title": "Good", "url": "/documents/p2"}],
        "reason": None,
    }
    for what, answer in {
        "chairs.overview": GROUP,
        "chairs.history": samples.history(),
        "chairs.rota": samples.rota(),
        "chairs.handover": samples.handover(),
        "documents.library": {"items": [document], "next": "cursor+/="},
        "documents.get_document": document,
        "documents.get_revision": {"digest": "a" * 64, "texts": [{"heading": "One", "text": "*Words* <script>x</script>\n\n# Big"}]},
        "workplan.plans": {"items": [PLAN], "next": None},
        "workplan.get_plan": samples.plan(),
        "workplan.coverage": samples.coverage(),
        "workplan.annual_report": samples.report(),
        "workplan.global_plan": samples.global_plan(),
        "workplan.calendar": samples.calendar(),
        "workplan.meetings": {"items": [samples.meeting()], "next": None},
        "workplan.get_meeting": samples.meeting(),
        "workplan.action_items": {"items": samples.meeting()["actions"]},
        "workplan.concrete_actions": {"items": [samples.concrete_action()], "next": "cursor+/="},
        "workplan.briefings": {"items": [briefing], "next": None},
        "workplan.get_briefing": briefing,
    }.items():
        services.answers(what, answer)
    return services


PAGES = ["/", "/chairs", "/library", "/documents/p2", "/workplans", "/workplans/2015", "/briefings", "/briefings/b1", "/api/docs"]
PAGES += ["/chairs/handovers/2016", "/workplans/2015/coverage", "/workplans/2015/report", "/calendar", "/calendar?year=2015", "/meetings"]
PAGES += ["/meetings/spring", "/concrete-actions", "/global-plan", "/api/v1/workplans/2015/report.html"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_renders_with_one_heading_and_no_script(ohchr, full, path):
    answer = ohchr.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.text.count("<h1") == 1
    assert "<b>supply" not in answer.text
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert "javascript:" not in answer.text
    assert " on" not in re.sub(r">[^<]*<", "><", answer.text).replace(' on"', ""), "no handlers in attributes"


def test_the_page_of_the_api_says_how_to_begin_and_what_its_signs_mean(client):
    page = client.get("/api/docs").text
    head = page[: page.index('id="tag-chairs"')]
    for said in (
        "/api/v1",
        "$API/sessions",
        "$API/tokens",
        "Bearer icat_",
        "A/RES/64/293",
        'href="?service=chairs#tag-chairs"',
        'href="#schemas"',
    ):
        assert said in head, said
    for kind in KINDS:
        assert head.count(f'href="/problems/{kind.replace("_", "-")}"') == 1, kind
    assert "`" not in page, "what stands between backticks is shown as code"


def test_markdown_of_people_is_made_safe():
    html = html_of("<script>alert(1)</script> [x](javascript:alert(1)) ![p](http://e/p.png)\n\n# Big\n\n### Third\n\n|a|b|\n|-|-|\n|1|2|")
    for bad in ("<script", 'javascript:alert(1)"', "<img", "<h1", "<h2"):
        assert bad not in html
    assert "<h3>Third</h3>" in html
    assert "<table>" in html


def test_the_address_in_notices_leads_to_the_publication(client):
    assert client.get("/library/p2").headers["Location"] == "/documents/p2"
    assert client.get("/workplans/2014/activities/a1").headers["Location"].startswith("/login")


NOWHERE = ["/workplans/abcd", "/workplans/20145", "/workplans/1/report", "/chairs/handovers/x", "/calendar?year=1900"]


@pytest.mark.parametrize("path", [*NOWHERE, "/problems/nothing", "/problems/too_late", "/x/../y"])
def test_where_there_is_no_page(ohchr, path):
    assert ohchr.get(path).status_code == 404


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_problem_has_its_page(client, kind, language):
    answer = client.get(f"/problems/{kind.replace('_', '-')}", headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert (TITLES[kind] if language == "fr" else KINDS[kind][1].replace("'", "&#39;")) in answer.text


# Links in mails -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["confirm", "unsubscribe"])
def test_a_link_in_a_mail_shows_a_button_and_a_press_does_it(client, services, word):
    path = f"/subscriptions/{word}?token=abcdefghijklmnopqrstuvwxyz"
    page = client.get(path)
    assert page.status_code == 200
    assert services.asked == [], "a scanner that follows links ends and confirms nothing"
    assert f'action="{path}"' in page.text
    services.answers(f"notifications.{word}", {"name": "Brazil", "topics": ["statements"]})
    assert "Brazil" in client.post(path).text
    assert services.asked[-1][1] == {"token": "abcdefghijklmnopqrstuvwxyz"}
    assert services.asked[-1][2].by.person == "visitor"


def test_one_click_unsubscribing_needs_neither_cookie_nor_form(client, services):
    services.answers("notifications.unsubscribe", {"name": "Brazil"})
    answer = client.post("/subscriptions/unsubscribe?token=abcdefghijklmnopqrstuvwxyz", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200


# Headers --------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/login", "/nothing", "/api/docs", "/api/v1/chairs", "/api/nothing", "/static/icat.css"])
def test_security_headers_are_everywhere(client, path):
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Server" not in headers or "Werkzeug" not in headers["Server"]


def test_security_txt_says_where_a_weakness_is_told(client, settings, services):
    """RFC 9116: at least one contact, one expiry less than a year away."""
    told = replace(settings, public_url="https://icat.example", security_contact=("mailto:s@icat.example", "https://icat.example/report"))
    answer = create_app(told, services).test_client().get("/.well-known/security.txt")
    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    lines = [line.split(": ", 1) for line in answer.text.splitlines()]
    assert [value for name, value in lines if name == "Contact"] == list(told.security_contact)
    (expires,) = [datetime.fromisoformat(value) for name, value in lines if name == "Expires"]
    assert timedelta(days=300) < expires - now() < timedelta(days=365)
    assert ["Canonical", "https://icat.example/.well-known/security.txt"] in lines
    assert ["Preferred-Languages", "en, fr"] in lines
    create_app(settings, services)
    assert client.get("/.well-known/security.txt").status_code == 404


ENVIRON = {"AMQP_URI": "amqp://x", "MONGO_URI": "mongodb://x", "ICAT_SECRET_KEY": "k" * 32, "ICAT_PUBLIC_URL": "http://x"}


@pytest.mark.parametrize("contact", ["s@icat.example", "http://icat.example", "mailto:s@icat.example\nContact: mailto:evil@x", "mailto:"])
def test_a_contact_that_is_none_is_said(contact):
    assert Settings.from_environ(ENVIRON | {"ICAT_SECURITY_CONTACT": "mailto:s@x, tel:+41-22"}).security_contact == (
        "mailto:s@x",
        "tel:+41-22",
    )
    with pytest.raises(SettingsError, match="ICAT_SECURITY_CONTACT"):
        Settings.from_environ(ENVIRON | {"ICAT_SECURITY_CONTACT": contact})


def test_a_page_is_not_kept_by_others(ohchr):
    assert ohchr.get("/").headers["Cache-Control"] == "no-store"


# Words ----------------------------------------------------------------------------------------------------------------------------------


def test_no_room_of_pages_hides_what_another_has():
    """All are one class, in which the first of two methods, or the last of two acts, of one name would be the only one."""
    shared = {*vars(Room), "TABLE", "__parameters__"}
    methods = [name for room in ROOMS for name in vars(room) if name not in shared and callable(vars(room)[name])]
    acts = [name for room in ROOMS for name in room.acts]
    pages = [path for room in ROOMS for path, *_ in room.TABLE]
    for names in (methods, acts, pages):
        assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)


def test_every_string_is_in_both_languages_with_the_same_places():
    for key, (english, french) in WORDS.items():
        assert english.strip() == english
        assert french.strip()
        assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", french)), key
    assert set(PROBLEMS) == set(TITLES) == set(KINDS)
    assert len(WORDS) == sum(map(len, CATALOGUES)), "no catalogue says over what another says"


FRENCH = [*(pair[1] for pair in WORDS.values()), *(pair[1] for pair in PROBLEMS.values()), *TITLES.values()]
FRENCH += [*RULES.values(), *(french for _, french in CONTRACT)]


@pytest.mark.parametrize("text", FRENCH)
def test_french_has_a_space_before_its_tall_signs_and_elides_before_no_name(text):
    told = re.sub(r"\{\w+\}|\d\d:\d\d", "x", text).replace("?at=", "")
    assert not re.search(r"[^ ][:;?!]", told)
    assert not re.search(r"\b(de|que|le|la|ne|se|je) \{(entity|entities|other|sheet)\}", text, re.IGNORECASE)


@pytest.mark.parametrize("template", sorted((Path(__file__).parents[2] / "gateway/web/templates").rglob("*.html")), ids=lambda p: p.name)
def test_a_page_writes_its_colons_in_the_readers_language(template):
    written = re.sub(r"{#.*?#}|{%.*?%}", "", template.read_text(), flags=re.DOTALL)
    assert not re.search(r"}}:\s", written)


BUILT = ("state_", "kind_", "confirm_", "unsubscribe_", "await_", "pillar_", "column_", "sheet_", "cell_", "amendment_", "attending_")
BUILT += (
    "account_",
    "act_",
    "area_",
    "by_",
    "capacity_",
    "day_",
    "event_",
    "failed_",
    "rhythm_",
    "topic_",
    "change_",
    "explain_",
    "export_",
    "field_",
    "format_",
    "hint_",
    "history_",
    "outcome_",
    "did_",
    "language_",
    "passage_",
    "period_",
    "rendering_",
    "role_",
    "run_",
    "scope_",
    "service_",
    "step_",
)
BUILT += (
    "word_",
    "counts_",
    "guest_place_",
    "your_",
    "channel_",
    "delivery_",
    "pending_",
    "secret_of_",
    "subscriber_",
    "subscription_",
    "tally_",
    "undone_",
    "baseline_difference_",
    "board_",
    "clearance_is_",
    "stage_",
)
"""Words whose name is made: of a state, a kind, a rule."""


def test_every_string_a_page_says_is_in_the_catalogue_and_every_string_is_said(app):
    web = Path(app.root_path) / "web"
    said = set()
    for page in [*web.rglob("templates/**/*.html"), *web.glob("*.py"), *web.parent.glob("forms/*.py")]:
        text = page.read_text()
        said |= set(re.findall(r"\bt\(\"(\w+)\"(?! ~)", text)) | set(re.findall(r"said\([^,]+, \"(\w+)\"", text))
        said |= {key for key in WORDS if f'"{key}"' in text and not page.name.startswith("words")}
    built = {key for key in WORDS if key.startswith(BUILT) or key.endswith(("_one", "_other"))}
    assert said - set(WORDS) == set()
    assert set(WORDS) - said - built == set()


def test_of_every_act_that_leads_back_to_its_page_it_is_said_that_it_was_done():
    acts = {name for name, act in Pages.acts.items() if not act.tells}
    assert acts - {key.removeprefix("did_") for key in DONE} == set()
    assert {f"act_{key.removeprefix('did_')}" for key in DONE} - set(WORDS) == {"act_enter_reply"}, "which says its title otherwise"


def test_numbers_and_months_are_written_as_people_write_them():
    assert (decimal_of("en", -0.5), decimal_of("fr", 1.25, signed=True)) == ("−0.50", "+1,25")
    assert (amount_of("en", "1234567.5"), amount_of("fr", "1234567.5")) == ("1,234,567.50", "1\u202f234\u202f567,50")
    assert (month_of("en", "2015-02-28T23:30:00-02:00"), month_of("fr", "2015-08-01T00:00:00Z")) == ("March 2015", "Août 2015")


def test_dates_are_written_as_people_write_them():
    assert date_of("en", "2014-07-30T00:00:00Z") == "30 July 2014, 00:00 UTC"
    assert date_of("fr", "2015-01-01T01:00:00+01:00") == "1er janvier 2015, 00:00 UTC"
    assert date_of("fr", "2014-08-02T00:00:00Z", time=False) == "2 août 2014"


def test_what_was_signed_can_be_read_beside_what_is_open(ohchr, full):
    page = ohchr.get("/chairs/handovers/2016").text
    (place,) = re.findall(r'href="#(signed-a+)"', page)
    heading = f'<h3 id="{place}">The dossier as signed by UNHCR</h3>'
    assert page.index("The dossier: what is open") < page.index(heading) < page.index(">As it was signed</a>")
    whole = samples.handover()
    signed = whole | whole["signed"][0] | {"state": "signed", "signed": [], "signatures": [whole["signatures"][0] | {"current": True}]}
    full.answers("chairs.handover", signed)
    page = ohchr.get("/chairs/handovers/2016").text
    assert "The dossier, as it was signed" in page
    assert "what is open" not in page
    assert 'href="#signed-' not in page
