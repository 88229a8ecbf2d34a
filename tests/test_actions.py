"""How the mood runs over a conversation, through rasa_sdk's own executor."""

from __future__ import annotations

import asyncio
from typing import Any, Optional

import pytest
from rasa_sdk.executor import ActionExecutor

from convai_rasa.actions import ActionTrackMood, mood_label, running_mood, scores


def said(score: Optional[float], intent: str = "inform") -> dict[str, Any]:
    sentiment = {} if score is None else {"sentiment": {"label": "negative", "score": score}}
    return {"event": "user", "parse_data": {"intent": {"name": intent}, **sentiment}}


def slots(events: list[dict[str, Any]], action: type[ActionTrackMood] = ActionTrackMood) -> dict[str, Any]:
    executor = ActionExecutor()
    executor.register_action(action)
    tracker = {"sender_id": "a", "slots": {}, "latest_message": {}, "events": events, "active_loop": {}}
    answer = asyncio.run(executor.run({"next_action": "action_track_mood", "tracker": tracker, "domain": {}}))
    assert answer is not None
    assert answer["responses"] == []
    return {event["name"]: event["value"] for event in answer["events"]}


def test_each_message_moves_the_mood_a_share_of_the_way() -> None:
    assert running_mood([], weight=0.5) == 0.0
    assert running_mood([-1.0], weight=0.5) == -0.5
    assert running_mood([-1.0, 1.0], weight=0.5) == 0.25


def test_a_person_gets_angry_over_messages_and_calms_down_again() -> None:
    events = [said(0.1), said(-0.5), said(-0.5), said(-0.8), said(0.6), said(0.7)]
    labels = [slots(events[:count])["mood_label"] for count in range(len(events) + 1)]
    assert labels == [None, None, None, "annoyed", "angry", None, None]
    assert slots(events[:4])["mood"] == pytest.approx(running_mood([0.1, -0.5, -0.5, -0.8], weight=0.4))


@pytest.mark.parametrize("weight", [0.2, 0.4, 0.7])
def test_no_single_message_makes_angry(weight: float) -> None:
    assert mood_label(running_mood([-1.0], weight=weight), weight=weight) == "annoyed"
    assert mood_label(running_mood([-1.0, -1.0], weight=weight), weight=weight) == "angry"


def test_buttons_and_answers_leave_the_mood_as_it_is() -> None:
    events = [said(-0.9), said(None, "affirm"), said(-0.3, "deny"), {"event": "bot", "text": "Hm."}]
    assert scores(events, ignored_intents={"deny"}) == [-0.9]
    assert slots(events) == slots(events[:1])


@pytest.mark.parametrize("event", ["session_started", "restart"])
def test_a_new_session_begins_calm(event: str) -> None:
    assert slots([said(-0.9), said(-0.9), {"event": event}]) == {"mood": 0.0, "mood_label": None}


def test_a_subclass_sets_its_own_values() -> None:
    class Patient(ActionTrackMood):
        weight = 0.1
        ignored_intents = frozenset({"shout"})

    assert slots([said(-1.0, "shout"), said(-1.0)], Patient)["mood"] == pytest.approx(-0.1)
