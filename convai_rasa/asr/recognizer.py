"""The contract of every speech recognizer."""

from __future__ import annotations

import logging
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Callable, FrozenSet, Optional, Protocol, Sequence, Tuple, Union, cast, runtime_checkable

import numpy as np

from convai_rasa.engines import create_engine
from convai_rasa.errors import AudioError, ConvaiError, RecognitionError

logger = logging.getLogger(__name__)

ENTRY_POINTS = "convai_rasa.recognizers"

_LOUDEST = 8.0  # a float sample beyond this is an integer in disguise, not a loud voice


@dataclass(frozen=True)
class Alternative:
    """Another reading of what was heard, with words as in ``Transcript``.

    ``log_probability`` is the natural logarithm of the probability that the engine gives the whole text, at most 0; it
    is comparable with that of other readings of the same sound by the same engine.
    """

    text: str
    log_probability: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _as_words(self.text))


@dataclass(frozen=True)
class Transcript:
    """What was heard.

    Attributes:
        text: the words, stripped; empty for silence and noise. Never begins with ``/``, however it was said: Rasa
            would take that for a command.
        confidence: in [0, 1]; 0 when the text is empty.
        language: code of the language, for example ``en``.
        duration_s: length of the sound in seconds.
        no_speech_probability: in [0, 1], the engine's own belief that nobody spoke.
        log_probability: of ``text``, as in ``Alternative``; None where the engine does not tell, and for a recording
            that was recognized in several pieces.
        alternatives: other readings, the likeliest first; none where the first is in no doubt, and none for a
            recording that was recognized in several pieces. Which of them was meant is for whoever knows the bot.
        alternatives_s: seconds of the engine's work that looking for them took; 0 where nothing was looked for.
    """

    text: str
    confidence: float
    language: str
    duration_s: float
    no_speech_probability: float
    log_probability: Optional[float] = None
    alternatives: Tuple[Alternative, ...] = ()
    alternatives_s: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _as_words(self.text))


def _as_words(text: str) -> str:
    return text.strip().lstrip("/").lstrip()


def join_transcripts(parts: Sequence[Transcript]) -> Transcript:
    """Put the transcripts of a recording's pieces together, of which there is one at least; a single one stays."""
    if len(parts) == 1:
        return parts[0]
    heard = [part for part in parts if part.text]
    spoken_s = sum(part.duration_s for part in heard)
    return Transcript(
        " ".join(part.text for part in heard),
        sum(part.confidence * part.duration_s for part in heard) / spoken_s if spoken_s else 0.0,
        (heard or parts)[0].language,
        sum(part.duration_s for part in parts),
        min(part.no_speech_probability for part in parts),
    )


@dataclass(frozen=True)
class Capabilities:
    """What an engine can do."""

    languages: Tuple[str, ...]  # codes
    partials: bool  # the beginning of an utterance may be transcribed repeatedly while it is still being said
    together: int = 1  # how many utterances its ``transcribe_together`` takes; 1: it has no such method
    threads: bool = False  # more of them make a single utterance faster, and its ``measure`` tells by how much


@dataclass(frozen=True)
class Expected:
    """What is known beforehand about what will be said; an engine that cannot use it ignores it.

    Attributes:
        words: that the bot knows, in lower case; a reading with a word that is none of them is doubtful. Empty where
            nothing is known, and then only the engine's own probability tells.
        digits: whether the person was asked for a number, which they say digit by digit.
        only: words besides figures that alone may be written, as where somebody spells with the words of an alphabet;
            empty: whatever is heard.
    """

    words: FrozenSet[str] = frozenset()
    digits: bool = False
    only: FrozenSet[str] = frozenset()


@dataclass(frozen=True)
class Request:
    """An utterance to be recognized, for an engine that takes several together; see ``Recognizer.transcribe``."""

    samples: np.ndarray
    language: Optional[str] = None
    prompt: Optional[str] = None
    wanted: Callable[[], bool] = lambda: True  # asked now and then; once nobody waits, the work is abandoned
    expected: Optional[Expected] = None  # decides whether a reading is doubtful; None: no time is spent on others


Outcome = Union[Transcript, ConvaiError, None]  # None: nobody wanted it any more


@runtime_checkable
class Recognizer(Protocol):
    """A speech recognizer: loaded once per process, and used by many threads at once."""

    @property
    def capabilities(self) -> Capabilities:
        """What this engine can do."""

    def transcribe(
        self, samples: np.ndarray, *, language: Optional[str] = None, prompt: Optional[str] = None
    ) -> Transcript:
        """Transcribe one utterance.

        Args:
            samples: float32 of shape (n,), mono at 16 kHz in [-1, 1]; any length.
            language: code of the language spoken; None means the engine's default, ``auto`` to detect it.
            prompt: text in the style of what will be said; its last words weigh most.

        Raises:
            AudioError: ``samples`` is not such an array.
            ConfigurationError: the engine does not know the language.
            RecognitionError: the engine failed.
        """

    def close(self) -> None:
        """Free the model; the recognizer cannot be used afterwards."""


class SharingRecognizer(Recognizer, Protocol):
    """A recognizer whose capabilities have ``together`` above 1 or ``threads``."""

    def transcribe_together(self, requests: Sequence[Request]) -> list[Outcome]:
        """Transcribe several utterances, ``capabilities.together`` at most, which is faster than one after the other.

        Returns:
            For each request its transcript, the error that ``transcribe`` would raise, or None.
        """

    def measure(self) -> float:
        """Return how many seconds an order of three seconds takes at present."""


def recognize_together(recognizer: Recognizer, requests: Sequence[Request]) -> list[Outcome]:
    """Recognize utterances with any engine: in one go where it can, else one after the other.

    Returns:
        For each request its transcript, the error that says why there is none, or None where nobody wants it any more.
    """
    together = recognizer.capabilities.together
    try:
        if together > 1:
            parts = [requests[start : start + together] for start in range(0, len(requests), together)]
            sharing = cast(SharingRecognizer, recognizer)
            return [outcome for part in parts for outcome in sharing.transcribe_together(part)]
        return [_alone(recognizer, request) for request in requests]
    except ConvaiError as error:
        return [error] * len(requests)
    except Exception as error:  # an engine of somebody else's may raise anything; the next utterance is another one
        logger.exception("The recognizer failed.")
        failure = RecognitionError(f"The recognizer failed ({type(error).__name__}: {error}).")
        return [failure] * len(requests)


class TakesSeveral(ABC):
    """An engine that takes several utterances: a single one goes the same way."""

    @abstractmethod
    def transcribe_together(self, requests: Sequence[Request]) -> list[Outcome]:
        """Transcribe utterances at the same time; see ``SharingRecognizer.transcribe_together``."""

    def transcribe(
        self, samples: np.ndarray, *, language: Optional[str] = None, prompt: Optional[str] = None
    ) -> Transcript:
        """Transcribe one utterance; see ``Recognizer.transcribe``."""
        outcome = self.transcribe_together([Request(samples, language, prompt)])[0]
        if isinstance(outcome, ConvaiError):
            raise outcome
        assert outcome is not None  # a request without ``wanted`` is wanted to its end
        return outcome


def _alone(recognizer: Recognizer, request: Request) -> Outcome:
    try:
        return recognizer.transcribe(request.samples, language=request.language, prompt=request.prompt)
    except ConvaiError as error:
        return error


def load_recognizer(engine: str = "whisper", model: Optional[str] = None, **options: Any) -> Recognizer:
    """Create a recognizer by the name of its engine, for example ``whisper``; see ``engines.create_engine``."""
    return create_engine(ENTRY_POINTS, engine, model, options)


def check_samples(samples: np.ndarray) -> None:
    """Refuse what is not mono float samples in [-1, 1] of shape (n,); every engine begins with this.

    Raises:
        AudioError: saying what was given and what to do.
    """
    if not isinstance(samples, np.ndarray) or not np.issubdtype(samples.dtype, np.floating):
        kind = samples.dtype if isinstance(samples, np.ndarray) else type(samples).__name__
        raise AudioError(f"Samples for recognition are float32 in [-1, 1], not {kind}; convert 16-bit PCM first.")
    if samples.ndim != 1:
        raise AudioError(f"Samples for recognition are mono, of shape (n,), not {samples.shape}; mix them down first.")
    peak = float(np.max(np.abs(samples), initial=0.0))
    if not math.isfinite(peak):
        raise AudioError("The samples contain NaN or infinity, which are not sound; check where they come from.")
    if peak > _LOUDEST:
        raise AudioError(f"The samples reach {peak:.0f}, beyond [-1, 1]; divide 16-bit values by 32768 first.")
