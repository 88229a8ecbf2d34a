"""Is the person done? Judged at a pause by what they said, what the bot makes of it and what it waits for.

Silence alone cannot tell a thought from an end. The words can: nobody stops after "I'd like a table for", and
the bot's own training sentences show which words its people end with. The verdict is a length of silence.
"""

from __future__ import annotations

import re
from typing import Optional

from convai_rasa.voice.bot import Expectation, Understanding
from convai_rasa.voice.ears.english import ENGLISH
from convai_rasa.voice.ears.phrase_ends import PhraseEnds
from convai_rasa.voice.options import TurnOptions

SURE = 0.6  # confidence of an intent from which the bot is taken to have understood
_OFTEN, _SELDOM = 0.65, 0.4  # share of sentences that end with these words: surely an end, maybe one
_NEVER = 0.01
_FREE_TEXT_SHARE = 0.75  # of late_ms: people who tell a story pause to think
_GROWING_DIGITS = 3  # a phone number or a booking number; "a table for four" has one

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_BROKEN_OFF = re.compile(r"(?:\.{2,}|…|[-–—,:])\s*$")
_FILLER = re.compile(r"\b(?:let me (?:see|think|check)|hold on|just a (?:moment|second|minute)|one moment)\W*$", re.I)


def silence_to_wait(
    words: str,
    understanding: Optional[Understanding],
    expectation: Expectation,
    ends: PhraseEnds,
    options: TurnOptions,
) -> int:
    """Return the length of silence, in ms, after which the turn is over.

    Args:
        words: recognized so far.
        understanding: what the bot makes of them; None if it cannot tell.
        expectation: what the bot waits for.
        ends: how the bot's training sentences end.
        options: ``early_ms``, ``end_ms`` and ``late_ms``.
    """
    if not words.strip():
        return options.end_ms
    if breaks_off(words) or digits_growing(words, expectation):
        return options.late_ms
    share = ends.share(words)
    if share is not None and share <= _NEVER and expectation.slot is None:
        return options.late_ms
    if expectation.free_text:
        return max(options.end_ms, round(_FREE_TEXT_SHARE * options.late_ms))
    if understanding is None or understanding.intent is None or understanding.confidence < SURE:
        return options.end_ms
    if share is None:
        return (options.early_ms + options.end_ms) // 2
    certainty = min(1.0, max(0.0, (share - _SELDOM) / (_OFTEN - _SELDOM)))
    return round(options.end_ms - certainty * (options.end_ms - options.early_ms))


def breaks_off(words: str) -> bool:
    """Whether a sentence cannot be over: it ends with "for", with "um", with three dots."""
    tokens = [token.lower() for token in _WORD.findall(words.replace("’", "'"))]
    if not tokens:
        return False
    if _BROKEN_OFF.search(words) or _FILLER.search(words):
        return True
    last, before = tokens[-1], tokens[-2] if len(tokens) > 1 else None
    if last not in ENGLISH.open or before in ENGLISH.closed_by.get(last, ()):
        return False
    return before is not None or last not in ENGLISH.open_but_not_alone


def digits_growing(words: str, expectation: Expectation) -> bool:
    """Whether the words end in a number that is being said digit by digit."""
    tokens = [token.lower() for token in _WORD.findall(words)]
    digits = 0
    for token in reversed(tokens):
        if token.isdigit():
            digits += len(token)
        elif token in ENGLISH.digits:
            digits += 1
        else:
            break
    alone = digits > 0 and expectation.slot is not None and len(tokens) > 1 and all(
        token.isdigit() or token in ENGLISH.digits for token in tokens
    )  # fmt: skip
    return digits >= _GROWING_DIGITS or alone
