from __future__ import annotations

import dataclasses
import os
import threading
from pathlib import Path

import pytest

from convai_rasa.errors import DownloadError
from convai_rasa.store.catalogue import Model
from convai_rasa.store.manifest import MANIFEST
from convai_rasa.store.sources import mirror
from convai_rasa.store.sources.folder import Folder
from convai_rasa.store.sources.place import Order

CONFIG = b'{"layers": 1}\n'
WEIGHTS = bytes(range(256)) * 4_000
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d' * 32}\nsize 1024000\n"


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """A folder that holds toy/echo as its publisher put it out."""
    share = tmp_path / "share"
    (share / "toy/echo/sub").mkdir(parents=True)
    (share / "toy/echo/config.json").write_bytes(CONFIG)
    (share / "toy/echo/sub/weights.bin").write_bytes(WEIGHTS)
    return share


def next_run(order: Order) -> Order:
    """The same order, given again after the first has failed."""
    return dataclasses.replace(order, stop=threading.Event())


def test_a_model_is_copied_not_linked(share: Path, order: Order) -> None:
    delivery = Folder(path=str(share)).fetch(order)
    assert (delivery.source, delivery.installed) == (f"folder {share}", False)
    copy = order.into / "sub/weights.bin"
    assert copy.read_bytes() == WEIGHTS
    assert (order.into / "config.json").read_bytes() == CONFIG
    assert not os.path.samefile(copy, share / "toy/echo/sub/weights.bin")
    assert list(order.staging.iterdir()) == []


def test_links_to_files_are_copied_as_files_and_hidden_files_are_left(share: Path, order: Order, model: Model) -> None:
    weights = share / "toy/echo/sub/weights.bin"
    weights.rename(share / "blob")
    weights.symlink_to("../../../blob")
    (share / "toy/echo/.cache").mkdir()
    (share / "toy/echo/.cache/x").write_text("x")
    Folder(path=str(share)).fetch(dataclasses.replace(order, files={}))
    assert sorted(path.name for path in order.into.rglob("*")) == ["config.json", "sub", "weights.bin"]
    assert not (order.into / "sub/weights.bin").is_symlink()


def test_the_next_run_goes_on_with_what_was_copied(share: Path, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "WINDOW_BYTES", 400_000)
    read, asked = Folder.read, []

    def cut(self: Folder, name: str, start: int, end: int) -> bytes:
        asked.append((name, start))
        if start > 400_000:
            raise DownloadError("the share is gone")
        return read(self, name, start, end)

    monkeypatch.setattr(Folder, "read", cut)
    with pytest.raises(DownloadError, match=f"^folder {share}: the share is gone$"):
        Folder(path=str(share)).fetch(order)
    assert list(order.into.iterdir()) == []
    monkeypatch.setattr(Folder, "read", read)
    monkeypatch.setattr(mirror, "WINDOW_BYTES", 1_000_000)
    Folder(path=str(share)).fetch(next_run(order))
    assert (order.into / "sub/weights.bin").read_bytes() == WEIGHTS
    assert ("toy/echo/sub/weights.bin", 800_000) in asked


def test_what_was_copied_of_another_version_is_not_continued(
    share: Path, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights, read = share / "toy/echo/sub/weights.bin", Folder.read
    monkeypatch.setattr(mirror, "WINDOW_BYTES", 400_000)

    def change(self: Folder, name: str, start: int, end: int) -> bytes:
        if start == 400_000:
            weights.write_bytes(WEIGHTS[::-1])
            os.utime(weights, ns=(1, 1))
        return read(self, name, start, end)

    monkeypatch.setattr(Folder, "read", change)
    with pytest.raises(DownloadError, match=r"sub/weights\.bin was changed there while it was read; run this again"):
        Folder(path=str(share)).fetch(order)
    monkeypatch.setattr(Folder, "read", read)
    Folder(path=str(share)).fetch(next_run(order))
    assert (order.into / "sub/weights.bin").read_bytes() == WEIGHTS[::-1]


def test_a_git_lfs_pointer_is_refused_with_the_command_that_brings_the_file(share: Path, order: Order) -> None:
    (share / ".git").mkdir()
    weights = share / "toy/echo/sub/weights.bin"
    weights.write_text(POINTER)
    unsized = {"sub/weights.bin": order.files["sub/weights.bin"].copy(update={"size": None})}
    with pytest.raises(
        DownloadError,
        match=rf"weights\.bin is a git-LFS pointer .* of 1,024,000 bytes; fetch that with: cd {share} && git lfs pull "
        r'--include="toy/echo/sub/weights\.bin"$',
    ):
        Folder(path=str(share)).fetch(dataclasses.replace(order, files=unsized))


def test_an_unreadable_file_is_told(share: Path, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    remote = Folder(path=str(share))
    monkeypatch.setattr(Path, "open", refuse)  # the tests may run as root, whom nothing is forbidden
    with pytest.raises(DownloadError, match=r"toy/echo/config\.json cannot be read \(Permission denied\)"):
        remote.read("toy/echo/config.json", 0, 14)


def test_a_model_or_folder_that_is_not_there_is_told(share: Path, order: Order, tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere", share / "toy"):
        with pytest.raises(DownloadError, match=f"^folder {place}: there is no toy/echo$"):
            Folder(path=str(place)).fetch(order)


def test_uploads_appear_whole_and_stay_inside(share: Path, tmp_path: Path) -> None:
    remote = Folder(path=str(tmp_path / "new"))
    counted: list[int] = []
    remote.upload(share / "toy/echo/sub/weights.bin", "toy/echo/sub/weights.bin", "", counted.append)
    remote.write(f"toy/echo/{MANIFEST}", b"{}")
    assert sum(counted) == len(WEIGHTS)
    assert set(remote.entries("toy/echo")) == {"sub/weights.bin", MANIFEST}
    remote.delete(f"toy/echo/{MANIFEST}")
    remote.delete(f"toy/echo/{MANIFEST}")
    assert [path.name for path in (tmp_path / "new/toy/echo").rglob("*")] == ["sub", "weights.bin"]
    with pytest.raises(DownloadError, match="not a plain relative path"):
        remote.write("../evil", b"")
