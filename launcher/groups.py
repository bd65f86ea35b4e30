"""The groups of tests, and what each needs of this machine before it can run."""

CHECKS = "checks"

GROUPS: dict[str, tuple[str, ...]] = {
    CHECKS: (),
    "rules": (),
    "contracts": (),
    "press": ("pdf",),
    "messaging": ("store", "broker"),
    "services": ("store", "broker", "pdf"),
    "gateway": ("store", "broker"),
    "journeys": ("store", "broker", "pdf"),
    "pages": ("store", "broker", "browser", "pdf"),
    "faults": ("store", "broker"),
    "deploy": ("store", "broker"),
}
"""In the order in which they are told of: what is quick and fundamental first."""

LONGEST_FIRST = ("services", "faults", "pages", "gateway", "journeys", "messaging", "deploy", "press", "rules", CHECKS, "contracts")
"""The order in which they begin where several run side by side: the last are short, so that the lanes end together."""
