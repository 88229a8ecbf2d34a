"""What was hardly heard is not acted upon: a low recognition confidence becomes Rasa's ``nlu_fallback``."""

from __future__ import annotations

from typing import List, Optional, Type

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY
from rasa.shared.nlu.training_data.message import Message

from convai_rasa.nlu.component import Component
from convai_rasa.options import Field, Options


class VoiceConfidenceOptions(Options):
    """The keys of the component in config.yml."""

    threshold: float = Field(0.5, ge=0, le=1)


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class VoiceConfidence(Component[VoiceConfidenceOptions], IntentClassifier):
    """Rasa component that answers doubtful hearing like doubtful understanding.

    The voice channel puts the recognition confidence into each message's ``metadata.voice.confidence``. Below the
    threshold the intent becomes ``nlu_fallback``, ahead of the ranking, as Rasa's own ``FallbackClassifier`` does it;
    so ``action_two_stage_fallback`` still finds what was understood. Messages without that number are left alone.
    """

    keys = VoiceConfidenceOptions

    @classmethod
    def required_components(cls) -> List[Type]:
        """Return what must come before: an intent classifier."""
        return [IntentClassifier]

    def process(self, messages: List[Message]) -> List[Message]:
        """Put ``nlu_fallback`` in front of what was understood from words that were hardly heard."""
        for message in messages:
            confidence = heard_with(message)
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


def heard_with(message: Message) -> Optional[float]:
    """Return the confidence in [0, 1] with which a message was heard; None if it was not spoken."""
    metadata = message.get("metadata")
    voice = metadata.get("voice") if isinstance(metadata, dict) else None
    confidence = voice.get("confidence") if isinstance(voice, dict) else None
    if isinstance(confidence, bool) or not isinstance(confidence, (int, float)):
        return None
    return float(confidence)
