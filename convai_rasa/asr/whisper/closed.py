"""A closed choice of words: the tokens that Whisper may not write, so that nothing else is left to it."""

from __future__ import annotations

import functools
from typing import Any

_BETWEEN = (",", ".")  # what separates words that are said one by one


@functools.lru_cache(maxsize=4)
def figures_only(tokenizer: Any) -> list[int]:
    """Return faster-whisper's tokens to suppress so that it writes figures, one by one, and nothing else."""
    return _all_but(_figures(tokenizer), tokenizer)


@functools.lru_cache(maxsize=32)
def words_only(tokenizer: Any, words: frozenset[str]) -> list[int]:
    """Return the tokens to suppress so that it writes some words, spelled as these, figures, and what separates them.

    Words of several tokens may be mixed with each other, which what was said makes unlikely.
    """
    kept = _figures(tokenizer)
    for word in words:
        kept.update(tokenizer.encode(f" {word}"), tokenizer.encode(word)[:1])  # the first may have no space before it
    kept.update(*map(tokenizer.encode, _BETWEEN))
    return _all_but(kept, tokenizer)


def _figures(tokenizer: Any) -> set[int]:
    kept: set[int] = set()
    for figure in "0123456789":
        kept.update(tokenizer.encode(f" {figure}")[-1:], tokenizer.encode(figure))
    return kept


def _all_but(kept: set[int], tokenizer: Any) -> list[int]:
    return [token for token in range(tokenizer.eot) if token not in kept]
