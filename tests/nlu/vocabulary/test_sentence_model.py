"""The n-gram of the bot's sentences."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

from convai_rasa.nlu.vocabulary.sentence_model import Sentences, value_of

DRINK = value_of("drink")
SENTENCES = (("an", DRINK, "please"), ("i", "want", "a", DRINK), ("hello",))


def test_what_the_sentences_say_is_likelier_than_other_orders_of_it_and_other_words() -> None:
    sentences = Sentences(SENTENCES)
    likely = sentences.log_probability(("i", "want", "a", DRINK, "please"))
    assert likely > sentences.log_probability((DRINK, "a", "want", "i", "please"))
    assert likely > sentences.log_probability(("i", "want", "a", "wink", "please"))
    assert "wink" not in sentences
    assert "want" in sentences


def test_the_probabilities_of_what_may_follow_are_at_most_one() -> None:
    sentences = Sentences(SENTENCES)
    follow = [sentences._probability("want", "a", word) for word in {*itertools.chain(*SENTENCES), "</s>"}]
    assert 0.8 < sum(follow) <= 1.0


def test_without_sentences_any_words_are_equally_unlikely() -> None:
    nothing = Sentences()
    assert math.isclose(nothing.log_probability(("a", "b")), nothing.log_probability(("c", "d")))


def test_it_is_kept(tmp_path: Path) -> None:
    sentences = Sentences(SENTENCES)
    sentences.save(tmp_path)
    again = Sentences.load(tmp_path)
    assert again.log_probability(("an", DRINK)) == sentences.log_probability(("an", DRINK))


def test_a_model_of_an_older_version_has_none(tmp_path: Path) -> None:
    assert "want" not in Sentences.load(tmp_path)


def test_an_entity_of_two_words_is_one_word() -> None:
    assert " " not in value_of("milk amount")
