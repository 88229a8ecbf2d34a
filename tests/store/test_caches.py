"""Models that other programs have fetched, in stand-ins for their caches."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.errors import ModelNotFound
from convai_rasa.store import resolve
from convai_rasa.store.catalogue import load_catalogue
from convai_rasa.store.names import Name
from convai_rasa.store.resolving import explain, find_installed
from convai_rasa.store.versioning import pin

BASE = "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66"  # the revision of whisper/base that the catalogue pins


@pytest.fixture(autouse=True)
def home(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder without any cache, and no variable that names one."""
    for variable in (
        *("WHISPER_CACHE_DIR", "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"),
        *("TTS_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"),
    ):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def fill(folder: Path, name: str) -> Path:
    """Put files of the published sizes into a folder, sparse, so that they take no room."""
    for file, published in load_catalogue().models[name].files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as sparse:
            sparse.truncate(published.size or 10)
    return folder


def coqui(folder: Path, checkpoint: str = "model_file.pth") -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"audio": {}}))
    (folder / checkpoint).write_bytes(b"weights")
    return folder


@pytest.mark.parametrize(
    "path",
    [
        ".cache/whisper/base",
        ".cache/whisper/faster-whisper-base",
        f".cache/whisper/models--Systran--faster-whisper-base/snapshots/{BASE}",
        f".cache/huggingface/hub/models--Systran--faster-whisper-base/snapshots/{BASE}",
    ],
)
def test_whisper_is_used_where_it_lies(home: Path, path: str) -> None:
    with pytest.raises(ModelNotFound, match="convai models whisper/base"):
        resolve("whisper/base")
    folder = fill(home / path, "whisper/base")
    assert resolve("whisper/base") == folder == find_installed("whisper/base")
    with pytest.raises(ModelNotFound):
        resolve("whisper/base", models_dir=home)
    assert find_installed("whisper/base", home) is None


@pytest.mark.parametrize(
    ("variable", "path"),
    [
        ("WHISPER_CACHE_DIR", "base"),
        ("HF_HOME", f"hub/models--Systran--faster-whisper-base/snapshots/{BASE}"),
        ("HF_HUB_CACHE", f"models--Systran--faster-whisper-base/snapshots/{BASE}"),
        ("HUGGINGFACE_HUB_CACHE", f"models--Systran--faster-whisper-base/snapshots/{BASE}"),
        ("XDG_CACHE_HOME", "whisper/base"),
    ],
)
def test_a_variable_says_where_a_cache_is(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, path: str
) -> None:
    folder = fill(tmp_path / "elsewhere" / path, "whisper/base")
    monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
    assert resolve("whisper/base") == folder


def test_the_projects_own_comes_before_the_caches_and_whispers_before_the_hubs(home: Path, tree: Path) -> None:
    hub = fill(home / f".cache/huggingface/hub/models--Systran--faster-whisper-base/snapshots/{BASE}", "whisper/base")
    assert resolve("whisper/base") == hub
    whisper = fill(home / ".cache/whisper/base", "whisper/base")
    assert resolve("whisper/base") == whisper
    own = tree / "whisper/v1.0/base"
    own.mkdir(parents=True)
    assert resolve("whisper/base") == whisper  # a version that was put there does not change what the name means
    pin(tree, Name("whisper", "base", "v1.0"))
    assert resolve("whisper/base") == own


def test_a_version_is_what_a_name_of_the_catalogue_means_where_nothing_else_is(tree: Path) -> None:
    for version in ("v1.0", "v2.0"):
        (tree / "whisper" / version / "base").mkdir(parents=True)
    assert resolve("whisper/base") == tree / "whisper/v2.0/base"
    assert explain("whisper/base")[-1].folder == tree / "whisper/v2.0/base"


def test_a_jobs_second_model_in_the_tree_comes_before_its_first_in_a_cache(home: Path, tree: Path) -> None:
    revision = "12040accade4e8a0f71eabdb258fecc2e7e948be"
    cached = home / f".cache/huggingface/hub/models--distilbert--distilbert-base-uncased/snapshots/{revision}"
    fill(cached, "nlu/distilbert-base")
    assert resolve("nlu/intent_classifier") == cached
    own = tree / "nlu/v1.0/minilm"
    own.mkdir(parents=True)
    pin(tree, Name("nlu", "minilm", "v1.0"))
    assert resolve("nlu/intent_classifier") == own


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        (
            lambda folder: (folder / "model.bin").write_bytes(b"cut"),
            "another model.bin, of 3 bytes instead of 145,217,532",
        ),
        (lambda folder: (folder / "tokenizer.json").unlink(), "lacks tokenizer.json"),
    ],
)
def test_what_is_not_whole_does_not_count(home: Path, harm: Any, problem: str) -> None:
    harm(fill(home / ".cache/whisper/base", "whisper/base"))
    with pytest.raises(ModelNotFound, match=problem):
        resolve("whisper/base")


def test_openais_own_format_is_no_use(home: Path) -> None:
    (home / ".cache/whisper").mkdir(parents=True)
    (home / ".cache/whisper/base.pt").write_bytes(b"torch")
    with pytest.raises(ModelNotFound, match=r"base\.pt is there, but it is in OpenAI's own format"):
        resolve("whisper/base")


def test_another_revision_than_the_pinned_one_does_not_count(home: Path) -> None:
    hub = home / ".cache/huggingface/hub/models--Systran--faster-whisper-base"
    fill(hub / "snapshots" / ("0" * 40), "whisper/base")
    (hub / "refs").mkdir()
    (hub / "refs/main").write_text("0" * 40)
    with pytest.raises(ModelNotFound):
        resolve("whisper/base")


def test_where_none_is_pinned_the_newest_counts(home: Path) -> None:
    joe = load_catalogue().models["tts/vits-joe"]
    repo = next(source.hugging_face for source in joe.sources if source.hugging_face)
    assert repo.revision is None
    hub = home / ".cache/huggingface/hub/models--rhasspy--piper-voices"
    fill(hub / "snapshots" / ("1" * 40) / repo.prefix, "tts/vits-joe")
    (hub / "refs").mkdir()
    (hub / "refs/main").write_text("1" * 40)
    (look,) = [look for look in explain("tts/vits-joe") if look.problem]
    assert look.path == hub / "snapshots" / ("1" * 40) / repo.prefix
    assert look.problem == "it has to be converted before it can be used"
    assert find_installed("tts/vits-joe") is None


@pytest.mark.parametrize(
    ("variable", "root"),
    [("TTS_HOME", "tts"), ("XDG_DATA_HOME", "tts"), ("HOME", ".local/share/tts"), ("HOME", ".cache/TTS")],
)
def test_a_coqui_voice_counts_with_its_vocoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, root: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "cache"))
    cache = tmp_path / "cache" / root
    voice = coqui(cache / "tts_models--en--ljspeech--tacotron2-DDC")
    with pytest.raises(ModelNotFound, match=r"its vocoder .*hifigan_v2 lacks a config\.json"):
        resolve("tts/tacotron2-DDC")
    coqui(cache / "vocoder_models--en--ljspeech--hifigan_v2", "model_file.pth.tar")
    assert resolve("tts/tacotron2-DDC") == voice


def test_a_coqui_voice_that_was_not_unpacked_to_the_end_does_not_count(home: Path) -> None:
    voice = coqui(home / ".local/share/tts/tts_models--en--ljspeech--vits")
    assert resolve("tts/vits") == voice
    (voice / "tts_models--en--ljspeech--vits.zip").write_bytes(b"half")
    with pytest.raises(ModelNotFound, match="was not unpacked to the end"):
        resolve("tts/vits")
    (voice / "tts_models--en--ljspeech--vits.zip").unlink()
    (voice / "model_file.pth").unlink()
    with pytest.raises(ModelNotFound, match=r"lacks model\.pth"):
        resolve("tts/vits")


def test_an_installed_spacy_package_is_found_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages/en_core_web_sm"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(str(package.parent))
    data = fill(package / "en_core_web_sm-3.7.1", "spacy/en_core_web_sm")
    with pytest.raises(ModelNotFound, match=r"it is en_core_web_sm-3\.7\.1, but 3\.8\.0 is needed"):
        resolve("spacy/en_core_web_sm")
    data = data.rename(package / "en_core_web_sm-3.8.0")
    (data / "meta.json").write_text("{}")  # that of the official package, which the catalogue does not list
    assert resolve("spacy/en_core_web_sm") == resolve("nlu/entity_extractor") == data
    assert "en_core_web_sm" not in sys.modules


def test_no_version_is_looked_for_in_the_caches(home: Path) -> None:
    fill(home / ".cache/whisper/base", "whisper/base")
    with pytest.raises(ModelNotFound, match="there is no version of whisper/base"):
        resolve("whisper/base@v1.0")
    assert resolve("whisper/base@latest") == home / ".cache/whisper/base"
