"""Versions in other languages: what each renders, by what it lags behind, when the publication waits for it and when it is public; and
what of a publication, its corrections and its languages is to be read outside."""

import pytest
from document_desk import CHAIR, CO, DAY, HOUR, ISSUE, LEAD, MISSION, NOW, OTHER, SEATS, SECRETARIAT, Desk, drafted, propose, refused

from services.documents import rules
from services.documents.rules import boards, citing, rights, translating, views
from services.documents.rules.kinds import KINDS
from services.kernel import Refusal

ENGLISH = [{"heading": "One", "text": "Words."}, {"heading": "Two", "text": "More."}, {"heading": "Three", "text": "Last."}]
FRENCH = [
    {"id": "s1", "heading": "Un", "text": "Des mots."},
    {"id": "s2", "heading": "Deux", "text": "Encore."},
    {"id": "s3", "heading": "Trois", "text": "Fin."},
]


def three_sections(kind="information_note") -> Desk:
    desk = drafted(kind)
    desk.order("save_revision", 1, None, ENGLISH, "Three sections", by=LEAD)
    return desk


def translate(desk, sections=FRENCH, *, language="fr", revision=None, base=None, checked=(), by=CO, at=NOW, title="Un titre"):
    revision = len(desk.document.revisions) if revision is None else revision
    base = len(desk.document.translations.get(language, [])) if base is None else base
    return desk.order("save_translation", language, revision, base, title, sections, list(checked), "S", by=by, at=at)


def states(desk, language="fr") -> dict[str, str]:
    beside = desk.document.beside(language, desk.texts.__getitem__)
    return {one["id"]: one["state"] for one in translating.renderings(*beside)}


def clear(desk, at=NOW) -> None:
    desk.order("open_clearance", "express", None, None, by=CHAIR, at=at)
    for entity in SEATS:
        desk.say(entity, at=at)


def published(desk) -> Desk:
    clear(desk)
    desk.order("publish", "What it says", by=CHAIR, at=NOW + HOUR)
    return desk


# What a version renders


def test_a_version_lags_by_the_sections_that_changed_since():
    desk = three_sections()
    translate(desk)
    assert states(desk) == {"s1": "current", "s2": "current", "s3": "current"}
    assert desk.told("translation_saved")[0].data["behind"] == 0
    changed = [{"id": "s1", "heading": "One", "text": "Other words."}, {"id": "s2", "heading": "Second", "text": "More."}]
    desk.order("save_revision", 2, None, [*changed, {"heading": "Four", "text": "New."}], "S", by=LEAD)
    assert states(desk) == {"s1": "behind", "s2": "behind", "s3": "gone", "s4": "missing"}
    (line,) = desk.seen(OTHER)["languages"]
    assert (line["language"], line["state"], line["behind"], line["revision"], line["published_at"]) == ("fr", "lagging", 4, 2, None)
    words, heading, *_ = translating.renderings(*desk.document.beside("fr", desk.texts.__getitem__))
    assert [change["text"] for change in words["changes"] if change["op"] != "equal"] == ["Words", "Other words"]
    assert (words["text"], words["translated_text"]) == ("Other words.", "Des mots.")
    assert [change["text"] for change in heading["heading_changes"]] == ["Two", "Second"]
    assert heading["changes"] == []


def test_a_section_that_is_as_it_was_renders_what_it_did_unless_it_was_checked():
    desk = three_sections()
    translate(desk)
    desk.order("save_section", "s1", 2, None, "Other words.", "S", by=LEAD)
    desk.order("save_section", "s2", 3, None, "More, even.", "S", by=LEAD)
    first = FRENCH[0] | {"text": "D'autres mots."}
    translate(desk, [first, *FRENCH[1:]])
    assert states(desk) == {"s1": "current", "s2": "behind", "s3": "current"}
    translate(desk, [first, *FRENCH[1:]], checked=["s2"])
    assert states(desk) == {"s1": "current", "s2": "current", "s3": "current"}
    assert [one.behind for one in desk.document.translations["fr"]] == [2, 1, 0]
    refused("conflict", "revision-same", translate, desk, [first, *FRENCH[1:]], field="sections")
    refused("invalid", "section-exists", translate, desk, checked=["s9"], field="checked.0")


def test_a_version_of_an_older_revision_lags_from_the_beginning():
    desk = three_sections()
    desk.order("save_section", "s3", 2, None, "Changed.", "S", by=LEAD)
    translate(desk, revision=2)
    assert states(desk) == {"s1": "current", "s2": "current", "s3": "behind"}
    assert desk.document.version("fr", None).revision == 2


def test_a_title_that_changes_counts_as_a_section():
    desk = three_sections()
    translate(desk)
    desk.order("save_revision", 2, "Another title", ENGLISH, "S", by=LEAD)
    assert desk.seen(OTHER)["languages"][0]["behind"] == 1
    beside = desk.document.beside("fr", desk.texts.__getitem__)
    shown = views.translation(desk.document, "fr", *beside, translating.renderings(*beside))
    assert (shown["title"], shown["translated_title"], shown["title_state"]) == ("Another title", "Un titre", "behind")
    translate(desk, title="Un autre titre")
    assert desk.seen(OTHER)["languages"][0]["state"] == "current"


def test_what_there_is_not_yet_is_all_missing():
    desk = three_sections()
    beside = desk.document.beside("ar", desk.texts.__getitem__)
    shown = views.translation(desk.document, "ar", *beside, translating.renderings(*beside))
    assert (shown["number"], shown["title_state"], {one["state"] for one in shown["sections"]}) == (0, "missing", {"missing"})
    refused("invalid", "language-other", desk.document.beside, "en", desk.texts.__getitem__, field="language")


def test_a_version_names_the_sections_it_renders_and_the_revision_it_is_made_of():
    desk = three_sections()
    refusal = refused("invalid", "section-id", translate, desk, [{"heading": "Nouveau", "text": "x"}], field="sections.0.id")
    assert refusal.accepted == ["s1", "s2", "s3"]
    refused("invalid", "section-id", translate, desk, [*FRENCH, {"id": "s4", "heading": "x", "text": "x"}], field="sections.3.id")
    refused("invalid", "language-other", translate, desk, language="en", field="language")
    refused("invalid", "revision-exists", translate, desk, revision=3, field="revision")
    refused("invalid", "base-revision", translate, desk, base=1, field="base")
    refused("invalid", "section-levels", translate, desk, [FRENCH[0] | {"text": "# x"}], field="sections.0.text")
    refused("conflict", "text-first", translate, propose_a_draft(), revision=1)
    assert desk.document.translations == {}
    translate(desk)
    unnamed = [{name: one[name] for name in ("heading", "text")} | {"text": "Autre."} for one in FRENCH]
    text, source = translate(desk, unnamed)
    assert [section.id for section in text.sections] == [section.id for section in source.sections] == ["s1", "s2", "s3"]


def propose_a_draft() -> Desk:
    return propose("joint_statement")


def test_two_translators_never_overwrite_one_another_unseen():
    desk = three_sections()
    translate(desk)
    translate(desk, [FRENCH[0] | {"text": "Les leurs."}, *FRENCH[1:]], by=LEAD)
    refusal = refused("conflict", "base-revision", translate, desk, [FRENCH[0] | {"text": "Les miens."}, *FRENCH[1:]], base=1, field="base")
    assert refusal.accepted == "2"
    assert "-Les leurs." in refusal.extra["difference"]
    assert refusal.extra["yours"]["sections"][0]["text"] == "Les miens."


def test_drafters_and_the_secretariat_translate():
    desk = three_sections()
    for actor in (OTHER, CHAIR):
        refused("not_allowed", "drafters-only", translate, desk, by=actor)
    refused("not_found", "exists", translate, desk, by=MISSION)
    translate(desk, by=SECRETARIAT)
    assert (desk.document.version("fr", 1).entity, desk.told("translation_saved")[0].data["entity"]) == (None, None)


def test_no_fact_of_a_version_holds_its_words():
    desk = three_sections("joint_statement")
    translate(desk, [one | {"text": "Sous embargo."} for one in FRENCH], title="Titre secret")
    assert "embargo" not in str([fact.data for fact in desk.facts])
    assert "Titre secret" not in str([fact.data for fact in desk.facts])


# For which languages the publication waits


def test_the_publication_waits_for_the_languages_that_were_decided():
    desk = three_sections()
    refused("not_allowed", "chair-only", desk.order, "decide_languages", ["fr"], by=LEAD)
    refused("invalid", "language-other", desk.order, "decide_languages", ["fr", "en"], by=CHAIR, field="languages.1")
    desk.order("decide_languages", ["fr", "es"], by=CHAIR)
    desk.order("decide_languages", ["es", "fr", "es"], by=SECRETARIAT)
    (decided,) = desk.told("languages_decided")
    assert (decided.data["languages"], decided.data["earlier"]) == (["es", "fr"], [])
    translate(desk)
    desk.order("save_section", "s2", 2, None, "More, even.", "S", by=LEAD)
    clear(desk)
    refusal = refused("conflict", "languages-first", desk.order, "publish", None, by=CHAIR)
    assert refusal.extra["languages"] == [{"language": "es", "behind": None}, {"language": "fr", "behind": 1}]
    assert "fr (sections behind: 1)" in refusal.detail
    translate(desk, checked=["s2"])
    refused("conflict", "languages-first", desk.order, "publish", None, by=CHAIR)
    desk.order("decide_languages", ["fr"], by=CHAIR)
    desk.order("publish", None, by=CHAIR)
    (told,) = desk.told("published")
    assert told.data["languages"] == ["en", "fr"]
    assert [fact.name for fact in desk.facts[-2:]] == ["published", "language_published"]
    assert desk.facts[-1].data["digest"] == desk.document.version("fr", 2).digest


def test_what_is_not_up_to_date_stays_inside_until_it_is():
    desk = three_sections()
    translate(desk)
    desk.order("save_section", "s2", 2, None, "More, even.", "S", by=LEAD)
    desk = published(desk)
    assert desk.told("published")[0].data["languages"] == ["en"]
    assert desk.seen(MISSION, NOW + HOUR)["languages"] == []
    outside = {"drafts": False, "at": NOW + HOUR, "language": "fr"}
    refused("not_found", "language-exists", views.readable, desk.document, None, **outside, field="language")
    later = {"by": CHAIR, "at": NOW + 2 * HOUR}
    refused("conflict", "language-current", desk.order, "publish_translation", "fr", **later, field="language")
    refused("not_found", "language-exists", desk.order, "publish_translation", "ar", **later, field="language")
    translate(desk, checked=["s2"], at=NOW + HOUR)
    refused("not_allowed", "chair-only", desk.order, "publish_translation", "fr", by=LEAD, at=NOW + HOUR)
    desk.order("publish_translation", "fr", **later)
    refused("conflict", "language-public", desk.order, "publish_translation", "fr", **later, field="language")
    (told,) = desk.told("language_published")
    assert (told.at, told.data["number"], told.data["url"]) == (NOW + 2 * HOUR, 2, "/documents/d1?language=fr")
    (line,) = desk.seen(MISSION, NOW + 2 * HOUR)["languages"]
    assert (line["number"], line["state"], line["published_at"]) == (2, "current", NOW + 2 * HOUR)
    assert views.readable(desk.document, None, **outside).number == 2
    refused("not_found", "revision-exists", views.readable, desk.document, 1, **outside, field="number")
    assert views.readable(desk.document, 1, **(outside | {"drafts": True})).number == 1


def test_a_statement_waits_for_no_language_and_takes_with_it_what_is_ready():
    desk = three_sections("joint_statement")
    refused("conflict", "kind-forbids", desk.order, "decide_languages", ["fr"], by=CHAIR)
    clear(desk)
    translate(desk, at=NOW + HOUR)
    translate(desk, FRENCH[:2], language="es", title="Un título", at=NOW + HOUR)
    for language in ("fr", "es"):
        with pytest.raises(Refusal) as caught:
            views.readable(desk.document, None, drafts=False, at=ISSUE, language=language)
        assert caught.value.detail == rights.unknown("d1").detail
    desk.tick(ISSUE)
    (issued,) = desk.told("statement_issued")
    assert issued.data["languages"] == ["en", "fr"]
    assert [fact.data["language"] for fact in desk.told("language_published")] == ["fr"]
    assert desk.told("language_published")[0].at == ISSUE
    assert views.readable(desk.document, None, drafts=False, at=ISSUE, language="fr").number == 1
    translate(desk, language="es", title="Un título", at=ISSUE + HOUR)
    desk.order("publish_translation", "es", by=CHAIR, at=ISSUE + 2 * HOUR)
    assert citing.public_languages(desk.document) == ["es", "fr"]


# What is public, and how it is had


def test_a_corrigendum_is_a_new_revision_and_the_text_as_it_was_stays():
    desk = published(three_sections())
    translate(desk, at=NOW + HOUR)
    desk.order("publish_translation", "fr", by=CHAIR, at=NOW + HOUR)
    corrected = [ENGLISH[0] | {"text": "Right words."}, *ENGLISH[1:]]
    said = ("issue_corrigendum", 2, None, corrected, "The words were wrong.")
    refused("not_allowed", "chair-only", desk.order, *said, by=LEAD, at=NOW + DAY)
    refused("conflict", "revision-same", desk.order, *said[:3], ENGLISH, "None", by=CHAIR, at=NOW + DAY, field="sections")
    refused("conflict", "base-revision", desk.order, said[0], 1, *said[2:], by=CHAIR, at=NOW + DAY, field="base")
    before = desk.document.digest
    desk.order(*said, by=CHAIR, at=NOW + DAY)
    (told,) = desk.told("corrigendum_issued")
    assert (told.data["corrigendum"], told.data["revision"], told.data["earlier"]) == (1, 3, before)
    desk.order("issue_corrigendum", 3, None, ENGLISH[:2], "Nor is there a third section.", by=SECRETARIAT, at=NOW + 2 * DAY)
    seen = desk.seen(MISSION, NOW + 2 * DAY)
    assert (seen["published_revision"], seen["digest"]) == (2, desk.document.revisions[3].digest)
    assert [(one["number"], one["revision"], one["entity"]) for one in seen["corrigenda"]] == [(1, 3, "IOM"), (2, 4, None)]
    outside = {"drafts": False, "at": NOW + 2 * DAY}
    assert [views.readable(desk.document, number, **outside).number for number in (None, 2, 3)] == [4, 2, 3]
    refused("not_found", "revision-exists", views.readable, desk.document, 1, **outside, field="number")
    assert (seen["languages"][0]["state"], seen["languages"][0]["behind"]) == ("lagging", 1)
    assert desk.document.state == "published"
    assert boards.certificate(desk.document, drafts=False, at=NOW + 2 * DAY)["corrected"] == [3, 4]


def test_a_version_has_the_corrections_it_was_made_of_and_no_others():
    def carried() -> list[list[int]]:
        made = desk.document.translations["fr"]
        return [[one.number for one in citing.carried(desk.document, version)] for version in made]

    desk = published(three_sections())
    translate(desk, at=NOW + HOUR)
    desk.order("publish_translation", "fr", by=CHAIR, at=NOW + HOUR)
    corrected = [ENGLISH[0] | {"text": "Right words."}, *ENGLISH[1:]]
    desk.order("issue_corrigendum", 2, None, corrected, "The words were wrong.", by=CHAIR, at=NOW + DAY)
    assert carried() == [[]]
    translate(desk, [FRENCH[0] | {"text": "Les bons mots."}, *FRENCH[1:]], at=NOW + DAY)
    desk.order("publish_translation", "fr", by=CHAIR, at=NOW + DAY)
    assert carried() == [[], [1]]
    desk.order("issue_corrigendum", 3, None, ENGLISH, "They were right.", by=CHAIR, at=NOW + 2 * DAY)
    assert carried() == [[1, 2], [1]], "the first version says again what the original says"
    revisions = desk.document.revisions
    assert [[one.number for one in citing.carried(desk.document, one)] for one in revisions] == [[], [], [1], [1, 2]]


def test_what_was_signed_and_what_has_no_text_is_not_corrected():
    statement = three_sections("joint_statement")
    clear(statement)
    statement.tick(ISSUE)
    said = ("issue_corrigendum", 2, None, ENGLISH[:1], "Wrong")
    refusal = refused("conflict", "kind-forbids", statement.order, *said, by=CHAIR, at=ISSUE)
    assert "signed as it is" in refusal.detail
    past = {"title": "Overview", "summary": "", "published_on": "2012", "source": "S", "link": None, "language": "en"}
    paper = Desk(rules.Document.of_the_past("p1", 1, past | {"pillars": [], "themes": []}, by=SECRETARIAT, at=NOW))
    refused("conflict", "text-first", paper.order, "issue_corrigendum", 0, *said[2:], by=CHAIR)
    refused("conflict", "life-cycle", three_sections().order, *said, by=CHAIR)


def test_outsiders_page_through_what_was_published_and_the_group_through_all():
    desk = published(three_sections())
    for number in range(2, 6):
        text = [ENGLISH[0] | {"text": f"Correction {number}."}]
        desk.order("issue_corrigendum", number, None, text, "Wrong", by=CHAIR, at=NOW + DAY)
    asked = {"at": NOW + DAY, "limit": 3}
    first = views.revisions(desk.document, drafts=False, after=None, **asked)
    second = views.revisions(desk.document, drafts=False, after=first["next"], **asked)
    assert [one["number"] for one in first["items"] + second["items"]] == [6, 5, 4, 3, 2]
    assert second["next"] is None
    assert not {"person", "summary"} & set(first["items"][0])
    inside = views.revisions(desk.document, drafts=True, after=None, at=NOW, limit=50)["items"]
    assert [one["number"] for one in inside] == [6, 5, 4, 3, 2, 1]
    assert [one["number"] for one in desk.seen(OTHER)["revisions"]] == [1, 2, 3, 4, 5, 6]
    refused("invalid", "cursor", views.revisions, desk.document, drafts=True, after="x", field="after", **asked)
    with pytest.raises(Refusal):
        views.revisions(three_sections().document, drafts=False, after=None, **asked)


def test_one_section_is_read_alone():
    desk = three_sections()
    found = desk.document.revisions[1]
    text = desk.texts[found.outline]
    assert views.section(desk.document, found, text, "s2") == {
        "document": "d1",
        "number": 2,
        "digest": found.digest,
        "id": "s2",
        "order": 2,
        "heading": "Two",
        "text": "More.",
    }
    refused("not_found", "section-exists", views.section, desk.document, found, text, "s4", field="section")


def test_a_publication_says_where_it_is_had_and_how_it_is_quoted():
    desk = three_sections()
    assert (desk.seen(OTHER)["formats"], desk.seen(OTHER)["citation"]) == ([], None)
    translate(desk)
    published(desk)
    seen = desk.seen(MISSION, NOW + HOUR)
    assert {"language": "fr", "format": "pdf", "url": "/api/v1/documents/d1/export.pdf?language=fr"} in seen["formats"]
    formats = [(one["format"], one["language"]) for one in seen["formats"]]
    assert ("certificate.pdf", "en") in formats
    assert ("certificate.pdf", "fr") not in formats
    assert not any(one.startswith(("redline", "comments")) for one, _ in formats)
    group = "Inter-Agency Coordination Group against Trafficking in Persons (ICAT)"
    assert seen["citation"] == f"{group}, “A title”, Information Note, 1 March 2014."
    item = views.library_item(desk.document)
    assert (item["languages"], item["citation"], item["formats"]) == (["en", "fr"], seen["citation"], seen["formats"])


@pytest.mark.parametrize(("known", "said"), [("2012", "2012"), ("2012-10", "October 2012"), ("2012-10-07", "7 October 2012")])
def test_a_past_paper_is_quoted_by_its_date_as_exactly_as_it_is_known(known, said):
    past = {"title": "Overview", "summary": "", "published_on": known, "source": "S", "link": None, "language": "en"}
    paper = rules.Document.of_the_past("p1", 3, past | {"pillars": [], "themes": []}, by=SECRETARIAT, at=NOW)
    item = views.library_item(paper)
    assert item["citation"].endswith(f"“Overview”, Issue Paper No. 3, {said}.")
    assert (item["formats"], item["languages"]) == ([], ["en"])


# Who drafts


def test_the_drafters_change_by_the_lead_or_the_chair():
    desk = drafted()
    refused("not_allowed", "chair-only", desk.order, "change_drafters", None, [], by=CO)
    refused("invalid", "drafters-members", desk.order, "change_drafters", None, ["WB"], by=LEAD, field="co_drafters.0")
    refused("invalid", "drafters-once", desk.order, "change_drafters", "ILO", None, by=LEAD, field="co_drafters")
    refused("conflict", "drafters-same", desk.order, "change_drafters", "OHCHR", ["ILO"], by=CHAIR, field="lead")
    desk.order("change_drafters", "ILO", ["UNICEF"], by=LEAD)
    (told,) = desk.told("drafters_changed")
    assert told.data["earlier_lead"] == "OHCHR"
    assert (told.data["lead"], told.data["co_drafters"], told.data["earlier_co_drafters"]) == ("ILO", ["UNICEF"], ["ILO"])
    refused("not_allowed", "drafters-only", desk.save, "New.", by=LEAD)
    desk.save("New.", by=OTHER)
    desk.order("change_drafters", None, [], by=SECRETARIAT)
    assert (desk.document.lead, desk.document.co_drafters) == ("ILO", [])


def test_what_a_document_belongs_to_is_said_by_the_lead_or_the_chair():
    desk = drafted("joint_statement")
    one = {"year": 2014, "activity": "world-day", "deliverable": "statement"}
    refused("not_allowed", "chair-only", desk.order, "describe", one, None, None, by=CO)
    refused("conflict", "described-same", desk.order, "describe", None, None, None, by=LEAD)
    desk.order("describe", one, None, ["prevention"], by=LEAD)
    desk.order("describe", None, ["demand"], None, by=CHAIR)
    assert (desk.document.deliverable, desk.document.pillars, desk.document.themes) == (one, ["prevention"], ["demand"])
    first, second = desk.told("described")
    assert (first.data["earlier_deliverable"], first.data["earlier_pillars"]) == (None, [])
    assert (second.data["deliverable"], second.data["earlier_themes"]) == (one, [])


@pytest.mark.parametrize("kind", list(KINDS))
def test_acts_that_leave_the_state_as_it_is_are_in_no_state_that_forbids_them(kind):
    moves = KINDS[kind].moves
    for state, acts in moves.items():
        for act in ("change_drafters", "save_translation", "decide_languages", "publish_translation", "issue_corrigendum"):
            assert acts.get(act, state) == state
            assert not (act in acts and act in KINDS[kind].never)
    assert moves["withdrawn"] == {}
