from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.audio import FRAME_SAMPLES, Framer, float_to_pcm16, pcm16_to_float
from convai_rasa.errors import AudioError


def noise_bytes(samples: int, seed: int = 1) -> bytes:
    return np.random.default_rng(seed).integers(-30000, 30000, samples).astype("<i2").tobytes()


def test_pcm_survives_the_way_to_floats_and_back() -> None:
    pcm = np.arange(-32768, 32768, dtype=np.int16)
    samples = pcm16_to_float(pcm.astype("<i2").tobytes())
    assert samples.dtype == np.float32
    assert samples.min() == -1.0
    assert samples.max() < 1.0
    np.testing.assert_array_equal(float_to_pcm16(samples), pcm)


def test_too_loud_samples_are_clipped_and_not_wrapped_around() -> None:
    np.testing.assert_array_equal(float_to_pcm16(np.array([1.0, 2.0, -2.0], np.float32)), [32767, 32767, -32768])


def test_frames_are_the_samples_in_order() -> None:
    data = noise_bytes(FRAME_SAMPLES * 3 + 100)
    framer = Framer()
    frames = framer.push(data)
    assert [frame.shape for frame in frames] == [(FRAME_SAMPLES,)] * 3
    [last] = framer.flush()
    np.testing.assert_array_equal(last[100:], 0)
    np.testing.assert_array_equal(np.concatenate([*frames, last[:100]]), pcm16_to_float(data))


def test_an_odd_byte_waits_for_its_other_half() -> None:
    data = noise_bytes(FRAME_SAMPLES)
    framer = Framer()
    assert framer.push(data[:1]) == []
    assert framer.push(b"") == []
    [frame] = framer.push(data[1:])
    np.testing.assert_array_equal(frame, pcm16_to_float(data))


def test_a_flushed_framer_begins_anew() -> None:
    framer = Framer(8000)
    first = framer.push(noise_bytes(2000)) + framer.flush()
    framer.push(b"\x01")
    framer.flush()
    again = framer.push(noise_bytes(2000)) + framer.flush()
    np.testing.assert_array_equal(np.concatenate(first), np.concatenate(again))


@settings(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from([16_000, 8_000, 22_050, 44_100, 48_000]),
    cuts=st.lists(st.integers(0, 8000), max_size=12),
)
def test_any_way_of_cutting_the_bytes_gives_the_same_frames(rate: int, cuts: list[int]) -> None:
    data = noise_bytes(4000)
    whole = Framer(rate)
    expected = whole.push(data) + whole.flush()
    pieces = Framer(rate)
    edges = [0, *sorted(cuts), len(data)]
    frames = [frame for start, end in itertools.pairwise(edges) for frame in pieces.push(data[start:end])]
    frames += pieces.flush()
    assert len(frames) == len(expected)
    np.testing.assert_allclose(np.concatenate(frames), np.concatenate(expected), atol=1e-6)


@pytest.mark.parametrize("rate", [0, -8000, 7999, 400_000, 16000.5, "16000", True])
def test_an_impossible_rate_is_refused(rate: object) -> None:
    with pytest.raises(AudioError, match="whole number of Hz from 8000 to 192000"):
        Framer(rate)  # type: ignore[arg-type] # the point of the test
