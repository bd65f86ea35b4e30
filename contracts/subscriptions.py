"""Who listens to what: the one table from which queues and bindings are made.

A subscription in a service's code must stand here, and the other way round (tests check both),
so that every queue exists before anyone publishes.
"""

SUBSCRIPTIONS: dict[str, tuple[str, ...]] = {
    "chairs": (  # what a new chair inherits
        "workplan.plan_opened.v1",
        "workplan.consultation_opened.v1",
        "workplan.adoption_opened.v1",
        "workplan.adoption_extended.v1",
        "workplan.plan_adopted.v1",
        "workplan.plan_closed.v1",
        "workplan.activity_added.v1",
        "workplan.activity_changed.v1",
        "workplan.activity_cancelled.v1",
        "workplan.activity_progressed.v1",
        "workplan.activity_continued.v1",
        "workplan.deliverable_delivered.v1",
        "workplan.amendment_adopted.v1",
        "workplan.meeting_called.v1",
        "workplan.meeting_changed.v1",
        "workplan.meeting_cancelled.v1",
        "workplan.action_assigned.v1",
        "workplan.action_changed.v1",
        "workplan.action_completed.v1",
        "workplan.action_dropped.v1",
        "workplan.briefing_announced.v1",
        "workplan.briefing_changed.v1",
        "workplan.briefing_cancelled.v1",
        "documents.proposed.v1",
        "documents.comment_round_opened.v1",
        "documents.comment_round_closed.v1",
        "documents.clearance_opened.v1",
        "documents.clearance_extended.v1",
        "documents.clearance_passed.v1",
        "documents.clearance_broken.v1",
        "documents.clearance_lapsed.v1",
        "documents.clearance_superseded.v1",
        "documents.published.v1",
        "documents.statement_issued.v1",
        "documents.withdrawn.v1",
    ),
    "workplan": (
        "chairs.composition_changed.v1",
        "chairs.term_adopted.v1",
        "chairs.term_started.v1",
        "documents.published.v1",
        "documents.presented.v1",
        "documents.statement_issued.v1",
        "workplan.activity_carried_over.v1",
    ),
    "documents": (
        "chairs.composition_changed.v1",
        "chairs.term_started.v1",
        "documents.publication_ordered.v1",
        "documents.past_paper_entered.v1",
    ),
    "notifications": (
        "chairs.composition_changed.v1",
        "chairs.term_started.v1",
        "chairs.handover_reminded.v1",
        "chairs.handover_escalated.v1",
        "workplan.plan_adopted.v1",
        "workplan.plan_closed.v1",
        "workplan.meeting_called.v1",
        "workplan.meeting_changed.v1",
        "workplan.meeting_cancelled.v1",
        "workplan.meeting_reminded.v1",
        "workplan.action_assigned.v1",
        "workplan.action_changed.v1",
        "workplan.action_reminded.v1",
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
