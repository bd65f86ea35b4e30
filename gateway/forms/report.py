"""The annual report as a page to print or to hand on: without the site around it, with our own style sheets."""

from functools import partial
from typing import Any

from flask import render_template
from markupsafe import Markup

from gateway.forms import tally
from gateway.web.words import WORDS, date_of, said


def write(answer: dict[str, Any], language: str, public_url: str) -> bytes:
    """The page of ``workplan.annual_report``."""

    def word(prefix: str, name: str) -> str:
        key = f"{prefix}_{name}"
        return said(language, key) if key in WORDS else name.replace("_", " ")

    page = render_template(
        "report_alone.html",
        report=answer,
        picture=picture(answer, language),
        language=language,
        public_url=public_url,
        t=partial(said, language),
        date=partial(date_of, language),
        day=partial(date_of, language, time=False),
        state=partial(word, "state"),
        kind=partial(word, "kind"),
        pillar=partial(word, "pillar"),
    )
    return page.encode()


def picture(answer: dict[str, Any], language: str) -> Markup:
    """Planned against delivered, to stand within a page."""
    return Markup(tally.draw(answer, language).inline())
