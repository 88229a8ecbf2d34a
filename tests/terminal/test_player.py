from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from convai_rasa.terminal.player import Player


def sound(first: int, count: int) -> np.ndarray:
    return np.arange(first, first + count, dtype=np.int16)


def test_nothing_to_play_is_silence() -> None:
    player = Player(16_000)
    assert player.pull(3).tolist() == [0, 0, 0]
    assert player.reports() == []


@given(st.lists(st.integers(0, 50), max_size=8), st.lists(st.integers(1, 60), max_size=12))
def test_any_pace_plays_the_same_sound(added: list[int], pulled: list[int]) -> None:
    player = Player(16_000)
    player.start("r1")
    whole = sound(1, sum(added))
    for count in added:
        player.add(whole[:count])
        whole = whole[count:]
    heard = np.concatenate([np.zeros(0, np.int16), *map(player.pull, pulled)])
    expected = np.pad(sound(1, sum(added)), (0, max(0, sum(pulled) - sum(added))))[: sum(pulled)]
    assert heard.tolist() == expected.tolist()
    assert player.waiting == max(0, sum(added) - sum(pulled))


def test_it_knows_how_much_of_each_reply_was_played_and_says_so_once() -> None:
    player = Player(16_000)
    player.start("r1")
    player.add(sound(0, 160))
    player.start("r2", from_ms=500.0)
    player.add(sound(0, 320))
    player.pull(240)
    assert player.reports() == [("r1", 10.0), ("r2", 505.0)]
    assert player.reports() == []
    player.pull(1_000)
    assert player.reports() == [("r2", 520.0)]


def test_an_interrupted_reply_stops_and_the_others_do_not() -> None:
    player = Player(16_000)
    for name, first in (("r1", 100), ("r2", 200)):
        player.start(name)
        player.add(sound(first, 4))
    player.pull(1)
    player.drop("r1")
    assert player.pull(6).tolist() == [200, 201, 202, 203, 0, 0]


def test_a_false_alarm_goes_on_where_it_was_stopped() -> None:
    player = Player(1_000)
    player.start("r1")
    player.add(sound(0, 100))
    player.pull(40)
    player.drop("r1")
    player.start("r1", from_ms=40.0)
    player.add(sound(40, 60))
    assert player.pull(60).tolist() == sound(40, 60).tolist()
    assert player.reports() == [("r1", 100.0)]
