from __future__ import annotations

from typing import Optional

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.asr.gates import is_invented, near_speech
from convai_rasa.audio import FRAME_SAMPLES

PROMPT = "Can I get a large iced coffee? Yes please. For how many people would you like to book a table?"


def sound(*levels_db: float) -> np.ndarray:
    """Noise, each number a frame's level in dB of full scale."""
    draw = np.random.default_rng(0)
    frames = draw.standard_normal((len(levels_db), FRAME_SAMPLES)) * 10 ** (np.array(levels_db)[:, None] / 20)
    return frames.reshape(-1).astype(np.float32)


def found(samples: np.ndarray, spoken: str) -> Optional[tuple[int, int]]:
    """Which speech is near, of frames that are speech where there is an x."""
    return near_speech(samples, np.array([0.9 if frame == "x" else 0.1 for frame in spoken]), 0.5)


def test_fewer_than_three_frames_of_speech_are_none() -> None:
    assert found(sound(*[-20] * 6), "-x-x--") is None
    assert found(sound(*[-20] * 6), "-xxx--") == (1, 3)


def test_weaker_voices_after_a_gap_are_somebody_elses() -> None:
    levels = [-45] * 10 + [-20] * 10 + [-45] * 20
    assert found(sound(*levels), "x" * 3 + "-" * 7 + "x" * 10 + "-" * 7 + "x" * 13) == (10, 19)


def test_a_sentence_that_dies_away_is_kept_to_its_end() -> None:
    levels = [-20] * 10 + [-34] * 10
    assert found(sound(*levels), "x" * 10 + "---" + "x" * 7) == (0, 19)


def test_a_quiet_person_alone_is_kept_whole() -> None:
    assert found(sound(*[-60] * 20), "-" * 5 + "x" * 10 + "-" * 5) == (5, 14)


def test_a_second_sentence_as_loud_as_the_first_is_kept_after_any_gap() -> None:
    levels = [-20] * 10 + [-70] * 30 + [-26] * 10
    assert found(sound(*levels), "x" * 10 + "-" * 30 + "x" * 10) == (0, 49)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_what_is_found_begins_and_ends_with_speech(seed: int, count: int) -> None:
    draw = np.random.default_rng(seed)
    probabilities = draw.random(count).astype(np.float32)
    samples = (draw.standard_normal(count * FRAME_SAMPLES - 100) * draw.choice([0, 1e-4, 0.1])).astype(np.float32)
    ends = near_speech(samples, probabilities, 0.5)
    if ends is None:
        assert (probabilities >= 0.5).sum() < 3
        return
    assert 0 <= ends[0] <= ends[1] < count
    assert probabilities[list(ends)].min() >= 0.5


@pytest.mark.parametrize(
    ("invented", "text", "speech_s", "log_probability", "no_speech"),
    [
        (True, "Thank you for watching.", 0.3, -0.6, 0.2),
        (True, "You", 0.2, -0.5, 0.01),
        (True, "Can I get a large iced coffee?", 1.1, -0.5, 0.02),
        (True, "Can I get a large iced coffee with milk and sugar and cream", 0.4, -0.1, 0.0),
        (True, "Mmm", 3.0, -0.2, 0.3),
        (True, "Ooooh, aaaah!", 5.0, -0.3, 0.4),
        (True, "No, whoa.", 1.5, -0.4, 0.2),
        (True, "I'd like to go back to the next one.", 1.9, -0.96, 0.28),
        (False, "No.", 0.2, -0.4, 0.05),
        (False, "Yes please.", 0.4, -0.6, 0.1),
        (False, "Thank you.", 0.5, -0.2, 0.02),
        (False, "Can I get a large iced coffee?", 1.6, -0.2, 0.01),
        (False, "Can I get a large iced coffee?", 2.5, -0.7, 0.2),
        (False, "Oh, no.", 0.5, -0.4, 0.05),
        (False, "Mhm.", 0.4, -0.3, 0.05),
        (False, "Four people on Friday at seven", 1.0, -0.6, 0.1),
        (False, "I want a latte", 1.0, -0.6, 0.2),
        (True, "...", 3.0, -0.1, 0.0),
    ],
)
def test_text_with_too_little_behind_it_was_made_up_and_what_was_said_is_kept(
    invented: bool, text: str, speech_s: float, log_probability: float, no_speech: float
) -> None:
    said = {"speech_s": speech_s, "log_probability": log_probability, "no_speech": no_speech}
    assert is_invented(text, prompt=PROMPT, **said) is invented
