"""A catalogue of toys in place of the real one, and a folder that has what it lists."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from toy_entry import toy_entry

from convai_rasa import cli
from convai_rasa.store import catalogue, resolving

FILES = {"config.json": b'{"layers": 1}\n', "sub/weights.bin": bytes(range(256)) * 4_000}
MODELS = {"whisper/toy": "asr", "whisper/loud": "asr", "tts/toy": "tts", "nlu/toy": "nlu", "spacy/toy": "spacy"}


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the catalogue of toys in place of the real one, and go to an empty project; returns its models/ tree."""
    path = tmp_path / "catalogue.yml"
    jobs = {"nlu/job": {"purpose": "something", "models": ["nlu/toy"], "fetch": "nlu/toy"}}
    sets = {"default": ["whisper/toy", "tts/toy", "nlu/toy", "spacy/toy"], "small": ["whisper/toy"]}
    nowhere = {"https": {"base": "https://models.invalid/toy/"}}
    models = {name: toy_entry(FILES, nowhere, component=component) for name, component in MODELS.items()}
    content = {"models": models, "sets": sets, "jobs": jobs}
    path.write_text(json.dumps(content))
    for module in (catalogue, resolving):
        monkeypatch.setattr(module, "CATALOGUE_FILE", path)
    monkeypatch.delenv("CONVAI_MODELS_DIR", raising=False)
    for variable in ("WHISPER_CACHE_DIR", "HF_HOME", "TTS_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    monkeypatch.chdir(project)
    return project / "models"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs ``convai models``; returns the exit status, the output and the complaints."""

    def run(*words: str | Path) -> tuple[int, str, str]:
        status = cli.main(["models", *map(str, words)])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return status, out, err

    return run


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A folder that has the published files of every toy."""
    for model in MODELS:
        for name, content in FILES.items():
            path = tmp_path / "store" / model / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return tmp_path / "store"


@pytest.fixture
def site(store: Path) -> Iterator[SlowSite]:
    """The same folder on a web server on this machine."""
    server = SlowSite(store)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class SlowSite(ThreadingHTTPServer):
    """A web server of one folder, as slow as wanted.

    Attributes:
        pause: seconds between two pieces of a file, of which each has fifty.
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.pause = 0.0


class _Handler(SimpleHTTPRequestHandler):
    server: SlowSite

    def copyfile(self, source: Any, outputfile: Any) -> None:
        content = source.read()
        for start in range(0, len(content), len(content) // 50 + 1):
            with contextlib.suppress(ConnectionError):
                outputfile.write(content[start : start + len(content) // 50 + 1])
            time.sleep(self.server.pause)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""
