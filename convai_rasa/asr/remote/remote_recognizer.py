"""What every recognizer on another machine does here: find the speech, send it, and judge what comes back."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Optional, Sequence

import numpy as np

from convai_rasa.asr.gates import SpeechFinder, is_invented
from convai_rasa.asr.recognizer import Capabilities, Outcome, Request, TakesSeveral, Transcript
from convai_rasa.asr.window import cut_repeats
from convai_rasa.audio import SAMPLE_RATE
from convai_rasa.errors import ConvaiError, RecognitionError
from convai_rasa.options import Field, Options
from convai_rasa.remote import RemoteEngine, RemoteError, run_together

AUTO = "auto"

_AT_ONCE = 8  # requests of one call; those that wait together are sent together
_MIN_LOG_PROBABILITY = -1.0  # as WhisperOptions, for servers that tell as much
_DOUBTFUL_LOG_PROBABILITY = -0.5
_NO_SPEECH = 0.3


class RemoteRecognitionError(RemoteError, RecognitionError):
    """A recognizer on another machine failed."""


class RefusedRecognition(RemoteRecognitionError):
    """The server does not take a request as it is put."""


class RecognizerOptions(Options):
    """What every recognizer on another machine takes."""

    model_path: str = ""  # the model's name there
    language: str = AUTO  # code of the language callers speak; auto leaves it to the server
    # Sound in which fewer than three frames (96 ms) reach this probability of speech is not sent; 0 sends everything.
    vad_threshold: float = Field(0.5, ge=0.0, le=1.0)
    workers: int = Field(1, ge=1, le=64)  # utterances on their way at the same time, which the caller sees to
    threads: int = Field(1, ge=0, le=256)  # as every engine is given; the server has its own


@dataclass(frozen=True)
class Heard:
    """A part of what a server heard."""

    text: str
    log_probability: float = 0.0  # mean over its tokens; 0 where the server does not tell, which is believed
    no_speech: float = 0.0  # in [0, 1], the server's own belief that nobody spoke; 0 where it does not tell
    weight: float = 1.0  # how much of the whole it is, for example in tokens


@dataclass(frozen=True)
class Answer:
    """What a server heard; ``language`` is its code, None where the server does not tell."""

    parts: Sequence[Heard]
    language: Optional[str] = None


class RemoteRecognizer(RemoteEngine, TakesSeveral):
    """A recognizer on another machine; threads may share it. Nothing is sent until there is speech to be recognized."""

    failure = RemoteRecognitionError
    refusal = RefusedRecognition
    options: RecognizerOptions

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._speech = SpeechFinder(self.options.vad_threshold)
        self.capabilities = Capabilities(languages=(), partials=True, together=_AT_ONCE)

    @abstractmethod
    async def ask(self, samples: np.ndarray, language: Optional[str], prompt: Optional[str]) -> Answer:
        """Ask the server what is said in float32 samples of shape (n,) at 16 kHz, in a language that may be unknown.

        Raises:
            RemoteRecognitionError: there is no usable answer in time.
        """

    def transcribe_together(self, requests: Sequence[Request]) -> list[Outcome]:
        """Transcribe utterances at the same time; see ``SharingRecognizer.transcribe_together``."""
        outcomes: list[Outcome] = [None] * len(requests)
        works: dict[int, Any] = {}
        for number, request in enumerate(requests):
            try:
                if self._closed:
                    raise RemoteRecognitionError("This recognizer is closed; create a new one.")
                speech = self._speech.find(request.samples)
            except ConvaiError as error:
                outcomes[number] = error
                continue
            if speech is None:
                language = self._language(request)
                outcomes[number] = Transcript("", 0.0, language or "en", _seconds(request.samples), 1.0)
            elif request.wanted():
                works[number] = self._recognized(request, *speech)
        answers = run_together(list(works.values()), [requests[number].wanted for number in works]) if works else []
        for number, answer in zip(works, answers, strict=True):
            if isinstance(answer, BaseException) and not isinstance(answer, ConvaiError):
                raise answer  # a fault of ours
            outcomes[number] = answer
        return outcomes

    def _language(self, request: Request) -> Optional[str]:
        language = self.options.language if request.language is None else request.language
        return None if language == AUTO else language

    async def _recognized(self, request: Request, speech: np.ndarray, speech_s: float) -> Transcript:
        asked = self._language(request)
        answer = await self.ask(speech, asked, request.prompt)
        heard = [part for part in answer.parts if _is_speech(part, speech_s, request.prompt)]
        weights = [max(part.weight, 1e-6) for part in heard]
        whole = sum(weight * part.log_probability for weight, part in zip(weights, heard, strict=True))
        mean = whole / sum(weights) if heard else -math.inf
        return Transcript(
            text=cut_repeats(" ".join(part.text.strip() for part in heard), speech_s),
            confidence=min(1.0, math.exp(mean)),
            language=answer.language or asked or "en",
            duration_s=_seconds(request.samples),
            no_speech_probability=min((part.no_speech for part in answer.parts), default=1.0),
        )


def _is_speech(part: Heard, speech_s: float, prompt: Optional[str]) -> bool:
    sure = part.log_probability
    if sure < _MIN_LOG_PROBABILITY or (sure < _DOUBTFUL_LOG_PROBABILITY and part.no_speech > _NO_SPEECH):
        return False
    return not is_invented(part.text, speech_s=speech_s, log_probability=sure, no_speech=part.no_speech, prompt=prompt)


def _seconds(samples: np.ndarray) -> float:
    return len(samples) / SAMPLE_RATE
