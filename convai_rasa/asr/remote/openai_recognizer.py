"""Recognition by a server with OpenAI's audio API: OpenAI itself, vLLM, speaches, LocalAI and others."""

from __future__ import annotations

import json
import math
from typing import Any, Optional, Sequence

import numpy as np

from convai_rasa.asr.remote.remote_recognizer import (
    Answer,
    Heard,
    RecognizerOptions,
    RefusedRecognition,
    RemoteRecognitionError,
    RemoteRecognizer,
)
from convai_rasa.audio import SAMPLE_RATE, float_to_pcm16, wav_bytes
from convai_rasa.remote import HttpEngine, HttpOptions

_PATH = "/audio/transcriptions"
_FORMATS = ("verbose_json", "json", "text")  # the first that the server takes

# The API names a language in English where it detected it.
_LANGUAGES = {
    **{"arabic": "ar", "bulgarian": "bg", "catalan": "ca", "chinese": "zh", "croatian": "hr", "czech": "cs"},
    **{"danish": "da", "dutch": "nl", "english": "en", "estonian": "et", "finnish": "fi", "french": "fr"},
    **{"german": "de", "greek": "el", "hebrew": "he", "hindi": "hi", "hungarian": "hu", "indonesian": "id"},
    **{"italian": "it", "japanese": "ja", "korean": "ko", "latvian": "lv", "lithuanian": "lt", "malay": "ms"},
    **{"norwegian": "no", "persian": "fa", "polish": "pl", "portuguese": "pt", "romanian": "ro", "russian": "ru"},
    **{"serbian": "sr", "slovak": "sk", "slovenian": "sl", "spanish": "es", "swahili": "sw", "swedish": "sv"},
    **{"tamil": "ta", "thai": "th", "turkish": "tr", "ukrainian": "uk", "urdu": "ur", "vietnamese": "vi"},
    **{"welsh": "cy"},
}


class OpenAiRecognizerOptions(HttpOptions, RecognizerOptions):
    """What can be configured; ``model_path`` is the model's name on the server."""

    model_path: str = "whisper-1"


class OpenAiRecognizer(HttpEngine, RemoteRecognizer):
    """A model behind ``POST {base_url}/audio/transcriptions``; threads may share it."""

    options_class = OpenAiRecognizerOptions
    options: OpenAiRecognizerOptions

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._formats: Sequence[str] = _FORMATS

    async def ask(self, samples: np.ndarray, language: Optional[str], prompt: Optional[str]) -> Answer:
        """Send the sound as a wav file; see ``RemoteRecognizer.ask``."""
        wav = wav_bytes(float_to_pcm16(samples), SAMPLE_RATE)
        refusal: Optional[RefusedRecognition] = None
        for number, wanted in enumerate(self._formats):
            fields = {"model": self.options.model_path, "response_format": wanted, "temperature": "0"}
            if language is not None:
                fields["language"] = language
            if prompt and prompt.strip():
                fields["prompt"] = prompt.strip()
            if wanted == "json":
                fields["include[]"] = "logprobs"
            try:
                kind, body = await self.answer_to(
                    "POST", _PATH, data=fields, files={"file": ("speech.wav", wav, "audio/wav")}
                )
            except RefusedRecognition as error:
                refusal = refusal or error  # about the first form, which is asked for with the same words
                continue
            if number:
                self._formats = self._formats[number:]
            return self._read(kind, body, wanted)
        assert refusal is not None
        raise refusal

    def _read(self, kind: str, body: bytes, form: str) -> Answer:
        try:
            if kind in ("text/html", "application/xhtml+xml") or kind.startswith(("audio/", "image/")):
                raise ValueError(f"{kind} is no transcript")
            if form == "text" and kind != "application/json":
                return Answer([Heard(body.decode("utf-8", "replace"))])
            return _answer(json.loads(body))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise RemoteRecognitionError(
                f"The speech server {self.options.base_url} answered with {kind or 'something without a media type'} "
                "in which there is no transcript; correct base_url."
            ) from error


def _answer(content: Any) -> Answer:
    """Read JSON of either form; raises ValueError, TypeError, KeyError or AttributeError where it is something else."""
    text = content["text"]
    if not isinstance(text, str):
        raise TypeError("the text is no string")
    language = _code(content.get("language"))
    segments = content.get("segments") or []
    parts = [part for segment in segments if (part := _segment(segment)) is not None]
    if segments and len(parts) == len(segments):
        return Answer(parts, language)
    return Answer([Heard(text, _mean(content.get("logprobs") or []))], language)


def _segment(segment: Any) -> Optional[Heard]:
    if "avg_logprob" not in segment:
        return None
    tokens = segment.get("tokens") or segment["text"].split()
    no_speech = min(1.0, max(0.0, _number(segment.get("no_speech_prob") or 0.0)))
    return Heard(segment["text"], min(0.0, _number(segment["avg_logprob"])), no_speech, weight=len(tokens) + 1)


def _mean(tokens: Any) -> float:
    values = [_number(token["logprob"]) for token in tokens]
    return min(0.0, sum(values) / len(values)) if values else 0.0


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not a number")
    return number


def _code(language: Any) -> Optional[str]:
    if not isinstance(language, str) or not language.strip():
        return None
    name = language.strip().lower()
    return _LANGUAGES.get(name, name if len(name) <= 3 else None)
