"""A recogniser and a voice keep the version they started with; the next that starts takes the one that is current."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from tiny import TinyModels

from convai_rasa import cli
from convai_rasa.asr import load_recognizer
from convai_rasa.voice.engines import load_voices
from convai_rasa.voice.options import AsrOptions, TtsOptions


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project that is the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONVAI_MODELS_DIR", raising=False)
    return tmp_path


def models(*words: str) -> None:
    assert cli.main(["models", *words]) == 0


def test_the_channels_recogniser_takes_the_pinned_version_at_its_next_start(
    project: Path, tiny_models: TinyModels
) -> None:
    for kind in ("whisper", "whisper-english"):
        models("publish", str(tiny_models(kind)), "whisper/own")
    options = AsrOptions(model="whisper/own")

    def languages(model: str) -> int:
        recognizer = load_recognizer(options.engine, model, **options.for_engine())
        with contextlib.closing(recognizer):
            return len(recognizer.capabilities.languages)

    assert languages(options.model) == languages("whisper/own@v1.0") > 1
    assert languages("whisper/own@v2.0") == languages("whisper/own@latest") == 1
    models("pin", "whisper/own@v2.0")
    assert languages(options.model) == 1
    models("rollback", "whisper/own")
    assert languages(options.model) > 1


@pytest.mark.processes
def test_the_channels_voice_takes_the_pinned_version_at_its_next_start(project: Path, tiny_models: TinyModels) -> None:
    for kind in ("vits", "glow_tts"):
        models("publish", str(tiny_models(kind)), "tts/own")
    options = TtsOptions(model="tts/own", precision="float32")

    def identity() -> str:
        with contextlib.closing(load_voices(options)) as voices:
            return voices._default.shared.capabilities.identity

    first = identity()
    assert identity() == first
    models("pin", "tts/own@v2.0")
    assert identity() != first
