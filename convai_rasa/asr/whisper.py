"""Whisper through faster-whisper and CTranslate2, on a window as short as the utterance.

Whisper was trained on 30 seconds, and faster-whisper pads every utterance to that length. The encoder takes
shorter input as well, and its work is most of the waiting time: an order of three seconds costs a quarter.
Below 8 seconds the decoder begins to repeat sentences, so that is the shortest window; the number of new
tokens is bounded by the length of the speech, and repeated sentences are cut.
"""

from __future__ import annotations

import math
import pathlib
import threading
from dataclasses import dataclass
from typing import Any, Optional, Union

import numpy as np
from pydantic import Field
from typing_extensions import Literal

from convai_rasa.asr.gates import is_invented, near_speech
from convai_rasa.asr.recognizer import Capabilities, Transcript, check_samples
from convai_rasa.asr.whisper_folder import detects_languages
from convai_rasa.asr.whisper_loading import load_whisper
from convai_rasa.asr.window import cut_repeats, split_at_quiet
from convai_rasa.audio import FRAME_SAMPLES, SAMPLE_RATE, SileroVad
from convai_rasa.errors import ConfigurationError, RecognitionError
from convai_rasa.options import Options, parse_options
from convai_rasa.store import resolve
from convai_rasa.store.kinds import how_to_mend

DEFAULT_MODEL = "whisper/base"

_HOP_SAMPLES = 160  # one feature frame is 10 ms
_PAD_S = 1.0  # silence after the speech, which tells the decoder that it is over
_MAX_LENGTH = 448  # positions of the decoder, prompt included
_TOKENS_PER_S, _EXTRA_TOKENS = 6, 6  # nobody speaks faster; bounds what a decoder that loops can cost
_MAX_PROMPT_TOKENS = 200
_SPEECH_MARGIN_S = 0.4  # kept around speech when silence at both ends is left out


class WhisperOptions(Options):
    """What can be configured about Whisper.

    Attributes:
        model_path: name in the models/ tree, or a folder with a CTranslate2 Whisper model.
        device: ``auto`` takes a GPU where CTranslate2 sees one.
        compute_type: a CTranslate2 type; ``auto`` is int8 on the CPU and float16 on a GPU.
        threads: threads per transcription; 0 means one per core, four at most.
        workers: how many transcriptions run at the same moment; others wait.
        language: code of the language callers speak; ``auto`` detects it in each utterance.
        beam_size: 1 is greedy decoding; more gave nothing on short commands.
        min_window_s: the shortest window, in seconds.
        vad_threshold: sound in which fewer than three frames (96 ms) reach this probability of speech is not
            transcribed; 0 turns the check off.
        no_speech_threshold: text is dropped when the model's no-speech probability is above this and the mean
            log-probability of its tokens below ``doubtful_log_probability``.
        doubtful_log_probability: see ``no_speech_threshold``.
        min_log_probability: text with a mean log-probability below this is always dropped.
    """

    model_path: str = DEFAULT_MODEL
    device: Literal["auto", "cpu", "cuda"] = "auto"
    compute_type: str = "auto"
    threads: int = Field(0, ge=0, le=256)
    workers: int = Field(1, ge=1, le=64)
    language: str = "auto"
    beam_size: int = Field(1, ge=1, le=10)
    min_window_s: float = Field(8.0, ge=1.0, le=30.0)
    vad_threshold: float = Field(0.5, ge=0.0, le=1.0)
    no_speech_threshold: float = Field(0.3, ge=0.0, le=1.0)
    doubtful_log_probability: float = Field(-0.5, le=0.0)
    min_log_probability: float = Field(-1.0, le=0.0)


@dataclass(frozen=True)
class _Decoded:
    """What the model made of one window."""

    text: str
    log_probability: float  # mean over the tokens
    tokens: int
    no_speech: float
    language: str


class WhisperRecognizer:
    """A Whisper model in memory; threads may share it.

    Args:
        model_path: name in the models/ tree, or a folder with a CTranslate2 Whisper model.
        **options: the other keys of ``WhisperOptions``.

    Raises:
        ConfigurationError: an option is unknown or impossible.
        ModelNotFound: the model is not installed.
        ModelCorrupt: files of the model are missing or cannot be loaded.
        MissingExtra: faster-whisper is not installed.
    """

    options_class = WhisperOptions  # so that a configuration can be checked without loading a model

    def __init__(self, model_path: Union[str, pathlib.Path] = DEFAULT_MODEL, **options: Any) -> None:
        given = {"model_path": str(model_path), **options}
        self.options = parse_options(WhisperOptions, given, where="whisper")
        self.path = resolve(self.options.model_path)
        options = self.options
        whisper = load_whisper(
            self.path,
            device=options.device,
            compute_type=options.compute_type,
            threads=options.threads,
            workers=options.workers,
        )
        self._loaded: Any = whisper
        self.capabilities = Capabilities(languages=tuple(whisper.supported_languages), partials=True)
        self._multilingual: bool = whisper.model.is_multilingual
        self._detects = self._multilingual and detects_languages(self.path)
        self._vad = SileroVad() if self.options.vad_threshold > 0 else None
        self._tokenizers: dict[str, Any] = {}
        self._tokenizers_lock = threading.Lock()
        self._checked_language(self.options.language)

    def transcribe(
        self, samples: np.ndarray, *, language: Optional[str] = None, prompt: Optional[str] = None
    ) -> Transcript:
        """Transcribe one utterance; see ``Recognizer.transcribe``.

        Recordings beyond 28 seconds are cut at their quietest moments and transcribed part by part.
        """
        check_samples(samples)
        wanted = self._checked_language(self.options.language if language is None else language)
        samples = samples.astype(np.float32, copy=False)
        duration_s = len(samples) / SAMPLE_RATE
        found = self._speech(samples)
        if found is None:
            return Transcript("", 0.0, wanted or "en", duration_s, 1.0)
        speech, speech_s = found
        decoded = []
        for part in split_at_quiet(speech):
            try:
                decoded.append(self._decode(part, wanted, prompt))
            except (RuntimeError, ValueError) as error:
                raise RecognitionError(f"Whisper could not transcribe {duration_s:.1f} s of sound: {error}.") from error
            wanted = wanted or decoded[0].language  # one utterance, one language
        heard = [part for part in decoded if self._is_speech(part, speech_s, prompt)]
        return _joined(decoded, heard, duration_s)

    def close(self) -> None:
        """Free the model; the recogniser cannot be used afterwards."""
        self._loaded = None

    @property
    def _whisper(self) -> Any:
        whisper = self._loaded
        if whisper is None:
            raise RecognitionError("This recogniser is closed; create a new one.")
        return whisper

    def _checked_language(self, language: str) -> Optional[str]:
        """Return the code to transcribe in, None to detect it."""
        if language == "auto" and self._multilingual and not self._detects:
            raise ConfigurationError(
                f"The model {self.path.name} cannot tell languages apart, as its config.json lists no lang_ids; name "
                "the language that callers speak with the key 'language'."
            )
        if language == "auto":
            return None if self._multilingual else "en"
        if language not in self.capabilities.languages:
            only = "" if self._multilingual else " (it understands English only; use a model without '.en')"
            raise ConfigurationError(f"The model {self.path.name} does not know the language '{language}'{only}.")
        return language

    def _speech(self, samples: np.ndarray) -> Optional[tuple[np.ndarray, float]]:
        """Return the samples without what is not the person's speech at both ends, and the seconds of speech in them.

        None when there is no speech.
        """
        if not len(samples) or not np.any(samples):
            return None
        if self._vad is None:
            return samples, len(samples) / SAMPLE_RATE
        probabilities = self._vad.probabilities(samples)
        found = near_speech(samples, probabilities, self.options.vad_threshold)
        if found is None:
            return None
        margin = int(_SPEECH_MARGIN_S * SAMPLE_RATE)
        start = max(0, found[0] * FRAME_SAMPLES - margin)
        spoken = np.count_nonzero(probabilities[found[0] : found[1] + 1] >= self.options.vad_threshold)
        return samples[start : (found[1] + 1) * FRAME_SAMPLES + margin], spoken * FRAME_SAMPLES / SAMPLE_RATE

    def _decode(self, samples: np.ndarray, language: Optional[str], prompt: Optional[str]) -> _Decoded:
        model = self._whisper.model
        speech_s = len(samples) / SAMPLE_RATE
        encoded = self._whisper.encode(self._features(samples, speech_s))
        if language is None:
            language = model.detect_language(encoded)[0][0][0].strip("<|>")
        tokenizer = self._tokenizer(language)
        tokens = self._prompt_tokens(tokenizer, prompt)
        new_tokens = math.ceil(_TOKENS_PER_S * speech_s) + _EXTRA_TOKENS
        result = model.generate(
            encoded,
            [tokens],
            beam_size=self.options.beam_size,
            # CTranslate2 allows max_length / 2 new tokens, and no more than max_length less the prompt.
            max_length=min(_MAX_LENGTH, max(2 * new_tokens, len(tokens) + new_tokens)),
            suppress_blank=True,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        sequence = result.sequences_ids[0]
        if not (math.isfinite(result.scores[0]) and math.isfinite(result.no_speech_prob)):
            raise RecognitionError(
                f"The Whisper model in {self.path} produces NaN (not a number), so its weights are damaged; "
                f"{how_to_mend(self.path)}."
            )
        return _Decoded(
            text=cut_repeats(tokenizer.decode(sequence), speech_s),
            # The score is a mean over the tokens without the end token, which was decoded too.
            log_probability=result.scores[0] * len(sequence) / (len(sequence) + 1),
            tokens=len(sequence),
            no_speech=result.no_speech_prob,
            language=language,
        )

    def _features(self, samples: np.ndarray, speech_s: float) -> np.ndarray:
        """Return the log-mel features of a window, float32 of shape (mels, frames)."""
        window_s = min(30.0, max(self.options.min_window_s, speech_s + _PAD_S))
        window = np.zeros(int(window_s * SAMPLE_RATE), np.float32)
        window[: len(samples)] = samples
        # Never `chunk_length` here: it changes the extractor, which all threads share.
        features = self._whisper.feature_extractor(window, padding=0)
        return np.ascontiguousarray(features[:, : len(window) // _HOP_SAMPLES])

    def _prompt_tokens(self, tokenizer: Any, prompt: Optional[str]) -> list[int]:
        start = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        if not prompt or not prompt.strip():
            return start
        return [tokenizer.sot_prev, *tokenizer.encode(" " + prompt.strip())[-_MAX_PROMPT_TOKENS:], *start]

    def _tokenizer(self, language: str) -> Any:
        with self._tokenizers_lock:
            if language not in self._tokenizers:
                from faster_whisper.tokenizer import Tokenizer

                self._tokenizers[language] = Tokenizer(
                    self._whisper.hf_tokenizer, self._multilingual, task="transcribe", language=language
                )
            return self._tokenizers[language]

    def _is_speech(self, part: _Decoded, speech_s: float, prompt: Optional[str]) -> bool:
        if not any(character.isalnum() for character in part.text):
            return False
        if part.log_probability < self.options.min_log_probability:
            return False
        if part.log_probability < self.options.doubtful_log_probability and (
            part.no_speech > self.options.no_speech_threshold
        ):
            return False
        return not is_invented(
            part.text,
            speech_s=speech_s,
            log_probability=part.log_probability,
            no_speech=part.no_speech,
            prompt=prompt,
        )


def _joined(decoded: list[_Decoded], heard: list[_Decoded], duration_s: float) -> Transcript:
    tokens = sum(part.tokens + 1 for part in heard)
    mean = sum(part.log_probability * (part.tokens + 1) for part in heard) / tokens if heard else -math.inf
    return Transcript(
        text=" ".join(part.text for part in heard),
        confidence=min(1.0, math.exp(mean)),
        language=decoded[0].language,
        duration_s=duration_s,
        no_speech_probability=min(part.no_speech for part in decoded),
    )
