"""Redis, where conversations are locked, PostgreSQL, where they are kept, and the clock that both go by."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AbstractContextManager
from typing import Any

from callers import HELLO, PARKED, PARKING, WELCOME, Caller
from faults import Scene, check_apology, fault

from convai_rasa.voice.wire.client import BotTurn

BOOK, WHAT_TIME = "i want to book a table for tomorrow", "at what time"
FOUR, EIGHT, NAME = "for four people", "at eight", "put it under the name"
AWAY = "The conversation database is down, so conversations continue from memory"
DAY_S, HOUR_S = 86_400, 3_600


@fault("Redis is gone", log="Error while acquiring lock")
async def _(scene: Scene) -> None:
    with scene.house.redis.gone():
        check_apology(await scene.ann.ask(PARKING))
        check_apology(await scene.bob.ask(HELLO))


@fault("Redis is restarted between two questions")
async def _(scene: Scene) -> None:
    with scene.house.redis.gone(signal.SIGTERM):
        pass
    await check_answered(scene.ann, PARKING, PARKED)


@fault("Redis hangs for less than its timeout")
async def _(scene: Scene) -> None:
    with scene.house.redis.frozen():
        asked = asyncio.ensure_future(scene.ann.ask(PARKING))
        await asyncio.sleep(1)
    turn = await asked
    assert PARKED in turn.text
    assert not turn.errors


@fault("Redis hangs for longer than its timeout", log="Error while acquiring lock")
async def _(scene: Scene) -> None:
    with scene.house.redis.frozen():
        check_apology(await scene.ann.ask(PARKING))


@fault("Redis forgets everything in the middle of a turn")
async def _(scene: Scene) -> None:
    with scene.house.actions.frozen():
        asked = asyncio.ensure_future(scene.ann.ask(PARKING))
        await asyncio.sleep(0.5)
        scene.house.flush_redis()
    turn = await asked
    assert PARKED in turn.text
    assert not turn.errors


@fault("PostgreSQL is gone", log=AWAY)
async def _(scene: Scene) -> None:
    await check_booking(scene, scene.house.postgres.program.gone(signal.SIGQUIT), others=True)


@fault("PostgreSQL is restarted between two answers")
async def _(scene: Scene) -> None:
    await check_answered(scene.ann, BOOK, WHAT_TIME)
    with scene.house.postgres.program.gone(signal.SIGINT):
        pass
    await check_answered(scene.ann, EIGHT, "How many people")
    await check_answered(scene.ann, FOUR, "name")


@fault("PostgreSQL hangs", log=AWAY)
async def _(scene: Scene) -> None:
    await check_booking(scene, scene.house.postgres.program.frozen(), others=True)


@fault("PostgreSQL takes no more writes", log=AWAY)
async def _(scene: Scene) -> None:
    await check_booking(scene, scene.house.postgres.read_only())


@fault("The clock jumps a day ahead")
async def _(scene: Scene) -> None:
    await check_answered(scene.ann, BOOK, WHAT_TIME)
    with scene.house.clock_moved(DAY_S):
        turn = await scene.ann.ask(HELLO)
        assert WELCOME in turn.text
        await check_answered(scene.bob, PARKING, PARKED)


@fault("The clock jumps an hour back")
async def _(scene: Scene) -> None:
    await check_answered(scene.ann, BOOK, WHAT_TIME)
    with scene.house.clock_moved(-HOUR_S):
        await check_answered(scene.ann, EIGHT, "How many people")
        await check_answered(scene.ann, FOUR, "name")


async def check_booking(scene: Scene, trouble: AbstractContextManager[Any], *, others: bool = False) -> None:
    """Book a table while something is wrong with a store, and after it; the others may be asked too."""
    await check_answered(scene.ann, BOOK, WHAT_TIME)
    with trouble:
        await check_answered(scene.ann, EIGHT, "How many people")
        if others:
            await scene.others_go_on()
    await check_answered(scene.ann, FOUR, "name")


async def check_answered(caller: Caller, text: str, answer: str) -> BotTurn:
    """Ask, and get an answer that holds some words."""
    turn = await caller.ask(text)
    assert answer in turn.text, turn
    assert not turn.errors
    return turn
