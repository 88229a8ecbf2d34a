"""Models of the catalogue, as tiny as can be but genuine, fetched from where the catalogue says and then used."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import TinyModels

from convai_rasa.asr import load_recognizer
from convai_rasa.store.catalogue import Model, PublishedFile, load_catalogue
from convai_rasa.store.check import read_lock, verify_model
from convai_rasa.store.installing import Wishes, fetch_model
from convai_rasa.store.manifest import read_manifest
from convai_rasa.store.sources import coqui_releases, http, spacy_release
from convai_rasa.tts import load_synthesizer

pytestmark = pytest.mark.processes


@pytest.fixture(autouse=True)
def _patience(hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "READ_SECONDS", 20)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def zipped(files: dict[str, bytes], top: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{top}/", b"")
        for name, content in files.items():
            archive.writestr(f"{top}/{name}", content)
    return buffer.getvalue()


def fetched(model: Model, tree: Path, source: str) -> Path:
    """Fetch a model through the whole store; returns its folder, of which every byte was compared once more."""
    assert fetch_model(model, tree, Wishes(source=source))
    assert not fetch_model(model, tree, Wishes(source=source))
    assert verify_model(tree / model.name, model) == []
    return tree / model.name


@pytest.mark.parametrize("name", ["whisper/tiny", "whisper/tiny.en", "whisper/base", "whisper/large-v3-turbo"])
def test_a_whisper_of_the_catalogue_comes_from_its_commit_on_the_hub_and_hears(
    tiny_models: TinyModels, hub: Any, tree: Path, name: str
) -> None:
    model = load_catalogue().models[name]
    (repo,) = [source.hugging_face for source in model.sources if source.hugging_face]
    files = contents(tiny_models.of_row(name))
    described = {
        file: PublishedFile(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
        for file, content in files.items()
    }
    hub.add(repo.repo, {**files, "README.md": b""}, commit=repo.revision)
    folder = fetched(model.copy(update={"files": described}), tree, "hugging_face")
    assert read_manifest(folder).revision == repo.revision
    recognizer = load_recognizer("whisper", str(folder), threads=1)
    assert recognizer.transcribe(np.zeros(16_000, np.float32), language="en").duration_s == 1.0


@pytest.mark.parametrize("name", ["tts/tacotron2-DDC", "tts/glow-tts", "tts/vits"])
def test_a_voice_of_the_catalogue_comes_from_coquis_archives_and_speaks(
    tiny_models: TinyModels, hub: Any, tree: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_catalogue().models[name]
    (source,) = [source.coqui for source in model.sources if source.coqui]
    files = {
        file: content
        for file, content in contents(tiny_models.of_row(name)).items()
        if not file.startswith(("onnx/", "expected"))  # the graphs are made of what was fetched
    }
    vocoder = {file.removeprefix("vocoder/"): content for file, content in files.items() if file.startswith("vocoder/")}
    voice = {file: content for file, content in files.items() if not file.startswith("vocoder/")}
    listed: dict[str, Any] = {}
    for released, its_files in ((source.voice, voice), (source.vocoder, vocoder)):
        if released is None:
            continue
        kind, language, data, called = released.split("/")
        top = "--".join(released.split("/"))
        hub.files[f"/v0.6.1_models/{top}.zip"] = zipped(its_files, top)
        entry = {"github_rls_url": f"{hub.url}/v0.6.1_models/{top}.zip"}
        listed.setdefault(kind, {}).setdefault(language, {}).setdefault(data, {})[called] = entry
    (tmp_path / "models.json").write_text(json.dumps(listed))
    monkeypatch.setattr(coqui_releases, "list_of_releases", lambda: tmp_path / "models.json")
    folder = fetched(model, tree, "coqui")
    locked = read_lock(tree)[name]
    assert locked.revision == "v0.6.1_models"
    assert locked.files == {file: hashlib.sha256(content).hexdigest() for file, content in files.items()}
    synthesizer = load_synthesizer("coqui", model=str(folder), threads=1)
    assert synthesizer.synthesize("Hello there!").size > 0


def test_the_pipeline_of_the_catalogue_comes_from_spacys_release_and_reads(
    tiny_models: TinyModels, hub: Any, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_catalogue().models["spacy/en_core_web_sm"]
    (release,) = [source.spacy_release for source in model.sources if source.spacy_release]
    wheel = zipped(contents(tiny_models.of_row(model.name)), f"en_core_web_sm/en_core_web_sm-{release.version}")
    own = release.copy(update={"sha256": hashlib.sha256(wheel).hexdigest(), "size": len(wheel)})
    sources = [source.copy(update={"spacy_release": own}) for source in model.sources if source.spacy_release]
    name = f"en_core_web_sm-{release.version}-py3-none-any.whl"
    hub.files[f"/en_core_web_sm-{release.version}/{name}"] = wheel
    monkeypatch.setattr(spacy_release, "RELEASES", hub.url + "/")
    folder = fetched(model.copy(update={"sources": sources}), tree, "spacy_release")
    assert read_manifest(folder).archives == {name: own.sha256}
    spacy = pytest.importorskip("spacy")
    assert spacy.load(folder)("Hello there!").text == "Hello there!"
