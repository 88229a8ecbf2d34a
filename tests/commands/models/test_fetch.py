"""Fetching as a person at the keyboard sees it: other sources, Ctrl-C, bars."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

import pytest
from tiny import TinyModels
from toy_entry import toy_entry

from convai_rasa import cli
from convai_rasa.store import catalogue
from convai_rasa.store.manifest import MANIFEST
from convai_rasa.tts.coqui import CoquiSynthesizer

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
UNREACHABLE = "http://127.0.0.1:9/"

# the command with the catalogue of toys, which is its first argument
PROGRAM = """
import sys
from pathlib import Path
from convai_rasa import cli
from convai_rasa.store import catalogue, resolving
catalogue.CATALOGUE_FILE = resolving.CATALOGUE_FILE = Path(sys.argv[1])
sys.exit(cli.main(["models", *sys.argv[2:]]))
"""


def program(toys: Path, *words: str) -> list[str]:
    return [sys.executable, "-c", PROGRAM, str(catalogue.CATALOGUE_FILE), *words]


def set_sources(model: str, *bases: str) -> None:
    """Let the catalogue of toys name web servers as the sources of a model."""
    content = json.loads(catalogue.CATALOGUE_FILE.read_text())
    content["models"][model]["sources"] = [{"https": {"base": base}} for base in bases]
    catalogue.CATALOGUE_FILE.write_text(json.dumps(content))
    catalogue._load.cache_clear()


def test_a_source_out_of_reach_is_named_and_the_next_one_tried(
    toys: Path, site: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    set_sources("whisper/toy", UNREACHABLE, site.url)
    assert cli.main(["models", "whisper/toy"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"whisper/toy: fetching 1.0 MB from the {UNREACHABLE}"
    assert "127.0.0.1:9" in lines[1]
    assert lines[1].endswith("; trying the next source")
    assert lines[2] == f"whisper/toy: fetching 1.0 MB from the {site.url}"
    assert (toys / "whisper/toy" / MANIFEST).is_file()


def test_wrong_bytes_are_told_with_the_source_they_came_from(
    toys: Path, site: Any, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (store / "whisper/toy/config.json").write_bytes(b'{"layers": 2}\n')
    set_sources("whisper/toy", site.url)
    assert cli.main(["models", "whisper/toy", "tts/toy", "--source", site.url]) == 1
    captured = capsys.readouterr()
    assert "config.json is not the published file: SHA-256" in captured.err
    assert f"(from the {site.url})" in captured.err
    assert captured.err.splitlines()[-1] == "Not installed: whisper/toy."
    assert not (toys / "whisper/toy").exists()
    assert (toys / "tts/toy" / MANIFEST).is_file(), "one that fails does not keep the others from coming"


@pytest.mark.processes
def test_a_voice_fetched_as_a_checkpoint_is_exported_before_anybody_speaks_with_it(
    toys: Path, site: Any, store: Path, tiny_models: TinyModels, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("TTS")
    pytest.importorskip("onnx")
    checkpoint = {name: (tiny_models("vits") / name).read_bytes() for name in ("config.json", "model_file.pth")}
    for name, content in checkpoint.items():
        (store / "tts/tiny").mkdir(exist_ok=True)
        (store / "tts/tiny" / name).write_bytes(content)
    catalogued = json.loads(catalogue.CATALOGUE_FILE.read_text())
    release = {"coqui": {"voice": "tts_models/en/ljspeech/vits"}}
    catalogued["models"]["tts/tiny"] = toy_entry(checkpoint, release, component="tts")
    catalogue.CATALOGUE_FILE.write_text(json.dumps(catalogued))
    catalogue._load.cache_clear()
    assert cli.main(["models", "tts/tiny", "--source", site.url]) == 0
    assert "exporting it for onnxruntime, once" in capsys.readouterr().out
    graphs = toys / "tts/tiny/onnx"
    made = {path: path.stat().st_mtime_ns for path in graphs.iterdir()}
    assert len(CoquiSynthesizer("tts/tiny").synthesize("Hello there, friend!")) > 0
    assert {path: path.stat().st_mtime_ns for path in graphs.iterdir()} == made


@pytest.mark.processes
def test_ctrl_c_ends_soon_and_the_next_run_goes_on(toys: Path, site: Any) -> None:
    site.pause = 0.2
    process = subprocess.Popen(
        program(toys, "whisper/toy", "--source", site.url), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    parts = toys / ".staging"
    end = time.monotonic() + 30
    while not sum(path.stat().st_size for path in parts.rglob("*weights*")) and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == "Stopped; run the same command again to continue.\n"
    assert not (toys / "whisper/toy").exists()
    site.pause = 0.0
    assert cli.main(["models", "whisper/toy", "--source", site.url]) == 0


@pytest.mark.processes
def test_a_terminal_sees_a_bar_for_each_file_and_one_for_all(toys: Path, site: Any) -> None:
    site.pause = 0.02
    child, terminal = pty.fork()
    if child == 0:
        words = program(toys, "--components", "asr", "nlu", "--source", site.url)
        os.execvp(words[0], words)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))  # a new terminal has no columns
    shown = b""
    try:
        while piece := os.read(terminal, 65_536):
            shown += piece
    except OSError:
        pass  # how a terminal says that the program at its other end is gone
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    for label in (b"all models:", b"whisper/toy: sub/weights.bin:", b"nlu/toy: sub/weights.bin:"):
        assert label in shown
