"""What a developer is told of a turn."""

from __future__ import annotations

import datetime
import json

from convai_rasa.voice.watch.inspection import LONGEST_TEXT, MOST_ITEMS, inspection
from convai_rasa.voice.wire import messages as m

USER = {
    "event": "user",
    "text": "a table for four",
    "parse_data": {
        "intent": {"name": "book", "confidence": 0.9},
        "intent_ranking": [{"name": "book", "confidence": 0.9}, {"name": "inform", "confidence": 0.1}],
        "entities": [{"entity": "number", "value": 4}],
        "sentiment": {"label": "neutral"},
    },
}
ACTION = {"event": "action", "name": "booking_form", "policy": "RulePolicy", "confidence": 1.0, "timestamp": 1.0}


def test_a_turn_is_described_in_the_protocols_keys() -> None:
    seen = m.Inspect(**inspection([USER, ACTION], {"size": 4, "name": None}, "booking_form"))
    assert seen.text == "a table for four"
    assert seen.intent == {"name": "book", "confidence": 0.9}
    assert [ranked["name"] for ranked in seen.intent_ranking] == ["book", "inform"]
    assert seen.entities == [{"entity": "number", "value": 4}]
    assert seen.sentiment == {"label": "neutral"}
    assert seen.slots == {"size": 4}
    assert seen.form == "booking_form"
    assert seen.actions == [{"name": "booking_form", "policy": "RulePolicy", "confidence": 1.0}]
    assert [event["event"] for event in seen.events] == ["user", "action"]
    assert "parse_data" not in seen.events[0]


def test_a_turn_before_anybody_spoke_can_be_described() -> None:
    assert m.Inspect(**inspection([ACTION], {})).intent is None


def test_what_a_slot_holds_is_cut_to_what_can_be_read() -> None:
    deep: object = "end"
    for _ in range(50):
        deep = {"in": deep}
    slots = {"long": "x" * 100_000, "many": list(range(100_000)), "deep": deep, "day": datetime.date(2026, 11, 26)}
    described = inspection([USER], slots)
    assert len(json.dumps(described)) < 10_000
    assert len(described["slots"]["long"]) == LONGEST_TEXT + 1
    assert len(described["slots"]["many"]) == MOST_ITEMS
    assert described["slots"]["day"] == "2026-11-26"
