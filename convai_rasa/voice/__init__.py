"""The voice channel: ``convai_rasa.voice.VoiceInput`` in credentials.yml.

Importing this package imports neither Rasa nor an engine; what it offers is loaded when first named.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convai_rasa.voice.attachments import transcribe_attachment
    from convai_rasa.voice.channel import VoiceInput, VoiceOutput

__all__ = ["VoiceInput", "VoiceOutput", "transcribe_attachment"]

_PLACES = {"VoiceInput": "channel", "VoiceOutput": "channel", "transcribe_attachment": "attachments"}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
