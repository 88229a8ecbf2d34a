"""Whatever is said, there is an answer: 10,000 phrases that are put together, cut, mixed and misspelled."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from pathlib import Path

import pytest

from convai_rasa.nlu.values import find, find_name, read
from convai_rasa.nlu.values.languages import LANGUAGES
from convai_rasa.nlu.values.reading import CATEGORIES

pytestmark = pytest.mark.slow

NOW = dt.datetime(2026, 11, 24, 15)
KINDS = (*CATEGORIES, "spelled", "digits")
PHRASES_OF_EACH_SEED = 2_500
NOTED = (None, NOW, NOW.date(), NOW.time(), dt.datetime.min, dt.datetime.max)
JUNK = [
    "", " ", "½", "٣", "²", "Ⅷ", "💥", "ß", "İ", "e\u0301", "\u200b", "\x00", "0", "00", "9" * 40, "1e400", "-", "--",
    "...", "'", '"', "$", "%", "°", "1/0", "31/02/0000", "24:00", "99:99", "9999-12-31", "0001-01-01", "12 12 12",
    "and", "half", "of", "after", "before", "next", "last", "no", "not", "between", "to", "in", "a million years",
]  # fmt: skip


def phrases() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    with (Path(__file__).parent / "phrases.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found[row["language"]].append(row["text"])
    return found


def broken(random_: random.Random, text: str, others: list[str]) -> str:
    """Return a phrase with words dropped, doubled, swapped or spoiled, or with another behind it."""
    words = text.split()
    for _ in range(random_.randrange(1, 4)):
        place = random_.randrange(len(words) + 1)
        change = random_.randrange(6)
        if change == 0:
            words[place : place + 1] = []
        elif change == 1:
            words.insert(place, random_.choice(JUNK))
        elif change == 2:
            words[place:place] = words[place : place + 1]
        elif change == 3:
            random_.shuffle(words)
        elif change == 4:
            words += random_.choice(others).split()
        elif any(words[place : place + 1]):
            letters = list(words[place])
            letters[random_.randrange(len(letters))] = chr(random_.choice((random_.randrange(32, 400), 0x661, 0x2212)))
            words[place] = "".join(letters)
    return " ".join(words)


@pytest.mark.parametrize("seed", range(4))
def test_any_phrase_has_an_answer_that_can_be_sent(seed: int) -> None:
    random_, known = random.Random(seed), phrases()
    for _ in range(PHRASES_OF_EACH_SEED):
        language = random_.choice(("en", "en", *LANGUAGES))
        text = broken(random_, random_.choice(known[language]), known[language])
        kind, noted = random_.choice(KINDS), random_.choice(NOTED)
        value = read(text, kind, language=language, reference=NOW, context=noted)
        found = find(text, kind, language=language, reference=NOW, context=noted, bare=random_.random() < 0.5)
        for one in found if value is None else (value, *found):
            json.dumps([one.value, dict(one.info)], allow_nan=False)
            assert 0 <= one.start < one.end <= len(text)
        find_name(text, language=language, asked=True)


@pytest.mark.parametrize("now", [dt.datetime.min, dt.datetime.max])
def test_the_ends_of_the_calendar_are_no_error(now: dt.datetime) -> None:
    for texts in phrases().values():
        for text in texts:
            read(text, "datetime", reference=now)


@pytest.mark.parametrize(
    "text",
    ["and " * 90, "7 " * 60, "twenty " * 50, "friday or " * 40, "a half " * 50, "- " * 100, "(" * 400, "a" * 100_000],
)
def test_no_text_is_too_long(text: str) -> None:
    for kind in KINDS:
        read(text, kind, reference=NOW)
        find(text, kind, reference=NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_a_language_that_is_not_read_has_no_values(kind: str) -> None:
    assert read("tomorrow", kind, language="xx", reference=NOW) is None
    assert find("tomorrow", kind, language="xx", reference=NOW) == []
