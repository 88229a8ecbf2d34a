from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest

from convai_rasa.nlu.values.recognized import _found, recognize

pytestmark = pytest.mark.slow

NOW = dt.datetime(2026, 11, 24, 15)


@pytest.mark.parametrize(
    ("text", "kind", "language", "meant"),
    [
        ("明天", "date", "zh", "2026-11-25"),
        ("下周五", "date", "zh", "2026-12-04"),
        ("五点半", "time", "zh", "17:30:00"),
        ("mil e quinhentos", "number", "pt", 1500),
        ("20%", "percent", "pt", 20),
        ("5 hectares", "quantity", "en", 5),
    ],
)
def test_languages_and_units_without_a_grammar_are_recognized(
    text: str, kind: str, language: str, meant: object
) -> None:
    value = recognize(text, kind, language, NOW)
    assert value is not None
    assert value.value == meant


def test_a_part_of_the_text_is_not_taken_for_the_whole() -> None:
    assert recognize("mil e quinhentos", "number", "pt", NOW) is not None
    assert recognize("mil e quinhentos cavalos", "number", "pt", NOW) is None


def test_a_phrase_that_the_library_fails_on_has_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyError):
        _found("until next summer", "datetime", "en-us", NOW)[0].resolution["values"][0]["start"]
    monkeypatch.setattr("convai_rasa.nlu.values.recognized.LANGUAGES", frozenset())
    assert recognize("until next summer", "datetime", "en", NOW) is None
    assert recognize("the thirtieth of february", "date", "en", NOW) is None


@pytest.mark.processes
def test_to_read_values_loads_neither_rasa_nor_torch_nor_the_library() -> None:
    code = (
        "import datetime, sys; from convai_rasa.nlu.values import read;"
        "read('tomorrow at eight', 'datetime', reference=datetime.datetime(2026, 11, 24));"
        "print([name for name in ('rasa', 'torch', 'numpy', 'recognizers_text', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
