"""From a person's turn to what the bot says, and to what they see and hear of it, until everything is said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Optional

from convai_rasa.errors import BotError, ConfigurationError, ConvaiError, PartialAnswer
from convai_rasa.options import Field, Options, parse_options
from convai_rasa.tts import plain_text, with_buttons
from convai_rasa.voice.bot import Bot, Content, Occasion
from convai_rasa.voice.conversation import Conversation, Words
from convai_rasa.voice.ears import TurnEnding
from convai_rasa.voice.engines import Engines
from convai_rasa.voice.mouth import Emit, Interruption, Reply, Speaker
from convai_rasa.voice.options import VoiceOptions
from convai_rasa.voice.watch import TurnTimer
from convai_rasa.voice.wire import messages as m

logger = logging.getLogger(__name__)

MAX_TURNS_WAITING = 8
MOST_SPOKEN = 4_000  # characters of one message: four minutes of speech; the rest is only shown
MOST_PAYLOADS = 256  # of buttons that the bot has shown; those of long ago are on nobody's screen


@dataclass(frozen=True)
class Host:
    """Who answers the callers of one channel, and by what rules: what all of them share."""

    options: VoiceOptions
    engines: Engines
    bot: Bot
    ending: TurnEnding  # decides when their turns are over


@dataclass
class Turn:
    """Words for the bot to answer; ``timer`` is None when nobody waits for that."""

    words: Words
    timer: TurnTimer | None
    overtaken: bool = False  # the person has spoken again before the bot was done


class VoiceDirections(Options):
    """What a response says about how it is to be spoken, under ``voice`` of its ``custom`` or ``metadata``."""

    allow_interruptions: bool = True  # false: the person cannot stop this reply
    repeat: bool = False  # say again what was said before this turn
    hangup: bool = False  # end the conversation once everything is spoken
    transfer: Optional[str] = Field(None, regex=r"^(tel|sip|sips):.+")  # then hand the person over
    language: Optional[str] = None  # of this reply, ISO 639-1; the voice of tts.voices for it is taken


def read_directions(content: Mapping[str, Any]) -> VoiceDirections:
    """Read the directions of a bot's message; a bot's mistake is logged and the message spoken without them."""
    given: dict[str, Any] = {}
    for place in ("metadata", "custom"):
        inside = content.get(place)
        if isinstance(inside, Mapping) and isinstance(inside.get("voice"), Mapping):
            given.update(inside["voice"])
    try:
        return parse_options(VoiceDirections, given, where="A response's 'voice'")
    except ConfigurationError as error:
        logger.warning("%s It is spoken without them.", error)
        return VoiceDirections()


class Answering:
    """Has the bot answer one caller's turns, in order, and shows and speaks its messages."""

    def __init__(self, conversation: Conversation, speaker: Speaker, host: Host, emit: Emit) -> None:
        self._conversation = conversation
        self._speaker = speaker
        self._host = host
        self._emit = emit
        self._turns: asyncio.Queue[Turn] = asyncio.Queue(MAX_TURNS_WAITING)
        self._turn: Turn | None = None  # that the bot is answering; None while it speaks of its own accord
        self._payloads: dict[str, None] = {}  # of the buttons that the bot has shown, oldest first
        self._messages = 0
        self._leaving = False
        self.shows_inside = False  # to the client: what the bot makes of each turn
        self.over = asyncio.Event()  # the bot has ended the conversation, and everything is spoken

    @property
    def busy(self) -> bool:
        """Whether somebody waits for the bot."""
        return self._turn is not None or not self._turns.empty()

    async def put(self, turn: Turn, *, overtakes: bool) -> None:
        """Take a turn; one that overtakes leaves the rest of the present answer unspoken."""
        if overtakes and self._turn is not None:
            self._turn.overtaken = True
        await self._turns.put(turn)

    async def run(self) -> None:
        """Have turns answered until canceled."""
        while True:
            self._turn = turn = await self._turns.get()
            filler = asyncio.ensure_future(self._bridge_wait(turn))
            try:
                await self._conversation.take_turn(turn.words, turn.timer, lambda _, content: self.say(content))
            except ConvaiError as error:
                # Nobody waits for an answer to the call's own beginning, and some of an answer is one.
                aloud = turn.timer is not None and not isinstance(error, PartialAnswer)
                await self.complain(error, aloud=aloud)
            finally:
                filler.cancel()
            if turn.timer is not None:
                turn.timer.bot_answered()
            self._turn = None
            seen = await self._host.bot.inspect(self._conversation.sender_id) if self.shows_inside else None
            if seen is not None:
                await self._emit(m.Inspect(**seen))
            self.announce_end(turn.timer)
            if self._leaving:
                self._speaker.then(self._finish)

    async def say(self, content: Content) -> None:
        """Take one message of the bot: show it now, and speak its text in order."""
        directions = read_directions(content)
        fields = {key: content[key] for key in ("buttons", "image", "custom") if key in content}
        text = str(content.get("text") or "")
        message = m.BotMessage(id=self._next_id(), text=plain_text(text) or None, **fields)
        self._remember_payloads(message.buttons or [])
        if self._turn is not None and self._turn.timer is not None:
            self._turn.timer.bot_answered()
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

    async def complain(self, error: ConvaiError, *, aloud: bool = True) -> None:
        """Tell the client what failed, and the person that something did."""
        logger.warning("A turn of session %s failed: %s", self._conversation.session_id, error)
        code = "bot_failed" if isinstance(error, BotError) else "recognition_failed"
        await self._emit(m.Error(code=code, message=str(error)))
        if aloud:
            await self.say({"text": self._host.bot.words_for(Occasion.TECHNICAL_PROBLEM)})

    def announce_end(self, timer: TurnTimer | None) -> None:
        """Tell the client that a turn is over, once all that was said to it is spoken."""
        if timer is not None:
            self._speaker.then(lambda: self._emit(m.TurnEnd(metrics=timer.metrics())))

    async def finish(self, farewell: str) -> None:
        """Say a last sentence, to its end; returns when it is played."""
        await self.say({"text": farewell, "metadata": {"voice": {"allow_interruptions": False}}})
        self._speaker.then(self._finish)
        await self.over.wait()

    def offered(self, payload: str) -> bool:
        """Whether a button that the bot has shown sends this."""
        return payload in self._payloads

    async def _bridge_wait(self, turn: Turn) -> None:
        """Say that it takes a while, once, if the bot has said nothing for long; that is no part of what it says."""
        wait_ms = self._host.options.call.filler_after_ms
        if not wait_ms or turn.timer is None:
            return
        await asyncio.sleep(wait_ms / 1000)
        words = self._host.bot.words_for(Occasion.LONG_WAIT)
        if words and not turn.timer.answered and not turn.overtaken:
            message = m.BotMessage(id=self._next_id(), text=plain_text(words))
            await self._emit(message)
            self._speaker.say(Reply(message.id, plain_text(words), words, language=self._conversation.reply_language))

    def _remember_payloads(self, buttons: Iterable[Mapping[str, Any]]) -> None:
        for button in buttons:
            self._payloads[str(button.get("payload"))] = None
        for oldest in list(self._payloads)[:-MOST_PAYLOADS]:
            del self._payloads[oldest]

    def _as_reply(self, message: m.BotMessage, text: str, directions: VoiceDirections) -> Reply:
        if len(text) > MOST_SPOKEN:
            logger.warning("Only the first %d characters of a message of %d are spoken.", MOST_SPOKEN, len(text))
            text = text[:MOST_SPOKEN].rpartition(" ")[0] or text[:MOST_SPOKEN]
        language = directions.language or self._conversation.reply_language or self._host.engines.language
        if self._host.options.tts.say_buttons and message.buttons:
            text = with_buttons(text, [str(button.get("title", "")) for button in message.buttons], language)
        return Reply(
            message.id,
            message.text or "",
            text,
            timer=self._turn.timer if self._turn else None,
            interruptible=directions.allow_interruptions and self._host.options.interruption.enabled,
            language=language,
        )

    def _speak(self, reply: Reply) -> None:
        if self._turn is not None and self._turn.overtaken:
            self._conversation.not_heard(Interruption("", reply.text))
            return
        self._conversation.said(reply)
        self._speaker.say(reply)

    def _leave(self, farewell: m.Hangup | m.Transfer) -> None:
        """End the conversation, after everything that this turn still has to say."""
        self._leaving = True
        self._speaker.then(lambda: self._emit(farewell))
        if self._turn is None:
            self._speaker.then(self._finish)

    async def _finish(self) -> None:
        await self._speaker.playback.finished()
        self.over.set()

    def _next_id(self) -> str:
        self._messages += 1
        return f"{self._conversation.session_id[:8]}-{self._messages}"
