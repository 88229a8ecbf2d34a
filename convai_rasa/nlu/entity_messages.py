"""Rasa's training data and messages on one side, annotated texts and entities on the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Union

from rasa.nlu.constants import (
    ENTITY_ATTRIBUTE_CONFIDENCE_GROUP,
    ENTITY_ATTRIBUTE_CONFIDENCE_ROLE,
    ENTITY_ATTRIBUTE_CONFIDENCE_TYPE,
)
from rasa.nlu.utils.pattern_utils import read_lookup_table_file
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_GROUP,
    ENTITY_ATTRIBUTE_ROLE,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TEXT,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    EXTRACTOR,
    TEXT,
)
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.errors import ConfigurationError
from convai_rasa.nlu.entity_options import EntityOptions
from convai_rasa.nlu.entity_types import PRETRAINED, Entity

ADDITIONAL_INFO = "additional_info"  # as Duckling calls it


@dataclass(frozen=True)
class EntityData:
    """What the training data teaches about entities.

    Attributes:
        examples: all messages, as ``EntityExtractor.train`` takes them.
        annotated: whether any of them has an entity.
        lookups: of each entity the values of its lookup tables.
        regexes: of each entity its regular expressions.
        synonyms: words the bot's author gave a value to, lower case.
    """

    examples: List[Dict[str, Any]]
    annotated: bool
    lookups: Dict[str, List[str]]
    regexes: Dict[str, List[str]]
    synonyms: frozenset[str]


def read_training_data(data: TrainingData, options: EntityOptions) -> EntityData:
    """Collect what entities can be learned from.

    A lookup table or regex counts when its name is an entity of the annotations, or listed in the options; others are
    meant for Rasa's RegexFeaturizer.

    Raises:
        ConfigurationError: the file of a lookup table cannot be read.
    """
    messages = [message for message in data.nlu_examples if message.get(TEXT)]
    examples = [{TEXT: message.get(TEXT), ENTITIES: message.get(ENTITIES) or []} for message in messages]
    annotated = {str(entity[ENTITY_ATTRIBUTE_TYPE]) for example in examples for entity in example[ENTITIES]}
    lookups: Dict[str, List[str]] = {}
    for table in data.lookup_tables:
        if _wanted(table["name"], options.lookups, annotated):
            lookups.setdefault(table["name"], []).extend(_elements(table))
    regexes: Dict[str, List[str]] = {}
    for feature in data.regex_features:
        if _wanted(feature["name"], options.regexes, annotated):
            regexes.setdefault(feature["name"], []).append(feature["pattern"])
    synonyms = frozenset(word.lower() for word in data.entity_synonyms)
    return EntityData(examples, bool(annotated), lookups, regexes, synonyms)


def _wanted(name: str, choice: Union[bool, List[str]], annotated: set[str]) -> bool:
    return name in choice if isinstance(choice, list) else choice and name in annotated


def _elements(table: Mapping[str, Any]) -> List[str]:
    elements = table["elements"]
    if isinstance(elements, list):
        return [str(element) for element in elements]
    try:
        return list(read_lookup_table_file(elements))
    except ValueError as error:
        raise ConfigurationError(
            f"The lookup table {table['name']} cannot be read from {elements}; correct the path in the training data."
        ) from error


def as_rasa(entity: Entity, extractor: str) -> Dict[str, Any]:
    """Return an entity as Rasa writes it.

    Args:
        entity: as it was found.
        extractor: the component's name; an entity of a pretrained pipeline gets ``.pretrained`` behind it, because
            ``rasa test nlu`` goes by this name to score only what was trained on the bot's annotations.
    """
    fields: Dict[str, Any] = {
        ENTITY_ATTRIBUTE_TYPE: entity.label,
        ENTITY_ATTRIBUTE_START: entity.start,
        ENTITY_ATTRIBUTE_END: entity.end,
        ENTITY_ATTRIBUTE_VALUE: entity.value,
        EXTRACTOR: f"{extractor}.{PRETRAINED}" if entity.source == PRETRAINED else extractor,
    }
    if entity.role is not None:
        fields[ENTITY_ATTRIBUTE_ROLE] = entity.role
    if entity.group is not None:
        fields[ENTITY_ATTRIBUTE_GROUP] = entity.group
    if entity.confidence is not None:
        fields[ENTITY_ATTRIBUTE_CONFIDENCE_TYPE] = entity.confidence
        if entity.role is not None:
            fields[ENTITY_ATTRIBUTE_CONFIDENCE_ROLE] = entity.confidence
        if entity.group is not None:
            fields[ENTITY_ATTRIBUTE_CONFIDENCE_GROUP] = entity.confidence
    if entity.info is not None:
        fields |= {ENTITY_ATTRIBUTE_TEXT: entity.text, ADDITIONAL_INFO: dict(entity.info)}
    return fields
