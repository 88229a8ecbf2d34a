from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai_rasa.errors import ConfigurationError
from convai_rasa.options import parse_options
from convai_rasa.voice.options import TurnOptions
from convai_rasa.voice.turn import FRAME_MS, TurnEventKind, TurnTaker

STARTED, PAUSED, RESUMED, ENDED = TurnEventKind
SPEECH, SILENCE = 0.9, 0.1


def events(turns: TurnTaker, *runs: tuple[float, int]) -> list[tuple[TurnEventKind, int]]:
    """Push runs of (probability, milliseconds); return the events with the time they came at."""
    seen, now = [], 0
    for probability, milliseconds in runs:
        for _ in range(milliseconds // FRAME_MS):
            now += FRAME_MS
            event = turns.push(probability)
            if event is not None:
                seen.append((event.kind, now))
    return seen


def test_an_utterance_starts_pauses_and_ends_at_the_configured_times() -> None:
    turns = TurnTaker(TurnOptions())
    assert events(turns, (SILENCE, 320), (SPEECH, 960), (SILENCE, 960)) == [
        (STARTED, 320 + 96),
        (PAUSED, 320 + 960 + 224),
        (ENDED, 320 + 960 + 512),
    ]


def test_speech_after_a_pause_resumes_the_utterance() -> None:
    turns = TurnTaker(TurnOptions())
    kinds = [kind for kind, _ in events(turns, (SPEECH, 640), (SILENCE, 320), (SPEECH, 640), (SILENCE, 640))]
    assert kinds == [STARTED, PAUSED, RESUMED, PAUSED, ENDED]


def test_a_click_is_no_utterance() -> None:
    assert events(TurnTaker(TurnOptions()), (SPEECH, 64), (SILENCE, 640), (SPEECH, 64), (SILENCE, 640)) == []


def test_an_endless_utterance_is_ended() -> None:
    turns = TurnTaker(TurnOptions(max_utterance_s=2))
    seen = events(turns, (SPEECH, 3200))
    assert seen[1][0] is ENDED
    assert seen[1][1] == pytest.approx(2000, abs=FRAME_MS)


def test_letting_go_of_the_button_ends_the_utterance_once() -> None:
    turns = TurnTaker(TurnOptions())
    events(turns, (SPEECH, 640))
    ended = turns.end()
    assert ended is not None
    assert ended.kind is ENDED
    assert turns.end() is None
    assert not turns.speaking


@given(st.lists(st.floats(0, 1), max_size=400))
def test_events_always_come_in_a_sensible_order(probabilities: list[float]) -> None:
    """STARTED opens, ENDED closes, PAUSED and RESUMED alternate in between, whatever is heard."""
    allowed = {
        None: {STARTED},
        STARTED: {PAUSED, ENDED},
        PAUSED: {RESUMED, ENDED},
        RESUMED: {PAUSED, ENDED},
        ENDED: {STARTED},
    }
    turns, last = TurnTaker(TurnOptions(max_utterance_s=3)), None
    for probability in probabilities:
        event = turns.push(probability)
        if event is not None:
            assert event.kind in allowed[last]
            last = event.kind
        assert turns.speaking == (last in (STARTED, PAUSED, RESUMED))


@given(st.lists(st.booleans(), max_size=300))
def test_what_was_heard_decides_and_not_when(voiced: list[bool]) -> None:
    """Two turn takers that are shown the same frames agree, however the frames were delivered."""
    one, other = TurnTaker(TurnOptions()), TurnTaker(TurnOptions())
    frames = [SPEECH if flag else SILENCE for flag in voiced]
    assert [one.push(frame) for frame in frames] == [other.push(frame) for frame in frames]


def test_a_pause_longer_than_the_end_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"pause_ms \(600\) must be shorter than end_ms \(512\)"):
        parse_options(TurnOptions, {"pause_ms": 600}, where="credentials.yml")
