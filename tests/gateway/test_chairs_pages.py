"""The chairmanship on its pages: what each reader is offered of a year, of the rota and of the handover, and what of it is sent."""

import re
from typing import Any

import pytest

from contracts import chairs
from contracts.base import Query, load
from gateway.web.chairs import ChairsPages
from gateway.web.pages import Pages
from services.kernel.refusal import Refusal
from tests.gateway import samples
from tests.gateway.test_briefing_pages import typed_into
from tests.gateway.test_desk_pages import spoken
from tests.gateway.test_web import log_in

AT = "2015-06-08T00:00:00Z"
SEATED = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]
GROUP = {
    "version": 31,
    "seated": SEATED,
    "members": SEATED,
    "chairs": ["UNHCR"],
    "troika": {"outgoing": ["IOM"], "serving": ["UNHCR"], "incoming": ["ILO"]},
}

ORDERS = {act.command.message_name() for act in ChairsPages.acts.values()}


@pytest.fixture
def told(services):
    services.answers("chairs.overview", GROUP)
    services.answers("chairs.history", samples.history())
    services.answers("chairs.rota", samples.rota())
    services.answers("chairs.handover", samples.handover())
    for order in ORDERS:
        services.answers(f"chairs.{order}", {"version": 32})
    return services


@pytest.fixture
def reader(rehearsal, person, told):
    """A browser in which somebody is logged in: ``reader("ilo", "ILO")``."""

    def logged_in(name: str, entity: str | None = None, *roles: str, language: str = "en") -> Any:
        person(name, entity, *roles, language=language)
        log_in(rehearsal, name)
        assert rehearsal.get(f"/chairs?at={AT}").status_code == 200
        return rehearsal

    return logged_in


def offered(page) -> list[str]:
    return re.findall(r'<input type="hidden" name="act" value="(\w+)">', page.text)


def orders(services) -> list[tuple[str, dict[str, Any]]]:
    return [(what, payload) for what, payload, _ in services.asked if what.partition(".")[2] in ORDERS]


# Who is offered what

ILO, UNODC, OHCHR, UNHCR, SEC = ("ilo", "ILO"), ("unodc", "UNODC"), ("ohchr", "OHCHR"), ("unhcr", "UNHCR"), ("sec", None, "secretariat")
IS_MISSION, IS_READER = ("brazil", "BRA", "mission"), ("reader", "ILO", "reader")
ENTERED = ["enter_decline", "enter_co_chair", "enter_swap"]


@pytest.mark.parametrize(
    ("who", "path", "acts"),
    [
        (UNHCR, "/chairs/terms/2015", ["step_down"]),
        (ILO, "/chairs/terms/2015", []),
        (SEC, "/chairs/terms/2015", ["enter_step_down"]),
        (ILO, "/chairs/terms/2016", ["decline_term", "co_chair", "propose_swap"]),
        (UNODC, "/chairs/terms/2016", ["co_chair"]),
        (SEC, "/chairs/terms/2016", ENTERED),
        (UNODC, "/chairs/terms/2017", ["accept_term", "decline_term", "co_chair", "propose_swap"]),
        (SEC, "/chairs/terms/2017", ["enter_acceptance", *ENTERED]),
        (OHCHR, "/chairs/terms/2018", []),
        (SEC, "/chairs/terms/2013", ["record_term"]),
        (UNODC, "/chairs/terms/2013", []),
        (SEC, "/chairs/terms/2008", ["record_term"]),
        (IS_MISSION, "/chairs/terms/2016", []),
        (IS_READER, "/chairs/terms/2016", []),
        (UNODC, "/chairs/rota", ["agree_swap", "refuse_swap"]),
        (ILO, "/chairs/rota", ["take_back_swap"]),
        (UNHCR, "/chairs/rota", ["propose_rota"]),
        (SEC, "/chairs/rota", ["enter_agreement", "enter_refusal", "propose_rota", "adopt_rota"]),
        (IS_MISSION, "/chairs/rota", []),
        (IS_READER, "/chairs/rota", []),
        (UNHCR, "/chairs/handovers/2016", ["sign_handover", "note_handover"]),
        (ILO, "/chairs/handovers/2016", ["sign_handover"]),
        (OHCHR, "/chairs/handovers/2016", []),
        (SEC, "/chairs/handovers/2016", ["enter_signature", "note_handover"]),
    ],
)
def test_each_reader_is_offered_what_is_theirs_now(reader, who, path, acts):
    page = reader(*who).get(path)
    assert page.status_code == 200
    assert offered(page) == acts


def test_every_order_of_chairs_has_a_form_somewhere():
    commands = {name for name, one in chairs.contract.commands.items() if not issubclass(one, Query)}
    forms = {act.command.message_name() for act in Pages.acts.values() if act.command.producer == "chairs"}
    assert commands - forms == set()


def test_what_is_open_to_everyone_is_read_without_an_account(client, told):
    page = client.get("/chairs/terms/2016")
    assert page.status_code == 200
    assert "The chair of 2016" in page.text
    assert offered(page) == []
    assert "chairs.rota" not in {what for what, _, _ in told.asked}
    for path in ("/chairs/rota", "/chairs/handovers/2016"):
        assert client.get(path).headers["Location"] == f"/login?next={path}"
    assert client.post("/chairs/terms/2016", data={"act": "accept_term"}).headers["Location"].startswith("/login")


@pytest.mark.parametrize("path", ["/chairs/terms/2099", "/chairs/terms/1999", "/chairs/terms/20x6", "/chairs/handovers/x"])
def test_where_there_is_no_page(reader, path):
    assert reader(*UNODC).get(path).status_code == 404


def test_while_chairs_is_away_a_page_says_so(reader, told):
    browser = reader(*ILO)
    told.answers("chairs.rota", Refusal("timed_out", "late", rule="answer-in-time"))
    assert browser.get("/chairs/rota").status_code == 504
    page = browser.get("/chairs/terms/2016")
    assert page.status_code == 200
    assert "Not available now" in page.text
    assert offered(page) == []


# What is sent

LETTER = "Letter of 3 June 2015"


@pytest.mark.parametrize(
    ("who", "path", "act", "typed", "what", "payload"),
    [
        (UNODC, "/chairs/terms/2017", "accept_term", {}, "accept_term", {"year": 2017, "entity": "UNODC"}),
        (UNODC, "/chairs/terms/2017", "decline_term", {}, "decline_term", {"year": 2017, "entity": "UNODC"}),
        (ILO, "/chairs/terms/2016", "co_chair", {"with_entity": "IOM"}, "co_chair", {"year": 2016, "entity": "ILO", "with_entity": "IOM"}),
        (
            ILO,
            "/chairs/terms/2016",
            "propose_swap",
            {"other_turn": "2017 UNODC"},
            "propose_swap",
            {"year": 2016, "entity": "ILO", "with_year": 2017, "with_entity": "UNODC"},
        ),
        (
            SEC,
            "/chairs/terms/2016",
            "enter_swap",
            {"entity": "ILO", "other_turn": "2017 UNICEF", "letter": LETTER},
            "propose_swap",
            {"year": 2016, "entity": "ILO", "with_year": 2017, "with_entity": "UNICEF", "letter": LETTER},
        ),
        (
            SEC,
            "/chairs/terms/2017",
            "enter_acceptance",
            {"entity": "UNODC", "letter": LETTER},
            "accept_term",
            {"year": 2017, "entity": "UNODC", "letter": LETTER},
        ),
        (UNHCR, "/chairs/terms/2015", "step_down", {}, "step_down", {"year": 2015, "entity": "UNHCR"}),
        (
            SEC,
            "/chairs/terms/2013",
            "record_term",
            {"chairs": "ilo, iom", "source": "Minutes"},
            "record_term",
            {"year": 2013, "chairs": ["ILO", "IOM"], "nobody_knows": False, "source": "Minutes"},
        ),
        (SEC, "/chairs/terms/2013", "record_term", {"nobody_knows": "yes"}, "record_term", {"year": 2013, "nobody_knows": True}),
        (UNODC, "/chairs/rota", "agree_swap", {}, "agree_swap", {"swap": "s1"}),
        (UNODC, "/chairs/rota", "refuse_swap", {}, "refuse_swap", {"swap": "s1"}),
        (ILO, "/chairs/rota", "take_back_swap", {}, "refuse_swap", {"swap": "s1"}),
        (SEC, "/chairs/rota", "enter_agreement", {"letter": LETTER}, "agree_swap", {"swap": "s1", "letter": LETTER}),
        (UNHCR, "/chairs/rota", "propose_rota", {"years": "2"}, "propose_rota", {"years": 2, "together": 1}),
        (
            SEC,
            "/chairs/rota",
            "adopt_rota",
            {"turns": "2018 OHCHR\r\n\r\n2019 iom, unhcr\r\n", "decision": "Minutes"},
            "adopt_rota",
            {"turns": [{"year": 2018, "chairs": ["OHCHR"]}, {"year": 2019, "chairs": ["IOM", "UNHCR"]}], "decision": "Minutes"},
        ),
        (UNHCR, "/chairs/handovers/2016", "note_handover", {"text": "Keys."}, "note_handover", {"year": 2016, "text": "Keys."}),
        (ILO, "/chairs/handovers/2016", "sign_handover", {}, "sign_handover", {"year": 2016, "entity": "ILO", "digest": "b" * 64}),
        (
            SEC,
            "/chairs/handovers/2016",
            "enter_signature",
            {"entity": "ILO", "letter": LETTER},
            "sign_handover",
            {"year": 2016, "entity": "ILO", "digest": "b" * 64, "letter": LETTER},
        ),
    ],
)
def test_what_is_typed_is_ordered(reader, told, who, path, act, typed, what, payload):
    browser = reader(*who)
    answer = browser.post(path, data=typed_into(browser.get(path), act, **typed))
    assert (answer.status_code, answer.headers.get("Location")) == (303, f"{path}?done={act}"), answer.text
    assert orders(told) == [(f"chairs.{what}", payload)]
    load(chairs.contract.commands[what], payload)
    assert 'role="status"' in browser.get(answer.headers["Location"]).text


def test_a_button_pressed_twice_is_one_order(reader, told):
    browser = reader(*UNODC)
    data = typed_into(browser.get("/chairs/terms/2017"), "accept_term")
    for _ in range(2):
        assert browser.post("/chairs/terms/2017", data=data).status_code == 303
    assert len(told.causes("chairs.accept_term")) == 2
    assert len(set(told.causes("chairs.accept_term"))) == 1


def test_the_order_that_was_put_before_the_group_stands_in_the_form_and_is_adopted_as_it_was_seen(reader, told):
    browser = reader(*SEC)
    page = browser.get("/chairs/rota")
    assert re.search(r'name="turns"[^>]*>\s*2018 OHCHR</textarea>', page.text)
    browser.post("/chairs/rota", data=typed_into(page, "adopt_rota"))
    assert [cause.expected for what, _, cause in told.asked if what == "chairs.adopt_rota"] == [31]
    told.answers("chairs.adopt_rota", Refusal("stale", "It has changed.", rule="version"))
    again = browser.post("/chairs/rota", data=typed_into(page, "adopt_rota", turns="2018 IOM"))
    assert again.status_code == 412
    assert "2018 IOM</textarea>" in again.text


def test_a_line_that_is_no_turn_is_named_by_its_number(reader, told):
    browser = reader(*SEC)
    data = typed_into(browser.get("/chairs/rota"), "adopt_rota", turns="2018 OHCHR\n\nnext year IOM")
    page = browser.post("/chairs/rota", data=data)
    assert page.status_code == 422
    assert "Line 3:" in page.text
    assert "next year IOM</textarea>" in page.text
    assert orders(told) == []


def test_what_is_no_turn_is_refused(reader, told):
    browser = reader(*ILO)
    for turn in ("", "soon UNODC", "2017"):
        page = browser.post("/chairs/terms/2016", data=typed_into(browser.get("/chairs/terms/2016"), "propose_swap", other_turn=turn))
        assert page.status_code == 422
    assert orders(told) == []


def test_a_refusal_is_told_where_it_was_typed(reader, told):
    told.answers("chairs.decline_term", Refusal.conflict("Nobody can move up to 2017.", rule="nobody-moves-up"))
    browser = reader(*UNODC, language="fr")
    page = browser.post("/chairs/terms/2017", data=typed_into(browser.get("/chairs/terms/2017"), "decline_term"))
    assert page.status_code == 409
    assert re.search(r'<details class="act" id="act-decline_term" open>', page.text)
    assert page.text.count('role="alert"') == 1


def test_an_act_of_another_page_is_none_of_this_one(reader, told):
    browser = reader(*UNODC)
    data = typed_into(browser.get("/chairs/terms/2017"), "accept_term")
    assert browser.post("/chairs/rota", data=data).status_code == 404
    data.setlist("csrf_token", ["forged"])
    assert browser.post("/chairs/terms/2017", data=data).status_code == 403
    assert orders(told) == []


def test_an_offer_to_co_chair_is_answered_with_a_click(reader, told):
    told.answers("chairs.rota", samples.rota() | {"offers": [{"year": 2016, "entity": "ILO", "with_entity": "OHCHR"}]})
    page = reader(*OHCHR).get("/chairs/terms/2016")
    assert "ILO would co-chair 2016 with OHCHR" in spoken(page.text)
    assert '<option value="ILO" selected>ILO</option>' in page.text


def test_the_address_unfolds_the_form_that_the_desk_leads_to(reader):
    page = reader(*UNODC).get("/chairs/terms/2017?act=decline_term").text
    assert '<details class="act" id="act-decline_term" open>' in page
    assert '<details class="act" id="act-accept_term">' in page


# What is read


def test_the_rota_tells_what_entities_ask_of_one_another(reader):
    page = spoken(reader(*OHCHR).get("/chairs/rota").text)
    for words in (
        "ILO (2016) with UNODC (2017) proposed",
        "OHCHR would co-chair 2018 with IOM",
        "The rota still says the same.",
        "In the Group&#39;s minutes",
    ):
        assert words in page


def test_a_term_tells_who_stood_in_and_from_when(reader):
    page = spoken(reader(*OHCHR).get("/chairs/terms/2012").text)
    assert "1 September 2012" in page
    assert "UNICEF" in page


def test_a_handover_that_nobody_needs_says_so_and_asks_for_nothing(reader, told):
    told.answers("chairs.handover", samples.handover() | {"state": "not_needed", "unsigned": []})
    page = reader(*UNHCR).get("/chairs/handovers/2016")
    assert "there is nothing to hand over" in page.text
    assert offered(page) == []


def test_what_all_have_signed_takes_neither_signature_nor_note(reader, told):
    told.answers("chairs.handover", samples.handover() | {"state": "signed", "unsigned": []})
    assert offered(reader(*SEC).get("/chairs/handovers/2016")) == []


def test_who_signed_exactly_this_is_not_asked_again(reader, told):
    whole = samples.handover()
    mine = whole["signatures"][0] | {"current": True, "digest": "b" * 64}
    told.answers("chairs.handover", whole | {"signatures": [mine]})
    assert offered(reader(*UNHCR).get("/chairs/handovers/2016")) == ["note_handover"]
