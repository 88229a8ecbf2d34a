from __future__ import annotations

from typing import Any

import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.options import Field, Options, parse_options


class Inner(Options):
    pause_ms: int = Field(224, ge=32)


class Outer(Options):
    token: str = ""
    turn: Inner = Inner()


def problem(given: Any) -> str:
    with pytest.raises(ConfigurationError) as error:
        parse_options(Outer, given, where="credentials.yml, voice")
    return str(error.value)


def test_nothing_given_means_the_defaults() -> None:
    assert parse_options(Outer, None, where="x") == Outer() == parse_options(Outer, {}, where="x")


def test_a_misspelt_key_names_the_file_and_the_nearest_spelling() -> None:
    assert problem({"tokn": "a"}) == "credentials.yml, voice: unknown key 'tokn' (did you mean 'token'?)."


def test_a_misspelt_nested_key_is_found_too() -> None:
    assert "unknown key 'turn.pausems' (did you mean 'pause_ms'?)" in problem({"turn": {"pausems": 1}})


def test_a_key_like_nothing_known_lists_what_is() -> None:
    assert "known keys are token, turn" in problem({"zzz": 1})


def test_an_impossible_value_names_its_key() -> None:
    message = problem({"turn": {"pause_ms": 1}})
    assert message.startswith("credentials.yml, voice: turn.pause_ms: ")
    assert "32" in message


def test_every_problem_is_reported_at_once() -> None:
    message = problem({"tokn": 1, "turn": {"pause_ms": "soon"}})
    assert "tokn" in message
    assert "turn.pause_ms" in message


def test_something_that_has_no_keys_is_refused() -> None:
    assert "expected keys and values, found list" in problem(["token"])
