"""The form of an utterance that the finders of days, times, numbers and names read."""

from __future__ import annotations

import re

from .numbers import to_digits

_PEOPLE = "people|persons|guests"
# What a recogniser writes for numbers that sound like other words.
_HOMOPHONES = (
    (re.compile(r"\bfor (?:for|fore)\b"), "for four"),
    (re.compile(rf"\bfor (?:to|too)(?= (?:{_PEOPLE}|at|on|tomorrow|tonight|today|this|please)\b|$)"), "for two"),
    (re.compile(rf"^(?:to|too)(?= (?:{_PEOPLE})\b)"), "two"),
    (re.compile(r"\bat ate\b"), "at eight"),
    (re.compile(r"\btable (?:4|four)(?= \d| (?:two|three|four|five|six|seven|eight)\b)"), "table for"),
)


def prepare(text: str) -> str:
    """Write an utterance in lower case, numbers as digits, without punctuation but inside times and dates.

    "A table for four, tomorrow at half past seven." becomes "a table for 4 tomorrow at half past 7".
    """
    text = text.lower().strip().replace("\u2019", "'").replace("\u2013", "-")
    text = re.sub(r"\bgood (?:morning|afternoon|evening|night)\b", " ", text)  # a greeting is not a time of day
    text = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", text)
    text = re.sub(r"(?<=\d)\s?[.:]\s?(?=\d\d\b(?!\.\d))", ":", text)  # Whisper writes "7.30" as well as "7:30"
    text = re.sub(r"[!?;,\"()]|\.(?=\s|$)|:(?=\s|$)", " ", text)
    text = re.sub(r"\s+", " ", text).strip()
    for pattern, word in _HOMOPHONES:
        text = pattern.sub(word, text)
    text = re.sub(r"\bo ?'? ?clock\b", "o'clock", text)
    text = re.sub(r"\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d\d?)[ -]?ish\b", r"\1", text)
    return to_digits(text)


def mask(text: str, start: int, end: int) -> str:
    """Blank out words that have been understood, so that no other finder reads them; positions stay."""
    return f"{text[:start]}{'#' * (end - start)}{text[end:]}"


def taken_back(text: str, start: int) -> bool:
    """Say whether the words before a place take back what follows: "not Friday", "instead of Friday"."""
    return bool(re.search(r"\b(?:not|instead of|rather than)(?: (?:on|at|the|next|this|for))*\s*$", text[:start]))
