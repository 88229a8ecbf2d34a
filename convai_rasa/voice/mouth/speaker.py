"""From the bot's messages to sound, in order, until the caller wants to speak.

While a person speaks, the speaker is on hold: nothing goes out. Then it was either a false alarm and the speaker
goes on where it stopped, or the person has something to say and the rest is dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import Awaitable, Callable, List, Optional, Set, Union

import numpy as np

from convai_rasa.audio import AtRate
from convai_rasa.errors import ConvaiError
from convai_rasa.voice.engines import Engines
from convai_rasa.voice.mouth.playback import Cut, Playback, SentReply
from convai_rasa.voice.watch import TurnTimer
from convai_rasa.voice.wire import messages as m

logger = logging.getLogger(__name__)

Emit = Callable[[Union[m.ServerMessage, bytes]], Awaitable[None]]
_PACE_S = 0.1  # how often a speaker far enough ahead looks whether it may go on


@dataclass(frozen=True)
class Reply:
    """A bot message to be spoken; ``timer`` is that of the turn it answers, if it answers one."""

    id: str
    text: str  # to be shown
    spoken: str = ""  # to be said, if it differs
    timer: Optional[TurnTimer] = None
    interruptible: bool = True
    language: Optional[str] = None


@dataclass(frozen=True)
class Interruption:
    """What a person did and did not hear of the bot's words before they spoke."""

    heard: str
    unheard: str


class Speaker:
    """Speaks to one caller.

    Args:
        sample_rate: of the sound the client wants, in Hz.
        emit: sends a message or PCM16 bytes to the client.
        lead_s: how far the sound sent may be ahead of what is played.
        on_sound: told of all sound that goes out, int16 of shape (n,), and of None when it is to be dropped.
    """

    def __init__(
        self,
        engines: Engines,
        sample_rate: int,
        emit: Emit,
        *,
        lead_s: float,
        on_sound: Callable[[Optional[np.ndarray]], None],
        clock: Callable[[], float],
    ) -> None:
        self._engines = engines
        self._sample_rate = sample_rate
        self._emit = emit
        self._lead_s = lead_s
        self._on_sound = on_sound
        self._queue: asyncio.Queue[Union[Reply, Callable[[], Awaitable[None]]]] = asyncio.Queue()
        self._may_speak = asyncio.Event()
        self._may_speak.set()
        self._nobody_there = False
        self._dropped: Set[str] = set()  # replies that are still being synthesized, for nobody
        self._unsaid: Optional[Reply] = None  # being synthesized, no sound of it sent yet
        self.cuts: List[Cut] = []  # what was stopped and may still go on, oldest first
        self.speed = 1.0  # the voice's own pace
        self.playback = Playback(sample_rate, clock)

    def say(self, reply: Reply) -> None:
        """Queue a reply."""
        self._queue.put_nowait(reply)

    def then(self, action: Callable[[], Awaitable[None]]) -> None:
        """Queue an action: it happens once all that was queued before has been sent, or was dropped."""
        self._queue.put_nowait(action)

    @property
    def busy(self) -> bool:
        """Whether something is being said, or about to be."""
        return self._unsaid is not None or not self._queue.empty() or self.playback.audible is not None

    async def hold(self) -> None:
        """Send nothing more for now, and tell the client to stop what it plays, unless that must not be interrupted."""
        audible = self.playback.audible
        if not self._may_speak.is_set() or (audible is not None and not audible.interruptible):
            return
        self._stop()
        for cut in self.cuts:
            await self._emit(m.Interrupted(id=cut.id, heard_text=cut.heard))

    def lost(self) -> None:
        """The client is gone: send nothing until it is back."""
        self._nobody_there = True
        if self._may_speak.is_set():
            self._stop()

    def _stop(self) -> None:
        self._may_speak.clear()
        self.cuts = self.playback.cut()
        self._on_sound(None)

    async def found(self) -> None:
        """The client is back: go on where it stopped hearing."""
        self._nobody_there = False
        await self.resume()

    async def resume(self) -> None:
        """It was a false alarm: go on where it stopped."""
        if self._may_speak.is_set() or self._nobody_there:
            return
        for cut in self.cuts:
            reply, rest = self.playback.rest(cut)
            self.playback.start(reply, cut.at_ms)
            await self._emit(
                m.AudioStart(id=reply.id, text=reply.text, sample_rate=self._sample_rate, from_ms=round(cut.at_ms, 1))
            )
            for start in range(0, len(rest), self._sample_rate):
                await self._send(reply, rest[start : start + self._sample_rate], again=True)
            if reply.complete:
                await self._emit(m.AudioEnd(id=reply.id))
        self.cuts = []
        self._may_speak.set()

    async def yield_floor(self) -> Optional[Interruption]:
        """The person has something to say: drop all that has not been heard.

        Returns what was and what was not heard; None if there was nothing to drop, or the bot may not be interrupted.
        """
        await self.hold()
        if self._may_speak.is_set():
            return None
        waiting = [self._unsaid] if self._unsaid is not None and self._unsaid.interruptible else []
        for _ in range(self._queue.qsize()):
            item = self._queue.get_nowait()
            if isinstance(item, Reply) and item.interruptible:
                waiting.append(item)
            else:
                self._queue.put_nowait(item)
        heard = [cut.heard for cut in self.cuts]
        unheard = [cut.unheard for cut in self.cuts] + [reply.text for reply in waiting]
        self._dropped.update([cut.id for cut in self.cuts], [reply.id for reply in waiting])
        self.cuts = []
        self.playback.clear()
        if not self._nobody_there:
            self._may_speak.set()
        if not any(heard) and not any(unheard):
            return None
        return Interruption(" ".join(filter(None, heard)), " ".join(filter(None, unheard)))

    def forget(self) -> None:
        """The conversation is over: keep no sound of it."""
        self.playback.clear()
        self._on_sound(None)

    async def run(self) -> None:
        """Speak whatever is queued, forever."""
        while True:
            item = await self._queue.get()
            if not isinstance(item, Reply):
                await item()
                continue
            try:
                await self._speak(item)
            except ConvaiError as error:
                logger.warning("A reply could not be spoken: %s", error)
                await self._emit(m.Error(code="synthesis_failed", message=str(error)))
            # What a bot writes may meet a fault of ours; it costs this reply, not the conversation.
            except Exception:
                logger.exception("A reply could not be spoken.")
                message = "This reply could not be spoken; the server's log says why."
                await self._emit(m.Error(code="synthesis_failed", message=message))
            finally:
                self._unsaid = None
                self._dropped.discard(item.id)

    async def _speak(self, item: Reply) -> None:
        self._unsaid = item
        reply = SentReply(item.id, item.text, item.interruptible)
        at_rate = AtRate(self._sample_rate)
        spoken = self._engines.speak(item.spoken or item.text, language=item.language, speed=self.speed)
        async with contextlib.aclosing(spoken) as chunks:
            async for chunk in chunks:
                if not await self._turn_to_speak(item):
                    return
                if self._unsaid is item:
                    await self._begin(item, reply)
                await self._send(reply, at_rate.push(chunk))
            if self._unsaid is item or not await self._turn_to_speak(item):
                return
            await self._send(reply, at_rate.flush())
            reply.complete = True
            await self._emit(m.AudioEnd(id=reply.id))

    async def _turn_to_speak(self, item: Reply) -> bool:
        """Wait until more sound may go out; False when this reply has been dropped."""
        while item.id not in self._dropped:
            await self._may_speak.wait()
            ahead = self.playback.ahead_s - self._lead_s
            if ahead <= 0:
                return item.id not in self._dropped
            await asyncio.sleep(min(ahead, _PACE_S))
        return False

    async def _begin(self, item: Reply, reply: SentReply) -> None:
        self._unsaid = None
        self.playback.start(reply)
        if item.timer is not None:
            item.timer.sound_sent()
        await self._emit(m.AudioStart(id=reply.id, text=reply.text, sample_rate=self._sample_rate))

    async def _send(self, reply: SentReply, pcm: np.ndarray, *, again: bool = False) -> None:
        if len(pcm):
            self.playback.sent(reply, pcm, again=again)
            self._on_sound(pcm)
            await self._emit(pcm.astype("<i2").tobytes())
