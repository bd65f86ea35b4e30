"""What one person needs at once, gathered from several services side by side; one that is away takes only its own part with it."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from contracts.subscriptions import PRODUCERS
from gateway.asking import Asks
from messaging.context import Order, written
from services.kernel.refusal import Refusal

PATIENCE_SECONDS = 3.0
"""How long whoever asks several services waits for all of them together."""

AT_ONCE = 6
"""Questions that are put to one service at a time. A slow one holds the threads that are its own, and none that another's panel needs."""

TICK_SECONDS = 30.0

ASKS_MORE_THAN_CHAIRS = ("workplan", "documents")


@dataclass(frozen=True, slots=True)
class Panel:
    """One service's part: its answer, or why there is none now."""

    answer: Any = None
    refusal: Refusal | None = None

    @property
    def is_there(self) -> bool:
        return self.refusal is None

    @property
    def told(self) -> Any:
        """The answer of a part that a page cannot do without. Raises its refusal."""
        if self.refusal is not None:
            raise self.refusal
        return self.answer

    @property
    def is_away(self) -> bool:
        """Whether the service could not be asked (as against: it answered, and said no)."""
        return self.refusal is not None and self.refusal.kind in ("unavailable", "timed_out", "internal")


class Desk:
    """Asks several services at once, and answers the routes that need more than one."""

    def __init__(self, services: Asks, *, rehearsal: bool) -> None:
        self.services = services
        self.rehearsal = rehearsal
        self._threads = {name: ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix=f"desk-{name}") for name in PRODUCERS}

    def gather(self, order: Order, asked: Mapping[str, tuple[str, str, dict[str, Any]]], *, until: float | None = None) -> dict[str, Panel]:
        """Ask all side by side, and answer within PATIENCE_SECONDS whatever they do. ``asked``: by a name of the caller's choice, the
        service, its query and the payload. ``until``: when patience ends, in seconds of the monotonic clock, for who asks in turns."""
        until = until or monotonic() + PATIENCE_SECONDS
        waiting = {name: self._threads[one[0]].submit(self._panel, order, until, *one) for name, one in asked.items()}
        return {name: self._within(until, asked[name][0], future) for name, future in waiting.items()}

    def _panel(self, order: Order, until: float, service: str, query: str, payload: dict[str, Any]) -> Panel:
        if (left := until - monotonic()) <= 0:
            return Panel(refusal=_too_late(service))  # whoever asked is gone
        try:
            return Panel(self.services.call(service, query, payload, order, left))
        except Refusal as refusal:
            return Panel(refusal=refusal)

    @staticmethod
    def _within(until: float, service: str, panel: "Future[Panel]") -> Panel:
        try:
            return panel.result(timeout=max(until - monotonic(), 0))
        except TimeoutError:
            return Panel(refusal=_too_late(service))

    def awaiting(self, order: Order, entity: str | None = None) -> dict[str, Any]:
        """What awaits an entity, the asker's own unless another is named, the nearest deadline first; and which services could not be
        asked."""
        asked = {name: (name, "awaiting", payload) for name, payload in self.awaiting_asked(order, entity).items()}
        return merged(self.gather(order, asked))

    @staticmethod
    def awaiting_asked(order: Order, entity: str | None = None) -> dict[str, dict[str, Any]]:
        """Whom to ask what awaits this person: chairs knows what awaits the secretariat, too, which acts for no entity."""
        if not order.by.in_the_group:
            return {}
        if (entity := entity or order.by.entity) is None:
            return {"chairs": {}}
        return {name: {"entity": entity} for name in ("chairs", *ASKS_MORE_THAN_CHAIRS)}

    # The routes

    def my_awaiting(self, order: Order) -> dict[str, Any]:
        return self.awaiting(order)

    def platform_status(self, order: Order) -> dict[str, Any]:
        panels = self.gather(order, {name: (name, "status", {}) for name in PRODUCERS})
        return {
            "services": {
                name: (panel.answer or {}) | {"available": panel.is_there, "problem": panel.refusal.detail if panel.refusal else None}
                for name, panel in panels.items()
            }
        }

    def rehearsal_tick(self, order: Order) -> dict[str, Any]:
        """One service after the other, in the order in which they tell one another; the first that fails is named."""
        if not self.rehearsal:
            raise Refusal.not_allowed("The clock is moved by hand in rehearsal only.", rule="rehearsal-only")
        changed = {}
        for service in PRODUCERS:
            changed[service] = self.services.call(service, "tick", {"to": written(order.to)}, order, TICK_SECONDS)["changed"]
        return {"to": order.to, "changed": changed}


def _too_late(service: str) -> Refusal:
    return Refusal("timed_out", f"The {service} service did not answer in time.", rule="answer-in-time")


def merged(panels: Mapping[str, Panel]) -> dict[str, Any]:
    """The awaited things of several services in one list, the nearest deadline first, what has none last. ``kind`` is the stable word
    for each: *chairs* names the order that would answer it."""
    told = [(name, item) for name, panel in panels.items() if panel.is_there for item in panel.answer["items"]]
    items = [{"kind": item["what"], "consequence_code": None} | item | {"service": name} for name, item in told]
    items.sort(key=lambda item: (item["deadline"] is None, _read(item["deadline"])))
    for item in items:
        item["deadline"] = _read(item["deadline"]) if item["deadline"] else None
    return {"items": items, "unavailable": sorted(name for name, panel in panels.items() if not panel.is_there)}


def _read(instant: str | None) -> datetime | None:
    return datetime.fromisoformat(instant) if instant else None
