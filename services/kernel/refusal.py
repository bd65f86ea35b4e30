"""How a rule says no."""


class Refusal(Exception):
    """A rule's answer to what may not be: which rule, what was wrong, what would be accepted.

    ``kind``: one of ``invalid``, ``not_allowed``, ``not_found``, ``conflict``, ``too_late``,
    ``too_early``, ``stale``, ``unavailable`` (contracts.problems gives each its HTTP status).
    ``detail``: one or two sentences for a person. ``rule``: the rule's short stable name.
    ``field``: dotted path of the input at fault, when one is. ``accepted``: what would pass.
    A refused command changes nothing: raising leaves the aggregate unsaved.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        rule: str,
        field: str | None = None,
        accepted: str | list[str] | None = None,
        extra: dict | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.rule = rule
        self.field = field
        self.accepted = accepted
        self.extra = extra or {}

    @classmethod
    def invalid(cls, field: str, detail: str, *, rule: str, **more) -> "Refusal":
        return cls("invalid", detail, field=field, rule=rule, **more)

    @classmethod
    def not_allowed(cls, detail: str, *, rule: str, **more) -> "Refusal":
        return cls("not_allowed", detail, rule=rule, **more)

    @classmethod
    def not_found(cls, detail: str, *, rule: str = "exists", **more) -> "Refusal":
        return cls("not_found", detail, rule=rule, **more)

    @classmethod
    def conflict(cls, detail: str, *, rule: str, **more) -> "Refusal":
        return cls("conflict", detail, rule=rule, **more)

    @classmethod
    def too_late(cls, detail: str, *, rule: str, **more) -> "Refusal":
        return cls("too_late", detail, rule=rule, **more)

    @classmethod
    def too_early(cls, detail: str, *, rule: str, **more) -> "Refusal":
        return cls("too_early", detail, rule=rule, **more)
