"""The pages of documents, over HTTP against services that are stood in for: what they show, what their forms send, what a refusal keeps."""

import json
import re
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from gateway.web import acronyms, writing
from gateway.web.changes import changes_of
from gateway.web.documents import ACTS
from gateway.web.words import WORDS, said
from gateway.web.words_refusals import RULES
from press import markup
from services.kernel.refusal import Refusal
from tests.gateway import samples_documents as samples
from tests.gateway.test_web import form_of, log_in

ANSWERS: dict[str, Any] = {
    "library": {"items": [samples.library_item()], "next": "cursor+/="},
    "search": {"items": [samples.found()], "next": "cursor+/="},
    "documents": {"items": [samples.draft(), samples.statement(id="s1")], "next": "cursor+/="},
    "get_document": samples.draft(),
    "get_revision": samples.revision(),
    "revisions": {"items": [samples.revision_line(2), samples.revision_line(1, corrigendum=True)], "next": "cursor+/="},
    "get_section": samples.a_section(),
    "compare_revisions": samples.comparison(),
    "compare_translation": samples.translation(),
    "comments": {
        "items": [samples.comment(), samples.comment(number=2, disposition=None, dispositions=[], passage="gone")],
        "next": "c+/=",
    },
    "get_comment": samples.comment(),
    "clearance": samples.board(),
    "passing_rules": samples.rulebook(),
    "certificate": samples.certificate(),
    "get_export": samples.export(),
}


@pytest.fixture
def full(services):
    for query, answer in ANSWERS.items():
        services.answers(f"documents.{query}", answer)
    return services


@pytest.fixture
def iom(client, person):
    person("iom", "IOM")
    assert log_in(client, "iom").status_code == 303
    return client


@pytest.fixture
def oim(client, person):
    """One who reads French."""
    person("oim", "IOM", language="fr")
    assert log_in(client, "oim").status_code == 303
    return client


def fields_of(page: str, act: str = "", at: str = 'action="') -> dict[str, str]:
    """What a form of the page sends as it stands: of the act, or the first whose tag has ``at``."""
    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        if f'name="act" value="{act}"' in form if act else at in form.partition(">")[0] and 'method="post"' in form:
            if "/logout" in form.partition(">")[0]:
                continue
            given = {
                unescape(name): unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
            }
            for tag in re.findall(r"<input (?!type=\"hidden\")[^>]*>", form):
                if "checkbox" not in tag and "radio" not in tag and "file" not in tag:
                    name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
                    given[unescape(name[1])] = unescape(value[1]) if value else ""
                elif " checked" in tag:
                    given[unescape(re.search(r'name="([^"]+)"', tag)[1])] = unescape(re.search(r'value="([^"]*)"', tag)[1])
            for name, value in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
                given[name] = unescape(value)
            return given
    raise AssertionError(f"no form {act or at}")


def sent(services, command: str) -> list[dict[str, Any]]:
    return [payload for asked, payload, _ in services.asked if asked == f"documents.{command}"]


# Every page -----------------------------------------------------------------------------------------------------------------------------

OWN = [
    "/documents",
    "/documents/p2",
    "/documents/p2/text?number=1",
    "/documents/p2/revisions",
    "/documents/p2/edit",
    "/documents/p2/sections/s1",
    "/documents/p2/sections/s1/edit",
    "/documents/p2/import",
    "/documents/p2/comparison?base=1&other=2",
    "/documents/p2/languages/ar",
    "/documents/p2/languages/ar?write",
    "/documents/p2/comments",
    "/documents/p2/comments?open=true&entity=ilo&section_id=s1",
    "/documents/p2/comments/1",
    "/documents/p2/clearance",
    "/documents/passing-rules",
    "/documents/p2/exports?format=redline.docx&base=1",
    "/documents/p2/exports/export-1",
]
PUBLIC = ["/library", "/library?words=%22forced+labour%22&language=ar", "/documents/p2", "/documents/p2/certificate"]
STATES = {"draft": samples.draft(), "drafting": samples.drafting(), "statement": samples.statement(), "published": samples.published()}


def must_be_sound(answer) -> str:
    assert answer.status_code == 200, answer.text
    page = answer.text
    assert page.count("<h1") == 1
    for bad in ("<script", "style=", "javascript:", "<b>", "<old>", "<asked>", "<demand>", "<effects>", "<wrong>", "<said>", "<otherwise>"):
        assert bad not in page, bad
    assert not re.search(r"<\w+[^>]* on\w+=", page), "no handlers in attributes"
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)
    labelled = set(re.findall(r'<label [^>]*for="([^"]+)"', page))
    for tag in re.findall(r"<(?:input|select|textarea) [^>]*>", page):
        if not re.search(r'type="(hidden|checkbox|radio)"', tag):
            assert re.search(r' id="([^"]+)"', tag)[1] in labelled, tag
    for form in re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL):
        assert 'name="csrf_token"' in form
    return page


@pytest.mark.parametrize("path", [*OWN, *PUBLIC])
def test_a_page_renders_in_both_languages(client, person, full, path):
    pages = []
    for name, language in (("iom", "en"), ("oim", "fr")):
        person(name, "IOM", language=language)
        log_in(client, name)
        pages.append(must_be_sound(client.get(path)))
        client.post("/logout", data={"csrf_token": form_of(client.get("/chairs"))})
    assert pages[0] != pages[1]


def test_lead_and_co_drafters_stand_apart_and_languages_are_called_in_the_readers_own(iom, full):
    full.answers("documents.get_document", samples.drafting(languages=[]))
    plain = " ".join(re.sub("<[^>]+>", " ", iom.get("/documents/p2").text).split())
    assert "Lead IOM Co-drafters ILO" in plain
    assert "Write the Arabic version" in plain


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ["focal_point", "secretariat"])
def test_a_documents_pages_hold_in_every_state(client, person, full, state, role):
    person("x", None if role == "secretariat" else "IOM", role)
    log_in(client, "x")
    full.answers("documents.get_document", STATES[state])
    for path in (
        "/documents/p2",
        "/documents/p2/clearance",
        "/documents/p2/comments/1",
        "/documents/p2/sections/s1",
        "/documents/p2/languages/ar",
    ):
        must_be_sound(client.get(path))


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (samples.drafting(), ""),
        (samples.drafting(may=["save_revision"]), "No comment can be made here now"),
        (samples.published(), "This text is public: comments are closed."),
    ],
)
def test_a_section_is_commented_on_while_that_is_open(iom, full, document, why):
    full.answers("documents.get_document", document)
    full.answers("documents.get_revision", samples.revision(number=document["revision"]))
    section = must_be_sound(iom.get("/documents/p2/sections/s1"))
    assert "<h1>Causes: <a" in section
    assert why in section
    assert ('name="quotation"' in section) is (not why)


@pytest.mark.parametrize("path", PUBLIC)
def test_what_is_public_needs_no_account(client, full, path):
    full.answers("documents.get_document", samples.public())
    page = must_be_sound(client.get(path))
    assert "The Group’s own" not in page


@pytest.mark.parametrize("path", [one for one in OWN if one != "/documents/p2" and "comparison" not in one])
def test_what_is_the_groups_own_asks_a_visitor_to_log_in(client, services, path):
    assert client.get(path).headers["Location"].startswith("/login?next=")
    assert services.asked == []


@pytest.mark.parametrize(
    "path",
    ["sections/x", "sections/s0/edit", "languages/de", "comments/x", "comments/0", "text?number=x", "comparison?base=0&other=2", "edit/x"],
)
def test_what_names_nothing_has_no_page(iom, full, path):
    assert iom.get(f"/documents/p2/{path}").status_code == 404


def test_what_the_service_keeps_back_is_not_found(client, services):
    services.answers("documents.get_document", Refusal.not_found("There is no document p2."))
    services.answers("documents.certificate", Refusal.not_found("There is no document p2."))
    for path in ("/documents/p2", "/documents/p2/certificate", "/documents/p2/comparison"):
        assert client.get(path).status_code == 404


# The library ----------------------------------------------------------------------------------------------------------------------------


def test_the_groups_documents_are_chosen_by_kind_state_pillar_and_theme(iom, full):
    chosen = {"kind": "issue_paper", "state": "drafting", "pillar": "protection", "theme": "health care"}
    page = iom.get("/documents", query_string=chosen | {"theme": " health care "})
    (asked,) = sent(full, "documents")
    assert asked.items() >= chosen.items()
    assert page.text.count(" selected>") >= 3
    assert 'name="theme" value="health care"' in page.text
    assert iom.get("/documents?pillar=patience").status_code == 404


def test_the_library_is_searched_and_what_was_sought_is_marked(client, full):
    page = client.get("/library?words=%D8%A7%D9%84%D8%A7%D8%AA%D8%AC%D8%A7%D8%B1&kind=issue_paper").text
    assert sent(full, "search") == [{"words": "الاتجار", "kind": "issue_paper"}]
    assert "<p>&lt;b&gt;عن&lt;/b&gt; <mark>الاتجار</mark> بالأشخاص</p>" in page
    assert f'lang="ar" dir="rtl">{samples.ARABIC}</a>' in page
    assert "after=cursor%2B%2F%3D" in page
    client.get("/library?pillar=prevention&theme=demand")
    assert sent(full, "library") == [{"pillar": "prevention", "theme": "demand"}]


def test_what_is_found_leads_to_the_section_in_the_language_in_which_it_was_found(client, full):
    hit = samples.found(url="/documents/p1?language=ar", section_id="s2")
    full.answers("documents.search", {"items": [hit], "next": None})
    assert 'href="/documents/p1?language=ar#s2"' in client.get("/library?words=x").text


def test_a_search_that_is_refused_says_why_and_keeps_the_words(client, services):
    services.answers("documents.search", Refusal.invalid("words", "No word stands there.", rule="search-words"))
    page = client.get("/library?words=%21%21")
    assert (page.status_code, 'value="!!"' in page.text, "No word stands there." in page.text) == (422, True, True)
    french = client.get("/library?words=%21%21", headers={"Accept-Language": "fr"}).text
    assert RULES["search-words"] in unescape(french)
    assert client.get("/library?kind=poem").status_code == 422


def test_a_publication_shows_all_that_belongs_to_it(client, full):
    full.answers("documents.get_document", samples.public())
    full.answers("documents.get_revision", lambda payload, cause: samples.revision(language=payload.get("language") or "en"))
    page = client.get("/documents/p2").text
    for words in (
        "Issue paper No. 3",
        "ICAT, Issue paper 3 (2015).",
        "Corrigendum 1",
        "A figure &lt;was&gt; wrong.",
        "Vienna",
        "The Conference",
    ):
        assert words in page, words
    for link in (
        "export.pdf?language=ar",
        "/documents/p2/certificate",
        "comparison?base=1&amp;other=2",
        "attachments/letter-1",
        "?language=ar",
    ):
        assert link in page, link
    assert "languages/ar" not in page
    assert "?language=zh" not in page, "a version that is not public is nobody's"
    arabic = client.get("/documents/p2?language=ar").text
    assert sent(full, "get_revision")[-1] == {"document": "p2", "language": "ar"}
    assert '<div lang="ar" dir="rtl">' in arabic
    assert client.get("/documents/p2?language=xx").status_code == 404


def test_a_visitor_is_told_what_a_version_lacks_and_what_the_certificate_does_not_certify(client, full):
    def page(path: str, **line) -> str:
        version = samples.language("ar", published_at="2015-07-01T00:00:00Z", **line)
        full.answers("documents.get_document", samples.public(languages=[version]))
        return unescape(client.get(path).text)

    full.answers("documents.get_revision", lambda payload, cause: samples.revision(language=payload.get("language") or "en"))
    lacks, lags = said("en", "corrigendum_not_in"), said("en", "version_lags", behind=2)
    arabic = page("/documents/p2?language=ar", state="lagging", behind=2, revision=1)
    assert lacks in arabic
    assert arabic.index(lags) < arabic.index('<div lang="ar"')
    french = client.get("/documents/p2?language=ar", headers={"Accept-Language": "fr"}).text
    assert said("fr", "version_lags", behind=2) in unescape(french)
    for whole in (page("/documents/p2", state="lagging", behind=2, revision=1), page("/documents/p2?language=ar", revision=2)):
        assert lacks not in whole
        assert "lags behind" not in whole
        assert "certifies the text as it was cleared: revision 1." in whole
        assert "corrigendum 1, revision 2." in whole
    assert "certifies" not in client.get("/documents/p2/certificate").text
    full.answers("documents.certificate", samples.certificate(corrected=[3, 4]))
    certificate = client.get("/documents/p2/certificate").text
    for words in ("certifies the text as it was cleared: revision 2.", "corrigendum 1, revision 3.", "corrigendum 2, revision 4."):
        assert words in certificate


# Acts -----------------------------------------------------------------------------------------------------------------------------------

TYPED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "propose": (
        "/documents",
        {
            "kind": "joint_statement",
            "title": "On demand",
            "lead": "iom",
            "co_drafters": "ILO, ohchr",
            "themes": "demand, supply chains",
            "pillars": ["prevention", "protection"],
            "language": "en",
            "occasion": "World Day",
            "issue_at": "2015-07-30T00:00",
        },
        {
            "kind": "joint_statement",
            "title": "On demand",
            "lead": "IOM",
            "co_drafters": ["ILO", "OHCHR"],
            "themes": ["demand", "supply chains"],
            "pillars": ["prevention", "protection"],
            "language": "en",
            "occasion": "World Day",
            "issue_at": "2015-07-30T00:00Z",
        },
    ),
    "open_comment_round": ("/documents/p2", {"deadline": "2015-07-01T12:00"}, {"document": "p2", "deadline": "2015-07-01T12:00Z"}),
    "withdraw": ("/documents/p2", {"reason": "Overtaken.\r\nBy events."}, {"document": "p2", "reason": "Overtaken.\nBy events."}),
    "decide_languages": ("/documents/p2", {"languages": ["fr", "ar"]}, {"document": "p2", "languages": ["fr", "ar"]}),
    "take_position": (
        "/documents/p2/clearance",
        {"digest": samples.NEW, "word": "object", "reasons": "Wrong.", "proposal": ""},
        {"document": "p2", "digest": samples.NEW, "word": "object", "reasons": "Wrong."},
    ),
    "set_passing_rule": (
        "/documents/passing-rules",
        {
            "procedures": ["silence"],
            "counts": "members",
            "passing": ["endorse", "no_objection"],
            "blocking": ["object", "stand_aside"],
            "minimum_hours": "96",
        },
        {
            "kind": "issue_paper",
            "procedures": ["silence"],
            "counts": "members",
            "passing": ["endorse", "no_objection"],
            "blocking": ["object", "stand_aside"],
            "minimum_hours": 96,
        },
    ),
    "extend_clearance": (
        "/documents/p2/clearance",
        {"deadline": "2015-06-20T12:00"},
        {"document": "p2", "deadline": "2015-06-20T12:00Z"},
    ),
    "comment": (
        "/documents/p2/sections/s1",
        {"revision": "2", "section": "1", "quotation": "Words", "text": "Why?"},
        {"document": "p2", "revision": 2, "section": 1, "quotation": "Words", "text": "Why?"},
    ),
    "reply_to_comment": ("/documents/p2/comments/1", {"text": "So."}, {"document": "p2", "comment": 1, "text": "So."}),
    "dispose": (
        "/documents/p2/comments/1",
        {"outcome": "rejected", "reason": "No."},
        {"document": "p2", "comment": 1, "outcome": "rejected", "reason": "No."},
    ),
    "request_export": (
        "/documents/p2/exports",
        {"format": "redline.docx", "revision": "2", "base": "1", "language": ""},
        {"document": "p2", "format": "redline.docx", "revision": 2, "base": 1},
    ),
}
ANSWER = {"id": "p2", "document": "p2", "number": 5}


def may(*acts: str) -> dict[str, Any]:
    return samples.draft(may=[*samples.draft()["may"], *acts])


def test_a_rule_that_does_not_apply_to_statements_is_not_shown_of_them(iom, full):
    page = iom.get("/documents/passing-rules").text
    signed = page[page.index('aria-labelledby="joint_statement"') :].partition("</section>")[0]
    assert "every signatory’s express endorsement" in signed
    assert said("en", "field_passing") in page
    for name in ("field_counts", "field_passing", "field_blocking"):
        assert said("en", name) not in signed


@pytest.mark.parametrize("act", TYPED)
def test_a_form_sends_what_its_contract_takes(iom, full, act):
    path, typed, payload = TYPED[act]
    full.answers("documents.get_document", may(act))
    full.answers("documents.passing_rules", samples.rulebook(may_set=["issue_paper"]))
    full.answers(f"documents.{act}", ANSWER)
    page = iom.get(path).text
    form = fields_of(page, act)
    done = iom.post(path, data=MultiDict({**form, **typed}))
    assert done.status_code == 303, done.text
    assert done.headers["Location"].endswith(f"done={act}")
    assert sent(full, act) == [payload]
    assert f'<p class="done" role="status">{WORDS[f"did_{act}"][0]}</p>' in iom.get(f"{path}?done={act}").text


@pytest.mark.parametrize("act", TYPED)
def test_a_form_that_is_refused_keeps_what_was_typed_and_says_why(oim, full, act):
    path, typed, _ = TYPED[act]
    full.answers("documents.get_document", may(act))
    full.answers("documents.passing_rules", samples.rulebook(may_set=["issue_paper"]))
    full.answers(f"documents.{act}", Refusal.conflict("The state does not allow it.", rule="life-cycle", accepted=["withdraw"]))
    form = fields_of(oim.get(path).text, act)
    page = oim.post(path, data=MultiDict({**form, **typed}))
    assert page.status_code == 409
    assert RULES["life-cycle"] in unescape(page.text)
    assert page.text.count('role="alert"') == 1
    kept = fields_of(page.text, act)
    for name, value in typed.items():
        if isinstance(value, str) and name in kept and name not in ("document", "issue_at", "deadline"):
            assert kept[name].replace("\r\n", "\n") == value.replace("\r\n", "\n"), name
    assert kept["once"] != form["once"], "what was refused may be sent again, changed or not"


@pytest.mark.parametrize("act", TYPED)
def test_a_form_of_another_site_does_nothing(iom, full, act):
    path, typed, _ = TYPED[act]
    full.answers(f"documents.{act}", ANSWER)
    assert iom.post(path, data=MultiDict({**typed, "act": act})).status_code == 403
    assert sent(full, act) == []


def test_a_button_pressed_twice_is_one_order(iom, full):
    full.answers("documents.withdraw", ANSWER)
    form = fields_of(iom.get("/documents/p2").text, "withdraw") | {"reason": "Enough."}
    for _ in range(2):
        assert iom.post("/documents/p2", data=form).status_code == 303
    first, second = full.causes("documents.withdraw")
    assert first == second
    iom.post("/documents/p2", data=form | {"reason": "Another."})
    iom.post("/documents/p2", data=fields_of(iom.get("/documents/p2").text, "withdraw") | {"reason": "Enough."})
    assert len(set(full.causes("documents.withdraw"))) == 3


def test_what_is_wrong_with_a_field_stands_beside_it(oim, full):
    form = fields_of(oim.get("/documents").text, "propose")
    page = oim.post("/documents", data=form | {"title": "", "lead": "not one", "kind": "poem", "issue_at": "soon"})
    assert page.status_code == 422
    assert sent(full, "propose") == []
    for name in ("title", "lead", "kind", "issue_at"):
        mark = f"field-propose-{name}"
        error = re.search(rf'<p class="error" id="{mark}-error">([^<]+)</p>', page.text)
        assert error, name
        assert "Missing" not in error[1]
        assert f'{mark}-error"' in re.search(rf'<(?:input|select)[^>]*id="{mark}"[^>]*>', page.text)[0]
    assert '<details class="act" id="act-propose" open>' in page.text


def test_people_are_called_by_their_names(iom, person, full):
    person("ilo.drafter", "ILO")
    saved = [samples.revision_line(1, person="ilo.drafter")]
    full.answers("documents.get_document", samples.draft(proposed_by="ilo.drafter", revisions=saved))
    page = iom.get("/documents/p2").text
    assert page.count("ILO.DRAFTER") == 2, "as their account has it"
    assert "ilo.drafter" not in page
    full.answers("documents.revisions", {"items": [samples.revision_line(1, person="left.long.ago")], "next": None})
    assert "left.long.ago" in iom.get("/documents/p2/revisions").text, "of whom there is no account, the record's own word"


def test_a_passing_rule_is_read_by_the_group_and_set_by_who_may(iom, full):
    read = must_be_sound(iom.get("/documents/passing-rules"))
    for words in ("Joint statement", "all members of the Group", "endorses, no objection, stands aside, recuses itself", "72"):
        assert words in read, words
    assert 'value="set_passing_rule"' not in read
    full.answers("documents.passing_rules", samples.rulebook(may_set=["issue_paper", "information_note"]))
    page = must_be_sound(iom.get("/documents/passing-rules"))
    assert page.count('name="act" value="set_passing_rule"') == 2, "a statement's rule is nobody's to set"
    form = fields_of(page, "set_passing_rule")
    assert (form["kind"], form["minimum_hours"]) == ("issue_paper", "72")
    full.answers("documents.set_passing_rule", Refusal.invalid("blocking", "object stands here.", rule="passing-words"))
    del form["blocking"]
    lacks = MultiDict({**form, "kind": "information_note", "procedures": ["express"], "counts": "seats", "passing": ["endorse"]})
    refused = iom.post("/documents/passing-rules", data=lacks)
    assert sent(full, "set_passing_rule")[-1]["blocking"] == [], "what is not ticked is not kept unseen"
    assert refused.status_code == 422
    shown, other = refused.text.split('id="set-information_note"')[1], refused.text.split('id="set-information_note"')[0]
    assert ("object stands here." in shown, "object stands here." in other) == (True, False)


def test_a_clearance_shows_the_rule_it_runs_by(iom, full):
    board = samples.board()
    full.answers("documents.clearance", board | {"clearance": samples.line(blocking=["object", "stand_aside"], minimum_hours=96)})
    page = unescape(iom.get("/documents/p2/clearance").text)
    for words in ("objects, stands aside", "96", "holds to its end", 'href="/documents/passing-rules#issue_paper"'):
        assert words in page, words
    full.answers("documents.clearance", board | {"clearance": None})
    assert "would be opened now" in iom.get("/documents/p2/clearance").text


def test_a_page_does_its_own_acts_alone(iom, full):
    token = form_of(iom.get("/documents/p2"))
    for act in ("take_position", "nothing", ""):
        assert iom.post("/documents/p2", data={"csrf_token": token, "act": act}).status_code == 404


def test_a_position_binds_the_text_that_was_shown(iom, full):
    page = iom.get("/documents/p2/clearance").text
    assert fields_of(page, "take_position")["digest"] == samples.NEW
    assert "recorded as having no objection" in page
    assert "12 June 2015, 12:00 UTC" in page
    assert 'name="on_behalf_of"' not in page


def test_who_is_shut_out_by_its_own_last_word_is_led_to_where_something_is_and_told_why(oim, full):
    full.answers("documents.take_position", samples.board(withheld=True))
    form = fields_of(oim.get("/documents/p2/clearance").text, "take_position") | {"word": "stand_aside"}
    answer = oim.post("/documents/p2/clearance", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/documents?done=take_position")
    assert "désormais sous embargo" in oim.get(answer.headers["Location"]).text
    assert "désormais sous embargo" not in oim.get("/documents").text


def test_the_secretariat_enters_a_position_with_its_letter(client, secretariat, full):
    log_in(client, secretariat)
    full.answers("documents.take_position", ANSWER)
    page = client.get("/documents/p2/clearance").text
    assert '<option value="letter-1">رسالة &lt;1&gt;.pdf</option>' in page
    form = fields_of(page, "take_position") | {
        "word": "endorse",
        "on_behalf_of": "oHchr",
        "letter": "Of 3 June",
        "letter_attachment": "letter-1",
    }
    assert client.post("/documents/p2/clearance", data=form).status_code == 303
    (payload,) = sent(full, "take_position")
    assert (payload["on_behalf_of"], payload["letter"], payload["letter_attachment"]) == ("OHCHR", "Of 3 June", "letter-1")


def test_the_board_tells_every_word_in_a_picture_and_in_a_table(iom, full):
    page = iom.get("/documents/p2/clearance").text
    picture, _, table = page.partition("</svg>")
    for told in (
        "ILO, revision 2: endorses",
        "IOM, revision 2: stands aside (entered by the secretariat from a letter)",
        "OHCHR, revision 2: awaited",
    ):
        assert told in picture, told
    assert "OHCHR, revision 1: no objection, by silence" in picture
    cells = re.sub(r"<[^>]+>|\s+", " ", re.search(r"<tbody>.*?</tbody>", table, re.DOTALL)[0])
    assert re.search(r"ILO +on an earlier text +objects +endorses", cells)
    assert re.search(r"OHCHR +on an earlier text +no objection, by silence +awaited", cells)
    assert "It is &lt;wrong&gt;." in table


# Writing --------------------------------------------------------------------------------------------------------------------------------


def test_entities_are_called_and_known_by_their_french_acronyms(oim, full, monkeypatch, eventually):
    monkeypatch.setattr(acronyms, "UNKNOWN_SECONDS", 0.0)
    full.answers("chairs.entities", {"items": [{"code": "ICAO", "names": {}, "acronyms": {"fr": "OACI"}}], "next": None})
    full.answers("documents.get_document", samples.draft(lead="ICAO", may=["change_drafters"]))
    full.answers("documents.change_drafters", ANSWER)
    page = eventually(lambda: '<span class="code">OACI</span>' in (page := oim.get("/documents/p2").text) and page)
    form = fields_of(page, "change_drafters") | {"lead": "oaci", "co_drafters": "OACI, ILO"}
    assert oim.post("/documents/p2", data=form).status_code == 303
    assert sent(full, "change_drafters") == [{"document": "p2", "lead": "ICAO", "co_drafters": ["ICAO", "ILO"]}]


def test_open_comments_stand_beside_their_sections(iom, full):
    here = samples.comment(number=3, section_id_now="s1", quotation="in all regions")
    gone = samples.comment(number=4, section_id_now=None, passage="gone", quotation="what is <b>gone</b>", quotation_now=None)
    full.answers("documents.get_document", samples.draft(revision=2))
    full.answers("documents.get_revision", samples.revision(number=2))
    full.answers("documents.comments", {"items": [here, gone], "next": None})
    page = iom.get("/documents/p2/text").text
    assert sent(full, "comments")[-1] == {"document": "p2", "open": True, "limit": 50}
    beside, left = page.index('href="/documents/p2/comments/3"'), page.index('href="/documents/p2/comments/4"')
    assert page.index('id="s1"') < beside < page.index('id="gone"') < left
    assert "what is &lt;b&gt;gone&lt;/b&gt;" in page
    full.answers("documents.get_revision", samples.revision(number=1))
    assert "/comments/3" not in iom.get("/documents/p2/text?number=1").text


def test_a_section_is_saved_upon_the_revision_it_was_read_in(iom, full):
    full.answers("documents.save_section", ANSWER)
    form = fields_of(iom.get("/documents/p2/sections/s1/edit").text, at="sections/s1/edit")
    assert form["text"] == samples.a_section()["text"]
    form |= {"heading": "Roots  of it", "text": "New\r\nwords", "summary": "Shorter"}
    preview = iom.post("/documents/p2/sections/s1/edit", data=form | {"act": "preview", "text": "*so* <i>"})
    assert "<em>so</em> &lt;i&gt;" in preview.text
    assert sent(full, "save_section") == []
    done = iom.post("/documents/p2/sections/s1/edit", data=form | {"act": "save"})
    assert done.headers["Location"] == "/documents/p2/sections/s1?done=save_section"
    want = {"document": "p2", "section": "s1", "base": 2, "heading": "Roots of it", "text": "New\nwords", "summary": "Shorter"}
    assert sent(full, "save_section") == [want]


def test_a_section_that_another_saved_meanwhile_stands_beside_ones_own(iom, full):
    theirs = {"number": 4, "digest": "c" * 64, "section": samples.section("s1", "Theirs", "their <own> words")}
    refusal = Refusal.conflict("It was changed.", rule="base-revision", field="base", accepted="4", extra={"current": theirs, "yours": {}})
    full.answers("documents.save_section", refusal)
    form = fields_of(iom.get("/documents/p2/sections/s1/edit").text, at="sections/s1/edit") | {"text": "my <own> words", "summary": "x"}
    page = iom.post("/documents/p2/sections/s1/edit", data=form | {"act": "save"})
    assert page.status_code == 409
    assert "<del>their</del><ins>my</ins> &lt;own&gt; words" in page.text
    again = fields_of(page.text, at="sections/s1/edit")
    assert (again["base"], again["text"]) == ("4", "my <own> words")
    full.answers("documents.save_section", ANSWER)
    assert iom.post("/documents/p2/sections/s1/edit", data=again | {"act": "save"}).status_code == 303
    assert sent(full, "save_section")[-1]["base"] == 4


def test_the_whole_text_is_written_in_one_form(iom, full):
    full.answers("documents.save_revision", ANSWER)
    form = fields_of(iom.get("/documents/p2/edit").text, at="/edit")
    assert [form[f"id-{n}"] for n in range(3)] == ["s1", "s2", ""]
    form |= {"order-0": "2,5", "heading-2": "A new one", "text-2": "Begun.", "order-2": "9", "drop-1": "yes", "summary": "Moved"}
    page = iom.post("/documents/p2/edit", data=form | {"act": "preview"})
    again = fields_of(page.text, at="/edit")
    assert [again[f"id-{n}"] for n in range(4)] == ["s2", "s1", "", ""]
    assert again["drop-0"] == "yes"
    assert iom.post("/documents/p2/edit", data=again | {"act": "save"}).headers["Location"] == "/documents/p2?done=save_revision"
    (payload,) = sent(full, "save_revision")
    assert [one["id"] for one in payload["sections"]] == ["s1", None]
    assert (payload["base"], payload["summary"], payload["sections"][1]["heading"]) == (2, "Moved", "A new one")


def test_a_text_that_is_refused_says_which_section(oim, full):
    full.answers("documents.save_revision", Refusal.invalid("sections.1.text", "Its headings begin too high.", rule="section-levels"))
    form = fields_of(oim.get("/documents/p2/edit").text, at="/edit") | {"summary": "x", "act": "save", "text-1": "# Big"}
    page = oim.post("/documents/p2/edit", data=form)
    assert page.status_code == 422
    assert f'<p class="error" id="text-1-error">{RULES["section-levels"]}</p>' in unescape(page.text)
    assert fields_of(page.text, at="/edit")["text-1"] == "# Big"


def test_even_the_longest_text_goes_through_a_form(iom, full):
    full.answers("documents.save_revision", ANSWER)
    form = fields_of(iom.get("/documents/p2/edit").text, at="/edit") | {"summary": "x", "act": "save"}
    form["text-0"] = "界" * 200_000
    assert iom.post("/documents/p2/edit", data=form).status_code == 303
    assert sent(full, "save_revision")[0]["sections"][0]["text"] == form["text-0"]
    assert iom.post("/documents/p2/edit", data=form | {"text-1": "x" * writing.LONGEST_FORM}).status_code == 413


def conflict(theirs: dict[str, Any]) -> Refusal:
    body = lambda heading, text: {"heading": heading, "text": text}  # noqa: E731
    merge = [
        {"id": None, "state": "yours", "base": body("T", ""), "theirs": body("T", ""), "yours": body("Mine", ""), "after": None},
        {
            "id": "s1",
            "state": "both",
            "base": body("One", "was"),
            "theirs": body("One", "theirs"),
            "yours": body("One", "mine"),
            "after": None,
        },
        {
            "id": "s2",
            "state": "theirs",
            "base": body("Two", "was"),
            "theirs": body("Two", "new"),
            "yours": body("Two", "was"),
            "after": "s1",
        },
        {"id": "s3", "state": "yours", "base": body("Three", "was"), "theirs": body("Three", "was"), "yours": None, "after": "s2"},
        {"id": None, "state": "yours", "base": None, "theirs": None, "yours": body("Mine too", "added"), "after": "s1"},
    ]
    extra = {"current": {"number": 4, "digest": "c" * 64, **theirs}, "yours": {}, "difference": "", "merge": merge}
    return Refusal.conflict("Revision 4 was saved by ILO.", rule="base-revision", field="base", accepted="4", extra=extra)


def test_two_who_wrote_at_once_bring_their_texts_together(iom, full):
    theirs = [samples.section("s1", "One", "theirs"), samples.section("s2", "Two", "new"), samples.section("s3", "Three", "was")]
    full.answers("documents.save_revision", conflict({"title": "T", "sections": theirs}))
    form = fields_of(iom.get("/documents/p2/edit").text, at="/edit") | {"summary": "Mine", "act": "save"}
    page = iom.post("/documents/p2/edit", data=form)
    assert page.status_code == 409
    assert "Revision 4 was saved by ILO." in page.text
    assert "<del>was</del><ins>theirs</ins>" in page.text
    assert "<del>was</del><ins>mine</ins>" in page.text
    merge = fields_of(page.text, "merge")
    assert "choice-1" not in merge, "what both changed is theirs to choose who write"
    assert [merge[f"choice-{n}"] for n in (0, 2, 3, 4)] == ["mine", "theirs", "out", "mine"]
    assert merge["summary"] == "Mine"
    full.answers("documents.get_revision", samples.revision(number=4, title="T", texts=theirs))
    full.answers("documents.save_revision", ANSWER)
    done = iom.post("/documents/p2/edit", data=merge | {"choice-1": "mine", "text-1": "theirs and mine"})
    assert done.status_code == 303, done.text
    assert sent(full, "get_revision")[-1] == {"document": "p2", "number": 4}
    payload = sent(full, "save_revision")[-1]
    assert (payload["base"], payload["title"]) == (4, "Mine")
    assert [(one["id"], one["heading"], one["text"]) for one in payload["sections"]] == [
        ("s1", "One", "theirs and mine"),
        (None, "Mine too", "added"),
        ("s2", "Two", "new"),
    ]


def test_a_publication_is_corrected_in_the_same_form(iom, full):
    full.answers("documents.get_document", samples.published())
    full.answers("documents.issue_corrigendum", ANSWER)
    form = fields_of(iom.get("/documents/p2/edit").text, at="/edit") | {"summary": "A figure.", "act": "save"}
    assert iom.post("/documents/p2/edit", data=form).headers["Location"] == "/documents/p2?done=issue_corrigendum"
    assert sent(full, "issue_corrigendum")[0]["note"] == "A figure."


def test_a_version_is_written_beside_the_original(iom, full):
    full.answers("documents.save_translation", ANSWER)
    path = "/documents/p2/languages/ar?write"
    page = iom.get(path).text
    assert "the original has changed since" in page
    assert "<del>&lt;old&gt;</del><ins>new</ins>" in page
    assert 'dir="rtl"' in page
    form = fields_of(page, at="languages/ar")
    assert (form["base"], form["revision"]) == ("1", "2")
    assert form["text-0"] == samples.ARABIC
    assert "id-3" not in form, "what is gone from the original is written no more"
    done = iom.post("/documents/p2/languages/ar", data=form | {"checked-0": "yes", "summary": "Looked at"})
    assert done.status_code == 303, done.text
    (payload,) = sent(full, "save_translation")
    assert [one["id"] for one in payload["sections"]] == ["s1", "s2"], "what has no heading yet is not there yet"
    assert (payload["checked"], payload["language"], payload["base"], payload["revision"]) == (["s1"], "ar", 1, 2)


def test_a_version_that_another_saved_meanwhile_stands_beside_ones_own(iom, full):
    full.answers("documents.save_translation", Refusal.conflict("Version 2 was saved.", rule="base-revision", field="base"))
    form = fields_of(iom.get("/documents/p2/languages/ar?write").text, at="languages/ar") | {"text-0": "mine", "summary": "x"}
    full.answers("documents.compare_translation", samples.translation(number=2))
    page = iom.post("/documents/p2/languages/ar", data=form)
    assert page.status_code == 409
    assert f"<del>{samples.ARABIC.split()[0]}" in page.text
    again = fields_of(page.text, at="languages/ar")
    assert (again["base"], again["text-0"]) == ("2", "mine")


def test_a_file_that_was_overtaken_is_brought_together_too(iom, full):
    full.answers("documents.import_text", conflict({"title": "T", "sections": []}))
    token = form_of(iom.get("/documents/p2/import"))
    kept = {name: samples.read()[name] for name in ("title", "sections", "notes")}
    data = {"csrf_token": token, "act": "save", "base": "2", "summary": "From Word", "read": json.dumps(kept)}
    page = iom.post("/documents/p2/import", data=data)
    assert page.status_code == 409
    assert '<form method="post" action="/documents/p2/edit">' in page.text
    assert fields_of(page.text, "merge")["base"] == "4"


def test_the_columns_of_a_table_in_a_text_are_aligned_and_stay_columns():
    style = Path(writing.__file__).with_name("static").joinpath("icat.css").read_text()
    rules = [(selector.strip(), rule) for selectors, rule in re.findall(r"([^{}]+){([^{}]*)}", style) for selector in selectors.split(",")]
    for side in markup.ALIGNMENTS:
        assert not [rule for selector, rule in rules if selector == f".{side}"], "a rule for something else is none for a cell"
    assert ("td.right", " text-align: end; ") in rules


def test_what_is_compared_is_marked_by_more_than_colour(iom, full):
    page = iom.get("/documents/p2/comparison?base=1&other=2").text
    assert "The <del>&lt;old&gt;</del><ins>new</ins>" in page
    for words in ("removed", "moved", "compared roughly", "unchanged sections, not shown: 1"):
        assert words in page
    full.answers("documents.compare_revisions", samples.comparison(language="ar"))
    assert '<div class="compared" lang="ar" dir="rtl">' in iom.get("/documents/p2/comparison?base=1&other=2&language=ar").text
    assert sent(full, "compare_revisions")[-1] == {"document": "p2", "base": 1, "other": 2, "language": "ar"}


# Files ----------------------------------------------------------------------------------------------------------------------------------


def test_a_file_is_attached(iom, full):
    full.answers("documents.attach", samples.attachment())
    token = form_of(iom.get("/documents/p2"))
    data = {
        "csrf_token": token,
        "once": "1",
        "description": "Letter",
        "public": "yes",
        "file": (BytesIO(b"%PDF-1.7 x"), "../x/Lettre é.pdf"),
    }
    done = iom.post("/documents/p2/attachments", data=data)
    assert done.headers["Location"] == "/documents/p2?done=attach", done.text
    (payload,) = sent(full, "attach")
    assert payload == {"document": "p2", "name": "Lettre é.pdf", "content": "JVBERi0xLjcgeA==", "public": True, "description": "Letter"}


def test_a_file_that_is_refused_is_told_on_the_documents_page(oim, full):
    full.answers("documents.attach", Refusal.invalid("content", "It holds macros.", rule="file-macros"))
    token = form_of(oim.get("/documents/p2"))
    page = oim.post("/documents/p2/attachments", data={"csrf_token": token, "file": (BytesIO(b"x"), "a.docx")})
    assert page.status_code == 422
    assert RULES["file-macros"] in unescape(page.text)
    assert oim.post("/documents/p2/attachments", data={"csrf_token": token}).status_code == 422
    assert oim.post("/documents/p2/attachments", data={"csrf_token": token, "file": (BytesIO(bytes(10_000_000)), "a")}).status_code == 413
    assert oim.post("/documents/p2/attachments", data={"file": (BytesIO(b"x"), "a.docx")}).status_code == 403


def test_an_export_is_asked_for_and_shows_how_far_it_is(iom, full):
    page = iom.get("/documents/p2/exports/export-1").text
    assert '<progress max="100" value="40"' in page
    assert "/file" not in page
    full.answers("documents.get_export", samples.exported())
    assert 'href="/api/v1/documents/p2/exports/export-1/file"' in iom.get("/documents/p2/exports/export-1").text
    full.answers("documents.get_export", samples.export(state="failed", error="It cannot be <set>."))
    assert "It cannot be &lt;set&gt;." in iom.get("/documents/p2/exports/export-1").text


# The pieces -----------------------------------------------------------------------------------------------------------------------------


def test_every_act_has_its_words_and_its_rules_are_told():
    for act in ACTS.values():
        assert f"act_{act.name}" in WORDS, act.name
        for name in act.command().fields:
            assert name in (*act.in_path, *act.hidden) or name in act.left_out or f"field_{name}" in WORDS, (act.name, name)


@pytest.mark.parametrize(
    ("base", "other", "marked"),
    [
        ("one two three", "one 2 three", "one -two-+2+ three"),
        ("", "new", "+new+"),
        ("gone", "", "-gone-"),
        ("same", "same", "same"),
        ("打击人口贩运", "打击贩运人口", None),
        ("a a", "a", "a- a-"),
        ("a b " * 3_000 + "x", "a b " * 3_000 + "y", None),
        ("p q " * 3_000, "r s " * 3_000, None),
    ],
)
def test_two_wordings_are_told_apart_by_words(base, other, marked):
    found = changes_of(base, other)
    assert "".join(one["text"] for one in found if one["op"] != "inserted") == base
    assert "".join(one["text"] for one in found if one["op"] != "deleted") == other
    if marked is not None:
        signs = {"equal": "", "deleted": "-", "inserted": "+"}
        assert "".join(f"{signs[one['op']]}{one['text']}{signs[one['op']]}" for one in found) == marked


def test_what_a_form_carried_from_a_file_is_saved(iom, full):
    full.answers("documents.import_text", ANSWER)
    token = form_of(iom.get("/documents/p2/import"))
    kept = {name: samples.read()[name] for name in ("title", "sections", "notes")}
    data = {"csrf_token": token, "act": "save", "base": "2", "once": "1", "summary": "From Word", "read": json.dumps(kept)}
    assert iom.post("/documents/p2/import", data=data).headers["Location"] == "/documents/p2?done=import_text"
    assert sent(full, "import_text") == [{"document": "p2", "base": 2, "summary": "From Word", **kept}]
    for broken in ("", "{", "[]", "[" * 100_000):
        assert iom.post("/documents/p2/import", data=data | {"read": broken}).status_code == 422
