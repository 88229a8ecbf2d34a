"""How much of the bot's sound a caller has heard."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Callable, Dict, Optional


@dataclass
class _Reply:
    text: str
    starts_at: float  # when the client can begin to play it, by our clock, s
    sent_ms: float = 0.0
    reported_ms: Optional[float] = None


@dataclass
class Playback:
    """Follows the replies sent to one client, which arrive faster than they are played.

    Without ``playback`` reports from the client, it is assumed to play each reply as soon as it can.
    """

    clock: Callable[[], float] = time.monotonic
    _replies: Dict[str, _Reply] = field(default_factory=dict)

    def start(self, reply_id: str, text: str) -> None:
        """The first sound of a reply goes out now."""
        ahead = max((reply.starts_at + reply.sent_ms / 1000 for reply in self._replies.values()), default=0.0)
        self._replies = {key: reply for key, reply in self._replies.items() if not self._over(reply)}
        self._replies[reply_id] = _Reply(text, max(self.clock(), ahead))

    def sent(self, reply_id: str, milliseconds: float) -> None:
        """So much more sound of a reply went out."""
        self._replies[reply_id].sent_ms += milliseconds

    def report(self, reply_id: str, played_ms: float) -> None:
        """The client says how much of a reply it has played."""
        if reply_id in self._replies:
            self._replies[reply_id].reported_ms = played_ms

    def interrupt(self) -> Dict[str, str]:
        """Stop everything.

        Returns:
            For each reply not played to its end, its id and the words that were heard, oldest first.
        """
        cut = {key: self._heard(reply) for key, reply in self._replies.items() if not self._over(reply)}
        self._replies.clear()
        return cut

    def _played_ms(self, reply: _Reply) -> float:
        if reply.reported_ms is not None:
            return reply.reported_ms
        return max(0.0, (self.clock() - reply.starts_at) * 1000)

    def _over(self, reply: _Reply) -> bool:
        return self._played_ms(reply) >= reply.sent_ms > 0

    def _heard(self, reply: _Reply) -> str:
        share = min(1.0, self._played_ms(reply) / reply.sent_ms) if reply.sent_ms else 0.0
        words = reply.text.split()
        return " ".join(words[: int(share * len(words))])
