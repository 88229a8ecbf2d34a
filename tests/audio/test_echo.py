from __future__ import annotations

from typing import List

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.audio import FRAME_SAMPLES, SAMPLE_RATE
from convai_rasa.audio.echo import EchoGate
from convai_rasa.errors import AudioError

pytestmark = pytest.mark.slow


def speech_like(seconds: float, seed: int) -> np.ndarray:
    """Syllables of noise, each with a spectrum of its own, at about -25 dB of full scale."""
    draw = np.random.default_rng(seed)
    pieces = []
    length = 0
    while length < seconds * SAMPLE_RATE:
        samples = int(draw.uniform(0.06, 0.25) * SAMPLE_RATE)
        spectrum = np.fft.rfft(draw.standard_normal(samples))
        hertz = np.fft.rfftfreq(samples, 1 / SAMPLE_RATE)
        shape = sum(np.exp(-(((hertz - draw.uniform(150, 5_000)) / draw.uniform(80, 400)) ** 2)) for _ in range(3))
        syllable = np.fft.irfft(spectrum * shape, samples) * np.hanning(samples)
        pieces += [syllable / (np.std(syllable) + 1e-9) * 0.06, np.zeros(int(draw.uniform(0, 0.12) * SAMPLE_RATE))]
        length += sum(map(len, pieces[-2:]))
    return np.concatenate(pieces)[: int(seconds * SAMPLE_RATE)].astype(np.float32)


def echo_of(sound: np.ndarray, delay_ms: int, gain_db: float, seed: int = 0) -> np.ndarray:
    """What a microphone in a room hears of a sound, with 0.8 s of silence after it."""
    draw = np.random.default_rng(seed)
    tail = draw.standard_normal(4_800) * 10 ** (-3 * np.arange(4_800) / 4_800)
    room = np.concatenate([np.zeros(delay_ms * 16), [1.0], 0.5 * tail / np.linalg.norm(tail)])
    heard = np.convolve(np.pad(sound, (0, 12_800)), room)[: len(sound) + 12_800] * 10 ** (gain_db / 20)
    return (heard + draw.standard_normal(len(heard)) * 1e-3).astype(np.float32)


def shares(gate: EchoGate, microphone: np.ndarray) -> np.ndarray:
    whole = microphone[: len(microphone) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    return np.array([gate.share(frame) for frame in whole])


def longest_run(flags: np.ndarray) -> int:
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest


@pytest.mark.parametrize(("delay_ms", "gain_db"), [(30, -6), (200, -20), (480, -12), (760, -15), (300, -30)])
def test_the_bots_own_sound_is_never_taken_for_a_person(delay_ms: int, gain_db: float) -> None:
    said = speech_like(10.0, seed=1)
    gate = EchoGate()
    gate.sent(said)
    strange = shares(gate, echo_of(said, delay_ms, gain_db)) < 0.65
    known = 2 * SAMPLE_RATE // FRAME_SAMPLES if gain_db > -20 else 0  # a loud echo has to be learned first
    assert longest_run(strange[known:]) < 3  # a turn starts with three frames in a row


def loud(person: np.ndarray, count: int) -> np.ndarray:
    """Which frames hold a syllable of a person, and no pause."""
    level = np.std(np.pad(person, (0, count * FRAME_SAMPLES))[: count * FRAME_SAMPLES].reshape(count, -1), axis=1)
    return level > 0.3 * np.max(level)


@pytest.mark.parametrize("ratio_db", [6, 12])
def test_a_person_over_the_bot_is_heard_within_a_tenth_of_a_second(ratio_db: float) -> None:
    said, person = speech_like(10.0, seed=2), speech_like(1.0, seed=3)
    microphone = echo_of(said, 250, -18)
    begin = 200 * FRAME_SAMPLES
    person *= 10 ** ((ratio_db - 18) / 20)
    microphone[begin : begin + len(person)] += person
    gate = EchoGate()
    gate.sent(said)
    own = shares(gate, microphone) >= 0.65
    assert not own[200:203].all()
    assert (~own[200:231])[loud(person, 31)].mean() > 0.6
    assert longest_run(~own[:199]) < 3


def test_without_an_echo_even_a_quiet_person_is_heard() -> None:
    draw = np.random.default_rng(4)
    microphone = (draw.standard_normal(10 * SAMPLE_RATE) * 1e-4).astype(np.float32)
    person = speech_like(1.0, seed=5) * 0.05
    microphone[200 * FRAME_SAMPLES :][: len(person)] += person
    gate = EchoGate()
    gate.sent(speech_like(10.0, seed=6))
    own = shares(gate, microphone) >= 0.65
    assert not own[200:231][loud(person, 31)].any()


def test_a_person_is_not_gated_while_the_bot_is_silent() -> None:
    gate = EchoGate()
    assert not shares(gate, speech_like(2.0, seed=7)).any()
    said = speech_like(3.0, seed=8)
    gate.sent(said)
    shares(gate, echo_of(said, 100, -15))
    person = speech_like(2.0, seed=9)
    assert not (shares(gate, person) >= 0.65)[loud(person, len(person) // FRAME_SAMPLES)].any()


def test_dropped_sound_is_still_expected_for_half_a_second_and_no_longer() -> None:
    said = speech_like(6.0, seed=10)
    gate = EchoGate()
    gate.sent(said)
    microphone = echo_of(said, 150, -15)
    whole = 120 * FRAME_SAMPLES
    shares(gate, microphone[:whole])
    gate.dropped()
    tail = microphone[whole : whole + 10 * FRAME_SAMPLES]
    assert longest_run(shares(gate, tail) < 0.65) < 3
    shares(gate, np.zeros(2 * SAMPLE_RATE, np.float32))
    assert not shares(gate, microphone[whole : whole + SAMPLE_RATE]).any()


@pytest.mark.parametrize("pause_s", [1, 2])
def test_the_bots_sound_goes_on_while_the_microphone_is_off(pause_s: int) -> None:
    said = speech_like(8.0, seed=15)
    microphone = np.pad(echo_of(said, 150, -15), (0, 61 * SAMPLE_RATE))
    gate = EchoGate()
    gate.sent(said)
    shares(gate, microphone[: 120 * FRAME_SAMPLES])
    gate.skipped(pause_s * SAMPLE_RATE)
    rest = microphone[120 * FRAME_SAMPLES + pause_s * SAMPLE_RATE :][: 2 * SAMPLE_RATE]
    assert longest_run(shares(gate, rest) < 0.65) < 3


def test_nobody_is_gated_after_a_pause_longer_than_what_was_sent() -> None:
    gate = EchoGate()
    gate.sent(speech_like(8.0, seed=15))
    gate.skipped(60 * SAMPLE_RATE)
    assert not shares(gate, speech_like(1.0, seed=16)).any()


def test_what_is_said_after_an_interruption_is_expected_from_then_on() -> None:
    first, second = speech_like(6.0, seed=11), speech_like(4.0, seed=12)
    gate = EchoGate()
    gate.sent(first)
    heard_first, heard_second = echo_of(first, 200, -15), echo_of(second, 200, -15, seed=1)
    shares(gate, heard_first[: 120 * FRAME_SAMPLES])
    gate.dropped()
    shares(gate, np.zeros(20 * FRAME_SAMPLES, np.float32))
    gate.sent(second)
    assert longest_run(shares(gate, heard_second) < 0.65) < 3


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(1, 3 * SAMPLE_RATE - 1), max_size=12), st.booleans())
def test_any_cut_of_what_is_sent_gives_the_same(cuts: List[int], interrupted: bool) -> None:
    said = speech_like(3.0, seed=13)
    microphone = echo_of(said, 120, -10)
    edges = [0, *sorted(cuts), len(said)]

    def judged(pieces: List[np.ndarray]) -> np.ndarray:
        gate = EchoGate()
        before = shares(gate, microphone[: 20 * FRAME_SAMPLES])
        for piece in pieces:
            gate.sent(piece)
        during = shares(gate, microphone[: 40 * FRAME_SAMPLES])
        if interrupted:
            gate.dropped()
            for piece in pieces:
                gate.sent(piece)
        return np.concatenate([before, during, shares(gate, microphone)])

    whole = judged([said])
    assert np.array_equal(judged([said[start:end] for start, end in zip(edges, edges[1:])]), whole)
    assert ((whole >= 0) & (whole <= 1)).all()


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_anything_at_all_gives_a_share(seed: int) -> None:
    draw = np.random.default_rng(seed)
    gate = EchoGate()
    for _ in range(60):
        if draw.random() < 0.3:
            gate.sent((draw.standard_normal(int(draw.integers(0, 3_000))) * draw.uniform(0, 2)).astype(np.float32))
        if draw.random() < 0.1:
            gate.dropped()
        share = gate.share((draw.standard_normal(FRAME_SAMPLES) * draw.choice([0, 1e-4, 1])).astype(np.float32))
        assert 0.0 <= share <= 1.0


def test_the_sound_that_was_given_is_left_as_it_was() -> None:
    said = speech_like(1.0, seed=14)
    before = said.copy()
    gate = EchoGate()
    gate.sent(said)
    gate.dropped()
    gate.sent(said)
    shares(gate, echo_of(said, 50, -10))
    assert np.array_equal(said, before)


def test_wrong_arrays_are_refused() -> None:
    gate = EchoGate()
    with pytest.raises(AudioError, match="512 samples"):
        gate.share(np.zeros(480, np.float32))
    with pytest.raises(AudioError, match="float samples"):
        gate.sent(np.zeros(480, np.int16))
    with pytest.raises(AudioError, match="float samples"):
        gate.sent(np.zeros((2, 480), np.float32))
