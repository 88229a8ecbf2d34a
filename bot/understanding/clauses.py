"""Where a new clause begins that nothing links to the one before: "table for two at eight | do you have parking".

Speech has no punctuation. A question shows by its order, an auxiliary before its subject, and what comes before it is a
clause of its own where it has a verb or names what a booking needs.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from phrases import Phrases, read_tables

SAID = Phrases(__file__)
_TABLES = read_tables(Path(__file__).with_name("clauses.yml"))


def _words(table: str) -> frozenset[str]:
    return frozenset(_TABLES[table].split())


_AUXILIARY = _words("auxiliaries")
_NOT = _words("negated")
_SUBJECT = _words("subjects")
_PRONOUN = _words("pronouns")
_ASKING = _words("asking")
_GOVERNS = _words("governing")
_ENDS = _words("ending")
_PERSONAL = frozenset(("you", "yous", "ya", "ye", "i", "we", "they", "he", "she", "it"))
_OBJECTS = frozenset(("you", "it"))
_CONDITION = _words("conditions")
_FILLERS = _words("fillers")
_VERBS = _words("verbs")
_BEGINS_NOUN = _words("determiners")
_RELATIVE = _words("relatives")


def starts(text: str) -> list[int]:
    """Return where new clauses begin in a text without signs, the first one left out."""
    words = [(match.start(), match[0].lower()) for match in SAID.word.finditer(text)]
    low = [word for _, word in words]
    found, first = [], 0
    for place in range(2, len(low)):
        governed = low[place - 1] in (_GOVERNS - (_ENDS if low[place] in _AUXILIARY | _NOT else _OBJECTS))
        if place - first < 2 or governed:
            continue
        begins = (_question(low, place) and not _goes_on(low[first:place], low, place)) or _wish(low, place)
        if begins and _complete(low[first:place]) and not _awaits(low[first:place]):
            found.append(words[place][0])
            first = place
    return found


def fronted(before: str, after: str) -> bool:
    """Say whether a text only names what the next one asks about: "your tiramisu" - "would that be safe"."""
    left, right = ([word.lower() for word in SAID.word.findall(text)] for text in (before, after))
    asks = len(right) > 1 and right[0] in _AUXILIARY | _NOT and right[1] in _PRONOUN
    if not asks or not left or left[0] not in _BEGINS_NOUN:
        return False
    verbs = [place for place in range(1, len(left)) if left[place] in _AUXILIARY | _NOT or "'" in left[place]]
    return not verbs or any(word in _RELATIVE for word in left[1:3])


def _question(low: list[str], place: int) -> bool:
    here, after = low[place], low[place + 1 : place + 5]
    if here in ("d'you", "d'ya", "d'ye") or (here == "any" and after[:1] == ["chance"]):
        return len(after) > 1
    if here in _AUXILIARY | _NOT:
        if here in ("have", "has") and not _PERSONAL.issuperset(after[:1]):
            return False  # "my in-laws have something on"
        tag = here in _NOT and len(after) > 1 and after[1] in _AUXILIARY  # "that's a Sunday, isn't it, are you open"
        return len(after) > 1 and after[0] in _SUBJECT and not tag
    if here not in _ASKING or not after:
        return False
    if ("'s" in here and here != "who's") or after[0] == "about":
        return True
    return any(one in _AUXILIARY and other in _SUBJECT | _BEGINS_NOUN for one, other in pairwise(after))


def _goes_on(clause: list[str], low: list[str], place: int) -> bool:
    """Say whether a question is about who was told of just before: "my dad's in a wheelchair" - "can he get in"."""
    own = next((word for word in clause if word not in _FILLERS), "")
    if own in _AUXILIARY | _ASKING or low[place] in _ASKING or low[place + 1] not in _PRONOUN:
        return False
    return low[place + 1] not in ("it", "that", "this") or SAID.detail.search(" ".join(clause)) is None


def _wish(low: list[str], place: int) -> bool:
    three = low[place : place + 3]
    if three == [
        "just",
        "tell",
        "me",
    ]:  # "forget the table just tell me what the risotto is", unlike "can you just ..."
        return not any(word in _AUXILIARY or word == "you" for word in low[max(0, place - 3) : place])
    if three[0] in ("i'd", "we'd") and three[1:2] in (["like"], ["love"]):
        return three[2:3] in (["to"], ["a"], ["another"], ["one"])
    if three[0] in ("i", "we") and three[1:2] in (["want"], ["need"]):
        return three[2:3] in (["to"], ["a"], ["another"], ["table"])
    return three[0] in ("book", "reserve", "put") and three[1:2] in (["us"], ["me"])


def _complete(clause: list[str]) -> bool:
    """Say whether words say something by themselves: they have a verb, or name a detail of a booking."""
    own = [word for word in clause if word not in _FILLERS]
    condition = len(own) > 1 and own[0] in _CONDITION and own[1] not in _AUXILIARY
    if len(own) < (3 if own and own[0] in _AUXILIARY | _ASKING else 2) or condition:
        return False
    finite = any("'" in word or word in _AUXILIARY | _NOT | _VERBS for word in own)
    return finite or any(one in _SUBJECT for one in own[:-1]) or SAID.detail.search(" ".join(own)) is not None


def _awaits(clause: list[str]) -> bool:
    """Say whether a question word of a clause still waits for its verb: "what kind of wine" - "do you have"."""
    last = max((place for place, word in enumerate(clause) if word in _ASKING and "'" not in word), default=None)
    if last is None:
        return False
    after = clause[last + 1 :]
    return not any(word in _AUXILIARY | _NOT or "'" in word for word in after) and after[:1] != ["about"]
