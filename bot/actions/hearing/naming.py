"""The name a booking is under, as it is given: "it's for the Petersens", "under my boss's name, it's Klein"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from phrases import Phrases

from convai_rasa.capture import read

from .names import CORRECTING, NO_ANSWER, PUT_DOWN, SOMEBODYS, WRITTEN, plausible
from .renaming import in_place_of, told_instead
from .yes_no import is_plain_answer

SAID = Phrases(__file__)


def read_name(text: str, *, asked: str | None, people: Sequence[str] = (), noted: str | None = None) -> str | None:
    """Return the name in an utterance: "it's for the Petersens", "under my husband's name instead, it's Peter".

    Args:
        text: as typed or recognized.
        asked: the slot the speaker was just asked for.
        people: names the entity extractor saw, used as hints only.
        noted: the name noted before, which another may take the place of.
    """
    if is_plain_answer(text):
        return None
    text = text.replace("\u2019", "'").strip()
    spelled = read("name", CORRECTING.sub("", text)) if asked == "name" else None
    if spelled is not None and spelled.spelled:
        return spelled.value
    other = told_instead(text, noted) if noted else None
    if other:
        return other
    text = SAID.spelled_and.sub(r"\1 we", SAID.hyphen.sub(r"\1-\2", SAID.how_written.sub("", text)))
    text = re.sub(r"\bo apostrophe (?=\w)", "o'", SAID.not_in_names.sub(",", text).strip(), flags=re.I)
    text = re.sub(
        r"\bname(?:'s|s)?(?:\s*[:=]\s*| of | is | (?:should|needs to|has to|must) be | )(?=[^\W\d_])",
        "name is ",
        text,
        flags=re.I,
    )
    spoken_of = noted is not None and re.search(r"\b(?:sur)?name\b", text, re.I) is not None
    expected = asked == "name" or spoken_of
    if noted:
        replaced = in_place_of(text, noted)
        if replaced:
            return replaced
    if expected:
        text = SAID.mine.sub("it's ", SAID.will_be.sub("it's", text))
        text = SAID.couple.sub("", SAID.will_do.sub(r"\g<name>", WRITTEN.sub("", SAID.family.sub("", text))))
        for lead in (SOMEBODYS, PUT_DOWN):
            match = lead.search(text)
            if match is None or (lead is SOMEBODYS and not _introduces(match, text)):
                continue
            told = plausible(text[match.end() :], asked=True)
            if told:
                return told
    both = SAID.first_and_last.search(text)
    if both:
        return plausible(f"{both['first']} {both['last']}", asked=True)
    text = SAID.infinitive.sub(
        "#", SAID.infinitive.sub("#", text)
    )  # "have to ask to change": the second begins in the first
    text = re.sub(r"^(\W*)(its|thats) ", r"\1it's ", text, flags=re.I)
    speaks = SAID.speaking.search(text) or SAID.titled_speaks.search(text)
    found = plausible(speaks["name"], asked=True) if speaks else None
    found = found or plausible(text, asked=expected, people=people)
    ends = None if found else SAID.last_of_all.search(text)
    if ends and (ends["name"][0].isupper() or any(ends["name"].casefold() == one.casefold() for one in people)):
        found = plausible(ends["name"], asked=True)
    return found or _alone_between_commas(text, people) or (_at_the_beginning(text) if asked == "name" else None)


def _introduces(match: re.Match[str], text: str) -> bool:
    """Say whether "my dad's ..." tells a name: "it's my dad's, Novak" does, "tell them my dad's deaf" does not."""
    told = match.start() == 0 or re.search(r"\b(?:name|called|named|that's|it's|for|under|in)\b", match[0], re.I)
    return bool(told) and SAID.clause.match(text[match.end() :]) is None


def _at_the_beginning(text: str) -> str | None:
    """Return the name that an answer begins with and says more after: "Duffy, do you have parking"."""
    said = SAID.before_more.match(CORRECTING.sub("", text))
    if said is None or any(word.lower() in NO_ANSWER for word in said["name"].split()):
        return None
    return plausible(said["name"], asked=True)


def booked_under(text: str) -> str | None:
    """Return the name that a booking to be found is under: "it was booked for Novotny"."""
    match = SAID.booked_for.search(text)
    found = plausible(text[match.end() :].split(" on ")[0], asked=True, cut=True) if match else None
    if found is None and (ends := SAID.for_at_the_end.search(text)):
        found = plausible(ends["name"], asked=True)
    if found is None and (down := SAID.is_down.search(text)):
        found = plausible(down["name"], asked=True)
    titled = None if found else SAID.titled.search(text)
    return plausible(titled["name"], asked=True) if titled else found


def _alone_between_commas(text: str, people: Sequence[str]) -> str | None:
    """Return the person who is a part of an enumeration: "a table for two, tomorrow, Smith"."""
    pieces = [piece.strip() for piece in re.split(r"[,.;]\s+", text.rstrip(" .!")) if piece.strip()]
    seen = {person.casefold() for person in people}
    named = next((piece for piece in pieces if piece.casefold() in seen), None)
    if named or len(pieces) < 2:
        return (plausible(named, asked=True) or named) if named else None
    last = pieces[-1]
    words = re.findall(r"[^\W\d_]+", last)
    if len(words) > 2 or not any(re.search(r"\d|\b(?:for|table|people|at|on|two|three|four)\b", one) for one in pieces):
        return None
    return plausible(last, asked=True)
