from __future__ import annotations

import json
from pathlib import Path

import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.project.project_files import DataTraits, Project
from convai_rasa.project.training_data import data_traits, read_project

EXAMPLES = 'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hello\n    - hi\n'


def project(folder: Path, files: dict[str, str], **given: object) -> Project:
    for name, text in {"config.yml": "language: en\n", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return Project.at(folder, **given)  # type: ignore[arg-type]  # whatever a test gives


def annotated(folder: Path, files: dict[str, str], **given: object) -> bool | None:
    return data_traits(read_project(project(folder, files, **given))).entities


def test_what_the_data_asks_for(insurance: Path, moodbot: Path) -> None:
    assert data_traits(read_project(Project.at(insurance))) == DataTraits(True, True, False)
    assert data_traits(read_project(Project.at(moodbot))) == DataTraits(False, False, False)
    chat = Project.at(insurance, data=[insurance / "data" / "nlu" / "chat.yml"])
    assert data_traits(read_project(chat)) == DataTraits(False, True, False)


def test_stories_with_texts_are_end_to_end(tmp_path: Path) -> None:
    story = 'version: "3.1"\nstories:\n- story: a\n  steps:\n  - user: |\n      hello\n  - action: utter_greet\n'
    files = {"data/nlu.yml": EXAMPLES, "data/stories.yml": story, "domain.yml": "intents: [greet]\n"}
    assert data_traits(read_project(project(tmp_path, files))).end_to_end is True


def test_annotations_in_json_count(tmp_path: Path) -> None:
    example = {"text": "to Rome", "intent": "go", "entities": [{"start": 3, "end": 7, "value": "Rome", "entity": "c"}]}
    data = {"rasa_nlu_data": {"common_examples": [example]}}
    assert annotated(tmp_path, {"data/nlu.json": json.dumps(data)})


def test_links_and_comments_are_no_annotations(tmp_path: Path) -> None:
    responses = 'version: "3.1"\nresponses:\n  utter_a:\n  - text: "See [our guide](https://x.example/a)."\n'
    comment = EXAMPLES + "#    - to [Rome](city)\n"
    assert annotated(tmp_path, {"data/nlu.yml": comment, "data/responses.yml": responses}) is False


def test_annotations_may_lie_in_any_of_the_folders_given(tmp_path: Path) -> None:
    files = {"nlu/a/x.yml": EXAMPLES, "more/y.yaml": EXAMPLES.replace("hello", "hello [Ann](name)")}
    assert annotated(tmp_path, files, data=[tmp_path / "nlu"]) is False
    assert annotated(tmp_path, files, data=[tmp_path / "nlu", tmp_path / "more" / "y.yaml"]) is True
    assert annotated(tmp_path, files) is None


def test_the_configuration_is_read_as_rasa_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"config.yml": "language: no\npipeline:\n- name: X\n  key: ${CITY_KEY}\n"}
    data = read_project(project(tmp_path, given))
    assert data.language == "no"
    with pytest.raises(ConfigurationError, match="CITY_KEY"):
        _ = data.config
    monkeypatch.setenv("CITY_KEY", "Rome")
    assert data.config == {"language": "no", "pipeline": [{"name": "X", "key": "Rome"}]}


def test_a_domain_split_over_a_folder_is_one(tmp_path: Path) -> None:
    domain = {"domain/a.yml": "entities: [city]\n", "domain/more/b.yml": "entities: [person]\nintents: [greet]\n"}
    assert set(read_project(project(tmp_path, domain)).domain.entities) == {"city", "person"}
    elsewhere = read_project(project(tmp_path, {}, domain=tmp_path / "domain" / "a.yml"))
    assert elsewhere.domain.entities == ["city"]
    (tmp_path / "empty").mkdir()
    assert read_project(project(tmp_path / "empty", {})).domain.is_empty()


def test_what_rasa_passes_over_is_known(tmp_path: Path) -> None:
    files = {"data/nlu.md": "## intent:greet\n- hi\n", "data/README.md": "# Data\n", "data/cut.json": '{"rasa_nlu_da'}
    unread = read_project(project(tmp_path, {**files, "data/nlu.yml": EXAMPLES})).unread
    assert {path.name for path in unread} == {"nlu.md", "cut.json"}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("data/nlu.yml", EXAMPLES + "  bad\n", r"nlu\.yml, line 7.*YAML"),
        ("data/nlu.yml", "nlu:\n- intent: a\n- x\n", r"nlu\.yml, line \d: .*'x' is not a dict"),
        ("data/nlu.yml", EXAMPLES + '    - to [Rome]{"entity": }\n', r"nlu\.yml, line 7: "),
        ("data/nlu.yml", EXAMPLES + "nlu:\n- intent: b\n", r"nlu\.yml, line 7.*duplicate key"),
        ("data/nlu.json", '{"rasa_nlu_data": {"common_examples": [5]}}', r"nlu\.json: 5 is not of type"),
        ("data/nlu.json", "5", r"nlu\.json: "),
        ("domain.yml", "intents: 5\n", r"domain\.yml, line 1: .*not a list"),
        (
            "domain.yml",
            "slots: {a: {type: text}}\n",
            r"line 1: .*'mappings'; add them, or .* 'rasa data migrate', then",
        ),
        ("domain.yml", "intents: [a, a]\n", r"domain\.yml: Intents are not unique"),
        ("domain.yml", "intents: [a\n", r"domain\.yml, line 2.*YAML"),
    ],
)
def test_what_is_broken_is_named_in_one_sentence(tmp_path: Path, name: str, text: str, says: str) -> None:
    data = read_project(project(tmp_path, {name: text}))
    with pytest.raises(ConfigurationError, match=says) as raised:
        _ = data.nlu, data.domain
    assert "\n" not in str(raised.value)


def test_data_that_was_named_and_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--data"):
        project(tmp_path, {}, data=[tmp_path / "nowhere"])


def test_an_importer_of_the_projects_own_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = (
        "from rasa.shared.importers.rasa import RasaFileImporter\n"
        "from rasa.shared.nlu.training_data.loading import load_data\n\n\n"
        "class Own(RasaFileImporter):\n"
        "    def get_nlu_data(self, language='en'):\n"
        "        print('reading')\n"
        "        return load_data('elsewhere/nlu.yml')\n"
    )
    config = "language: en\nimporters:\n- name: own_importer_of_a_test.Own\n"
    there = {"config.yml": config, "own_importer_of_a_test.py": code, "elsewhere/nlu.yml": EXAMPLES}
    data = read_project(project(tmp_path, there))
    assert data.nlu.intents == {"greet"}
    assert not capsys.readouterr().out
    (tmp_path / "elsewhere" / "nlu.yml").unlink()
    with pytest.raises(ConfigurationError, match="does not exist"):
        _ = read_project(project(tmp_path, {"config.yml": config, "own_importer_of_a_test.py": code})).nlu
