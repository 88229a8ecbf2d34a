from __future__ import annotations

from typing import List

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.voice.ears.listener import LEAD_IN_MS, Heard, Listener
from convai_rasa.voice.ears.own_voice import OwnVoice
from convai_rasa.voice.ears.turn import TurnEventKind
from convai_rasa.voice.options import TurnOptions

RATE = 16_000
OPTIONS = TurnOptions()


class Loudness:
    def probability(self, frame: np.ndarray) -> float:
        return 0.99 if np.abs(frame).mean() > 0.1 else 0.01


def sound(loud: bool, milliseconds: int) -> bytes:
    return np.full(RATE * milliseconds // 1000, 10_000 if loud else 0, "<i2").tobytes()


def listen(pieces: List[bytes]) -> List[Heard]:
    listener = Listener(Loudness(), OPTIONS, OPTIONS.end_ms, RATE)  # type: ignore[arg-type]  # all a listener asks of a detector
    return [heard for piece in pieces for heard in listener.push(piece) if heard is not None]


WHOLE = sound(False, 992) + sound(True, 640) + sound(False, 640)


def test_the_utterance_has_its_lead_in_and_all_its_speech() -> None:
    ended = listen([WHOLE])[-1]
    assert ended.kind is TurnEventKind.ENDED
    loud = np.abs(ended.samples) > 0.1
    assert loud.sum() == 640 * RATE // 1000
    assert np.argmax(loud) == pytest.approx(LEAD_IN_MS * RATE // 1000, abs=2 * 512)


@settings(deadline=None)
@given(st.lists(st.integers(1, len(WHOLE) - 1), max_size=30))
def test_any_cut_of_the_same_sound_is_heard_the_same(cuts: List[int]) -> None:
    edges = [0, *sorted(cuts), len(WHOLE)]
    pieces = [WHOLE[start:end] for start, end in zip(edges, edges[1:])]
    whole, cut = listen([WHOLE]), listen(pieces)
    assert [heard.kind for heard in cut] == [heard.kind for heard in whole]
    assert all(np.array_equal(one.samples, other.samples) for one, other in zip(cut, whole))


def test_finishing_gives_what_was_said_so_far() -> None:
    listener = Listener(Loudness(), OPTIONS, OPTIONS.end_ms, RATE)  # type: ignore[arg-type]  # as above
    list(listener.push(sound(True, 640)))
    ended = [heard for heard in listener.finish() if heard is not None]
    assert [heard.kind for heard in ended] == [TurnEventKind.ENDED]
    assert (np.abs(ended[0].samples) > 0.1).sum() == 640 * RATE // 1000


def test_a_second_utterance_does_not_hold_the_first() -> None:
    ended = [heard for heard in listen([WHOLE, WHOLE]) if heard.kind is TurnEventKind.ENDED]
    assert [int((np.abs(heard.samples) > 0.1).sum()) for heard in ended] == [640 * RATE // 1000] * 2


def noise(level: float, milliseconds: int) -> bytes:
    samples = np.random.default_rng(0).standard_normal(RATE * milliseconds // 1000) * level * 32768
    return np.clip(samples, -32768, 32767).astype("<i2").tobytes()


class Credulous:
    """Takes everything for speech, as a detector may among people who talk."""

    def probability(self, frame: np.ndarray) -> float:
        return 0.9 if np.abs(frame).max() > 0 else 0.01


def test_a_turn_ends_although_people_go_on_talking_behind_the_person() -> None:
    listener = Listener(Credulous(), OPTIONS, OPTIONS.end_ms, RATE)  # type: ignore[arg-type]  # as above
    list(listener.push(noise(0.003, 4_000)))
    assert not listener.somebody_speaks
    pieces = [noise(0.1, 960), noise(0.003, 960)]
    kinds = [heard.kind for piece in pieces for heard in listener.push(piece) if heard is not None]
    assert kinds[0] is TurnEventKind.STARTED
    assert kinds[-1] is TurnEventKind.ENDED


def listen_among_people(options: TurnOptions) -> List[Heard]:
    listener = Listener(Credulous(), options, options.end_ms, RATE)  # type: ignore[arg-type]  # as above
    pieces = [noise(0.02, 1_600), noise(0.1, 1_600), noise(0.02, 3_200), noise(0.1, 1_600), noise(0.02, 1_600)]
    return [heard for piece in pieces for heard in listener.push(piece) if heard is not None]


def test_people_behind_the_caller_neither_hold_a_turn_open_nor_have_a_part_in_it() -> None:
    turns = [heard for heard in listen_among_people(OPTIONS) if heard.kind is TurnEventKind.ENDED]
    assert len(turns) == 2
    for turn in turns:
        assert 1.6 * RATE <= len(turn.samples) <= 2.6 * RATE  # of theirs, lead-in and margins only
    assert turns[0].left_out_ms > 1_000  # what was said before the first words, when nobody was known yet


def test_with_everybody_in_it_a_turn_is_as_long_as_before() -> None:
    everybody = listen_among_people(TurnOptions(leave_out_others=False))
    assert all(heard.left_out_ms == 0 for heard in everybody)
    longest = max(len(heard.samples) for heard in everybody)
    assert longest > max(len(heard.samples) for heard in listen_among_people(OPTIONS))


def test_the_bots_own_voice_starts_no_turn_and_a_person_over_it_does() -> None:
    bursts = np.repeat(np.random.default_rng(1).choice([0.0, 0.03, 0.1], size=60), RATE // 10)
    said = (np.random.default_rng(2).standard_normal(len(bursts)) * bursts * 32768).astype(np.int16)
    echo = (said * 0.08).astype("<i2")

    def kinds(*, gate: bool) -> List[TurnEventKind]:
        now = [0.0]
        own_voice = OwnVoice(RATE, lambda: now[0]) if gate else None
        if own_voice is not None:
            own_voice.sent(said)
        listener = Listener(Credulous(), OPTIONS, OPTIONS.end_ms, RATE, own_voice)  # type: ignore[arg-type]  # as above
        found = []
        for start in range(0, len(echo), 512):  # as a microphone hears it: a frame every 32 ms
            now[0] += 0.032
            found += [heard.kind for heard in listener.push(echo[start : start + 512].tobytes()) if heard is not None]
        return found

    assert TurnEventKind.STARTED in kinds(gate=False)
    assert TurnEventKind.STARTED not in kinds(gate=True)
    echo[4 * RATE : 5 * RATE] += np.frombuffer(noise(0.2, 1_000), "<i2")
    assert TurnEventKind.STARTED in kinds(gate=True)
