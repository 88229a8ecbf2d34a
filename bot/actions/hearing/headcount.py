"""How many guests come where no number says it, and how many more or fewer than were noted.

"Me, my wife and her parents" are four; "one fewer", "two more are joining us", "the kids can't come" change a number.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path

from phrases import Phrases

from convai_rasa.nlu.values import read

from ..tables import Tables

_WORDS = Tables(Path(__file__).with_name("people.yml"))
RELATIVE = f"(?:{'|'.join(_WORDS['one'])})"
_PAIR = f"(?:{'|'.join(_WORDS['two'])})"
_PLURAL = f"(?:{'|'.join(_WORDS['several'])})"

_N = r"(?:\d{1,2}|(?:a )?couple(?: of)?|an?|one|two|three|four|five|six|seven|eight|nine|ten)"
# Who comes, one after the other: "me, my boyfriend and his mum", "the two of us plus a baby", "two adults two teens".
_NO_SELF = "".join(
    f"(?<!{verb} )"
    for verb in ("excuse", "tell", "let", "give", "call", "ring", "help", "ask", "show", "pardon", "phone")
)
SAID = Phrases(__file__, relative=RELATIVE, n=_N, no_self=_NO_SELF, plural=_PLURAL, pair=_PAIR)


def change_in_guests(text: str, before: Sequence[str] = ()) -> tuple[int, tuple[int, int]] | None:
    """Return the difference to the number that was noted, and the span of the words that say it.

    Args:
        text: what was said.
        before: what was said earlier, the latest last; it says how many the kids are.
    """
    for pattern, sign in (
        (SAID.fewer, -1),
        (SAID.more, 1),
        (SAID.absent, -1),
        (SAID.joins, 1),
        (SAID.can_come, 1),
    ):
        match = pattern.search(text)
        guests = _how_many(match, before) if match else None
        if match and guests:
            return sign * guests, match.span()
    return None


def company(text: str, *, answers: bool = False) -> tuple[int, tuple[int, int]] | None:
    """Return how many come, and the span of the words, where they are told one by one.

    The speaker is among them ("me and my sister"), brings them ("I want to come with two friends"), or they are
    counted by their kind ("three adults and two children").

    Args:
        text: what was said.
        answers: it answers how many come, so that "my wife and two kids" leaves the speaker to be added.
    """
    members = list(SAID.member.finditer(text))
    for place, first in enumerate(members):
        run = [first]
        for member in members[place + 1 :]:
            if not SAID.between.fullmatch(text[run[-1].end() : member.start()]):
                break
            if member["self"] and any(one["self"] for one in run):  # "you misheard me, I said Thursday"
                break
            run.append(member)
        if SAID.says_more.match(text, run[-1].end()):  # "two adults, two kids and the youngest'll need a high chair"
            run.pop()
        if not run:
            continue
        with_speaker = any(member["self"] or member["us"] or member["bare"] or member["couple"] for member in run)
        by_kind = with_speaker or sum(member["n"] is not None for member in run) > 1 or SAID.adults.search(first[0])
        couples = any(member["couples"] or member["couple"] for member in run)
        alone = not with_speaker and SAID.comes_with.search(text[: first.start()]) is not None
        alone = alone and re.search(rf"\b{_N} with $", text[: first.start()], re.I) is None  # "six with my niece"
        alone = alone or (answers and not with_speaker and first[0].lower().startswith("my "))
        if not (alone or couples or (by_kind and len(run) > 1)):
            continue
        counts = [_count(member) for member in run]
        if all(counts):
            return sum(count or 0 for count in counts) + alone, (run[0].start(), run[-1].end())
    return None


def _count(member: re.Match[str]) -> int | None:
    if member["self"]:
        return 2 if "two" in member["self"].lower() else 1
    if member["pair"] or member["couple"]:
        return 2
    said = member["n"] or member["us"] or member["bare"] or member["last"]
    if said is None:
        return 1
    number = 2 if said.lower() == "both" else _number(said.lower())
    return number * 2 if number and member["couples"] else number


def _how_many(match: re.Match[str], before: Sequence[str]) -> int | None:
    groups = match.groupdict()
    some = (groups.get("some") or "").lower()
    if some:
        return 2 if re.fullmatch(_PAIR, some) else _named_before(some, before)
    said = None if groups.get("one") or groups.get("brought") else re.search(rf"\b{_N}\b", match[0].lower())
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
