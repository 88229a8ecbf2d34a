from __future__ import annotations

from typing import List, Optional

from convai_rasa.voice.call.silence import SilenceCounter


def count(counter: SilenceCounter, seconds: float, speaking: bool = False) -> List[int]:
    heard: List[Optional[int]] = [counter.heard(32, speaking) for _ in range(round(seconds * 1000 / 32))]
    return [times for times in heard if times is not None]


def test_three_silences_in_a_row_and_no_fourth() -> None:
    assert count(SilenceCounter(2), 20) == [1, 2, 3]


def test_silence_begins_when_the_last_one_stops_speaking() -> None:
    counter = SilenceCounter(2)
    assert count(counter, 1.5) == []
    assert count(counter, 5, speaking=True) == []
    assert count(counter, 1.5) == []
    assert count(counter, 1) == [1]


def test_a_word_of_the_person_starts_anew() -> None:
    counter = SilenceCounter(2)
    assert count(counter, 5) == [1, 2]
    counter.broken()
    assert count(counter, 2.1) == [1]


def test_zero_never_counts() -> None:
    assert count(SilenceCounter(0), 60) == []
