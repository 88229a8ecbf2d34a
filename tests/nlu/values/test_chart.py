from __future__ import annotations

import pytest

from convai_rasa.nlu.values.chart import Grammar
from convai_rasa.nlu.values.placed_words import split


def parsed(grammar: Grammar, text: str) -> list[object]:
    """Return what a whole text means."""
    words = split(text)
    return [node.meaning for node in grammar.parse(words, [], None) if (node.start, node.end) == (0, len(words))]


def test_a_rule_has_choices_and_what_may_be_missing() -> None:
    grammar = Grammar()
    grammar.lexicon("day", {"monday mon": 0, "friday": 4})
    grammar.rule("when", "on|this_coming? <day>", lambda _context, day: day)
    assert parsed(grammar, "on Monday") == parsed(grammar, "this coming mon") == [0]
    assert parsed(grammar, "Friday") == [4, 4]  # as a day and as a moment
    assert parsed(grammar, "this Friday") == parsed(grammar, "on") == []


@pytest.mark.parametrize("text", ["eight o'clock", "eight o’clock", "Eight oclock"])
def test_an_apostrophe_may_be_missing(text: str) -> None:
    grammar = Grammar()
    grammar.rule("time", "eight o'clock", lambda _context: 8)
    assert parsed(grammar, text) == [8]


def test_accents_may_be_missing() -> None:
    grammar = Grammar()
    grammar.rule("day", "mañana", lambda _context: 1)
    assert parsed(grammar, "Mañana") == parsed(grammar, "manana") == [1]


def test_what_makes_no_sense_is_no_meaning() -> None:
    grammar = Grammar()
    grammar.lexicon("n", {"one": 1, "zero": 0})
    grammar.rule("share", "one by <n>", lambda _context, n: None if n == 0 else 1 / n)
    assert parsed(grammar, "one by one") == [1.0]
    assert parsed(grammar, "one by zero") == []


def test_a_text_with_too_many_meanings_has_none() -> None:
    grammar = Grammar()
    grammar.rule("x", "a", lambda _context: "a")
    grammar.rule("x", "<x> <x>", lambda _context, one, other: f"({one}{other})")
    assert parsed(grammar, "a a a") == ["((aa)a)", "(a(aa))"]
    assert parsed(grammar, "a " * 40) == []
