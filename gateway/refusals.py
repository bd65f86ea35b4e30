"""Refusals as people are told them, in English or French: by the pages and by the API alike. Services say theirs in English.

``rule``, ``type``, ``field`` and the codes in ``accepted`` stay as they are in every language: software reads them.
"""

import re
from collections.abc import Callable
from typing import Any

from contracts.problems import KINDS, problem
from gateway.web.words import LANGUAGES, PROBLEMS, TITLES
from gateway.web.words_refusals import ACCEPTED, CONTRACT, RULES
from services.kernel.refusal import Refusal

FRENCH = "fr"


class Told(Refusal):
    """A refusal whose detail is in the reader's language already: the gateway made it for this reader."""


def title(kind: str, language: str) -> str:
    """What kind of refusal it is, in a few words."""
    return TITLES[kind] if language == FRENCH else KINDS[kind][1]


def told(refusal: Refusal, language: str) -> str:
    """What was wrong. In French it is what the rule says, or, of a rule that has no words of its own, what its kind means."""
    if language != FRENCH or isinstance(refusal, Told):
        return refusal.detail
    if refusal.rule == "contract" and (error := next(iter(refusal.extra.get("errors", ())), None)):
        return f"{error['field']} : {of_contract(error['detail'], language)}"
    kind = refusal.kind if refusal.kind in PROBLEMS else "internal"
    said = of_rule(refusal.rule, kind) or PROBLEMS[kind][LANGUAGES.index(FRENCH)]
    if (incident := refusal.extra.get("incident")) is not None:
        said = f"{said} Numéro : {incident}."
    return said


def of_rule(rule: str, kind: str) -> str:
    """The French sentence of a rule; empty for one without."""
    return next((RULES[name] for name in (f"{rule}:{kind}", rule, f"-{rule.rpartition('-')[2]}") if name in RULES), "")


def of_contract(detail: str, language: str) -> str:
    """What a contract said of one field: its sentences are few, and the same everywhere."""
    if language != FRENCH:
        return detail
    return _in_french(detail, CONTRACT) or PROBLEMS["invalid"][LANGUAGES.index(FRENCH)]


def accepted(found: str | list[str] | None, language: str, word: Callable[[str], str] = str) -> str | list[str] | None:
    """What would be accepted. ``word``: a stable word as its reader is told it; software reads it as it is."""
    if isinstance(found, list):
        return [str(accepted(str(one), language, word)) for one in found]
    if not found:
        return found
    return (_in_french(str(found), ACCEPTED) if language == FRENCH else "") or word(str(found))


def problem_told(told_of: dict[str, Any], language: str) -> tuple[str, str | list[str] | None]:
    """What a service says of one problem among several (its ``rule``, ``detail`` and ``accepted``), and what it would accept."""
    detail = told_of["detail"]
    if told_of["rule"] == "contract":
        detail = of_contract(detail, language)
    elif language == FRENCH:
        detail = of_rule(told_of["rule"], "invalid") or detail
    return detail, accepted(told_of.get("accepted"), language)


def problem_in(language: str, refusal: Refusal) -> dict[str, Any]:
    """The problem document of a refusal (RFC 9457), for a reader of this language."""
    document = problem(refusal) | {"title": title(refusal.kind if refusal.kind in KINDS else "internal", language)}
    document["detail"] = told(refusal, language)
    if "accepted" in document:
        document["accepted"] = accepted(refusal.accepted, language)
    if refusal.rule == "contract" and "errors" in document:
        document["errors"] = [_error_in(language, error) for error in document["errors"]]
    return document


def _error_in(language: str, error: dict[str, Any]) -> dict[str, Any]:
    """One of a contract's errors, for a reader of this language."""
    found = {"accepted": accepted(error["accepted"], language)} if "accepted" in error else {}
    return {**error, "detail": of_contract(error["detail"], language), **found}


def _in_french(text: str, table: tuple[tuple[str, str], ...]) -> str:
    """A sentence of the services in French, by how it is built; nothing for one that is not in the table."""
    for pattern, french in table:
        if found := re.search(pattern, text):
            return french.format(*found.groups())
    return ""
