from __future__ import annotations

from pathlib import Path

import pytest

from convai_rasa.errors import ModelCorrupt
from convai_rasa.store.lfs_pointers import check_pointers, describe_pointer, pointer_size

# the example of the specification
OID = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize 12345\n"


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (POINTER, 12345),
        (POINTER.replace("git-lfs.github.com", "hawser.github.com"), 12345),  # before its release
        (POINTER.replace("\n", "\r\n"), 12345),  # checked out on Windows
        (POINTER.replace("\noid", f"\next-0-foo sha256:{'0' * 64}\noid"), 12345),  # with an extension
        ("", None),
        (b"\x80\x02}q\x00.", None),
        ("version https://git-lfs.github.com/spec/v1\n", None),
        (POINTER[8:], None),
        (POINTER.replace(OID, OID[1:]), None),
        (POINTER.replace("size 12345\n", ""), None),
        (f"{POINTER}x-padding {'x' * 1024}\n", None),
        (f"\n{POINTER}", None),
    ],
)
def test_pointers_are_told_from_other_files(tmp_path: Path, content: str | bytes, size: int | None) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert pointer_size(path) == size


def test_a_pointer_among_the_weights_is_found(tmp_path: Path) -> None:
    (tmp_path / "vocoder").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/x.pt").write_text(POINTER)
    (tmp_path / "config.json").write_text(POINTER)
    (tmp_path / "model.pth").write_bytes(bytes(2000))
    check_pointers(tmp_path)
    check_pointers(tmp_path / "nowhere")
    (tmp_path / "vocoder/vocoder.pth").write_text(POINTER)
    with pytest.raises(ModelCorrupt, match=r"vocoder/vocoder\.pth is a git-LFS pointer"):
        check_pointers(tmp_path)


def test_the_command_names_the_file_from_the_top_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "my project"
    folder = top / "models/whisper/base"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_text(POINTER)
    monkeypatch.chdir(tmp_path)
    weights = folder / "model.bin"
    what = f"{weights} is a git-LFS pointer instead of the file of 12,345 bytes; fetch that with: "
    assert describe_pointer(weights) == f"{what}git lfs pull (in the checkout that it was copied from)"
    (top / ".git").write_text("gitdir: elsewhere")  # as in a work tree of git worktree
    there = 'git lfs pull --include="models/whisper/base/model.bin"'
    assert describe_pointer(weights) == f"{what}cd '{top}' && {there}"
    monkeypatch.chdir(top / "models")
    assert describe_pointer(weights) == what + there
    assert describe_pointer(Path("whisper/base/model.bin")).endswith(f"; fetch that with: {there}")
