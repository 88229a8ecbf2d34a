"""The voice's process dies again and again: on a server of its own, for it is started less and less often then."""

from __future__ import annotations

import asyncio
import os
import signal

from callers import HELLO, PARKED, PARKING
from engines_faults import RESTART
from faults import Scene, fault


@fault("The voice's process is killed, and the next one while it loads", log=RESTART)
async def _(scene: Scene) -> None:
    first = scene.house.voice
    os.kill(first, signal.SIGKILL)
    while (second := scene.house.voice) == first:
        await asyncio.sleep(0.02)
    os.kill(second, signal.SIGKILL)
    turn = await scene.ann.ask(HELLO, 2)  # was said to her before
    assert scene.ann.seconds(turn) > 1
    assert not turn.errors
    turn = await scene.ann.ask(PARKING)
    assert PARKED in turn.text
    assert scene.ann.seconds(turn) > 3  # when there is a voice again
    assert not turn.errors


@fault("The voice's process is killed while its model files are gone for a moment", log=RESTART)
async def _(scene: Scene) -> None:
    voices = scene.house.models / "tts"
    aside = voices.rename(voices.with_name("aside"))
    try:
        os.kill(scene.house.voice, signal.SIGKILL)
        asked = asyncio.ensure_future(scene.ann.ask(PARKING))
        await asyncio.sleep(2)
    finally:
        aside.rename(voices)
    turn = await asked
    assert PARKED in turn.text
    assert [error.code for error in turn.errors] in ([], ["synthesis_failed"])  # who waits long enough hears it
    await scene.ann.until_spoken_to()
