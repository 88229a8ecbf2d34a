"""A message taken apart into its sentences and questions: "do you have parking and what does the risotto cost"."""

from __future__ import annotations

import re

from .clauses import fronted, starts

MAX_PARTS = 6  # of one message; what comes after stays with the last part
_TITLES = r"(?<!\bmr)(?<!\bmrs)(?<!\bms)(?<!\bdr)(?<!\bst)(?<!\bno)(?<!\b[a-z])"
_SENTENCE_END = re.compile(rf"{_TITLES}[.?!;]+(?:\s+|$)(?!\d)|\s*\u2026\s*", re.I)
# How a question, a wish or a statement of one's own begins.
_QUESTION = (
    r"(?:(?:until|till|from|since|at|for|by|to|with|in|on|about) (?:what|which|when|how|whom?)|what|what's|which|"
    r"where|where's|when|when's|who|how|how's|why|(?:do|d') ?(?:you|u|ya|ye)|does|do i|do we|did|is|are|can|could|"
    r"will|would|may|have you|has|"
    r"your (?:address|phone|telephone|number|email|website|opening|hours|menu|prices?|location))\b(?!'t)"
    # a statement that asks by its end: "and it's got nuts in, has it"
    r"|(?:it|that|there|they|you|he|she|we)(?:'s|'ve|'re)?\b[^?]{3,}?\b(?:is|has|does|do|are|can|will|have|"
    r"did)(?:n't)? "
    r"(?:it|that|they|you|there|he|she|we)\W*$"
    r"|[^?,]{3,60}\bor not\W*$"
)
_WISH = (
    r"(?:i'd like|i would like|i want|i need|we'd like|we would like|we want|we need|please|tell me|book|cancel|"
    r"change|"
    r"give me|(?:put|pop|pencil|squeeze|fit|sign|get|save|hold|reserve) (?:me|us|a table|the table)|"
    r"make (?:me|us|a) (?:a )?(?:booking|reservation)|(?:a |the )?table for|i'd love|we'd love|we'll (?:have|take)|"
    r"i have a question|i'm allergic|one of us|(?:my|our) [a-z]+(?:'s| is| has| can't| cannot| doesn't)|"
    r"(?:he|she)(?:'s| is| has))\b"
)
# What somebody cannot eat is a sentence of its own, whatever stands before it: "... for four people one of us is ..."
_CONDITION = (
    r"(?:i'm|i am|(?:one|two|three|some) of (?:us|them) (?:is|are|has|have|can't|cannot|doesn't|don't)|"
    r"(?<!for )(?<!with )(?<!of )(?:my|our) [a-z]+(?: (?!(?:he|she|they|who|that|it|we)\b)[a-z]+)?(?:'s| is| has)|"
    r"(?:he|she)(?:'s| is| has)|we have|there's|there is)"
    r"(?: (?!(?:what|which|can|is|are|do)\b)[a-z]+){0,4} (?:allerg|intoleran|co?eliac|vegan|vegetarian)"
    r"|(?:one|two|three|some) of (?:us|them) (?:can't|cannot|mustn't|doesn't|don't|won't) (?:eat|have|do|touch|"
    r"drink)\b"
)
_CANNOT = (
    r"(?:i|he|she|(?:my|our) [a-z]+|one of us) (?:(?:can't|cannot|can not|mustn't|must not|never|isn't allowed to) "
    r"(?:eat|have|touch|drink)|(?:doesn't|don't) (?:eat|touch|drink))\b"
)
_HELLO = re.compile(
    r"^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening))(?: there)?(?:,\s*|\s+)(?=\S+\s+\S+\s+\S)", re.I
)
# What comes to mind beside the rest: "and while I think of it do you ...", "oh and before I forget is there ..."
_ASIDE = (
    r"(?:while|as|since) (?:i|we|you)(?:'m|'re|'ve| am| are| have)? (?:think of it|thinking of it|thinking about it|"
    r"at it|got you(?: on the (?:phone|line))?|have you(?: on the (?:phone|line))?|here|there|on (?:it|the phone|"
    r"the line)|remember)|before i (?:forget|go|hang up)|(?:now that i|come to) think "
    r"(?:of|about) it|speaking of which|out of (?:interest|curiosity)|just wondering|incidentally|just quickly|"
    r"(?:just )?(?:one|another)(?: more| other| quick| last| final)? (?:thing|question)|a quick question|"
    r"i (?:wonder|was wondering|wanted to ask|meant to ask|forgot to ask)"
)
_LEAD = re.compile(
    r"^\W*(?:(?:i have|i've got|just) )?(?:two|three|a couple of|a few|some) (?:quick |little )?(?:things|questions)\b"
    r"(?: for you| please| really)?[,:]?\s+",
    re.I,
)
_LINK = (
    r"(?:,\s*|\s+)(?:and|n|&|but|plus|also|oh|or|because|cos|so)"
    rf"(?:,?\s+(?:if so|if not|if possible|in that case|also|then|first|by the way|please|maybe|just|actually|"
    rf"{_ASIDE}))*"
    r",?\s+"
)
# "If we come by car is there anywhere to leave it": the question is in its second half.
_IF = r"(?:if|in case|assuming|supposing|suppose)\b"
_IF_QUESTION = (
    rf"{_IF}(?:\s+[\w'-]+){{2,10}}?\s+(?:(?:is|are|do|does|did|can|could|will|would|may|might|should|have|has)\s+"
    r"(?:there|you|we|i|it|they|he|she|that|this|any\w*|some\w*|the|your|my|our)|(?:what|where|how|who)'s|"
    r"how (?:much|many|long|far|late|early))\b"
)
_TAG = r"(?:is|has|does|do|are|can|will|have|did|was|were|would)(?:n't)? (?:it|that|they|you|there|he|she|we|i)\W*$"
_JOINT = re.compile(
    rf"{_LINK}(?={_QUESTION}|{_WISH}|{_IF_QUESTION}|{_CANNOT})|,\s*(?!{_TAG})(?=(?:and\s+)?{_QUESTION})|"
    rf"(?<=\w{{2}})(?<!\bif)\s+(?={_CONDITION}|{_CANNOT})",
    re.I,
)
# "Do you know if you are open on Monday and if there is parking" asks two things.
_WONDERS = re.compile(r"\b(?:know|tell me|wonder(?:ing)?|ask|check)\b(?: \w+){0,3}? (?:if|whether)\b", re.I)
_AND_WHETHER = re.compile(
    rf"{_LINK}(?=(?:if|whether)\s+(?:there|you|we|i|it|they|the|your|dogs|kids|children)\b)", re.I
)
# The comma in "if it rains, can we sit inside" separates nothing, but what somebody cannot eat stands for itself.
_IF_COMMA = re.compile(
    rf"(?P<clause>(?:^\W*|\b(?:and|but|so|or|also|plus)\s+){_IF}(?!\s+(?:so|not|possible)\b)"
    rf"(?:(?!allerg|intoleran|co?eliac|vegan|vegetarian)[^,?])+),\s*(?:then\s+)?(?={_QUESTION})",
    re.I,
)
# "my aunt is allergic to shellfish would the soup be fine": after what somebody cannot eat comes a question of its own.
_CONDITION_THEN_QUESTION = re.compile(
    r"\b(?:allerg\w+|intoleran\w+|co?eliac|vegans?|vegetarians?|(?:can't|cannot|mustn't|doesn't|don't) (?:eat|"
    r"have|touch|do|manage|tolerate|stomach))\b[^?]*?"
    r"(?P<joint>,?\s+)(?=(?:(?:what|which|where|how) )?(?:would|could|can|is|are|does|do|will|may|should) "
    r"(?:the|that|this|those|there|your|i|we|she|he|they|it|you|any)\b|"
    r"(?:which|what) (?:of|one|ones|dish|dishes|starters?|mains?|desserts?|puddings?)\b|"
    r"(?:is|are) (?:[a-z]+ ){1,3}?(?:ok|okay|safe|fine|all right|alright|suitable|allowed|a problem)\b)",
    re.I,
)
# "and can I" after a question word of its own is a new question; "what is it and is it good" goes on about the same.
_ALONE = re.compile(r"^\W*(?:and|or|but|so|oh|um|uh|er|well|then)?\W*$", re.I)


def split(text: str) -> list[str]:
    """Return the parts of a message in order; one that has a single part comes back as it is."""
    text = text.replace("\u2019", "'")
    hello = _HELLO.match(text)
    greeting, rest = (text[: hello.end()], text[hello.end() :]) if hello else ("", text)
    sentences = [_IF_COMMA.sub(r"\g<clause> ", sentence) for sentence in _cut(_SENTENCE_END, _LEAD.sub("", rest))]
    pieces = [piece for sentence in sentences for piece in _cut(_JOINT, sentence)]
    pieces = [part for piece in pieces for part in _after_condition(piece)]
    pieces = [part for piece in pieces for part in (_cut(_AND_WHETHER, piece) if _WONDERS.search(piece) else [piece])]
    pieces = [part for piece in pieces for part in _at(starts(piece), piece)]
    pieces = _with_what_they_are_about([greeting, *pieces] if greeting else pieces)
    found = [piece.strip(" ,;") for piece in pieces if not _ALONE.match(piece)]
    if len(found) > MAX_PARTS:
        found = [*found[: MAX_PARTS - 1], " ".join(found[MAX_PARTS - 1 :])]
    return found if len(found) > 1 else [text]


def _at(places: list[int], text: str) -> list[str]:
    return [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]


_ONLY_DOUBTS = re.compile(
    r"\W*are you (?:\w+ )?(?:certain|sure|positive|joking|serious)(?: about (?:that|it))?\W*$", re.I
)


def _with_what_they_are_about(pieces: list[str]) -> list[str]:
    """Join "your tiramisu" and "would that be safe" again, which are one question."""
    joined: list[str] = []
    for piece in pieces:
        if joined and (fronted(joined[-1], piece) or _ONLY_DOUBTS.match(piece)):
            joined[-1] = f"{joined[-1].rstrip(' ,')}, {piece.lstrip()}"
        else:
            joined.append(piece)
    return joined


def _after_condition(piece: str) -> list[str]:
    found = _CONDITION_THEN_QUESTION.search(piece)
    if not found or re.match(rf"\W*{_QUESTION}", piece, re.I):
        return [piece]
    return [piece[: found.start("joint")], piece[found.end("joint") :]]


def _cut(where: re.Pattern[str], text: str) -> list[str]:
    """Cut a text; a question keeps its question mark."""
    pieces, start = [], 0
    for match in where.finditer(text):
        mark = "?" if "?" in match[0] else ""
        pieces.append(f"{text[start : match.start()]}{mark}")
        start = match.end()
    return [*pieces, text[start:]]
