from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from tiny import TinyModels

from convai_rasa.project.change.pipeline import ENTITIES, INTENTS, SENTIMENT
from convai_rasa.project.change.voice_channel import CHANNEL
from convai_rasa.project.checks.known_languages import check_language
from convai_rasa.project.findings import Finding
from convai_rasa.tts.export.voice_file import Symbols, VoiceFile

CHINESE = ["我还剩多少话费", "查一下余额"]


@pytest.fixture
def tree(tiny_models: TinyModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recogniser of English alone, one of many languages, and an English voice; no model is installed by its name."""
    for name, kind in (("english", "whisper-english"), ("many", "whisper")):
        shutil.copytree(tiny_models(kind), tmp_path / name)
    write_voice(tmp_path, "en-us")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONVAI_MODELS_DIR", str(tmp_path))
    return tmp_path


def write_voice(tree: Path, language: str) -> None:
    """Write what says which language a voice speaks; it need not speak here."""
    (tree / "voice").mkdir(exist_ok=True)
    voice = VoiceFile("vits", Symbols(language, {"a": 0}), sample_rate=22050, hop_samples=256, overlap_frames=1)
    voice.write(tree / "voice", [])


def found(language: str | None, asr: str = "many", texts: list[str] | None = None, **step: Any) -> list[Finding]:
    pipeline = [{"name": INTENTS, **step}]
    credentials = {CHANNEL: {"asr": {"model": f"./{asr}"}, "tts": {"model": "./voice"}}}
    config: dict[str, Any] = {"pipeline": pipeline, **({"language": language} if language else {})}
    return list(check_language(config, credentials, texts or ["hello there"]))


def test_an_english_bot_with_english_models_is_in_order(tree: Path) -> None:
    assert found("en", "english") == []
    assert found(None, "english") == []


def test_a_recogniser_and_a_voice_of_another_language_are_warnings(tree: Path) -> None:
    recogniser, voice = found("de", "english")
    assert (recogniser.area, recogniser.level) == ("voice", "warning")
    assert "understands English only" in recogniser.what
    assert "whisper/base" in recogniser.fix
    assert "speaks 'en-us'" in voice.what
    assert "tts/vits-thorsten" in voice.fix
    assert len(found("de", "many")) == 1  # the voice


def test_an_encoder_that_does_not_know_the_examples_is_an_error(tree: Path) -> None:
    (finding, *_) = found("zh", texts=CHINESE)
    assert (finding.area, finding.level) == ("pipeline", "error")
    assert "does not know the language" in finding.what
    assert "multilingual" in finding.fix
    assert not [one for one in found("zh", texts=CHINESE, any_language=True) if one.area == "pipeline"]
    assert not [one for one in found("zh", texts=CHINESE, model="my/own") if one.area == "pipeline"]


def test_components_that_know_english_alone_are_warnings(tree: Path) -> None:
    config = {"language": "de", "pipeline": [{"name": ENTITIES}, {"name": SENTIMENT}]}
    assert [one.level for one in check_language(config, {}, ["Guten Tag"])] == ["warning", "warning"]
    own = {"language": "de", "pipeline": [{"name": ENTITIES, "train": True}, {"name": SENTIMENT, "model": "my/own"}]}
    assert list(check_language(own, {}, ["Guten Tag"])) == []


def test_a_voice_whose_words_are_not_installed_is_an_error(tree: Path) -> None:
    write_voice(tree, "sw")
    (finding,) = (one for one in found("sw") if one.level != "note")
    assert (finding.level, finding.fix) == ("error", "pip install 'gruut[sw]'")


def test_a_language_whose_turns_end_by_silence_is_a_note(tree: Path) -> None:
    write_voice(tree, "fr")
    (note,) = (one for one in found("fr") if one.level == "note")
    assert "512 ms of silence" in note.what
    write_voice(tree, "de")
    assert found("de") == []
