"""Whom the server lets in; what goes on afterwards is tested with a real Rasa in test_channel.py and its neighbours."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Callable, List, Optional

import pytest

from convai_rasa.errors import ProtocolError
from convai_rasa.voice import limits
from convai_rasa.voice.call.call import Call
from convai_rasa.voice.call.strangers import KEPT
from convai_rasa.voice.ears.ending import load_turn_ending
from convai_rasa.voice.engines.admission import Load
from convai_rasa.voice.http.refusals import Busy
from convai_rasa.voice.http.server import VoiceServer
from convai_rasa.voice.options import VoiceOptions
from convai_rasa.voice.wire import messages as m


class Room:
    """A server without models, ready for callers."""

    def __init__(self, **options: Any) -> None:
        self.load = Load()
        engines: Any = SimpleNamespace(load=self.load)
        self.forgotten: List[str] = []
        bot: Any = SimpleNamespace(forget=self.forgotten.append)
        channel = VoiceOptions(**options)
        self.server = VoiceServer(channel, engines, bot, load_turn_ending(channel.turn))
        self.server._ready = True

    def call(self, name: str, *, connected: bool = True) -> None:
        session: Any = SimpleNamespace()
        call = Call(name, name, m.Start(), lambda emit: session, 30.0)
        call.present = connected
        self.server._calls.add(call)

    def refuses(self, check: Optional[Callable[[], Any]] = None) -> Busy:
        with pytest.raises(Busy) as error:
            (check or self.server._check_room)()
        return error.value


def test_while_there_are_places_and_nothing_waits_everybody_is_let_in() -> None:
    room = Room(max_sessions=2)
    room.call("ann")
    room.server._check_room()
    assert room.server._no_room_for_calls() is None


def test_a_number_is_the_upper_bound() -> None:
    room = Room(max_sessions=1)
    room.call("ann")
    refusal = room.refuses()
    assert (refusal.code, "All 1 places are taken" in str(refusal)) == ("busy", True)


def test_one_who_is_lost_holds_nobodys_place() -> None:
    room = Room(max_sessions=1)
    room.call("ann", connected=False)
    room.server._check_room()


@pytest.mark.parametrize("kind", ["recognition", "synthesis", "event loop"])
def test_while_work_waits_too_long_nobody_is_let_in_and_told_when_to_come_back(kind: str) -> None:
    room = Room(max_wait_ms=1_500)
    for _ in range(6):
        room.load.note(kind, 4.0)
    refusal = room.refuses()
    assert refusal.retry_after_s == 8
    assert "busy with other callers; try again in 8 seconds" in str(refusal)
    assert room.server._no_room_for_calls() == (
        "Sorry, nobody can take your call at the moment. Please call again in a minute."
    )


def test_too_many_who_begin_at_once_are_told_to_wait() -> None:
    room = Room(max_sessions=1_000)
    for _ in range(limits.OPENINGS_AT_ONCE):
        room.server._check_room()
        room.server._openings.take()
    assert "began at once" in str(room.refuses())


def test_a_server_that_starts_or_stops_takes_nobody() -> None:
    room = Room()
    room.server._ready = False
    assert room.refuses(room.server._check_ready).code == "starting"
    room.server._stopping = True
    assert room.refuses(room.server._check_ready).code == "stopping"


def test_voice_notes_beyond_a_few_are_told_when_to_come_back() -> None:
    room = Room()
    room.server._notes = limits.NOTES_AT_ONCE
    assert room.refuses(room.server._check_notes).retry_after_s > 0


def test_nobody_but_a_telephone_says_that_they_call() -> None:
    with pytest.raises(ProtocolError, match=r"metadata\.call"):
        Room().server._prove(m.Start(metadata={"call": {"from": "+441632960001"}}), None)


@pytest.mark.parametrize(
    ("name", "stranger"),
    [(None, True), ("call:CA0123", True), ("ann", False), ("+441632960001", False)],
    ids=["no name", "a telephone call without a number", "the client's own name", "a proven number"],
)
def test_only_who_has_no_name_to_come_back_under_is_a_stranger(name: Optional[str], stranger: bool) -> None:
    room = Room()
    with room.server._perhaps_a_stranger("caller", name):
        pass
    for other in range(KEPT):
        with room.server._perhaps_a_stranger(str(other), None):
            assert room.forgotten == []
    assert room.forgotten == (["caller"] if stranger else [])
