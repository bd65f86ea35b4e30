"""Who comes to a briefing, on its pages and as files: without a browser, with services that a test stands in for."""

import csv
import io
import re
from typing import Any

import pytest
from openpyxl import load_workbook

from services.kernel.refusal import Refusal
from tests.gateway.test_web import form_of, log_in

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
    for words in ("Consultation", "New York", "22 January 2015, 15:00 UTC", "<dd>39</dd>", "You have not replied yet."):
        assert words in page.text
    assert "subscriber" not in page.text
    answer = client.application.test_client().post(BEARER, data={"attending": "yes", "people": "Ana Souza, Rui Lima", "message": "Ramp"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{BEARER}&done=yes")
    payload = {"briefing": "b1", "token": TOKEN, "attending": "yes", "people": ["Ana Souza", "Rui Lima"], "message": "Ramp"}
    assert orders(told) == [(payload, "visitor")]
    told.answers("notifications.attendance", attendance(reply("BRAZIL", people=("Ana Souza", "Rui Lima"))))
    page = client.get(answer.headers["Location"]).text
    assert "Your reply is on record." in page
    assert "You come, and have a place. Ana Souza, Rui Lima" in page
    assert 'value="Ana Souza, Rui Lima"' in page


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
    answer = client.post(BEARER, data={"attending": "yes", "people": "A, B, C", "message": "Hello"}, headers={"Accept-Language": "fr"})
    assert answer.status_code == 422
    for words in ('value="A, B, C"', "Hello</textarea>", "Il n’y a pas assez de places.", "2 personnes au plus", "aria-invalid"):
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
