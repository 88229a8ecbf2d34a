"""Where graphs lie, when they are made anew, and what is said where they cannot be made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from tiny import TinyModels

from convai_rasa.errors import ConfigurationError, MissingExtra, ModelCorrupt, ModelError
from convai_rasa.store.conversions import CONVERSIONS
from convai_rasa.tts import exported
from convai_rasa.tts.coqui import CoquiSynthesizer
from convai_rasa.tts.export.voice_file import read_voice_file
from convai_rasa.tts.exported import find_graphs

pytestmark = [pytest.mark.processes, pytest.mark.needs("onnx", "gruut", "TTS", "pkg_resources")]

GRAPH = "en_US-tiny-low.onnx"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The models/ tree of a project that the test is in."""
    (tmp_path / "project" / "models" / "tts").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.delenv("CONVAI_MODELS_DIR", raising=False)
    return tmp_path / "project" / "models"


@pytest.fixture
def piper(tiny_models: TinyModels, tree: Path) -> Path:
    """A voice in it that is exported within a second."""
    return Path(shutil.copytree(tiny_models("piper"), tree / "tts" / "mine"))


@pytest.fixture
def elsewhere(tiny_models: TinyModels, tmp_path: Path, tree: Path) -> Path:
    """The same, but out of the tree."""
    return Path(shutil.copytree(tiny_models("piper"), tmp_path / "elsewhere"))


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


GRAPHS = ["flow.onnx", "text.onnx", "voice.json", "wave.onnx"]


def test_graphs_lie_in_the_voices_own_folder_and_are_made_once(piper: Path) -> None:
    lines: list[str] = []
    folder = find_graphs(piper, say=lines.append)
    assert folder == piper / "onnx"
    assert lines == [f"The voice in {piper} is a Piper voice: exporting it for onnxruntime, once, to {folder}."]
    assert files(piper) == [".export-onnx.lock", GRAPH, f"{GRAPH}.json", *(f"onnx/{name}" for name in GRAPHS)]
    made = (folder / "voice.json").stat()
    assert find_graphs(piper, say=lines.append) == folder
    assert (folder / "voice.json").stat().st_ino == made.st_ino
    assert len(lines) == 1
    assert find_graphs(folder) == folder  # the graphs themselves are a voice


def test_a_folder_out_of_the_tree_is_left_as_it_is(elsewhere: Path, tree: Path) -> None:
    before = files(elsewhere)
    folder = find_graphs(elsewhere)
    assert folder.parent == tree / ".exports"
    assert files(folder) == GRAPHS
    assert files(elsewhere) == before
    assert find_graphs(elsewhere) == folder
    moved = elsewhere.rename(elsewhere.with_name("moved"))
    assert find_graphs(moved) == folder  # known by what is in it


def test_a_folder_that_cannot_be_written_to_is_exported_into_the_tree(
    piper: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exported.os, "access", lambda path, mode: path != piper)  # root may write anywhere
    assert find_graphs(piper).parent == tree / ".exports"


def test_a_published_version_does_not_change(piper: Path, tree: Path) -> None:
    (piper / "convai-published.json").write_text("{}")
    assert find_graphs(piper).parent == tree / ".exports"


def test_other_files_and_another_exporter_make_it_anew(piper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = find_graphs(piper)
    first = read_voice_file(folder)
    config = json.loads((piper / f"{GRAPH}.json").read_text())
    config["inference"]["length_scale"] = 1.5
    (piper / f"{GRAPH}.json").write_text(json.dumps(config))
    assert read_voice_file(find_graphs(piper)).length_scale == 1.5 != first.length_scale
    older = json.loads((folder / "voice.json").read_text())
    (folder / "voice.json").write_text(json.dumps({**older, "exporter": 0}))
    assert read_voice_file(find_graphs(piper)).exporter == first.exporter
    (folder / "voice.json").write_text(json.dumps({**older, "exporter": 0}))
    with pytest.raises(
        ModelCorrupt, match=r"exported by another version of this package \(0 instead of 1\); copy it again"
    ):
        find_graphs(folder)


@pytest.mark.parametrize("harm", ["cut", "missing", "garbled", "left"])
def test_an_export_that_is_not_whole_is_made_anew(piper: Path, harm: str) -> None:
    folder = find_graphs(piper)
    if harm == "cut":
        os.truncate(folder / "wave.onnx", 1000)
    elif harm == "missing":
        (folder / "flow.onnx").unlink()
    elif harm == "garbled":
        (folder / "voice.json").write_text("{")
    else:  # by a process that was killed half-way
        folder.rename(piper / ".export-onnx-0123")
        (piper / ".export-onnx-0123" / "voice.json").unlink()
    if harm != "left":
        with pytest.raises(ModelCorrupt, match=r"(is incomplete|cannot be read).*; copy it again from where it came"):
            find_graphs(folder)  # by itself it cannot be made
    assert files(find_graphs(piper)) == GRAPHS
    assert not list(piper.glob(".export-onnx-*"))


def test_an_export_that_fails_leaves_the_old_state(piper: Path) -> None:
    before = files(find_graphs(piper))
    (piper / GRAPH).write_bytes(b"no graph")
    with pytest.raises(ModelCorrupt, match=rf"{GRAPH} is not an ONNX graph; copy it again from") as failed:
        find_graphs(piper)
    assert "\n" not in str(failed.value)
    assert files(piper / "onnx") == before
    assert not list(piper.glob(".export-onnx-*"))


def test_where_graphs_cannot_be_written_it_says_how_to_make_them_elsewhere(elsewhere: Path, tree: Path) -> None:
    (tree / ".exports").write_text("in the way")
    with pytest.raises(
        ModelError, match=r"cannot be written to .*: python -m convai_rasa\.store\.conversions piper_to"
    ):
        find_graphs(elsewhere)


def test_two_processes_export_a_voice_once(piper: Path) -> None:
    code = (
        "import sys, pathlib; from convai_rasa.tts.exported import find_graphs; find_graphs(pathlib.Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(piper)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = "".join(process.communicate(timeout=120)[1] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert said.count("exporting it for onnxruntime, once") == 1
    assert files(piper / "onnx") == GRAPHS


def test_whoever_waits_for_another_says_so_and_finds_it_made(piper: Path) -> None:
    lines: list[str] = []
    waiting = threading.Event()

    def say(line: str) -> None:
        lines.append(line)
        waiting.set()

    with FileLock(piper / ".export-onnx.lock"):
        other = threading.Thread(target=lambda: find_graphs(piper, say=say))
        other.start()
        assert waiting.wait(60)
        assert lines == [f"Another process is exporting the voice in {piper}; waiting for that."]
    other.join(120)
    assert files(piper / "onnx") == GRAPHS


def test_an_unknown_kind_is_refused_before_anything_is_made(tiny_models: TinyModels, tree: Path) -> None:
    voice = tree / "tts" / "other"
    voice.mkdir()
    (voice / "config.json").write_text(json.dumps({"model": "tortoise", "audio": {}}))
    (voice / "model.pth").touch()
    with pytest.raises(
        ConfigurationError, match="is a 'tortoise' model; only Coqui's vits, tacotron2 and glow_tts are supported"
    ):
        find_graphs(voice)
    assert files(voice) == ["config.json", "model.pth"]


def test_a_voice_that_the_last_version_made_is_exported_with_one_line(
    tiny_models: TinyModels, tree: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What it had made of a Piper voice is a Coqui checkpoint."""
    old = tree / "tts" / "vits-joe"
    shutil.copytree(tiny_models("vits_joe"), old, ignore=shutil.ignore_patterns("onnx", "*.npz"))
    voice = CoquiSynthesizer(old)
    (line,) = [record.getMessage() for record in caplog.records if record.name.startswith("convai_rasa.tts")]
    assert (
        line == f"The voice in {old} is a Coqui checkpoint (vits): exporting it for onnxruntime, once, to {old}/onnx."
    )
    theirs = np.load(tiny_models("vits_joe") / "expected.npz")["sound"]
    ours = voice._voice
    assert ours is not None
    ids = np.load(tiny_models("vits_joe") / "expected.npz")["ids"].tolist()
    np.testing.assert_allclose(np.concatenate(list(ours.speak(ids, speed=1.0, seed=1))), theirs, atol=1e-5)


def test_without_torch_one_sentence_names_the_extra_and_the_other_way(
    tiny_models: TinyModels, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tree / "tts" / "vits-joe"
    shutil.copytree(tiny_models("vits_joe"), old, ignore=shutil.ignore_patterns("onnx", "*.npz"))
    monkeypatch.setitem(
        CONVERSIONS, "coqui_to_onnx", CONVERSIONS["coqui_to_onnx"]._replace(imports=("no_such_library",))
    )
    extra = r"has to be exported once: The .* needs no_such_library, .*: pip install 'convai-rasa\[rasa,coqui\]'"
    with pytest.raises(MissingExtra, match=f"{extra}$"):
        find_graphs(old)
    sizes = {path.name: {"size": path.stat().st_size, "sha256": "0"} for path in old.iterdir()}
    manifest = {"name": "tts/vits-joe", "source": "", "licence": "", "published": {}, "conversion": "piper_to_coqui"}
    (old / "convai-model.json").write_text(json.dumps({**manifest, "difference": 0.0, "files": sizes}))
    with pytest.raises(
        MissingExtra, match=f"{extra}, or fetch it in a form that needs no .*: convai models tts/vits-joe$"
    ):
        find_graphs(old)
