"""Actions for a bot's action server: import them there, and ``rasa run actions`` registers them.

``ActionTrackMood`` follows how the person's mood develops over a conversation. Rasa runs it after each message when a
slot's mapping names it::

    slots:
      mood:
        type: float
        min_value: -1.0
        influence_conversation: false
        mappings: [{type: custom, action: action_track_mood}]
"""

from __future__ import annotations

from typing import AbstractSet, Any, Iterable, Literal, Mapping, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

MOOD = "mood"
MOOD_LABEL = "mood_label"
MoodLabel = Literal["annoyed", "angry"]


class ActionTrackMood(Action):
    """Sets the slot ``mood`` to a running mean of the sentiment, and ``mood_label`` to what it amounts to.

    ``mood`` is from -1 to 1. It begins at 0, and each message moves it the share ``weight`` of the way to the message's
    own score (an exponentially weighted moving average), so that older messages count less and less.

    ``mood_label`` is ``angry`` below -``weight``, which no single message can reach from 0: the person must have been
    negative more than once. It is ``annoyed`` below half of that, and otherwise None, so that rules and stories that
    say nothing about it go on as before.

    A subclass may set other values; it then takes this one's place.

    Attributes:
        weight: share of the newest message, above 0 and below 1.
        ignored_intents: messages with these intents leave the mood as it was. A plain "no" is an answer, but its
            score is negative.
    """

    weight: float = 0.4
    ignored_intents: AbstractSet[str] = frozenset({"affirm", "deny"})

    def name(self) -> str:
        """Return the name that a slot's mapping uses."""
        return "action_track_mood"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Set both slots from the messages since the session began."""
        mood = running_mood(scores(tracker.events, ignored_intents=self.ignored_intents), weight=self.weight)
        return [SlotSet(MOOD, mood), SlotSet(MOOD_LABEL, mood_label(mood, weight=self.weight))]


def scores(events: Iterable[Mapping[str, Any]], *, ignored_intents: AbstractSet[str] = frozenset()) -> list[float]:
    """Return the sentiment scores, from -1 to 1, of the user's messages since the session began, oldest first.

    A message without a sentiment is left out: a button, or an intent sent as ``/intent``.
    """
    found: list[float] = []
    for event in events:
        if event.get("event") in ("session_started", "restart"):
            found.clear()
        parsed = (event.get("parse_data") or {}) if event.get("event") == "user" else {}
        intent = (parsed.get("intent") or {}).get("name")
        if parsed.get("sentiment") and intent not in ignored_intents:
            found.append(float(parsed["sentiment"]["score"]))
    return found


def running_mood(scores: Iterable[float], *, weight: float) -> float:
    """Return the exponentially weighted moving average of scores, begun at 0."""
    mood = 0.0
    for score in scores:
        mood += weight * (score - mood)
    return mood


def mood_label(mood: float, *, weight: float) -> Optional[MoodLabel]:
    """Name a running mood; None is calm."""
    if mood < -weight:
        return "angry"
    return "annoyed" if mood < -weight / 2 else None
