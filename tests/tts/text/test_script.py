"""SSML, and what a voice has to do for a text."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from convai_rasa.tts import plain_text
from convai_rasa.tts.text.say_as import say_as
from convai_rasa.tts.text.script import Pause, Sentence, script
from convai_rasa.tts.text.ssml import Break, Span, parse

pytestmark = pytest.mark.needs("num2words")


@pytest.mark.parametrize("text", ["5 < 6 and 7 > 3", "a <b and c> d", "<https://a.b/c> &amp; x", "no tags", ""])
def test_text_without_tags_is_untouched(text: str) -> None:
    assert plain_text(text) == text
    assert "".join(piece.text for piece in parse(text) if isinstance(piece, Span)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<speak>Hi <break time='300ms'/> there, <b>you</b>.</speak>", "Hi there, you."),
        ("The <sub alias='World Wide Web'>W3</sub> &amp; I", "The W3 & I"),
        ("<prosody rate='fast'>never closed", "never closed"),
        ("</sub></speak>x", "x"),
        ("<sub alias='x'><sub alias='y'>z</sub>", "z"),
    ],
)
def test_what_is_shown_has_no_tags(text: str, shown: str) -> None:
    assert plain_text(text) == shown


@pytest.mark.parametrize(
    ("tag", "seconds"),
    [("time='300ms'", 0.3), ('time="2s"', 2.0), ("time='99s'", 10.0), ("strength='none'", 0.0), ("time='soon'", 0.4)],
)
def test_breaks(tag: str, seconds: float) -> None:
    assert parse(f"<break {tag}/>") == [Break(pytest.approx(seconds))]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ('Hi. <break time="500ms"/> Bye.', [Sentence("Hi."), Pause(0.5), Sentence("Bye.")]),
        ("One. Two.", [Sentence("One."), Pause(0.2), Sentence("Two.")]),
        (
            'Now <prosody rate="slow">slowly</prosody> ok.',
            [Sentence("Now"), Sentence("slowly", 0.75), Sentence("ok.")],
        ),
        ("<prosody rate='80%'>a</prosody>", [Sentence("a", 0.8)]),
        (
            "Code <say-as interpret-as='digits'>42</say-as>, <sub alias='doctor'>Dr</sub> Who.",
            [Sentence("Code four two, doctor Who.")],
        ),
        ("<break/>", []),
        ("<speak>🙂</speak>", []),
    ],
)
def test_what_a_voice_has_to_do(text: str, steps: list[object]) -> None:
    assert script(text) == steps


@pytest.mark.parametrize(
    ("text", "kind", "language", "words"),
    [
        ("1234", "digits", "en", "one two three four"),
        ("+49 30 12", "telephone", "en", "plus four nine, three zero, one two"),
        ("B2a", "characters", "en", "B, two, A"),
        ("1,205", "cardinal", "en", "one thousand two hundred five"),
        ("1,205", "cardinal", "en-GB", "one thousand two hundred and five"),
        ("3", "ordinal", "en", "third"),
        ("2026-11-22", "date", "en", "November twenty-second, twenty twenty-six"),
        ("2026-11-22", "date", "en-GB", "the twenty-second of November, twenty twenty-six"),
        ("3/4", "date", "en-GB", "3/4"),
        ("19:30", "time", "en", "seven thirty P M"),
        ("7:30", "time", "en-GB", "half past seven"),
        ("7", "cardinal", "de", "sieben"),
        ("-7", "cardinal", "fr", "moins sept"),
        ("-7", "cardinal", "pl", "minus siedem"),
        ("+49 3", "telephone", "es", "más cuatro nueve, tres"),
        ("3", "ordinal", "de", "dritte"),
        ("soon", "date", "en", "soon"),
        ("x", "nonsense", "en", "x"),
    ],
)
def test_say_as(text: str, kind: str, language: str, words: str) -> None:
    assert say_as(text, kind, language=language) == words


PIECES = [
    "<",
    ">",
    "</",
    "/>",
    "speak",
    "sub alias='a'",
    "prosody rate='9%'",
    "break",
    "say-as",
    " ",
    "x",
    "1",
    "&lt;",
    "'",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_broken_mark_up_never_fails(text: str) -> None:
    plain_text(text)
    for step in script(text):
        assert isinstance(step, (Sentence, Pause))
