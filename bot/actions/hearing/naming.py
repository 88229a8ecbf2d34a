"""The name a booking is under, as it is given: "it's for the Petersens", "under my boss's name, it's Klein"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from convai_rasa.capture import read

from .names import CORRECTING, NO_ANSWER, PUT_DOWN, SOMEBODYS, WRITTEN, plausible
from .renaming import in_place_of, told_instead
from .yes_no import is_plain_answer

_NOT_IN_NAMES = re.compile(
    r"\s*\b(?:of course|instead|rather|after all|though|if that's (?:ok|okay|all right))\b", re.I
)
_FAMILY = re.compile(r"\b(?:for|under|it's|it is|we're|we are|to) (?:the )(?=[^\W\d_]+s\b)|^the (?=[^\W\d_]+s$)", re.I)
# "My brother might come" tells who comes, not what he is called.
_CLAUSE = re.compile(
    r"(?:[^\W\d_]+ ){0,2}?(?:might|may|must|should|can|can't|cannot|could|couldn't|would|wouldn't|will|won't|is|"
    r"isn't|was|"
    r"has|had|wants?|needs?|comes?|came|coming|joins?|joining|says?|said|thinks?|likes?|loves?|decided|just|"
    r"also|too)\b",
    re.I,
)
_FIRST_AND_LAST = re.compile(
    r"\bfirst name(?:'s| is)? (?P<first>[^\W\d_]+)\W+(?:and )?(?:the )?(?:last|sur|family|second) ?name(?:'s|"
    r" is)? (?P<last>[^\W\d_]+)",
    re.I,
)
_BEFORE_MORE = re.compile(
    r"(?P<name>[^\W\d_]+(?:['-][^\W\d_]+)?(?: [^\W\d_]+(?:['-][^\W\d_]+)?)??),?\s+(?:and|but|if|as|same|party|"
    r"that's|that|is|are|do|"
    r"does|can|could|have|thanks|thank|ta|cheers|please|i|we|with|for|then|or|will|would|by|though|my|like|what|"
    r"how|where|when)\b(?!'t)",
    re.I,
)
_BOOKED_FOR = re.compile(
    r"\b(?:(?:booked|reserved|booking|reservation|table) (?:is |was |is under |was under )?(?:for|as|by)|under|"
    r"(?:still )?(?:there|on|in the book|booked) (?:for|under)|"
    r"(?:table|tables|booking|bookings|reservation|reservations)(?: \w+){0,4} as) "
    r"(?:the )?(?=[^\W\d_]{2})",
    re.I,
)
# "See if Ellison is still down for Saturday".
_IS_DOWN = re.compile(
    r"\b(?:if|whether|that|is) (?P<name>[^\W\d_]{2,}(?: [^\W\d_]{2,})??)(?: is| are|'s)?(?: still|"
    r" already)* (?:down|booked|in the book|"
    r"on the list|there|expected|coming)\b",
    re.I,
)
_FOR_AT_THE_END = re.compile(
    r"\b(?:for|as|by) (?P<name>[^\W\d_]{2,}(?: [^\W\d_]{2,})?)(?:,? (?:please|thanks))?\W*$", re.I
)
_SPEAKING = re.compile(
    r"(?:\b(?:it's|it is|this is|i'm|i am)|^\W*(?:(?:hi|hello|hey|good morning|good evening|good afternoon)\W+)?"
    r"(?!(?:we|i|you|they|i'm|we're|and|or|are|is|be|from|in|over|out|right|up|get|got|come|came)\b)) ?"
    r"(?P<name>[^\W\d_]+(?: [^\W\d_]+){0,2}?) (?:here|speaking|calling)\b",
    re.I,
)
# "Jones will do", "Jones is fine".
_TITLED_SPEAKS = re.compile(
    r"\b(?:it's|this is|i'm|i am|name is|my name's) (?P<name>(?:mr|mrs|ms|miss|doctor|dr|"
    r"professor)\.? [^\W\d_]{2,}(?:-[^\W\d_]+)?)",
    re.I,
)
_WILL_DO = re.compile(
    r"^(?:\W*(?:um|uh|erm?|oh|well|just)\b)*\W*(?P<name>[^\W\d_]+(?: [^\W\d_]+)?) (?:will|'ll|would|should) do\W*$",
    re.I,
)
_COUPLE = re.compile(r"\b(?:mr|mister) and (?:mrs|ms|mr) (?=[^\W\d_])", re.I)
# "Look, I don't want to talk to a computer": what somebody wants to do is no name.
# A verb follows "to" after anything but what a name is given, written or changed to ("change it to Klein").
_INFINITIVE = re.compile(
    r"(?<![\w'])(?!(?:it|that|this|name|one|booking|table|reservation|back|over|round|along|belongs?|listen|talk|speak|spoke|"
    r"going|come|coming|goes|went|moved?|switch|change|changed|thanks|due|next|according|similar|is|was|be|so|or|and|"
    r"us|me|you)\b)(?:\b[a-z']+|#) to (?!(?:be|the|my|our|his|her|their|a|an|mr|mrs|ms|miss|dr)\b)[a-z]+"
    r"(?: (?:myself|yourself|himself|herself|ourselves|themselves|everyone|everybody|it|them|him|her|us|me|you|this|"
    r"that)(?!'))?\b"
    r"|\b(?:going|happy|nice|back|so|us|me|you|is|was|it's|that's|come|coming|went|due|speak|talk) to (?!be\b)"
    r"(?:ask|call|check|come|count|do|eat|find|get|give|go|have|know|look|make|phone|ring|rush|say|see|speak|talk|tell|"
    r"think|wait|bother|celebrate|let|put|take|hear)\b",
    re.I,
)
# "Double barrelled, Smith hyphen Jones", "McDonald capital D", "'tis Murphy".
_HYPHEN = re.compile(r"\b([^\W\d_]{2,}) (?:hyphen|dash) ([^\W\d_]{2,})", re.I)
_HOW_WRITTEN = re.compile(
    r"\bdouble[- ]barrell?ed,? |,? (?:with a )?(?:capital|big|small) [a-z](?=\W*$)|\bhyphenated\W|^'?tis (?=\w)", re.I
)
_MINE = re.compile(
    r"\b(?:(?:it's|it is|put it|just|use|under|in) )*(?<!of )mine(?:'s)?(?: then| please)?[\s,]+(?:(?:and )?"
    r"(?:that's|that is|it's|it is|which is|so|i'm)\s+)?(?=[^\W\d_])",
    re.I,
)
_WILL_BE = re.compile(
    r"\b(?:that|it)(?:(?:'d|'ll| would| will)(?: probably)? be|(?:'s| is) (?:going to|gonna) be)(?= [^\W\d_])", re.I
)
# "N g u y e n and I'm after a table": "I" is no letter of it.
_SPELLED_AND = re.compile(r"\b([a-z](?:[ -][a-z]){2,} (?:and|so|but|for|as)) i\b", re.I)
_TITLED = re.compile(
    r"\b(?:mr|mrs|ms|miss|mister|doctor|dr|professor|prof|sir|madam|lady)\.? "
    r"(?P<name>[^\W\d_]{2,}(?:[-'][^\W\d_]+)*)",
    re.I,
)
_LAST_OF_ALL = re.compile(
    r"(?:,|\.|\bplease,?|\bthanks,?)\s+(?:it's|it is|this is|i'm|i am|for|the name's|name)\s+"
    r"(?P<name>[^\W\d_]+(?:[ '-][^\W\d_]+){0,2})\W*$",
    re.I,
)


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
    text = _SPELLED_AND.sub(r"\1 we", _HYPHEN.sub(r"\1-\2", _HOW_WRITTEN.sub("", text)))
    text = re.sub(r"\bo apostrophe (?=\w)", "o'", _NOT_IN_NAMES.sub(",", text).strip(), flags=re.I)
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
        text = _MINE.sub("it's ", _WILL_BE.sub("it's", text))
        text = _COUPLE.sub("", _WILL_DO.sub(r"\g<name>", WRITTEN.sub("", _FAMILY.sub("", text))))
        for lead in (SOMEBODYS, PUT_DOWN):
            match = lead.search(text)
            if match is None or (lead is SOMEBODYS and not _introduces(match, text)):
                continue
            told = plausible(text[match.end() :], asked=True)
            if told:
                return told
    both = _FIRST_AND_LAST.search(text)
    if both:
        return plausible(f"{both['first']} {both['last']}", asked=True)
    text = _INFINITIVE.sub("#", _INFINITIVE.sub("#", text))  # "have to ask to change": the second begins in the first
    text = re.sub(r"^(\W*)(its|thats) ", r"\1it's ", text, flags=re.I)
    speaks = _SPEAKING.search(text) or _TITLED_SPEAKS.search(text)
    found = plausible(speaks["name"], asked=True) if speaks else None
    found = found or plausible(text, asked=expected, people=people)
    ends = None if found else _LAST_OF_ALL.search(text)
    if ends and (ends["name"][0].isupper() or any(ends["name"].casefold() == one.casefold() for one in people)):
        found = plausible(ends["name"], asked=True)
    return found or _alone_between_commas(text, people) or (_at_the_beginning(text) if asked == "name" else None)


def _introduces(match: re.Match[str], text: str) -> bool:
    """Say whether "my dad's ..." tells a name: "it's my dad's, Novak" does, "tell them my dad's deaf" does not."""
    told = match.start() == 0 or re.search(r"\b(?:name|called|named|that's|it's|for|under|in)\b", match[0], re.I)
    return bool(told) and _CLAUSE.match(text[match.end() :]) is None


def _at_the_beginning(text: str) -> str | None:
    """Return the name that an answer begins with and says more after: "Duffy, do you have parking"."""
    said = _BEFORE_MORE.match(CORRECTING.sub("", text))
    if said is None or any(word.lower() in NO_ANSWER for word in said["name"].split()):
        return None
    return plausible(said["name"], asked=True)


def booked_under(text: str) -> str | None:
    """Return the name that a booking to be found is under: "it was booked for Novotny"."""
    match = _BOOKED_FOR.search(text)
    found = plausible(text[match.end() :].split(" on ")[0], asked=True, cut=True) if match else None
    if found is None and (ends := _FOR_AT_THE_END.search(text)):
        found = plausible(ends["name"], asked=True)
    if found is None and (down := _IS_DOWN.search(text)):
        found = plausible(down["name"], asked=True)
    titled = None if found else _TITLED.search(text)
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
