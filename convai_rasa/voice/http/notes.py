"""Voice notes: ``POST /message`` takes one recording and answers it."""

from __future__ import annotations

import asyncio
import base64
import logging
from typing import Any, Dict, List, Optional

from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse

from convai_rasa.audio import Sound, joined, wav_bytes
from convai_rasa.errors import ConvaiError, PartialAnswer
from convai_rasa.tts import plain_text, with_buttons
from convai_rasa.voice.bot import Content, PromptFor, UserTurn
from convai_rasa.voice.call import Host
from convai_rasa.voice.engines import Engines
from convai_rasa.voice.http.uploads import read_body
from convai_rasa.voice.limits import FORM_OVERHEAD_BYTES, MEGABYTE, check_size, check_text
from convai_rasa.voice.options import VoiceOptions
from convai_rasa.web_form import read_form

logger = logging.getLogger(__name__)

_MOST_PARTS = 16  # of a form; ours has two


async def read_note(request: Request, options: VoiceOptions) -> tuple[bytes, Optional[str]]:
    """Read the form of a voice note: ``audio``, a file in some container, and the ``sender``, if its client names one.

    Raises:
        AudioError: there is no recording in the request, or it is too large.
        ProtocolError: the request is no such form, too large, or too slow.
    """
    limit = int(options.max_note_mb * MEGABYTE)
    body = await read_body(request, max_bytes=limit + FORM_OVERHEAD_BYTES)
    recording, sender = parse_note(request.headers.get("content-type", ""), body)
    check_size(len(recording), limit)
    return recording, sender


def parse_note(content_type: str, body: bytes) -> tuple[bytes, Optional[str]]:
    """Take the form apart, whatever the body, as :func:`read_note` says; the work is bounded by the body's length."""
    form, recording = read_form(content_type, body, "audio", most_parts=_MOST_PARTS)
    check_text(form.get("sender", ""))
    return recording, form.get("sender") or None


async def answer_note(
    recorded: bytes, sender: str, host: Host, prompt_for: PromptFor, *, sound_only: bool
) -> HTTPResponse:
    """Recognize a recording, let the bot answer, and send back words and sound.

    JSON ``{"transcript", "messages", "audio"}``, the audio a base64 wav, and ``warning`` where a part of the recording
    was not heard; or the wav alone. Raises ``AudioError`` for a recording that cannot be decoded, or is too long.
    """
    engines, options = host.engines, host.options
    recording = await engines.decode(recorded, max_seconds=options.max_note_s)
    transcript = await engines.recognise_patiently(recording.samples, prompt=prompt_for(""))
    messages: List[Content] = []

    async def collect(recipient: str, content: Content) -> None:
        messages.append(content)

    if transcript.text:
        about = {"confidence": round(transcript.confidence, 3), "language": transcript.language}
        try:
            await host.bot.answer(sender, UserTurn(transcript.text, {"voice": about}), collect)
        except PartialAnswer as error:  # what there is of it is worth having
            logger.warning("A voice note was answered in part: %s", error)
    language = transcript.language or engines.language
    sound = await _spoken(engines, messages, language, options.tts.say_buttons)
    wav = await asyncio.get_running_loop().run_in_executor(None, wav_bytes, sound.samples, sound.rate)
    if sound_only:
        return response.raw(wav, content_type="audio/wav")
    return response.json(
        {
            "transcript": transcript.text,
            "confidence": round(transcript.confidence, 3),
            "messages": [_shown(message) for message in messages],
            "audio": base64.b64encode(wav).decode("ascii"),
            **({"warning": recording.warning} if recording.warning else {}),
        }
    )


def _shown(message: Content) -> Dict[str, Any]:
    shown = dict(message)
    if shown.get("text"):
        shown["text"] = plain_text(shown["text"])
    return shown


async def _spoken(engines: Engines, messages: List[Content], language: Optional[str], say_buttons: bool) -> Sound:
    pieces: List[Sound] = []
    for message in messages:
        text = message.get("text") or ""
        if say_buttons:
            titles = [str(button.get("title", "")) for button in message.get("buttons") or []]
            text = with_buttons(text, titles, language)
        if text:
            try:
                pieces.extend([chunk async for chunk in engines.speak(text, language=language)])
            except ConvaiError as error:
                logger.warning("A reply could not be spoken: %s", error)
    return joined(pieces)
