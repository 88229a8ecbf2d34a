"""The bodies of requests: read within bounds, and taken apart."""

from __future__ import annotations

import asyncio
import json
import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from convai_rasa.errors import AudioError, ProtocolError
from convai_rasa.speech.encoding import FORMATS
from convai_rasa.speech.openai_errors import Refusal, bad_request
from convai_rasa.speech.options import SpeechOptions
from convai_rasa.web_form import read_form

MEGABYTE = 1 << 20
ANSWERS = ("json", "text", "verbose_json")

_MOST_PARTS = 32  # of a form; OpenAI's API knows fifteen
_FORM_OVERHEAD = 128 * 1024  # bytes of a form besides the recording
_JSON_PER_CHARACTER = 12  # bytes of a text in JSON, each character escaped in two halves
_JSON_OVERHEAD = 16 * 1024
_MOST_PROMPT = 16 * 1024  # characters; a recognizer reads the last of them
_LONGEST_NAME = 256  # characters of a model's or voice's name
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_YES = frozenset({"true", "1", "yes"})
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SLOWEST, _FASTEST = 0.25, 4.0  # of OpenAI's API


@dataclass(frozen=True)
class Transcription:
    """What is to be recognized."""

    recording: bytes  # a file's
    model: str = ""  # by the name that the caller uses
    language: str | None = None  # ISO 639-1 code; None: as the service is configured
    prompt: str | None = None  # in the style of what was said
    answer: str = "json"  # one of ANSWERS
    alternatives: bool = False  # whether other readings are looked for where the first is in doubt


@dataclass(frozen=True)
class Speech:
    """What is to be spoken; model and voice by the names that the caller uses."""

    text: str  # as written for the eye, with or without SSML
    model: str = ""
    voice: str = ""
    form: str = "mp3"  # one of encoding.FORMATS
    speed: float = 1.0  # times the voice's own pace
    language: str | None = None  # ISO 639-1 code; None: the voice's own


async def read_body(request: Request, *, max_bytes: int, timeout_s: float) -> bytes:
    """Read a request's body.

    Raises:
        Refusal: it is larger, or comes more slowly.
        ClientDisconnect: its sender is gone.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    body = bytearray()
    give_up_at = time.monotonic() + timeout_s
    parts: Any = request.stream()
    while True:
        try:
            part = await asyncio.wait_for(anext(parts, None), give_up_at - time.monotonic())
        except asyncio.TimeoutError as error:
            raise Refusal(
                408, f"The request took longer than {timeout_s:g} seconds to arrive; send it faster, or less of it."
            ) from error
        if part is None:
            return bytes(body)
        body += part
        if len(body) > max_bytes:
            raise _too_large(max_bytes)


def most_bytes_of_form(options: SpeechOptions) -> int:
    """Return how large a form with a recording may be."""
    return int(options.max_mb * MEGABYTE) + _FORM_OVERHEAD


def most_bytes_of_text(options: SpeechOptions) -> int:
    """Return how large JSON with a text may be."""
    return options.max_characters * _JSON_PER_CHARACTER + _JSON_OVERHEAD


def read_transcription(content_type: str, body: bytes, options: SpeechOptions) -> Transcription:
    """Take a form apart; the work is bounded by its length, whatever is in it.

    Raises:
        Refusal: it is no such form, or asks for what is not done here.
    """
    try:
        fields, recording = read_form(content_type, body, "file", most_parts=_MOST_PARTS)
    except (AudioError, ProtocolError) as error:
        raise bad_request(str(error), param="file" if isinstance(error, AudioError) else None) from error
    if len(recording) > options.max_mb * MEGABYTE:
        raise _too_large(int(options.max_mb * MEGABYTE))
    answer = fields.get("response_format") or "json"
    if answer not in ANSWERS:
        raise bad_request(f"response_format may be {_listed(ANSWERS)}.", param="response_format")
    return Transcription(
        recording,
        model=_name(fields, "model"),
        language=(_language(fields.get("language")) or "").partition("-")[0] or None,  # recognizers know no countries
        prompt=_text(fields.get("prompt") or "", "prompt", _MOST_PROMPT) or None,
        answer=answer,
        alternatives=fields.get("alternatives", "").lower() in _YES,
    )


def read_speech(body: bytes, options: SpeechOptions) -> Speech:
    """Take JSON apart.

    Raises:
        Refusal: it is no such JSON, or asks for what is not done here.
    """
    try:
        wanted = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise bad_request("The request is not JSON; send an object with 'input' and 'voice'.") from error
    if not isinstance(wanted, dict):
        raise bad_request("The request must be a JSON object with 'input' and 'voice'.")
    text = wanted.get("input")
    if not isinstance(text, str):
        raise bad_request("'input' must be the text that is to be spoken.", param="input")
    form = wanted.get("response_format") or "mp3"
    if form not in FORMATS:
        raise bad_request(f"response_format may be {_listed(FORMATS)}.", param="response_format")
    if wanted.get("stream_format") not in (None, "audio"):
        raise bad_request("stream_format may be audio; events are not sent.", param="stream_format")
    voice = wanted.get("voice")
    if isinstance(voice, dict):  # as OpenAI names voices that somebody made
        voice = voice.get("id")
    return Speech(
        _text(text, "input", options.max_characters),
        model=_name(wanted, "model"),
        voice=_name({"voice": voice}, "voice"),
        form=form,
        speed=_speed(wanted.get("speed")),
        language=_language(wanted.get("language")),
    )


def _name(fields: Mapping[str, Any], what: str) -> str:
    name = fields.get(what) or ""
    if not isinstance(name, str) or len(name) > _LONGEST_NAME:
        raise bad_request(f"'{what}' must be a name of at most {_LONGEST_NAME} characters.", param=what)
    return name.strip()


def _language(code: Any) -> str | None:
    if not code or code == "auto":
        return None
    if not isinstance(code, str) or not _LANGUAGE.fullmatch(code):
        raise bad_request("'language' must be a code like 'en'.", param="language")
    return code.lower().replace("_", "-")


def _text(text: str, what: str, most: int) -> str:
    if len(text) > most:
        raise bad_request(f"'{what}' has {len(text)} characters; send at most {most}.", param=what)
    if _UNWANTED.search(text):
        raise bad_request(f"'{what}' contains a control character or half a character; leave it out.", param=what)
    return text.strip()


def _speed(speed: Any) -> float:
    if speed is None:
        return 1.0
    usable = isinstance(speed, (int, float)) and not isinstance(speed, bool) and math.isfinite(speed)
    if not usable or not _SLOWEST <= speed <= _FASTEST:
        raise bad_request(f"'speed' must be a number from {_SLOWEST} to {_FASTEST:g}.", param="speed")
    return float(speed)


def _listed(words: Any) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}"


def _too_large(max_bytes: int) -> Refusal:
    return Refusal(
        413, f"The request has more than the {max_bytes / MEGABYTE:.3g} MB allowed; send a shorter recording or text."
    )
