"""Rasa's process ends otherwise; the last thing that happens to a server."""

from __future__ import annotations

import asyncio
import os
import signal
import time

from callers import HELLO
from faults import Scene, fault
from stopping_faults import GOODBYE, ended, rest_of_call


@fault("Rasa's terminal is closed (SIGHUP)", log="Stopping: 2 callers and 0 voice notes have")
async def _(scene: Scene) -> None:
    os.kill(scene.house.pid, signal.SIGHUP)
    bob = await rest_of_call(scene.bob)
    assert GOODBYE in bob.text
    assert await ended(scene) == 0


@fault("Rasa's process is killed")
async def _(scene: Scene) -> None:
    await scene.ann.ask(HELLO)
    child = scene.house.decoder
    os.kill(scene.house.pid, signal.SIGKILL)
    assert (await rest_of_call(scene.ann)).code == 1006  # without a word: clients see a broken connection
    assert await ended(scene) == -signal.SIGKILL
    give_up_at = time.monotonic() + 10
    while os.path.exists(f"/proc/{child}"):
        assert time.monotonic() < give_up_at, "its child is left"
        await asyncio.sleep(0.1)
