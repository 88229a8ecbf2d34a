"""Make an intent model: fine-tune the encoder, fit a head on it as it is, or take a ready head."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Sequence

import numpy as np

from convai_rasa.errors import ConfigurationError, ModelError
from convai_rasa.nlu.encoder import Checkpoint, Encoder, check_language, encoder_from_checkpoint, read_checkpoint
from convai_rasa.nlu.intents.calibration import find_sharpness, fit_calibration
from convai_rasa.nlu.intents.fine_tune import fine_tune
from convai_rasa.nlu.intents.head import IntentHead
from convai_rasa.nlu.intents.model import IntentModel
from convai_rasa.nlu.intents.options import IntentOptions, Recipe
from convai_rasa.nlu.intents.own_names import name_as_words, speaking_names
from convai_rasa.nlu.intents.ready_model import ReadyIntentModel, int8_will_do
from convai_rasa.nlu.intents.source import Source, TrainedModel
from convai_rasa.nlu.intents.speech_noise import add_speech_noise
from convai_rasa.nlu.intents.strategy import choose_strategy, settle_auto
from convai_rasa.nlu.symbol_names import FALLBACK_LANGUAGE, SymbolNames

logger = logging.getLogger(__name__)

MAX_LENGTH = 64  # word pieces read of a message, unless the options say otherwise
LONGEST_READ = 512  # by a ready checkpoint, or as many as it allows: what was learned elsewhere is not cut short
FLOAT_SAMPLE = 500  # training examples on which the frozen strategy compares int8 with float


def train_intent_model(
    examples: Sequence[tuple[str, str]], options: IntentOptions, source: Source, *, language: Optional[str] = None
) -> TrainedModel:
    """Train on (text, intent) pairs of at least two intents; those of an earlier model are kept.

    Unknown emoji are named in the bot's ``language``, ISO 639-1, or in English.

    Raises:
        ConfigurationError: the options do not fit the model or the examples, or the model does not know their language.
        ModelError: the model to go on from was loaded without its checkpoint.
    """
    intents = sorted({label for _, label in examples})
    strategy = choose_strategy(options, source, intents)
    if strategy == "ready" or isinstance(source, ReadyIntentModel):
        return _ready([text for text, _ in examples], intents, options, source)
    previous = source if isinstance(source, IntentModel) else None
    start = read_checkpoint(source) if isinstance(source, Path) else source.checkpoint
    if start is None:
        raise ModelError("The classifier to continue from was loaded for serving only; load it with trainable=True.")
    longest = int(start.config["max_position_embeddings"])
    if options.max_length is not None and options.max_length > longest:
        raise ConfigurationError(f"max_length: this base model reads at most {longest} word pieces.")
    max_length = options.max_length or min(MAX_LENGTH, longest)
    known = previous.labels if previous else ()
    labels = (*known, *(intent for intent in intents if intent not in known))
    silent = [label for label in known if label not in intents]
    if silent and strategy == "frozen":
        raise ConfigurationError(
            f"strategy frozen: give examples of every intent, the old ones too; '{silent[0]}' has none."
        )
    if silent:
        logger.info("Intents of the earlier model without examples are kept: %s.", ", ".join(silent))
    number = {label: index for index, label in enumerate(labels)}
    symbols = language or FALLBACK_LANGUAGE
    encoder = encoder_from_checkpoint(start, max_length=max_length)
    texts = SymbolNames(encoder.tokenizer, symbols)([text for text, _ in examples])
    if not options.any_language:
        check_language(encoder.tokenizer, texts, model=options.model)
    classes = np.array([number[label] for _, label in examples])
    if previous and previous.strategy == "fine_tune":
        sharpness = previous.calibration.sharpness  # this encoder knows the examples already
    else:
        sharpness = find_sharpness(encoder.encode(texts), classes, balance=options.balance)
    if options.noisy_share:
        texts, classes = add_speech_noise(texts, classes, share=options.noisy_share, seed=options.seed)
    if strategy == "auto":
        strategy = "fine_tune" if silent else settle_auto(start, encoder.pieces(texts), classes, options)
    if options.intent_names:
        texts, classes = _with_names(labels, texts, classes, encoder)
    if strategy == "frozen":
        trained = _train_frozen(start, encoder, texts, classes, balance=options.balance)
    else:
        trained = _train_fine_tuned(start, encoder, texts, classes, options, previous.head if previous else None)
    return IntentModel(
        labels=labels,
        head=trained.head,
        calibration=fit_calibration(trained.head.evidence(trained.embeddings, strategy), strategy, sharpness),
        encoder=trained.encoder,
        strategy=strategy,
        quantization=trained.quantization,
        symbols=symbols,
        checkpoint=trained.checkpoint,
    )


def _ready(texts: list[str], intents: list[str], options: IntentOptions, source: Source) -> ReadyIntentModel:
    if options.noisy_share:
        logger.warning("speech_noise has no effect with strategy ready, which trains nothing.")
    if isinstance(source, ReadyIntentModel):
        model = source
    elif isinstance(source, Path):
        model = ReadyIntentModel.from_checkpoint(source, texts, max_length=options.max_length or LONGEST_READ)
    else:
        raise ConfigurationError(
            "strategy ready: the model is a classifier trained by this package; "
            "give a checkpoint with a classification head as model, or leave strategy out to continue from it."
        )
    missing = [intent for intent in intents if intent not in model.labels]
    if missing:
        named = ", ".join(f"'{intent}'" for intent in missing[:5]) + (", ..." if len(missing) > 5 else "")
        raise ConfigurationError(
            f"strategy ready: the model's own head does not know the intent {named}; "
            "rename the intent to one of the model's labels, or train with strategy fine_tune."
        )
    return model


@dataclass(frozen=True)
class _Trained:
    checkpoint: Checkpoint
    head: IntentHead
    embeddings: np.ndarray
    encoder: Encoder
    quantization: str


def _with_names(
    labels: Sequence[str], texts: list[str], classes: np.ndarray, encoder: Encoder
) -> tuple[list[str], np.ndarray]:
    """Add the names of intents that say what they are about to the examples."""
    named = speaking_names(labels, encoder.encode(texts), classes, encoder.encode)
    logger.debug("%d of %d intent names are used as examples.", len(named), len(labels))
    return [*texts, *(name_as_words(labels[number]) for number in named)], np.append(classes, named).astype(int)


def _train_fine_tuned(
    start: Checkpoint,
    encoder: Encoder,
    texts: list[str],
    classes: np.ndarray,
    recipe: Recipe,
    head: Optional[IntentHead],
) -> _Trained:
    logger.info("Fine-tuning on %d examples, in %d passes.", len(texts), recipe.epochs)
    checkpoint, head, embeddings = fine_tune(start, encoder.pieces(texts), classes, recipe, head=head)
    quantization, max_length = "int8", encoder.max_length
    encoder = encoder_from_checkpoint(checkpoint, max_length=max_length)
    if not int8_will_do(head.logits(embeddings), head.logits(encoder.encode(texts))):
        quantization = "float32"
        encoder = encoder_from_checkpoint(checkpoint, max_length=max_length, quantization=quantization)
    return _Trained(checkpoint, head, embeddings, encoder, quantization)


def _train_frozen(
    checkpoint: Checkpoint, encoder: Encoder, texts: list[str], classes: np.ndarray, *, balance: bool
) -> _Trained:
    def fit(encoder: Encoder, quantization: str) -> _Trained:
        logger.info("Embedding %d examples.", len(texts))
        embeddings = encoder.encode_shown(texts, "Embedding examples")
        logger.info("Fitting %d intents.", len(np.unique(classes)))
        head = IntentHead.fit(embeddings, classes, balance=balance)
        return _Trained(checkpoint, head, embeddings, encoder, quantization)

    trained = fit(encoder, "int8")
    precise = encoder_from_checkpoint(checkpoint, max_length=encoder.max_length, quantization="float32")
    sample = np.unique(np.linspace(0, len(texts) - 1, FLOAT_SAMPLE).astype(int))
    exact = trained.head.logits(precise.encode([texts[index] for index in sample]))
    if int8_will_do(exact, trained.head.logits(trained.embeddings[sample])):
        return trained
    return fit(precise, "float32")
