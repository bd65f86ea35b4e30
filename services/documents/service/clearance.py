"""Clearance and signatories: orders and questions."""

from typing import Any

from contracts import documents as c
from messaging.context import Order
from messaging.service import command, query
from messaging.store import Saved
from services.documents import rules
from services.documents.rules import boards, passing, views
from services.documents.service.asking import act, asker, sees_drafts, shown
from services.documents.store import composition, documents, rulebooks, texts


def rulebook(saved: Saved[rules.Rulebook], to: Order) -> dict[str, Any]:
    """The passing rules, as whoever asked may set them."""
    who = asker(to)
    passing.must_be_shown(inside=who.is_inside)
    return passing.rulebook(saved.aggregate, by=who.by, at=who.at, group=who.group) | {"version": saved.version}


def board(saved: Saved[rules.Document], to: Order) -> dict[str, Any]:
    return boards.board(saved.aggregate, privy=sees_drafts(to, saved.aggregate)) | {"version": saved.version}


class Clearance:
    """The orders and questions on clearance."""

    @command(c.SetPassingRule)
    def set_passing_rule(self, order):
        who = {"by": order.by, "at": order.at, "group": composition.value()}
        changed = rulebooks.change(rules.RULEBOOK, order, lambda book: book.set_rule(**order.data, **who), new=rules.Rulebook)
        return rulebook(changed, order)

    @query(c.PassingRules)
    def passing_rules(self, ask):
        return rulebook(rulebooks.standing(), ask)

    @command(c.OpenClearance)
    def open_clearance(self, order):
        said, standing = (order.data["by"], order.deadline, order.issue_at), {"rulebook": rulebooks.standing().aggregate}
        return shown(act(order, lambda d, **who: d.open_clearance(*said, read=texts.text, **standing, **who)), order)

    @command(c.ExtendClearance)
    def extend_clearance(self, order):
        return shown(act(order, lambda d, **who: d.extend_clearance(order.deadline, **who)), order)

    @command(c.TakePosition)
    def take_position(self, order):
        said = {name: value for name, value in order.data.items() if name != "document"}
        return board(act(order, lambda d, **who: d.take_position(**said, **who)), order)

    @command(c.JoinSignatories)
    def join_signatories(self, order):
        return shown(act(order, lambda d, **who: d.join_signatories(order.entity, **who)), order)

    @command(c.WithdrawEndorsement)
    def withdraw_endorsement(self, order):
        said = {name: value for name, value in order.data.items() if name != "document"}
        return board(act(order, lambda d, **who: d.withdraw_endorsement(**said, **who)), order)

    @query(c.Clearance)
    def clearance(self, ask):
        saved = documents.load(ask.document)
        views.of_the_group(saved.aggregate, drafts=sees_drafts(ask, saved.aggregate), at=ask.at)
        return board(saved, ask)

    @query(c.Certificate)
    def certificate(self, ask):
        document = documents.load(ask.document).aggregate
        return boards.certificate(document, drafts=sees_drafts(ask, document), at=ask.at)
