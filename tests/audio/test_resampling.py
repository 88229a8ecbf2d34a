from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.audio import StreamResampler, resample
from convai_rasa.errors import AudioError

RATES = [(8000, 16000), (22050, 16000), (24000, 16000), (44100, 16000), (48000, 16000), (22050, 48000), (22050, 8000)]


def tone(frequency: float, rate: int, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate).astype(np.float32)


def streamed(samples: np.ndarray, source: int, target: int, piece: int = 441) -> np.ndarray:
    resampler = StreamResampler(source, target)
    parts = [resampler.push(samples[start : start + piece]) for start in range(0, len(samples), piece)]
    return np.concatenate([*parts, resampler.flush()])


def level_db(samples: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(samples[200:-200] ** 2)) * np.sqrt(2) + 1e-12))


@pytest.mark.parametrize(("source", "target"), RATES)
def test_a_tone_stays_the_same_tone_without_delay(source: int, target: int) -> None:
    frequency = 0.42 * min(source, target)  # 84 % of the band
    output = streamed(tone(frequency, source), source, target)
    assert len(output) == target
    np.testing.assert_allclose(output[200:-200], tone(frequency, target)[200:-200], atol=2e-3)


@pytest.mark.parametrize(("source", "target"), [rates for rates in RATES if rates[0] > rates[1]])
def test_what_the_lower_rate_cannot_hold_is_gone(source: int, target: int) -> None:
    assert level_db(streamed(tone(0.51 * target, source), source, target)) < -75


@pytest.mark.parametrize(("source", "target"), RATES)
def test_little_sound_is_held_back(source: int, target: int) -> None:
    resampler = StreamResampler(source, target)
    chunk = np.zeros(source // 50, np.float32)
    lags = []
    produced = 0
    for number in range(1, 51):
        produced += len(resampler.push(chunk))
        lags.append(number * len(chunk) / source - produced / target)
    assert max(lags) < 0.0045


@settings(max_examples=50, deadline=None)
@given(cuts=st.lists(st.integers(0, 3000), max_size=10), rates=st.sampled_from(RATES))
def test_any_way_of_cutting_the_stream_gives_the_same_sound(cuts: list[int], rates: tuple[int, int]) -> None:
    samples = np.random.default_rng(3).standard_normal(3000).astype(np.float32)
    whole = streamed(samples, *rates, piece=3000)
    resampler = StreamResampler(*rates)
    edges = [0, *sorted(cuts), 3000]
    parts = [resampler.push(samples[start:end]) for start, end in itertools.pairwise(edges)]
    np.testing.assert_allclose(np.concatenate([*parts, resampler.flush()]), whole, atol=1e-5)


def test_a_whole_recording_is_resampled_to_its_length() -> None:
    output = resample(tone(440, 22050), 22050, 16000)
    assert output.dtype == np.float32
    assert len(output) == 16000
    np.testing.assert_allclose(output[200:-200], tone(440, 16000)[200:-200], atol=1e-3)
    assert len(resample(np.zeros(0, np.float32), 8000, 16000)) == 0


def test_what_is_int16_stays_int16() -> None:
    samples = (tone(440, 22050) * 9000).astype(np.int16)
    output = streamed(samples, 22050, 16000)
    assert (output.dtype, len(output)) == (np.int16, 16000)
    np.testing.assert_allclose(output[200:-200], 9000 * tone(440, 16000)[200:-200], atol=20)
    whole = resample(samples, 22050, 16000)
    assert (whole.dtype, len(whole)) == (np.int16, 16000)
    np.testing.assert_allclose(whole[200:-200], 9000 * tone(440, 16000)[200:-200], atol=20)


@pytest.mark.parametrize("kind", [np.int16, np.float32])
def test_at_equal_rates_everything_passes_at_once_as_it_is(kind: type) -> None:
    samples = np.arange(-300, 300).astype(kind)
    resampler = StreamResampler(22050, 22050)
    pushed = resampler.push(samples)
    assert pushed.dtype == kind
    np.testing.assert_array_equal(pushed, samples)
    rest = resampler.flush()
    assert (rest.dtype, len(rest)) == (kind, 0)
    np.testing.assert_array_equal(resample(samples, 22050, 22050), samples)


@pytest.mark.parametrize("rates", [(7999, 7999), (16000, 192001), (16000.0, 16000)])
def test_an_impossible_rate_is_refused(rates: tuple[int, int]) -> None:
    with pytest.raises(
        AudioError, match=r"^Sample rate .* is impossible; give a whole number of Hz from 8000 to 192000\.$"
    ):
        StreamResampler(*rates)
    with pytest.raises(AudioError, match="is impossible"):
        resample(np.zeros(5, np.float32), *rates)
