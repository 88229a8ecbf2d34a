from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from convai_rasa.errors import ConfigurationError, ModelError
from convai_rasa.store import resolve
from convai_rasa.store.manifest import Manifest, read_manifest
from convai_rasa.store.names import Name
from convai_rasa.store.publishing.new_version import copy_folder, publish_version
from convai_rasa.store.publishing.provenance import Provenance, read_provenance
from convai_rasa.store.versioning import pin, rollback

NAME = Name("nlu", "intents")


def put(tree: Path, content: str = "weights", name: Name = NAME) -> Path:
    def fill(folder: Path) -> str:
        (folder / "model.bin").write_text(content)
        return "a test"

    return publish_version(name, tree, fill, Provenance(published_at="2026-11-25T03:00:00+00:00"))


def test_the_next_version_is_the_next_whole_number(tree: Path) -> None:
    assert put(tree) == tree / "nlu/v1.0/intents"
    assert put(tree, name=NAME._replace(version="v1.5")) == tree / "nlu/v1.5/intents"
    assert put(tree) == tree / "nlu/v2.0/intents"
    for version in ("v9", "v10.1.1"):
        put(tree, name=NAME._replace(version=version))
    assert put(tree) == tree / "nlu/v11.0/intents"


def test_a_version_has_a_manifest_of_all_its_files(tree: Path) -> None:
    folder = put(tree)
    manifest = read_manifest(folder)
    assert manifest.name == "nlu/intents@v1.0"
    assert set(manifest.files) == {"model.bin", "convai-published.json"}
    known = read_provenance(folder)
    assert known == Provenance("nlu/intents@v1.0", "2026-11-25T03:00:00+00:00", "a test")
    (folder / "model.bin").write_text("")
    with pytest.raises(ModelError, match=r"model\.bin has 0 bytes instead of 7; publish it again"):
        resolve("nlu/intents@v1.0")


def test_publishing_does_not_change_what_a_name_means(tree: Path) -> None:
    one = put(tree)
    assert resolve("nlu/intents") == one  # there was nothing else it could mean
    put(tree)
    assert resolve("nlu/intents") == one
    assert resolve("nlu/intents@latest") == tree / "nlu/v2.0/intents"
    plain = tree / "nlu/others"
    plain.mkdir()
    put(tree, name=Name("nlu", "others"))
    assert resolve("nlu/others") == plain


def test_publishing_under_the_name_of_a_job_does_not_give_the_job_away(tree: Path) -> None:
    encoder = tree / "nlu/minilm"
    encoder.mkdir(parents=True)
    Manifest("nlu/minilm", "a test", "", {}, None, None, {}).write(encoder)
    job = Name("nlu", "intent_classifier")
    versions = [put(tree, name=job) for _ in range(2)]
    assert resolve("nlu/intent_classifier") == encoder
    assert resolve("nlu/intent_classifier@latest") == versions[1]
    pin(tree, job._replace(version="v1.0"))
    put(tree, name=job)
    assert resolve("nlu/intent_classifier") == versions[0]
    assert rollback(tree, job) is None
    assert resolve("nlu/intent_classifier") == encoder


def test_a_version_is_never_replaced(tree: Path) -> None:
    first = put(tree, "first")
    with pytest.raises(ConfigurationError, match=r"nlu/intents@v1\.0 exists already, and versions never change"):
        put(tree, "second", NAME._replace(version="v1.0"))
    assert (first / "model.bin").read_text() == "first"


@pytest.mark.parametrize("version", ["1.0", "latest", "v1.x", "../v1"])
def test_a_version_must_look_like_one(tree: Path, version: str) -> None:
    with pytest.raises(ConfigurationError, match=r"is not the name of a version; write v1\.0"):
        put(tree, name=NAME._replace(version=version))


def test_nothing_is_published_when_the_files_do_not_arrive(tree: Path) -> None:
    def full_disk(folder: Path) -> str:
        (folder / "model.bin").write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(ModelError, match="No space left on device"):
        publish_version(NAME, tree, full_disk, Provenance())
    assert not list(tree.rglob("model.bin"))
    (tree / ".staging/nlu--intents.publish").mkdir()
    (tree / ".staging/nlu--intents.publish/leftover").write_text("of a run that was killed")
    assert not (put(tree) / "leftover").exists()


SLOW = """
import sys
from pathlib import Path
from convai_rasa.store.names import Name
from convai_rasa.store.publishing.provenance import Provenance
from convai_rasa.store.publishing.new_version import publish_version

def fill(folder):
    for number in range(5):
        (folder / f"part{number}").write_text("weights")
        print(number, flush=True)
        sys.stdin.readline()
    return "a test"

publish_version(Name("nlu", "intents"), Path("models"), fill, Provenance())
"""


@pytest.mark.processes
@pytest.mark.parametrize("parts", [1, 3, 5])
def test_a_run_that_is_killed_leaves_nothing_visible_and_nothing_in_the_way(tree: Path, parts: int) -> None:
    old = put(tree)
    command = [sys.executable, "-c", SLOW]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tree.parent) as process:
        assert process.stdin
        assert process.stdout
        for part in range(parts):
            process.stdout.readline()
            if part < parts - 1:
                process.stdin.write(b"\n")
                process.stdin.flush()
        process.kill()
    assert [path.name for path in tree.glob("nlu/*/intents")] == ["intents"]
    assert resolve("nlu/intents") == resolve("nlu/intents@latest") == old
    again = put(tree)
    assert again == tree / "nlu/v2.0/intents"
    assert sorted(path.name for path in again.iterdir()) == ["convai-model.json", "convai-published.json", "model.bin"]


def test_several_at_once_get_a_version_each(tree: Path) -> None:
    folders: list[Path] = []
    threads = [threading.Thread(target=lambda text=str(n): folders.append(put(tree, text))) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(folder.parent.name for folder in folders) == [f"v{number}.0" for number in range(1, 7)]
    assert sorted((folder / "model.bin").read_text() for folder in folders) == list("012345")


def test_a_copy_has_the_files_behind_links_and_no_manifest_of_an_earlier_one(tree: Path, tmp_path: Path) -> None:
    source = put(tree)
    blob = tmp_path / "blob"
    blob.write_text("linked")
    (source / "linked.bin").symlink_to(blob)
    into = tmp_path / "into"
    into.mkdir()
    copy_folder(source, into)
    assert sorted(path.name for path in into.iterdir()) == ["linked.bin", "model.bin"]
    assert not (into / "linked.bin").is_symlink()
    (source / "dangling").symlink_to(tmp_path / "gone")
    with pytest.raises(ModelError, match="cannot be copied"):
        copy_folder(source, into)
