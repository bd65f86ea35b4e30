"""The pages of subscribers, without a browser: the inbox, and what the links in mails lead to."""

import re

import pytest

from contracts import notifications
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
    assert [asked for what, asked, _ in services.asked if what == "notifications.inbox"] == [{"subscriber": "BRA", "limit": 50}]
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
    assert re.findall(r"<script[^>]*>", page.text) == ['<script src="/static/live.js" defer>']
    assert 'data-stream="/api/v1/subscribers/BRA/inbox/live"' in page.text
    assert f'data-position="{samples.inbox()["position"]}"' in page.text
    assert brazil.get("/static/live.js").status_code == 200
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
    assert "Tout a été marqué comme lu." in brazil.get("/inbox/BRA?done=mark_read").text
    assert brazil.post("/inbox/BRA", data=fields | {"csrf_token": "another"}).status_code == 403


def test_the_desk_of_the_secretariat_names_its_own(client, secretariat, services):
    log_in(client, secretariat)
    services.answers("notifications.inbox", lambda payload, cause: samples.inbox(payload["subscriber"]))
    assert "There is no inbox for you here" in client.get("/inbox").text
    assert services.asked == [], "it acts for no subscriber by itself"
    assert client.get("/inbox/UNODC-DESK").status_code == 200
    assert services.asked[-1][1]["subscriber"] == "UNODC-DESK"


def test_an_empty_inbox_says_what_fills_it_and_leads_there(brazil, services):
    services.answers("notifications.inbox", samples.inbox(items=[], unread=0, next=None))
    page = brazil.get("/inbox").text
    assert "un abonnement dont le canal est la boîte de réception" in page
    assert re.search(r'id="nothing">[^\n]*href="/subscribers/BRA"', page)


@pytest.mark.parametrize(("secret", "boxes"), [(None, 0), ("whsec_shown-once", 1)])
def test_only_what_is_shown_just_once_is_said_to_be(brazil, services, secret, boxes):
    services.answers("notifications.get_subscriber", samples.subscriber())
    services.answers("notifications.deliveries", {"items": [], "next": None})
    added = samples.subscription("s9", "webhook" if secret else "amqp", "pending") | {"secret": secret, "subscriber": "BRA", "version": 5}
    services.answers("notifications.subscribe", added)
    form = next(one for one in re.findall(r"<form.*?</form>", brazil.get("/subscribers/BRA").text, re.DOTALL) if 'value="subscribe"' in one)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))
    page = brazil.post("/subscribers/BRA", data=fields | {"channel": added["channel"], "target": added["target"], "topics": "briefings"})
    assert page.status_code == 200, page.text
    assert page.text.count('id="told"') == boxes


def test_who_has_no_inbox_is_told_so(brazil, services):
    services.answers("notifications.inbox", Refusal.not_found("There is no such subscriber."))
    answer = brazil.get("/inbox")
    assert answer.status_code == 200
    assert brazil.get("/inbox/PERU").status_code == 404
    assert "Il n’y a pas ici de boîte de réception" in answer.text


def test_a_visitor_is_asked_to_log_in(client, services):
    assert client.get("/inbox").headers["Location"].startswith("/login?next=")
    assert client.post("/inbox/BRA").headers["Location"].startswith("/login?next=")
    assert services.asked == []


def test_without_a_server_that_gives_up_connections_a_stream_is_its_beginning(brazil):
    answer = brazil.get("/api/v1/subscribers/BRA/inbox/live?since=n-0")
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "text/event-stream", "no-store")
    assert answer.text.startswith("retry: 3000\n\nevent: item\nid: publications-2\ndata: {")
    assert answer.text.endswith(f'id: {samples.inbox()["position"]}\nevent: unread\ndata: {{"unread":2}}\n\n')


# What was sent, and what goes out -------------------------------------------------------------------------------------------------------


def test_the_deliveries_of_one_matter_are_headed_by_its_title(client, secretariat, services):
    log_in(client, secretariat)
    services.answers("notifications.deliveries", {"items": [], "next": None})
    told = samples.publication(2, "On demand")
    services.answers("notifications.matters", {"topic": "publications", "last": 2, "items": [told], "next": None})
    assert re.search(r"<h1>On demand( \(fr\))?</h1>", client.get("/deliveries/publications/2").text)
    assert services.asked[-1][1] == {"topic": "publications", "since": 1, "limit": 1}
    assert "<h1>Publications 1</h1>" in client.get("/deliveries/publications/1").text, "another's title is not shown"


def test_previews_are_the_secretariats_as_what_stands_beside_them_is(brazil, services):
    answer = brazil.get("/previews")
    assert (answer.status_code, "Cet acte revient au secrétariat." in answer.text) == (403, True)
    assert services.asked == []


SUBSCRIPTION = {
    **{"id": "sub-1", "channel": "calendar", "target": "", "topics": ["briefings"], "pillars": [], "places": [], "kinds": []},
    **{"language": None, "schedule": notifications.DEFAULT_SCHEDULE, "state": "confirmed", "requested_at": "2015-01-01T00:00:00Z"},
    **{"requested_by": "brazil", "confirmed_at": "2015-01-01T00:00:00Z", "paused_at": None, "paused_until": None, "suspended_at": None},
    **{"suspended_because": None, "ended_at": None, "ended_because": None},
}


def test_the_secret_address_of_a_feed_is_shown_whole(brazil, services):
    who = {"code": "BRA", "name": "Brazil", "kind": "mission", "language": "fr", "state": "admitted", "version": 1}
    when = {"invited_at": None, "admitted_at": "2015-01-01T00:00:00Z", "ended_at": None}
    services.answers("notifications.get_subscriber", who | when | {"subscriptions": [SUBSCRIPTION]})
    services.answers("notifications.replace_secret", SUBSCRIPTION | {"secret": "/calendars/fe_x.ics"})
    token = form_of(brazil.get("/subscribers/BRA"))
    typed = {"act": "replace_secret", "subscriber": "BRA", "subscription": "sub-1", "csrf_token": token}
    page = brazil.post("/subscribers/BRA", data=typed).text
    assert re.search(r"<code>https?://[^/<]+/calendars/fe_x\.ics</code>", page)


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


def test_an_invitation_opens_in_its_own_language_until_another_is_chosen(client, services):
    services.answers("notifications.get_invitation", samples.invitation())
    page = client.get(f"/subscriptions/invitation?token={TOKEN}", headers={"Accept-Language": "en"}).text
    assert '<html lang="fr">' in page
    (link,) = re.findall(r'<a href="([^"]+)" lang="en" hreflang="en">English</a>', page)
    assert '<html lang="en">' in client.get(f"/subscriptions/invitation{link.replace('&amp;', '&')}").text
    assert '<html lang="en">' in client.get(f"/subscriptions/invitation?token={TOKEN}", headers={"Accept-Language": "fr"}).text


def test_a_visitors_choice_of_language_holds_from_page_to_page(client, services):
    assert "hreflang" in client.get("/login").text
    assert '<html lang="fr">' in client.get("/login?lang=fr").text
    assert '<html lang="fr">' in client.get("/subscriptions/confirm?token=x").text
    assert '<html lang="fr">' in client.get("/login?lang=xx").text, "what is no language of ours changes nothing"


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
    answer = client.post(f"/subscriptions/invitation?token={TOKEN}&lang=en", data=CHOICE)
    assert answer.status_code == 422
    assert "There is no time zone Mars/Base." in answer.text


def test_a_list_of_which_nothing_is_ticked_asks_for_one(client, services):
    services.answers("notifications.get_invitation", samples.invitation())
    for language, says in (("en", "Choose at least one."), ("fr", "Choisissez-en au moins un.")):
        headers = {"Accept-Language": language}
        typed = CHOICE | {"topics": [], "schedule.hour": "25:00"}
        page = client.post(f"/subscriptions/invitation?token={TOKEN}&lang={language}", data=typed, headers=headers).text
        assert f'id="field-accept_invitation-topics-error">{says}</p>' in page
        assert 'id="field-accept_invitation-schedule_hour-error"' in page, "the second wrong field is told of beside the first"


@pytest.mark.parametrize(
    ("refusal", "field", "says", "accepted"),
    [
        (
            Refusal.invalid("schedule.zone", "There is no time zone of this name.", rule="time-zone", accepted="Europe/Paris"),
            "schedule_zone",
            "Il n’existe pas de fuseau horaire de ce nom.",
            "Europe/Paris",
        ),
        (
            Refusal.invalid("schedule.hour", "…", rule="digest-outside-quiet-hours", accepted="a time from 07:00 on, before 20:00"),
            "schedule_hour",
            "Un résumé à cette heure tomberait dans les heures calmes.",
            "une heure à partir de 07:00 et avant 20:00",
        ),
        (
            Refusal.invalid("topics", "…", rule="topic-of-the-group", accepted=["briefings", "statements"]),
            "topics",
            "Ce thème est propre au Groupe",
            "Réunions d’information, Déclarations",
        ),
    ],
)
def test_a_refusal_is_told_in_french_with_what_would_do(client, services, refusal, field, says, accepted):
    services.answers("notifications.get_invitation", samples.invitation())
    services.answers("notifications.accept_invitation", refusal)
    page = client.post(f"/subscriptions/invitation?token={TOKEN}&lang=fr", data=CHOICE).text
    assert f'id="field-accept_invitation-{field}-error">{says}' in page
    assert f"Serait accepté : {accepted}</p>" in page


@pytest.mark.parametrize(("state", "says"), [("admitted", "accepted already"), ("ended", "has left")])
def test_an_invitation_that_is_over_says_so(client, services, state, says):
    services.answers("notifications.get_invitation", samples.invitation(state=state))
    page = client.get(f"/subscriptions/invitation?token={TOKEN}&lang=en").text
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


# A subscriber's page --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "again"), [("retrying", 1), ("given_up", 1), ("queued", 0)])
def test_a_pending_webhook_says_why_it_is_not_confirmed_and_can_be_asked_again(brazil, services, state, again):
    services.answers("notifications.get_subscriber", samples.subscriber())
    challenge = samples.challenge(state=state)
    services.answers("notifications.deliveries", {"items": [challenge], "next": None})
    page = brazil.get("/subscribers/BRA")
    assert page.status_code == 200
    named = {"subscriber": "BRA", "subscription": "sub-hook", "purpose": "confirmation", "limit": 1}
    assert [asked for what, asked, _ in services.asked if what == "notifications.deliveries"] == [named]
    assert '<q lang="en">The webhook answered 500 &lt;b&gt;.</q>' in page.text
    assert re.search(r"Tentatives\s:\s3\.", page.text)
    assert page.text.count(f'name="delivery" value="{challenge["id"]}"') == again
    if again:
        services.answers("notifications.send_again", challenge)
        brazil.post("/subscribers/BRA", data={"act": "send_again", "delivery": challenge["id"], "csrf_token": form_of(page)})
        assert ("notifications.send_again", {"delivery": challenge["id"]}) in [asked[:2] for asked in services.asked]


def test_the_board_says_since_when_it_counts_where_that_is_not_all(brazil, services):
    services.answers("notifications.delivery_board", {"items": [], "next": None})
    for since, said in ((None, False), ("2015-03-01T10:00:00Z", True)):
        services.answers("notifications.delivery_summary", samples.summary(since=since))
        assert ("depuis le 1er mars 2015, 10:00 UTC" in brazil.get("/deliveries").text) is said


REFUSED = {
    "why": "The mail server refused the address: 550 <b> unknown",
    "why_code": "address-refused",
    "why_said": {"en": "The mail server refused the address.", "fr": "Le serveur de messagerie a refusé l’adresse."},
}


@pytest.mark.parametrize("address", ["/subscribers/BRA", "/deliveries/publications/1"])
def test_why_a_delivery_failed_is_said_in_the_readers_language_and_a_servers_words_are_quoted(brazil, services, address):
    services.answers("notifications.get_subscriber", samples.subscriber())
    services.answers("notifications.matters", {"topic": "publications", "last": 0, "items": [], "next": None})
    for quoted in (None, "550 <b> unknown"):
        failed = samples.challenge(state="given_up", why_quoted=quoted, **REFUSED)
        services.answers("notifications.deliveries", {"items": [failed], "next": None})
        shown = brazil.get(address).text
        assert REFUSED["why_said"]["fr"] in shown
        assert ('<q lang="en">550 &lt;b&gt; unknown</q>' in shown) is (quoted is not None)
        assert "The mail server" not in shown


def test_why_something_stopped_is_said_in_the_readers_language(brazil, services):
    services.answers("notifications.get_subscriber", samples.subscriber())
    services.answers("notifications.deliveries", {"items": [], "next": None})
    page = brazil.get("/subscribers/BRA").text
    assert "est revenu : 5.1.1." in page
    assert "désabonné" in page
    assert "came back" not in page


# Who is invited -------------------------------------------------------------------------------------------------------------------------


def test_the_secretariat_sees_what_became_of_an_invitation_and_invites_again(client, person, services):
    person("sec", None, "secretariat")
    log_in(client, "sec")
    waiting = {"state": "invited", "invited_at": "2015-03-01T10:00:00Z", "admitted_at": None, "subscriptions": []}
    sent = {"id": "invitation_BRA_i1", "purpose": "invitation", "channel": "mail", "target": "desk@brazil.example", "subscription": "i1"}
    sent |= {"state": "sent", "attempts": 1, "sent_at": "2015-03-01T10:01:00Z", "due": None, "why": None}
    services.answers("notifications.get_subscriber", samples.subscriber(**waiting))
    services.answers("notifications.deliveries", {"items": [samples.challenge(**sent)], "next": None})
    page = client.get("/subscribers/BRA").text
    asked = next(payload for what, payload, _ in services.asked if what == "notifications.deliveries")
    assert asked == {"subscriber": "BRA", "purpose": "invitation", "limit": 1}
    shown = " ".join(re.sub("<[^>]+>", " ", page.partition('id="invitation"')[2]).split())
    for words in ("Invited on 1 March 2015, 10:00 UTC", "desk@brazil.example", "1 March 2015, 10:01 UTC", "State: sent"):
        assert words in shown, words
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if 'value="invite_subscriber"' in one)
    fields = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]*? value="([^"]*)"', form)) | {"kind": "mission", "language": "fr"}
    assert (fields["code"], fields["address"]) == ("BRA", "desk@brazil.example")
    services.answers("notifications.invite_subscriber", samples.subscriber(**waiting))
    answer = client.post("/subscribers/BRA", data=fields | {"name": "Brazil"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/subscribers/BRA?done=invite_subscriber")
    payload = next(payload for what, payload, _ in reversed(services.asked) if what == "notifications.invite_subscriber")
    assert (payload["code"], payload["address"]) == ("BRA", "desk@brazil.example")
