from __future__ import annotations

import datetime

import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.project.yaml_reading import load_mapping

SCALARS = [
    "no",
    "yes",
    "on",
    "y",
    "true",
    "False",
    "012",
    "0o17",
    "0x1F",
    "-0b11",
    "1_000",
    "1e5",
    "-1.5e-3",
    ".5",
    "1.",
    "+.INF",
    "~",
    "",
    "null",
    "1:30",
    "2026-01-01",
    "2026-01-01 10:00:00",
    "'1'",
    "${HOME",
    "a:b",
]


@pytest.mark.parametrize("scalar", SCALARS)
def test_a_value_is_what_it_is_for_rasa(scalar: str) -> None:
    from rasa.shared.utils.io import read_yaml

    assert load_mapping("config.yml", f"key: {scalar}\n") == read_yaml(f"key: {scalar}\n")


def test_what_rasas_other_rules_are() -> None:
    assert load_mapping("c", "language: no\n") == {"language": "no"}
    assert load_mapping("c", "a:\t1\n") == {"a": 1}
    assert load_mapping("c", "a: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n") == {"a": {"b": 1}, "c": {"b": 2}}
    assert load_mapping("c", "day: 2026-01-01\n") == {"day": datetime.date(2026, 1, 1)}
    assert load_mapping("c", "key: ${NOT_SET}\n") == {"key": "${NOT_SET}"}
    for empty in ("", "# nothing\n", "---\n", "\n\n"):
        assert load_mapping("c", empty) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: the key 'a' occurs twice, in lines 1 and 3"),
        ("a: {b: 1,\n  b: 2}\n", "line 2, column 3: the key 'b' occurs twice"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1: a second YAML document begins"),
        ("a:\n\tb: 1\n", "line 2, column 1 is not valid YAML: there is a tab; write spaces"),
        ("a: 1\n\tb: 1\n", "there is a tab; write spaces"),
        ("a:\n  b: 1\n  c\nd: 1\n", "line 3, column 3 is not valid YAML"),
        ("a: *x\n", "line 1, column 4 is not valid YAML: found undefined alias; correct it there"),
        ("a: !own 1\n", "line 1, column 4 is not valid YAML"),
        ("a: 1\nb: [1,\n\n", "line 2, column 7 is not valid YAML"),
        ("? [a]\n: 1\n", "is not valid YAML"),
        ("a: \x00\n", "is not valid YAML"),
        ("a: " + "[" * 3000, "is not valid YAML"),
        ("- a\n", "expected keys and values, found list"),
        ("a\n", "expected keys and values, found str"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load_mapping("config.yml", text)
    assert says in str(raised.value)
    assert str(raised.value).startswith("config.yml")
    assert "\n" not in str(raised.value)
