"""The voice channel: ``convai_rasa.voice.VoiceInput`` in credentials.yml.

Importing this package imports neither Rasa nor an engine; the channel classes are loaded when first named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convai_rasa.voice.channel import VoiceInput, VoiceOutput

__all__ = ["VoiceInput", "VoiceOutput"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from convai_rasa.voice import channel

    return getattr(channel, name)
