"""A language that nobody speaks, for tests: every string of the catalogues stands between marks and runs from right to left, so that it is
seen what came from no catalogue, and what looks right from left to right alone.

It is spoken by an application whose Flask configuration says so, which no environment variable does.
"""

from flask import current_app, has_app_context

SETTING = "PSEUDO_LOCALE"

OPENS, CLOSES = "⟦\u202e", "\u202c⟧"
"""What a string stands between: brackets to be seen, and within them the controls that turn it around."""


def is_on() -> bool:
    return has_app_context() and bool(current_app.config.get(SETTING))


def mirrored(text: str) -> str:
    """The string as that language says it; as it is, where it is not spoken."""
    return f"{OPENS}{text}{CLOSES}" if is_on() else text
