"""What is on record of a caller who comes back, with Rasa's own stores."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from convai_rasa.voice import dialogue
from convai_rasa.voice.bot import Expectation
from convai_rasa.voice.channel import VoiceOutput
from convai_rasa.voice.dialogue import RasaBot

DOMAIN = """
version: "3.1"
intents: [inform, session_end]
slots:
  guests: {type: text, mappings: [{type: from_text}]}
  phone: {type: convai_rasa.capture.SpokenSlot, spoken: phone, mappings: [{type: from_text}]}
forms: {booking_form: {required_slots: [guests, phone]}}
session_config: {session_expiration_time: 60, carry_over_slots_to_new_session: true}
"""


class Records:
    """A bot with what its stores hold."""

    def __init__(self) -> None:
        domain = Domain.from_yaml(DOMAIN)
        self.trackers = TrackerStore.create(None, domain)
        self.locks = InMemoryLockStore()
        processor = SimpleNamespace(tracker_store=self.trackers, domain=domain)
        agent: Any = SimpleNamespace(processor=processor, lock_store=self.locks)
        self.bot = RasaBot("voice", lambda message: pytest.fail("nobody speaks"), VoiceOutput, lambda: agent)

    async def keep(self, *events: Event) -> None:
        for event in events:
            if isinstance(event, UserUttered) and event.timestamp <= 0:
                event.timestamp += time.time()
        await self.trackers.save(DialogueStateTracker.from_events("ann", events, self.bot._domain.slots))


def said(intent: str, ago_s: float = 0.0) -> UserUttered:
    """Somebody's words, so long before the test runs; it may run long after it was collected."""
    return UserUttered(intent, {"name": intent, "confidence": 1.0}, timestamp=-ago_s)


@pytest.mark.parametrize(
    ("last", "goes_on"),
    [
        ([said("inform")], True),
        ([said("inform"), ActionExecuted("action_listen")], True),
        ([said("inform", ago_s=3_500)], True),
        ([said("inform", ago_s=3_700)], False),
        ([said("inform"), said("session_end")], False),
        ([ActionExecuted("action_listen")], False),
        ([], False),
    ],
    ids=["just now", "with an answer", "within Rasa's session", "after it", "hung up", "never spoke", "unknown"],
)
async def test_a_conversation_goes_on_until_it_has_ended(last: list[Event], goes_on: bool) -> None:
    records = Records()
    if last:
        await records.keep(*last)
    assert await records.bot.goes_on("ann") is goes_on


async def test_what_the_bot_waits_for_is_known_to_the_server_that_goes_on() -> None:
    records = Records()
    await records.keep(said("inform"), ActiveLoop("booking_form"), SlotSet("requested_slot", "guests"))
    assert records.bot.expectation("ann").slot is None
    assert await records.bot.goes_on("ann")
    assert records.bot.expectation("ann") == Expectation("guests", free_text=True)
    await records.keep(said("inform"), ActiveLoop("booking_form"), SlotSet("requested_slot", "phone"))
    assert await records.bot.goes_on("ann")
    assert records.bot.expectation("ann") == Expectation("phone", free_text=True, spoken="phone")


async def test_the_lock_of_a_server_that_died_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogue, "STALE_LOCK_S", 0.05)
    records = Records()
    await records.keep(said("inform"))
    records.locks.issue_ticket("ann", 60)
    assert await records.bot.goes_on("ann")
    assert not records.locks.is_someone_waiting("ann")


async def test_a_record_that_cannot_be_read_is_a_conversation_that_begins(caplog: pytest.LogCaptureFixture) -> None:
    records = Records()

    async def fail(sender_id: str) -> None:
        raise OSError("the database is away")

    records.trackers.retrieve = fail  # type: ignore[method-assign]
    assert not await records.bot.goes_on("ann")
    assert "it begins again" in caplog.text
