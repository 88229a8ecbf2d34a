"""Whatever goes wrong around a running bot: the caller hears something, nobody else does, and nothing is lost.

Real servers throughout. What each fault is, does, and undoes stands in the modules ``*_faults.py`` beside this one;
docs/operations.md says the same to people.
"""

from __future__ import annotations

from collections.abc import Iterator

import every_fault  # noqa: F401 - fills the list
import numpy as np
import pytest
from callers import Caller
from faults import Fault, fault_named, faults_of
from house import House, hanging_client, running_house
from survival import REAL, come_to_an_end, survive

from convai_rasa.tts import SharedVoice

pytestmark = REAL


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with running_house(stores=True) as house, hanging_client(house) as house.hanging_client:
        yield house


@pytest.mark.parametrize("fault", faults_of("engines", "actions", "stores", "disk", "clients"), ids=str)
async def test_it_is_survived(
    fault: Fault, house: House, bob: Caller, question: np.ndarray, voice: SharedVoice
) -> None:
    await survive(fault, house, bob, question, voice)


async def test_rasa_is_killed(house: House, bob: Caller, question: np.ndarray, voice: SharedVoice) -> None:
    await come_to_an_end([fault_named("Rasa's process is killed")], house, bob, question, voice)
