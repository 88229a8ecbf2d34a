from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from convai_rasa.cli import main
from convai_rasa.project.change.pipeline import INTENTS

pytestmark = pytest.mark.slow

PROJECTS = Path(__file__).parent / "projects"


def contents(project: Path) -> dict[str, bytes]:
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in project.rglob("*") if path.is_file()}


def add(folder: Path, *more: str) -> None:
    assert main(["add", str(folder), "--yes", "--keep-threshold", *more]) == 0


@pytest.mark.parametrize("name", ["chinese", "helpdesk", "pizza", "retail"])
def test_projects_of_all_kinds_are_put_back(name: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(PROJECTS / name, tmp_path / name))
    before = contents(folder)
    add(folder)
    add(folder, "--set", "multilingual")
    assert contents(folder) != before
    assert main(["remove", str(folder), "--yes"]) == 0
    assert contents(folder) == before


def test_everything_is_put_back_byte_for_byte(either: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(either)
    add(either, "--no-sentiment")
    add(either, "--train-entities")
    assert contents(either) != before
    assert main(["remove", str(either), "--yes"]) == 0
    assert "rasa train" in capsys.readouterr().out
    assert contents(either) == before
    assert main(["remove", str(either), "--yes"]) == 0
    assert "Nothing to change" in capsys.readouterr().out


def test_one_half_alone(insurance: Path) -> None:
    before = contents(insurance)
    add(insurance)
    added = contents(insurance)
    assert main(["remove", str(insurance), "--yes", "--only", "voice"]) == 0
    assert contents(insurance) == {**added, "credentials.yml": before["credentials.yml"]}
    assert main(["remove", str(insurance), "--yes", "--only", "nlu"]) == 0
    assert contents(insurance) == before


def test_a_credentials_file_that_was_not_there_is_deleted(insurance: Path) -> None:
    (insurance / "credentials.yml").unlink()
    before = contents(insurance)
    add(insurance)
    assert main(["remove", str(insurance), "--yes"]) == 0
    assert contents(insurance) == before


def test_it_asks_and_a_dry_run_changes_nothing(
    insurance: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(insurance)
    before = contents(insurance)
    capsys.readouterr()
    assert main(["remove", str(insurance), "--dry-run"]) == 0
    assert f"-- name: {INTENTS}" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert main(["remove", str(insurance)]) == 1
    assert "--yes" in capsys.readouterr().err
    assert contents(insurance) == before


def test_other_files_that_name_the_package_are_mentioned(insurance: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(insurance)
    (insurance / "endpoints.yml").write_text("tracker_store:\n  type: convai_rasa.tracker_store.MemoryTrackerStore\n")
    assert main(["remove", str(insurance), "--yes"]) == 0
    assert "endpoints.yml still names this package" in capsys.readouterr().out
