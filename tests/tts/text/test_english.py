"""Written English in words, by kind, as it is read in America and in Britain."""

from __future__ import annotations

import csv
import pathlib

import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.tts import normalise

pytestmark = pytest.mark.needs("num2words")

with (pathlib.Path(__file__).parent / "cases" / "english.tsv").open(encoding="utf-8", newline="") as _file:
    CASES = list(csv.reader(_file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
BRITISH, AMERICAN = "en-GB", "en-US"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}: {case[1]}")
def test_written_text_is_read_as_in_america_and_in_britain(case: list[str]) -> None:
    _, written, american, *british = case
    for language, alternatives in ((AMERICAN, american), (BRITISH, *(british or [american]))):
        spoken = normalise(written, language)
        assert spoken in alternatives.split("|")
        assert normalise(spoken, language) == spoken  # a voice may be given what was normalised before


def test_there_are_cases_enough_of_every_kind() -> None:
    kinds = [kind for kind, *_ in CASES]
    assert len({written for _, written, *_ in CASES}) == len(CASES) >= 400
    assert min(map(kinds.count, kinds)) >= 5


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "March fourth"),
        ("en-us", "March fourth"),
        ("en_GB", "the third of April"),
        ("en-gb-x-rp", "the third of April"),
        ("en-AU", "the third of April"),
    ],
)
def test_the_country_decides_how_a_date_is_read(language: str, said: str) -> None:
    assert normalise("by 3/4", language) == f"by {said}"


_PIECES = (
    "St.|Dr.|No.|Mt.|5|12|2026|1/2|3:45|$|€|£|%|-|–|.|,|:|/|#|@|'|\"|&|+|=|<|>|×|x|am|p.m.|km|lb.|ft|in|°C|I|IV|A|B|Jan|May"
    "|Mon-Fri|1,000|0.5|½|²|₂|⑤|e.g.|Inc.|ABC|X9|to|of|a|the|www.|.com|http://|~|^|*|_|(|)|[|]|\\|\n|😀|é|ł|中"
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(_PIECES.split("|")), st.sampled_from(["", " ", "  "])), max_size=12).map(
        lambda pieces: "".join(piece + space for piece, space in pieces)
    ),
    st.sampled_from([AMERICAN, BRITISH]),
)
def test_whatever_is_written_becomes_words(text: str, language: str) -> None:
    spoken = normalise(text, language)
    assert not any(character.isdigit() for character in spoken)
    assert not set(spoken) & set("$€£%@#&+=<>×/\\|*_^~°()[]")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_no_text_is_refused(text: str) -> None:
    normalise(text)


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["1", "1/", "1-", "A1", "a.", "$1,", "St. ", '1" ', "1 x "])
def test_a_long_text_takes_time_in_proportion_to_its_length(piece: str) -> None:
    spoken = normalise(piece * (4000 // len(piece)))
    assert not any(character.isdigit() for character in spoken)
