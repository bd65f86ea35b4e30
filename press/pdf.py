"""A text as a tagged PDF (PDF/UA-1), set from the same page as its HTML. Nothing is fetched while it is set.

It needs Pango and the Noto fonts on the machine; everything else of the press works without them.
"""

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from press import html
from press.manuscript import Manuscript

Progress = Callable[[float], object]
"""Told the share of the work that is done, from 0 to 1."""

MISSING = (
    "PDF cannot be written here: Pango is missing "
    "(Debian and Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 "
    "fonts-noto-core fonts-noto-mono fonts-noto-cjk). "
    "HTML, DOCX and XML can."
)

SIGNS_ON_A_PAGE = 2400
"""Roughly; the number of pages is not known before they are set."""

SET, LAID = 0.05, 0.85
"""The shares of the work after which the page is read and its layout made; the rest is writing."""

STYLE = """
@page {
  @top-center { content: element(mark); }
  @bottom-START { content: string(kind); width: 75%; text-align: START; font: 8pt FONTS; color: #4a545e; }
  @bottom-END { content: counter(page) " / " counter(pages); text-align: END; direction: ltr; font: 8pt FONTS; color: #4a545e; }
}
.mark { position: running(mark); font-size: 11pt; }
.kind { string-set: kind content(); }
.contents a::after { content: leader(" ") target-counter(attr(href), page); }
.contents h2, .about h2 { bookmark-level: none; }
""".replace("FONTS", '"Noto Sans", "Noto Naskh Arabic", "Noto Sans CJK SC"')

# That a style is for browsers is no news. Which page it is at, WeasyPrint says only in its log, which is read below and by nobody else.
logging.getLogger("weasyprint").setLevel(logging.ERROR)
_steps = logging.getLogger("weasyprint.progress")
_steps.setLevel(logging.INFO)
_steps.propagate = False


class Unavailable(Exception):
    """This machine lacks what a PDF needs; the message says what."""


def write(manuscript: Manuscript, progress: Progress = lambda share: None) -> bytes:
    """The PDF of a text. The same manuscript gives the same bytes on the same machine. Raises Unavailable."""
    return printed(html.write(manuscript), manuscript.direction, progress)


def printed(page: bytes, direction: str, progress: Progress = lambda share: None) -> bytes:
    """A page of ``press.html`` as PDF; ``direction``: rtl or ltr. Raises Unavailable; ValueError for a page that asks for anything
    outside it."""
    try:
        import weasyprint
        from weasyprint.urls import FatalURLFetchingError, URLFetcher
    except OSError as missing:
        raise Unavailable(MISSING) from missing

    class Nothing(URLFetcher):
        """No page of ours loads anything: whatever is asked for was smuggled in."""

        def fetch(self, url: str, headers: object = None) -> None:
            raise FatalURLFetchingError(f"a page asked for {url}")

    start, end = ("right", "left") if direction == "rtl" else ("left", "right")
    style = STYLE.replace("START", start).replace("END", end)
    source, reached = page.decode().replace("</style>", f"{style}</style>", 1), SET
    signs = len(source) - len(html.STYLE)

    def laid_out(number: int) -> None:
        """Pages with references to later ones are laid out again: what was told is not taken back."""
        nonlocal reached
        reached = max(reached, SET + (LAID - SET) * min(1.0, number * SIGNS_ON_A_PAGE / signs))
        progress(reached)

    try:
        with _pages_told(laid_out):
            set_page = weasyprint.HTML(string=source, url_fetcher=Nothing())
            progress(SET)
            laid = set_page.render(pdf_variant="pdf/ua-1")
        progress(LAID)
        written = laid.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=hashlib.sha256(page).digest()[:16])
    except FatalURLFetchingError as asked:  # which is no Exception, and would be caught by nobody
        raise ValueError(str(asked)) from None
    progress(1.0)
    return bytes(written)


@contextmanager
def _pages_told(tell: Callable[[int], object]) -> Iterator[None]:
    """Tells the number of each page that this thread lays out; others may be setting pages of their own."""
    thread = threading.get_ident()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if threading.get_ident() == thread and "Page %d" in str(record.msg) and isinstance(record.args, tuple):
                tell(int(str(record.args[0])))

    listener = Listener()
    _steps.addHandler(listener)
    try:
        yield
    finally:
        _steps.removeHandler(listener)
