"""A prompt made of the bot's own sentences, which teaches Whisper the words to expect.

Whisper continues its prompt, so whole sentences in the style of what people will say help more than a list
of words (``benchmarks/recognition_prompt.py``).
"""

from __future__ import annotations

import collections
import math
import re
from typing import Sequence

# About 105 tokens. Whisper takes 223, but reads them each time, and more earn whisper/base nothing: of 31 orders that
# had no part in choosing this, 31 are right with 80 words and with 110, 26 with 30, and 19 without any.
_MAX_WORDS = 80

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def choose_phrases(phrases: Sequence[str], *, max_words: int = _MAX_WORDS) -> list[str]:
    """Choose the sentences that together show the most of the bot's vocabulary.

    Greedy weighted coverage: each word weighs the logarithm of how often it occurs, and counts once; the next
    sentence is always the one that adds the most weight per word. The same phrases give the same choice.

    Returns:
        Sentences of so many words together at most, the most valuable last: the end of a prompt weighs most.
    """
    candidates = list(dict.fromkeys(phrase.strip() for phrase in phrases if phrase.strip()))
    words_of = {phrase: _WORD.findall(phrase.lower()) for phrase in candidates}
    counts = collections.Counter(word for words in words_of.values() for word in set(words))
    weight = {word: 1.0 + math.log(count) for word, count in counts.items()}
    covered: set[str] = set()
    chosen: list[str] = []
    room = max_words
    while True:
        best, best_gain = None, 0.0
        for phrase in candidates:
            words = words_of[phrase]
            if not 0 < len(words) <= room:
                continue
            gain = sum(weight[word] for word in set(words) - covered) / (len(words) + 1)
            if gain > best_gain:
                best, best_gain = phrase, gain
        if best is None:
            return chosen[::-1]
        chosen.append(best)
        covered |= set(words_of[best])
        room -= len(words_of[best])


def build_prompt(phrases: Sequence[str], question: str = "") -> str:
    """Join sentences from ``choose_phrases`` into a prompt, and what the bot said last to its end: that weighs most."""
    parts = [phrase.strip() for phrase in (*phrases, question)]
    return " ".join(_as_sentence(part) for part in parts if part)


def _as_sentence(phrase: str) -> str:
    """Write a training example as a book would: Whisper copies the style of its prompt."""
    phrase = phrase[0].upper() + phrase[1:]
    return phrase if phrase[-1] in ".?!…" else phrase + "."
