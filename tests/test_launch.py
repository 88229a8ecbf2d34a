from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import IO, Any, Dict, List

import psutil
import pytest
import requests
import yaml

from convai_rasa.cli import main
from convai_rasa.errors import ConfigurationError, ConvaiError
from convai_rasa.launch import HOST, STOP_MARGIN_S, STOP_TIMEOUT_S, RunningBot, check_port_free, free_port, is_loopback

BOT = Path(__file__).parents[1] / "bot"


def test_a_free_port_is_free() -> None:
    check_port_free(free_port())


def test_a_busy_port_is_named() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"Port {port} of {HOST} is taken .* --port"):
            check_port_free(port)


def test_a_folder_without_a_bot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no config\.yml"), RunningBot(tmp_path):
        pass


def test_a_bot_that_was_not_trained_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text("language: en\n")
    (tmp_path / "models" / "whisper").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match=r"no trained model yet; .* rasa train"), RunningBot(tmp_path):
        pass


@pytest.mark.parametrize("named", ["model", "credentials"])
def test_a_file_that_is_not_there_is_not_replaced_by_another(named: str, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    for name in ("config.yml", "credentials.yml", "models/other.tar.gz"):
        (tmp_path / name).touch()
    missing = tmp_path / "mine"
    with (
        pytest.raises(ConfigurationError, match=rf"There is no .* {missing}\."),
        RunningBot(tmp_path, **{named: missing}),
    ):
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


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"no address '192\.0\.2\.1'; .* --interface"):
        check_port_free(free_port(), "192.0.2.1")


def test_loopback_is_for_this_machine_alone_and_every_other_address_is_not() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.0.0.9", "::1", "localhost"]))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "192.168.1.5", "bot.example.com"]))


# Servers with the manners of the real ones and none of their weight: Rasa finishes what it has begun when it is told to
# end, with an action; Python finds them in the project's folder before the installed ones.
RASA = """
import http.server, json, pathlib, signal, sys, threading, time, urllib.request
import yaml

options = dict(zip(sys.argv[2::2], sys.argv[3::2]))
action_server = yaml.safe_load(open(options["--endpoints"]))["action_endpoint"]["url"]

class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"ready": True}).encode())

server = http.server.ThreadingHTTPServer((options["--interface"], int(options["--port"])), Health)

def finish(number, frame):
    pathlib.Path("told").write_text(signal.Signals(number).name)
    time.sleep(float(pathlib.Path("drain_s").read_text()))
    try:
        said = urllib.request.urlopen(action_server, timeout=2).read().decode()
    except OSError as error:
        said = str(error)
    pathlib.Path("said").write_text(said)
    threading.Thread(target=server.shutdown).start()

signal.signal(signal.SIGTERM, finish)
signal.signal(signal.SIGINT, finish)
server.serve_forever()
"""
ACTIONS = """
import http.server, os, sys

class Action(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"booked")

http.server.ThreadingHTTPServer((os.environ["SANIC_HOST"], int(sys.argv[-1])), Action).serve_forever()
"""


@pytest.fixture
def light_bot(tmp_path: Path) -> Path:
    """A project whose servers start in a moment."""
    bot = tmp_path / "light"
    (bot / "models").mkdir(parents=True)
    (bot / "models" / "one.tar.gz").touch()
    for name, text in {"config.yml": "", "actions.py": "", "rasa.py": RASA, "rasa_sdk.py": ACTIONS}.items():
        (bot / name).write_text(text)
    write_channel(bot, {})
    drains(bot, 0.3)
    return bot


def write_channel(bot: Path, channel: Dict[str, Any]) -> None:
    content = {"convai_rasa.voice.VoiceInput": channel, "rest": None}
    (bot / "credentials.yml").write_text(yaml.safe_dump(content))


def drains(bot: Path, seconds: float) -> None:
    (bot / "drain_s").write_text(str(seconds))


def alive(processes: Dict[str, int]) -> List[str]:
    return [
        name
        for name, pid in processes.items()
        if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    ]


@pytest.mark.processes
def test_sentences_that_are_finished_at_the_end_still_have_their_actions(light_bot: Path) -> None:
    with RunningBot(light_bot, port=0, actions_port=0) as bot:
        processes = bot.processes
        assert alive(processes) == ["actions", "rasa"]
    assert (light_bot / "said").read_text() == "booked"
    assert alive(processes) == []


@pytest.mark.processes
def test_a_server_that_does_not_end_is_ended(light_bot: Path) -> None:
    drains(light_bot, 600)
    with RunningBot(light_bot, port=0, actions_port=0, stop_timeout_s=0.3) as bot:
        processes = bot.processes
        started = time.monotonic()
    assert time.monotonic() - started > 0.3
    assert alive(processes) == []
    assert not (light_bot / "said").exists()


def listens_on(pid: int) -> List[str]:
    """Addresses of a process's sockets that wait for callers."""
    return [found.laddr.ip for found in psutil.Process(pid).net_connections() if found.status == psutil.CONN_LISTEN]


class Serving:
    """``convai serve`` as somebody at a terminal has it."""

    def __init__(self, bot: Path, *options: str) -> None:
        command = [sys.executable, "-m", "convai_rasa.cli", "serve", "--bot", str(bot), "--port", "0"]
        command += ["--actions-port", "0", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self.process.stdout
        self._printed: IO[str] = self.process.stdout
        self.lines = ""

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, *error: object) -> None:
        started = psutil.Process(self.process.pid).children() if self.process.poll() is None else []
        for process in (self.process, *started):  # killed like this, it stops nothing that it has started
            process.kill()
        self.process.communicate()

    def read_until(self, words: str) -> None:
        """Wait for a line with these words."""
        for line in self._printed:
            self.lines += line
            if words in line:
                return
        pytest.fail(f"it never said {words!r} but:\n{self.lines}")

    def servers(self) -> Dict[str, int]:
        """Process ids of what it started, by the module that runs."""
        children = psutil.Process(self.process.pid).children()
        return {"actions" if "rasa_sdk" in child.cmdline() else "rasa": child.pid for child in children}


@pytest.mark.processes
def test_at_ctrl_c_it_lets_callers_hear_the_end_of_their_sentences(light_bot: Path) -> None:
    with Serving(light_bot) as serving:
        serving.read_until("Logs:")
        serving.process.send_signal(signal.SIGINT)
        serving.read_until("Letting callers hear the end of their sentences; Ctrl-C again ends it at once.")
        serving.process.send_signal(signal.SIGTERM)  # as make does, beside the terminal: nothing new
        assert serving.process.wait(10) == 130
    assert (light_bot / "told").read_text() == "SIGINT"
    assert (light_bot / "said").read_text() == "booked"


@pytest.mark.processes
def test_told_to_end_it_lets_calls_end(light_bot: Path) -> None:
    write_channel(light_bot, {"call": {"drain_s": 90}})
    with Serving(light_bot) as serving:
        serving.read_until("Logs:")
        serving.process.send_signal(signal.SIGTERM)
        serving.read_until("No new calls; those that are going on have 90 s to end. SIGTERM again ends it at once.")
        assert serving.process.wait(10) == 0
    assert (light_bot / "told").read_text() == "SIGTERM"
    assert (light_bot / "said").read_text() == "booked"


@pytest.mark.processes
@pytest.mark.parametrize(("how", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_told_again_it_ends_at_once(light_bot: Path, how: signal.Signals, status: int) -> None:
    drains(light_bot, 600)
    with Serving(light_bot) as serving:
        serving.read_until("Logs:")
        servers = serving.servers()
        assert len(servers) == 2
        serving.process.send_signal(how)
        serving.read_until("ends it at once")
        time.sleep(0.5)
        assert alive(servers)
        serving.process.send_signal(how)
        assert serving.process.wait(5) == status
    assert alive(servers) == []
    assert not (light_bot / "said").exists()


@pytest.mark.processes
def test_it_says_that_only_this_machine_reaches_it(light_bot: Path) -> None:
    with Serving(light_bot) as serving:
        serving.read_until("Logs:")
        assert "only this machine (to let others in: convai serve --help)" in serving.lines


@pytest.mark.processes
@pytest.mark.parametrize(
    ("channel", "who"),
    [({"token": "0123456789abcdef"}, "with a token"), ({"allow_anyone": True}, "without a token")],
)
def test_others_reach_it_where_that_is_asked_for(light_bot: Path, channel: Dict[str, Any], who: str) -> None:
    write_channel(light_bot, channel)
    with Serving(light_bot, "--interface", "0.0.0.0") as serving:
        serving.read_until("Logs:")
        assert f"whoever reaches 0.0.0.0, {who}; Rasa's own channels there (rest)" in serving.lines
        assert f"http://{HOST}:" in serving.lines
        assert {name: listens_on(pid) for name, pid in serving.servers().items()} == {
            "rasa": ["0.0.0.0"],
            "actions": [HOST],
        }


@pytest.mark.parametrize("interface", ["0.0.0.0", "::", "192.168.1.5", "bot.example.com"])
def test_an_open_address_without_proof_is_refused_before_anything_starts(
    light_bot: Path, capsys: pytest.CaptureFixture[str], interface: str
) -> None:
    assert main(["serve", "--bot", str(light_bot), "--interface", interface]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"convai: Whoever reaches {interface} could talk to this bot; set token (or jwt_key) under ")
    assert len(said.splitlines()) == 1
    assert not (light_bot / "logs").exists()


@pytest.mark.parametrize("command", ["talk", "demo"])
def test_only_serve_listens_elsewhere(command: str) -> None:
    with pytest.raises(SystemExit):
        main([command, "--interface", "0.0.0.0"])


def test_the_time_to_end_follows_the_channels() -> None:
    from convai_rasa.commands.serve import _times_to_end

    assert _times_to_end({}) == (STOP_TIMEOUT_S, 0)
    assert _times_to_end({"convai_rasa.voice.VoiceInput": None}) == (STOP_TIMEOUT_S, 60)
    channel = {"call": {"drain_s": 600, "goodbye_s": 30}}
    assert _times_to_end({"convai_rasa.voice.VoiceInput": channel}) == (30 + STOP_MARGIN_S, 600)


@pytest.mark.e2e
def test_a_trained_model_that_rasa_cannot_load_is_not_waited_for(tmp_path: Path) -> None:
    newest = max((BOT / "models").glob("*.tar.gz"), key=lambda model: model.stat().st_mtime)
    with tarfile.open(newest) as archive:
        archive.extractall(tmp_path / "model")
    metadata = tmp_path / "model" / "metadata.json"
    metadata.write_text(metadata.read_text().replace("convai_rasa.nlu.sentiment", "convai_rasa.nlu.sentimental"))
    broken = tmp_path / "broken.tar.gz"
    with tarfile.open(broken, "w:gz") as archive:
        archive.add(tmp_path / "model", ".")
    bot = RunningBot(BOT, port=0, actions_port=0, model=broken)
    why = r"^Rasa cannot load the trained model: .*sentimental.*; train it again with: cd .*/bot && rasa train "
    with pytest.raises(ConfigurationError, match=why), bot:
        pass


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("asr", "said"),
    [
        ({"model": "whisper/bas"}, ["whisper/bas", "whisper/base"]),
        ({"modle": "whisper/base"}, ["modle", "did you mean 'model'"]),
        ({"model": "whisper/tiny.en", "beam": 5}, ["credentials.yml", "did you mean 'beam_size'"]),  # of the engine
    ],
)
def test_an_unknown_name_stops_the_server_with_the_nearest_one(
    asr: Dict[str, Any], said: List[str], tmp_path: Path
) -> None:
    why = start_with({"asr": asr}, tmp_path)
    assert all(words in why for words in said), why


@pytest.mark.e2e
def test_a_corrupt_voice_stops_the_server(tmp_path: Path) -> None:
    from convai_rasa.store import resolve

    good, broken = resolve("tts/vits-joe"), tmp_path / "voice"
    shutil.copytree(good, broken, ignore=shutil.ignore_patterns("convai-model.json"))
    os.truncate(broken / "wave.onnx", 100_000)
    why = start_with({"tts": {"model": str(broken)}}, tmp_path)
    assert str(broken) in why
    assert "is incomplete: wave.onnx has 100,000 bytes instead of" in why


@pytest.mark.e2e
def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    """onnxruntime cannot be imported, as where only convai-rasa[nlu] was installed."""
    blocked = tmp_path / "blocked" / "onnxruntime"
    blocked.mkdir(parents=True)
    (blocked / "__init__.py").write_text("raise ImportError('No module named onnxruntime')")
    why = start_with({}, tmp_path, PYTHONPATH=str(blocked.parent))
    assert "onnxruntime" in why
    assert "pip install 'convai-rasa[rasa,voice]'" in why


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
            assert serving.wait(30) == 130
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
