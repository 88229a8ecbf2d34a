"""Words that go on with the question before them."""

from __future__ import annotations

from typing import Any

import pytest
from actions.talk.follow_up import follow_up, is_elliptic
from actions.talk.questions import QUESTIONS
from rasa_sdk import Tracker


def tracker_of(*said: tuple[str, str], loop: str | None = None) -> Tracker:
    """Return the tracker of a conversation of these texts, each with its intent."""
    users: list[dict[str, Any]] = [
        {"event": "user", "text": text, "parse_data": {"text": text, "intent": {"name": intent, "confidence": 0.9}}}
        for text, intent in said
    ]
    latest = {"text": said[-1][0], "intent": {"name": said[-1][1], "confidence": 0.9}}
    return Tracker("caller", {}, latest, users, False, None, {"name": loop} if loop else {}, "action_listen")


@pytest.mark.parametrize(
    "text", ["and the curry?", "what about her on her own", "and me", "or by car", "ok and on monday", "vegan too"]
)
def test_what_goes_on_has_no_verb_of_its_own(text: str) -> None:
    assert is_elliptic(text)


@pytest.mark.parametrize(
    "text", ["and is it vegan", "and book a table", "monday", "yes please", "and how much is that"]
)
def test_what_has_one_or_asks_nothing_does_not_go_on(text: str) -> None:
    assert not is_elliptic(text)


@pytest.mark.parametrize(
    ("before", "then", "asked"),
    [
        (("are you open on sunday", "ask_hours"), "and on monday", "ask_hours"),
        (("how do i get there by bus", "ask_directions"), "and by car", "ask_directions"),
        (("can my dog come", "ask_other"), "and cats", "ask_other"),
        (("is the cake ok for a coeliac", "ask_allergens"), "and the curry", "ask_allergens"),
        (("how much is a main", "ask_menu"), "and desserts", "ask_menu"),
    ],
)
def test_it_asks_the_same_again(action_server: object, before: tuple[str, str], then: str, asked: str) -> None:
    [part] = follow_up(tracker_of(before, (then, "inform")), QUESTIONS)
    assert part.intent == asked
    assert then in part.text


def test_a_chain_goes_on_about_the_first_question(action_server: object) -> None:
    first = ("is the sorbet ok for a coeliac", "ask_allergens")
    [part] = follow_up(tracker_of(first, ("and the curry", "inform"), ("and the cake", "inform")), QUESTIONS)
    assert "coeliac" in part.text
    assert "curry" not in part.text


@pytest.mark.parametrize(
    ("before", "then"),
    [
        (("a table for two please", "book_table"), "and on monday"),
        (("are you open on sunday", "ask_hours"), "and the curry house"),
        (("is the cake vegan", "ask_allergens"), "and on monday"),
    ],
)
def test_what_does_not_fit_asks_nothing(action_server: object, before: tuple[str, str], then: str) -> None:
    assert follow_up(tracker_of(before, (then, "inform")), QUESTIONS) == []


def test_in_a_form_the_form_is_answered(action_server: object) -> None:
    said = (("are you open on sunday", "ask_hours"), ("and on monday", "inform"))
    assert follow_up(tracker_of(*said, loop="booking_form"), QUESTIONS) == []
