"""When a turn is over: the contract of every strategy that decides it, and the simplest one.

A strategy is named as ``turn.decided_by`` and found through the entry points ``convai_rasa.turn_endings``. One serves
all callers, so it keeps nothing of any of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional, Protocol, runtime_checkable

import numpy as np

from convai_rasa.engines import find_engine
from convai_rasa.voice.bot import Expectation, Understanding
from convai_rasa.voice.ears.phrase_ends import PhraseEnds
from convai_rasa.voice.options import TurnOptions

ENTRY_POINTS = "convai_rasa.turn_endings"


@dataclass(frozen=True)
class Pause:
    """What is known of a turn when the person pauses."""

    words: str  # recognized so far
    language: Optional[str] = None  # that they are in, ISO 639-1; None where nothing tells
    understanding: Optional[Understanding] = None  # of the bot; None if it was not asked or cannot tell
    expectation: Expectation = field(default_factory=Expectation)  # what the bot waits for
    phrase_ends: PhraseEnds = field(default_factory=PhraseEnds)  # how the bot's training sentences end
    false_alarm: bool = False  # the bot has no reason to stop talking: the words only show attention, or are none
    # What was said, float32 of shape (n,) at 16 kHz, with the pause so far.
    samples: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))


@runtime_checkable
class TurnEnding(Protocol):
    """Decides at each pause how long a silence ends the turn.

    Attributes:
        patience_ms: the silence that ends a turn on which there is no verdict.
        asks_bot: whether a verdict needs what the bot makes of the words.
    """

    patience_ms: int
    asks_bot: bool

    async def silence_to_wait(self, pause: Pause) -> int:
        """Return the length of silence, in ms from the last word, after which the turn is over.

        Called in the event loop, which must not be kept waiting; speech makes the verdict void.
        """


def load_turn_ending(options: TurnOptions) -> TurnEnding:
    """Create the strategy that the configuration names; its class gets the options, and ``ending`` as keywords.

    Raises:
        ConfigurationError: there is none of that name, or it does not take these keys.
        MissingExtra: it needs something that is not installed.
    """
    ending: TurnEnding = find_engine(ENTRY_POINTS, options.decided_by, options.ending)(options, **options.ending)
    return ending


class SilenceEnding:
    """A turn is over after ``end_ms`` of silence, whatever was said."""

    asks_bot = False

    def __init__(self, options: TurnOptions) -> None:
        self.patience_ms = options.end_ms

    async def silence_to_wait(self, pause: Pause) -> int:
        """Return ``end_ms``; see :meth:`TurnEnding.silence_to_wait`."""
        return self.patience_ms
