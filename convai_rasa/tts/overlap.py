"""A function of a long sequence, computed piece by piece."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Iterator


def in_pieces(
    blocks: Iterable[Any],
    function: Callable[[Any], Any],
    *,
    overlap: int,
    first: int,
    longest: int,
    scale: int = 1,
) -> Iterator[Any]:
    """Apply a function whose every output depends on near inputs only; the pieces joined equal the whole.

    Args:
        blocks: the sequence as it becomes known, tensors of shape (1, channels, frames).
        function: takes (1, channels, n) to (1, channels, n * scale).
        overlap: frames at each side of a piece that are computed and thrown away: its receptive field.
        first: frames of the first piece, which comes as soon as ``first + overlap`` frames are known.
        longest: each following piece is twice as long, up to this.
        scale: outputs per frame.

    Yields:
        tensors of shape (1, channels, n * scale).
    """
    import torch

    known: Any = None  # the frames from `base` on
    base = start = 0
    length = first
    for block in _with_end(blocks):
        if block is not None:
            known = block if known is None else torch.cat([known, block], dim=2)
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


def _with_end(blocks: Iterable[Any]) -> Iterator[Any]:
    yield from blocks
    yield None
