"""The name a booking is under, as it is given and as it is corrected: "not Baker, Barker", "under my boss's name"."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from convai_rasa.nlu.values import find_name

from .headcount import RELATIVE
from .yes_no import is_plain_answer

_ALIKE = 0.6  # of difflib: "Johnston" corrects "Johnson"
# How a name is written, and what stands around it when it is given or corrected.
_WRITTEN = re.compile(
    r",?\s+(?:spelled |spelt |written )?with(?:out)? (?:(?:an?|one|two|double|the|just) )*(?:[a-z]|double "
    r"[a-z])(?:'?s)?"
    r"(?: at the end| in the middle| in it| and not .*| not .*)?[.!]?$",
    re.I,
)
_ENDS_WITH = re.compile(
    r"^\W*(?:[a-z']+ ){0,4}(?:(?:spelled|spelt|written|it's|that's|but) )?with an? (?P<letter>[a-z]) (?:at the "
    r"end|on the end)\W*$",
    re.I,
)
_CORRECTING = re.compile(
    r"^\W*(?:(?:sorry|no|nope|oh|ah|wait|hang on|actually|um|uh|mm|well|it's|that's|it is|i said|i meant|i mean|but|"
    r"rather|yeah|yes|typo|correction|oops|whoops|my bad|my mistake|misspelled|misspelt|should be|should say|almost|"
    r"nearly|close|and|or|or better|better|please)\b\W*)+",
    re.I,
)
_NOT_IN_NAMES = re.compile(
    r"\s*\b(?:of course|instead|rather|after all|though|if that's (?:ok|okay|all right))\b", re.I
)
_FAMILY = re.compile(r"\b(?:for|under|it's|it is|we're|we are|to) (?:the )(?=[^\W\d_]+s\b)|^the (?=[^\W\d_]+s$)", re.I)
_SOMEBODYS = re.compile(
    rf"\b(?:(?:it's|it is|for|under|in|to) )*(?:my|our|his|her|the) (?:\w+(?:'s)? )?(?:{RELATIVE}|company|firm|"
    rf"group|team|"
    r"(?:sur|last |family |first |full |maiden |married |middle |birth )name)"
    r"(?:'s)?(?: (?:full |last |first )?name)?"
    r"(?:\s*(?:(?:would|could|will|can) you|if you (?:would|could|will|can)|instead|rather|actually|thanks|then|"
    r"please|'s|is|,|and|so|called|that's|it's|that is|which is|that would be|she's|he's|she "
    r"is|he is|"
    r"they're|called|named))*\s+(?=[^\W\d_])",
    re.I,
)
# "My brother might come" tells who comes, not what he is called.
_CLAUSE = re.compile(
    r"(?:[^\W\d_]+ ){0,2}?(?:might|may|must|should|can|can't|cannot|could|couldn't|would|wouldn't|will|won't|is|"
    r"isn't|was|"
    r"has|had|wants?|needs?|comes?|came|coming|joins?|joining|says?|said|thinks?|likes?|loves?|decided|just|also|too)\b",
    re.I,
)
_FINITE = frozenset(
    [
        "might",
        "must",
        "should",
        "shall",
        "ought",
        "come",
        "comes",
        "came",
        "coming",
        "joins",
        "joining",
        "wants",
        "brings",
        "says",
        "thinks",
    ]
)
# How one letter of a name is put right: "with a C, not a K", "it's a y instead of an i"; a name may come after it.
_LETTER = re.compile(
    r"^\W*(?:(?:no|sorry|oh|actually|it's|it is|that's|that is|but|spelled|spelt|written|please|should be|and)\b\W*)*"
    r"(?:with )?(?:(?:an?|the letter) )?(?P<new>[a-z])\b(?:'s)?\W*(?:please\W*)?"
    r"(?:(?:and |but )?(?:not|instead of|rather than) (?:with )?(?:(?:an?|the letter) )?(?P<old>[a-z])\b(?:'s)?\W*)?"
    r"(?:please\W*)?(?:so\W+)?(?P<rest>.*)$",
    re.I,
)
_SAME_SOUND = {"c": "k", "k": "c", "y": "i", "i": "y", "z": "s", "s": "z", "v": "w", "w": "v"}
_PUT_DOWN = re.compile(
    r"^\W*(?:(?:you can|could you|can you|please|just|let's) )*(?:put|write|note|book|stick|pop|make|call)"
    r"(?: (?:it|that|me|us|this|the (?:table|booking)))?(?: down| in)?(?: (?:as|under|for|to))? (?=[^\W\d_])",
    re.I,
)
_MEANT = re.compile(
    r"\b(?:i (?:meant|mean|said)|it's|it is|make (?:that|it)|no,?|rather|but)\s+(?P<name>[^\W\d_].*)$", re.I
)
_BOOKED_FOR = re.compile(
    r"\b(?:(?:booked|reserved|booking|reservation|table) (?:is |was |is under |was under )?(?:for|as|by)|under|"
    r"(?:still )?(?:there|on|in the book|booked) (?:for|under)|"
    r"(?:table|tables|booking|bookings|reservation|reservations)(?: \w+){0,4} as) "
    r"(?:the )?(?=[^\W\d_]{2})",
    re.I,
)
_SPEAKING = re.compile(
    r"(?:\b(?:it's|it is|this is|i'm|i am)|^\W*(?:(?:hi|hello|hey|good morning|good evening|good afternoon)\W+)?"
    r"(?!(?:we|i|you|they|i'm|we're|and|or|are|is|be|from|in|over|out|right|up|get|got|come|came)\b)) ?"
    r"(?P<name>[^\W\d_]+(?: [^\W\d_]+){0,2}?) (?:here|speaking|calling)\b",
    re.I,
)
_SAID = re.compile(r",?\s+i (?:said|meant|mean)\W*$", re.I)
# "Look, I don't want to talk to a computer": what somebody wants to do is no name.
_INFINITIVE = re.compile(
    r"\b(?:want|wants|wanted|like|love|need|needs|have|has|had|try|trying|going|able|hope|hoping|rather|"
    r"supposed|used|"
    r"prefer|got|ask|asked|possible|someone|somebody|anyone|anybody|person|human|chance|time|ready|happy|nice) "
    r"to (?!be\b)[a-z]+\b",
    re.I,
)
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
# What stands where a name could and is none.
_NO_NAME = frozenset(
    re.findall(
        r"\S+",
        """
        go ahead of course all both us you your his her our my the that this these those them it days week weekend
        time same other another different working leaving busy running free available able happy glad glued back away
        out in is isn't won't wait window outside inside terrace quiet high chair birthday anniversary vegan
        vegetarian gluten please thanks cheers ta possible asap ideally preferably dinner lunch brunch supper nothing
        else everyone everybody anyone four's two's kids children family friends work because so too also as at by
        him them us myself after before ill sick poorly unwell more less fewer
        later earlier enough urgent important fine cold raining late early nothing special
        already still really very quite about around roughly next now right only put down not
        """,
    )
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
    other = (_other_than(text, noted) or _respelled(text, noted)) if noted else None
    if other:
        return other
    text = _NOT_IN_NAMES.sub(",", text).strip()
    text = re.sub(
        r"\bname(?:'s|s)?(?:\s*[:=]\s*| of | is | (?:should|needs to|has to|must) be | )(?=[^\W\d_])",
        "name is ",
        text,
        flags=re.I,
    )
    spoken_of = noted is not None and re.search(r"\b(?:sur)?name\b", text, re.I) is not None
    expected = asked == "name" or spoken_of
    if noted:
        replaced = _in_place_of(text, noted)
        if replaced:
            return replaced
    if expected:
        text = _WRITTEN.sub("", _FAMILY.sub("", text))
        for lead in (_SOMEBODYS, _PUT_DOWN):
            match = lead.search(text)
            if match is None or (lead is _SOMEBODYS and _CLAUSE.match(text[match.end() :])):
                continue
            told = _plausible(text[match.end() :], asked=True)
            if told:
                return told
    text = _INFINITIVE.sub("#", text)
    speaks = _SPEAKING.search(text)
    found = _plausible(speaks["name"], asked=True) if speaks else None
    found = found or _plausible(text, asked=expected, people=people)
    ends = None if found else _LAST_OF_ALL.search(text)
    if ends and (ends["name"][0].isupper() or any(ends["name"].casefold() == one.casefold() for one in people)):
        found = _plausible(ends["name"], asked=True)
    return found or _alone_between_commas(text, people) or None


def booked_under(text: str) -> str | None:
    """Return the name that a booking to be found is under: "it was booked for Novotny"."""
    match = _BOOKED_FOR.search(text)
    found = _plausible(text[match.end() :].split(" on ")[0], asked=True, cut=True) if match else None
    titled = None if found else _TITLED.search(text)
    return _plausible(titled["name"], asked=True) if titled else found


def meant_name(text: str, noted: str) -> str | None:
    """Return the name that takes the place of another and is said to: "I meant Anna", "no, Johnston with a T"."""
    text = re.sub(r"(?:,?\s+(?:please|thanks|thank you))+\W*$", "", text.strip(), flags=re.I)
    text = _SAID.sub("", text)
    leads = (match for lead in (_MEANT, _SOMEBODYS, _PUT_DOWN) if (match := lead.search(text)))
    told = (
        _plausible(
            text[match.end("name") - len(match["name"]) :] if "name" in match.re.groupindex else text[match.end() :],
            asked=True,
        )
        for match in leads
    )
    found = next((name for name in told if name), None)
    if found is not None or is_plain_answer(text):
        return found
    ending = _ENDS_WITH.search(text)
    if ending:
        return f"{noted}{ending['letter'].lower()}"
    bare = _CORRECTING.sub("", text).strip(" *!.,")
    written = _WRITTEN.sub("", re.sub(r"^with an? [a-z] (?=[^\W\d_]{2})", "", bare, flags=re.I))
    found = _plausible(written, asked=True)
    return found if found and (_alike(found, noted) or written != bare) else None


def _respelled(text: str, noted: str) -> str | None:
    """Return the name with one letter put right: "with a c please, not a k" makes Catherine of Katherine."""
    said = _LETTER.match(text)
    if said is None or not (said["old"] or re.search(r"\bwith (?:an? )?[a-z]\b", text, re.I)):
        return None
    new = said["new"].lower()
    old = (said["old"] or _SAME_SOUND.get(new, "")).lower()
    rest = re.sub(r"(?:,?\s+(?:please|thanks|thank you))+\W*$", "", said["rest"], flags=re.I).strip(" .,!")
    if rest:
        name = _plausible(rest, asked=True)
        return name if name and new in name.casefold() and _alike(name.split()[-1], noted.split()[-1]) else None
    if not old or noted.casefold().count(old) != 1 or (said["old"] is None and new in noted.casefold()):
        return None
    place = noted.casefold().index(old)
    return f"{noted[:place]}{new.upper() if noted[place].isupper() else new}{noted[place + 1 :]}"


def sounds_like(name: str, noted: str) -> bool:
    """Say whether a name can only correct the one that was noted: "O'Hare" where "O'Hara" was understood."""
    return name != noted and _alike(name.split()[-1], noted.split()[-1])


def _other_than(text: str, noted: str) -> str | None:
    """Return the name that is told beside the noted one: "use Sophie instead of Baker", "change Baker to Klein"."""
    old = rf"(?:{re.escape(noted)}|{re.escape(noted.split()[-1])})"
    patterns = (
        rf"\b(?:change|replace|swap) {old} (?:to|with|for|by) (?P<name>[^\W\d_].*)",
        rf"(?:\b(?:use|put|take|say|make it|under|it's) )?(?P<name>\S+(?: \S+)?) (?:instead of|rather than|and not|"
        rf"not) {old}\b",
    )
    found = next((match for pattern in patterns if (match := re.search(pattern, text, re.I))), None)
    if found:
        return _plausible(re.sub(r"^(?:use|put|take|it|under|as) ", "", found["name"], flags=re.I), asked=True)
    whole = re.fullmatch(
        rf"\W*(?:it's |that's )?(?P<first>[^\W\d_]+) (?P<last>{old})(?: (?:actually|please|i said))?\W*", text, re.I
    )
    first = _plausible(whole["first"], asked=True) if whole else None
    return f"{first} {noted.split()[-1]}" if first else None


def _in_place_of(text: str, noted: str) -> str | None:
    """Return the name that sounds like the noted one and is not it: "not Baker, Barker", "it's Barker not Baker"."""
    if not re.search(rf"\b(?:{re.escape(noted)}|{re.escape(noted.split()[-1])})\b", text, re.I):
        return None
    rest = re.sub(rf"\b(?:{re.escape(noted)}|{re.escape(noted.split()[-1])})\b", "#", text, flags=re.I)
    words = [word for word in re.findall(r"#|[^\W\d_]{2,}(?:[-'][^\W\d_]+)*", _WRITTEN.sub("", rest))]
    alike = [word for word in words if word != "#" and _alike(word, noted.split()[-1])]
    if not alike:
        return None
    first = " ".join(noted.split()[:-1])
    return f"{first} {alike[-1].capitalize()}".strip()


def _alike(one: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, one.casefold(), other.casefold()).ratio() >= _ALIKE


def _plausible(text: str, *, asked: bool, people: Sequence[str] = (), cut: bool = False) -> str | None:
    """Return the name that a text gives, unless it is made of words that no name has."""
    found = find_name(f"it's {text}" if cut else text, asked=asked, people=people)
    if found is None:
        return None
    kept: list[str] = []
    for word in str(found.value).split():
        if word.lower() in _FINITE and text.lower().split()[: len(kept) + 1] == [*map(str.lower, kept), word.lower()]:
            return None  # "Dave might come" is a sentence
        if (
            word.lower() in _NO_NAME
            or word.lower() in _FINITE
            or re.search(rf"\b(?:am|is|are|be|'m|'s|'re) {word}\b(?<=ing)", text, re.I)
        ):
            break  # "I'm working" is no name, though Fleming is one
        kept.append(word)
    first = next(iter(kept), "")
    if not kept or re.fullmatch(rf"(?:{RELATIVE})(?:'s)?", first, re.I):
        return None
    return " ".join(kept)


def _alone_between_commas(text: str, people: Sequence[str]) -> str | None:
    """Return the person who is a part of an enumeration: "a table for two, tomorrow, Smith"."""
    pieces = [piece.strip() for piece in re.split(r"[,.;]\s+", text.rstrip(" .!")) if piece.strip()]
    seen = {person.casefold() for person in people}
    named = next((piece for piece in pieces if piece.casefold() in seen), None)
    if named or len(pieces) < 2:
        return named
    last = pieces[-1]
    words = re.findall(r"[^\W\d_]+", last)
    if len(words) > 2 or not any(re.search(r"\d|\b(?:for|table|people|at|on|two|three|four)\b", one) for one in pieces):
        return None
    return _plausible(last, asked=True)
