"""Who opens, sees and changes whose account. Pure. The secretariat everyone's; a focal point, and a mission's person, see the accounts of
their own entity or mission, invite colleagues to it, and end some of their roles."""

from collections.abc import Collection, Iterable
from functools import partial

from gateway.accounts.appointments import Appointment
from services.kernel.actor import ALTERNATE, FOCAL_POINT, MISSION, READER, Actor
from services.kernel.refusal import Refusal
from services.kernel.rights import EVERYONES, Party, Right, Rights

_OWN = (Party.ACCOUNT, Party.SECRETARIAT)
_PEOPLE = (Party.COLLEAGUE, Party.SECRETARIAT)

_of_the_secretariat = partial(Right, (Party.SECRETARIAT,), rule="secretariat-only")
_of_the_account = partial(Right, (Party.ACCOUNT,))

RIGHTS = Rights(
    {
        "log_in": EVERYONES,
        "accept_invitation": Right((Party.BEARER,), "accept an invitation", "token"),
        # One's own account
        "me": _of_the_account("see one's account"),
        "my_awaiting": _of_the_account("see what awaits one"),
        "change_me": _of_the_account("change one's account"),
        "change_password": _of_the_account("change one's password"),
        "log_out": _of_the_account("log out"),
        "sessions": _of_the_account("see one's sessions"),
        "end_session": _of_the_account("end a session"),
        "end_other_sessions": _of_the_account("end one's sessions"),
        "begin_second_factor": _of_the_account("set up a second factor"),
        "confirm_second_factor": _of_the_account("confirm a second factor"),
        "remove_second_factor": _of_the_account("remove a second factor"),
        "make_token": _of_the_account("make a token"),
        "tokens": _of_the_account("see one's tokens"),
        "revoke_token": _of_the_account("revoke a token"),
        "untie": Right(_OWN, "untie an account", "secretariat-only"),
        # Others' accounts
        "invite_person": Right(_PEOPLE, "open an account", "secretariat-only"),
        "invite_again": Right(_PEOPLE, "invite again", "secretariat-only"),
        "people": Right(_PEOPLE, "see all accounts", "secretariat-only"),
        "get_person": Right((Party.ACCOUNT, *_PEOPLE), "see an account", "secretariat-only"),
        "change_person": Right(_PEOPLE, "change another's account", "secretariat-only"),
        "hand_over": Right(_OWN, "hand another's work over", "secretariat-only"),
        "reset_second_factor": _of_the_secretariat("take away another's second factor"),
        "register_provider": _of_the_secretariat("register an entity's provider"),
        "change_provider": _of_the_secretariat("change an entity's provider"),
        "end_provider": _of_the_secretariat("end an entity's provider"),
        "providers": _of_the_secretariat("see the entities' providers"),
        # The house
        "house": _of_the_secretariat("run the house"),
        "trail": _of_the_secretariat("follow a trail"),
        "dead_letters": _of_the_secretariat("see dead letters"),
        "send_letter_again": _of_the_secretariat("send a dead letter again"),
        "drop_letter": _of_the_secretariat("drop a dead letter"),
        "platform_status": Right((Party.INSIDE,), "see how the platform is", "in-the-group"),
        "rehearsal_tick": _of_the_secretariat("let the clock pass"),
    }
)
"""Who may do what of the gateway's own: what roles alone decide, its border decides (``gateway.asking.Here``); whose people are whose,
the functions below. That somebody has an account, the dispatcher has seen."""

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
