from __future__ import annotations

import numpy as np
import pytest

from convai_rasa.tts.graphs.latent_frames import stretched
from convai_rasa.tts.graphs.overlap import first_and_rest, in_pieces

REACH = 3
FRAMES = np.random.default_rng(1).standard_normal((1, 2, 100)).astype(np.float32)


def smooth(frames: np.ndarray) -> np.ndarray:
    """Add up each frame with the three to either side."""
    padded = np.pad(frames, ((0, 0), (0, 0), (REACH, REACH)))
    return sum(padded[:, :, shift : shift + frames.shape[2]] for shift in range(2 * REACH + 1))


def blocks(*lengths: int) -> list[np.ndarray]:
    return np.split(FRAMES, np.cumsum(lengths)[:-1], axis=2)


@pytest.mark.parametrize("lengths", [(100,), (1,) * 100, (20, 30, 50), (7, 93)])
@pytest.mark.parametrize(("first", "longest"), [(8, 32), (5, 5), (200, 200)])
def test_pieces_joined_equal_the_whole_however_it_becomes_known(
    lengths: tuple[int, ...], first: int, longest: int
) -> None:
    pieces = list(in_pieces(blocks(*lengths), smooth, overlap=REACH, first=first, longest=longest))
    np.testing.assert_allclose(np.concatenate(pieces, axis=2), smooth(FRAMES), atol=1e-5)
    assert pieces[0].shape[2] == min(first, 100)
    assert max(piece.shape[2] for piece in pieces) <= longest + first // 2
    less = np.concatenate(list(in_pieces(blocks(*lengths), smooth, overlap=1, first=5, longest=5)), axis=2)
    assert np.abs(less - smooth(FRAMES)).max() > 0.1


def test_the_first_piece_comes_as_soon_as_its_neighbours_are_known() -> None:
    taken: list[int] = []

    def counted() -> object:
        for block in blocks(*(1,) * 100):
            taken.append(1)
            yield block

    next(in_pieces(counted(), smooth, overlap=REACH, first=8, longest=32))
    assert len(taken) == 8 + REACH


@pytest.mark.parametrize("first", [1, 40, 100, 500])
def test_the_first_and_the_rest_equal_the_whole(first: int) -> None:
    pieces = list(first_and_rest(FRAMES, smooth, overlap=REACH, first=first))
    assert len(pieces) == (2 if first < 100 else 1)
    np.testing.assert_allclose(np.concatenate(pieces, axis=2), smooth(FRAMES), atol=1e-5)


def test_frames_are_stretched_between_their_neighbours() -> None:
    ramp = np.arange(10, dtype=np.float32).reshape(1, 1, 10)
    assert stretched(ramp, 2.0)[0, 0, 1:5].tolist() == [0.25, 0.75, 1.25, 1.75]
    assert stretched(ramp, 0.5)[0, 0].tolist() == [0.5, 2.5, 4.5, 6.5, 8.5]
    assert stretched(ramp, 0.01).shape == (1, 1, 1)
