"""Whisper through faster-whisper and CTranslate2, on a window as short as the utterance.

Whisper was trained on 30 seconds, and faster-whisper pads every utterance to that length. The encoder takes
shorter input as well, and its work is most of the waiting time: an order of three seconds costs a quarter.
Below 8 seconds the decoder begins to repeat sentences, so that is the shortest window; the number of new
tokens is bounded by the length of the speech, and repeated sentences are cut. What a short window and a prompt
are known to spoil, a number said digit by digit above all, is decoded a second time: no prompt, and more silence.
Where a number was asked for, the second time nothing but figures may be written.
A doubtful reading gets alternatives, by a beam over what the encoder made of the same window.
"""

from __future__ import annotations

import dataclasses
import math
import pathlib
import time
from dataclasses import dataclass
from typing import Any, Iterable, Optional, Sequence, Union

import numpy as np
from typing_extensions import Literal

from convai_rasa.asr.alternatives import READINGS, is_doubtful, other_readings
from convai_rasa.asr.digit_strings import is_number_in_digits, says_other_than_figures
from convai_rasa.asr.gates import SpeechFinder, is_invented, leaves_out
from convai_rasa.asr.recognizer import Alternative, Capabilities, Outcome, Request, TakesSeveral, Transcript
from convai_rasa.asr.whisper.decoder import PAD_S, Decoded, Decoder
from convai_rasa.asr.whisper.whisper_folder import detects_languages, load_whisper
from convai_rasa.asr.window import split_at_quiet
from convai_rasa.audio import SAMPLE_RATE
from convai_rasa.errors import ConfigurationError, ConvaiError
from convai_rasa.options import Field, Options, parse_options
from convai_rasa.store import resolve

DEFAULT_MODEL = "whisper/base"

_SECOND_WINDOW_S = 16.0  # in 12 s a number's last figure is now and then written twice
_FIGURES_SURE = -0.45  # mean log-probability of figures; of digits none is below -0.31, of 12 other answers 2 above it
_LONG_ENOUGH_S = 1.5  # speech that cannot be nothing; shorter sounds are often none
_MOST_OF_A_LOOP = 0.5  # confidence: Whisper is sure of its loops
# Their decoding costs half of one after the other, and 16 gain next to nothing more: benchmarks/speech_service.py.
_TOGETHER = 8


class WhisperOptions(Options):
    """What can be configured about Whisper."""

    model_path: str = DEFAULT_MODEL  # name in the models/ tree, or a folder with a CTranslate2 Whisper model
    device: Literal["auto", "cpu", "cuda"] = "auto"  # auto takes a GPU where CTranslate2 sees one
    compute_type: str = "auto"  # a CTranslate2 type; auto is int8 on the CPU and float16 on a GPU
    threads: int = Field(0, ge=0, le=256)  # of a transcription; 0 means one per core, four at most
    workers: int = Field(1, ge=1, le=64)  # transcriptions that run at the same moment; others wait
    language: str = "auto"  # code of the language callers speak; auto detects it in each utterance
    beam_size: int = Field(1, ge=1, le=10)  # 1 is greedy decoding; more gave nothing on short commands
    min_window_s: float = Field(8.0, ge=1.0, le=30.0)  # the shortest window
    # Sound in which fewer than three frames (96 ms) reach this probability of speech is not transcribed; 0: all is.
    vad_threshold: float = Field(0.5, ge=0.0, le=1.0)
    # Text is dropped when the model's no-speech probability is above the first and the mean log-probability of its
    # tokens below the second; when that is below the third, always.
    no_speech_threshold: float = Field(0.3, ge=0.0, le=1.0)
    doubtful_log_probability: float = Field(-0.5, le=0.0)
    min_log_probability: float = Field(-1.0, le=0.0)


@dataclass(frozen=True)
class _Speech:
    """A request without what is not the person's speech at both ends."""

    request: Request
    language: Optional[str]  # None: to be detected
    parts: list[np.ndarray]  # each fits a window; none when there is no speech
    speech_s: float


class WhisperRecognizer(TakesSeveral):
    """A Whisper model in memory; threads may share it.

    Args:
        model_path: name in the models/ tree, or a folder with a CTranslate2 Whisper model.
        **keys: the others of ``WhisperOptions``.

    Raises:
        ConfigurationError: an option is unknown or impossible.
        ModelNotFound: the model is not installed.
        ModelCorrupt: files of the model are missing or cannot be loaded.
        MissingExtra: faster-whisper is not installed.
    """

    options_class = WhisperOptions  # so that a configuration can be checked without loading a model

    def __init__(self, model_path: Union[str, pathlib.Path] = DEFAULT_MODEL, **keys: Any) -> None:
        given = {"model_path": str(model_path), **keys}
        self.options = options = parse_options(WhisperOptions, given, where="whisper")
        self.path = resolve(options.model_path)
        whisper = load_whisper(self.path, options)
        self._decoder = Decoder(whisper, self.path, beam_size=options.beam_size, min_window_s=options.min_window_s)
        self.capabilities = Capabilities(
            languages=tuple(whisper.supported_languages),
            partials=True,
            together=_TOGETHER,
            threads=whisper.model.device == "cpu",
        )
        self._multilingual: bool = whisper.model.is_multilingual
        self._detects = self._multilingual and detects_languages(self.path)
        self._finder = SpeechFinder(options.vad_threshold)
        self._checked_language(options.language)

    def transcribe_together(self, requests: Sequence[Request]) -> list[Outcome]:
        """Transcribe utterances in one go; see ``SharingRecognizer.transcribe_together``.

        Recordings beyond 28 seconds are cut at their quietest moments and transcribed part by part.
        """
        outcomes: list[Outcome] = [None] * len(requests)
        batches: dict[tuple[str, bool, int, frozenset[str]], list[tuple[int, _Speech]]] = {}
        for number, request in enumerate(requests):
            try:
                speech = self._speech(request)
                if speech.language is not None and len(speech.parts) == 1:
                    prompted = bool((request.prompt or "").strip())
                    # All are computed like the longest, so much longer ones have a batch of their own.
                    windows = math.ceil((len(speech.parts[0]) / SAMPLE_RATE + PAD_S) / self.options.min_window_s)
                    only = request.expected.only if request.expected is not None else frozenset()
                    batches.setdefault((speech.language, prompted, windows, only), []).append((number, speech))
                else:
                    outcomes[number] = self._transcribe_alone(speech)
            except ConvaiError as error:
                outcomes[number] = error
        for (language, *_), batch in batches.items():
            try:
                decoded = self._read([(speech, speech.parts[0]) for _, speech in batch], language)
            except ConvaiError as error:
                for number, _ in batch:
                    outcomes[number] = error
                continue
            if decoded is not None:
                for (number, speech), one in zip(batch, decoded, strict=True):
                    outcomes[number] = self._with_alternatives(speech, one)
        return outcomes

    def measure(self) -> float:
        """Return how many seconds an ordinary order of three seconds takes here, at best of three."""
        return self._decoder.measure(self._checked_language(self.options.language) or "en")

    def close(self) -> None:
        """Free the model; the recognizer cannot be used afterwards."""
        self._decoder.close()

    def _checked_language(self, language: str) -> Optional[str]:
        """Return the code to transcribe in, None to detect it."""
        if language == "auto" and not self._multilingual:
            return "en"
        if language == "auto" and not self._detects:
            raise ConfigurationError(
                f"The model {self.path.name} cannot detect languages, because its config.json lists no lang_ids; name "
                "the language that callers speak with the key 'language'."
            )
        if language == "auto":
            return None
        if language not in self.capabilities.languages:
            only = "" if self._multilingual else " (it understands English only; use a model without '.en')"
            raise ConfigurationError(f"The model {self.path.name} does not know the language '{language}'{only}.")
        return language

    def _speech(self, request: Request) -> _Speech:
        found = self._finder.find(request.samples)
        language = self._checked_language(self.options.language if request.language is None else request.language)
        if found is None:
            return _Speech(request, language, [], 0.0)
        return _Speech(request, language, split_at_quiet(found[0]), found[1])

    def _transcribe_alone(self, speech: _Speech) -> Outcome:
        """Transcribe what needs several windows, or whose language the first window has to tell."""
        language = speech.language
        decoded: list[Decoded] = []
        for part in speech.parts:
            one = self._read([(speech, part)], language)
            if one is None:
                return None
            decoded += one
            language = one[0].language  # one utterance, one language
        return self._with_alternatives(speech, decoded[0]) if len(decoded) == 1 else self._judged(speech, decoded)

    def _read(self, parts: Sequence[tuple[_Speech, np.ndarray]], language: Optional[str]) -> Optional[list[Decoded]]:
        """Decode windows together, and together once more those that a prompt and a short window are known to spoil.

        None: nobody waits for any of them any more.
        """
        given = [(part, speech.request) for speech, part in parts]
        expected = parts[0][0].request.expected
        if expected is not None and expected.only:
            return self._decoder.decode(given, language, _SECOND_WINDOW_S)
        found = self._decoder.decode(given, language)
        if found is None:
            return None
        asked = [number for number, (_, request) in enumerate(given) if request.expected and request.expected.digits]
        for number, figures in self._once_more(given, asked, found[0].language, figures=True):
            first = found[number]
            if (
                figures.text
                and not figures.loops
                and figures.log_probability >= _FIGURES_SURE
                and not says_other_than_figures(first.text, first.log_probability, first.language)
            ):
                found[number] = dataclasses.replace(figures, encoded=None, figures=True)
        doubtful = [
            number
            for number, first in enumerate(found)
            if not first.figures and self._is_doubtful(first, *parts[number])
        ]
        for number, second in self._once_more(given, doubtful, found[0].language):
            first = found[number]
            if second.loops or not self._is_speech(second, parts[number][0].speech_s, None):
                continue
            number_said = is_number_in_digits(first.text, first.language)
            if first.loops or number_said or len(second.text) > len(first.text):
                found[number] = dataclasses.replace(second, encoded=None)  # of another window, without the prompt
        return found

    def _once_more(
        self, given: Sequence[tuple[np.ndarray, Request]], numbers: list[int], language: str, figures: bool = False
    ) -> Iterable[tuple[int, Decoded]]:
        """Decode some windows with more silence and no prompt, while somebody waits for one of them."""
        if not numbers:
            return ()
        again = [(given[number][0], dataclasses.replace(given[number][1], prompt=None)) for number in numbers]
        decoded = self._decoder.decode(again, language, _SECOND_WINDOW_S, figures)
        return () if decoded is None else zip(numbers, decoded, strict=True)

    def _is_doubtful(self, first: Decoded, speech: _Speech, part: np.ndarray) -> bool:
        """Whether a reading is a number in digits, repeats itself, or lacks words for what was said."""
        if first.loops or is_number_in_digits(first.text, first.language):
            return True
        speech_s = min(speech.speech_s, len(part) / SAMPLE_RATE)
        heard = self._is_speech(first, speech_s, speech.request.prompt)
        return speech_s >= _LONG_ENOUGH_S and (not heard or leaves_out(first.text, speech_s))

    def _with_alternatives(self, speech: _Speech, first: Decoded) -> Transcript:
        """Judge what was heard in one window, and look for other readings of it where it is doubtful."""
        transcript = self._judged(speech, [first])
        if (
            not transcript.text
            or first.encoded is None
            or first.loops
            or is_number_in_digits(first.text, first.language)  # which no sentence of the bot makes likelier
            or not is_doubtful(transcript.text, first.log_probability, speech.request.expected)
            or not speech.request.wanted()
        ):
            return transcript
        began = time.perf_counter()
        sound_s = len(speech.parts[0]) / SAMPLE_RATE
        readings = [
            Alternative(one.text, one.log_probability * (one.tokens + 1))
            for one in self._decoder.readings(first, speech.request, sound_s, READINGS)
            if not one.loops and self._is_speech(one, speech.speech_s, speech.request.prompt)
        ]
        return dataclasses.replace(
            transcript,
            alternatives=other_readings(transcript.text, readings),
            alternatives_s=time.perf_counter() - began,
        )

    def _judged(self, speech: _Speech, decoded: list[Decoded]) -> Transcript:
        duration_s = len(speech.request.samples) / SAMPLE_RATE
        if not decoded:
            return Transcript("", 0.0, speech.language or "en", duration_s, 1.0)
        heard = [part for part in decoded if self._is_speech(part, speech.speech_s, speech.request.prompt)]
        tokens = sum(part.tokens + 1 for part in heard)
        mean = sum(part.log_probability * (part.tokens + 1) for part in heard) / tokens if heard else -math.inf
        return Transcript(
            text=" ".join(part.text for part in heard),
            confidence=min(_MOST_OF_A_LOOP if any(part.loops for part in heard) else 1.0, math.exp(mean)),
            language=decoded[0].language,
            duration_s=duration_s,
            no_speech_probability=min(part.no_speech for part in decoded),
            log_probability=mean * tokens if len(decoded) == len(heard) == 1 else None,
        )

    def _is_speech(self, part: Decoded, speech_s: float, prompt: Optional[str]) -> bool:
        options, sure, no_speech = self.options, part.log_probability, part.no_speech
        doubtful = sure < options.doubtful_log_probability and no_speech > options.no_speech_threshold
        # Whisper was trained on sentences: digits one by one are no speech to it.
        if sure < options.min_log_probability or (doubtful and not is_number_in_digits(part.text, part.language)):
            return False
        return not is_invented(part.text, speech_s=speech_s, log_probability=sure, no_speech=no_speech, prompt=prompt)
