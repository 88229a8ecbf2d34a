"""What sounds like a complaint, what is surely one that shall be passed on, and what takes it back."""

from __future__ import annotations

import re

from phrases import Phrases
from rasa_sdk import Tracker

from ..conversation import confidence, intent, sentiment, words
from ..hearing.notes import asks_something

# Scores from here down count as upset. A plain "no" or "stop" scores as low, so this is only asked about messages that
# were praise or not understood, never about an answer.
UPSET = -0.9
# A complaint is surely one by its words, or by the classifier and the mood.
_SURE = 0.6
_TELLS_FROM = 7  # words
_WANTS = (
    r"\b(?:i|we)(?: just| really| do)* (?:want|need|demand|insist|expect (?:an?|you|my|some\w*|the|to))\b"
    r"(?! you to know| to (?:say|mention|tell|let you|share|point))"
    r"|\b(?:i|we)(?:'d| would)(?: just| really)* (?:like|appreciate|expect (?:an?|you|some\w*))\b"
    r"(?! you to know| to (?:say|mention|tell|let you|share|point))"
)
SAID = Phrases(__file__, wants=_WANTS)


def is_upset(tracker: Tracker) -> bool:
    """Say whether the latest message sounds strongly negative."""
    label, score = sentiment(tracker)
    return label == "negative" and score <= UPSET


def tells_a_complaint(tracker: Tracker) -> bool:
    """Say whether the latest message tells what went wrong, beyond doubt, whether or not anything shall come of it."""
    said = words(tracker).lower()
    if intent(tracker) != "complaint" or SAID.no_complaint.search(said):
        return False
    if SAID.lightly.search(said) and not SAID.asks_for_something.search(said):
        return False
    if SAID.complaint_words.search(said):
        return True
    told = len(said.split()) >= _TELLS_FROM  # "this is useless" does not say of what
    return told and confidence(tracker) >= _SURE and sentiment(tracker)[0] == "negative"


def is_sure_complaint(tracker: Tracker) -> bool:
    """Say whether the latest message is a complaint that the guest wants passed on, so that nobody need ask."""
    return tells_a_complaint(tracker) and asks_to_act(words(tracker))


def asks_to_act(text: str) -> bool:
    """Say whether something shall come of what went wrong: "I'd like somebody to get back to me"."""
    said = text.lower().replace("\u2019", "'")
    return bool(SAID.asks_for_something.search(said)) and not (SAID.only_tells.search(said) or takes_back(said))


def takes_back(text: str) -> bool:
    """Say whether nothing shall come of it: "no, leave it, I don't want any fuss"."""
    said = text.lower().replace("\u2019", "'")
    found = SAID.withdraws.search(said)
    return found is not None and not re.search(_WANTS, said[found.end() :])


def may_complain(tracker: Tracker) -> bool:
    """Say whether words that were taken for something else sound like a grievance, so that it is asked about."""
    said = words(tracker).lower()
    return bool(SAID.complaint_words.search(said) or SAID.abuse.search(said)) and not asks_something(said)


def sounds_bad(text: str) -> bool:
    """Say whether words of a complaint are in a text."""
    return bool(SAID.complaint_words.search(text.lower()))
