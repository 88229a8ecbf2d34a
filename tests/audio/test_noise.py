from __future__ import annotations

from typing import List

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.audio import FRAME_SAMPLES
from convai_rasa.audio.noise import NoiseFloor
from convai_rasa.errors import AudioError

FRAMES_PER_S = 16_000 / FRAME_SAMPLES


def sound(level_db: float, seconds: float, seed: int = 0) -> List[np.ndarray]:
    """Frames of noise at a level, pre-emphasised, in dB of full scale."""
    draw = np.random.default_rng(seed)
    count = round(seconds * FRAMES_PER_S)
    frames = draw.standard_normal((count, FRAME_SAMPLES)) * 10 ** (level_db / 20) / np.sqrt(1 + 0.95**2)
    return list(frames.astype(np.float32))


def speech(level_db: float, seconds: float) -> List[np.ndarray]:
    """Frames of somebody who speaks: one in six is a gap between words."""
    frames = sound(level_db, seconds)
    return [frame * 0.02 if number % 6 == 5 else frame for number, frame in enumerate(frames)]


def heard(floor: NoiseFloor, frames: List[np.ndarray], probability: float = 0.9) -> float:
    """Return the share of the frames that still count as speech."""
    return float(np.mean([floor.probability(frame, probability) >= 0.5 for frame in frames]))


@pytest.mark.parametrize("level_db", [-50, -40, -30, -20])
def test_steady_sound_counts_as_speech_for_three_seconds_at_most(level_db: float) -> None:
    floor = NoiseFloor()
    heard(floor, sound(level_db, 3.0))
    assert heard(floor, sound(level_db, 3.0)) == 0.0


def test_in_noise_that_the_detector_knows_as_such_no_word_is_lost() -> None:
    floor = NoiseFloor()
    heard(floor, sound(-35, 3.0), probability=0.1)
    assert heard(floor, sound(-32, 2.0, seed=1)) == 1.0


@pytest.mark.parametrize("level_db", [-55, -45, -30, -10])
def test_in_a_silent_room_even_quiet_speech_counts_from_its_first_frame(level_db: float) -> None:
    floor = NoiseFloor()
    heard(floor, sound(-80, 3.0), probability=0.0)
    words = speech(level_db, 6.0)
    assert floor.probability(words[0], 0.9) == 0.9
    assert heard(floor, words) > 0.8  # all but the gaps


def test_a_person_counts_as_soon_as_the_line_is_open() -> None:
    assert heard(NoiseFloor(), speech(-30, 1.0)) > 0.8


@pytest.mark.parametrize("ratio_db", [12, 20, 30])
def test_a_person_over_people_talking_counts_and_those_do_not(ratio_db: float) -> None:
    floor = NoiseFloor()
    heard(floor, sound(-45, 3.0))
    both = [near + far for near, far in zip(speech(-45 + ratio_db, 2.0), sound(-45, 2.0, seed=1))]
    assert heard(floor, both) > 0.8
    assert heard(floor, sound(-45, 1.0, seed=2)) < 0.1


def test_a_person_who_moves_away_is_heard_again_within_seconds() -> None:
    floor = NoiseFloor()
    heard(floor, sound(-80, 1.0), probability=0.0)
    heard(floor, speech(-15, 3.0))
    heard(floor, sound(-80, 6.0), probability=0.0)
    assert heard(floor, speech(-42, 1.0)) > 0.8


def test_after_a_noise_has_ended_the_floor_is_back_within_two_seconds() -> None:
    floor = NoiseFloor()
    heard(floor, sound(-25, 5.0))
    heard(floor, sound(-70, 2.0), probability=0.0)
    assert heard(floor, speech(-40, 1.0)) > 0.8


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.95))
def test_what_the_detector_doubts_never_becomes_speech(seed: int, threshold: float) -> None:
    draw = np.random.default_rng(seed)
    floor = NoiseFloor(threshold)
    for _ in range(100):
        frame = (draw.standard_normal(FRAME_SAMPLES) * draw.choice([0, 1e-5, 1e-2, 1])).astype(np.float32)
        before = float(draw.random())
        after = floor.probability(frame, before)
        assert 0.0 <= after <= before
        assert after == before or (before >= threshold > after)


def test_a_frame_of_another_length_is_refused() -> None:
    with pytest.raises(AudioError, match="512 samples"):
        NoiseFloor().probability(np.zeros(480, np.float32), 0.5)
