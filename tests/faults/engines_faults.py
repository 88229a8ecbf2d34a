"""The processes that speak, and that decode recordings."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
from pathlib import Path
from typing import Any

import numpy as np
from callers import HOURS, OPEN, PARKED, PARKING
from faults import Scene, fault
from programs_around import frozen

from convai_rasa.audio import wav_bytes
from convai_rasa.voice import messages as m

RESTART = "The voice process ended (signal SIGKILL"


@fault("The voice's process is killed while nobody speaks", log=RESTART)
async def _(scene: Scene) -> None:
    os.kill(scene.house.voice, signal.SIGKILL)
    turn = await scene.ann.ask(PARKING)  # waits until the new one is loaded
    assert PARKED in turn.text
    assert scene.ann.seconds(turn) > 3
    assert not turn.errors


@fault("The voice's process is killed in mid-sentence", log=RESTART)
async def _(scene: Scene) -> None:
    voice = scene.house.voice

    async def kill(event: Any) -> None:
        if isinstance(event, bytes):
            with contextlib.suppress(ProcessLookupError):
                os.kill(voice, signal.SIGKILL)

    await scene.ann.send(m.Text(text=HOURS))
    turn = await scene.ann.turn(kill)
    assert OPEN in turn.text
    assert scene.ann.seconds(turn) > 14  # all of it
    assert not turn.errors


@fault("The voice's process hangs for a while in the middle of a reply")
async def _(scene: Scene) -> None:
    with frozen(scene.house.voice):
        asked = asyncio.ensure_future(scene.ann.ask(HOURS))
        await asyncio.sleep(2)
        assert not asked.done()
    turn = await asked
    assert scene.ann.seconds(turn) > 14  # all of it
    assert not turn.errors


@fault("The voice's process has no memory left", log="A reply could not be spoken")
async def _(scene: Scene) -> None:
    with scene.house.limited(resource.RLIMIT_AS, memory_of(scene.house.voice), scene.house.voice):
        turn = await scene.ann.ask(HOURS)
        assert OPEN in turn.text
        assert [error.code for error in turn.errors] == ["synthesis_failed"]
    await scene.ann.until_spoken_to()


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
