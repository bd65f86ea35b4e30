"""Entities by name: in the forms that people read they are called as in the reader's language, and known by it where they are typed.

The register is the application's. Where there is none, as in a test of one form alone, a code serves, as it does while chairs is away.
"""

from flask import g, has_app_context

from gateway.web.words import LANGUAGES
from messaging.context import now


def called(code: str, language: str) -> str:
    """An entity's acronym in this language, or its code."""
    register = _register()
    return str(register.called(code, language, _at())) if register else code


def meant(text: str, language: str) -> str:
    """The code of the entity that a person means, who may write its acronym: in their own language, or else in another. What is none is
    left as it was written."""
    register = _register()
    if register:
        for one in (language, *LANGUAGES):
            if (code := register.code_of(text, one, _at())) in register:
                return str(code)
    return text


def typed(code: str, language: str) -> str:
    """What to write for an entity where it is read again: its acronym, unless that would be taken for another's by a reader of whatever
    language."""
    acronym = called(code, language)
    return acronym if all(meant(acronym, one) == code for one in LANGUAGES) else code


def _register():
    return g.get("acronyms") if has_app_context() else None


def _at():
    return g.reader.at if "reader" in g else now()
