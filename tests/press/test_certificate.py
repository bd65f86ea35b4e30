"""The certificate of a clearance, in English and French."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from press.certificate import Certificate, Position, write_html, write_pdf
from tests.press.manuscripts import DIGEST, TITLES, URL
from tests.press.reading_html import Page


def september(day: int) -> datetime:
    return datetime(2016, 9, day, 14, 30, tzinfo=UTC)


CERTIFICATE = Certificate(
    title=TITLES["en"],
    document="remedies",
    kind="issue_paper",
    number=4,
    digest=DIGEST,
    procedure="silence",
    opened_at=september(1),
    deadline=september(4),
    passed_at=september(4),
    revision=7,
    positions=(
        Position("ILO", "endorse", september(2)),
        Position("IOM", "no_objection", september(4), tacit=True),
        Position("OHCHR", "stand_aside", september(3), on_behalf=True),
        Position("UNODC", "recuse", september(3)),
    ),
    published_at=september(10),
    url=URL,
)


def test_what_was_corrected_since_is_not_certified():
    assert "Corrected" not in Page(write_html(CERTIFICATE).decode()).words
    assert "Corrected by the chair since, in revision8, 9" in Page(write_html(replace(CERTIFICATE, corrected=(8, 9))).decode()).words


def test_it_says_who_cleared_which_text_when_and_how():
    page = Page(write_html(CERTIFICATE).decode())
    for said in (
        TITLES["en"],
        "Issue paper No. 4",
        DIGEST,
        URL,
        "by silence",
        "4 September 2016, 14:30 UTC",
        "10 September 2016",
        "Revision7",
    ):
        assert said in page.words, said
    for row in (
        "ILOEndorses2 September 2016, 14:30 UTCExpress",
        "IOMNo objection4 September 2016, 14:30 UTCBy silence",
        "OHCHRStands aside3 September 2016, 14:30 UTCEntered on its behalf from its letter",
        "UNODCRecused3 September 2016, 14:30 UTCExpress",
    ):
        assert row in page.words
    assert page.of("html") == [{"lang": "en", "dir": "ltr"}]
    assert page.dangers == []


def test_it_speaks_french_of_a_french_text_and_english_of_all_others():
    french = Page(write_html(replace(CERTIFICATE, language="fr", title=TITLES["fr"], procedure="express")).decode())
    assert "Certificat d’approbation" in french.words
    assert "4 septembre 2016, 14:30 UTC" in french.words
    arabic = Page(write_html(replace(CERTIFICATE, language="ar", title=TITLES["ar"])).decode())
    assert "Clearance certificate" in arabic.words
    assert {"lang": "ar", "dir": "rtl"} in arabic.of("bdi")
    assert arabic.of("html") == [{"lang": "en", "dir": "ltr"}]


def test_what_there_is_not_is_not_shown():
    page = Page(write_html(replace(CERTIFICATE, number=None, deadline=None, published_at=None, url="", procedure="express")).decode())
    for absent in ("Deadline", "Published", "No. ", "Signatories"):
        assert absent not in page.words
    assert "Signatories" in Page(write_html(replace(CERTIFICATE, signatories=("ILO", "IOM"))).decode()).words


def test_nothing_in_it_runs():
    bad = "<script>alert(1)</script>\x00\"'"
    page = Page(
        write_html(replace(CERTIFICATE, title=bad, document=bad, issuer=bad, positions=(Position(bad, "endorse", september(1)),))).decode()
    )
    assert page.dangers == []
    assert page.words.count("<script>alert(1)</script>") == 4


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_it_is_one_tagged_page_as_pdf(language):
    certificate = replace(CERTIFICATE, language=language, title=TITLES[language])
    reader = PdfReader(io.BytesIO(write_pdf(certificate)))
    assert len(reader.pages) == 1
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert DIGEST[:32] in reader.pages[0].extract_text()
    assert write_pdf(certificate) == write_pdf(certificate)
