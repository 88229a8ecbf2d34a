"""How many recognitions a second a speech service gives when many wait, and what it gains by decoding them together.

Real servers on loopback, each in a process of its own, the same model, the same clips, so many requests always on their
way. Ours twice: as it is, and with batches of one. Beside them the plain way: faster-whisper as its documentation calls
it (``WhisperModel.transcribe``, a window of 30 seconds, five beams, one worker for each core) behind the same API. The
servers are asked in turn, several rounds, and the medians are shown. On a machine with other work, the processor
seconds of a recognition tell more than the clock.

    python benchmarks/speech_service.py
    python benchmarks/speech_service.py --asr whisper/tiny.en --waiting 16 --json
    python benchmarks/speech_service.py --wavs my_recordings --prompt "" --rounds 5
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
from streamed import percentile

from convai_rasa.asr import build_prompt, choose_phrases
from convai_rasa.hardware import cores, instructions

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data" / "speech"
PROMPT = "A table for two, please. I would like to book a table for tonight. What is on the menu today?"
WAYS = {
    "together": "decoded together",
    "alone": "one by one",
    "plain": "faster-whisper, 30 s, 5 beams",
}


def main() -> None:
    """Run the benchmark, or one of its servers."""
    given = arguments()
    if given.serve:
        serve(given.serve, given.asr)
        return
    wavs = [path.read_bytes() for path in sorted(given.wavs.glob("*.wav"))]
    if not wavs:
        print(f"SKIPPED: {given.wavs} holds no wav files; name a folder of recordings with --wavs.")
        return
    wavs = list(itertools.islice(itertools.cycle(wavs), given.clips))
    prompt = prompt_for(given)
    figures: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    with contextlib.ExitStack() as stack:
        servers = {way: stack.enter_context(running(way, given.asr)) for way in WAYS}
        for server in servers.values():
            server.load(wavs[:4], prompt, given.waiting)  # once, so that nobody pays for the first request
        for _ in range(given.rounds):
            for way, server in servers.items():
                figures[way].append(server.load(wavs, prompt, given.waiting))
    report(figures, given)


def prompt_for(given: argparse.Namespace) -> str:
    """Return the prompt: as given, or from the sentences beside the recordings."""
    sentences = given.wavs.parent / "training-sentences.txt"
    if given.prompt is not None or not sentences.is_file():
        return PROMPT if given.prompt is None else str(given.prompt)
    return build_prompt(choose_phrases(sentences.read_text(encoding="utf-8").splitlines()))


class Server:
    """One of the servers, in a process of its own.

    Args:
        process: of it.
        url: where it is.
    """

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process = psutil.Process(process.pid)
        self._url = url

    def load(self, wavs: list[bytes], prompt: str, waiting: int) -> dict[str, float]:
        """Send all clips, so many at a time; returns recognitions a second, and what one took."""
        left = list(enumerate(wavs))
        lock = threading.Lock()
        took: list[float] = []
        fields = {"model": "whisper-1", "language": "en", "response_format": "verbose_json"}
        if prompt:
            fields["prompt"] = prompt

        def ask() -> None:
            with httpx.Client(base_url=self._url, timeout=300) as client:
                while True:
                    with lock:
                        if not left:
                            return
                        _, wav = left.pop()
                    began = time.perf_counter()
                    answer = client.post("/v1/audio/transcriptions", files={"file": ("a.wav", wav)}, data=fields)
                    answer.raise_for_status()
                    took.append(time.perf_counter() - began)

        threads = [threading.Thread(target=ask) for _ in range(waiting)]
        began, cpu_s = time.perf_counter(), self._cpu_s()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(took) < len(wavs):
            sys.exit(f"{len(wavs) - len(took)} requests failed.")
        return {
            "per_s": len(wavs) / (time.perf_counter() - began),
            "p50_s": percentile(took, 50),
            "cpu_s": (self._cpu_s() - cpu_s) / len(wavs),
        }

    def _cpu_s(self) -> float:
        times = [one.cpu_times() for one in (self._process, *self._process.children())]
        return sum(one.user + one.system for one in times)


def report(figures: dict[str, list[dict[str, float]]], given: argparse.Namespace) -> None:
    """Print one table and, if asked for, one JSON object."""
    known = instructions()
    best = "AVX512" if "avx512f" in known else "AVX2" if "avx2" in known else "unknown instructions"
    print(f"\n{given.asr}, {given.waiting} waiting, medians of {given.rounds} rounds; {cores()} cores, {best}")
    print(f"{'':34}{'a second':>10}{'p50 s':>8}{'CPU s':>8}{'ours together / this':>22}{'by CPU s':>10}")
    summary: dict[str, Any] = {}
    for way, name in WAYS.items():
        per_s = statistics.median(one["per_s"] for one in figures[way])
        p50_s, cpu_s = (statistics.median(one[name] for one in figures[way]) for name in ("p50_s", "cpu_s"))
        pairs = list(zip(figures["together"], figures[way], strict=True))
        ratio = statistics.median(ours["per_s"] / theirs["per_s"] for ours, theirs in pairs)
        by_cpu = statistics.median(theirs["cpu_s"] / ours["cpu_s"] for ours, theirs in pairs)
        print(f"{name:34}{per_s:10.2f}{p50_s:8.2f}{cpu_s:8.3f}{ratio:22.2f}{by_cpu:10.2f}")
        summary[way] = {
            "per_s": round(per_s, 2),
            "p50_s": round(p50_s, 3),
            "cpu_s": round(cpu_s, 3),
            "ratio": round(ratio, 2),
            "ratio_by_cpu": round(by_cpu, 2),
        }
    if given.json:
        print(json.dumps(summary))


@contextlib.contextmanager
def running(way: str, asr: str) -> Iterator[Server]:
    """Run one of the servers."""
    environment = {"CONVAI_MODELS_DIR": str(ROOT / "models"), **os.environ}
    command = [sys.executable, __file__, "--serve", way, "--asr", asr]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"http://[\d.:]+", line):
                yield Server(process, found[0])
                break
        else:
            sys.exit(f"The server '{way}' did not start.")
    finally:
        process.kill()
        process.wait()


def serve(way: str, asr: str) -> None:
    """Serve until the process ends."""
    from convai_rasa.launch import bound
    from convai_rasa.speech import Service, SpeechOptions

    if way == "plain":
        serve_plain(asr)
        return
    options = SpeechOptions(asr=asr, tts=[], max_wait_s=600, batch=int(way == "alone"))
    with bound("127.0.0.1", 0, option="--port") as address:
        Service(options, (), address, on_ready=lambda: tell(address)).run()


def serve_plain(asr: str) -> None:
    """Serve faster-whisper behind the API, as one would in an afternoon."""
    import asyncio
    import io
    import socket
    from concurrent.futures import ThreadPoolExecutor

    from faster_whisper import WhisperModel
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    from convai_rasa.speech.forms import read_transcription
    from convai_rasa.speech.options import SpeechOptions
    from convai_rasa.speech.serving import http_server
    from convai_rasa.store import resolve

    model = WhisperModel(str(resolve(asr)), device="cpu", compute_type="int8", cpu_threads=1, num_workers=cores())
    pool = ThreadPoolExecutor(cores())

    def heard(wanted: Any) -> str:
        segments, _ = model.transcribe(
            io.BytesIO(wanted.recording), language=wanted.language, initial_prompt=wanted.prompt
        )
        return " ".join(segment.text.strip() for segment in segments)

    async def transcribe(request: Request) -> JSONResponse:
        wanted = read_transcription(request.headers["content-type"], await request.body(), SpeechOptions())
        text = await asyncio.get_running_loop().run_in_executor(pool, heard, wanted)
        return JSONResponse({"text": text})

    app = Starlette(routes=[Route("/v1/audio/transcriptions", transcribe, methods=["POST"])])
    with socket.create_server(("127.0.0.1", 0)) as address:
        tell(address)
        asyncio.run(http_server(app).serve(sockets=[address]))


def tell(address: Any) -> None:
    """Print where a server is."""
    host, port = address.getsockname()[:2]
    print(f"http://{host}:{port}", flush=True)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--asr", default="whisper/base", help="the model (default: %(default)s)")
    parser.add_argument("--wavs", type=Path, default=DATA / "wav", help="folder of recordings (default: %(default)s)")
    parser.add_argument("--clips", type=int, default=64, help="of a round, from the first again if need be")
    parser.add_argument("--waiting", type=int, default=16, help="requests on their way (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="default: %(default)s")
    parser.add_argument(
        "--prompt", help="words to expect (default: from training-sentences.txt beside the recordings, as a bot's are)"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON, too")
    parser.add_argument("--serve", choices=WAYS, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
