"""What helps to hear a value."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from convai_rasa.capture import KINDS, Progress, likeliest, progress, prompts


@dataclass
class Heard:
    text: str
    confidence: float


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("phone", "555", Progress.OPEN),
        ("phone", "555 012", Progress.OPEN),
        ("phone", "555 012 3498", Progress.DONE),
        ("phone", "why do you ask", None),
        ("phone", "", None),
        ("email", "john dot", Progress.OPEN),
        ("email", "J-O-H-N at", Progress.OPEN),
        ("email", "J-O-H", Progress.OPEN),
        ("email", "john at gmail dot", Progress.OPEN),
        ("email", "john at gmail dot com", Progress.DONE),
        ("name", "K-O-W", Progress.MAY_GO_ON),
        ("name", "Kowalczyk", Progress.DONE),
        ("number", "B-R", Progress.OPEN),
        ("number", "B-R-3", Progress.MAY_GO_ON),
        ("date", "next", None),
    ],
)
def test_a_value_says_how_far_it_is(kind: str, text: str, expected: Progress | None) -> None:
    assert progress(kind, text, "en") is expected


def test_the_surest_hearing_with_a_value_is_believed() -> None:
    nothing, letters, surer = Heard("Time time", 0.9), Heard("K-O-W-A-L", 0.6), Heard("K-O-V-A-L", 0.7)
    assert likeliest("name", [letters, surer], "en") is surer
    assert likeliest("phone", [nothing, Heard("555 012 3498", 0.5)], "en") != nothing
    assert likeliest("phone", [Heard("what is it", 0.9)], "en") is None


def test_words_for_letters_are_not_invented() -> None:
    words, letters = Heard("Kilo, Oscar, Victor, Alpha", 0.6), Heard("K-L-O-S-K-R-V-I-C", 0.8)
    assert likeliest("name", [letters, words], "en") is words


def test_a_name_that_was_only_said_is_not_made_of_letters() -> None:
    letters, plain = Heard("It's T-R-N.", 0.8), Heard("It's Tran.", 0.6)
    assert likeliest("name", [letters], "en", plain) is plain
    assert likeliest("name", [letters], "en", Heard("It's T, R, N.", 0.6)) is letters
    words = Heard("Tango, Romeo, Alpha, November", 0.5)
    assert likeliest("name", [letters, words], "en", Heard("Tangled roam", 0.9)) is words


def test_each_kind_that_is_spelled_has_prompts_where_the_language_is_known() -> None:
    for language in ("en", "de", "es"):
        assert {kind for kind in KINDS if prompts(kind, language)} == set(KINDS) - {"date"}
    assert not prompts("name", "ja")
    assert not prompts("name", None)
    assert progress("name", "K-O-W", "ja") is None
