"""A server of HTTP on loopback that answers each request as a test says, however wrong that is."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from typing import Any, Iterator, Sequence, Union

import pytest

NEVER = 3_600.0  # seconds; until the server is closed
BOUND_S = 0.6  # an engine's timeout_s
SLACK_S = 2.0  # of a machine with other work; a wait without a bound lasts an hour here

Step = Union[bytes, float]  # what is sent, or seconds in which nothing is


def answer(status: int, body: bytes = b"", kind: str = "application/json", **headers: str) -> list[Step]:
    """Return a whole answer; an underscore in a header's name is a dash."""
    lines = [f"HTTP/1.1 {status} Status", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ["\r\n".join([*lines, "", ""]).encode() + body]


def in_json(content: Any, status: int = 200, **headers: str) -> list[Step]:
    """Return a whole answer in JSON."""
    return answer(status, json.dumps(content).encode(), **headers)


def streamed(*steps: Step, kind: str = "audio/pcm", whole: bool = True) -> list[Step]:
    """Return an answer in chunks; ``whole=False`` breaks it off before its end."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    chunks = [step if isinstance(step, float) else f"{len(step):x}\r\n".encode() + step + b"\r\n" for step in steps]
    return [head, *chunks, *([b"0\r\n\r\n"] if whole else [])]


@contextlib.contextmanager
def fails_in_time(error: type[Exception], sentence: str, who: str) -> Iterator[None]:
    """See that what is done inside fails within its bound, with a sentence that begins with who is to blame."""
    began = time.monotonic()
    with pytest.raises(error, match=sentence) as raised:
        yield
    assert time.monotonic() - began < BOUND_S + SLACK_S
    assert str(raised.value).startswith(f"{who} ")


class UnreliableServer:
    """Gives one answer after the other; the last one again and again.

    Attributes:
        base_url: of the API.
        requests: what came, each with its head.
        connections: how many there were.
    """

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/v1"
        self.requests: list[bytes] = []
        self.connections = 0
        self._answers: list[Sequence[Step]] = []
        self._closed = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def will_answer(self, *answers: Sequence[Step]) -> None:
        """Say what is answered from now on; no answer at all closes the connection at once."""
        self._answers = list(answers)

    def close(self) -> None:
        """End all connections; a second time does nothing."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._listening.shutdown(socket.SHUT_RDWR)  # or the thread that waits would take one more
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            while request := _read_request(connection):
                self.requests.append(request)
                steps = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                for step in steps:
                    if isinstance(step, float):
                        if self._closed.wait(step):
                            return
                    else:
                        connection.sendall(step)
                if len(steps) != 1 or b"Content-Length" not in bytes(steps[0]):  # only a whole answer keeps it open
                    return


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def unreliable_server() -> Iterator[UnreliableServer]:
    """Run one on a free port of 127.0.0.1."""
    with contextlib.closing(UnreliableServer()) as server:
        yield server
