"""Members' concrete actions: orders and questions on them."""

from typing import Any

from contracts import workplan as c
from messaging.context import Order
from messaging.service import command, query
from messaging.store import Saved
from services.workplan import rules
from services.workplan.service.asking import asker, given, paged, who
from services.workplan.store import concrete_actions


def action(saved: Saved[rules.ConcreteAction], ask: Order) -> dict[str, Any]:
    return saved.aggregate.view(*asker(ask)) | {"version": saved.version}


class ConcreteActions:
    """The orders and questions on concrete actions."""

    @command(c.DeclareConcreteAction)
    def declare_concrete_action(self, order: Order) -> dict[str, Any]:
        id, wording = order.action or order.new_id("concrete"), given(order.data, rules.DECLARED)
        told = who(order) | {"entity": order.entity, "letter": order.letter}
        return action(concrete_actions.create(id, order, lambda: rules.ConcreteAction.declare(id, wording, **told)), order)

    @command(c.ChangeConcreteAction)
    def change_concrete_action(self, order: Order) -> dict[str, Any]:
        changes, told = given(order.data, rules.DECLARED), who(order) | {"letter": order.letter}
        return action(concrete_actions.change(order.action, order, lambda action: action.change(changes, **told)), order)

    @command(c.EndConcreteAction)
    def end_concrete_action(self, order: Order) -> dict[str, Any]:
        outcome, note, told = order.outcome, order.note, who(order) | {"letter": order.letter}
        return action(concrete_actions.change(order.action, order, lambda action: action.end(outcome, note, **told)), order)

    @query(c.ConcreteActions)
    def concrete_actions(self, ask: Order) -> dict[str, Any]:
        page = concrete_actions.listed(entity=ask.entity, year=ask.year, limit=ask.limit, after=ask.after)
        return paged(page, rules.ConcreteAction.view, *asker(ask))

    @query(c.GetConcreteAction)
    def get_concrete_action(self, ask: Order) -> dict[str, Any]:
        return action(concrete_actions.load(ask.action), ask)
