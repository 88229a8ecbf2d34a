"""Intents from a DistilBERT encoder, trained on the bot's own examples.

``IntentClassifier`` stands alone; ``DistilBertIntentClassifier`` is the same inside a Rasa pipeline.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Union

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.classifier import IntentClassifier as RasaIntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.errors import ConfigurationError, ModelError
from convai_rasa.nlu.component import Component, bot_language, one_sentence
from convai_rasa.nlu.encoder import torch_installed
from convai_rasa.nlu.intents.options import IntentOptions
from convai_rasa.nlu.intents.source import TrainedModel, load_model, open_source, source_hash
from convai_rasa.nlu.intents.training import train_intent_model
from convai_rasa.nlu.training_sentences import write_sentences
from convai_rasa.options import parse_options
from convai_rasa.store import resolve

__all__ = ["DistilBertIntentClassifier", "IntentClassifier", "IntentOptions", "IntentPrediction"]

logger = logging.getLogger(__name__)

PARTS = "parts"  # of a message that somebody has taken apart
CODE_VERSION = "5"  # raise it when training changes, so that Rasa does not reuse a model trained by older code


@dataclass(frozen=True)
class IntentPrediction:
    """What one message means.

    Attributes:
        name: the intent; None when the message is empty.
        confidence: from 0 to 1; low when the message is about something the bot was not trained on.
        ranking: the most likely intents with their confidences, best first, ``name`` included.
    """

    name: Optional[str]
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()


class IntentClassifier:
    """Trains on example messages, predicts the intent of others, saves and loads.

    Example:
        >>> classifier = IntentClassifier()
        >>> classifier.train(["hi", "hello", "bye", "see you"], ["greet", "greet", "leave", "leave"])
        >>> classifier.predict(["good morning"])[0].name
        'greet'
        >>> classifier.save("my_intents")
    """

    def __init__(self, model_path: Union[str, Path, None] = None, *, trainable: bool = False) -> None:
        """Load a trained classifier, or make an untrained one.

        Args:
            model_path: a name in the models/ tree or a path. It is a folder that ``save`` wrote, the archive
                (``.tar.gz``) of a trained bot, or a classifier fine-tuned elsewhere (a sequence-classification
                checkpoint, whose labels are the intents); None for a classifier that is to be trained.
            trainable: also load what ``train(..., incremental=True)`` needs; only for training, it costs memory.

        Raises:
            ModelNotFound: there is nothing of that name.
            ModelCorrupt: there is no trained classifier; the message says what is missing and what was found.
        """
        self._model: Optional[TrainedModel] = None
        if model_path is not None:
            self._model = load_model(resolve(model_path), trainable=trainable)

    @property
    def labels(self) -> tuple[str, ...]:
        """The intents it knows; empty when it is not trained."""
        return self._model.labels if self._model else ()

    def train(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        base_model: str = "nlu/intent_classifier",
        incremental: bool = False,
        language: Optional[str] = None,
        **options: Any,
    ) -> None:
        """Train on examples; whatever was trained before is replaced.

        Args:
            texts: example messages; blank ones are left out.
            labels: the intent of each.
            base_model: a name in the models/ tree, a folder with a DistilBERT or BERT checkpoint, or a classifier to
                continue from: a folder that ``save`` wrote, or the archive (``.tar.gz``) of a trained bot.
            incremental: continue from the current state instead of ``base_model``. Whenever training continues from
                a classifier, its intents are kept and new ones are added.
            language: of the bot, ISO 639-1; emoji that the encoder does not know are read by their names in it, or in
                English.
            options: the other fields of ``IntentOptions``.

        Raises:
            ConfigurationError: an option is unknown or impossible, or the examples cannot be trained on, because they
                are too few or in a language that the base model does not know.
            ModelError: the base model is not installed or is none of these.
        """
        chosen = parse_options(IntentOptions, {"model": base_model, **options}, where="IntentClassifier.train")
        examples = _usable_examples(texts, labels)
        if incremental and self._model is None:
            raise ConfigurationError("There is nothing to continue from: train or load a classifier first.")
        source = self._model if incremental and self._model else open_source(resolve(chosen.model))
        self._model = train_intent_model(examples, chosen, source, language=language)

    def predict(self, texts: Sequence[str], *, ranking_length: int = 0) -> list[IntentPrediction]:
        """Return the intent of each text; several texts at once are faster than one by one.

        Args:
            texts: messages.
            ranking_length: how many intents to rank, best first; 0 means all.

        Raises:
            ModelError: the classifier is not trained.
        """
        if self._model is None:
            raise ModelError("This intent classifier is not trained; call train() or give it a trained folder.")
        predictions = [IntentPrediction(name=None, confidence=0.0)] * len(texts)
        spoken = [index for index, text in enumerate(texts) if text.strip()]
        if not spoken:
            return predictions
        for index, row in zip(spoken, self._model.confidences([texts[index] for index in spoken]), strict=True):
            best = np.argsort(-row, kind="stable")[: ranking_length or None]
            ranking = tuple((self._model.labels[label], float(row[label])) for label in best)
            predictions[index] = IntentPrediction(ranking[0][0], ranking[0][1], ranking)
        return predictions

    def save(self, path: Union[str, Path]) -> None:
        """Write the trained classifier into a folder that needs nothing else to be used.

        Raises:
            ModelError: the classifier is not trained.
        """
        if self._model is None:
            raise ModelError("This intent classifier is not trained; there is nothing to save.")
        self._model.save(Path(path))


def _usable_examples(texts: Sequence[str], labels: Sequence[str]) -> list[tuple[str, str]]:
    if len(texts) != len(labels):
        raise ConfigurationError(f"{len(texts)} texts came with {len(labels)} labels; give one label for each text.")
    examples = [(text, label) for text, label in zip(texts, labels, strict=True) if text and text.strip()]
    intents = sorted({label for _, label in examples})
    if len(intents) < 2:
        found = f"only '{intents[0]}'" if intents else "none"
        raise ConfigurationError(
            f"An intent classifier needs examples of at least two intents, but there is {found}; "
            "add examples of another intent to the training data."
        )
    return examples


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class DistilBertIntentClassifier(Component[IntentOptions], RasaIntentClassifier):
    """Rasa component around ``IntentClassifier``; needs no tokenizer or featurizer before it."""

    keys = IntentOptions
    _classifier: Optional[IntentClassifier] = None

    @staticmethod
    def required_packages() -> List[str]:
        """Return the packages needed to run; torch is needed to fine-tune and asked for then."""
        return ["ctranslate2", "tokenizers", "safetensors"]

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Make Rasa train again when the base model's files or the training code changed, or torch was installed."""
        model = config.get("model")
        if not model:
            return None  # Rasa also asks on behalf of cached outputs, with another configuration
        with one_sentence():
            return f"{CODE_VERSION}:{torch_installed()}:{source_hash(resolve(model))}"

    def restore(self, trained: Optional[Path]) -> None:
        """Load the classifier from the trained archive, if there is one; the models/ tree is not needed."""
        if trained:
            self._classifier = IntentClassifier(trained, trainable=self._context.is_finetuning)

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the bot's examples and store the result in the archive."""
        examples = [(example.get(TEXT), example.get(INTENT)) for example in training_data.intent_examples]
        texts, intents = [text or "" for text, _ in examples], [intent for _, intent in examples]
        if len(set(intents)) < 2:
            logger.warning(
                "The training data has examples of %d intent(s); an intent classifier needs at least two, so this "
                "bot will recognize none. Add examples under nlu: in the training data.",
                len(set(intents)),
            )
            return self._resource
        settings = self._options.dict(exclude={"ranking_length"})
        with one_sentence():
            earlier = self._classifier if self._context.is_finetuning else None
            classifier = earlier or IntentClassifier()
            model, language = settings.pop("model"), bot_language(self._context)
            going_on = earlier is not None
            classifier.train(texts, intents, base_model=model, incremental=going_on, language=language, **settings)
            with self._model_storage.write_to(self._resource) as folder:
                classifier.save(folder)
                write_sentences(folder, texts, intents)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set ``intent`` and ``intent_ranking`` on each message, and ``intent`` on each of its parts.

        A component of the bot's own before this one may have put the ``parts`` of a message there, each a dict with
        its ``text``.
        """
        length = self._options.ranking_length
        parts = [part for message in messages for part in message.get(PARTS) or ()]
        texts = [message.get(TEXT) or "" for message in messages] + [part[TEXT] for part in parts]
        if self._classifier is None:
            predictions = [IntentPrediction(name=None, confidence=0.0) for _ in texts]
        else:
            predictions = self._classifier.predict(texts, ranking_length=length)
        intents = [{"name": one.name, "confidence": one.confidence} for one in predictions]
        for part, intent in zip(parts, intents[len(messages) :], strict=True):
            part[INTENT] = intent
        for message, intent, prediction in zip(messages, intents, predictions, strict=False):
            ranking = [{"name": name, "confidence": confidence} for name, confidence in prediction.ranking]
            message.set(INTENT, intent, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages
