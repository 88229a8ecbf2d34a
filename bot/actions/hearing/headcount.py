"""How many guests come where no number says it, and how many more or fewer than were noted.

"Me, my wife and her parents" are four; "one fewer", "two more are joining us", "the kids can't come" change a number.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from convai_rasa.nlu.values import read

_N = r"(?:\d{1,2}|(?:a )?couple(?: of)?|an?|one|two|three|four|five|six|seven|eight|nine|ten)"
_GUEST = r"(?:people|persons?|guests?|adults?|kids?|child(?:ren)?|friends?|colleagues?|seats?|chairs?|of us)"
_NO_GUEST = (
    r"(?! (?:high ?chair|booster|pram|buggy|stroller|cot|wheelchair|dog|cake|pushchair|thing|"
    r"time|question|minute|moment|second|hour|day|week|night|course|dish|dessert)s?\b)"
)
_MORE = re.compile(
    rf"\b{_N} (?:{_GUEST} )?(?:more|extra|additional)\b{_NO_GUEST}(?: {_GUEST})?|\banother(?: {_N})? {_GUEST}\b"
    rf"|\bplus {_N}\b{_NO_GUEST}|\badd(?:ing)? {_N}\W*$|\badd(?:ing)?(?: {_N}| another)(?: more| extra)? (?:{_GUEST}|"
    rf"place|place setting)",
    re.I,
)
_FEWER = re.compile(rf"\b{_N} (?:{_GUEST} )?(?:fewer|less)\b(?: {_GUEST})?|\bminus {_N}\b", re.I)
RELATIVE = (
    r"(?:brother|sister|wife|husband|partner|mother|father|mum|mom|mummy|dad|son|daughter|friend|cousin|uncle|aunt|"
    r"auntie|boss|boyfriend|girlfriend|fianc\u00e9e?|fiancee?|colleague|coworker|grandmother|grandfather|grandma|"
    r"grandpa|granny|nan|gran|niece|nephew|neighbou?r|mate|flatmate|roommate|(?:mother|father|sister|brother|son|"
    r"daughter)-in-law|client|kid|child|baby|toddler|boy|girl)"
)
_SOME = r"(?:kids|children|boys|girls|parents|grandparents|in-laws|friends|colleagues)"
_WHO = (
    rf"(?:{_N}(?= (?:can't|cannot|won't|couldn't|have (?:cancel|dropped|pulled))\b)|{_N} (?:of (?:us|them|our "
    rf"\w+|my \w+|the \w+)|{_GUEST})|"
    rf"(?:my|our|the|his|her|their) (?:\w+ )?(?:(?P<one>{RELATIVE})|(?P<some>{_SOME})))"
)
_ABSENT = re.compile(
    rf"\b{_WHO}(?:'s|'ve)?(?: (?!we\b|i\b|us\b|you\b|we'|i'|can\b|can't\b|would\b)[a-z']+){{0,6}}? (?:(?:really |"
    rf"probably |also |now |just |have |has |had |is |are |all |both )*"
    r"(?:(?:can't|cannot|can not|won't|couldn't|isn't|aren't|not|will not)(?: be)?(?: able to)? "
    r"(?:come|coming|make it|join|joining|there|going to make it)|cancell?ed|dropped out|pulled out|backed out|"
    r"bailed|"
    r"dropping out)(?: on (?:me|us))?)\b",
    re.I,
)
_JOINS = re.compile(
    rf"\b{_WHO}(?:'s| is| are|'re| will be| will|'ll|'d| wants to| want to| would| would like to| like to| just said|"
    r" decided to)* (?:also )?(?:(?:coming|joining|come|join)\b(?: along)?(?: on \w+)?"
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
_PAIRS = ("parents", "grandparents", "in-laws")
# Who comes, one after the other: "me, my boyfriend and his mum", "the two of us plus a baby".
_PLURAL = (
    r"(?:people|persons|guests|adults|grown-?ups|kids|children|little ones|boys|girls|friends|mates|colleagues|"
    r"coworkers|cousins|brothers|sisters|sons|daughters|babies|toddlers|others|clients|pals)"
)
_MEMBER = re.compile(
    rf"\b(?P<self>me|i(?= (?:and|plus|with)\b|\W*$)|(?<=and )i|myself|us two|we two|"
    rf"him|himself|herself|her(?= (?:and|plus|with)\b))\b(?!')"
    rf"|\b(?:my|our|his|her|their|the|both|a|an|one|another) (?:\w+ )?(?P<pair>{'|'.join(_PAIRS)})\b"
    rf"|\b(?:(?:my|our|his|her|their) )?(?P<n>{_N}|both) (?:of (?:my|our) |other |more |young |little )?{_PLURAL}\b"
    rf"|\b(?:the )?(?P<us>{_N}) of us\b|\b(?P<bare>{_N})(?= (?:plus|and) (?:an?|one|two) (?:\w+ )?(?:{RELATIVE}|"
    rf"{_PLURAL})\b)"
    rf"|\b(?:my|our|his|her|their|a|an|one|another|the) (?:\w+ )?{RELATIVE}\b(?:'s {RELATIVE}\b)?",
    re.I,
)
_BETWEEN = re.compile(r"\W*(?:(?:and the(?= \w+ of us)|and|plus|with|along|also|then|us|n|as well as|&|\+)\W+)*", re.I)
# "My wife and I can't eat nuts" does not say how many come.
_SAYS_MORE = re.compile(
    r"\W*(?:both |all )?(?:is|are|can't|cannot|can not|don't|do not|have|has|need|had|were)\b(?! coming)"
)
_COMES_WITH = re.compile(
    r"\b(?:(?:i|i'd|i'm|i'll|me)\b[^.?!]*\bwith|(?:i|he|she)(?:'d| would)? (?:like|love|want)s? to (?:take|"
    r"bring|treat|"
    r"invite)) $",
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


def company(text: str) -> tuple[int, tuple[int, int]] | None:
    """Return how many come, and the span of the words, where they are told one by one with the speaker among them."""
    members = list(_MEMBER.finditer(text))
    for place, first in enumerate(members):
        run = [first]
        for member in members[place + 1 :]:
            if not _BETWEEN.fullmatch(text[run[-1].end() : member.start()]):
                break
            if member["self"] and any(one["self"] for one in run):  # "you misheard me, I said Thursday"
                break
            run.append(member)
        with_speaker = any(member["self"] or member["us"] or member["bare"] for member in run)
        alone = not with_speaker and _COMES_WITH.search(text[: first.start()]) is not None
        alone = alone and re.search(rf"\b{_N} with $", text[: first.start()], re.I) is None  # "six with my niece"
        if not (alone or (with_speaker and len(run) > 1)) or _SAYS_MORE.match(text, run[-1].end()):
            continue
        counts = [_count(member) for member in run]
        if all(counts):
            return sum(count or 0 for count in counts) + alone, (run[0].start(), run[-1].end())
    return None


def _count(member: re.Match[str]) -> int | None:
    if member["self"]:
        return 2 if "two" in member["self"].lower() else 1
    if member["pair"]:
        return 2
    said = member["n"] or member["us"] or member["bare"]
    if said is None:
        return 1
    return 2 if said.lower() == "both" else _number(said.lower())


def _how_many(match: re.Match[str], before: Sequence[str]) -> int | None:
    groups = match.groupdict()
    some = (groups.get("some") or "").lower()
    if some:
        return 2 if some in _PAIRS else _named_before(some, before)
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
