from __future__ import annotations

import hashlib
import logging
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.errors import ConfigurationError, DownloadError
from convai_rasa.options import parse_options
from convai_rasa.store.sources import jobs
from convai_rasa.store.sources.hugging_face import HuggingFace

pytestmark = pytest.mark.slow

REPO = "Systran/faster-whisper-toy"
CONFIG = b'{"layers": 1}\n'
WEIGHTS = random.Random(1).randbytes(300_000)
FILES = {"README.md": b"# Toy\n", "config.json": CONFIG, "model.bin": WEIGHTS}
WANTED = {
    name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    for name, content in FILES.items()
    if name != "README.md"
}
NAMES: dict[str, dict[str, Any]] = {"config.json": {}, "model.bin": {}}


PROGRAM = """
import sys
from pathlib import Path
from convai_rasa.store.catalogue import parse_model
from convai_rasa.store.sources.place import Order
from convai_rasa.store.progress import Progress

assert not {"requests", "huggingface_hub", "httpx"} & set(sys.modules)
repo, staging, into = sys.argv[1:]
entry = dict.fromkeys(["purpose", "use", "origin", "licence", "notice"], "") | {"component": "nlu", "languages": []}
entry |= {"files": {"config.json": {}, "model.bin": {}}, "bytes": 1, "sources": [{"hugging_face": {"repo": repo}}]}
model = parse_model("toy/echo", entry, where="test")
Path(into).mkdir()
print(model.sources[0].place.fetch(Order(model.name, model.files, Path(staging), Path(into), Progress())).revision)
"""


def environment(hub: Any, folder: Path) -> dict[str, str]:
    variables = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    variables |= {"HF_ENDPOINT": hub.url, "HF_TOKEN": hub.token, "HF_HOME": str(folder / "home")}
    variables.pop("HF_HUB_DISABLE_TELEMETRY", None)
    return variables


@pytest.fixture
def commit(hub: Any) -> str:
    return hub.add(REPO, FILES)


@pytest.fixture
def repo(commit: str) -> HuggingFace:
    return HuggingFace(repo=REPO, revision=commit)


def refused(repo: HuggingFace, order: Any) -> str:
    with pytest.raises(DownloadError) as error:
        repo.fetch(order)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_pinned_model_arrives_with_one_question_and_one_download_a_file(
    hub: Any, repo: HuggingFace, commit: str, ordered: Any, delivered: Any, progress: Any
) -> None:
    order = ordered(WANTED)
    delivery = repo.fetch(order)
    assert delivered(order) == {"config.json": CONFIG, "model.bin": WEIGHTS}
    assert (delivery.source, delivery.revision) == (f"Hugging Face hub: {REPO} at {commit[:12]}", commit)
    assert not delivery.installed
    assert not delivery.archives
    assert sorted(hub.paths(REPO)) == [
        f"{method} /{REPO}/resolve/{commit}/{name}"
        for method in ("GET", "HEAD")
        for name in ("config.json", "model.bin")
    ]
    assert progress.totals == {"toy/echo: config.json": len(CONFIG), "toy/echo: model.bin": len(WEIGHTS)}


def test_without_a_revision_main_is_asked_for_its_commit(hub: Any, commit: str, ordered: Any, delivered: Any) -> None:
    order = ordered(NAMES)
    assert HuggingFace(repo=REPO).fetch(order).revision == commit
    assert hub.paths("/api/") == [f"GET /api/models/{REPO}/revision/main"]
    assert delivered(order)["model.bin"] == WEIGHTS


def test_the_locked_revision_goes_before_main(hub: Any, commit: str, ordered: Any, delivered: Any) -> None:
    hub.add(REPO, {**FILES, "config.json": b"newer"})
    order = ordered(NAMES, revision=commit)
    assert HuggingFace(repo=REPO).fetch(order).revision == commit
    assert delivered(order)["config.json"] == CONFIG


def test_a_lock_of_another_kind_of_source_is_no_commit(hub: Any, commit: str, ordered: Any) -> None:
    assert HuggingFace(repo=REPO).fetch(ordered(NAMES, revision="v0.6.1_models")).revision == commit


def test_files_lie_under_a_prefix_and_may_have_other_names(hub: Any, ordered: Any, delivered: Any) -> None:
    commit = hub.add("rhasspy/voices", {"en/joe/model.onnx": WEIGHTS, "en/joe/model.onnx.json": CONFIG, "other": b""})
    source = HuggingFace(
        repo="rhasspy/voices", revision=commit, prefix="en/joe/", rename={"config.json": "model.onnx.json"}
    )
    order = ordered({"config.json": {}, "model.onnx": {}, "model.onnx.json": {}})
    source.fetch(order)
    assert delivered(order) == {"config.json": CONFIG, "model.onnx": WEIGHTS, "model.onnx.json": CONFIG}


def test_without_a_list_of_files_all_under_the_prefix_are_fetched(hub: Any, ordered: Any, delivered: Any) -> None:
    hub.add("a/b", {"x/one": b"1", "x/y/two": b"2", "three": b"3", "x/../../evil": b"4"})
    order = ordered()
    HuggingFace(repo="a/b", prefix="x/").fetch(order)
    assert delivered(order) == {"one": b"1", "y/two": b"2"}
    assert "has no file under z/" in refused(HuggingFace(repo="a/b", prefix="z/"), ordered())


def test_a_cut_file_goes_on_and_its_address_is_signed_anew(
    hub: Any, repo: HuggingFace, ordered: Any, delivered: Any, progress: Any
) -> None:
    hub.fail("cut", "/cdn/", times=2)
    order = ordered(WANTED)
    repo.fetch(order)
    assert delivered(order)["model.bin"] == WEIGHTS
    parts = [asked.headers.get("Range") for asked in hub.asked if asked.path.startswith("/cdn/")]
    assert parts == [None, "bytes=150000-", "bytes=225000-"]
    assert len(hub.paths("GET /" + REPO)) == 4
    assert progress.totals["toy/echo: model.bin"] == len(WEIGHTS)


def test_the_next_run_goes_on_with_what_is_missing(
    hub: Any, repo: HuggingFace, ordered: Any, delivered: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(jobs, "TRIES", 1)
    hub.fail("cut", "/cdn/")
    assert "broke off the connection, after 1 try; run this again to continue" in refused(repo, ordered(WANTED))
    hub.asked.clear()
    order = ordered(WANTED)
    repo.fetch(order)
    assert delivered(order) == {"config.json": CONFIG, "model.bin": WEIGHTS}
    assert [asked.headers.get("Range") for asked in hub.asked if asked.path.startswith("/cdn/")] == ["bytes=150000-"]


@pytest.mark.parametrize("what", [429, 500, 503, "hang"])
@pytest.mark.parametrize("where", ["HEAD", "GET /Systran", "/cdn/", "/api/"])
def test_a_hub_in_trouble_is_asked_again(
    hub: Any, commit: str, ordered: Any, delivered: Any, what: Any, where: str
) -> None:
    hub.fail(what, where, times=1 if what == "hang" else 2)
    order = ordered(WANTED)
    HuggingFace(repo=REPO).fetch(order)
    assert delivered(order) == {"config.json": CONFIG, "model.bin": WEIGHTS}
    assert [fault.times for fault in hub.faults] == [0]


def test_what_lies_in_xet_storage_comes_over_plain_http(
    hub: Any, repo: HuggingFace, ordered: Any, delivered: Any
) -> None:
    hub.xet = True
    order = ordered(WANTED)
    repo.fetch(order)
    assert delivered(order)["model.bin"] == WEIGHTS
    assert hub.paths("xet") == []


def test_a_slow_hub_is_a_hub(hub: Any, repo: HuggingFace, ordered: Any, delivered: Any) -> None:
    hub.fail("slow", "/cdn/")
    order = ordered(WANTED)
    repo.fetch(order)
    assert delivered(order)["model.bin"] == WEIGHTS


def test_a_hub_that_stays_in_trouble_is_one_sentence(hub: Any, repo: HuggingFace, ordered: Any) -> None:
    hub.fail(500, times=999)
    said = refused(repo, ordered(WANTED))
    assert said == f"127.0.0.1:{hub.port} answers HTTP 500, after 5 tries; run this again later"


@pytest.mark.parametrize(
    "headers", [{"Retry_After": "900"}, {"ratelimit": '"api";r=0;t=900', "Retry_After": "1"}], ids=["seconds", "limits"]
)
def test_a_rate_limit_of_a_quarter_of_an_hour_is_said_and_not_waited_for(
    hub: Any, repo: HuggingFace, ordered: Any, headers: Any
) -> None:
    hub.fail(429, "HEAD", times=99, **headers)
    said = refused(repo, ordered({"model.bin": {}}))
    assert said.endswith("answers HTTP 429, and asks to wait 900 seconds; run this again after that")
    assert len(hub.asked) == 1


def test_a_private_repository_asks_for_a_token(
    hub: Any, repo: HuggingFace, ordered: Any, delivered: Any, monkeypatch: Any
) -> None:
    hub.private.add(REPO)
    host = f"127.0.0.1:{hub.port}"
    assert refused(repo, ordered(WANTED)) == (
        f"{host} has no {REPO}, or does not show it to everybody (HTTP 401); check its name, and set HF_TOKEN to a "
        "token of an account that may read it"
    )
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert refused(repo, ordered(WANTED)) == f"{host} does not accept the token (HTTP 401); set HF_TOKEN to a valid one"
    monkeypatch.setenv("HF_TOKEN", hub.token)
    order = ordered(WANTED)
    repo.fetch(order)
    assert delivered(order)["model.bin"] == WEIGHTS
    assert {asked.headers.get("Authorization") for asked in hub.asked if asked.path.startswith("/cdn/")} == {None}


def test_a_stored_login_counts_like_the_variable(
    hub: Any, repo: HuggingFace, ordered: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    hub.private.add(REPO)
    (tmp_path / "token").write_text(hub.token)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
    repo.fetch(ordered(WANTED))


def test_a_gated_repository_asks_to_accept_its_licence(
    hub: Any, repo: HuggingFace, ordered: Any, monkeypatch: Any
) -> None:
    hub.gated.add(REPO)
    ask = f"{REPO} asks you to accept its license first (HTTP 401); do that on its page at 127.0.0.1:{hub.port}, and "
    assert refused(repo, ordered(WANTED)) == ask + "set HF_TOKEN to a token of the account you did it with"


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_says_what_to_check(hub: Any, repo: HuggingFace, ordered: Any, monkeypatch: Any, status: int) -> None:
    monkeypatch.setenv("HF_TOKEN", hub.token)
    hub.fail(status, times=9)
    said = refused(repo, ordered(WANTED))
    assert f"(HTTP {status}); check its name, and use an HF_TOKEN of an account that may read it" in said
    assert hub.token not in said


def test_what_the_repository_lacks_is_named(hub: Any, repo: HuggingFace, commit: str, ordered: Any) -> None:
    assert refused(repo, ordered({"vocabulary.txt": {}})) == f"{REPO} has no vocabulary.txt (HTTP 404)"
    other = HuggingFace(repo=REPO, revision="0" * 40)
    assert f"{REPO} has no such revision (HTTP 404)" in refused(other, ordered(NAMES))
    said = refused(HuggingFace(repo="nobody/nothing"), ordered(NAMES))
    assert "has no nobody/nothing, or does not show it to everybody (HTTP 401)" in said


def test_a_hub_out_of_reach_is_named(repo: HuggingFace, ordered: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert refused(repo, ordered(WANTED)) == (
        "127.0.0.1:9 could not be reached, after 3 tries; check the network, and HTTPS_PROXY if you need a proxy"
    )


@pytest.mark.parametrize("endpoint", ["huggingface.co", "ftp://huggingface.co", "https://"])
def test_an_endpoint_that_is_no_address_is_said(
    repo: HuggingFace, ordered: Any, monkeypatch: Any, endpoint: str
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    assert (
        refused(repo, ordered(WANTED))
        == "HF_ENDPOINT is not a valid address; set it to one such as https://huggingface.co"
    )


@pytest.mark.parametrize("answer", [b"<html>Welcome</html>", b"[]", b'{"id": "x"}'])
def test_a_web_server_that_is_no_hub_is_said(hub: Any, commit: str, ordered: Any, answer: bytes) -> None:
    hub.pages[f"/api/models/{REPO}/revision/main"] = answer
    hub.pages[f"/{REPO}/resolve/{commit}/config.json"] = answer
    for source in (HuggingFace(repo=REPO), HuggingFace(repo=REPO, revision=commit)):
        assert "does not answer as a Hugging Face hub does; check HF_ENDPOINT and the proxy" in refused(
            source, ordered({"config.json": {}})
        )


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_nothing_is_asked(hub: Any, repo: HuggingFace, ordered: Any, monkeypatch: Any, name: str) -> None:
    monkeypatch.setenv(name, "1")
    assert refused(repo, ordered(WANTED)) == "the Hugging Face hub is not contacted while HF_HUB_OFFLINE is set"
    assert hub.asked == []


@pytest.mark.parametrize("where", ["/cdn/", "GET /Systran"])
def test_other_bytes_than_the_hub_announces_are_refused_even_without_a_known_hash(
    hub: Any, repo: HuggingFace, ordered: Any, delivered: Any, where: str
) -> None:
    hub.fail("wrong", where)
    name = "model.bin" if where == "/cdn/" else "config.json"
    assert f"{name} arrived from 127.0.0.1:{hub.port} as a different file than announced" in refused(
        repo, ordered({name: {}})
    )
    order = ordered({name: {}})
    repo.fetch(order)
    assert delivered(order) == {name: FILES[name]}


def test_another_size_than_published_is_refused_before_it_is_fetched(hub: Any, repo: HuggingFace, ordered: Any) -> None:
    said = refused(repo, ordered({"model.bin": {"bytes": 5, "sha256": "0" * 64}}))
    assert "model.bin at 127.0.0.1" in said
    assert "5 bytes expected, 300,000 found" in said


def test_one_file_that_fails_stops_the_others(hub: Any, ordered: Any) -> None:
    hub.add("a/b", {f"{number}.bin": bytes([number]) * 50_000 for number in range(20)})
    hub.fail("slow", "/cdn/", times=20)
    hub.fail(404, "HEAD /a/b/resolve")
    refused(HuggingFace(repo="a/b"), ordered({f"{number}.bin": {} for number in range(20)}))
    assert len(hub.paths("HEAD")) < 20


def test_few_files_are_fetched_at_once(hub: Any, ordered: Any) -> None:
    hub.add("a/b", {f"{number}.bin": bytes([number]) * 50_000 for number in range(12)})
    hub.fail("slow", "/cdn/", times=12)
    HuggingFace(repo="a/b").fetch(ordered({f"{number}.bin": {} for number in range(12)}))
    assert 1 < hub.most_at_once <= 4


def test_the_client_says_nothing_on_the_console(
    hub: Any, repo: HuggingFace, ordered: Any, capfd: Any, caplog: Any
) -> None:
    hub.fail(500, "HEAD", times=2, X_HF_Warning="unauthenticated; You are sending unauthenticated requests.")
    hub.fail("cut", "/cdn/")
    repo.fetch(ordered(WANTED))
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.processes
def test_a_fresh_program_follows_the_variables_and_keeps_to_itself(hub: Any, commit: str, tmp_path: Path) -> None:
    """The client reads most of its variables when it is imported; what it is asked for is all it asks for."""
    hub.private.add(REPO)
    command = [sys.executable, "-c", PROGRAM, REPO, str(tmp_path / "staging"), str(tmp_path / "into")]
    ran = subprocess.run(command, env=environment(hub, tmp_path), capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == (commit + "\n", "")
    assert (tmp_path / "into" / "model.bin").read_bytes() == WEIGHTS
    assert not (tmp_path / "home").exists()
    assert {asked.path.split("/")[1] for asked in hub.asked} == {"api", "Systran", "cdn"}
    assert hub.paths("/api/") == [f"GET /api/models/{REPO}/revision/main"]


@pytest.mark.processes
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_program_that_is_stopped_ends_soon_and_the_next_goes_on(
    hub: Any, commit: str, tmp_path: Path, how: signal.Signals
) -> None:
    hub.fail("silent", "/cdn/")  # half of it, and then nothing
    command = [sys.executable, "-c", PROGRAM, REPO, str(tmp_path / "staging"), str(tmp_path / "into")]
    with subprocess.Popen(command, env=environment(hub, tmp_path), stderr=subprocess.DEVNULL) as program:
        part = tmp_path / "staging" / "files" / "model.bin"
        while not part.exists() or part.stat().st_size < len(WEIGHTS) // 2:
            assert program.poll() is None
            threading.Event().wait(0.01)
        program.send_signal(how)
        assert program.wait(10) != 0  # READ_SECONDS is 20
    (tmp_path / "into").rmdir()
    assert subprocess.run(command, env=environment(hub, tmp_path), stdout=subprocess.DEVNULL, check=True)
    assert (tmp_path / "into" / "model.bin").read_bytes() == WEIGHTS
    ranges = [asked.headers.get("Range") for asked in hub.asked if asked.path.startswith("/cdn/")]
    assert ranges == [None, f"bytes={len(WEIGHTS) // 2}-"]


@pytest.mark.parametrize(
    "options",
    [
        {"repo": "a/b/c"},
        {"repo": "../x"},
        {"repo": "a/b", "revision": "main"},
        {"repo": "a/b", "prefix": "/x/"},
        {"repo": "a/b", "prefix": "x"},
        {"repo": "a/b", "branch": "main"},
    ],
)
def test_impossible_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        parse_options(HuggingFace, options, where="test")


def test_words() -> None:
    assert (
        str(HuggingFace(repo="a/b", revision="0123456789abcdef" + "0" * 24)) == "Hugging Face hub: a/b at 0123456789ab"
    )
    assert str(HuggingFace(repo="bert")) == "Hugging Face hub: bert"
