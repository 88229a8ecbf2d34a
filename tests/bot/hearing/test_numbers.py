"""Numbers without a unit: guests or an hour, by what stands around them."""

from __future__ import annotations

import datetime as dt

import pytest
from actions.hearing.utterance import hear

NOW = dt.datetime(2026, 11, 24, 15)
NOTED = dt.datetime(2026, 11, 28, 19)

FIRST = {
    "two on friday at seven": (2, "19:00"),
    "two for thursday at half seven": (2, "19:30"),
    "two at eight on thursday": (2, "20:00"),
    "a table for friday at seven, four": (4, "19:00"),
    "six on friday": (6, None),
    "lunch for him and two guests on friday at one": (3, "13:00"),
    "he'd like to take two clients to lunch on wednesday": (3, None),
    "a party of four on saturday at about eight oh and make that five": (5, "20:00"),
    "five at eight on friday or if not at half past seven": (5, "20:00"),
    "a table tonight at five for two": (2, "17:00"),
    "a table for two on saturday at seven": (2, "19:00"),
    "half past seven on friday": (None, "19:30"),
}


@pytest.mark.parametrize("said", FIRST)
def test_a_bare_number_beside_a_day_is_the_guests(said: str) -> None:
    heard = hear(said, now=NOW)
    assert (heard.party_size, f"{heard.times[0]:%H:%M}" if heard.times else None) == FIRST[said]


LATER = {
    "it'll only be four and they'd rather come on sunday": (4, None),
    "gran can't come so that leaves three": (3, None),
    "i counted again, we're six with the baby": (6, None),
    "my sister can make it after all so five": (5, None),
    "two of them have just texted they can't make it": (2, None),
    "plus two kids i forgot to mention": (6, None),
    "four plus a high chair": (None, None),
    "let's say eight and six people": (6, "20:00"),
    "eight was the time, six is how many we are": (6, "20:00"),
    "one of us will be late so we can't do seven": (None, None),
    "i've got to pick up my mum at eight so we'd need a table at six or so": (None, "18:00"),
    "it'll be quarter past eight": (None, "20:15"),
}


@pytest.mark.parametrize("said", LATER)
def test_a_number_that_changes_what_was_noted(said: str) -> None:
    heard = hear(said, now=NOW, noted=NOTED, guests=4, name="Moss")
    assert (heard.party_size, f"{heard.times[0]:%H:%M}" if heard.times else None) == LATER[said]


def test_a_month_without_a_day_keeps_the_day() -> None:
    heard = hear("of january i mean", now=NOW, noted=dt.datetime(2026, 12, 11, 20))
    assert heard.day is not None
    assert heard.day.date == dt.date(2027, 1, 11)


def test_a_person_to_talk_to_is_no_guest() -> None:
    assert not hear("just get me a person", now=NOW, asked="name")
    assert not hear("i don't want to talk to a computer", now=NOW, asked="name")
