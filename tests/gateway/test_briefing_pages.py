"""Briefings on their pages: how they are announced, changed and cancelled, what missions would receive of it, and who comes, there and
as files: without a browser, with services that a test stands in for."""

import csv
import io
import re
from typing import Any

import pytest
from openpyxl import load_workbook
from werkzeug.datastructures import MultiDict

from contracts import workplan
from contracts.base import load
from gateway.web.briefings import PREVIEW_POLICY
from gateway.web.pages import Pages
from gateway.web.room import PAGE_POLICY
from gateway.web.words import WORDS
from services.kernel.refusal import Refusal
from services.workplan.rules.briefing import Briefing
from tests.gateway.test_web import GROUP, form_of, log_in

TOKEN = "sub-0123456789ab.abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
REPLY = "/briefings/b1/reply"
BEARER = f"{REPLY}?token={TOKEN}"
NOT_ONE = Refusal.not_found("There is no briefing b1.")


def reply(code: str, attending: str = "yes", people: tuple[str, ...] = ("Ana Souza",), place: str = "given", **more: Any) -> dict[str, Any]:
    told = {"subscriber": code, "name": f"Mission of {code}", "attending": attending, "people": list(people), "place": place}
    return told | {"message": "", "letter": "", "at": "2015-01-05T09:00:00Z", "person": "by the link"} | more


def attendance(*replies: dict[str, Any], whole: bool = False, **more: Any) -> dict[str, Any]:
    counts = {"coming": 1, "waiting": 0, "regrets": 1, "silent": 7}
    times = {"starts_at": "2015-01-22T15:00:00Z", "ends_at": "2015-01-22T17:00:00Z", "reply_by": "2015-01-20T17:00:00Z"}
    told = {"briefing": "b1", "title": "Consultation", "place": "New York", "state": "announced", "capacity": 40, "left": 39, "open": True}
    return times | told | {"replies": list(replies), "version": 3} | (counts if whole else dict.fromkeys(counts)) | more


BRIEFING = {
    **{name: value for name, value in attendance().items() if name in ("briefing", "title", "place", "state", "starts_at", "ends_at")},
    **{"kind": "consultation", "on_margins_of": "", "agenda": [], "papers": [], "pillars": [], "reason": None, "uid": "u", "revision": 0},
    **{"capacity": 40, "reply_by": "2015-01-20T17:00:00Z", "coming": 1, "announced_at": "2015-01-01T00:00:00Z", "version": 1},
}


@pytest.fixture
def told(services):
    services.answers("workplan.get_briefing", BRIEFING)
    services.answers("notifications.attendance", attendance())
    services.answers("notifications.reply_to_briefing", attendance(reply("BRAZIL")))
    return services


def orders(services) -> list[tuple[dict[str, Any], str]]:
    return [(payload, cause.by.person) for what, payload, cause in services.asked if what == "notifications.reply_to_briefing"]


def test_the_bearer_of_a_link_replies_without_an_account_or_a_cookie(client, told):
    page = client.get(BEARER)
    assert page.status_code == 200
    for words in ("Consultation", "New York", "22 January 2015, 15:00–17:00 UTC", "<dd>39</dd>", "You have not replied yet."):
        assert words in page.text
    assert "subscriber" not in page.text
    typed = {"attending": "yes", "people": "Ana Souza\r\nLima, Rui\r\n", "message": "Ramp"}
    answer = client.application.test_client().post(BEARER, data=typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{BEARER}&done=yes")
    payload = {"briefing": "b1", "token": TOKEN, "attending": "yes", "people": ["Ana Souza", "Lima, Rui"], "message": "Ramp"}
    assert orders(told) == [(payload, "visitor")]
    told.answers("notifications.attendance", attendance(reply("BRAZIL", people=("Ana Souza", "Rui Lima"))))
    page = client.get(answer.headers["Location"]).text
    assert "Your reply is on record." in page
    assert "You come, and have a place. Ana Souza, Rui Lima" in page
    assert "Ana Souza\nRui Lima</textarea>" in page


def test_who_bears_a_link_is_nobody_else(client, person, told):
    person("sec", "UNODC", "secretariat")
    log_in(client, "sec")
    client.post(BEARER, data={"attending": "no", "subscriber": "PERU", "letter": "Forged"})
    assert orders(told) == [({"briefing": "b1", "token": TOKEN, "attending": "no"}, "visitor")]


def test_a_mission_replies_for_itself_with_a_form_of_ours_alone(client, person, told):
    assert client.get(REPLY).headers["Location"] == f"/login?next={REPLY}"
    person("brazil", "BRAZIL", "mission")
    log_in(client, "brazil")
    data = {"attending": "yes", "people": "Ana Souza", "subscriber": "PERU"}
    assert client.post(REPLY, data=data).status_code == 403
    assert orders(told) == []
    token = form_of(client.get(REPLY))
    assert client.post(REPLY, data=data | {"csrf_token": token}).status_code == 303
    assert orders(told) == [({"briefing": "b1", "subscriber": "BRAZIL", "attending": "yes", "people": ["Ana Souza"]}, "brazil")]


def test_the_secretariat_enters_a_letter_for_any_subscriber(client, person, told):
    person("sec", "UNODC", "secretariat")
    log_in(client, "sec")
    told.answers("notifications.attendance", attendance(whole=True))
    page = client.get(REPLY)
    assert re.search(r'name="subscriber"[^>]* required', page.text)
    assert re.search(r'name="letter"[^>]* required', page.text)
    data = {"attending": "no", "subscriber": "peru", "letter": "Note verbale 7/2015", "csrf_token": form_of(page)}
    assert client.post(REPLY, data=data).status_code == 303
    assert orders(told) == [({"briefing": "b1", "subscriber": "PERU", "attending": "no", "letter": "Note verbale 7/2015"}, "sec")]


def test_a_reply_that_is_refused_keeps_what_was_typed_and_says_why(client, told):
    full = Refusal.invalid("people", "There is no room for so many.", rule="briefing-capacity", accepted="at most 2 people")
    told.answers("notifications.reply_to_briefing", full)
    answer = client.post(BEARER, data={"attending": "yes", "people": "A\r\nB\r\nC", "message": "Hello"}, headers={"Accept-Language": "fr"})
    assert answer.status_code == 422
    for words in ("A\nB\nC</textarea>", "Hello</textarea>", "Il n’y a pas assez de places.", "2 personnes au plus", "aria-invalid"):
        assert words in answer.text
    assert client.post(BEARER, data={"attending": "perhaps"}).status_code == 422
    assert len(orders(told)) == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"open": False, "state": "cancelled"}, "This briefing was cancelled."),
        ({"open": False}, "Replies are no longer taken."),
        ({"replies": [reply("BRAZIL", place="waiting")], "left": 0}, "not room for all of you"),
        ({"replies": [reply("BRAZIL", "no", (), "none")]}, "You do not come."),
        ({"replies": [reply("BRAZIL", "tentative", (), "none")]}, "No place is kept for you."),
        ({"left": None}, "You have not replied yet."),
    ],
)
def test_the_page_says_how_it_stands(client, told, more, words):
    told.answers("notifications.attendance", attendance() | more)
    page = client.get(BEARER).text
    assert words in page
    assert ("<form" in page.partition("<main")[2]) == more.get("open", True)


def test_to_who_is_not_invited_there_is_nothing(client, person, told):
    told.answers("notifications.attendance", NOT_ONE)
    told.answers("notifications.reply_to_briefing", NOT_ONE)
    assert client.get(BEARER).status_code == client.post(BEARER, data={"attending": "no"}).status_code == 404
    person("japan", "JAPAN", "mission")
    log_in(client, "japan")
    assert client.get(REPLY).status_code == 404
    page = client.get("/briefings/b1")
    assert page.status_code == 200
    for words in ("Your reply", "Participants</h2>", "attendance.csv"):
        assert words not in page.text


def test_a_briefing_is_announced_to_visitors_too_and_no_reply_is(client, told):
    told.answers("workplan.briefings", {"items": [BRIEFING], "next": None})
    assert 'href="/briefings/b1"' in client.get("/briefings").text
    page = client.get("/briefings/b1")
    assert (page.status_code, "<h1>Consultation</h1>" in page.text) == (200, True)
    for words in ("Your reply", "Participants</h2>", "attendance.csv", "/reply"):
        assert words not in page.text
    assert client.get("/api/v1/briefings/b1").json["title"] == "Consultation"
    assert client.get("/api/v1/briefings").json["items"][0]["briefing"] == "b1"
    assert {what for what, *_ in told.asked} == {"workplan.briefings", "workplan.get_briefing"}


def test_who_has_replied_is_offered_to_change_it(client, person, told):
    person("brazil", "BRAZIL", "mission")
    log_in(client, "brazil")
    assert "Say whether you come" in client.get("/briefings/b1").text
    told.answers("notifications.attendance", attendance(reply("BRAZIL")))
    page = client.get("/briefings/b1").text
    assert "Change your reply" in page
    assert "Say whether you come" not in page


def test_a_page_of_a_briefing_stands_without_what_is_away(client, person, told):
    told.answers("notifications.attendance", Refusal("unavailable", "Away.", rule="service-away"))
    person("brazil", "BRAZIL", "mission")
    log_in(client, "brazil")
    page = client.get("/briefings/b1")
    assert (page.status_code, "Not available now" in page.text) == (200, True)


def test_the_list_of_participants_on_the_page_and_as_files(client, person, told):
    injected = reply("PERU", people=('=HYPERLINK("x")', "Zoë Ō"), message="+1 ramp", at="2015-01-06T10:30:00Z", person="peru")
    regrets = reply("QATAR", "no", (), "none", letter="Note 7")
    told.answers("notifications.attendance", attendance(reply("BRAZIL"), injected, regrets, whole=True))
    person("sec", "UNODC", "secretariat", language="fr")
    log_in(client, "sec")
    page = client.get("/briefings/b1").text
    for words in (
        "Avec une place : 1 ; en attente : 0 ; excusés : 1 ; sans réponse : 7",
        "Ana Souza",
        "Zoë Ō",
        "a une place",
        "Note 7",
        f'href="{REPLY}"',
    ):
        assert words in page

    answer = client.get("/api/v1/briefings/b1/attendance.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="participants-b1.csv"'
    head, *table = csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))
    assert head[:5] == ["Abonné", "Nom", "Vient", "Place", "Personne"]
    assert [(row[0], row[2], row[3], row[4], row[5]) for row in table] == [
        ("BRAZIL", "oui", "a une place", "Ana Souza", ""),
        ("PERU", "oui", "a une place", '\'=HYPERLINK("x")', "'+1 ramp"),
        ("PERU", "oui", "a une place", "Zoë Ō", "'+1 ramp"),
        ("QATAR", "non", "", "", ""),
    ]
    sheets = [client.get("/api/v1/briefings/b1/attendance.xlsx") for _ in range(2)]
    assert sheets[0].data == sheets[1].data
    assert sheets[0].headers["Content-Disposition"] == 'attachment; filename="participants-b1.xlsx"'
    sheet = load_workbook(io.BytesIO(sheets[0].data)).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [row[4] for row in cells] == ["Ana Souza", '=HYPERLINK("x")', "Zoë Ō", None]
    assert sheet["E3"].data_type == "s"
    assert f"{cells[1][7]:%Y-%m-%d %H:%M}" == "2015-01-06 10:30"


def test_files_of_participants_are_for_people_with_an_account(client, told):
    assert client.get("/api/v1/briefings/b1/attendance.csv").status_code == 401
    assert told.asked == []


# Announcing, changing, cancelling -------------------------------------------------------------------------------------------------------

NEW, ITS_PAGE = "/briefings/new", "/briefings/b1"
HOSTILE = '"><script>alert(1)</script>'
PREVIEW = {
    "subject": "Briefing: <Consultation>",
    "text": "As it reads <b>",
    "html": f'<html><body style="margin:0">{HOSTILE}</body></html>',
    "calendar": "BEGIN:VCALENDAR",
    "notice": {},
    "reach": {"mail": 12, "webhook": 3},
}
NOT_THE_CHAIR = Refusal.not_allowed(
    "Only the chair, or the secretariat for it, may announce a briefing.", rule="chair-only", accepted=["IOM"]
)
TYPED = {
    "title": "Consultation, with permanent missions",
    "kind": "consultation",
    "starts_at": "2015-03-20T15:00",
    "ends_at": "2015-03-20T17:00",
    "place": "New York",
    "on_margins_of": "",
    "agenda": "Priorities, and more\r\n\r\n Questions \r\n",
    "papers": "The plan so far /workplans/2015\r\nhttps://example.org/paper",
    "pillars": ["prevention", "protection"],
    "capacity": "40",
    "reply_by": "",
}
ORDERED = {
    "title": "Consultation, with permanent missions",
    "kind": "consultation",
    "starts_at": "2015-03-20T15:00Z",
    "ends_at": "2015-03-20T17:00Z",
    "place": "New York",
    "agenda": ["Priorities, and more", "Questions"],
    "papers": [
        {"title": "The plan so far", "url": "/workplans/2015"},
        {"title": "https://example.org/paper", "url": "https://example.org/paper"},
    ],
    "pillars": ["prevention", "protection"],
    "capacity": 40,
}


@pytest.fixture
def house(told):
    """The services: IOM chairs, and whoever orders is let to."""
    told.answers("workplan.briefings", {"items": [BRIEFING], "next": None})
    told.answers("chairs.overview", GROUP)
    told.answers("notifications.preview", PREVIEW)
    for order in ("announce", "change", "cancel"):
        told.answers(f"workplan.{order}_briefing", BRIEFING)
    return told


@pytest.fixture
def desk(client, person, house):
    person("sec", None, "secretariat")
    log_in(client, "sec")
    return client


def asked(services, what: str) -> list[dict[str, Any]]:
    return [payload for name, payload, _ in services.asked if name == what]


def fields_of(page, act: str) -> MultiDict[str, str]:
    """A page's form of an act as a browser sends it when nothing is typed."""
    (form,) = (one for one in re.findall(r"<form.*?</form>", page.text, re.DOTALL) if f'name="act" value="{act}"' in one)
    found: list[tuple[str, str]] = []
    for tag, content in re.findall(r"(<input[^>]*>|<textarea[^>]*>|<select[^>]*>)(?:\n?((?:[^<]|<(?!/))*)</textarea>)?", form):
        name = re.search(r'name="([^"]+)"', tag)[1]
        if tag.startswith("<select"):
            chosen = re.search(rf'name="{name}".*?<option value="([^"]*)"[^>]* selected', form.replace("</select>", "\n"))
            found.append((name, chosen[1] if chosen else ""))
        elif 'type="checkbox"' not in tag or " checked" in tag:
            found.append((name, content if tag.startswith("<textarea") else re.search(r'value="([^"]*)"', tag)[1]))
    return MultiDict(found)


def typed_into(page, act: str, **typed: Any) -> MultiDict[str, str]:
    fields = fields_of(page, act)
    for name, value in typed.items():
        fields.setlist(name, value if isinstance(value, list) else [value])
    return fields


def test_the_secretariat_announces_a_briefing_with_a_form_made_of_its_contract(desk, house):
    assert f'href="{NEW}"' in desk.get("/briefings").text
    page = desk.get(NEW)
    asks = set(fields_of(page, "announce_briefing")) | {"pillars"}
    assert asks == {"csrf_token", "act", "once", "preview_language", *workplan.AnnounceBriefing().fields}
    assert page.text.count("(UTC)") == 3
    answer = desk.post(NEW, data=typed_into(page, "announce_briefing", **TYPED))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/briefings/b1?done=announce_briefing")
    (order,) = asked(house, "workplan.announce_briefing")
    assert order == ORDERED | {"briefing": fields_of(page, "announce_briefing")["briefing"]}
    after = desk.get(answer.headers["Location"]).text
    assert "The briefing was announced." in after
    assert "Whoever asked for briefings is now told" in after
    assert 'href="/deliveries"' in after


def test_a_form_sent_twice_announces_one_briefing(desk, house):
    form = typed_into(desk.get(NEW), "announce_briefing", **TYPED)
    for _ in range(2):
        desk.post(NEW, data=form)
    assert len(set(house.causes("workplan.announce_briefing"))) == 1
    assert len({order["briefing"] for order in asked(house, "workplan.announce_briefing")}) == 1


def test_who_chairs_is_offered_it_without_previews_and_others_are_not(client, person, house):
    person("iom", "IOM")
    log_in(client, "iom")
    assert f'href="{NEW}"' in client.get("/briefings").text
    page = client.get(NEW)
    assert "preview" not in page.text
    assert client.post(NEW, data=typed_into(page, "announce_briefing", **TYPED)).status_code == 303
    page = client.get(ITS_PAGE)
    assert 'id="act-change_briefing"' in page.text
    assert 'id="act-cancel_briefing"' in page.text
    house.answers("notifications.preview", Refusal.not_allowed("Only the secretariat may see a preview.", rule="secretariat-only"))
    assert client.post(NEW, data=typed_into(client.get(NEW), "announce_briefing", **TYPED, preview="yes")).status_code == 403
    assert len(asked(house, "workplan.announce_briefing")) == 1


@pytest.mark.parametrize(
    ("name", "entity", "role"), [("ohchr", "OHCHR", "focal_point"), ("brazil", "BRAZIL", "mission"), ("r", "IOM", "reader")]
)
def test_nobody_else_is_offered_it_and_the_service_refuses_them(client, person, house, name, entity, role):
    person(name, entity, role)
    log_in(client, name)
    for path in ("/briefings", ITS_PAGE):
        page = client.get(path).text
        for words in (NEW, "act-change", "act-cancel", "preview"):
            assert words not in page, words
    answer = client.get(NEW)
    assert (answer.status_code, NOT_THE_CHAIR.detail in answer.text) == (403, True)
    for order in ("announce", "change", "cancel"):
        house.answers(f"workplan.{order}_briefing", NOT_THE_CHAIR)
    token = form_of(client.get("/briefings"))
    forms = [(NEW, TYPED | {"act": "announce_briefing"}), (ITS_PAGE, {"act": "cancel_briefing", "reason": "None"})]
    forms.append((ITS_PAGE, TYPED | {"act": "change_briefing", "version": "1"}))
    for path, typed in forms:
        answer = client.post(path, data=typed | {"csrf_token": token})
        assert (answer.status_code, NOT_THE_CHAIR.detail in answer.text) == (403, True), typed["act"]


def test_a_visitor_is_asked_to_log_in_and_orders_nothing(client, house):
    assert client.get(NEW).headers["Location"] == f"/login?next={NEW}"
    assert client.post(ITS_PAGE, data={"act": "cancel_briefing", "reason": "x"}).headers["Location"] == f"/login?next={ITS_PAGE}"
    page = client.get(ITS_PAGE).text
    assert "act-change" not in page
    assert client.head(ITS_PAGE).status_code == 200
    assert {name for name, *_ in house.asked} == {"workplan.get_briefing"}


def test_a_form_of_another_site_orders_nothing(desk, house):
    form = typed_into(desk.get(ITS_PAGE), "cancel_briefing", reason="x", csrf_token="another")
    assert desk.post(ITS_PAGE, data=form).status_code == 403
    assert asked(house, "workplan.cancel_briefing") == []


def test_while_nobody_knows_who_chairs_nothing_is_offered(client, person, house):
    away = Refusal("unavailable", "Away.", rule="service-away")
    house.answers("chairs.overview", away)
    person("iom", "IOM")
    log_in(client, "iom")
    assert client.get(NEW).status_code == 503
    for path in ("/briefings", ITS_PAGE):
        page = client.get(path)
        assert (page.status_code, "act-change" in page.text or NEW in page.text) == (200, False)


def test_what_cannot_be_is_said_beside_its_field_and_keeps_what_was_typed(desk, house):
    house.answers("workplan.announce_briefing", Refusal.invalid("papers.1.url", "A paper is on this site.", rule="paper-url"))
    typed = TYPED | {"papers": "The plan /workplans/2015\r\n\r\nA paper ftp://x"}
    page = desk.post(NEW, data=typed_into(desk.get(NEW), "announce_briefing", **typed))
    assert page.status_code == 422
    assert re.search(r'<p class="error" id="field-announce_briefing-\w+-papers-error">Line 3: A paper is on this site.</p>', page.text)
    assert "The plan /workplans/2015\n\nA paper ftp://x</textarea>" in page.text.replace("\r", "")
    assert 'value="2015-03-20T15:00"' in page.text
    wrong = TYPED | {"title": "", "capacity": "many", "starts_at": "soon"}
    page = desk.post(NEW, data=typed_into(desk.get(NEW), "announce_briefing", **wrong)).text
    for name in ("title", "capacity", "starts_at"):
        assert re.search(rf'id="field-announce_briefing-\w+-{name}-error"', page)
    assert len(asked(house, "workplan.announce_briefing")) == 1


@pytest.mark.parametrize(
    ("refusal", "says", "accepted"),
    [
        (
            Refusal.invalid("starts_at", "Later.", rule="briefing-ahead", accepted="after 2015-01-01T00:00:00Z"),
            "s’annonce, se modifie et s’annule tant",
            "après le 1er janvier 2015, 00:00 UTC",
        ),
        (
            Refusal.invalid("ends_at", "Later.", rule="briefing-length", accepted="after 2015-01-01T00:00:00Z"),
            "La fin doit suivre",
            "après",
        ),
        (
            Refusal.invalid(
                "reply_by", "Sooner.", rule="briefing-reply-by", accepted="after 2015-01-01T00:00:00Z, 2015-02-01T00:00:00Z at the latest"
            ),
            "Les réponses se donnent",
            "après le 1er janvier 2015, 00:00 UTC, au plus tard le 1er février 2015, 00:00 UTC",
        ),
        (
            Refusal.invalid("papers.0.url", "No.", rule="paper-url", accepted="/… or https://…"),
            "Ligne 1 : Un document se lit",
            "/… ou https://…",
        ),
    ],
)
def test_a_french_reader_is_told_in_french(client, person, house, refusal, says, accepted):
    person("secfr", None, "secretariat", language="fr")
    log_in(client, "secfr")
    house.answers("workplan.announce_briefing", refusal)
    page = client.post(NEW, data=typed_into(client.get(NEW), "announce_briefing", **TYPED)).text
    for words in (says, accepted, "Voir ce que les missions recevront", "Avant l’envoi"):
        assert words in page, words


def test_a_preview_orders_nothing_and_leaves_what_was_typed_to_be_sent(desk, house):
    page = desk.post(NEW, data=typed_into(first := desk.get(NEW), "announce_briefing", **TYPED, preview="yes", preview_language="ar"))
    assert page.status_code == 200
    assert asked(house, "workplan.announce_briefing") == []
    (question,) = asked(house, "notifications.preview")
    assert (question["event"], question["language"]) == ("workplan.briefing_announced", "ar")
    briefing = fields_of(first, "announce_briefing")["briefing"]
    told = load(workplan.BriefingAnnounced, question["payload"])
    assert told["uid"] == Briefing(briefing, *[None] * 5).uid, "as the service will name the entry in calendars"
    assert (told["briefing"], told["revision"], told["reply_by"], told["agenda"]) == (briefing, 0, None, ORDERED["agenda"])
    for words in ("Briefing: &lt;Consultation&gt;", "As it reads &lt;b&gt;", "BEGIN:VCALENDAR", "Mail: 12, Webhook: 3", "Nothing was sent"):
        assert words in page.text, words

    again = fields_of(page, "announce_briefing")
    assert (again["briefing"], again["preview_language"]) == (briefing, "ar")
    assert again["papers"] == "The plan so far /workplans/2015\nhttps://example.org/paper"
    assert desk.post(NEW, data=again).status_code == 303
    assert asked(house, "workplan.announce_briefing") == [ORDERED | {"briefing": briefing}]


def test_a_mail_is_shown_in_a_sandbox_under_a_policy_that_runs_and_fetches_nothing(desk, house):
    page = desk.post(NEW, data=typed_into(desk.get(NEW), "announce_briefing", **TYPED, preview="yes"))
    (frame,) = re.findall(r"<iframe[^>]*>", page.text)
    assert re.search(r" sandbox ", frame)
    assert "&#34;&gt;&lt;script&gt;" in frame
    assert "<script" not in page.text
    assert page.headers["Content-Security-Policy"] == PREVIEW_POLICY
    assert "'unsafe-inline'" in PREVIEW_POLICY
    assert "script-src" not in PREVIEW_POLICY
    assert PREVIEW_POLICY.startswith("default-src 'none'")
    assert desk.get(NEW).headers["Content-Security-Policy"] == PAGE_POLICY
    assert page.headers["Cache-Control"] == "no-store"


def test_a_preview_that_cannot_be_had_leaves_the_form(desk, house):
    house.answers("notifications.preview", Refusal("unavailable", "The notifications service is not there.", rule="service-away"))
    page = desk.post(NEW, data=typed_into(desk.get(NEW), "announce_briefing", **TYPED, preview="yes"))
    assert (page.status_code, "The notifications service is not there." in page.text) == (503, True)
    house.answers("chairs.overview", Refusal("unavailable", "Away.", rule="service-away"))
    assert desk.post(NEW, data=fields_of(page, "announce_briefing")).status_code == 303


STORED = BRIEFING | {
    **{
        "pillars": ["protection", "prevention"],
        "starts_at": "2015-01-22T15:00:00.250000Z",
        "reason": "Of an earlier change",
        "revision": 4,
    },
    **{"agenda": ["One\nin two lines", "Two"], "papers": [{"title": "A  paper", "url": "/x y"}], "version": 7},
}


def test_a_change_sends_what_is_other_than_shown_and_the_version_it_was_seen_in(desk, house):
    house.answers("workplan.get_briefing", STORED)
    page = desk.get(ITS_PAGE)
    shown = fields_of(page, "change_briefing")
    assert (shown["starts_at"], shown["papers"], shown["reason"], shown["version"]) == ("2015-01-22T15:00", "A paper /x%20y", "", "7")
    answer = desk.post(ITS_PAGE, data=typed_into(page, "change_briefing", place="Geneva", capacity="", reason="A larger room"))
    assert answer.headers["Location"] == "/briefings/b1?done=change_briefing"
    what, payload, cause = house.asked[-1]
    assert (what, cause.expected) == ("workplan.change_briefing", 7)
    assert payload == {"briefing": "b1", "place": "Geneva", "capacity": None, "reason": "A larger room"}
    assert "In their calendars the entry moves." in desk.get(answer.headers["Location"]).text


def test_a_change_without_a_difference_tells_nobody_and_says_so(desk, house):
    house.answers("workplan.get_briefing", STORED)
    for more in ({}, {"preview": "yes"}, {"reason": "None"}, {"agenda": "One in two lines\r\nTwo", "starts_at": "2015-01-22T15:00:00"}):
        page = desk.post(ITS_PAGE, data=typed_into(desk.get(ITS_PAGE), "change_briefing", **more))
        assert (page.status_code, "missions would be told nothing" in page.text) == (200, True), more
    assert asked(house, "workplan.change_briefing") == asked(house, "notifications.preview") == []


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ({"agenda": "One\r\nin two lines\r\nTwo"}, {"agenda": ["One", "in two lines", "Two"]}),
        ({"agenda": "", "papers": "", "pillars": []}, {"agenda": [], "papers": [], "pillars": []}),
        ({"reply_by": "", "starts_at": "2015-01-23T15:00"}, {"reply_by": None, "starts_at": "2015-01-23T15:00Z"}),
        ({"on_margins_of": "A session"}, {"on_margins_of": "A session"}),
    ],
)
def test_what_a_change_empties_is_sent_empty(desk, house, typed, sent):
    house.answers("workplan.get_briefing", STORED)
    desk.post(ITS_PAGE, data=typed_into(desk.get(ITS_PAGE), "change_briefing", **typed))
    assert asked(house, "workplan.change_briefing") == [sent | {"briefing": "b1"}]


def test_a_briefing_is_never_changed_to_have_no_title_or_time(desk, house):
    empty = dict.fromkeys(("title", "kind", "starts_at", "ends_at", "place"), "")
    page = desk.post(ITS_PAGE, data=typed_into(desk.get(ITS_PAGE), "change_briefing", **empty))
    assert page.status_code == 422
    for name in empty:
        assert f'id="field-change_briefing-{name}-error"' in page.text
        assert re.search(rf'name="{name}"[^>]* required', page.text)
    assert asked(house, "workplan.change_briefing") == []


def test_who_changes_what_another_changed_meanwhile_is_told_and_keeps_what_was_typed(desk, house):
    page = desk.get(ITS_PAGE)
    house.answers("workplan.change_briefing", Refusal("stale", "You saw version 1; it is now version 2.", rule="version"))
    house.answers("workplan.get_briefing", BRIEFING | {"version": 2, "place": "Vienna"})
    page = desk.post(ITS_PAGE, data=typed_into(page, "change_briefing", title="Moved"))
    assert page.status_code == 412
    for words in ("What it is now stands above.", 'value="Moved"', "<dd>Vienna</dd>"):
        assert words in page.text
    assert fields_of(page, "change_briefing")["version"] == "2"
    assert house.asked[-1][0] != "workplan.change_briefing"
    assert [cause.expected for what, _, cause in house.asked if what == "workplan.change_briefing"] == [1]
    assert fields_of(page, "change_briefing")["place"] == "Vienna"
    desk.post(ITS_PAGE, data=fields_of(page, "change_briefing"))
    assert asked(house, "workplan.change_briefing") == [{"briefing": "b1", "title": "Moved"}] * 2, "theirs is not taken back"


def test_a_change_is_seen_as_missions_would_be_told_of_it(desk, house):
    house.answers("workplan.get_briefing", STORED)
    form = typed_into(desk.get(ITS_PAGE), "change_briefing", place="Geneva", reason="A larger room", preview="yes", preview_language="fr")
    page = desk.post(ITS_PAGE, data=form)
    (question,) = asked(house, "notifications.preview")
    told = load(workplan.BriefingChanged, question["payload"])
    assert (question["event"], question["language"]) == ("workplan.briefing_changed", "fr")
    assert (told["revision"], told["uid"], told["place"], told["reason"]) == (5, "u", "Geneva", "A larger room")
    assert (told["before"], told["agenda"]) == ({"place": "New York"}, STORED["agenda"])
    again = fields_of(page, "change_briefing")
    assert (again["place"], again["reason"], again["version"]) == ("Geneva", "A larger room", "7")
    assert '<details class="act" id="act-change_briefing" open>' in page.text
    assert '<details class="act" id="act-cancel_briefing">' in page.text
    assert asked(house, "workplan.change_briefing") == []


def test_cancelling_needs_a_reason_and_can_be_seen_before(desk, house):
    page = desk.get(ITS_PAGE)
    assert desk.post(ITS_PAGE, data=typed_into(page, "cancel_briefing", reason=" ")).status_code == 422
    form = typed_into(page, "cancel_briefing", reason="The room is gone", preview="yes")
    assert "What missions would receive" in desk.post(ITS_PAGE, data=form).text
    (question,) = asked(house, "notifications.preview")
    told = load(workplan.BriefingCancelled, question["payload"])
    assert (question["event"], told["revision"], told["reason"]) == ("workplan.briefing_cancelled", 1, "The room is gone")
    assert asked(house, "workplan.cancel_briefing") == []
    answer = desk.post(ITS_PAGE, data=typed_into(page, "cancel_briefing", reason="The room is gone"))
    assert answer.headers["Location"] == "/briefings/b1?done=cancel_briefing"
    assert asked(house, "workplan.cancel_briefing") == [{"briefing": "b1", "reason": "The room is gone"}]


@pytest.mark.parametrize("state", ["held", "cancelled"])
def test_what_is_over_is_not_offered_to_be_changed(desk, house, state):
    page = desk.get(ITS_PAGE)
    house.answers("workplan.get_briefing", BRIEFING | {"state": state})
    assert "act-change" not in desk.get(ITS_PAGE).text
    house.answers("workplan.cancel_briefing", Refusal.conflict("This briefing was cancelled.", rule="briefing-announced"))
    answer = desk.post(ITS_PAGE, data=typed_into(page, "cancel_briefing", reason="x"))
    assert (answer.status_code, "This briefing was cancelled." in answer.text) == (409, True)


def test_every_act_has_its_words():
    for name in ("announce_briefing", "change_briefing", "cancel_briefing"):
        act = Pages.acts[name]
        assert f"act_{name}" in WORDS
        assert f"explain_{name}" in WORDS
        for field in act.command().fields:
            assert field in (*act.in_path, *act.hidden) or f"field_{field}" in WORDS, field
