from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from convai_rasa.nlu.values import Value, find, find_people, read

NOW = dt.datetime(2026, 11, 24, 15)  # a Tuesday


def said(text: str, kind: str = "datetime", **options: Any) -> list[tuple[str, Any]]:
    found = find(text, kind, reference=NOW, **options)
    return [(text[one.start : one.end], one.value) for one in found]


def value(text: str, kind: str = "datetime", **options: Any) -> Value:
    found = read(text, kind, reference=NOW, **options)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a table for four tomorrow at eight pm, Marta", [("tomorrow at eight pm", "2026-11-25T20:00:00")]),
        ("on Friday for four people at 8 pm", [("Friday", "2026-11-27"), ("at 8 pm", "20:00:00")]),
        ("can I come the week after next?", [("the week after next", "2026-12-07")]),
        ("wake me at nine 05 pm", [("at nine 05 pm", "21:05:00")]),
        ("we are four on friday at 7 pm, 30 people later", [("friday at 7 pm", "2026-11-27T19:00:00")]),
        ("Friday no wait Saturday please", [("Saturday", "2026-11-28")]),
        ("not Friday, Saturday", [("Saturday", "2026-11-28")]),
        ("Saturday and Sunday", [("Saturday", "2026-11-28"), ("Sunday", "2026-11-29")]),
        ("the first time we came", []),
        ("every friday", []),
        ("friday or saturday", []),
        ("half a dozen", []),
        ("four people", []),
        ("hello", []),
        ("", []),
    ],
)
def test_values_are_found_in_what_is_said(text: str, found: list[tuple[str, Any]]) -> None:
    assert said(text) == found


def test_a_bare_number_counts_only_where_it_was_asked_for() -> None:
    assert said("make it eight") == said("make it eight", "time") == []
    assert said("make it eight", "time", bare=True, prefer="evening") == [("eight", "20:00:00")]
    assert said("the eighth", "date", bare=True) == [("the eighth", "2026-12-08")]
    assert said("eight, please", "people", bare=True) == [("eight", 8)]


def test_a_day_that_no_calendar_has_was_said_and_has_no_value() -> None:
    assert said("on February 30th, please") == [("February 30th", None)]
    assert read("February 30th", "date", reference=NOW) is None


def test_both_halves_of_the_day_are_kept_the_likelier_one_first() -> None:
    seven, noon = dt.time(7), dt.time(12)
    assert value("seven", "time").times == (dt.time(19), seven)  # it is three in the afternoon
    assert value("tomorrow at seven").times == (seven, dt.time(19))
    assert value("tomorrow at seven", prefer="evening").times == (dt.time(19), seven)
    assert value("tomorrow at half past two").times[0] == dt.time(14, 30)  # nobody is up at the other
    assert value("at twelve", prefer="evening").times[0] == value("at twelve").times[0] == noon
    assert value("at seven in the evening").times == (dt.time(19),)
    assert value("seven tomorrow evening").part == "evening"


def test_what_is_over_is_not_meant_unless_it_is_said() -> None:
    assert value("today at two").day == NOW.date()
    assert value("tuesday at noon").value == "2026-12-01T12:00:00"
    assert value("tuesday").info["values"] == ["2026-11-24", "2026-12-01"]
    assert value("november 20th").info["values"] == ["2027-11-20", "2026-11-20"]
    assert value("last tuesday").value == "2026-11-17"


@pytest.mark.parametrize(
    ("text", "noted", "meant"),
    [
        ("half an hour later", dt.datetime(2026, 11, 27, 19), "2026-11-27T19:30:00"),
        ("and half an hour later", dt.datetime(2026, 11, 27, 19), "2026-11-27T19:30:00"),
        ("an hour earlier", dt.time(19), "18:00:00"),
        ("the day after", dt.date(2026, 11, 27), "2026-11-28"),
        ("two days later at eight pm", dt.datetime(2026, 11, 27, 19), "2026-11-29T20:00:00"),
        ("the following Friday", dt.date(2026, 11, 27), "2026-12-04"),
    ],
)
def test_what_was_noted_is_counted_from(text: str, noted: Any, meant: str) -> None:
    assert [one for _, one in said(text, context=noted)] == [meant]


def test_ranges_have_both_ends() -> None:
    dinner, week = value("tomorrow between 6 and 7 pm"), value("from Monday to Friday")
    assert (dinner.times, dinner.until) == ((dt.time(18),), (dt.time(19),))
    assert (week.day, week.last_day) == (dt.date(2026, 11, 30), dt.date(2026, 12, 4))
    assert value("friday after 8 pm").info["from"] == "2026-11-27T20:00:00"
    late = value("tonight from 11 pm to 1 am")
    assert late.info["to"] == "2026-11-25T01:00:00"


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("a couple of people", 2),
        ("me and three friends", 4),
        ("two adults and three kids", 5),
        ("me, my wife and our two kids", 4),
        ("a table for two at eight", 2),
        ("four people, no, five people", 5),
        ("just me", 1),
        ("for seven thirty", None),
        ("for eight o'clock", None),
        ("for two weeks", None),
        ("hello", None),
        ("de: wir sind zu viert", 4),
        ("fr: nous serons quatre", 4),
        ("es: una mesa para dos", 2),
    ],
)
def test_people_are_counted_and_times_are_none(text: str, people: int | None) -> None:
    *language, text = text.split(": ")
    found = find_people(text, language="".join(language) or "en")
    assert (found and found.value) == people


def test_a_telephone_number_keeps_its_zeros() -> None:
    assert said("it's oh seven seven, double five 12", "digits") == [("oh seven seven, double five 12", "0775512")]
    assert value("five five five, double one two four", "digits").value == "5551124"
    assert said("at seven thirty", "digits") == []


def test_in_a_long_speech_values_are_found_to_its_end() -> None:
    speech = "well, you see, we have been to your place so often, " * 12 + "so may we come on Friday at 8 pm?"
    assert said(speech) == [("Friday at 8 pm", "2026-11-27T20:00:00")]
    assert read(speech, "datetime", reference=NOW) is None
