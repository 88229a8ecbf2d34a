"""What a response says about how it is to be spoken, under the key ``voice`` of its ``custom`` or ``metadata``."""

from __future__ import annotations

import logging
from typing import Any, Mapping, Optional

from convai_rasa.errors import ConfigurationError
from convai_rasa.options import Field, Options, parse_options

logger = logging.getLogger(__name__)


class VoiceDirections(Options):
    """The keys a bot may give."""

    allow_interruptions: bool = True  # false: the person cannot stop this reply
    repeat: bool = False  # say again what was said before this turn
    hangup: bool = False  # end the conversation once everything is spoken
    transfer: Optional[str] = Field(
        None, regex=r"^(tel|sip|sips):.+"
    )  # hand the person over, once everything is spoken
    language: Optional[str] = None  # of this reply, ISO 639-1; the voice of tts.voices for it is taken


def read_directions(content: Mapping[str, Any]) -> VoiceDirections:
    """Read the directions of a bot's message; a bot's mistake is logged and the message spoken without them."""
    given: dict[str, Any] = {}
    for place in ("metadata", "custom"):
        inside = content.get(place)
        if isinstance(inside, Mapping) and isinstance(inside.get("voice"), Mapping):
            given.update(inside["voice"])
    try:
        return parse_options(VoiceDirections, given, where="A response's 'voice'")
    except ConfigurationError as error:
        logger.warning("%s It is spoken without them.", error)
        return VoiceDirections()
