from __future__ import annotations

import pytest

from convai_rasa.nlu.values import find_name


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("marta", "Marta"),
        ("it's marta jones please", "Marta Jones"),
        ("my name is john mcdonald", "John Mcdonald"),
        ("McDonald", "McDonald"),
        ("vincent van den berg", "Vincent van den Berg"),
        ("my name is Marieke van den Berg", "Marieke van den Berg"),
        ("maría de la cruz", "María de la Cruz"),
        ("under the name of smith", "Smith"),
        ("ich heiße jürgen müller", "Jürgen Müller"),
        ("M-A-R-T-A", "Marta"),
        ("it's Mark, M as in Mary, A, R, K", "Mark"),
        ("Smith, S M Y T H", "Smyth"),
        ("Smith with a Y, S M Y T H", "Smyth"),
        ("H A double N A H", "Hannah"),
        ("M C capital D O N A L D", "McDonald"),
        ("yes", None),
        ("never mind", None),
        ("what time do you open", None),
        ("tomorrow", None),
        ("eight", None),
        ("", None),
    ],
)
def test_names_that_were_asked_for(said: str, name: str | None) -> None:
    found = find_name(said, asked=True)
    assert (found and found.value) == name


def test_a_name_that_only_the_entity_extractor_saw() -> None:
    said = "a table for two at eight for Marta"
    assert find_name(said) is None
    found = find_name(said, people=["Marta"])
    assert found is not None
    assert said[found.start : found.end] == found.value == "Marta"
