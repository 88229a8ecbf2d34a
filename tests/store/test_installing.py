from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.errors import DownloadError, MissingExtra, ModelError
from convai_rasa.store import conversions, installing
from convai_rasa.store.catalogue import Model, parse_model
from convai_rasa.store.installing import Wishes, fetch_model, is_up_to_date
from convai_rasa.store.manifest import MANIFEST, read_manifest
from convai_rasa.store.progress import Progress
from convai_rasa.store.resolving import resolve

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[2]


def test_a_model_is_installed_with_its_notice_and_manifest_and_nothing_stays_behind(
    full_index: Any, model: Model, tree: Path
) -> None:
    assert fetch_model(model, tree) is True
    folder = tree / "toy/echo"
    assert sorted(path.name for path in folder.iterdir()) == ["NOTICE.txt", "config.json", MANIFEST, "sub"]
    assert "CC0" in (folder / "NOTICE.txt").read_text()
    manifest = read_manifest(folder)
    assert manifest.source == "package index: toy-echo-one 1.0, toy-echo-two 1.0"
    assert set(manifest.files) == {"NOTICE.txt", "config.json", "sub/weights.bin"}
    assert [path.name for path in (tree / ".staging").iterdir()] == ["toy--echo.lock"]
    assert resolve("toy/echo") == folder


def test_what_is_installed_is_not_fetched_again_unless_forced(full_index: Any, model: Model, tree: Path) -> None:
    fetch_model(model, tree)
    asked = sum(full_index.asked.values())
    assert fetch_model(model, tree) is False
    assert sum(full_index.asked.values()) == asked
    assert fetch_model(model, tree, Wishes(force=True)) is True


def test_a_model_that_lost_a_file_or_changed_in_the_catalogue_is_fetched_again(
    staged: Callable[[], None], model: Model, entry: dict[str, Any], tree: Path
) -> None:
    fetch_model(model, tree)
    staged()
    (tree / "toy/echo/sub/weights.bin").unlink()
    assert not is_up_to_date(model, tree / "toy/echo")
    assert fetch_model(model, tree) is True
    del entry["files"]["config.json"]
    changed = parse_model("toy/echo", entry, where="test")
    staged()
    assert fetch_model(changed, tree) is True
    assert not (tree / "toy/echo/config.json").exists()


@pytest.mark.usefixtures("staged")
def test_the_next_source_is_tried_when_one_delivers_another_file(
    full_index: Any, entry: dict[str, Any], tree: Path
) -> None:
    full_index.put("toy-bad", {"toy_bad/data/config.json": b"{}", "toy_bad/data/sub/weights.bin": b"x"})
    bad = {"package_index": {"wheels": [{"package": "toy-bad", "version": "1.0", "prefix": "toy_bad/data/"}]}}
    both = parse_model("toy/echo", {**entry, "sources": [bad, *entry["sources"]]}, where="test")
    assert fetch_model(both, tree) is True
    assert read_manifest(tree / "toy/echo").source.startswith("package index: toy-echo-one")
    only_bad = parse_model("toy/echo", {**entry, "sources": [bad]}, where="test")
    with pytest.raises(
        DownloadError, match=r"^toy/echo could not be fetched: config\.json is not .*\(from the package"
    ):
        fetch_model(only_bad, tree, Wishes(force=True))
    assert is_up_to_date(both, tree / "toy/echo"), "a failed fetch left what was installed untouched"


def test_a_folder_that_is_the_users_own_is_not_overwritten(full_index: Any, model: Model, tree: Path) -> None:
    (tree / "toy/echo").mkdir(parents=True)
    (tree / "toy/echo/mine.txt").write_text("mine")
    with pytest.raises(DownloadError, match="move it away first"):
        fetch_model(model, tree)
    assert (tree / "toy/echo/mine.txt").read_text() == "mine"


def test_a_full_disk_is_noticed_before_anything_is_fetched(
    full_index: Any, model: Model, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tree)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(DownloadError, match=r"needs 52\.0 MB of free disk space .* there are 1\.0 MB in .*models"):
        fetch_model(model, tree)
    assert not full_index.asked


def test_a_tree_that_cannot_be_written_is_one_sentence(model: Model, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DownloadError, match="toy/echo could not be written"):
        fetch_model(model, tmp_path / "file" / "models")


KILLED = """
import os, signal, sys
from pathlib import Path
from convai_rasa.store import installing
from convai_rasa.store.catalogue import load_catalogue
stage, tree, catalogue = sys.argv[1:]
real = getattr(installing, stage)
def killed(*args, **kwargs):
    if stage == "check_delivery":
        real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(installing, stage, killed)
installing.fetch_model(load_catalogue(Path(catalogue)).models["toy/echo"], Path(tree), installing.Wishes(force=True))
"""


@pytest.fixture
def run_elsewhere(tmp_path: Path, entry: dict[str, Any]) -> Callable[..., subprocess.Popen[str]]:
    """Starts a program in another process with the tree and a catalogue of toy/echo as its last arguments."""
    catalogue = tmp_path / "catalogue.yml"
    catalogue.write_text(json.dumps({"models": {"toy/echo": entry}, "sets": {}, "jobs": {}}))

    def run(program: str, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", program, *arguments, str(tmp_path / "project/models"), str(catalogue)]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    return run


@pytest.mark.parametrize("stage", ["check_delivery", "describe_files", "put_in_place"])
@pytest.mark.parametrize("before", ["nothing", "installed"])
def test_a_kill_leaves_what_was_there_before_and_the_next_run_succeeds(
    staged: Any, full_index: Any, model: Model, tree: Path, run_elsewhere: Any, stage: str, before: str
) -> None:
    if before == "installed":
        fetch_model(model, tree)
        staged()
    with run_elsewhere(KILLED, stage) as process:
        process.wait()
    assert process.returncode == -9
    assert is_up_to_date(model, tree / "toy/echo") is (before == "installed")
    assert (tree / "toy/echo").exists() is (before == "installed")
    assert fetch_model(model, tree, Wishes(force=True)) is True
    assert is_up_to_date(model, tree / "toy/echo")
    assert not full_index.asked, "the wheels that had arrived were used"


CONCURRENT = """
import sys
from pathlib import Path
from convai_rasa.store.catalogue import load_catalogue
from convai_rasa.store.installing import fetch_model

tree, catalogue = sys.argv[1:]
sys.stdout.write(str(fetch_model(load_catalogue(Path(catalogue)).models["toy/echo"], Path(tree))))
"""


def test_of_two_at_once_one_fetches_and_the_other_waits(
    full_index: Any, model: Model, tree: Path, run_elsewhere: Any
) -> None:
    processes = [run_elsewhere(CONCURRENT) for _ in range(2)]
    assert sorted(process.communicate()[0] for process in processes) == ["False", "True"]
    assert set(full_index.downloads().values()) == {1}
    assert is_up_to_date(model, tree / "toy/echo")


@pytest.mark.usefixtures("staged")
def test_waiting_for_another_process_is_said(model: Model, tree: Path) -> None:
    from filelock import FileLock

    said: list[str] = []
    other = FileLock(tree / ".staging" / "toy--echo.lock")
    other.acquire()

    def say(message: str) -> None:
        said.append(message)
        other.release()

    fetch_model(model, tree, progress=Progress(say))
    assert said[0] == "toy/echo: another process is fetching it; waiting for that"


@pytest.fixture
def converted(entry: dict[str, Any]) -> Model:
    return parse_model("toy/echo", {**entry, "conversion": {"name": "bert_to_distilbert", "bytes": 9}}, where="test")


def test_a_missing_library_is_noticed_before_anything_is_fetched(
    full_index: Any, converted: Model, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converting = conversions.CONVERSIONS["bert_to_distilbert"]._replace(imports=("no_such_library",))
    monkeypatch.setitem(conversions.CONVERSIONS, "bert_to_distilbert", converting)
    with pytest.raises(MissingExtra, match=r"needs no_such_library.*pip install 'convai-rasa\[rasa,nlu\]'"):
        fetch_model(converted, tree)
    assert not full_index.asked


@pytest.mark.usefixtures("staged")
def test_a_conversion_that_fails_installs_nothing(converted: Model, tree: Path) -> None:
    # its config.json does not even name the layers of a BERT, so the real conversion fails in its own process
    with pytest.raises(ModelError, match=r"^The conversion bert_to_distilbert failed: .+"):
        fetch_model(converted, tree)
    assert not (tree / "toy/echo").exists()


@pytest.mark.usefixtures("staged")
def test_the_difference_of_a_conversion_is_written_down(
    converted: Model, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def convert(name: str, source: Path, target: Path) -> float:
        (target / "model.bin").write_bytes((source / "sub/weights.bin").read_bytes()[::-1])
        return 1e-6

    monkeypatch.setattr(installing, "run_conversion", convert)
    fetch_model(converted, tree)
    manifest = read_manifest(tree / "toy/echo")
    assert (manifest.conversion, manifest.difference) == ("bert_to_distilbert", 1e-6)
    assert set(manifest.files) == {"model.bin", "NOTICE.txt"}
