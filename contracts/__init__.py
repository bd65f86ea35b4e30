"""What crosses a border: the envelope, problems, and per producer its commands, queries, answers and events.

Imports marshmallow and the kernel; nothing else of ours. Publish strictly, read tolerantly; to break, publish v2 beside v1.
"""
