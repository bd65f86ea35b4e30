"""Chairs talks: commands and queries on the one Group. It listens to no other service."""

from collections.abc import Callable
from typing import Any

from contracts import chairs as c
from messaging.context import Order
from messaging.service import Commands, command, query
from messaging.store import Saved
from services.chairs.rules import Group
from services.chairs.store import GROUP, groups, the_group


def said(order: Order) -> dict[str, Any]:
    """An order's fields, which the rules name alike, with who gives it and when."""
    return {**order.data, "by": order.by, "at": order.at}


def change(order: Order, rule: Callable[..., None], **more: Any) -> Saved[Group]:
    """Carry out an order by its rule on the Group, which begins with the first. ``more``: what the order
    does not say itself."""
    return groups.change(GROUP, order, lambda group: rule(group, **said(order), **more), new=Group)


class Chairs(Commands):
    """Who belongs to the Group, who sits, who chairs."""

    name = "chairs"
    aggregates = (groups,)

    @command(c.RegisterEntity)
    def register_entity(self, order):
        return change(order, Group.register_entity)

    @command(c.StartMembership)
    def start_membership(self, order):
        return change(order, Group.start_membership)

    @command(c.EndMembership)
    def end_membership(self, order):
        return change(order, Group.end_membership)

    @command(c.TakeSeat)
    def take_seat(self, order):
        return change(order, Group.take_seat)

    @command(c.GiveUpSeat)
    def give_up_seat(self, order):
        return change(order, Group.give_up_seat)

    @command(c.RecordTerm)
    def record_term(self, order):
        return change(order, Group.record_term)

    @command(c.ProposeRota)
    def propose_rota(self, order):
        return change(order, Group.propose_rota)

    @command(c.AdoptRota)
    def adopt_rota(self, order):
        return change(order, Group.adopt_rota)

    @command(c.AcceptTerm)
    def accept_term(self, order):
        return change(order, Group.accept_term)

    @command(c.DeclineTerm)
    def decline_term(self, order):
        return change(order, Group.decline_term)

    @command(c.ProposeSwap)
    def propose_swap(self, order):
        return change(order, Group.propose_swap, swap=order.new_id("swap"))

    @command(c.AgreeSwap)
    def agree_swap(self, order):
        return change(order, Group.agree_swap)

    @command(c.RefuseSwap)
    def refuse_swap(self, order):
        return change(order, Group.refuse_swap)

    @command(c.CoChair)
    def co_chair(self, order):
        return change(order, Group.co_chair)

    @command(c.StepDown)
    def step_down(self, order):
        return change(order, Group.step_down)

    @query(c.GetGroup)
    def get_group(self, ask):
        saved = the_group()
        return saved.aggregate.whole(**said(ask)) | {"version": saved.version}

    @query(c.Overview)
    def overview(self, ask):
        saved = the_group()
        return saved.aggregate.overview(**said(ask)) | {"version": saved.version}

    @query(c.Entities)
    def entities(self, ask):
        return the_group().aggregate.entities(ask.limit, ask.after)

    @query(c.Members)
    def members(self, ask):
        return the_group().aggregate.members(ask.as_of or ask.at, history=ask.history, limit=ask.limit, after=ask.after)

    @query(c.Seats)
    def seats(self, ask):
        return the_group().aggregate.seats(ask.as_of or ask.at, history=ask.history, limit=ask.limit, after=ask.after)

    @query(c.Terms)
    def terms(self, ask):
        return the_group().aggregate.terms(**said(ask))

    @query(c.Rota)
    def rota(self, ask):
        saved = the_group()
        return saved.aggregate.rota_view(**said(ask)) | {"version": saved.version}

    @query(c.Awaiting)
    def awaiting(self, ask):
        return the_group().aggregate.awaiting(**said(ask))
