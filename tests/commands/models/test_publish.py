"""Versions on the command line: publish, versions, pin, rollback."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.store import resolve
from convai_rasa.store.publishing.provenance import read_provenance

COMPONENTS = {
    "intent_classifier": {"intent_classifier.json": "{}", "head.safetensors": "h", "encoder/model.bin": "e"},
    "entity_extractor": {"entity_extractor.json": "{}", "meta.json": "{}", "config.cfg": ""},
    "sentiment": {"sentiment.json": "{}", "sentiment_head.safetensors": "s", "encoder/model.bin": "e"},
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project that is the working directory."""
    monkeypatch.delenv("CONVAI_MODELS_DIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def saved(folder: Path, component: str = "intent_classifier") -> Path:
    """Write files under the names that a component's ``save`` gives them."""
    for name, content in COMPONENTS[component].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def archive_of(path: Path, *components: str) -> Path:
    """Write an archive with components where ``rasa train`` puts them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tar:
        for number, component in enumerate(components):
            tar.add(saved(path.parent / component, component), f"components/train_{component}.{number}")
    return path


def test_a_saved_component_becomes_a_version_with_metrics_and_data(run: Any, project: Path, tmp_path: Path) -> None:
    source = saved(tmp_path / "my_intents")
    (project / "results").mkdir()
    report = {"accuracy": 0.9, "weighted avg": {"f1-score": 0.875}}
    (project / "results/intent_report.json").write_text(json.dumps(report))
    (project / "data").mkdir()
    (project / "data/nlu.yml").write_text("nlu: []")
    words = ("publish", source, "nlu/intents", "--metrics", "results/intent_report.json", "--data", "data")
    status, out, _ = run(*words)
    folder = project / "models/nlu/v1.0/intents"
    assert (status, out) == (0, f"Published nlu/intents@v1.0 in {folder}\n")
    assert (folder / "encoder/model.bin").read_text() == "e"
    known = read_provenance(folder)
    assert known is not None
    assert known.source == "a trained intent classifier, the folder my_intents"
    assert known.metrics == {"intent_report.json": report}
    assert known.main_metric == ("intent_report weighted avg f1-score", 0.875)
    status, out, _ = run("versions", "--json")
    (row,) = json.loads(out)["versions"]
    assert row["data_sha256"] == known.data_sha256
    assert row["main_metric"] == {"intent_report weighted avg f1-score": 0.875}
    status, out, _ = run("list", "--versions")
    cells = out.splitlines()[1].split("  ")
    assert cells[:3] == ["*", "nlu/intents", "v1.0"]
    assert "intent_report weighted avg f1-score 0.875" in cells
    assert str(known.data_sha256)[:12] in cells


def test_versions_are_pinned_and_rolled_back(run: Any, project: Path, tmp_path: Path) -> None:
    source = saved(tmp_path / "my_intents")
    run("publish", source, "nlu/intents")
    run("publish", source, "nlu/intents", "--version", "v1.1")
    assert run("publish", source, "nlu/intents@v3.0", "--pin")[1].endswith("nlu/v3.0/intents\n")
    assert resolve("nlu/intents").parent.name == "v3.0"
    assert run("pin", "nlu/intents@v1.1") == (0, f"nlu/intents is now {project}/models/nlu/v1.1/intents\n", "")
    assert run("rollback", "nlu/intents") == (0, f"nlu/intents is now {project}/models/nlu/v3.0/intents\n", "")
    assert run("rollback", "nlu/intents")[0] == 0
    assert resolve("nlu/intents").parent.name == "v1.1"
    run("pin", "nlu/intents@latest")
    current = [line.split()[2] for line in run("versions", "nlu/intents")[1].splitlines() if line.startswith("*  ")]
    assert current == ["v3.0"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["pin", "nlu/intents@v9.0"], "There is no nlu/intents@v9.0; in .*models there are v1.0"),
        (["pin", "nlu/intents"], "'nlu/intents' does not name a version"),
        (["rollback", "nlu/intents"], "never pinned to a version"),
        (["rollback", "nlu/intents@v1.0"], "is not the name of a model without a version"),
        (["versions", "nlu/others"], "There is no version of nlu/others"),
        (["publish", "nowhere", "nlu/intents"], "nowhere does not exist"),
        (["publish", "empty", "nlu/intents"], "not a model of the kind 'nlu': .*for a checkpoint it lacks config.json"),
        (["publish", "empty", "whisper/mine"], "for a Whisper model for CTranslate2 it lacks config.json, model.bin"),
        (["publish", "empty", "pets/mine"], "There are no models of the kind 'pets'; name it under nlu, spacy, tts"),
        (["publish", "empty", "intents"], "is not the name of a model; write for example"),
        (["publish", "empty", "nlu/intents@v1.0", "--version", "v2.0"], "The name says v1.0 and --version v2.0"),
        (["publish", "saved", "nlu/intents@v1.0"], "nlu/intents@v1.0 exists already"),
        (["publish", "saved", "nlu/intents", "--metrics", "none.json"], "none.json cannot be read"),
        (["publish", "no.tar.gz", "nlu/intents"], "is not an archive that rasa train wrote"),
    ],
)
def test_mistakes_are_told_in_one_sentence(run: Any, project: Path, words: list[str], complaint: str) -> None:
    run("publish", saved(project / "saved"), "nlu/intents")
    (project / "empty").mkdir()
    (project / "no.tar.gz").write_text("no archive")
    status, _, err = run(*words)
    assert status == 1
    assert len(err.strip().splitlines()) == 1
    assert re.search(complaint, err)
    assert sorted(path.name for path in (project / "models/nlu").iterdir()) == ["v1.0"]


def test_one_component_is_taken_out_of_a_bots_archive(run: Any, project: Path) -> None:
    archive = archive_of(project / "bot/models/bot.tar.gz", *COMPONENTS)
    assert run("publish", archive, "nlu/intent_classifier")[0] == 0
    folder = project / "models/nlu/v1.0/intent_classifier"
    known = read_provenance(folder)
    assert known is not None
    assert known.source.startswith(
        "a trained intent classifier, train_intent_classifier.0 in the archive bot.tar.gz (SHA-256 "
    )
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {*COMPONENTS["intent_classifier"], "convai-model.json", "convai-published.json"}
    status, _, err = run("publish", archive, "nlu/mine")
    assert status == 1
    assert "train_sentiment.2 (sentiment); say which to publish with --component" in err
    assert run("publish", archive, "nlu/mine", "--component", "sentiment")[0] == 0
    assert run("publish", archive, "nlu/mine", "--component", "train_entity_extractor.1")[0] == 0
    assert (project / "models/nlu/v2.0/mine/entity_extractor.json").is_file()


def test_an_archive_without_a_component_or_with_paths_out_of_it_is_refused(run: Any, project: Path) -> None:
    archive = archive_of(project / "a.tar.gz")
    assert "contains no trained component" in run("publish", archive, "nlu/intents")[2]
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(saved(project / "saved"), "components/../../../evil")
    assert "a file outside itself" in run("publish", archive, "nlu/intents")[2]
    assert not list(project.rglob("evil"))


def test_a_git_lfs_pointer_is_not_published(run: Any, project: Path) -> None:
    source = saved(project / "saved")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
    (source / "encoder/model.bin").write_text(pointer)
    status, _, err = run("publish", source, "nlu/intents")
    assert status == 1
    assert f"{source}/encoder/model.bin is a git-LFS pointer" in err
    assert not (project / "models/nlu").exists()


def test_what_was_published_is_verified_like_anything_else(run: Any, project: Path) -> None:
    run("publish", saved(project / "saved"), "nlu/intents")
    assert run("--verify", "nlu/intents@v1.0")[0] == 0
    assert run("--verify")[0] == 0
    (project / "models/nlu/v1.0/intents/head.safetensors").write_text("x")
    for words in (["--verify", "nlu/intents@v1.0"], ["--verify"]):
        status, out, err = run(*words)
        assert status == 1, words
        assert "head.safetensors" in out + err
