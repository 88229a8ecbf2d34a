"""The voice process: ``python -m convai_rasa.tts.worker_main FILE_DESCRIPTOR PARENT_PID``.

Two threads: one reads what the parent wants, the main one loads the voice and speaks. When the parent is gone,
the pipe ends and so does the process.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import logging
import os
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import Iterator, NamedTuple, Optional

import numpy as np

from convai_rasa.errors import ConvaiError
from convai_rasa.tts.synthesizer import Synthesizer, load_synthesizer

logger = logging.getLogger(__name__)

_PARENT_CHECK_S = 2.0


class Wish(NamedTuple):
    """One text to be spoken; see ``Synthesizer.stream``."""

    number: int
    text: str
    speed: float
    language: Optional[str]


class Inbox:
    """What the parent wants, filled by the reading thread and emptied by a speaking one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._new: collections.deque[Wish] = collections.deque()
        self._cancelled: set[int] = set()

    def speak(self, wish: Wish) -> None:
        """Add a request."""
        with self._changed:
            self._new.append(wish)
            self._changed.notify()

    def cancel(self, number: int) -> None:
        """Mark a request as unwanted."""
        with self._changed:
            self._cancelled.add(number)

    def take(self, wait: bool) -> list[Wish]:
        """Return the new requests; ``wait`` for one when there is nothing else to do."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._new)
            new = list(self._new)
            self._new.clear()
            return new

    def is_cancelled(self, number: int) -> bool:
        """Whether a request is unwanted; tells it once."""
        with self._changed:
            unwanted = number in self._cancelled
            self._cancelled.discard(number)
            return unwanted


def main(arguments: list[str]) -> None:
    """Serve the parent until it closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    logging.basicConfig(level=logging.WARNING)  # to the file in which the parent looks for last words
    connection, parent = Connection(int(arguments[0])), int(arguments[1])
    call = json.loads(connection.recv()[1])
    inbox = Inbox()
    threading.Thread(target=_read, args=(connection, inbox, parent), daemon=True).start()
    try:
        voice = load_synthesizer(call["engine"], call["model"], **call["options"])
    # Whatever an engine raises while it loads has to reach the person who configured it.
    except Exception as error:
        connection.send(("failed", *_described(error, "The voice could not be loaded")))
        sys.exit(1)
    connection.send(("ready", voice.sample_rate, dataclasses.asdict(voice.capabilities)))
    _serve(connection, inbox, voice)


def _read(connection: Connection, inbox: Inbox, parent: int) -> None:
    while os.getppid() == parent:  # the pipe alone is not enough: a fork of the parent may keep it open
        try:
            if not connection.poll(_PARENT_CHECK_S):
                continue
            kind, *values = connection.recv()
        except (EOFError, OSError):
            break
        if kind == "speak":
            inbox.speak(Wish(*values))
        elif kind == "cancel":
            inbox.cancel(*values)
        else:
            break
    os._exit(0)  # at once, even in the middle of native code


def _serve(connection: Connection, inbox: Inbox, voice: Synthesizer) -> None:
    """Speak all requests in turns, a chunk each; a new one comes first, because somebody is waiting for it."""
    active: collections.deque[tuple[int, Iterator[np.ndarray]]] = collections.deque()
    while True:
        for wish in reversed(inbox.take(wait=not active)):
            active.appendleft((wish.number, iter(voice.stream(wish.text, speed=wish.speed, language=wish.language))))
        number, chunks = active.popleft()
        if inbox.is_cancelled(number):
            continue
        try:
            chunk = next(chunks, None)
        # One bad text must not end the process for everybody else.
        except Exception as error:
            logger.exception("could not speak")
            connection.send(("error", number, *_described(error, "The voice failed")))
            continue
        if chunk is None:
            connection.send(("end", number))
        else:
            connection.send(("chunk", number, np.ascontiguousarray(chunk, dtype=np.int16).tobytes()))
            active.append((number, chunks))


def _described(error: Exception, what: str) -> tuple[str, str]:
    if isinstance(error, ConvaiError):
        return type(error).__name__, str(error)
    return "SynthesisError", f"{what} ({type(error).__name__}: {error})."


if __name__ == "__main__":
    main(sys.argv[1:])
