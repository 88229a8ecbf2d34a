"""The hand-written phrases of phrases.tsv, said on Tuesday 2026-11-24 at 15:00, and their right values."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import pytest

from convai_rasa.nlu.values import Value, read

NOW = dt.datetime(2026, 11, 24, 15)
with (Path(__file__).parent / "phrases.tsv").open(encoding="utf-8") as _file:
    PHRASES = list(csv.DictReader(_file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: f"{phrase['language']}-{phrase['text']}")
def test_a_phrase_has_its_value(phrase: dict[str, str]) -> None:
    noted = phrase["context"]
    context = None if not noted else dt.datetime.fromisoformat(noted) if "T" in noted else dt.date.fromisoformat(noted)
    value = read(phrase["text"], phrase["kind"], language=phrase["language"], reference=NOW, context=context)
    wanted = _number(phrase["value"])
    got = _written(value)
    assert got == pytest.approx(wanted, abs=1e-4) if isinstance(wanted, float) else got == wanted
    if value is not None:
        json.dumps([value.value, dict(value.info)], allow_nan=False)


def _written(value: Value | None) -> str | float:
    """Return a value as the phrases have it: a period as ``from/to``, times without seconds that are 0."""
    if value is None:
        return "-"
    info = value.info
    if "from" in info or "to" in info:
        return f"{_short(info.get('from', '..'))}/{_short(info.get('to', '..'))}"
    if info["type"] == "money":
        return f"{value.value} {info['currency']}"
    if info["type"] == "quantity":
        return f"{value.value} {info['unit']}"
    if info["type"] == "duration":
        return f"{info['seconds']} seconds"
    return _number(_short(str(value.value)))


def _short(text: str) -> str:
    return text.removesuffix(":00") if text.count(":") == 2 else text


def _number(text: str) -> str | float:
    if text.startswith("P"):
        return f"{_DURATIONS[text]} seconds"
    try:
        return float(text)
    except ValueError:
        return text


# A month is 30 days and a year 365, as ``seconds`` of a duration has it.
_DURATIONS = {
    "P2D": 172_800, "P3D": 259_200, "P5D": 432_000, "P14D": 1_209_600, "P6M": 15_552_000, "P18M": 47_088_000,
    "PT15M": 900, "PT20M": 1200, "PT30M": 1800, "PT36H": 129_600, "PT45M": 2700, "PT45S": 45, "PT90M": 5400,
    "PT1H": 3600, "PT1H20M": 4800, "PT1H30M": 5400, "PT2H": 7200, "PT2H15M": 8100, "PT2H30M": 9000,
}  # fmt: skip
