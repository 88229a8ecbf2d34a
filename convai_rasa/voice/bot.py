"""What the channel asks of a bot, whatever the bot is made with."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Awaitable, Callable, Dict, Mapping, Optional, Protocol, Tuple


@dataclass(frozen=True)
class Fit:
    """How well some words fit into the bot's world; see ``nlu/vocabulary``, which tells it in each parse."""

    log_probability: float  # natural logarithm of the probability that the bot's sentences give the words
    values: float  # natural logarithm of how much their values agree with known ones, 0 where they are the same
    answers: bool = False  # they answer what a form has asked for


@dataclass(frozen=True)
class Understanding:
    """What the bot makes of some words, without having acted on them."""

    intent: Optional[str]  # the most likely one; None if there is none
    confidence: float  # of the intent, in [0, 1]
    parse: Any = None  # the bot's own result, handed back with the words so that they need not be understood twice
    fit: Optional[Fit] = None  # into the bot's world; None where the bot does not tell
    meant: Optional[str] = None  # the answer to the bot's question that they sound like, understood in their place


@dataclass(frozen=True)
class Expectation:
    """What the bot waits for."""

    slot: Optional[str] = None  # that a form has asked for; None when no form is active
    free_text: bool = False  # the slot takes any words as they are
    spoken: Optional[str] = None  # its kind, if it is a value that people spell or say digit by digit; capture.KINDS
    # What answers a closed question: names of entities and intents, and values by themselves; empty: any words may.
    asked: Mapping[str, Tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class UserTurn:
    """What one person said or typed."""

    text: str  # the words, or an intent such as /dtmf{"digits": "42"}
    metadata: Dict[str, Any] = field(default_factory=dict)  # goes with the message to the bot
    understanding: Optional[Understanding] = None  # of exactly these words, if the bot was asked before


class Occasion(Enum):
    """When a caller hears what is no answer of the bot, and the response in which a domain may have words for it."""

    LONG_WAIT = "utter_please_wait"
    TECHNICAL_PROBLEM = "utter_technical_problem"
    SERVER_STOPS = "utter_server_stops"
    CUT_OFF = "utter_cut_off"  # the call goes on here, after the server that had begun it died


Content = Mapping[str, Any]
"""One message of the bot: any of ``text``, ``buttons``, ``image``, ``custom``, ``metadata``."""

Deliver = Callable[[str, Content], Awaitable[None]]
"""Takes one message of the bot for a recipient."""

PromptFor = Callable[[str], Optional[str]]
"""Words the person is likely to say, given the bot's last question."""


class Bot(Protocol):
    """A bot that many people talk to."""

    async def answer(self, sender_id: str, turn: UserTurn, deliver: Deliver) -> None:
        """Answer a turn: the bot's messages go to ``deliver`` as they come; raises ``BotError`` where the bot fails."""

    async def understand(self, sender_id: str, turn: UserTurn) -> Optional[Understanding]:
        """Judge words without acting on them; None: no telling. Raises ``BotError`` where the bot fails."""

    async def inspect(self, sender_id: str) -> Optional[Dict[str, Any]]:
        """Return the keys of ``Inspect`` for the last turn; None: there is nothing to see."""

    def expectation(self, sender_id: str) -> Expectation:
        """What the bot waits for since its last answer."""

    async def goes_on(self, sender_id: str) -> bool:
        """Whether a conversation with this caller is on record and not at its end: from now on it goes on here."""

    def forget(self, sender_id: str) -> None:
        """Nobody will continue this conversation: what is in memory of it alone may go."""

    def knows_intent(self, name: str) -> bool:
        """Whether the bot was made to react to an intent."""

    def words_for(self, occasion: Occasion) -> str:
        """Return what a caller hears on an occasion; only of a long wait the bot may have nothing to say."""
