from __future__ import annotations

import pytest
from standing_clock import Clock

from convai_rasa.voice.ears.turn import FRAME_MS
from convai_rasa.voice.watch.metrics import SoundClock, TurnTimer

FRAME_S = FRAME_MS / 1000


def test_the_parts_add_up_to_the_response_time() -> None:
    clock = Clock()
    timer = TurnTimer(clock.now - 0.512, clock, left_out_ms=640)
    for step, note in ((0.02, lambda: timer.words_known(0.181)), (0.1, timer.bot_answered), (0.15, timer.sound_sent)):
        clock.now += step
        note()
    assert timer.metrics().dict() == {
        "endpoint": 512,
        "asr": 20.0,
        "readings": 181.0,  # most of it while the person was still silent: no part of its own
        "rasa": 100.0,
        "tts_first_audio": 150.0,
        "response": 782.0,
        "left_out": 640.0,  # of what the others said, before and after
    }


def test_only_the_first_message_and_the_first_sound_count() -> None:
    clock = Clock()
    timer = TurnTimer(clock.now, clock)
    timer.words_known()
    timer.bot_answered()
    timer.sound_sent()
    clock.now += 5
    timer.bot_answered()
    timer.sound_sent()
    assert timer.metrics().response == 0


def test_a_typed_turn_has_no_speech_to_measure_from() -> None:
    clock = Clock()
    timer = TurnTimer(clock=clock)
    timer.words_known()
    clock.now += 0.25
    timer.bot_answered()
    assert timer.metrics().dict(exclude_none=True) == {"rasa": 250.0}


def hear(sound: SoundClock, clock: Clock, frames: int, *, late_s: float = 0.0, live: bool = True) -> None:
    """Bring frames in as they are spoken, each as late as all of them; or all in one moment."""
    for _ in range(frames):
        clock.now += FRAME_S if live else 0.0
        clock.now += late_s
        sound.frame(sound.came())
        sound.ready()
        clock.now -= late_s


def test_the_end_of_speech_is_when_it_was_spoken() -> None:
    clock = Clock()
    sound = SoundClock(clock)
    hear(sound, clock, 40)
    spoken_at = clock.now
    hear(sound, clock, 10)
    assert sound.spoken_at(10 * FRAME_MS) == pytest.approx(spoken_at)


def test_sound_that_was_kept_waiting_was_spoken_before() -> None:
    clock = Clock()
    sound = SoundClock(clock)
    hear(sound, clock, 40)
    hear(sound, clock, 20, late_s=0.4)  # the event loop was busy while the last word was spoken
    spoken_at = clock.now
    clock.now += 0.4
    hear(sound, clock, 10, live=False)
    assert sound.spoken_at(10 * FRAME_MS) == pytest.approx(spoken_at)


def test_a_recording_sent_at_once_was_spoken_when_it_came() -> None:
    clock = Clock()
    sound = SoundClock(clock)
    hear(sound, clock, 200, live=False)
    clock.now += 0.3
    assert sound.spoken_at(10 * FRAME_MS) == pytest.approx(clock.now - 0.3)


@pytest.mark.parametrize("forgotten", [True, False])
def test_a_client_that_was_mute_for_a_while_did_not_speak_then(forgotten: bool) -> None:
    clock = Clock()
    sound = SoundClock(clock)
    hear(sound, clock, 40)
    clock.now += 10
    if forgotten:
        sound.forget()
    hear(sound, clock, 20)
    assert sound.spoken_at(0) == pytest.approx(clock.now)


def test_without_any_sound_the_end_of_speech_is_now() -> None:
    clock = Clock()
    assert SoundClock(clock).spoken_at(512) == clock.now
