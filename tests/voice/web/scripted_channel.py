"""A voice channel without a bot: serves the page, and a test says what the server sends."""

from __future__ import annotations

import asyncio
import http
import json
import mimetypes
import threading
import time
from concurrent.futures import Future
from typing import Any

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.server import WebSocketServerProtocol, serve

from convai_rasa.voice.http.page import HEADERS, WEB

RATE = 22_050  # of the sound sent, Hz
TIMEOUT_S = 15.0
ROUNDING_MS = 2  # of what was heard before an interruption and after it


class ScriptedChannel:
    """Serves the page under ``url`` and takes its connections; use as a context manager.

    Attributes:
        url: where the channel is, ending in a slash.
        received: the messages of the client, oldest first, over all connections.
        ready: what `ready` says besides the ids of the conversation.
        answers: whether a connection is answered with `ready`.
        addresses: path and query of each connection, oldest first.
    """

    def __init__(self) -> None:
        self.url = ""
        self.received: list[dict[str, Any]] = []
        self.ready: dict[str, Any] = {
            "resumed": False, "resume_s": 30, "languages": ["en"], "suggestions": [], "inspect": True, "page": "1",
        }  # fmt: skip
        self.answers = True
        self.addresses: list[str] = []
        self._socket: WebSocketServerProtocol | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> ScriptedChannel:
        self._thread.start()
        self._server = self._run(self._listen())
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()
        self._run(self._server.wait_closed())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT_S)
        self._loop.close()

    def send(self, kind: str, **fields: Any) -> None:
        """Send a message to the page."""
        assert self._socket is not None, "no page is connected"
        self._run(self._socket.send(json.dumps({"type": kind, **fields})))

    def speak(self, reply_id: str, text: str, seconds: float, *, from_ms: float = 0, complete: bool = True) -> None:
        """Send the sound of a reply: a tone, from ``from_ms`` on."""
        self.send("audio.start", id=reply_id, text=text, sample_rate=RATE, from_ms=from_ms)
        assert self._socket is not None
        samples = np.arange(int(RATE * (seconds - from_ms / 1000)))
        for part in np.array_split((9000 * np.sin(samples / 8)).astype("<i2"), 4):
            self._run(self._socket.send(part.tobytes()))
        if complete:
            self.send("audio.end", id=reply_id)

    def say(self, reply_id: str, text: str, seconds: float, **fields: Any) -> None:
        """Send a message of the bot and its sound."""
        self.send("bot.message", id=reply_id, text=text, **fields)
        self.speak(reply_id, text, seconds)

    def close(self, code: int = 1000) -> None:
        """Close the page's connection."""
        assert self._socket is not None
        self._run(self._socket.close(code))

    def cut_wire(self) -> None:
        """Lose the page's connection, as a network does."""
        assert self._socket is not None
        self._loop.call_soon_threadsafe(self._socket.transport.abort)

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """Return the messages of one type received so far."""
        return [message for message in self.received if message["type"] == kind]

    def wait_for(self, kind: str, count: int = 1) -> dict[str, Any]:
        """Wait until so many messages of a type have come and return the last of them."""
        deadline = time.monotonic() + TIMEOUT_S
        while len(found := self.of_type(kind)) < count:
            assert time.monotonic() < deadline, f"{count} × {kind} did not come; the page sent {self.received}"
            time.sleep(0.02)
        return found[count - 1]

    def wait_until_heard(self, reply_id: str, played_ms: float) -> None:
        """Wait until the page has reported that a reply was heard so far."""
        deadline = time.monotonic() + TIMEOUT_S
        while not any(
            report["id"] == reply_id and abs(report["played_ms"] - played_ms) <= ROUNDING_MS
            for report in self.of_type("playback")
        ):
            assert time.monotonic() < deadline, f"{reply_id} was not heard for {played_ms} ms: {self.received}"
            time.sleep(0.02)

    def _run(self, coroutine: Any) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return future.result(TIMEOUT_S)

    async def _listen(self) -> Any:
        return await serve(self._converse, "127.0.0.1", 0, process_request=self._file, ping_interval=None)

    async def _file(self, path: str, headers: Any) -> Any:
        path = path.split("?")[0]
        if path == "/stream":
            return None
        if path == "/":
            return http.HTTPStatus.OK, {"Content-Type": "application/json"}, b'{"status": "ok", "name": "Test bot"}'
        file = WEB / ("index.html" if path == "/talk" else path.removeprefix("/talk/"))
        if not file.is_file():
            return http.HTTPStatus.NOT_FOUND, {}, b""
        kind = "text/javascript" if file.suffix == ".js" else mimetypes.guess_type(file.name)[0]
        return http.HTTPStatus.OK, {**HEADERS, "Content-Type": kind}, file.read_bytes()

    async def _converse(self, socket: WebSocketServerProtocol) -> None:
        self._socket = socket
        self.addresses.append(socket.path)
        try:
            async for frame in socket:
                if isinstance(frame, bytes):
                    continue
                message = json.loads(frame)
                if message["type"] == "start" and self.answers:
                    new = f"session-{len(self.of_type('start')) + 1}"
                    session = message["session_id"] if self.ready["resumed"] else new
                    ready = {"type": "ready", "session_id": session, "sender_id": "ann", "sample_rate": RATE}
                    await socket.send(json.dumps({**ready, **self.ready}))
                self.received.append(message)
        except ConnectionClosed:
            self.received.append({"type": "(lost)"})
