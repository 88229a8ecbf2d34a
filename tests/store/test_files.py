from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from convai_rasa.store import files


def folder(path: Path, content: str) -> Path:
    path.mkdir(parents=True)
    (path / "file").write_text(content)
    return path


@pytest.mark.parametrize("atomic", [True, False], ids=["exchange", "two renames"])
def test_a_folder_takes_the_place_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, atomic: bool) -> None:
    if not atomic:
        monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    attic = tmp_path / "attic"
    attic.mkdir()
    target = tmp_path / "deep" / "target"
    for content in ("first", "second"):
        files.put_in_place(folder(tmp_path / content, content), target, attic)
        assert (target / "file").read_text() == content
        assert not (tmp_path / content).exists()
    assert list(attic.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error_and_harms_nothing(tmp_path: Path) -> None:
    target = folder(tmp_path / "target", "kept")
    with pytest.raises(FileNotFoundError):
        files.put_in_place(tmp_path / "nothing", target, tmp_path)
    assert (target / "file").read_text() == "kept"


@pytest.mark.parametrize("size", [0, 1, files.CHUNK_BYTES, files.CHUNK_BYTES + 1])
def test_the_hash_of_a_file_does_not_depend_on_how_it_is_read(tmp_path: Path, size: int) -> None:
    content = bytes(index % 251 for index in range(size))
    (tmp_path / "file").write_bytes(content)
    pieces: list[int] = []
    assert files.sha256(tmp_path / "file", pieces.append) == hashlib.sha256(content).hexdigest()
    assert sum(pieces) == size


@pytest.mark.parametrize(("count", "text"), [(7, "7 bytes"), (7_500, "7.5 kB"), (145_217_532, "145.2 MB")])
def test_sizes_are_written_for_people(count: int, text: str) -> None:
    assert files.readable_bytes(count) == text


def test_a_joint_hash_follows_names_contents_and_what_is_absent(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("x")
    hashes = [files.joint_sha256([("one", one), ("other", other)])]
    other.write_text("")
    hashes.append(files.joint_sha256([("one", one), ("other", other)]))
    hashes.append(files.joint_sha256([("other", one), ("one", other)]))
    one.write_text("y")
    hashes.append(files.joint_sha256([("one", one), ("other", other)]))
    assert len(set(hashes)) == 4
    assert files.joint_sha256([("one", one), ("other", other)]) == hashes[-1]
