"""Which of several engines serves next: the first that works. One that fails is left out for a while."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import Any, Callable, Iterator, Optional, Sequence

from convai_rasa.errors import ConvaiError

logger = logging.getLogger(__name__)

SHORTEST_S = 1.0  # left out after a first failure; twice as long after each further one
LONGEST_S = 60.0  # and never longer, whatever a server asks for

Probe = Callable[[], None]


@dataclass
class _Member:
    name: str
    probe: Optional[Probe]
    served: int = 0
    failed: int = 0
    in_a_row: int = 0  # failures since it last served
    back_at: Optional[float] = None  # None: it is not left out
    is_tried: bool = False  # whether somebody finds out at this moment whether it works again


class Roster:
    """Keeps who works; any thread may ask and tell.

    An engine whose time is over is probed in the background, where it can be, so that nobody waits for one that is
    still away. Where it cannot be, one request tries it, and the others go past.

    Args:
        what: they do, for people, for example ``recognizer``.
        names: of the engines, in the order in which they are preferred.
        probes: for each what raises while the engine is away, or None.
    """

    def __init__(self, what: str, names: Sequence[str], probes: Sequence[Optional[Probe]]) -> None:
        self._what = what
        self._members = [_Member(name, probe) for name, probe in zip(names, probes, strict=True)]
        self._lock = threading.Lock()

    def order(self) -> Iterator[int]:
        """Yield the numbers of all engines, in the order in which they are to be asked for what is wanted now.

        Those that are left out come last: they are asked where all others have failed. Each that was yielded has to be
        told of by ``served``, ``failed`` or ``given_up``.
        """
        with self._lock:
            now = time.monotonic()
            first: list[int] = []
            last: list[int] = []
            for number, member in enumerate(self._members):
                is_due = member.back_at is not None and member.back_at <= now and not member.is_tried
                if is_due and member.probe is not None:
                    member.is_tried = True
                    threading.Thread(target=self._probe, args=(member,), name="convai-probe", daemon=True).start()
                works = member.back_at is None or (is_due and member.probe is None)
                (first if works else last).append(number)
            last.sort(key=lambda number: self._members[number].back_at or 0.0)
        for number in first:
            if self._may_be_asked(number):
                yield number
            else:
                last.append(number)
        yield from last

    def _may_be_asked(self, number: int) -> bool:
        with self._lock:
            member = self._members[number]
            if member.back_at is None:
                return True
            is_first = not member.is_tried
            member.is_tried = True
            return is_first

    def served(self, number: int) -> None:
        """An engine has done what it was asked for."""
        with self._lock:
            member = self._members[number]
            member.served += 1
            member.in_a_row = 0
            self._is_back(member)

    def failed(self, number: int, error: BaseException) -> None:
        """An engine has not done it."""
        with self._lock:
            member = self._members[number]
            member.failed += 1
            self._leave_out(member, error)

    def given_up(self, number: int) -> None:
        """Nobody wanted what an engine was asked for any more."""
        with self._lock:
            if self._members[number].probe is None:
                self._members[number].is_tried = False

    def states(self) -> list[dict[str, Any]]:
        """Return for each engine its name, whether it is left out and for how long yet, and how often it did what."""
        with self._lock:
            now = time.monotonic()
            return [
                {
                    "name": member.name,
                    "state": "ok" if member.back_at is None else "left out",
                    "retry_in_s": None if member.back_at is None else round(max(0.0, member.back_at - now), 1),
                    "served": member.served,
                    "failed": member.failed,
                }
                for member in self._members
            ]

    def _probe(self, member: _Member) -> None:
        assert member.probe is not None
        try:
            member.probe()
        except ConvaiError as error:
            with self._lock:
                self._leave_out(member, error)
            return
        with self._lock:
            self._is_back(member)

    def _leave_out(self, member: _Member, error: BaseException) -> None:
        wait_s = min(LONGEST_S, SHORTEST_S * 2 ** min(member.in_a_row, 10))
        wait_s = min(LONGEST_S, max(wait_s, getattr(error, "retry_after_s", None) or 0.0))
        level = logging.WARNING if member.back_at is None else logging.DEBUG  # said once, not with every try
        logger.log(level, "The %s '%s' is left out for %g s: %s", self._what, member.name, wait_s, error)
        member.in_a_row += 1
        member.is_tried = False
        member.back_at = time.monotonic() + wait_s

    def _is_back(self, member: _Member) -> None:
        if member.back_at is not None:
            logger.warning("The %s '%s' works again.", self._what, member.name)
        member.back_at = None
        member.is_tried = False


def all_failed(what: str, failures: dict[str, BaseException]) -> str:
    """Return the sentence for what no engine could do, with the failures by the engines' names."""
    each = "; ".join(f"{name}: {str(error).rstrip('.')}" for name, error in failures.items())
    return f"{what} ({each})."
