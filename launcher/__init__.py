"""The house as a program: what must be there, which processes run, in what order, waiting for what.

``bootstrap``, ``doctor``, ``home``, ``processes`` and ``supervisor`` import the standard library and one
another only: they run before any environment exists, and must stay small beside the processes they watch.
``platform`` is the same house for tests, the demo and benchmarks. Nothing imports the launcher but those.
"""
