"""What is taken for an answer to a closed question, and what is not."""

from __future__ import annotations

from typing import Optional

import pytest
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.nlu import ValueMapper
from convai_rasa.nlu.vocabulary.closed_questions import Asked, short_examples
from convai_rasa.nlu.vocabulary.sentence_model import Sentences
from convai_rasa.nlu.vocabulary.world import BotWorld

pytestmark = pytest.mark.rasa

VALUES = {
    "size": ("small", "medium", "large"),
    "milk": ("whole milk", "skim milk", "oat milk", "no milk"),
    "room": ("garden", "terrace", "window seat"),
    "roast": ("light roast", "dark roast"),
}
EXAMPLES = {
    "affirm": ("yes", "yes please", "yeah", "sure", "that's right", "correct"),
    "deny": ("no", "no thanks", "nope", "not at all"),
    "cancel": ("cancel that", "actually cancel my order", "never mind", "stop it please"),
    "ask": ("what sizes are there", "which milk do you have", "how much is it", "can I sit outside"),
    "greet": ("hello", "good morning"),
    "help": ("I don't know", "what do you mean", "help me", "say that again", "go back", "let me talk to a person"),
}
SIZE, MILK, ROOM = Asked(("size",)), Asked(("milk",)), Asked(("room",))
ROAST, YES_NO = Asked(("roast",)), Asked(intents=("affirm", "deny"))
SEATS = Asked(values=("indoors", "outdoors"))


@pytest.fixture(scope="module")
def world() -> BotWorld:
    data = TrainingData([Message.build(text, intent) for intent, texts in EXAMPLES.items() for text in texts])
    mapper = ValueMapper({entity: {value: value for value in values} for entity, values in VALUES.items()})
    return BotWorld.learn(data, mapper, "en")


def meant(world: BotWorld, text: str, asked: Asked, *, only_alike: bool = False) -> Optional[str]:
    found = world.answers.nearest(text, asked, only_alike=only_alike)
    return found and found.value


@pytest.mark.parametrize(
    ("asked", "text", "answer"),
    [
        (SIZE, "lark", "large"),
        (SIZE, "The Lark, please.", "large"),
        (SIZE, "Lars", "large"),
        (SIZE, "smell", "small"),
        (SIZE, "um, a smell", "small"),
        (SIZE, "mall", "small"),
        (SIZE, "I'd like a smalls", "small"),
        (SIZE, "meet them", None),  # too far to be sure
        (SIZE, "medium", "medium"),
        (SIZE, "median", "medium"),
        (SIZE, "a medium's", "medium"),
        (MILK, "skin milk", "skim milk"),
        (MILK, "with a skin milk", "skim milk"),
        (MILK, "hole milk", "whole milk"),
        (MILK, "oh milk", None),  # no milk is as near
        (MILK, "know milk", "no milk"),
        (ROOM, "gardens", "garden"),
        (ROOM, "the harden", "garden"),
        (ROOM, "terrorists", None),  # too far
        (ROOM, "in the terrance", "terrace"),
        (ROOM, "windows seat", "window seat"),
        (ROAST, "light", "light roast"),
        (ROAST, "lied roast", "light roast"),
        (ROAST, "dark ghost", "dark roast"),
        (YES_NO, "know", "no"),
        (YES_NO, "nah", "no"),
        (YES_NO, "yes's", "yes"),
        (YES_NO, "yep", None),  # one of three sounds is too much
        (YES_NO, "sewer", None),
        (YES_NO, "shore", "yes"),
        (YES_NO, "that's ride", "yes"),
        (YES_NO, "not a tall", "no"),
        (YES_NO, "no tanks", "no"),
        (SEATS, "in doors", "indoors"),
        (SEATS, "outdoor", "outdoors"),
        (SEATS, "out doors please", "outdoors"),
    ],
)
def test_what_sounds_like_one_answer_is_that_answer(
    world: BotWorld, asked: Asked, text: str, answer: Optional[str]
) -> None:
    assert meant(world, text, asked) == answer


@pytest.mark.parametrize("asked", [SIZE, MILK, ROOM, ROAST, YES_NO, SEATS], ids=str)
@pytest.mark.parametrize(
    "text",
    [
        "actually cancel that",
        "cancel",
        "what sizes are there?",
        "what sizes are there",
        "which ones do you have",
        "how big is that",
        "can you say that again",
        "what was the question",
        "hang on a second",
        "I need to think about it",
        "I changed my mind",
        "let me talk to somebody",
        "a person please",
        "goodbye",
        "hello",
        "thanks",
        "thanks a lark",
        "I don't care",
        "it doesn't matter",
        "whatever you recommend",
        "how much does it cost",
        "is there parking",
        "my name is Peter",
        "at half past seven",
        "twenty",
        "help",
        "can I get a receipt",
        "stop",
        "repeat that",
        "I already told you",
        "is it the same price",
        "the weather is lovely today",
        "",
        "☕",
    ],
)
def test_what_says_something_else_stays(world: BotWorld, asked: Asked, text: str) -> None:
    assert meant(world, text, asked) is None


@pytest.mark.parametrize(
    ("asked", "text", "answer"), [(YES_NO, "know", "no"), (YES_NO, "nah", None), (SIZE, "mall", None)]
)
def test_words_that_make_sense_are_an_answer_only_if_they_sound_the_same(
    world: BotWorld, asked: Asked, text: str, answer: Optional[str]
) -> None:
    assert meant(world, text, asked, only_alike=True) == answer


def test_two_answers_equally_near_are_none(world: BotWorld) -> None:
    assert meant(world, "nosh", Asked(values=("nose", "notch"))) is None
    assert meant(world, "hard", Asked(values=("card", "yard"))) is None


def test_without_sounds_letters_decide() -> None:
    world = BotWorld(ValueMapper({"storlek": {"liten": "liten", "stor": "stor"}}, "sv"), Sentences(), {}, "sv")
    assert meant(world, "litten", Asked(("storlek",))) == "liten"


def test_only_short_examples_are_answers_by_themselves() -> None:
    examples = [("deny", "no"), ("deny", "No thank you"), ("deny", "I do not think that I would"), ("deny", "no")]
    assert short_examples(examples, "en") == {"deny": ["no", "No thank you"]}
