"""The native protocol: JSON text frames with a ``type``, binary frames of PCM16 little-endian mono sound."""

from __future__ import annotations

import difflib
import json
from typing import Any, Dict, Iterator, Type, Union, get_args

from pydantic import ValidationError

from convai_rasa.errors import ProtocolError
from convai_rasa.voice.messages import ClientMessage, Message, ServerMessage
from convai_rasa.voice.protocols import Frame

MAX_FRAME_BYTES = 1 << 20  # over 30 s of sound at 16 kHz in one frame: no client needs more

_CLIENT: Dict[str, Type[Message]] = {message.type: message for message in get_args(ClientMessage)}
_SERVER: Dict[str, Type[Message]] = {message.type: message for message in get_args(ServerMessage)}


class NativeWire:
    """The native protocol of one connection; it remembers nothing."""

    def receive(self, frame: Frame) -> Iterator[Union[ClientMessage, bytes]]:
        """Read a frame of the client; see ``decode_client``."""
        yield decode_client(frame)

    def send(self, item: Union[ServerMessage, bytes]) -> Iterator[Frame]:
        """Write a message or sound as one frame."""
        yield item if isinstance(item, bytes) else encode(item)


def encode(message: Message) -> str:
    """Write a message of either side as the text frame that carries it."""
    return json.dumps({"type": message.type, **message.dict(exclude_none=True)}, ensure_ascii=False)


def decode_client(frame: Frame) -> Union[ClientMessage, bytes]:
    """Read what a client sent.

    Returns:
        The message of a text frame, or the sound of a binary frame unchanged.

    Raises:
        ProtocolError: the frame is too large, is not JSON, or breaks the protocol; the message says how.
    """
    if len(frame) > MAX_FRAME_BYTES:
        raise ProtocolError(
            "frame_too_large",
            f"A frame of {len(frame):,} bytes was ignored: send sound in pieces of at most {MAX_FRAME_BYTES:,} bytes.",
        )
    return frame if isinstance(frame, bytes) else _decode(frame, _CLIENT)


def decode_server(frame: Frame) -> Union[ServerMessage, bytes]:
    """Read what the channel sent; the counterpart of :func:`decode_client`, for clients written in Python."""
    return frame if isinstance(frame, bytes) else _decode(frame, _SERVER)


def _decode(frame: str, kinds: Dict[str, Type[Message]]) -> Message:
    try:
        fields: Any = json.loads(frame)
    except ValueError as error:
        raise ProtocolError("bad_message", f"A text frame must be one JSON object: {error}.") from error
    except RecursionError as error:
        raise ProtocolError("bad_message", "A text frame must be one JSON object, not nested this deep.") from error
    if not isinstance(fields, dict):
        raise ProtocolError("bad_message", f"A text frame must be one JSON object, not {type(fields).__name__}.")
    name = fields.pop("type", None)
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        close = difflib.get_close_matches(str(name), kinds, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"known types are {', '.join(kinds)}."
        raise ProtocolError("unknown_type", f"Unknown message type {name!r}: {hint}")
    try:
        return kind.parse_obj(fields)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(step) for step in problem["loc"])
        raise ProtocolError("bad_message", f"In '{name}', {key}: {problem['msg']}.") from error
