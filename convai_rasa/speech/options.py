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
    """What can be configured about a speech service."""

    asr: Optional[str] = "whisper/base"  # a name in the models/ tree or a path; None: nothing is recognized
    asr_engine: str = "whisper"  # an entry point of the group convai_rasa.recognizers
    tts: List[str] = Field(default_factory=lambda: ["tts/vits-joe"])  # the first for whoever names none; may be empty
    tts_engine: str = "coqui"  # an entry point of the group convai_rasa.synthesizers
    language: str = "auto"  # of what is said, where a request names none; auto detects it
    workers: int = Field(0, ge=0, le=64)  # batches that are recognized at the same time; 0: one for each core
    threads: int = Field(0, ge=0, le=256)  # of a batch; 0: a share of the cores, all for who is alone if it is quicker
    batch: int = Field(0, ge=0, le=256)  # recordings decoded together, at most; 0: as many as the recognizer gains from
    queue: int = Field(64, ge=1, le=4096)  # requests served or waiting, of each kind; the next is to come back later
    max_wait_s: float = Field(5.0, gt=0, le=600)  # longer waits are refused, too; engines that ask give up in 8 s
    max_mb: float = Field(25.0, gt=0, le=512)  # of a recording, 1,048,576 bytes each; as OpenAI's
    max_s: float = Field(600.0, gt=0, le=7200)  # of a recording
    max_characters: int = Field(4096, ge=1, le=100_000)  # of a text; as OpenAI's
    max_upload_mb: float = Field(256.0, gt=0)  # of all recordings that are being read or decoded
    timeout_s: float = Field(60.0, gt=0, le=3600)  # for a transcript or a chunk of speech, once all was received
    upload_s: float = Field(60.0, gt=0, le=3600)  # for sending a request
    drain_s: float = Field(30.0, ge=0, le=3600)  # for what goes on when the service is told to end

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
