from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from convai_rasa.errors import ConfigurationError
from convai_rasa.options import parse_options
from convai_rasa.voice.ears.turn import FRAME_MS, TurnEventKind, TurnTaker
from convai_rasa.voice.options import TurnOptions

STARTED, CONFIRMED, CONTINUED = TurnEventKind.STARTED, TurnEventKind.CONFIRMED, TurnEventKind.CONTINUED
PAUSED, DUE, RESUMED = TurnEventKind.PAUSED, TurnEventKind.DUE, TurnEventKind.RESUMED
ENDED, DISMISSED = TurnEventKind.ENDED, TurnEventKind.DISMISSED
LATE_MS = TurnOptions().late_ms
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
    turns = TurnTaker(TurnOptions(), TurnOptions().end_ms)
    assert events(turns, (SILENCE, 320), (SPEECH, 960), (SILENCE, 960)) == [
        (STARTED, 320 + 96),
        (CONFIRMED, 320 + 128),
        (PAUSED, 320 + 960 + 96),
        (ENDED, 320 + 960 + 512),
    ]


def test_speech_after_a_pause_resumes_the_utterance() -> None:
    turns = TurnTaker(TurnOptions(), TurnOptions().end_ms)
    kinds = [kind for kind, _ in events(turns, (SPEECH, 640), (SILENCE, 320), (SPEECH, 640), (SILENCE, 640))]
    assert kinds == [STARTED, CONFIRMED, PAUSED, RESUMED, PAUSED, ENDED]


def test_speech_too_short_to_count_is_dismissed() -> None:
    turns = TurnTaker(TurnOptions(), LATE_MS)
    assert [kind for kind, _ in events(turns, (SPEECH, 96), (SILENCE, 640))] == [STARTED, DISMISSED]
    assert not turns.speaking


def test_a_verdict_ends_the_turn_early_or_late() -> None:
    for silence_ms in (256, 800):
        turns = TurnTaker(TurnOptions(), LATE_MS)
        events(turns, (SPEECH, 640), (SILENCE, 224))
        assert turns.wait_until(silence_ms) is None
        assert events(turns, (SILENCE, 1216)) == [(ENDED, silence_ms - 224)]


def test_a_verdict_that_comes_late_ends_the_turn_at_once() -> None:
    turns = TurnTaker(TurnOptions(), LATE_MS)
    events(turns, (SPEECH, 640), (SILENCE, 416))
    ended = turns.wait_until(256)
    assert ended is not None
    assert (ended.kind, ended.silence_ms) == (ENDED, 416)


@given(
    patience=st.integers(32, 512),
    verdict_at=st.integers(96 // FRAME_MS, 2_000 // FRAME_MS).map(lambda frames: frames * FRAME_MS),
)
def test_a_verdict_never_makes_a_turn_longer_than_a_fixed_wait(patience: int, verdict_at: int) -> None:
    turns = TurnTaker(TurnOptions(), LATE_MS)
    events(turns, (SPEECH, 640))
    for silence_ms in range(FRAME_MS, 2_000, FRAME_MS):
        event = turns.push(SILENCE)
        due = event is not None and event.kind is DUE  # whoever sends the sound waits for the verdict then
        if due or silence_ms == verdict_at:
            event = turns.wait_until(patience)
        if event is not None and event.kind is ENDED:
            break
    assert event is not None
    assert event.silence_ms <= TurnOptions().end_ms
    assert event.silence_ms - FRAME_MS < max(patience, min(verdict_at, TurnOptions().end_ms))


def test_speech_makes_a_verdict_void() -> None:
    turns = TurnTaker(TurnOptions(), LATE_MS)
    events(turns, (SPEECH, 640), (SILENCE, 224))
    turns.wait_until(512)
    assert [kind for kind, _ in events(turns, (SPEECH, 320), (SILENCE, 544))] == [RESUMED, PAUSED, DUE]
    assert turns.wait_until(512) is not None
    assert turns.wait_until(32) is None, "there is no pause to judge"


def test_without_a_verdict_it_is_asked_for_once_and_the_turn_ends_all_the_same() -> None:
    turns = TurnTaker(TurnOptions(), LATE_MS)
    assert events(turns, (SPEECH, 640), (SILENCE, 1280)) == [
        (STARTED, 96),
        (CONFIRMED, 128),
        (PAUSED, 640 + 96),
        (DUE, 640 + 512),
        (ENDED, 640 + 1216),
    ]


def test_a_long_utterance_is_worth_a_look_now_and_then() -> None:
    seen = events(TurnTaker(TurnOptions(partial_ms=640), LATE_MS), (SPEECH, 2048))
    assert [when for kind, when in seen if kind is CONTINUED] == [640, 1280, 1920]
    assert CONTINUED not in [kind for kind, _ in events(TurnTaker(TurnOptions(partial_ms=0), LATE_MS), (SPEECH, 4000))]


def test_a_click_is_no_utterance() -> None:
    assert events(TurnTaker(TurnOptions(), LATE_MS), (SPEECH, 64), (SILENCE, 640), (SPEECH, 64), (SILENCE, 640)) == []


def test_an_endless_utterance_is_ended() -> None:
    turns = TurnTaker(TurnOptions(max_utterance_s=2), LATE_MS)
    when = [at for kind, at in events(turns, (SPEECH, 3200)) if kind is ENDED]
    assert when == [pytest.approx(2000, abs=FRAME_MS)]


def test_letting_go_of_the_button_ends_the_utterance_once() -> None:
    turns = TurnTaker(TurnOptions(), LATE_MS)
    events(turns, (SPEECH, 640))
    ended = turns.end()
    assert ended is not None
    assert ended.kind is ENDED
    assert turns.end() is None
    assert not turns.speaking


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from([None, 0, 256, 800])), max_size=400))
def test_events_always_come_in_a_sensible_order(frames: list[tuple[float, int | None]]) -> None:
    """STARTED opens, ENDED or DISMISSED closes, PAUSED and RESUMED alternate, whatever is heard and judged."""
    speaking = {PAUSED, CONTINUED, ENDED}
    allowed = {
        None: {STARTED},
        STARTED: {CONFIRMED, DISMISSED},
        CONFIRMED: speaking,
        CONTINUED: speaking,
        PAUSED: {RESUMED, DUE, ENDED},
        DUE: {RESUMED, ENDED},
        RESUMED: speaking,
        ENDED: {STARTED},
        DISMISSED: {STARTED},
    }
    turns, last = TurnTaker(TurnOptions(max_utterance_s=3), LATE_MS), None
    for probability, verdict in frames:
        for event in (turns.push(probability), None if verdict is None else turns.wait_until(verdict)):
            if event is not None:
                assert event.kind in allowed[last]
                last = event.kind
        assert turns.speaking == (last not in (None, ENDED, DISMISSED))


@given(st.lists(st.booleans(), max_size=300))
def test_what_was_heard_decides_and_not_when(voiced: list[bool]) -> None:
    """Two turn takers that are shown the same frames agree, however the frames were delivered."""
    one, other = TurnTaker(TurnOptions(), LATE_MS), TurnTaker(TurnOptions(), LATE_MS)
    frames = [SPEECH if flag else SILENCE for flag in voiced]
    assert [one.push(frame) for frame in frames] == [other.push(frame) for frame in frames]


def test_a_pause_longer_than_the_end_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"pause_ms \(600\) must be shorter than end_ms \(512\)"):
        parse_options(TurnOptions, {"pause_ms": 600}, where="credentials.yml")
