"""A server on this machine that stands in for the internet, and orders for models from it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import close_session

from convai_rasa.store.catalogue import Model, parse_model
from convai_rasa.store.progress import Progress
from convai_rasa.store.sources import http, jobs
from convai_rasa.store.sources.place import Order

sys.path.insert(0, str(Path(__file__).parents[1]))  # pytest's importlib mode adds no folder to the path

from hub_server import HubServer, running_hub  # needs the line above


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HubServer]:
    """An empty server, which HF_ENDPOINT points at; waits between tries are short."""
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "HF_TOKEN",
        "HF_HUB_OFFLINE",
        "TRANSFORMERS_OFFLINE",
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "no-token"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_ETAG_TIMEOUT", 1.5)
    monkeypatch.setattr(jobs, "FIRST_WAIT_SECONDS", 0.001)
    monkeypatch.setattr(http, "READ_SECONDS", 1.5)
    close_session()  # the client remembers the proxies it began with
    with running_hub() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server
    close_session()


class Bars(Progress):
    """Remembers what every bar came to."""

    def __init__(self) -> None:
        super().__init__()
        self.totals: dict[str, int] = {}
        self.least = 0

    def file(self, label: str, total: int | None) -> Any:
        bars = self

        class Bar:
            def __enter__(self) -> Bar:
                bars.totals[label] = 0
                return self

            def __exit__(self, *_: object) -> None: ...

            def update(self, count: int) -> None:
                bars.totals[label] += count
                bars.least = min(bars.least, bars.totals[label])

            def move_to(self, size: int) -> None:
                self.update(size - bars.totals[label])

            def expect(self, total: int) -> None: ...

        return Bar()


@pytest.fixture
def progress() -> Bars:
    return Bars()


@pytest.fixture
def ordered(tmp_path: Path, entry: dict[str, Any], progress: Bars) -> Callable[..., Order]:
    """Orders the model toy/echo with some files: into a new folder each time, with the same staging folder."""

    def order(files: dict[str, dict[str, Any]] | None = None, **wishes: str) -> Order:
        into = tmp_path / "into"
        into = into.with_name(f"into-{len(list(tmp_path.glob('into-*')))}")
        into.mkdir()
        (tmp_path / "staging").mkdir(exist_ok=True)
        described: Model = parse_model("toy/echo", {**entry, "files": files or {}, "bytes": 1000}, where="test")
        return Order(described.name, described.files, tmp_path / "staging", into, progress, **wishes)

    return order


@pytest.fixture
def order(model: Model, tmp_path: Path) -> Order:
    """An order for the model of ``model``."""
    (tmp_path / "into").mkdir()
    return Order(model.name, model.files, tmp_path / "staging", tmp_path / "into", Progress())


@pytest.fixture
def delivered() -> Callable[[Order], dict[str, bytes]]:
    """What lies in an order's folder."""

    def read(order: Order) -> dict[str, bytes]:
        paths = [path for path in sorted(order.into.rglob("*")) if path.is_file()]
        return {path.relative_to(order.into).as_posix(): path.read_bytes() for path in paths}

    return read
