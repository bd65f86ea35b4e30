"""What the Group's documents may do, and when. Pure: values in, facts or a refusal out.

``kinds`` holds the life cycles as data, ``text`` what a text is, ``compare`` how two differ, ``record`` what is known of a document,
and the chapters of what may be done with it: ``drafting``, ``commenting``, ``clearing``, ``issuing``, ``translating``, ``publishing``, which
``document`` makes one; ``series`` the numbers of the issue papers, ``views`` what each reader sees. Imports the standard library, the
kernel and itself; never a clock, a store or a broker.
"""

from services.documents.rules import views
from services.documents.rules.compare import compare
from services.documents.rules.document import Document
from services.documents.rules.series import SERIES, Series
from services.documents.rules.text import Section, Text, Words

__all__ = ["SERIES", "Document", "Section", "Series", "Text", "Words", "compare", "views"]
