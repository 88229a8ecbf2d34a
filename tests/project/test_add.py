from __future__ import annotations

import difflib
import io
import os
from pathlib import Path

import pytest
import yaml

from convai_rasa.cli import main
from convai_rasa.errors import ConfigurationError
from convai_rasa.project import files
from convai_rasa.project.channel import CHANNEL
from convai_rasa.project.files import Change, Project, data_traits, write_all

FILES = ("config.yml", "credentials.yml")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def contents(project: Path) -> dict[str, bytes]:
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in project.rglob("*") if path.is_file()}


@pytest.mark.parametrize("project", ["moodbot", "insurance"])
def test_lines_are_only_added_in_two_files_and_a_second_run_adds_none(
    project: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    folder: Path = request.getfixturevalue(project)
    before = contents(folder)
    assert main(["add", str(folder), "--yes"]) == 0
    assert "rasa train" in capsys.readouterr().out
    after = contents(folder)
    assert {name for name in after if after[name] != before[name]} == set(FILES)
    assert before.keys() == after.keys()
    for name in FILES:
        lines = difflib.ndiff(before[name].decode().splitlines(), after[name].decode().splitlines())
        assert not [line for line in lines if line.startswith("- ")]
    assert CHANNEL in yaml.safe_load(after["credentials.yml"])
    assert main(["add", str(folder), "--yes"]) == 0
    assert "Nothing to change" in capsys.readouterr().out
    assert contents(folder) == after


def test_the_large_project_keeps_what_learns_entities(insurance: Path) -> None:
    assert main(["add", str(insurance), "--yes"]) == 0
    pipeline = yaml.safe_load((insurance / "config.yml").read_text())["pipeline"]
    names = [step["name"] for step in pipeline]
    assert pipeline[names.index("DIETClassifier")]["intent_classification"] is False
    text = (insurance / "config.yml").read_text()
    assert text.index("# batch_size") < text.index("DistilBertIntentClassifier") < text.index("# Entities")


def test_a_dry_run_and_a_missing_terminal_change_nothing(
    insurance: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(insurance)
    assert main(["add", str(insurance), "--dry-run"]) == 0
    assert "+- name: convai_rasa.nlu.DistilBertIntentClassifier" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert main(["add", str(insurance)]) == 1
    assert "--yes" in capsys.readouterr().err
    assert contents(insurance) == before


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
def test_on_a_terminal_it_asks(insurance: Path, monkeypatch: pytest.MonkeyPatch, answer: str, status: int) -> None:
    before = contents(insurance)
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert main(["add", str(insurance)]) == status
    assert (contents(insurance) == before) == bool(status)


def test_a_terminal_gets_colours_unless_it_refuses_them(insurance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for refused in (False, True):
        screen = Terminal()
        monkeypatch.setattr("sys.stdout", screen)
        if refused:
            monkeypatch.setenv("NO_COLOR", "1")
        assert main(["add", str(insurance), "--dry-run"]) == 0
        assert ("\033[32m+" in screen.getvalue()) != refused


@pytest.mark.parametrize(("only", "untouched"), [("nlu", "credentials.yml"), ("voice", "config.yml")])
def test_one_half_alone(insurance: Path, only: str, untouched: str) -> None:
    before = contents(insurance)
    assert main(["add", str(insurance), "--yes", "--only", only]) == 0
    changed = {name for name, content in contents(insurance).items() if content != before[name]}
    assert changed == set(FILES) - {untouched}


def test_components_can_be_left_out(insurance: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["add", str(insurance), "--yes", "--no-sentiment", "--no-entities"]) == 0
    text = (insurance / "config.yml").read_text()
    assert "DistilBert" in text
    assert "Hybrid" not in text
    assert "SpacyModel" not in text
    none = ["--no-sentiment", "--no-entities", "--no-intents"]
    assert main(["add", str(insurance), "--yes", *none]) == 1
    assert "--only voice" in capsys.readouterr().err


def test_files_elsewhere(insurance: Path) -> None:
    (insurance / "conf").mkdir()
    config, credentials = insurance / "conf" / "nlu.yml", insurance / "conf" / "channels.yml"
    (insurance / "config.yml").rename(config)
    (insurance / "credentials.yml").unlink()
    given = ["--config", str(config), "--credentials", str(credentials), "--data", str(insurance / "data" / "core")]
    assert main(["add", str(insurance), "--yes", *given]) == 0
    assert CHANNEL in yaml.safe_load(credentials.read_text())
    # Stories hold no annotation, so as far as this data goes DIET learns nothing that is still needed.
    assert "# - name: DIETClassifier" in config.read_text()


def test_mistakes_are_one_sentence(insurance: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*arguments: str) -> str:
        assert main(["add", *arguments, "--yes"]) == 1
        error = capsys.readouterr().err
        assert len(error.splitlines()) == 1
        return error

    assert "no Rasa project" in said(str(tmp_path))
    assert "There is no folder" in said(str(tmp_path / "nowhere"))
    assert "no such file" in said(str(insurance), "--config", str(tmp_path / "other.yml"))
    config = insurance / "config.yml"
    original = config.read_bytes()
    config.write_text("pipeline:\n- name: A\n  - b\n")
    assert "line 3" in said(str(insurance))
    config.write_bytes(b"language: \xff\n")
    assert "UTF-8" in said(str(insurance))
    config.write_text("services: {web: {image: nginx}}\n")
    assert "no Rasa config" in said(str(insurance))
    config.write_bytes(original)
    (insurance / "credentials.yml").write_text("- rest\n")
    assert "expected keys and values" in said(str(insurance))
    assert config.read_bytes() == original


def test_a_read_only_file_stops_both(insurance: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (insurance / "credentials.yml").chmod(0o444)
    before = contents(insurance)
    assert main(["add", str(insurance), "--yes"]) == 1
    assert "read-only" in capsys.readouterr().err
    assert contents(insurance) == before


def test_a_failure_half_way_restores_the_first_file(insurance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(insurance)
    replace = os.replace
    broken = insurance / "credentials.yml"

    def failing(source: str, target: Path) -> None:
        if Path(target) == broken.resolve():
            raise OSError(28, "No space left on device", str(target))
        replace(source, target)

    monkeypatch.setattr(files.os, "replace", failing)
    with pytest.raises(ConfigurationError, match=r"Nothing was changed: .* No space left"):
        write_all([Change(insurance / name, before[name].decode(), "x: 1\n") for name in FILES])
    assert contents(insurance) == before


def test_an_edit_meanwhile_is_not_overwritten(insurance: Path) -> None:
    with pytest.raises(ConfigurationError, match="edited meanwhile"):
        write_all([Change(insurance / "config.yml", "what it was", "what it becomes")])


def test_mode_and_links_survive(insurance: Path, tmp_path: Path) -> None:
    real = tmp_path / "shared.yml"
    (insurance / "config.yml").rename(real)
    (insurance / "config.yml").symlink_to(real)
    real.chmod(0o640)
    assert main(["add", str(insurance), "--yes"]) == 0
    assert (insurance / "config.yml").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert "DistilBert" in real.read_text()


def test_what_the_data_asks_for(insurance: Path, moodbot: Path) -> None:
    assert data_traits(Project.at(insurance)) == files.DataTraits(entities=True, retrieval_intents=True)
    assert data_traits(Project.at(moodbot)) == files.DataTraits(entities=False, retrieval_intents=False)
    split = Project.at(insurance, data=[insurance / "data" / "nlu" / "chat.yml", insurance / "nowhere"])
    assert data_traits(split) == files.DataTraits(entities=False, retrieval_intents=True)


@pytest.mark.parametrize("project", ["moodbot", "insurance"])
def test_rasa_accepts_the_pipeline(project: str, request: pytest.FixtureRequest) -> None:
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.engine.validation import validate
    from rasa.shared.data import TrainingType
    from rasa.shared.utils.io import read_config_file

    folder: Path = request.getfixturevalue(project)
    assert main(["add", str(folder), "--yes"]) == 0
    config = read_config_file(str(folder / "config.yml"))
    config["policies"] = config.get("policies") or [{"name": "RulePolicy"}]
    validate(DefaultV1Recipe().graph_config_for_recipe(config, {}, TrainingType.BOTH, False))
