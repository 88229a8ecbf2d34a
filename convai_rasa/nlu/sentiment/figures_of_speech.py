"""What a text says once its courtesy, names and figures of speech are taken out, for a lexicon that reads word by word.

VADER hears joy in "I'd like to book", love in "my name is Grace Love", murder in "I could kill for a pizza", and praise
in "nobody loves this place", because its negations are next to the word and never a subject. ``without_names`` and
``plain_reading`` put words without feeling, or the plain meaning, in their place. English only, as VADER is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container

# Words in the place of others. VADER has neither in its lexicon, and a placeholder keeps the distances it counts.
_NO_FEELING = "that"
_NAME = "Sam"
_GOOD, _BAD = "great", "terrible"

_CAPITAL = "[A-Z\u00c0-\u00d6\u00d8-\u00de][a-z\u00df-\u00f6\u00f8-\u00ff'\u2019-]+"
_NO_NAME = (
    r"(?!(?:and|or|for|at|on|in|is|was|not|a|an|the|to|but|please|so|i|we|with|back|about|again|when|because|calling"
    r"|speaking)\b)"
)
_INTRODUCED = re.compile(
    r"\b(?P<cue>(?:(?:my|our|the|his|her|last|first|full|family|sur)[ -]?name(?:['\u2019]s| is| was)?"
    r"|(?:in|under) the name(?: of)?|name of|name['\u2019]s|called|call me|spelled"
    r"|mrs?|ms|miss|dr|sir|madam|mister|doctor)\b[.:]?)"
    rf" {_NO_NAME}[\w'\u2019-]+(?: {_NO_NAME}[\w'\u2019-]+)?",
    re.IGNORECASE,
)
# Capitalized words inside a sentence whose other words are not, or two at its start before what follows a name there.
_INSIDE = re.compile(rf"(?<=[a-z,] )(?!I['\u2019]){_CAPITAL}(?: {_CAPITAL})*")
_AT_START = re.compile(rf"^{_CAPITAL} {_CAPITAL}(?=,| (?:speaking|calling|here|from|for|and)\b|$)")
_GREETINGS = re.compile(r"\b(?:thank|thanks|happy|merry|good|best|great|congratulations|welcome|dear|please)\b", re.I)
_MENTION = re.compile(r"(?:^|\s)(?:[@#]\S*|\S*[/_]\S*) $")  # what follows one begins a sentence

_WOULD = r"(?:\bwould|(?<=\w)['\u2019]d)"
_CANNOT = r"\b(?:could|can)(?:n['\u2019]?t| ?not)(?: have)?"
_GOOD_TO = r"(?:happy|glad|grateful|delighted|kind|good|nice|great|lovely|better|thankful)"
# The plain meaning of phrases, in the order in which they are looked for.
_PHRASES: dict[str, tuple[str, ...]] = {
    _GOOD: (
        # praise by figures of speech
        r"\b(?:kills|killed|killing|crushed|crushing|nailed|nails) it\b",
        r"\bto die for\b",
        r"\b(?:crazy|mad|nuts|wild) (?:about|for|over)\b",
        r"\b(?:insanely|wickedly|ridiculously|dangerously|crazy|sick|wicked|scary) good\b",
        # praise by a negation
        _CANNOT + r" (?:be|been|gone|go|get|got|ask(?:ed)? for|wish(?:ed)? for|want)(?: any(?:thing|one)?)? (?:any )?"
        r"(?:more \w+|more|happier|better|nicer|kinder|wrong|easier|prouder)\b",
        _CANNOT + r" (?:fault|complain|wait|thank|recommend \w+ (?:highly )?enough)\b",
        r"\b(?:no|zero|not (?:a|one)(?: single)?|without (?:a|any)|never (?:had )?(?:a|any)) (?:single )?"
        r"(?:complaints?|problems?|issues?|faults?|hitch|trouble|regrets?)\b",
        r"\bnot (?:too |that |so |at all |half )?bad(?: at all)?\b",
        r"\bnothing (?:is |was )?too much trouble\b",
    ),
    _BAD: (
        r"\b(?:thanks|thank you)(?: \w+)? for nothing\b",
        r"\bso much for\b",
        r"\byeah,? right\b",
    ),
    " need": (
        # strong words for a wish, and courtesy
        rf"(?:\bcould|{_WOULD}) (?:(?:just|honestly|absolutely) )?(?:kill|murder|die)(?: for)?\b",
        r"\b(?:dying|itching) (?:to|for)\b",
        _WOULD + r" (?:(?:really|very much|also|just) )?"
        rf"(?:like|love|prefer|appreciate|care|be (?:so |very |really )?{_GOOD_TO})\b",
        r"\bbe (?:so|as) (?:kind|good|nice)(?= (?:as )?to\b)",
    ),
    "also": (r"\bnot only\b", r"\bin no time\b", r"\bno doubt\b", r"\bwithout (?:a )?doubt\b", r"\bno wonder\b"),
    _NO_FEELING: (
        # exaggerations
        r"\b(?:dead|dying|starving) (?:tired|hungry|of (?:hunger|thirst))\b",
        r"\b(?:kill|kills|killed|killing) (?:some |a bit of )?(?:time|(?:an?|half an|\w+) (?:hours?|minutes?))\b",
        r"\b(?:hours?|minutes?|time) to kill\b",
        r"\bkill the (?:lights?|music|sound|engine|power)\b",
        r"\b(?:feet|legs|back|head)(?: is| are|['\u2019]s) killing me\b",
        r"\bhit me (?:with|up)\b",
        r"\bshoot me an?\b",
        r"\bfire away\b",
        r"\bbreak a leg\b",
        r"\bd(?:ied|ying) laughing\b",
        r"\bused to be(?: an?)?(?: \w+)?\b",
        # courtesy, and answers
        r"\b(?:please|kindly)(?: (?:don['\u2019]t \w+|help me|improve|respect|care|be \w+|learn to \w+))?\b",
        r"\b(?:improve|improving|improvement)\b",  # asks for what is not there
        r"\b(?:help|helping) (?:me|us|with|to|desk|line|centre|center|page)\b",
        r"\bany help\b",
        r"\bfeel free\b",
        r"^\W*(?:yes|yeah|yep|sure|ok|okay|fine|well|no|nope|right|true|sorry)"
        r"(?=[,.!;]|\W*$| (?:please|thanks?|i|that|the)\b)",
        r"\bas well\b",
        r"\bwell,",
        # in these a word of feeling names a thing
        r"\bgift (?:cards?|certificates?|vouchers?|shop)\b",
        r"\bhappy hours?\b",
        r"\bgood (?:friday|morning|afternoon|evening|night)\b",
        r"\bcredit (?:cards?|notes?)\b",
        r"\bcustomer care\b",
        r"\bbest (?:time|way|before|man)\b",
        r"\bpart(?:y|ies) (?:of|for)\b",
        r"\b(?:loss|lost) (?:and|or) found\b",
        r"\b(?:fire|smoke|burglar) alarms?\b",
        r"\breward points?\b",
        r"\bspecial (?:menu|diet|offer|requests?)\b",
        r"\b(?:savings?|trust) (?:account|fund)s?\b",
        r"\bfree (?:range|of|from|until|at|on|tonight|tomorrow|today|tables?|seats?|wi-?fi|parking|refills?)\b",
        r"\b\w+-free\b",
        r"\b(?:gluten|sugar|dairy|lactose|smoke|toll|duty|tax) free\b",
    ),
}
_MEANINGS = [(re.compile("|".join(phrases), re.IGNORECASE), meaning) for meaning, phrases in _PHRASES.items()]
# "like" is a feeling after who feels it, and otherwise a comparison.
_FEELS = (
    *("i", "we", "to", "you", "they", "do", "n't", "n\u2019t", "dont", "not", "never", "really", "did", "also"),
    *("still", "all", "would", "who", "always", "people", "guests"),
)
_COMPARED = re.compile("".join(rf"(?<!{word} )" for word in _FEELS) + r"\blike\b", re.IGNORECASE)
_NEGATING = frozenset(["nobody", "noone", "none", "neither", "nothing"])  # subjects; the rest is VADER's own affair
_NEGATING_PAIRS = frozenset(
    {
        *(("no", "one"), ("not", "one"), ("few", "people"), ("hardly", "anyone"), ("hardly", "anybody")),
        *(("hardly", "anything"), ("can't", "say"), ("cannot", "say"), ("wouldn't", "call"), ("don't", "think")),
    }
)
_CLAUSE_ENDS = frozenset(
    ["but", "because", "although", "though", "while", "until", "so", "and", "or", "however", "still", "except"]
)
_REACH = 7  # words a negating subject is from what it negates, at the most
_VADER_REACH = 3  # words before a word in which VADER looks for a negation of its own


def without_names(text: str, lexicon: Container[str]) -> str:
    """Return a text in which a name that is a word of feeling, such as Grace Love, has given way to one that is none.

    Args:
        text: as it was written or said.
        lexicon: the words, in small letters, that the lexicon knows.
    """

    def plain(match: re.Match[str]) -> str:
        cue = match.groupdict().get("cue")
        name = match[0][len(cue) :] if cue else match[0]
        if not any(word.lower() in lexicon for word in name.split()):
            return match[0]
        if cue:
            return f"{cue} {_NAME}"
        begins = _MENTION.search(match.string[: match.start()])
        return match[0] if begins or _GREETINGS.search(name) else _NAME

    for names in (_INTRODUCED, _AT_START, _INSIDE):
        text = names.sub(plain, text)
    return text


def plain_reading(text: str, lexicon: Container[str], negated: Callable[[list[str]], bool]) -> str:
    """Return a text in which words that carry no feeling here have none.

    Args:
        text: as it was written or said, without names.
        lexicon: the words, in small letters, that the lexicon knows.
        negated: whether the lexicon's own rules find a negation among words.
    """
    for phrases, meaning in _MEANINGS:
        text = phrases.sub(meaning, text)
    return _with_negating_subjects(_COMPARED.sub("as", text), lexicon, negated)


def _with_negating_subjects(text: str, lexicon: Container[str], negated: Callable[[list[str]], bool]) -> str:
    """Put "not" before a word that a negation further ahead in its clause reaches and the lexicon's rules do not."""
    words = text.split()
    plain = [word.strip('.,;:!?"()').lower() for word in words]
    subjects = {
        index
        for index, word in enumerate(plain)
        if word in _NEGATING or (index and (plain[index - 1], word) in _NEGATING_PAIRS)
    }
    if not subjects:
        return text
    written: list[str] = []
    since = None  # words since the negation of this clause
    for index, (word, bare) in enumerate(zip(words, plain, strict=True)):
        if bare in _CLAUSE_ENDS:
            since = None
        reached = since is not None and since <= _REACH and bare in lexicon and bare not in ("no", "like")
        if reached and not negated(plain[max(0, index - _VADER_REACH) : index]):
            written.append("not")
        written.append(word)
        if index in subjects:
            since = 0
        elif since is not None:
            since += 1
        if word[-1] in ",.;:!?":
            since = None
    return " ".join(written)
