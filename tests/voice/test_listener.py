from __future__ import annotations

from typing import List

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convai_rasa.voice.listener import LEAD_IN_MS, Heard, Listener
from convai_rasa.voice.options import TurnOptions
from convai_rasa.voice.turn import TurnEventKind

RATE = 16_000
OPTIONS = TurnOptions(decided_by="silence")


class Loudness:
    def probability(self, frame: np.ndarray) -> float:
        return 0.99 if np.abs(frame).mean() > 0.1 else 0.01


def sound(loud: bool, milliseconds: int) -> bytes:
    return np.full(RATE * milliseconds // 1000, 10_000 if loud else 0, "<i2").tobytes()


def listen(pieces: List[bytes]) -> List[Heard]:
    listener = Listener(Loudness(), OPTIONS, RATE)  # type: ignore[arg-type]  # all a listener asks of a detector
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
    listener = Listener(Loudness(), OPTIONS, RATE)  # type: ignore[arg-type]  # as above
    list(listener.push(sound(True, 640)))
    ended = [heard for heard in listener.finish() if heard is not None]
    assert [heard.kind for heard in ended] == [TurnEventKind.ENDED]
    assert (np.abs(ended[0].samples) > 0.1).sum() == 640 * RATE // 1000


def test_a_second_utterance_does_not_hold_the_first() -> None:
    ended = [heard for heard in listen([WHOLE, WHOLE]) if heard.kind is TurnEventKind.ENDED]
    assert [int((np.abs(heard.samples) > 0.1).sum()) for heard in ended] == [640 * RATE // 1000] * 2
