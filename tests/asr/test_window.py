from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.asr.window import cut_repeats, split_at_quiet
from convai_rasa.audio import SAMPLE_RATE


def test_short_sound_is_one_part() -> None:
    samples = np.ones(SAMPLE_RATE, np.float32)
    [part] = split_at_quiet(samples)
    assert part is samples


def test_the_cut_is_in_the_pause() -> None:
    samples = np.random.default_rng(0).standard_normal(40 * SAMPLE_RATE).astype(np.float32)
    pause = slice(int(24.5 * SAMPLE_RATE), 25 * SAMPLE_RATE)
    samples[pause] = 0
    first, second = split_at_quiet(samples)
    assert pause.start < len(first) < pause.stop
    np.testing.assert_array_equal(np.concatenate([first, second]), samples)


@settings(max_examples=30, deadline=None)
@given(seconds=st.floats(0, 100), seed=st.integers(0, 9))
def test_nothing_is_lost_and_everything_fits(seconds: float, seed: int) -> None:
    samples = np.random.default_rng(seed).standard_normal(int(seconds * SAMPLE_RATE)).astype(np.float32)
    parts = split_at_quiet(samples)
    np.testing.assert_array_equal(np.concatenate(parts), samples)
    assert all(len(part) <= 28 * SAMPLE_RATE for part in parts)
    assert all(len(part) >= 20 * SAMPLE_RATE for part in parts[:-1])


@pytest.mark.parametrize(
    ("text", "speech_s", "kept"),
    [
        ("I want a latte. I want a latte. I want", 3, "I want a latte."),
        ("I want a latte. I want a tea.", 3, "I want a latte. I want a tea."),
        ("Book a table. For two people. At half past", 3, "Book a table. For two people. At half past"),
        ("Book a table now. For two. Book a table", 3, "Book a table now. For two."),
        ("I want a tea. Well? I want a tea. With milk.", 12, "I want a tea. Well? I want a tea. With milk."),
        (
            "I want a tea. With some milk. I want a tea. With some milk. I want a",
            12,
            "I want a tea. With some milk.",
        ),
        (
            "It is number nine. It is number ten. It is number nine. It is number ten. It is number 9",
            12,
            "It is number nine. It is number ten.",
        ),
        ("I want a tea. I want a tea. And then", 12, "I want a tea. I want a tea. And then"),
        ("Yes. Yes.", 0.6, "Yes."),
        ("No. No.", 2, "No. No."),
        ("No. No. No.", 4, "No. No."),
        ("a bit of milk, a bit of sugar, a bit of cream", 4, "a bit of milk, a bit of sugar, a bit of cream"),
        ("so a bit of a bit of a bit of a bit of a bit", 4, "so a bit of"),
        ("five five five five", 3, "five five five five"),
        ("still " * 30, 5, "still"),
        ("It costs 3.50.", 2, "It costs 3.50."),
        ("", 1, ""),
    ],
)
def test_repeats_are_cut_and_speech_is_kept(text: str, speech_s: float, kept: str) -> None:
    assert cut_repeats(text, speech_s) == kept
