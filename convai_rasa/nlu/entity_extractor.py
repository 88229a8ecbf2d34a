"""Entities from a spaCy pipeline: places, people, dates, numbers and whatever else the pipeline knows.

``EntityExtractor`` stands alone; ``SpacyModelEntityExtractor`` is the same inside a Rasa pipeline.
"""

from __future__ import annotations

import difflib
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Type, Union

from pydantic import Field
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import ENTITY_ATTRIBUTE_CONFIDENCE_TYPE
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from convai_rasa.errors import ConfigurationError, ModelCorrupt, require
from convai_rasa.nlu.component import component_options, not_scored_by_rasa_test, one_sentence
from convai_rasa.nlu.lean_import import lean_import
from convai_rasa.options import Options
from convai_rasa.store import resolve

logger = logging.getLogger(__name__)

SETTINGS_FILE = "entity_extractor.json"
# Pipes that never set entities. Leaving them out makes a message two to three times faster.
_UNNEEDED_FACTORIES = frozenset(
    {"tagger", "morphologizer", "parser", "senter", "sentencizer", "attribute_ruler", "lemmatizer"}
    | {"trainable_lemmatizer", "textcat", "textcat_multilabel", "merge_noun_chunks"}
)


class EntityOptions(Options):
    """The keys of the component in config.yml."""

    model: str = "spacy/en_core_web_sm"
    dimensions: Optional[List[str]] = None
    map: Dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Entity:
    """One entity in a text.

    Attributes:
        start: offset of its first character.
        end: offset after its last character.
        text: the characters between.
        label: its kind, under the name the bot uses.
        confidence: from 0 to 1; None where the model gives none, as spaCy's own ``ner`` does.
        value: what it stands for; equal to ``text``.
    """

    start: int
    end: int
    text: str
    label: str
    confidence: Optional[float]
    value: str


class EntityExtractor:
    """Finds entities with a pretrained spaCy pipeline.

    Example:
        >>> extractor = EntityExtractor(dimensions=["GPE"], mapping={"GPE": "city"})
        >>> [(entity.label, entity.text) for entity in extractor.extract("a flight to Paris tomorrow")]
        [('city', 'Paris')]
    """

    def __init__(
        self,
        model_path: Union[str, Path] = "spacy/en_core_web_sm",
        dimensions: Optional[Sequence[str]] = None,
        mapping: Optional[Mapping[str, str]] = None,
    ) -> None:
        """Load a pipeline with only the pipes that find entities.

        Args:
            model_path: a model of the store, a spaCy pipeline folder, or a folder that ``save`` wrote.
            dimensions: labels of the pipeline to keep; None keeps all.
            mapping: from the pipeline's labels to the bot's entity names; other labels keep their name.

        Raises:
            ModelError: the model is not installed, or the folder is not a spaCy pipeline that finds entities.
            ConfigurationError: a dimension or a label of the mapping is not one the pipeline knows.
            MissingExtra: spaCy is not installed.
        """
        folder = resolve(str(model_path))
        saved = _saved_settings(folder)
        self._pipeline = _load_pipeline(folder)
        self.labels = _labels_of(self._pipeline, folder)
        chosen = dimensions if dimensions is not None else saved.get("dimensions")
        self._dimensions = None if chosen is None else frozenset(_known(chosen, self.labels, "dimensions"))
        self._mapping = dict(mapping if mapping is not None else saved.get("mapping", {}))
        _known(self._mapping, self.labels, "map")

    @classmethod
    def load(cls, path: Union[str, Path]) -> EntityExtractor:
        """Load what ``save`` wrote."""
        return cls(path)

    def extract(self, text: str) -> list[Entity]:
        """Return the entities of one text in the order they appear."""
        return self.extract_all([text])[0]

    def extract_all(self, texts: Sequence[str]) -> list[list[Entity]]:
        """Return the entities of each text; several texts at once are faster than one by one."""
        return [sorted(self._entities(doc), key=lambda entity: entity.start) for doc in self._pipeline.pipe(texts)]

    def save(self, path: Union[str, Path]) -> None:
        """Write the pipeline and the settings into a folder."""
        folder = Path(path)
        self._pipeline.to_disk(folder)
        dimensions = None if self._dimensions is None else sorted(self._dimensions)
        settings = json.dumps({"dimensions": dimensions, "mapping": self._mapping}, indent=2, ensure_ascii=False)
        (folder / SETTINGS_FILE).write_text(settings, encoding="utf-8")

    def _entities(self, doc: Any) -> Iterator[Entity]:
        spans: list[tuple[Any, Optional[float]]] = [(span, None) for span in doc.ents]
        for group in doc.spans.values():  # span categorisers, the one kind of pipe that gives confidences
            scores = group.attrs.get("scores")
            spans += [(span, None if scores is None else float(scores[index])) for index, span in enumerate(group)]
        for span, confidence in spans:
            if self._dimensions is None or span.label_ in self._dimensions:
                label = self._mapping.get(span.label_, span.label_)
                yield Entity(span.start_char, span.end_char, span.text, label, confidence, span.text)


def _saved_settings(folder: Path) -> dict[str, Any]:
    path = folder / SETTINGS_FILE
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ModelCorrupt(f"{path} is not JSON ({error}); save the extractor again.") from error


def _load_pipeline(folder: Path) -> Any:
    missing = [name for name in ("meta.json", "config.cfg") if not (folder / name).is_file()]
    if missing:
        raise ModelCorrupt(f"{folder} is not a spaCy pipeline folder: {', '.join(missing)} missing.")
    # A transformer pipeline needs torch; any other would only look whether it is there.
    needs_torch = "transformer" in (folder / "config.cfg").read_text(encoding="utf-8")
    spacy = require("spacy", extra="nlu") if needs_torch else lean_import("spacy")
    try:
        config = spacy.util.load_config(folder / "config.cfg")
        return spacy.load(folder, exclude=_unneeded_pipes(config))
    # a damaged pipeline fails in whatever library reads the damaged file
    except Exception as error:
        raise ModelCorrupt(f"{folder} cannot be loaded by spaCy ({error}); fetch the model again.") from error


def _unneeded_pipes(config: Mapping[str, Any]) -> list[str]:
    """Return the pipes of a pipeline that entities do not depend on."""
    components = config["components"]
    unneeded = [name for name, pipe in components.items() if pipe.get("factory") in _UNNEEDED_FACTORIES]
    # A shared tok2vec is needed only when one of the pipes that stay listens to it.
    needed = [pipe for name, pipe in components.items() if name not in unneeded]
    if not any("Listener" in json.dumps(pipe.get("model", {}), default=str) for pipe in needed):
        unneeded += [name for name, pipe in components.items() if pipe.get("factory") == "tok2vec"]
    return unneeded


def _labels_of(pipeline: Any, folder: Path) -> tuple[str, ...]:
    labels = sorted({label for labels in pipeline.pipe_labels.values() for label in labels})
    if not labels:
        raise ModelCorrupt(f"{folder} finds no entities: its pipeline has none of ner, entity_ruler, spancat.")
    return tuple(labels)


def _known(names: Any, labels: tuple[str, ...], key: str) -> list[str]:
    """Return the names when all are labels of the pipeline."""
    for name in names:
        if name not in labels:
            close = difflib.get_close_matches(name, labels, n=1)
            hint = f"did you mean '{close[0]}'? " if close else ""
            raise ConfigurationError(f"{key}: the model has no label '{name}' ({hint}it has {', '.join(labels)}).")
    return list(names)


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=False)
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

    def __init__(self, extractor: EntityExtractor) -> None:
        """Hold the extractor."""
        self._extractor = extractor

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SpacyModelEntityExtractor:
        """Check the configuration and load the spaCy pipeline."""
        with one_sentence():
            options = component_options(EntityOptions, config, cls.__name__)
            return cls(EntityExtractor(options.model, options.dimensions, options.map))

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the entities found to ``entities`` of each message."""
        found = self._extractor.extract_all([message.get(TEXT) or "" for message in messages])
        for message, entities in zip(messages, found, strict=True):
            added = self.add_extractor_name([_as_rasa(entity) for entity in entities])
            message.set(ENTITIES, message.get(ENTITIES, []) + added, add_to_output=True)
        return messages


def _as_rasa(entity: Entity) -> Dict[str, Any]:
    fields = {
        ENTITY_ATTRIBUTE_TYPE: entity.label,
        ENTITY_ATTRIBUTE_START: entity.start,
        ENTITY_ATTRIBUTE_END: entity.end,
        ENTITY_ATTRIBUTE_VALUE: entity.value,
    }
    return fields if entity.confidence is None else {**fields, ENTITY_ATTRIBUTE_CONFIDENCE_TYPE: entity.confidence}


not_scored_by_rasa_test(SpacyModelEntityExtractor)
