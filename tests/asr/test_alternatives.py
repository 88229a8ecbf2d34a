"""When other readings are looked for, and which of them say something else."""

from __future__ import annotations

import numpy as np
import pytest

from convai_rasa.asr import Alternative, Expected, Recognizer, Request, Transcript, recognize_together
from convai_rasa.asr.alternatives import SURE, is_doubtful, other_readings, unknown_words
from convai_rasa.audio import pcm16_to_float, resample
from convai_rasa.tts import SharedVoice

WORDS = frozenset(("a", "iced", "mocha", "please", "i'd", "like"))
SURELY, HARDLY = SURE / 2, 2 * SURE


@pytest.mark.parametrize(
    ("text", "log_probability", "expected", "doubtful"),
    [
        ("An iced mocha", HARDLY, None, False),  # nobody wants others
        ("", HARDLY, Expected(WORDS), False),
        ("A iced mocha, please.", SURELY, Expected(WORDS), False),
        ("A iced mocha, please.", HARDLY, Expected(WORDS), True),
        ("A nice mocha, please.", SURELY, Expected(WORDS), True),
        ("A nice mocha, please.", SURELY, Expected(), False),  # nothing is known
        ("A iced mocha for 12", SURELY, Expected(WORDS | {"for"}), False),
    ],
)
def test_a_reading_is_doubtful(text: str, log_probability: float, expected: Expected | None, doubtful: bool) -> None:
    assert is_doubtful(text, log_probability, expected) is doubtful


def test_a_contraction_is_known_by_its_parts() -> None:
    assert unknown_words("I'd like Ann's mocha", frozenset(("i", "d", "like", "mocha", "s"))) == ["ann"]
    assert unknown_words("I'd like mocha", WORDS) == []


def test_other_readings_differ_in_their_words() -> None:
    found = other_readings(
        "An ice mocha.",
        [
            Alternative("an ice mocha", -1.0),
            Alternative("An iced mocha.", -3.0),
            Alternative("A nice mocha", -2.0),
            Alternative("An iced mocha!", -4.0),
            Alternative("…", -0.5),
        ],
    )
    assert [reading.text for reading in found] == ["A nice mocha", "An iced mocha."]


def test_a_reading_is_never_a_command() -> None:
    assert Alternative(" /restart ", -1.0).text == "restart"


@pytest.mark.models
def test_only_who_wants_other_readings_of_doubtful_words_gets_some(voice: SharedVoice, recognizer: Recognizer) -> None:
    sound = resample(pcm16_to_float(voice.synthesize("Can I have an iced mocha?")), voice.sample_rate, 16_000)

    def heard(expected: Expected | None) -> Transcript:
        (outcome,) = recognize_together(recognizer, [Request(sound, "en", expected=expected)])
        assert isinstance(outcome, Transcript)
        return outcome

    alone, doubtful = heard(None), heard(Expected(frozenset({"unlikely"})))
    assert (alone.alternatives, alone.alternatives_s) == ((), 0.0)
    assert doubtful.text == alone.text
    assert doubtful.alternatives
    assert doubtful.alternatives_s > 0
    assert all(np.isfinite(other.log_probability) and other.log_probability <= 0 for other in doubtful.alternatives)


@pytest.mark.models
def test_a_number_that_was_asked_for_is_figures_and_another_answer_is_not(
    voice: SharedVoice, recognizer: Recognizer
) -> None:
    texts = []
    for said in ("Five.", "I don't know my number by heart."):
        sound = resample(pcm16_to_float(voice.synthesize(said)), voice.sample_rate, 16_000)
        (outcome,) = recognize_together(recognizer, [Request(sound, "en", expected=Expected(digits=True))])
        assert isinstance(outcome, Transcript)
        texts.append(outcome.text.lower())
    assert texts[0] == "5"
    assert "know" in texts[1]
