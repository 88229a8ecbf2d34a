"""The ``assistant_id`` of a configuration, without which ``rasa train`` writes the file anew, comments left out."""

from __future__ import annotations

import secrets
from pathlib import Path

import yaml

from convai_rasa.project.change import marks
from convai_rasa.project.change.yaml_text import Edit, YamlText

KEY = "assistant_id"
_PLACEHOLDER = "placeholder_default"  # what `rasa init` writes; Rasa takes it for none
_ABOVE = ("language", "recipe")


def with_assistant_id(config: YamlText, folder: Path) -> str:
    """Return the text of a file with an ``assistant_id`` of its own, which the folder's name is part of.

    One that has one stays as it is; it has to have a key.

    Raises:
        ConfigurationError: the file is written in a way that cannot be edited.
    """
    if config.data.get(KEY) not in (None, _PLACEHOLDER):
        return config.text
    value = f"{folder.name or 'assistant'}-{secrets.token_hex(4)}"
    line = f"{KEY}: {yaml.safe_dump(value, width=1000).splitlines()[0]}"
    places = config.top_keys
    if KEY in places:
        first, _ = places[KEY]
        edit = Edit(first, 1, marks.replaced(config.line(first), line))
    else:
        below = next((places[key][1] + 1 for key in _ABOVE if key in places), None)
        edit = Edit(_above_first_key(config) if below is None else below, 0, marks.added([line]))
    return config.edited([edit], {**config.data, KEY: value})


def _above_first_key(config: YamlText) -> int:
    number = min(first for first, _ in config.top_keys.values())
    while number and marks.before(config.line(number - 1)) is not None:  # not between a line and what it was before
        number -= 1
    return number
