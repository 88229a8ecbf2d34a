"""The voice channel in a credentials file."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Mapping

import yaml

from convai_rasa.project.change import marks
from convai_rasa.project.change.yaml_text import Edit, Place, YamlText, scalar

CHANNEL = "convai_rasa.voice.VoiceInput"
COMMENT = "# Spoken conversations, with a page to talk on at /webhooks/voice/talk; every key has a default."


def add_channel(
    credentials: YamlText, keys: Mapping[str, Mapping[str, Any]] = MappingProxyType({}), *, is_new: bool = False
) -> str:
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
    end = len(credentials.lines)
    above = [""] if end else [marks.FILE_ADDED] if is_new else []
    lines = [f"  {key}: {scalar(dict(value))}" for key, value in keys.items()]
    edit = Edit(end, 0, [*above, COMMENT, *marks.added([f"{CHANNEL}:"]), *lines])
    wanted = {key: dict(value) for key, value in keys.items()} or None
    return credentials.edited([edit], {**credentials.data, CHANNEL: wanted})


def _set(credentials: YamlText, keys: Mapping[str, Mapping[str, Any]]) -> str:
    written = credentials.data[CHANNEL] or {}
    wanted, after = {}, {**written}
    for part, values in keys.items():
        there = written.get(part) or {}
        if missing := {key: value for key, value in values.items() if there.get(key) != value}:
            wanted[part] = missing
            after[part] = {**there, **missing}
    if not wanted:
        return credentials.text
    node = credentials.value(CHANNEL)
    if isinstance(node, yaml.MappingNode):
        edits = marks.set_keys(credentials, Place.of(node), wanted)
    else:
        lines = [line for part, values in wanted.items() for line in marks.added([f"  {part}: {scalar(values)}"])]
        edits = [Edit(credentials.top_keys[CHANNEL][0] + 1, 0, lines)]
    return credentials.edited(edits, {**credentials.data, CHANNEL: after})
