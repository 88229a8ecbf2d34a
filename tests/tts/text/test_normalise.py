from __future__ import annotations

import pathlib

import pytest

from convai_rasa.tts import normalise
from convai_rasa.tts.text.script import split_sentences

pytestmark = pytest.mark.needs("num2words")

CASES = {
    # plain text stays as it is
    "Hello, how are you?": "Hello, how are you?",
    "It's the café's well-known dish.": "It's the café's well-known dish.",
    # marks for the eye
    "**Bold**, *soft*, _under_ and `code`": "Bold, soft, under and code",
    "# Title\n- one\n- two": "Title\none\ntwo",
    "> quoted": "quoted",
    "snake_case stays together": "snake case stays together",
    "<b>Hi</b> there": "Hi there",
    "“Curly” – it’s ‘fine’ — yes": "Curly, it's 'fine', yes",
    "Wait… what?!": "Wait. what?!",
    "fish & chips / soup": "fish and chips, soup",
    # lists and tables: a line each, so that there is a pause after each
    "1. First\n2) Second": "one, First\ntwo, Second",
    "* one\n• two\n- [ ] three\n- [x] four": "one\ntwo\nthree\nfour",
    "| Dish | Price |\n|---|---|\n| Soup | $5 |": "Dish, Price\nSoup, five dollars",
    "above\n---\nbelow": "above\nbelow",
    # emoji and emoticons
    "Hello :) ❤️ 🇩🇪 1️⃣ ✅ done ;-)": "Hello one done",
    ":smile: hi <3": "hi",
    # nothing to say
    "": "",
    " \n ": "",
    "🙂": "",
    "...": "",
    "***": "",
    "---": "",
    "👍🏽 :-) ❤️": "",
    "|---|": "",
    "![](menu.png)": "",
    "• ": "",
    "<br/>": "",
    "→ ↑ ™": "",
    "```\nprint(1)\n```": "",
}


@pytest.mark.parametrize("written", CASES)
def test_written_text_becomes_spoken_text(written: str) -> None:
    assert normalise(written) == CASES[written]


@pytest.mark.parametrize("written", CASES)
def test_spoken_text_stays_as_it_is(written: str) -> None:
    assert normalise(CASES[written]) == CASES[written]


def test_no_digit_is_left() -> None:
    wild = "a1b2 1.2.3.4 99:99 31/12 1e9 $ 5 %5 12-34-56 0.0.1 1,2,3 7½% 3×4=12 £ 2026-13-45 " + "9" * 40
    assert not any(character.isdigit() for character in normalise(wild))


def test_sentences_are_cut_at_their_ends_only() -> None:
    text = "The price is nine dollars. Is that fine? Yes!\nNext line"
    assert split_sentences(text) == ["The price is nine dollars.", "Is that fine?", "Yes!", "Next line"]
    assert split_sentences("") == []


def test_endless_sentences_are_cut_without_losing_a_word() -> None:
    text = "one two three, four five six seven eight nine ten eleven twelve " * 40 + "x" * 600
    parts = split_sentences(text)
    assert max(map(len, parts)) <= 240
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_the_documentation_says_what_is_said() -> None:
    page = (pathlib.Path(__file__).parents[3] / "docs" / "components" / "voices.md").read_text(encoding="utf-8")
    table = page.partition("| written | said |\n|---|---|\n")[2].partition("\n\n")[0]
    rows = [row.strip("| ").split(" | ") for row in table.splitlines()]
    assert len(rows) > 5
    for written, said in rows:
        spoken = [normalise(one) for one in written.strip("`").split("`, `")]
        assert ", ".join(spoken).rstrip(".") == said
