"""The service as a process of its own, with real models: what its clients see, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from convai_rasa.asr import Recognizer, load_recognizer
from convai_rasa.audio import SAMPLE_RATE, decode_audio, float_to_pcm16, pcm16_to_float, resample, wav_bytes
from convai_rasa.cli import main
from convai_rasa.tts import SharedVoice, load_synthesizer

for module in ("starlette", "uvicorn", "prometheus_client", "openai"):
    pytest.importorskip(module)

import openai  # noqa: E402 - found only now
from wyoming.asr import Transcript  # noqa: E402 - found only now
from wyoming.audio import AudioChunk, AudioStart, AudioStop  # noqa: E402 - found only now
from wyoming.client import AsyncClient  # noqa: E402 - found only now
from wyoming.tts import Synthesize  # noqa: E402 - found only now

pytestmark = pytest.mark.slow

TOKEN = "0123456789abcdef-token"
SENTENCE = "I would like to book a table."
ROOT = Path(__file__).parents[2]
START_S = 120.0


class Running:
    """A service as a process.

    Attributes:
        url: where HTTP is spoken.
        wyoming: where Wyoming is.
        process: of it.
    """

    def __init__(self, process: subprocess.Popen[str], lines: str) -> None:
        self.process = process
        self.url = re.findall(r"http://\S+(?=/v1)", lines)[0]
        self.wyoming = next(iter(re.findall(r"tcp://\S+", lines)), "")


@contextlib.contextmanager
def running(*words: str) -> Iterator[Running]:
    """Start a service on free ports, and wait until it is ready."""
    environment = {**os.environ, "CONVAI_SPEECH_TOKENS": TOKEN, "CONVAI_MODELS_DIR": str(ROOT / "models")}
    command = [sys.executable, "-m", "convai_rasa.cli", "speech", "--port", "0", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    try:
        lines = ""
        assert process.stdout is not None
        while "Stop it:" not in lines:
            line = process.stdout.readline()
            assert line, f"the service has ended: {lines}"
            lines += line
        yield Running(process, lines)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def service() -> Iterator[Running]:
    with running("--asr", "whisper/tiny.en", "--wyoming-port", "0") as service:
        yield service


@pytest.fixture(scope="module")
def client(service: Running) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{service.url}/v1", api_key=TOKEN, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def spoken(voice: SharedVoice) -> np.ndarray:
    """The sentence, float32 at 16 kHz."""
    return resample(pcm16_to_float(voice.synthesize(SENTENCE)), voice.sample_rate, SAMPLE_RATE)


@pytest.mark.models
@pytest.mark.processes
def test_openais_own_client_is_heard_and_spoken_to(client: openai.OpenAI, spoken: np.ndarray) -> None:
    wav = ("a.wav", wav_bytes(float_to_pcm16(spoken), SAMPLE_RATE))
    assert client.audio.transcriptions.create(model="whisper-1", file=wav).text == SENTENCE
    text = client.audio.transcriptions.create(model="whisper/tiny.en", file=wav, response_format="text")
    assert str(text).strip() == SENTENCE
    verbose = client.audio.transcriptions.create(
        model="whisper-1", file=wav, response_format="verbose_json", language="en", prompt="A table for two, please."
    )
    assert (verbose.text, verbose.language, len(verbose.segments or [])) == (SENTENCE, "en", 1)
    assert verbose.confidence > 0.5  # type: ignore[attr-defined]  # ours, besides OpenAI's
    assert {model.id for model in client.models.list()} == {"whisper/tiny.en", "tts/vits-joe"}
    with pytest.raises(openai.NotFoundError, match="ask for vits-joe"):
        client.audio.speech.create(model="tts-1", voice="somebody", input="Hello.")
    with pytest.raises(openai.AuthenticationError, match="no valid token"):
        client.with_options(api_key="wrong").models.list()


@pytest.mark.models
@pytest.mark.processes
def test_speech_comes_while_it_is_made_and_says_what_is_written(client: openai.OpenAI, recognizer: Recognizer) -> None:
    written = 'That is $12.50. <break time="300ms"/> Thank you for coming, and see you again on Friday.'
    with client.audio.speech.with_streaming_response.create(model="tts-1", voice="alloy", input=written) as response:
        parts = [part for part in response.iter_bytes() if part]
    assert len(parts) > 3
    heard = recognizer.transcribe(decode_audio(b"".join(parts), max_seconds=20), language="en").text
    assert "$12.50" in heard or "twelve dollars and fifty cents" in heard.lower()
    assert "Friday" in heard


@pytest.mark.models
@pytest.mark.processes
def test_home_assistants_client_is_heard_and_spoken_to(service: Running, spoken: np.ndarray) -> None:
    form: dict[str, int] = {"rate": SAMPLE_RATE, "width": 2, "channels": 1}

    async def talk() -> tuple[str, float]:
        pcm = float_to_pcm16(spoken).tobytes()
        async with AsyncClient.from_uri(service.wyoming) as home:
            for event in (AudioStart(**form), AudioChunk(audio=pcm, **form), AudioStop(), Synthesize(SENTENCE)):
                await home.write_event(event.event())
            heard = Transcript.from_event(await home.read_event()).text
            seconds = 0.0
            while (event := await home.read_event()).type != "audio-stop":
                if event.type == "audio-chunk":
                    seconds += AudioChunk.from_event(event).seconds
            return heard, seconds

    heard, seconds = asyncio.run(talk())
    assert heard == SENTENCE
    assert seconds == pytest.approx(len(spoken) / SAMPLE_RATE, abs=0.05)


@pytest.mark.models
@pytest.mark.processes
def test_our_own_engines_talk_to_it(service: Running, spoken: np.ndarray) -> None:
    there: list[tuple[str, dict[str, Any]]] = [
        ("openai", {"base_url": f"{service.url}/v1", "api_key": TOKEN}),
        ("wyoming", {"uri": service.wyoming}),
    ]
    for engine, keys in there:
        recognizer = load_recognizer(engine, timeout_s=60, **keys)
        with contextlib.closing(recognizer):
            assert recognizer.transcribe(spoken, language="en").text == SENTENCE
            assert recognizer.transcribe(np.zeros(SAMPLE_RATE, np.float32)).text == ""
        voice = load_synthesizer(engine, timeout_s=60, **keys)
        with contextlib.closing(voice):
            assert len(voice.synthesize(SENTENCE)) / voice.sample_rate == pytest.approx(len(spoken) / SAMPLE_RATE, 0.1)


@pytest.mark.models
@pytest.mark.processes
def test_told_to_end_it_finishes_what_it_has_begun(spoken: np.ndarray) -> None:
    """Last in its module: two services at once are slow."""
    long = wav_bytes(float_to_pcm16(np.tile(spoken, 12)), SAMPLE_RATE)
    answers: list[httpx.Response] = []
    with running("--asr", "whisper/tiny.en", "--tts", "none", "--workers", "1") as service:
        head = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=service.url, headers=head, timeout=60) as asking:

            def ask() -> None:
                answers.append(asking.post("/v1/audio/transcriptions", files={"file": ("a.wav", long)}))

            waiting = threading.Thread(target=ask)
            waiting.start()
            while httpx.get(f"{service.url}/ready").json()["in_work"] == 0:
                time.sleep(0.005)
            service.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(httpx.HTTPError):  # it may have ended already
                while (ready := httpx.get(f"{service.url}/ready")).status_code == 200:
                    time.sleep(0.005)
                assert ready.json()["state"] == "draining"
            waiting.join(START_S)
        assert "book a table" in answers[0].json()["text"]
        assert service.process.wait(START_S) == 0
        assert service.process.stdout is not None
        out = service.process.stdout.read()
        assert "Finishing what is in work (1)" in out
        assert "Traceback" not in out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["speech", *words]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def test_what_cannot_be_served_is_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CONVAI_SPEECH_TOKENS", raising=False)
    monkeypatch.setenv("CONVAI_MODELS_DIR", str(tmp_path))
    assert "set CONVAI_SPEECH_TOKENS" in refused(capsys, "--interface", "0.0.0.0")
    assert "neither a recognizer nor a voice" in refused(capsys, "--asr", "none", "--tts", "none")
    assert "has no address 'nowhere.invalid'" in refused(capsys, "--interface", "nowhere.invalid", "--allow-anyone")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "choose another one with --port" in refused(capsys, "--port", str(taken.getsockname()[1]))
    assert "whisper/nothing" in refused(capsys, "--asr", "whisper/nothing", "--tts", "none", "--port", "0")
    monkeypatch.setenv("CONVAI_SPEECH_TOKENS", TOKEN)
    assert "Wyoming, which knows no tokens" in refused(capsys, "--interface", "0.0.0.0", "--wyoming-port", "0")


@pytest.mark.models
@pytest.mark.processes
def test_the_page_shows_what_works(service: Running) -> None:
    page = (ROOT / "docs" / "speech-service.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    for written, ours in (("http://127.0.0.1:8000", service.url), ("not-needed", TOKEN)):
        assert snippet.count(written) == 1
        snippet = snippet.replace(written, ours)
    said: list[str] = []
    exec(compile(snippet, "speech-service.md", "exec"), {"print": said.append})
    assert re.search(r"table for (four|4) is booked", said[0])
