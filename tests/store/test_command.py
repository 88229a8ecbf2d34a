from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.store import command, report
from convai_rasa.store.catalogue import load_catalogue
from convai_rasa.store.manifest import MANIFEST

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[2]


@pytest.fixture
def toy_catalogue(tmp_path: Path, entry: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue of the model toy/echo instead of the real one."""
    path = tmp_path / "catalogue.yml"
    content = {"models": {"toy/echo": entry}, "sets": {"all": ["toy/echo"]}, "aliases": {"toy/job": ["toy/echo"]}}
    path.write_text(json.dumps(content))
    monkeypatch.setattr(command, "load_catalogue", lambda: load_catalogue(path))


@pytest.mark.usefixtures("full_index", "toy_catalogue")
def test_a_set_is_fetched_listed_verified_and_then_left_alone(tree: Path, capsys: Any) -> None:
    assert command.main(["--set", "all"]) == 0
    assert capsys.readouterr().out.endswith("models: 1 model fetched, 0 models already there.\n")
    assert command.main(["--set", "all", "toy/job", "toy/echo/"]) == 0
    assert capsys.readouterr().out == f"{tree}: 1 model installed, nothing to fetch.\n"
    assert command.main(["--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["models"][0]
    assert (listed["name"], listed["installed"], listed["path"]) == ("toy/echo", True, str(tree / "toy/echo"))
    assert (listed["bytes"], listed["licence"], listed["sets"]) == (1_024_014, "CC0", ["all"])
    assert command.main(["--verify"]) == 0
    assert capsys.readouterr().out == "1 model verified.\n"


@pytest.mark.usefixtures("toy_catalogue")
def test_a_corrupt_model_is_named_and_mended_with_the_command_that_is_printed(
    staged: Any, tree: Path, capsys: Any
) -> None:
    command.main(["toy/echo"])
    staged()
    weights = tree / "toy/echo/sub/weights.bin"
    weights.write_bytes(b"\0" * weights.stat().st_size)
    assert command.main(["--verify"]) == 1
    complaint = capsys.readouterr().err
    assert f"{weights} differs" in complaint
    assert "convai models --force toy/echo" in complaint
    assert command.main(["--force", "toy/echo"]) == 0
    assert command.main(["--verify", "toy/echo"]) == 0


@pytest.mark.usefixtures("index", "toy_catalogue")
def test_errors_are_one_sentence_and_exit_one(tree: Path, capsys: Any) -> None:
    for arguments, complaint in (
        (["toy/ecco"], "There is no model 'toy/ecco' in the catalogue; the nearest name is 'toy/echo'."),
        (["--set", "al"], "There is no set 'al' of models; the sets are: all."),
        (["toy/echo"], "does not offer it"),
        (["--verify", "toy/echo"], "Not installed: toy/echo; fetch with: convai models toy/echo"),
    ):
        assert command.main(arguments) == 1
        error = capsys.readouterr().err
        assert complaint in error
        assert "Traceback" not in error
    assert not (tree / "toy").exists()


@pytest.mark.usefixtures("toy_catalogue")
def test_nothing_installed_is_said_and_nothing_given_lists(tree: Path, capsys: Any) -> None:
    assert command.main(["--verify"]) == 0
    assert "No model is installed" in capsys.readouterr().out
    assert command.main([]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[1].split() == ["toy/echo", "1.0", "MB", "no", "CC0"]
    assert "all (toy/echo)" in out


def test_the_models_readme_is_what_the_command_writes(tmp_path: Path, capsys: Any) -> None:
    assert command.main(["--write-readme", "--models-dir", str(tmp_path / "models")]) == 0
    written = (tmp_path / "models" / "README.md").read_text(encoding="utf-8")
    assert written == (ROOT / "models" / "README.md").read_text(encoding="utf-8"), "run: convai models --write-readme"


def test_a_readme_that_cannot_be_written_is_one_sentence(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "file").write_text("")
    assert command.main(["--write-readme", "--models-dir", str(tmp_path / "file")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_the_script_lists_without_heavy_libraries(tmp_path: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-X", "importtime", "scripts/download_models.py", "--list", "--models-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "whisper/tiny.en" in listed.stdout
    imported = {line.rpartition("|")[2].strip().split(".")[0] for line in listed.stderr.splitlines()}
    assert not imported & {"torch", "TTS", "transformers", "tensorflow", "rasa", "numpy"}


def test_the_first_tree_that_has_a_model_is_the_one_that_is_shown(tmp_path: Path) -> None:
    for tree in ("b", "c"):
        (tmp_path / tree / "toy/echo").mkdir(parents=True)
        (tmp_path / tree / "toy/echo" / MANIFEST).write_text("{}")
    trees = [tmp_path / name for name in "abc"]
    assert report.installed_folder("toy/echo", trees) == tmp_path / "b/toy/echo"
    assert report.installed_folder("toy/other", trees) is None
