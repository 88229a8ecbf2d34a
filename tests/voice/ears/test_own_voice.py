from __future__ import annotations

from typing import List

import numpy as np
import pytest
from standing_clock import Clock

from convai_rasa.audio import FRAME_SAMPLES, SAMPLE_RATE, float_to_pcm16
from convai_rasa.voice.ears.own_voice import OwnVoice

FRAME_S = FRAME_SAMPLES / SAMPLE_RATE


def speech(seconds: float, seed: int = 0) -> np.ndarray:
    """Noise that comes and goes as syllables do, float32 at 16 kHz."""
    draw = np.random.default_rng(seed)
    envelope = np.repeat(draw.choice([0.02, 0.3, 1.0], size=int(seconds * 8) + 1), SAMPLE_RATE // 8)
    return (draw.standard_normal(int(seconds * SAMPLE_RATE)) * 0.1 * envelope[: int(seconds * SAMPLE_RATE)]).astype(
        np.float32
    )


def hear(voice: OwnVoice, clock: Clock, sound: np.ndarray) -> List[bool]:
    """Let the microphone hear a sound in real time."""
    judged = []
    for frame in sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES):
        clock.now += FRAME_S
        judged.append(voice.hears_itself(frame))
    return judged


@pytest.fixture
def voice(clock: Clock) -> OwnVoice:
    return OwnVoice(SAMPLE_RATE, clock)


@pytest.mark.parametrize("rate", [16_000, 8_000, 22_050])
def test_what_was_sent_at_any_rate_is_known_again(rate: int) -> None:
    clock = Clock()
    voice = OwnVoice(rate, clock)
    said = speech(4.0)
    positions = np.arange(0, len(said), SAMPLE_RATE / rate)
    voice.sent(float_to_pcm16(np.interp(positions, np.arange(len(said)), said)))
    low = np.convolve(said, np.hanning(9) / np.hanning(9).sum(), "same")  # a loudspeaker that a telephone has, too
    judged = hear(voice, clock, np.pad(low * 0.2, (1_600, 0)).astype(np.float32))
    assert np.mean(judged[40:]) > 0.9


def test_a_reply_that_was_over_before_the_talk_button_was_pressed_hides_nobody(clock: Clock, voice: OwnVoice) -> None:
    hear(voice, clock, speech(1.0, seed=1) * 0)
    voice.paused()
    voice.sent(float_to_pcm16(speech(3.0)))
    clock.now += 4.5
    assert not any(hear(voice, clock, speech(1.0, seed=2)))


def test_a_stalled_microphone_is_a_pause_once_no_network_is_so_slow(clock: Clock, voice: OwnVoice) -> None:
    voice.sent(float_to_pcm16(speech(3.0)))
    clock.now += 6.0
    assert not any(hear(voice, clock, speech(1.0, seed=2)))


def test_sound_that_a_network_held_back_for_a_second_is_still_the_bots(clock: Clock, voice: OwnVoice) -> None:
    said = speech(6.0)
    echo = np.pad(said * 0.2, (1_600, 0)).astype(np.float32)
    voice.sent(float_to_pcm16(said))
    before = 94 * FRAME_SAMPLES
    hear(voice, clock, echo[:before])
    clock.now += 1.0
    held_back = [voice.hears_itself(echo[before + at : before + at + FRAME_SAMPLES]) for at in range(0, 15_872, 512)]
    assert np.mean(held_back) > 0.9


def test_what_is_sent_to_somebody_who_never_speaks_is_not_kept(clock: Clock, voice: OwnVoice) -> None:
    for _ in range(100):
        voice.sent(float_to_pcm16(speech(1.0)))
        clock.now += 1.0
    assert len(voice._gate._reference) < 6 * SAMPLE_RATE
