"""Going on from the archive of a trained bot."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Callable

import pytest

from convai_rasa.errors import ModelCorrupt
from convai_rasa.nlu.intents.classifier import IntentClassifier
from convai_rasa.nlu.intents.source import source_hash

pytestmark = pytest.mark.rasa

Examples = tuple[list[str], list[str]]
HOME = "components/train_DistilBertIntentClassifier1"
FAST = {"epochs": 8, "learning_rate": 1e-3, "head_learning_rate": 1e-2, "max_length": 32, "threads": 1}


@pytest.fixture(scope="module")
def saved(tiny_checkpoint: Path, examples: Examples, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    classifier = IntentClassifier()
    classifier.train(*examples, base_model=str(tiny_checkpoint), **FAST)
    classifier.save(folder)
    return folder


def archive_of(path: Path, *homes: tuple[Path, str]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for folder, name in homes:
            tar.add(folder, name)
    return path


def test_training_goes_on_from_an_archive_with_new_intents(saved: Path, examples: Examples, tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "bot.tar.gz", (saved, HOME))
    assert IntentClassifier(archive).predict(examples[0]) == IntentClassifier(saved).predict(examples[0])
    texts, labels = examples
    thanks = ["thank you", "thanks a lot", "many thanks"]
    further = IntentClassifier()
    further.train([*texts, *thanks], [*labels, *["thank"] * 3], base_model=str(archive), **FAST)
    assert further.labels == ("greet", "leave", "order", "thank")
    assert further.predict(["thanks a lot"])[0].name == "thank"


def test_an_archive_that_served_can_be_saved(saved: Path, examples: Examples, tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "bot.tar.gz", (saved, HOME))
    classifier = IntentClassifier(archive)
    archive.unlink()
    classifier.save(tmp_path / "again")
    assert IntentClassifier(tmp_path / "again").predict(examples[0]) == classifier.predict(examples[0])


def test_the_hash_follows_the_contents(saved: Path, tmp_path: Path) -> None:
    first = archive_of(tmp_path / "a.tar.gz", (saved, HOME))
    second = archive_of(tmp_path / "b.tar.gz", (saved, HOME), (saved / "head.safetensors", "more"))
    assert source_hash(first) == source_hash(first) != source_hash(second)
    assert source_hash(saved) == source_hash(saved)


def add_file(tar: tarfile.TarFile, name: str, kind: bytes = tarfile.REGTYPE) -> None:
    member = tarfile.TarInfo(name)
    member.type = kind
    content = b"{}" if kind == tarfile.REGTYPE else b""
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def nothing(tar: tarfile.TarFile) -> None:
    add_file(tar, "metadata.json")


def two(tar: tarfile.TarFile) -> None:
    add_file(tar, "a/intent_classifier.json")
    add_file(tar, "b/intent_classifier.json")


def outside(tar: tarfile.TarFile) -> None:
    add_file(tar, "a/intent_classifier.json")
    add_file(tar, "../evil")


def link(tar: tarfile.TarFile) -> None:
    add_file(tar, "a/intent_classifier.json")
    add_file(tar, "a/encoder", tarfile.SYMTYPE)


def empty_classifier(tar: tarfile.TarFile) -> None:
    add_file(tar, "a/intent_classifier.json")


@pytest.mark.parametrize(
    ("fill", "message"),
    [
        (nothing, "contains 0 trained"),
        (two, "contains 2 trained"),
        (outside, "outside itself"),
        (link, "not a plain file"),
        (empty_classifier, "lacks head"),
    ],
)
def test_other_archives_are_refused_and_leave_nothing(
    fill: Callable[[tarfile.TarFile], None], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with tarfile.open(tmp_path / "bot.tar.gz", "w:gz") as tar:
        fill(tar)
    with pytest.raises(ModelCorrupt, match=message):
        IntentClassifier(tmp_path / "bot.tar.gz")
    assert not list(scratch.iterdir())
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b\x08\x00garbage"])
def test_a_file_that_is_no_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "bot.tar.gz").write_bytes(content)
    with pytest.raises(ModelCorrupt, match="not an archive that rasa train wrote"):
        IntentClassifier(tmp_path / "bot.tar.gz")
