"""Voice notes: ``POST /message`` takes one recording and answers it."""

from __future__ import annotations

import asyncio
import base64
import logging
import uuid
from typing import Any, Dict, List, Optional

import numpy as np
from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse

from convai_rasa.audio import decode_audio, wav_bytes
from convai_rasa.errors import AudioError, ConvaiError
from convai_rasa.tts import plain_text, with_buttons
from convai_rasa.voice.bot import Answer, Content, PromptFor, UserTurn
from convai_rasa.voice.engines import Engines
from convai_rasa.voice.options import VoiceOptions

logger = logging.getLogger(__name__)

_MEGABYTE = 1 << 20


async def answer_note(
    request: Request, engines: Engines, options: VoiceOptions, answer: Answer, prompt_for: PromptFor
) -> HTTPResponse:
    """Recognise the recording, let the bot answer, and send back words and sound.

    Args:
        request: multipart form with ``audio`` (a recording in any container) and optionally ``sender``.
        engines: the models.
        options: the channel's configuration.
        answer: gives the words to the bot.
        prompt_for: words to expect.

    Returns:
        JSON ``{"transcript", "messages", "audio"}``, the audio a base64 wav; with ``Accept: audio/wav`` the wav
        alone.

    Raises:
        AudioError: there is no recording in the request, it cannot be decoded, or it is too large or too long.
    """
    recording = request.files.get("audio") if request.files else None
    if recording is None:
        raise AudioError("Send the recording as the form field 'audio' of a multipart/form-data request.")
    if len(recording.body) > options.max_note_mb * _MEGABYTE:
        size = len(recording.body) / _MEGABYTE
        raise AudioError(
            f"The recording has {size:.1f} MB, more than the {options.max_note_mb:g} MB allowed; send a shorter one."
        )
    sender = (request.form.get("sender") if request.form else None) or uuid.uuid4().hex
    loop = asyncio.get_running_loop()
    samples = await loop.run_in_executor(None, lambda: decode_audio(recording.body, max_seconds=options.max_note_s))
    transcript = await engines.recognise(samples, prompt=prompt_for(""))

    messages: List[Content] = []

    async def collect(recipient: str, content: Content) -> None:
        messages.append(content)

    if transcript.text:
        about = {"confidence": round(transcript.confidence, 3), "language": transcript.language}
        await answer(sender, UserTurn(transcript.text, {"voice": about}), collect)
    sound = await _spoken(engines, messages, transcript.language or None, options.tts.say_buttons)
    wav = wav_bytes(sound, engines.voice_sample_rate)
    if "audio/wav" in request.headers.get("accept", ""):
        return response.raw(wav, content_type="audio/wav")
    return response.json(
        {
            "transcript": transcript.text,
            "confidence": round(transcript.confidence, 3),
            "messages": [_shown(message) for message in messages],
            "audio": base64.b64encode(wav).decode("ascii"),
        }
    )


def _shown(message: Content) -> Dict[str, Any]:
    shown = dict(message)
    if shown.get("text"):
        shown["text"] = plain_text(shown["text"])
    return shown


async def _spoken(engines: Engines, messages: List[Content], language: Optional[str], say_buttons: bool) -> np.ndarray:
    pieces = [np.zeros(0, np.int16)]
    for message in messages:
        text = message.get("text") or ""
        if say_buttons:
            text = with_buttons(text, [str(button.get("title", "")) for button in message.get("buttons") or []])
        if text:
            try:
                pieces.extend([chunk async for chunk in engines.speak(text, language=language)])
            except ConvaiError as error:
                logger.warning("A reply could not be spoken: %s", error)
    return np.concatenate(pieces)
