"""Which of two entities stays where both want the same words."""

from __future__ import annotations

import dataclasses
from typing import Any, Collection, Iterable, Mapping, Sequence

from convai_rasa.nlu.entities.types import LISTED, PRETRAINED, TRAINED, Entity

_LIKELY = 0.5
# It speaks about a whole message, not about the words in it.
_ABOUT_THE_MESSAGE = frozenset({"HybridSentimentAnalyzer"})


def merge_own(found: Iterable[Entity]) -> list[Entity]:
    """Resolve overlaps within one extractor, and return what stays in the order of the text.

    Of what the bot was taught the longer one goes before the shorter and the listed before the trained; where both
    agree, the trained one stays, which may have a role, with the certainty of the list. Both go before what the
    pretrained pipeline knows under the same name; under other names that stays beside them, so nothing of it is lost.
    A trained entity that is more likely wrong than right comes last.

    Args:
        found: entities of one text from all sources; those of the pretrained pipeline may overlap each other.
    """
    kept: list[Entity] = []
    for entity in sorted(found, key=_precedence):
        rivals = [other for other in kept if _compete(entity, other)]
        if not rivals:
            kept.append(entity)
            continue
        twin = rivals[0]
        agree = (twin.start, twin.end, twin.label) == (entity.start, entity.end, entity.label)
        if agree and {entity.source, twin.source} == {LISTED, TRAINED}:
            trained = entity if entity.source == TRAINED else twin
            kept[kept.index(twin)] = dataclasses.replace(trained, confidence=1.0)
    return sorted(kept, key=lambda one: (one.start, one.end))


def resolve_overlaps(
    entities: Sequence[Mapping[str, Any]], rule: str, ours: str, untaught: Collection[str]
) -> list[Mapping[str, Any]]:
    """Resolve overlaps between the entities of one extractor and those of all others.

    What the pretrained pipeline knows only adds: it gives way wherever another found anything in the same words, or the
    same entity elsewhere in the message, as a form takes two values for a list. What the bot taught gives way to what
    others found under the same name, or learned, in the same words. Other rules:

    - ``longest``: of what was taught the longer stays; of equally long ones that which learned from the bot, else ours;
    - ``theirs``: ours give way in the same words, whatever they are called;
    - ``ours``: theirs do, to the pretrained pipeline too;
    - ``keep``: all stay.

    Where a pipeline has two of the extractor, what both find under one name in the same words is there once.

    Args:
        entities: as Rasa writes them.
        rule: ``add``, which is described above, or one of the others.
        ours: name of the one extractor; with ``.pretrained`` behind it, of its pretrained pipeline.
        untaught: names of extractors that learned nothing from the bot.

    Returns:
        What stays, in the order it was given in.
    """
    known = f"{ours}.{PRETRAINED}"
    entities = _once(entities, (ours, known))
    taught = [one for one in entities if one.get("extractor") == ours]
    pretrained = [one for one in entities if one.get("extractor") == known]
    theirs = [one for one in entities if one.get("extractor") not in (ours, known, *_ABOUT_THE_MESSAGE)]
    rivals = [(mine, other) for mine in taught for other in theirs if _share(mine, other)]
    dropped: set[int] = set()
    if rule == "ours":
        dropped = {id(other) for other in theirs if any(_share(other, mine) for mine in (*taught, *pretrained))}
    elif rule == "longest":
        dropped = _shorter(rivals, untaught)
    elif rule == "theirs":
        dropped = {id(mine) for mine, _ in rivals}
    elif rule == "add":
        dropped = {
            id(mine)
            for mine, other in rivals
            if mine.get("entity") == other.get("entity") or other.get("extractor") not in untaught
        }
    if rule not in ("ours", "keep"):
        likely = [one for one in taught if one.get("confidence_entity", 1.0) > _LIKELY]
        said = [one for one in (*theirs, *likely) if id(one) not in dropped]
        names = {one.get("entity") for one in said}
        dropped |= {
            id(mine) for mine in pretrained if mine.get("entity") in names or any(_share(mine, one) for one in said)
        }
    return [entity for entity in entities if id(entity) not in dropped]


def _once(entities: Sequence[Mapping[str, Any]], extractors: Collection[str]) -> list[Mapping[str, Any]]:
    """Leave out what one of the extractors found again."""
    seen, once = set(), []
    for entity in entities:
        what = tuple(entity.get(key) for key in ("extractor", "entity", "start", "end", "role", "group"))
        if what not in seen or entity.get("extractor") not in extractors:
            once.append(entity)
        seen.add(what)
    return once


def _shorter(rivals: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]], untaught: Collection[str]) -> set[int]:
    """Return the ids of those that fall where two want the same words, ours and theirs, and the longer one stays."""

    def rank(entity: Mapping[str, Any]) -> tuple[int, bool]:
        return _length(entity), entity.get("extractor") not in untaught

    dropped: set[int] = set()
    # The longest decides first, so that an entity which falls takes no other with it.
    for mine, other in sorted(rivals, key=lambda pair: -max(map(_length, pair))):
        if not {id(mine), id(other)} & dropped:
            dropped.add(id(other if rank(mine) >= rank(other) else mine))
    return dropped


def _compete(one: Entity, other: Entity) -> bool:
    known = (one.source == PRETRAINED, other.source == PRETRAINED)
    if all(known) or (any(known) and one.label != other.label):
        return False
    return _overlap(one.start, one.end, other.start, other.end)


def _precedence(entity: Entity) -> tuple[bool, bool, int, bool]:
    """Return a key that sorts the entity which stays before those it drives out."""
    unlikely = entity.source == TRAINED and (entity.confidence or 0.0) <= _LIKELY
    return unlikely, entity.source == PRETRAINED, entity.start - entity.end, entity.source == TRAINED


def _share(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two entities have words in common; one that does not say where it is has none."""
    return _overlap(one.get("start", 0), one.get("end", 0), other.get("start", 0), other.get("end", 0))


def _length(entity: Mapping[str, Any]) -> int:
    return int(entity.get("end", 0)) - int(entity.get("start", 0))


def _overlap(start: int, end: int, other_start: int, other_end: int) -> bool:
    return start < other_end and other_start < end
