from __future__ import annotations

from collections import Counter

import pytest
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.errors import ConfigurationError
from convai_rasa.project.compare.split import Example, is_out_of_scope, rounds

pytestmark = pytest.mark.rasa


def data(counts: dict[str, int], **more: object) -> TrainingData:
    messages = []
    for intent, count in counts.items():
        for number in range(count):
            found = {"text": f"{intent} said in way {number}", "intent": intent.split("/")[0]}
            if "/" in intent:
                found["intent_response_key"] = intent
            messages.append(Message(data=found))
    return TrainingData(messages, **more)


def texts(examples: list[Example]) -> list[str]:
    return [example.text for example in examples]


def test_each_example_is_asked_once_and_never_trained_on_in_that_round() -> None:
    split = rounds(data({"greet": 20, "order": 30}), share=0.2, seed=0)
    asked = [text for one in split for text in texts(one.asked)]
    assert len(split) == 5
    assert len(asked) == len(set(asked)) == 50
    for one in split:
        trained = {message.get("text") for message in one.training.training_examples}
        assert not trained & set(texts(one.asked))
        assert len(trained) + len(one.asked) == 50


def test_every_intent_and_every_response_is_dealt_out_evenly() -> None:
    split = rounds(data({"greet": 10, "faq/hours": 10, "faq/price": 10}), share=0.2, seed=3)
    for one in split:
        assert Counter(example.response or example.intent for example in one.asked) == {
            "greet": 2,
            "faq/hours": 2,
            "faq/price": 2,
        }


def test_what_cannot_be_learnt_from_the_rest_is_always_trained_on() -> None:
    nlu = data({"greet": 20, "order": 20, "rare": 1})
    single = nlu.training_examples[0]
    single.set("entities", [{"entity": "city", "start": 0, "end": 5, "value": "greet"}])
    for one in rounds(nlu, share=0.2, seed=0):
        trained = {message.get("text") for message in one.training.training_examples}
        assert {single.get("text"), "rare said in way 0"} <= trained


def test_the_same_text_is_not_trained_on_where_it_is_asked() -> None:
    nlu = data({"greet": 20, "order": 20})
    nlu = TrainingData([*nlu.training_examples, Message(data={"text": "Greet said  in way 0", "intent": "greet"})])
    split = rounds(nlu, share=0.2, seed=0)
    where = [one for one in split if any("way 0" in text and "reet" in text for text in texts(one.asked))]
    assert len(where) == 1
    trained = [message.get("text").lower() for message in where[0].training.training_examples]
    assert not [text for text in trained if text.split() == ["greet", "said", "in", "way", "0"]]


def test_lookups_regexes_synonyms_and_responses_go_with_the_training() -> None:
    more = {
        "entity_synonyms": {"NYC": "New York"},
        "regex_features": [{"name": "zip", "pattern": "[0-9]{5}"}],
        "lookup_tables": [{"name": "city", "elements": ["Paris"]}],
        "responses": {"utter_faq/hours": [{"text": "Always."}]},
    }
    for one in rounds(data({"greet": 20, "order": 20}, **more), share=0.5, seed=0):
        for name, value in more.items():
            assert getattr(one.training, name) == value


def test_the_seed_decides() -> None:
    nlu = data({"greet": 20, "order": 20})
    first, again, other = (rounds(nlu, share=0.2, seed=seed)[0].asked for seed in (0, 0, 1))
    assert texts(first) == texts(again) != texts(other)


@pytest.mark.parametrize(
    ("counts", "says"), [({"greet": 40}, "only 'greet'"), ({}, "none"), ({"greet": 6, "order": 6}, "too few examples")]
)
def test_too_little_data_is_one_sentence(counts: dict[str, int], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        rounds(data(counts), share=0.2, seed=0)


@pytest.mark.parametrize(
    ("intent", "is_one"), [("out_of_scope", True), ("Out-Of-Scope", True), ("nlu_fallback", True), ("scope", False)]
)
def test_intents_made_for_what_is_out_of_scope_are_known_by_their_names(intent: str, is_one: bool) -> None:
    assert is_out_of_scope(intent) is is_one
