"""A message's entities led to the values that the bot knows, and those of its values that nobody marked."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TEXT,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    EXTRACTOR,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from convai_rasa.nlu.vocabulary.mapper import Mapped
from convai_rasa.nlu.vocabulary.unmarked import Unmarked
from convai_rasa.nlu.vocabulary.world import CONFIDENCE, ENTITY_CONFIDENCE, BotWorld
from convai_rasa.options import Field, Options

ALTERNATIVES = "alternatives"
_PROCESSORS = "processors"  # Rasa's, of an entity
_LONGEST = 500  # characters; a text as long as that is no answer in which a value is looked for


class VocabularyOptions(Options):
    """The keys of ``Vocabulary`` in config.yml."""

    entities: Optional[List[str]] = None


class SpokenValueOptions(VocabularyOptions):
    """The keys of ``SpokenValueMapper`` in config.yml."""

    threshold: float = Field(0.4, ge=0, le=0.9)
    margin: float = Field(0.05, ge=0, le=1)
    find: bool = True
    unclear: Optional[str] = None


class KnownEntities:
    """Reads the entities of messages as values of the bot's world; the messages stay as they are.

    ``name`` is that of the component, for the entities that it changes or finds.
    """

    def __init__(self, world: BotWorld, name: str, options: SpokenValueOptions) -> None:
        self.world = world
        self._name = name
        self._options = options

    def of(self, message: Message, *, find: bool = True) -> List[Dict[str, Any]]:
        """Return the entities of a message; with ``find`` also known values that no component marked."""
        entities = [self._mapped(message, dict(entity)) for entity in message.get(ENTITIES) or ()]
        text = str(message.get(TEXT) or "")
        if find and len(text) <= _LONGEST:
            unmarked, kept = self.world.find(text, entities, self._options.margin)
            entities = [dict(entity) for entity in kept]
            entities += [self._found(one, text) for one in unmarked if one.mapped.value or self._options.unclear]
        return entities

    def _mapped(self, message: Message, entity: Dict[str, Any]) -> Dict[str, Any]:
        value, name = entity.get(ENTITY_ATTRIBUTE_VALUE), entity.get(ENTITY_ATTRIBUTE_TYPE)
        if not isinstance(value, str):
            return entity
        threshold, margin = self._options.threshold, self._options.margin
        mapped = self.world.mapper.map(str(name), value, heard=was_heard(message), threshold=threshold, margin=margin)
        if mapped is None or mapped.value == value:
            return entity
        written = _written(message, entity)
        if mapped.confidence < 1 and written.casefold() != value.casefold():
            return entity  # another component made a value of the words, so how they sound says nothing about it
        if mapped.value is None:
            return self._unclear(entity, mapped, written)
        led = {ENTITY_ATTRIBUTE_VALUE: mapped.value, ENTITY_ATTRIBUTE_TEXT: written, CONFIDENCE: mapped.confidence}
        return self._processed({**entity, **led})

    def _found(self, one: Unmarked, text: str) -> Dict[str, Any]:
        """Return a value that no component marked as an entity."""
        written = text[one.start : one.end]
        entity = {
            ENTITY_ATTRIBUTE_TYPE: one.entity,
            ENTITY_ATTRIBUTE_START: one.start,
            ENTITY_ATTRIBUTE_END: one.end,
            ENTITY_ATTRIBUTE_VALUE: one.mapped.value or written,
            ENTITY_ATTRIBUTE_TEXT: written,
            ENTITY_CONFIDENCE: one.mapped.confidence,
            CONFIDENCE: one.mapped.confidence,
            EXTRACTOR: self._name,
        }
        return entity if one.mapped.value else self._unclear(entity, one.mapped, written)

    def _unclear(self, entity: Dict[str, Any], mapped: Mapped, written: str) -> Dict[str, Any]:
        """Return an entity whose value is one of several: it keeps its words, or makes room for the question."""
        between = list(mapped.alternatives)
        if self._options.unclear is None:
            return {**entity, ALTERNATIVES: between}
        return self._processed(
            {
                **entity,
                ENTITY_ATTRIBUTE_TYPE: self._options.unclear,
                ENTITY_ATTRIBUTE_VALUE: {"entity": entity[ENTITY_ATTRIBUTE_TYPE], "values": between},
                ENTITY_ATTRIBUTE_TEXT: written,
            }
        )

    def _processed(self, entity: Dict[str, Any]) -> Dict[str, Any]:
        return {**entity, _PROCESSORS: [*(entity.get(_PROCESSORS) or ()), self._name]}


def was_heard(message: Message) -> bool:
    """Say whether a message was spoken: the voice channel tells how well it heard, and not of what was typed there."""
    metadata = message.get("metadata")
    about = metadata.get("voice") if isinstance(metadata, dict) else None
    return isinstance(about, dict) and isinstance(about.get("confidence"), (int, float))


def _written(message: Message, entity: Dict[str, Any]) -> str:
    start, end = entity.get(ENTITY_ATTRIBUTE_START), entity.get(ENTITY_ATTRIBUTE_END)
    if isinstance(start, int) and isinstance(end, int):
        return str((message.get(TEXT) or "")[start:end])
    return str(entity[ENTITY_ATTRIBUTE_VALUE])
