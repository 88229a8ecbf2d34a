from __future__ import annotations

from typing import Any

import pytest

from convai_rasa.options import parse_options
from convai_rasa.voice.languages import base_language, ends_by_silence, heard_language, misfits
from convai_rasa.voice.options import VoiceOptions

MANY = ("en", "de", "no")


def options(**parts: Any) -> VoiceOptions:
    return parse_options(VoiceOptions, parts, where="test")


@pytest.mark.parametrize(
    ("written", "base"), [("de", "de"), ("de-AT", "de"), ("pt_BR", "pt"), (" EN ", "en"), (None, None), (" ", None)]
)
def test_a_language_without_its_country(written: str | None, base: str | None) -> None:
    assert base_language(written) == base


@pytest.mark.parametrize(
    ("asr", "bots", "known", "heard"),
    [
        ({}, "de", MANY, "de"),
        ({}, "nb", MANY, "no"),  # as Whisper calls it
        ({}, None, MANY, None),
        ({}, "de", ("en",), None),  # callers are heard as before, and the log says what is wrong
        ({"language": "auto"}, "de", MANY, None),  # asked for: whoever calls is heard in their own language
        ({"language": "en"}, "de", MANY, None),
        ({"engines": ["whisper", {"name": "other", "language": "en"}]}, "de", MANY, None),
        ({"engine": "openai"}, "de", (), "de"),  # a server that does not tell what it knows
    ],
)
def test_callers_are_heard_in_the_bots_language_where_the_credentials_say_nothing(
    asr: dict[str, Any], bots: str | None, known: tuple[str, ...], heard: str | None
) -> None:
    assert heard_language(options(asr=asr), bots, known) == heard


def told(bots: str | None, heard: tuple[str, ...], spoken: tuple[str, ...], **parts: Any) -> list[str]:
    return list(misfits(options(**parts), bots, heard=heard, spoken=spoken))


def test_what_fits_is_not_told() -> None:
    assert told("en", ("en",), ("en-us",)) == []
    assert told("de-AT", MANY, ("de",)) == []
    assert told("nb", MANY, ("nb",)) == []
    assert told(None, ("en",), ("en",)) == []
    assert told("de", (), ()) == []  # engines that do not tell
    assert told("de", MANY, ("de",), asr={"language": "auto"}) == []


def test_a_recogniser_and_a_voice_of_another_language_are_told_with_what_to_do() -> None:
    recogniser, voice = told("de", ("en",), ("en",), asr={"model": "whisper/tiny.en"})
    assert "whisper/tiny.en understands English only; " in recogniser
    assert "convai models whisper/base" in recogniser
    assert "the voice tts/vits-joe speaks 'en'; " in voice
    assert "convai models tts/vits-thorsten" in voice
    (unknown,) = told("xx", MANY, ())
    assert "does not know it" in unknown
    (without,) = told("hi", ("hi",), ("en",))
    assert "a Coqui or Piper voice of your own" in without


def test_a_language_that_contradicts_the_bots_is_told() -> None:
    (sentence,) = told("de", MANY, ("de",), asr={"language": "fr"})
    assert "asr.language is 'fr'; " in sentence


def test_a_language_whose_words_are_not_known_is_told() -> None:
    sentence = ends_by_silence(options(turn={"end_ms": 600}), "fr-CA")
    assert sentence is not None
    assert "in 'fr' is not known" in sentence
    assert "600 ms" in sentence
    assert [ends_by_silence(options(), bots) for bots in ("en", "de-AT", "es", None)] == [None] * 4
    assert ends_by_silence(options(turn={"decided_by": "silence"}), "fr") is None, "as asked for"
