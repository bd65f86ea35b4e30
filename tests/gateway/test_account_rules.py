"""What an account may be and become: pure rules."""

from datetime import timedelta

import pytest

from gateway.accounts.appointments import Appointment
from gateway.accounts.rules import INVITATION_LASTS, MOST_TOKENS, TOKEN_LASTS, Account, Token
from services.kernel import Actor, Refusal, utc

AT = utc(2014, 3, 1)
SECRETARIAT = Actor("sec", None, frozenset({"secretariat"}))


def opened(entity="OHCHR", roles=("focal_point",), by=SECRETARIAT, **more):
    return Account.open("mara", "Mara", entity, list(roles), "en", by=by, at=AT, cause="c1", **more)


def change(account, by=SECRETARIAT, another=True, **particulars):
    account.change(particulars, by=by, at=AT, cause="c2", another_keeps_the_house=another)


def token(n=1, **more):
    return Token(f"token-{n}", "laptop", f"{n:064x}", AT, **more)


def test_an_account_with_a_password_may_act_at_once():
    account = opened(password="hash")
    assert account.may_act
    assert account.actor_at(AT) == Actor("mara", "OHCHR", frozenset({"focal_point"}), "en")
    assert [entry.what for entry in account.history] == ["opened"]


def test_an_invited_person_chooses_a_password_first():
    account = opened(invitation_digest="d")
    assert not account.may_act
    with pytest.raises(Refusal, match="not yet chosen"):
        change(account, status="active")
    account.accept("hash", at=AT + INVITATION_LASTS - timedelta(seconds=1), cause="c2")
    assert account.may_act
    assert account.invitation is None
    with pytest.raises(Refusal) as twice:
        account.accept("another", at=AT, cause="c3")
    assert (twice.value.kind, account.password) == ("not_found", "hash")


def test_an_invitation_expires():
    account = opened(invitation_digest="d")
    with pytest.raises(Refusal) as late:
        account.accept("hash", at=AT + INVITATION_LASTS, cause="c2")
    assert late.value.kind == "too_late"
    assert not account.may_act


@pytest.mark.parametrize("by", [Actor("mara", "OHCHR", frozenset({"alternate", "reader"})), Actor("visitor")])
def test_who_has_no_people_opens_and_changes_no_account(by):
    with pytest.raises(Refusal) as refused:
        opened(by=by)
    assert refused.value.rule == "secretariat-only"
    account = opened(password="hash")
    with pytest.raises(Refusal):
        change(account, by=by, roles=["secretariat"])
    assert account.roles_at(AT) == ["focal_point"]


@pytest.mark.parametrize(
    ("entity", "roles", "field"),
    [
        (None, ["focal_point"], "entity"),
        (None, ["alternate"], "entity"),
        (None, ["mission"], "entity"),
        ("BRA", ["mission", "focal_point"], "roles"),
        ("BRA", ["mission", "secretariat"], "roles"),
    ],
)
def test_roles_that_do_not_go_together(entity, roles, field):
    with pytest.raises(Refusal) as refused:
        opened(entity, roles)
    assert refused.value.field == field
    account = opened(password="hash")
    with pytest.raises(Refusal):
        change(account, entity=entity, roles=roles)
    assert (account.entity, account.roles_at(AT)) == ("OHCHR", ["focal_point"])


@pytest.mark.parametrize(("entity", "roles"), [(None, ["secretariat"]), ("UNODC", ["secretariat", "focal_point"]), (None, ["reader"])])
def test_roles_that_do(entity, roles):
    assert opened(entity, roles).roles_at(AT) == sorted(roles)


def test_a_change_says_who_changed_what_from_what():
    account = opened(password="hash")
    change(account, entity="IOM", display_name="Mara")
    entry = account.history[-1]
    assert (entry.by, entry.at, entry.before, entry.after) == ("sec", AT, {"entity": "OHCHR"}, {"entity": "IOM"})


def test_a_change_to_what_is_already_so_is_none():
    account = opened(password="hash")
    change(account, entity="OHCHR")
    assert len(account.history) == 1


def test_no_secret_enters_the_history():
    account = opened(password="hash-1")
    account.set_password("hash-2", at=AT, cause="c2")
    account.make_token(token(), cause="c3")
    told = repr(account.history)
    assert "hash" not in told.replace("laptop", "")
    assert token().digest not in told


# Roles with dates -----------------------------------------------------------------------------------------------------------------------


def day(n: int):
    return AT + timedelta(days=n)


def appointed(role, since=None, until=None):
    return {"role": role, "since": None if since is None else day(since), "until": None if until is None else day(until)}


def held(account):
    return [(one.role, (one.since - AT).days, one.until and (one.until - AT).days) for one in account.appointments]


def test_a_role_begins_and_ends_by_itself():
    account = opened(roles=(), appointments=[appointed("focal_point", 10, 20), appointed("reader")], password="hash")
    assert [account.roles_at(day(n)) for n in (0, 9, 10, 19, 20)] == [
        ["reader"],
        ["reader"],
        ["focal_point", "reader"],
        ["focal_point", "reader"],
        ["reader"],
    ]
    assert [account.next_change(day(n)) for n in (0, 10, 20)] == [day(10), day(20), None]
    assert account.history[0].after["appointments"][1] == {
        "role": "focal_point",
        "since": day(10).isoformat(),
        "until": day(20).isoformat(),
    }


def test_who_holds_no_role_acts_for_nobody():
    account = opened(roles=(), appointments=[appointed("focal_point", 0, 5)], password="hash")
    assert account.actor_at(day(4)).speaks_for("OHCHR")
    assert account.actor_at(day(5)) == Actor("mara", None, frozenset(), "en")


def test_an_appointment_that_is_left_out_ends_and_what_has_ended_stays():
    account = opened(
        roles=(), appointments=[appointed("alternate", 0, 5), appointed("reader"), appointed("focal_point", 30)], password="hash"
    )
    account.change({"appointments": [appointed("alternate")]}, by=SECRETARIAT, at=day(10), cause="c2", another_keeps_the_house=True)
    assert held(account) == [("alternate", 0, 5), ("reader", 0, 10), ("alternate", 10, None)]
    account.change({"roles": ["alternate"]}, by=SECRETARIAT, at=day(11), cause="c3", another_keeps_the_house=True)
    assert held(account)[-1] == ("alternate", 10, None), "a role that is held goes on"
    account.change({"appointments": []}, by=SECRETARIAT, at=day(12), cause="c4", another_keeps_the_house=True)
    assert account.roles_at(day(12)) == []
    assert [entry.what for entry in account.history] == ["opened", "changed", "changed"], "what changes nothing is no change"


def test_an_appointment_that_stands_is_given_another_end():
    account = opened(password="hash")
    account.change({"appointments": [appointed("focal_point", 0, 7)]}, by=SECRETARIAT, at=day(1), cause="c2", another_keeps_the_house=True)
    assert held(account) == [("focal_point", 0, 7)]


@pytest.mark.parametrize(
    ("wanted", "field", "rule"),
    [
        ([appointed("reader", -1)], "appointments.0.since", "appointment-begins"),
        ([appointed("reader"), appointed("alternate", 5, 5)], "appointments.1.until", "appointment-ends"),
        ([appointed("focal_point", 0, -1)], "appointments.0.until", "appointment-ends"),
        ([appointed("reader", 0, 9), appointed("reader", 8)], "appointments", "appointment-once"),
        ([appointed("reader"), appointed("reader")], "appointments", "appointment-once"),
        ([appointed("focal_point", 0), appointed("mission", 50)], "roles", "mission-outside"),
    ],
)
def test_appointments_that_may_not_be(wanted, field, rule):
    account = opened(password="hash")
    with pytest.raises(Refusal) as refused:
        change(account, appointments=wanted)
    assert (refused.value.field, refused.value.rule) == (field, rule)
    assert held(account) == [("focal_point", 0, None)]


def test_a_secretariat_whose_end_is_set_keeps_no_house():
    account = opened(None, ["secretariat"], password="hash")
    with pytest.raises(Refusal) as refused:
        change(account, another=False, appointments=[appointed("secretariat", 0, 30)])
    assert refused.value.rule == "last-secretariat"
    change(account, appointments=[appointed("secretariat", 0, 30)])
    assert account.actor_at(AT).is_secretariat
    assert not account.keeps_the_house(AT)


@pytest.mark.parametrize(
    ("own", "colleague", "since", "gives", "takes"),
    [
        ([("focal_point", 0, None)], [], 10, [("focal_point", 0, 10)], [("focal_point", 10, None)]),
        ([("focal_point", 0, 50)], [("reader", 0, None)], 10, [("focal_point", 0, 10)], [("reader", 0, None), ("focal_point", 10, 50)]),
        ([("focal_point", 0, None)], [("focal_point", 5, None)], 10, [("focal_point", 0, 10)], [("focal_point", 5, None)]),
        (
            [("focal_point", 0, None)],
            [("focal_point", 30, 40)],
            10,
            [("focal_point", 0, 10)],
            [("focal_point", 10, 30), ("focal_point", 30, 40)],
        ),
        ([("focal_point", 0, None)], [], 0, [], [("focal_point", 0, None)]),
    ],
)
def test_work_is_handed_over_for_as_long_as_it_was_held(own, colleague, since, gives, takes):
    giver, taker = opened(password="hash"), opened(password="hash")
    taker.name = "alice"
    for account, appointments in ((giver, own), (taker, colleague)):
        account.appointments = [Appointment(role, day(n), until and day(until)) for role, n, until in appointments]
    held_now = giver.to_hand_over(taker, day(since), AT)
    taker.take_over("mara", held_now, by=SECRETARIAT, since=day(since), at=AT, cause="c2")
    giver.hand_over("alice", by=SECRETARIAT, until=day(since), at=AT, cause="c2")
    assert (held(giver), held(taker)) == (gives, takes)
    assert giver.handed_over("alice", day(since)) == taker.took_over("c2") == day(since)
    assert giver.handed_over("another", day(since)) is None


@pytest.mark.parametrize("particulars", [{"status": "suspended"}, {"roles": ["reader"]}])
def test_the_last_secretariat_stays(particulars):
    account = opened(None, ["secretariat"], password="hash")
    with pytest.raises(Refusal) as refused:
        change(account, another=False, **particulars)
    assert refused.value.rule == "last-secretariat"
    assert account.keeps_the_house(AT)
    change(account, another=True, **particulars)
    assert not account.keeps_the_house(AT)


def test_a_second_factor_is_begun_confirmed_and_removed():
    account = opened(password="hash")
    for refused in (
        lambda: account.confirm_second_factor(["d"], at=AT, cause="c"),
        lambda: account.remove_second_factor(at=AT, cause="c"),
        lambda: account.use_recovery_code("d", at=AT, cause="c"),
    ):
        with pytest.raises(Refusal):
            refused()
    account.begin_second_factor("sealed-1", at=AT, cause="c2")
    account.begin_second_factor("sealed-2", at=AT, cause="c3")
    assert account.factor is None
    account.confirm_second_factor(["d1", "d2"], at=AT, cause="c4")
    assert account.factor.sealed == "sealed-2"
    with pytest.raises(Refusal) as stands:
        account.begin_second_factor("sealed-3", at=AT, cause="c5")
    assert stands.value.rule == "second-factor-stands"
    account.use_recovery_code("d1", at=AT, cause="c6")
    with pytest.raises(Refusal) as used:
        account.use_recovery_code("d1", at=AT, cause="c7")
    assert used.value.rule == "second-factor"
    account.remove_second_factor(at=AT, cause="c8")
    assert account.second_factor is None
    assert not [text for text in ("sealed", "d1", "d2") if text in repr(account.history)]


def test_only_the_secretariat_takes_anothers_second_factor_away():
    account = opened(password="hash")
    account.begin_second_factor("sealed", at=AT, cause="c2")
    account.confirm_second_factor([], at=AT, cause="c3")
    for by in (Actor("x", "OHCHR", frozenset({"focal_point"})), Actor("mara", None, frozenset({"secretariat"}))):
        with pytest.raises(Refusal) as refused:
            account.reset_second_factor(by=by, at=AT, cause="c4")
        assert refused.value.kind == "not_allowed"
    account.reset_second_factor(by=SECRETARIAT, at=AT, cause="c5")
    assert account.second_factor is None


def test_tokens_work_until_they_expire_or_are_revoked():
    account = opened(password="hash")
    account.make_token(token(1, expires_at=AT + timedelta(days=1)), cause="c2")
    account.make_token(token(2), cause="c3")
    assert account.token("token-1").works(AT)
    assert not account.token("token-1").works(AT + timedelta(days=1))
    account.revoke_token("token-2", at=AT, cause="c4")
    account.revoke_token("token-2", at=AT, cause="c5")
    assert not account.token("token-2").works(AT)
    assert [entry.what for entry in account.history].count("token_revoked") == 1


def test_a_token_never_expires_in_the_past_nor_are_there_too_many():
    account = opened(password="hash")
    with pytest.raises(Refusal) as past:
        account.make_token(token(0, expires_at=AT), cause="c")
    assert past.value.field == "expires_at"
    for n in range(MOST_TOKENS):
        account.make_token(token(n), cause=f"c{n}")
    with pytest.raises(Refusal) as many:
        account.make_token(token(99), cause="c99")
    assert many.value.rule == "token-count"
    account.revoke_token("token-0", at=AT, cause="r")
    account.make_token(token(99), cause="c99")


def test_a_token_works_for_a_year_at_most():
    account = opened(password="hash")
    account.make_token(token(1), cause="c2")
    assert account.token("token-1").expires_at == AT + TOKEN_LASTS
    with pytest.raises(Refusal) as refused:
        account.make_token(token(2, expires_at=AT + TOKEN_LASTS + timedelta(seconds=1)), cause="c3")
    assert (refused.value.field, len(account.tokens)) == ("expires_at", 1)


@pytest.mark.parametrize(
    ("more", "area", "changes", "allowed"),
    [
        ({}, "chairs", True, True),
        ({"scope": "read"}, "chairs", False, True),
        ({"scope": "read"}, "chairs", True, False),
        ({"areas": ["documents"]}, "documents", True, True),
        ({"areas": ["documents"]}, "chairs", False, False),
        ({"areas": ["documents"], "scope": "read"}, "documents", True, False),
    ],
)
def test_what_a_token_is_for(more, area, changes, allowed):
    if allowed:
        token(**more).must_allow(area, changes=changes)
    else:
        with pytest.raises(Refusal) as refused:
            token(**more).must_allow(area, changes=changes)
        assert (refused.value.kind, refused.value.rule) == ("not_allowed", "token-scope")


def test_anothers_token_is_not_found():
    with pytest.raises(Refusal) as refused:
        opened(password="hash").revoke_token("token-of-another", at=AT, cause="c")
    assert refused.value.kind == "not_found"
