"""What actions read of the conversation."""

from __future__ import annotations

from typing import Any

from actions.conversation import MOST_READ, bot_turns, said_before, words
from rasa_sdk import Tracker

LONG = "very long " * 100_000


def said(event: str, text: str) -> dict[str, Any]:
    return {"event": event, "text": text}


def test_of_a_long_text_the_beginning_is_read() -> None:
    events = [said("user", LONG), said("bot", LONG), said("user", LONG)]
    tracker = Tracker("ann", {}, {"text": LONG}, events, False, None, {}, "action_listen")
    read = LONG[:MOST_READ]
    assert (words(tracker), said_before(tracker), bot_turns(tracker)) == (read, [read], [[], [read], []])
