"""Who listens to what: the one table from which queues and bindings are made.

A subscription in a service's code must stand here, and the other way round (tests check both),
so that every queue exists before anyone publishes.
"""

SUBSCRIPTIONS: dict[str, tuple[str, ...]] = {
    "chairs": (),
    "workplan": (
        "chairs.composition_changed.v1",
        "chairs.term_adopted.v1",
        "chairs.term_started.v1",
        "documents.published.v1",
        "documents.statement_issued.v1",
    ),
    "documents": (
        "chairs.composition_changed.v1",
        "documents.publication_ordered.v1",
        "documents.past_paper_entered.v1",
    ),
    "notifications": (
        "chairs.term_started.v1",
        "workplan.plan_adopted.v1",
        "workplan.briefing_announced.v1",
        "workplan.briefing_changed.v1",
        "workplan.briefing_cancelled.v1",
        "documents.published.v1",
        "documents.presented.v1",
        "documents.statement_issued.v1",
        "notifications.announced.v1",
        "notifications.subscription_requested.v1",
        "notifications.subscription_ended.v1",
    ),
}

PRODUCERS = ("chairs", "workplan", "documents", "notifications")


def is_heard(key: str) -> bool:
    """Whether anyone listens to this routing key: such an event must be routable, or it waits."""
    return any(key in keys for keys in SUBSCRIPTIONS.values())
