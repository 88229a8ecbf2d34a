"""What the page suggests that a stranger asks, from what a trained bot knows of itself."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest

from convai_rasa.voice.suggestions import SUGGESTIONS, beginnings_of, choose_suggestions


def examples(**sentences: list[str]) -> dict[str, Any]:
    return {intent: {"count": len(texts), "first": texts} for intent, texts in sentences.items()}


BANK = examples(
    greet=["hello there my friend", "hi"],
    affirm=["yes", "yes that is right please"],
    inform=["to my savings account please", "it is forty euros"],
    check_balance=["what is my balance", "how much money do i have", "show my account balance"],
    transfer_money=["i want to send some money", "transfer money to anna", "send fifty euros", "pay my rent now"],
    ask_opening_hours=["when are you open", "opening hours please"],
    block_card=["i lost my card", "my card was stolen yesterday", "block my credit card please"],
)


def test_three_of_the_main_intents_are_suggested_and_none_that_answers_or_chats() -> None:
    assert choose_suggestions(BANK, None, "en") == [
        "I want to send some money",
        "What is my balance?",
        "I lost my card",
    ]


def test_only_what_begins_a_conversation_is_suggested() -> None:
    assert choose_suggestions(BANK, {"greet", "ask_opening_hours"}, "en") == ["When are you open?"]


def test_a_bot_whose_beginnings_have_no_examples_suggests_what_it_has() -> None:
    assert len(choose_suggestions(BANK, {"elsewhere"}, "en")) == SUGGESTIONS


def test_a_bot_without_examples_suggests_nothing() -> None:
    assert choose_suggestions({}, {"greet"}, "en") == []


def test_fragments_payloads_and_speeches_are_no_suggestions() -> None:
    found = examples(
        city=["berlin", "new york", "to paris"],
        order=["/order", "one large pizza with everything on it and a coke to go for me", "i want a pizza"],
    )
    assert choose_suggestions(found) == ["I want a pizza"]


def test_two_that_are_almost_the_same_are_not_both_suggested() -> None:
    found = examples(hours=["when are you open today"], sunday=["are you open on sunday"], menu=["what is for lunch"])
    assert choose_suggestions(found, None, "en") == ["When are you open today?", "What is for lunch?"]


@pytest.mark.parametrize(
    ("sentence", "language", "written"),
    [
        ("wann haben sie offen", "de", "Wann haben sie offen?"),
        ("qué tienen de comer", "es", "¿Qué tienen de comer?"),
        ("je voudrais un billet", "fr", "Je voudrais un billet"),
        ("what is my balance", None, "What is my balance"),
        ("can i see the menu please", "en", "Can I see the menu please"),
        ("我想预订一张桌子", "zh", "我想预订一张桌子"),
    ],
)
def test_sentences_are_written_as_people_write_them(sentence: str, language: str | None, written: str) -> None:
    assert choose_suggestions(examples(ask=[sentence]), None, language) == [written]


def test_rules_and_stories_tell_what_begins_a_conversation() -> None:
    def key(*states: dict[str, Any]) -> str:
        return json.dumps(list(states))

    def packed(*states: dict[str, Any]) -> str:
        return base64.b64encode(zlib.compress(key(*states).encode())).decode()

    def says(intent: str, **more: Any) -> dict[str, Any]:
        return {"prev_action": {"action_name": "action_listen"}, "user": {"intent": intent}, **more}

    acted = {"prev_action": {"action_name": "utter_x"}, "user": {"intent": "ask_hours"}}
    rules = [key(says("ask_hours")), key(says("ask_hours"), acted), key(says("stop", active_loop={"name": "form"}))]
    stories = [packed({}, says("book")), packed({}, says("greet"), acted, says("deny")), packed(says("affirm")), "?"]
    assert beginnings_of(rules, stories) == {"ask_hours", "book"}
    assert beginnings_of([], []) is None
