"""Ctrl-C and SIGTERM at a moment when they would lose what has just been started."""

from __future__ import annotations

import contextlib
import signal
import threading
from types import FrameType
from typing import Iterator, List, Optional, Tuple


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until the block is over, and then do what they do.

    For starting a process and noting whom to stop: between the two, an interrupt would leave it running for ever. What
    a program ignores, or what the system does with it by default, stays as it is.
    """
    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's
        yield
        return
    caught: List[Tuple[int, Optional[FrameType]]] = []
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before = {number: handler for number, handler in handlers.items() if callable(handler)}
    for number in before:
        signal.signal(number, lambda number, frame: caught.append((number, frame)))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for caught_number, frame in caught[:1]:
            before[signal.Signals(caught_number)](caught_number, frame)
