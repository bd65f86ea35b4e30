"""What the Group's documents may do, and when. Pure: values in, facts or a refusal out.

``kinds`` holds the life cycles as data, ``text`` what a text is, ``compare`` how two differ, ``record`` what is known of a document,
and the chapters of what may be done with it: ``drafting``, ``commenting``, ``clearing``, ``issuing``, ``translating``, ``publishing``,
``attaching``, which ``document`` makes one; ``rights`` says beforehand whose acts are whose; ``passing`` what makes a text the Group's
own, ``reminding`` and ``timetable`` what the clock reminds of, ``series`` the numbers of the issue papers; ``views`` and ``boards``
what each reader sees. Imports the standard library, the kernel and itself; never a clock, a store or a broker.
"""

from services.documents.rules import boards, passing, views
from services.documents.rules.commenting import Words
from services.documents.rules.compare import compare
from services.documents.rules.document import Document
from services.documents.rules.passing import RULEBOOK, Rulebook
from services.documents.rules.series import SERIES, Series
from services.documents.rules.text import Section, Text
from services.documents.rules.timetable import world_day_ahead

__all__ = [
    "RULEBOOK",
    "SERIES",
    "Document",
    "Rulebook",
    "Section",
    "Series",
    "Text",
    "Words",
    "boards",
    "compare",
    "passing",
    "views",
    "world_day_ahead",
]
