"""Who acts, and for whom."""

from dataclasses import dataclass

from services.kernel.refusal import Refusal

SECRETARIAT = "secretariat"
FOCAL_POINT = "focal_point"
ALTERNATE = "alternate"
MISSION = "mission"
READER = "reader"
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a command, as the gateway vouches for them.

    ``person`` is the account's name; ``entity`` the code of the one entity the
    person acts for (a mission's code for a mission); ``roles`` the words above.
    The gateway says who acts; the service that owns a rule decides what they may do.
    """

    person: str
    entity: str | None = None
    roles: frozenset[str] = frozenset()
    language: str = "en"

    @property
    def is_secretariat(self) -> bool:
        return SECRETARIAT in self.roles

    @property
    def is_system(self) -> bool:
        """The platform itself: a timer, or the event of another service."""
        return SYSTEM in self.roles

    def speaks_for(self, entity: str) -> bool:
        """Whether the entity's one voice may be this person's (focal point or alternate)."""
        return self.entity == entity and bool(self.roles & {FOCAL_POINT, ALTERNATE})

    @property
    def in_the_group(self) -> bool:
        """Focal points, alternates and the secretariat; never a mission or a reader."""
        return bool(self.roles & {SECRETARIAT, FOCAL_POINT, ALTERNATE, SYSTEM})

    def must_be_secretariat(self, doing: str) -> None:
        if not (self.is_secretariat or self.is_system):
            raise Refusal.not_allowed(f"Only the secretariat may {doing}.", rule="secretariat-only")


SYSTEM_ACTOR = Actor(person="platform", roles=frozenset({SYSTEM}))
