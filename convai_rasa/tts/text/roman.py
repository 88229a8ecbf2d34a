"""Roman numerals."""

from __future__ import annotations

from typing import Optional

_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_ROMAN_PARTS = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
    (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def roman(numeral: str) -> Optional[int]:
    """Return the value of a Roman numeral in capitals, None for what is none (``IIX``)."""
    value = 0
    for one, after in zip(numeral, [*numeral[1:], ""], strict=True):
        size = _ROMAN.get(one, 0)
        value += -size if size < _ROMAN.get(after, 0) else size
    return value if 0 < value < 4000 and _as_roman(value) == numeral else None


def _as_roman(value: int) -> str:
    written = ""
    for size, letters in _ROMAN_PARTS:
        written += letters * (value // size)
        value %= size
    return written
