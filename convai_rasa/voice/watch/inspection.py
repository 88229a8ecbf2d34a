"""What a developer sees of a turn: how it was understood, what was done about it, and what is remembered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Optional

MOST_ITEMS = 50  # of a list or an object; what a slot holds may be a whole timetable
LONGEST_TEXT = 500  # characters of one value
DEEPEST = 6  # objects in each other
MOST_RANKED = 10  # intents


def inspection(
    events: Sequence[Mapping[str, Any]], slots: Mapping[str, Any], form: Optional[str] = None
) -> dict[str, Any]:
    """Describe the last turn of a conversation: the keys of the protocol's ``inspect``, cut to a size that can be read.

    The events are those of Rasa's tracker since the person last spoke, as dictionaries, theirs first.
    """
    user = next((event for event in events if event["event"] == "user"), {})
    parse = user.get("parse_data") or {}
    described = {
        "text": user.get("text"),
        "intent": parse.get("intent"),
        "intent_ranking": list(parse.get("intent_ranking") or [])[:MOST_RANKED],
        "entities": list(parse.get("entities") or []),
        "sentiment": parse.get("sentiment"),
        "slots": {name: value for name, value in slots.items() if value is not None},
        "form": form,
        "actions": [
            {key: event[key] for key in ("name", "policy", "confidence") if event.get(key) is not None}
            for event in events
            if event["event"] == "action"
        ],
        "events": [{key: value for key, value in event.items() if key != "parse_data"} for event in events],
    }
    short: dict[str, Any] = _short(json.loads(json.dumps(described, default=str)), DEEPEST)
    return short


def _short(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else value[:LONGEST_TEXT] + "…"
    if isinstance(value, (dict, list)) and depth == 0:
        return "…"
    if isinstance(value, dict):
        return {key: _short(item, depth - 1) for key, item in list(value.items())[:MOST_ITEMS]}
    if isinstance(value, list):
        return [_short(item, depth - 1) for item in value[:MOST_ITEMS]]
    return value
