"""Who opens, sees and changes whose account. Pure. The secretariat everyone's; a focal point, and a mission's person, see the accounts of
their own entity or mission, invite colleagues to it, and end some of their roles."""

from collections.abc import Collection, Iterable

from gateway.accounts.appointments import Appointment
from services.kernel.actor import ALTERNATE, FOCAL_POINT, MISSION, READER, Actor
from services.kernel.refusal import Refusal

INVITES = {FOCAL_POINT: (FOCAL_POINT, ALTERNATE, READER), MISSION: (MISSION,)}
"""By a role that is held: the roles to which one invites people of one's own entity or mission."""

ENDS = {FOCAL_POINT: (ALTERNATE, READER), MISSION: (MISSION,)}
"""And those of its people that one may end. A focal point's ends by handover, or by the secretariat."""


def sees_all(by: Actor) -> bool:
    return by.is_secretariat or by.is_system


def own_people(by: Actor) -> str | None:
    """The entity or mission whose people concern this person as their own."""
    return by.entity if not by.roles.isdisjoint(INVITES) else None


def must_know(by: Actor, name: str, entity: str | None, doing: str) -> None:
    """Raises Refusal: ``not_allowed`` for who has no people, ``not_found`` for who has, and not this one."""
    if sees_all(by):
        return
    if (own := own_people(by)) is None:
        by.must_be_secretariat(doing)
    if own != entity:
        raise no_such_account(name)


def must_invite(by: Actor, entity: str | None, roles: Collection[str], *, password: bool) -> None:
    """Raises Refusal for an account that this person may not open. ``password``: whether one was given for it."""
    if sees_all(by):
        return
    if (own := own_people(by)) is None:
        by.must_be_secretariat("open an account")
    if entity != own:
        raise Refusal.not_allowed(f"You invite people of {own}, and no others.", rule="own-people", field="entity", accepted=own)
    to = {role for held in by.roles for role in INVITES.get(held, ())}
    if not to.issuperset(roles):
        raise Refusal.not_allowed(
            f"You invite people of {own} to be {', '.join(sorted(to))}.", rule="own-people", field="roles", accepted=sorted(to)
        )
    if password:
        raise Refusal.not_allowed("Whom you invite chooses a password with the invitation.", rule="own-people", field="password")


def must_only_end(by: Actor, name: str, changed: Iterable[str], before: Iterable[Appointment], after: Iterable[Appointment]) -> None:
    """Raises Refusal unless this person sees all, or the change of the account ``name`` ends roles that are theirs to end. ``changed``:
    what it names, ``before`` and ``after``: the appointments as they were, and are to be."""
    if sees_all(by):
        return
    if by.person == name:
        raise Refusal.not_allowed("One's own roles are ended by another, or handed over.", rule="own-roles")
    if beyond := sorted(set(changed) - {"roles", "appointments"}):
        raise Refusal.not_allowed(
            f"Only the secretariat may change another's {beyond[0]}.", rule="secretariat-only", field=beyond[0], accepted="appointments"
        )
    ends = {role for held in by.roles for role in ENDS.get(held, ())}
    earlier = {(one.role, one.since): one for one in before}
    later = {(one.role, one.since): one for one in after}
    for key in [*earlier, *later]:
        was, becomes = earlier.get(key), later.get(key)
        if was == becomes:
            continue
        shorter = was is not None and (becomes is None or (becomes.until is not None and (was.until is None or becomes.until < was.until)))
        if not shorter or key[0] not in ends:
            raise Refusal.not_allowed(
                f"You may end a colleague's role as {' or '.join(sorted(ends))}, and nothing else.",
                rule="own-people",
                field="appointments",
                accepted=sorted(ends),
            )


def no_such_account(name: str) -> Refusal:
    return Refusal.not_found(f"There is no account {name}.")
