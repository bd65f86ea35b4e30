"""The annual report as a page to print or to hand on: one file without the site around it, our own style sheets within."""

from functools import partial
from typing import Any

from flask import render_template
from markupsafe import Markup

from gateway.forms import tally
from gateway.forms.picture import policy_of, style_sheet
from gateway.web.words import WORDS, amount_of, date_of, said

_STYLE = style_sheet("icat.css", "pictures.css")

POLICY = policy_of(_STYLE)
"""The content security policy under which the page is shown."""


def write(answer: dict[str, Any], language: str, public_url: str) -> bytes:
    """The page of ``workplan.annual_report``."""

    def word(prefix: str, name: str) -> str:
        key = f"{prefix}_{name}"
        return said(language, key) if key in WORDS else name.replace("_", " ")

    page = render_template(
        "workplan/report_alone.html",
        report=answer,
        picture=picture(answer, language),
        language=language,
        site=public_url,
        style=Markup(_STYLE),  # ours, and it is the text that the policy names
        t=partial(said, language),
        date=partial(date_of, language),
        amount=partial(amount_of, language),
        day=partial(date_of, language, time=False),
        state=partial(word, "state"),
        kind=partial(word, "kind"),
        pillar=partial(word, "pillar"),
    )
    return page.encode()


def picture(answer: dict[str, Any], language: str) -> Markup:
    """Planned against delivered, to stand within a page."""
    return Markup(tally.draw(answer, language).inline())
