"""What came back: whether an address still takes mail, by what mail servers and readers say of it.

A server that refuses the address at ``RCPT TO`` says so as well: at once with 5xx, or when a delivery is given up over 4xx; not with 5.7.x,
lest a relay that lets us in no more cost every subscriber. Every subscription to a suppressed address, whosever, is suspended, and its
subscriber told at its other addresses and in its inbox. The address is refused until the secretariat, having heard from its owner, lifts
the suppression; what was said before counts no more, and mail goes there once it is confirmed anew. Addresses and servers' words are with
the suppressions alone, for the secretariat: no event or log holds them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.kernel import Actor, Refusal
from services.notifications.rules import reasons
from services.notifications.rules.rights import RIGHTS, who

COMPLAINT = "complaint"
"""What a reader says who reports a mail as unwanted; of servers it is a status by RFC 3463, as ``5.1.1``."""

TRANSIENT = 3
WINDOW = timedelta(days=14)
"""So many failures that might have passed, within so long, are taken for one that does not."""


@dataclass(frozen=True)
class Report:
    """One thing said of an address. ``cause``: of which order it is known; ``status``: ``complaint``, or a status by RFC 3463."""

    cause: str
    at: datetime
    status: str


def suppressed_because(reports: Sequence[Report]) -> str | None:
    """Why no more mail goes to an address of which this was said, oldest first; None while it may. The reason names no address.

    A complaint and a failure that is permanent by its own status (5.x.x) are enough by themselves, but for a refusal by policy (5.7.x):
    that is as often about the sender, and counts as one that may pass, as does each that says so (4.x.x). What is said of one mail is said
    of the address, whoever had asked for that mail: it holds for all subscribers who name it.
    """
    for report in reports:
        if report.status == COMPLAINT:
            return reasons.COMPLAINT.said()
        if report.status.startswith("5.") and not _may_pass(report):
            return reasons.MAIL_RETURNED.said(status=report.status)
    passing = [report for report in reports if _may_pass(report)]
    for first, last in zip(passing, passing[TRANSIENT - 1 :], strict=False):
        if abs(last.at - first.at) <= WINDOW:
            return reasons.MAIL_RETURNED_OFTEN.said(times=TRANSIENT, days=WINDOW.days, status=last.status)
    return None


def must_report(by: Actor) -> None:
    """Refuse anyone but the platform's own receiver of bounces."""
    RIGHTS.must("report_bounce", who(by))


def no_mail_to(why: str, field: str = "target") -> Refusal:
    """What one is told who asks that mail be sent to an address that takes none."""
    return Refusal.conflict(
        f"No mail is sent to this address: {why}",
        rule="address-suppressed",
        field=field,
        accepted="another address, or this one once the secretariat has heard from its owner and lifted the suppression",
    )


def _may_pass(report: Report) -> bool:
    return report.status.startswith(("4.", "5.7."))
