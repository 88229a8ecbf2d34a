"""Talks to a running bot from Python: the native protocol, seen from the other side."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from dataclasses import dataclass, field
from typing import Any, AsyncIterator, Awaitable, Callable, Dict, List, Optional, Union
from urllib.parse import urlencode, urlsplit, urlunsplit

import numpy as np
from websockets.client import WebSocketClientProtocol, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK, InvalidHandshake

from convai_rasa.errors import ConvaiError, ProtocolError
from convai_rasa.voice.wire import messages as m, native

CHUNK_MS = 20  # what browsers and telephones send at a time
TURN_TIMEOUT_S = 120.0
AFTER_THE_LAST_WORD_S = 5.0


@dataclass
class BotTurn:
    """What came back for one question."""

    transcript: Optional[str] = None  # what was understood; None if the question was typed
    confidence: float = 0.0  # of the transcript, in [0, 1]
    messages: List[m.BotMessage] = field(default_factory=list)  # of the bot, in order
    audio: Dict[str, np.ndarray] = field(default_factory=dict)  # by message id, int16 (n,) at VoiceClient.sample_rate
    metrics: Optional[m.TurnMetrics] = None  # as the server measured them
    errors: List[m.Error] = field(default_factory=list)  # what the server complained about
    farewell: Union[m.Hangup, m.Transfer, None] = None  # how the bot ended the conversation, if it did
    arrived: Dict[str, float] = field(default_factory=dict)  # first of each type, monotonic s; audio: the first sound

    @property
    def text(self) -> str:
        """All the bot said, joined."""
        return " ".join(message.text for message in self.messages if message.text)

    @property
    def sound(self) -> np.ndarray:
        """All the bot said aloud, int16 of shape (n,)."""
        return np.concatenate([np.zeros(0, np.int16), *self.audio.values()])


class VoiceClient:
    """One conversation; use as an async context manager.

    Args:
        url: where the channel is, for example ``http://127.0.0.1:5005/webhooks/voice/``.
        start: what to ask of the server.
        replica: of several servers behind a load balancer, the one that holds the conversation to go on with.

    Attributes:
        ready: how the server opened the conversation.

    Raises:
        ConvaiError: the server cannot be reached, or refuses.
    """

    ready: m.Ready

    def __init__(self, url: str, start: Optional[m.Start] = None, *, replica: Optional[str] = None) -> None:
        parts = urlsplit(url)
        scheme = "wss" if parts.scheme in ("https", "wss") else "ws"
        query = urlencode({"replica": replica}) if replica else ""
        self._url = urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + "/stream", query, ""))
        self._start = start or m.Start()
        self.sample_rate = self._start.output_sample_rate
        self._chunk_bytes = 2 * (self._start.sample_rate * CHUNK_MS // 1000)
        self.sender_id = ""

    async def __aenter__(self) -> VoiceClient:
        try:
            self._socket: WebSocketClientProtocol = await connect(self._url, max_size=None)
        except (OSError, asyncio.TimeoutError, InvalidHandshake) as error:
            raise ConvaiError(f"No bot answers at {self._url} ({error}); is it running? Try: make talk") from error
        with contextlib.suppress(ConnectionClosed):  # a server that refuses may have closed already; it says why below
            await self._socket.send(native.encode(self._start))
        ready = await self.receive(TURN_TIMEOUT_S)
        if not isinstance(ready, m.Ready):
            reason = ready.message if isinstance(ready, m.Error) else repr(ready)
            raise ConvaiError(f"The bot refused the conversation: {reason}")
        self.ready = ready
        self.sender_id = ready.sender_id
        return self

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(ConnectionClosed):  # the bot may have hung up
            await self.send(m.Bye())
        await self._socket.close()

    async def type(self, text: str) -> BotTurn:
        """Send a text and return the bot's turn."""
        await self.send(m.Text(text=text))
        return await self.turn()

    async def say(self, pcm: np.ndarray, *, real_time: bool = False) -> BotTurn:
        """Speak, and return the bot's turn.

        Args:
            pcm: int16 of shape (n,) at ``start.sample_rate``.
            real_time: send as a microphone would, silence after the last word included, and leave it to the
                server to notice the end; otherwise as fast as the socket takes it, ending with ``stop``.
        """
        if real_time:
            speaking = asyncio.ensure_future(self._stream_like_a_microphone(pcm))
            try:
                return await self._first_turn_with_words(len(pcm) / self._start.sample_rate + AFTER_THE_LAST_WORD_S)
            finally:
                speaking.cancel()
        for chunk in self._chunks(pcm):
            await self._socket.send(chunk)
        await self.send(m.Stop())
        return await self.turn()

    async def send_sound(self, pcm: bytes) -> None:
        """Send PCM16 bytes at ``start.sample_rate``, cut anywhere."""
        await self._socket.send(pcm)

    async def send(self, message: m.ClientMessage) -> None:
        """Send any message of the protocol."""
        await self._socket.send(native.encode(message))

    async def turn(self, on_event: Optional[Callable[[Any], Awaitable[None]]] = None) -> BotTurn:
        """Collect what the server sends until the bot has said all it had to say."""
        turn, current = BotTurn(), ""
        sound: Dict[str, List[bytes]] = {}
        while True:
            event = await self.receive(TURN_TIMEOUT_S)
            if on_event is not None:
                await on_event(event)
            turn.arrived.setdefault("audio" if isinstance(event, bytes) else event.type, time.monotonic())
            if isinstance(event, bytes):
                sound[current].append(event)
            elif isinstance(event, m.TranscriptFinal):
                turn.transcript, turn.confidence = event.text, event.confidence
            elif isinstance(event, m.BotMessage):
                turn.messages.append(event)
            elif isinstance(event, m.AudioStart):
                current = event.id
                played = 2 * int(event.from_ms * self.sample_rate / 1000)
                sound[current] = [b"".join(sound.get(current, []))[:played]]
            elif isinstance(event, m.Error):
                turn.errors.append(event)
                if event.code == "forbidden_payload":  # it was not taken, so no turn will end
                    return turn
            elif isinstance(event, (m.Hangup, m.Transfer)):
                turn.farewell = event
            elif isinstance(event, m.TurnEnd):
                turn.metrics = event.metrics
                turn.audio = {key: np.frombuffer(b"".join(parts), "<i2") for key, parts in sound.items()}
                return turn

    async def events(self) -> AsyncIterator[Any]:
        """Yield every message and all sound (bytes) as they come, until the bot has ended the conversation.

        Raises:
            ProtocolError: the connection was lost.
        """
        while True:
            try:
                yield native.decode_server(await self._socket.recv())
            except ConnectionClosedOK:
                return
            except ConnectionClosed as error:
                raise ProtocolError("closed", f"The connection to the bot was lost ({error}).") from error

    async def _first_turn_with_words(self, seconds: float) -> BotTurn:
        """Pass over turns that turned out to be noise, as long as words may still come."""
        give_up_at = time.monotonic() + seconds
        turn = await self.turn()
        while turn.transcript == "" and time.monotonic() < give_up_at:
            try:
                turn = await asyncio.wait_for(self.turn(), give_up_at - time.monotonic())
            except asyncio.TimeoutError:
                break
        return turn

    async def _stream_like_a_microphone(self, pcm: np.ndarray) -> None:
        began = time.monotonic()
        chunks = itertools.chain(self._chunks(pcm), itertools.repeat(bytes(self._chunk_bytes)))
        for number, chunk in enumerate(chunks, start=1):
            await asyncio.sleep(began + number * CHUNK_MS / 1000 - time.monotonic())
            await self._socket.send(chunk)

    def _chunks(self, pcm: np.ndarray) -> List[bytes]:
        data = np.ascontiguousarray(pcm, "<i2").tobytes()
        return [data[i : i + self._chunk_bytes] for i in range(0, len(data), self._chunk_bytes)]

    async def receive(self, timeout_s: float = TURN_TIMEOUT_S) -> Any:
        """Return the next thing the server sends: a message, or the bytes of sound.

        Raises:
            ConvaiError: nothing came for ``timeout_s`` seconds, or the conversation was closed.
        """
        try:
            return native.decode_server(await asyncio.wait_for(self._socket.recv(), timeout_s))
        except asyncio.TimeoutError as error:
            raise ConvaiError(f"The bot sent nothing for {timeout_s:g} s; see its log.") from error
        except ConnectionClosed as error:
            raise ProtocolError("closed", f"The bot closed the conversation ({error}).") from error
