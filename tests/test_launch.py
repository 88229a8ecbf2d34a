from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict

import pytest
import requests
import yaml

from convai_rasa.cli import main
from convai_rasa.errors import ConfigurationError, ConvaiError
from convai_rasa.launch import HOST, RunningBot, check_port_free, free_port

BOT = Path(__file__).parents[1] / "bot"


def test_a_free_port_is_free() -> None:
    check_port_free(free_port())


def test_a_busy_port_is_named() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"Port {port} is taken .* --port"):
            check_port_free(port)


def test_a_folder_without_a_bot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no config\.yml"), RunningBot(tmp_path):
        pass


def test_a_bot_that_was_not_trained_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text("language: en\n")
    (tmp_path / "models" / "whisper").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match=r"no trained model yet; .* rasa train"), RunningBot(tmp_path):
        pass


def test_the_command_prints_one_sentence_and_no_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--bot", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("convai: ")
    assert "Traceback" not in said
    assert len(said.splitlines()) == 1


def start_with(channel: Dict[str, Any], tmp_path: Path, **environment: str) -> str:
    """Start the real bot with another channel configuration; return why it did not start."""
    credentials = tmp_path / "credentials.yml"
    credentials.write_text(yaml.safe_dump({"convai_rasa.voice.VoiceInput": channel}))
    environment["RESTAURANT_DB"] = str(tmp_path / "bookings.db")
    bot = RunningBot(BOT, port=0, actions_port=0, credentials=credentials, environment=environment)
    with pytest.raises(ConvaiError) as error, bot:
        pass
    assert "Traceback" not in str(error.value)
    return str(error.value)


@pytest.mark.e2e
def test_an_unknown_model_stops_the_server_with_its_nearest_name(tmp_path: Path) -> None:
    why = start_with({"asr": {"model": "whisper/bas"}}, tmp_path)
    assert "whisper/bas" in why
    assert "whisper/base" in why


@pytest.mark.e2e
def test_an_unknown_key_stops_the_server_with_its_nearest_spelling(tmp_path: Path) -> None:
    why = start_with({"asr": {"modle": "whisper/base"}}, tmp_path)
    assert "modle" in why
    assert "did you mean 'model'" in why


@pytest.mark.e2e
def test_a_corrupt_voice_stops_the_server(tmp_path: Path) -> None:
    from convai_rasa.store import resolve

    good, broken = resolve("tts/vits-joe"), tmp_path / "voice"
    broken.mkdir()
    (broken / "config.json").write_bytes((good / "config.json").read_bytes())
    (broken / "model.pth").write_bytes((good / "model.pth").read_bytes()[:100_000])
    why = start_with({"tts": {"model": str(broken)}}, tmp_path)
    assert str(broken) in why
    assert "damaged" in why or "corrupt" in why or "cannot be loaded" in why


@pytest.mark.e2e
def test_an_unknown_key_of_the_engine_stops_the_server(tmp_path: Path) -> None:
    why = start_with({"asr": {"model": "whisper/tiny.en", "beam": 5}}, tmp_path)
    assert "credentials.yml" in why
    assert "did you mean 'beam_size'" in why


@pytest.mark.e2e
def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    """onnxruntime cannot be imported, as where only convai-rasa[nlu] was installed."""
    blocked = tmp_path / "blocked" / "onnxruntime"
    blocked.mkdir(parents=True)
    (blocked / "__init__.py").write_text("raise ImportError('No module named onnxruntime')")
    why = start_with({}, tmp_path, PYTHONPATH=str(blocked.parent))
    assert "onnxruntime" in why
    assert "pip install 'convai-rasa[voice]'" in why


@pytest.mark.e2e
def test_ctrl_c_ends_everything(tmp_path: Path) -> None:
    port, actions_port = free_port(), free_port()
    command = [sys.executable, "-m", "convai_rasa.cli", "serve", "--bot", str(BOT)]
    command += ["--port", str(port), "--actions-port", str(actions_port)]
    environment = {**os.environ, "RESTAURANT_DB": str(tmp_path / "bookings.db")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as serving:
        lines = []
        for line in serving.stdout or ():
            lines.append(line)
            if "/webhooks/voice/talk" in line:
                break
        assert f"http://{HOST}:{port}/webhooks/voice/talk" in "".join(lines)
        assert requests.get(f"http://{HOST}:{port}/webhooks/voice/", timeout=10).json()["ready"]
        serving.send_signal(signal.SIGINT)
        try:
            assert serving.wait(30) == 0
        finally:
            serving.kill()
    deadline = time.monotonic() + 10
    while True:
        try:
            check_port_free(port)
            check_port_free(actions_port)
            break
        except ConfigurationError:
            assert time.monotonic() < deadline, "a server still listens after Ctrl-C"
            time.sleep(0.2)
