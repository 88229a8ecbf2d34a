"""A function of a long sequence, computed piece by piece."""

from __future__ import annotations

from typing import Callable, Iterable, Iterator, Optional

import numpy as np

Function = Callable[[np.ndarray], np.ndarray]


def in_pieces(
    blocks: Iterable[np.ndarray],
    function: Function,
    *,
    overlap: int,
    first: int,
    longest: int,
    scale: int = 1,
) -> Iterator[np.ndarray]:
    """Apply a function whose every output depends on near inputs only; the pieces joined equal the whole.

    Args:
        blocks: the sequence as it becomes known, arrays of shape (1, channels, frames).
        function: takes (1, channels, n) to (1, channels, n * scale).
        overlap: frames at each side of a piece that are computed and thrown away: its receptive field.
        first: frames of the first piece, which comes as soon as ``first + overlap`` frames are known.
        longest: each following piece is twice as long, up to this.
        scale: outputs per frame.

    Yields:
        arrays of shape (1, channels, n * scale).
    """
    known: Optional[np.ndarray] = None  # the frames from `base` on
    base = start = 0
    length = first
    for block in _with_end(blocks):
        if block is not None:
            known = block if known is None else np.concatenate([known, block], axis=2)
        while known is not None:
            total = base + known.shape[2]
            end = start + length
            ended = block is None
            if start >= total or (not ended and total < end + overlap):
                break
            if ended and total - end < first // 2:  # no crumbs: the overlap would cost more than they are worth
                end = total
            low, high = max(0, start - overlap), min(total, end + overlap)
            output = function(known[:, :, low - base : high - base])
            yield output[:, :, (start - low) * scale : (end - low) * scale]
            start, length = end, min(2 * length, longest)
            forget = max(0, start - overlap) - base
            known, base = known[:, :, forget:], base + forget


def first_and_rest(whole: np.ndarray, function: Function, *, overlap: int, first: int) -> Iterator[np.ndarray]:
    """Apply a function as ``in_pieces`` does, in two pieces: the first, so that it is there early, and the others.

    Args:
        whole: the sequence, of shape (1, channels, frames).
        function: takes (1, channels, n) to (1, channels, n).
        overlap: frames at each side that one depends on.
        first: frames of the first piece.
    """
    yield function(whole[:, :, : first + overlap])[:, :, :first]
    if whole.shape[2] > first:
        low = max(0, first - overlap)
        yield function(whole[:, :, low:])[:, :, first - low :]


def _with_end(blocks: Iterable[np.ndarray]) -> Iterator[Optional[np.ndarray]]:
    yield from blocks
    yield None
