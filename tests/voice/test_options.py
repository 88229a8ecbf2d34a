"""What may be written under ``asr`` and ``tts``: one engine, or several."""

from __future__ import annotations

from typing import Any

import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.options import parse_options
from convai_rasa.voice.options import VoiceOptions


def options(**parts: Any) -> VoiceOptions:
    return parse_options(VoiceOptions, parts, where="credentials.yml")


def test_one_engine_is_the_default() -> None:
    asr, tts = options().asr, options().tts
    assert [(name, one.model) for name, one in asr.each().items()] == [("whisper", "whisper/base")]
    assert [(name, one.model) for name, one in tts.each().items()] == [("coqui", "tts/vits-joe")]
    assert (asr.title, tts.title) == ("whisper/base", "tts/vits-joe")


def test_an_engine_of_another_kind_has_no_model_of_ours() -> None:
    both = options(asr={"engine": "openai", "base_url": "http://a/v1"}, tts={"engine": "openai", "model": "tts-1"})
    assert (both.asr.model, both.asr.title) == ("", "openai")
    assert (both.tts.model, both.tts.title) == ("tts-1", "openai tts-1")


def test_several_engines_have_names_and_share_the_keys_beside_them() -> None:
    far = {"engine": "openai", "base_url": "http://a/v1", "language": "de"}
    asr = options(asr={"language": "en", "workers": 4, "engines": [far, {**far, "name": "second"}, "whisper"]}).asr
    each = asr.each()
    assert list(each) == ["openai", "second", "whisper"]
    assert [one.for_engine()["language"] for one in each.values()] == ["de", "de", "en"]
    assert each["whisper"].model == "whisper/base"
    assert asr.workers == 4
    assert "workers" not in each["openai"].for_engine()
    assert asr.title == "openai, then openai, then whisper/base"


def test_each_of_several_voices_has_its_own_languages() -> None:
    near = {"voices": {"de": "tts/vits-thorsten"}}
    tts = options(tts={"engines": [{"engine": "openai", "voice": "nova", "base_url": "http://a/v1"}, near]}).tts
    assert [one.voices for one in tts.each().values()] == [{}, {"de": "tts/vits-thorsten"}]
    assert tts.each()["openai"].for_engine() == {"voice": "nova", "base_url": "http://a/v1", "threads": 1}


@pytest.mark.parametrize(
    ("asr", "sentence"),
    [
        (
            {"engines": ["whisper", "whisper"]},
            "two engines are called 'whisper'; give each its own, for example name: ",
        ),
        ({"engines": [{"name": "a"}, {"engine": "openai", "name": "a"}]}, "two engines are called 'a'"),
        ({"engine": "openai", "engines": ["whisper"]}, "'engine' stands beside 'engines'; write it into those"),
        ({"model": "whisper/base", "engines": ["whisper"]}, "'model' stands beside 'engines'"),
        ({"engines": "whisper"}, "engines: is a list"),
        ({"engines": [3]}, r"asr\.engines\.0: "),
        ({"engines": [{"modl": "x"}]}, r"asr\.engines\.0: unknown key 'modl' \(did you mean 'model'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(asr: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        options(asr=asr)


def test_a_key_for_a_server_is_shown_nowhere() -> None:
    far = {"engine": "openai", "base_url": "http://a/v1", "api_key": "sk-secret"}
    given = options(asr={**far}, tts={"engines": [far], "api_key": "sk-secret"})
    assert "sk-secret" not in f"{given!r} {given} {given.dict()}"
    assert given.asr.for_engine()["api_key"].get_secret_value() == "sk-secret"
