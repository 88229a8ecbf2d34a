"""Which of several readings is taken."""

from __future__ import annotations

import math
from typing import Any, Optional

import pytest

from convai_rasa.asr import Alternative, Transcript
from convai_rasa.voice.bot import Fit, Understanding
from convai_rasa.voice.ears import Reading, choose, readings_of


def reading(text: str, heard: float, fit: Optional[Fit], confidence: float = 0.9) -> Reading:
    return Reading(Transcript(text, 0.8, "en", 1.0, 0.0), heard, Understanding("order", confidence, None, fit))


@pytest.mark.parametrize(
    ("first", "other", "the_other_is_taken"),
    [
        (("and ice mocha", -3.0, Fit(-25.0, 0.0)), ("an iced mocha", -3.5, Fit(-12.0, 0.0)), True),
        (("an iced mocha", -3.0, Fit(-12.0, 0.0)), ("an iced coffee", -2.8, Fit(-12.0, 0.0)), False),
        (("I want a horse", -1.0, Fit(-30.0, 0.0)), ("I want a house", -16.0, Fit(-14.0, 0.0)), False),
        (("large", -1.0, Fit(-8.0, 0.0)), ("lark", -1.0, Fit(-8.0, 0.0, answers=True)), True),
    ],
    ids=[
        "what the bot's sentences say wins over what sounded a little more like it",
        "the first stays where no other is better by a margin",
        "what was heard surely stays however strange it is",
        "an answer to the question is preferred to what is none",
    ],
)
def test_one_of_two_readings_is_taken(first: Any, other: Any, the_other_is_taken: bool) -> None:
    readings = [reading(*first), reading(*other)]
    assert choose(readings) is readings[the_other_is_taken]


def test_without_a_bot_that_tells_the_first_stays() -> None:
    first = reading("one", -9.0, None)
    assert choose([first, reading("two", -1.0, Fit(-1.0, 0.0))]) is first
    assert choose([Reading(first.transcript, -9.0), Reading(first.transcript, -1.0)]).log_probability == -9.0


def test_each_reading_has_a_confidence_of_its_own() -> None:
    heard = Transcript("one", 0.5, "en", 1.0, 0.0, 4 * math.log(0.5), (Alternative("two", 4 * math.log(0.25)),), 0.1)
    first, other = readings_of(heard)
    assert (first.transcript.text, first.transcript.confidence, first.transcript.alternatives) == ("one", 0.5, ())
    assert other.transcript.text == "two"
    assert other.transcript.confidence == pytest.approx(0.25)


def test_an_engine_that_tells_no_probability_has_one_reading() -> None:
    heard = Transcript("one", 0.5, "en", 1.0, 0.0, None, (Alternative("two", -1.0),))
    assert [one.transcript.text for one in readings_of(heard)] == ["one"]


def test_certainty_has_one_confidence_for_all() -> None:
    heard = Transcript("one", 1.0, "en", 1.0, 0.0, 0.0, (Alternative("two", -1.0),))
    assert [one.transcript.confidence for one in readings_of(heard)] == [1.0, 1.0]
