"""What has to hold whatever went wrong."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time

import numpy as np
import pytest
from callers import HELLO, PARKED, PARKING, WELCOME, Caller
from faults import Fault, Scene
from house import House

from convai_rasa.audio import wav_bytes
from convai_rasa.tts import SharedVoice

REAL = [  # marks of the tests in which things go wrong
    pytest.mark.models,
    pytest.mark.e2e,
    pytest.mark.processes,
    pytest.mark.skipif(
        sys.platform != "linux", reason="limits, clocks and signals of other processes, by Linux's means"
    ),
    pytest.mark.asyncio(loop_scope="module"),
]
LONGEST_S = 80.0
RECORDED_S = 10.0  # after a store was away


async def survive(fault: Fault, house: House, bob: Caller, question: np.ndarray, voice: SharedVoice) -> None:
    """Let something go wrong, and see that everybody is answered afterwards, and nothing lost.

    Args:
        fault: what.
        house: where.
        bob: a caller who was there before and stays.
        question: "Do you have parking?", int16 at 16 kHz.
        voice: like the servers'.
    """
    process = house.pid
    async with contextlib.AsyncExitStack() as stack:
        ann = await stack.enter_async_context(Caller(house.url))
        scene = Scene(house, ann, bob, question, wav_bytes(question, 16_000), voice, stack)
        assert WELCOME in (await ann.ask(HELLO)).text
        house.forget_log()
        await asyncio.wait_for(fault.happen(scene), LONGEST_S)
        log = house.log()
        for caller in (scene.ann, bob):
            turn = await caller.ask(PARKING)
            assert PARKED in turn.text
            assert caller.seconds(turn) > 3
            assert not turn.errors
        await check_recorded(house, scene.ann)
        assert fault.log in log
        for item in (*ann.received, *scene.ann.received, *bob.received):
            check_no_traceback(str(item))
    assert house.pid == process
    assert house.health()["status"] == "ok"
    assert house.health()["ready"]


async def come_to_an_end(
    faults: list[Fault], house: House, bob: Caller, question: np.ndarray, voice: SharedVoice
) -> None:
    """Let Rasa end, and see that everybody hears of it.

    Args:
        faults: that happen together, in one function.
        house: where.
        bob: a caller who was there before.
        question: "Do you have parking?", int16 at 16 kHz.
        voice: like the servers'.
    """
    async with contextlib.AsyncExitStack() as stack:
        ann = await stack.enter_async_context(Caller(house.url))
        for caller in (ann, bob):
            turn = await caller.ask(HELLO)
            assert WELCOME in turn.text
            assert not turn.errors
        house.forget_log()
        scene = Scene(house, ann, bob, question, wav_bytes(question, 16_000), voice, stack)
        await asyncio.wait_for(faults[0].happen(scene), LONGEST_S)
        for fault in faults:
            assert fault.log in house.log()
        for item in (*ann.received, *bob.received):
            check_no_traceback(str(item))
        assert HELLO in house.said_by(ann.name)


async def check_recorded(house: House, caller: Caller) -> None:
    """What a caller said is on record, or will be in a moment; they were told of whatever is not."""
    give_up_at = time.monotonic() + RECORDED_S
    while True:
        on_record = house.said_by(caller.name)
        if is_in(caller.answered, on_record):
            break
        assert time.monotonic() < give_up_at, (caller.answered, on_record)
        await asyncio.sleep(0.2)
    assert is_in(on_record, caller.said), (on_record, caller.said)  # and nothing twice


def check_no_traceback(text: str) -> None:
    """Nothing of our inside is shown to anybody."""
    for inside in ("Traceback", 'File "', ".py", "Error:"):
        assert inside not in text


def is_in(few: list[str], many: list[str]) -> bool:
    """Whether all of the one list are in the other, in that order."""
    left = iter(many)
    return all(item in left for item in few)
