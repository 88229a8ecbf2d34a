"""What VADER hears in a text once names, courtesy and figures of speech are out of it."""

from __future__ import annotations

import pytest
from vaderSentiment import vaderSentiment

from convai_rasa.nlu.sentiment.figures_of_speech import plain_reading, without_names

VADER = vaderSentiment.SentimentIntensityAnalyzer()


def compound(text: str) -> float:
    nameless = without_names(text, VADER.lexicon)
    return float(VADER.polarity_scores(plain_reading(nameless, VADER.lexicon, vaderSentiment.negated))["compound"])


@pytest.mark.parametrize(
    "text",
    [
        "my name is Grace Love",
        "my name is grace love",
        "this is Joy Winter",
        "Charity Goodman, table for two",
        "put it under the name Hope",
        "could I speak to Mrs Battle",
        "I live on Hope Street",
        "is this the Paradise Hotel",
        "ask for Victor Champion at the desk",
        "I'd like to book a table",
        "I would love to know when you open",
        "please bring the menu",
        "yes, at seven",
        "yes please",
        "no, at eight",
        "can you help me with my booking",
        "do you sell gift cards",
        "a table near the door as well",
        "my feet are killing me",
        "we have an hour to kill, so we kill time at the bar",
        "it is red like the last one",
        "kindly improve your service",
    ],
)
def test_names_courtesy_and_exaggeration_carry_no_feeling(text: str) -> None:
    assert compound(text) == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "nobody loves this place",
        "no one here is happy with it",
        "nobody who works here is friendly",
        "none of your rooms was clean or nice",
        "neither of us was happy",
        "hardly anyone in there smiled",
        "I can't say that I was pleased",
        "thanks for nothing",
    ],
)
def test_a_negating_subject_turns_praise_around(text: str) -> None:
    assert compound(text) < 0.0 < VADER.polarity_scores(text)["compound"]


@pytest.mark.parametrize(
    "text",
    [
        "I couldn't be happier",
        "I have no complaints at all",
        "not bad at all",
        "your ribs are to die for",
        "you can't go wrong with the ribs",
        "we never had any trouble with you",
        "my kids are crazy about your fries",
    ],
)
def test_praise_by_a_negation_or_an_idiom_is_praise(text: str) -> None:
    assert compound(text) > 0.0


@pytest.mark.parametrize("text", ["I could kill for a pizza", "I'd murder for a curry", "I'm dying to try the menu"])
def test_a_strong_wish_is_no_threat(text: str) -> None:
    assert compound(text) >= 0.0


@pytest.mark.parametrize(
    "text",
    [
        "I love this place",
        "we like it and do not like the other one",
        "Thank You so much",
        "Happy Birthday dear friend",
        "the waiter was rude and nobody was there, the food was good",
        "the service was not good",
        "I never liked it",
        "das ist gut, danke",
        "",
        "   ",
    ],
)
def test_what_says_what_it_means_is_left_alone(text: str) -> None:
    assert compound(text) == VADER.polarity_scores(text)["compound"]


def test_a_negating_subject_reaches_no_further_than_its_clause() -> None:
    assert compound("nobody came but the food was great") > 0.0


def test_names_that_are_no_words_of_feeling_stay() -> None:
    assert without_names("my name is Peter Miller and this is Anna Smith", VADER.lexicon) == (
        "my name is Peter Miller and this is Anna Smith"
    )
    assert without_names("my name is Grace Love and I am late", VADER.lexicon) == "my name is Sam and I am late"
