"""The voice process: ``python -m convai_rasa.tts.worker_main FILE_DESCRIPTOR PARENT_PID``.

Three threads: one reads what the parent wants, the main one loads the voice and speaks, the third speaks what
nobody waits for. When the parent is gone, the pipe ends and so does the process.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import logging
import math
import os
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any, Callable, Iterable, Iterator, NamedTuple, Optional

import numpy as np

from convai_rasa.errors import ConvaiError
from convai_rasa.tts.engine_errors import is_about_the_engine
from convai_rasa.tts.synthesizer import Synthesizer, load_synthesizer

logger = logging.getLogger(__name__)

_PARENT_CHECK_S = 2.0
_LOWEST_PRIORITY = 19  # as nice(1) counts
_BYTES_A_SAMPLE = 2
_LEAD_S = 3.0  # sound spoken ahead of what the parent takes: all that an interruption can waste


class Wish(NamedTuple):
    """One text to be spoken; see ``Synthesizer.stream``."""

    number: int
    text: str
    speed: float
    language: Optional[str]
    urgency: str


class Inbox:
    """What the parent wants, filled by the reading thread and emptied by a speaking one.

    Args:
        lead: samples of one request that may be ahead of what the parent has taken.
    """

    def __init__(self, lead: float = math.inf) -> None:
        self.lead = lead
        self._changed = threading.Condition()
        self._new: collections.deque[Wish] = collections.deque()
        self._cancelled: set[int] = set()
        self._ahead: collections.defaultdict[int, int] = collections.defaultdict(int)
        self.quiet = threading.Event()  # set while the speaking thread has nothing to do

    def speak(self, wish: Wish) -> None:
        """Add a request."""
        with self._changed:
            self._new.append(wish)
            self.quiet.clear()
            self._changed.notify()

    def cancel(self, number: int) -> None:
        """Mark a request as unwanted."""
        with self._changed:
            self._cancelled.add(number)
            self._changed.notify()

    def taken(self, number: int, samples: int) -> None:
        """Note that the parent has taken sound; what it took of a request that is over makes no difference."""
        with self._changed:
            if number in self._ahead:
                self._ahead[number] -= samples
                self._changed.notify()

    def sent(self, number: int, samples: int) -> None:
        """Note that sound has gone to the parent."""
        with self._changed:
            self._ahead[number] += samples

    def take(self, active: Iterable[int]) -> list[Wish]:
        """Return the new requests; waits for one while none of the active ones may go on."""
        with self._changed:
            if not self._new and not any(map(self.may_go_on, active)):
                self.quiet.set()
                self._changed.wait_for(lambda: self._new or any(map(self.may_go_on, active)))
                self.quiet.clear()
            new = list(self._new)
            self._new.clear()
            return new

    def may_go_on(self, number: int) -> bool:
        """Whether there is something to do for a request: speak on, or forget it."""
        return number in self._cancelled or self._ahead.get(number, 0) < self.lead

    def is_cancelled(self, number: int) -> bool:
        """Whether a request is unwanted; tells it once."""
        with self._changed:
            unwanted = number in self._cancelled
            self._cancelled.discard(number)
            if unwanted:
                self._ahead.pop(number, None)
            return unwanted

    def over(self, number: int) -> None:
        """Forget a request that has been spoken."""
        with self._changed:
            self._ahead.pop(number, None)


def main(arguments: list[str]) -> None:
    """Serve the parent until it closes the pipe."""
    # The parent decides: whoever stops a service signals all its processes at once, and it still has things to say.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    logging.basicConfig(level=logging.WARNING)  # to the file in which the parent looks for last words
    pipe, parent = Pipe(Connection(int(arguments[0]))), int(arguments[1])
    call = json.loads(pipe.receive()[1])
    live, idle = Inbox(), Inbox()
    threading.Thread(target=_read, args=(pipe, live, idle, parent), daemon=True).start()
    try:
        voice = load_synthesizer(call["engine"], call["model"], **call["options"])
    # Whatever an engine raises while it loads has to reach the person who configured it.
    except Exception as error:
        pipe.send("failed", *_described(error, "The voice could not be loaded"))
        sys.exit(1)
    live.lead = _LEAD_S * voice.sample_rate
    pipe.send("ready", voice.sample_rate, dataclasses.asdict(voice.capabilities))
    threading.Thread(target=_serve_idly, args=(pipe, idle, voice, live), daemon=True).start()
    _serve(pipe, live, voice)


class Pipe:
    """The connection to the parent; both speaking threads write to it."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._lock = connection, threading.Lock()

    def send(self, *message: Any) -> None:
        """Send one message."""
        with self._lock:
            self._connection.send(message)

    def receive(self) -> Any:
        """Wait for a message."""
        return self._connection.recv()

    def poll(self, timeout: float) -> bool:
        """Wait up to ``timeout`` seconds; return whether there is a message."""
        return self._connection.poll(timeout)


def _read(pipe: Pipe, live: Inbox, idle: Inbox, parent: int) -> None:
    while os.getppid() == parent:  # the pipe alone is not enough: a fork of the parent may keep it open
        try:
            if not pipe.poll(_PARENT_CHECK_S):
                continue
            kind, *values = pipe.receive()
        except (EOFError, OSError):
            break
        if kind == "speak":
            wish = Wish(*values)
            (idle if wish.urgency == "idle" else live).speak(wish)
        elif kind == "cancel":
            number, urgency = values
            (idle if urgency == "idle" else live).cancel(number)
        elif kind == "taken":
            live.taken(*values)
        else:
            break
    os._exit(0)  # at once, even in the middle of native code


def _serve_idly(pipe: Pipe, inbox: Inbox, voice: Synthesizer, live: Inbox) -> None:
    """Speak what nobody waits for, at the lowest priority and only while nobody waits."""
    if sys.platform == "linux":  # where a thread has a priority of its own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST_PRIORITY)
    _serve(pipe, inbox, voice, before_each=live.quiet.wait)


def _serve(pipe: Pipe, inbox: Inbox, voice: Synthesizer, before_each: Callable[[], object] = lambda: None) -> None:
    """Speak all requests in turns, a chunk each; an urgent one comes first, because somebody is waiting for it.

    One that is far enough ahead of its listener is left alone until they have caught up.
    """
    active: collections.deque[tuple[int, Iterator[np.ndarray]]] = collections.deque()
    while True:
        for wish in reversed(inbox.take([number for number, _ in active])):
            stream = _chunks(voice, wish)
            if wish.urgency == "first":
                active.appendleft((wish.number, stream))
            else:
                active.append((wish.number, stream))
        before_each()
        while not inbox.may_go_on(active[0][0]):
            active.rotate(-1)
        number, chunks = active.popleft()
        if inbox.is_cancelled(number):
            continue
        try:
            chunk = next(chunks, None)
            pcm = None if chunk is None else np.ascontiguousarray(chunk, dtype=np.int16).tobytes()
        # One bad text must not end the process for everybody else.
        except Exception as error:
            logger.exception("could not speak")
            inbox.over(number)
            pipe.send("error", number, is_about_the_engine(error), *_described(error, "The voice failed"))
            continue
        if pcm is None:
            inbox.over(number)
            pipe.send("end", number)
        else:
            inbox.sent(number, len(pcm) // _BYTES_A_SAMPLE)
            pipe.send("chunk", number, pcm)
            active.append((number, chunks))


def _chunks(voice: Synthesizer, wish: Wish) -> Iterator[np.ndarray]:
    # Asked for with the first chunk, so that an engine that refuses a text at once fails where it is expected to.
    yield from voice.stream(wish.text, speed=wish.speed, language=wish.language)


def _described(error: Exception, what: str) -> tuple[str, str]:
    if isinstance(error, ConvaiError):
        return type(error).__name__, str(error)
    return "SynthesisError", f"{what} ({type(error).__name__}: {error})."


if __name__ == "__main__":
    main(sys.argv[1:])
