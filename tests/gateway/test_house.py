"""The secretariat's own pages, without a browser: who is let in, what is shown, what is ordered."""

import re
from html import unescape

import pyotp
import pytest

from contracts import chairs, documents, notifications, platform, workplan
from contracts.subscriptions import PRODUCERS
from gateway.web.house import HousePages
from gateway.web.words import WORDS
from gateway.web.words_refusals import RULES
from services.kernel.refusal import Refusal
from tests.gateway.conftest import PASSWORD
from tests.gateway.samples import checked
from tests.gateway.test_web import log_in

MARKUP = "<b>Mara</b> & Co"

ALONE = ("/house", "/trail")
"""Pages on which nothing is ordered."""

PAGES = ["/house", "/people", "/people/ohchr", "/providers", "/entities", "/entities/IOM", "/letters", "/trail"]


@pytest.fixture
def sec(client, secretariat, known):
    log_in(client, secretariat)
    return client


def fields_of(page: str, act: str) -> dict[str, str]:
    """What the form of an act carries along, as a browser would send it."""
    for form in re.findall(r'<form method="post".*?</form>', page, re.DOTALL):
        hidden = {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)}
        if hidden.get("act") == act:
            return hidden
    raise AssertionError(f"no form {act}")


def plain(page: str) -> str:
    """What a person reads on a page."""
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page.partition("<main")[2]))


# Who is let in --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("name", "entity", "role"),
    [("ohchr", "OHCHR", "focal_point"), ("alt", "OHCHR", "alternate"), ("brazil", "BRA", "mission"), ("reads", None, "reader")],
)
def test_the_house_is_the_secretariats_alone(client, person, services, path, name, entity, role):
    person(name, entity, role, language="fr")
    log_in(client, name)
    answers = [client.get(path)] + [client.post(path, data={"act": act}) for act in HousePages.acts if path not in ALONE]
    for answer in answers:
        assert answer.status_code == 403
        assert RULES["secretariat-only"] in answer.text
    assert services.asked == [], "nothing is asked for who may not see it"
    assert 'href="/house"' not in client.get("/").text


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_is_asked_to_log_in(client, services, path):
    assert client.get(path).headers["Location"].startswith("/login?next=")
    assert services.asked == []


def test_every_act_has_its_words_in_both_languages():
    for name, act in HousePages.acts.items():
        assert f"act_{name}" in WORDS
        for field in act.command().fields:
            told = {f"field_{field}", f"field_{name}_{field}", f"field_{field}_en"}
            assert field in (*act.in_path, *act.hidden, *act.left_out) or told & set(WORDS), (name, field)


# People ---------------------------------------------------------------------------------------------------------------------------------


def test_a_person_is_invited_and_the_invitation_shown_once(sec, app):
    assert 'href="/house"' in sec.get("/").text
    asked = re.findall(r'<(?:input|select)[^>]* name="(\w+)"', sec.get("/people").text.partition('id="act-invite_person"')[2])
    assert list(dict.fromkeys(asked))[3:] == ["name", "display_name", "entity", "roles", "language"]
    assert 'href="/people"' in sec.get("/house").text
    form = fields_of(sec.get("/people").text, "invite_person")
    typed = form | {"name": "mara", "display_name": MARKUP, "entity": "ohchr", "roles": ["focal_point"], "language": "fr"}
    shown = sec.post("/people", data=typed)
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    assert "&lt;b&gt;Mara&lt;/b&gt;" in shown.text
    assert MARKUP not in shown.text
    (invitation,) = re.findall(r"<code>([^<]+)</code>", shown.text)
    assert "http://localhost/invitation" in shown.text
    assert "<dt>Login name</dt><dd>mara</dd>" in shown.text, "which is handed over with it"
    assert sec.post("/people", data=typed).text.count(invitation) == 1, "pressed twice it is one account, with one invitation"
    assert invitation not in sec.get("/people").text
    browser = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/invitation").text)[1]
    accepted = browser.post("/invitation", data={"csrf_token": token, "invitation": invitation, "password": PASSWORD})
    assert accepted.status_code == 200
    assert log_in(browser, "mara").status_code == 303


def test_what_cannot_be_is_said_beside_its_field_and_what_was_typed_stays(sec):
    form = fields_of(sec.get("/people").text, "invite_person")
    typed = {"name": "Not a name", "display_name": "Mara", "entity": "OHCHR", "language": "fr"}
    answer = sec.post("/people", data=form | typed)
    assert answer.status_code == 422
    assert 'value="Not a name"' in answer.text
    assert re.search(r'name="name"[^>]*aria-invalid="true"', answer.text)
    assert "Choose at least one" in answer.text or WORDS["choose_one"][0] in answer.text
    answer = sec.post("/people", data=form | typed | {"name": "mara", "roles": ["focal_point"], "entity": "NOBODY"})
    assert answer.status_code == 422
    assert "No entity NOBODY is registered" in answer.text
    assert "mara" not in plain(sec.get("/people").text)


def test_the_list_is_narrowed_and_goes_on(sec, person):
    for number in range(51):
        person(f"p{number:02}", "OHCHR", "reader")
    person("ilo", "ILO", "focal_point", language="fr")
    page = sec.get("/people").text
    (onward,) = re.findall(r'href="\?(after=[^"]+)"', page)
    assert "p00" in page
    assert "p50" not in page
    assert "p50" in sec.get(f"/people?{onward}").text
    page = plain(sec.get("/people?entity=ilo&role=focal_point&status=active").text)
    assert "ILO ilo ILO focal point français active" in page
    assert "p00" not in page
    assert "No account is like that" in sec.get("/people?status=suspended").text
    assert sec.get("/people?role=king").status_code == 422
    assert sec.get("/people?entity=<b>").status_code == 422


def test_an_account_is_changed_and_its_history_told(sec, person, services):
    person("ohchr", "OHCHR")
    form = fields_of(sec.get("/people/ohchr").text, "change_person")
    typed = form | {"display_name": "Mara", "entity": "IOM", "language": "fr"}
    answer = sec.post("/people/ohchr", data=typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/people/ohchr?done=change_person")
    page = plain(sec.get("/people/ohchr?done=change_person").text)
    for told in (
        "The account was changed.",
        "Full name : OHCHR → Mara",
        "Entity : OHCHR → IOM",
        "Language : English → français",
        "State : active",
        "account opened",
    ):
        assert told.replace(" : ", ": ") in page.replace(" :", ":"), told
    assert page.index("Full name") < page.index("account opened"), "the newest first"
    everything = sec.get("/people/ohchr").text
    assert "argon2" not in everything


def test_roles_with_dates_are_given_and_ended_one_by_one(sec, person, client):
    person("ohchr", "OHCHR")
    form = fields_of(sec.get("/people/ohchr").text, "appoint_person")
    given = form | {"role": "reader", "since": "2100-01-01T00:00", "until": "2101-01-01T00:00"}
    assert sec.post("/people/ohchr", data=given).headers["Location"] == "/people/ohchr?done=appoint_person"
    page = sec.get("/people/ohchr").text
    assert "reader from 1 January 2100 until 1 January 2101" in plain(page)
    told = client.get("/api/v1/people/ohchr").json
    assert (told["roles"], len(told["appointments"])) == (["focal_point"], 2), "what stood goes on"
    change = fields_of(page, "change_person") | {"display_name": "Mara", "entity": "OHCHR", "language": "en"}
    assert sec.post("/people/ohchr", data=change).status_code == 303
    assert len(client.get("/api/v1/people/ohchr").json["appointments"]) == 2, "a change of the rest touches no role"
    again = sec.post("/people/ohchr", data=fields_of(sec.get("/people/ohchr").text, "appoint_person") | {"role": "focal_point"})
    assert again.status_code == 422
    assert "Two appointments as focal_point hold at the same time." in again.text
    for broken in ("", "{", "{}", "7"):
        assert sec.post("/people/ohchr", data=given | {"appointments": broken}).status_code == 422
    ends = [
        form for form in re.findall(r'<form method="post".*?</form>', sec.get("/people/ohchr").text, re.DOTALL) if "focal point" in form
    ]
    end = fields_of(ends[0], "end_role")
    assert sec.post("/people/ohchr", data=end).headers["Location"] == "/people/ohchr?done=end_role"
    assert client.get("/api/v1/people/ohchr").json["roles"] == []
    page = plain(sec.get("/people/ohchr").text).replace(" :", ":")
    assert re.search(r"Roles: focal point \(from [^→]*→ focal point \(from [^)]* until [^)]*\), reader \(from 1 January 2100", page)


def test_an_account_that_changed_meanwhile_is_not_overwritten(sec, person):
    person("ohchr", "OHCHR")
    form = fields_of(sec.get("/people/ohchr").text, "change_person")
    typed = {"display_name": "First", "entity": "OHCHR", "language": "en"}
    assert sec.post("/people/ohchr", data=form | typed).status_code == 303
    late = sec.post("/people/ohchr", data=form | {"once": "another"} | typed | {"display_name": "Second"})
    assert late.status_code == 412
    assert 'value="Second"' in late.text, "what was typed stays, to be sent again"
    assert "First" in late.text
    shown = re.search(r'name="shown" value="([^"]*)"', sec.get("/people/ohchr").text)[1]
    other = form | {"once": "a third", "entity": "OHCHR", "language": "fr", "display_name": "OHCHR"}
    late_too = sec.post("/people/ohchr", data=other)
    assert late_too.status_code == 412
    assert 'value="First"' in late_too.text, "what was not typed is what stands by now"
    assert f'value="{shown}"' in late_too.text
    assert fields_of(late.text, "change_person")["version"] == "2"
    again = fields_of(late.text, "change_person") | typed | {"display_name": "Second"}
    assert sec.post("/people/ohchr", data=again).status_code == 303


def test_a_person_is_suspended_and_reinstated(sec, person, app):
    person("ohchr", "OHCHR")
    theirs = app.test_client()
    log_in(theirs, "ohchr")
    assert sec.post("/people/ohchr", data=fields_of(sec.get("/people/ohchr").text, "suspend_person")).status_code == 303
    assert theirs.get("/api/v1/me").status_code == 401
    page = sec.get("/people/ohchr").text
    assert "suspended" in plain(page)
    assert sec.post("/people/ohchr", data=fields_of(page, "reinstate_person")).status_code == 303
    assert log_in(theirs, "ohchr").status_code == 303


def test_who_lost_what_let_them_in_is_invited_again(sec, person, app):
    person("ohchr", "OHCHR")
    theirs = app.test_client()
    log_in(theirs, "ohchr")
    told = sec.post("/people/ohchr", data=fields_of(sec.get("/people/ohchr").text, "invite_again"))
    assert (told.status_code, told.headers["Cache-Control"]) == (200, "no-store")
    invitation = re.search(r"<code>([\w-]{43})</code>", told.text)[1]
    assert invitation not in sec.get("/people/ohchr").text
    assert theirs.get("/api/v1/me").status_code == 200, "until it is accepted, what let them in still does"
    chosen = {"invitation": invitation, "password": "another password"}
    assert app.test_client().post("/api/v1/invitations/acceptances", json=chosen).status_code == 200
    assert theirs.get("/api/v1/me").status_code == 401
    assert log_in(theirs, "ohchr").status_code == 401
    assert log_in(theirs, "ohchr", password="another password").status_code == 303
    assert "gave a new invitation" in plain(sec.get("/people/ohchr").text)
    assert app.test_client().post("/api/v1/invitations/acceptances", json=chosen).status_code == 404, "it was used"
    own = sec.get("/people/sec").text
    assert "Invite again" not in own


def test_nobody_but_the_secretariat_lets_in_again_who_was_in_before(client, person, in_person, known):
    ohchr = in_person(person("ohchr", "OHCHR"))
    person("colleague", "OHCHR", "alternate")
    person("iom", "IOM")
    for name, status in (("colleague", 403), ("iom", 404), ("ohchr", 403), ("nobody", 404)):
        assert client.post(f"/api/v1/people/{name}/invitation", headers=ohchr).status_code == status, name
    new = {"name": "mara", "display_name": "Mara", "entity": "OHCHR", "roles": ["alternate"]}
    first = client.post("/api/v1/people", json=new, headers=ohchr).json["invitation"]
    second = client.post("/api/v1/people/mara/invitation", headers=ohchr).json["invitation"]
    for invitation, status in ((first, 404), (second, 200)):
        chosen = {"invitation": invitation, "password": PASSWORD}
        assert client.post("/api/v1/invitations/acceptances", json=chosen).status_code == status


def test_the_secretariat_hands_the_work_of_one_who_cannot_over(sec, person, services):
    for what in ("chairs", "workplan", "documents"):
        services.answers(f"{what}.awaiting", {"items": []})
    person("ohchr", "OHCHR")
    assert "Hand this person" not in sec.get("/people/sec").text
    assert "hand_over_for" not in sec.get("/people/ohchr").text, "to whom?"
    person("colleague", "OHCHR", "alternate")
    form = fields_of(sec.get("/people/ohchr").text, "hand_over_for")
    told = sec.post("/people/ohchr", data=form | {"to": "colleague"})
    assert told.status_code == 200
    assert "colleague is the focal point" in plain(told.text)
    assert sec.get("/api/v1/people/colleague").json["roles"] == ["alternate", "focal_point"]
    assert sec.get("/api/v1/people/ohchr").json["roles"] == []


def test_a_lost_second_factor_is_taken_away(sec, person, app):
    person("ohchr", "OHCHR")
    assert "Take away the second factor" not in sec.get("/people/ohchr").text
    theirs = app.test_client()
    csrf = {"X-CSRF-Token": theirs.post("/api/v1/sessions", json={"name": "ohchr", "password": PASSWORD}).json["csrf_token"]}
    secret = theirs.post("/api/v1/me/second-factor", json={"password": PASSWORD}, headers=csrf).json["secret"]
    code = pyotp.TOTP(secret).now()
    assert theirs.post("/api/v1/me/second-factor/confirmation", json={"code": code}, headers=csrf).status_code == 200
    page = sec.get("/people/ohchr").text
    assert secret not in page
    done = sec.post("/people/ohchr", data=fields_of(page, "reset_second_factor"))
    assert done.headers["Location"] == "/people/ohchr?done=reset_second_factor"
    assert log_in(app.test_client(), "ohchr").status_code == 303, "the password is enough again"
    assert "took the lost second factor away" in plain(sec.get("/people/ohchr").text)


def test_the_last_account_of_the_secretariat_stays_and_a_french_keeper_is_told_why(client, person, known):
    person("garde", None, "secretariat", language="fr")
    log_in(client, "garde")
    page = client.get("/people/garde").text
    answer = client.post("/people/garde", data=fields_of(page, "suspend_person"))
    assert answer.status_code == 409
    assert RULES["last-secretariat"] in answer.text
    assert "Ce qui a changé" in answer.text


def test_nobody_of_that_name(sec):
    assert sec.get("/people/nobody").status_code == 404
    assert sec.get("/people/Not%20a%20name").status_code in (404, 422)


def test_accounts_can_be_seen_with_every_service_away(sec, services):
    services.answers("chairs.entities", Refusal("unavailable", "The chairs service is not there.", rule="service-away"))
    assert sec.get("/people").status_code == 200


# Entities and seats ---------------------------------------------------------------------------------------------------------------------


def group(as_of: str = "2015-06-08T00:00:00Z") -> dict:
    """ILO and IOM chair together; UNDP is a member; WHO left; ICAO is known."""

    def held(entity, since, until=None):
        return {"entity": entity, "since": f"{since}T00:00:00Z", "until": f"{until}T00:00:00Z" if until else None, "source": "001 ¶31"}

    def entity(code):
        return {"code": code, "names": {"en": f"The {code} {MARKUP}", "fr": f"L’entité {code}"}, "acronyms": {"en": code}}

    def term(year, chairs, state):
        beside = {"accepted": [], "source": None, "started_at": None, "ended_at": None}
        return {"year": year, "chairs": chairs, "state": state, "stand_ins": [], **beside}

    terms = [term(2014, ["WHO"], "ended") | {"stand_ins": [{"entity": "IOM", "since": "2014-06-01T00:00:00Z", "for": "WHO"}]}]
    terms += [term(2015, ["ILO", "IOM"], "begun")]
    return checked(
        chairs.WholeGroupAnswer,
        {
            "version": 9,
            "as_of": as_of,
            "members": ["ILO", "IOM", "UNDP"],
            "seated": ["ILO", "IOM"],
            "chairs": ["ILO", "IOM"],
            "troika": {"outgoing": [], "serving": ["ILO", "IOM"], "incoming": []},
            "term": None,
            "next_term": None,
            "entities": {code: entity(code) for code in ("ICAO", "ILO", "IOM", "UNDP", "WHO")},
            "memberships": [
                held("ILO", "2010-01-01"),
                held("IOM", "2012-02-01"),
                held("IOM", "2007-03-01", "2010-01-01"),
                held("UNDP", "2011-01-01", "2016-01-01"),
                held("WHO", "2011-01-01", "2014-12-01"),
            ],
            "seats": [held("ILO", "2012-02-01"), held("IOM", "2012-02-01")],
            "terms": {str(one["year"]): one for one in terms},
        },
    )


def test_every_entity_with_what_it_is(sec, services):
    services.answers("chairs.get_group", group())
    page = sec.get("/entities").text
    assert MARKUP not in page
    rows = [plain(f"<main{row}") for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL)][1:]
    assert [re.sub(r" The \w+ .*? Co ", " ", row).strip(" >") for row in rows] == [
        "ICAO registered, not a member – –",
        "ILO co-chair from 1 January 2010 from 1 February 2012",
        "IOM co-chair from 1 February 2012 from 1 February 2012",
        "UNDP member from 1 January 2011 until 1 January 2016 –",
        "WHO registered, not a member – –",
    ]
    assert "As of 8 June 2015, 00:00 UTC" in page


def test_entities_as_they_were(sec, services):
    services.answers("chairs.get_group", lambda payload, cause: group(payload.get("as_of", "2015-06-08T00:00:00Z")))
    page = sec.get("/entities?as_of=2008-01-01T00:00").text
    assert services.asked[-1][:2] == ("chairs.get_group", {"as_of": "2008-01-01T00:00Z"})
    assert "from 1 March 2007 until 1 January 2010" in page
    assert 'value="2008-01-01T00:00"' in page
    before = len(services.asked)
    assert sec.get("/entities?as_of=someday").status_code == 422
    assert len(services.asked) == before, "what is no instant is not asked"


def test_an_entity_in_the_readers_language_with_all_its_dates(client, person, services):
    person("garde", None, "secretariat", language="fr")
    log_in(client, "garde")
    services.answers("chairs.get_group", group())
    page = plain(client.get("/entities/iom").text)
    assert "L’entité IOM IOM" in page
    assert "coprésidence" in page
    assert page.index("1er mars 2007") < page.index("1er février 2012"), "the first at first"
    assert re.search(r"2014 WHO terminé · IOM .*?WHO", page)
    assert "2015 ILO IOM" in page
    assert client.get("/entities/WFP").status_code == 404


@pytest.mark.parametrize(
    ("act", "typed", "sent"),
    [
        ("start_membership", {"since": "2015-01-01T00:00", "source": "A letter"}, {"since": "2015-01-01T00:00Z", "source": "A letter"}),
        ("end_membership", {"until": "2016-01-01T00:00:30"}, {"until": "2016-01-01T00:00:30Z"}),
        ("take_seat", {"since": "", "source": "A letter"}, {"source": "A letter"}),
        ("give_up_seat", {}, {}),
    ],
)
def test_memberships_and_seats_are_entered_with_their_dates(sec, services, act, typed, sent):
    services.answers("chairs.get_group", group())
    services.answers(f"chairs.{act}", {})
    form = fields_of(sec.get("/entities/UNDP").text, act)
    for _ in range(2):
        answer = sec.post("/entities/UNDP", data=form | typed)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/entities/UNDP?done={act}")
    assert services.asked[-1][:2] == (f"chairs.{act}", {"entity": "UNDP", **sent})
    assert len(set(services.causes(f"chairs.{act}"))) == 1, "pressed twice it is one order"
    assert sec.post("/entities/UNDP", data=form | {"csrf_token": "another"}).status_code == 403


def test_what_chairs_refuses_is_said_in_french_with_what_was_typed(client, person, services):
    person("garde", None, "secretariat", language="fr")
    log_in(client, "garde")
    services.answers("chairs.get_group", group())
    no = Refusal.conflict("UNDP is no member.", rule="seat-needs-membership", field="since", accepted=["since 2011-01-01"])
    services.answers("chairs.take_seat", no)
    form = fields_of(client.get("/entities/UNDP").text, "take_seat")
    answer = client.post("/entities/UNDP", data=form | {"since": "2009-01-01T00:00", "source": "Une lettre"})
    assert answer.status_code == 409
    assert RULES["seat-needs-membership"] in answer.text
    assert 'value="Une lettre"' in answer.text


def test_an_entity_is_registered_in_its_languages(sec, services):
    services.answers("chairs.get_group", Refusal.not_found("There is no group icat."))
    services.answers("chairs.register_entity", {})
    page = sec.get("/entities")
    assert page.status_code == 200
    assert "No entity is registered yet." in page.text
    assert re.search(r'name="names.en"[^>]*required', page.text)
    typed = {"code": "wfp", "names.en": "World Food Programme", "names.fr": "Programme alimentaire mondial", "acronyms.fr": "PAM"}
    answer = sec.post("/entities", data=fields_of(page.text, "register_entity") | typed)
    assert answer.headers["Location"] == "/entities?done=register_entity"
    names = {"en": "World Food Programme", "fr": "Programme alimentaire mondial"}
    assert services.asked[-1][1] == {"code": "WFP", "names": names, "acronyms": {"fr": "PAM"}}


def test_with_chairs_away_the_page_says_so(sec):
    assert sec.get("/entities").status_code == 503


# Dead letters ---------------------------------------------------------------------------------------------------------------------------


def letter(id: str = "workplan:plan/2014/12", **more) -> dict:
    value = {"id": id, "type": "icat.workplan.plan_adopted.v1", "subject": "plan/2014", "at": "2014-03-01T12:00:00Z", "attempts": 10}
    return checked(platform.LetterAnswer, {**value, "error": "ValueError", **more})


def dead(*letters: dict, count: int | None = None) -> dict:
    return checked(platform.DeadLettersAnswer, {"count": len(letters) if count is None else count, "items": list(letters)})


@pytest.fixture
def lost(services):
    """Two letters of one service, one of which nobody could read; none of the others; and one service that is away."""
    unreadable = letter("0f" * 8, type="", subject=None, at=None, attempts=1, error="Unreadable")
    services.answers("chairs.dead_letters", dead(letter(), unreadable, count=7))
    services.answers("documents.dead_letters", dead(letter("x:1", type="icat.new.thing_done.v2", subject=MARKUP, error="delivery_limit")))
    services.answers("workplan.dead_letters", dead())
    return services


def test_dead_letters_are_told_and_not_what_they_say(sec, lost):
    page = sec.get("/letters").text
    assert MARKUP not in page
    text = plain(page)
    for told in (
        "plan adopted plan/2014",
        "1 March 2014, 12:00 UTC",
        "Attempts: 10",
        "an error on our side (ValueError)",
        "it could not be read",
        "whoever handled it stopped each time",
        "7 in all",
        "icat.new.thing_done.v2",
    ):
        assert told in text, told
    assert text.count("None.") == 1
    assert text.count("Not available now") == 1
    assert len(set(found := re.findall(r' id="([^"]+)"', page))) == len(found), "no two things have one id"


def test_a_letter_is_sent_again_or_dropped_with_a_reason(sec, lost):
    for act, typed, sent in (("send_letter_again", {}, {}), ("drop_letter", {"reason": "A rehearsal"}, {"reason": "A rehearsal"})):
        lost.answers(f"chairs.{act}", {})
        form = fields_of(sec.get("/letters").text, act)
        assert (form["service"], form["id"]) == ("chairs", "workplan:plan/2014/12")
        for _ in range(2):
            assert sec.post("/letters", data=form | typed).headers["Location"] == f"/letters?done={act}"
        assert lost.asked[-1][:2] == (f"chairs.{act}", {"id": "workplan:plan/2014/12", **sent})
        assert len(set(lost.causes(f"chairs.{act}"))) == 1, "pressed twice it is one order"
    again = sec.post("/letters", data=form | {"reason": " "})
    assert again.status_code == 422
    assert again.text.count('aria-invalid="true"') == 1, "only the form that was sent is shown as refused"
    assert sec.post("/letters", data=form | {"service": "kitchen", "reason": "x"}).status_code == 422
    assert sec.post("/letters", data=form | {"csrf_token": "another", "reason": "x"}).status_code == 403


def test_a_letter_that_is_gone_is_said_to_be(client, person, lost):
    person("garde", None, "secretariat", language="fr")
    log_in(client, "garde")
    lost.answers("workplan.send_letter_again", Refusal.not_found("There is no such dead letter.", rule="letter", field="id"))
    form = fields_of(client.get("/letters").text, "send_letter_again") | {"service": "workplan", "id": "gone"}
    answer = client.post("/letters", data=form)
    assert answer.status_code == 404
    assert RULES["letter"] in answer.text
    assert "plan adopté" in answer.text


def test_the_api_tells_letters_to_the_secretariat_alone(client, secretariat, bearer, person, lost):
    headers = bearer(secretariat)
    got = client.get("/api/v1/services/chairs/letters?limit=2", headers=headers)
    assert got.json == lost._answers["chairs.dead_letters"]
    assert lost.asked[-1][:2] == ("chairs.dead_letters", {"limit": 2})
    lost.answers("chairs.drop_letter", {})
    body = {"id": "workplan:plan/2014/12", "reason": "A rehearsal"}
    dropped = client.post("/api/v1/services/chairs/letters/dropping", json=body, headers=headers)
    assert dropped.status_code == 204
    assert client.get("/api/v1/services/kitchen/letters", headers=headers).status_code == 422
    assert client.get("/api/v1/services/notifications/letters", headers=headers).status_code == 503
    asked = len(lost.asked)
    person("iom", "IOM")
    for path in ("letters/dropping", "letters/resending"):
        assert client.post(f"/api/v1/services/chairs/{path}", json=body, headers=headers | bearer("iom")).status_code in (403, 422)
    assert client.get("/api/v1/services/chairs/letters", headers=bearer("iom")).status_code == 403
    assert len(lost.asked) == asked


def test_every_event_is_told_in_words():
    for contract in (chairs.contract, workplan.contract, documents.contract, notifications.contract):
        assert contract.producer in PRODUCERS
        for name in contract.events:
            assert f"event_{contract.producer}_{name}" in WORDS, name


# The trail ------------------------------------------------------------------------------------------------------------------------------


def trod(service: str, sequence: int, at: str, **more) -> dict:
    value = {"id": f"{service}:plan/2014/{sequence}", "type": "icat.workplan.plan_adopted.v1", "subject": "plan/2014", "sequence": sequence}
    value |= {"at": at, "person": "ilo", "entity": "ILO", "cause": "order-1", "correlation": "click-1"}
    return checked(platform.TrailItem, value | more)


@pytest.fixture
def trodden(services):
    """Three services that were at work by turns, each asked as the real ones are: what comes after a position; and one that is away."""
    work = {
        "chairs": [trod("chairs", n, f"2014-03-0{n}T12:00:00Z", type="icat.chairs.term_started.v1") for n in (9, 7, 5, 3, 1)],
        "workplan": [trod("workplan", n, f"2014-03-0{n}T12:00:00Z") for n in (8, 6, 4, 2)],
        "documents": [
            trod("documents", 5, "2014-03-05T12:00:00Z", subject=MARKUP, entity=None, person="platform", type="icat.odd.thing.v1")
        ],
    }

    def answering(items):
        def trail(payload, cause):
            after = payload.get("after")
            left = [one for one in items if after is None or key(platform.position(one)) < key(after)]
            shown = left[: payload["limit"]]
            return {"items": shown, "next": platform.position(shown[-1]) if len(left) > len(shown) else None}

        return trail

    def key(position):
        at, sequence, id = position.split(" ", 2)
        return at, int(sequence), id

    for name, items in work.items():
        services.answers(f"{name}.trail", answering(items))
    return services


def test_the_trails_of_all_services_are_one_the_newest_first(sec, trodden):
    page = sec.get("/trail").text
    assert MARKUP not in page
    text = plain(page)
    assert re.findall(r"<time[^>]*>(\d) March", page) == list("9876554321")
    assert "term started" in text
    assert "icat.odd.thing.v1" in text, "what no contract tells of is named by its type"
    assert 'href="/people/ilo"' in page
    assert 'href="/people/platform"' not in page
    assert "Not asked, because not available now: Notifications." in text
    assert "order-1" in text
    assert "click-1" in text
    assert "What came before" not in text


def test_a_trail_goes_on_where_it_ended_in_every_service(client, secretariat, bearer, trodden):
    headers, seen, after = bearer(secretariat), [], ""
    while after is not None:
        page = client.get("/api/v1/trail", query_string={"limit": 3} | ({"after": after} if after else {}), headers=headers).json
        assert page["unavailable"] == ["notifications"]
        assert len(page["items"]) <= 3
        seen += [(item["at"][9], item["service"]) for item in page["items"]]
        after = page["next"]
    assert [day for day, _ in seen] == list("9876554321")
    assert {service for day, service in seen if day == "5"} == {"chairs", "documents"}


def test_a_trail_is_narrowed_by_its_address(sec, trodden):
    page = sec.get("/trail?subject=plan/2014&person=ilo&entity=ilo&since=2014-03-01T00:00&until=2014-03-10T00:00:00Z&colour=red").text
    sent = {"subject": "plan/2014", "person": "ilo", "entity": "ILO", "since": "2014-03-01T00:00:00Z", "until": "2014-03-10T00:00:00Z"}
    asked = {what: payload for what, payload, _ in trodden.asked if what.endswith(".trail")}
    assert asked == {f"{name}.trail": sent | {"limit": 50} for name in PRODUCERS}
    for told in ('value="plan/2014"', 'value="ILO"', 'value="2014-03-01T00:00"', 'value="2014-03-10T00:00"'):
        assert told in page, told
    before = len(trodden.asked)
    for wrong in ("since=someday", "entity=<b>", "until=2014"):
        assert sec.get(f"/trail?{wrong}").status_code == 422
    assert len(trodden.asked) == before


def test_a_cursor_that_is_none_is_refused_and_nothing_on_record_is_said(sec, services):
    no = Refusal.invalid("after", "This cursor was not given by us.", rule="cursor", accepted="the next of a page")
    for name in PRODUCERS:
        services.answers(f"{name}.trail", no)
    assert sec.get("/trail?after=x").status_code == 422
    for name in PRODUCERS:
        services.answers(f"{name}.trail", {"items": [], "next": None})
    assert "Nothing happened there." in sec.get("/trail").text


def test_a_trail_is_told_to_nobody_else_by_the_api(client, person, bearer, trodden):
    person("iom", "IOM")
    assert client.get("/api/v1/trail", headers=bearer("iom")).status_code == 403
    assert client.get("/api/v1/trail").status_code == 401
    assert trodden.asked == []


# The house at one glance ----------------------------------------------------------------------------------------------------------------


def room(name: str) -> dict:
    value = {"service": name, "instance": "one", "rehearsal": False, "pending": 3, "due": 41, "events": 1234}
    return checked(platform.StatusAnswer, value)


@pytest.fixture
def at_work(services):
    """All services but documents are there; workplan has lost letters, and some deliveries failed."""
    for name in set(PRODUCERS) - {"documents"}:
        services.answers(f"{name}.status", room(name))
        services.answers(f"{name}.dead_letters", dead(letter(), count=7) if name == "workplan" else dead())
    summary = {"sent": 120, "failed": 4, "waiting": 6, "since": None, "by_channel": {}, "by_mission": {}}
    services.answers("notifications.delivery_summary", checked(notifications.DeliverySummaryAnswer, summary))
    return services


def test_what_waits_is_seen_at_one_glance(sec, person, at_work):
    person("ohchr", "OHCHR")
    page = sec.get("/house").text
    text = plain(page)
    for told in (
        "active 2",
        "invited 0",
        "suspended 0",
        "failed 4",
        "Workplan and meetings answers 7 3 41 1234",
        "Chairs answers 0 3 41 1234",
    ):
        assert told in text, told
    assert "Documents does not answer – – – –" in text, "one that is away takes only its own row"
    for path in (
        "/people",
        "/entities",
        "/letters",
        "/trail",
        "/deliveries",
        "/subscribers",
        "/letters#workplan",
        "/people?status=invited",
    ):
        assert f'href="{path}"' in page, path
    assert 'href="/letters#chairs"' not in page


def test_with_every_service_away_the_house_still_stands(sec):
    page = sec.get("/house")
    assert page.status_code == 200
    assert "active 1" in plain(page.text)
    assert page.text.count(">does not answer<") == len(PRODUCERS)


def test_the_glance_is_the_secretariats_by_the_api_too(client, secretariat, bearer, person, at_work):
    told = client.get("/api/v1/house", headers=bearer(secretariat)).json
    assert told["people"] == {"invited": 0, "active": 1, "suspended": 0}
    assert told["deliveries"] == {"sent": 120, "failed": 4, "waiting": 6}
    assert told["rooms"]["workplan"] == room("workplan") | {"available": True, "letters": 7}
    assert told["rooms"]["documents"] == {"available": False, "letters": None}
    asked = len(at_work.asked)
    person("iom", "IOM")
    assert client.get("/api/v1/house", headers=bearer("iom")).status_code == 403
    assert len(at_work.asked) == asked
