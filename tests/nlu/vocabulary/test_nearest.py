"""Distances, against the textbook's recursion."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given, strategies as st

from convai_rasa.nlu.vocabulary.nearest import Nearest

TEXTS = st.text("abie", max_size=7)


def changes(one: str, other: str) -> float:
    @functools.cache
    def of(i: int, j: int) -> float:
        if not i or not j:
            return i + j
        a, b = one[i - 1], other[j - 1]
        exchange = 0 if a == b else 0.5 if {a, b} <= set("aie") else 1
        ways = [of(i - 1, j) + 1, of(i, j - 1) + 1, of(i - 1, j - 1) + exchange]
        if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
            ways.append(of(i - 2, j - 2) + 1)
        return min(ways)

    return of(len(one), len(other))


@given(st.lists(TEXTS, max_size=6), TEXTS, st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_all_that_are_near_are_found_with_their_distance(texts: list[str], text: str, within: float) -> None:
    expected = {
        place: pytest.approx(changes(text, other) / max(len(text), len(other)))
        for place, other in enumerate(texts)
        if text and other and changes(text, other) <= within * max(len(text), len(other)) + 1e-9
    }
    assert Nearest(texts, "aie".__contains__).search(text, within + 1e-9) == expected


def test_among_many_the_nearest_is_found() -> None:
    texts = [f"{a}{b}{c}{d}" for a in "bcdfghjk" for b in "aeiou" for c in "lmnprst" for d in "aeiouvwz"]
    near = Nearest([*texts, "zzzzzzzz"]).search("balx", 0.25)
    assert texts.index("bala") in near
    assert all(texts[place].startswith("bal") for place in near)
