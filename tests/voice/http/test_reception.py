"""Whether callers are let in, and what they are told who are not."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, Callable, Optional, Tuple

import pytest
from standing_clock import Clock

from convai_rasa.voice import limits
from convai_rasa.voice.engines.admission import Load
from convai_rasa.voice.http.reception import Reception
from convai_rasa.voice.http.refusals import Busy
from convai_rasa.voice.options import VoiceOptions


class Desk:
    """A reception that has opened, and the callers it counts."""

    def __init__(self, **options: Any) -> None:
        self.clock = Clock()
        self.load = Load(self.clock)
        self.callers = 0
        self.reception = Reception(VoiceOptions(**options), self.load, lambda: self.callers)
        self.reception.open()

    def waits(self, kind: str, seconds: float) -> None:
        for _ in range(6):
            self.load.note(kind, seconds)

    def refuses(self, check: Optional[Callable[[], Any]] = None) -> Busy:
        with pytest.raises(Busy) as error:
            (check or self.reception.check_room)()
        return error.value

    @property
    def answer(self) -> Tuple[int, str, Optional[str]]:
        """What ``GET /ready`` gives: status, state and when to come back."""
        response = self.reception.readiness()
        return response.status, json.loads(response.body)["state"], response.headers.get("Retry-After")


def test_while_there_are_places_and_nothing_waits_everybody_is_let_in() -> None:
    desk = Desk(max_sessions=2)
    desk.callers = 1
    desk.reception.check_room()
    assert desk.reception.no_room_for_calls() is None
    assert desk.answer == (200, "ready", None)


def test_nobody_is_let_in_from_a_bound_on_until_work_waits_half_as_long() -> None:
    load: Any = SimpleNamespace(retry_after_s=5.0)
    reception = Reception(VoiceOptions(max_wait_ms=1_500), load, lambda: 0)
    reception.open()
    full = []
    for load.wait_s in (0.0, 1.5, 1.6, 1.4, 0.8, 0.75, 1.4, 1.6):
        full.append(reception.state == "full")
    assert full == [False, False, True, True, True, False, False, True]


def test_a_number_is_the_upper_bound() -> None:
    desk = Desk(max_sessions=1)
    desk.callers = 1
    refusal = desk.refuses()
    assert (refusal.code, "All 1 places are taken" in str(refusal)) == ("busy", True)
    assert desk.answer == (503, "full", "5")


@pytest.mark.parametrize("kind", ["recognition", "words", "synthesis", "event loop"])
def test_while_work_waits_too_long_nobody_is_let_in_and_told_when_to_come_back(kind: str) -> None:
    desk = Desk(max_wait_ms=1_500)
    desk.waits(kind, 4.0)
    refusal = desk.refuses()
    assert refusal.retry_after_s == 8
    assert "busy with other callers; try again in 8 seconds" in str(refusal)
    assert desk.reception.no_room_for_calls() == (
        "Sorry, nobody can take your call at the moment. Please call again in a minute."
    )
    assert desk.answer == (503, "full", "8")


def test_who_was_turned_away_is_let_in_when_there_is_room_for_more_than_one() -> None:
    desk = Desk(max_wait_ms=1_500)
    states = []
    for seconds in (1.4, 1.6, 1.4, 0.8, 0.7, 0.8, 1.4):
        desk.clock.now += 21  # the waits before are forgotten
        desk.waits("recognition", seconds)
        states.append(desk.reception.state)
    assert states == ["ready", "full", "full", "full", "ready", "ready", "ready"]


def test_a_call_whose_own_server_has_died_does_not_wait_for_others() -> None:
    desk = Desk(max_sessions=2, max_wait_ms=1_500)
    desk.waits("recognition", 4.0)
    desk.reception.check_room(goes_on=True)
    desk.callers = 2
    assert "places are taken" in str(desk.refuses(lambda: desk.reception.check_room(goes_on=True)))


def test_too_many_who_begin_at_once_are_told_to_wait() -> None:
    desk = Desk(max_sessions=1_000)
    for _ in range(limits.OPENINGS_AT_ONCE):
        desk.reception.check_room()
        desk.reception.let_in()
    assert "began at once" in str(desk.refuses())
    assert desk.reception.state == "ready"  # for one more in a moment


def test_a_server_that_starts_takes_nobody() -> None:
    desk = Desk()
    starting = Reception(VoiceOptions(), desk.load, lambda: 0)
    assert desk.refuses(starting.check_loaded).code == "starting"
    assert starting.state == "starting"
    assert starting.readiness().status == 503
    assert starting.no_room_for_calls()


@pytest.mark.parametrize(("replica", "retry_after"), [(None, "15"), ("rasa-1", "1")], ids=["alone", "one of several"])
def test_a_server_that_stops_takes_nobody(replica: Optional[str], retry_after: str) -> None:
    desk = Desk(replica=replica)
    desk.reception.close()
    assert desk.refuses(desk.reception.check_open).code == "stopping"
    assert desk.answer == (503, "draining", retry_after)
    assert desk.reception.no_room_for_calls()


def test_a_server_that_stops_before_it_has_started_has_been_starting() -> None:
    reception = Reception(VoiceOptions(), Load(), lambda: 0)
    reception.close()
    assert reception.state == "starting"
    assert not reception.was_open


def test_voice_notes_beyond_a_few_are_told_when_to_come_back() -> None:
    desk = Desk()
    desk.reception.notes = limits.NOTES_AT_ONCE
    assert desk.refuses(lambda: desk.reception.note().__enter__()).retry_after_s > 0
    desk.reception.notes -= 1
    with desk.reception.note():
        assert desk.reception.notes == limits.NOTES_AT_ONCE
    assert desk.reception.notes == limits.NOTES_AT_ONCE - 1
