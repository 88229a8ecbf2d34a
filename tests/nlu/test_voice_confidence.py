"""The component alone, and in a pipeline that Rasa trains and runs."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Dict, List

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier, undo_fallback_prediction
from rasa.shared.nlu.training_data.message import Message

from convai_rasa.nlu import VoiceConfidence
from convai_rasa.nlu.component import NLUComponentError

pytestmark = pytest.mark.rasa

ORDER = {"name": "order", "confidence": 0.9}
GREET = {"name": "greet", "confidence": 0.1}
FALLBACK = {"name": "nlu_fallback", "confidence": 0.5}


def component(**config: Any) -> VoiceConfidence:
    return VoiceConfidence.create(config, None, None, None)  # type: ignore[arg-type]  # a component without files


def understood(metadata: Any, **config: Any) -> Dict[str, Any]:
    data = {"text": "two coffees", "metadata": metadata, "intent": dict(ORDER), "intent_ranking": [ORDER, GREET]}
    (message,) = component(**config).process([Message(data=data)])
    return {"intent": message.get("intent"), "intent_ranking": message.get("intent_ranking")}


def heard(confidence: Any) -> Dict[str, Any]:
    return {"voice": {"confidence": confidence}}


def test_what_was_hardly_heard_is_not_acted_upon() -> None:
    assert understood(heard(0.49)) == {"intent": FALLBACK, "intent_ranking": [FALLBACK, ORDER, GREET]}


FITS = {"log_probability": -6.0, "values": 0.0, "unknown": []}
LED = {"log_probability": -6.0, "values": -1.2, "unknown": []}  # three values that half agree with known ones


def sure(vocabulary: Dict[str, Any], confidence: float = 0.8) -> float:
    data = {"text": "two coffees", "metadata": heard(confidence), "intent": dict(ORDER), "vocabulary": vocabulary}
    (message,) = component().process([Message(data=data)])
    return float(message.get("turn_confidence"))


def test_a_turn_is_as_sure_as_what_was_heard_and_how_it_fits() -> None:
    assert 0 < sure(LED) < sure(FITS) < 1
    assert sure(FITS, 0.5) < sure(FITS, 0.9)
    assert sure({**FITS, "unknown": ["possibly"]}) == sure(FITS), "a sentence that nobody thought of is not misheard"


def test_what_was_heard_hardly_and_fits_badly_is_not_acted_upon() -> None:
    data = {"text": "two coffees", "metadata": heard(0.62), "intent": dict(ORDER), "vocabulary": LED}
    (message,) = component().process([Message(data=data)])
    assert message.get("intent") == FALLBACK


def test_without_a_vocabulary_a_turn_is_as_sure_as_it_was_heard() -> None:
    (message,) = component().process([Message(data={"text": "two", "metadata": heard(0.7), "intent": dict(ORDER)})])
    assert message.get("turn_confidence") == 0.7


def test_rasa_finds_what_was_understood_behind_it() -> None:
    assert undo_fallback_prediction(understood(heard(0.1)))["intent"] == ORDER


@pytest.mark.parametrize(
    "metadata",
    [
        heard(0.5),
        heard(1),
        heard(None),
        heard(True),
        heard("low"),
        {"voice": None},
        {"voice": {"session_id": "1"}},
        {"table": 7},
        {},
        None,
        "voice",
    ],
)
def test_what_was_typed_or_heard_well_stays(metadata: Any) -> None:
    assert understood(metadata) == {"intent": ORDER, "intent_ranking": [ORDER, GREET]}


@pytest.mark.parametrize(("threshold", "name"), [(0.0, "order"), (0.3, "order"), (0.31, "nlu_fallback")])
def test_the_threshold_decides(threshold: float, name: str) -> None:
    assert understood(heard(0.3), threshold=threshold)["intent"]["name"] == name


def test_after_rasas_own_fallback_there_is_one_fallback() -> None:
    message = Message(
        data={"text": "hm", "metadata": heard(0.1), "intent": dict(GREET), "intent_ranking": [dict(GREET)]}
    )
    FallbackClassifier({"threshold": 0.3, "ambiguity_threshold": 0.1}).process([message])
    before = list(message.get("intent_ranking"))
    component().process([message])
    assert message.get("intent_ranking") == before
    assert [intent["name"] for intent in before] == ["nlu_fallback", "greet"]


def test_without_a_ranking_the_intent_is_kept_behind() -> None:
    (message,) = component().process([Message(data={"text": "x", "metadata": heard(0.1), "intent": dict(ORDER)})])
    assert message.get("intent_ranking") == [FALLBACK, ORDER]


@pytest.mark.parametrize("config", [{"treshold": 0.4}, {"threshold": 1.5}, {"threshold": "low"}])
def test_a_wrong_key_is_one_sentence(config: Dict[str, Any]) -> None:
    with pytest.raises(NLUComponentError, match=r"config\.yml, VoiceConfidence: .*threshold"):
        component(**config)


NLU = """version: "3.1"
nlu:
- intent: order
  examples: |
    - two coffees please
    - a tea please
- intent: greet
  examples: |
    - hello
    - good morning
"""


async def intents(archive: str, messages: List[UserMessage]) -> List[Any]:
    agent = Agent.load(archive)
    assert agent.processor is not None
    return [(await agent.processor.parse_message(message))["intent"]["name"] for message in messages]


@pytest.mark.e2e
def test_rasa_runs_it_behind_its_classifier(train_pipeline: Callable[..., str]) -> None:
    classifier = ("WhitespaceTokenizer", "CountVectorsFeaturizer", "LogisticRegressionClassifier")
    ours = {"name": "convai_rasa.nlu.VoiceConfidence", "threshold": 0.4}
    archive = train_pipeline(NLU, *({"name": name} for name in classifier), ours)
    text = "two coffees please"
    messages = [UserMessage(text), UserMessage(text, metadata=heard(0.9)), UserMessage(text, metadata=heard(0.3))]
    assert asyncio.run(intents(archive, messages)) == ["order", "order", "nlu_fallback"]
