"""How a text is set: Markdown into HTML, PDF, DOCX and Akoma Ntoso, tables into XLSX and DOCX; and how DOCX and Markdown are read.

Knows formats and languages, and nothing of the Group: it imports nothing of ours. What it is given is a ``Manuscript`` or rows of a
table, what it gives is bytes; the same manuscript gives the same bytes. What it reads comes from strangers: every size is bounded,
and what was not understood is said.
"""
