"""``SentimentAnalyzer``: VADER and a BERT head together, outside of Rasa."""

from __future__ import annotations

import json
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Collection, Mapping, Optional, Sequence, Union, overload

import numpy as np

from convai_rasa.errors import ConfigurationError, ModelCorrupt, ModelError, require
from convai_rasa.nlu.encoder import (
    Encoder,
    SequenceClassifier,
    encoder_from_checkpoint,
    export_encoder,
    products,
    read_checkpoint,
)
from convai_rasa.nlu.sentiment.figures_of_speech import plain_reading, without_names
from convai_rasa.nlu.sentiment.fine_tuned import CheckpointHead
from convai_rasa.nlu.sentiment.halves import LABELS, VADER_NEUTRAL, Label, SentimentHead, vader_features, valences
from convai_rasa.nlu.sentiment.labeled_texts import label_of
from convai_rasa.nlu.symbol_names import FALLBACK_LANGUAGE, SymbolNames
from convai_rasa.store import FORMATS, check_files, kind_of, resolve

logger = logging.getLogger(__name__)

DEFAULT_HEAD = Path(__file__).parent / "data" / "sentiment_head.safetensors"
HEAD_MODEL = "nlu/minilm"  # the encoder whose embeddings the default head reads
HEAD_FILE = "sentiment_head.safetensors"
SETTINGS_FILE = "sentiment.json"
ENCODER_FOLDER = "encoder"
CLASSIFIER_FOLDER = "classifier"
MAX_LENGTH = 128
_Scores = Mapping[str, float]  # what VADER's polarity_scores returns
# What tells whether an encoder is the one that a head was trained on: how it embeds this text. The hash of its files
# would not, as converting the same model with another version of a library gives other files.
PROBE_TEXT = "the food was cold"  # few word pieces, so that any encoder can read it
SAME_ENCODER = 0.97  # least cosine; the same weights as int8 and as float32 have 0.998, any others far less


@dataclass(frozen=True)
class Half:
    """What one half of the analyzer says by itself.

    Attributes:
        label: by VADER's own rule, or the most likely one of the BERT head.
        score: from -1 to 1: VADER's compound score of the text as it is, or the probability of positive minus that of
            negative.
    """

    label: Label
    score: float


@dataclass(frozen=True)
class Sentiment:
    """The mood of one text.

    Attributes:
        label: negative, neutral or positive.
        score: the probability of positive minus that of negative, from -1 to 1; calibrated where nothing is novel.
        vader: VADER alone.
        bert: the BERT head alone.
        novelty: how unlike the training texts the text is, from 0 to 1; at 1 the halves count by the evidence that each
            has in this text alone, at 0 as they were worth on texts like it.
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
        """Load the model.

        Args:
            model_path: a model of the store or a folder. It is one that ``save`` wrote, a sentiment model fine-tuned
                elsewhere (a sequence-classification checkpoint), or an encoder's checkpoint to use with the head that
                comes with the package.
            trained: False loads the encoder without a head, to ``train`` one for it.

        Raises:
            ModelError: the model is not installed, is damaged, or is one the head was not made for.
            MissingExtra: ctranslate2, tokenizers or vaderSentiment is not installed.
        """
        vader = require("vaderSentiment.vaderSentiment", extra="nlu")
        self._lexicon = vader.SentimentIntensityAnalyzer()
        self._negated = vader.negated
        self._folder = resolve(str(model_path))
        self._encoder: Optional[Encoder] = None
        self._head: Optional[SentimentHead] = None
        self._checkpoint_head: Optional[CheckpointHead] = None
        if (self._folder / SETTINGS_FILE).is_file():
            self._load_saved()
        elif trained and kind_of(self._folder).name == "classifier":
            classifier = SequenceClassifier.from_checkpoint(self._folder, max_length=MAX_LENGTH)
            self._checkpoint_head = CheckpointHead(classifier, str(model_path))
            self._head = SentimentHead.load(DEFAULT_HEAD)
        else:
            self._encoder = encoder_from_checkpoint(read_checkpoint(self._folder), max_length=MAX_LENGTH)
            if trained:
                self._head = _default_head(self._encoder, self._folder)

    def _load_saved(self) -> None:
        check_files(self._folder, FORMATS["sentiments"])
        self._head = SentimentHead.load(self._folder / HEAD_FILE)
        classifier = self._folder / CLASSIFIER_FOLDER
        if classifier.is_dir():
            self._checkpoint_head = CheckpointHead(SequenceClassifier(classifier), str(classifier))
        else:
            self._encoder = Encoder(self._folder / ENCODER_FOLDER, max_length=MAX_LENGTH)
            _check_encoder(self._encoder, self._folder / ENCODER_FOLDER, self._folder / HEAD_FILE)

    @overload
    def analyze(self, text: str) -> Sentiment: ...

    @overload
    def analyze(self, text: list[str]) -> list[Sentiment]: ...

    def analyze(self, text: Union[str, list[str]]) -> Union[Sentiment, list[Sentiment]]:
        """Return the sentiment of a text, or of each of several; an empty text is neutral."""
        if isinstance(text, str):
            return self.analyze([text])[0]
        if not text:
            return []
        scores = [self._lexicon.polarity_scores(one) for one in text]
        judged = self._judge(*self._read(text, scores))
        results = []
        for one, score, both, weighed, bert, novelty in zip(text, scores, *judged, strict=True):
            if one.strip():
                vader = Half(_vader_label(score["compound"]), float(score["compound"]))
                half = Half(_label(bert), _score(bert))
                results.append(Sentiment(_label(weighed), _score(both), vader, half, float(novelty)))
            else:
                results.append(Sentiment("neutral", 0.0, Half("neutral", 0.0), Half("neutral", 0.0)))
        return results

    def train(
        self,
        texts: Sequence[str],
        ratings: Sequence[Union[str, float]],
        *,
        kinds: Optional[Sequence[str]] = None,
        parts: Optional[Mapping[str, int]] = None,
        words: Optional[Mapping[str, float]] = None,
        written: Collection[str] = (),
    ) -> None:
        """Fit both halves on rated texts; the encoder stays as it is.

        Args:
            texts: the examples, all three labels among them.
            ratings: for each a label, or a mean human rating from -4 to 4 (within 0.5 of zero is neutral).
            kinds: for each a name for the kind of text it is, such as tweets and reviews, when they are of several;
                how far VADER is trusted may then differ.
            parts: into how many groups of like texts to split a kind that is about many different things, so that
                novelty is measured well; the other kinds stay whole.
            words: rated words, such as those of a lexicon; they help with kinds of text that are not among the
                examples.
            written: kinds whose examples were written to cover a field, and not drawn from what people say. How often
                VADER is right about those means nothing, so for such texts the halves count by their evidence.

        Raises:
            ConfigurationError: lengths differ, a label is unknown, or a label has no example.
            ModelError: the model is a sentiment model as it is, loaded without ``trained=False``.
        """
        if self._encoder is None:
            raise ModelError(f"{self._folder} was loaded with its own head; load it with trained=False to train one.")
        if len(texts) != len(ratings):
            raise ConfigurationError(f"{len(texts)} texts came with {len(ratings)} ratings; give one for each text.")
        if kinds is not None and len(texts) != len(kinds):
            raise ConfigurationError(f"{len(texts)} texts came with {len(kinds)} kinds; give one for each text.")
        classes = np.array([LABELS.index(label_of(rating)) for rating in ratings], dtype=np.int64)
        texts, read = self._read(texts, [self._lexicon.polarity_scores(text) for text in texts])
        features = vader_features(read)
        names, numbers = np.unique([""] * len(texts) if kinds is None else list(kinds), return_inverse=True)
        by_number = {number: (parts or {}).get(str(name), 1) for number, name in enumerate(names)}
        logger.info("Embedding %d rated texts.", len(texts))
        embeddings = self._encoder.encode_shown(_named(self._encoder, texts), "Embedding rated texts")
        rated = None
        if words:
            word_classes = np.array([LABELS.index(label_of(rating)) for rating in words.values()], dtype=np.int64)
            rated = self._encoder.encode_shown(list(words), "Embedding rated words"), word_classes
        logger.info("Fitting the sentiment head.")
        no_sample = [number for number, name in enumerate(names) if name in written]
        self._head = SentimentHead.fit(features, embeddings, classes, numbers, by_number, rated, no_sample)

    def save(self, path: Union[str, Path]) -> None:
        """Write encoder and head into a folder that needs nothing else to be used."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        if self._checkpoint_head:
            self._checkpoint_head.classifier.save(folder / CLASSIFIER_FOLDER)
        elif not (self._folder / SETTINGS_FILE).is_file():
            export_encoder(read_checkpoint(self._folder), folder / ENCODER_FOLDER, quantization="int8")
        elif self._folder.resolve() != folder.resolve():
            shutil.copytree(self._folder / ENCODER_FOLDER, folder / ENCODER_FOLDER, dirs_exist_ok=True)
        self.save_head(folder / HEAD_FILE)
        (folder / SETTINGS_FILE).write_text(json.dumps({"format": 1, "labels": LABELS}), encoding="utf-8")

    def save_head(self, path: Path) -> None:
        """Write the head alone, as the package ships it, and beside it how its encoder embeds ``PROBE_TEXT``."""
        self._trained_head().save(path)
        if self._encoder is not None:
            np.save(path.with_suffix(".npy"), self._encoder.encode([PROBE_TEXT])[0].astype(np.float32))

    def _trained_head(self) -> SentimentHead:
        if self._head is None:
            raise ModelError("This sentiment analyzer has no head yet; call train() first.")
        return self._head

    def _read(self, texts: Sequence[str], scores: Sequence[_Scores]) -> tuple[list[str], list[_Scores]]:
        """Return texts without names, and VADER's scores of their plain reading, given those of the texts as they are.

        Where VADER knows no word there is nothing to take out.
        """
        nameless, read = [], []
        for text, score in zip(texts, scores, strict=True):
            if score["pos"] or score["neg"]:
                text = without_names(text, self._lexicon.lexicon)
                score = self._lexicon.polarity_scores(plain_reading(text, self._lexicon.lexicon, self._negated))
            nameless.append(text)
            read.append(score)
        return nameless, read

    def _judge(self, texts: list[str], read: list[_Scores]) -> tuple[np.ndarray, ...]:
        """Return probabilities of the labels, each of shape (n, 3), and how novel each text is, shape (n,).

        The probabilities are those by both halves together, the same with rare labels weighed up where the kind of
        text is known, of which the largest is the label, and those by the BERT half.
        """
        head, features = self._trained_head(), vader_features(read)
        if self._checkpoint_head:
            by_checkpoint = self._checkpoint_head.probabilities(texts)
            both = self._checkpoint_head.combine(head.vader(features), by_checkpoint)
            return both, both, by_checkpoint, np.zeros(len(texts))
        assert self._encoder is not None  # one of the two is there
        embeddings = self._encoder.encode(_named(self._encoder, texts))
        kinds = head.kinds(embeddings)
        by_bert, novelty = head.bert(embeddings, kinds)
        both = head.combine(head.vader(features), by_bert, kinds)
        evidence = head.weigh_evidence(valences(features[:, 0]), by_bert, head.general(embeddings), kinds, novelty)
        learned = ((1.0 - novelty) * products(kinds, head.sampled[None])[:, 0])[:, None]
        weighed = learned * head.weigh_rare_labels(both, kinds) + (1.0 - learned) * evidence
        return learned * both + (1.0 - learned) * evidence, weighed, by_bert, novelty


def _default_head(encoder: Encoder, folder: Path) -> SentimentHead:
    head, dim = SentimentHead.load(DEFAULT_HEAD), encoder.encode([PROBE_TEXT]).shape[1]
    if dim != head.dim:
        raise ModelError(
            f"The sentiment head of this package reads embeddings of {head.dim} numbers, those of {folder} have "
            f"{dim}; use model: {HEAD_MODEL}, or a folder saved by SentimentAnalyzer."
        )
    _check_encoder(encoder, folder, DEFAULT_HEAD)
    return head


def _check_encoder(encoder: Encoder, folder: Path, head: Path) -> None:
    """Refuse an encoder of the right shape that is not the one the head was trained on; its answers would be chance."""
    probe = head.with_suffix(".npy")
    if not probe.is_file():
        return  # saved before heads knew their encoder
    found = encoder.encode([PROBE_TEXT])[0]
    try:
        known = np.load(probe, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ModelCorrupt(f"{probe} cannot be read ({error}); train the sentiment head again.") from error
    if known.shape != found.shape or float(known @ found) < SAME_ENCODER:
        raise ModelError(
            f"{folder} is not the encoder that the sentiment head in {head.name} was trained on; use "
            f"model: {HEAD_MODEL}, or train a head for this one (train_from in config.yml)."
        )


def _named(encoder: Encoder, texts: Sequence[str]) -> list[str]:
    """Name the emoji that the encoder does not know; VADER has names of its own."""
    return SymbolNames(encoder.tokenizer, FALLBACK_LANGUAGE)(texts)


def _label(probabilities: np.ndarray) -> Label:
    return LABELS[int(probabilities.argmax())]


def _score(probabilities: np.ndarray) -> float:
    return float(probabilities[2] - probabilities[0])


def _vader_label(compound: float) -> Label:
    return "positive" if compound >= VADER_NEUTRAL else "negative" if compound <= -VADER_NEUTRAL else "neutral"
