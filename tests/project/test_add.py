from __future__ import annotations

import argparse
import difflib
import io
import json
import os
import sys
from pathlib import Path

import pytest
import yaml

from convai_rasa.cli import main
from convai_rasa.commands import add, remove
from convai_rasa.errors import ConfigurationError
from convai_rasa.project import project_files
from convai_rasa.project.change import adding, marks
from convai_rasa.project.change.model_sets import MULTILINGUAL_ENCODER, SETS
from convai_rasa.project.change.pipeline import ENTITIES, INTENTS, VOCABULARY
from convai_rasa.project.change.voice_channel import CHANNEL
from convai_rasa.project.project_files import Change, write_all

pytestmark = pytest.mark.slow

FILES = ("config.yml", "credentials.yml")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def contents(project: Path) -> dict[str, bytes]:
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in project.rglob("*") if path.is_file()}


def test_lines_are_only_added_in_two_files_and_a_second_run_adds_none(
    either: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(either)
    assert main(["add", str(either), "--yes"]) == 0
    assert "rasa train" in capsys.readouterr().out
    after = contents(either)
    assert {name for name in after if after[name] != before[name]} == set(FILES)
    assert before.keys() == after.keys()
    for name in FILES:
        lines = after[name].decode().splitlines()
        kept = [was if (was := marks.before(line)) is not None else line for line in lines]
        ours = [line for line in difflib.ndiff(before[name].decode().splitlines(), kept) if line[:2] != "  "]
        assert all(line.startswith("+ ") for line in ours)
    assert CHANNEL in yaml.safe_load(after["credentials.yml"])
    assert main(["add", str(either), "--yes"]) == 0
    assert "Nothing to change" in capsys.readouterr().out
    assert contents(either) == after


def test_diet_keeps_the_entities_if_that_is_asked_for(insurance: Path) -> None:
    assert main(["add", str(insurance), "--yes", "--keep-diet"]) == 0
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
def test_one_half_alone(insurance: Path, only: str, untouched: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(insurance)
    assert main(["add", str(insurance), "--yes", "--only", only]) == 0
    assert (VOCABULARY in capsys.readouterr().out) == (only == "voice"), "a note says what the voice would gain"
    assert VOCABULARY not in (insurance / "config.yml").read_text()
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
    given = ["--config", str(config), "--credentials", str(credentials), "--data", str(insurance / "data/nlu/chat.yml")]
    assert main(["add", str(insurance), "--yes", *given]) == 0
    assert CHANNEL in yaml.safe_load(credentials.read_text())
    # This file has no annotation, so as far as it goes DIET learns nothing that is still needed.
    assert "# before convai: - name: DIETClassifier" in config.read_text()


def test_what_broke_on_other_projects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def added(config: str, data: dict[str, str]) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for name, text in {"config.yml": config, "domain.yml": "intents: [go]\n", **data}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        assert main(["add", str(folder), "--yes", "--only", "nlu"]) == 0
        return (folder / "config.yml").read_text()

    diet = "pipeline:\n- name: WhitespaceTokenizer\n- name: CountVectorsFeaturizer\n- name: DIETClassifier\n"
    example = {"text": "to Rome", "intent": "go", "entities": [{"start": 3, "end": 7, "value": "Rome", "entity": "c"}]}
    as_json = {"data/nlu.json": json.dumps({"rasa_nlu_data": {"common_examples": [example]}})}
    learned = added(diet, as_json)
    assert "# before convai: - name: DIETClassifier\n" in learned
    assert "  train: true\n" in learned

    links = {
        "data/nlu.yml": "nlu:\n- intent: go\n  examples: |\n    - go\n    - let us go\n#    - to [Rome](city)\n",
        "data/responses.yml": "responses:\n  utter_a:\n  - text: see [this](https://x.example)\n",
    }
    assert "# before convai: - name: CountVectorsFeaturizer\n# before convai: - name: DIETClassifier\n" in added(
        diet, links
    )
    assert "DIETClassifier" not in added("language: en\n", links)

    norwegian = added("language: no\n" + diet, links)
    assert INTENTS in norwegian
    assert "Hybrid" not in norwegian
    assert "language is 'no'" in capsys.readouterr().out

    twice = tmp_path / "twice"
    twice.mkdir()
    (twice / "config.yml").write_text(f"{diet}{diet}")
    assert main(["add", str(twice), "--yes"]) == 1
    assert "'pipeline' occurs twice, in lines 1 and 5" in capsys.readouterr().err


def test_what_only_a_classifier_needed_that_goes_is_commented_out_with_it(moodbot: Path) -> None:
    (moodbot / "config.yml").write_text(
        "language: en\npipeline:\n- name: SpacyNLP\n  model: en_core_web_md\n- name: SpacyTokenizer\n"
        "- name: SpacyFeaturizer\n- name: DIETClassifier\n- name: ResponseSelector\n- name: FallbackClassifier\n"
        "policies:\n- name: TEDPolicy\n"
    )
    assert main(["add", str(moodbot), "--yes", "--keep-threshold"]) == 0
    pipeline = yaml.safe_load((moodbot / "config.yml").read_text())["pipeline"]
    assert [step["name"].rpartition(".")[2] for step in pipeline] == [
        "WhitespaceTokenizer",
        "DistilBertIntentClassifier",
        "HybridSentimentAnalyzer",
        "Vocabulary",
        "FallbackClassifier",
    ]


@pytest.mark.parametrize("annotated", [False, True])
def test_rasas_own_spacy_is_not_doubled(moodbot: Path, annotated: bool, capsys: pytest.CaptureFixture[str]) -> None:
    pipeline = "- name: SpacyNLP\n  model: en_core_web_sm\n- name: SpacyTokenizer\n- name: SpacyEntityExtractor\n"
    featurizer = "- name: CountVectorsFeaturizer\n- name: DIETClassifier\n"
    (moodbot / "config.yml").write_text(f"pipeline:\n{pipeline}{featurizer}")
    (moodbot / "domain.yml").write_text("entities: [PERSON, dish]\n")
    (moodbot / "data" / "stories.yml").unlink()
    (moodbot / "data" / "rules.yml").unlink()
    if annotated:
        (moodbot / "data" / "more.yml").write_text("nlu:\n- intent: eat\n  examples: |\n    - a [soup](dish)\n")
    assert main(["add", str(moodbot), "--yes", "--keep-threshold", "--only", "nlu"]) == 0
    steps = yaml.safe_load((moodbot / "config.yml").read_text())["pipeline"]
    ours = [step for step in steps if step["name"] == ENTITIES]
    assert [step["name"] for step in steps][2] == "SpacyEntityExtractor"
    assert ours == ([{"name": ENTITIES, "dimensions": [], "train": True}] if annotated else [])
    assert ("finds the same" in capsys.readouterr().out) != annotated


def test_in_another_language_ours_learns_from_nothing(moodbot: Path) -> None:
    pipeline = "- name: WhitespaceTokenizer\n- name: CountVectorsFeaturizer\n- name: DIETClassifier\n"
    (moodbot / "data" / "more.yml").write_text("nlu:\n- intent: eat\n  examples: |\n    - eine [Suppe](dish)\n")
    for language, spoken in (("de", "de"), ("zh", None)):
        (moodbot / "config.yml").write_text(f"language: {language}\npipeline:\n{pipeline}")
        assert main(["add", str(moodbot), "--yes", "--keep-threshold", "--only", "nlu"]) == 0
        steps = yaml.safe_load((moodbot / "config.yml").read_text())["pipeline"]
        assert next((step["language"] for step in steps if step["name"] == ENTITIES), None) == spoken


def test_what_a_component_of_the_projects_own_may_use_stays(moodbot: Path) -> None:
    pipeline = "- name: WhitespaceTokenizer\n- name: CountVectorsFeaturizer\n- name: DIETClassifier\n- name: my.Own\n"
    (moodbot / "config.yml").write_text(f"pipeline:\n{pipeline}")
    assert main(["add", str(moodbot), "--yes", "--keep-threshold"]) == 0
    assert "\n- name: CountVectorsFeaturizer\n" in (moodbot / "config.yml").read_text()


def test_ours_learns_a_few_entities_in_the_place_of_diet_and_many_if_asked_to(
    insurance: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(insurance)

    def added(*more: str) -> str:
        assert main(["add", str(insurance), "--yes", "--keep-threshold", *more]) == 0
        text = (insurance / "config.yml").read_text()
        assert main(["remove", str(insurance), "--yes"]) == 0
        assert contents(insurance) == before
        return text

    learned = added()
    assert "# before convai: - name: DIETClassifier" in learned
    assert "\n- name: LexicalSyntacticFeaturizer" in learned  # for the ResponseSelector
    step = next(step for step in yaml.safe_load(learned)["pipeline"] if step["name"] == ENTITIES)
    assert step["train"] is True
    assert added("--no-intents").count("before convai") == 0
    monkeypatch.setattr(adding, "MOST_ANNOTATIONS", 1)
    capsys.readouterr()
    kept = added()
    assert "\n- name: DIETClassifier" in kept
    assert "--train-entities" in capsys.readouterr().out
    assert added("--train-entities") == learned


def test_a_set_of_models_is_written_into_both_files_and_changed_there(
    insurance: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["add", str(insurance), "--yes", "--keep-threshold"]) == 0
    before = contents(insurance)
    capsys.readouterr()
    assert main(["add", str(insurance), "--yes", "--keep-threshold", "--set", "multilingual"]) == 0
    assert "convai models --set multilingual" in capsys.readouterr().out
    pipeline = yaml.safe_load((insurance / "config.yml").read_text())["pipeline"]
    assert next(step for step in pipeline if step["name"] == INTENTS)["model"] == MULTILINGUAL_ENCODER
    assert yaml.safe_load((insurance / "credentials.yml").read_text())[CHANNEL]["asr"]["model"]
    assert main(["remove", str(insurance), "--yes"]) == 0
    assert main(["add", str(insurance), "--yes", "--keep-threshold"]) == 0
    assert contents(insurance) == before


def test_the_sets_to_choose_from_are_those_there_are() -> None:
    (argument,) = [one for one in command_line_of("add") if "--set" in one.option_strings]
    assert tuple(argument.choices or ()) == SETS
    assert argument.default == SETS[0]


def command_line_of(name: str) -> list[argparse.Action]:
    parser = argparse.ArgumentParser()
    {"add": add.add_arguments, "remove": remove.add_arguments}[name](parser)
    return parser._actions


def test_the_voice_needs_no_rasa_and_the_rest_says_what_to_install(
    insurance: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in [name for name in sys.modules if name == "rasa" or name.startswith("rasa.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "rasa", None)
    assert main(["add", str(insurance), "--yes"]) == 1
    assert "pip install" in capsys.readouterr().err
    assert main(["add", str(insurance), "--yes", "--only", "voice"]) == 0
    assert main(["remove", str(insurance), "--yes"]) == 0


def test_mistakes_are_one_sentence(insurance: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*arguments: str) -> str:
        assert main(["add", *arguments, "--yes"]) == 1
        error = capsys.readouterr().err
        assert len(error.splitlines()) == 1
        return error

    assert "not a Rasa project" in said(str(tmp_path))
    assert "There is no folder" in said(str(tmp_path / "nowhere"))
    assert "no such file" in said(str(insurance), "--config", str(tmp_path / "other.yml"))
    config = insurance / "config.yml"
    original = config.read_bytes()
    config.write_text("pipeline:\n- name: A\n  - b\n")
    assert "line 3" in said(str(insurance))
    config.write_bytes(b"language: \xff\n")
    assert "UTF-8" in said(str(insurance))
    config.write_text("services: {web: {image: nginx}}\n")
    assert "not a Rasa config" in said(str(insurance))
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

    monkeypatch.setattr(project_files.os, "replace", failing)
    with pytest.raises(ConfigurationError, match=r"Nothing was changed: .* No space left"):
        write_all([Change(insurance / name, before[name].decode(), "x: 1\n") for name in FILES])
    assert contents(insurance) == before


def test_an_edit_meanwhile_is_not_overwritten(insurance: Path) -> None:
    with pytest.raises(ConfigurationError, match="edited in the meantime"):
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
