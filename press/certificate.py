"""The certificate of a clearance: who cleared exactly which text, when and in which word. In English or French."""

from dataclasses import dataclass
from datetime import UTC, datetime

from press import html, pdf, words
from press.manuscript import RIGHT_TO_LEFT

_WORDS = {
    "certificate": ("Clearance certificate", "Certificat d’approbation"),
    "express": (
        "The text named below was cleared by the express positions of the entities listed.",
        "Le texte désigné ci-dessous a été approuvé par les positions expresses des entités énumérées.",
    ),
    "silence": (
        "The text named below was cleared by silence: no entity that counts had objected to it in writing by the deadline.",
        "Le texte désigné ci-dessous a été approuvé tacitement : aucune objection écrite ne l’a empêché avant l’échéance.",
    ),
    "binding": (
        "Each position binds this digest and no other text.",
        "Chaque position vaut pour cette empreinte, et pour aucun autre texte.",
    ),
    "document": ("Document", "Document"),
    "language": ("Language", "Langue"),
    "revision": ("Revision", "Révision"),
    "digest": ("Digest (SHA-256)", "Empreinte (SHA-256)"),
    "opened_at": ("Clearance opened", "Ouverture de la procédure"),
    "deadline": ("Deadline", "Échéance"),
    "passed_at": ("Cleared", "Approbation"),
    "published_at": ("Published", "Publication"),
    "corrected": ("Corrected by the chair since, in revision", "Rectifié depuis par la présidence, à la révision"),
    "url": ("Address", "Adresse"),
    "signatories": ("Signatories", "Signataires"),
    "positions": ("Positions", "Positions"),
    "entity": ("Entity", "Entité"),
    "position": ("Position", "Position"),
    "at": ("When", "Date et heure"),
    "how": ("How", "Mode"),
    "endorse": ("Endorses", "Approuve"),
    "no_objection": ("No objection", "Sans objection"),
    "object": ("Objects", "Objection"),
    "stand_aside": ("Stands aside", "S’abstient"),
    "recuse": ("Recused", "Se récuse"),
    "tacit": ("By silence", "Tacite"),
    "on_behalf": ("Entered on its behalf from its letter", "Saisie en son nom d’après sa lettre"),
    "said": ("Express", "Expresse"),
}


@dataclass(frozen=True)
class Position:
    """What an entity said: ``word`` endorse, no_objection, object, stand_aside or recuse, and when. ``tacit``: by silence;
    ``on_behalf``: entered from its letter."""

    entity: str
    word: str
    at: datetime
    tacit: bool = False
    on_behalf: bool = False


@dataclass(frozen=True)
class Certificate:
    """The clearance that a text passed. ``kind`` and ``number`` as of a manuscript; ``procedure``: express or silence; ``language``: of
    the text, and of the certificate where we have its words; ``issuer``: whose text it is; ``signatories``: of a joint statement;
    ``corrected``: the revisions by which the text was corrected since, which this does not certify."""

    title: str
    document: str
    kind: str
    number: int | None
    digest: str
    procedure: str
    opened_at: datetime
    deadline: datetime | None
    passed_at: datetime
    revision: int
    positions: tuple[Position, ...]
    signatories: tuple[str, ...] = ()
    language: str = "en"
    published_at: datetime | None = None
    url: str = ""
    issuer: str = ""
    corrected: tuple[int, ...] = ()


def write_html(certificate: Certificate) -> bytes:
    """The certificate as one page."""
    language = _language(certificate)
    facts = {
        "document": html.apart(certificate.document),
        "language": html.said(words.name_of(certificate.language, language)),
        "revision": str(certificate.revision),
        "digest": html.apart(certificate.digest),
        **{name: _instant(getattr(certificate, name), language) for name in ("opened_at", "deadline", "passed_at", "published_at")},
        "corrected": ", ".join(str(number) for number in certificate.corrected),
        "url": f'<a href="{html.said(certificate.url)}">{html.apart(certificate.url)}</a>' if certificate.url else "",
        "signatories": html.said(", ".join(certificate.signatories)),
    }
    lines = "".join(f'<tr><th scope="row">{_word(name, language)}</th><td>{fact}</td></tr>\n' for name, fact in facts.items() if fact)
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in _row(position, language))}</tr>\n" for position in certificate.positions)
    headings = "".join(f'<th scope="col">{_word(name, language)}</th>' for name in ("entity", "position", "at", "how"))
    kind = words.numbered(certificate.kind, certificate.number, language)
    issuer = f'<p class="issuer">{_as_it_is(certificate.issuer, certificate)}</p>' if certificate.issuer else ""
    body = f"""<header class="title">{issuer}<p class="kind">{_word("certificate", language)}</p>
<h1>{_as_it_is(certificate.title, certificate)}</h1><p class="status">{html.said(kind)}</p></header>
<main>
<p>{_word(certificate.procedure, language)} {_word("binding", language)}</p>
<table class="facts">
<tbody>
{lines}</tbody></table>
<h2>{_word("positions", language)}</h2>
<div class="table" tabindex="0"><table>
<thead><tr>{headings}</tr></thead>
<tbody>
{rows}</tbody></table></div>
</main>
"""
    title = f"{_WORDS['certificate'][language == 'fr']} – {certificate.title}"
    return html.page(title, language, body, author=certificate.issuer, dated=certificate.passed_at.strftime("%Y-%m-%dT%H:%M:%SZ"))


def write_pdf(certificate: Certificate) -> bytes:
    """The same as PDF. Raises ``pdf.Unavailable``."""
    return pdf.printed(write_html(certificate), "ltr")


def _row(position: Position, language: str) -> tuple[str, str, str, str]:
    how = "tacit" if position.tacit else "on_behalf" if position.on_behalf else "said"
    return html.said(position.entity), _word(position.word, language), _instant(position.at, language), _word(how, language)


def _as_it_is(text: str, certificate: Certificate) -> str:
    """Words in the language of the text on a page that may be in another."""
    direction = "rtl" if certificate.language in RIGHT_TO_LEFT else "ltr"
    return f'<bdi lang="{html.said(certificate.language)}" dir="{direction}">{html.said(text)}</bdi>'


def _language(certificate: Certificate) -> str:
    return "fr" if certificate.language == "fr" else "en"


def _word(name: str, language: str) -> str:
    return html.said(_WORDS[name][language == "fr"])


def _instant(at: datetime | None, language: str) -> str:
    """A day and a time with its zone."""
    if at is None:
        return ""
    at = at.astimezone(UTC)
    return f'<time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{html.said(words.date(f"{at:%Y-%m-%d}", language))}, {at:%H:%M} UTC</time>'
