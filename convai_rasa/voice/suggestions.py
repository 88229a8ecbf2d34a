"""What a stranger may ask a bot: short sentences of its own training data, one for each of its main intents."""

from __future__ import annotations

import base64
import binascii
import json
import re
import statistics
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Optional

from convai_rasa.languages import lexicon_of

SUGGESTIONS = 3  # what fits on a telephone beside the greeting
WORDS = range(3, 9)  # fewer is an answer to a question ("tomorrow at eight"), more does not fit on a button
LONGEST = 48  # letters
TOO_ALIKE = 0.5  # share of the words of the shorter of two sentences that the other one has, too

# Names of intents that answer, steer or chat: as the first word of a name, or as all of it. The others begin something.
_NO_BEGINNING = re.compile(
    r"""(affirm|agree|yes|ja|si|oui|ok|deny|disagree|no|nein|non|reject|decline
    |greet|greeting|greetings|hello|hi|hallo|hola|bonjour|welcome
    |goodbye|bye|farewell|tschuess|adios|revoir|thank|thanks|thankyou|danke|gracias|merci
    |inform|fill|stop|quit|exit|abort|restart|silence|dtmf|chitchat|smalltalk
    |praise|complain|complaint|insult|fallback|nlu|out)(_|$)
    |(cancel|confirm|give|enter|provide|back|repeat|bot|robot|mood|session|chat)$
    |.*(how_are_you|bot_challenge|ask_(bot|robot|name|age|help)|are_you_a)""",
    re.VERBOSE,
)
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{1,2}|[^\s\u3040-\u30ff\u3400-\u9fff]+")  # Chinese has no spaces


def choose_suggestions(
    examples: dict[str, Any], beginnings: Optional[set[str]] = None, language: Optional[str] = None
) -> list[str]:
    """Choose what to suggest, the same each time: at most ``SUGGESTIONS`` sentences, of the intents with most examples.

    Args:
        examples: of each intent, ``{"count": …, "first": [sentences]}``.
        beginnings: intents that the bot's rules and stories begin with; None where that is not known.
        language: of the bot, ISO 639-1; questions in some languages get their mark.
    """
    if beginnings is not None and not beginnings & examples.keys():
        beginnings = None
    found: list[tuple[int, str]] = []
    for intent, known in examples.items():
        if (beginnings is None or intent in beginnings) and not _answers_or_chats(intent):
            sentence = _sentence(known["first"])
            if sentence is not None:
                found.append((known["count"], sentence))
    found.sort(key=lambda pair: -pair[0])  # stable: else as the author wrote them
    chosen: list[str] = []
    for _, sentence in found:
        if len(chosen) < SUGGESTIONS and all(_alike(sentence, other) < TOO_ALIKE for other in chosen):
            chosen.append(sentence)
    return [_as_written(sentence, language) for sentence in chosen]


def beginnings_of(rules: Iterable[str], memorized: Iterable[str]) -> Optional[set[str]]:
    """Return the intents that a trained bot's rules and stories begin with; None if there are neither.

    Args:
        rules: keys of the lookup of Rasa's RulePolicy: lists of states as JSON.
        memorized: keys of the lookup of its memoization policies: the same, compressed, in base 64.
    """
    found = {
        state["user"]["intent"]
        for states in (*map(_states, rules), *map(_unpacked, memorized))
        for state in _only_turn(states)
    }
    return found or None


def _states(key: str) -> list[dict[str, Any]]:
    try:
        states = json.loads(key)
    except ValueError:
        return []
    return states if isinstance(states, list) and all(isinstance(state, dict) for state in states) else []


def _unpacked(key: str) -> list[dict[str, Any]]:
    try:
        states = _states(zlib.decompress(base64.b64decode(key)).decode())
    except (binascii.Error, zlib.error, UnicodeDecodeError):
        return []
    return states if states and not states[0] else []  # else it is the end of a longer story


def _only_turn(states: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the state in which a person spoke, if they did so once, unasked and last."""
    spoken = [state for state in states if "intent" in (state.get("user") or {})]
    if len(spoken) == 1 and spoken[0] is states[-1] and not spoken[0].get("active_loop"):
        yield spoken[0]


def _answers_or_chats(intent: str) -> bool:
    return _NO_BEGINNING.match(intent.lower().split("/")[0].replace("-", "_")) is not None


def _sentence(examples: Sequence[str]) -> Optional[str]:
    """Return the most typical example that is neither a fragment nor too long, of an intent asked in sentences."""
    lengths = [len(_WORD.findall(example)) for example in examples]
    if not lengths or statistics.median(lengths) < WORDS.start:
        return None
    fitting = [
        text
        for text, length in zip(examples, lengths, strict=True)
        if length in WORDS and len(text) <= LONGEST and not text.startswith("/")
    ]
    words = [set(re.findall(r"\w+", example.lower())) for example in examples]

    def typical(text: str) -> float:
        own = set(re.findall(r"\w+", text.lower()))
        return sum(len(own & other) / max(1, len(own | other)) for other in words)

    return max(fitting, key=typical, default=None)  # of equals the one that the author wrote first


def _alike(one: str, other: str) -> float:
    first, second = set(re.findall(r"\w{3,}", one.lower())), set(re.findall(r"\w{3,}", other.lower()))
    return len(first & second) / max(1, min(len(first), len(second)))


def _as_written(sentence: str, language: Optional[str]) -> str:
    """Return a sentence as one writes it; training examples are often all in small letters."""
    sentence = re.sub(r"\bi\b", "I", sentence) if language == "en" else sentence
    lexicon = lexicon_of(language) if language else None
    if lexicon and lexicon.questions.match(sentence.lower()) and sentence[-1].isalnum():
        return f"{lexicon.question_mark}{sentence[0].upper()}{sentence[1:]}?"
    return sentence[0].upper() + sentence[1:]
