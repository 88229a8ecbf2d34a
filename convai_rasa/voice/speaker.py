"""From the bot's messages to sound, in order, until the caller interrupts."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, List, Optional, Union

import numpy as np

from convai_rasa.audio import StreamResampler, float_to_pcm16, pcm16_to_float
from convai_rasa.errors import SynthesisError
from convai_rasa.voice import messages as m
from convai_rasa.voice.engines import Engines
from convai_rasa.voice.metrics import TurnTimer
from convai_rasa.voice.playback import Playback

logger = logging.getLogger(__name__)

Emit = Callable[[Union[m.ServerMessage, bytes]], Awaitable[None]]


@dataclass(frozen=True)
class Reply:
    """A bot message to be spoken; ``timer`` is that of the turn it answers, if it answers one."""

    id: str
    text: str
    timer: Optional[TurnTimer] = None


class Speaker:
    """Speaks to one caller.

    Args:
        engines: the models, shared with all other callers.
        sample_rate: of the sound the client wants, in Hz.
        emit: sends a message or PCM16 bytes to the client.
        clock: monotonic seconds.
    """

    def __init__(
        self, engines: Engines, sample_rate: int, emit: Emit, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engines = engines
        self._sample_rate = sample_rate
        self._emit = emit
        self._queue: asyncio.Queue[Union[Reply, TurnTimer]] = asyncio.Queue()
        self._interrupted = False
        self.playback = Playback(clock)

    def say(self, reply: Reply) -> None:
        """Queue a reply."""
        self._queue.put_nowait(reply)

    def end_turn(self, timer: TurnTimer) -> None:
        """Queue the end of a turn: it is announced once all that was queued before has been spoken."""
        self._queue.put_nowait(timer)

    async def interrupt(self) -> None:
        """The caller speaks: drop every reply not spoken yet, and tell the client what to stop playing."""
        self._interrupted = True
        for item in _drain(self._queue):
            if isinstance(item, TurnTimer):
                self._queue.put_nowait(item)
        for reply_id, heard in self.playback.interrupt().items():
            await self._emit(m.Interrupted(id=reply_id, heard_text=heard))

    async def run(self) -> None:
        """Speak whatever is queued, forever."""
        while True:
            item = await self._queue.get()
            if isinstance(item, TurnTimer):
                await self._emit(m.TurnEnd(metrics=item.metrics()))
                continue
            try:
                await self._speak(item)
            except SynthesisError as error:
                logger.warning("A reply could not be spoken: %s", error)
                await self._emit(m.Error(code="synthesis_failed", message=str(error)))

    async def _speak(self, reply: Reply) -> None:
        self._interrupted = False
        resample = _to_rate(self._engines.voice_sample_rate, self._sample_rate)
        started = False
        chunks = self._engines.speak(reply.text)
        try:
            async for chunk in chunks:
                if self._interrupted:
                    return
                if not started:
                    started = True
                    await self._begin(reply)
                await self._send(reply, resample.push(chunk))
            if started:
                await self._send(reply, resample.flush())
        finally:
            await chunks.aclose()
            if started and not self._interrupted:
                await self._emit(m.AudioEnd(id=reply.id))

    async def _begin(self, reply: Reply) -> None:
        self.playback.start(reply.id, reply.text)
        if reply.timer is not None:
            reply.timer.sound_sent()
        await self._emit(m.AudioStart(id=reply.id, text=reply.text, sample_rate=self._sample_rate))

    async def _send(self, reply: Reply, pcm: np.ndarray) -> None:
        if len(pcm) and not self._interrupted:
            self.playback.sent(reply.id, 1000 * len(pcm) / self._sample_rate)
            await self._emit(pcm.astype("<i2").tobytes())


class _SameRate:
    def push(self, pcm: np.ndarray) -> np.ndarray:
        return pcm

    def flush(self) -> np.ndarray:
        return np.zeros(0, np.int16)


class _OtherRate:
    def __init__(self, source: int, target: int) -> None:
        self._resampler = StreamResampler(source, target)

    def push(self, pcm: np.ndarray) -> np.ndarray:
        return float_to_pcm16(self._resampler.push(pcm16_to_float(pcm)))

    def flush(self) -> np.ndarray:
        return float_to_pcm16(self._resampler.flush())


def _to_rate(source: int, target: int) -> Union[_SameRate, _OtherRate]:
    return _SameRate() if source == target else _OtherRate(source, target)


def _drain(queue: asyncio.Queue[Any]) -> List[Any]:
    items = []
    while not queue.empty():
        items.append(queue.get_nowait())
    return items
