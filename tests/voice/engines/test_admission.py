"""Whom there is room for."""

from __future__ import annotations

import asyncio
from typing import List

import pytest
from standing_clock import Clock

from convai_rasa.voice.engines.admission import Door, Load, Pace


def test_at_a_full_door_the_oldest_has_to_go() -> None:
    door, gone = Door(3), []
    for name in "abcde":
        door.enter(name, lambda name=name: gone.append(name))  # type: ignore[misc]  # a default binds it now
    assert gone == ["a", "b"]
    assert len(door) == 3


def test_who_has_said_who_they_are_stands_there_no_longer() -> None:
    door, gone = Door(2), []
    for name in "abc":
        door.enter(name, lambda name=name: gone.append(name))  # type: ignore[misc]  # a default binds it now
        door.leave(name)
    door.leave("nobody")
    assert (gone, len(door)) == ([], 0)


def test_the_wait_is_the_median_of_what_waits_longest() -> None:
    load = Load(Clock())
    for waited in (0.1, 0.1, 0.2, 9.0):
        load.note("recognition", waited)
    for waited in (1.0, 2.0, 2.0, 3.0):
        load.note("event loop", waited)
    assert load.wait_s == 2.0
    assert load.retry_after_s == 5.0


def test_one_long_wait_is_an_accident() -> None:
    load = Load(Clock())
    load.note("recognition", 30.0)
    assert load.wait_s == 0.0


def test_the_longest_wait_is_one_kinds_own() -> None:
    clock = Clock()
    load = Load(clock)
    assert load.longest_s("event loop") == 0.0
    for waited in (0.1, 0.4, 0.2):
        load.note("event loop", waited)
        load.note("recognition", 10 * waited)
    assert load.longest_s("event loop") == 0.4
    clock.now += 21
    assert load.longest_s("event loop") == 0.0


def test_what_was_long_ago_says_nothing_about_now() -> None:
    clock = Clock()
    load = Load(clock)
    for _ in range(10):
        load.note("recognition", 8.0)
    assert (load.wait_s, load.retry_after_s) == (8.0, 16)
    clock.now += 21
    assert load.wait_s == 0.0


def done(load: Load, clock: Clock, *took_s: float) -> None:
    for seconds in took_s:
        with load.underway("words"):
            clock.now += seconds


def test_what_an_engine_elsewhere_takes_beyond_its_quickest_is_waiting() -> None:
    clock = Clock()
    load = Load(clock)
    done(load, clock, 0.5, 2.5, 3.5, 2.5)
    assert load.wait_s == 2.0
    clock.now += 21
    done(load, clock, 1.5, 1.5, 1.5, 1.5)
    assert load.wait_s == 1.0  # it is still known how quick it can be
    clock.now += 301
    done(load, clock, 1.5, 1.5, 1.5, 1.5)
    assert load.wait_s == 0.0


def test_an_engine_that_hangs_is_seen_before_it_answers() -> None:
    clock = Clock()
    load = Load(clock)
    done(load, clock, 0.5, 0.5, 0.5)
    hanging = [load.underway("words") for _ in range(4)]
    for work in hanging:
        work.__enter__()
    assert load.wait_s == 0.0
    clock.now += 9.5
    assert load.wait_s == 9.0
    for work in hanging:
        work.__exit__(TimeoutError, TimeoutError(), None)
    assert load.wait_s == 9.0


def test_what_a_caller_gives_up_says_nothing() -> None:
    clock = Clock()
    load = Load(clock)
    for _ in range(8):
        work = load.underway("words")
        work.__enter__()
        clock.now += 5
        assert not work.__exit__(asyncio.CancelledError, asyncio.CancelledError(), None)
    assert load.wait_s == 0.0


@pytest.mark.parametrize(("count", "seconds"), [(8, 0.0), (12, 1.0), (28, 5.0)])
def test_a_few_at_once_and_then_so_many_a_second(count: int, seconds: float) -> None:
    clock = Clock()
    pace = Pace(8, 4.0, clock)
    waits: List[float] = []
    for _ in range(count):
        waits.append(pace.take())
        clock.now += waits[-1]  # as whoever waits does
    assert clock.now - 100 == pytest.approx(seconds)


def test_after_a_rest_as_many_come_at_once_again() -> None:
    clock = Clock()
    pace = Pace(8, 4.0, clock)
    for _ in range(8):
        pace.take()
    assert pace.wait_s() == pytest.approx(0.25)
    clock.now += 10
    assert [pace.take() for _ in range(8)] == [0.0] * 8
