"""``read`` and ``find``: the values that a text says.

A value covers what was said, or there is none. The words are read by the grammar of their language; of all that it
finds the longest pieces are taken, what the speaker took back is dropped, and a piece of something larger is left
alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from convai_rasa.nlu.values.digit_by_digit import digits_in
from convai_rasa.nlu.values.languages import LANGUAGES, language_of
from convai_rasa.nlu.values.moments.when import Context, When
from convai_rasa.nlu.values.placed_words import Word, split
from convai_rasa.nlu.values.reading import CATEGORIES, Reading
from convai_rasa.nlu.values.spelled_names import read_spelled, spelled_in
from convai_rasa.nlu.values.value import Value

_ONE_BY_ONE = ("spelled", "digits")
_LONGEST = 5000  # characters; six minutes of speech
_MOST_WORDS = 60  # that are read at a time: no value is as long, and the time grows by the square
_ANY_TIME = dt.datetime(2000, 1, 1)  # where time plays no part


def read(
    text: str,
    kind: str,
    *,
    language: str = "en",
    reference: dt.datetime,
    prefer: str = "coming",
    context: dt.datetime | dt.date | dt.time | None = None,
    zone: dt.tzinfo | None = None,
) -> Value | None:
    """Return what a whole text says; None where it says nothing, several things, or more than is understood.

    Args:
        text: such as "half past seven"; whatever it is, there is an answer and no error.
        kind: ``date``, ``time`` or ``datetime`` (which differ in what a bare "seven" or "23rd" is), ``duration``,
            ``number``, ``ordinal``, ``percent``, ``money``, ``quantity``, ``age``, ``temperature``, ``people``,
            ``spelled`` (a name), ``digits`` (of a telephone).
        language: two letters; in one that is unknown there is no value.
        reference: local time, naive, from which "tomorrow" is counted.
        prefer: ``coming`` or ``evening``, see ``moments.resolve``.
        context: a day or a moment that was noted before; "an hour later" is counted from it.
        zone: the time zone whose offset moments get.
    """
    if kind in _ONE_BY_ONE:
        return _only_said_one_by_one(text, kind, language)
    readings = _readings(text, kind, language, reference, context)
    if len(readings) != 1:  # what is so long is no value
        return None
    try:
        piece = readings[0].whole()
        if piece is None or (isinstance(piece.meaning, When) and piece.meaning.impossible):
            return None
        return readings[0].value(piece, prefer, zone)
    except OverflowError:  # a day after the year 9999
        return None


def find(
    text: str,
    kind: str,
    *,
    language: str = "en",
    reference: dt.datetime,
    prefer: str = "coming",
    context: dt.datetime | dt.date | dt.time | None = None,
    zone: dt.tzinfo | None = None,
    bare: bool = False,
) -> list[Value]:
    """Return the values in an utterance, in their order and with their places; see ``read``.

    What is taken back ("not Friday", "Friday, no wait, Saturday") is left out, and so is what is a piece of something
    that is not understood. A day that no calendar has ("the thirtieth of February") has None for its value. With
    ``bare`` the speaker was asked for this kind, so a naked "eight" is one.
    """
    if kind in _ONE_BY_ONE:
        return _said_one_by_one(text, kind, language)
    try:
        readings = _readings(text, kind, language, reference, context)
        return [reading.value(piece, prefer, zone) for reading in readings for piece in reading.pieces(bare)]
    except OverflowError:  # a day after the year 9999
        return []


def find_people(text: str, *, language: str = "en", asked: bool = False) -> Value | None:
    """Return how many people a text speaks of: 4 for "me and three friends".

    With ``asked`` the speaker was just asked for it, so a naked "four" is meant so.
    """
    found = find(text, "people", language=language, reference=_ANY_TIME, bare=asked)
    return found[0] if found else None


def _said_one_by_one(text: str, kind: str, language: str) -> list[Value]:
    """Return the names that are spelled in a text, or the numbers that are said digit by digit."""
    if language not in LANGUAGES or len(text) > _LONGEST:
        return []
    known, found = language_of(language), list[Value]()
    for words in _parts(split(text)):
        place = 0
        while place < len(words):
            if kind == "spelled":
                one = spelled_in(text, words, known.spelling, place)
            else:
                one = digits_in(words, known.numbers.small, known.spelling.times, place)
            if one is None:
                break
            said, first, place = one
            found.append(Value(said, {"type": kind}, words[first].start, words[place - 1].end))
    return found


def _only_said_one_by_one(text: str, kind: str, language: str) -> Value | None:
    found = _said_one_by_one(text, kind, language)
    if len(found) != 1:
        return None
    words, known = split(text), language_of(language)
    if kind == "spelled":
        name = read_spelled(text, words, known.spelling)
        return found[0] if name is not None and name == found[0].value else None
    rest = [word.text for word in words if not found[0].start <= word.start < found[0].end]
    return found[0] if all(word in known.fillers for word in rest) else None


def _readings(
    text: str, kind: str, language: str, reference: dt.datetime, noted: dt.datetime | dt.date | dt.time | None
) -> list[Reading]:
    """Return the text being read, in parts where it is long; none in a language or of a kind that is not known."""
    if language not in LANGUAGES or kind not in CATEGORIES or len(text) > _LONGEST:
        return []
    now = reference.replace(second=0, microsecond=0, tzinfo=None)
    day = noted.date() if isinstance(noted, dt.datetime) else noted if isinstance(noted, dt.date) else None
    time = noted.time() if isinstance(noted, dt.datetime) else noted if isinstance(noted, dt.time) else None
    context = Context(now, day, time)
    return [Reading(text, part, kind, language, context) for part in _parts(split(text))]


def _parts(words: list[Word]) -> Iterator[list[Word]]:
    """Yield words in parts that a grammar reads in no time, cut at a pause where there is one."""
    while words:
        pauses = (place for place in range(min(_MOST_WORDS, len(words)) - 1, 0, -1) if words[place].text == ",")
        cut = len(words) if len(words) <= _MOST_WORDS else next(pauses, _MOST_WORDS)
        yield words[:cut]
        words = words[cut:]
