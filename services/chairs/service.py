"""Chairs talks: commands and queries on the one Group, and what it hears of the other services for the dossier of a handover."""

from collections.abc import Callable
from typing import Any

from contracts import chairs as c
from contracts import documents, workplan
from messaging.context import Arrived, Order
from messaging.service import Commands, Subscriptions, command, query, subscribe
from messaging.store import Saved
from services.chairs.rules import Group, dossier, history, views, waiting
from services.chairs.rules.rights import RIGHTS
from services.chairs.store import GROUP, groups, matters, the_group


def said(order: Order) -> dict[str, Any]:
    """An order's fields, which the rules name alike, with who gives it and when."""
    return {**order.data, "by": order.by, "at": order.at}


def carry_out(order: Order, rule: Callable[..., None], **more: Any) -> Saved[Group]:
    """Carry out an order by its rule on the Group, which begins with the first. ``more``: what the order
    does not say itself."""
    return groups.change(GROUP, order, lambda group: rule(group, **said(order), **more), new=Group)


def change(order: Order, rule: Callable[..., None], **more: Any) -> dict[str, Any]:
    """The same, answered with the Group as it then is."""
    saved = carry_out(order, rule, **more)
    return views.answer(saved.aggregate, order.by, order.at) | {"version": saved.version}


def shown(view: Callable[..., dict[str, Any]], ask: Order) -> dict[str, Any]:
    """A view of the Group, for who asks for it."""
    saved = the_group()
    return view(saved.aggregate, **said(ask)) | {"version": saved.version}


def dossier_at(order: Order) -> list[dict[str, Any]]:
    """What is open in the other services as of an order."""
    return dossier.standing(matters.known(), order.at)


def handed_over(saved: Saved[Group], open_matters: list[dict[str, Any]], order: Order) -> dict[str, Any]:
    group = saved.aggregate
    return group.handover(order.year, order.by, order.at).view(open_matters, group.composition, order.at) | {"version": saved.version}


class Chairs(Commands):
    """Who belongs to the Group, who sits, who chairs."""

    name = "chairs"
    aggregates = (groups,)
    rights = RIGHTS

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

    @command(c.NoteHandover)
    def note_handover(self, order):
        return handed_over(carry_out(order, Group.note_handover), dossier_at(order), order)

    @command(c.SignHandover)
    def sign_handover(self, order):
        open_matters = dossier_at(order)
        return handed_over(carry_out(order, Group.sign_handover, matters=open_matters), open_matters, order)

    @query(c.GetGroup)
    def get_group(self, ask):
        return shown(views.whole, ask)

    @query(c.Overview)
    def overview(self, ask):
        return shown(views.overview, ask)

    @query(c.Entities)
    def entities(self, ask):
        return views.entities(the_group().aggregate, ask.limit, ask.after)

    @query(c.Members)
    def members(self, ask):
        return views.members(the_group().aggregate, ask.as_of or ask.at, history=ask.history, limit=ask.limit, after=ask.after)

    @query(c.Seats)
    def seats(self, ask):
        return views.seats(the_group().aggregate, ask.as_of or ask.at, history=ask.history, limit=ask.limit, after=ask.after)

    @query(c.Terms)
    def terms(self, ask):
        return views.terms(the_group().aggregate, **said(ask))

    @query(c.Rota)
    def rota(self, ask):
        return shown(views.rota, ask)

    @query(c.History)
    def history(self, ask):
        return shown(history.history, ask)

    @query(c.Handover)
    def handover(self, ask):
        return handed_over(the_group(), dossier_at(ask), ask)

    @query(c.Awaiting)
    def awaiting(self, ask):
        return waiting.awaiting(the_group().aggregate, **said(ask))


class ChairsEvents(Subscriptions):
    """What the other services tell of open matters. How each event is read, ``dossier.HEARD`` says."""

    name = "chairs.events"

    def told(self, event: Arrived) -> None:
        matters.hear(event)


for heard in dossier.HEARD:
    producer, name = heard.split(".")
    subscribe({"workplan": workplan, "documents": documents}[producer].contract.events[name])(ChairsEvents.told)
