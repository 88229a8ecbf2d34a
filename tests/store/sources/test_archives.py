from __future__ import annotations

import io
import stat
import struct
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from convai_rasa.errors import DownloadError
from convai_rasa.store.sources.archives import unpack
from convai_rasa.store.sources.jobs import Abandoned

pytestmark = pytest.mark.slow

CONTENT = b"weights" * 1000


def archive(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return path


def unpacked(path: Path, into: Path, **options: Any) -> dict[str, bytes]:
    into.mkdir(exist_ok=True)
    names = unpack(path, into, **{"stop": threading.Event(), **options})
    found = {path.relative_to(into).as_posix(): path.read_bytes() for path in into.rglob("*") if path.is_file()}
    assert sorted(names) == sorted(found)
    return found


def refused(path: Path, into: Path, **options: Any) -> str:
    with pytest.raises(DownloadError) as error:
        unpacked(path, into, **options)
    return str(error.value)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "far" / "down" / "into"


@pytest.fixture(autouse=True)
def _parents(into: Path) -> None:
    into.parent.mkdir(parents=True)


def test_the_single_top_folder_is_taken_away(tmp_path: Path, into: Path) -> None:
    members = {"top/": b"", "top/config.json": b"{}", "top/sub/model.pth": CONTENT}
    assert unpacked(archive(tmp_path / "a.zip", members), into) == {"config.json": b"{}", "sub/model.pth": CONTENT}


def test_without_a_single_top_folder_paths_stay(tmp_path: Path, into: Path) -> None:
    members = {"one/x": b"1", "two/x": b"2", "x": b"3"}
    assert unpacked(archive(tmp_path / "a.zip", members), into) == members


def test_what_a_mac_adds_is_left_out(tmp_path: Path, into: Path) -> None:
    members = {"top/x": b"1", "top/.DS_Store": b"2", "__MACOSX/top/._x": b"3"}
    assert unpacked(archive(tmp_path / "a.zip", members), into) == {"x": b"1"}


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../evil",
        "top/../../evil",
        "top/..",
        "top//x",
        "./x",
        "..\\evil",
        "top\\..\\..\\evil",
        "C:/evil",
        "C:evil",
        "//host/share/evil",
    ],
)
def test_a_path_that_leads_elsewhere_refuses_the_archive(tmp_path: Path, into: Path, name: str) -> None:
    path = archive(tmp_path / "a.zip", {"good": b"x", name: b"evil"})
    assert "unsafe path" in refused(path, into, top="")
    assert "unsafe path" in refused(path, into)
    assert not list(tmp_path.rglob("*evil*"))
    assert list(into.iterdir()) == []  # nothing at all is taken from such an archive


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_refuse_the_archive(tmp_path: Path, into: Path, kind: int) -> None:
    member = zipfile.ZipInfo("top/link")
    member.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        opened.writestr(member, "/etc/passwd")
    assert "a.zip contains the link or device 'top/link'" in refused(tmp_path / "a.zip", into)


def test_a_bomb_is_noticed_whatever_the_archive_says_of_itself(tmp_path: Path, into: Path) -> None:
    path = archive(tmp_path / "a.zip", {"x": bytes(5_000_000), "y": bytes(5_000_000)})
    assert path.stat().st_size < 20_000
    assert refused(path, into, limit_bytes=6_000_000) == "a.zip has more than 6,000,000 bytes"
    size = struct.pack("<L", 5_000_000)
    path.write_bytes(path.read_bytes().replace(size, struct.pack("<L", 50)))  # the archive lies
    assert refused(path, into.with_name("other"), limit_bytes=6_000_000).startswith("a.zip ")


def test_nothing_is_written_once_nobody_needs_it(tmp_path: Path, into: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Abandoned):
        unpacked(archive(tmp_path / "a.zip", {"x": CONTENT}), into, stop=stop)
    assert (into / "x").stat().st_size == 0


def test_too_many_files_are_refused(tmp_path: Path, into: Path) -> None:
    path = archive(tmp_path / "a.zip", {f"{number}": b"" for number in range(11)})
    assert refused(path, into, limit_files=10) == "a.zip has 11 files, but at most 10 are allowed"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_is_refused(tmp_path: Path, into: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        opened.writestr("x", b"one")
        opened.writestr("x", b"two")
    assert refused(tmp_path / "a.zip", into) == "a.zip contains 'x' twice"


def test_a_file_that_is_a_folder_too_is_refused(tmp_path: Path, into: Path) -> None:
    path = archive(tmp_path / "a.zip", {"x": b"", "x/y": b"", "z": b""})
    assert refused(path, into) == "a.zip has a file where it also has a folder"
    path = archive(tmp_path / "a.zip", {"x/y": b"", "x": b"", "z": b""})
    assert refused(path, into.with_name("other")) == "a.zip has a file where it also has a folder"


def test_an_encrypted_archive_is_refused(tmp_path: Path, into: Path) -> None:
    path = archive(tmp_path / "a.zip", {"x": b"secret"})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert refused(path, into) == "a.zip is encrypted"


@pytest.mark.parametrize("compression", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_an_unusual_compression_is_refused(tmp_path: Path, into: Path, compression: int) -> None:
    path = archive(tmp_path / "a.zip", {"x": CONTENT}, compression)
    assert refused(path, into) == "a.zip is not packed the way model archives are"


def test_a_name_that_is_no_text_is_damage(tmp_path: Path, into: Path) -> None:
    path = archive(tmp_path / "a.zip", {"é": b""})
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xff"))
    assert refused(path, into).startswith("a.zip is damaged (")


def test_a_directory_that_lies_before_the_archive_is_damage(tmp_path: Path, into: Path) -> None:
    path = archive(tmp_path / "a.zip", {"x": CONTENT[:200]})
    content = bytearray(path.read_bytes())
    directory = content.index(b"PK\x05\x06") + 16
    content[directory : directory + 4] = (0x7F000000).to_bytes(4, "little")
    path.write_bytes(content)
    assert refused(path, into).startswith("a.zip is damaged (")


@pytest.mark.parametrize("content", [b"", b"not a zip", b"<html>", b"PK\x05\x06" + bytes(18)[:10]])
def test_what_is_no_archive_is_said(tmp_path: Path, into: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    assert refused(tmp_path / "a.zip", into).startswith("a.zip is damaged (")
    assert refused(tmp_path / "a.zip", into, top="").startswith("a.zip is damaged (")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_damaged_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))) as opened:
        opened.writestr("top/config.json", b'{"audio": {}}')
        opened.writestr("top/sub/model.pth", CONTENT[:200])
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(len(content) // 2, len(content)))]
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "a.zip").write_bytes(content)
    into = folder / "in" / "to"
    into.mkdir(parents=True)
    try:
        unpack(folder / "a.zip", into, stop=threading.Event(), limit_bytes=10_000)
    except DownloadError as error:
        assert "\n" not in str(error)
    assert sorted(path.name for path in folder.iterdir()) == ["a.zip", "in"]
    assert [path.name for path in (folder / "in").iterdir()] == ["to"]
