"""A briefing for permanent missions: announced, changed, cancelled; one calendar entry through all of it."""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from services.kernel import Actor, Aggregate, Composition, Refusal, written
from services.kernel.rights import Standing
from services.workplan.rules import gpa
from services.workplan.rules.rights import RIGHTS

KINDS = ("consultation", "briefing", "side_event", "presentation")
LIMITS = ("capacity", "reply_by")
"""The fields of a briefing that bound its replies; None sets no bound."""

TOLD = ("title", "kind", "starts_at", "ends_at", "place", "on_margins_of", "agenda", "papers", "pillars", *LIMITS)
"""The fields of a briefing that missions are told, and that may change."""


@dataclass
class Briefing(Aggregate):
    """``revision`` is its calendar entry's SEQUENCE: it grows with every change, so that a mission's calendar
    moves the entry it has and never shows two. ``revised_at``: when it last grew, None before it did.
    ``papers``: each ``{"title", "url"}``. ``capacity``: people there is room for, None without a limit; ``reply_by``: until when one
    replies, None until it starts. Who replied is on record in *notifications*."""

    id: str
    title: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    place: str
    on_margins_of: str = ""
    agenda: list[str] = field(default_factory=list)
    papers: list[dict] = field(default_factory=list)
    pillars: list[str] = field(default_factory=list)
    announced_at: datetime | None = None
    revision: int = 0
    cancelled_at: datetime | None = None
    reason: str | None = None
    revised_at: datetime | None = None
    capacity: int | None = None
    reply_by: datetime | None = None

    @property
    def uid(self) -> str:
        """Its calendar entry's UID, the same for ever."""
        return f"briefing-{self.id}@icat"

    @classmethod
    def announce(cls, id: str, *, by: Actor, at: datetime, composition: Composition, **told: Any) -> "Briefing":
        """The chair, or the secretariat for it, announces a briefing. ``told``: the fields of ``TOLD``."""
        RIGHTS.must("announce_briefing", Standing(by, at, composition))
        briefing = cls(id, **told, announced_at=at)
        briefing._check(at, moved=True, asked=True)
        briefing.happen("briefing_announced", at, **briefing._said())
        return briefing

    def change(self, changes: dict, *, reason: str, by: Actor, at: datetime, composition: Composition) -> None:
        """Move or reword it; what is not among ``changes`` stays."""
        RIGHTS.must("change_briefing", Standing(by, at, composition))
        self._must_be_ahead(at)
        changed = replace(self, **changes)
        changed._check(at, moved=changed.starts_at != self.starts_at, asked=changed.reply_by != self.reply_by)
        before = {name: plain(getattr(self, name)) for name in TOLD if getattr(self, name) != getattr(changed, name)}
        if not before:
            return
        for name in before:
            setattr(self, name, getattr(changed, name))
        self.revision, self.revised_at = self.revision + 1, at
        self.reason = reason or None
        self.happen("briefing_changed", at, **self._said(), before=before, reason=reason)

    def cancel(self, reason: str, *, by: Actor, at: datetime, composition: Composition) -> None:
        """It will not be held."""
        RIGHTS.must("cancel_briefing", Standing(by, at, composition))
        self._must_be_ahead(at)
        self.revision, self.revised_at = self.revision + 1, at
        self.cancelled_at, self.reason = at, reason
        self.happen("briefing_cancelled", at, **self._said(), reason=reason)

    def view(self, by: Actor, at: datetime, coming: int | None = None) -> dict:
        """It is announced in public: everyone sees it, visitors too. ``coming``: how many people have a place, if anyone replied; who they
        are stands nowhere in it."""
        state = "cancelled" if self.cancelled_at else "held" if self.ends_at <= at else "announced"
        return asdict(self) | {"briefing": self.id, "uid": self.uid, "state": state, "coming": coming}

    def _said(self) -> dict:
        told = {name: getattr(self, name) for name in TOLD}
        return {"briefing": self.id, "uid": self.uid, "revision": self.revision} | told

    def _must_be_ahead(self, at: datetime) -> None:
        if self.cancelled_at is not None:
            raise Refusal.conflict(f"This briefing was cancelled on {self.cancelled_at:%Y-%m-%d}.", rule="briefing-announced")
        if at >= self.ends_at:
            raise Refusal.too_late(f"This briefing was held on {self.ends_at:%Y-%m-%d}.", rule="briefing-ahead")

    def _check(self, at: datetime, *, moved: bool, asked: bool) -> None:
        """Refuse what cannot be. ``moved``, ``asked``: whether its beginning, the end of its replies, is set now: that is then to come."""
        if self.kind not in KINDS:
            raise Refusal.invalid("kind", f"{self.kind} is no kind of briefing.", rule="briefing-kind", accepted=list(KINDS))
        if moved and self.starts_at <= at:
            raise Refusal.invalid(
                "starts_at", "Missions are invited to what is still to come.", rule="briefing-ahead", accepted=f"after {written(at)}"
            )
        if self.ends_at <= self.starts_at:
            raise Refusal.invalid(
                "ends_at", "It ends after it starts.", rule="briefing-length", accepted=f"after {written(self.starts_at)}"
            )
        if self.reply_by is not None and not (self.reply_by <= self.starts_at and (self.reply_by > at or not asked)):
            raise Refusal.invalid(
                "reply_by",
                "Those invited have some time to reply, and until it starts at most.",
                rule="briefing-reply-by",
                accepted=f"after {written(at)}, {written(self.starts_at)} at the latest",
            )
        for fault in gpa.faults(self.pillars):
            raise fault
        check_papers(self.papers)


def check_papers(papers: list[dict], path: str = "papers") -> None:
    """Refuse a paper that is not where it can be read. ``path``: of the papers in the order."""
    for i, paper in enumerate(papers):
        # Shown as a link: nothing but a page may be behind it.
        if not paper["url"].startswith(("https://", "/")) or paper["url"].startswith(("//", "/\\")):
            raise Refusal.invalid(
                f"{path}.{i}.url", "A paper is on this site, or at an https address.", rule="paper-url", accepted="/… or https://…"
            )


def plain(value: Any) -> Any:
    """An earlier value as it stands in an event."""
    return written(value) if isinstance(value, datetime) else value
