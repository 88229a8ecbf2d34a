"""A transcript in the forms of OpenAI's audio API."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Any

from convai_rasa.asr import Transcript, join_transcripts

_SURELY_NOT = 1e-9  # a probability whose logarithm is still a number


def transcript_verbose(pieces: Sequence[Transcript]) -> dict[str, Any]:
    """Return the answer of ``verbose_json``: OpenAI's fields, with a segment for each piece, and some of our own."""
    whole = join_transcripts(pieces)
    segments: list[dict[str, Any]] = []
    start_s = 0.0
    for piece in pieces:
        if piece.text:
            segments.append(_segment(len(segments), piece, start_s))
        start_s += piece.duration_s
    return {
        "task": "transcribe",
        "language": whole.language,
        "duration": round(whole.duration_s, 3),
        "text": whole.text,
        "segments": segments,
        "confidence": round(whole.confidence, 4),
        "no_speech_prob": round(whole.no_speech_probability, 4),
        "log_probability": whole.log_probability,
        "alternatives": [
            {"text": other.text, "log_probability": round(other.log_probability, 4)} for other in whole.alternatives
        ],
    }


def _segment(number: int, piece: Transcript, start_s: float) -> dict[str, Any]:
    spoken = piece.text.encode()
    return {
        "id": number,
        "seek": round(100 * start_s),  # frames of 10 ms, as Whisper counts
        "start": round(start_s, 3),
        "end": round(start_s + piece.duration_s, 3),
        "text": piece.text,
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": math.log(max(piece.confidence, _SURELY_NOT)),
        "compression_ratio": round(len(spoken) / len(zlib.compress(spoken)), 4),
        "no_speech_prob": piece.no_speech_probability,
    }
