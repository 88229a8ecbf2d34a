from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from convai_rasa import cli
from convai_rasa.commands.models import command
from convai_rasa.store.manifest import MANIFEST

ROOT = Path(__file__).parents[3]


def installed(tree: Path) -> list[str]:
    return sorted(path.parent.relative_to(tree).as_posix() for path in tree.glob(f"*/*/{MANIFEST}"))


def test_a_set_is_fetched_listed_verified_and_then_left_alone(run: Any, toys: Path, store: Path) -> None:
    status, out, _ = run("--set", "small", "--source", store)
    assert (status, out.splitlines()[-1]) == (0, f"{toys}: 1 model fetched, 0 models already there.")
    status, out, _ = run("--set", "small", "whisper/toy")
    assert (status, out) == (0, f"{toys}: 1 model installed, nothing to fetch.\n")
    listed = {model["name"]: model for model in json.loads(run("--list", "--json")[1])["models"]}
    assert listed["whisper/toy"]["path"] == str(toys / "whisper/toy")
    assert (listed["tts/toy"]["installed"], listed["tts/toy"]["path"]) == (False, None)
    assert run("--verify")[:2] == (0, "1 model verified.\n")


def test_nothing_named_means_the_default_set(run: Any, toys: Path, store: Path) -> None:
    assert run("--source", store)[0] == 0
    assert installed(toys) == ["nlu/toy", "spacy/toy", "tts/toy", "whisper/toy"]


def test_one_recogniser_stands_for_that_of_the_set(run: Any, toys: Path, store: Path) -> None:
    assert run("--asr-model", "loud", "--components", "asr", "nlu", "--source", store)[0] == 0
    assert installed(toys) == ["nlu/toy", "whisper/loud"]


def test_a_job_fetches_the_model_that_is_to_be_fetched_for_it(run: Any, toys: Path, store: Path) -> None:
    assert run("nlu/job", "--source", store)[0] == 0
    assert installed(toys) == ["nlu/toy"]


def test_a_version_goes_beside_what_has_none(run: Any, toys: Path, store: Path) -> None:
    assert run("whisper/toy", "whisper/toy@v1.0", "--source", store)[0] == 0
    assert (toys / "whisper/toy" / MANIFEST).is_file()
    assert (toys / "whisper/v1.0/toy" / MANIFEST).is_file()
    assert run("--verify")[1] == "2 models verified.\n"


def test_a_dry_run_tells_bytes_and_room_and_fetches_nothing(run: Any, toys: Path, store: Path) -> None:
    status, out, _ = run("--set", "small", "--dry-run")
    assert status == 0
    assert "whisper/toy: 1.0 MB from the https://models.invalid/toy/" in out
    assert "1.0 MB to fetch" in out
    plan = json.loads(run("--dry-run", "--json")[1])
    assert plan["bytes"] == 4 * 1_024_014
    assert plan["free"] <= shutil.disk_usage(toys).free + 1e9
    assert installed(toys) == []


def test_a_dry_run_says_when_the_disk_is_too_small(run: Any, toys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(toys)._replace(free=1_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    status, _, err = run("--set", "small", "--dry-run")
    assert (status, err) == (1, f"convai: {toys} has 1.0 kB free, but 53.1 MB are needed.\n")


def test_offline_only_folders_are_asked(run: Any, toys: Path, store: Path) -> None:
    status, _, err = run("whisper/toy", "--offline")
    assert status == 1
    assert "whisper/toy is not installed, and --offline allows no download; name a folder" in err
    assert run("whisper/toy", "--offline", "--source", store)[0] == 0
    assert run("whisper/toy", "--offline")[0] == 0, "what is installed needs nobody"


def test_json_is_all_that_goes_to_the_output(run: Any, toys: Path, store: Path) -> None:
    (toys / "tts/toy").mkdir(parents=True)
    (toys / "tts/toy/mine.txt").write_text("mine")
    status, out, err = run("--json", "--source", store)
    result = json.loads(out)
    assert status == 1
    assert set(result["fetched"]) == {"whisper/toy", "nlu/toy", "spacy/toy"}
    assert "move it away first" in result["failed"]["tts/toy"]
    assert "fetching 1.0 MB from the" in err


def test_a_corrupt_model_is_named_and_mended_with_the_command_that_is_printed(
    run: Any, toys: Path, store: Path
) -> None:
    run("--set", "default", "--source", store)
    weights = toys / "nlu/toy/sub/weights.bin"
    weights.write_bytes(b"\0" * weights.stat().st_size)
    status, _, err = run("--verify")
    assert status == 1
    assert err.splitlines()[0].startswith(f"{weights} differs")
    assert err.splitlines()[1] == "Fetch again with: convai models --force nlu/toy"
    assert json.loads(run("--verify", "--json")[1])["models"]["nlu/toy"]["problems"]
    assert run("--verify", "whisper/toy")[0] == 0
    assert run("--force", "nlu/toy", "--source", store)[0] == 0
    assert run("--verify", "nlu/toy")[0] == 0


def test_what_is_removed_is_gone_and_the_rest_stays(run: Any, toys: Path, store: Path) -> None:
    run("--source", store)
    assert run("--remove", "nlu/job", "tts/toy") == (0, f"Removed {toys / 'nlu/toy'}\nRemoved {toys / 'tts/toy'}\n", "")
    assert installed(toys) == ["spacy/toy", "whisper/toy"]
    assert "is not installed" in run("--remove", "whisper/toy", "tts/toy")[2]
    assert installed(toys) == ["spacy/toy", "whisper/toy"], "all or none"
    assert "name the models" in run("--remove")[2]
    (toys / "nlu/toy").mkdir()
    assert "delete it yourself" in run("--remove", "nlu/toy")[2]


def test_the_list_says_which_model_serves_a_job(run: Any, toys: Path, store: Path) -> None:
    assert "  nlu/job  not installed; any of nlu/toy will do" in run("--list")[1].splitlines()
    run("nlu/toy", "--source", store)
    assert f"  nlu/job  {toys / 'nlu/toy'}" in run("--list")[1].splitlines()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["whisper/toi"], "There is no model 'whisper/toi' in the catalog; the nearest name is 'whisper/toy'."),
        (["--set", "smal"], "There is no set 'smal' of models; the sets are: default, small."),
        (["--asr-model", "huge"], "--asr-model huge: there is no such model; choose one of: toy, loud."),
        (["--tts-model", "whisper/toy"], "--tts-model whisper/toy: there is no such model; choose one of: toy."),
        (["whisper/toy@latest"], "a fetched model goes under a version such as v1.0"),
        (["whisper"], "'whisper' is not the name of a model"),
        (["--verify", "whisper/toy"], "fetch it with: convai models whisper/toy"),
        (["--source", "no/such/folder"], "--source no/such/folder: there is no such folder; give one, an s3://"),
        (["--source", "ftp://host/models"], "--source: ftp:// is not supported"),
        (["--source", "http://host/models"], "--source: http:// is not supported"),
        (
            ["--source", "coqui"],
            "whisper/toy is not available from coqui; its sources are: https://models.invalid/toy/.",
        ),
    ],
)
def test_errors_are_one_sentence_and_exit_one(run: Any, toys: Path, words: list[str], complaint: str) -> None:
    status, _, err = run(*words)
    assert status == 1
    assert complaint in err
    assert installed(toys) == []


def test_nothing_installed_is_said(run: Any, toys: Path) -> None:
    assert run("--verify")[:2] == (0, "No model is installed.\n")


def test_a_verb_has_its_own_arguments_and_help(toys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["models", "where", "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: convai models where ")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("models pin nlu/intents@v1.0", ["models pin", "nlu/intents@v1.0"]),
        ("models list --json", ["models", "--list", "--json"]),
        ("models list --versions", ["models versions"]),
        ("models list nlu/intents --versions", ["models versions", "nlu/intents"]),
        ("models whisper/base", ["models", "whisper/base"]),
        ("models --set default", ["models", "--set", "default"]),
        ("models", ["models"]),
        ("warm models pin", ["warm", "models", "pin"]),
    ],
)
def test_a_verb_and_models_are_one_command(words: str, named: list[str]) -> None:
    assert command.name_command(words.split()) == named


@pytest.mark.parametrize("verb", command.VERBS)
def test_every_verb_of_the_help_is_there(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["models", verb, "--help"])
    assert ended.value.code == 0


def test_the_models_readme_is_what_the_command_writes(run: Any, tmp_path: Path) -> None:
    assert run("--write-readme", "--models-dir", tmp_path / "models")[0] == 0
    written = (tmp_path / "models" / "README.md").read_text(encoding="utf-8")
    assert written == (ROOT / "models" / "README.md").read_text(encoding="utf-8"), "run: convai models --write-readme"


def test_a_readme_that_cannot_be_written_is_one_sentence(run: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, _, err = run("--write-readme", "--models-dir", tmp_path / "file")
    assert status == 1
    assert "cannot be written" in err


@pytest.mark.processes
def test_the_script_lists_without_heavy_libraries(tmp_path: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-X", "importtime", "scripts/download_models.py", "--list", "--models-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "whisper/tiny.en" in listed.stdout
    imported = {line.rpartition("|")[2].strip().split(".")[0] for line in listed.stderr.splitlines()}
    heavy = {"torch", "TTS", "transformers", "tensorflow", "rasa", "numpy", "fsspec", "huggingface_hub", "requests"}
    assert not imported & heavy
