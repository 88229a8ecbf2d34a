"""What was sent to a caller, and how much of it they have heard."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Callable, Dict, List, Optional, Tuple

import numpy as np

_SILENT_CLIENT_S = 3.0
_REPORT_IS_FRESH_S = 0.4  # clients report a few times a second; in between they play on
_OVERDUE_S = 5.0  # a client that should have played everything so long ago does not report any more


@dataclass
class SentReply:
    """The sound of one bot message, as far as it was made."""

    id: str
    text: str
    interruptible: bool = True  # by the person
    complete: bool = False  # all its sound is here
    sent_ms: float = 0.0  # how much of it went out
    _starts_at: float = 0.0  # when the client can begin to play it (or its rest), by our clock, s
    _starts_from_ms: float = 0.0  # the place where it begins then
    _reported_ms: Optional[float] = None
    _reported_at: float = 0.0
    _sound: List[np.ndarray] = field(default_factory=list)

    def words_until(self, milliseconds: float, total_ms: float) -> int:
        """Return how many of the text's words were spoken by then: in proportion to their letters."""
        words = self.text.split()
        lengths = np.cumsum([len(word) + 1 for word in words]) - 1
        share = min(1.0, milliseconds / total_ms) if total_ms else 0.0
        return int(np.searchsorted(lengths, share * lengths[-1], side="right")) if words else 0


@dataclass(frozen=True)
class Cut:
    """A reply that was stopped."""

    id: str  # of the bot message
    heard: str  # its words that were played
    unheard: str  # its other words
    at_ms: float  # where it was stopped


class Playback:
    """Follows the replies sent to one client, which may be sent faster than they are played.

    Without ``playback`` reports from the client, it is assumed to play each reply as soon as it can.
    ``sample_rate`` is in Hz, ``clock`` tells monotonic seconds.
    """

    def __init__(self, sample_rate: int, clock: Callable[[], float]) -> None:
        self._rate = sample_rate
        self._clock = clock
        self._replies: Dict[str, SentReply] = {}

    def start(self, reply: SentReply, from_ms: float = 0.0) -> None:
        """The first sound of a reply, or of its rest, goes out now."""
        self._forget_what_is_over()
        ahead = max((self._ends_at(other) for other in self._replies.values()), default=0.0)
        reply._starts_at, reply._starts_from_ms = max(self._clock(), ahead), from_ms
        reply._reported_ms, reply.sent_ms = None, from_ms
        self._replies[reply.id] = reply

    def sent(self, reply: SentReply, pcm: np.ndarray, *, again: bool = False) -> None:
        """More sound of a reply went out: int16 of shape (n,); ``again`` if it had been sent before a cut."""
        if not again:
            reply._sound.append(pcm)
        reply.sent_ms += 1000 * len(pcm) / self._rate

    def report(self, reply_id: str, played_ms: float) -> None:
        """The client says how much of a reply it has played."""
        reply = self._replies.get(reply_id)
        if reply is not None:
            reply._reported_ms, reply._reported_at = played_ms, self._clock()

    @property
    def ahead_s(self) -> float:
        """How much sound the client has that it cannot have played yet."""
        ends = max((self._ends_at(reply) for reply in self._replies.values()), default=0.0)
        return max(0.0, ends - self._clock())

    @property
    def audible(self) -> Optional[SentReply]:
        """The reply that the client is playing, if any."""
        self._forget_what_is_over()
        return next(iter(self._replies.values()), None)

    async def finished(self) -> None:
        """Return when the client has played everything, as far as one can tell, or long should have."""
        give_up_at = self._clock() + self.ahead_s + _OVERDUE_S
        while self.audible is not None and self._clock() < give_up_at:
            await asyncio.sleep(max(0.02, self.ahead_s))

    def cut(self) -> List[Cut]:
        """Stop everything that is not played to its end, oldest first. The sound stays for :meth:`rest`."""
        self._forget_what_is_over()
        cuts = []
        for reply in self._replies.values():
            at = min(self._played_ms(reply), reply.sent_ms)
            made_ms = self._made_ms(reply)
            # Of a reply still being made nobody knows the length; its words take about as long as others do.
            total_ms = made_ms if reply.complete else max(made_ms, 65.0 * len(reply.text))
            words, count = reply.text.split(), reply.words_until(at, total_ms)
            cuts.append(Cut(reply.id, " ".join(words[:count]), " ".join(words[count:]), at))
            reply._starts_at, reply.sent_ms, reply._starts_from_ms = self._clock(), at, at
        return cuts

    def rest(self, cut: Cut) -> Tuple[SentReply, np.ndarray]:
        """Return a reply that was cut, and its sound from there on, as far as it was made: int16 of shape (n,)."""
        reply = self._replies[cut.id]
        sound = np.concatenate([np.zeros(0, np.int16), *reply._sound])
        return reply, sound[int(cut.at_ms * self._rate / 1000) :]

    def clear(self) -> None:
        """Forget every reply: the client was told to drop them."""
        self._replies.clear()

    def _made_ms(self, reply: SentReply) -> float:
        return 1000 * sum(len(part) for part in reply._sound) / self._rate

    def _ends_at(self, reply: SentReply) -> float:
        return reply._starts_at + (reply.sent_ms - reply._starts_from_ms) / 1000

    def _played_ms(self, reply: SentReply) -> float:
        if reply._reported_ms is not None:
            since = min(self._clock() - reply._reported_at, _REPORT_IS_FRESH_S)
            return reply._reported_ms + 1000 * max(0.0, since)
        return reply._starts_from_ms + max(0.0, (self._clock() - reply._starts_at) * 1000)

    def _forget_what_is_over(self) -> None:
        self._replies = {key: reply for key, reply in self._replies.items() if not self._over(reply)}

    def _over(self, reply: SentReply) -> bool:
        if not reply.complete or reply.sent_ms < self._made_ms(reply) - 1:
            return False
        # A client that stopped playing by itself reports no more; by then it would have come to the end.
        overdue = self._clock() >= self._ends_at(reply) + _SILENT_CLIENT_S
        return overdue or self._played_ms(reply) >= self._made_ms(reply)
