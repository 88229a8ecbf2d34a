from __future__ import annotations

import pytest

from convai_rasa.voice.call.directions import VoiceDirections, read_directions


def test_they_stand_in_the_custom_part_or_in_the_metadata() -> None:
    assert read_directions({"custom": {"voice": {"hangup": True}}}).hangup
    assert not read_directions({"metadata": {"voice": {"allow_interruptions": False}}}).allow_interruptions


@pytest.mark.parametrize("content", [{}, {"custom": ["a list"]}, {"custom": {"voice": "loud"}}, {"metadata": None}])
def test_without_any_the_defaults_hold(content: dict) -> None:
    assert read_directions(content) == VoiceDirections()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [({"hang_up": True}, "did you mean 'hangup'"), ({"transfer": "ring my mother"}, "transfer")],
)
def test_a_mistake_is_named_and_left_out(given: dict, complaint: str, caplog: pytest.LogCaptureFixture) -> None:
    assert read_directions({"custom": {"voice": given}}) == VoiceDirections()
    assert complaint in caplog.text
