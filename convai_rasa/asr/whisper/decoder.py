"""Windows of sound into text with a loaded Whisper model: features, prompts, decoding, and other readings."""

from __future__ import annotations

import contextlib
import functools
import math
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Optional

import numpy as np

from convai_rasa.asr.digit_strings import runs_away
from convai_rasa.asr.recognizer import Request
from convai_rasa.asr.window import cut_repeats, loops
from convai_rasa.audio import SAMPLE_RATE
from convai_rasa.errors import RecognitionError
from convai_rasa.store import how_to_mend

PAD_S = 1.0  # silence after the speech, which tells the decoder that it is over
_HOP_SAMPLES = 160  # one feature frame is 10 ms
_MAX_LENGTH = 448  # positions of the decoder, prompt included
_TOKENS_PER_S, _EXTRA_TOKENS = 6, 6  # nobody speaks faster; bounds what a decoder that loops can cost
_MAX_PROMPT_TOKENS = 120  # the sentences that show the bot's words, and its question
_BETWEEN = (",", ".")  # what separates words that are said one by one
_MEASURED_SPEECH_S, _MEASURED_PROMPT, _MEASURED_TOKENS, _MEASURED_RUNS = 3.0, 100, 12, 3  # an ordinary order


@dataclass(frozen=True)
class Decoded:
    """What the model made of one window."""

    text: str  # without what it repeats
    log_probability: float  # mean over the tokens
    tokens: int  # how many, without the end
    no_speech: float  # the model's probability that nobody spoke
    language: str  # code
    loops: bool  # whether it repeats itself, or has more digits than can have been said
    figures: bool = False  # whether nothing else was allowed
    encoded: Optional[np.ndarray] = None  # what the encoder made of the window, where the request wants alternatives


class Decoder:
    """Decodes with a ``faster_whisper.WhisperModel`` from a folder, as ``WhisperOptions`` say; threads may share it."""

    def __init__(self, whisper: Any, path: Path, *, beam_size: int, min_window_s: float) -> None:
        self._loaded = whisper
        self._path = path
        self._beam_size = beam_size
        self._min_window_s = min_window_s
        self._tokenizers: dict[str, Any] = {}
        self._tokenizers_lock = threading.Lock()

    def close(self) -> None:
        """Free the model."""
        self._loaded = None

    @property
    def _whisper(self) -> Any:
        whisper = self._loaded
        if whisper is None:
            raise RecognitionError("This recognizer is closed; create a new one.")
        return whisper

    def measure(self, language: str) -> float:
        """Return how many seconds an ordinary order of three seconds takes here, at best of three."""
        whisper = self._whisper
        tokenizer = self._tokenizer(language)
        features = self._features(np.zeros(1, np.float32), _MEASURED_SPEECH_S + PAD_S)
        tokens = self._prompt_tokens(tokenizer, " a" * _MEASURED_PROMPT)
        took = []
        for _ in range(_MEASURED_RUNS):
            began = time.perf_counter()
            whisper.model.generate(
                whisper.encode(features),
                [tokens],
                beam_size=self._beam_size,
                max_length=len(tokens) + _MEASURED_TOKENS,
                suppress_tokens=[-1, tokenizer.eot],  # whatever the sound is, so many tokens are written
            )
            took.append(time.perf_counter() - began)
        return min(took)

    def decode(
        self,
        parts: Sequence[tuple[np.ndarray, Request]],
        language: Optional[str],
        window_s: float = 0.0,
        figures: bool = False,
    ) -> Optional[list[Decoded]]:
        """Decode a window, so long at least, of each of several requests; None: nobody waits for any of them any more.

        All have a prompt or none has one, and all expect the same words only, or any.
        """
        seconds = [len(samples) / SAMPLE_RATE for samples, _ in parts]
        with _failing(f"transcribe {sum(seconds):.1f} s of sound"):
            if not any(request.wanted() for _, request in parts):
                return None
            window_s = max(window_s, max(seconds) + PAD_S)
            encoded = self._encoded([self._features(samples, window_s) for samples, _ in parts])
            if not any(request.wanted() for _, request in parts):
                return None
            if language is None:
                language = self._whisper.model.detect_language(encoded)[0][0][0].strip("<|>")
            tokenizer = self._tokenizer(language)
            results = self._generate(
                encoded,
                _of_one_length([self._prompt_tokens(tokenizer, request.prompt) for _, request in parts]),
                math.ceil(_TOKENS_PER_S * max(seconds)) + _EXTRA_TOKENS,
                beam_size=self._beam_size,
                suppress_tokens=_suppressed(tokenizer, parts, figures),
            )
            decoded = [
                self._as_decoded(result, 0, tokenizer, sound_s, language)
                for result, sound_s in zip(results, seconds, strict=True)
            ]
            if all(request.expected is None or request.expected.only for _, request in parts):
                return decoded
            import ctranslate2

            each = np.asarray(encoded.to_device(ctranslate2.Device.cpu))
            return [replace(one, encoded=each[row : row + 1]) for row, one in enumerate(decoded)]

    def _generate(self, encoded: Any, prompts: list[list[int]], new_tokens: int, **how: Any) -> Any:
        return self._whisper.model.generate(
            encoded,
            prompts,
            # CTranslate2 allows max_length / 2 new tokens, and no more than max_length less the prompt.
            max_length=min(_MAX_LENGTH, max(2 * new_tokens, len(prompts[0]) + new_tokens)),
            suppress_blank=True,
            return_scores=True,
            return_no_speech_prob=True,
            **how,
        )

    def _encoded(self, windows: Sequence[np.ndarray]) -> Any:
        """Encode windows of one length; a processor does one after the other, as several don't fit its caches."""
        if len(windows) == 1 or self._whisper.model.device != "cpu":
            return self._whisper.encode(np.stack(windows))
        import ctranslate2

        each = [np.asarray(self._whisper.encode(window)) for window in windows]
        return ctranslate2.StorageView.from_array(np.concatenate(each))

    def _as_decoded(self, result: Any, number: int, tokenizer: Any, speech_s: float, language: str) -> Decoded:
        """Return one of the hypotheses that the model has of a window."""
        sequence, score = result.sequences_ids[number], result.scores[number]
        if not (math.isfinite(score) and math.isfinite(result.no_speech_prob)):
            raise RecognitionError(
                f"The Whisper model in {self._path} produces NaN (not a number), so its weights are damaged; "
                f"{how_to_mend(self._path)}."
            )
        text = tokenizer.decode(sequence)
        return Decoded(
            text=cut_repeats(text, speech_s),
            # The score is a mean over the tokens without the end token, which was decoded too.
            log_probability=score * len(sequence) / (len(sequence) + 1),
            tokens=len(sequence),
            no_speech=result.no_speech_prob,
            language=language,
            loops=loops(text) or runs_away(text, language, speech_s),
        )

    def _features(self, samples: np.ndarray, window_s: float) -> np.ndarray:
        """Return the log-mel features of a window, float32 of shape (mels, frames)."""
        window_s = min(30.0, max(self._min_window_s, window_s))
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
                    self._whisper.hf_tokenizer,
                    self._whisper.model.is_multilingual,
                    task="transcribe",
                    language=language,
                )
            return self._tokenizers[language]

    def readings(self, first: Decoded, request: Request, sound_s: float, most: int) -> list[Decoded]:
        """Decode a window once more with a beam; no reading is longer than the first by more than a few tokens."""
        import ctranslate2

        tokenizer = self._tokenizer(first.language)
        prompt = self._prompt_tokens(tokenizer, request.prompt)
        with _failing("look for other readings"):
            encoded = ctranslate2.StorageView.from_array(first.encoded)
            new_tokens = first.tokens + _EXTRA_TOKENS
            result = self._generate(encoded, [prompt], new_tokens, beam_size=most, num_hypotheses=most)[0]
        return [
            self._as_decoded(result, number, tokenizer, sound_s, first.language)
            for number in range(len(result.sequences_ids))
        ]


@contextlib.contextmanager
def _failing(what: str) -> Iterator[None]:
    """Say in our own words what CTranslate2 raises."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise RecognitionError(f"Whisper could not {what}: {error}.") from error


def _suppressed(tokenizer: Any, parts: Sequence[tuple[np.ndarray, Request]], figures: bool) -> list[int]:
    """Return the tokens that may not be written; requests with different words never go together."""
    expected = parts[0][1].expected
    if figures:
        return all_but_figures(tokenizer)
    return all_but_figures(tokenizer, expected.only) if expected is not None and expected.only else [-1]


def _of_one_length(prompts: list[list[int]]) -> list[list[int]]:
    """Cut the beginnings of prompts, which weigh least: CTranslate2 takes a batch of one length only."""
    shortest = min(len(prompt) for prompt in prompts)
    return [[prompt[0], *prompt[1 + len(prompt) - shortest :]] for prompt in prompts]


@functools.lru_cache(maxsize=32)
def all_but_figures(tokenizer: Any, words: frozenset[str] = frozenset()) -> list[int]:
    """Return faster-whisper's tokens to suppress so that it writes figures, one by one, and nothing else.

    Where there are words, it may write these as well, spelled like this, and what separates them. Words of several
    tokens may be mixed with each other, which what was said makes unlikely.
    """
    kept: set[int] = set()
    for figure in "0123456789":
        kept.update(tokenizer.encode(f" {figure}")[-1:], tokenizer.encode(figure))
    for word in words:
        kept.update(tokenizer.encode(f" {word}"), tokenizer.encode(word)[:1])  # the first may have no space before it
    if words:
        kept.update(*map(tokenizer.encode, _BETWEEN))
    return [token for token in range(tokenizer.eot) if token not in kept]
