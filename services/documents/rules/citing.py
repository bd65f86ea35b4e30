"""How a publication is had and quoted: its languages, its formats, its citation."""

from typing import TYPE_CHECKING, Any

from services.documents.rules.exports import FORMATS

if TYPE_CHECKING:
    from services.documents.rules.document import Document
    from services.documents.rules.record import Corrigendum, Revision, Translation

GROUP = "Inter-Agency Coordination Group against Trafficking in Persons (ICAT)"
_MONTHS = ["January", "February", "March", "April", "May", "June"]
_MONTHS += ["July", "August", "September", "October", "November", "December"]


def citation(it: "Document") -> str | None:
    """How a publication is quoted, by its kind, number and date; None before it is one."""
    if it.published_on is None:
        return None
    what = {"issue_paper": f"Issue Paper No. {it.number}", "information_note": "Information Note"}.get(it.kind, "Joint Statement")
    occasion = f" on the occasion of {it.occasion}" if it.occasion else ""
    return f"{GROUP}, “{it.title}”, {what}{occasion}, {_date(it.published_on)}."


def formats(it: "Document") -> list[dict[str, str]]:
    """Where a publication can be had, in each language and format; the certificate of its clearance in one. Nothing before, and nothing
    of a past paper, of which no text is kept."""
    if it.published_revision is None:
        return []
    languages = [it.language, *public_languages(it)]
    return [
        {
            "language": language,
            "format": name,
            "url": f"/api/v1{it.url}/{'export.' if format.of == 'text' else ''}{name}?language={language}",
        }
        for name, format in FORMATS.items()
        if format.public
        for language in (languages if format.of == "text" else languages[:1])
    ]


def address(it: "Document", language: str) -> str:
    """Where its text in a language is found: the public version, or what drafters have of one that is none yet."""
    if language == it.language:
        return it.url
    return f"{it.url}?language={language}" if it.public_in(language) else f"{it.url}/languages/{language}"


def public_languages(it: "Document") -> list[str]:
    """The other languages in which it is public."""
    return sorted({version.language for version in it.public_versions})


def languages(it: "Document", *, drafts: bool) -> list[dict[str, Any]]:
    """The versions in other languages: the last of each; without ``drafts`` the public ones."""
    shown: list[tuple[str, Translation]] = []
    for language, made in sorted(it.translations.items()):
        if drafts:
            shown.append((language, made[-1]))
        elif public := it.public_in(language):
            shown.append((language, made[public[-1] - 1]))
    since = {(version.language, version.number): version.at for version in it.public_versions}
    return [
        {
            "language": language,
            "number": one.number,
            "revision": one.revision,
            "digest": one.digest,
            "title": one.title,
            "state": "lagging" if one.behind else "current",
            "behind": one.behind,
            "at": one.at,
            "entity": one.entity,
            "published_at": since.get((language, one.number)),
        }
        | ({"person": one.person} if drafts else {})
        for language, one in shown
    ]


def corrigenda(it: "Document") -> list[dict[str, Any]]:
    """The corrections of the published text, in order."""
    return [
        {
            "number": one.number,
            "revision": one.revision,
            "digest": it.revisions[one.revision - 1].digest,
            "at": one.at,
            "note": one.note,
            "entity": one.entity,
        }
        for one in it.corrigenda
    ]


def carried(it: "Document", said: "Revision | Translation") -> list["Corrigendum"]:
    """The corrections that a public text has in it: a revision those up to its own; a version in another language, while it lags, those
    it was made of, and otherwise all."""
    if getattr(said, "behind", None) == 0:
        return list(it.corrigenda)
    newest = getattr(said, "revision", said.number)
    return [one for one in it.corrigenda if one.revision <= newest]


def _date(partial: str) -> str:
    """A date as exactly as it is known: ``2012``, ``October 2014``, ``7 October 2014``."""
    year, month, day = [*partial.split("-"), "", ""][:3]
    return " ".join(part for part in (day.lstrip("0"), _MONTHS[int(month) - 1] if month else "", year) if part)
