"""What a test does to the process of a voice."""

from __future__ import annotations

import os
import signal
import time
from typing import Callable

import psutil

from convai_rasa.tts import SynthesisWorker

LETTER = 400  # samples a letter, as the tiny voice speaks


def kill(one: SynthesisWorker) -> int:
    """End the voice's process as the machine would when it lacks memory; returns its process id."""
    pid = one.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def kill_and_see_it_back(one: SynthesisWorker) -> None:
    before = kill(one)
    wait_until(lambda: one.pid != before and one.ready())


def gone_within(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
