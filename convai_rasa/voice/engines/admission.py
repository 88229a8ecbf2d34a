"""Whom there is room for: who waits at the door, how long work waits, and how fast one client may ask for it."""

from __future__ import annotations

import collections
import statistics
import threading
import time
from typing import Any, Callable, Deque, Dict, List, Tuple

from convai_rasa.voice import limits

_REMEMBERED_S = 20.0  # long enough for a turn or two of each caller, short enough to see that one has left
_ENOUGH = 4  # measurements; a single long wait is an accident
_MOST_REMEMBERED = 512  # measurements of a kind: the event loop's are 400 in the time remembered
_SHORTEST_RETRY_S = 5.0


class Door:
    """Connections that have not said who they are. They take nobody's place, and the oldest makes room for the next.

    Args:
        places: how many may stand there.
    """

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
    """How long work waits before it is done; any thread may tell.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waits: Dict[str, Deque[Tuple[float, float]]] = {}
        self._lock = threading.Lock()

    def note(self, kind: str, waited_s: float) -> None:
        """Work of some kind has begun after so long.

        Args:
            kind: for example ``recognition``; each is judged by itself.
            waited_s: in seconds.
        """
        with self._lock:
            self._waits.setdefault(kind, collections.deque(maxlen=_MOST_REMEMBERED)).append((self._clock(), waited_s))

    @property
    def wait_s(self) -> float:
        """How long work waits at present: the median of the last seconds, of the kind that waits longest."""
        with self._lock:
            kinds = [self._recent(kind) for kind in self._waits]
        return max((statistics.median(waits) for waits in kinds if len(waits) >= _ENOUGH), default=0.0)

    def longest_s(self, kind: str) -> float:
        """How long work of one kind has waited at most in the last seconds."""
        with self._lock:
            return max(self._recent(kind), default=0.0)

    @property
    def retry_after_s(self) -> float:
        """When it is worth asking again, in seconds."""
        return max(_SHORTEST_RETRY_S, round(2 * self.wait_s))

    def _recent(self, kind: str) -> List[float]:
        since = self._clock() - _REMEMBERED_S
        return [waited for at, waited in self._waits.get(kind, ()) if at >= since]


class Pace:
    """A few at once, and then so many a second.

    Args:
        at_once: taken without a wait after a while of quiet.
        per_s: taken in the long run.
        clock: monotonic seconds.
    """

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
