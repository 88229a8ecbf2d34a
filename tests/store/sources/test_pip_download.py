from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.errors import DownloadError
from convai_rasa.store.progress import Progress
from convai_rasa.store.sources.pip_download import download_wheel

pytestmark = pytest.mark.processes


def test_a_wheel_arrives_whole_and_is_not_fetched_twice(full_index: Any, tmp_path: Path) -> None:
    first = download_wheel("toy-echo-one", "1.0", into=tmp_path / "to", label="toy", bars=Progress())
    assert first.read_bytes() == (full_index.folder / first.name).read_bytes()
    assert download_wheel("Toy.Echo_One", "1.0", into=tmp_path / "to", label="toy", bars=Progress()) == first
    assert full_index.downloads() == {first.name: 1}
    assert list((tmp_path / "to").iterdir()) == [first]


def test_a_connection_that_breaks_half_way_is_taken_up_again(full_index: Any, tmp_path: Path) -> None:
    full_index.cut_next = True
    wheel = download_wheel("toy-echo-one", "1.0", into=tmp_path, label="toy", bars=Progress())
    assert wheel.read_bytes() == (full_index.folder / wheel.name).read_bytes()
    assert full_index.downloads() == {wheel.name: 2}


def test_what_a_killed_run_left_is_cleared_away(full_index: Any, tmp_path: Path) -> None:
    (tmp_path / "part-old").mkdir()
    (tmp_path / "part-old" / "toy_echo_one-1.0-py3-none-any.whl").write_bytes(b"half")
    wheel = download_wheel("toy-echo-one", "1.0", into=tmp_path, label="toy", bars=Progress())
    assert list(tmp_path.glob("*.whl")) == [wheel]
    assert not list(tmp_path.glob("part-*"))


def test_an_index_that_refuses_is_one_sentence_without_its_address(full_index: Any, tmp_path: Path) -> None:
    full_index.wheel_status = 403
    with pytest.raises(DownloadError) as error:
        download_wheel("toy-echo-one", "1.0", into=tmp_path, label="toy", bars=Progress())
    message = str(error.value)
    assert message.startswith("pip could not download toy-echo-one 1.0: ")
    assert message.endswith("HTTP error 403 Client Error: Forbidden")
    assert not list(tmp_path.glob("part-*"))


def test_an_index_out_of_reach_says_to_check_the_network(tmp_path: Path, index: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(DownloadError, match="could not be reached; check the network"):
        download_wheel("toy-echo-one", "1.0", into=tmp_path, label="toy", bars=Progress())


def test_an_environment_without_pip_uses_the_one_python_brings(
    full_index: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_pip(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", no_pip)
    assert download_wheel("toy-echo-one", "1.0", into=tmp_path, label="toy", bars=Progress()).is_file()
