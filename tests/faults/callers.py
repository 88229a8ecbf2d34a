"""People who talk to the bot, and remember all that came back."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import Any

import numpy as np

from convai_rasa.voice.wire import messages as m
from convai_rasa.voice.wire.client import BotTurn, VoiceClient

TURN_S = 20.0
PARKING, PARKED = "do you have parking", "car park"
HOURS, OPEN = "what are your opening hours", "We are open"
HELLO, WELCOME = "hello", "How can I help you?"
APOLOGY = "something went wrong"
_numbers = itertools.count(1)


class Caller(VoiceClient):
    """One caller; use as an async context manager.

    Each has a pace of their own, so that what is said to them has not been said before and is not kept anywhere.

    Args:
        url: of the channel.
        session_id: of a conversation that was lost, to go on with it.
        name: of the caller; None: a new one.

    Attributes:
        received: every message, and the sound of each, in order.
        answered: what was said, and answered without an error.
        said: what was said at all.
    """

    def __init__(self, url: str, *, session_id: str | None = None, name: str | None = None) -> None:
        number = next(_numbers)
        self.name = name or f"caller-{number}"
        self.speed = 1 + number / 1_000
        super().__init__(url, m.Start(sender_id=self.name, session_id=session_id, speed=self.speed))
        self.received: list[Any] = []
        self.answered: list[str] = []
        self.said: list[str] = []
        self.session_id = ""
        self.resumed = False

    async def receive(self, timeout_s: float = TURN_S) -> Any:
        """Return the next thing the server sends."""
        item = await super().receive(timeout_s)
        if isinstance(item, m.Ready):
            self.session_id, self.resumed = item.session_id, item.resumed
        if isinstance(item, m.TranscriptFinal) and item.text:
            self.said.append(item.text)
        self.received.append(item)
        return item

    async def send(self, message: m.ClientMessage) -> None:
        """Send a message."""
        if isinstance(message, m.Text):
            self.said.append(message.text)
        await super().send(message)

    async def ask(self, text: str, timeout_s: float = TURN_S) -> BotTurn:
        """Type something, and return the bot's turn."""
        turn = await asyncio.wait_for(self.type(text), timeout_s)
        if not turn.errors:
            self.answered.append(text)
        return turn

    async def speak(self, pcm: np.ndarray) -> BotTurn:
        """Say something aloud, and return the bot's turn."""
        turn = await asyncio.wait_for(self.say(pcm), TURN_S)
        if turn.transcript and not turn.errors:
            self.answered.append(turn.transcript)
        return turn

    async def until_spoken_to(self, timeout_s: float = TURN_S) -> None:
        """Ask until the bot has a voice again."""
        give_up_at = time.monotonic() + timeout_s
        while (turn := await self.ask(PARKING)).errors:
            assert time.monotonic() < give_up_at, turn.errors
            await asyncio.sleep(0.3)

    def cut(self) -> None:
        """Lose the connection, as if the cable were cut."""
        self._socket.transport.abort()

    @property
    def close_code(self) -> int:
        """How the connection ended."""
        return int(self._socket.close_code or 0)

    def seconds(self, turn: BotTurn) -> float:
        """Return how long the sound of a turn is."""
        return len(turn.sound) / self.sample_rate
