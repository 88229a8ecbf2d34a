from __future__ import annotations

from typing import Any

import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.options import Field, Options, parse_options, root_validator


class Inner(Options):
    pause_ms: int = Field(224, ge=32)
    end_ms: int = 512

    @root_validator(skip_on_failure=True)
    def _pause_is_shorter(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["pause_ms"] > values["end_ms"]:
            raise ValueError("pause_ms is longer than end_ms")
        return values


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


def test_what_is_wrong_with_two_keys_together_is_told_by_the_key_above_them() -> None:
    said = problem({"turn": {"pause_ms": 600}})
    assert said == "credentials.yml, voice: turn: pause_ms is longer than end_ms."
    with pytest.raises(ConfigurationError, match=r"^credentials\.yml: pause_ms is longer than end_ms\.$"):
        parse_options(Inner, {"pause_ms": 600}, where="credentials.yml")
