"""Whom there is room for: who waits at the door, how long work waits, and how fast one client may ask for it."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import itertools
import statistics
import threading
import time
from typing import Any, Callable, Deque, Dict, Iterable, Iterator, List, Tuple

from convai_rasa.voice import limits

_REMEMBERED_S = 20.0  # long enough for a turn or two of each caller, short enough to see that one has left
_ENOUGH = 4  # measurements; a single long wait is an accident
_MOST_REMEMBERED = 512  # measurements of a kind: the event loop's are 400 in the time remembered
_SHORTEST_RETRY_S = 5.0
_QUICKEST_OF_S = 300.0  # what an engine takes without a queue is seen again within minutes, and changes as slowly
_Measured = Dict[str, Deque[Tuple[float, float]]]  # of each kind of work, when and how long


class Door:
    """Connections that have not said who they are. They take nobody's place, and the oldest makes room for the next."""

    def __init__(self, places: int = limits.WAITING_AT_THE_DOOR) -> None:
        self._places = places
        self._waiting: Dict[Any, Callable[[], None]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def enter(self, who: Any, turn_away: Callable[[], None]) -> None:
        """Somebody has come; ``turn_away`` is called if they are still here when there is no room."""
        while len(self._waiting) >= self._places:
            self._waiting.pop(next(iter(self._waiting)))()
        self._waiting[who] = turn_away

    def leave(self, who: Any) -> None:
        """They have said who they are, or are gone."""
        self._waiting.pop(who, None)


class Load:
    """How long work waits before it is done; any thread may tell."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waits: _Measured = collections.defaultdict(lambda: collections.deque(maxlen=_MOST_REMEMBERED))
        self._took: _Measured = collections.defaultdict(lambda: collections.deque(maxlen=_MOST_REMEMBERED))
        self._underway: Dict[int, Tuple[str, float]] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def note(self, kind: str, waited_s: float) -> None:
        """Work of some kind, for example ``recognition``, has begun after so long; each kind is judged by itself."""
        with self._lock:
            self._waits[kind].append((self._clock(), waited_s))

    @contextlib.contextmanager
    def underway(self, kind: str) -> Iterator[None]:
        """Work is being done where its queue cannot be seen, for example on another machine.

        What it takes beyond the quickest of its kind in the last minutes counts as waiting, and so does what is not
        done yet: an engine that hangs tells nothing else. Work that is given up says nothing.
        """
        number, began = next(self._numbers), self._clock()
        with self._lock:
            self._underway[number] = (kind, began)
        done = given_up = False
        try:
            yield
            done = True
        except asyncio.CancelledError:
            given_up = True
            raise
        finally:
            with self._lock:
                del self._underway[number]
                now = self._clock()
                if done:  # what failed at once is no measure for the others
                    self._took[kind].append((now, now - began))
                waited_s = self._beyond_quickest(kind, now - began)
            if not given_up:
                self.note(kind, waited_s)

    def _beyond_quickest(self, kind: str, took_s: float) -> float:
        known = self._last(self._took[kind], _QUICKEST_OF_S)
        return max(0.0, took_s - min(known)) if known else 0.0

    @property
    def wait_s(self) -> float:
        """How long work waits at present: the median of the last seconds, of the kind that waits longest."""
        with self._lock:
            kinds = [self._waits_of(kind) for kind in {*self._waits, *(kind for kind, _ in self._underway.values())}]
        return max((statistics.median(waits) for waits in kinds if len(waits) >= _ENOUGH), default=0.0)

    def _waits_of(self, kind: str) -> List[float]:
        """Return how long work of one kind has waited, and what is underway where that waits longer already."""
        done = self._last(self._waits[kind], _REMEMBERED_S)
        usual = statistics.median(done) if done else 0.0
        now = self._clock()
        waiting = [now - began for each, began in self._underway.values() if each == kind]
        return [*done, *(beyond for each in waiting if (beyond := self._beyond_quickest(kind, each)) > usual)]

    def longest_s(self, kind: str) -> float:
        """How long work of one kind has waited at most in the last seconds."""
        with self._lock:
            return max(self._last(self._waits[kind], _REMEMBERED_S), default=0.0)

    @property
    def retry_after_s(self) -> float:
        """When it is worth asking again, in seconds."""
        return max(_SHORTEST_RETRY_S, round(2 * self.wait_s))

    def _last(self, measured: Iterable[Tuple[float, float]], seconds: float) -> List[float]:
        since = self._clock() - seconds
        return [each for at, each in measured if at >= since]


class Pace:
    """A few at once, after a while of quiet, and then so many a second."""

    def __init__(self, at_once: int, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._each_s, self._burst_s = 1 / per_s, at_once / per_s
        self._clock = clock
        self._due = 0.0

    def wait_s(self) -> float:
        """Return when the next one's turn is, in seconds from now: above 0 when too many came."""
        return max(0.0, self._due + self._each_s - self._burst_s - self._clock())

    def take(self) -> float:
        """Take one; return its :meth:`wait_s`."""
        wait = self.wait_s()
        self._due = max(self._due, self._clock()) + self._each_s
        return wait
