"""The native protocol: JSON text frames with a ``type``, binary frames of PCM16 little-endian mono sound."""

from __future__ import annotations

import difflib
import json
from typing import Any, Dict, Iterator, Type, Union, get_args

from convai_rasa.errors import ProtocolError
from convai_rasa.options import BaseModel, ValidationError
from convai_rasa.voice.limits import MAX_FRAME_BYTES, MAX_MESSAGE_BYTES, MAX_TYPE, check_values, place
from convai_rasa.voice.wire.messages import ClientMessage, Frame, Message, ServerMessage

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
    """Read what a client sent: a message, or sound unchanged; raises ``ProtocolError``, which says what is wrong."""
    if isinstance(frame, bytes):
        if len(frame) > MAX_FRAME_BYTES:
            raise _too_large(len(frame), f"send sound in pieces of at most {MAX_FRAME_BYTES:,} bytes")
        return frame
    if len(frame) > MAX_MESSAGE_BYTES:
        raise _too_large(len(frame), f"a text frame has at most {MAX_MESSAGE_BYTES:,} characters")
    return _message(read_object(frame), _CLIENT)


def decode_server(frame: Frame) -> Union[ServerMessage, bytes]:
    """Read what the channel sent; the counterpart of :func:`decode_client`, for clients written in Python."""
    return frame if isinstance(frame, bytes) else _message(read_object(frame, checked=False), _SERVER)


def _too_large(size: int, remedy: str) -> ProtocolError:
    return ProtocolError("frame_too_large", f"A frame of {size:,} bytes was ignored: {remedy}.")


def read_object(frame: str, *, checked: bool = True) -> Dict[str, Any]:
    """Read the JSON object of a text frame; ``ProtocolError``: it is none, or holds what no honest client sends."""
    try:
        fields: Any = json.loads(frame)
    except ValueError as error:
        raise ProtocolError("bad_message", f"A text frame must be one JSON object: {error}.") from error
    except RecursionError as error:
        raise ProtocolError("bad_message", "A text frame must be one JSON object, not nested this deep.") from error
    if not isinstance(fields, dict):
        raise ProtocolError("bad_message", f"A text frame must be one JSON object, not {type(fields).__name__}.")
    if checked:
        check_values(fields)
    return fields


def read_fields(kind: Type[BaseModel], fields: Any, name: str, *inside: str) -> Any:
    """Read a message or a part ``inside`` it; ``ProtocolError`` names the key that is wrong."""
    try:
        return kind.parse_obj(fields)
    except ValidationError as error:
        problem = error.errors()[0]
        key = place([*inside, *problem["loc"]])
        raise ProtocolError("bad_message", f"In '{name}', {key}: {problem['msg']}.") from error


def _message(fields: Dict[str, Any], kinds: Dict[str, Type[Message]]) -> Message:
    name = fields.pop("type", None)
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ProtocolError("unknown_type", _unknown(name, kinds))
    return read_fields(kind, fields, name)


def _unknown(name: Any, kinds: Dict[str, Type[Message]]) -> str:
    known = f"known types are {', '.join(kinds)}."
    if not isinstance(name, str):
        return f"A message needs a 'type' that is a string: {known}"
    if len(name) > MAX_TYPE:
        return f"Unknown message type of {len(name):,} characters: {known}"
    close = difflib.get_close_matches(name, kinds, n=1)
    return f"Unknown message type {name!r}: {f'did you mean {close[0]!r}?' if close else known}"
