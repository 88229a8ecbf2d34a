"""One text being read: which pieces of it say something, and what of that the speaker means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Sequence
from dataclasses import replace

from convai_rasa.nlu.values.chart import Node
from convai_rasa.nlu.values.languages import grammar_of, language_of
from convai_rasa.nlu.values.literals import literals_in
from convai_rasa.nlu.values.meanings import amount_value
from convai_rasa.nlu.values.moments.clock import in_part, together
from convai_rasa.nlu.values.moments.days import near
from convai_rasa.nlu.values.moments.resolve import resolve, resolve_duration
from convai_rasa.nlu.values.moments.when import Context, Duration, When
from convai_rasa.nlu.values.number_words import numbers_in
from convai_rasa.nlu.values.placed_words import Word
from convai_rasa.nlu.values.value import Value

MOMENTS = ("date", "time", "datetime")
# What is read as a kind, and what it costs to be read so: the lowest is taken first.
_WHEN = {"when": 0, "dur": 2}
CATEGORIES: dict[str, dict[str, int]] = {
    "date": {**_WHEN, "day_number": 4, "written_year": 5},
    "time": {**_WHEN, "time_number": 4},
    "datetime": _WHEN,
    "duration": {"dur": 0},
    "number": {"num": 0, "people": 3, "year": 5},  # "party of seven" is the number of a bot's slot
    "ordinal": {"ord": 0},
    "percent": {"percent": 0},
    "money": {"money": 0},
    "quantity": {"quantity": 0},
    "age": {"age": 0, "age_alone": 3, "num": 4},
    "temperature": {"temperature": 0},
    "people": {"people": 0, "for_count": 0, "count": 4},
}
BARE = {"day_number", "time_number", "written_year", "count"}
# A number of these is no number of anything else.
_MEASURES = frozenset({"dur", "money", "quantity", "percent", "age", "temperature"})
# What else may be said with the same words and is not asked for: "a table for two" names no time.
_RIVALS = {
    **{kind: {"people": 1, "for_count": 1} for kind in MOMENTS},
    "people": {"when": 1, "dur": 1},
}


class Reading:
    """The words of one text, or of a part of it, being read.

    Its pieces are nodes of the chart, without a meaning where the speaker took them back.
    """

    def __init__(self, text: str, words: Sequence[Word], kind: str, language: str, context: Context) -> None:
        """Read the words, which are those of ``text`` or a part of them, as one of ``CATEGORIES``."""
        self._words = words
        self._kind = kind
        self._language = language_of(language)
        self._context = context
        wanted = CATEGORIES[kind]
        moment = kind in MOMENTS
        self._cost = {**_RIVALS.get(kind, {}), **({"time_number": 6} if moment else {}), **wanted}
        numbers = numbers_in(text, words, self._language.numbers)
        leaves = [*numbers, *literals_in(text, words, self._language.style, context)]
        nodes = grammar_of(language).parse(words, leaves, context)
        self._nodes = [node for node in nodes if node.category in self._cost]
        larger = (_MEASURES | {"when"} if kind == "number" else _MEASURES) - {*wanted}
        self._measures = [(node.start, node.end) for node in nodes if node.category in larger]

    def whole(self) -> Node | None:
        """Return the one thing that all the words say together."""
        pieces = self._corrected(self._tiles())
        if not self._all_said(pieces):
            return None
        pieces = [piece for piece in pieces if piece.meaning is not None]
        if not all(piece.category in CATEGORIES[self._kind] for piece in pieces):
            return None
        if len(pieces) == 2:
            return _joined(*pieces)
        return pieces[0] if len(pieces) == 1 else None

    def _all_said(self, pieces: list[Node]) -> bool:
        """Say whether nothing is left beside the pieces but fillers, and words that correct or take back."""
        ends = [0, *(piece.end for piece in pieces)]
        gaps = [self._between(end, piece.start) for end, piece in zip(ends, pieces, strict=False)]
        last = self._between(ends[-1], len(self._words))
        fillers = self._language.fillers
        return all(word in fillers for word in last) and all(
            all(word in fillers for word in gap) or self._language.corrects(gap) or self._language.takes_back(gap)
            for gap in gaps
        )

    def pieces(self, bare: bool) -> list[Node]:
        """Return all that is said, in its order."""
        wanted = CATEGORIES[self._kind]
        pieces = self._corrected(self._tiles(), bare)
        return [
            piece
            for piece in pieces
            if piece.meaning is not None
            and piece.category in wanted
            and (bare or piece.category not in BARE)
            and not self._is_part_of_more(piece)
            and (bare or not self._is_everyday(piece))
        ]

    def value(self, piece: Node, prefer: str, zone: dt.tzinfo | None) -> Value:
        """Return the value of a piece."""
        meaning = piece.meaning
        if isinstance(meaning, When):
            value = resolve(meaning, self._context, prefer, zone)
        elif isinstance(meaning, Duration):
            value = resolve_duration(meaning)
        else:
            value = amount_value(meaning, self._kind)  # type: ignore[arg-type]  # what the other categories hold
        return replace(value, start=self._words[piece.start].start, end=self._words[piece.end - 1].end)

    def _tiles(self) -> list[Node]:
        """Return the pieces that say most words, of these the fewest, the cheapest, the longest."""
        at: dict[int, list[Node]] = {}
        for node in self._nodes:
            at.setdefault(node.start, []).append(node)
        best: list[tuple[tuple[int, int, int, int], tuple[Node, ...]]] = [((0, 0, 0, 0), ())] * (len(self._words) + 1)
        for place in range(len(self._words) - 1, -1, -1):
            best[place] = best[place + 1]
            for node in at.get(place, ()):
                (covered, count, cost, length), rest = best[node.end]
                cost -= node.cost + self._cost[node.category]
                score = (covered + self._said(node), count - 1, cost, length + node.end - place)
                if score > best[place][0]:
                    best[place] = score, (node, *rest)
        return list(best[0][1])

    def _said(self, node: Node) -> int:
        """Return how many words are understood; fillers need not be."""
        return sum(word.text not in self._language.fillers for word in self._words[node.start : node.end])

    def _corrected(self, pieces: list[Node], bare: bool = False) -> list[Node]:
        """Leave out what was taken back, and put a correction into what it corrects."""
        kept: list[Node] = []
        for piece in pieces:
            before = self._between(kept[-1].end if kept else 0, piece.start)
            corrected = kept and kept[-1].meaning is not None and self._language.corrects(before)
            if self._language.takes_back(before, strongly=bool(corrected)):
                kept.append(replace(piece, meaning=None))
            elif corrected:
                merged = _merged(kept[-1].meaning, piece.meaning)
                category = kept[-1].category if piece.category in BARE else piece.category
                kept[-1:] = [replace(kept[-1], meaning=None), replace(piece, meaning=merged, category=category)]
            elif piece.category in BARE and kept and self._goes_on(kept[-1], before):
                kept.append(replace(piece, category=kept[-1].category))
            elif piece.category in BARE and not bare and self._kind not in ("date", "time"):
                continue
            else:
                kept.append(piece)
        return kept

    def _goes_on(self, last: Node, between: list[str]) -> bool:
        """Say whether a bare number takes the place of what was taken back: "not three people, four"."""
        known = self._language.fillers | self._language.corrections
        return last.meaning is None and all(word in known for word in between)

    def _between(self, start: int, end: int) -> list[str]:
        return [word.text for word in self._words[start:end]]

    def _is_everyday(self, piece: Node) -> bool:
        """Say whether it is one word that mostly means something else: "may we come"."""
        return piece.end - piece.start == 1 and self._words[piece.start].text in self._language.everyday

    def _is_part_of_more(self, piece: Node) -> bool:
        before = self._words[piece.start - 1].text if piece.start else ""
        after = self._words[piece.end].text if piece.end < len(self._words) else ""
        if isinstance(piece.meaning, When) and piece.meaning.bare and after and after not in self._language.fillers:
            return True
        if any(start < piece.end < end for start, end in self._measures if start >= piece.start - 1):
            return True  # "we'll be fifteen" of "fifteen minutes", "two years" of "two years old"
        return before in self._language.binds_before or after in self._language.binds_after


def _joined(one: Node, other: Node) -> Node | None:
    """Return a day and a time that stand apart as one moment."""
    if not (isinstance(one.meaning, When) and isinstance(other.meaning, When)):
        return None
    meaning = together(one.meaning, other.meaning) or together(other.meaning, one.meaning)
    return replace(one, end=other.end, meaning=meaning) if meaning else None


def _merged(old: Hashable, new: Hashable) -> Hashable:
    """Return what is meant after a correction: a new day keeps the time, and a new time the day."""
    if not (isinstance(old, When) and isinstance(new, When)) or old.impossible or new.impossible:
        return new
    if old.days and (new.bare or new.weekday is not None) and not new.times:
        new = near(new, old)
    if new.clock and not new.days:
        if old.part and not new.part:
            new = in_part(new, old.part) or new
        elif len(old.times) == 1 and len(new.times) == 2 and old.clock:
            same_half = [time for time in new.times if (time.hour >= 12) == (old.times[0].hour >= 12)]
            new = replace(new, times=tuple(same_half))
        day = replace(old, times=(), until=(), part=None, clock=False)
        return (together(day, new) or new) if old.days and not old.last else new
    if new.days and not new.times and old.clock and not new.last and not old.open:
        time = replace(old, days=())
        return together(new, time) or new
    return new
