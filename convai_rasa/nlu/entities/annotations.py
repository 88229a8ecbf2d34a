"""Rasa's training data and messages on one side, annotated texts and entities on the other."""

from __future__ import annotations

import functools
import json
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Union

from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.core.domain import Domain
from rasa.shared.nlu.constants import ENTITIES, PRETRAINED_EXTRACTORS, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.errors import ConfigurationError
from convai_rasa.nlu.entities.options import EntityOptions
from convai_rasa.nlu.entities.overlaps import resolve_overlaps
from convai_rasa.nlu.entities.types import PRETRAINED, Entity

logger = logging.getLogger(__name__)

_RULE = "overlaps_of_"  # of a message, with the extractor's name behind it; never put out
_UNREADABLE: Mapping[type[Exception], str] = {
    FileNotFoundError: "is not in {folder}, the folder this was started in; start it in the project's folder, or "
    "correct the path in the training data",
    IsADirectoryError: "is a folder; name a text file with one value a line",
    UnicodeDecodeError: "is not UTF-8 text; save it as UTF-8, with one value a line",
}


def read_training_data(data: TrainingData, options: EntityOptions) -> Optional[Dict[str, Any]]:
    """Return what entities can be learned from, as ``EntityExtractor.train`` takes it; None where there is nothing.

    A lookup table or regex counts when its name is an entity of the annotations, or listed in the options; others are
    meant for Rasa's RegexFeaturizer.

    Raises:
        ConfigurationError: the file of a lookup table cannot be read.
    """
    messages = [message for message in data.nlu_examples if message.get(TEXT)]
    examples = [{TEXT: message.get(TEXT), ENTITIES: message.get(ENTITIES) or []} for message in messages]
    annotated = {str(entity["entity"]) for example in examples for entity in example[ENTITIES]}
    lookups: Dict[str, List[str]] = {}
    for table in data.lookup_tables:
        if _wanted(table["name"], options.lookups, annotated):
            lookups.setdefault(table["name"], []).extend(_elements(table))
    regexes: Dict[str, List[str]] = {}
    for feature in data.regex_features:
        if _wanted(feature["name"], options.regexes, annotated):
            regexes.setdefault(feature["name"], []).append(feature["pattern"])
    if not annotated and not lookups and not regexes:
        return None
    unread = frozenset(word.lower() for word in data.entity_synonyms)  # the bot's author gave them a value
    return {"examples": examples, "lookups": lookups, "regexes": regexes, "unread": unread}


def _wanted(name: str, choice: Union[bool, List[str]], annotated: set[str]) -> bool:
    return name in choice if isinstance(choice, list) else choice and name in annotated


def _elements(table: Mapping[str, Any]) -> List[str]:
    """Return the values of a lookup table, of a file its lines, as Rasa does."""
    elements = table["elements"]
    if isinstance(elements, str):
        return _lines(table["name"], Path(elements))
    if not isinstance(elements, list):
        raise ConfigurationError(
            f"The lookup table {table['name']} has {elements!r} for its elements; give it a list of values, or the "
            "name of a text file with one value a line."
        )
    return [str(element) for element in elements if element is not None]


def _lines(name: str, file: Path) -> List[str]:
    where = f"The lookup table {name} names {file}, which"
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = _UNREADABLE.get(type(error), "cannot be opened ({error.strerror}); check its permissions")
        raise ConfigurationError(f"{where} {reason.format(folder=Path.cwd(), error=error)}.") from error
    with suppress(ValueError):
        if isinstance(json.loads(text), (list, dict)):
            logger.warning(
                "%s is JSON: Rasa takes each of its lines for a value, brackets and quotation marks included, so no "
                "value of it is ever found. Write one value a line, without quotation marks.",
                where,
            )
            return []
    return [line.strip() for line in text.splitlines() if line.strip()]


def resolve(message: Message, extractor: str, rule: str) -> None:
    """Resolve the overlaps of an extractor's entities in a message with those of others; see ``resolve_overlaps``."""
    entities = resolve_overlaps(message.get(ENTITIES, []), rule, extractor, PRETRAINED_EXTRACTORS)
    message.set(ENTITIES, entities, add_to_output=True)
    message.set(_RULE + extractor, rule)


def resolve_at_the_end(extractor: str) -> None:
    """Resolve the overlaps of an extractor's entities once more when a message has gone through the whole pipeline.

    Extractors further down append to what is there. The last node of every graph of Rasa's handles messages such as
    "/greet"; what it is given is what all components together have found.
    """
    handle = RegexMessageHandler.process

    @functools.wraps(handle)
    def process(self: RegexMessageHandler, messages: List[Message], domain: Optional[Domain] = None) -> List[Message]:
        for message in messages:
            rule = message.get(_RULE + extractor)
            if rule:
                resolve(message, extractor, rule)
        return handle(self, messages, domain)

    RegexMessageHandler.process = process


def as_rasa(entity: Entity, extractor: str) -> Dict[str, Any]:
    """Return an entity as Rasa writes it.

    One of a pretrained pipeline gets ``.pretrained`` behind the extractor's name, because ``rasa test nlu`` goes by
    this name to score only what was trained on the bot's annotations.
    """
    fields: Dict[str, Any] = {
        "entity": entity.label,
        "start": entity.start,
        "end": entity.end,
        "value": entity.value,
        "extractor": f"{extractor}.{PRETRAINED}" if entity.source == PRETRAINED else extractor,
    }
    more: Dict[str, Any] = {
        "role": entity.role,
        "group": entity.group,
        "confidence_entity": entity.confidence,
        "confidence_role": None if entity.role is None else entity.confidence,
        "confidence_group": None if entity.group is None else entity.confidence,
    }
    if entity.info is not None:
        more |= {"text": entity.text, "additional_info": dict(entity.info)}  # as Duckling calls it
    return fields | {name: value for name, value in more.items() if value is not None}
