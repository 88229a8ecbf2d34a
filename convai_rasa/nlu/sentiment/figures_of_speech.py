"""What a text says once its courtesy, names and figures of speech are taken out, for a lexicon that reads word by word.

VADER hears joy in "I'd like to book", love in "my name is Grace Love", murder in "I could kill for a pizza", and praise
in "nobody loves this place", because its negations are next to the word and never a subject. ``without_names`` and
``plain_reading`` put words without feeling, or the plain meaning, in their place. English only, as VADER is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from pathlib import Path

from convai_rasa.data_files import read_yaml

_NAME = "Sam"  # in the place of others; VADER does not know it, and a placeholder keeps the distances it counts
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

_FILE = Path(__file__).parent / "data" / "figures_of_speech.yml"
_WORDS = read_yaml(_FILE)


def _pattern(lines: str) -> re.Pattern[str]:
    for name, part in _WORDS["parts"].items():
        lines = lines.replace(f"{{{name}}}", part)
    return re.compile("|".join(line for line in lines.splitlines() if not line.startswith("#")), re.IGNORECASE)


_MEANINGS = [(_pattern(lines), meaning) for meaning, lines in _WORDS["meanings"].items()]
_COMPARED = re.compile("".join(rf"(?<!{word} )" for word in _WORDS["feels"].split()) + r"\blike\b", re.IGNORECASE)
_NEGATING = frozenset(_WORDS["negating"].split())
_CLAUSE_ENDS = frozenset(_WORDS["clause ends"].split())
_REACH = 7  # words a negating subject is from what it negates, at the most
_VADER_REACH = 3  # words before a word in which VADER looks for a negation of its own


def without_names(text: str, lexicon: Container[str]) -> str:
    """Return a text in which a name that is a word of feeling, such as Grace Love, has given way to one that is none.

    The lexicon knows its words in small letters.
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
    """Return a text without names in which words that carry no feeling here have none.

    ``negated`` tells whether the lexicon's own rules find a negation among words.
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
        for index, (before, word) in enumerate(zip(["", *plain], plain, strict=False))
        if word in _NEGATING or f"{before}+{word}" in _NEGATING
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
