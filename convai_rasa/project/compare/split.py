"""Which examples of a project are trained on and which are asked, in rounds that ask each example at most once."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any, Iterable, Mapping, Optional, Sequence

import numpy as np

from convai_rasa.errors import ConfigurationError

FEWEST_ASKED = 6  # messages a round; with fewer, a handful of changed answers is all there could be
_NEVER = -1  # the number of a round that asks an example which none does
_OUT_OF_SCOPE = frozenset({"outofscope", "oos", "outofdomain", "nlufallback", "fallback", "offtopic"})


@dataclass(frozen=True)
class Entity:
    """An entity in a text by its type, from its first character to behind its last; two are the same if all this is."""

    entity: str
    start: int
    end: int
    role: Optional[str] = None
    group: Optional[str] = None

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Entity:
        """Read what Rasa writes of an entity, in an annotation or in an answer."""
        return cls(found["entity"], found["start"], found["end"], found.get("role"), found.get("group"))


@dataclass(frozen=True)
class Example:
    """A message with its truth."""

    text: str
    intent: Optional[str]  # None for a message that belongs to none of the bot's
    response: Optional[str] = None  # with a retrieval intent, the whole of it, such as ``faq/ask_hours``
    entities: frozenset[Entity] = frozenset()

    @property
    def out_of_scope(self) -> bool:
        """Whether the bot should say that this is not for it."""
        return self.intent is None or is_out_of_scope(self.intent)


@dataclass(frozen=True)
class Round:
    """One split: Rasa's ``TrainingData``, with all lookup tables, regexes and the like, and the examples not in it."""

    training: Any
    asked: list[Example]


def is_out_of_scope(intent: Optional[str]) -> bool:
    """Whether an intent, by its name, gathers what the bot is not made for."""
    return "".join(filter(str.isalpha, (intent or "").lower())) in _OUT_OF_SCOPE


def rounds(nlu: Any, *, share: float, seed: int) -> list[Round]:
    """Split a project's examples into rounds; together they ask each example once, as in cross-validation.

    Every intent (with a retrieval intent, each of its responses) is dealt out evenly. What cannot be learned from the
    rest is never asked: the only example of an intent, or of a type of entity. The same text is never both trained on
    and asked. The same seed splits alike.

    Args:
        nlu: Rasa's ``TrainingData``.
        share: of the examples that one round asks, about.
        seed: of the split.

    Raises:
        ConfigurationError: there are fewer than two intents, or too few examples.
    """
    usable = [example for example in nlu.intent_examples if (example.get("text") or "").strip()]
    intents = Counter(example.get("intent") for example in usable)
    if len(intents) < 2:
        found = f"only '{next(iter(intents))}'" if intents else "none"
        raise ConfigurationError(
            f"The training data has examples of fewer than two intents ({found}), so there is nothing to compare; "
            "add examples of another intent."
        )
    count = max(2, round(1 / share))
    dealt = _deal(usable, count, np.random.RandomState(seed))
    asked = [[_example(usable[index]) for index in np.flatnonzero(dealt == number)] for number in range(count)]
    if min(map(len, asked)) < FEWEST_ASKED:
        needed = FEWEST_ASKED * count
        raise ConfigurationError(
            f"The training data has too few examples to hold some back ({len(usable)} in {len(intents)} intents); you "
            f"need about {needed}, and two for each intent."
        )
    number_of = {id(example): number for example, number in zip(usable, dealt, strict=True)}

    def without(number: int) -> Any:
        apart = (number, _twin(number))
        return nlu.filter_training_examples(lambda example: number_of.get(id(example), _NEVER) not in apart)

    return [Round(without(number), examples) for number, examples in enumerate(asked)]


def entity_types(examples: Iterable[Example]) -> list[str]:
    """Return the types that are annotated, the most frequent first."""
    counted = Counter(entity.entity for example in examples for entity in example.entities)
    return [name for name, _ in counted.most_common()]


def _twin(number: int) -> int:
    """Return how an example is marked whose text is asked in a round already: it must not be trained on there."""
    return -2 - number


def _deal(usable: Sequence[Any], count: int, chance: np.random.RandomState) -> np.ndarray:
    """Return the round that asks each example, ``_NEVER`` or a ``_twin`` where none does; shape (examples,)."""
    texts: dict[str, list[int]] = defaultdict(list)
    for index, example in enumerate(usable):
        texts[" ".join(example.get("text").lower().split())].append(index)
    groups = list(texts.values())  # of the same text, which stay together
    types = Counter(kind for group in groups for kind in _types(usable[group[0]]))
    strata: dict[str, list[list[int]]] = defaultdict(list)
    for group in groups:
        strata[usable[group[0]].get_full_intent()].append(group)
    dealt = np.full(len(usable), _NEVER)
    next_round = 0
    for _, stratum in sorted(strata.items()):
        if len(stratum) < 2:
            continue
        for position in chance.permutation(len(stratum)):
            group = stratum[position]
            if any(types[kind] < 2 for kind in _types(usable[group[0]])):
                continue
            dealt[group[0]] = next_round  # asked once, however often it was written
            dealt[group[1:]] = _twin(next_round)
            next_round = (next_round + 1) % count
    return dealt


def _types(example: Any) -> set[str]:
    return {found["entity"] for found in example.get("entities") or []}


def _example(message: Any) -> Example:
    return Example(
        text=message.get("text"),
        intent=message.get("intent"),
        response=message.get_full_intent() if message.get("intent_response_key") else None,
        entities=frozenset(Entity.of(found) for found in message.get("entities") or []),
    )
