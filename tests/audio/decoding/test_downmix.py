from __future__ import annotations

import numpy as np
import pytest

from convai_rasa.audio.decoding.downmix import Downmix

SPEECH = np.random.default_rng(1).standard_normal(32_000).astype(np.float32) * 0.1
OTHER = np.random.default_rng(2).standard_normal(32_000).astype(np.float32) * 0.1
HUM = (0.4 * np.sin(2 * np.pi * 50 * np.arange(32_000) / 16_000)).astype(np.float32)
NOTHING = np.zeros(32_000, np.float32)


def mixed(*channels: np.ndarray, piece: int = 700) -> np.ndarray:
    rows, mix = np.stack(channels), Downmix(len(channels))
    pieces = [mix.push(rows[:, start : start + piece]) for start in range(0, rows.shape[1], piece)]
    return np.concatenate([*pieces, mix.flush()])


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    return float(abs(np.corrcoef(one, other)[0, 1]))


@pytest.mark.parametrize(
    "channels",
    [
        (SPEECH,),
        (SPEECH, SPEECH),
        (SPEECH, -SPEECH),
        (-SPEECH, SPEECH * 0.5),
        (SPEECH, NOTHING),
        (NOTHING, NOTHING, -SPEECH),
        (SPEECH, -SPEECH, NOTHING, SPEECH, -SPEECH, SPEECH, NOTHING, -SPEECH),
        (SPEECH, SPEECH + 0.5),
    ],
)
def test_a_voice_is_as_loud_as_in_its_loudest_channel(channels: tuple[np.ndarray, ...]) -> None:
    mix = mixed(*channels)
    assert len(mix) == len(SPEECH)
    assert likeness(mix, SPEECH) > 0.98
    assert np.std(mix) == pytest.approx(np.std(SPEECH), rel=0.05)


def test_a_voice_that_cancels_is_heard_through_a_hum_that_does_not() -> None:
    assert likeness(mixed(HUM + SPEECH, HUM - SPEECH), SPEECH) > 0.9


def test_two_people_on_two_channels_are_both_heard() -> None:
    mix = mixed(SPEECH, OTHER)
    assert min(likeness(mix, SPEECH), likeness(mix, OTHER)) > 0.65


def test_the_way_a_stream_is_cut_makes_no_difference() -> None:
    np.testing.assert_allclose(mixed(SPEECH, -OTHER, piece=1), mixed(SPEECH, -OTHER, piece=32_000), atol=1e-6)
