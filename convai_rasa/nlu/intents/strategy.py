"""Choose how to train: the checkpoint's own head, a fine-tuned encoder, or the encoder as it is."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Literal, Sequence

import numpy as np

from convai_rasa.errors import ConfigurationError, MissingExtra, install_command
from convai_rasa.nlu.encoder import Checkpoint, head_labels, import_torch, torch_installed
from convai_rasa.nlu.intents.fine_tune import fine_tune
from convai_rasa.nlu.intents.model import IntentModel
from convai_rasa.nlu.intents.options import IntentOptions, Recipe
from convai_rasa.nlu.intents.ready_model import ReadyIntentModel
from convai_rasa.nlu.intents.source import Source

logger = logging.getLogger(__name__)

FEWEST_PER_INTENT = 3  # with fewer, frozen is as accurate: docs/components/intent_classifier.md
GET_TORCH = install_command("train")
# The figures behind the sentence: docs/components/intent_classifier.md.
WITHOUT_TORCH = (
    "Strategy frozen, because torch is not installed. Fine-tuning is one to three points more accurate on the public "
    f"data measured (docs/components/intent_classifier.md); to get it: {GET_TORCH}"
)
PROBE_BATCHES = 4  # a second or so with a small encoder; fewer would mostly time the first step's set-up


def choose_strategy(
    options: IntentOptions, source: Source, intents: Sequence[str]
) -> Literal["fine_tune", "frozen", "auto", "ready"]:
    """Settle what the options and the model decide without looking at the cost; ``auto`` is left open.

    Where the options name no strategy, it is the model's own head if that covers the intents of the examples, else what
    an earlier model was trained with, else ``fine_tune`` where torch is installed and ``frozen`` where it is not.

    Raises:
        ConfigurationError: the model was saved from a ready checkpoint and cannot be trained further.
        MissingExtra: ``fine_tune`` is asked for, or an earlier model was trained with it, and torch is not installed.
    """
    strategy = options.strategy
    if isinstance(source, ReadyIntentModel):
        if strategy in ("fine_tune", "frozen") or (strategy != "ready" and not set(intents) <= set(source.labels)):
            raise ConfigurationError(
                "The model was saved from a ready checkpoint and cannot be trained further; "
                "give the checkpoint itself as model, with strategy fine_tune."
            )
        return "ready"
    labels = head_labels(source) if strategy is None and isinstance(source, Path) else ()
    if labels and set(intents) <= set(labels):
        logger.info("The model's own head knows every intent of the bot, so it is used as it is (strategy: ready).")
        return "ready"
    if strategy is None and isinstance(source, IntentModel):
        strategy = source.strategy
    if strategy == "fine_tune" and not torch_installed():
        why = (
            "strategy fine_tune needs" if options.strategy else "The model to continue from was fine-tuned, which needs"
        )
        raise MissingExtra(
            f"{why} torch, which is not installed; install it with: {GET_TORCH}, or choose strategy: frozen."
        )
    if strategy in ("fine_tune", "frozen", "ready"):
        return strategy
    if not torch_installed():
        logger.info(WITHOUT_TORCH)
        return "frozen"
    return strategy or "fine_tune"


def settle_auto(
    checkpoint: Checkpoint, pieces: Sequence[Sequence[int]], classes: np.ndarray, options: IntentOptions
) -> Literal["fine_tune", "frozen"]:
    """Pick ``fine_tune`` where it pays and is expected to end within ``time_budget_s``, else ``frozen``.

    Torch has to be installed. ``pieces`` are word pieces of the examples, and ``classes`` theirs, shape (texts,).
    """
    per_intent = len(pieces) / len(np.unique(classes))
    if per_intent < FEWEST_PER_INTENT:
        logger.info("strategy auto: frozen, because there are only %.1f examples per intent.", per_intent)
        return "frozen"
    expected_s = fine_tuning_seconds(checkpoint, pieces, options)
    chosen: Literal["fine_tune", "frozen"] = "fine_tune" if expected_s <= options.time_budget_s else "frozen"
    logger.info(
        "strategy auto: %s, because fine-tuning on %d examples would take about %.0f s and time_budget_s is %.0f.",
        chosen,
        len(pieces),
        expected_s,
        options.time_budget_s,
    )
    return chosen


def fine_tuning_seconds(checkpoint: Checkpoint, pieces: Sequence[Sequence[int]], recipe: Recipe) -> float:
    """Estimate the wall-clock seconds of fine-tuning by doing a little of it; torch has to be installed."""
    import_torch()  # importing it is not to be timed
    sample = np.unique(np.linspace(0, len(pieces) - 1, PROBE_BATCHES * recipe.batch_size).astype(int))
    classes = np.arange(len(sample)) % 2
    started = time.perf_counter()
    once = recipe.copy(update={"epochs": 1, "validation_share": 0.0})
    fine_tune(checkpoint, [pieces[index] for index in sample], classes, once)
    return (time.perf_counter() - started) / len(sample) * len(pieces) * recipe.epochs
