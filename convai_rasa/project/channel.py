"""The voice channel in a credentials file."""

from __future__ import annotations

from convai_rasa.project.yaml_text import YamlText, insert

CHANNEL = "convai_rasa.voice.VoiceInput"
_COMMENT = "# Spoken conversations, with a page to talk on at /webhooks/voice/talk; every key has a default."


def add_channel(credentials: YamlText) -> str:
    """Return the text of a credentials file with the voice channel, unchanged if it has one.

    Raises:
        ConfigurationError: the file is written in a way that cannot be edited.
    """
    if CHANNEL in credentials.data:
        return credentials.text
    blank = [] if credentials.ends_with_blank_line else [""]
    edit = insert(credentials.line_count, [*blank, _COMMENT, f"{CHANNEL}:"])
    return credentials.edited([edit], {**credentials.data, CHANNEL: None})
