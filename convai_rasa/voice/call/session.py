"""One caller: what they send becomes turns of the conversation.

Data flows one way: sound → utterance → words → the bot → messages → sound. Whatever the wire, a session takes and
gives the messages of ``messages.py``. Four things go on side by side and hand values on through queues: whoever
reads the client's socket, the words being settled, the bot answering, and the speaker, which is given what it says
(``answering.py``).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable

from convai_rasa.audio import FRAME_MS
from convai_rasa.capture import ON_KEYS
from convai_rasa.errors import ConvaiError, ProtocolError
from convai_rasa.voice.bot import Content, Occasion, PromptFor
from convai_rasa.voice.call.answering import Answering, Host, Turn
from convai_rasa.voice.call.keys import DigitCollector
from convai_rasa.voice.conversation import SESSION_START, Conversation, Utterance, Words
from convai_rasa.voice.ears import Floor, Hearing, Listener, OwnVoice, PhraseEnds, TurnEventKind
from convai_rasa.voice.engines import Pace
from convai_rasa.voice.limits import TURNS_AT_ONCE, TURNS_PER_S
from convai_rasa.voice.mouth import Emit, Speaker
from convai_rasa.voice.patience import cancel, until, until_first
from convai_rasa.voice.watch import TurnTimer
from convai_rasa.voice.wire import messages as m

FRAMES_BETWEEN_YIELDS = 16  # half a second of sound sent at once must not keep other callers waiting
MOST_SILENCES = 3  # "are you still there?", once more, goodbye; then the bot has said all there is to say


class Session:
    """Holds the conversation with one caller; ``over`` is set once the bot has ended it and everything is spoken.

    Args:
        ready: what the client is told first, and so who it is.
        start: what it asked for.
        emit: sends a message, or PCM16 bytes at ``start.output_sample_rate``, to the client.
        prompt_for: words to expect, given the bot's last question.
        phrase_ends: how the bot's training sentences end.
        goes_on: whether the conversation had begun on a server that died: the caller is told so, and the bot nothing.
        clock: monotonic seconds; only for metrics and playback, never for deciding whose turn it is.
    """

    def __init__(
        self,
        ready: m.Ready,
        start: m.Start,
        host: Host,
        emit: Emit,
        *,
        prompt_for: PromptFor,
        phrase_ends: PhraseEnds,
        goes_on: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        options, engines = host.options, host.engines
        self._options = options
        self._bot = host.bot
        self._emit = emit
        self._clock = clock
        self._may_inspect = ready.inspect
        self._goes_on = goes_on
        self._conversation = Conversation(ready, start, host.bot, prompt_for)
        own_voice = OwnVoice(start.output_sample_rate, clock) if options.interruption.echo else None
        self._listener = Listener(
            engines.voice_detector(), options.turn, host.ending.patience_ms, start.sample_rate, own_voice, clock
        )
        self._speaker = Speaker(
            engines,
            start.output_sample_rate,
            emit,
            lead_s=options.call.lead_s,
            on_sound=own_voice.sent if own_voice is not None else lambda sound: None,
            clock=clock,
        )
        self._speaker.speed = start.speed or 1.0
        self._floor = Floor(self._speaker, options.interruption)
        self._hearing = Hearing(
            self._listener,
            engines,
            options.turn,
            host.ending,
            self._conversation,
            phrase_ends,
            self._floor,
            emit,
            clock,
        )
        self._answering = Answering(self._conversation, self._speaker, host, emit)
        self._answering.shows_inside = ready.inspect and bool(start.inspect)
        self._digits = DigitCollector(options.call.dtmf_wait_ms, self._digits_pressed)
        self._silence = SilenceCounter(options.call.silence_s)
        self._pace = Pace(TURNS_AT_ONCE, TURNS_PER_S)
        self.over = self._answering.over

    async def run(self) -> None:
        """Hold the conversation until canceled, or until one part of it fails."""
        if self._goes_on:
            await self.say({"text": self._bot.words_for(Occasion.CUT_OFF)})
        elif self._options.call.announce:
            await self._hearing.utterances.put(Utterance(Words(SESSION_START), None))
        try:
            for part in await until_first(self._settle_words(), self._answering.run(), self._speaker.run()):
                part.result()
        finally:
            self._digits.cancel()
            await cancel(self._hearing.unfinished())
            # What is left of a conversation is a circle of objects, which Python may take minutes to clear away.
            self._hearing.forget()
            self._speaker.forget()

    async def end(self) -> None:
        """Tell the bot that the conversation is over, if it wants to know; nobody hears what it says to that.

        Raises ``BotError`` where it fails.
        """
        if self._options.call.announce and self._bot.knows_intent("session_end"):
            await self._conversation.take_turn(Words("/session_end"), None, lambda *_: asyncio.sleep(0))

    async def hear(self, pcm: bytes) -> None:
        """Take the caller's next sound: PCM16 little-endian mono at ``start.sample_rate``, cut anywhere."""
        for number, heard in enumerate(self._listener.push(pcm), start=1):
            if heard is not None:
                if heard.kind is TurnEventKind.CONFIRMED:
                    self._silence.broken()
                await self._hearing.react(heard)
            await self._count_silence()
            if number % FRAMES_BETWEEN_YIELDS == 0:
                await asyncio.sleep(0)

    async def receive(self, message: m.ClientMessage) -> None:
        """Take a message of the client other than sound; ``ProtocolError``: it makes no sense at this point."""
        if isinstance(message, m.Text):
            self._check_payload(message.text)
            await self._take(Words(message.text))
        elif isinstance(message, m.Dtmf):
            await self._digits.press(message.digits)
        elif isinstance(message, m.PlaybackReport):
            self._speaker.playback.report(message.id, message.played_ms)
        elif isinstance(message, m.Stop):
            for heard in self._listener.finish():
                if heard is not None:
                    await self._hearing.react(heard)
        elif isinstance(message, m.Start):
            raise ProtocolError("already_started", "The conversation has started: send 'start' once, first.")
        elif isinstance(message, m.Settings):
            if message.language is not None:
                self._conversation.language = message.language or None  # empty: as configured
            self._speaker.speed = message.speed or self._speaker.speed
            if message.inspect is not None:
                self._answering.shows_inside = self._may_inspect and message.inspect

    async def say(self, content: Content) -> None:
        """Take one message of the bot to somebody who did not just speak."""
        await self._answering.say(content)

    async def lost(self) -> None:
        """The connection is gone, perhaps for a moment, and all it brought has been heard."""
        self._hearing.forget()
        self._speaker.lost()

    def hold_back(self) -> None:
        """The connection is gone: what the client has not played waits, while what it sent is still dealt with."""
        self._speaker.lost()

    async def found(self) -> None:
        """The connection is back: go on."""
        await self._speaker.found()

    async def finish(self, farewell: str) -> None:
        """Answer what was asked and say it to its end, then a last sentence; returns when it is played."""
        await until(lambda: not self._bot_has_to_speak)
        await self._answering.finish(farewell)

    @property
    def _bot_has_to_speak(self) -> bool:
        return self._answering.busy or not self._hearing.utterances.empty()

    async def _take(self, words: Words) -> None:
        self._silence.broken()
        if wait_s := self._pace.take():
            await asyncio.sleep(wait_s)
        await self._hearing.utterances.put(Utterance(words, TurnTimer(clock=self._clock)))

    def _check_payload(self, text: str) -> None:
        """Refuse what Rasa would take for an intent, unless it is the payload of a button the bot has shown."""
        if text.strip().startswith("/") and not self._options.allow_payloads and not self._answering.offered(text):
            raise ProtocolError(
                "forbidden_payload",
                "Only the bot's own buttons may send a text that begins with '/'; "
                "'allow_payloads: true' in credentials.yml lets every client do so.",
            )

    async def _digits_pressed(self, digits: str) -> None:
        expectation = self._conversation.expectation
        asked = expectation.slot is not None and (expectation.spoken is None or expectation.spoken in ON_KEYS)
        await self._take(Words(digits if asked else "/dtmf" + json.dumps({"digits": digits})))

    async def _count_silence(self) -> None:
        speaking = self._listener.somebody_speaks or self._speaker.busy
        times = self._silence.heard(FRAME_MS, speaking or self._bot_has_to_speak)
        if times is not None and self._bot.knows_intent("silence"):
            words = Words("/silence" + json.dumps({"count": str(times)}))
            await self._hearing.utterances.put(Utterance(words, TurnTimer(clock=self._clock)))

    async def _settle_words(self) -> None:
        """Wait for the words of each utterance; those that are meant for the bot become turns."""
        while True:
            utterance = await self._hearing.utterances.get()
            try:
                words = await self._known(utterance)
            except ConvaiError as error:
                await self._answering.complain(error)
                words = Words("")
            spoken = words.transcript is not None or not words.text
            said = (words.text, self._hearing.language_of(words.transcript))
            if spoken and (self._floor.is_false_alarm(*said) or self._floor.too_few_words(*said)):
                await self._floor.go_on()
                self._answering.announce_end(utterance.timer)
                continue
            self._conversation.not_heard(await self._speaker.yield_floor())
            await self._answering.put(Turn(words, utterance.timer), overtakes=spoken)

    async def _known(self, utterance: Utterance) -> Words:
        words = utterance.words if isinstance(utterance.words, Words) else await utterance.words
        if words.transcript is not None:
            self._conversation.heard(words.transcript)
            confidence = round(words.transcript.confidence, 3)
            await self._emit(m.TranscriptFinal(text=words.text, confidence=confidence))
        if utterance.timer is not None:
            utterance.timer.words_known(words.readings_s)
        return words


class SilenceCounter:
    """Counts silences of ``silence_s``, 0 for none, in the caller's sound: without a microphone nobody is silent."""

    def __init__(self, silence_s: float) -> None:
        self._limit_ms = silence_s * 1000
        self._silent_ms = 0.0
        self._times = 0

    def heard(self, milliseconds: float, somebody_speaks: bool) -> int | None:
        """Count so much of the caller's sound; return 1, 2, 3 when it ends that many silences in a row, else None."""
        self._silent_ms = 0.0 if somebody_speaks else self._silent_ms + milliseconds
        if not self._limit_ms or self._silent_ms < self._limit_ms or self._times >= MOST_SILENCES:
            return None
        self._silent_ms = 0.0
        self._times += 1
        return self._times

    def broken(self) -> None:
        """The person did something: the next silence is the first again."""
        self._silent_ms, self._times = 0.0, 0
