"""A clock for tests."""

from __future__ import annotations


class Clock:
    """It stands still until it is moved.

    Args:
        now: its time in seconds.
    """

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
