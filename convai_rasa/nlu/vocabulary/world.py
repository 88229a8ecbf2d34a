"""The bot's world as it is spoken: its sentences, values that nobody marked, and how likely a text is in it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    INTENT,
    TEXT,
)
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.nlu.values import Word
from convai_rasa.nlu.vocabulary.closed_questions import ClosedAnswers, short_examples
from convai_rasa.nlu.vocabulary.mapper import ValueMapper
from convai_rasa.nlu.vocabulary.pronunciation import spoken_words
from convai_rasa.nlu.vocabulary.sentence_model import Sentences, value_of
from convai_rasa.nlu.vocabulary.unmarked import Unmarked, UnmarkedValues, marked_shares

CONFIDENCE = "confidence_value"  # of an entity, beside Rasa's confidence_entity and confidence_role
ENTITY_CONFIDENCE = "confidence_entity"  # that it is one
_ANY_VALUE = math.log(1 / 20_000)  # of a word in an entity whose values no list has
_UNKNOWN_VALUE = 0.3  # how much of a value that is near to none an extractor's word is worth
_FILE = "marked.json"


@dataclass(frozen=True)
class Likelihood:
    """How well a text fits into the bot's world.

    Attributes:
        log_probability: natural logarithm of the probability that the bot's sentences give its words.
        values: natural logarithm of how much its values agree with known ones, 0 where they are the same.
        unknown: its words that are in none of the bot's sentences and values.
    """

    log_probability: float
    values: float
    unknown: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as a message carries it."""
        rounded = {"log_probability": round(self.log_probability, 3), "values": round(self.values, 3)}
        return {**rounded, "unknown": list(self.unknown)}


class BotWorld:
    """What training taught about how the bot is spoken to: the values that it knows, and the n-gram of its sentences.

    Args:
        marked: see ``UnmarkedValues``.
        short: of each intent its short examples.
        heard: words that people hear from the bot, and so may say.
    """

    def __init__(
        self,
        mapper: ValueMapper,
        sentences: Sentences,
        marked: Mapping[str, float],
        language: str = "en",
        short: Mapping[str, Sequence[str]] = MappingProxyType({}),
        heard: frozenset[str] = frozenset(),
    ) -> None:
        self.mapper = mapper
        self.answers = ClosedAnswers(mapper, short, sentences, language)
        self._short, self._heard = short, heard
        self._sentences, self._marked, self._language = sentences, dict(marked), language
        self._unmarked = UnmarkedValues(mapper, marked)
        self._values = {entity: frozenset(mapper.forms(entity).values()) for entity in mapper.entities}
        self._value_words = frozenset(
            word for entity in mapper.entities for form in mapper.forms(entity) for word in form.split()
        )

    @classmethod
    def learn(cls, data: TrainingData, mapper: ValueMapper, language: str) -> BotWorld:
        """Count the sentences of the training data."""
        examples = [
            (spoken_words(str(message.get(TEXT)), language), _spans(message.get(ENTITIES) or ()))
            for message in data.nlu_examples
            if message.get(TEXT)
        ]
        forms = {form for entity in mapper.entities for form in mapper.forms(entity)}
        marked = marked_shares(((words, list(spans)) for words, spans in examples), forms)
        sentences = Sentences(_with_values(words, spans) for words, spans in examples)
        pairs = ((str(one.get(INTENT)), str(one.get(TEXT))) for one in data.intent_examples if not one.get(ENTITIES))
        return cls(mapper, sentences, marked, language, short_examples(pairs, language))

    def find(
        self, text: str, entities: Sequence[Mapping[str, Any]], margin: float
    ) -> tuple[list[Unmarked], list[Mapping[str, Any]]]:
        """Find known values that nobody marked, or of which only parts were marked: "a bit of skin", "milk".

        ``entities`` are Rasa's, led to known values where they are near to one; ``margin`` is as ``ValueMapper.map``
        has it.

        Returns:
            The values, and those of the entities that they leave in place.
        """
        words, spans = self._words(text), _spans(entities)
        ours = {span: entity for span, entity in spans.items() if entity[ENTITY_ATTRIBUTE_TYPE] in self.mapper.entities}
        rivals = {
            span: float(entity.get(CONFIDENCE, 1.0)) if self._is_known(entity) else _UNKNOWN_VALUE
            for span, entity in ours.items()
        }
        found = self._unmarked.find(words, rivals, [*spans.keys() - ours.keys()], self._strange(words), margin)
        replaced = [
            entity for (start, end), entity in ours.items() if any(one.start < end and start < one.end for one in found)
        ]
        return found, [entity for entity in entities if entity not in replaced]

    def _is_known(self, entity: Mapping[str, Any]) -> bool:
        value = entity.get(ENTITY_ATTRIBUTE_VALUE)
        return isinstance(value, str) and value in self._values.get(str(entity[ENTITY_ATTRIBUTE_TYPE]), ())

    def likelihood(self, text: str, entities: Sequence[Mapping[str, Any]]) -> Likelihood:
        """Say how well a text fits, whose entities (Rasa's) were led to known values."""
        words, spans = self._words(text), _spans(entities)
        values = told = 0.0
        for (start, end), entity in list(spans.items()):
            name = str(entity[ENTITY_ATTRIBUTE_TYPE])
            forms = self.mapper.forms(name)
            if not forms:  # any value will do: a name, a number
                told += _ANY_VALUE * sum(start <= word.start < end for word in words)
            elif self._is_known(entity):
                told -= math.log(len(forms))
                values += math.log(max(float(entity.get(CONFIDENCE, 1.0)), 1e-3))
            else:
                del spans[start, end]  # its words are what they are
        in_values = [word for word in words if any(start <= word.start < end for start, end in spans)]
        unknown = self._strange(word for word in words if word not in in_values)
        return Likelihood(
            self._sentences.log_probability(_with_values(words, spans)) + told, values, tuple(sorted(unknown))
        )

    def strange_words(self, text: str) -> frozenset[str]:
        """Return the words of a text that none of the bot's sentences and values has."""
        return self._strange(self._words(text))

    def _strange(self, words: Iterable[Word]) -> frozenset[str]:
        each = {part for word in words for part in word.text.split()}
        known = (self._sentences, self._value_words, self._heard)
        return frozenset(part for part in each if not any(part in words for words in known))

    def with_domain(self, mapper: ValueMapper, titles: Iterable[str], texts: Iterable[str]) -> BotWorld:
        """Return the same world with what the domain adds.

        ``titles`` of buttons are sentences that people say; from ``texts`` of responses they take up words.
        """
        said = [[part for word in self._words(title) for part in word.text.split()] for title in titles]
        heard = frozenset(part for text in texts for word in self._words(text) for part in word.text.split())
        return BotWorld(mapper, self._sentences.plus(said), self._marked, self._language, self._short, heard)

    def _words(self, text: str) -> Sequence[Word]:
        return spoken_words(text, self._language)

    def save(self, folder: Path) -> None:
        """Write what was learned."""
        self.mapper.save(folder)
        self._sentences.save(folder, self._value_words)
        stored = {"language": self._language, "marked": self._marked, "short": self._short}
        (folder / _FILE).write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> BotWorld:
        """Read what ``save`` wrote, or what older versions did, which knew no sentences."""
        stored: dict[str, Any] = {"language": "en", "marked": {}}
        if (folder / _FILE).is_file():
            stored = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        mapper, sentences = ValueMapper.load(folder), Sentences.load(folder)
        return cls(mapper, sentences, stored["marked"], stored["language"], stored.get("short", {}))


def _spans(entities: Iterable[Mapping[str, Any]]) -> dict[tuple[int, int], Mapping[str, Any]]:
    """Return entities by their place in the text; of several at one place the surest, and those without one not."""
    spans: dict[tuple[int, int], Mapping[str, Any]] = {}
    surest = sorted(entities, key=lambda entity: -(entity.get(ENTITY_CONFIDENCE) or 0.0))
    for entity in surest:
        start, end = entity.get(ENTITY_ATTRIBUTE_START), entity.get(ENTITY_ATTRIBUTE_END)
        if isinstance(start, int) and isinstance(end, int):
            spans.setdefault((start, end), entity)
    return spans


def _with_values(words: Sequence[Word], spans: Mapping[tuple[int, int], Mapping[str, Any]]) -> list[str]:
    """Return the words of a text in spoken form, each value as one word."""
    told: list[str] = []
    within: tuple[int, int] | None = None
    for word in words:
        span = next((span for span in spans if span[0] <= word.start < span[1]), None)
        if span is None:
            told += word.text.split()
        elif span != within:
            told.append(value_of(str(spans[span][ENTITY_ATTRIBUTE_TYPE])))
        within = span
    return told
