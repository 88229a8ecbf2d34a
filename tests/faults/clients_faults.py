"""Connections that break, clients that do not behave, and what Rasa's own process may lack."""

from __future__ import annotations

import asyncio
import resource
import time
from pathlib import Path

import pytest
import requests
from callers import HOURS, OPEN, PARKED, PARKING, TURN_S
from faults import Scene, check_apology, fault
from programs_around import frozen

from convai_rasa.voice.wire import messages as m

UNHEARD = "Nothing was heard for too long."


@fault("The connection is cut in the middle of what a caller says")
async def _(scene: Scene) -> None:
    await scene.ann.send_sound(scene.question[: len(scene.question) // 2].tobytes())
    await asyncio.sleep(0.2)
    scene.ann.cut()
    ann = await scene.come_back()
    turn = await ann.speak(scene.question)
    assert "parking" in (turn.transcript or "")
    assert PARKED in turn.text


@fault("The connection is cut after the last word")
async def _(scene: Scene) -> None:
    await scene.ann.send_sound(scene.question.tobytes())
    await scene.ann.send(m.Stop())
    scene.ann.said.append("Do you have parking?")  # its transcript may be what is lost on the way
    await asyncio.sleep(0.2)  # until it has left
    scene.ann.cut()
    ann = await scene.come_back()
    turn = await asyncio.wait_for(ann.turn(), TURN_S)
    assert ann.seconds(turn) > 3  # the message itself may have been lost on the way; it is heard all the same
    assert any(PARKED in item.text for item in ann.received if isinstance(item, m.AudioStart))


@fault("The connection is cut in the middle of a reply")
async def _(scene: Scene) -> None:
    await scene.ann.send(m.Text(text=HOURS))
    while not isinstance(await scene.ann.receive(), bytes):
        pass
    message = next(item for item in scene.ann.received if isinstance(item, m.BotMessage) and OPEN in (item.text or ""))
    scene.ann.cut()
    ann = await scene.come_back()
    sound, begun = 0.0, None
    while not isinstance(event := await ann.receive(), m.TurnEnd):
        if isinstance(event, m.AudioStart):
            assert event.id == message.id
            begun = event.from_ms / 1_000
        elif isinstance(event, bytes):
            sound += len(event) / 2 / ann.sample_rate
    assert begun is not None
    assert begun + sound > 14  # from where it was cut to the end


@fault("A client asks and never reads the answers")
async def _(scene: Scene) -> None:
    async with scene.newcomer() as deaf:
        before = memory_mb(scene.house.pid)
        for _ in range(40):
            await deaf.send(m.Text(text=HOURS))
            await asyncio.sleep(0.02)
        await asyncio.sleep(1)
        await scene.others_go_on()
        assert memory_mb(scene.house.pid) - before < 60
        deaf.cut()


@fault("Rasa has no file descriptors left", log="Too many open files")
async def _(scene: Scene) -> None:
    with scene.house.limited(resource.RLIMIT_NOFILE, 3):
        check_apology(await scene.ann.ask(PARKING))  # the way to the action server takes a descriptor
        with pytest.raises(requests.RequestException):
            requests.get(scene.house.url, timeout=1)  # nobody is let in
    assert (await scene.ann.ask(PARKING)).errors == []


@fault("Rasa's process is stopped for a while, as when the machine sleeps")
async def _(scene: Scene) -> None:
    with frozen(scene.house.pid):
        asked = asyncio.ensure_future(scene.ann.ask(PARKING))
        await asyncio.sleep(3)
        assert not asked.done()
    turn = await asked
    assert PARKED in turn.text
    assert not turn.errors


@fault("A client's machine hangs, and its connection stands", log=UNHEARD)
async def _(scene: Scene) -> None:
    assert scene.house.hanging_client  # since the first of these faults
    scene.house.remember_log()
    give_up_at = time.monotonic() + 70
    while UNHEARD not in scene.house.log():
        assert time.monotonic() < give_up_at
        await asyncio.sleep(0.5)
    await scene.others_go_on()


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
