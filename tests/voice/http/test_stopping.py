"""What signals do, without a process that gets them; tests/faults sends real ones."""

from __future__ import annotations

import asyncio
import signal
from types import SimpleNamespace
from typing import Any, List

import pytest

from convai_rasa.voice.http.stopping import Stopping

TERM, INT, HUP = signal.SIGTERM, signal.SIGINT, signal.SIGHUP


class Served:
    """A server and the app around it, which note what is asked of them."""

    def __init__(self) -> None:
        self.log: List[str] = []
        self.gone = asyncio.Event()
        self.app: Any = SimpleNamespace(stop=lambda: self.log.append("stop"), config=SimpleNamespace())
        departure: Any = SimpleNamespace(drain=self.drain, hurry=lambda: self.log.append("hurry"))
        self.stopping = Stopping(departure, self.app)

    async def drain(self) -> None:
        self.log.append("drain")
        await self.gone.wait()

    async def told(self, *numbers: signal.Signals) -> List[str]:
        for number in numbers:
            self.stopping.told(number)
            await asyncio.sleep(0)
        return self.log


async def test_told_by_a_program_it_lets_calls_come_to_their_end() -> None:
    served = Served()
    assert await served.told(TERM) == ["drain"]
    served.gone.set()
    await asyncio.sleep(0.01)
    assert served.log == ["drain", "stop"]


@pytest.mark.parametrize("number", [INT, HUP])
async def test_told_by_a_person_it_stops_now(number: signal.Signals) -> None:
    served = Served()
    assert await served.told(number) == ["stop"]


@pytest.mark.parametrize("number", [TERM, INT, HUP])
async def test_told_again_it_waits_for_nobody(number: signal.Signals) -> None:
    served = Served()
    log = await served.told(number, number)
    assert log[1:] == ["hurry", "stop"]
    assert served.app.config.GRACEFUL_SHUTDOWN_TIMEOUT == 0


async def test_a_person_does_not_wait_for_what_a_program_began() -> None:
    assert await Served().told(TERM, INT) == ["drain", "stop"]


async def test_a_program_says_nothing_new_after_a_person() -> None:
    assert await Served().told(INT, TERM) == ["stop"]
