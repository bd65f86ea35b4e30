"""The desk without a browser: what awaits each reader, by when and with what consequence, and that one panel stands without another."""

import re
import threading
import time
from typing import Any

import pytest

from contracts import chairs, documents, workplan
from contracts.notifications import DeliverySummaryAnswer
from gateway.desk import PATIENCE_SECONDS, Desk
from gateway.web.desk import FORMS
from gateway.web.pages import Pages
from gateway.web.room import PAGE_POLICY, SCRIPTED_POLICY
from gateway.web.words import LANGUAGES, WORDS, left_of
from messaging.context import Order, new_traceparent, now
from services.kernel.actor import Actor
from services.kernel.refusal import Refusal
from tests.gateway import samples_documents as texts
from tests.gateway import samples_missions
from tests.gateway.test_web import GROUP, PLAN, log_in

AT = "2014-02-25T12:00:00Z"


def waits(kind: str, deadline: str | None, code: str | None = None, **more: Any) -> dict[str, Any]:
    told = {"kind": kind, "what": "A sentence.", "title": "Demand <b>", "link": "/documents/d1", "deadline": deadline, "digest": None}
    return told | {"consequence": "In English.", "consequence_code": code} | more


def entry(kind: str, day: int, **more: Any) -> dict[str, Any]:
    starts = f"2014-03-{day:02}T09:00:00Z"
    held = {
        "kind": kind,
        "title": f"{kind} of {day} March",
        "starts_at": starts,
        "ends_at": starts.replace("T09", "T12"),
        "place": "Geneva",
    }
    return held | {"url": f"/{kind}s/on-{day}", "state": "confirmed"} | more


@pytest.fixture
def told(services):
    """All that a desk asks, told."""
    none = {"items": [], "next": None}
    tally = {"sent": 3, "failed": 2, "waiting": 0}
    for what, answer in {
        "chairs.overview": GROUP,
        "chairs.awaiting": {"items": []},
        "workplan.awaiting": {"items": []},
        "documents.awaiting": {"items": []},
        "workplan.get_plan": PLAN,
        "workplan.calendar": {"entity": None, "entries": []},
        "documents.library": none,
        "documents.documents": none,
        "notifications.inbox": samples_missions.inbox("OHCHR"),
        "notifications.get_subscriber": samples_missions.subscriber(),
        "notifications.delivery_summary": tally | {"since": None, "by_channel": {}, "by_mission": {}},
        **{f"{name}.dead_letters": {"items": [], "count": 0} for name in ("chairs", "workplan", "documents", "notifications")},
    }.items():
        services.answers(what, answer)
    assert not DeliverySummaryAnswer().validate(tally | {"since": None})
    return services


@pytest.fixture
def desk(rehearsal, person, told):
    """The desk of a person as of one instant: ``desk("ohchr", "OHCHR")``."""

    def opened(name: str, entity: str | None = None, *roles: str, language: str = "en") -> Any:
        person(name, entity, *roles, language=language)
        log_in(rehearsal, name)
        return rehearsal.get(f"/?at={AT}")

    return opened


def panel(page: str, heading: str) -> str:
    """The section of a page that this heading names."""
    (name,) = re.findall(rf'<h2 id="([^"]+)">{re.escape(heading)}</h2>', page)
    return re.search(rf'<section [^>]*aria-labelledby="{name}">.*?</section>', page, re.DOTALL)[0]


def spoken(part: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def test_it_says_what_to_do_until_when_and_what_follows_from_doing_nothing(desk, told):
    told.answers("documents.awaiting", {"items": [waits("take_position", "2014-03-01T12:00:00Z", "silence_no_objection")]})
    page = desk("ohchr", "OHCHR")
    awaiting = panel(page.text, "What awaits OHCHR")
    assert "Demand &lt;b&gt;" in awaiting
    assert '<a href="/documents/d1/clearance#position"><span lang="en">Take a position on the text</span>' in awaiting
    assert '<time datetime="2014-03-01T12:00:00+00:00">1 March 2014, 12:00 UTC</time> <span class="meta left">in 4 days</span>' in awaiting
    assert "If nothing is done: Your silence until then counts as no objection." in spoken(awaiting)
    assert "urgent" not in awaiting


def test_it_says_so_in_french(desk, told):
    told.answers("documents.awaiting", {"items": [waits("take_position", "2014-02-26T14:00:00Z", "silence_no_objection")]})
    chair = {"title": "A sentence.", "link": "/chairs/rota", "deadline": "2015-01-01T00:00:00Z", "consequence": "In English."}
    terms = [
        chair | {"what": "accept_term", "year": 2015, "consequence_code": "term_begins"},
        chair | {"what": "agree_swap", "year": 2016, "with_entity": "IOM", "consequence_code": "swap_lapses"},
    ]
    told.answers("chairs.awaiting", {"items": terms})
    told.answers("workplan.awaiting", {"items": [waits("plan_position", None, "not_adopted", year=2014, title="Workplan 2014")]})
    awaiting = spoken(panel(desk("ohchr", "OHCHR", language="fr").text, "Ce qui attend OHCHR"))
    for words in (
        "4 choses vous attendent",
        "▲ urgent Avant le 26 février 2014, 14:00 UTC dans 26 heures",
        "Si rien n’est fait : Votre silence jusque-là vaut absence d’objection.",
        "Le mandat commence de lui-même, OHCHR à la présidence.",
        "Répondre à l’échange proposé : La présidence de 2016, et IOM",
        "Plan de travail 2014",
    ):
        assert words in awaiting


def test_the_nearest_comes_first_and_what_is_late_or_pressing_is_marked_by_word_and_shape(desk, told):
    told.answers(
        "workplan.awaiting",
        {"items": [waits("milestone", "2014-02-24T12:00:00Z", what="The draft"), waits("action_item", None, what="The list")]},
    )
    told.answers("documents.awaiting", {"items": [waits("comment", "2014-02-28T12:00:00Z"), waits("dispose", "2014-02-28T12:00:01Z")]})
    awaiting = panel(desk("ohchr", "OHCHR").text, "What awaits OHCHR")
    tasks = re.findall(r'<span lang="en">([^<]+)</span><span class="unseen"', awaiting)
    assert tasks == ["Meet the milestone", "Comment on the draft", "Answer the comments", "Do what was taken on in a meeting"]
    marks = re.findall(r'<strong class="haste"><span aria-hidden="true">(.)</span> (\w+)</strong>', awaiting)
    assert marks == [("◆", "late"), ("▲", "urgent")], "seventy-two hours are urgent, and a second more is not"
    assert "· The draft" in awaiting
    assert "1 day ago" not in awaiting, "below two days one counts in hours"
    assert "24 hours ago" in awaiting


def test_a_word_that_no_catalogue_has_is_said_in_english_and_marked_so(desk, told):
    told.answers("documents.awaiting", {"items": [waits("new_to_us", None, "newer_still", what="Do something new.")]})
    awaiting = panel(desk("ohchr", "OHCHR", language="fr").text, "Ce qui attend OHCHR")
    assert '<span lang="en">Do something new.</span>' in awaiting
    assert '<span lang="en">In English.</span>' in awaiting


@pytest.mark.parametrize("contract", [chairs, workplan, documents], ids=lambda it: it.__name__)
def test_each_consequence_that_a_contract_names_is_said_in_both_languages(contract):
    assert [code for code in contract.CONSEQUENCES if f"undone_{code}" not in WORDS] == []


def test_no_consequence_is_said_that_no_contract_names():
    named = {*chairs.CONSEQUENCES, *workplan.CONSEQUENCES, *documents.CONSEQUENCES}
    assert {key.removeprefix("undone_") for key in WORDS if key.startswith("undone_")} == named


@pytest.mark.parametrize(
    ("deadline", "english", "french"),
    [
        ("2014-03-01T12:00:00+00:00", "in 4 days", "dans 4 jours"),
        ("2014-02-27T12:00:00+00:00", "in 2 days", "dans 2 jours"),
        ("2014-02-27T11:59:59+00:00", "in 47 hours", "dans 47 heures"),
        ("2014-02-25T13:59:00+00:00", "in 1 hour", "dans 1 heure"),
        ("2014-02-25T12:00:30+00:00", "in 0 minutes", "dans 0 minute"),
        ("2014-02-25T11:59:00+00:00", "1 minute ago", "il y a 1 minute"),
        ("2014-02-20T12:00:00+00:00", "5 days ago", "il y a 5 jours"),
    ],
)
def test_how_long_it_is_until_then_is_said_by_each_languages_rule(deadline, english, french):
    when, at = (type(now()).fromisoformat(text.replace("Z", "+00:00")) for text in (deadline, AT))
    assert [left_of(language, when, at) for language in LANGUAGES] == [english, french]


def test_the_next_meetings_and_briefings_are_shown_and_nothing_that_was_cancelled(desk, told):
    entries = [entry("meeting", day) for day in range(1, 6)] + [entry("briefing", 4), entry("briefing", 2, state="cancelled")]
    told.answers("workplan.calendar", {"entity": None, "entries": sorted(entries, key=lambda one: one["starts_at"])})
    coming = panel(desk("ohchr", "OHCHR").text, "Meetings and briefings to come")
    assert re.findall(r'href="([^"]+)"', coming) == [f"/meetings/on-{day}" for day in (1, 2, 3)] + ["/briefings/on-4"]


def test_texts_before_the_group_say_for_whom_one_waits(desk, told):
    def found(payload: dict[str, Any], cause: Any) -> dict[str, Any]:
        return {"items": [texts.draft(state=payload["state"])], "next": None}

    told.answers("documents.documents", found)
    shown = panel(desk("ohchr", "OHCHR").text, "Texts before the Group")
    assert shown.count("<article>") == 2
    assert {payload["state"] for what, payload, _ in told.asked if what == "documents.documents"} == {"comment_round", "clearance"}


def test_a_mission_has_its_inbox_its_replies_and_its_subscriptions_and_nothing_of_the_groups_own(desk, told):
    told.answers("workplan.calendar", {"entity": None, "entries": [entry("briefing", 4)]})
    reply = {"subscriber": "BRA", "attending": "yes", "people": ["Ana"], "place": "given"}
    told.answers("notifications.attendance", {"replies": [reply], "open": True})
    page = desk("brazil", "BRA", "mission").text
    assert "You come, and have a place. Ana" in panel(page, "Briefings to come")
    assert 'href="/briefings/on-4/reply"' in panel(page, "Briefings to come")
    assert "Webhook" in panel(page, "What is sent to you")
    assert "Demand" in panel(page, "What came lately")
    assert "What awaits" not in page
    asked = {what for what, _, _ in told.asked}
    assert asked.isdisjoint({"workplan.get_plan", "documents.documents", "chairs.awaiting", "notifications.delivery_summary"})
    assert [cause.by.entity for what, _, cause in told.asked if what == "notifications.attendance"] == ["BRA"]


def test_the_secretariat_sees_what_went_astray(desk, told):
    told.answers("documents.dead_letters", {"items": [], "count": 3})
    watch = spoken(panel(desk("sec", None, "secretariat").text, "What went astray"))
    assert watch == "What went astray 3 dead letters 2 deliveries were given up"


def test_where_nothing_went_astray_that_is_said(desk, told):
    told.answers("notifications.delivery_summary", {"sent": 3, "failed": 0, "waiting": 0})
    assert "Nothing failed." in panel(desk("sec", None, "secretariat").text, "What went astray")


def test_a_visitor_sees_the_library_and_the_briefings_and_no_more_is_asked(client, told):
    page = client.get("/").text
    assert panel(page, "Library")
    assert panel(page, "Briefings to come")
    assert {what for what, _, _ in told.asked} - {"chairs.entities"} == {"chairs.overview", "documents.library", "workplan.calendar"}


def test_the_desk_follows_the_inbox_and_counts_what_is_unread(desk, told):
    page = desk("ohchr", "OHCHR")
    assert page.headers["Content-Security-Policy"] == SCRIPTED_POLICY
    assert re.findall(r"<script[^>]*>", page.text) == ['<script src="/static/live.js" defer>']
    news = re.search(r'<p id="news"[^>]*>', page.text)[0]
    assert 'role="status"' in news
    assert 'data-stream="/api/v1/subscribers/OHCHR/inbox/live"' in news
    assert f'data-position="{samples_missions.inbox()["position"]}"' in news
    assert "Inbox 2 unread" in spoken(page.text)


def test_without_an_inbox_there_is_no_script(desk, told):
    told.answers("notifications.inbox", Refusal.not_found("There is no subscriber."))
    page = desk("ohchr", "OHCHR")
    assert page.headers["Content-Security-Policy"] == PAGE_POLICY
    assert "<script" not in page.text
    assert "There is no inbox for you here." in panel(page.text, "What came lately")


# One service away, or slow

SHOWN_BY = {
    "chairs": {"What awaits OHCHR", "Who chairs"},
    "workplan": {"What awaits OHCHR", "Workplan 2014", "Meetings and briefings to come"},
    "documents": {"What awaits OHCHR", "Texts before the Group"},
    "notifications": {"What came lately"},
}
PANELS = sorted(set().union(*SHOWN_BY.values()))


def unavailable(page: str) -> set[str]:
    return {name for name in PANELS if "Not available now" in panel(page, name)}


@pytest.mark.parametrize("away", SHOWN_BY)
def test_a_service_that_is_away_takes_only_its_own_panels_with_it(desk, told, away):
    for what in [what for what in told._answers if what.startswith(away)]:
        told.answers(what, Refusal("unavailable", "It is not there.", rule="service-away"))
    page = desk("ohchr", "OHCHR")
    assert page.status_code == 200
    assert unavailable(page.text) == SHOWN_BY[away]
    assert all('href="/' in part and "Try again" in part for part in (panel(page.text, name) for name in SHOWN_BY[away]))


def test_a_service_that_is_slow_takes_only_its_own_panels_and_the_page_answers_within_its_patience(desk, told, rehearsal):
    desk("ohchr", "OHCHR")

    def slow(payload: dict[str, Any], cause: Any) -> dict[str, Any]:
        time.sleep(PATIENCE_SECONDS + 1)
        return {"items": [], "next": None}

    for what in ("documents.awaiting", "documents.documents"):
        told.answers(what, slow)
    began = time.monotonic()
    page = rehearsal.get("/")
    assert time.monotonic() - began < PATIENCE_SECONDS + 0.9
    assert unavailable(page.text) == SHOWN_BY["documents"]


def test_whoever_waits_for_the_slow_one_holds_no_place_of_another():
    """However many they are, what the others tell is there at once."""
    held = threading.Event()

    class Services:
        def call(self, service: str, *_: Any) -> str:
            return service if service != "documents" or held.wait(20) else ""

    desk = Desk(Services(), rehearsal=False)
    order = Order(id="c", by=Actor("someone"), at=now(), correlation="c", traceparent=new_traceparent(), data={})
    waiting = [threading.Thread(target=desk.gather, args=(order, {"slow": ("documents", "library", {})})) for _ in range(30)]
    for one in waiting:
        one.start()
    began = time.monotonic()
    assert desk.gather(order, {"group": ("chairs", "overview", {})})["group"].answer == "chairs"
    assert time.monotonic() - began < 1
    held.set()
    for one in waiting:
        one.join()


def test_with_all_services_away_there_is_still_a_page(client, person, services):
    person("ohchr", "OHCHR")
    log_in(client)
    page = client.get("/")
    assert page.status_code == 200
    assert page.text.count("Not available now") == 6


def test_a_year_without_a_plan_is_said_and_is_no_failure(desk, told):
    told.answers("workplan.get_plan", Refusal.not_found("There is no plan."))
    assert "There is no plan for 2014 yet." in panel(desk("ohchr", "OHCHR").text, "Workplan 2014")


def test_the_desk_says_how_the_plan_stands_and_who_chairs(desk):
    page = desk("ohchr", "OHCHR").text
    assert "in adoption" in panel(page, "Workplan 2014")
    assert "Positions until 1 March 2014, 12:00 UTC" in panel(page, "Workplan 2014")
    assert "UNHCR" in panel(page, "Who chairs")
    assert "Not available now" not in page


def test_each_form_that_the_desk_leads_to_is_an_act_of_the_pages():
    named = {found[1] for onward in FORMS.values() if (found := re.search(r"\?act=(\w+)", onward))}
    assert named <= set(Pages.acts)
    pages = [path for path, _, _ in Pages.TABLE]
    for onward in FORMS.values():
        if found := re.match(r"/\w+", onward):
            assert f"/documents/<document>{found[0]}" in pages
