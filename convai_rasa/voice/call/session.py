"""One caller: listens, recognizes, lets the bot answer, and speaks.

Data flows one way: sound → utterance → words → the bot → messages → sound. Whatever the wire, a session takes and
gives the messages of ``messages.py``. Four things go on side by side and hand values on through queues: whoever
reads the client's socket, the words being settled, the bot answering, and the speaker.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Union

from convai_rasa.audio import FRAME_MS
from convai_rasa.capture import ON_KEYS
from convai_rasa.errors import BotError, ConvaiError, PartialAnswer, ProtocolError
from convai_rasa.tts import plain_text, with_buttons
from convai_rasa.voice.bot import Bot, Content, PromptFor
from convai_rasa.voice.call.digits import DigitCollector
from convai_rasa.voice.call.directions import VoiceDirections, read_directions
from convai_rasa.voice.call.silence import SilenceCounter
from convai_rasa.voice.conversation import SESSION_START, Conversation, Utterance, Words
from convai_rasa.voice.ears import Floor, Hearing, Listener, OwnVoice, PhraseEnds, TurnEnding, TurnEventKind
from convai_rasa.voice.engines import Engines, Pace
from convai_rasa.voice.limits import TURNS_AT_ONCE, TURNS_PER_S
from convai_rasa.voice.mouth import Emit, Interruption, Reply, Speaker
from convai_rasa.voice.options import VoiceOptions
from convai_rasa.voice.watch import TurnTimer
from convai_rasa.voice.wire import messages as m

logger = logging.getLogger(__name__)

MAX_TURNS_WAITING = 8
FINISHED_EVERY_S = 0.05  # how often a server that stops looks whether a session has come to its end
MOST_SPOKEN = 4_000  # characters of one message: four minutes of speech; the rest is only shown
MOST_PAYLOADS = 256  # of buttons that the bot has shown; those of long ago are on nobody's screen
FRAMES_BETWEEN_YIELDS = 16  # half a second of sound sent at once must not keep other callers waiting


@dataclass
class _Turn:
    words: Words
    timer: Optional[TurnTimer]
    overtaken: bool = False  # the person has spoken again before the bot was done


class Session:
    """Holds the conversation with one caller.

    Args:
        session_id: unique name of this conversation.
        sender_id: the caller.
        start: what the client asked for.
        engines: the models, shared with all other callers.
        options: the channel's configuration.
        emit: sends a message, or PCM16 bytes at ``start.output_sample_rate``, to the client.
        bot: whom the caller talks to.
        ending: decides when a turn is over.
        prompt_for: words to expect, given the bot's last question.
        phrase_ends: how the bot's training sentences end.
        may_inspect: whether the client may see what the bot makes of each turn.
        goes_on: whether the conversation had begun on a server that died: the bot is told nothing.
        clock: monotonic seconds; only for metrics and playback, never for deciding whose turn it is.

    Attributes:
        over: set once the bot has ended the conversation and everything is spoken.
    """

    def __init__(
        self,
        session_id: str,
        sender_id: str,
        start: m.Start,
        *,
        engines: Engines,
        options: VoiceOptions,
        emit: Emit,
        bot: Bot,
        ending: TurnEnding,
        prompt_for: PromptFor,
        phrase_ends: Optional[PhraseEnds] = None,
        may_inspect: bool = False,
        goes_on: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options, self._emit, self._bot, self._clock = options, emit, bot, clock
        self._engines, self._sender_id = engines, sender_id
        self._may_inspect = may_inspect
        self._goes_on = goes_on
        self._inspecting = bool(start.inspect)
        self._conversation = Conversation(session_id, sender_id, start, bot, prompt_for)
        own_voice = OwnVoice(start.output_sample_rate, clock) if options.interruption.echo else None
        self._listener = Listener(
            engines.voice_detector(), options.turn, ending.patience_ms, start.sample_rate, own_voice, clock
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
            ending,
            self._conversation,
            phrase_ends or PhraseEnds(),
            self._floor,
            emit,
            clock,
        )
        self._digits = DigitCollector(options.call.dtmf_wait_ms, self._digits_pressed)
        self._silence = SilenceCounter(options.call.silence_s)
        self._pace = Pace(TURNS_AT_ONCE, TURNS_PER_S)
        self._payloads: Dict[str, None] = {}  # of the buttons that the bot has shown, oldest first
        self._turns: asyncio.Queue[_Turn] = asyncio.Queue(MAX_TURNS_WAITING)
        self._answering: Optional[_Turn] = None
        self._messages_said = 0
        self._leaving = False
        self.over = asyncio.Event()

    async def run(self) -> None:
        """Hold the conversation until canceled, or until one part of it fails."""
        if self._options.call.announce and not self._goes_on:
            await self._hearing.utterances.put(Utterance(Words(SESSION_START), None))
        jobs = (self._settle_words(), self._answer_turns(), self._speaker.run())
        parts = [asyncio.ensure_future(job) for job in jobs]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
        finally:
            self._digits.cancel()
            leftover: List[Any] = [*parts, *self._hearing.unfinished()]
            for future in leftover:
                future.cancel()
            await asyncio.gather(*leftover, return_exceptions=True)
            self._forget_sound()

    def _forget_sound(self) -> None:
        # What is left of a conversation is a circle of objects, which Python may take minutes to clear away.
        self._hearing.forget()
        self._speaker.forget()

    async def end(self) -> None:
        """Tell the bot that the conversation is over, if it wants to know; nobody hears what it says to that.

        Raises:
            BotError: the bot failed.
        """
        if self._options.call.announce and self._bot.knows_intent("session_end"):
            await self._conversation.take_turn(Words("/session_end"), None, _nobody)

    # ---------------------------------------------------------------- from the client

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
        """Take a message of the client other than sound.

        Raises:
            ProtocolError: the message makes no sense at this point.
        """
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
            self._inspecting = self._inspecting if message.inspect is None else message.inspect

    async def pick_up(self) -> None:
        """Say that a call goes on here, which had begun on a server that died."""
        await self.say({"text": self._bot.cut_off()})

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
        while self._answering is not None or not self._turns.empty() or not self._hearing.utterances.empty():
            await asyncio.sleep(FINISHED_EVERY_S)
        await self.say({"text": farewell, "metadata": {"voice": {"allow_interruptions": False}}})
        self._speaker.then(self._finish)
        await self.over.wait()

    async def _take(self, words: Words) -> None:
        self._silence.broken()
        wait_s = self._pace.take()
        if wait_s:
            await asyncio.sleep(wait_s)
        await self._hearing.utterances.put(Utterance(words, TurnTimer(clock=self._clock)))

    def _check_payload(self, text: str) -> None:
        """Refuse what Rasa would take for an intent, unless it is the payload of a button the bot has shown.

        Raises:
            ProtocolError: code ``forbidden_payload``.
        """
        if text.strip().startswith("/") and not self._options.allow_payloads and text not in self._payloads:
            raise ProtocolError(
                "forbidden_payload",
                "Only the bot's own buttons may send a text that begins with '/'; "
                "'allow_payloads: true' in credentials.yml lets every client do so.",
            )

    def _remember_payloads(self, buttons: Iterable[Mapping[str, Any]]) -> None:
        for button in buttons:
            self._payloads[str(button.get("payload"))] = None
        for oldest in list(self._payloads)[:-MOST_PAYLOADS]:
            del self._payloads[oldest]

    async def _digits_pressed(self, digits: str) -> None:
        expectation = self._conversation.expectation
        asked = expectation.slot is not None and (expectation.spoken is None or expectation.spoken in ON_KEYS)
        await self._take(Words(digits if asked else "/dtmf" + json.dumps({"digits": digits})))

    async def _count_silence(self) -> None:
        speaking = self._listener.somebody_speaks or self._speaker.busy
        waiting = self._answering is not None or not self._turns.empty() or not self._hearing.utterances.empty()
        times = self._silence.heard(FRAME_MS, speaking or waiting)
        if times is not None and self._bot.knows_intent("silence"):
            words = Words("/silence" + json.dumps({"count": str(times)}))
            await self._hearing.utterances.put(Utterance(words, TurnTimer(clock=self._clock)))

    # ---------------------------------------------------------------- turns

    async def _settle_words(self) -> None:
        """Wait for the words of each utterance; those that are meant for the bot become turns."""
        while True:
            utterance = await self._hearing.utterances.get()
            try:
                words = await self._known(utterance)
            except ConvaiError as error:
                await self._complain(error)
                words = Words("")
            spoken = words.transcript is not None or not words.text
            said = (words.text, self._hearing.language_of(words.transcript))
            if spoken and (self._floor.is_false_alarm(*said) or self._floor.too_few_words(*said)):
                await self._floor.go_on()
                self._announce_end(utterance.timer)
                continue
            self._conversation.not_heard(await self._speaker.yield_floor())
            if spoken and self._answering is not None:
                self._answering.overtaken = True
            await self._turns.put(_Turn(words, utterance.timer))

    async def _known(self, utterance: Utterance) -> Words:
        words = utterance.words if isinstance(utterance.words, Words) else await utterance.words
        if words.transcript is not None:
            self._conversation.heard(words.transcript)
            confidence = round(words.transcript.confidence, 3)
            await self._emit(m.TranscriptFinal(text=words.text, confidence=confidence))
        if utterance.timer is not None:
            utterance.timer.words_known(words.readings_s)
        return words

    async def _answer_turns(self) -> None:
        while True:
            turn = await self._turns.get()
            self._answering = turn
            filler = asyncio.ensure_future(self._bridge_wait(turn))
            try:
                await self._conversation.take_turn(turn.words, turn.timer, lambda _, content: self.say(content))
            except ConvaiError as error:
                # Nobody waits for an answer to the call's own beginning, and some of an answer is one.
                await self._complain(error, aloud=turn.timer is not None and not isinstance(error, PartialAnswer))
            finally:
                filler.cancel()
            if turn.timer is not None:
                turn.timer.bot_answered()
            self._answering = None
            await self._show_inside()
            self._announce_end(turn.timer)
            if self._leaving:
                self._speaker.then(self._finish)

    async def _show_inside(self) -> None:
        if self._may_inspect and self._inspecting:
            seen = await self._bot.inspect(self._sender_id)
            if seen is not None:
                await self._emit(m.Inspect(**seen))

    async def _bridge_wait(self, turn: _Turn) -> None:
        """Say that it takes a while, once, if the bot has said nothing for long."""
        wait_ms = self._options.call.filler_after_ms
        if not wait_ms or turn.timer is None:
            return
        await asyncio.sleep(wait_ms / 1000)
        words = self._bot.please_wait()
        if words and not turn.timer.answered and not turn.overtaken:
            message = m.BotMessage(id=self._next_id(), text=plain_text(words))
            await self._emit(message)
            self._speaker.say(Reply(message.id, plain_text(words), words, language=self._conversation.reply_language))

    def _announce_end(self, timer: Optional[TurnTimer]) -> None:
        if timer is not None:
            self._speaker.then(lambda: self._emit(m.TurnEnd(metrics=timer.metrics())))

    async def _complain(self, error: ConvaiError, *, aloud: bool = True) -> None:
        logger.warning("A turn of session %s failed: %s", self._conversation.session_id, error)
        code = "bot_failed" if isinstance(error, BotError) else "recognition_failed"
        await self._emit(m.Error(code=code, message=str(error)))
        if aloud:
            await self.say({"text": self._bot.technical_problem()})

    # ---------------------------------------------------------------- from the bot

    async def say(self, content: Content) -> None:
        """Take one message of the bot: show it now, and speak its text in order.

        Args:
            content: any of ``text``, ``buttons``, ``image``, ``custom`` and ``metadata``.
        """
        directions = read_directions(content)
        fields = {key: content[key] for key in ("buttons", "image", "custom") if key in content}
        text = str(content.get("text") or "")
        message = m.BotMessage(id=self._next_id(), text=plain_text(text) or None, **fields)
        self._remember_payloads(message.buttons or [])
        if self._answering is not None and self._answering.timer is not None:
            self._answering.timer.bot_answered()
        await self._emit(message)
        if directions.repeat:
            for number, reply in enumerate(self._conversation.said_before, start=1):
                self._speak(Reply(f"{message.id}.{number}", reply.text, reply.spoken, language=reply.language))
        if message.text:
            self._conversation.question = message.text
            self._speak(self._as_reply(message, text, directions))
        if directions.transfer:
            self._leave(m.Transfer(to=directions.transfer))
        elif directions.hangup:
            self._leave(m.Hangup())
        await asyncio.sleep(0)  # Rasa runs its next action without yielding: let the speaking begin first

    def _as_reply(self, message: m.BotMessage, text: str, directions: VoiceDirections) -> Reply:
        if len(text) > MOST_SPOKEN:
            logger.warning("Only the first %d characters of a message of %d are spoken.", MOST_SPOKEN, len(text))
            text = text[:MOST_SPOKEN].rpartition(" ")[0] or text[:MOST_SPOKEN]
        language = directions.language or self._conversation.reply_language or self._engines.language
        if self._options.tts.say_buttons and message.buttons:
            text = with_buttons(text, [str(button.get("title", "")) for button in message.buttons], language)
        return Reply(
            message.id,
            message.text or "",
            text,
            timer=self._answering.timer if self._answering else None,
            interruptible=directions.allow_interruptions and self._options.interruption.enabled,
            language=language,
        )

    def _speak(self, reply: Reply) -> None:
        if self._answering is not None and self._answering.overtaken:
            self._conversation.not_heard(Interruption("", reply.text))
            return
        self._conversation.said(reply)
        self._speaker.say(reply)

    def _leave(self, farewell: Union[m.Hangup, m.Transfer]) -> None:
        """End the conversation, after everything that this turn still has to say."""
        self._leaving = True
        self._speaker.then(lambda: self._emit(farewell))
        if self._answering is None:
            self._speaker.then(self._finish)

    async def _finish(self) -> None:
        await self._speaker.playback.finished()
        self.over.set()

    def _next_id(self) -> str:
        self._messages_said += 1
        return f"{self._conversation.session_id[:8]}-{self._messages_said}"


async def _nobody(recipient: str, content: Content) -> None:
    """Take what the bot says when nobody is there any more."""
