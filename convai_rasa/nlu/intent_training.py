"""Train an intent model, by fine-tuning the encoder or with the encoder as it is."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal, Optional, Protocol, Sequence

import numpy as np

from convai_rasa.errors import ConfigurationError, ModelError
from convai_rasa.nlu.calibration import fit_calibration
from convai_rasa.nlu.checkpoint import Checkpoint
from convai_rasa.nlu.encoder import Encoder, encoder_from_checkpoint
from convai_rasa.nlu.fine_tune import Recipe, fine_tune
from convai_rasa.nlu.intent_model import IntentModel

logger = logging.getLogger(__name__)

MAX_CHANGED_ANSWERS = 0.01  # int8 is given up when it changes more of the answers on the training examples
FLOAT_SAMPLE = 500  # training examples on which the frozen strategy compares int8 with float
INVERSE_REGULARISATION = 10.0  # of the logistic regression on embeddings of length one


class TrainingOptions(Protocol):
    """The options training reads; see ``IntentOptions``."""

    strategy: Literal["fine_tune", "frozen"]
    epochs: int
    learning_rate: float
    head_learning_rate: float
    batch_size: int
    max_length: int
    seed: int
    threads: Optional[int]


def train_intent_model(
    examples: Sequence[tuple[str, str]],
    options: TrainingOptions,
    *,
    checkpoint: Optional[Checkpoint],
    previous: Optional[IntentModel],
) -> IntentModel:
    """Train on (text, intent) pairs.

    Args:
        examples: at least two intents among them.
        options: how to train.
        checkpoint: the base model; None when going on from ``previous``.
        previous: a model to go on from, with its checkpoint; its intents are kept.

    Raises:
        ConfigurationError: ``max_length`` is beyond what the base model can read.
        ModelError: ``previous`` was loaded without its checkpoint.
    """
    start = previous.checkpoint if previous else checkpoint
    if start is None:
        raise ModelError("The classifier to go on from was loaded for serving only; load it with trainable=True.")
    longest = int(start.config["max_position_embeddings"])
    if options.max_length > longest:
        raise ConfigurationError(f"max_length: this base model reads at most {longest} word pieces.")
    texts = [text for text, _ in examples]
    known = previous.labels if previous else ()
    labels = (*known, *sorted({label for _, label in examples} - set(known)))
    number = {label: index for index, label in enumerate(labels)}
    classes = np.array([number[label] for _, label in examples])
    if options.strategy == "frozen":
        if previous and len(set(classes.tolist())) < len(labels):
            raise ConfigurationError("strategy frozen: give examples of every intent, the old ones too.")
        trained = _train_frozen(start, texts, classes, options)
    else:
        trained = _train_fine_tuned(start, texts, classes, options, previous, len(labels))
    return IntentModel(
        labels=labels,
        weight=trained.weight,
        bias=trained.bias,
        calibration=fit_calibration(trained.embeddings @ trained.weight.T + trained.bias, options.strategy),
        encoder=trained.encoder,
        strategy=options.strategy,
        max_length=options.max_length,
        quantization=trained.quantization,
        checkpoint=trained.checkpoint,
    )


@dataclass(frozen=True)
class _Trained:
    checkpoint: Checkpoint
    weight: np.ndarray
    bias: np.ndarray
    embeddings: np.ndarray
    encoder: Encoder
    quantization: str


def _train_fine_tuned(
    checkpoint: Checkpoint,
    texts: list[str],
    classes: np.ndarray,
    options: TrainingOptions,
    previous: Optional[IntentModel],
    label_count: int,
) -> _Trained:
    recipe = Recipe(
        epochs=options.epochs,
        learning_rate=options.learning_rate,
        head_learning_rate=options.head_learning_rate,
        batch_size=options.batch_size,
        max_length=options.max_length,
        seed=options.seed,
        threads=options.threads,
    )
    head = None
    if previous:
        new = label_count - len(previous.labels)
        head = (np.pad(previous.weight, ((0, new), (0, 0))), np.pad(previous.bias, (0, new)))
    tuned = fine_tune(checkpoint, texts, classes, recipe, head=head)
    encoder = encoder_from_checkpoint(tuned.checkpoint, max_length=options.max_length)
    quantization = "int8"
    if _changed_answers(tuned.embeddings, encoder.encode(texts), tuned.weight, tuned.bias) > MAX_CHANGED_ANSWERS:
        logger.info("int8 changes too many answers on the training examples; the encoder stays float32.")
        quantization = "float32"
        encoder = encoder_from_checkpoint(tuned.checkpoint, max_length=options.max_length, quantization=quantization)
    return _Trained(tuned.checkpoint, tuned.weight, tuned.bias, tuned.embeddings, encoder, quantization)


def _train_frozen(checkpoint: Checkpoint, texts: list[str], classes: np.ndarray, options: TrainingOptions) -> _Trained:
    encoder = encoder_from_checkpoint(checkpoint, max_length=options.max_length)
    embeddings = encoder.encode(texts)
    weight, bias = _logistic_regression(embeddings, classes)
    precise = encoder_from_checkpoint(checkpoint, max_length=options.max_length, quantization="float32")
    sample = np.unique(np.linspace(0, len(texts) - 1, FLOAT_SAMPLE).astype(int))
    reference = precise.encode([texts[index] for index in sample])
    if _changed_answers(reference, embeddings[sample], weight, bias) <= MAX_CHANGED_ANSWERS:
        return _Trained(checkpoint, weight, bias, embeddings, encoder, "int8")
    logger.info("int8 changes too many answers on the training examples; the encoder stays float32.")
    embeddings = precise.encode(texts)
    weight, bias = _logistic_regression(embeddings, classes)
    return _Trained(checkpoint, weight, bias, embeddings, precise, "float32")


def _logistic_regression(embeddings: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=1000).fit(embeddings, classes)
    weight, bias = fitted.coef_.astype(np.float32), fitted.intercept_.astype(np.float32)
    if len(weight) == 1:  # two classes: scikit-learn keeps the difference of the two rows
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    return weight, bias


def _changed_answers(exact: np.ndarray, served: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> float:
    """Return the share of texts whose best class differs between two sets of embeddings."""
    return float(np.mean((exact @ weight.T + bias).argmax(axis=1) != (served @ weight.T + bias).argmax(axis=1)))
