from __future__ import annotations

from typing import List, Optional, Tuple

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.voice.ears.caller import Caller

PER_S = 31  # frames
CALLER_DB = -25.0
QUIET_DB = -75.0


def speech(level_db: float, seconds: float, seed: int = 0) -> List[float]:
    """Levels of somebody who speaks: syllables, and a short stop in each."""
    draw = np.random.default_rng(seed)
    levels = level_db + draw.normal(0, 2, round(seconds * PER_S))
    levels[::6] -= 8
    return [float(level) for level in levels]


def behind(level_db: float, seconds: float, seed: int = 1) -> List[float]:
    """Levels of many people who speak at once."""
    return [float(level) for level in np.random.default_rng(seed).normal(level_db, 1.5, round(seconds * PER_S))]


def silence(seconds: float) -> List[float]:
    return [QUIET_DB] * round(seconds * PER_S)


def part(caller: Caller, levels_db: List[float]) -> Optional[Tuple[int, int]]:
    return caller.part(levels_db, [level > -60 for level in levels_db])


def heard(caller: Caller, levels_db: List[float]) -> float:
    """Return the share of the frames that count as speech, although the detector takes all for it."""
    return float(np.mean([caller.probability(level, 0.9) >= 0.5 for level in levels_db]))


def among_people(apart_db: float) -> Caller:
    """A caller who has had a turn with people behind them."""
    caller = Caller()
    others = CALLER_DB - apart_db
    assert part(caller, behind(others, 1.5) + speech(CALLER_DB, 2.0) + behind(others, 1.5, seed=2)) is not None
    return caller


@pytest.mark.parametrize("apart_db", [10, 14, 20])
def test_what_others_say_before_and_after_the_caller_is_cut_off(apart_db: float) -> None:
    others = CALLER_DB - apart_db
    found = part(Caller(), behind(others, 2.0) + speech(CALLER_DB, 2.0) + behind(others, 3.0, seed=2))
    assert found is not None
    first, end = found
    assert 2.0 * PER_S - 12 <= first <= 2.0 * PER_S
    assert 4.0 * PER_S <= end <= 4.0 * PER_S + 16


def test_the_callers_own_pause_is_kept_whoever_speaks_in_it() -> None:
    others = CALLER_DB - 14
    turn = speech(CALLER_DB, 1.5) + behind(others, 0.7) + speech(CALLER_DB, 1.5, seed=3)
    found = part(Caller(), behind(others, 1.5) + turn + behind(others, 1.5, seed=2))
    assert found is not None
    assert found[1] - found[0] >= len(turn)


@pytest.mark.parametrize("seconds", [0.3, 1.0, 2.0])
def test_nothing_is_cut_where_the_caller_is_alone_and_gets_softer(seconds: float) -> None:
    words = speech(CALLER_DB, 2.0) + speech(CALLER_DB - 9, seconds, seed=4)
    assert part(Caller(), silence(0.4) + words) is None  # while they speak
    assert part(Caller(), silence(0.4) + words + silence(0.5)) is None


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000), st.floats(-50, -10), st.floats(0.2, 6.0))
def test_nothing_is_cut_in_a_quiet_room(seed: int, level_db: float, seconds: float) -> None:
    levels = silence(1.0) + speech(level_db, seconds, seed) + silence(2.0)
    assert Caller().part(levels, [level > -70 for level in levels]) is None


def test_in_noise_that_is_no_speech_nothing_is_cut() -> None:
    levels = behind(-35, 2.0) + speech(CALLER_DB, 2.0) + behind(-35, 2.0, seed=2)
    spoken = [2.0 * PER_S <= number < 4.0 * PER_S for number in range(len(levels))]
    assert Caller().part(levels, spoken) is None


def test_a_part_with_too_little_speech_is_left_as_it_is() -> None:
    assert Caller().part([], []) is None
    assert part(Caller(), silence(1.0)) is None
    assert part(Caller(), speech(CALLER_DB, 0.2)) is None


def test_until_others_were_heard_beside_the_caller_everybody_counts() -> None:
    caller = Caller()
    part(caller, silence(0.4) + speech(CALLER_DB, 2.0) + silence(0.5))
    assert caller.others_db is None
    assert heard(caller, speech(CALLER_DB - 20, 3.0)) == 1.0


@pytest.mark.parametrize("apart_db", [10, 14, 20])
def test_others_no_longer_count_and_the_caller_does(apart_db: float) -> None:
    caller = among_people(apart_db)
    assert heard(caller, behind(CALLER_DB - apart_db, 3.0, seed=5)) < 0.05
    assert heard(caller, speech(CALLER_DB, 1.0, seed=6)) > 0.9
    assert heard(caller, behind(CALLER_DB - apart_db, 2.0, seed=7)) < 0.1  # the end of the words may echo


def test_a_caller_who_speaks_softer_than_before_is_still_heard() -> None:
    caller = among_people(20)
    assert heard(caller, speech(CALLER_DB - 8, 1.0, seed=6)) > 0.9


def test_a_caller_who_moves_away_as_far_as_the_others_is_heard_again_within_ten_seconds() -> None:
    caller = among_people(14)
    assert heard(caller, speech(CALLER_DB - 14, 3.0, seed=6)) < 0.2
    heard(caller, speech(CALLER_DB - 14, 7.0, seed=7))
    assert heard(caller, speech(CALLER_DB - 14, 1.0, seed=8)) == 1.0


def test_when_the_others_have_left_the_softest_word_counts() -> None:
    caller = among_people(14)
    for level in silence(25.0):
        caller.probability(level, 0.01)
    assert heard(caller, speech(CALLER_DB - 18, 1.0, seed=6)) == 1.0


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.05, 0.95))
def test_what_the_detector_doubts_never_becomes_speech(seed: int, threshold: float) -> None:
    draw = np.random.default_rng(seed)
    caller = Caller(threshold)
    caller.level_db, caller.others_db = -25.0, -40.0
    for _ in range(100):
        before = float(draw.random())
        after = caller.probability(float(draw.uniform(-80, -10)), before)
        assert after == before or (before >= threshold > after >= 0.0)
