"""Callers who gave no name, after their calls."""

from __future__ import annotations

from collections import OrderedDict
from typing import Callable

KEPT = 100  # conversations, to be looked at afterwards; each takes 5 to 50 KB of Rasa's memory


class Strangers:
    """Lets the bot forget their conversations, the oldest first.

    Whoever gives no name gets one that is never given again, so their conversations would be kept for nobody. A client
    that comes back under the name it was given then has one like any other, and its conversation is kept.

    Args:
        forget: takes the name of a caller whose conversation nobody will continue.
        kept: how many of the latest are not forgotten yet.
    """

    def __init__(self, forget: Callable[[str], None], kept: int = KEPT) -> None:
        self._forget = forget
        self._kept = kept
        self._left: OrderedDict[str, None] = OrderedDict()

    def left(self, sender_id: str) -> None:
        """A stranger's conversation is over."""
        self._left[sender_id] = None
        while len(self._left) > self._kept:
            self._forget(self._left.popitem(last=False)[0])

    def came_back(self, sender_id: str) -> None:
        """Somebody begins a conversation under a name of their own, which may be one that was given to them."""
        self._left.pop(sender_id, None)
