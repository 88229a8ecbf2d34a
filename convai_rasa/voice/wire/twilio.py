"""Twilio Media Streams: JSON text frames with an ``event``, sound in base64 μ-law at 8 kHz.

https://www.twilio.com/docs/voice/media-streams/websocket-messages

A mark is put after every piece of sound. Twilio sends it back once the piece has been played, which tells how much of
a reply the caller has heard. It also sends back the marks of sound that ``clear`` threw away: those bear an older
generation in their names and are not counted.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Type, Union

from convai_rasa.audio import mulaw
from convai_rasa.errors import ProtocolError
from convai_rasa.options import BaseModel, Field, ValidationError
from convai_rasa.voice.limits import MAX_DIGITS, MAX_NAME
from convai_rasa.voice.wire import messages as m
from convai_rasa.voice.wire.messages import Frame
from convai_rasa.voice.wire.native import read_fields, read_object

logger = logging.getLogger(__name__)

MAX_FRAME_BYTES = 64 * 1024  # Twilio sends 20 ms at a time, 160 bytes
PACKET_BYTES = mulaw.SAMPLE_RATE // 50  # 20 ms, what a telephone plays at a time
PIECE_BYTES = 5 * PACKET_BYTES  # sound between two marks: heard is known to 100 ms

_NUMBER = re.compile(r"\+\d{7,15}")
_KEYS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
# What carriers put in place of a number that is withheld, typed with the letters on telephone keys.
_WITHHELD = {
    f"+{word.translate(_KEYS)}" for word in ("ANONYMOUS", "BLOCKED", "PRIVATE", "RESTRICTED", "UNAVAILABLE", "UNKNOWN")
}


class _Start(BaseModel):  # as all below, without keys that Twilio adds now and then
    stream: str = Field(..., alias="streamSid", min_length=1, max_length=MAX_NAME)
    call: str = Field(..., alias="callSid", min_length=1, max_length=MAX_NAME)
    account: Optional[str] = Field(None, alias="accountSid", max_length=MAX_NAME)
    format: Dict[str, Any] = Field(default_factory=dict, alias="mediaFormat")
    parameters: Dict[str, str] = Field(default_factory=dict, alias="customParameters")


class _Media(BaseModel):
    payload: str
    track: str = "inbound"


class _Dtmf(BaseModel):
    digit: str = Field(..., regex=rf"^[0-9A-D*#]{{1,{MAX_DIGITS}}}\Z")


class _Mark(BaseModel):
    name: str = Field(..., max_length=2 * MAX_NAME)


_PARTS: Dict[str, Type[BaseModel]] = {"start": _Start, "media": _Media, "dtmf": _Dtmf, "mark": _Mark}


class TwilioWire:
    """One telephone call.

    Args:
        check: takes the call's SID and the ``token`` among the stream's parameters, and raises ``ProtocolError`` if
            this server did not give it to that call.
        on_transfer: told the call's SID and whom the bot hands it over to.
    """

    def __init__(self, check: Callable[[str, Optional[str]], None], *, on_transfer: Callable[[str, str], None]) -> None:
        self._check = check
        self._on_transfer = on_transfer
        self._start: Optional[_Start] = None
        self._generation = 0  # how often sound was thrown away
        self._reply = ""
        self._packets = b""  # less than a piece, not sent yet
        self._sent_ms = 0.0  # of the reply's sound

    def receive(self, frame: Frame) -> Iterator[Union[m.ClientMessage, bytes]]:
        """Read a frame of Twilio; ``ProtocolError``: it makes no sense, or its call was not answered by this server."""
        event, part = _read(frame)
        if isinstance(part, _Start):
            yield self._open(part)
        elif event == "stop":
            yield m.Bye()
        elif part is not None and self._start is None:
            raise ProtocolError("no_start", f"'{event}' came before 'start'; Twilio sends 'start' first.")
        elif isinstance(part, _Media):
            if part.track == "inbound":  # the other one is what we said ourselves
                yield _sound(part.payload)
        elif isinstance(part, _Dtmf):
            yield m.Dtmf(digits=part.digit)
        elif isinstance(part, _Mark):
            yield from self._played(part.name)

    def send(self, item: Union[m.ServerMessage, bytes]) -> Iterator[str]:
        """Write what a telephone can make use of; the rest gives no frame."""
        if isinstance(item, bytes):
            yield from self._say(mulaw.encode(item))
        elif isinstance(item, m.AudioStart):
            self._reply, self._packets, self._sent_ms = item.id, b"", item.from_ms
        elif isinstance(item, m.AudioEnd):
            if self._packets:
                yield from self._piece(self._packets)
            self._packets = b""
        elif isinstance(item, m.Interrupted):
            self._generation += 1
            self._packets = b""
            yield self._frame("clear")
        elif isinstance(item, m.Transfer) and self._start is not None:
            self._on_transfer(self._start.call, item.to)
        elif isinstance(item, m.Error):
            logger.warning("Call %s: %s", self._start.call if self._start else "not begun", item.message)

    def _open(self, start: _Start) -> m.Start:
        if self._start is not None:
            raise ProtocolError("already_started", "The stream has started already; Twilio sends 'start' once.")
        _check_format(start.format)
        parameters = dict(start.parameters)
        self._check(start.call, parameters.pop("token", None))
        language = parameters.pop("language", None) or None
        call = {**parameters, "sid": start.call, "stream": start.stream, "account": start.account}
        try:
            opening = m.Start(
                sender_id=_caller(parameters, start.call),
                language=language,
                sample_rate=mulaw.SAMPLE_RATE,
                output_sample_rate=mulaw.SAMPLE_RATE,
                metadata={"call": {key: value for key, value in call.items() if value}},
                greet=True,
            )
        except ValidationError as error:
            raise ProtocolError("bad_message", f"In 'start', customParameters: {error.errors()[0]['msg']}.") from error
        self._start = start
        return opening

    def _say(self, sound: bytes) -> Iterator[str]:
        self._packets += sound
        while len(self._packets) >= PIECE_BYTES:
            piece, self._packets = self._packets[:PIECE_BYTES], self._packets[PIECE_BYTES:]
            yield from self._piece(piece)

    def _piece(self, sound: bytes) -> Iterator[str]:
        self._sent_ms += len(sound) * 1000 / mulaw.SAMPLE_RATE
        whole = -(-len(sound) // PACKET_BYTES) * PACKET_BYTES
        payload = base64.b64encode(sound.ljust(whole, mulaw.SILENCE)).decode("ascii")
        yield self._frame("media", media={"payload": payload})
        yield self._frame("mark", mark={"name": f"{self._generation}/{self._sent_ms}/{self._reply}"})

    def _played(self, name: str) -> Iterator[m.PlaybackReport]:
        generation, _, rest = name.partition("/")
        milliseconds, _, reply = rest.partition("/")
        if generation == str(self._generation):
            try:
                yield m.PlaybackReport(id=reply, played_ms=float(milliseconds))
            except ValueError as error:  # pydantic's too
                raise ProtocolError("bad_message", f"The mark {name[:100]!r} was never sent.") from error

    def _frame(self, event: str, **content: Any) -> str:
        if self._start is None:
            raise ProtocolError("no_start", "Nothing can be said to a call whose stream has not started.")
        return json.dumps({"event": event, "streamSid": self._start.stream, **content})


def _read(frame: Frame) -> tuple[str, Optional[BaseModel]]:
    if isinstance(frame, bytes):
        raise ProtocolError("bad_message", "Twilio's frames are text; a binary frame was ignored.")
    if len(frame) > MAX_FRAME_BYTES:
        raise ProtocolError("frame_too_large", f"A frame of {len(frame):,} characters was ignored; Twilio sends less.")
    fields = read_object(frame)
    event = fields.get("event")
    if not isinstance(event, str):
        raise ProtocolError("bad_message", "A frame must be one JSON object with an 'event'.")
    if event not in _PARTS:  # 'connected', 'stop', and what Twilio may add
        return event, None
    part = fields.get(event)
    if not isinstance(part, dict):
        raise ProtocolError("bad_message", f"In '{event}', the object '{event}' is missing.")
    return event, read_fields(_PARTS[event], part, event, event)


def _sound(payload: str) -> bytes:
    try:
        return mulaw.decode(base64.b64decode(payload, validate=True))
    except (binascii.Error, ValueError) as error:
        raise ProtocolError("bad_message", "In 'media', media.payload is not base64.") from error


def _check_format(given: Mapping[str, Any]) -> None:
    wanted = {"encoding": "audio/x-mulaw", "sampleRate": mulaw.SAMPLE_RATE, "channels": 1}
    for key, value in wanted.items():
        if given.get(key, value) != value:
            raise ProtocolError(
                "bad_message", f"In 'start', mediaFormat.{key} is {given[key]!r:.50}; only {value!r} is supported."
            )


def _caller(parameters: Mapping[str, str], call: str) -> str:
    """Return the person's number, so that the bot knows who calls again; the call's SID where it is withheld.

    Nobody else can have such names; see ``access.py``.
    """
    number = parameters.get("to" if parameters.get("direction", "").startswith("outbound") else "from", "")
    known = (_NUMBER.fullmatch(number) and number not in _WITHHELD) or number.startswith(("sip:", "client:"))
    return number if known and len(number) <= MAX_NAME and number.isprintable() else f"call:{call}"
