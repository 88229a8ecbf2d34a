"""A chart parser: rules say how meanings are made of words and of other meanings, and all are tried bottom-up.

A rule reads ``rule("day", "the? day after <day>", make)``: ``|`` stands between words of which one is said, ``_``
between words of one alternative, ``?`` behind what may be missing, and ``<category>`` for a meaning that another rule
finds. ``make`` gets the context and the meanings in their order, and returns the new meaning, or None where the words
make no sense.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Union

from convai_rasa.nlu.values.placed_words import Word, split

Make = Callable[..., Any]
Symbol = Union[str, frozenset]  # a category, or the words that may stand here

_PARTS = re.compile(r"<\w+>|[^_]+")
# Steps for one text. The longest of the tests' phrases takes some 3,000; what needs more is no phrase.
_STEPS = 20_000


@dataclass(frozen=True)
class Node:
    """A meaning and the words it covers: ``words[start:end]``."""

    category: str
    start: int
    end: int
    meaning: Hashable
    cost: int = 0


@dataclass(frozen=True)
class Rule:
    """How a meaning is made; ``order`` has the places of what it is made of, in the order in which ``make`` gets it."""

    category: str
    symbols: tuple[Symbol, ...]
    make: Make
    cost: int
    order: tuple[int, ...]


class Grammar:
    """The rules of a language.

    Args:
        order: of categories, in which a rule's ``make`` gets what was found, whatever comes first in the words.
    """

    def __init__(self, order: Mapping[str, int] = MappingProxyType({})) -> None:
        self._order = order
        self._by_word: dict[str, list[Rule]] = defaultdict(list)
        self._by_category: dict[str, list[Rule]] = defaultdict(list)

    def rule(self, category: str, pattern: str, make: Make, cost: int = 0) -> None:
        """Add a rule, see above; of two meanings for the same words the one with lower costs is meant."""
        for symbols in _expand(pattern):
            found = [self._order.get(symbol, 0) for symbol in symbols if isinstance(symbol, str)]
            rule = Rule(category, symbols, make, cost, tuple(sorted(range(len(found)), key=found.__getitem__)))
            first = symbols[0]
            if isinstance(first, str):
                self._by_category[first].append(rule)
            else:
                for word in first:
                    self._by_word[word].append(rule)

    def lexicon(self, category: str, meanings: Mapping[str, Hashable]) -> None:
        """Add words with a meaning each: ``{"monday mon": 0}``."""
        for words, meaning in meanings.items():
            for word in words.split():
                self.rule(category, word, _constant(meaning))

    def parse(self, words: Sequence[Word], leaves: Iterable[Node], context: Any) -> list[Node]:
        """Return every meaning that the rules find, and the leaves: meanings that need no rule, such as numbers."""
        return _Parse(words, context, self._by_category).run(self._by_word, leaves)


class _Parse:
    def __init__(self, words: Sequence[Word], context: Any, by_category: dict[str, list[Rule]]) -> None:
        self._words = [word.text for word in words]
        self._context = context
        self._by_category = by_category
        self._chart: dict[tuple[str, int], list[Node]] = defaultdict(list)
        self._waiting: dict[tuple[str, int], list[tuple[Rule, int, int, tuple, int]]] = defaultdict(list)
        self._agenda: deque[Node] = deque()
        self._steps = 0

    def run(self, by_word: dict[str, list[Rule]], leaves: Iterable[Node]) -> list[Node]:
        self._agenda.extend(leaves)
        for place, word in enumerate(self._words):
            for rule in by_word.get(word, ()):
                self._advance(rule, 1, place, place + 1, (), rule.cost)
        seen: dict[tuple[str, int, int, Hashable], int] = {}
        nodes: list[Node] = []
        while self._agenda and self._steps < _STEPS:
            node = self._agenda.popleft()
            key = (node.category, node.start, node.end, node.meaning)
            if key in seen:
                continue
            seen[key] = node.cost
            nodes.append(node)
            self._chart[node.category, node.start].append(node)
            for rule in self._by_category.get(node.category, ()):
                self._advance(rule, 1, node.start, node.end, (node.meaning,), rule.cost + node.cost)
            for rule, dot, start, found, cost in tuple(self._waiting.get((node.category, node.start), ())):
                self._advance(rule, dot + 1, start, node.end, (*found, node.meaning), cost + node.cost)
        return nodes if self._steps < _STEPS else []

    def _advance(self, rule: Rule, dot: int, start: int, end: int, found: tuple, cost: int) -> None:
        self._steps += 1
        if self._steps >= _STEPS:
            return
        while dot < len(rule.symbols):
            symbol = rule.symbols[dot]
            if isinstance(symbol, str):
                self._waiting[symbol, end].append((rule, dot, start, found, cost))
                for node in tuple(self._chart.get((symbol, end), ())):
                    self._advance(rule, dot + 1, start, node.end, (*found, node.meaning), cost + node.cost)
                return
            if end >= len(self._words) or self._words[end] not in symbol:
                return
            dot, end = dot + 1, end + 1
        try:
            meaning = rule.make(self._context, *(found[place] for place in rule.order))
        except (OverflowError, ValueError):  # a day before year 1 or after 9999
            return
        if meaning is not None:
            self._agenda.append(Node(rule.category, start, end, meaning, cost))


def _constant(meaning: Hashable) -> Make:
    return lambda _context: meaning


def _expand(pattern: str) -> Iterable[tuple[Symbol, ...]]:
    choices = [_choices(item) for item in pattern.split()]
    for chosen in itertools.product(*choices):
        symbols = tuple(itertools.chain.from_iterable(chosen))
        if symbols:
            yield symbols


def _choices(item: str) -> list[tuple[Symbol, ...]]:
    optional = len(item) > 1 and item.endswith("?")
    item = item[:-1] if optional else item
    single: set[str] = set()
    choices: list[tuple[Symbol, ...]] = []
    for alternative in item.split("|"):
        sequences = list(_sequences(_PARTS.findall(alternative)))
        for sequence in sequences:
            if len(sequence) == 1 and not isinstance(sequence[0], str):
                single |= sequence[0]
            else:
                choices.append(sequence)
    if single:
        choices.append((frozenset(single),))
    return [*choices, ()] if optional else choices


def _sequences(parts: Sequence[str]) -> Iterable[tuple[Symbol, ...]]:
    """Yield the symbols of one alternative; an apostrophe is often not written."""
    options: list[list[tuple[Symbol, ...]]] = []
    for part in parts:
        if re.fullmatch(r"<\w+>", part):
            options.append([(part[1:-1],)])
        elif not part[:1].isalnum():
            options.append([(frozenset({part}),)])
        else:
            spellings = {part, part.replace("'", "")}
            options.append([tuple(frozenset({word.text}) for word in split(one)) for one in sorted(spellings)])
    for chosen in itertools.product(*options):
        yield tuple(itertools.chain.from_iterable(chosen))
