"""What makes a text the Group's own: the passing rule of each kind of document, as data the Group sets (DOMAIN.md)."""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from services.documents.rules.kinds import KINDS
from services.documents.rules.rights import RIGHTS
from services.kernel import Actor, Aggregate, Composition, PassingRule, Refusal
from services.kernel.clearance import ENDORSE, NO_OBJECTION, OBJECT, RECUSE, STAND_ASIDE, WORDS
from services.kernel.rights import Standing

RULEBOOK = "group"
"""The one rulebook there is."""

PROCEDURES = EXPRESS, SILENCE = ("express", "silence")


@dataclass(frozen=True)
class Rule:
    """How documents of one kind become the Group's own: by which ``procedures``, whose word ``counts`` (the ``seats`` or all
    ``members``; of a statement also whoever joined), which words satisfy and which stop, and how long a silence lasts at least."""

    procedures: list[str] = field(default_factory=lambda: list(PROCEDURES))
    counts: str = "seats"
    passing: list[str] = field(default_factory=lambda: [ENDORSE, NO_OBJECTION, STAND_ASIDE, RECUSE])
    blocking: list[str] = field(default_factory=lambda: [OBJECT])
    minimum_hours: int = 72

    def under(self, procedure: str) -> PassingRule:
        """The rule of one clearance."""
        return PassingRule(procedure, list(self.passing), list(self.blocking), self.minimum_hours, self.counts)

    def must_allow(self, procedure: str, kind: str) -> None:
        if procedure in self.procedures:
            return
        name = KINDS[kind].name
        detail = f"A {name} is cleared by express positions: who is silent has not signed."
        if not KINDS[kind].signed:
            detail = f"By the Group's passing rule, {_a(name)} is not cleared by {procedure}."
        rule = "statement-express" if KINDS[kind].signed else "passing-procedure"
        raise Refusal.invalid("by", detail, rule=rule, accepted=self.procedures)

    def must_make_sense(self) -> None:
        """Refuse a rule by which nothing could pass, or by which what is said would mean its opposite."""
        if not self.procedures:
            raise Refusal.invalid("procedures", "There is no other way than these.", rule="passing-procedures", accepted=list(PROCEDURES))
        for name in ("passing", "blocking"):
            for index, word in enumerate(getattr(self, name)):
                if word not in WORDS:
                    raise Refusal.invalid(f"{name}.{index}", f"{word!r} is no position.", rule="position-words", accepted=list(WORDS))
        for index, word in enumerate(self.blocking):
            if word in self.passing:
                raise Refusal.invalid(f"blocking.{index}", f"{word} cannot both satisfy and block.", rule="passing-disjoint")
        for name, word, why in (
            ("passing", ENDORSE, "Who endorses a text is for it"),
            ("blocking", OBJECT, "Who objects is against it"),
        ):
            if word not in getattr(self, name):
                raise Refusal.invalid(name, f"{why}: {word} stands here.", rule="passing-words", accepted=[word, *getattr(self, name)])
        if SILENCE in self.procedures and NO_OBJECTION not in self.passing:
            raise Refusal.invalid(
                "passing",
                "Where silence may be used, no objection satisfies: that is what silence says.",
                rule="silence-passes",
                accepted=[*self.passing, NO_OBJECTION],
            )


SIGNED = Rule(procedures=[EXPRESS], passing=[ENDORSE, STAND_ASIDE, RECUSE])
"""Of a statement. Who is silent has not signed; who stands aside does not join, and does not block those who sign."""

AT_FIRST: dict[str, Rule] = {kind: SIGNED if KINDS[kind].signed else Rule() for kind in KINDS}
"""The rules until the Group sets others."""


@dataclass
class Rulebook(Aggregate):
    """The passing rules of all kinds, the Group's own. A clearance keeps the one it was opened under."""

    rules: dict[str, Rule] = field(default_factory=lambda: dict(AT_FIRST))

    def set_rule(
        self,
        kind: str,
        *,
        by: Actor,
        at: datetime,
        group: Composition,
        procedures: list[str] | None = None,
        counts: str | None = None,
        passing: list[str] | None = None,
        blocking: list[str] | None = None,
        minimum_hours: int | None = None,
    ) -> None:
        """The chair, or the secretariat for it, sets how documents of one kind pass from now on. What is None stays as it is."""
        RIGHTS.must("set_passing_rule", Standing(by, at, group))
        said = {"procedures": procedures, "counts": counts, "passing": passing, "blocking": blocking, "minimum_hours": minimum_hours}
        changes: dict[str, Any] = {
            name: list(dict.fromkeys(value)) if isinstance(value, list) else value for name, value in said.items() if value is not None
        }
        earlier = self.rules[kind]
        rule = replace(earlier, **changes)
        if KINDS[kind].signed:
            for name in changes:
                if name != "minimum_hours" and getattr(rule, name) != getattr(earlier, name):
                    raise Refusal.invalid(
                        name,
                        "A joint statement needs every signatory's express endorsement, whatever rule the Group gives itself.",
                        rule="statement-express",
                        accepted=getattr(earlier, name),
                    )
        rule.must_make_sense()
        if rule == earlier:
            raise Refusal.conflict(f"This is the rule for {KINDS[kind].name}s already.", rule="passing-same")
        self.rules[kind] = rule
        self.happen("passing_rule_set", at, kind=kind, rule=shown(kind, rule), earlier=shown(kind, earlier))


def shown(kind: str, rule: Rule) -> dict[str, Any]:
    """One kind's rule, as it is told."""
    return {"kind": kind, **asdict(rule)}


def rulebook(it: Rulebook, by: Actor, at: datetime, group: Composition) -> dict[str, Any]:
    """All of them, and which of them this person may set as of ``at``."""
    sets = RIGHTS.may("set_passing_rule", Standing(by, at, group))
    settable = [kind for kind in it.rules if sets and not KINDS[kind].signed]
    return {"rules": [shown(kind, rule) for kind, rule in it.rules.items()], "may_set": settable}


def must_be_shown(*, inside: bool) -> None:
    """Refuse to tell who is not ``inside`` the Group how it comes to its decisions."""
    if not inside:
        raise RIGHTS.outside("passing_rules")


def _a(name: str) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
