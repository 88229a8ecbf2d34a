"""Sentiment by VADER and a BERT head together.

``SentimentAnalyzer`` stands alone; ``HybridSentimentAnalyzer`` is the same inside a Rasa pipeline.
"""

from __future__ import annotations

import json
import logging
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Type, Union, overload

import numpy as np
from pydantic import Field
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from convai_rasa.errors import ConfigurationError, ModelError, require
from convai_rasa.nlu.checkpoint import read_checkpoint
from convai_rasa.nlu.component import component_options, not_scored_by_rasa_test, one_sentence
from convai_rasa.nlu.encoder import Encoder, encoder_from_checkpoint, export_encoder
from convai_rasa.nlu.sentiment_head import LABELS, VADER_NEUTRAL, Label, SentimentHead, vader_features
from convai_rasa.options import Options
from convai_rasa.store import resolve

logger = logging.getLogger(__name__)

SENTIMENT = "sentiment"  # the key on the message, and the name of the entity
DEFAULT_HEAD = Path(__file__).parent / "data" / "sentiment_head.safetensors"
HEAD_MODEL = "nlu/minilm"  # the encoder whose embeddings the default head reads
HEAD_FILE = "sentiment_head.safetensors"
SETTINGS_FILE = "sentiment.json"
ENCODER_FOLDER = "encoder"
MAX_LENGTH = 128
NEUTRAL_BAND = 0.5  # mean human ratings from -4 to 4; nearer to zero than this counts as neutral


class SentimentOptions(Options):
    """The keys of the component in config.yml."""

    model: str = "nlu/sentiment"
    entity_labels: List[Label] = Field(default_factory=lambda: list(LABELS))


@dataclass(frozen=True)
class Half:
    """What one half of the analyser says by itself.

    Attributes:
        label: by VADER's own rule, or the most likely one of the BERT head.
        score: from -1 to 1: VADER's compound score, or the probability of positive minus that of negative.
    """

    label: Label
    score: float


@dataclass(frozen=True)
class Sentiment:
    """The mood of one text.

    Attributes:
        label: the most likely of negative, neutral and positive.
        score: the probability of positive minus that of negative, from -1 to 1; the more novel the text is, the more
            VADER's compound score.
        vader: VADER alone.
        bert: the BERT head alone.
        novelty: how unlike the training texts the text is, from 0 to 1; at 1 label and score are VADER's own.
    """

    label: Label
    score: float
    vader: Half
    bert: Half
    novelty: float = 0.0


class SentimentAnalyzer:
    """Tells whether a text is negative, neutral or positive.

    Example:
        >>> SentimentAnalyzer().analyze("the food was cold and the waiter was rude").label
        'negative'
    """

    def __init__(self, model_path: Union[str, Path] = "nlu/sentiment", *, trained: bool = True) -> None:
        """Load the encoder and the head.

        Args:
            model_path: a folder that ``save`` wrote, or a DistilBERT checkpoint (a model of the store or a
                folder) to use with the head that comes with the package.
            trained: False loads a checkpoint without a head, to ``train`` one for it.

        Raises:
            ModelError: the model is not installed, is damaged, or is one the head was not made for.
            MissingExtra: ctranslate2, tokenizers or vaderSentiment is not installed.
        """
        vader = require("vaderSentiment.vaderSentiment", extra="nlu")
        self._lexicon = vader.SentimentIntensityAnalyzer()
        self._folder = resolve(str(model_path))
        self._head: Optional[SentimentHead] = None
        if (self._folder / SETTINGS_FILE).is_file():
            self._encoder = Encoder(self._folder / ENCODER_FOLDER, max_length=MAX_LENGTH)
            self._head = SentimentHead.load(self._folder / HEAD_FILE)
            return
        checkpoint = read_checkpoint(self._folder)
        if trained:
            self._head = _default_head(self._folder, checkpoint.dim)
        self._encoder = encoder_from_checkpoint(checkpoint, max_length=MAX_LENGTH)

    @overload
    def analyze(self, text: str) -> Sentiment: ...

    @overload
    def analyze(self, text: list[str]) -> list[Sentiment]: ...

    def analyze(self, text: Union[str, list[str]]) -> Union[Sentiment, list[Sentiment]]:
        """Return the sentiment of a text, or of each of several; an empty text is neutral."""
        if isinstance(text, str):
            return self._analyze_all([text])[0]
        return self._analyze_all(text)

    def train(self, texts: Sequence[str], ratings: Sequence[Union[str, float]]) -> None:
        """Fit both halves on rated texts; the encoder stays as it is.

        Args:
            texts: the examples, all three labels among them.
            ratings: for each a label, or a mean human rating from -4 to 4 (within 0.5 of zero is neutral).

        Raises:
            ConfigurationError: lengths differ, a label is unknown, or a label has no example.
        """
        if len(texts) != len(ratings):
            raise ConfigurationError(f"{len(texts)} texts came with {len(ratings)} ratings; give one for each text.")
        classes = np.array([_class_of(rating) for rating in ratings], dtype=np.int64)
        features = vader_features([self._lexicon.polarity_scores(text) for text in texts])
        self._head = SentimentHead.fit(features, self._encoder.encode(texts), classes)

    def save(self, path: Union[str, Path]) -> None:
        """Write encoder and head into a folder that needs nothing else to be used."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        if (self._folder / SETTINGS_FILE).is_file():
            if self._folder.resolve() != folder.resolve():
                shutil.copytree(self._folder / ENCODER_FOLDER, folder / ENCODER_FOLDER, dirs_exist_ok=True)
        else:
            export_encoder(read_checkpoint(self._folder), folder / ENCODER_FOLDER, quantization="int8")
        self.save_head(folder / HEAD_FILE)
        (folder / SETTINGS_FILE).write_text(json.dumps({"format": 1, "labels": LABELS}), encoding="utf-8")

    def save_head(self, path: Path) -> None:
        """Write the head alone, as the package ships it."""
        self._trained_head().save(path)

    def _trained_head(self) -> SentimentHead:
        if self._head is None:
            raise ModelError("This sentiment analyser has no head yet; call train() first.")
        return self._head

    def _analyze_all(self, texts: list[str]) -> list[Sentiment]:
        if not texts:
            return []
        head = self._trained_head()
        scores = [self._lexicon.polarity_scores(text) for text in texts]
        embeddings = self._encoder.encode(texts)
        by_vader, by_bert = head.vader(vader_features(scores)), head.bert(embeddings)
        results = []
        for text, score, bert, both, novelty in zip(
            texts, scores, by_bert, head.combine(by_vader, by_bert), head.novelty.measure(embeddings), strict=True
        ):
            if text.strip():
                vader = Half(_vader_label(score["compound"]), float(score["compound"]))
                halves = vader, Half(_label(bert), _score(bert))
                results.append(_lean_on_vader(both, *halves, novelty=float(novelty)))
            else:
                results.append(Sentiment("neutral", 0.0, Half("neutral", 0.0), Half("neutral", 0.0)))
        return results


def _default_head(folder: Path, dim: int) -> SentimentHead:
    head = SentimentHead.load(DEFAULT_HEAD)
    if dim != head.dim:
        raise ModelError(
            f"The sentiment head of this package reads embeddings of {head.dim} numbers, those of {folder} have "
            f"{dim}; use model: {HEAD_MODEL}, or a folder saved by SentimentAnalyzer."
        )
    return head


def _lean_on_vader(both: np.ndarray, vader: Half, bert: Half, *, novelty: float) -> Sentiment:
    """Mix the combined probabilities, shape (3,), with VADER's own answer, by how novel the text is."""
    own = np.eye(len(LABELS))[LABELS.index(vader.label)]
    mixed = (1.0 - novelty) * both + novelty * own
    score = (1.0 - novelty) * _score(both) + novelty * vader.score
    return Sentiment(_label(mixed), score, vader, bert, novelty)


def _class_of(rating: Union[str, float]) -> int:
    if isinstance(rating, str):
        if rating not in LABELS:
            raise ConfigurationError(f"'{rating}' is not a sentiment; use one of {', '.join(LABELS)}.")
        return LABELS.index(rating)
    return 2 if rating > NEUTRAL_BAND else 0 if rating < -NEUTRAL_BAND else 1


def _label(probabilities: np.ndarray) -> Label:
    return LABELS[int(probabilities.argmax())]


def _score(probabilities: np.ndarray) -> float:
    return float(probabilities[2] - probabilities[0])


def _vader_label(compound: float) -> Label:
    return "positive" if compound >= VADER_NEUTRAL else "negative" if compound <= -VADER_NEUTRAL else "neutral"


# Registered as an extractor that is not trained: Rasa then does not run it over the training examples.
@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=False)
class HybridSentimentAnalyzer(GraphComponent, EntityExtractorMixin):
    """Rasa component around ``SentimentAnalyzer``; needs no other component.

    The result is ``tracker.latest_message["sentiment"]``, and an entity ``sentiment`` over the whole message
    whose value is the label, so that a slot can be filled from it.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """Return the components that must come before this one: none."""
        return []

    @staticmethod
    def required_packages() -> List[str]:
        """Return the packages this component needs."""
        return ["ctranslate2", "tokenizers", "safetensors", "vaderSentiment"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Return the default of every key."""
        return SentimentOptions().dict()

    def __init__(self, analyzer: SentimentAnalyzer, options: Optional[SentimentOptions] = None) -> None:
        """Hold the analyser."""
        self._analyzer = analyzer
        self._entity_labels = frozenset((options or SentimentOptions()).entity_labels)

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> HybridSentimentAnalyzer:
        """Check the configuration and load the model."""
        with one_sentence():
            options = component_options(SentimentOptions, config, cls.__name__)
            return cls(SentimentAnalyzer(options.model), options)

    def process(self, messages: List[Message]) -> List[Message]:
        """Set ``sentiment`` on each message that has a text, and add the entity."""
        spoken = [message for message in messages if (message.get(TEXT) or "").strip()]
        results = self._analyzer.analyze([message.get(TEXT) for message in spoken])
        for message, sentiment in zip(spoken, results, strict=True):
            message.set(SENTIMENT, asdict(sentiment), add_to_output=True)
            if sentiment.label in self._entity_labels:
                entity = self.add_extractor_name([_entity(message.get(TEXT), sentiment)])
                message.set(ENTITIES, message.get(ENTITIES, []) + entity, add_to_output=True)
        return messages


def _entity(text: str, sentiment: Sentiment) -> Dict[str, Any]:
    return {
        ENTITY_ATTRIBUTE_TYPE: SENTIMENT,
        ENTITY_ATTRIBUTE_VALUE: sentiment.label,
        ENTITY_ATTRIBUTE_START: 0,
        ENTITY_ATTRIBUTE_END: len(text),
    }


not_scored_by_rasa_test(HybridSentimentAnalyzer)
