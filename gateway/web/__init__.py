"""The pages: rendered here, plain HTML and our own CSS, no script, useful with a keyboard alone.

``pages`` asks and renders, ``reader`` knows who reads and whose form it is, ``words`` holds every string in English and
French, ``text`` makes HTML of the Group's Markdown. No rule of the Group is decided here.
"""

from gateway.web.pages import Pages
from gateway.web.refusals import page as refused

__all__ = ["Pages", "refused"]
