from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from convai_rasa.errors import ModelCorrupt, ModelNotFound
from convai_rasa.store import resolve
from convai_rasa.store.catalogue import load_catalogue
from convai_rasa.store.manifest import MANIFEST, Manifest, describe_files
from convai_rasa.store.resolving import find_installed


@pytest.fixture(autouse=True)
def _no_other_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("WHISPER_CACHE_DIR", "HF_HOME", "HF_HUB_CACHE", "TTS_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def install(tree: Path, name: str) -> Path:
    """Put a stand-in for a model of the real catalogue into a tree, as an installation leaves it."""
    folder = tree / name
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"weights")
    conversion = load_catalogue().models[name].conversion
    converted = conversion.name if conversion else None
    Manifest(name, "a test", "", {}, converted, None, describe_files(folder)).write(folder)
    return folder


def test_an_existing_path_wins_over_the_name(tree: Path) -> None:
    install(tree, "whisper/base")
    own = Path("whisper/base").absolute()
    own.mkdir(parents=True)
    assert resolve("whisper/base") == own
    assert resolve(own) == own


def test_the_given_tree_wins_over_the_variable_and_that_over_the_nearest(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nearest = install(tree, "whisper/base")
    assert resolve("whisper/base") == nearest
    named = install(tmp_path / "elsewhere", "whisper/base")
    monkeypatch.setenv("CONVAI_MODELS_DIR", str(tmp_path / "elsewhere"))
    assert resolve("whisper/base") == named
    given = install(tmp_path / "given", "whisper/base")
    assert resolve("whisper/base", models_dir=tmp_path / "given") == given
    monkeypatch.setenv("CONVAI_MODELS_DIR", str(tmp_path / "empty"))
    assert resolve("whisper/base") == nearest  # the variable comes first, and the others count all the same
    with pytest.raises(ModelNotFound):
        resolve("whisper/base", models_dir=tmp_path / "empty")


def test_a_bots_own_folder_of_trained_models_does_not_hide_the_projects(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = install(tree, "whisper/base")
    archives = tree.parent / "bot" / "models"
    archives.mkdir(parents=True)
    (archives / "trained.tar.gz").write_bytes(b"")
    monkeypatch.chdir(archives.parent)
    assert resolve("whisper/base") == folder
    assert resolve("models/whisper/base") == folder
    monkeypatch.chdir(tree)
    assert resolve("whisper/base") == folder


def test_a_name_may_be_written_as_a_path_in_the_tree(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = install(tree, "nlu/minilm")
    for written in ("models/nlu/minilm", "models/nlu/minilm/", "./models/nlu/minilm", str(folder), "nlu/minilm/"):
        assert resolve(written) == folder, written
    for job in ("nlu/intent_classifier", "models/nlu/sentiment/", str(tree / "nlu/intent_classifier")):
        assert resolve(job) == folder, job


def test_an_alias_means_the_first_that_is_installed(tree: Path) -> None:
    minilm = install(tree, "nlu/minilm")
    assert resolve("nlu/intent_classifier") == minilm
    assert resolve("nlu/intent_classifier") == minilm
    larger = install(tree, "nlu/distilbert-base")
    assert resolve("nlu/intent_classifier") == larger
    own = tree / "nlu/intent_classifier"
    own.mkdir()
    assert resolve("nlu/intent_classifier") == own
    entities = install(tree, "spacy/en_core_web_sm")
    assert resolve("nlu/entity_extractor") == entities


def test_a_folder_of_the_users_own_needs_no_manifest(tree: Path) -> None:
    (tree / "nlu/custom").mkdir(parents=True)
    assert resolve("nlu/custom") == tree / "nlu/custom"
    assert resolve("models/nlu/custom/") == tree / "nlu/custom"


def test_what_is_not_installed_names_the_command_and_the_places(tree: Path) -> None:
    with pytest.raises(ModelNotFound) as error:
        resolve("whisper/base")
    message = str(error.value)
    assert "convai models whisper/base" in message
    assert "python scripts/download_models.py whisper/base" in message
    assert str(tree / "whisper/base") in message


def test_a_half_copied_model_is_not_a_hit(tree: Path) -> None:
    folder = install(tree, "whisper/base")
    (folder / MANIFEST).unlink()
    with pytest.raises(ModelNotFound, match="may be incomplete; give it as a path"):
        resolve("whisper/base")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("whsper/base", "the nearest name is 'whisper/base'"),
        ("models/nlu/minlm/", "the nearest name is 'nlu/minilm'"),
        ("nowhere/to/be/found", "the models are: whisper/tiny, whisper/tiny.en"),
        ("", "the models are"),
        ("whisper", "the nearest name is 'whisper/tiny'"),
        ("../models/../secret/x", "neither a path"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(tree: Path, wrong: str, hint: str) -> None:
    install(tree, "whisper/tiny.en")
    with pytest.raises(ModelNotFound) as error:
        resolve(wrong)
    assert hint in str(error.value)


@pytest.mark.parametrize("harm", ["cut", "missing"])
def test_a_damaged_model_is_told_with_its_file_and_the_way_to_mend_it(tree: Path, harm: str) -> None:
    folder = install(tree, "whisper/base")
    if harm == "cut":
        (folder / "model.bin").write_bytes(b"weig")
    else:
        (folder / "model.bin").unlink()
    for given in ("whisper/base", folder):
        with pytest.raises(ModelCorrupt, match=r"model\.bin .*convai models --force whisper/base"):
            resolve(given)


def test_a_broken_manifest_is_told(tree: Path) -> None:
    folder = install(tree, "whisper/base")
    (folder / MANIFEST).write_text("{")
    with pytest.raises(ModelCorrupt, match=f"{MANIFEST} cannot be read"):
        resolve("whisper/base")


def test_a_git_lfs_pointer_in_a_folder_of_ones_own_is_told(tree: Path) -> None:
    folder = tree / "nlu/custom"
    folder.mkdir(parents=True)
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
    (folder / "model.safetensors").write_text(pointer)
    for given in ("nlu/custom", folder):
        with pytest.raises(ModelCorrupt, match=r"model\.safetensors is a git-LFS pointer .* git lfs pull"):
            resolve(given)


def test_what_is_installed_whole_need_not_be_fetched(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_installed("whisper/base") is None
    folder = install(tree, "whisper/base")
    assert find_installed("whisper/base") == folder
    assert find_installed("whisper/base", tmp_path / "another") is None
    monkeypatch.setenv("CONVAI_MODELS_DIR", str(tmp_path / "empty"))
    assert find_installed("whisper/base") == folder
    (folder / "model.bin").write_bytes(b"")
    assert find_installed("whisper/base") is None
    (folder / MANIFEST).write_text("{")
    assert find_installed("whisper/base") is None


def test_a_users_version_is_not_the_catalogues_model(tree: Path) -> None:
    own = tree / "whisper/v1.0/base"
    own.mkdir(parents=True)
    assert resolve("whisper/base") == own
    assert find_installed("whisper/base") is None


@pytest.mark.processes
def test_looking_up_an_installed_model_imports_nothing_heavy(tree: Path) -> None:
    install(tree, "whisper/base")
    (tree / "nlu/custom").mkdir(parents=True)
    (tree / "nlu/v1.0/custom").mkdir(parents=True)
    code = (
        "import sys; from convai_rasa.store import resolve\n"
        "for name in ('whisper/base', 'nlu/custom', 'nlu/custom@v1.0'): resolve(name)\n"
        "print(sorted({'pydantic', 'yaml', 'numpy', 'torch', 'filelock', 'tqdm'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tree.parent)
    assert done.stdout.strip() == "[]"
