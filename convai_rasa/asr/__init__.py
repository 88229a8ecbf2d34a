"""Sound to text: the recognizer contract, Whisper, and the prompt that teaches it the bot's words."""

from __future__ import annotations

from typing import Any

from convai_rasa.asr.choice import ModelChoice, choose_model
from convai_rasa.asr.prompt import build_prompt, choose_phrases
from convai_rasa.asr.recognizer import (
    Capabilities,
    Outcome,
    Recognizer,
    Request,
    SharingRecognizer,
    Transcript,
    join_transcripts,
    load_recognizer,
    recognize_together,
)
from convai_rasa.asr.whisper_loading import cores
from convai_rasa.asr.window import split_at_quiet

__all__ = [
    "Capabilities",
    "ModelChoice",
    "Outcome",
    "Recognizer",
    "Request",
    "SharingRecognizer",
    "Transcript",
    "WhisperOptions",
    "WhisperRecognizer",
    "build_prompt",
    "choose_model",
    "choose_phrases",
    "cores",
    "join_transcripts",
    "load_recognizer",
    "recognize_together",
    "split_at_quiet",
]


def __getattr__(name: str) -> Any:
    if name in ("WhisperOptions", "WhisperRecognizer"):
        from convai_rasa.asr import whisper

        return getattr(whisper, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
