"""Chairs: who belongs to the Group, who sits in its working group, who chairs in which year.

``rules`` decides and is pure (standard library and the kernel); ``store`` remembers; ``service``
talks. Nothing here imports another service.
"""
