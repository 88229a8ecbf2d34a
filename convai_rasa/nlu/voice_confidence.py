"""What was hardly heard is not acted upon: a low recognition confidence becomes Rasa's ``nlu_fallback``."""

from __future__ import annotations

import math
from typing import Any, List, Mapping, Optional, Tuple, Type

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY
from rasa.shared.nlu.training_data.message import Message

from convai_rasa.nlu.component import Component
from convai_rasa.options import Field, Options

# Fitted by benchmarks/readings.py, on orders that the project's own voice speaks in made-up noise.
_WEIGHTS = (3.42, 7.12, 1.40, 2.51)
VOCABULARY = "vocabulary"  # what the component of this name, or SpokenValueMapper, puts into a message that was heard
TURN_CONFIDENCE = "turn_confidence"
_LEAST = 1e-3  # confidence: a classifier's zero is none


class VoiceConfidenceOptions(Options):
    """The keys of the component in config.yml."""

    threshold: float = Field(0.5, ge=0, le=1)


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class VoiceConfidence(Component[VoiceConfidenceOptions], IntentClassifier):
    """Rasa component that answers doubtful hearing like doubtful understanding.

    The voice channel puts the recognition confidence into each message's ``metadata.voice.confidence``. Behind a
    ``Vocabulary`` it becomes the probability that intent and entities are right, which goes with the message as
    ``turn_confidence``; without one it stays what it is. Below the threshold the intent becomes ``nlu_fallback``, ahead
    of the ranking, as Rasa's own ``FallbackClassifier`` does it; so ``action_two_stage_fallback`` still finds what was
    understood. Messages without that number are left alone.
    """

    keys = VoiceConfidenceOptions

    @classmethod
    def required_components(cls) -> List[Type]:
        """Return what must come before: an intent classifier."""
        return [IntentClassifier]

    def process(self, messages: List[Message]) -> List[Message]:
        """Put ``nlu_fallback`` in front of what was understood from words that were hardly heard."""
        for message in messages:
            confidence = turn_confidence(message)
            if confidence is not None:
                message.set(TURN_CONFIDENCE, confidence, add_to_output=True)
            if confidence is not None and confidence < self._options.threshold:
                self._fall_back(message)
        return messages

    def _fall_back(self, message: Message) -> None:
        intent = message.get(INTENT) or {}
        if intent.get(INTENT_NAME_KEY) == DEFAULT_NLU_FALLBACK_INTENT_NAME:
            return  # twice in the ranking, it would hide what was understood
        # Rasa's fallback is as sure as its threshold is high; policies do not look at the number.
        fallback = {
            INTENT_NAME_KEY: DEFAULT_NLU_FALLBACK_INTENT_NAME,
            PREDICTED_CONFIDENCE_KEY: self._options.threshold,
        }
        ranking = message.get(INTENT_RANKING_KEY) or ([intent] if intent.get(INTENT_NAME_KEY) else [])
        message.set(INTENT, fallback, add_to_output=True)
        message.set(INTENT_RANKING_KEY, [dict(fallback), *ranking], add_to_output=True)


def turn_confidence(message: Message) -> Optional[float]:
    """Return how likely a message was heard and understood rightly, 0 to 1; None if it was not spoken.

    Without the ``vocabulary`` that ``Vocabulary`` puts into the message, it is how surely it was heard.
    """
    heard, vocabulary = heard_with(message), message.get(VOCABULARY)
    if heard is None or not isinstance(vocabulary, dict):
        return heard
    intent = float((message.get(INTENT) or {}).get(PREDICTED_CONFIDENCE_KEY) or 0.0)
    found = evidence(heard, intent, vocabulary)
    odds = sum(weight * one for weight, one in zip(_WEIGHTS, found, strict=True))
    return round(1 / (1 + math.exp(-odds)), 4)


def evidence(heard: float, intent: float, vocabulary: Mapping[str, Any]) -> Tuple[float, float, float, float]:
    """Return what speaks for a turn being understood rightly, for ``_WEIGHTS``.

    It takes the confidences of the recognizer and the classifier, 0 to 1, and what ``Vocabulary`` put into the message.
    How well the words fit into the bot's sentences is left out: it earns little, and a sentence that nobody thought of
    would count as misheard.
    """
    return 1.0, math.log(max(heard, _LEAST)), vocabulary["values"], math.log(max(intent, _LEAST))


def heard_with(message: Message) -> Optional[float]:
    """Return the confidence in [0, 1] with which a message was heard; None if it was not spoken."""
    metadata = message.get("metadata")
    voice = metadata.get("voice") if isinstance(metadata, dict) else None
    confidence = voice.get("confidence") if isinstance(voice, dict) else None
    if isinstance(confidence, bool) or not isinstance(confidence, (int, float)):
        return None
    return float(confidence)
