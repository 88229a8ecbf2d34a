"""Entities from spaCy: those a pretrained pipeline knows, those the bot's annotations teach, and those in its lists.

``EntityExtractor`` stands alone; ``SpacyModelEntityExtractor`` is the same inside a Rasa pipeline.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Collection, Dict, List, Optional, Type

from rasa.engine.graph import ExecutionContext, GraphComponent, SchemaNode
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.nlu.component import component_options, not_scored_by_rasa_test, one_sentence
from convai_rasa.nlu.entities.finder import EntityExtractor
from convai_rasa.nlu.entities.messages import (
    as_rasa,
    read_training_data,
    resolve as resolve_overlaps,
    resolve_at_the_end,
)
from convai_rasa.nlu.entities.options import EntityOptions
from convai_rasa.nlu.entities.pipeline import pipeline_hash
from convai_rasa.nlu.entities.types import PRETRAINED, Entity
from convai_rasa.nlu.entities.validation import learns_from_annotations
from convai_rasa.store import resolve

__all__ = ["Entity", "EntityExtractor", "EntityOptions", "SpacyModelEntityExtractor"]

logger = logging.getLogger(__name__)

CODE_VERSION = "2"  # raise it when training changes, so that Rasa does not reuse a model trained by older code


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=True)
class SpacyModelEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Rasa component around ``EntityExtractor``; needs no other component, ``SpacyNLP`` neither."""

    @classmethod
    def required_components(cls) -> List[Type]:
        """Return the components that must come before this one: none."""
        return []

    @staticmethod
    def required_packages() -> List[str]:
        """Return the packages this component needs."""
        return ["spacy"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Return the default of every key."""
        return EntityOptions().dict()

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Make Rasa train again when the pretrained pipeline's files or the training code changed."""
        model = config.get("model")
        if not model:
            return None  # Rasa also asks on behalf of cached outputs, with another configuration
        if config.get("train") and config.get("base") == "blank":
            return CODE_VERSION
        with one_sentence():
            return f"{CODE_VERSION}:{pipeline_hash(resolve(model))}"

    def __init__(
        self,
        options: EntityOptions,
        model_storage: ModelStorage,
        resource: Resource,
        *,
        extractor: Optional[EntityExtractor] = None,
        incremental: bool = False,
        has_domain: bool = True,
    ) -> None:
        """Hold the options and, once it is loaded or trained, the extractor."""
        self._options = options
        self._model_storage = model_storage
        self._resource = resource
        self._extractor = extractor
        self._incremental = incremental
        self._has_domain = has_domain

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SpacyModelEntityExtractor:
        """Check the configuration and make a component to train."""
        with one_sentence():
            options = component_options(EntityOptions, config, cls.__name__)
            return cls(options, model_storage, resource, has_domain=_domain_node(execution_context) is not None)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SpacyModelEntityExtractor:
        """Load what was trained from the archive; without training, the pretrained pipeline from the models/ tree."""
        with one_sentence():
            options = component_options(EntityOptions, config, cls.__name__)
            extractor = None
            if options.train:
                try:
                    with model_storage.read_from(resource) as folder:
                        extractor = _extractor(options, folder) if any(folder.iterdir()) else None
                except ValueError:  # Rasa's way to say that nothing was stored: there was nothing to train on
                    logger.debug("No trained entities in the archive.")
            incremental = execution_context.is_finetuning and extractor is not None
            if extractor is None:
                extractor = _extractor(options)
            if not execution_context.is_finetuning:
                if options.dimensions is None:
                    _keep_what_the_bot_knows(extractor, _entities_of_domain(model_storage, execution_context))
                extractor.warm_up()
            return cls(options, model_storage, resource, extractor=extractor, incremental=incremental)

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the bot's annotations and store the result in the archive, if ``train`` is set."""
        with one_sentence():
            extractor = self._extractor or _extractor(self._options)  # also without training: say what is wrong now
            if self._options.dimensions is None and not self._has_domain and extractor.pretrained_labels:
                logger.warning(
                    "This model comes from 'rasa train nlu' and has no domain, so %s outputs only those labels of its "
                    "pretrained pipeline (%s) that 'dimensions' or 'map' names.",
                    type(self).__name__,
                    ", ".join(extractor.pretrained_labels),
                )
            if not self._options.train:
                return self._resource
            data = read_training_data(training_data, self._options)
            if not data.annotated and not data.lookups and not data.regexes:
                logger.warning(
                    "There is no annotated example, such as '[Paris](city)', so %s learns nothing. "
                    "Annotate entities in the training data, or remove 'train: true'.",
                    type(self).__name__,
                )
                return self._resource
            extractor.train(
                data.examples,
                lookups=data.lookups,
                regexes=data.regexes,
                unread=data.synonyms,
                incremental=self._incremental,
                **self._options.training(),
            )
            with self._model_storage.write_to(self._resource) as folder:
                extractor.save(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the entities found to ``entities`` of each message."""
        extractor = self._extractor
        if extractor is None:
            raise RuntimeError("This component was created for training; use load() to get one that finds entities.")
        found = extractor.extract_all([message.get(TEXT) or "" for message in messages])
        for message, entities in zip(messages, found, strict=True):
            name = type(self).__name__
            message.set(ENTITIES, [*message.get(ENTITIES, []), *(as_rasa(entity, name) for entity in entities)])
            resolve_overlaps(message, name, self._options.overlaps)
        return messages


def _extractor(options: EntityOptions, folder: Optional[Path] = None) -> EntityExtractor:
    blank = options.train and options.base == "blank"
    return EntityExtractor(
        folder or (None if blank else options.model),
        options.dimensions,
        options.map,
        threshold=options.threshold,
        normalise=options.normalise,
        timezone=options.timezone,
        reference=options.reference,
    )


def _domain_node(context: ExecutionContext) -> Optional[SchemaNode]:
    """Return what provides the domain in the graph; None in one without, as ``rasa train nlu`` makes it."""
    nodes = context.graph_schema.nodes.values()
    return next((node for node in nodes if issubclass(node.uses, DomainProvider)), None)


def _entities_of_domain(model_storage: ModelStorage, context: ExecutionContext) -> Collection[str]:
    """Return the entities that the domain in the archive lists; components are not handed the domain."""
    node = _domain_node(context)
    if node is None or node.resource is None:
        return ()
    provider = node.uses.load(node.config, model_storage, node.resource, context)
    return frozenset(provider.provide_inference().entities)


def _keep_what_the_bot_knows(extractor: EntityExtractor, entities: Collection[str]) -> None:
    known = extractor.pretrained_labels
    extractor.keep_only(entities)
    if known and not extractor.labels:
        logger.warning(
            "%s finds nothing for this bot, because its domain lists none of %s. Use 'map' to name what the bot "
            "calls those you want.",
            SpacyModelEntityExtractor.__name__,
            ", ".join(known),
        )


learns_from_annotations(SpacyModelEntityExtractor, when=lambda config: config.get("train") is True)
resolve_at_the_end(SpacyModelEntityExtractor.__name__)
not_scored_by_rasa_test(f"{SpacyModelEntityExtractor.__name__}.{PRETRAINED}")
