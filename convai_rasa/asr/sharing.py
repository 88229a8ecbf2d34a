"""A recognizer that many share: all cores for whoever is alone, where that is quicker; and what came of a request."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from typing import Optional, cast

from convai_rasa.asr.recognizer import Outcome, Recognizer, SharingRecognizer, Transcript
from convai_rasa.errors import ConvaiError
from convai_rasa.hardware import cores

logger = logging.getLogger(__name__)

_WORTH_IT = 0.85  # of the time on one thread: what all cores have to need at most, or the model is not kept twice
_MOST_THREADS = 8  # for one utterance; more than that wait for each other


def quicker_alone(name: str, each: Recognizer, load: Callable[[int], Recognizer]) -> Optional[Recognizer]:
    """Load a recognizer once more, with all cores for one utterance, where that is quicker; takes about a second.

    Args:
        name: of the model, for the log.
        each: the one that several callers share.
        load: loads the same on so many threads; may raise a ConvaiError.
    """
    threads = min(_MOST_THREADS, cores())
    if threads < 2 or not each.capabilities.threads:
        return None
    on_one = cast(SharingRecognizer, each).measure()
    alone = load(threads)
    on_all = cast(SharingRecognizer, alone).measure()
    kept = on_all <= _WORTH_IT * on_one
    logger.info(
        "%s takes %.0f ms for an order of three seconds on one thread and %.0f ms on %d; "
        "a caller who speaks alone gets %s.",
        *(name, 1000 * on_one, 1000 * on_all, threads, f"{threads} of them" if kept else "one as well"),
    )
    if kept:
        return alone
    alone.close()
    return None


def settle(result: Future[Transcript], outcome: Outcome) -> None:
    """Tell whoever waits for a request what came of it; they may have given up at this very moment."""
    with contextlib.suppress(InvalidStateError):
        if outcome is None:
            result.cancel()
        elif isinstance(outcome, ConvaiError):
            result.set_exception(outcome)
        else:
            result.set_result(outcome)
