"""How endpoints of webhooks fare, and who holds a place of their sender."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel import utc
from services.notifications import sending
from services.notifications.channels import Undelivered
from services.notifications.lanes import FAST_PLACES, MOST_AT_ONCE, PLACES, SLOW_PLACES, SLOW_SECONDS, Lanes
from services.notifications.rules import reasons
from services.notifications.rules.deliveries import ATTEMPTS, FIRST_DELAY, LONGEST_DELAY, Delivery
from services.notifications.rules.endpoints import PATIENCE, Health
from services.notifications.rules.reasons import Why

NOW = utc(2026, 3, 1)


def failing(times: int, every: timedelta) -> Health:
    health = Health()
    for number in range(times):
        health = health.after_failure(NOW + every * number, 0.0)
    return health


def test_an_endpoint_waits_longer_with_each_failure_up_to_a_bound():
    waits = []
    health = Health()
    for _ in range(ATTEMPTS + 3):
        health = health.after_failure(NOW, 0.0)
        waits.append(health.retry_at - NOW)
    assert waits[:3] == [FIRST_DELAY, FIRST_DELAY * 3, FIRST_DELAY * 9]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_DELAY
    assert health.failing_since == NOW


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        (None, FIRST_DELAY),
        (timedelta(seconds=1), FIRST_DELAY),
        (timedelta(minutes=10), timedelta(minutes=10)),
        (timedelta(days=900), LONGEST_DELAY),
    ],
)
def test_an_endpoint_may_ask_for_more_time_and_not_for_less(asked, waits):
    assert Health().after_failure(NOW, 0.0, asked).retry_at == NOW + waits


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True), st.none() | st.timedeltas(min_value=timedelta(0)))
def test_a_wait_is_bounded_however_long_it_has_failed(failures, jitter, asked):
    retry_at = Health(NOW, failures).after_failure(NOW, jitter, asked).retry_at
    assert NOW + FIRST_DELAY <= retry_at <= NOW + LONGEST_DELAY * 1.5


def test_three_days_without_success_are_too_long():
    health = failing(ATTEMPTS + 1, timedelta(hours=6))
    assert health.too_long(NOW + PATIENCE - timedelta(seconds=1)) is None
    because = health.too_long(NOW + PATIENCE)
    assert because.startswith("The webhook failed since 2026-03-01 00:00 UTC, 13 times")


def test_a_few_failures_long_ago_are_no_reason_to_let_an_endpoint_go():
    assert failing(ATTEMPTS, timedelta(hours=1)).too_long(NOW + timedelta(days=60)) is None
    assert Health().too_long(NOW) is None


# Lanes ----------------------------------------------------------------------------------------------------------------------------------


class Sender:
    """A sender's attempts with a clock that the test moves. ``cut``: those that were cut short, in order."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lanes = Lanes(lambda: self.now)
        self.cut: list[str] = []

    def start(self, *endpoints: str, slow: bool = False) -> None:
        for endpoint in endpoints:
            self.lanes.enter(endpoint, endpoint.partition(".")[0], slow)
            self.lanes.begin(endpoint, lambda endpoint=endpoint: (self.cut.append(endpoint), self.end(endpoint, well=False)))

    def end(self, *endpoints: str, well: bool = True) -> None:
        for endpoint in endpoints:
            self.lanes.end(endpoint, well)
            self.lanes.leave(endpoint)


@pytest.fixture
def sender() -> Sender:
    return Sender()


def many(count: int) -> list[str]:
    return [f"e{number}" for number in range(count)]


def test_endpoints_in_trouble_hold_a_quarter_of_the_places(sender):
    assert (sender.lanes.free(slow=True), sender.lanes.free(slow=False)) == (PLACES // 4, PLACES - PLACES // 4)
    sender.start(*many(SLOW_PLACES), slow=True)
    assert (sender.lanes.free(slow=True), sender.lanes.free(slow=False)) == (0, FAST_PLACES)


def test_an_attempt_that_lasts_makes_place_in_the_fast_lane(sender):
    sender.start(*many(FAST_PLACES))
    assert (sender.lanes.free(slow=True), sender.lanes.free(slow=False)) == (SLOW_PLACES, 0)
    sender.now += SLOW_SECONDS
    assert (sender.lanes.free(slow=True), sender.lanes.free(slow=False)) == (0, SLOW_PLACES)


def test_an_endpoint_gets_more_at_once_as_it_proves_itself_and_one_after_a_failure(sender):
    borne = []
    for number in range(4):
        borne.append(sender.lanes.bears("a"))
        sender.start(f"a.{number}")
        sender.end(f"a.{number}")
    assert borne == [1, 2, 4, MOST_AT_ONCE]
    sender.start("a.5", "a.6")
    assert sender.lanes.bears("a") == MOST_AT_ONCE - 2
    sender.end("a.5", well=False)
    assert sender.lanes.busy() == {"a"}
    sender.end("a.6")
    assert (sender.lanes.busy(), len(sender.lanes)) == (set(), 0)


def test_an_endpoint_that_is_slow_just_now_gets_no_further_attempt(sender):
    for number in range(3):
        sender.start(f"a.{number}")
        sender.end(f"a.{number}")
    sender.start("a.4", "b")
    assert sender.lanes.busy() == {"b"}
    sender.now += SLOW_SECONDS
    assert sender.lanes.busy() == {"a", "b"}


def test_attempts_that_hang_in_the_fast_lane_are_cut_when_nobody_else_could_start(sender):
    sender.start(*many(FAST_PLACES))
    sender.now += SLOW_SECONDS
    sender.start(*(f"late{number}" for number in range(SLOW_PLACES)))
    sender.now += SLOW_SECONDS / 2
    assert sender.lanes.free(slow=False) == 0
    assert sender.lanes.make_room() == FAST_PLACES - SLOW_PLACES
    assert sender.cut == many(FAST_PLACES)[: FAST_PLACES - SLOW_PLACES]  # the oldest
    assert sender.lanes.free(slow=False) == FAST_PLACES - SLOW_PLACES
    assert sender.lanes.make_room() == 0


def test_nothing_is_cut_while_there_is_room_nor_what_is_being_put_on_record(sender):
    sender.start(*many(FAST_PLACES - 1))
    sender.now += SLOW_SECONDS
    assert sender.lanes.make_room() == 0
    sender = Sender()
    sender.start(*many(SLOW_PLACES), slow=True)
    sender.start(*(f"f{number}" for number in range(FAST_PLACES)))
    sender.now += SLOW_SECONDS
    for number in range(FAST_PLACES):
        sender.lanes.end(f"f{number}", well=True)
    assert sender.lanes.free(slow=False) == 0
    assert sender.lanes.make_room() == 0
    assert sender.cut == []


def test_an_attempt_that_ends_while_another_is_cut_is_left_alone(sender):
    first, second, *others = many(FAST_PLACES + SLOW_PLACES)
    sender.lanes.enter(first, first, slow=False)
    sender.lanes.begin(first, lambda: sender.end(first, second))  # cutting lets others run, and one of them has just been answered
    sender.start(second, *others)
    sender.now += SLOW_SECONDS
    sender.lanes.make_room()
    assert sender.cut == others[: FAST_PLACES - 2]


def test_where_everything_takes_longer_nobody_is_slow(sender):
    for _ in range(60):
        sender.start("busy")
        sender.now += SLOW_SECONDS
        sender.end("busy")
    sender.start(*many(FAST_PLACES))
    sender.now += 3 * SLOW_SECONDS
    assert (sender.lanes.free(slow=True), sender.lanes.make_room()) == (SLOW_PLACES, 0)
    sender.now += SLOW_SECONDS
    assert sender.lanes.free(slow=True) == 0


def test_the_log_says_which_delivery_failed_and_no_more(caplog):
    caplog.set_level("INFO")
    brought = {"subscriber": "BRAZIL", "subscription": "s", "channel": "mail", "target": "desk@brazil.example", "language": "en"}
    delivery = Delivery("publications_1_BRAZIL_s", purpose="matter", announced_at=NOW, **brought)
    said = Why(reasons.ADDRESS_REFUSED, quoted="550 <desk@brazil.example> unknown")
    outcome = sending.failed(delivery, Undelivered(said, for_good=True, refused="5.1.1"))
    assert outcome.why == "The mail server refused the address: 550 <desk@brazil.example> unknown"
    sending.failed(delivery, Undelivered(said, refused="desk@brazil.example"))
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["delivery publications_1_BRAZIL_s: given_up (5.1.1)", "delivery publications_1_BRAZIL_s: retrying"]
