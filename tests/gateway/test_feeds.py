"""Feeds and calendars at addresses of their own, read by other people's parsers."""

import logging
import re
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import fastfeedparser
import feedparser
import ics
import pytest
import vobject
from icalendar import Calendar

from services.kernel.refusal import Refusal
from tests.gateway import samples_missions as samples
from tests.gateway.samples import HOSTILE, MARKUP
from tests.gateway.samples_missions import SECRET

ATOM = "{http://www.w3.org/2005/Atom}"
SECRET_ATOM, SECRET_CALENDAR = f"/feeds/{SECRET}.atom", f"/calendars/{SECRET}.ics"
PUBLIC_ATOM, PUBLIC_CALENDAR = "/feeds/publications.atom", "/calendars/briefings.ics"
EVERY = [SECRET_ATOM, SECRET_CALENDAR, PUBLIC_ATOM, PUBLIC_CALENDAR]


@pytest.fixture
def told(services):
    services.answers("notifications.feed", lambda payload, cause: samples.feed())
    services.answers(
        "notifications.public_feed",
        lambda payload, cause: samples.feed(
            id=payload["topic"], subscriber=None, topics=[payload["topic"]], language=payload.get("language", "en")
        ),
    )
    return services


def test_a_secret_address_is_all_one_needs(client, told):
    answer = client.get(SECRET_ATOM)
    assert (answer.status_code, answer.content_type) == (200, "application/atom+xml; charset=utf-8")
    what, payload, cause = told.asked[-1]
    assert (what, payload) == ("notifications.feed", {"token": SECRET})
    assert (cause.by.entity, cause.by.roles) == (None, frozenset())
    assert client.get(SECRET_CALENDAR).content_type == "text/calendar; charset=utf-8"


def test_who_is_logged_in_bears_the_address_and_nothing_more(app, told, person):
    from tests.gateway.test_web import log_in

    person("ohchr", "OHCHR")
    browser = app.test_client()
    log_in(browser)
    browser.get(SECRET_ATOM)
    assert told.asked[-1][2].by.entity is None


@pytest.mark.parametrize("path", [SECRET_ATOM, SECRET_CALENDAR])
def test_a_secret_address_is_passed_on_by_nothing_of_ours(client, told, path, caplog):
    caplog.set_level(logging.DEBUG)
    answers = [client.get(path)]
    for refusal in (Refusal.not_found("None."), Refusal("unavailable", "Away.", rule="service-away"), RuntimeError("An accident")):
        told.answers("notifications.feed", refusal)
        answers.append(client.get(path))
    assert [answer.status_code for answer in answers] == [200, 404, 503, 500]
    for answer in answers:
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "public" not in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers
    assert all(SECRET not in answer.text for answer in answers[1:])
    ours = [record.getMessage() + str(record.exc_text or "") for record in caplog.records]
    assert not any(SECRET in line for line in ours)


@pytest.mark.parametrize("token", ["short", "x" * 400, "fe_sub.' or 1=1 --aaaaaaaaaaaaa", "%00" * 10, "reminders"])
@pytest.mark.parametrize("pattern", ["/feeds/{}.atom", "/calendars/{}.ics"])
def test_what_is_no_address_of_ours_is_not_found_in_the_same_words(client, told, token, pattern):
    answer = client.get(pattern.format(token))
    assert answer.status_code == 404
    assert "There is no feed at this address" in answer.text
    assert told.asked == [], "no service is troubled with it"


@pytest.mark.parametrize("query", ["language=xx", "language="])
def test_a_language_that_is_none_is_refused(client, told, query):
    assert client.get(f"{PUBLIC_ATOM}?{query}").status_code == 422
    assert told.asked == []


def test_a_public_feed_may_be_kept_by_all_and_found_by_all(client, told):
    for path in (PUBLIC_ATOM, PUBLIC_CALENDAR):
        answer = client.get(path)
        assert "public" in answer.headers["Cache-Control"]
        assert "X-Robots-Tag" not in answer.headers
    assert told.asked[-1][1] == {"topic": "briefings"}
    assert "private" in client.get(SECRET_ATOM).headers["Cache-Control"]


@pytest.mark.parametrize("path", EVERY)
def test_the_same_answer_is_the_same_bytes_and_spared_who_has_them(client, told, path):
    first = client.get(path)
    assert client.get(path).data == first.data
    assert first.headers["Last-Modified"] == "Wed, 02 Sep 2015 00:00:00 GMT"
    for known in ({"If-None-Match": first.headers["ETag"]}, {"If-Modified-Since": first.headers["Last-Modified"]}):
        again = client.get(path, headers=known)
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": '"other"', "If-Modified-Since": first.headers["Last-Modified"]}).status_code == 200
    assert client.head(path).headers["ETag"] == first.headers["ETag"]


# Atom -----------------------------------------------------------------------------------------------------------------------------------


def test_an_atom_feed_is_what_rfc_4287_wants(client, told):
    root = ElementTree.fromstring(client.get(SECRET_ATOM).data)
    assert root.tag == f"{ATOM}feed"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    for element in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", element.findtext(f"{ATOM}id"))
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated")).tzinfo
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "ICAT"
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links == {"self": f"http://localhost{SECRET_ATOM}", "alternate": "http://localhost/"}
    ids = [entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids) == 6


def test_ids_stay_whatever_else_changes(client, told):
    def ids(path: str) -> dict[str, str]:
        root = ElementTree.fromstring(client.get(path).data)
        return {entry.findtext(f"{ATOM}updated"): entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")}

    assert ids(SECRET_ATOM) == ids(PUBLIC_ATOM) == ids(f"{PUBLIC_ATOM}?language=fr"), "the same matter, in every feed"


def read_by_feedparser(raw: bytes) -> list[tuple[str, str, str, str]]:
    read = feedparser.parse(raw)
    assert not read.bozo, read.get("bozo_exception")
    assert read.version == "atom10"
    return [(one.id, one.title, one.link, one.updated) for one in read.entries]


def read_by_fastfeedparser(raw: bytes) -> list[tuple[str, str, str, str]]:
    return [(one.id, one.title, one.link, one.published) for one in fastfeedparser.parse(raw).entries]


@pytest.mark.parametrize("path", [SECRET_ATOM, PUBLIC_ATOM, f"{PUBLIC_ATOM}?language=fr"])
@pytest.mark.parametrize("read", [read_by_feedparser, read_by_fastfeedparser])
def test_others_read_every_feed(client, told, path, read):
    found = read(client.get(path).data)
    french = "language=fr" in path
    assert len(found) == 6
    assert len({one[0] for one in found}) == 6
    assert found[0][1] == (f"{MARKUP} (fr)" if french else MARKUP)
    assert found[1][1] == HOSTILE, "without what XML cannot hold"
    assert found[0][2] == "http://localhost/documents/p2?language=fr&x=1"
    assert found[0][3].startswith("2015-09-02T00:00:00")


def test_categories_say_topic_kind_and_pillars(client, told):
    read = feedparser.parse(client.get(f"{PUBLIC_ATOM}?language=fr").data)
    assert read.feed.language == "fr"
    assert {(tag.scheme.partition("#")[2], tag.term, tag.label) for tag in read.entries[0].tags} == {
        ("topic", "publications", "Publications"),
        ("kind", "published", None),
        ("pillar", "prevention", "Prévention"),
        ("pillar", "partnerships", "Partenariats"),
    }


@pytest.mark.parametrize("language", ["en", "fr", "es", "ru", "ar", "zh"])
def test_a_feed_speaks_each_language_as_far_as_it_can(client, told, language):
    root = ElementTree.fromstring(client.get(f"{PUBLIC_ATOM}?language={language}").data)
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    assert root.get(lang) == language
    titles = [entry.find(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]
    assert titles[1].text == ("Solo" if language == "es" else HOSTILE)
    assert titles[1].get(lang, language) == (language if language in ("en", "fr", "es") else "en")


def test_an_empty_feed_is_a_feed(client, told):
    told.answers("notifications.feed", samples.feed(items=[], updated_at=None))
    first = client.get(SECRET_ATOM)
    assert read_by_feedparser(first.data) == []
    assert client.get(SECRET_ATOM, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert Calendar.from_ical(client.get(SECRET_CALENDAR).data).walk("VEVENT") == []


# Calendars ------------------------------------------------------------------------------------------------------------------------------


def read_by_vobject(text: str) -> dict[str, dict[str, Any]]:
    calendar = vobject.readOne(text, validate=True)
    return {
        event.uid.value: {
            "sequence": int(event.sequence.value),
            "status": event.status.value,
            "starts": event.dtstart.value,
            "place": event.location.value,
            "title": event.summary.value,
        }
        for event in calendar.vevent_list
    }


def read_by_ics(text: str) -> dict[str, dict[str, Any]]:
    return {
        event.uid: {
            "sequence": int(next(line.value for line in event.extra if line.name == "SEQUENCE")),
            "status": event.status,
            "starts": event.begin.datetime,
            "place": event.location,
            "title": event.name,
        }
        for event in ics.Calendar(text).events
    }


@pytest.mark.parametrize("path", [SECRET_CALENDAR, PUBLIC_CALENDAR])
@pytest.mark.parametrize("read", [read_by_vobject, read_by_ics])
def test_others_read_every_calendar_and_each_briefing_as_it_stands(client, told, path, read):
    found = read(client.get(path).text)
    assert set(found) == {"briefing-spring@icat", "briefing-autumn@icat"}
    spring, autumn = found["briefing-spring@icat"], found["briefing-autumn@icat"]
    assert (spring["sequence"], spring["status"]) == (3, "CANCELLED"), "the newest word on it, though others came with it"
    assert (autumn["sequence"], autumn["status"]) == (1, "CONFIRMED")
    assert (autumn["place"], autumn["title"]) == ("New York; room 7, UNHQ", MARKUP)
    assert autumn["starts"] == datetime.fromisoformat("2015-10-02T13:00:00Z")


def test_a_calendar_to_subscribe_to_has_no_method_and_tells_how_often_to_ask(client, told):
    calendar = Calendar.from_ical(client.get(f"{PUBLIC_CALENDAR}?language=fr").data)
    assert "METHOD" not in calendar
    assert str(calendar["NAME"]) == "ICAT : réunions d’information"
    assert "REFRESH-INTERVAL" in calendar
    event = next(one for one in calendar.walk("VEVENT") if one["UID"] == "briefing-autumn@icat")
    assert "Priorities, and more" in event["DESCRIPTION"]
    assert "http://localhost/documents/p2" in event["DESCRIPTION"]
    assert event["URL"] == "http://localhost/briefings/autumn"


# Found by programs ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "topics"), [("/library", {"publications", "statements"}), ("/", {"publications", "statements", "briefings"})]
)
def test_public_pages_say_where_their_feeds_are(client, services, path, topics):
    services.answers("documents.library", {"items": [], "next": None})
    page = client.get(path, headers={"Accept-Language": "fr"}).text
    found = re.findall(r'<link rel="alternate" type="application/atom\+xml" title="[^"]+" href="/feeds/(\w+)\.atom\?language=fr">', page)
    assert set(found) == topics
    assert 'href="/calendars/briefings.ics?language=fr"' in page
