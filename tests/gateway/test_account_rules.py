"""What an account may be and become: pure rules."""

from datetime import timedelta

import pytest

from gateway.accounts.rules import INVITATION_LASTS, MOST_TOKENS, Account, Token
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
    assert account.actor == Actor("mara", "OHCHR", frozenset({"focal_point"}), "en")
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


@pytest.mark.parametrize("by", [Actor("mara", "OHCHR", frozenset({"focal_point"})), Actor("visitor")])
def test_only_the_secretariat_opens_and_changes_accounts(by):
    with pytest.raises(Refusal) as refused:
        opened(by=by)
    assert refused.value.rule == "secretariat-only"
    account = opened(password="hash")
    with pytest.raises(Refusal):
        change(account, by=by, roles=["secretariat"])
    assert account.roles == ["focal_point"]


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
    assert (account.entity, account.roles) == ("OHCHR", ["focal_point"])


@pytest.mark.parametrize(("entity", "roles"), [(None, ["secretariat"]), ("UNODC", ["secretariat", "focal_point"]), (None, ["reader"])])
def test_roles_that_do(entity, roles):
    assert opened(entity, roles).roles == sorted(roles)


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


@pytest.mark.parametrize("particulars", [{"status": "suspended"}, {"roles": ["reader"]}])
def test_the_last_secretariat_stays(particulars):
    account = opened(None, ["secretariat"], password="hash")
    with pytest.raises(Refusal) as refused:
        change(account, another=False, **particulars)
    assert refused.value.rule == "last-secretariat"
    assert account.keeps_the_house
    change(account, another=True, **particulars)
    assert not account.keeps_the_house


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


def test_anothers_token_is_not_found():
    with pytest.raises(Refusal) as refused:
        opened(password="hash").revoke_token("token-of-another", at=AT, cause="c")
    assert refused.value.kind == "not_found"
