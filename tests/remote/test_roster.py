"""Which of several engines is asked, by a clock that stands still until a test moves it."""

from __future__ import annotations

import logging
import threading
from types import SimpleNamespace

import pytest
from standing_clock import Clock

from convai_rasa.errors import RecognitionError
from convai_rasa.remote import RemoteError, roster as roster_module
from convai_rasa.remote.roster import LONGEST_S, Roster

FAILURE = RecognitionError("The server is away.")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(0.0)
    monkeypatch.setattr(roster_module, "time", SimpleNamespace(monotonic=clock))
    return clock


@pytest.fixture
def roster(clock: Clock) -> Roster:
    return Roster("recognizer", ["near", "far", "last"], [None] * 3)


def states(roster: Roster) -> list[str]:
    return [one["state"] for one in roster.states()]


def test_all_that_work_are_asked_in_the_order_given(roster: Roster) -> None:
    assert list(roster.order()) == [0, 1, 2]


def test_one_that_fails_is_asked_last_until_its_time_is_over(roster: Roster, clock: Clock) -> None:
    roster.failed(0, FAILURE)
    assert list(roster.order()) == [1, 2, 0]
    clock.now = 0.9
    assert list(roster.order()) == [1, 2, 0]
    clock.now = 1.0
    assert next(roster.order()) == 0


def test_one_request_tries_it_and_the_others_go_past(roster: Roster, clock: Clock) -> None:
    roster.failed(0, FAILURE)
    clock.now = 1.0
    trying = roster.order()
    assert next(trying) == 0
    assert list(roster.order()) == [1, 2, 0]
    roster.given_up(0)  # nobody wanted it any more, so it is still to be found out
    assert next(roster.order()) == 0
    roster.served(0)
    assert list(roster.order()) == [0, 1, 2]
    assert states(roster) == ["ok", "ok", "ok"]


def test_it_is_left_out_for_twice_as_long_each_time_and_never_for_longer_than_a_minute(
    roster: Roster, clock: Clock
) -> None:
    waits = []
    for _ in range(9):
        roster.failed(0, FAILURE)
        waits.append(roster.states()[0]["retry_in_s"])
        clock.now += waits[-1]
        assert next(roster.order()) == 0
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    roster.served(0)
    roster.failed(0, FAILURE)
    assert roster.states()[0]["retry_in_s"] == 1


def test_a_server_says_itself_for_how_long_within_bounds(roster: Roster) -> None:
    roster.failed(0, RemoteError("Too many requests.", retry_after_s=20.0))
    roster.failed(1, RemoteError("Too many requests.", retry_after_s=1e9))
    assert [one["retry_in_s"] for one in roster.states()] == [20.0, LONGEST_S, None]


def test_where_all_are_left_out_the_first_that_is_back_is_asked_all_the_same(roster: Roster, clock: Clock) -> None:
    for number in (2, 0, 1):
        roster.failed(number, FAILURE)
        clock.now += 0.1
    assert list(roster.order()) == [2, 0, 1]


def test_one_that_can_be_probed_is_not_asked_until_it_is_there(clock: Clock) -> None:
    may_answer, has_answered = threading.Event(), threading.Semaphore(0)
    is_away = [True]

    def probe() -> None:
        assert may_answer.wait(20)
        has_answered.release()
        if is_away[0]:
            raise FAILURE

    roster = Roster("voice", ["near", "far"], [probe, None])
    roster.failed(0, FAILURE)
    clock.now = 1.0
    assert list(roster.order()) == [1, 0]  # the probe is on its way
    assert list(roster.order()) == [1, 0]  # and there is no second one
    may_answer.set()
    assert has_answered.acquire(timeout=20)
    wait_for(lambda: roster.states()[0]["retry_in_s"] == 2.0)
    assert not has_answered.acquire(blocking=False)

    is_away[0] = False
    clock.now = 3.0
    assert list(roster.order()) == [1, 0]
    assert has_answered.acquire(timeout=20)
    wait_for(lambda: states(roster) == ["ok", "ok"])
    assert list(roster.order()) == [0, 1]


def test_the_log_says_once_that_one_is_left_out_and_that_it_is_back(
    roster: Roster, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(4):
        roster.failed(1, FAILURE)
    roster.served(1)
    roster.served(1)
    assert [record.getMessage() for record in caplog.records] == [
        "The recognizer 'far' is left out for 1 s: The server is away.",
        "The recognizer 'far' works again.",
    ]
    assert roster.states()[1] == {"name": "far", "state": "ok", "retry_in_s": None, "served": 2, "failed": 4}


def wait_for(condition: object) -> None:
    """Give another thread the time it needs."""
    tick = threading.Event()
    for _ in range(2_000):
        if condition():  # type: ignore[operator]  # a function
            return
        tick.wait(0.01)
    pytest.fail("it did not happen within 20 seconds")
