"""People who go on talking whatever happens: who is cut off comes back, as a page does, and says it again."""

from __future__ import annotations

import asyncio
import logging
import random
import time

import numpy as np
from websockets.exceptions import ConnectionClosed

from convai_rasa.errors import ConvaiError
from convai_rasa.voice.wire import messages as m
from convai_rasa.voice.wire.client import BotTurn, VoiceClient

logger = logging.getLogger(__name__)

CONNECT_S = 60.0  # of a crowd, which is let in at a pace
TURN_S = 60.0
RETRY_S = 0.5
ALL_S = 90.0
MOST_APOLOGIES = 5
SPEAKERS = 3  # whose words the engines are asked for, one after the other; a typed turn costs Rasa as much
CUT_OFF = "we were cut off"


class Person:
    """Somebody with a name, and with one conversation over all their connections.

    Args:
        url: of the channel.
        name: the sender_id.

    Attributes:
        ready: how the present connection was opened.
        answered: what was said, and answered without an error.
        apologies: what was said, and answered with one.
        moved: how often the conversation went on with another server.
        lost: how often a connection ended that the person had not ended.
        told: how often they heard that they were cut off.
    """

    ready: m.Ready

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self.answered: list[str] = []
        self.apologies: list[str] = []
        self.moved = self.lost = self.told = 0
        self._url = url
        self._client: VoiceClient | None = None
        self._session_id: str | None = None
        self._replica: str | None = None

    async def connect(self) -> None:
        """Open the conversation, or go on with it."""
        give_up_at = time.monotonic() + CONNECT_S
        while True:
            start = m.Start(sender_id=self.name, session_id=self._session_id)
            client = VoiceClient(self._url, start, replica=self._replica)
            try:
                await client.__aenter__()
                break
            except ConvaiError:
                if time.monotonic() > give_up_at:
                    raise
                await asyncio.sleep(RETRY_S)
        if self._session_id is not None and not client.ready.resumed:
            self.moved += 1
            self.told += await _hears_that_they_were_cut_off(client)
        self._client, self.ready = client, client.ready
        self._session_id, self._replica = client.ready.session_id, client.ready.replica

    async def ask(self, text: str) -> BotTurn:
        """Type something until it is answered, and return the bot's turn."""
        return await self._turn(text, None)

    async def insist(self, text: str) -> BotTurn:
        """Type something again and again, as long as the bot apologizes."""
        for _ in range(MOST_APOLOGIES):
            turn = await self.ask(text)
            if not turn.errors:
                return turn
        raise AssertionError(f"{self.name} gets nothing but apologies: {turn}")

    async def speak(self, text: str, pcm: np.ndarray) -> BotTurn:
        """Say something aloud until it is answered; ``text`` is what is said."""
        return await self._turn(text, pcm)

    async def _turn(self, text: str, pcm: np.ndarray | None) -> BotTurn:
        resumed = False
        while True:
            assert self._client
            work = self._client.turn() if resumed else self._client.type(text) if pcm is None else self._client.say(pcm)
            try:
                turn = await asyncio.wait_for(work, TURN_S)
                break
            except (ConvaiError, ConnectionClosed):
                self.lost += 1
                await self.connect()
                resumed = self.ready.resumed and pcm is None  # what was typed had arrived
        self.told += turn.text.count(CUT_OFF)  # once is enough
        (self.apologies if turn.errors else self.answered).append(turn.transcript or text)
        return turn

    def cut(self) -> None:
        """Lose the connection, as if the cable were cut."""
        assert self._client
        self._client._socket.transport.abort()

    async def leave(self) -> None:
        """End the conversation."""
        if self._client:
            await self._client.__aexit__(None, None, None)


async def _hears_that_they_were_cut_off(client: VoiceClient) -> bool:
    """Listen to the first sentence after a server has died."""
    text, sound = "", b""
    while not isinstance(item := await client.receive(TURN_S), m.AudioEnd):
        text += (item.text or "") if isinstance(item, m.BotMessage) else ""
        sound += item if isinstance(item, bytes) else b""
    return CUT_OFF in text and len(sound) > client.sample_rate  # half a second


class Crowd:
    """People who ask the same few things again and again, each at a pace of their own; some of them aloud.

    Use as an async context manager: they talk until its end, and then finish their sentence.

    Args:
        url: of the channel.
        count: how many.
        pause_s: between an answer and the next question, from and to.
        spoken: a question and its sound, int16 at 16 kHz, which the first few say; the others type.
    """

    def __init__(self, url: str, count: int, pause_s: tuple[float, float], spoken: tuple[str, np.ndarray]) -> None:
        self.people = [Person(url, f"person-{number}") for number in range(count)]
        self._url = url
        self._pause_s = pause_s
        self._spoken = spoken
        self._talking: list[asyncio.Future[None]] = []
        self._enough = asyncio.Event()

    async def __aenter__(self) -> Crowd:
        await self._hear_everything_once()
        await asyncio.gather(*(person.connect() for person in self.people))
        self._talking = [asyncio.ensure_future(self._talk(number)) for number in range(len(self.people))]
        return self

    async def __aexit__(self, *error: object) -> None:
        self._enough.set()
        await asyncio.gather(*self._talking)
        turns, apologies = (sum(map(len, each)) for each in zip(*((p.answered, p.apologies) for p in self.people)))
        lost, moved = (sum(each) for each in zip(*((one.lost, one.moved) for one in self.people)))
        logger.info("%d turns answered, %d apologies, %d connections lost, %d moved", turns, apologies, lost, moved)
        await asyncio.gather(*(person.leave() for person in self.people))

    async def _hear_everything_once(self) -> None:
        """Let every server keep what it says, so that the engines are for the few who speak."""
        for number in range(2):  # HAProxy gives each the server with the fewest calls
            await self.people[number].connect()
            for text in QUESTIONS:
                await self.people[number].ask(text)
        for number in range(2):
            await self.people[number].leave()
            self.people[number] = Person(self._url, self.people[number].name)

    async def all_answered(self) -> None:
        """Return when everybody was answered once more from now on."""
        wanted = [len(person.answered) + 1 for person in self.people]
        give_up_at = time.monotonic() + ALL_S
        while late := [one.name for one, many in zip(self.people, wanted) if len(one.answered) < many]:
            assert time.monotonic() < give_up_at, f"{late} wait for an answer"
            for talking in self._talking:
                if talking.done():
                    talking.result()
            await asyncio.sleep(0.1)

    async def _talk(self, number: int) -> None:
        person, choose = self.people[number], random.Random(number)
        text, pcm = self._spoken
        while not self._enough.is_set():
            if number < SPEAKERS:
                await person.speak(text, pcm)
            else:
                await person.ask(choose.choice(QUESTIONS))
            try:
                await asyncio.wait_for(self._enough.wait(), choose.uniform(*self._pause_s))
            except asyncio.TimeoutError:
                continue


QUESTIONS = ("do you have parking", "what are your opening hours", "hello", "where are you")
