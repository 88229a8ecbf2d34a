"""What the channel asks of a bot, whatever the bot is made with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Awaitable, Callable, Dict, Mapping, Optional, Protocol, Tuple


@dataclass(frozen=True)
class Fit:
    """How well some words fit into the bot's world; see ``nlu/vocabulary``, which tells it in each parse.

    Attributes:
        log_probability: natural logarithm of the probability that the bot's sentences give the words.
        values: natural logarithm of how much their values agree with known ones, 0 where they are the same.
        unknown: how many of the words are none of the bot's.
        answers: whether they answer what a form has asked for.
    """

    log_probability: float
    values: float
    unknown: int
    answers: bool = False


@dataclass(frozen=True)
class Understanding:
    """What the bot makes of some words, without having acted on them.

    Attributes:
        intent: the most likely one; None if there is none.
        confidence: of the intent, in [0, 1].
        parse: the bot's own result, to be handed back with the words so that they need not be understood twice.
        fit: how well the words fit into the bot's world; None where the bot does not tell.
        meant: the answer to the bot's question that was understood in place of the words, which sound like it.
    """

    intent: Optional[str]
    confidence: float
    parse: Any = None
    fit: Optional[Fit] = None
    meant: Optional[str] = None


@dataclass(frozen=True)
class Expectation:
    """What the bot waits for.

    Attributes:
        slot: the slot that a form has asked for; None when no form is active.
        free_text: whether the slot takes any words as they are.
        spoken: which kind of value it is, if it is one that people spell or say digit by digit; see ``capture.KINDS``.
        asked: what answers a closed question: names of ``entities`` and ``intents``, and ``values`` by themselves;
            empty where any words may.
    """

    slot: Optional[str] = None
    free_text: bool = False
    spoken: Optional[str] = None
    asked: Mapping[str, Tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class UserTurn:
    """What one person said or typed.

    Attributes:
        text: the words, or an intent such as ``/dtmf{"digits": "42"}``.
        metadata: goes with the message to the bot.
        understanding: of exactly these words, if the bot was asked before.
    """

    text: str
    metadata: Dict[str, Any] = field(default_factory=dict)
    understanding: Optional[Understanding] = None


Content = Mapping[str, Any]
"""One message of the bot: any of ``text``, ``buttons``, ``image``, ``custom``, ``metadata``."""

Deliver = Callable[[str, Content], Awaitable[None]]
"""Takes one message of the bot for a recipient."""

PromptFor = Callable[[str], Optional[str]]
"""Words the person is likely to say, given the bot's last question."""


class Bot(Protocol):
    """A bot that many people talk to."""

    async def answer(self, sender_id: str, turn: UserTurn, deliver: Deliver) -> None:
        """Answer a turn; the bot's messages go to ``deliver`` as they come. Returns when the bot is done.

        Raises:
            BotError: the bot failed.
        """

    async def understand(self, sender_id: str, turn: UserTurn) -> Optional[Understanding]:
        """Judge words without acting on them: the conversation stays as it was. None: no telling.

        Raises:
            BotError: the bot failed.
        """

    async def inspect(self, sender_id: str) -> Optional[Dict[str, Any]]:
        """Return the keys of ``Inspect`` for the last turn; None: there is nothing to see."""

    def expectation(self, sender_id: str) -> Expectation:
        """What the bot waits for since its last answer."""

    async def goes_on(self, sender_id: str) -> bool:
        """Whether a conversation with this caller is on record and has not come to its end.

        Whoever held it may have died in the middle of a turn: it can be continued here from now on.
        """

    def forget(self, sender_id: str) -> None:
        """Nobody will continue this conversation: what is in memory of it alone may go."""

    def knows_intent(self, name: str) -> bool:
        """Whether the bot was made to react to an intent."""

    def please_wait(self) -> Optional[str]:
        """Return words that bridge a long wait, if the bot has any."""

    def technical_problem(self) -> str:
        """Return what a caller hears when a turn has failed."""

    def goodbye(self) -> str:
        """Return what a caller hears when the server stops."""

    def cut_off(self) -> str:
        """Return what a caller hears whose call goes on here, after the server that had begun it died."""


Answer = Callable[[str, UserTurn, Deliver], Awaitable[None]]
"""``Bot.answer`` alone."""
