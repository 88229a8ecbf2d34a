from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any, Callable

import pytest
import yaml
from tiny import TinyModels
from unreliable_server import answer, unreliable_server

from convai_rasa.cli import command_line, main
from convai_rasa.errors import ConfigurationError
from convai_rasa.project.change.pipeline import (
    ENTITIES,
    INTENTS,
    SENTIMENT,
    SPOKEN_VALUES,
    VOCABULARY,
    VOICE_CONFIDENCE,
)
from convai_rasa.project.change.voice_channel import CHANNEL
from convai_rasa.project.checks.voice import check_remote_engines
from convai_rasa.project.examination import examine, wanted_extras
from convai_rasa.project.findings import Finding, as_text
from convai_rasa.project.project_files import Project
from convai_rasa.store.files import sha256

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parent / "fixtures"


def model(tree: Path, name: str, content: bytes = b"weights") -> Path:
    """Install something small under the name of a real model."""
    folder = tree / name
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(content)
    manifest = {
        "name": name,
        "source": "test",
        "licence": "none",
        "published": {},
        "conversion": "test",
        "difference": None,
        "files": {"model.bin": {"size": len(content), "sha256": sha256(folder / "model.bin")}},
    }
    (folder / "convai-model.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tree = grown(tmp_path / "tree")
    monkeypatch.setenv("CONVAI_MODELS_DIR", str(tree))
    return tree


def grown(tree: Path) -> Path:
    for name in ("nlu/minilm", "spacy/en_core_web_sm", "whisper/base", "tts/vits-joe"):
        model(tree, name)
    return tree


@pytest.fixture(scope="session")
def added(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The large project after `convai add` and a training."""
    folder = tmp_path_factory.mktemp("added") / "insurance"
    shutil.copytree(FIXTURES / "insurance", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVAI_MODELS_DIR", str(grown(folder.parent / "tree")))
        assert main(["add", str(folder), "--yes"]) == 0
    edit(folder / "domain.yml", lambda domain: domain["entities"].append("amount-of-money"))
    edit(folder / "config.yml", complete)
    archive = folder / "models" / "one.tar.gz"
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder / "domain.yml", "domain.yml")
    later = archive.stat().st_mtime + 100_000
    os.utime(archive, (later, later))
    return folder


@pytest.fixture
def healthy(added: Path, tree: Path, tmp_path: Path, duckling_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, with models and Duckling beside it."""
    monkeypatch.setenv("RASA_DUCKLING_HTTP_URL", duckling_url)
    return Path(shutil.copytree(added, tmp_path / "insurance"))


def complete(config: dict[str, Any]) -> None:
    """Put DIET and our entities in with as few keys as may be, whatever `add` makes of them for this project."""
    steps = [step for step in config["pipeline"] if step["name"] not in (ENTITIES, "DIETClassifier")]
    config["pipeline"] = steps
    diet = {"name": "DIETClassifier", "intent_classification": False}
    steps.insert([step["name"] for step in steps].index(INTENTS), diet)
    steps.insert([step["name"] for step in steps].index("EntitySynonymMapper"), {"name": ENTITIES})
    config["pipeline"][-1].update(threshold=0.4)


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a YAML file and leave its time as it was."""
    before = path.stat()
    content = yaml.safe_load(path.read_text())
    change(content)
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    os.utime(path, (before.st_mtime, before.st_mtime))


def found(project: Path, **options: bool) -> list[Finding]:
    """Everything but the good news and the ports, which depend on what else runs here."""
    return [
        finding
        for finding in examine(Project.at(project), **options)
        if finding.level in ("warning", "error") and finding.area != "ports"
    ]


def only(project: Path, **options: bool) -> Finding:
    (finding,) = found(project, **options)
    return finding


@pytest.fixture
def verifiable(healthy: Path, tiny_models: TinyModels) -> Path:
    """The same with models whose every byte can be compared: what is catalogued unconverted cannot be made up here."""
    own = {"model": str(tiny_models("whisper"))}
    edit(healthy / "config.yml", lambda config: step(config, ENTITIES).update(model=str(tiny_models("spacy"))))
    edit(healthy / "credentials.yml", lambda content: content.update({CHANNEL: {"asr": own}}))
    return healthy


def test_a_project_in_order(healthy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert found(healthy) == []
    assert main(["doctor", str(healthy)]) == 0
    said = capsys.readouterr()
    assert "✓ Pipeline with DistilBertIntentClassifier" in said.out
    assert "✗" not in said.out
    assert said.err == ""


def test_before_and_after_add(moodbot: Path, tree: Path) -> None:
    notes = [finding.fix for finding in examine(Project.at(moodbot)) if finding.level == "note"]
    assert notes == ["convai add --only nlu", "convai add --only voice"]
    assert main(["add", str(moodbot), "--yes"]) == 0
    assert [(finding.area, finding.fix) for finding in found(moodbot)] == [("trained model", "rasa train")]


def step(config: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [step for step in config["pipeline"] if step["name"].rpartition(".")[2] == name.rpartition(".")[2]]
    return found


def move(config: dict[str, Any], name: str, index: int) -> None:
    moved = step(config, name)
    config["pipeline"].remove(moved)
    config["pipeline"].insert(index, moved)


@pytest.mark.parametrize(
    ("breakage", "level", "what"),
    [
        (lambda c: step(c, INTENTS).update(epoch=3), "error", "did you mean 'epochs'"),
        (lambda c: step(c, INTENTS).update(epochs=0), "error", "epochs"),
        (lambda c: step(c, INTENTS).update(name=INTENTS[:-1]), "error", "There is no component"),
        (lambda c: step(c, INTENTS).update(name="DistilBertIntentClassifier"), "error", "There is no component"),
        (lambda c: step(c, ENTITIES).update(model="spacy/en_core_web_xl"), "error", "en_core_web_xl"),
        (lambda c: step(c, SENTIMENT).update(model="nlu/nothing"), "error", "nlu/nothing"),
        (lambda c: step(c, "DIETClassifier").pop("name"), "error", "has no name"),
        (lambda c: move(c, "FallbackClassifier", 1), "error", "FallbackClassifier comes before"),
        (lambda c: c["pipeline"].insert(1, {"name": VOICE_CONFIDENCE}), "error", "VoiceConfidence comes before"),
        (lambda c: c["pipeline"].append({"name": VOICE_CONFIDENCE, "treshold": 0.4}), "error", "'threshold'"),
        (lambda c: c["pipeline"].append({"name": VOICE_CONFIDENCE[:-1]}), "error", "There is no component"),
        (lambda c: c["pipeline"].append({"name": SPOKEN_VALUES}), "warning", "a second time"),
        (
            lambda c: move(c, VOCABULARY, 14) or c["pipeline"].insert(14, {"name": VOICE_CONFIDENCE}),
            "warning",
            "does not know how well words fit",
        ),
        (lambda c: step(c, VOCABULARY).update(entites=["drink"]), "error", "did you mean 'entities'"),
        (lambda c: move(c, ENTITIES, 13), "warning", "will not see its entities"),
        (
            lambda c: move(c, "DIETClassifier", 8) or step(c, "DIETClassifier").pop("intent_classification"),
            "warning",
            "decides",
        ),
        (lambda c: step(c, "FallbackClassifier").update(threshold=0.9), "warning", "0.9"),
        (lambda c: c["pipeline"].append({"name": SENTIMENT, "entity_labels": []}), "warning", "more than once"),
        (lambda c: c.update(pipeline="all of it"), "error", "not a list"),
    ],
)
def test_a_broken_pipeline(healthy: Path, breakage: Callable[..., object], level: str, what: str) -> None:
    edit(healthy / "config.yml", breakage)
    findings = [finding for finding in found(healthy) if what in finding.what + finding.fix]
    assert [finding.level for finding in findings] == [level]
    assert len(found(healthy)) == 1


def test_doubtful_hearing_may_be_answered_like_doubtful_understanding(healthy: Path) -> None:
    edit(healthy / "config.yml", lambda c: c["pipeline"].append({"name": VOICE_CONFIDENCE, "threshold": 0.4}))
    assert found(healthy) == []


def test_a_bot_that_is_spoken_to_is_told_how_to_hear_its_own_words(healthy: Path) -> None:
    edit(healthy / "config.yml", lambda c: c["pipeline"].remove(step(c, VOCABULARY)))
    (note,) = [finding for finding in examine(Project.at(healthy)) if "no vocabulary" in finding.what]
    assert (note.level, VOCABULARY in note.fix) == ("note", True)


@pytest.mark.parametrize(
    ("channel", "level", "what"),
    [
        ({"asr": {"modle": "whisper/base"}}, "error", "did you mean 'model'"),
        ({"asr": {"beam_sise": 2}}, "error", "beam_size"),
        ({"asr": {"engine": "wisper"}}, "error", "did you mean 'whisper'"),
        ({"tts": {"model": "tts/vits-jo"}}, "error", "tts/vits-jo"),
        ({"turn": {"pause_ms": 600}}, "error", "must be shorter"),
        ({"turn": {"decided_by": "dialog"}}, "error", "did you mean 'dialogue'"),
        ({"token": "${NO_SUCH_VARIABLE_HERE}"}, "error", "NO_SUCH_VARIABLE_HERE"),
        ({"allowed_origins": ["*"]}, "warning", "every site"),
        ("yes", "error", "expected keys and values"),
    ],
)
def test_a_broken_channel(healthy: Path, channel: Any, level: str, what: str) -> None:
    edit(healthy / "credentials.yml", lambda content: content.update({CHANNEL: channel}))
    finding = only(healthy)
    assert finding.level == level
    assert what in finding.what


SECRET = "0123456789abcdef0123456789abcdef"
NOTE = "so only this machine may talk to the bot"


def about_access(project: Path, channel: dict[str, Any]) -> list[tuple[str, str]]:
    """Level and sentence of each finding about who may talk to the bot."""
    edit(project / "credentials.yml", lambda content: content.update({CHANNEL: channel}))
    findings = [finding for finding in examine(Project.at(project)) if finding.area == "voice" and finding.fix]
    return [(finding.level, finding.what) for finding in findings]


def test_a_channel_without_proof_is_for_this_machine_and_the_doctor_says_so(healthy: Path) -> None:
    (finding,) = about_access(healthy, {})
    assert finding[0] == "note"
    assert NOTE in finding[1]


@pytest.mark.parametrize(
    ("channel", "what"),
    [
        ({"allow_anyone": True}, "whoever reaches the port may talk to the bot"),
        ({"jwt_key": SECRET[:-1]}, "shorter than the 32 bytes that HS256 needs"),
        ({"jwt_key": SECRET, "jwt_method": "HS512"}, "shorter than the 64 bytes that HS512 needs"),
        ({"token": SECRET[:15]}, "token is shorter than 16 characters"),
        ({"token": "${SHORT_TOKEN}"}, "token is shorter than 16 characters"),
        ({"token": SECRET, "allowed_hosts": ["bot.example.com", "*"]}, "allowed_hosts has '*'"),
    ],
)
def test_a_door_that_is_too_easy_to_open(
    healthy: Path, channel: dict[str, Any], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHORT_TOKEN", "secret")
    ((level, said),) = about_access(healthy, channel)
    assert level == "warning"
    assert what in said
    assert SECRET[:15] not in said


@pytest.mark.parametrize(
    "channel",
    [
        {"token": SECRET[:16]},
        {"token": "${LONG_TOKEN}", "allowed_hosts": ["bot.example.com"]},
        {"jwt_key": SECRET},
        {"jwt_key": "a public key", "jwt_method": "RS256"},
        {"token": SECRET, "allow_anyone": True},
    ],
)
def test_a_door_that_is_shut(healthy: Path, channel: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONG_TOKEN", SECRET)
    assert about_access(healthy, channel) == []


def test_a_server_in_front_lets_its_callers_in_as_this_machine(healthy: Path) -> None:
    ((level, said),) = about_access(healthy, {"allowed_hosts": ["bot.example.com"]})
    assert level == "warning"
    assert "whoever a web server in front lets through" in said


def test_the_environment_lets_anyone_in_too(healthy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVAI_ALLOW_ANYONE", "true")
    ((level, said),) = about_access(healthy, {})
    assert level == "warning"
    assert "whoever reaches the port" in said


def test_a_checkpoint_that_nothing_here_can_export(
    healthy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice = tmp_path / "voice"
    voice.mkdir()
    (voice / "config.json").write_text(json.dumps({"model": "vits", "audio": {"sample_rate": 22050}}))
    (voice / "model.pth").write_bytes(b"weights")
    edit(healthy / "credentials.yml", lambda content: content.update({CHANNEL: {"tts": {"model": str(voice)}}}))
    assert found(healthy) == []
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name in ("TTS", "torch") else real(name, *more)
    )
    finding = only(healthy)
    assert finding.level == "error"
    assert "has to be exported once" in finding.what
    assert "pip install 'convai-rasa[rasa,coqui]'" in finding.fix


def test_fine_tuning_asks_for_torch() -> None:
    intents = {"name": INTENTS, "strategy": "fine_tune"}
    assert wanted_extras({"pipeline": [intents]}, {}) == ["nlu", "train"]
    assert wanted_extras({"pipeline": [{**intents, "strategy": "auto"}]}, {CHANNEL: None}) == ["nlu", "voice"]


def test_a_misspelt_channel(healthy: Path) -> None:
    edit(
        healthy / "credentials.yml",
        lambda content: content.update({"convai_rasa.voice.VoiceChannel": content.pop(CHANNEL)}),
    )
    finding = only(healthy)
    assert finding.level == "error"
    assert CHANNEL in finding.fix


def test_missing_and_damaged_models(healthy: Path, tree: Path) -> None:
    shutil.rmtree(tree / "whisper")
    (tree / "tts" / "vits-joe" / "model.bin").write_bytes(b"half")
    missing, damaged = found(healthy)
    assert "'whisper/base' is not installed" in missing.what
    assert "tts/vits-joe is damaged" in damaged.what
    assert missing.fix == damaged.fix == "convai models --force whisper/base tts/vits-joe"


def test_one_command_fetches_all_models_that_are_missing(healthy: Path, tree: Path) -> None:
    for name in ("nlu", "spacy", "whisper", "tts"):
        shutil.rmtree(tree / name)
    findings = found(healthy)
    names = ["nlu/intent_classifier", "spacy/en_core_web_sm", "nlu/sentiment", "whisper/base", "tts/vits-joe"]
    assert [name for name in names if not any(name in finding.what for finding in findings)] == []
    ((command, count),) = Counter(finding.fix for finding in findings).items()
    assert count == len(names)
    assert command.startswith("convai models ")
    assert sorted(command.split()[2:]) == sorted(names)
    assert as_text(findings, coloured=False).count(command) == 1
    assert command_line().parse_args(command.split()[1:]).names == command.split()[2:]


def test_only_the_full_examination_sees_a_flipped_bit(verifiable: Path, tree: Path) -> None:
    assert found(verifiable, full=True) == []
    (tree / "tts" / "vits-joe" / "model.bin").write_bytes(b"veights")
    assert found(verifiable) == []
    finding = only(verifiable, full=True)
    assert "SHA-256" in finding.what
    assert finding.fix == "convai models --force tts/vits-joe"


def test_yaml_that_is_broken_does_not_hide_the_rest(healthy: Path, tree: Path) -> None:
    (healthy / "config.yml").write_text("pipeline: [\n")
    shutil.rmtree(tree / "whisper")
    assert [(finding.area, finding.level) for finding in found(healthy)] == [("pipeline", "error"), ("models", "error")]


def test_a_model_older_than_the_data_or_broken(healthy: Path) -> None:
    archive = healthy / "models" / "one.tar.gz"
    os.utime(archive, (1, 1))
    assert "changed after one.tar.gz" in only(healthy).what
    archive.write_bytes(b"not an archive")
    assert only(healthy).level == "error"


def test_actions_that_rasa_would_not_find(healthy: Path) -> None:
    (healthy / "endpoints.yml").write_text("")
    findings = [finding for finding in examine(Project.at(healthy)) if finding.area == "ports"]
    assert any("action_endpoint" in finding.what for finding in findings)


def test_a_taken_port_names_who_has_it(healthy: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        (healthy / "endpoints.yml").write_text(f"action_endpoint: {{url: 'http://localhost:{port}/webhook'}}\n")
        taken = [finding for finding in examine(Project.at(healthy)) if str(port) in finding.what]
    assert [finding.level for finding in taken] == ["warning"]
    assert str(os.getpid()) in taken[0].what


def test_json_and_exit_status(healthy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", str(healthy), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    shutil.rmtree(healthy / "models")
    assert main(["doctor", str(healthy), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert {"area": "trained model", "level": "error", "fix": "rasa train"}.items() <= next(
        finding for finding in report["findings"] if finding["level"] == "error"
    ).items()


def test_config_and_credentials_elsewhere(healthy: Path) -> None:
    (healthy / "conf").mkdir()
    for name in ("config.yml", "credentials.yml"):
        (healthy / name).rename(healthy / "conf" / name)
    with pytest.raises(ConfigurationError, match="--config"):
        Project.at(healthy)
    project = Project.at(
        healthy, config=healthy / "conf" / "config.yml", credentials=healthy / "conf" / "credentials.yml"
    )
    assert not [finding for finding in examine(project) if finding.level == "error"]


def test_the_text_groups_and_counts() -> None:
    findings = [Finding("b", "error", "broken", "mend it"), Finding("a", "ok", "fine"), Finding("b", "warning", "odd")]
    assert as_text(findings, coloured=False).splitlines() == [
        "b",
        "  ✗ broken",
        "      → mend it",
        "  ! odd",
        "a",
        "  ✓ fine",
        "",
        "1 error, 1 warning.",
    ]
    assert "\033[31m✗" in as_text(findings, coloured=True)
    assert as_text([Finding("a", "ok", "fine")], coloured=False).endswith("Everything is in order.")


def test_a_users_own_folder_has_to_be_what_its_component_takes(
    healthy: Path, tiny_models: TinyModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, kind in {"nlu/custom": "intents", "spacy/custom": "spacy", "nlu/mood": "sentiments"}.items():
        (healthy / "models" / name).parent.mkdir(parents=True, exist_ok=True)
        (healthy / "models" / name).symlink_to(tiny_models(kind))
    models = {INTENTS: "models/nlu/custom/", ENTITIES: "models/spacy/custom/", SENTIMENT: "models/nlu/mood/"}

    def name_models(config: dict[str, Any]) -> None:
        for name, model in models.items():
            step(config, name).update(model=model)

    edit(healthy / "config.yml", name_models)
    assert found(healthy) == []
    models.update({INTENTS: "models/spacy/custom/", ENTITIES: "models/nlu/custom/"})
    edit(healthy / "config.yml", name_models)
    edit(healthy / "credentials.yml", lambda content: content.update({CHANNEL: {"asr": {"model": "models/nlu/mood"}}}))
    said = {finding.what.partition(":")[0]: finding for finding in found(healthy)}
    assert set(said) == {"DistilBertIntentClassifier", "SpacyModelEntityExtractor", "Speech recognition"}
    assert said["DistilBertIntentClassifier"].what.endswith("and it is a spaCy pipeline")
    assert said["DistilBertIntentClassifier"].fix == "EntityExtractor takes it"
    assert "is not a spaCy pipeline: it lacks meta.json and config.cfg" in said["SpacyModelEntityExtractor"].what
    assert "is not a Whisper model for CTranslate2" in said["Speech recognition"].what


def remote(server: str, **keys: Any) -> dict[str, Any]:
    return {"engine": "openai", "base_url": server, "timeout_s": 2, "retries": 0, **keys}


def test_an_engine_on_another_machine_has_to_answer(healthy: Path) -> None:
    with unreliable_server() as server:

        def ask(channel: dict[str, Any]) -> list[Finding]:
            edit(healthy / "credentials.yml", lambda content: content.update({CHANNEL: channel}))
            return [one for one in examine(Project.at(healthy)) if one.area in ("voice", "models") and one.fix]

        server.will_answer(answer(200, b"{}"))
        far = remote(server.base_url)
        notes = [one.level for one in ask({"asr": far, "tts": {**far, "voice": "nova"}})]
        assert notes == ["note"]  # that only this machine may talk to the bot

        server.will_answer(answer(401))
        finding = ask({"asr": far})[-1]
        assert finding.level == "error"
        assert "wants a key (401)" in finding.what
        assert finding.fix == "set api_key, or OPENAI_API_KEY in the environment"

        finding = ask({"asr": {"engines": [far, "whisper"]}})[-1]
        assert finding.level == "warning"  # the other one hears

    finding = ask({"tts": far})[-1]
    assert finding.level == "error"
    assert "cannot be reached" in finding.what
    assert finding.fix == "start it, or correct base_url"


def test_a_key_that_everybody_on_the_way_can_read_is_warned_of() -> None:
    far = remote("http://192.0.2.1:9/v1", api_key="sk-secret", timeout_s=0.1)
    findings = list(check_remote_engines({CHANNEL: {"asr": far}}))
    assert (findings[0].level, findings[0].fix) == ("warning", "give an address that begins with https://")
    assert not any("sk-secret" in one.what for one in findings)
