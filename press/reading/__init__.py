"""Files that come in: DOCX documents and Markdown, read into a title and sections, and told what of them was not understood.

They come from strangers: each is bounded before it is read and while it is. What a document says is text, whatever it looks like: its
signs are escaped, so that nothing becomes markup that was none.
"""

from press.package import Unreadable
from press.reading.found import Note, Reading
from press.reading.markdown import read as read_markdown
from press.reading.word import read as read_docx

__all__ = ["Note", "Reading", "Unreadable", "read_docx", "read_markdown"]
