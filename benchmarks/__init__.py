"""The platform measured beside peers and limits, in one run, as ratios: ``./icat bench [NAME…] [--json]``.

Each module here is one benchmark, with ``run() -> list[Figure]``. Absolute figures of one machine say
little; a ratio of two things measured in turn on it says something. Never part of the tests.
"""
