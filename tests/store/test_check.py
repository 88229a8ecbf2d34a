from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.errors import DownloadError, ModelCorrupt
from convai_rasa.store.catalogue import parse_model
from convai_rasa.store.check import LOCK_FILE, LockedModel, check_delivery, lock_model, read_lock
from convai_rasa.store.installing import Wishes, fetch_model
from convai_rasa.store.manifest import MANIFEST, read_manifest
from convai_rasa.store.sources.place import Delivery

ENTRY = LockedModel("somewhere", "abc", {"a": "1"})


def test_what_is_locked_is_read_back_in_the_order_of_names(tmp_path: Path) -> None:
    assert read_lock(tmp_path) == {}
    lock_model(tmp_path, "toy/b", ENTRY)
    lock_model(tmp_path, "toy/a", ENTRY)
    assert read_lock(tmp_path) == {"toy/a": ENTRY, "toy/b": ENTRY}
    assert list(json.loads((tmp_path / LOCK_FILE).read_text())["models"]) == ["toy/a", "toy/b"]


@pytest.mark.parametrize("text", ["[", "[]", '{"models": {"toy/a": {}}}'])
def test_a_lock_file_that_is_none_is_refused_with_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / LOCK_FILE).write_text(text)
    with pytest.raises(ModelCorrupt, match=r"models\.lock is not a list .* restore it from version control"):
        read_lock(tmp_path)


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A folder that has the published files of toy/echo."""
    folder = tmp_path / "mirror/toy/echo"
    (folder / "sub").mkdir(parents=True)
    (folder / "config.json").write_bytes(b'{"layers": 1}\n')
    (folder / "sub/weights.bin").write_bytes(bytes(range(256)) * 4_000)
    return tmp_path / "mirror"


@pytest.fixture
def unhashed(entry: dict[str, Any]) -> Any:
    """toy/echo, of whose weights no hash was published."""
    entry["files"]["sub/weights.bin"] = {}
    return parse_model("toy/echo", {**entry, "bytes": 1_024_014}, where="test")


def test_what_has_no_hash_is_trusted_once_and_then_expected(mirror: Path, unhashed: Any, tree: Path) -> None:
    wishes = Wishes(source=str(mirror), force=True)
    fetch_model(unhashed, tree, wishes)
    locked = read_lock(tree)["toy/echo"]
    assert set(locked.files) == {"sub/weights.bin"}, "the other file has a hash in the catalogue"
    assert locked.files["sub/weights.bin"] == read_manifest(tree / "toy/echo").published["sub/weights.bin"]
    fetch_model(unhashed, tree, wishes)
    (mirror / "toy/echo/sub/weights.bin").write_bytes(b"another")
    with pytest.raises(DownloadError, match=r"weights\.bin is not the file it was before: models\.lock has SHA-256"):
        fetch_model(unhashed, tree, wishes)
    assert (tree / "toy/echo/sub/weights.bin").stat().st_size == 1_024_000, "what was installed is untouched"
    (tree / LOCK_FILE).unlink()
    fetch_model(unhashed, tree, wishes)
    assert (tree / "toy/echo/sub/weights.bin").read_bytes() == b"another"


def test_what_has_hashes_needs_no_lock(mirror: Path, model: Any, tree: Path) -> None:
    fetch_model(model, tree, Wishes(source=str(mirror)))
    assert not (tree / LOCK_FILE).exists()


def test_a_pointer_of_git_lfs_is_not_taken_for_the_file(mirror: Path, unhashed: Any) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 1024000\n"
    (mirror / "toy/echo/sub/weights.bin").write_text(pointer)
    with pytest.raises(DownloadError, match=r"git-LFS pointer .* git lfs pull"):
        check_delivery(unhashed, mirror / "toy/echo", Delivery("a test"), {})


def test_nothing_delivered_is_no_model(tmp_path: Path, entry: dict[str, Any]) -> None:
    archive = parse_model("toy/echo", {**entry, "files": {}, "bytes": 1}, where="test")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DownloadError, match="nothing was delivered"):
        check_delivery(archive, tmp_path / "empty", Delivery("a test"), {})


def test_what_somebody_else_installed_is_trusted_once_where_the_catalogue_cannot_tell(
    mirror: Path, unhashed: Any, tree: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    fetch_model(unhashed, shared, Wishes(source=str(mirror)))
    fetch_model(unhashed, tree, Wishes(source=str(shared)))
    assert set(read_lock(tree)["toy/echo"].files) == {"sub/weights.bin"}, "not our own notice, which may be reworded"
    (shared / "toy/echo/config.json").write_bytes(b"{}")
    manifest = json.loads((shared / "toy/echo" / MANIFEST).read_text())
    manifest["files"]["config.json"] = {"size": 2, "sha256": hashlib.sha256(b"{}").hexdigest()}
    manifest["archives"] = {"any.whl": "0" * 64}
    (shared / "toy/echo" / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(DownloadError, match="made from different files than the catalog lists"):
        fetch_model(unhashed, tree, Wishes(source=str(shared), force=True))
    del manifest["archives"]
    (shared / "toy/echo" / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(DownloadError, match=r"config\.json is not the published file"):
        fetch_model(unhashed, tree, Wishes(source=str(shared), force=True))
