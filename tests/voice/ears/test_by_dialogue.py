from __future__ import annotations

import pytest

from convai_rasa.languages import TurnWords, lexicon_of
from convai_rasa.voice.bot import Expectation, Understanding
from convai_rasa.voice.ears.by_dialogue import breaks_off, digits_growing, silence_to_wait
from convai_rasa.voice.ears.ending import Pause
from convai_rasa.voice.ears.phrase_ends import PhraseEnds
from convai_rasa.voice.options import TurnOptions


def turn_words(language: str) -> TurnWords:
    found = lexicon_of(language).turns
    assert found is not None
    return found


ENGLISH = turn_words("en")
TURN = TurnOptions()
NOTHING = Expectation()
SURE, UNSURE = Understanding("order", 0.95), Understanding("order", 0.3)
ORDERS = ["a large latte with milk", "a latte", "a small latte with sugar", "a mocha with sugar"] * 3


def wait(
    words: str,
    understanding: Understanding | None = SURE,
    expectation: Expectation = NOTHING,
    language: str | None = "en",
) -> int:
    return silence_to_wait(Pause(words, language, understanding, expectation, PhraseEnds(ORDERS)), TURN)


@pytest.mark.parametrize(
    "words",
    [
        "I'd like a table for",
        "I’d like",
        "Can I have a...",
        "book a table on the",
        "my name is",
        "um",
        "I want a latte, um",
        "on Friday, let me see",
        "we are four and -",
        "Hold on.",
        "I",
    ],
)
def test_an_unfinished_phrase_breaks_off(words: str) -> None:
    assert breaks_off(words, ENGLISH)
    assert wait(words) == TURN.late_ms


@pytest.mark.parametrize(
    "words",
    [
        "Yes.",
        "No",
        "Book a table for four.",
        "the one I like",
        "yes we do",
        "That.",
        "Well",
        "What time is it?",
        "",
        "?",
    ],
)
def test_a_finished_one_does_not(words: str) -> None:
    assert not breaks_off(words, ENGLISH)


@pytest.mark.parametrize(
    ("words", "slot", "growing"),
    [
        ("five five five", None, True),
        ("my number is 555 01", None, True),
        ("a table for four", None, False),
        ("at eight", "time", False),
        ("four two", "booking_id", True),
        ("42", "booking_id", False),
        ("four", "party_size", False),
    ],
)
def test_a_number_said_digit_by_digit_may_go_on(words: str, slot: str | None, growing: bool) -> None:
    assert digits_growing(words, Expectation(slot), ENGLISH) is growing


def test_a_sentence_that_ends_as_the_bots_do_ends_early() -> None:
    assert wait("a mocha with sugar") == TURN.early_ms


def test_words_that_never_end_a_sentence_are_waited_for() -> None:
    assert wait("a large") == TURN.late_ms


def test_words_that_end_some_sentences_are_given_more_time() -> None:
    assert wait("a large latte") == TURN.end_ms


def test_nothing_ends_early_that_was_not_understood() -> None:
    assert wait("a mocha with sugar", UNSURE) == TURN.end_ms
    assert wait("a mocha with sugar", None) == TURN.end_ms
    assert wait("") == TURN.end_ms


def test_unknown_words_that_are_understood_end_a_little_early() -> None:
    assert TURN.early_ms < wait("a decaf espresso romano") < TURN.end_ms


def test_who_may_say_anything_gets_time_to_think() -> None:
    free = Expectation("complaint", free_text=True)
    assert TURN.end_ms < wait("a mocha with sugar", SURE, free) < TURN.late_ms


def test_an_answer_to_a_form_need_not_be_a_whole_sentence() -> None:
    assert wait("a large", SURE, Expectation("size")) <= TURN.end_ms


def test_the_language_chooses_the_words() -> None:
    assert wait("Ich möchte einen Tisch für", language="de-AT") == TURN.late_ms
    assert wait("Quisiera una mesa para", language="es") == TURN.late_ms
    assert wait("Ich möchte einen Tisch für", language="en") != TURN.late_ms
    assert wait("a mocha with sugar", language=None) == TURN.early_ms


def test_in_a_language_without_words_silence_decides() -> None:
    assert wait("a mocha with sugar", language="fr") == TURN.end_ms
    assert wait("je voudrais une table pour", language="fr") == TURN.end_ms
