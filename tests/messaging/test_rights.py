"""A service denies by default: what has no row in its table is nobody's, and such a service is not made."""

import pytest

from contracts import chairs
from messaging.service import RUNNING, Commands, query
from services.kernel import Actor, Refusal
from services.kernel.rights import EVERYONES, Right, Rights


def test_a_service_that_answers_what_has_no_row_is_not_made():
    with pytest.raises(TypeError, match="No row says who may: overview"):

        class Forgetful(Commands):
            name = "chairs"

            @query(chairs.Overview)
            def overview(self, ask):
                return {}


def test_a_service_with_a_row_for_what_it_does_not_answer_is_not_made():
    with pytest.raises(TypeError, match="Rows without an order or question: history"):

        class Idle(Commands):
            name = "chairs"
            rights = Rights(overview=EVERYONES, history=EVERYONES)

            @query(chairs.Overview)
            def overview(self, ask):
                return {}


def test_a_part_of_an_order_has_no_row_without_the_order():
    with pytest.raises(TypeError, match="history"):
        Rights({"overview": EVERYONES, "history.past": EVERYONES}).must_cover(["overview"])


@pytest.mark.parametrize("roles", [set(), {"reader"}, {"mission"}, {"focal_point"}, {"secretariat"}, {"system"}])
def test_what_has_no_row_or_nobody_in_it_is_denied_to_everyone(roles):
    rights = Rights(closed=Right((), "do this"))
    for action in ("closed", "never heard of"):
        with pytest.raises(Refusal) as caught:
            rights.must_admit(action, Actor("someone", "IOM", frozenset(roles)))
        assert (caught.value.kind, caught.value.rule) == ("not_allowed", "rights")


def test_every_service_says_who_may_run_it():
    class Bare(Commands):
        name = "chairs"

    assert set(Bare.rights) == set(RUNNING)
