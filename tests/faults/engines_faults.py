"""The process that decodes recordings."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
from pathlib import Path

import numpy as np
from faults import Scene, fault
from programs_around import frozen

from convai_rasa.audio import wav_bytes


@fault("The process that decodes recordings is killed while there is none")
async def _(scene: Scene) -> None:
    os.kill(scene.house.decoder, signal.SIGKILL)
    status, answer = await scene.note()
    assert status == 200, answer
    assert "parking" in answer["transcript"]


@fault("The process that decodes recordings is killed by one of them", log="A recording ended the process")
async def _(scene: Scene) -> None:
    decoder = scene.house.decoder
    os.kill(decoder, signal.SIGSTOP)
    sent = asyncio.ensure_future(scene.note())
    await asyncio.sleep(0.5)
    os.kill(decoder, signal.SIGKILL)
    status, answer = await sent
    assert status == 400
    assert answer["error"]["message"].startswith("The recording could not be decoded safely")
    assert (await scene.note())[0] == 200


@fault("The process that decodes recordings hangs for a while")
async def _(scene: Scene) -> None:
    with frozen(scene.house.decoder):
        sent = asyncio.ensure_future(scene.note())
        await asyncio.sleep(2)
        await scene.others_go_on()
        assert not sent.done()
    status, answer = await sent
    assert status == 200, answer


@fault("The process that decodes recordings has no memory left", log="A recording ended the process")
async def _(scene: Scene) -> None:
    long = wav_bytes(np.tile(scene.question, 60), 16_000)
    decoder = scene.house.decoder
    with scene.house.limited(resource.RLIMIT_AS, memory_of(decoder), decoder):
        status, answer = await scene.note(long)
    assert status == 400
    assert answer["error"]["code"] == "audio_failed"
    assert (await scene.note())[0] == 200


def memory_of(pid: int) -> int:
    """Return the size of a process's address space in bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    return pages * resource.getpagesize()
