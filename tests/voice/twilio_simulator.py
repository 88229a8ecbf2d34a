"""Twilio as it documents itself: asks how to answer a call, streams it in real time, plays what comes, and asks again.

https://www.twilio.com/docs/voice/media-streams/websocket-messages
https://www.twilio.com/docs/voice/twiml/stream
https://www.twilio.com/docs/usage/security
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import time
import uuid
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Optional, Tuple, Union
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

import aiohttp
from twilio.request_validator import RequestValidator
from websockets.client import WebSocketClientProtocol, connect
from websockets.exceptions import ConnectionClosed

PACKET_S, PACKET_BYTES = 0.02, 160
SILENCE = b"\xff" * PACKET_BYTES
QUIET_BYTES = 24_000  # 3 s: between two sentences a busy machine pauses, too
FORM = "application/x-www-form-urlencoded"


class Tunnel:
    """The public https address of a server on this machine, and Twilio's signature on what goes through.

    Args:
        local: the server, for example ``http://127.0.0.1:5005``.
        secret: the account's auth token.
        host: what the address would be in the world; the server reads it from the request.
    """

    def __init__(self, local: str, secret: str, host: str = "bot.example.com") -> None:
        self._local, self._secret, self.host = local, secret, host

    async def post(self, url: str, form: Dict[str, str], secret: Optional[str] = None) -> Tuple[int, str]:
        headers = {
            "Host": self.host,
            "Content-Type": FORM,
            "X-Twilio-Signature": RequestValidator(secret or self._secret).compute_signature(url, form),
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(self._inside(url), data=urlencode(form), headers=headers) as reply,
        ):
            return reply.status, await reply.text()

    async def open(self, url: str, *, signed: bool = True) -> WebSocketClientProtocol:
        """Open a stream."""
        signature = {"X-Twilio-Signature": RequestValidator(self._secret).compute_signature(url, {})}
        local = urlsplit(self._inside(url))
        return await connect(
            f"ws://{self.host}{local.path}",
            host=local.hostname,
            port=local.port,
            extra_headers=signature if signed else {},
        )

    def _inside(self, url: str) -> str:
        scheme, _, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        assert scheme in ("https", "wss"), f"Twilio refuses {url}: it is not encrypted"
        assert host == self.host, f"{url} is not where Twilio was sent"
        return self._local + slash + path


class SimulatedCall:
    """One call; use as an async context manager, then ``await call.hang_up()`` or ``await call.finished()``.

    Args:
        tunnel: the way to the bot.
        answer_url: the webhook of the number that is called.

    Attributes:
        sid: its name.
        frames: what the bot sent, with when it came, monotonic s.
        played: the sound the caller has heard, μ-law at 8 kHz; silence where there was none.
    """

    def __init__(self, tunnel: Tunnel, answer_url: str, caller: str = "+441632960001") -> None:
        self._tunnel, self._answer_url = tunnel, answer_url
        self.sid, self._stream = f"CA{uuid.uuid4().hex}", f"MZ{uuid.uuid4().hex}"
        self._form = {
            "CallSid": self.sid,
            "AccountSid": "AC" + "0" * 32,
            "From": caller,
            "To": "+441632960002",
            "Direction": "inbound",
            "CallStatus": "ringing",
            "CallerCity": "",
        }
        self.frames: List[Tuple[float, Dict[str, Any]]] = []
        self.played = bytearray()
        self._microphone: Deque[bytes] = deque()
        self._buffer: Deque[Union[bytes, str]] = deque()  # packets to be played, and marks between them
        self._sequence = self._chunk = 0
        self._after: Optional[str] = None

    async def __aenter__(self) -> SimulatedCall:
        (connection,) = (await self._ask(self._answer_url)).iterfind("Connect")
        (stream,) = connection.iterfind("Stream")
        self._after = connection.attrib["action"]
        parameters = {p.attrib["name"]: p.attrib["value"] for p in stream.iterfind("Parameter")}
        self._socket = await self._tunnel.open(stream.attrib["url"])
        await self._socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        await self._send(
            "start",
            start={
                "streamSid": self._stream,
                "accountSid": self._form["AccountSid"],
                "callSid": self.sid,
                "tracks": ["inbound"],
                "customParameters": parameters,
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            },
        )
        self._jobs = [asyncio.ensure_future(self._read()), asyncio.ensure_future(self._line())]
        return self

    async def __aexit__(self, *_: object) -> None:
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        await self._socket.close()

    def say(self, sound: bytes) -> None:
        """Speak: μ-law at 8 kHz; goes out in real time."""
        whole = -(-len(sound) // PACKET_BYTES) * PACKET_BYTES
        sound = sound.ljust(whole, b"\xff")
        self._microphone.extend(sound[i : i + PACKET_BYTES] for i in range(0, whole, PACKET_BYTES))

    @property
    def speaking(self) -> bool:
        """Whether the caller has not said everything yet."""
        return bool(self._microphone)

    async def press(self, digit: str) -> None:
        """Press a key."""
        await self._send("dtmf", dtmf={"track": "inbound_track", "digit": digit})

    async def hang_up(self) -> None:
        """The caller ends the call."""
        await self._send("stop", stop={"accountSid": self._form["AccountSid"], "callSid": self.sid})
        await self._socket.close()

    async def finished(self, timeout_s: float = 30.0) -> ElementTree.Element:
        """Wait until the bot closes the stream, and return what Twilio is told to do then."""
        await asyncio.wait_for(asyncio.shield(self._jobs[0]), timeout_s)
        assert self._after is not None
        return await self._ask(self._after)

    def events(self, name: str) -> List[Dict[str, Any]]:
        """Return the frames of one kind that the bot sent."""
        return [frame for _, frame in self.frames if frame["event"] == name]

    async def until(self, true: Callable[[], Any], timeout_s: float = 30.0) -> None:
        """Wait for something to happen on the call."""
        give_up_at = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < give_up_at, f"after {timeout_s:g} s it had not happened"
            await asyncio.sleep(PACKET_S)

    async def heard(self, *, after: int = 0, timeout_s: float = 30.0) -> bytes:
        """Wait until the bot has spoken and then been silent for long; return what was played since a sample."""
        await self.until(lambda: bytes(self.played[after:]).strip(b"\xff"), timeout_s)
        quiet = b"\xff" * QUIET_BYTES
        await self.until(lambda: not self._buffer and self.played.endswith(quiet), timeout_s)
        return bytes(self.played[after:])

    async def _ask(self, url: str) -> ElementTree.Element:
        status, text = await self._tunnel.post(url, self._form)
        assert status == 200, text
        return ElementTree.fromstring(text)

    async def _send(self, event: str, **content: Any) -> None:
        self._sequence += 1
        frame = {"event": event, "sequenceNumber": str(self._sequence), "streamSid": self._stream, **content}
        await self._socket.send(json.dumps(frame))

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                frame = json.loads(await self._socket.recv())
                self.frames.append((time.monotonic(), frame))
                assert frame["streamSid"] == self._stream, frame
                await self._take(frame)

    async def _take(self, frame: Dict[str, Any]) -> None:
        event = frame["event"]
        if event == "media":
            sound = base64.b64decode(frame["media"]["payload"], validate=True)
            self._buffer.extend(sound[i : i + PACKET_BYTES] for i in range(0, len(sound), PACKET_BYTES))
        elif event == "mark":
            self._buffer.append(frame["mark"]["name"])
        elif event == "clear":
            marks = [item for item in self._buffer if isinstance(item, str)]
            self._buffer.clear()
            for name in marks:
                await self._send("mark", mark={"name": name})
        else:
            raise AssertionError(f"Twilio knows no event {event!r}")

    async def _line(self) -> None:
        """Every 20 ms: hear a packet, and say one."""
        began = time.monotonic()
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(began + self._chunk * PACKET_S - time.monotonic())
                await self._play_packet()
                payload = self._microphone.popleft() if self._microphone else SILENCE
                self._chunk += 1
                await self._send(
                    "media",
                    media={
                        "track": "inbound",
                        "chunk": str(self._chunk),
                        "timestamp": str(self._chunk * 20),
                        "payload": base64.b64encode(payload).decode("ascii"),
                    },
                )

    async def _play_packet(self) -> None:
        packet: Optional[bytes] = None
        while self._buffer and (isinstance(self._buffer[0], str) or packet is None):
            item = self._buffer.popleft()
            if isinstance(item, str):
                await self._send("mark", mark={"name": item})
            else:
                packet = item
        self.played += packet or SILENCE
