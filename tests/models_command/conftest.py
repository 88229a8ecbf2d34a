"""A catalogue of toys in place of the real one, and a folder that has what it lists."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.store import catalogue, search

FILES = {"config.json": b'{"layers": 1}\n', "sub/weights.bin": bytes(range(256)) * 4_000}
MODELS = {"whisper/toy": "asr", "whisper/loud": "asr", "tts/toy": "tts", "nlu/toy": "nlu", "spacy/toy": "spacy"}


def entry(component: str) -> dict[str, Any]:
    """Return a catalogue entry of a model that no source of the catalogue delivers."""
    return {
        "purpose": "Repeats what it is told",
        "use": "tests",
        "component": component,
        "languages": ["en"],
        "origin": "a test",
        "licence": "CC0",
        "notice": "Nobody's.\n",
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in FILES.items()
        },
        "sources": [{"https": {"base": "https://models.invalid/toy/"}}],
    }


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the catalogue of toys in place of the real one, and go to an empty project; returns its models/ tree."""
    path = tmp_path / "catalogue.yml"
    jobs = {"nlu/job": {"purpose": "something", "models": ["nlu/toy"], "fetch": "nlu/toy"}}
    sets = {"default": ["whisper/toy", "tts/toy", "nlu/toy", "spacy/toy"], "small": ["whisper/toy"]}
    content = {"models": {name: entry(component) for name, component in MODELS.items()}, "sets": sets, "jobs": jobs}
    path.write_text(json.dumps(content))
    for module in (catalogue, search):
        monkeypatch.setattr(module, "CATALOGUE_FILE", path)
    monkeypatch.delenv("CONVAI_MODELS_DIR", raising=False)
    for variable in ("WHISPER_CACHE_DIR", "HF_HOME", "TTS_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    monkeypatch.chdir(project)
    return project / "models"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A folder that has the published files of every toy."""
    for model in MODELS:
        for name, content in FILES.items():
            path = tmp_path / "store" / model / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return tmp_path / "store"
