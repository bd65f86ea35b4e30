"""The pages of subscribers, without a browser: the inbox, and what the links in mails lead to."""

import re

import pytest

from gateway.web.room import PAGE_POLICY
from services.kernel.refusal import Refusal
from tests.gateway import samples_missions as samples
from tests.gateway.samples import MARKUP
from tests.gateway.test_web import form_of, log_in

TOKEN = "an-invitation-that-is-long-enough.abc"


@pytest.fixture
def brazil(client, person, services):
    person("brazil", "BRA", "mission", language="fr")
    log_in(client, "brazil")
    services.answers("notifications.inbox", lambda payload, cause: samples.inbox(payload["subscriber"]))
    return client


# The inbox ------------------------------------------------------------------------------------------------------------------------------


def test_a_subscribers_people_see_their_own_inbox(brazil, services):
    page = brazil.get("/inbox")
    assert page.status_code == 200
    assert services.asked[-1][1] == {"subscriber": "BRA", "limit": 50}
    assert "Non lus : 2" in page.text
    assert page.text.count('class="card unread" data-id') == 2
    assert re.findall(r'data-id="([^"]+)"', page.text) == ["publications.2", "note_1", "briefings.1"]
    assert "Demand &amp; &lt;b&gt;supply&lt;/b&gt;" in page.text
    assert MARKUP not in page.text
    assert "Pour vous seul" in page.text
    assert '<time datetime="2015-03-05T10:00:00Z">5 mars 2015, 10:00 UTC</time>' in page.text
    assert 'href="?before=briefings-1"' in page.text


def test_the_script_is_of_a_file_of_ours_and_goes_on_from_what_is_shown(brazil):
    page = brazil.get("/inbox")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";"))
    assert (policy["script-src"], policy["connect-src"], policy["default-src"]) == ("'self'", "'self'", "'none'")
    assert re.findall(r"<script[^>]*>", page.text) == ['<script src="/static/inbox.js" defer>']
    assert 'data-stream="/api/v1/subscribers/BRA/inbox/live"' in page.text
    assert f'data-position="{samples.inbox()["position"]}"' in page.text
    assert brazil.get("/static/inbox.js").status_code == 200
    older = brazil.get("/inbox?before=x")
    assert "<script" not in older.text
    assert "data-stream" not in older.text


def test_no_other_page_lets_a_script_run(brazil):
    assert brazil.get("/global-plan").headers["Content-Security-Policy"] == PAGE_POLICY
    assert "script-src" not in PAGE_POLICY


def test_all_that_is_shown_is_marked_as_read(brazil, services):
    services.answers("notifications.mark_read", samples.inbox())
    page = brazil.get("/inbox").text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    answer = brazil.post("/inbox/BRA", data=fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox/BRA?done=mark_read")
    assert services.asked[-1][:2] == ("notifications.mark_read", {"subscriber": "BRA", "position": samples.inbox()["position"]})
    assert "Fait : Tout marquer comme lu" in brazil.get("/inbox/BRA?done=mark_read").text
    assert brazil.post("/inbox/BRA", data=fields | {"csrf_token": "another"}).status_code == 403


def test_the_desk_of_the_secretariat_names_its_own(client, secretariat, services):
    log_in(client, secretariat)
    services.answers("notifications.inbox", lambda payload, cause: samples.inbox(payload["subscriber"]))
    assert client.get("/inbox").status_code == 404
    assert services.asked == [], "it acts for no subscriber by itself"
    assert client.get("/inbox/UNODC-DESK").status_code == 200
    assert services.asked[-1][1]["subscriber"] == "UNODC-DESK"


def test_who_has_no_inbox_is_told_so(brazil, services):
    services.answers("notifications.inbox", Refusal.not_found("There is no such subscriber."))
    answer = brazil.get("/inbox")
    assert answer.status_code == 404
    assert "Il n’y a pas ici de boîte de réception" in answer.text


def test_a_visitor_is_asked_to_log_in(client, services):
    assert client.get("/inbox").headers["Location"].startswith("/login?next=")
    assert client.post("/inbox/BRA").headers["Location"].startswith("/login?next=")
    assert services.asked == []


def test_without_a_server_that_gives_up_connections_a_stream_is_its_beginning(brazil):
    answer = brazil.get("/api/v1/subscribers/BRA/inbox/live?since=n-0")
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "text/event-stream", "no-store")
    assert answer.text.startswith("retry: 3000\n\nevent: item\ndata: {")
    assert answer.text.endswith(f'id: {samples.inbox()["position"]}\nevent: unread\ndata: {{"unread":2}}\n\n')


# An invitation --------------------------------------------------------------------------------------------------------------------------


def test_who_bears_an_invitation_sees_what_it_is_and_chooses(client, services):
    services.answers("notifications.get_invitation", samples.invitation())
    page = client.get(f"/subscriptions/invitation?token={TOKEN}", headers={"Accept-Language": "fr"})
    assert page.status_code == 200
    what, payload, cause = services.asked[-1]
    assert (what, payload, cause.by.entity) == ("notifications.get_invitation", {"token": TOKEN}, None)
    assert "Permanent Mission of &lt;Brazil&gt;" in page.text
    topics = re.findall(r'name="topics" value="(\w+)"', page.text)
    assert topics == ["briefings", "publications", "statements", "workplan", "chairmanship"], "not what is the Group’s own"
    assert '<option value="fr" selected>' in page.text
    assert '<option value="at_once" selected>' in page.text
    assert 'name="schedule.zone"' in page.text


def test_an_entitys_focal_points_may_ask_for_reminders_too(client, services):
    services.answers("notifications.get_invitation", samples.invitation(kind="focal_point"))
    assert 'name="topics" value="reminders"' in client.get(f"/subscriptions/invitation?token={TOKEN}").text


CHOICE = {
    "topics": ["briefings", "statements"],
    "pillars": "protection",
    "places": "New York, Genève",
    "language": "fr",
    "schedule.rhythm": "daily",
    "schedule.zone": "America/New_York",
    "schedule.hour": "07:30",
    "schedule.quiet_statements": "yes",
}


def test_accepting_needs_the_link_alone(client, services):
    services.answers("notifications.accept_invitation", samples.bearer())
    answer = client.post(f"/subscriptions/invitation?token={TOKEN}", data=CHOICE)
    assert answer.status_code == 200
    assert 'role="status"' in answer.text
    assert "Briefings, Statements" in answer.text
    what, payload, cause = services.asked[-1]
    assert what == "notifications.accept_invitation"
    assert payload == {
        "token": TOKEN,
        "topics": ["briefings", "statements"],
        "pillars": ["protection"],
        "places": ["New York", "Genève"],
        "language": "fr",
        "schedule": {"rhythm": "daily", "zone": "America/New_York", "hour": "07:30", "quiet_statements": True},
    }
    assert cause.by.entity is None


@pytest.mark.parametrize(
    ("typed", "says"),
    [({"topics": []}, "topics"), ({"schedule.hour": "25:00"}, "schedule_hour"), ({"places": "x" * 101}, "places")],
)
def test_what_cannot_be_is_said_beside_its_field_and_what_was_typed_is_kept(client, services, typed, says):
    services.answers("notifications.get_invitation", samples.invitation())
    answer = client.post(f"/subscriptions/invitation?token={TOKEN}", data=CHOICE | typed)
    assert answer.status_code == 422
    assert f'id="field-accept_invitation-{says}-error"' in answer.text
    assert 'value="America/New_York"' in answer.text
    assert [what for what, *_ in services.asked] == ["notifications.get_invitation"]


def test_a_refusal_of_the_service_is_told(client, services):
    services.answers("notifications.get_invitation", samples.invitation())
    refusal = Refusal.invalid("schedule.zone", "There is no time zone Mars/Base.", rule="time-zone")
    services.answers("notifications.accept_invitation", refusal)
    answer = client.post(f"/subscriptions/invitation?token={TOKEN}", data=CHOICE)
    assert answer.status_code == 422
    assert "There is no time zone Mars/Base." in answer.text


@pytest.mark.parametrize(("state", "says"), [("admitted", "accepted already"), ("ended", "has left")])
def test_an_invitation_that_is_over_says_so(client, services, state, says):
    services.answers("notifications.get_invitation", samples.invitation(state=state))
    page = client.get(f"/subscriptions/invitation?token={TOKEN}").text
    assert says in page
    assert "<button>Accept" not in page


def test_an_unknown_invitation_is_not_found(client, services):
    services.answers("notifications.get_invitation", Refusal.not_found("There is no such invitation."))
    assert client.get("/subscriptions/invitation?token=x").status_code == 404


def test_a_link_is_its_bearers_whoever_is_logged_in(brazil, services):
    services.answers("notifications.confirm", samples.bearer())
    brazil.post(f"/subscriptions/confirm?token={TOKEN}")
    assert services.asked[-1][2].by.entity is None
    assert form_of(brazil.get("/inbox"))
