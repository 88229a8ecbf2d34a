"""Going on from the archive of a trained bot."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

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


SETTINGS = "a/intent_classifier.json"


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["metadata.json"], "contains 0 trained"),
        ([SETTINGS, "b/intent_classifier.json"], "contains 2 trained"),
        ([SETTINGS, "../evil"], "outside itself"),
        ([SETTINGS, "a/link"], "not a plain file"),
        ([SETTINGS], "lacks head"),
    ],
)
def test_other_archives_are_refused_and_leave_nothing(
    names: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with tarfile.open(tmp_path / "bot.tar.gz", "w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.type, member.size = (tarfile.SYMTYPE, 0) if name == "a/link" else (tarfile.REGTYPE, 2)
            tar.addfile(member, io.BytesIO(b"{}"))
    with pytest.raises(ModelCorrupt, match=message):
        IntentClassifier(tmp_path / "bot.tar.gz")
    assert not list(scratch.iterdir())
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b\x08\x00garbage"])
def test_a_file_that_is_no_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "bot.tar.gz").write_bytes(content)
    with pytest.raises(ModelCorrupt, match="not an archive that rasa train wrote"):
        IntentClassifier(tmp_path / "bot.tar.gz")
