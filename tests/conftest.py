"""Fixtures that several rooms share: the embedded models, and the trained bot while it runs."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import re
import shutil
import signal
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Iterator

import numpy as np
import pytest
from hypothesis import is_hypothesis_test
from sanic import Sanic

from convai_rasa.asr import Recognizer, load_recognizer
from convai_rasa.audio import wav_bytes
from convai_rasa.launch import RunningBot
from convai_rasa.tts import SharedVoice

ROOT = Path(__file__).parent.parent
BOT = ROOT / "bot"
TEMPORARY = "convai-tests-"

# A shell lets what it starts in the background ignore Ctrl-C, and so would every program that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same for a terminal that is closed. A handler does not end the tests, and programs get the default instead of it.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda number, frame: None)

# An application that starts rewrites Sanic's own classes: only so does it keep them for the next one of this process.
Sanic.test_mode = True

# TensorFlow complains when an earlier test's model is deleted; that does not belong in the log of the test that runs.
logging.getLogger("tensorflow").propagate = False

sys.path.append(str(Path(__file__).parent / "tiny_models"))  # pytest's importlib mode adds no folder to the path
sys.path.append(str(Path(__file__).parent / "object_stores"))
sys.path.append(str(Path(__file__).parent / "programs"))

from object_stores import Server, Store, gs_server, gs_store, s3_server, s3_store  # noqa: E402 - found only now
from rasa_process import RasaProcess  # noqa: E402 - found only now
from tiny import TinyModels  # noqa: E402 - found only now
from unreliable_server import UnreliableServer, unreliable_server  # noqa: E402 - found only now

# Marks of what is no unit test.
_NO_UNIT = {"models", "e2e", "processes", "networks", "browser", "rasa", "slow"}

# What a package's name alone does not say to whom lacks it.
_WHY = {"pkg_resources": "Coqui's training code needs setuptools < 81"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--unit", action="store_true", help="only the tests that need no model, server or Rasa")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no file whose tests ``--unit`` leaves out: what Rasa and torch bring takes longer than most tests."""
    if not config.option.unit or not collection_path.name.startswith("test_"):
        return None
    marks = re.search(r"^pytestmark = (\[[^\]]*\]|.*)", collection_path.read_text(encoding="utf-8"), re.MULTILINE)
    return True if marks and _NO_UNIT.intersection(re.findall(r"mark\.(\w+)", marks[1])) else None


def pytest_configure(config: pytest.Config) -> None:
    """Give the tests and all that they start one temporary folder: browsers that are killed clear nothing."""
    if not hasattr(config, "workerinput"):  # the workers of pytest-xdist inherit it
        os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix=TEMPORARY)
        os.chmod(tempfile.tempdir, 0o755)  # PostgreSQL runs as another user


@pytest.hookimpl(hookwrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Look for no garbage while tests are collected, nor later in what was: that takes a quarter of the time."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()
    if session.config.option.unit:
        gc.set_threshold(50_000)  # unit tests leave little behind, and their time is pytest's own


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests whose networks are built for them, and those that try many examples; choose the unit tests."""
    for item in items:
        if "tiny_models" in getattr(item, "fixturenames", ()):
            item.add_marker("networks")
        if is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker("slow")
    if config.option.unit:
        left_out = {item for item in items if any(mark.name in _NO_UNIT for mark in item.iter_markers())}
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that is marked with a package that is not installed; importing it would take seconds before any."""
    for mark in item.iter_markers("needs"):
        for package in mark.args:
            if find_spec(package) is None:
                pytest.skip(f"{package} is not installed" + (f": {_WHY[package]}" if package in _WHY else ""))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remove the folder, which takes gigabytes after a whole run; what failed can be looked at."""
    gc.freeze()  # pytest now looks through all that there is, five times
    folder = Path(tempfile.gettempdir())
    made_here = folder.name.startswith(TEMPORARY) and not hasattr(session.config, "workerinput")
    if made_here and exitstatus != pytest.ExitCode.TESTS_FAILED:  # never anybody else's files
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def moto_s3() -> Iterator[Server]:
    """A real S3 server."""
    with s3_server() as server:
        yield server


@pytest.fixture(scope="session")
def gcs_emulator() -> Iterator[Server]:
    """A Google Cloud Storage emulator."""
    with gs_server() as server:
        yield server


@pytest.fixture
def s3(moto_s3: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty bucket of S3."""
    with s3_store(moto_s3, monkeypatch) as store:
        yield store


@pytest.fixture
def gs(gcs_emulator: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty bucket of Google Cloud Storage."""
    with gs_store(gcs_emulator, monkeypatch) as store:
        yield store


@pytest.fixture(params=["s3", "gs"])
def store(request: pytest.FixtureRequest) -> Store:
    """Each of the two in turn."""
    found: Store = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def server() -> Iterator[UnreliableServer]:
    """A server on loopback that does as it is told."""
    with unreliable_server() as server:
        yield server


@pytest.fixture(scope="session")
def tiny_models() -> TinyModels:
    """Genuine models of every kind with a few random weights, shared by the workers of a run; see ``TinyModels``."""
    home = Path(tempfile.gettempdir(), "tiny-models")
    home.mkdir(exist_ok=True)
    return TinyModels(home)


@pytest.fixture(scope="session")
def rasa_process() -> Iterator[RasaProcess]:
    """Runs Rasa's commands without starting Python and importing TensorFlow for each."""
    with RasaProcess() as process:
        yield process


@pytest.fixture(scope="session")
def voice() -> Iterator[SharedVoice]:
    """The project's own voice."""
    with contextlib.closing(SharedVoice(model="tts/vits-joe")) as voice:
        voice.wait_ready()
        yield voice


@pytest.fixture(scope="session")
def recognizer() -> Iterator[Recognizer]:
    """The larger of the two embedded recognisers, to check what is said aloud."""
    with contextlib.closing(load_recognizer("whisper", "whisper/base")) as recognizer:
        yield recognizer


@pytest.fixture(scope="session")
def twilio_auth_token() -> str:
    """What Twilio signs its requests to the running bot with."""
    return "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="session")
def running_bot(tmp_path_factory: pytest.TempPathFactory, twilio_auth_token: str) -> Iterator[RunningBot]:
    """The trained restaurant bot, with real servers and an empty database."""
    if not list((BOT / "models").glob("*.tar.gz")):
        pytest.fail("bot/ is not trained; run: make train")
    database = tmp_path_factory.mktemp("restaurant") / "bookings.db"
    environment = {
        "RESTAURANT_DB": str(database),
        "RESTAURANT_NOW": "2026-11-24T15:00",  # a Tuesday afternoon
        "TWILIO_AUTH_TOKEN": twilio_auth_token,
    }
    with RunningBot(BOT, port=0, actions_port=0, environment=environment, api=True) as bot:
        yield bot


@pytest.fixture(scope="session")
def voice_bot_url(running_bot: RunningBot) -> str:
    """Where the bot's voice channel is."""
    return running_bot.url


@pytest.fixture(scope="session")
def spoken_question_wav(voice: SharedVoice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A question as a microphone would hear it: a second of silence, the words, and silence until it is answered."""
    rate = voice.sample_rate
    question = voice.synthesize("What are your opening hours?")
    sound = np.concatenate([np.zeros(rate, np.int16), question, np.zeros(12 * rate, np.int16)])
    path = tmp_path_factory.mktemp("microphone") / "question.wav"
    path.write_bytes(wav_bytes(sound, rate))
    return path
