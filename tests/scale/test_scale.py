"""Two Rasas, two engines and two stores, of which one after the other is lost while many people talk.

CONVAI_SCALE_CALLERS says how many people; 16 leave time for the other tests on two processors.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest
import requests
from callers import HELLO, PARKED, WELCOME
from people import CUT_OFF, Crowd, Person
from survival import is_in
from town import HAPROXY, Town, running_town

pytestmark = [
    pytest.mark.models,
    pytest.mark.e2e,
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="signals of other processes, by Linux's means"),
    pytest.mark.skipif(HAPROXY is None, reason="needs HAProxy (Debian's package haproxy)"),
    pytest.mark.asyncio(loop_scope="module"),
]
CALLERS = int(os.environ.get("CONVAI_SCALE_CALLERS", "16"))
PAUSE_S = (CALLERS / 10, CALLERS / 5)  # seven turns a second, which two processors carry
REDIS_GONE_S = 10.0
NOTICED_S = 3.0  # HAProxy asks each second, twice
READY_S = 60.0
RECORDED_S = 15.0


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with running_town(2 * CALLERS + 10, drain_s=120, answer_s=20) as town:
        yield town


async def test_an_engine_dies_redis_is_gone_and_postgres_restarted_while_many_talk(
    town: Town, question: np.ndarray
) -> None:
    async with Crowd(town.url, CALLERS, PAUSE_S, ("do you have parking", question)) as crowd:
        await crowd.all_answered()
        assert {person.ready.replica for person in crowd.people} == {"rasa-1", "rasa-2"}
        town.engines["speech-1"].kill()
        await crowd.all_answered()
        with town.redis.gone():
            await asyncio.sleep(REDIS_GONE_S)
        await crowd.all_answered()
        with town.postgres.program.gone():
            await asyncio.sleep(0.5)
        await crowd.all_answered()
    assert sum(person.lost for person in crowd.people) == 0
    for rasa in ("rasa-1", "rasa-2"):
        assert "speech-1" in town.log(rasa), "nobody noticed that an engine died"
    for person in crowd.people:
        await check_recorded(town, person)


async def test_who_is_cut_off_comes_back_to_their_server_and_to_another_if_that_has_died(
    town: Town, question: np.ndarray
) -> None:
    await both_take_callers(town)
    ann = Person(town.url, "ann")
    async with Crowd(town.url, CALLERS, PAUSE_S, ("do you have parking", question)) as crowd:
        assert {person.ready.replica for person in crowd.people} == {"rasa-1", "rasa-2"}
        await ann.connect()
        hers = str(ann.ready.replica)
        other = "rasa-1" if hers == "rasa-2" else "rasa-2"
        assert WELCOME in (await ann.insist(HELLO)).text

        await comes_back(ann, hers)
        town.signal(hers, signal.SIGTERM)
        await asyncio.sleep(NOTICED_S)
        answer = requests.get(town.rasas[hers].url + "ready", timeout=5)
        assert (answer.status_code, answer.json()["state"], answer.headers["Retry-After"]) == (503, "draining", "1")
        newcomer = Person(town.url, "newcomer")
        await newcomer.connect()
        assert newcomer.ready.replica == other
        await newcomer.leave()
        await comes_back(ann, hers)  # a server that takes nobody new still has her call

        asked = await ann.insist("I would like to book a table for two tomorrow")
        assert "time" in asked.text
        await crowd.all_answered()
        there = [person for person in crowd.people if person.ready.replica == hers]
        elsewhere = [person for person in crowd.people if person not in there]
        town.signal(hers, signal.SIGKILL)
        went_on = await ann.insist("at eight in the evening")
        assert (ann.ready.replica, ann.ready.resumed, ann.moved) == (other, False, 1)
        assert ann.told == 1
        assert WELCOME not in went_on.text
        assert "name" in went_on.text.lower(), "the form does not go on"
        await crowd.all_answered()
    assert there
    assert elsewhere
    assert {(person.lost, person.moved, person.told) for person in there} == {(1, 1, 1)}
    assert {(person.lost, person.moved, person.told) for person in elsewhere} == {(0, 0, 0)}
    assert all(person.ready.replica == other for person in crowd.people)
    await ann.leave()
    for person in (ann, *crowd.people):
        await check_recorded(town, person)
    town.signal(other, signal.SIGTERM)
    give_up_at = time.monotonic() + 10
    while (status := town.exit_status(other)) is None:
        assert time.monotonic() < give_up_at, "nobody is there, and it does not end"
        await asyncio.sleep(0.1)
    assert status == 0


async def both_take_callers(town: Town) -> None:
    """Each server is ready again, whatever the test before took from it, and HAProxy has noticed."""
    give_up_at = time.monotonic() + READY_S
    while not all(requests.get(rasa.url + "ready", timeout=5).ok for rasa in town.rasas.values()):
        assert time.monotonic() < give_up_at, "a server takes no callers any more"
        await asyncio.sleep(0.3)
    await asyncio.sleep(NOTICED_S)


async def comes_back(person: Person, replica: str) -> None:
    """Somebody loses the connection, comes back, and is answered on with the same server."""
    person.cut()
    await person.connect()
    assert (person.ready.replica, person.ready.resumed) == (replica, True)
    turn = await person.insist("do you have parking")
    assert PARKED in turn.text
    assert CUT_OFF not in turn.text


async def check_recorded(town: Town, person: Person) -> None:
    """All that was answered is on record, or will be in a moment."""
    give_up_at = time.monotonic() + RECORDED_S
    while True:
        on_record: list[str] = []
        with contextlib.suppress(AssertionError):  # PostgreSQL may not have come to itself yet
            on_record = town.postgres.said_by(person.name)
        if is_in(person.answered, on_record):
            return
        assert time.monotonic() < give_up_at, (person.answered, on_record)
        await asyncio.sleep(0.3)
