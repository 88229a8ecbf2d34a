from __future__ import annotations

import json
from pathlib import Path

import pytest
from object_stores import Store, gs_error, s3_error

from convai_rasa.errors import ConfigurationError, ModelCorrupt, ModelError, ModelNotFound
from convai_rasa.store.choice import open_remote
from convai_rasa.store.manifest import MANIFEST
from convai_rasa.store.names import Name
from convai_rasa.store.progress import Progress
from convai_rasa.store.publishing.uploading import Push, describe, find_models, push_model
from convai_rasa.store.sources import drivers, jobs
from convai_rasa.store.sources.mirror import UNFINISHED

pytestmark = pytest.mark.processes  # servers, and drivers that take half a second to start

WEIGHTS = bytes(range(256)) * 4_000
ECHO = Name("nlu", "echo")
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d' * 32}\nsize 1024000\n"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "FIRST_WAIT_SECONDS", 0.0)


@pytest.fixture
def echo(tree: Path) -> Path:
    """An installed model of two files."""
    return install(tree / "nlu/echo", {"config.json": b"{}", "sub/weights.bin": WEIGHTS}, "nlu/echo")


def install(folder: Path, files: dict[str, bytes], name: str) -> Path:
    for file, content in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(content)
    (folder / MANIFEST).unlink(missing_ok=True)
    manifest = describe(Name("nlu", "x"), folder)
    fields = {"name": name, "source": "a test", "licence": "CC0", "published": {}, "conversion": None}
    listed = {file: {"size": known.size, "sha256": known.sha256} for file, known in manifest.files.items()}
    (folder / MANIFEST).write_text(json.dumps({**fields, "difference": None, "files": listed}))
    return folder


def push(folder: Path, url: str, name: Name = ECHO, *, dry_run: bool = False) -> Push:
    with open_remote(url) as remote:
        return push_model(name, folder, describe(name, folder), remote, dry_run=dry_run)


def test_a_model_is_pushed_once(store: Store, echo: Path) -> None:
    assert push(echo, store.url) == Push(ECHO, 2, len(WEIGHTS) + 2, True)
    assert store.names() == ["nlu/echo/config.json", f"nlu/echo/{MANIFEST}", "nlu/echo/sub/weights.bin"]
    assert store.get("nlu/echo/sub/weights.bin") == WEIGHTS
    assert store.get(f"nlu/echo/{MANIFEST}") == (echo / MANIFEST).read_bytes()
    store.proxy.seen.clear()
    assert push(echo, store.url) == Push(ECHO, 0, 0, False)
    assert {method for method, _ in store.proxy.seen} <= {"GET", "HEAD"}


def test_a_dry_run_writes_nothing(store: Store, echo: Path) -> None:
    assert push(echo, store.url, dry_run=True) == Push(ECHO, 2, len(WEIGHTS) + 2, True)
    assert store.names() == []


def test_the_manifest_goes_first_and_comes_last(store: Store, echo: Path) -> None:
    push(echo, store.url)
    (echo / "sub/weights.bin").write_bytes(WEIGHTS[::-1])
    install(echo, {}, "nlu/echo")
    there: list[list[str]] = []
    store.proxy.before = lambda method, path: there.append(store.names()) if method in ("PUT", "POST") else None
    assert push(echo, store.url).files == 1
    at = f"nlu/echo/{MANIFEST}"
    assert at in there[0], "nothing has been touched yet"
    assert all(at not in names and f"nlu/echo/{UNFINISHED}" in names for names in there[1:])
    assert len(there) == 3
    assert store.get("nlu/echo/sub/weights.bin") == WEIGHTS[::-1]
    assert f"nlu/echo/{UNFINISHED}" not in store.names()


def test_a_push_that_was_cut_goes_on(store: Store, echo: Path) -> None:
    def refuse(method: str, path: str) -> None:
        if method in ("PUT", "POST") and len(store.names()) == 3:  # all but the manifest
            store.proxy.answers = [(403, s3_error("AccessDenied") if store.scheme == "s3" else gs_error(403))]

    store.proxy.before = refuse
    with pytest.raises(ModelError, match=rf"^nlu/echo could not be pushed to {store.url}: access to the bucket speech"):
        push(echo, store.url)
    assert f"nlu/echo/{MANIFEST}" not in store.names()
    store.proxy.before = lambda method, path: None
    assert push(echo, store.url) == Push(ECHO, 0, 0, True), "both files are known by their hashes"
    assert f"nlu/echo/{MANIFEST}" in store.names()


@pytest.fixture
def large(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model whose file goes up in parts."""
    monkeypatch.setattr(drivers, "PART_BYTES", 5 << 20)
    return install(tree / "nlu/echo", {"weights.bin": WEIGHTS * 13}, "nlu/echo")


def test_a_large_file_goes_up_in_parts(store: Store, large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    with open_remote(store.url) as remote:
        monkeypatch.setattr(Progress, "_count", lambda self, count: counted.append(count))
        push_model(ECHO, large, describe(ECHO, large), remote)
    assert store.get("nlu/echo/weights.bin") == WEIGHTS * 13
    assert sum(counted) == len(WEIGHTS) * 13
    assert len(counted) > 1


def test_a_failure_in_the_middle_of_a_large_file_is_made_good(store: Store, large: Path) -> None:
    parts = fail_at_a_part(store, 500, s3_error("InternalError") if store.scheme == "s3" else gs_error(500))
    push(large, store.url)
    assert store.get("nlu/echo/weights.bin") == WEIGHTS * 13
    assert len(parts) > 3


def test_a_refusal_in_the_middle_of_a_large_file_is_told(store: Store, large: Path) -> None:
    fail_at_a_part(store, 403, s3_error("AccessDenied") if store.scheme == "s3" else gs_error(403))
    with pytest.raises(ModelError, match=r"could not be pushed to .*: access to the bucket speech is denied"):
        push(large, store.url)
    assert f"nlu/echo/{MANIFEST}" not in store.names()


def fail_at_a_part(store: Store, status: int, body: bytes) -> list[str]:
    """Let the second part of a large file fail once; returns a list of all parts that will have come."""
    parts: list[str] = []

    def fail(method: str, path: str) -> None:
        if "partNumber=" in path or "upload_id=" in path:
            parts.append(path)
            if len(parts) == 2:
                store.proxy.answers = [(status, body)]

    store.proxy.before = fail
    return parts


def test_a_folder_of_ones_own_gets_a_manifest_there_alone(store: Store, tree: Path) -> None:
    own = tree / "nlu/own"
    own.mkdir(parents=True)
    (own / "model.safetensors").write_bytes(WEIGHTS)
    (own / ".git").mkdir()
    (own / ".git/config").write_text("x")
    push(own, store.url, Name("nlu", "own"))
    assert store.names() == [f"nlu/own/{MANIFEST}", "nlu/own/model.safetensors"]
    manifest = json.loads(store.get(f"nlu/own/{MANIFEST}"))
    assert manifest["name"] == "nlu/own"
    assert set(manifest["files"]) == {"model.safetensors"}
    assert not (own / MANIFEST).exists()
    assert push(own, store.url, Name("nlu", "own")).described is False


def test_a_damaged_model_is_not_pushed(echo: Path) -> None:
    (echo / "sub/weights.bin").write_bytes(WEIGHTS[::-1])
    with pytest.raises(ModelCorrupt, match=r"sub/weights\.bin differs: SHA-256"):
        describe(ECHO, echo)
    (echo / "sub/weights.bin").write_text(POINTER)
    with pytest.raises(ModelCorrupt, match=r"sub/weights\.bin is a git-LFS pointer"):
        describe(ECHO, echo)


def test_a_folder_takes_models_too(tmp_path: Path, echo: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"There is no folder .*share; create it first"):
        push(echo, str(tmp_path / "share"))
    (tmp_path / "share").mkdir()
    push(echo, (tmp_path / "share").as_uri())
    assert (tmp_path / "share/nlu/echo/sub/weights.bin").read_bytes() == WEIGHTS
    assert push(echo, str(tmp_path / "share")).files == 0


@pytest.mark.parametrize("place", ["https://host/models", "s3://", "s3://key:secret@bucket/models"])
def test_what_cannot_be_pushed_to_is_told(echo: Path, place: str) -> None:
    with pytest.raises(ConfigurationError, match=r"https:// cannot be used here|must look like s3://bucket/folder"):
        push(echo, place)


def test_all_models_of_a_tree_are_found_with_their_versions(tree: Path, echo: Path) -> None:
    for name in ("v1.0", "v2.0"):
        install(tree / "nlu" / name / "intents", {"x": b"x"}, f"nlu/intents@{name}")
    (tree / "nlu/current").mkdir()
    (tree / "nlu/current/intents").symlink_to("../v1.0/intents")
    (tree / "whisper/base").mkdir(parents=True)  # half of one: there is no manifest
    (tree / "whisper/mine").mkdir()
    (tree / ".staging/x/y").mkdir(parents=True)
    (tree / "README.md").write_text("x")
    assert list(map(str, find_models(tree, []))) == [
        "nlu/echo",
        "nlu/intents@v1.0",
        "nlu/intents@v2.0",
        "whisper/mine",
    ]
    named = find_models(tree, ["nlu/intents", "nlu/intents@latest", "nlu/echo"])
    assert list(map(str, named)) == ["nlu/intents@v1.0", "nlu/intents@v2.0", "nlu/echo"]
    with pytest.raises(ModelNotFound, match="nlu/nothing"):
        find_models(tree, ["nlu/nothing"])
    with pytest.raises(ConfigurationError, match="no name to push it under"):
        find_models(tree, [str(tree.parent)])


def test_a_tree_is_not_pushed_into_itself(tree: Path, echo: Path) -> None:
    with pytest.raises(ConfigurationError, match="is where the models already are"):
        push(echo, str(tree))
