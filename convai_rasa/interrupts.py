"""Ctrl-C and SIGTERM at a moment when they would lose what has just been started."""

from __future__ import annotations

import contextlib
import signal
import threading
from types import FrameType
from typing import Any, Iterator, List, Mapping, Optional, Tuple


@contextlib.contextmanager
def handled(handlers: Mapping[int, Any]) -> Iterator[None]:
    """Handle signals in another way inside the block; signals are the main thread's, so elsewhere nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until the block is over, and then do what they do.

    For starting a process and noting whom to stop: between the two, an interrupt would leave it running for ever. What
    a program ignores, or what the system does with it by default, stays as it is.
    """
    caught: List[Tuple[int, Optional[FrameType]]] = []
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    usual = {int(number): handler for number, handler in handlers.items() if callable(handler)}
    try:
        with handled(dict.fromkeys(usual, lambda number, frame: caught.append((number, frame)))):
            yield
    finally:
        for number, frame in caught[:1]:
            usual[number](number, frame)
