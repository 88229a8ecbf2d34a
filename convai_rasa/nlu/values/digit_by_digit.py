"""Numbers that are said digit by digit, such as of telephones and bookings: "five five five, double one two four"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from convai_rasa.nlu.values.placed_words import Word

_FEWEST = 3  # digits, or words: "seven thirty" is a time
_ZERO = frozenset({"oh", "o"})
_BETWEEN = frozenset(",-.()/")


def digits_in(
    words: Sequence[Word], small: Mapping[str, int], times: Mapping[str, int], start: int = 0
) -> tuple[str, int, int] | None:
    """Return the first digits from a word on, from which and to which; None where there are none.

    ``small`` has the number words, ``times`` "double" and "triple".
    """
    for first in range(start, len(words)):
        digits, end = _digits(words, first, small, times)
        written = any(len(word.text) >= _FEWEST for word in words[first:end] if word.text.isdecimal())
        if (written or end - first >= _FEWEST) and sum(digit.isdecimal() for digit in digits) >= _FEWEST:
            return digits, first, end
    return None


def _digits(words: Sequence[Word], place: int, small: Mapping[str, int], times: Mapping[str, int]) -> tuple[str, int]:
    digits, end = "", place
    while place < len(words):
        word = words[place].text
        if word == "+" and not digits:
            digits, place = "+", place + 1
            continue
        if word in _BETWEEN and digits:
            place += 1
            continue
        many = times.get(word, 1)
        said, next_place = _number(words, place + (many > 1), small)
        if not said or (many > 1 and len(said) > 1):
            break
        digits, place = digits + said * many, next_place
        end = place
    return digits, end


def _number(words: Sequence[Word], place: int, small: Mapping[str, int]) -> tuple[str, int]:
    """Return the digits that one word says, or two ("twenty two"), and the word after."""
    if place >= len(words):
        return "", place
    word = words[place].text
    if word.isdecimal():
        return "".join(str(int(digit)) for digit in word), place + 1
    if word in _ZERO:
        return "0", place + 1
    number = small.get(word, 100)
    if number > 99:
        return "", place
    unit = small.get(words[place + 1].text, 0) if place + 1 < len(words) else 0
    if number >= 20 and number % 10 == 0 and 0 < unit < 10:
        return str(number + unit), place + 2
    return str(number), place + 1
