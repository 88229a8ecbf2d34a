"""How many more or fewer guests come than were noted: "one fewer", "two more are joining us", "the kids can't come"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from convai_rasa.nlu.values import read

_N = r"(?:\d{1,2}|(?:a )?couple(?: of)?|an?|one|two|three|four|five|six|seven|eight|nine|ten)"
_GUEST = r"(?:people|persons?|guests?|adults?|kids?|child(?:ren)?|friends?|colleagues?|seats?|chairs?|of us)"
_NO_GUEST = r"(?! (?:thing|time|question|minute|moment|second|hour|day|week|night|course|dish|dessert)s?\b)"
_MORE = re.compile(
    rf"\b{_N} (?:{_GUEST} )?(?:more|extra|additional)\b{_NO_GUEST}(?: {_GUEST})?|\banother(?: {_N})? {_GUEST}\b"
    rf"|\bplus {_N}\b{_NO_GUEST}",
    re.I,
)
_FEWER = re.compile(rf"\b{_N} (?:{_GUEST} )?(?:fewer|less)\b(?: {_GUEST})?|\bminus {_N}\b", re.I)
_RELATIVE = (
    r"(?:brother|sister|wife|husband|partner|mother|father|mum|mom|dad|son|daughter|friend|cousin|uncle|aunt|boss|"
    r"boyfriend|girlfriend|colleague|grandmother|grandfather|grandma|grandpa|kid|child|baby)"
)
_SOME = r"(?:kids|children|boys|girls|parents|grandparents|in-laws|friends|colleagues)"
_WHO = rf"(?:{_N} of (?:us|them|our \w+)|(?:my|our|the|his|her) (?:\w+ )?(?:(?P<one>{_RELATIVE})|(?P<some>{_SOME})))"
_ABSENT = re.compile(
    rf"\b{_WHO} (?:(?:really |probably |also )?(?:can't|cannot|can not|won't|couldn't|isn't|aren't|is not|are not|will "
    r"not)(?: be)?(?: able to)? (?:come|coming|make it|join|joining)|(?:has|have|had) (?:canceled|cancelled)|"
    r"(?:has|have) dropped out)\b",
    re.I,
)
_JOINS = re.compile(
    rf"\b{_WHO}(?:'s| is| are|'re| will be| will|'ll| wants to| want to) (?:also )?"
    r"(?:(?:coming|joining|come|join)\b(?: along)?(?:,? (?:too|as well|us|with us|after all)))",
    re.I,
)
_PAIRS = ("parents", "grandparents", "in-laws")


def change_in_guests(text: str, before: Sequence[str] = ()) -> tuple[int, tuple[int, int]] | None:
    """Return the difference to the number that was noted, and the span of the words that say it.

    Args:
        text: what was said.
        before: what was said earlier, the latest last; it says how many the kids are.
    """
    for pattern, sign in ((_FEWER, -1), (_MORE, 1), (_ABSENT, -1), (_JOINS, 1)):
        match = pattern.search(text)
        guests = _how_many(match, before) if match else None
        if match and guests:
            return sign * guests, match.span()
    return None


def _how_many(match: re.Match[str], before: Sequence[str]) -> int | None:
    groups = match.groupdict()
    some = (groups.get("some") or "").lower()
    if some:
        return 2 if some in _PAIRS else _named_before(some, before)
    said = None if groups.get("one") else re.search(rf"\b{_N}\b", match[0].lower())
    return _number(said[0]) if said else 1  # "another person", "my brother"


def _named_before(some: str, before: Sequence[str]) -> int | None:
    words = "kids|children" if some in ("kids", "children") else some
    for text in reversed(before):
        match = re.search(rf"\b(?P<n>{_N}) (?:{words})\b", text, re.I)
        if match:
            return _number(match["n"].lower())
    return None


def _number(word: str) -> int | None:
    if word in ("a", "an", "one"):
        return 1
    if "couple" in word:
        return 2
    value = read(word, "number", reference=dt.datetime.min)
    return int(value.value) if value is not None and isinstance(value.value, (int, float)) else None
