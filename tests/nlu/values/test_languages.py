"""The files of the languages."""

from __future__ import annotations

import inspect

import pytest

from convai_rasa.nlu.values.languages import LANGUAGES, file_of
from convai_rasa.nlu.values.meanings import function_of


@pytest.mark.parametrize("name", sorted({*LANGUAGES, "shared"}))
def test_each_rule_gives_its_function_what_it_takes(name: str) -> None:
    for rule, patterns in file_of(name)["rules"].items():
        _, function, *constants = (word for word in rule.split() if not word.startswith("cost="))
        make = function_of(function)
        context = "context" in inspect.signature(make).parameters
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            tables = [key for key in file_of(name).get("tables", ()) if f"{{{key}}}" in pattern]
            names = {**file_of("shared")["names"], **file_of("en" if name == "shared" else name)["names"]}
            said = pattern.format(**names, **dict.fromkeys(tables, "")).split()
            found = sum("<" in word for word in said)
            inspect.signature(make).bind(*[None] * (context + found + len(constants) + len(tables)))
