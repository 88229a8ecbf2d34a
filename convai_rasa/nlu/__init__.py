"""Text to meaning: the components for a Rasa pipeline, and the plain classes inside them.

Each name is loaded when it is first used, because most of their modules import Rasa.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convai_rasa.nlu.entity_extractor import EntityExtractor, SpacyModelEntityExtractor
    from convai_rasa.nlu.intent_classifier import DistilBertIntentClassifier, IntentClassifier
    from convai_rasa.nlu.sentiment import HybridSentimentAnalyzer
    from convai_rasa.nlu.sentiment_analyzer import SentimentAnalyzer
    from convai_rasa.nlu.voice_confidence import VoiceConfidence

__all__ = [
    "DistilBertIntentClassifier",
    "EntityExtractor",
    "HybridSentimentAnalyzer",
    "IntentClassifier",
    "SentimentAnalyzer",
    "SpacyModelEntityExtractor",
    "VoiceConfidence",
]

_MODULES = {
    "DistilBertIntentClassifier": "intent_classifier",
    "EntityExtractor": "entity_extractor",
    "HybridSentimentAnalyzer": "sentiment",
    "IntentClassifier": "intent_classifier",
    "SentimentAnalyzer": "sentiment_analyzer",
    "SpacyModelEntityExtractor": "entity_extractor",
    "VoiceConfidence": "voice_confidence",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
