"""Rasa is told to stop; each on a server of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import Any

import pytest
import requests
from callers import HOURS, PARKED, PARKING, Caller
from faults import Scene, fault
from programs_around import frozen

from convai_rasa.errors import ConvaiError
from convai_rasa.voice.wire import messages as m

GOODBYE = "I have to stop here"


@fault("Rasa is told to stop (SIGTERM) while people talk", log="Draining: 2 callers and 0 voice notes have")
@fault("Rasa has to stop in mid-sentence", log="Stopping: 2 callers and 0 voice notes have")
@fault("Somebody calls while Rasa is stopping")
@fault("The connection is cut while Rasa is stopping")
async def _(scene: Scene) -> None:
    os.kill(scene.house.pid, signal.SIGTERM)
    await asyncio.sleep(0.3)
    ready = requests.get(scene.house.url + "ready", timeout=5)
    assert (ready.status_code, ready.json()["state"], ready.headers["Retry-After"]) == (503, "draining", "15")
    assert scene.house.health()["status"] == "stopping"
    with pytest.raises(ConvaiError, match="The server is stopping; come back when it has started again"):
        async with scene.newcomer():
            pass
    scene.ann.cut()
    await scene.come_back()
    turn = await scene.ann.ask(PARKING, 10)
    assert PARKED in turn.text
    await speaking(scene.ann)
    ann, bob = await asyncio.gather(rest_of_call(scene.ann), rest_of_call(scene.bob))
    assert ann.seconds > 14 + 3  # all of the answer, and the last sentence
    assert GOODBYE in ann.text
    assert ann.code in (1000, 1001)
    assert GOODBYE in bob.text
    assert bob.seconds > 3
    assert bob.code == 1000  # it was not busy: good-bye was all there was to say
    assert await ended(scene) == 0


@fault("Rasa is told to stop with a voice note in hand", log="Draining: 0 callers and 1 voice notes have")
async def _(scene: Scene) -> None:
    for caller in (scene.ann, scene.bob):
        await caller.send(m.Bye())
    await asyncio.sleep(0.5)
    with frozen(scene.house.decoder):
        sent = asyncio.ensure_future(scene.note())
        await asyncio.sleep(0.3)
        os.kill(scene.house.pid, signal.SIGTERM)
        await asyncio.sleep(0.7)
    status, answer = await sent
    assert status == 200, answer
    assert "parking" in answer["transcript"]
    assert await ended(scene) == 0


@fault("Rasa is told to stop twice")
@fault("Rasa is started with its input closed and its log on a full disk", shell='exec "$@" <&- >/dev/full 2>&1')
async def _(scene: Scene) -> None:
    await speaking(scene.ann)
    os.kill(scene.house.pid, signal.SIGTERM)
    end = asyncio.ensure_future(rest_of_call(scene.ann))
    await asyncio.sleep(0.3)
    os.kill(scene.house.pid, signal.SIGTERM)
    told_again_at = time.monotonic()
    ann = await end
    assert GOODBYE not in ann.text
    assert ann.code == 1001
    assert await ended(scene) == 0
    assert time.monotonic() - told_again_at < 3  # not the time that calls have, nor Sanic's 15 s


class Rest:
    """What came until the connection ended."""

    def __init__(self, items: list[Any], code: int, sample_rate: int) -> None:
        self.code = code
        self.text = " ".join(item.text or "" for item in items if isinstance(item, m.BotMessage))
        self.seconds = sum(len(item) for item in items if isinstance(item, bytes)) / 2 / sample_rate


async def rest_of_call(caller: Caller) -> Rest:
    """Listen until the connection ends."""
    items = []
    try:
        while True:
            items.append(await caller.receive())
    except ConvaiError:
        return Rest(items, caller.close_code, caller.sample_rate)


async def speaking(caller: Caller) -> None:
    """Ask something that takes long to answer, and return when the answer is being said."""
    await caller.send(m.Text(text=HOURS))
    while not isinstance(await caller.receive(), bytes):
        pass


async def ended(scene: Scene) -> int:
    """Return the exit status of Rasa's process, when it has ended."""
    give_up_at = time.monotonic() + 25
    while (status := scene.house.exit_status()) is None:
        assert time.monotonic() < give_up_at, "it does not end"
        await asyncio.sleep(0.1)
    return status
