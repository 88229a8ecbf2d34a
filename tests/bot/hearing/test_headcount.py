"""How many more or fewer come, without numbers that were said for good."""

from __future__ import annotations

import pytest
from actions.hearing.headcount import change_in_guests, company

CHANGES = {
    "we're one fewer": -1,
    "there'll be two less of us": -2,
    "two people fewer I'm afraid": -2,
    "three more people are joining us": 3,
    "we have an extra guest": 1,
    "another couple of friends": 2,
    "another person is coming": 1,
    "plus one please": 1,
    "my sister can't come": -1,
    "two of us won't make it": -2,
    "my parents are coming as well": 2,
    "my boss will join us": 1,
    "the kids aren't coming": -3,
    "could you knock one off that": -1,
    "three of our six have dropped out": -3,
    "take two off please": -2,
}
NONE = ["one more thing", "one more question please", "we are four", "can my kids come in a stroller", "my wife is ill"]


@pytest.mark.parametrize(("said", "change"), CHANGES.items())
def test_more_and_fewer(said: str, change: int) -> None:
    found = change_in_guests(said, ["table for six", "two adults and three kids"])
    assert found is not None
    assert found[0] == change


@pytest.mark.parametrize("said", NONE)
def test_what_changes_nothing(said: str) -> None:
    assert change_in_guests(said) is None


def test_a_group_of_unknown_size_changes_nothing() -> None:
    assert change_in_guests("the children aren't coming", ["a table for six"]) is None


@pytest.mark.parametrize(
    ("said", "guests"),
    [
        ("there's me my boyfriend and his mum", 3),
        ("my wife and i and our two kids", 4),
        ("the two of us plus a baby", 3),
        ("i want to come with two friends", 3),
        ("three adults two teenagers and a toddler", 6),
        ("my other half and me plus her folks and our three kids", 7),
        ("it's two couples", 4),
        ("a couple with a pushchair", 2),
        ("there's my husband me and the twins", 4),
        ("me and the missus", 2),
        ("i was hoping to bring my wife and her sister", 3),
        ("there's the two of us and mum and dad", 4),
        ("me and mum", 2),
        ("three of us and grandad", 4),
        ("friday for two and mum can't eat nuts", None),
        ("my wife and i can't eat nuts", None),
        ("two kids", None),
        ("you misheard me i said thursday", None),
    ],
)
def test_who_comes_is_counted(said: str, guests: int | None) -> None:
    found = company(said)
    assert (found[0] if found else None) == guests
