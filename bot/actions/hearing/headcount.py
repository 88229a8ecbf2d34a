"""How many guests come where no number says it, and how many more or fewer than were noted.

"Me, my wife and her parents" are four; "one fewer", "two more are joining us", "the kids can't come" change a number.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path

from convai_rasa.nlu.values import read

from ..tables import Tables

_WORDS = Tables(Path(__file__).with_name("people.yml"))
RELATIVE = f"(?:{'|'.join(_WORDS['one'])})"
_PAIR = f"(?:{'|'.join(_WORDS['two'])})"
_PLURAL = f"(?:{'|'.join(_WORDS['several'])})"

_N = r"(?:\d{1,2}|(?:a )?couple(?: of)?|an?|one|two|three|four|five|six|seven|eight|nine|ten)"
_ONES = r"(?:my|our|his|her|their|your|a|an|one|another|the)"
_GUEST = rf"(?:{_PLURAL}|{RELATIVE}|person|guest|adult|seats?|chairs?|of us)"
_NO_GUEST = (
    r"(?! (?:high ?chair|booster|pram|buggy|stroller|cot|wheelchair|dog|cake|pushchair|thing|"
    r"time|question|minute|moment|second|hour|day|week|night|course|dish|dessert)s?\b)"
)
_MORE = re.compile(
    rf"^\W*(?:and|plus) (?:me|myself)\W*$|^\W*(?:oh )?plus (?:the|my|our|his|her) {RELATIVE}\W*$"
    rf"|\b{_N} (?:{_GUEST} )?(?:more|extra|additional)\b{_NO_GUEST}(?: {_GUEST})?|\banother(?: {_N})? {_GUEST}\b"
    rf"|\bplus {_N}\b{_NO_GUEST}|\badd(?:ing)? {_N}\W*$|\badd(?:ing)?(?: {_N}| another)(?: more| extra)? (?:{_GUEST}|"
    rf"place|place setting)",
    re.I,
)
_FEWER = re.compile(
    rf"\b{_N} (?:{_GUEST} )?(?:fewer|less)\b(?: {_GUEST})?|\bminus {_N}\b"
    rf"|\b(?:knock|take|drop|strike|cross|leave) {_N} (?:{_GUEST} )?(?:off|out|away)\b|\b(?:lost|lose|losing|"
    rf"short) {_N}\b",
    re.I,
)
_WHO = (
    rf"(?:{_N}(?= (?:can't|cannot|won't|couldn't|have (?:cancel|dropped|pulled))\b)|{_N} (?:of (?:us|them|our "
    rf"\w+|my \w+|the \w+)|{_GUEST})|"
    rf"(?:my|our|the|his|her|their) (?:\w+ )?(?:(?P<some>{_PAIR}|{_PLURAL})|(?P<one>{RELATIVE})))"
)
_ABSENT = re.compile(
    rf"\b{_WHO}(?:'s|'ve)?(?: (?!we\b|i\b|us\b|you\b|we'|i'|can\b|can't\b|would\b)[a-z']+){{0,6}}? (?:(?:really |"
    rf"probably |also |now |just |have |has |had |is |are |all |both )*"
    r"(?:(?:can't|cannot|can not|won't|couldn't|isn't|aren't|not|will not)(?: be)?(?: able to)? "
    r"(?:come|coming|make it|join|joining|there|going to make it)|cancell?ed|"
    r"(?:dropp?(?:ed|ing)?|pull(?:ed|ing)?|back(?:ed|ing)?|bail(?:ed|ing)?|cr(?:ied|ying)) (?:out|off)|bailed)"
    r"(?: on (?:me|us))?)\b",
    re.I,
)
_JOINS = re.compile(
    rf"\b{_WHO}(?:'s| is| are|'re| will be| will|'ll|'d| wants to| want to| would| would like to| like to| just said|"
    r" decided to)* (?:also )?(?:(?:coming|joining|come|join|tagging|tag)\b(?: along)?(?: on \w+)?"
    r"(?:,? (?:too|as well|us|with us|after all|along)))"
    rf"|\b(?:bringing|bring|brings|add|adding) (?:along )?(?:an?|my|our|his|her|their) (?:\w+ "
    rf")?(?P<brought>{RELATIVE})\b",
    re.I,
)
_CAN_COME = re.compile(
    rf"\b{_WHO} (?:can|is able to|are able to|could) (?:make it|come|join(?: us)?|be there)(?: too| as well)?"
    r"(?: after all)?\b",
    re.I,
)
# Who comes, one after the other: "me, my boyfriend and his mum", "the two of us plus a baby", "two adults two teens".
_NO_SELF = "".join(
    f"(?<!{verb} )"
    for verb in ("excuse", "tell", "let", "give", "call", "ring", "help", "ask", "show", "pardon", "phone")
)
_MEMBER = re.compile(
    rf"\b(?P<self>{_NO_SELF}me(?! (?:(?!{_ONES}\b|and\b|plus\b)\w+ )?{RELATIVE}\b)|i(?= (?:and|plus|with)\b|"
    rf"\W*$)|(?<=and )i|myself|"
    rf"my good self|us two|we two|"
    rf"him|himself|herself|her(?= (?:and|plus|with)\b|\W*$))\b(?!')"
    rf"|\b(?:(?:my|our|his|her|their|the|a|some|other|both) )*(?P<n>{_N}|both) (?:of (?:my|our) |other |more |"
    rf"young |little )?"
    rf"(?:(?P<couples>couples)|{_PLURAL}|{RELATIVE})\b"
    rf"|(?:\b(?:{_ONES}|both) (?:\w+ )?|(?<=\band )|(?<=\bplus )|(?<=\bwith ))(?P<pair>{_PAIR})\b"
    rf"|\b(?:the )?(?P<us>{_N}) of us\b|\b(?P<bare>{_N})(?= (?:plus|and) (?:an?|one|two) (?:\w+ )?(?:{RELATIVE}|"
    rf"{_PLURAL})\b)"
    rf"|\b(?P<couple>(?:a|the|one) couple)(?= (?:with|and|plus)\b)"
    rf"|\b{_ONES} (?:(?!{RELATIVE}\b)\w+ )?{RELATIVE}\b(?:'s {RELATIVE}\b)?"
    rf"|\b{RELATIVE}(?= (?:and|plus)\b)|(?:(?<=\band )|(?<=\bplus )){RELATIVE}\b"
    rf"|(?:(?<=plus )|(?<=and ))(?P<last>{_N})(?=\W*$)",
    re.I,
)
_ADULTS = re.compile(r"\b(?:adults|grown-?ups)$", re.I)
_BETWEEN = re.compile(
    r"[^\w#]*(?:(?:and the(?= \w+ of us)|and|plus|with|along|also|then|us|n|as well as|&|\+)[^\w#]+)*", re.I
)
# "My wife and I can't eat nuts" does not say how many come.
_SAYS_MORE = re.compile(
    r"(?:'ll|'d|'s| will| would)?\W*(?:both |all )?(?:is|are|can't|cannot|can not|don't|do not|have|has|need|"
    r"had|were)\b(?! coming)"
)
_COMES_WITH = re.compile(
    r"\b(?:(?:i|i'd|i'm|i'll|me)\b[^.?!]*\bwith|(?:i|he|she)(?:'d|'m| would| was| am)? "
    r"(?:(?:like|love|want|plan|hop|think)(?:s|ed|ning|ing)? (?:to|of)|going to) (?:take|taking|bring|bringing|"
    r"treat|treating|"
    r"invit(?:e|ing))) $",
    re.I,
)


def change_in_guests(text: str, before: Sequence[str] = ()) -> tuple[int, tuple[int, int]] | None:
    """Return the difference to the number that was noted, and the span of the words that say it.

    Args:
        text: what was said.
        before: what was said earlier, the latest last; it says how many the kids are.
    """
    for pattern, sign in ((_FEWER, -1), (_MORE, 1), (_ABSENT, -1), (_JOINS, 1), (_CAN_COME, 1)):
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
    members = list(_MEMBER.finditer(text))
    for place, first in enumerate(members):
        run = [first]
        for member in members[place + 1 :]:
            if not _BETWEEN.fullmatch(text[run[-1].end() : member.start()]):
                break
            if member["self"] and any(one["self"] for one in run):  # "you misheard me, I said Thursday"
                break
            run.append(member)
        if _SAYS_MORE.match(text, run[-1].end()):  # "two adults, two kids and the youngest'll need a high chair"
            run.pop()
        if not run:
            continue
        with_speaker = any(member["self"] or member["us"] or member["bare"] or member["couple"] for member in run)
        by_kind = with_speaker or sum(member["n"] is not None for member in run) > 1 or _ADULTS.search(first[0])
        couples = any(member["couples"] or member["couple"] for member in run)
        alone = not with_speaker and _COMES_WITH.search(text[: first.start()]) is not None
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
