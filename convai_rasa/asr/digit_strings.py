"""Numbers said digit by digit: telephones, bookings, post codes.

Whisper loops on them: a short window ends before the number does in its mind, and a prompt of sentences has none.
"""

from __future__ import annotations

from collections import Counter

from convai_rasa.languages import lexicon_of, words_of

_FEWEST = 4  # fewer are a time, a price or a count
_MOST_OTHER_WORDS = 0.3  # share of them
_PER_S, _SPARE = 4.5, 2  # nobody says digits faster
_SOMETHING_ELSE, _SURE = 2, -0.3  # words besides digits, and how likely they have to be; a mean log-probability
_COPIED, _COPIES = 4, 3  # digits that come so often are a loop, even if what is between them varies


def is_number_in_digits(text: str, language: str) -> bool:
    """Whether a text is a number that was said digit by digit, or mostly one: "5 5 5, 0123", "five double oh one".

    The words for digits are those of the language's file in ``languages/``.
    """
    digits, others = _digits(text, language)
    return len(digits) >= _FEWEST and others <= _MOST_OTHER_WORDS * (others + len(digits))


def runs_away(text: str, language: str, speech_s: float) -> bool:
    """Whether a text has more digits, or more copies of some of them, than so many seconds of speech can have."""
    digits, _ = _digits(text, language)
    if len(digits) > _PER_S * speech_s + _SPARE:
        return True
    copies = Counter(tuple(digits[start : start + _COPIED]) for start in range(len(digits) - _COPIED + 1))
    return any(count >= _COPIES and len(set(run)) > 1 for run, count in copies.items())


def says_other_than_figures(text: str, log_probability: float, language: str) -> bool:
    """Whether a text is no answer to a question for a number, although one was asked: "I don't know it by heart".

    What is doubtful, by the mean log-probability of its tokens, says nothing.
    """
    _, others = _digits(text, language)
    return others >= _SOMETHING_ELSE and log_probability >= _SURE and not is_number_in_digits(text, language)


def _digits(text: str, language: str) -> tuple[list[str], int]:
    """Return the digits of a text, as figures or words, and how many other words it has."""
    turns = lexicon_of(language).turns
    digits: list[str] = []
    others = 0
    for word in words_of(text):
        if word.isdecimal():
            digits.extend(word)
        elif turns is not None and word in turns.digits:
            digits.append(word)
        else:
            others += 1
    return digits, others
