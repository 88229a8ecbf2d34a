"""Is the person done? Judged at a pause by what they said, what the bot makes of it and what it waits for.

Silence alone cannot tell a thought from an end. The words can: nobody stops after "I'd like a table for", and
the bot's own training sentences show which words its people end with. The verdict is a length of silence.
"""

from __future__ import annotations

import re
from typing import Optional

from convai_rasa.capture import Progress, progress
from convai_rasa.languages import TurnWords, lexicon_of, words_of
from convai_rasa.voice.bot import Expectation
from convai_rasa.voice.ears.ending import Pause
from convai_rasa.voice.options import TurnOptions

SURE = 0.6  # confidence of an intent from which the bot is taken to have understood
_OFTEN, _SELDOM = 0.65, 0.4  # share of sentences that end with these words: surely an end, maybe one
_NEVER = 0.01
_FREE_TEXT_SHARE = 0.75  # of late_ms: people who tell a story pause to think
_GROWING_DIGITS = 3  # a phone number or a booking number; "a table for four" has one

_BROKEN_OFF = re.compile(r"(?:\.{2,}|…|[-–—,:])\s*$")


class DialogueEnding:
    """A turn is over the sooner, the more complete it is; in languages whose words are not known, after ``end_ms``."""

    asks_bot = True

    def __init__(self, options: TurnOptions) -> None:
        self.patience_ms = max(options.late_ms, options.end_ms)
        self._options = options

    async def silence_to_wait(self, pause: Pause) -> int:
        """Judge a pause; see :meth:`TurnEnding.silence_to_wait`."""
        # After a false alarm the bot may go on at once.
        return self._options.pause_ms if pause.false_alarm else silence_to_wait(pause, self._options)


def silence_to_wait(pause: Pause, options: TurnOptions) -> int:
    """Return the length of silence, in ms, after which the turn is over."""
    spelled_ms = _while_spelling(pause, options)
    if spelled_ms is not None:
        return spelled_ms
    turn_words = lexicon_of(pause.language).turns
    if turn_words is None or not pause.words.strip():
        return options.end_ms
    if breaks_off(pause.words, turn_words) or digits_growing(pause.words, pause.expectation, turn_words):
        return options.late_ms
    share = pause.phrase_ends.share(pause.words)
    if share is not None and share <= _NEVER and pause.expectation.slot is None:
        return options.late_ms
    if pause.expectation.free_text:
        return max(options.end_ms, round(_FREE_TEXT_SHARE * options.late_ms))
    understanding = pause.understanding
    if understanding is None or understanding.intent is None or understanding.confidence < SURE:
        return options.end_ms
    if share is None:
        return (options.early_ms + options.end_ms) // 2
    certainty = min(1.0, max(0.0, (share - _SELDOM) / (_OFTEN - _SELDOM)))
    return round(options.end_ms - certainty * (options.end_ms - options.early_ms))


def _while_spelling(pause: Pause, options: TurnOptions) -> Optional[int]:
    """Return the silence that ends a value which the bot has asked for; None where none is being said."""
    kind = pause.expectation.spoken
    said = progress(kind, pause.words, pause.language) if kind is not None else None
    if said is None:
        return None
    waits = {Progress.OPEN: options.spelling_ms, Progress.MAY_GO_ON: options.late_ms, Progress.DONE: options.end_ms}
    return max(options.end_ms, waits[said])


def breaks_off(words: str, turn_words: TurnWords) -> bool:
    """Whether a sentence cannot be over: it ends with "for", with "um", with three dots."""
    return bool(words_of(words)) and (bool(_BROKEN_OFF.search(words)) or turn_words.leave_open(words))


def digits_growing(words: str, expectation: Expectation, turn_words: TurnWords) -> bool:
    """Whether the words end in a number that is being said digit by digit."""
    tokens = words_of(words)
    digits = 0
    for token in reversed(tokens):
        if token.isdigit():
            digits += len(token)
        elif token in turn_words.digits:
            digits += 1
        else:
            break
    alone = digits > 0 and expectation.slot is not None and len(tokens) > 1 and all(
        token.isdigit() or token in turn_words.digits for token in tokens
    )  # fmt: skip
    return digits >= _GROWING_DIGITS or alone
