"""Who of a party cannot eat what."""

from __future__ import annotations

import pytest
from actions.food.party import HE, ME, SHE, THEY, needs_of, needs_told
from actions.hearing.notes import find_notes

SISTER_AND_ME = "my sister is allergic to nuts and i'm vegan"


@pytest.mark.parametrize(
    ("told", "who"),
    [
        ("my wife's allergic to nuts", [SHE]),
        ("my son is coeliac", [HE]),
        ("i'm allergic to nuts", [ME]),
        ("one of us is vegan", [THEY]),
        ("my friend is allergic to milk", [THEY]),
        (SISTER_AND_ME, [SHE, ME]),
    ],
)
def test_whom_it_is_told_of(told: str, who: list[str]) -> None:
    assert [need.who for need in needs_told([told], find_notes)] == who


@pytest.mark.parametrize(
    ("question", "counts"),
    [
        ("what could she have", ["nut allergy"]),
        ("can my sister have the cake", ["nut allergy"]),
        ("can i have the cake", ["vegan diet"]),
        ("what could we both have", ["nut allergy", "vegan diet"]),
        ("which mains are left", ["nut allergy", "vegan diet"]),
        (
            "what could he have",
            ["nut allergy", "vegan diet"],
        ),  # nothing was told of him: better too much than too little
    ],
)
def test_what_counts_for_whom(question: str, counts: list[str]) -> None:
    needs = needs_told([SISTER_AND_ME], find_notes)
    assert needs_of(question, needs, ["nut allergy", "vegan diet"]) == counts


def test_two_women_are_told_apart_by_what_they_are_called() -> None:
    needs = needs_told(["my girlfriend's vegan and her mum's allergic to gluten"], find_notes)
    assert needs_of("what could her mum have", needs, ["vegan diet", "gluten allergy"]) == ["gluten allergy"]


def test_what_is_no_longer_noted_does_not_count() -> None:
    needs = needs_told([SISTER_AND_ME], find_notes)
    assert needs_of("what could she have", needs, ["vegan diet"]) == ["vegan diet"]
