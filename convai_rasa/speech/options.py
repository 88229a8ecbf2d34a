"""What a speech service serves, and how much of what it is sent it takes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import List, Optional, Tuple

from convai_rasa.errors import ConfigurationError
from convai_rasa.options import Field, Options, root_validator

TOKENS_VARIABLE = "CONVAI_SPEECH_TOKENS"

_SHORTEST_TOKEN = 16  # characters; openssl rand -hex 32 gives 64


class SpeechOptions(Options):
    """What can be configured about a speech service.

    Attributes:
        asr: the recognizer's model, by its name in the models/ tree or a path; None: nothing is recognized.
        asr_engine: an entry point of the group ``convai_rasa.recognizers``.
        tts: voices, the first for whoever names none; empty: nothing is spoken.
        tts_engine: an entry point of the group ``convai_rasa.synthesizers``.
        language: of what is said, where a request names none; ``auto`` detects it.
        workers: how many batches are recognized at the same time; 0: one for each core.
        threads: of a batch; 0: the workers share the cores, and a lone request gets all of them where that is quicker.
        batch: recordings that are decoded together, at most; 0: as many as the recognizer gains from.
        queue: requests that are served or wait, of each kind; the next is told when to come back.
        max_wait_s: requests that would wait longer for the recognizer are told to come back, too.
        max_mb: of a recording, 1,048,576 bytes each.
        max_s: of a recording.
        max_characters: of a text.
        max_upload_mb: of all recordings that are being read or decoded.
        timeout_s: for a transcript, and for each chunk of speech, from when all of the request is there.
        upload_s: for sending a request.
        drain_s: for what goes on when the service is told to end.
    """

    asr: Optional[str] = "whisper/base"
    asr_engine: str = "whisper"
    tts: List[str] = Field(default_factory=lambda: ["tts/vits-joe"])
    tts_engine: str = "coqui"
    language: str = "auto"
    workers: int = Field(0, ge=0, le=64)
    threads: int = Field(0, ge=0, le=256)
    batch: int = Field(0, ge=0, le=256)
    queue: int = Field(64, ge=1, le=4096)
    max_wait_s: float = Field(5.0, gt=0, le=600)  # engines that ask give up after 8 s: remote/engine.py
    max_mb: float = Field(25.0, gt=0, le=512)  # as OpenAI's
    max_s: float = Field(600.0, gt=0, le=7200)
    max_characters: int = Field(4096, ge=1, le=100_000)  # as OpenAI's
    max_upload_mb: float = Field(256.0, gt=0)
    timeout_s: float = Field(60.0, gt=0, le=3600)
    upload_s: float = Field(60.0, gt=0, le=3600)
    drain_s: float = Field(30.0, ge=0, le=3600)

    @root_validator
    def _serves_something(cls, values: Mapping[str, object]) -> Mapping[str, object]:
        if not values.get("asr") and not values.get("tts"):
            raise ValueError("there is neither a recognizer nor a voice to serve; name one of them")
        return values


def read_tokens() -> Tuple[str, ...]:
    """Return the tokens that callers may use, separated by commas or spaces in ``CONVAI_SPEECH_TOKENS``.

    Several let one be replaced while its callers change over.

    Raises:
        ConfigurationError: one is so short that it can be guessed, or is not ASCII.
    """
    tokens = tuple(os.environ.get(TOKENS_VARIABLE, "").replace(",", " ").split())
    if any(len(token) < _SHORTEST_TOKEN or not token.isascii() for token in tokens):
        raise ConfigurationError(
            f"{TOKENS_VARIABLE} holds a token that is shorter than {_SHORTEST_TOKEN} characters or not ASCII; make one "
            "with: openssl rand -hex 32"
        )
    return tokens
