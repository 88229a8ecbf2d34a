"""A server with OpenAI's audio API around this package's own engines, a process that a test may kill.

    python openai_server.py --asr whisper/tiny.en --tts tts/vits-joe --port 8000

Prints its base URL as soon as it takes requests, and the path of each that it begins to work on.
"""

from __future__ import annotations

import argparse
import contextlib
import email.parser
import email.policy
import json
import math
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Iterator, Optional


class Api(BaseHTTPRequestHandler):
    """``/v1/models``, ``/v1/audio/transcriptions`` and ``/v1/audio/speech``."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    recognizer: Any = None
    voice: Any = None
    wait_s = 0.0

    def do_GET(self) -> None:
        """List nothing."""
        self._answer(200, {"object": "list", "data": []})

    def do_POST(self) -> None:
        """Hear or speak; whoever does not wait for it is gone."""
        with contextlib.suppress(ConnectionError):
            self._post()

    def _post(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        tell(self.path)
        if self.path == "/v1/audio/transcriptions" and self.recognizer is not None:
            self._hear(self._form(body))
        elif self.path == "/v1/audio/speech" and self.voice is not None:
            self._speak(json.loads(body))
        else:
            self._answer(404, {"error": {"message": f"There is no {self.path}."}})

    def _hear(self, form: dict[str, bytes]) -> None:
        from convai_rasa.audio import decode_audio
        from convai_rasa.errors import ConfigurationError

        time.sleep(self.wait_s)
        samples = decode_audio(form["file"], max_seconds=600)
        texts = {name: value.decode() for name, value in form.items() if name != "file"}
        try:
            heard = self.recognizer.transcribe(samples, language=texts.get("language"), prompt=texts.get("prompt"))
        except ConfigurationError as error:
            self._answer(400, {"error": {"message": str(error)}})
            return
        segment = {
            "text": heard.text,
            "avg_logprob": math.log(max(heard.confidence, 1e-9)),
            "no_speech_prob": heard.no_speech_probability,
        }
        answer = {"text": heard.text, "language": heard.language, "duration": heard.duration_s}
        self._answer(200, {**answer, "segments": [segment] if heard.text else []})

    def _speak(self, wanted: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"audio/pcm;rate={self.voice.sample_rate}")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, chunk in enumerate(self.voice.stream(wanted["input"], speed=wanted.get("speed", 1.0))):
            if number:
                time.sleep(self.wait_s)
            self._chunk(chunk.astype("<i2").tobytes())
        self._chunk(b"")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _form(self, body: bytes) -> dict[str, bytes]:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        return {
            str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
            for part in message.iter_parts()  # type: ignore[attr-defined]  # of this policy
        }

    def _answer(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class OpenAiServer:
    """The server as a process of its own.

    Attributes:
        base_url: of the API.
    """

    def __init__(self, process: subprocess.Popen[str], base_url: str) -> None:
        self._process = process
        self.base_url = base_url

    def wait_for(self, path: str) -> None:
        """Wait until it works on a request, which it tells of once each."""
        assert self._process.stdout is not None
        while (line := self._process.stdout.readline()) != f"{path}\n":
            assert line, "the server has ended"

    def kill(self) -> None:
        """End it as a machine ends that loses its power."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


@contextlib.contextmanager
def openai_server(
    *, asr: Optional[str] = None, tts: Optional[str] = None, wait_s: float = 0.0, threads: int = 1, port: int = 0
) -> Iterator[OpenAiServer]:
    """Run a server on 127.0.0.1; ``wait_s`` makes it slow, so that it can be killed in the middle of something."""
    words = ["--wait-s", str(wait_s), "--threads", str(threads), "--port", str(port)]
    words += [*(["--asr", asr] if asr else []), *(["--tts", tts] if tts else [])]
    process = subprocess.Popen([sys.executable, __file__, *words], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http"), "the server did not start"
        yield OpenAiServer(process, address)
    finally:
        process.kill()
        process.wait()


def tell(line: str) -> None:
    """Tell the test."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the process ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--asr", help="recognizer's model (default: none)")
    parser.add_argument("--tts", help="voice's model (default: none)")
    parser.add_argument("--threads", type=int, default=1, help="of the recognizer (default: %(default)s)")
    parser.add_argument("--wait-s", type=float, default=0.0, help="before words, and before all sound but the first")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    given = parser.parse_args()
    from convai_rasa.asr import load_recognizer
    from convai_rasa.tts import load_synthesizer

    Api.wait_s = given.wait_s
    if given.asr:
        Api.recognizer = load_recognizer("whisper", given.asr, threads=given.threads, workers=os.cpu_count() or 1)
    if given.tts:
        Api.voice = load_synthesizer("coqui", given.tts)
    with ThreadingHTTPServer(("127.0.0.1", given.port), Api) as server:
        tell(f"http://127.0.0.1:{server.server_port}/v1")
        server.serve_forever()


if __name__ == "__main__":
    main()
