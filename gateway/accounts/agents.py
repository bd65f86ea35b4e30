"""What a browser says it is, short enough for a person to know their own by: ``Firefox · Windows``."""

import re

LONGEST = 120

_FAMILIES = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\bOPR/|\bOpera\b"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\bFirefox/|\bFxiOS/"),
    ("Chrome", r"\bChrom(?:e|ium)/|\bCriOS/|\bHeadlessChrome/"),
    ("Safari", r"\bSafari/"),
)
"""In this order, since most browsers say that they are others as well."""

_SYSTEMS = (
    ("iOS", r"\b(?:iPhone|iPad|iPod)\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("macOS", r"\bMac(?:intosh| OS X)\b"),
    ("Linux", r"\bLinux\b|\bX11\b"),
)


def told(user_agent: str) -> str:
    """Family and system of a ``User-Agent``; of what is no browser the name it gives itself, without anything that could be markup."""
    family = next((name for name, sign in _FAMILIES if re.search(sign, user_agent)), "")
    system = next((name for name, sign in _SYSTEMS if re.search(sign, user_agent)), "")
    if not family:
        named = re.match(r"[A-Za-z][A-Za-z0-9 ._-]*", user_agent)
        family = named[0].strip() if named else ""
    return " · ".join(part for part in (family[: LONGEST - 20], system) if part)
