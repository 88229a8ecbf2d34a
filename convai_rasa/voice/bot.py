"""What the channel asks of a bot, whatever the bot is made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Dict, Mapping, Optional


@dataclass(frozen=True)
class UserTurn:
    """What one person said or typed.

    Attributes:
        text: the words, or an intent such as ``/dtmf{"digits": "42"}``.
        metadata: goes with the message to the bot.
    """

    text: str
    metadata: Dict[str, Any]


Content = Mapping[str, Any]
"""One message of the bot: any of ``text``, ``buttons``, ``image``, ``custom``."""

Deliver = Callable[[str, Content], Awaitable[None]]
"""Takes one message of the bot for a recipient."""

Answer = Callable[[str, UserTurn, Deliver], Awaitable[None]]
"""Gives a sender's turn to the bot and returns when the bot is done; its messages go to ``Deliver`` as they come.

Raises BotError when the bot fails."""

PromptFor = Callable[[str], Optional[str]]
"""Words the person is likely to say, given the bot's last question."""
