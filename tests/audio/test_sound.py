from __future__ import annotations

import numpy as np
import pytest

from convai_rasa.audio import AtRate, Sound, StreamResampler, joined
from convai_rasa.errors import AudioError


def beep(rate: int, seconds: float = 0.5) -> Sound:
    times = np.arange(int(rate * seconds)) / rate
    return Sound((9000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16), rate)


def pitch(samples: np.ndarray, rate: int) -> float:
    """Return the frequency of a tone in Hz."""
    return float(np.abs(np.fft.rfft(samples)).argmax() * rate / len(samples))


def test_a_sound_knows_how_long_it_is_at_any_rate() -> None:
    sound = beep(22_050, 2.0)
    assert sound.seconds == 2.0
    lower = sound.at(8_000)
    assert (lower.rate, lower.seconds, lower.samples.dtype) == (8_000, 2.0, np.int16)
    assert pitch(lower.samples, 8_000) == 440
    assert sound.at(22_050).samples is sound.samples
    assert Sound.silence(0.25, 16_000).seconds == 0.25
    assert not Sound.silence(0.25, 16_000).samples.any()


def test_it_stays_of_the_kind_it_is() -> None:
    assert Sound(np.zeros(100, np.float32), 16_000).at(8_000).samples.dtype == np.float32


def test_pieces_of_one_rate_give_what_a_resampler_gives() -> None:
    sound, at_rate, resampler = beep(22_050), AtRate(16_000), StreamResampler(22_050, 16_000)
    pieces = np.array_split(sound.samples, 7)
    brought = [*(at_rate.push(Sound(piece, 22_050)) for piece in pieces), at_rate.flush()]
    expected = [*map(resampler.push, pieces), resampler.flush()]
    np.testing.assert_array_equal(np.concatenate(brought), np.concatenate(expected))


def test_pieces_of_different_rates_follow_each_other_without_a_gap() -> None:
    at_rate = AtRate(16_000)
    parts = [at_rate.push(beep(rate)) for rate in (22_050, 16_000, 8_000, 8_000)] + [at_rate.flush()]
    sound = np.concatenate(parts)
    assert (sound.dtype, len(sound)) == (np.int16, 4 * 8_000)
    for start in range(0, len(sound), 8_000):
        assert pitch(sound[start : start + 8_000], 16_000) == 440


def test_a_piece_at_the_wanted_rate_is_handed_on_as_it_is() -> None:
    at_rate, sound = AtRate(16_000), beep(16_000)
    assert at_rate.push(sound) is sound.samples
    assert len(at_rate.flush()) == 0


def test_sounds_are_joined_at_the_rate_of_the_first() -> None:
    whole = joined([beep(22_050), beep(8_000)])
    assert (whole.rate, whole.seconds) == (22_050, 1.0)
    assert pitch(whole.samples, 22_050) == 440
    assert (joined([]).rate, joined([]).seconds, joined([]).samples.dtype) == (16_000, 0.0, np.int16)


def test_an_impossible_rate_is_refused() -> None:
    with pytest.raises(AudioError, match="Sample rate 96 is impossible"):
        AtRate(16_000).push(Sound(np.zeros(10, np.int16), 96))
    with pytest.raises(AudioError, match="Sample rate 96 is impossible"):
        beep(16_000).at(96)
