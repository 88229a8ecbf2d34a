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
import threading
import time
from dataclasses import dataclass
from typing import Any, Optional, Sequence, Union

import numpy as np
from typing_extensions import Literal

from convai_rasa.asr.alternatives import READINGS, is_doubtful, other_readings
from convai_rasa.asr.digits import figures_only, is_number_in_digits, runs_away, says_other_than_figures
from convai_rasa.asr.gates import cut_to_speech, is_invented, leaves_out
from convai_rasa.asr.recognizer import (
    Alternative,
    Capabilities,
    Outcome,
    Request,
    TakesSeveral,
    Transcript,
    check_samples,
)
from convai_rasa.asr.whisper_folder import detects_languages
from convai_rasa.asr.whisper_loading import load_whisper
from convai_rasa.asr.window import cut_repeats, loops, split_at_quiet
from convai_rasa.audio import SAMPLE_RATE, SileroVad
from convai_rasa.errors import ConfigurationError, ConvaiError, RecognitionError
from convai_rasa.options import Field, Options, parse_options
from convai_rasa.store import how_to_mend, resolve

DEFAULT_MODEL = "whisper/base"

_HOP_SAMPLES = 160  # one feature frame is 10 ms
_PAD_S = 1.0  # silence after the speech, which tells the decoder that it is over
_MAX_LENGTH = 448  # positions of the decoder, prompt included
_TOKENS_PER_S, _EXTRA_TOKENS = 6, 6  # nobody speaks faster; bounds what a decoder that loops can cost
_MAX_PROMPT_TOKENS = 120  # the sentences that show the bot's words, and its question
_SECOND_WINDOW_S = 16.0
_FIGURES_WINDOW_S = 12.0  # of 8, 12 and 16 s; digits by the project's own voice: 53, 58 and 58 of 60
_FIGURES_SURE = -0.45  # mean log-probability of figures; of digits none is below -0.31, of 12 other answers 2 above it
_LONG_ENOUGH_S = 1.5  # speech that cannot be nothing; shorter sounds are often none
_MOST_OF_A_LOOP = 0.5  # confidence: Whisper is sure of its loops
# Their decoding costs half of one after the other, and 16 gain next to nothing more: benchmarks/speech_service.py.
_TOGETHER = 8
_MEASURED_SPEECH_S, _MEASURED_PROMPT, _MEASURED_TOKENS, _MEASURED_RUNS = 3.0, 100, 12, 3  # an ordinary order


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
class _Speech:
    """A request without what is not the person's speech at both ends."""

    request: Request
    language: Optional[str]  # None: to be detected
    parts: list[np.ndarray]  # each fits a window; none when there is no speech
    speech_s: float


@dataclass(frozen=True)
class _Decoded:
    """What the model made of one window."""

    text: str
    log_probability: float  # mean over the tokens
    tokens: int
    no_speech: float
    language: str
    loops: bool  # or has more digits than can have been said
    figures: bool = False  # nothing else was allowed
    encoded: Optional[np.ndarray] = None  # what the encoder made of the window, where the request wants alternatives


class WhisperRecognizer(TakesSeveral):
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
        self.capabilities = Capabilities(
            languages=tuple(whisper.supported_languages),
            partials=True,
            together=_TOGETHER,
            threads=whisper.model.device == "cpu",
        )
        self._multilingual: bool = whisper.model.is_multilingual
        self._detects = self._multilingual and detects_languages(self.path)
        self._vad = SileroVad() if self.options.vad_threshold > 0 else None
        self._tokenizers: dict[str, Any] = {}
        self._tokenizers_lock = threading.Lock()
        self._checked_language(self.options.language)

    def transcribe_together(self, requests: Sequence[Request]) -> list[Outcome]:
        """Transcribe utterances in one go; see ``SharingRecognizer.transcribe_together``.

        Recordings beyond 28 seconds are cut at their quietest moments and transcribed part by part.
        """
        outcomes: list[Outcome] = [None] * len(requests)
        batches: dict[tuple[str, bool, int], list[tuple[int, _Speech]]] = {}
        for number, request in enumerate(requests):
            try:
                speech = self._speech(request)
                if speech.language is not None and len(speech.parts) == 1:
                    prompted = bool((request.prompt or "").strip())
                    # All are computed like the longest, so much longer ones have a batch of their own.
                    windows = math.ceil((len(speech.parts[0]) / SAMPLE_RATE + _PAD_S) / self.options.min_window_s)
                    batches.setdefault((speech.language, prompted, windows), []).append((number, speech))
                else:
                    outcomes[number] = self._transcribe_alone(speech)
            except ConvaiError as error:
                outcomes[number] = error
        for (language, *_), batch in batches.items():
            try:
                parts = [(speech, speech.parts[0]) for _, speech in batch]
                decoded = self._read(parts, language)
            except ConvaiError as error:
                for number, _ in batch:
                    outcomes[number] = error
                continue
            for (number, speech), one in zip(batch, decoded, strict=True):
                outcomes[number] = None if one is None else self._with_alternatives(speech, one)
        return outcomes

    def measure(self) -> float:
        """Return how many seconds an ordinary order of three seconds takes here, at best of three."""
        whisper = self._whisper
        tokenizer = self._tokenizer(self._checked_language(self.options.language) or "en")
        features = self._features(np.zeros(1, np.float32), _MEASURED_SPEECH_S + _PAD_S)
        tokens = self._prompt_tokens(tokenizer, " a" * _MEASURED_PROMPT)
        took = []
        for _ in range(_MEASURED_RUNS):
            began = time.perf_counter()
            whisper.model.generate(
                whisper.encode(features),
                [tokens],
                beam_size=self.options.beam_size,
                max_length=len(tokens) + _MEASURED_TOKENS,
                suppress_tokens=[-1, tokenizer.eot],  # whatever the sound is, so many tokens are written
            )
            took.append(time.perf_counter() - began)
        return min(took)

    def close(self) -> None:
        """Free the model; the recognizer cannot be used afterwards."""
        self._loaded = None

    @property
    def _whisper(self) -> Any:
        whisper = self._loaded
        if whisper is None:
            raise RecognitionError("This recognizer is closed; create a new one.")
        return whisper

    def _checked_language(self, language: str) -> Optional[str]:
        """Return the code to transcribe in, None to detect it."""
        if language == "auto" and self._multilingual and not self._detects:
            raise ConfigurationError(
                f"The model {self.path.name} cannot detect languages, because its config.json lists no lang_ids; name "
                "the language that callers speak with the key 'language'."
            )
        if language == "auto":
            return None if self._multilingual else "en"
        if language not in self.capabilities.languages:
            only = "" if self._multilingual else " (it understands English only; use a model without '.en')"
            raise ConfigurationError(f"The model {self.path.name} does not know the language '{language}'{only}.")
        return language

    def _speech(self, request: Request) -> _Speech:
        check_samples(request.samples)
        language = self._checked_language(self.options.language if request.language is None else request.language)
        found = self._found(request.samples.astype(np.float32, copy=False))
        if found is None:
            return _Speech(request, language, [], 0.0)
        return _Speech(request, language, split_at_quiet(found[0]), found[1])

    def _found(self, samples: np.ndarray) -> Optional[tuple[np.ndarray, float]]:
        """Return the samples without what is not the person's speech at both ends, and the seconds of speech in them.

        None when there is no speech.
        """
        if not len(samples) or not np.any(samples):
            return None
        if self._vad is None:
            return samples, len(samples) / SAMPLE_RATE
        return cut_to_speech(samples, self._vad.probabilities(samples), self.options.vad_threshold)

    def _transcribe_alone(self, speech: _Speech) -> Outcome:
        """Transcribe what needs several windows, or whose language the first window has to tell."""
        language, decoded = speech.language, []
        for part in speech.parts:
            one = self._read([(speech, part)], language)[0]
            if one is None:
                return None
            decoded.append(one)
            language = one.language  # one utterance, one language
        return self._with_alternatives(speech, decoded[0]) if len(decoded) == 1 else self._judged(speech, decoded)

    def _read(self, parts: Sequence[tuple[_Speech, np.ndarray]], language: Optional[str]) -> list[Optional[_Decoded]]:
        """Decode windows together, and together once more those that a prompt and a short window are known to spoil."""
        found = self._with_figures(parts, self._decode([(part, speech.request) for speech, part in parts], language))
        doubtful = [
            number
            for number, first in enumerate(found)
            if first is not None and not first.figures and self._is_doubtful(first, *parts[number])
        ]
        if not doubtful:
            return found
        again = [(parts[number][1], dataclasses.replace(parts[number][0].request, prompt=None)) for number in doubtful]
        known = next(first.language for first in found if first is not None)  # one batch, one language
        for number, second in zip(doubtful, self._decode(again, known, _SECOND_WINDOW_S), strict=True):
            first, speech = found[number], parts[number][0]
            if first is None or second is None or second.loops or not self._is_speech(second, speech.speech_s, None):
                continue  # None: nobody waits any more
            number_said = is_number_in_digits(first.text, first.language)
            if first.loops or number_said or len(second.text) > len(first.text):
                found[number] = dataclasses.replace(second, encoded=None)  # of another window, without the prompt
        return found

    def _with_figures(
        self, parts: Sequence[tuple[_Speech, np.ndarray]], decoded: Sequence[Optional[_Decoded]]
    ) -> list[Optional[_Decoded]]:
        """Decode once more, as figures, what answers a question for a number, and keep that where it is sure."""
        found = list(decoded)
        asked = [
            number
            for number, (speech, _) in enumerate(parts)
            if speech.request.expected is not None and speech.request.expected.digits and found[number] is not None
        ]
        if not asked:
            return found
        again = [(parts[number][1], dataclasses.replace(parts[number][0].request, prompt=None)) for number in asked]
        known = next(first.language for first in decoded if first is not None)
        figures = self._decode(again, known, _FIGURES_WINDOW_S, figures=True)
        for number, second in zip(asked, figures, strict=True):
            first = found[number]
            if first is None or second is None:
                found[number] = None
            elif (
                second.text
                and not second.loops
                and second.log_probability >= _FIGURES_SURE
                and not says_other_than_figures(first.text, first.log_probability, first.language)
            ):
                found[number] = dataclasses.replace(second, encoded=None, figures=True)
        return found

    def _is_doubtful(self, first: _Decoded, speech: _Speech, part: np.ndarray) -> bool:
        """Whether a reading is a number in digits, repeats itself, or lacks words for what was said."""
        if first.loops or is_number_in_digits(first.text, first.language):
            return True
        speech_s = min(speech.speech_s, len(part) / SAMPLE_RATE)
        heard = self._is_speech(first, speech_s, speech.request.prompt)
        return speech_s >= _LONG_ENOUGH_S and (not heard or leaves_out(first.text, speech_s))

    def _with_alternatives(self, speech: _Speech, first: _Decoded) -> Transcript:
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
        try:
            readings = self._readings(speech, first)
        except (RuntimeError, ValueError) as error:
            raise RecognitionError(f"Whisper could not look for other readings: {error}.") from error
        return dataclasses.replace(
            transcript,
            alternatives=other_readings(transcript.text, readings),
            alternatives_s=time.perf_counter() - began,
        )

    def _readings(self, speech: _Speech, first: _Decoded) -> list[Alternative]:
        """Decode a window once more with a beam; no reading is longer than the first by more than a few tokens."""
        import ctranslate2

        tokenizer = self._tokenizer(first.language)
        prompt = self._prompt_tokens(tokenizer, speech.request.prompt)
        new_tokens = first.tokens + _EXTRA_TOKENS
        result = self._whisper.model.generate(
            ctranslate2.StorageView.from_array(first.encoded),
            [prompt],
            beam_size=READINGS,
            num_hypotheses=READINGS,
            max_length=min(_MAX_LENGTH, max(2 * new_tokens, len(prompt) + new_tokens)),
            suppress_blank=True,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        sound_s = len(speech.parts[0]) / SAMPLE_RATE
        found = [
            self._as_decoded(result, number, tokenizer, sound_s, first.language)
            for number in range(len(result.sequences_ids))
        ]
        return [
            Alternative(one.text, one.log_probability * (one.tokens + 1))
            for one in found
            if not one.loops and self._is_speech(one, speech.speech_s, speech.request.prompt)
        ]

    def _judged(self, speech: _Speech, decoded: list[_Decoded]) -> Transcript:
        duration_s = len(speech.request.samples) / SAMPLE_RATE
        if not decoded:
            return Transcript("", 0.0, speech.language or "en", duration_s, 1.0)
        heard = [part for part in decoded if self._is_speech(part, speech.speech_s, speech.request.prompt)]
        return _joined(decoded, heard, duration_s)

    def _decode(
        self,
        parts: Sequence[tuple[np.ndarray, Request]],
        language: Optional[str],
        window_s: float = 0.0,
        figures: bool = False,
    ) -> Sequence[Optional[_Decoded]]:
        """Decode a window, so long at least, of each of several requests, all with a prompt or all without one."""
        try:
            return self._decoded(parts, language, window_s, figures)
        except (RuntimeError, ValueError) as error:
            sound_s = sum(len(samples) for samples, _ in parts) / SAMPLE_RATE
            raise RecognitionError(f"Whisper could not transcribe {sound_s:.1f} s of sound: {error}.") from error

    def _decoded(
        self, parts: Sequence[tuple[np.ndarray, Request]], language: Optional[str], window_s: float, figures: bool
    ) -> Sequence[Optional[_Decoded]]:
        if not _anybody_wants(parts):
            return [None] * len(parts)
        model = self._whisper.model
        seconds = [len(samples) / SAMPLE_RATE for samples, _ in parts]
        window_s = max(window_s, max(seconds) + _PAD_S)
        encoded = self._encoded([self._features(samples, window_s) for samples, _ in parts])
        if not _anybody_wants(parts):
            return [None] * len(parts)
        if language is None:
            language = model.detect_language(encoded)[0][0][0].strip("<|>")
        tokenizer = self._tokenizer(language)
        prompts = _of_one_length([self._prompt_tokens(tokenizer, request.prompt) for _, request in parts])
        new_tokens = math.ceil(_TOKENS_PER_S * max(seconds)) + _EXTRA_TOKENS
        results = model.generate(
            encoded,
            prompts,
            beam_size=self.options.beam_size,
            # CTranslate2 allows max_length / 2 new tokens, and no more than max_length less the prompt.
            max_length=min(_MAX_LENGTH, max(2 * new_tokens, len(prompts[0]) + new_tokens)),
            suppress_blank=True,
            suppress_tokens=figures_only(tokenizer) if figures else [-1],
            return_scores=True,
            return_no_speech_prob=True,
        )
        decoded = [
            self._as_decoded(result, 0, tokenizer, sound_s, language)
            for result, sound_s in zip(results, seconds, strict=True)
        ]
        if all(request.expected is None for _, request in parts):
            return decoded
        import ctranslate2

        each = np.asarray(encoded.to_device(ctranslate2.Device.cpu))
        return [dataclasses.replace(one, encoded=each[row : row + 1]) for row, one in enumerate(decoded)]

    def _encoded(self, windows: Sequence[np.ndarray]) -> Any:
        """Encode windows of one length; a processor does one after the other, as several don't fit its caches."""
        if len(windows) == 1 or self._whisper.model.device != "cpu":
            return self._whisper.encode(np.stack(windows))
        import ctranslate2

        each = [np.asarray(self._whisper.encode(window)) for window in windows]
        return ctranslate2.StorageView.from_array(np.concatenate(each))

    def _as_decoded(self, result: Any, number: int, tokenizer: Any, speech_s: float, language: str) -> _Decoded:
        """Return one of the hypotheses that the model has of a window."""
        sequence, score = result.sequences_ids[number], result.scores[number]
        if not (math.isfinite(score) and math.isfinite(result.no_speech_prob)):
            raise RecognitionError(
                f"The Whisper model in {self.path} produces NaN (not a number), so its weights are damaged; "
                f"{how_to_mend(self.path)}."
            )
        text = tokenizer.decode(sequence)
        looping = loops(text) or runs_away(text, language, speech_s)
        # The score is a mean over the tokens without the end token, which was decoded too.
        log_probability = score * len(sequence) / (len(sequence) + 1)
        return _Decoded(
            text=cut_repeats(text, speech_s),
            log_probability=log_probability,
            tokens=len(sequence),
            no_speech=result.no_speech_prob,
            language=language,
            loops=looping,
        )

    def _features(self, samples: np.ndarray, window_s: float) -> np.ndarray:
        """Return the log-mel features of a window, float32 of shape (mels, frames)."""
        window_s = min(30.0, max(self.options.min_window_s, window_s))
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
        doubtful = part.log_probability < self.options.doubtful_log_probability
        # Whisper was trained on sentences: digits one by one are no speech to it.
        if (
            doubtful
            and part.no_speech > self.options.no_speech_threshold
            and not (is_number_in_digits(part.text, part.language))
        ):
            return False
        return not is_invented(
            part.text,
            speech_s=speech_s,
            log_probability=part.log_probability,
            no_speech=part.no_speech,
            prompt=prompt,
        )


def _anybody_wants(parts: Sequence[tuple[np.ndarray, Request]]) -> bool:
    return any(request.wanted() for _, request in parts)


def _of_one_length(prompts: list[list[int]]) -> list[list[int]]:
    """Cut the beginnings of prompts, which weigh least: CTranslate2 takes a batch of one length only."""
    shortest = min(len(prompt) for prompt in prompts)
    return [[prompt[0], *prompt[1 + len(prompt) - shortest :]] for prompt in prompts]


def _joined(decoded: list[_Decoded], heard: list[_Decoded], duration_s: float) -> Transcript:
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
