"""What is known about one conversation: who talks, in which language, what was said and what was heard of it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, replace
from typing import Any, Dict, List, Optional, Union

from convai_rasa.asr import Transcript
from convai_rasa.voice.bot import Bot, Deliver, Expectation, PromptFor, Understanding, UserTurn
from convai_rasa.voice.mouth import Interruption, Reply
from convai_rasa.voice.watch import TurnTimer
from convai_rasa.voice.wire import messages as m

SESSION_START = "/session_start"


@dataclass(frozen=True)
class Words:
    """What a person said or typed."""

    text: str  # the words, or an intent such as /silence{"count": "1"}
    transcript: Optional[Transcript] = None  # how they were recognized, if they were spoken
    understanding: Optional[Understanding] = None  # of the bot, if it was asked
    first: Optional[str] = None  # what was heard first, if another reading was taken for what was meant
    readings_s: float = 0.0  # seconds that were spent on other readings


@dataclass(frozen=True)
class Utterance:
    """Something a person said to its end; ``timer`` is None when nobody waits for an answer."""

    words: Union[Words, asyncio.Task[Words]]  # known, or being recognized
    timer: Optional[TurnTimer]


class Conversation:
    """One conversation with the bot."""

    def __init__(self, ready: m.Ready, start: m.Start, bot: Bot, prompt_for: PromptFor) -> None:
        self.session_id = ready.session_id
        self.sender_id = ready.sender_id
        self._start = start
        self._bot, self._prompt_for = bot, prompt_for
        self.language = start.language  # that callers asked to be heard in, ``auto`` or None
        self.question = ""  # what the bot said last
        self._heard_language: Optional[str] = None
        self._said: List[Reply] = []
        self.said_before: List[Reply] = []  # by the bot, before the present turn
        self._interrupted: Optional[Interruption] = None

    @property
    def prompt(self) -> Optional[str]:
        """Words the person is likely to say next."""
        return self._prompt_for(self.question)

    @property
    def expectation(self) -> Expectation:
        """What the bot waits for."""
        return self._bot.expectation(self.sender_id)

    @property
    def reply_language(self) -> Optional[str]:
        """The language to answer in: the one last heard, or else the one asked for."""
        return self._heard_language or (None if self.language == "auto" else self.language)

    def heard(self, transcript: Transcript) -> None:
        """Note the language that was spoken."""
        if transcript.text and transcript.language:
            self._heard_language = transcript.language

    def said(self, reply: Reply) -> None:
        """Note a reply of the present turn."""
        self._said.append(reply)

    def not_heard(self, interruption: Optional[Interruption]) -> None:
        """Note what was cut off, until the bot is told with the person's next words."""
        if interruption is None:
            return
        before = self._interrupted or Interruption("", "")
        self._interrupted = Interruption(
            " ".join(filter(None, (before.heard, interruption.heard))),
            " ".join(filter(None, (before.unheard, interruption.unheard))),
        )

    async def understand(self, words: Words) -> Words:
        """Ask the bot what it makes of spoken words, without acting on them; raises ``BotError`` where it fails."""
        if not words.text:
            return words
        turn = UserTurn(words.text, self._metadata(words, None))
        return replace(words, understanding=await self._bot.understand(self.sender_id, turn))

    async def take_turn(self, words: Words, timer: Optional[TurnTimer], deliver: Deliver) -> None:
        """Give words to the bot; returns when it is done, and raises ``BotError`` where it fails."""
        if self._said:
            self.said_before, self._said = self._said, []
        metadata = self._metadata(words, timer)
        if self._interrupted is not None:
            metadata["voice"]["interrupted"] = asdict(self._interrupted)
            self._interrupted = None
        await self._bot.answer(self.sender_id, UserTurn(words.text, metadata, words.understanding), deliver)

    def _metadata(self, words: Words, timer: Optional[TurnTimer]) -> Dict[str, Any]:
        about: Dict[str, Any] = {"call_id": self.session_id, "caller": self.sender_id}
        if words.transcript is not None:
            about.update(confidence=round(words.transcript.confidence, 3), language=words.transcript.language)
            if words.first is not None:
                about["heard_first"] = words.first
        elif self.reply_language:
            about["language"] = self.reply_language
        if timer is not None:
            about["latency"] = timer.metrics().dict(include={"endpoint", "asr"}, exclude_none=True)
        if words.text == SESSION_START:
            about["greet"] = self._start.greet
        return {**self._start.metadata, "voice": about}
