"""What answers a question, by the domain."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.core.domain import Domain

from convai_rasa.voice.bot import Expectation
from convai_rasa.voice.expectations import expectation_of, fills

pytestmark = pytest.mark.rasa

DOMAIN = Domain.from_yaml("""
version: "3.1"
intents: [affirm, deny, stop, inform]
entities: [{size: {roles: [cup]}}]
slots:
  size: {type: categorical, values: [small, large], mappings: [{type: from_entity, entity: size, role: cup}]}
  seat: {type: categorical, values: [indoors, outdoors], mappings: [{type: from_text}]}
  bag: {type: categorical, values: [paper, none], mappings: [{type: custom}]}
  sure:
    type: bool
    mappings:
    - {type: from_intent, intent: affirm, value: true}
    - {type: from_intent, intent: [deny, stop], value: false}
  story: {type: text, mappings: [{type: from_text}]}
  date: {type: any, mappings: [{type: custom}]}
  phone: {type: convai_rasa.capture.SpokenSlot, spoken: phone, mappings: [{type: from_text}]}
""")


@pytest.mark.parametrize(
    ("slot", "expectation"),
    [
        ("size", Expectation("size", asked={"entities": ("size",)})),
        ("seat", Expectation("seat", free_text=True, asked={"values": ("indoors", "outdoors")})),
        ("bag", Expectation("bag", asked={"values": ("paper", "none")})),
        ("sure", Expectation("sure", asked={"intents": ("affirm", "deny", "stop")})),
        ("story", Expectation("story", free_text=True)),
        ("date", Expectation("date")),
        ("phone", Expectation("phone", free_text=True, spoken="phone")),
        ("gone", Expectation("gone")),
    ],
)
def test_a_closed_question_has_its_answers(slot: str, expectation: Expectation) -> None:
    assert expectation_of(DOMAIN, slot) == expectation


@pytest.mark.parametrize(
    ("slot", "parse", "answers"),
    [
        ("size", {"entities": [{"entity": "size", "role": "cup", "value": "large"}]}, True),
        ("size", {"entities": [{"entity": "size", "value": "large"}]}, False),
        ("size", {"text": "large", "entities": []}, False),
        ("seat", {"text": "Outdoors", "entities": []}, True),
        ("seat", {"text": "in the rain", "entities": []}, False),
        ("sure", {"intent": {"name": "stop"}}, True),
        ("sure", {"intent": {"name": "inform"}}, False),
        ("sure", {"intent": {"name": None}}, False),
        ("story", {"text": "hello", "intent": {"name": "inform"}}, False),
        ("gone", {"text": "hello"}, False),
    ],
)
def test_words_answer_where_they_fill_the_slot(slot: str, parse: dict[str, Any], answers: bool) -> None:
    assert fills(DOMAIN, slot, parse) is answers
