"""The service on a real local Ray, with two replicas of everything, of which some are killed while they work.

Ray has an environment of its own, made once: about a minute. Its Python is named by ``CONVAI_RAY_PYTHON``, see
docs/speech-service.md; without that these tests are skipped.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from convai_rasa.audio import SAMPLE_RATE, float_to_pcm16, pcm16_to_float, resample, wav_bytes
from convai_rasa.launch import free_port
from convai_rasa.tts import SharedVoice

PYTHON = os.environ.get("CONVAI_RAY_PYTHON")
pytestmark = [
    pytest.mark.models,
    pytest.mark.processes,
    pytest.mark.skipif(PYTHON is None, reason="CONVAI_RAY_PYTHON names no Python that has the extra 'ray'"),
]

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "tests" / "programs" / "ray_service.py"
SENTENCE = "I would like to book a table."
LONG = "Your table is booked. We look forward to seeing you, and wish you a good day until then. " * 3
CONFIGURATION = """
http_options: {{host: 127.0.0.1, port: {port}}}
applications:
- name: speech
  route_prefix: /
  import_path: convai_rasa.speech.ray:app
  args: {{asr: whisper/tiny.en, tts: tts/vits-joe, queue: 256}}
  deployments:
  - {{name: Recognition, num_replicas: 2, autoscaling_config: null}}
  - {{name: Speaking, num_replicas: 2, autoscaling_config: null}}
  - {{name: Api, num_replicas: 2, autoscaling_config: null}}
"""


class OnRay:
    """The service.

    Attributes:
        url: where HTTP is spoken.
    """

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process = process
        self.url = url

    def kill(self, deployment: str) -> None:
        """Kill one of its replicas as a machine ends that loses its power."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{deployment}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline().strip().isdecimal()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnRay]:
    port = free_port()
    folder = tmp_path_factory.mktemp("ray")
    configuration = folder / "serve.yaml"
    configuration.write_text(CONFIGURATION.format(port=port))
    environment = {
        **os.environ,
        "CONVAI_MODELS_DIR": str(ROOT / "models"),
        "PYTHONPATH": str(ROOT),
        "RAY_AUTH_MODE": "disabled",  # else Ray writes a key into the user's home
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    process = subprocess.Popen(
        [str(PYTHON), str(PROGRAM), str(configuration)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=folder,
    )
    try:
        assert process.stdout is not None
        while (line := process.stdout.readline()) and line != "running\n":
            pass
        assert line, "the service has ended"
        yield OnRay(process, f"http://127.0.0.1:{port}")
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(120)


def test_no_request_is_lost_with_a_replica_of_the_engines(service: OnRay, voice: SharedVoice) -> None:
    spoken = resample(pcm16_to_float(voice.synthesize(SENTENCE)), voice.sample_rate, SAMPLE_RATE)
    wav = wav_bytes(float_to_pcm16(spoken), SAMPLE_RATE)
    heard: list[tuple[int, str]] = []
    said: list[bytes] = []
    with httpx.Client(base_url=service.url, timeout=120) as client:

        def listen() -> None:
            for _ in range(8):
                answer = client.post("/v1/audio/transcriptions", files={"file": ("a.wav", wav)})
                heard.append((answer.status_code, answer.text))

        def speak() -> None:
            wanted = {"model": "tts-1", "voice": "alloy", "input": LONG, "response_format": "pcm"}
            for _ in range(2):
                answer = client.post("/v1/audio/speech", json=wanted)
                assert answer.status_code == 200
                said.append(answer.content)

        speak()
        threads = [threading.Thread(target=work) for work in [*[listen] * 8, *[speak] * 2]]
        for thread in threads:
            thread.start()
        for deployment in ("Speaking", "Recognition"):
            service.kill(deployment)
        for thread in threads:
            thread.join(240)
    assert {status for status, _ in heard} == {200}
    assert len(heard) == 64
    assert all(SENTENCE in text for _, text in heard)
    assert len(said) == 6
    assert len(set(said)) == 1  # nothing left out and nothing said twice
    assert len(np.frombuffer(said[0], "<i2")) > 24_000


def test_errors_and_names_are_those_of_the_service_on_one_machine(service: OnRay) -> None:
    with httpx.Client(base_url=service.url, timeout=120) as client:
        assert client.get("/ready").json()["state"] == "ready"
        assert {model["id"] for model in client.get("/v1/models").json()["data"]} == {"whisper/tiny.en", "tts/vits-joe"}
        answer = client.post("/v1/audio/transcriptions", files={"file": ("a.wav", b"no sound")})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_audio")
