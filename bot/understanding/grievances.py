"""What went wrong: a complaint about a visit, or somebody in danger."""

from __future__ import annotations

import re

from phrases import Phrases

from convai_rasa.nlu.values import find_people

SAID = Phrases(__file__)


def is_emergency(text: str) -> bool:
    """Say whether somebody is in danger now: "her lips are swelling and she can't breathe"."""
    return bool(SAID.danger.search(text.replace("\u2019", "'"))) and not SAID.not_now.search(text)


def is_about_a_grievance(text: str) -> bool:
    """Say whether words of a complaint are in a text, whatever else it asks for."""
    return bool(SAID.upset.search(text))


def tells_a_grievance(text: str) -> bool:
    """Say whether somebody tells what went wrong at a visit, whatever day, time or call is named beside it.

    "We sat there an hour last night and it was stone cold, I want the manager to ring me about it."
    """
    text = text.replace("\u2019", "'")
    if SAID.than_before.search(text) and not SAID.call_back.search(text):
        return False
    if SAID.money_back.search(text) and not re.search(r"\b(?:if|cancel\w*|deposit|voucher)\b|\?", text, re.I):
        return True
    wrong = SAID.went_wrong.search(text) and SAID.past_visit.search(text) and not SAID.no_grievance.search(text)
    if "?" in text or not wrong:
        return False
    if SAID.call_back.search(text):
        return True
    return bool(SAID.when_past.search(text)) and find_people(text) is None
