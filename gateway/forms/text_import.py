"""A text on its way in: a DOCX document or Markdown, read into the contract's sections, with what was not understood in words."""

from collections.abc import Callable
from typing import Any

from gateway.refusals import Told
from gateway.web.words import LANGUAGES
from press import reading
from press.package import DOCX
from press.reading import Note, Unreadable

MARKDOWN = "text/markdown"
MEDIA_TYPES = (DOCX, MARKDOWN)
NOTES = 1_000
_WHERE, _WHAT = 200, 500
_PACKAGES = (b"PK", b"\xd0\xcf\x11\xe0")
"""How a DOCX begins, or what Word wrote before it or writes with a password. Markdown begins with neither."""


def take(raw: bytes, payload: dict[str, Any], language: str, *, check: bool, ask: Callable[[str, dict[str, Any]], Any]) -> Any:
    """Save, or only ``check``, the text in a file as a revision of the document that ``payload`` names; ``ask`` asks the service.

    Whether it is DOCX or Markdown is seen from its bytes, and is the revision's summary. A title is sent when the file says one. Raises
    Refusal, in that language, for what cannot be read.
    """
    is_docx = raw.startswith(_PACKAGES)
    try:
        read = reading.read_docx(raw) if is_docx else reading.read_markdown(raw)
    except Unreadable as error:
        raise _refusal(error, language) from None
    return ask(
        "check_text" if check else "import_text",
        {
            **({} if check else {"summary": _SUMMARIES[is_docx][LANGUAGES.index(language)]}),
            **payload,
            "title": read.title or None,
            "sections": [{"heading": heading, "text": text} for heading, text in read.sections],
            "notes": [{"where": note.where[:_WHERE], "what": told(note, language)} for note in read.notes[:NOTES]],
        },
    )


def told(note: Note, language: str) -> str:
    """What was not understood or left out, in words: how often, and what it was or how the first of it began."""
    said = _NOTES[note.what][LANGUAGES.index(language)]
    often = f" ({note.count})" if note.count > 1 else ""
    quoted = {"en": " “{}”", "fr": " « {} »"}[language].format(note.found) if note.found else ""
    colon = {"en": ":", "fr": " :"}[language] if quoted else ""
    return f"{said}{often}{colon}{quoted}"[:_WHAT]


def _refusal(error: Unreadable, language: str) -> Told:
    said = _REFUSED[error.rule][LANGUAGES.index(language)]
    kind = "too_large" if error.rule == "too-much" else "malformed"
    return Told(kind, said, rule=f"file-{error.rule}", field="file", accepted=list(MEDIA_TYPES))


_SUMMARIES = {
    True: ("Read in from a DOCX document", "Importé d’un document DOCX"),
    False: ("Read in from Markdown", "Importé d’un texte en Markdown"),
}

_REFUSED = {
    "encrypted": (
        "This file is protected by a password, or was made by an old Word (DOC). Save it as DOCX without a password.",
        "Ce fichier est protégé par un mot de passe ou vient d’un ancien Word (DOC). Enregistrez-le en DOCX sans mot de passe.",
    ),
    "not-a-document": (
        "This is neither a DOCX document that can be read nor Markdown in UTF-8.",
        "Ce n’est ni un document DOCX lisible, ni du Markdown en UTF-8.",
    ),
    "macros": (
        "The file holds macros. Save it as DOCX, without them.",
        "Le fichier contient des macros. Enregistrez-le en DOCX, sans elles.",
    ),
    "entities": (
        "The file declares a document type (DTD), which no DOCX document needs.",
        "Le fichier déclare un type de document (DTD), dont aucun document DOCX n’a besoin.",
    ),
    "too-much": (
        "Unpacked, this file is larger, longer or more deeply nested than any paper of ours.",
        "Décompressé, ce fichier est plus grand, plus long ou plus profondément imbriqué que tous nos documents.",
    ),
}

_NOTES = {
    "before-heading": (
        "Text before the first heading became a section of its own",
        "Le texte précédant le premier titre est devenu une section à part",
    ),
    "cell-lines": (
        "Cells of several paragraphs became one line each",
        "Des cellules de plusieurs paragraphes ont été mises sur une ligne",
    ),
    "characters": ("Characters that no text may hold were replaced", "Des caractères interdits dans un texte ont été remplacés"),
    "comment": ("Comments, left out", "Commentaires, laissés de côté"),
    "contents": ("A table of contents, left out", "Table des matières, laissée de côté"),
    "deletion": ("Tracked deletions, carried out", "Suppressions suivies, effectuées"),
    "embedded": ("Embedded objects, left out", "Objets incorporés, laissés de côté"),
    "endnote": ("Endnotes became footnotes", "Les notes de fin sont devenues des notes de bas de page"),
    "equation": ("Equations, left out", "Équations, laissées de côté"),
    "field": ("Fields, kept as the text they showed", "Champs, gardés comme le texte qu’ils affichaient"),
    "frame": ("A table of a single cell became plain paragraphs", "Un tableau d’une seule cellule est devenu de simples paragraphes"),
    "front-matter": ("What stands before the Markdown, left out", "L’en-tête du fichier Markdown, laissé de côté"),
    "header": ("Headers and footers, left out", "En-têtes et pieds de page, laissés de côté"),
    "heading-number": ("Automatic numbers of headings, left out", "Numéros automatiques des titres, laissés de côté"),
    "heading-skipped": ("A level of headings was skipped, and is not here", "Un niveau de titre était sauté, et ne l’est plus ici"),
    "hidden": ("Hidden text, left out", "Texte masqué, laissé de côté"),
    "html": ("HTML, kept as plain text", "HTML, gardé comme simple texte"),
    "image": ("Pictures, left out", "Images, laissées de côté"),
    "imprint": ("Lines about the document around its text, left out", "Mentions entourant le texte, laissées de côté"),
    "insertion": ("Tracked insertions, accepted", "Insertions suivies, acceptées"),
    "link": (
        "Links that lead neither to the web nor to an address of mail, kept as plain text",
        "Liens ne menant ni au Web ni à une adresse électronique, gardés comme simple texte",
    ),
    "list-in-table": ("Lists in a table became plain lines", "Des listes dans un tableau sont devenues de simples lignes"),
    "list-numbers": ("Lists numbered otherwise than 1, 2, 3", "Listes numérotées autrement que 1, 2, 3"),
    "lowered": ("Lowered letters, kept on the line", "Lettres en indice, gardées sur la ligne"),
    "merged": ("Merged cells were taken apart", "Des cellules fusionnées ont été séparées"),
    "moved": ("Text tracked as moved, taken at its new place", "Texte suivi comme déplacé, pris à sa nouvelle place"),
    "nested-table": ("A table within a table, left out", "Un tableau dans un tableau, laissé de côté"),
    "no-headings": ("There are no headings: all became one section", "Aucun titre : le tout est devenu une seule section"),
    "note-in-heading": ("A note on the heading, left out", "Une note sur le titre, laissée de côté"),
    "raised": ("Raised letters, kept on the line", "Lettres en exposant, gardées sur la ligne"),
    "ruby": ("Reading aids above the text, left out", "Indications de lecture au-dessus du texte, laissées de côté"),
    "style": ("A style that is not known, read as plain text", "Un style inconnu, lu comme simple texte"),
    "symbol": ("Signs of a font of symbols, left out", "Signes d’une police de symboles, laissés de côté"),
    "table-heading": (
        "A table without a heading row; its first row was taken for one",
        "Un tableau sans ligne d’en-tête ; sa première ligne en tient lieu",
    ),
    "table-in-note": ("A table in a note became plain text", "Un tableau dans une note est devenu du simple texte"),
    "text-box": ("Text boxes, left out", "Zones de texte, laissées de côté"),
    "title-from-heading": (
        "The only heading of the first level was taken for the title",
        "Le seul titre de premier niveau a été pris pour le titre du document",
    ),
    "uncalled": ("Notes that nothing calls, left out", "Notes que rien n’appelle, laissées de côté"),
}
