"""Entities from spaCy: those a pretrained pipeline knows, those the bot's annotations teach, and those in its lists.

``EntityExtractor`` stands alone; ``SpacyModelEntityExtractor`` is the same inside a Rasa pipeline.
"""

from __future__ import annotations

import functools
import logging
import warnings
from pathlib import Path
from typing import Any, Collection, Dict, List, Optional

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.graph_components.validators.default_recipe_validator import DefaultV1RecipeValidator
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.nlu.component import Component, domain_node, domain_of, not_scored_by_rasa_test, one_sentence
from convai_rasa.nlu.entities.annotations import (
    as_rasa,
    read_training_data,
    resolve as resolve_overlaps,
    resolve_at_the_end,
)
from convai_rasa.nlu.entities.finder import EntityExtractor
from convai_rasa.nlu.entities.options import EntityOptions
from convai_rasa.nlu.entities.spacy_pipeline import pipeline_hash
from convai_rasa.nlu.entities.types import PRETRAINED, Entity
from convai_rasa.store import resolve

__all__ = ["Entity", "EntityExtractor", "EntityOptions", "SpacyModelEntityExtractor"]

logger = logging.getLogger(__name__)

_NOTHING_LEARNS = (
    "You have defined training data (consisting of|with) "
    "(entity examples|entities that have roles/groups|regexes|lookup tables), "
    "but your NLU configuration does not include"
)
CODE_VERSION = "2"  # raise it when training changes, so that Rasa does not reuse a model trained by older code


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=True)
class SpacyModelEntityExtractor(Component[EntityOptions], EntityExtractorMixin):
    """Rasa component around ``EntityExtractor``; needs no other component, ``SpacyNLP`` neither."""

    keys = EntityOptions
    _extractor: Optional[EntityExtractor] = None
    _incremental = False

    @staticmethod
    def required_packages() -> List[str]:
        """Return the packages this component needs."""
        return ["spacy"]

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

    def restore(self, trained: Optional[Path]) -> None:
        """Load what was trained from the archive; without training, the pretrained pipeline from the models/ tree."""
        folder = trained if self._options.train else None
        self._extractor = _extractor(self._options, folder)
        self._incremental = self._context.is_finetuning and folder is not None
        if self._context.is_finetuning:
            return
        if self._options.dimensions is None:
            domain = domain_of(self._model_storage, self._context)
            _keep_what_the_bot_knows(self._extractor, frozenset(domain.entities if domain else ()))
        self._extractor.warm_up()

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the bot's annotations and store the result in the archive, if ``train`` is set."""
        with one_sentence():
            extractor = self._extractor or _extractor(self._options)  # also without training: say what is wrong now
            has_domain = domain_node(self._context) is not None
            if self._options.dimensions is None and not has_domain and extractor.pretrained_labels:
                logger.warning(
                    "This model comes from 'rasa train nlu' and has no domain, so %s outputs only those labels of its "
                    "pretrained pipeline (%s) that 'dimensions' or 'map' names.",
                    type(self).__name__,
                    ", ".join(extractor.pretrained_labels),
                )
            if not self._options.train:
                return self._resource
            data = read_training_data(training_data, self._options)
            if data is None:
                logger.warning(
                    "There is no annotated example, such as '[Paris](city)', so %s learns nothing. "
                    "Annotate entities in the training data, or remove 'train: true'.",
                    type(self).__name__,
                )
                return self._resource
            extractor.train(**data, incremental=self._incremental, **self._options.training())
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


def _learn_from_annotations() -> None:
    """Keep Rasa's check before training, which knows only its own extractors, from saying that nothing learns."""
    check = DefaultV1RecipeValidator.validate

    @functools.wraps(check)
    def validate(self: DefaultV1RecipeValidator, importer: TrainingDataImporter) -> TrainingDataImporter:
        ours = (node for node in self._graph_schema.nodes.values() if node.uses is SpacyModelEntityExtractor)
        with warnings.catch_warnings():
            if any(node.config.get("train") is True for node in ours):
                warnings.filterwarnings("ignore", message=_NOTHING_LEARNS)
            return check(self, importer)

    DefaultV1RecipeValidator.validate = validate


_learn_from_annotations()
resolve_at_the_end(SpacyModelEntityExtractor.__name__)
not_scored_by_rasa_test(f"{SpacyModelEntityExtractor.__name__}.{PRETRAINED}")
