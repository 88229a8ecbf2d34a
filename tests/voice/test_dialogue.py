"""What is on record of a caller who comes back, with Rasa's own stores."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from convai_rasa.voice import dialogue
from convai_rasa.voice.bot import Expectation, UserTurn
from convai_rasa.voice.channel import VoiceOutput
from convai_rasa.voice.dialogue import RasaBot
from convai_rasa.voice.expectations import expectation_of

pytestmark = pytest.mark.rasa

DOMAIN = """
version: "3.1"
intents: [inform, session_end]
slots:
  guests: {type: text, mappings: [{type: from_text}]}
  phone: {type: convai_rasa.capture.SpokenSlot, spoken: phone, mappings: [{type: from_text}]}
forms: {booking_form: {required_slots: [guests, phone]}}
responses: {utter_where: [{text: "Where?", buttons: [{title: Inside, payload: /in}, {title: Outside, payload: /out}]}]}
session_config: {session_expiration_time: 60, carry_over_slots_to_new_session: true}
"""


class Records:
    """A bot with what its stores hold."""

    def __init__(self) -> None:
        domain = Domain.from_yaml(DOMAIN)
        self.trackers = TrackerStore.create(None, domain)
        self.locks = InMemoryLockStore()
        metadata = SimpleNamespace(language="en")
        processor = SimpleNamespace(tracker_store=self.trackers, domain=domain, model_metadata=metadata)
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


def test_what_is_always_said_has_the_buttons_that_are_read_aloud() -> None:
    bot = Records().bot
    assert bot.fixed_texts(say_buttons=True)[0] == "Where?\nYou can say: Inside or Outside."
    assert bot.fixed_texts(say_buttons=False) == ["Where?", *bot.fixed_texts(say_buttons=True)[1:]]


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


ORDERS = """
version: "3.1"
intents: [inform, affirm, deny, help]
entities: [size]
slots:
  size: {type: categorical, values: [small, large], mappings: [{type: from_entity, entity: size}]}
  sure: {type: bool, mappings: [{type: from_intent, intent: affirm, value: true}]}
forms: {order_form: {required_slots: [size, sure]}}
session_config: {session_expiration_time: 60, carry_over_slots_to_new_session: true}
"""


class Understood:
    """A bot that has asked for a size; what it makes of words is written down here."""

    def __init__(self, answer: str = "large") -> None:
        self.asked: list[Any] = []
        self.parsed: list[tuple[str, float]] = []
        self.taken: list[Any] = []
        self._answer = answer
        processor = SimpleNamespace(domain=Domain.from_yaml(ORDERS), parse_message=self._parse, tracker_store=self)
        agent: Any = SimpleNamespace(processor=processor)
        self.bot = RasaBot("voice", self._take, VoiceOutput, lambda: agent)
        self.bot._expectations["ann"] = expectation_of(processor.domain, "size")

    async def _parse(self, message: Any) -> dict[str, Any]:
        about = message.metadata["voice"]
        self.asked.append(about.get("asked"))
        self.parsed.append((message.text, about.get("agreement")))
        entities = [{"entity": "size", "value": "large"}] if message.text == "large" else []
        fit: dict[str, Any] = {"log_probability": -3.0, "values": 0.0, "unknown": []}
        if about.get("asked") and message.text == "lark":
            fit["answer"] = {"text": self._answer, "agreement": 0.75}
        intent = {"name": "inform", "confidence": 0.9}
        return {"text": message.text, "intent": intent, "entities": entities, "vocabulary": fit}

    async def _take(self, message: Any) -> None:
        self.taken.append(message)

    async def retrieve(self, sender_id: str) -> None:
        """Have no conversation on record."""


def heard(text: str) -> UserTurn:
    return UserTurn(text, {"voice": {"confidence": 0.8}})


async def test_what_sounds_like_an_answer_to_the_question_is_understood_as_that() -> None:
    one = Understood()
    found = await one.bot.understand("ann", heard("lark"))
    assert found is not None
    assert found.fit is not None
    assert (found.meant, found.fit.answers, found.parse["entities"]) == (
        "large",
        True,
        [{"entity": "size", "value": "large"}],
    )
    assert one.asked == [{"entities": ("size",)}, None]
    assert one.parsed == [("lark", None), ("large", 0.75)]


@pytest.mark.parametrize("understood_before", [True, False])
async def test_the_bot_takes_the_answer_and_knows_what_was_heard(understood_before: bool) -> None:
    one = Understood()
    turn = heard("lark")
    if understood_before:
        turn = replace(turn, understanding=await one.bot.understand("ann", turn))
    await one.bot.answer("ann", turn, lambda *_: pytest.fail("the bot says nothing"))  # type: ignore[arg-type]
    (message,) = one.taken
    assert (message.text, message.parse_data["text"]) == ("large", "large")
    assert message.metadata["voice"] == {"confidence": 0.8, "heard_first": "lark"}


@pytest.mark.parametrize("text", ["large", "what sizes are there"])
async def test_what_answers_or_says_something_else_stays_as_it_was_heard(text: str) -> None:
    found = await Understood().bot.understand("ann", heard(text))
    assert found is not None
    assert found.meant is None
    assert found.parse["text"] == text


async def test_what_the_bot_does_not_take_for_an_answer_stays_as_it_was_heard() -> None:
    found = await Understood(answer="lard").bot.understand("ann", heard("lark"))
    assert found is not None
    assert found.meant is None


async def test_without_a_question_nothing_is_taken_for_an_answer() -> None:
    one = Understood()
    one.bot._expectations.clear()
    found = await one.bot.understand("ann", heard("lark"))
    assert found is not None
    assert found.meant is None
    assert one.asked == [None]
