from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.nlu.values.entity_kinds import KINDS, Normaliser

pytestmark = pytest.mark.slow

TUESDAY = "2026-11-24T15:00"


def read(text: str, kind: str, **options: Any) -> Any:
    meaning = Normaliser(True, **{"reference": TUESDAY, **options}).read(text, kind)
    return None if meaning is None else meaning.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("tomorrow", "2026-11-25"),
        ("next friday", "2026-12-04"),
        ("friday", "2026-11-27"),  # the coming one, not the last
        ("yesterday", "2026-11-23"),
        ("the twenty third", "2026-12-23"),  # this month's is over
        ("december 3rd", "2026-12-03"),
        ("tomorrow at half past seven", "2026-11-25T07:30:00"),
        ("half past seven", "19:30:00"),  # at three in the afternoon
        ("7:30 pm", "19:30:00"),
        ("noon", "12:00:00"),
        ("in two hours", "2026-11-24T17:00:00"),
        ("this weekend", "2026-11-28"),
        ("before friday", "2026-11-27"),
        ("three days", "P3D"),
        ("every monday", None),
        ("from 1999 to 2003 or 2007", None),
        ("nonsense", None),
        ("", None),
        ("tomorrow " * 20, None),
    ],
)
def test_moments_are_the_next_ones_after_the_reference(text: str, value: Any) -> None:
    assert read(text, "date") == value


def test_a_bare_number_is_a_time_or_a_day_only_where_the_entity_is() -> None:
    assert read("seven", "time") == "19:00:00"
    assert read("the 23rd", "date") == "2026-12-23"
    assert read("seven", "any") == 7
    assert read("seven", "datetime") is None


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("two hundred and fifty", "number", 250),
        ("1,234.5", "number", 1234.5),
        ("between 50 and 60", "number", None),
        ("twenty-third", "ordinal", 23),
        ("fifty percent", "percent", 50),
        ("$12.50", "money", 12.5),
        ("twelve dollars fifty", "money", 12.5),
        ("fifty cents", "money", 0.5),
        ("5 km", "quantity", 5),
        ("19 years old", "age", 19),
    ],
)
def test_amounts_are_numbers(text: str, kind: str, value: Any) -> None:
    found = read(text, kind)
    assert (found, type(found)) == (value, type(value))


def test_the_rest_is_beside_the_value() -> None:
    reader = Normaliser(True, reference=TUESDAY)
    ambiguous, period, money = reader.read("friday", "date"), reader.read("tonight", "date"), reader.read("$5", "money")
    assert ambiguous is not None
    assert ambiguous.info == {"type": "date", "grain": "day", "values": ["2026-11-27", "2026-11-20"]}
    assert period is not None
    assert (period.info["from"], period.info["to"]) == ("2026-11-24T20:00:00", "2026-11-24T23:59:59")
    assert money is not None
    assert money.info == {"type": "money", "unit": "Dollar", "amount": 5, "currency": "USD"}


def test_now_is_where_the_time_zone_is() -> None:
    late = {"reference": "2026-11-24T23:30:00+00:00"}
    assert read("tomorrow at noon", "date", timezone="Europe/Berlin", **late) == "2026-11-26T12:00:00+01:00"
    assert read("tomorrow at noon", "date", timezone="America/New_York", **late) == "2026-11-25T12:00:00-05:00"


def test_which_entities_are_read() -> None:
    assert [Normaliser(True).kind(label) for label in ("DATE", "amount-of-money", "city")] == ["date", "money", None]
    assert [Normaliser(["size", "DATE"]).kind(label) for label in ("DATE", "size", "TIME")] == ["date", "any", None]
    assert [Normaliser({"size": "number"}).kind(label) for label in ("size", "DATE")] == ["number", None]
    assert Normaliser(False).kind("DATE") is None


def test_other_languages_are_read_or_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    assert read("mañana", "date", language="es") == "2026-11-25"
    assert Normaliser(True, language="fi").kind("DATE") is None
    assert caplog.text == ""
    Normaliser(["DATE"], language="fi")
    assert "language 'fi' cannot be normalized" in caplog.text


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=20) | st.from_regex(r"(\d{1,4}[ .:/%$-]?(pm|of|may|to|second)? ?){1,4}", fullmatch=True))
def test_whatever_is_said_has_a_value_that_rasa_can_send_or_none(text: str) -> None:
    reader = Normaliser(True, reference=TUESDAY)
    for kind in KINDS:
        meaning = reader.read(text, kind)
        if meaning is not None:
            json.dumps([meaning.value, dict(meaning.info)], allow_nan=False)
