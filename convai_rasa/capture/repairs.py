"""What a person says of a value that was read back: "no, not F, S", "the last digit is a nine", "two Ls".

A repair changes the part that it names, or says the whole value once more; where it fits several places, or none, there
is none.
"""

from __future__ import annotations

import difflib
import re

from convai_rasa.capture.email_addresses import PROVIDERS
from convai_rasa.capture.pieces import Sort, alike
from convai_rasa.capture.said_names import written
from convai_rasa.capture.said_value import Captured, characters, read, spelling_in, trimmed
from convai_rasa.capture.settling import pieces_of
from convai_rasa.capture.tokens import Token, split
from convai_rasa.languages import Spelling

# Of the value's length: what is as long says all of it. A name is never said in part, and an address has an @.
_WHOLE = {"phone": 0.9, "email": 1.0, "name": 0.0, "date": 0.0, "number": 0.6, "spelled": 0.6, "postcode": 0.6}
_MOST_REPLACED = 0.34  # of a part that is said again: what differs
_FEWEST_AGAIN = 2  # characters that say where they belong
_LONGEST_REMARK = 2  # letters of "with a Z", "with P H"
_SAME_LOCAL = 0.75  # similarity from which letters that are said again are all of what stands before the @


def repair(before: Captured, text: str, *, language: str = "en") -> Captured | None:
    """Return the value that somebody means who says a text when another one, ``before``, was read back.

    It may be the same one, if that is what was said; None where nothing can be made of the words.
    """
    spelling = spelling_in(language)
    tokens = trimmed(split(text), spelling)
    if not tokens or len(tokens) > 200:
        return None
    low = [token.low for token in tokens]
    for reading in (_instead, _at_place, _ends_with, _as_often, _with_or_without):  # the surest first
        checked = _checked(before, reading(before.value, tokens, low, spelling))
        if checked:
            return checked
    if _first(low, "not", spelling)[1] or _remark(tokens, low, spelling):
        return None
    part = _said(tokens, spelling)
    if part and len(part) < _WHOLE[before.kind] * len(before.value):
        put_in = _said_again(before.value, part) or _local_again(before, part)
        return _checked(before, put_in) if put_in else None
    whole = read(before.kind, text, language=language)
    if whole and before.kind == "phone" and before.value[0] != "0" and whole.value.startswith(f"0{before.value[0]}"):
        return read(before.kind, whole.value[1:])  # a "no" that was heard as "oh"
    if whole and before.kind == "email":
        return Captured(_with_what_was_right(before.value, whole.value), before.kind, whole.spelled)
    return whole


def _with_what_was_right(before: str, now: str) -> str:
    """Keep the signs and the provider of an address that was said again for the sake of its letters."""
    old, _, old_domain = before.partition("@")
    new, _, domain = now.partition("@")
    letters = re.sub("[^a-z0-9]", "", old)
    if letters == re.sub("[^a-z0-9]", "", new):
        return now  # so it was for these
    if new.isalnum() and len(letters) == len(new):
        said = iter(new)
        new = "".join(next(said) if sign.isalnum() else sign for sign in old)
    known = old_domain.partition(".")[0] in PROVIDERS and domain.partition(".")[0] not in PROVIDERS
    return f"{new}@{old_domain if known else domain}"


def _checked(before: Captured, changed: str | None) -> Captured | None:
    """Return a changed value, as its kind writes it, if it can be one."""
    if not changed:
        return None
    if before.kind == "name":
        return Captured(changed[:1].upper() + changed[1:], "name", True)
    again = read(before.kind, changed if before.kind != "spelled" else " ".join(changed))
    return Captured(again.value, before.kind, True) if again else None


def _said(tokens: list[Token], spelling: Spelling) -> str:
    """Return the characters of words that say nothing else, in lower case; empty where there is more."""
    return (characters(pieces_of(tokens, spelling, codes=True)) or "").lower()


def _instead(value: str, tokens: list[Token], low: list[str], spelling: Spelling) -> str | None:
    """Read "not F, S", "S like Sam, not F", "yahoo instead of gmail"."""
    place, length = _first(low, "not", spelling)
    if not length:
        return None
    before, after = tokens[:place], trimmed(tokens[place + length :], spelling)
    wrong, right = _parted(after, spelling) if not before else (after, before)
    if not right or not wrong:
        return None
    old, new = _said(wrong, spelling), _said(right, spelling)
    if old and new:
        return _replaced(value, old, new)
    old, new = (re.sub(r"[^\w.@+-]", "", "".join(token.low for token in part)) for part in (wrong, right))
    return value.lower().replace(old, new) if value.lower().count(old) == 1 else None


def _parted(tokens: list[Token], spelling: Spelling) -> tuple[list[Token], list[Token]]:
    """Part "F but S" and "F S" in what is wrong and what is right."""
    low = [token.low for token in tokens]
    place, length = _first(low, "but", spelling)
    if length and place:
        return tokens[:place], tokens[place + length :]
    pieces = [piece for piece in pieces_of(tokens, spelling, codes=True) if piece.sort is not Sort.NOTHING]
    if not pieces or not pieces[0].text:
        return [], []
    for cut in range(1, len(tokens)):
        if _said(tokens[:cut], spelling) == pieces[0].text.lower():
            return tokens[:cut], tokens[cut:]
    return tokens[:1], tokens[1:]


def _replaced(value: str, old: str, new: str) -> str | None:
    """Put characters in the place of others, which may have been heard as ones that sound alike."""
    low = value.lower()
    if old != new and low.count(old) == 1:
        return _with(value, low.index(old), len(old), new)
    if len(old) == 1 and len(new) == 1 and old not in low:
        near = [place for place, sign in enumerate(low) if alike(sign, old) or alike(sign, new)]
        near = [place for place in near if low[place] != new]
        return _with(value, near[0], 1, new) if len(near) == 1 else None
    return None  # there are several, and which of them is not said


def _with(value: str, place: int, length: int, new: str) -> str:
    was = value[place : place + length]
    new = new.upper() if was.isupper() or value.isupper() else new
    return value[:place] + new + value[place + length :]


def _at_place(value: str, tokens: list[Token], low: list[str], spelling: Spelling) -> str | None:
    """Read "the third letter is S as in Sam", "the last digit is a nine"."""
    places = [*enumerate(spelling.listed.get("place", ())), *((-1, last) for last in spelling.phrases.get("last", ()))]
    for start in range(min(2, len(low))):
        for index, phrase in places:
            length = len(phrase)
            if tuple(low[start : start + length]) != phrase:
                continue
            named = spelling.at("of_place", low, start + length)
            rest = trimmed(_without_is(tokens[start + length + named :], spelling), spelling)
            new = _said(rest, spelling)
            signs = [place for place, sign in enumerate(value) if sign.isalnum()]
            if value.count("@"):
                signs = [place for place in signs if place < value.index("@")]
            if named and len(new) == 1 and -len(signs) <= index < len(signs):
                return _with(value, signs[index], 1, new)
    return None


def _without_is(tokens: list[Token], spelling: Spelling) -> list[Token]:
    low = [token.low for token in tokens]
    while low and (length := spelling.at("is", low, 0)):
        tokens, low = tokens[length:], low[length:]
    return tokens


def _ends_with(value: str, tokens: list[Token], low: list[str], spelling: Spelling) -> str | None:
    """Read "the last four are 3 4 9 9", "it ends in 99", "it starts with 07"."""
    for role, at_end in (("ends", True), ("starts", False)):
        place, length = _first(low, role, spelling)
        if not length or place > 1:
            continue
        rest = tokens[place + length :]
        count, counted = _count(rest, spelling)
        new = _said(trimmed(_without_is(rest[counted:], spelling), spelling), spelling)
        if not new or len(new) >= len(value) or (counted and len(new) != count):
            continue
        return value[: -len(new)] + new if at_end else new + value[len(new) :]
    return None


def _count(tokens: list[Token], spelling: Spelling) -> tuple[int, int]:
    """Return how many are meant by "four digits are", and how many words say so; 0 where none do."""
    low = [token.low for token in tokens]
    number = (spelling.numbers.get(low[0]) or (int(low[0]) if low[0].isdecimal() else 0)) if low else 0
    named = spelling.at("of_place", low, 1) if number else 0
    return (number, 1 + named) if number and spelling.at("is", low, 1 + named) else (0, 0)


def _as_often(value: str, tokens: list[Token], low: list[str], spelling: Spelling) -> str | None:
    """Read "two Ls", "it's a double T", "only one L"."""
    once = spelling.at("only", low, 0)
    rest = tokens[once:]
    new = _said(_singular(rest), spelling)
    if once and len(new) == 1:
        doubled = [found.start() for found in re.finditer(re.escape(new) + "{2,}", value.lower())]
        return _with(value, doubled[0], 2, new) if len(doubled) == 1 else None
    pieces = [piece for piece in pieces_of(tokens, spelling, codes=True) if piece.sort is not Sort.NOTHING]
    text = pieces[0].text.lower() if len(pieces) == 1 else ""
    if len(text) in (2, 3) and len(set(text)) == 1 and pieces[0].sort in (Sort.LETTER, Sort.DIGIT):
        runs = [found for found in re.finditer(re.escape(text[0]) + "+", value.lower())]
        runs = [found for found in runs if len(found[0]) < len(text)]
        return _with(value, runs[0].start(), len(runs[0][0]), text) if len(runs) == 1 else None
    return None


def _singular(tokens: list[Token]) -> list[Token]:
    return [
        Token(token.raw[0], token.low[0], token.glued) if re.fullmatch(r"[a-z]'?s", token.low) else token
        for token in tokens
    ]


def _with_or_without(value: str, tokens: list[Token], low: list[str], spelling: Spelling) -> str | None:
    """Read "without the dot", "with a Y", "there is no H"."""
    remark = _remark(tokens, low, spelling)
    if remark is None:
        return None
    local, at, domain = value.partition("@")  # nothing is written differently behind it
    changed = written(local, remark[0], present=remark[1])
    return changed + at + domain if changed else None


def _remark(tokens: list[Token], low: list[str], spelling: Spelling) -> tuple[str, bool] | None:
    """Return the letters of "with a Z", and whether they are present; None where words are no such remark."""
    for role, present in (("without", False), ("with", True)):
        length = spelling.at(role, low, 0)
        letters = _said(tokens[length:], spelling) if length else ""
        if 0 < len(letters) <= _LONGEST_REMARK:
            return letters, present
    return None


def _local_again(before: Captured, part: str) -> str | None:
    """Put what was said again in the place of what stands before the @, if it resembles that and no part of it."""
    local, at, domain = before.value.partition("@")
    same = difflib.SequenceMatcher(None, local, part).ratio()
    return f"{part}@{domain}" if at and "@" not in part and same >= _SAME_LOCAL else None


def _said_again(value: str, part: str) -> str | None:
    """Put a part that was said again where it resembles the value most; None where it fits in several places."""
    low = value.lower()
    if len(part) < _FEWEST_AGAIN:
        return None
    differ = {
        place: sum(one != other for one, other in zip(low[place : place + len(part)], part, strict=True))
        for place in range(len(low) - len(part) + 1)
    }
    fewest = min(differ.values(), default=len(part))
    places = [place for place, count in differ.items() if count == fewest]
    if len(places) != 1 or fewest > _MOST_REPLACED * len(part):
        return None
    return _with(value, places[0], len(part), part)


def _first(low: list[str], role: str, spelling: Spelling) -> tuple[int, int]:
    """Return where the first phrase of a role begins and how many words it has, 0 where none is."""
    found = ((place, spelling.at(role, low, place)) for place in range(len(low)))
    return next((phrase for phrase in found if phrase[1]), (0, 0))
