from __future__ import annotations

from pathlib import Path

import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.project.change.fitting import fitting_components, lost_on
from convai_rasa.project.change.model_sets import set_keys
from convai_rasa.project.change.pipeline import COMPONENTS, ENTITIES, INTENTS

ENGLISH = ["hello there", "good morning"]
GERMAN = ["Guten Tag", "Ich möchte kündigen"]
CHINESE = ["我还剩多少话费", "查一下余额"]


@pytest.fixture(autouse=True)
def _no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVAI_MODELS_DIR", str(tmp_path))


def test_all_fit_an_english_bot() -> None:
    for language in ("en", "en_GB", None):
        assert fitting_components(COMPONENTS, ENGLISH, language).components == COMPONENTS


def test_a_bot_in_another_language_of_the_latin_script_keeps_the_intents() -> None:
    fitting = fitting_components(COMPONENTS, GERMAN, "de")
    assert fitting.components == (INTENTS,)
    assert [note.split(" was")[0] for note in fitting.notes] == ["SpacyModelEntityExtractor", "HybridSentimentAnalyzer"]
    assert fitting_components(COMPONENTS, GERMAN, "de", {ENTITIES: "de_core_news_sm"}).components == (INTENTS, ENTITIES)


@pytest.mark.parametrize("language", ["zh", "en", None])
def test_nothing_fits_another_script_whatever_the_config_says(language: str | None) -> None:
    fitting = fitting_components(COMPONENTS, CHINESE, language)
    assert fitting.components == ()
    assert "convai add --set multilingual" in fitting.notes[0]


def test_a_multilingual_encoder_fits_before_it_is_fetched() -> None:
    models = dict(set_keys("multilingual", "zh").components[INTENTS])
    assert fitting_components([INTENTS], CHINESE, "zh", {INTENTS: models["model"]}).components == (INTENTS,)
    assert lost_on("a/path/that/nobody/knows", CHINESE) == 0.0


@pytest.mark.models
def test_an_installed_encoder_is_asked_itself(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lost_on("nlu/intent_classifier", GERMAN) < 0.1
    assert 0.7 < lost_on("nlu/intent_classifier", CHINESE) < 1.0


@pytest.mark.parametrize(
    ("language", "voice", "words"),
    [("de-AT", "tts/vits-thorsten", "pip install 'gruut[de]'"), ("fr", "tts/vits-siwis", "pip install 'gruut[fr]'")],
)
def test_the_multilingual_set_gives_models_and_a_voice_of_the_language(language: str, voice: str, words: str) -> None:
    keys = set_keys("multilingual", language)
    assert keys.channel == {"asr": {"model": "whisper/base"}, "tts": {"model": voice}}
    assert keys.fetch == ("convai models --set multilingual", f"convai models {voice}", words)
    assert not keys.notes


def test_a_language_without_a_voice_is_told() -> None:
    keys = set_keys("multilingual", "hi")
    assert "tts" not in keys.channel
    assert "no voice for 'hi'" in keys.notes[0]


def test_sets_that_cannot_be_added() -> None:
    assert set_keys("embedded", "de").components == {}
    with pytest.raises(ConfigurationError, match="the sets are: embedded, multilingual"):
        set_keys("multi", "de")
