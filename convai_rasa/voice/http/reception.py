"""Whether callers are let in at present, and what those are told who are not."""

from __future__ import annotations

import contextlib
import math
from typing import Callable, Iterator, Optional

from sanic import response
from sanic.response import HTTPResponse

from convai_rasa.voice import limits
from convai_rasa.voice.engines import Load, Pace
from convai_rasa.voice.http.refusals import Busy, retry_after
from convai_rasa.voice.options import VoiceOptions

STOPPING_RETRY_S = 15.0  # until a server that was restarted is back
OTHERS_RETRY_S = 1.0  # until a load balancer has seen that this one of several takes nobody
STARTING_RETRY_S = 5.0
NOTES_RETRY_S = 10.0
_ENOUGH_ROOM = 0.5  # of the longest wait: those who are let in next wait, too
# What ``GET /ready`` says, by the code of a refusal.
_STATES = {"starting": "starting", "stopping": "draining", "busy": "full"}


class Reception:
    """Lets callers in, as long as there is room for them."""

    def __init__(self, options: VoiceOptions, load: Load, connected: Callable[[], int]) -> None:
        self._places = options.max_sessions
        self._load = load
        self._connected = connected
        self._longest_wait_s = options.max_wait_ms / 1000
        self._is_shedding = False
        self._openings = Pace(limits.OPENINGS_AT_ONCE, limits.OPENINGS_PER_S)
        self._stopping_retry_s = STOPPING_RETRY_S if options.replica is None else OTHERS_RETRY_S
        self.was_open = False  # ever
        self._is_closing = False
        self.notes = 0  # voice notes in hand

    def open(self) -> None:
        """Everything is loaded: callers may come."""
        self.was_open = True

    def close(self) -> None:
        """Nobody new is let in anymore."""
        self._is_closing = True

    @property
    def state(self) -> str:
        """Whether a caller who came now would be let in, and why not."""
        busy = self._why_not(self._check_places)
        return "ready" if busy is None else _STATES[busy.code]

    def readiness(self) -> HTTPResponse:
        """``GET /ready``: 200 where a new caller is let in, else 503 and when to ask again."""
        busy = self._why_not(self._check_places)
        if busy is None:
            return response.json({"state": "ready"})
        said = {"state": _STATES[busy.code], "why": str(busy)}
        return response.json(said, status=503, headers=retry_after(busy))

    def _why_not(self, is_there_room: Callable[[], None]) -> Optional[Busy]:
        try:
            for check in (self.check_loaded, self.check_open, is_there_room):
                check()
        except Busy as busy:
            return busy
        return None

    def check_loaded(self) -> None:
        """Refuse whoever comes too early, by raising ``Busy`` with the code ``starting``."""
        if not self.was_open:
            raise Busy("starting", "The bot is still loading its models; try again in a few seconds.", STARTING_RETRY_S)

    def check_open(self) -> None:
        """Refuse whoever comes too late, by raising ``Busy`` with the code ``stopping``."""
        if self._is_closing:
            retry_s = self._stopping_retry_s
            raise Busy("stopping", "The server is stopping; come back when it has started again.", retry_s)

    def check_room(self, *, goes_on: bool = False) -> None:
        """Refuse a new call for which there is no room, by raising ``Busy`` with the code ``busy``.

        One that goes on, because its own server has died, is not cut off because others wait.
        """
        self._check_places(goes_on)
        self.check_pace()

    def check_pace(self) -> None:
        """Refuse those who are too many in a moment, by raising ``Busy`` with the code ``busy``."""
        if self._openings.wait_s() > 0:
            retry_s = self._load.retry_after_s
            raise Busy("busy", "Too many conversations began at once; try again in a moment.", retry_s)

    def let_in(self) -> None:
        """A new call begins."""
        self._openings.take()

    def _check_places(self, goes_on: bool = False) -> None:
        retry_s = self._load.retry_after_s
        if self._connected() >= self._places:
            raise Busy("busy", f"All {self._places} places are taken; try again when somebody has left.", retry_s)
        # One bound for both would let in a few, refuse a few, and keep everybody at the bound.
        bound_s = self._longest_wait_s * (_ENOUGH_ROOM if self._is_shedding else 1)
        self._is_shedding = self._load.wait_s > bound_s
        if self._is_shedding and not goes_on:
            raise Busy("busy", f"The server is busy with other callers; try again in {retry_s:g} seconds.", retry_s)

    def no_room_for_calls(self) -> Optional[str]:
        """Return what a telephone caller is told who cannot be answered."""
        busy = self._why_not(self.check_room)
        if busy is None:
            return None
        minutes = math.ceil(busy.retry_after_s / 60)
        when = "a minute" if minutes <= 1 else f"{minutes} minutes"
        return f"Sorry, nobody can take your call at the moment. Please call again in {when}."

    @contextlib.contextmanager
    def note(self) -> Iterator[None]:
        """Take a voice note in hand, or raise ``Busy`` where too many are."""
        if self.notes >= limits.NOTES_AT_ONCE:
            sentence = f"{self.notes} voice notes are already waiting; try again in {NOTES_RETRY_S:g} seconds."
            raise Busy("busy", sentence, NOTES_RETRY_S)
        self.notes += 1
        try:
            yield
        finally:
            self.notes -= 1
