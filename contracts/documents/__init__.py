"""What *documents* hears, answers and says: issue papers, information notes and joint statements, from proposal to publication.

A *text* is its sections in order, in Markdown; written whole (``# title``, then ``## heading`` and each section's text) it is what is
published, and the SHA-256 of exactly those bytes in UTF-8 is the *digest* that positions bind to. Nothing of a statement but its title
stands in any event before ``statement_issued``.
"""

from contracts.base import Contract
from contracts.documents.clearance import *  # noqa: F403
from contracts.documents.comments import *  # noqa: F403
from contracts.documents.document import *  # noqa: F403
from contracts.documents.files import *  # noqa: F403
from contracts.documents.library import *  # noqa: F403
from contracts.documents.parts import *  # noqa: F403
from contracts.documents.text import *  # noqa: F403

contract = Contract("documents", *(f"{__name__}.{part}" for part in ("document", "text", "comments", "clearance", "library", "files")))
