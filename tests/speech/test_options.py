from __future__ import annotations

import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.options import parse_options
from convai_rasa.speech.openai_errors import Refusal
from convai_rasa.speech.options import TOKENS_VARIABLE, SpeechOptions, read_tokens
from convai_rasa.speech.served_names import Names


def test_several_tokens_let_one_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKENS_VARIABLE, "0123456789abcdef, fedcba9876543210\n")
    assert read_tokens() == ("0123456789abcdef", "fedcba9876543210")
    monkeypatch.delenv(TOKENS_VARIABLE)
    assert read_tokens() == ()


@pytest.mark.parametrize("written", ["secret", "0123456789abcdef,short", "0123456789abcdefé"])
def test_a_token_that_can_be_guessed_is_refused_and_not_shown(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKENS_VARIABLE, written)
    with pytest.raises(ConfigurationError, match="openssl rand -hex 32") as refused:
        read_tokens()
    assert written not in str(refused.value)


def test_a_service_serves_something() -> None:
    with pytest.raises(ConfigurationError, match="neither a recognizer nor a voice"):
        parse_options(SpeechOptions, {"asr": None, "tts": []}, where="convai speech")
    assert parse_options(SpeechOptions, {"tts": []}, where="convai speech").asr == "whisper/base"


def test_a_voice_is_asked_for_by_its_name_or_by_those_of_openai() -> None:
    voice_for = Names(None, ("tts/joe", "tts/amy")).voice
    for model, voice in (("tts-1", "alloy"), ("", ""), ("tts/amy", "joe")):
        assert voice_for(model, voice) == "tts/joe"
    for model, voice in (("tts-1", "amy"), ("tts-1", "tts/amy"), ("amy", "alloy")):
        assert voice_for(model, voice) == "tts/amy"


def test_a_name_that_cannot_be_shown_is_escaped() -> None:
    with pytest.raises(Refusal, match=r"There is no model '\\x1b\[31m' here; ask for whisper/base\."):
        Names("whisper/base").check_recognizer("\x1b[31m")
    for ask in (lambda: Names(None).check_recognizer(""), lambda: Names("whisper/base").voice("", "")):
        with pytest.raises(Refusal, match="start it with --"):
            ask()
