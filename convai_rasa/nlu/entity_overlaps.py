"""Which of two entities stays where both want the same words."""

from __future__ import annotations

import dataclasses
from typing import Any, Collection, Iterable, Mapping, Sequence

from convai_rasa.nlu.entity_types import LISTED, PRETRAINED, TRAINED, Entity

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
    ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]], rule: str, pretrained: Collection[str]
) -> list[Mapping[str, Any]]:
    """Resolve overlaps with the entities that other extractors found before.

    Args:
        ours: entities as Rasa writes them.
        theirs: likewise.
        rule: ``keep`` all; ``ours`` or ``theirs`` stay; or the ``longest``. Of two equally long ones that which learned
            from the bot's annotations stays, else ours.
        pretrained: names of extractors that learned nothing from the bot.

    Returns:
        What stays: theirs, then ours.
    """
    rivals = [
        (mine, other)
        for mine in ours
        for other in theirs
        if other.get("extractor") not in _ABOUT_THE_MESSAGE
        and _overlap(mine["start"], mine["end"], other.get("start", 0), other.get("end", 0))
    ]

    def rank(entity: Mapping[str, Any]) -> tuple[int, bool]:
        return _length(entity), entity.get("extractor") not in pretrained

    dropped: set[int] = set()
    # The longest decides first, so that an entity which falls takes no other with it.
    for mine, other in sorted(rivals, key=lambda pair: -max(map(_length, pair))):
        if rule == "keep" or {id(mine), id(other)} & dropped:
            continue
        mine_stays = rule == "ours" or (rule == "longest" and rank(mine) >= rank(other))
        dropped.add(id(other if mine_stays else mine))
    return [entity for entity in [*theirs, *ours] if id(entity) not in dropped]


def _compete(one: Entity, other: Entity) -> bool:
    known = (one.source == PRETRAINED, other.source == PRETRAINED)
    if all(known) or (any(known) and one.label != other.label):
        return False
    return _overlap(one.start, one.end, other.start, other.end)


def _precedence(entity: Entity) -> tuple[bool, bool, int, bool]:
    """Return a key that sorts the entity which stays before those it drives out."""
    unlikely = entity.source == TRAINED and (entity.confidence or 0.0) <= _LIKELY
    return unlikely, entity.source == PRETRAINED, entity.start - entity.end, entity.source == TRAINED


def _length(entity: Mapping[str, Any]) -> int:
    return int(entity.get("end", 0)) - int(entity.get("start", 0))


def _overlap(start: int, end: int, other_start: int, other_end: int) -> bool:
    return start < other_end and other_start < end
