"""The whole way: fetched from a folder, pushed to a bucket, and fetched from there into another tree."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from object_stores import Store

from convai_rasa.cli import main
from convai_rasa.store.manifest import MANIFEST
from convai_rasa.store.resolving import resolve
from convai_rasa.store.sources import jobs
from convai_rasa.store.sources.mirror import UNFINISHED

pytestmark = pytest.mark.processes  # servers, and drivers that take half a second to start


@pytest.fixture(params=["s3", "gs"])
def bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(jobs, "FIRST_WAIT_SECONDS", 0.0)
    found: Store = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def installed(toys: Path, store: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A tree with two toys."""
    assert main(["models", "whisper/toy", "nlu/toy", "--source", str(store)]) == 0
    capsys.readouterr()
    return toys


def test_models_are_pushed_and_fetched_from_there(
    bucket: Store, installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "push", bucket.url, "--dry-run"]) == 0
    assert bucket.names() == []
    assert f"{bucket.url}: 2 models would be pushed, 0 models already there." in capsys.readouterr().out
    assert main(["models", "push", bucket.url]) == 0
    told = capsys.readouterr().out
    assert "whisper/toy: 3 files, 1.0 MB, uploaded" in told
    assert f"Fetch with: convai models --source {bucket.url} nlu/toy whisper/toy" in told
    other = tmp_path / "other/models"
    assert main(["models", "whisper/toy", "--source", bucket.url, "--models-dir", str(other)]) == 0
    files = {path.name for path in (other / "whisper/toy").rglob("*")}
    assert files == {"config.json", "sub", "weights.bin", "NOTICE.txt", MANIFEST}
    assert resolve("whisper/toy", models_dir=other) == other / "whisper/toy"
    assert main(["models", "--verify", "whisper/toy", "--models-dir", str(other)]) == 0
    assert main(["models", "push", bucket.url, "nlu/job"]) == 0
    assert "nlu/toy: already there" in capsys.readouterr().out


def test_json_says_what_was_pushed_and_what_was_not(
    s3: Store, installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (installed / "nlu/toy/sub/weights.bin").write_bytes(bytes(1_024_000))
    assert main(["models", "push", s3.url, "--json"]) == 1
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert report["pushed"] == [
        {"name": "whisper/toy", "files": 3, "bytes": report["pushed"][0]["bytes"], "present": False}
    ]
    assert list(report["failed"]) == ["nlu/toy"]
    assert "nlu/toy is not pushed: " in told.err
    assert not [name for name in s3.names() if name.startswith("nlu/")]


def test_what_is_no_bucket_is_one_sentence_without_what_may_be_a_secret(
    toys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (toys / "nlu/mine").mkdir(parents=True)
    (toys / "nlu/mine/x.bin").write_bytes(b"x")
    for arguments in (["push", "s3://me:secret@bucket"], ["nlu/toy", "--source", "s3://me:secret@bucket"]):
        assert main(["models", *arguments]) == 1
        told = capsys.readouterr().err
        assert "url: must look like s3://bucket/folder or gs://bucket/folder, without credentials in it." in told
        assert "secret" not in told


def test_an_empty_tree_has_nothing_to_push(toys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "push", "s3://speech/models"]) == 1
    assert capsys.readouterr().err == f"convai: There is no model in {toys}, so there is nothing to push.\n"


def test_half_a_push_is_refused_and_the_whole_is_taken(
    bucket: Store, installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "push", bucket.url, "whisper/toy"]) == 0
    manifest = bucket.get(f"whisper/toy/{MANIFEST}")
    bucket.delete(f"whisper/toy/{MANIFEST}")
    bucket.put(f"whisper/toy/{UNFINISHED}", b"")
    fetch = ["whisper/toy", "--source", bucket.url, "--models-dir", str(tmp_path / "other/models")]
    assert main(["models", *fetch]) == 1
    said = capsys.readouterr().err
    assert "whisper/toy is being pushed right now, or a push was interrupted; wait, or push it again" in said
    assert not (tmp_path / "other/models/whisper/toy").exists()
    bucket.put(f"whisper/toy/{MANIFEST}", manifest)
    assert main(["models", *fetch]) == 0


def test_wrong_bytes_under_an_intact_manifest_are_refused_and_fetched_anew(
    bucket: Store, installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "push", bucket.url, "whisper/toy"]) == 0
    right = bucket.get("whisper/toy/sub/weights.bin")
    bucket.put("whisper/toy/sub/weights.bin", right[::-1])
    fetch = ["whisper/toy", "--source", bucket.url, "--models-dir", str(tmp_path / "other/models")]
    assert main(["models", *fetch]) == 1
    assert "sub/weights.bin is not the published file: SHA-256" in capsys.readouterr().err
    assert not (tmp_path / "other/models/whisper/toy").exists()
    bucket.put("whisper/toy/sub/weights.bin", right)
    assert main(["models", *fetch]) == 0


def test_a_manifest_that_was_forged_does_not_replace_the_catalogue(
    s3: Store, installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "push", s3.url, "whisper/toy"]) == 0
    manifest = json.loads(s3.get(f"whisper/toy/{MANIFEST}"))
    manifest["files"]["config.json"] = {"size": 2, "sha256": hashlib.sha256(b"{}").hexdigest()}
    s3.put(f"whisper/toy/{MANIFEST}", json.dumps(manifest).encode())
    s3.put("whisper/toy/config.json", b"{}")
    assert main(["models", "whisper/toy", "--source", s3.url, "--models-dir", str(tmp_path / "other/models")]) == 1
    assert "config.json is not the published file" in capsys.readouterr().err


def test_pushing_and_fetching_leave_nothing_on_the_console(bucket: Store, toys: Path, tmp_path: Path) -> None:
    (toys / "nlu/mine").mkdir(parents=True)
    (toys / "nlu/mine/model.safetensors").write_bytes(bytes(6 << 20))  # two requests to Google's emulator
    convai = [sys.executable, "-m", "convai_rasa.cli", "models"]
    for arguments in (["push", bucket.url], ["nlu/mine", "--source", bucket.url, "--models-dir", str(tmp_path / "m")]):
        run = subprocess.run([*convai, *arguments], capture_output=True, text=True)
        assert (run.returncode, run.stderr) == (0, "")
    assert (tmp_path / "m/nlu/mine/model.safetensors").read_bytes() == bytes(6 << 20)


def test_ctrl_c_ends_a_push_and_leaves_no_parts_that_would_be_paid_for(s3: Store, toys: Path) -> None:
    (toys / "nlu/mine").mkdir(parents=True)
    (toys / "nlu/mine/model.safetensors").write_bytes(bytes(40 << 20))
    pushing = subprocess.Popen(
        [sys.executable, "-m", "convai_rasa.cli", "models", "push", s3.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell may have had it ignored
    )

    def interrupt(method: str, path: str) -> None:
        if "partNumber=1" in path:
            s3.proxy.before = lambda method, path: None
            pushing.send_signal(signal.SIGINT)

    s3.proxy.before = interrupt
    out, err = pushing.communicate()
    assert (pushing.returncode, out, err) == (130, "", "Stopped; run the same command again to continue.\n")
    assert s3.unfinished_uploads() == []
    assert s3.names() == [f"nlu/mine/{UNFINISHED}"]


@pytest.fixture
def intents(toys: Path, tmp_path: Path) -> Path:
    """Two versions of a model of one's own, as ``convai models publish`` puts them into the tree."""
    for number in (1, 2):
        folder = toys / f"nlu/v{number}.0/intents"
        folder.mkdir(parents=True)
        (folder / "intent_classifier.json").write_text(json.dumps({"version": number}))
        content = (folder / "intent_classifier.json").read_bytes()
        listed = {"intent_classifier.json": {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}}
        fields = {"source": "a test", "licence": "", "published": {}, "conversion": None, "difference": None}
        manifest = {"name": f"nlu/intents@v{number}.0", "files": listed, **fields}
        (folder / MANIFEST).write_text(json.dumps(manifest))
    return toys


def test_models_of_ones_own_and_their_versions_travel_too(
    bucket: Store, intents: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (intents / "nlu/mine").mkdir()
    (intents / "nlu/mine/model.safetensors").write_bytes(bytes(2000))
    (intents / "nlu/mine/Straße #1?x=50%41 +.txt").write_bytes(b"")
    assert main(["models", "push", bucket.url]) == 0
    assert f"Fetch with: convai models --source {bucket.url} nlu/mine nlu/intents@v1.0" in capsys.readouterr().out
    other = tmp_path / "other/models"
    names = ["nlu/intents@v1.0", "nlu/intents@v2.0", "nlu/mine"]
    assert main(["models", *names, "--source", bucket.url, "--models-dir", str(other), "--dry-run"]) == 0
    assert f"nlu/mine: 2.0 kB from the {bucket.url}" in capsys.readouterr().out
    assert main(["models", *names, "--source", bucket.url, "--models-dir", str(other)]) == 0
    for number in (1, 2):
        folder = resolve(f"nlu/intents@v{number}.0", models_dir=other)
        assert json.loads((folder / "intent_classifier.json").read_text()) == {"version": number}
    assert (other / "nlu/mine/model.safetensors").read_bytes() == bytes(2000)
    assert (other / "nlu/mine/Straße #1?x=50%41 +.txt").read_bytes() == b""
    assert main(["models", "--verify", "--models-dir", str(other)]) == 0


def test_a_model_that_is_there_in_versions_alone_is_told(
    s3: Store, intents: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "push", s3.url]) == 0
    other = ["--source", s3.url, "--models-dir", str(tmp_path / "other/models")]
    capsys.readouterr()
    assert main(["models", "nlu/intents", *other]) == 1
    assert capsys.readouterr().err == (
        f"convai: nlu/intents is not in the catalog; {s3.url}: there is no nlu/intents, but nlu/intents@v1.0, "
        "nlu/intents@v2.0.\n"
    )
    assert main(["models", "nlu/nothing", *other]) == 1
    assert f"convai: nlu/nothing is not in the catalog; {s3.url}: there is no nlu/nothing.\n" == capsys.readouterr().err
    assert main(["models", "nlu/nothing", *other, "--offline"]) == 1
    assert "There is no model 'nlu/nothing' in the catalog" in capsys.readouterr().err
    s3.put("nlu/raw/model.bin", bytes(2000))
    assert main(["models", "nlu/raw", *other]) == 1
    assert "nlu/raw has no convai-model.json there, so it may be incomplete" in capsys.readouterr().err
