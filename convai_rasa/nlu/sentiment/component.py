"""Sentiment inside a Rasa pipeline: ``HybridSentimentAnalyzer`` around ``SentimentAnalyzer``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Dict, List, Optional

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.nlu.component import Component, NLUComponentError, not_scored_by_rasa_test, one_sentence
from convai_rasa.nlu.encoder import checkpoint_hash
from convai_rasa.nlu.sentiment.analyzer import SentimentAnalyzer
from convai_rasa.nlu.sentiment.halves import LABELS, Label
from convai_rasa.nlu.sentiment.labeled_texts import examples_hash, read_examples
from convai_rasa.options import Field, Options
from convai_rasa.store import resolve

SENTIMENT = "sentiment"  # the key on the message, and the name of the entity
CODE_VERSION = "5"  # raise it when training changes, so that Rasa does not reuse a head fitted by older code


class SentimentOptions(Options):
    """The keys of the component in config.yml."""

    model: str = "nlu/sentiment"
    train_from: Optional[str] = None
    entity_labels: List[Label] = Field(default_factory=lambda: list(LABELS))


# Trained on the user's own file, if any. Rasa does not run an extractor over the training examples.
@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=True)
class HybridSentimentAnalyzer(Component[SentimentOptions], EntityExtractorMixin):
    """Rasa component around ``SentimentAnalyzer``; needs no other component.

    The result is ``tracker.latest_message["sentiment"]``, and an entity ``sentiment`` over the whole message
    whose value is the label, so that a slot can be filled from it.
    """

    keys = SentimentOptions
    _analyzer: Optional[SentimentAnalyzer] = None

    @staticmethod
    def required_packages() -> List[str]:
        """Return the packages this component needs."""
        return ["ctranslate2", "tokenizers", "safetensors", "vaderSentiment"]

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Make Rasa train again when the file of examples, the model's files or the training code changed."""
        model, examples = config.get("model"), config.get("train_from")
        if not model or not examples:
            return None  # nothing to train, or Rasa asks on behalf of cached outputs, with another configuration
        with one_sentence():
            return f"{CODE_VERSION}:{checkpoint_hash(resolve(model))}:{examples_hash(Path(examples))}"

    def restore(self, trained: Optional[Path]) -> None:
        """Load what was trained from the archive, or the model as it is when nothing was."""
        self._analyzer = SentimentAnalyzer(trained or self._options.model)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the head on the file that ``train_from`` names, if any, and store it in the archive with the encoder."""
        if self._options.train_from:
            with one_sentence():
                texts, labels = read_examples(Path(self._options.train_from))
                analyzer = SentimentAnalyzer(self._options.model, trained=False)
                analyzer.train(texts, labels)
                with self._model_storage.write_to(self._resource) as folder:
                    analyzer.save(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set ``sentiment`` on each message that has a text, and add the entity."""
        spoken = [message for message in messages if (message.get(TEXT) or "").strip()]
        if self._analyzer is None:
            raise NLUComponentError("This sentiment component was created for training; load a trained one to use it.")
        results = self._analyzer.analyze([message.get(TEXT) for message in spoken])
        for message, sentiment in zip(spoken, results, strict=True):
            message.set(SENTIMENT, asdict(sentiment), add_to_output=True)
            if sentiment.label in self._options.entity_labels:
                entity = {"entity": SENTIMENT, "value": sentiment.label, "start": 0, "end": len(message.get(TEXT))}
                found = message.get(ENTITIES, []) + self.add_extractor_name([entity])
                message.set(ENTITIES, found, add_to_output=True)
        return messages


not_scored_by_rasa_test(HybridSentimentAnalyzer.__name__)
