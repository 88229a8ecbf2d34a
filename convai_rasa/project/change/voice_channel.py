"""The voice channel in a credentials file."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Mapping

import yaml

from convai_rasa.project.change import marks
from convai_rasa.project.change.marked_edits import set_keys
from convai_rasa.project.change.yaml_text import Place, YamlText, insert, scalar

CHANNEL = "convai_rasa.voice.VoiceInput"
COMMENT = "# Spoken conversations, with a page to talk on at /webhooks/voice/talk; every key has a default."
_NONE: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


def add_channel(credentials: YamlText, keys: Mapping[str, Mapping[str, Any]] = _NONE, *, is_new: bool = False) -> str:
    """Return the text of a credentials file with the voice channel, unchanged if it has one with these keys.

    Args:
        credentials: the file.
        keys: of the channel's parts (``asr``, ``tts``), to be set there.
        is_new: whether there is no such file yet.

    Raises:
        ConfigurationError: the file is written in a way that cannot be edited.
    """
    if CHANNEL in credentials.data:
        return _set(credentials, keys)
    above = [""] if credentials.line_count else [marks.FILE_ADDED] if is_new else []
    lines = [f"  {key}: {scalar(dict(value))}" for key, value in keys.items()]
    edit = insert(credentials.line_count, [*above, COMMENT, *marks.added([f"{CHANNEL}:"]), *lines])
    wanted = {key: dict(value) for key, value in keys.items()} or None
    return credentials.edited([edit], {**credentials.data, CHANNEL: wanted})


def _set(credentials: YamlText, keys: Mapping[str, Mapping[str, Any]]) -> str:
    written = credentials.data[CHANNEL] or {}
    parts = {part: written.get(part) or {} for part in keys}
    wanted = {
        part: {key: value for key, value in values.items() if parts[part].get(key) != value}
        for part, values in keys.items()
    }
    wanted = {part: values for part, values in wanted.items() if values}
    if not wanted:
        return credentials.text
    node = credentials.value(CHANNEL)
    if isinstance(node, yaml.MappingNode):
        edits = set_keys(credentials, Place.of(node), wanted)
    else:
        first = next(first for key, first, _ in credentials.top_keys if key == CHANNEL)
        new = [f"  {part}: {scalar(values)}" for part, values in wanted.items()]
        edits = [insert(first + 1, [line for one in new for line in marks.added([one])])]
    after = {**written, **{part: {**parts[part], **values} for part, values in wanted.items()}}
    return credentials.edited(edits, {**credentials.data, CHANNEL: after})
