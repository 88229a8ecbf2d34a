"""From a caller's sound to their words, and to the moment when they are done."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any, Callable, List, Optional, Union

import numpy as np

from convai_rasa.asr import Expected, Transcript
from convai_rasa.audio import SAMPLE_RATE
from convai_rasa.capture import prompts
from convai_rasa.errors import ConvaiError
from convai_rasa.voice.conversation import Conversation, Utterance, Words
from convai_rasa.voice.ears.ending import Pause, TurnEnding
from convai_rasa.voice.ears.floor import Floor
from convai_rasa.voice.ears.hear_spelled import recognise_spelled
from convai_rasa.voice.ears.listener import Heard, Listener
from convai_rasa.voice.ears.phrase_ends import PhraseEnds
from convai_rasa.voice.ears.readings import Reading, choose, readings_of
from convai_rasa.voice.ears.turn import TurnEventKind
from convai_rasa.voice.engines import Engines, Urgency
from convai_rasa.voice.mouth import Emit
from convai_rasa.voice.options import TurnOptions
from convai_rasa.voice.patience import heed
from convai_rasa.voice.watch import TurnTimer
from convai_rasa.voice.wire import messages as m

logger = logging.getLogger(__name__)

LONGEST_CHOICE_S = 0.25  # the person waits: what the bot has not judged by then is no longer considered
OVERDUE_MS = 2_000  # of speech: two looks at it that a busy machine had no time for
MAX_WAITING = 4  # a client that streams faster than the bot answers is made to wait here; each may hold 2 MB of sound


class Hearing:
    """Recognizes what one caller says: at every pause in the hope that they are done. The clock is only for metrics."""

    def __init__(
        self,
        listener: Listener,
        engines: Engines,
        options: TurnOptions,
        ending: TurnEnding,
        conversation: Conversation,
        phrase_ends: PhraseEnds,
        floor: Floor,
        emit: Emit,
        clock: Callable[[], float],
    ) -> None:
        self._listener, self._engines, self._options, self._ending = listener, engines, options, ending
        self._conversation, self._phrase_ends, self._floor = conversation, phrase_ends, floor
        self._emit, self._clock = emit, clock
        self._guess: Optional[asyncio.Task[Words]] = None  # recognition begun at a pause
        self._heard = 0  # samples of the present utterance
        self._seen = 0  # of them, those whose words the person has seen
        self._look: Optional[asyncio.Task[Any]] = None  # recognition of words that are still being said
        self.utterances: asyncio.Queue[Utterance] = asyncio.Queue(MAX_WAITING)  # whose words may be on their way

    async def react(self, heard: Heard) -> None:
        """Take a change of who is speaking."""
        self._heard = max(self._heard, len(heard.samples))
        if heard.kind is TurnEventKind.STARTED:
            self._heard = self._seen = 0
            await self._emit(m.SpeechStarted())
        elif heard.kind is TurnEventKind.CONFIRMED:
            await self._floor.person_speaks()
        elif heard.kind is TurnEventKind.CONTINUED:
            # What is still being said is worth a look while nobody waits for the recognizer, and now and then always.
            if not self._looks and (self._overdue or self._engines.idle):
                urgency = Urgency.OVERDUE if self._overdue else Urgency.GLIMPSE
                self._look_on(asyncio.ensure_future(self._look_at(heard.samples, urgency)))
        elif heard.kind is TurnEventKind.PAUSED:
            self._guess = asyncio.ensure_future(self._recognise(heard.samples))
        elif heard.kind is TurnEventKind.DUE:
            # Sound sent faster than it was spoken must mean the same, so its end waits for the verdict.
            if self._guess is not None:
                await asyncio.wait({self._guess})
        elif heard.kind is TurnEventKind.RESUMED:
            if self._guess is not None and self._overdue and not self._looks:
                self._look_on(self._guess)  # it is no verdict any more, but its words are worth seeing
                self._guess = None
            self._drop_guess()
        elif heard.kind is TurnEventKind.DISMISSED:
            await self._end(Words("", Transcript("", 0.0, "", 0.0, 1.0)), heard)
        else:
            words = self._guess or asyncio.ensure_future(self._recognise(heard.samples))
            self._guess = None
            await self._end(words, heard)

    async def _end(self, words: Union[Words, asyncio.Task[Words]], heard: Heard) -> None:
        timer = TurnTimer(heard.spoken_at, self._clock, heard.left_out_ms)
        await self._emit(m.SpeechStopped())
        await self.utterances.put(Utterance(words, timer))

    def forget(self) -> None:
        """Drop what is being said: the connection was lost."""
        self._drop_guess()
        self._listener.forget()

    def unfinished(self) -> List[asyncio.Task[Any]]:
        """Return the recognition still going on, for nobody."""
        tasks: List[Any] = [self._guess, self._look]
        while not self.utterances.empty():
            tasks.append(self.utterances.get_nowait().words)
        return [task for task in tasks if isinstance(task, asyncio.Task)]

    def _drop_guess(self) -> None:
        if self._guess is not None:
            self._guess.cancel()
            self._guess = None

    @property
    def _looks(self) -> bool:
        return self._look is not None and not self._look.done()

    @property
    def _overdue(self) -> bool:
        return (self._heard - self._seen) * 1000 >= OVERDUE_MS * SAMPLE_RATE

    def _look_on(self, look: asyncio.Task[Any]) -> None:
        self._look = look
        look.add_done_callback(heed)  # nobody waits for it

    async def _look_at(self, samples: np.ndarray, urgency: Urgency) -> None:
        transcript = await self._transcribe(samples, urgency)
        if self._listener.somebody_speaks and self._guess is None:
            await self._show(transcript, samples)

    async def _recognise(self, samples: np.ndarray) -> Words:
        """Recognize what was said before a pause, and judge whether the person is done."""
        try:
            words = Words("")
            transcript = await self._transcribe(samples, Urgency.PAUSE)
            words = Words(transcript.text, transcript)
            if transcript.alternatives and self._look is not asyncio.current_task():
                words = await self._choose(transcript)
                transcript = words.transcript or transcript
            if self._look is asyncio.current_task() and self._listener.somebody_speaks and self._guess is None:
                await self._show(transcript, samples)
            if not self._may_go_on():
                return words
            await self._show(transcript, samples)
            if self._ending.asks_bot and words.understanding is None:
                words = await self._conversation.understand(words)
        except ConvaiError:
            await self._wait_until(self._options.end_ms)
            raise
        await self._wait_until(await self._patience(words, transcript, samples))
        return words

    async def _choose(self, transcript: Transcript) -> Words:
        """Ask the bot what it makes of each reading, and take the one that was most likely meant."""
        began = self._clock()
        readings: List[Reading] = []
        for reading in readings_of(transcript):  # the likeliest first
            if readings and self._clock() - began > LONGEST_CHOICE_S:
                break
            words = await self._conversation.understand(Words(reading.transcript.text, reading.transcript))
            readings.append(replace(reading, understanding=words.understanding))
        chosen = choose(readings)
        first = None if chosen is readings[0] else transcript.text
        readings_s = transcript.alternatives_s + self._clock() - began
        return Words(chosen.transcript.text, chosen.transcript, chosen.understanding, first, readings_s)

    async def _transcribe(self, samples: np.ndarray, urgency: Urgency) -> Transcript:
        conversation = self._conversation
        spoken = conversation.expectation.spoken
        if spoken is not None and urgency is Urgency.PAUSE and prompts(spoken, self._language):
            return await recognise_spelled(
                self._engines, samples, spoken, language=self._language, otherwise=conversation.prompt
            )
        known = self._phrase_ends.words if urgency is Urgency.PAUSE else None
        return await self._engines.recognise(
            samples,
            language=conversation.language,
            prompt=conversation.prompt,
            urgency=urgency,
            expected=Expected(known) if known else None,  # without words nobody could judge other readings
        )

    async def _show(self, transcript: Transcript, samples: np.ndarray) -> None:
        self._seen = len(samples)
        if transcript.text:
            await self._emit(m.TranscriptPartial(text=transcript.text))
            await self._floor.person_said(transcript.text, self.language_of(transcript))

    @property
    def _language(self) -> Optional[str]:
        """What the person speaks, as far as it is known beforehand."""
        asked = self._conversation.language
        return self.language_of(None) if asked in (None, "auto") else asked

    def language_of(self, transcript: Optional[Transcript]) -> Optional[str]:
        """Return the language of some words: as they were recognized, or else the one that the conversation is in."""
        recognized = transcript.language if transcript is not None else None
        return recognized or self._conversation.reply_language or self._engines.language

    def _may_go_on(self) -> bool:
        """Whether the pause that is being judged lasts."""
        return self._guess is asyncio.current_task()

    async def _wait_until(self, silence_ms: int) -> None:
        ended = self._listener.wait_until(silence_ms) if self._may_go_on() else None
        if ended is not None:
            await self.react(ended)

    async def _patience(self, words: Words, transcript: Transcript, samples: np.ndarray) -> int:
        language = self.language_of(transcript)
        pause = Pause(
            words.text,
            language,
            words.understanding,
            self._conversation.expectation,
            self._phrase_ends,
            self._floor.is_false_alarm(words.text, language),
            samples,
        )
        try:
            return int(await self._ending.silence_to_wait(pause))
        except Exception:  # somebody else's code, which must not cost the caller their turn
            logger.exception("How long to wait could not be decided; the turn ends after %d ms.", self._options.end_ms)
            return self._options.end_ms
