"""Known values inside a Rasa pipeline: ``SpokenValueMapper`` around ``ValueMapper``."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Dict, List, Optional

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.extractors.extractor import EntityExtractorMixin
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
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.nlu.component import Component, NLUComponentError, bot_language, domain_of, one_sentence
from convai_rasa.nlu.vocabulary.known import categorical_values, known_values
from convai_rasa.nlu.vocabulary.mapper import Mapped, ValueMapper
from convai_rasa.nlu.vocabulary.sentences import Sentences
from convai_rasa.nlu.vocabulary.unmarked import Unmarked
from convai_rasa.nlu.vocabulary.world import CONFIDENCE, ENTITY_CONFIDENCE, BotWorld
from convai_rasa.options import Field, Options

logger = logging.getLogger(__name__)

CODE_VERSION = "2"  # raise it when training changes, so that Rasa does not reuse what older code learned
ALTERNATIVES = "alternatives"
VOCABULARY = "vocabulary"  # of a message that was heard: how well it fits into the bot's world
_LONGEST = 500  # characters; a text as long as that is no answer in which a value is looked for


class SpokenValueOptions(Options):
    """The keys of the component in config.yml."""

    entities: Optional[List[str]] = None
    threshold: float = Field(0.4, ge=0, le=0.9)
    margin: float = Field(0.05, ge=0, le=1)
    find: bool = True
    unclear: Optional[str] = None


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=True)
class SpokenValueMapper(Component[SpokenValueOptions], EntityExtractorMixin):
    """Rasa component that leads the values of entities to those the bot knows; comes after what finds entities.

    An entity's value becomes the nearest known one, with ``confidence_value`` and the words it came from in ``text``.
    Where several are equally near it stays, and they are its ``alternatives``; or they become an entity of their own.
    Known values that no component marked become entities. What was heard gets a ``vocabulary``, which says how well it
    fits into the bot's world.
    """

    keys = SpokenValueOptions
    _world: Optional[BotWorld] = None

    @staticmethod
    def required_packages() -> List[str]:
        """Return the packages this component needs."""
        return ["num2words"]

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Make Rasa train again when the training code changed."""
        return CODE_VERSION

    def restore(self, trained: Optional[Path]) -> None:
        """Load the values and sentences that training stored, and the values of the domain's categorical slots."""
        world = BotWorld.load(trained) if trained else BotWorld(ValueMapper({}), Sentences(), {})
        domain = domain_of(self._model_storage, self._context)
        values = categorical_values(domain, self._options.entities) if domain else {}
        self._world = world.with_mapper(world.mapper.with_values(values)) if values else world
        for entity in sorted(self._world.mapper.entities):
            self._world.mapper.map(entity, "one", threshold=0)  # loads what the first message would have to wait for

    def train(self, training_data: TrainingData) -> Resource:
        """Store the known values of the training data, how they are said, and the sentences they are said in."""
        language = (bot_language(self._context) or "en").partition("-")[0].lower()
        with one_sentence():
            values = known_values(training_data, self._options.entities, language)
        logger.info("Values of %s are known by how they are said.", ", ".join(sorted(values)) or "no entity")
        world = BotWorld.learn(training_data, ValueMapper(values, language), language)
        with self._model_storage.write_to(self._resource) as folder:
            world.save(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Lead the values of each message's entities to known ones, and find those that nobody marked."""
        if self._world is None:
            raise NLUComponentError("This value mapper was created for training; load a trained one to use it.")
        for message in messages:
            entities = [self._mapped(self._world, message, dict(entity)) for entity in message.get(ENTITIES) or ()]
            text = str(message.get(TEXT) or "")
            if self._options.find and len(text) <= _LONGEST:
                unmarked, kept = self._world.find(text, entities, self._options.margin)
                entities = [dict(entity) for entity in kept]
                entities += [self._found(one, text) for one in unmarked if one.mapped.value or self._options.unclear]
            if entities:
                message.set(ENTITIES, entities, add_to_output=True)
            if _was_heard(message):
                message.set(VOCABULARY, self._world.likelihood(text, entities).as_dict(), add_to_output=True)
        return messages

    def _mapped(self, world: BotWorld, message: Message, entity: Dict[str, Any]) -> Dict[str, Any]:
        value, name = entity.get(ENTITY_ATTRIBUTE_VALUE), entity.get(ENTITY_ATTRIBUTE_TYPE)
        if not isinstance(value, str):
            return entity
        options = self._options
        mapped = world.mapper.map(
            str(name), value, heard=_was_heard(message), threshold=options.threshold, margin=options.margin
        )
        if mapped is None or mapped.value == value:
            return entity
        written = _written(message, entity)
        if mapped.confidence < 1 and written.casefold() != value.casefold():
            return entity  # another component made a value of the words, so how they sound says nothing about it
        return self._changed(entity, mapped, written)

    def _changed(self, entity: Dict[str, Any], mapped: Mapped, written: str) -> Dict[str, Any]:
        if mapped.value is None:
            return self._unclear(entity, mapped, written)
        entity = {
            **entity,
            ENTITY_ATTRIBUTE_VALUE: mapped.value,
            ENTITY_ATTRIBUTE_TEXT: written,
            CONFIDENCE: mapped.confidence,
        }
        self.add_processor_name(entity)
        return entity

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
            EXTRACTOR: type(self).__name__,
        }
        return entity if one.mapped.value else self._unclear(entity, one.mapped, written)

    def _unclear(self, entity: Dict[str, Any], mapped: Mapped, written: str) -> Dict[str, Any]:
        """Return an entity whose value is one of several: it keeps its words, or makes room for the question."""
        between = list(mapped.alternatives)
        if self._options.unclear is None:
            return {**entity, ALTERNATIVES: between}
        entity = {
            **entity,
            ENTITY_ATTRIBUTE_TYPE: self._options.unclear,
            ENTITY_ATTRIBUTE_VALUE: {"entity": entity[ENTITY_ATTRIBUTE_TYPE], "values": between},
            ENTITY_ATTRIBUTE_TEXT: written,
        }
        self.add_processor_name(entity)
        return entity


def _written(message: Message, entity: Dict[str, Any]) -> str:
    start, end = entity.get(ENTITY_ATTRIBUTE_START), entity.get(ENTITY_ATTRIBUTE_END)
    if isinstance(start, int) and isinstance(end, int):
        return str((message.get(TEXT) or "")[start:end])
    return str(entity[ENTITY_ATTRIBUTE_VALUE])


def _was_heard(message: Message) -> bool:
    """Say whether the voice channel sent a message; it is the one that describes how well it heard."""
    metadata = message.get("metadata")
    return isinstance(metadata, dict) and isinstance(metadata.get("voice"), dict)
