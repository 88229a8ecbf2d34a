"""What people spell and say digit by digit, as recognizers write it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.capture import KINDS, check_kind, progress, read
from convai_rasa.errors import ConfigurationError
from convai_rasa.languages import lexicon_of

with (Path(__file__).parent / "cases.tsv").open(encoding="utf-8", newline="") as file:
    CASES = [(row["kind"], row["text"], row["value"]) for row in csv.DictReader(file, delimiter="\t", quoting=3)]

SPELLING = lexicon_of("en").spelling
assert SPELLING is not None
WORDS = sorted(
    {word for words in (*SPELLING.alphabet, *SPELLING.letters, *SPELLING.signs) for word in words}
    | {word for phrases in SPELLING.phrases.values() for phrase in phrases for word in phrase}
    | set(SPELLING.numbers)
)


@pytest.mark.parametrize(("kind", "text", "value"), CASES, ids=[f"{kind}: {text}" for kind, text, _ in CASES])
def test_a_value_covers_what_was_said_or_there_is_none(kind: str, text: str, value: str) -> None:
    found = read(kind, text)
    assert (found.value if found else "") == value


def test_there_are_cases_of_each_kind() -> None:
    assert len(CASES) >= 200
    assert {kind for kind, _, _ in CASES} == set(KINDS) - {"date"}


@pytest.mark.parametrize(("before", "after"), [("", ", please"), ("Um, ", ""), ("", " thank you")])
def test_courtesy_changes_nothing(before: str, after: str) -> None:
    for kind, text, value in CASES:
        found = read(kind, f"{before}{text.rstrip('.') if after else text}{after}") if value else None
        assert (found.value if found else "") == value, text


SPELLINGS = st.lists(st.sampled_from([*WORDS, "-", ".", "@", ",", "7", "55", "K"]), max_size=12).map(" ".join)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.text(max_size=80) | SPELLINGS)
def test_whatever_the_text_is_there_is_no_error(kind: str, text: str) -> None:
    found = read(kind, text)
    assert found is None or (found.value and found.kind == kind)
    progress(kind, text, "en")


@settings(max_examples=100, deadline=None)
@given(st.from_regex(r"[A-Za-z]{2,12}", fullmatch=True))
def test_a_name_spelled_in_any_style_is_that_name(name: str) -> None:
    says = SPELLING.says if SPELLING else {}
    styles = [
        "-".join(name.upper()),
        ", ".join(name),
        ", ".join(f"{letter} for {says[letter.lower()]}" for letter in name),
    ]
    if len(name) > 2:
        styles.append(", ".join(says[letter.lower()] for letter in name))
    for text in styles:
        found = read("name", text)
        assert found is not None
        assert (found.value, found.spelled) == (name.capitalize(), True)


@settings(max_examples=100, deadline=None)
@given(st.from_regex(r"[0-9]{6,15}", fullmatch=True))
def test_a_number_said_digit_by_digit_is_that_number(number: str) -> None:
    words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    for text in (number, " ".join(number), ", ".join(words[int(digit)] for digit in number)):
        found = read("phone", text)
        assert found is not None
        assert found.value == number


@pytest.mark.parametrize(
    ("kind", "hint"), [("fone", "did you mean 'phone'"), ("e-mail", "did you mean 'email'"), (7, "known are name")]
)
def test_an_unknown_kind_is_refused_with_the_nearest(kind: object, hint: str) -> None:
    with pytest.raises(ConfigurationError, match=hint):
        check_kind(kind, slot="contact")


@pytest.mark.parametrize(
    ("language", "kind", "text", "value"),
    [
        ("de", "name", "M-Ü-L-L-E-R", "Müller"),
        ("de", "name", "M wie Martha, E wie Emil, I wie Ida, E wie Emil, R wie Richard", "Meier"),
        ("de", "name", "Martha, Emil, Ida, Emil, Richard", "Meier"),
        ("de", "name", "Mein Name ist Schmidt", "Schmidt"),
        ("de", "name", "Schmidt mit D T", "Schmidt"),
        ("de", "phone", "null drei null, eins zwo drei, vier fünf sechs", "030123456"),
        ("de", "phone", "plus neunundvierzig 30 123456", "+4930123456"),
        ("de", "email", "anna Punkt mueller at gmx Punkt de", "anna.mueller@gmx.de"),
        ("de", "email", "A-N-N-A Unterstrich 7 Klammeraffe web Punkt de bitte", "anna_7@web.de"),
        ("de", "phone", "was kostet das", ""),
        ("es", "name", "G-A-R-C-I-A", "Garcia"),
        ("es", "name", "G de Granada, A de Antonio, R de Ramón, C de Carmen", "Garc"),
        ("es", "phone", "seis uno dos, tres cuatro cinco, seis siete ocho", "612345678"),
        ("es", "email", "ana punto garcia arroba gmail punto com", "ana.garcia@gmail.com"),
        ("es", "email", "ana guion bajo 7 arroba gmail punto com por favor", "ana_7@gmail.com"),
        ("es", "name", "¿para qué?", ""),
    ],
)
def test_other_languages_spell_too(language: str, kind: str, text: str, value: str) -> None:
    found = read(kind, text, language=language)
    assert (found.value if found else "") == value
