"""One conversation between whatever hears and plays on this machine, and a bot."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any, AsyncIterator, Callable, Protocol

import numpy as np
from websockets.exceptions import ConnectionClosed

from convai_rasa.terminal.player import Player
from convai_rasa.voice.wire import VoiceClient, messages as m

REPORT_EVERY = 5  # pieces of sound; the server hears ten times a second how much was played
QUIET_S = 0.7  # without a sign of the bot: it is not about to say anything
NOTICE_S = 15.0  # the server notices within this that somebody spoke, and in which words, however busy it is


class Sounds(Protocol):
    """What is heard. Whoever yields it also pulls from the player what is played meanwhile."""

    def heard(self, conversation: Conversation) -> AsyncIterator[bytes]:
        """Yield PCM16 mono sound at the player's rate, in small pieces, until the person has left."""


class Conversation:
    """Hands sound to and fro between a bot and a player, and shows the words, one line at a time."""

    def __init__(self, client: VoiceClient, player: Player, show: Callable[[str], None]) -> None:
        self._client = client
        self._player = player
        self._show = show
        self._speaking = False
        self._unanswered = 0  # utterances
        self._spoke_at = -NOTICE_S
        self._last_event = time.monotonic()

    async def hold(self, sounds: Sounds) -> None:
        """Talk until the person has left or the bot has ended the conversation."""
        tasks = (asyncio.ensure_future(self._speak(sounds)), asyncio.ensure_future(self._listen()))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def settled(self) -> bool:
        """Whether nobody is speaking or about to answer, and all has been played."""
        now = time.monotonic()
        unnoticed = self._last_event <= self._spoke_at and now - self._spoke_at < NOTICE_S
        quiet = now - self._last_event > QUIET_S and not unnoticed
        return quiet and not self._speaking and not self._unanswered and not self._player.waiting

    async def end_turn(self) -> None:
        """Tell the bot that the person has finished."""
        self._spoke_at = time.monotonic()
        await self._client.send(m.Stop())

    async def report(self) -> None:
        """Tell the bot how much of its replies has been played."""
        for reply_id, played_ms in self._player.reports():
            await self._client.send(m.PlaybackReport(id=reply_id, played_ms=played_ms))

    async def _speak(self, sounds: Sounds) -> None:
        with contextlib.suppress(ConnectionClosed):  # whoever listens hears of it, too, and knows why
            number = 0
            async for piece in sounds.heard(self):
                await self._client.send_sound(piece)
                number += 1
                if number % REPORT_EVERY == 0:
                    await self.report()
            return
        await asyncio.Event().wait()

    async def _listen(self) -> None:
        async for event in self._client.events():
            self._last_event = time.monotonic()
            self._take(event)

    def _take(self, event: Any) -> None:
        if isinstance(event, bytes):
            self._player.add(np.frombuffer(event, "<i2"))
        elif isinstance(event, m.AudioStart):
            self._player.start(event.id, event.from_ms)
        elif isinstance(event, m.Interrupted):
            self._player.drop(event.id)
        elif isinstance(event, m.SpeechStarted):
            self._speaking = True
        elif isinstance(event, m.SpeechStopped):  # words follow, unless it was a cough
            self._speaking, self._spoke_at = False, time.monotonic()
        elif isinstance(event, m.TranscriptFinal):
            self._unanswered += 1
        elif isinstance(event, m.TurnEnd):
            self._unanswered = max(0, self._unanswered - 1)
        for line in lines(event):
            self._show(line)


def lines(event: Any) -> list[str]:
    """Return what a message says to somebody who reads along."""
    if isinstance(event, m.TranscriptFinal):
        return [f"you: {event.text}"] if event.text else []
    if isinstance(event, m.BotMessage):
        shown = [f"bot: {event.text}"] if event.text else []
        shown += [f"bot: [{button.get('title', '')}]" for button in event.buttons or []]
        return [*shown, f"bot: {event.image}"] if event.image else shown
    if isinstance(event, m.Error):
        return [f"bot: ({event.message})"]
    if isinstance(event, m.Hangup):
        return ["bot: (hangs up)"]
    if isinstance(event, m.Transfer):
        return [f"bot: (puts you through to {event.to})"]
    return []
