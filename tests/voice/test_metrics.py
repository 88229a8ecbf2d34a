from __future__ import annotations

from convai_rasa.voice.metrics import TurnTimer


class Clock:
    """A clock that stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_parts_add_up_to_the_response_time() -> None:
    clock = Clock()
    timer = TurnTimer(endpoint_ms=512, clock=clock)
    for step, note in ((0.02, timer.words_known), (0.1, timer.bot_answered), (0.15, timer.sound_sent)):
        clock.now += step
        note()
    assert timer.metrics().dict() == {
        "endpoint": 512,
        "asr": 20.0,
        "rasa": 100.0,
        "tts_first_audio": 150.0,
        "response": 782.0,
    }


def test_only_the_first_message_and_the_first_sound_count() -> None:
    clock = Clock()
    timer = TurnTimer(endpoint_ms=0, clock=clock)
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
