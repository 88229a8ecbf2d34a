"""What goes wrong on a second server, whose conversations are in a file, at the end of Rasa, and before it begins."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import every_fault  # noqa: F401 - fills the list
import numpy as np
import pytest
from callers import Caller
from faults import Fault, fault_named, faults_of
from house import House, make_project, running_house
from survival import REAL, check_no_traceback, come_to_an_end, survive

from convai_rasa.tts import SharedVoice

pytestmark = REAL
# Some happen together, on one server.
STOPS = [list(faults) for _, faults in groupby(faults_of("stopping"), key=lambda fault: fault.happen)]


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with running_house(stores=False) as house:
        yield house


@pytest.mark.parametrize("fault", faults_of("sqlite"), ids=str)
async def test_it_is_survived(
    fault: Fault, house: House, bob: Caller, question: np.ndarray, voice: SharedVoice
) -> None:
    await survive(fault, house, bob, question, voice)


async def test_the_terminal_is_closed(house: House, bob: Caller, question: np.ndarray, voice: SharedVoice) -> None:
    await come_to_an_end([fault_named("Rasa's terminal is closed (SIGHUP)")], house, bob, question, voice)


@pytest.mark.parametrize("faults", STOPS, ids=lambda faults: "; ".join(map(str, faults)))
async def test_the_end_is_a_decent_one(faults: list[Fault], question: np.ndarray, voice: SharedVoice) -> None:
    with running_house(stores=False, shell="".join(fault.shell for fault in faults)) as house:
        async with Caller(house.url) as bob:
            await come_to_an_end(faults, house, bob, question, voice)


@pytest.mark.parametrize("fault", faults_of("starting"), ids=str)
async def test_a_sentence_says_why_rasa_does_not_start(fault: Fault) -> None:
    with tempfile.TemporaryDirectory(prefix="house-") as folder:
        make_project(Path(folder))
        printed = await fault.happen(Path(folder))
    assert fault.log in printed
    check_no_traceback(printed.replace("VoiceChannelError:", "").replace("download_models.py", ""))
