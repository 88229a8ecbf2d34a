"""The values that a bot knows, from its training data: what people write, and the value each stands for."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from rasa.shared.core.constants import DEFAULT_CATEGORICAL_SLOT_VALUE
from rasa.shared.core.domain import Domain
from rasa.shared.core.slot_mappings import SlotMappingType
from rasa.shared.core.slots import CategoricalSlot
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    TEXT,
)
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.errors import ConfigurationError
from convai_rasa.nlu.values import read

# The share of annotations whose value occurs only once estimates how often a new one will be said (Good and Turing).
_MOST_UNSEEN = 0.1
_ENDLESS = ("datetime", "duration", "number")  # kinds of values that no training data lists
_ANY_TIME = dt.datetime(2000, 1, 1)
_ALTERNATIVES = re.compile(r"(?:\\b|\^)?\(?(?:\?:)?([\w' -]+(?:\|[\w' -]+)+)\)?(?:\\b|\$)?")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")

Values = dict[str, dict[str, str]]  # of each entity what is written, and the value it stands for


def known_values(data: TrainingData, wanted: Collection[str] | None, language: str) -> Values:
    """Return the values of the entities that have a closed set of them.

    These have a lookup table, or a regular expression that lists words, or their annotations hardly ever bring a new
    value and are no days or numbers.

    Args:
        wanted: entities to take whatever they are like, and no others; None for all that are closed.
        language: two letters, in which days and numbers are told.

    Raises:
        ConfigurationError: the file of a lookup table cannot be read.
    """
    annotated = _annotated(data)
    listed = _listed(data)
    if wanted is None:
        wanted = {*listed, *(entity for entity, texts in annotated.items() if _is_closed(texts, language))}
    known: Values = {}
    for entity in sorted(wanted):
        texts = {text: value for text, value in annotated.get(entity, ())}
        texts.update((text, text) for text in listed.get(entity, ()) if text not in texts)
        known[entity] = _with_synonyms(texts, data.entity_synonyms)
    return {entity: texts for entity, texts in known.items() if texts}


def categorical_values(domain: Domain, wanted: Collection[str] | None) -> Values:
    """Return the values of the domain's categorical slots under the entities that fill them."""
    known: Values = {}
    for slot in domain.slots:
        if isinstance(slot, CategoricalSlot):
            values = [str(value) for value in slot.values if value != DEFAULT_CATEGORICAL_SLOT_VALUE]
            for mapping in slot.mappings:
                entity = mapping.get("entity")
                if mapping.get("type") == str(SlotMappingType.FROM_ENTITY) and (wanted is None or entity in wanted):
                    known.setdefault(str(entity), {}).update(zip(values, values, strict=True))
    return known


def said_by_bot(domain: Domain) -> tuple[list[str], list[str]]:
    """Return the titles of the buttons in the domain's responses, and the texts, without what is filled in."""
    titles, texts = [], []
    for variation in (variation for variations in domain.responses.values() for variation in variations):
        texts.append(_PLACEHOLDER.sub(" ", str(variation.get("text") or "")))
        titles += [str(button["title"]) for button in variation.get("buttons") or () if button.get("title")]
    return titles, texts


def _annotated(data: TrainingData) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for message in data.nlu_examples:
        for entity in message.get(ENTITIES) or ():
            text = str(message.get(TEXT) or "")[entity[ENTITY_ATTRIBUTE_START] : entity[ENTITY_ATTRIBUTE_END]]
            pair = (text, str(entity[ENTITY_ATTRIBUTE_VALUE]))
            found.setdefault(str(entity[ENTITY_ATTRIBUTE_TYPE]), []).append(pair)
    return found


def _listed(data: TrainingData) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table in data.lookup_tables:
        found.setdefault(table["name"], []).extend(_elements(table))
    for regex in data.regex_features:
        listing = _ALTERNATIVES.fullmatch(regex["pattern"])
        if listing and regex["name"] in data.entities:
            found.setdefault(regex["name"], []).extend(word.strip() for word in listing[1].split("|"))
    return found


def _elements(table: Mapping[str, Any]) -> Iterator[str]:
    elements = table["elements"]
    if isinstance(elements, str):
        try:
            elements = Path(elements).read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"The lookup table {table['name']} names {elements}, which cannot be read ({error}); correct the path, "
                "and save the file as UTF-8 with one value a line."
            ) from error
    return (str(element).strip() for element in elements if element is not None)


def _with_synonyms(texts: Mapping[str, str], synonyms: Mapping[str, str]) -> dict[str, str]:
    """Return texts with the values that the bot's author gave them, and the other texts of these values."""
    meant = {text.lower(): value for text, value in synonyms.items()}
    found = {text: str(meant.get(text.lower(), value)) for text, value in texts.items()}
    values = set(found.values())
    found.update((text, str(value)) for text, value in synonyms.items() if value in values and text not in found)
    return found


def _is_closed(texts: list[tuple[str, str]], language: str) -> bool:
    counts = Counter(value.lower() for _, value in texts)
    once = sum(times == 1 for times in counts.values())
    endless = sum(
        any(read(value, kind, language=language, reference=_ANY_TIME) is not None for kind in _ENDLESS)
        for value in counts
    )
    return once <= _MOST_UNSEEN * len(texts) and endless * 2 < len(counts)
