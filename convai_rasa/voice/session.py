"""One caller: listens, recognises, lets the bot answer, and speaks.

Data flows one way: sound → utterance → words → the bot → messages → sound. Whatever the wire, a session takes and
gives the messages of ``messages.py``. Three tasks work side by side and hand values on through queues: whoever
reads the client's socket, the conversation with the bot, and the speaker.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Dict, Iterator, List, Optional, Union

import numpy as np

from convai_rasa.asr import Transcript
from convai_rasa.errors import BotError, ConvaiError, ProtocolError
from convai_rasa.voice import messages as m
from convai_rasa.voice.bot import Content, PromptFor, UserTurn
from convai_rasa.voice.engines import Engines
from convai_rasa.voice.listener import Heard, Listener
from convai_rasa.voice.metrics import TurnTimer
from convai_rasa.voice.options import VoiceOptions
from convai_rasa.voice.speaker import Emit, Reply, Speaker
from convai_rasa.voice.turn import TurnEventKind

logger = logging.getLogger(__name__)

MAX_TURNS_WAITING = 8  # a client that streams faster than the bot answers is made to wait here
FRAMES_BETWEEN_YIELDS = 16  # half a second of sound sent at once must not keep other callers waiting


Converse = Callable[[UserTurn], Awaitable[None]]


@dataclass(frozen=True)
class _Turn:
    words: Union[str, asyncio.Task[Transcript]]  # typed, or being recognised
    timer: TurnTimer


class Session:
    """Holds the conversation with one caller.

    Args:
        session_id: unique name of this connection.
        start: what the client asked for.
        engines: the models, shared with all other callers.
        options: the channel's configuration.
        emit: sends a message, or PCM16 bytes at ``start.output_sample_rate``, to the client.
        converse: gives a turn to the bot and returns when the bot is done; the bot's messages arrive
            through :meth:`say` meanwhile.
        prompt_for: words to expect, given the bot's last question.
        clock: monotonic seconds; only for metrics, never for deciding whose turn it is.
    """

    def __init__(
        self,
        session_id: str,
        start: m.Start,
        *,
        engines: Engines,
        options: VoiceOptions,
        emit: Emit,
        converse: Converse,
        prompt_for: PromptFor,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session_id = session_id
        self._metadata = start.metadata
        self._language = start.language
        self._engines = engines
        self._emit = emit
        self._converse = converse
        self._prompt_for = prompt_for
        self._clock = clock
        self._listener = Listener(engines.voice_detector(), options.turn, start.sample_rate)
        self._speaker = Speaker(engines, start.output_sample_rate, emit, clock)
        self._guess: Optional[asyncio.Task[Transcript]] = None  # recognition begun at a pause
        self._turns: asyncio.Queue[_Turn] = asyncio.Queue(MAX_TURNS_WAITING)
        self._answering: Optional[TurnTimer] = None
        self._question = ""
        self._messages_said = 0

    async def run(self, listening: Awaitable[None]) -> None:
        """Hold the conversation until ``listening`` returns or one part of the session fails.

        Args:
            listening: reads the client's socket and calls :meth:`hear` and :meth:`receive`.
        """
        tasks = [asyncio.ensure_future(part) for part in (listening, self._hold_conversation(), self._speaker.run())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            leftover: List[asyncio.Future[Any]] = [*tasks, *self._unfinished_recognition()]
            for future in leftover:
                future.cancel()
            await asyncio.gather(*leftover, return_exceptions=True)

    def _unfinished_recognition(self) -> Iterator[asyncio.Task[Transcript]]:
        if self._guess is not None:
            yield self._guess
        while not self._turns.empty():
            words = self._turns.get_nowait().words
            if isinstance(words, asyncio.Task):
                yield words

    async def hear(self, pcm: bytes) -> None:
        """Take the caller's next sound: PCM16 little-endian mono at ``start.sample_rate``, cut anywhere."""
        for number, heard in enumerate(self._listener.push(pcm), start=1):
            await self._react(heard)
            if number % FRAMES_BETWEEN_YIELDS == 0:
                await asyncio.sleep(0)

    async def receive(self, message: m.ClientMessage) -> None:
        """Take a message of the client other than sound.

        Raises:
            ProtocolError: the message makes no sense at this point.
        """
        if isinstance(message, m.Text):
            await self._turns.put(_Turn(message.text, TurnTimer(clock=self._clock)))
        elif isinstance(message, m.Dtmf):
            intent = "/dtmf" + json.dumps({"digits": message.digits})
            await self._turns.put(_Turn(intent, TurnTimer(clock=self._clock)))
        elif isinstance(message, m.PlaybackReport):
            self._speaker.playback.report(message.id, message.played_ms)
        elif isinstance(message, m.Stop):
            for heard in self._listener.finish():
                await self._react(heard)
        else:
            raise ProtocolError("already_started", "The conversation has started: send 'start' once, first.")

    async def say(self, content: Content) -> None:
        """Take one message of the bot: show it now, and speak its text in order.

        Args:
            content: any of ``text``, ``buttons``, ``image``, ``custom``.
        """
        self._messages_said += 1
        message = m.BotMessage(id=f"{self._session_id[:8]}-{self._messages_said}", **content)
        if self._answering is not None:
            self._answering.bot_answered()
        await self._emit(message)
        if message.text:
            self._question = message.text
            self._speaker.say(Reply(message.id, message.text, self._answering))
        await asyncio.sleep(0)  # Rasa runs its next action without yielding: let the speaking begin first

    async def _react(self, heard: Optional[Heard]) -> None:
        if heard is None:
            return
        if heard.kind is TurnEventKind.STARTED:
            await self._emit(m.SpeechStarted())
            await self._speaker.interrupt()
        elif heard.kind is TurnEventKind.PAUSED:
            self._guess = asyncio.ensure_future(self._recognise(heard.samples))
        elif heard.kind is TurnEventKind.RESUMED:
            if self._guess is not None:
                self._guess.cancel()
                self._guess = None
        else:
            words = self._guess or asyncio.ensure_future(self._recognise(heard.samples))
            self._guess = None
            await self._emit(m.SpeechStopped())
            await self._turns.put(_Turn(words, TurnTimer(float(heard.silence_ms), self._clock)))

    async def _recognise(self, samples: np.ndarray) -> Transcript:
        transcript = await self._engines.recognise(
            samples, language=self._language, prompt=self._prompt_for(self._question)
        )
        if self._guess is asyncio.current_task() and transcript.text:
            await self._emit(m.TranscriptPartial(text=transcript.text))
        return transcript

    async def _hold_conversation(self) -> None:
        while True:
            turn = await self._turns.get()
            try:
                await self._answer(turn)
            except ConvaiError as error:
                logger.warning("A turn of session %s failed: %s", self._session_id, error)
                code = "bot_failed" if isinstance(error, BotError) else "recognition_failed"
                await self._emit(m.Error(code=code, message=str(error)))
            self._answering = None
            self._speaker.end_turn(turn.timer)

    async def _answer(self, turn: _Turn) -> None:
        about: Dict[str, Any] = {"session_id": self._session_id}
        if isinstance(turn.words, str):
            text = turn.words
        else:
            transcript = await turn.words
            text = transcript.text
            about.update(confidence=round(transcript.confidence, 3), language=transcript.language)
            await self._emit(m.TranscriptFinal(text=text, confidence=round(transcript.confidence, 3)))
        turn.timer.words_known()
        if not text:
            return
        self._answering = turn.timer
        await self._converse(UserTurn(text, {**self._metadata, "voice": about}))
        turn.timer.bot_answered()
