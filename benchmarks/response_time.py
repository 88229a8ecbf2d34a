"""How long a person waits for an answer: real clips streamed in real time to a real `rasa run`.

For every clip, the time from the end of the person's speech to the first byte of the answer's sound, as the client
sees it. Beside it the same models used the plain way in the same run, clip by clip in turn: recognition on Whisper's
30-second window after the end of the turn, and the whole reply synthesised before it is played. The plain way
decodes greedily as we do; faster-whisper's default of five beams would only make it slower.

    python benchmarks/response_time.py --wavs ../shared/data/speech/wav --clips 30
    python benchmarks/response_time.py --bot my_bot --wavs my_recordings --json
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import requests
import yaml
from tqdm import tqdm

from convai_rasa.audio import FRAME_SAMPLES, SAMPLE_RATE, SileroVad, decode_audio, float_to_pcm16
from convai_rasa.launch import RunningBot
from convai_rasa.store import resolve
from convai_rasa.tts import SynthesisWorker
from convai_rasa.voice import messages as m
from convai_rasa.voice.client import VoiceClient

END_MS = 512
PARTS = ("endpoint", "asr", "rasa", "tts_first_audio")


def main() -> int:
    """Run the benchmark."""
    given = arguments()
    wavs = sorted(given.wavs.glob("*.wav"))[: given.clips]
    if not wavs:
        print(f"SKIPPED: {given.wavs} holds no wav files; name a folder of recordings with --wavs.")
        return 0
    clips = {wav.stem: clip(wav) for wav in wavs}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        credentials = folder / "credentials.yml"
        voice = {"asr": {"model": given.asr}, "tts": {"model": given.tts}, "turn": {"end_ms": END_MS}}
        credentials.write_text(yaml.safe_dump({"convai_rasa.voice.VoiceInput": voice, "rest": None}))
        print("Starting the bot and the plain way's models …", file=sys.stderr)
        environment = {"RESTAURANT_DB": str(folder / "bookings.db")}
        bot = stack.enter_context(
            RunningBot(given.bot, port=0, actions_port=0, credentials=credentials, environment=environment)
        )
        plain = stack.enter_context(contextlib.closing(PlainWay(bot.server, given.asr, given.tts)))
        rows = []
        for name, (pcm, speech_end_s) in tqdm(clips.items(), desc="clips", disable=None):
            rows.append({"clip": name, **asyncio.run(ours(bot.url, pcm, speech_end_s)), **plain.answer(pcm)})
    report(rows, given)
    return 0


def clip(wav: Path) -> tuple[np.ndarray, float]:
    """Return a recording as int16 at 16 kHz, and when speech ends in it, s."""
    samples = decode_audio(wav.read_bytes(), max_seconds=60)
    voiced = np.flatnonzero(SileroVad().probabilities(samples) >= 0.5)
    end = (int(voiced[-1]) + 1) * FRAME_SAMPLES if len(voiced) else len(samples)
    return float_to_pcm16(samples), min(end, len(samples)) / SAMPLE_RATE


async def ours(url: str, pcm: np.ndarray, speech_end_s: float) -> dict[str, Any]:
    """Stream one clip as a microphone would; ms from the end of speech to the first sound."""
    async with VoiceClient(url, m.Start(sample_rate=SAMPLE_RATE)) as client:
        began = time.monotonic()
        turn = await client.say(pcm, real_time=True)
    # One clip can hold more than one turn; the last words decide, and an earlier answer would make us look fast.
    heard = turn.arrived.get("audio")
    response = None if heard is None else 1000 * (heard - began - speech_end_s)
    metrics = turn.metrics.dict() if turn.metrics else {}
    cut_off = response is not None and response < 0
    return {"ours": response, "cut_off": cut_off, "transcript": turn.transcript, **{p: metrics.get(p) for p in PARTS}}


class PlainWay:
    """The same models as a straightforward pipeline uses them."""

    def __init__(self, server: str, asr: str, tts: str) -> None:
        from faster_whisper import WhisperModel

        self._server = server
        self._whisper = WhisperModel(str(resolve(asr)), device="cpu", compute_type="int8", cpu_threads=1)
        self._voice = SynthesisWorker(model=tts)
        self._voice.wait_ready()
        self._vad = SileroVad()

    def answer(self, pcm: np.ndarray) -> dict[str, Any]:
        """Answer one clip; ms of each part."""
        samples = pcm.astype(np.float32) / 32768
        began = time.perf_counter()
        segments, _ = self._whisper.transcribe(samples, language="en", beam_size=1, condition_on_previous_text=False)
        text = " ".join(segment.text for segment in segments).strip()
        recognised = time.perf_counter()
        message = {"sender": uuid.uuid4().hex, "message": text or "hello"}
        replies = requests.post(f"{self._server}/webhooks/rest/webhook", json=message, timeout=60).json()
        answered = time.perf_counter()
        for reply in replies:
            if reply.get("text"):
                self._voice.synthesize(reply["text"])
                break  # the first message is what the person waits for
        spoken = time.perf_counter()
        parts = {
            "plain_asr": recognised - began,
            "plain_rasa": answered - recognised,
            "plain_tts": spoken - answered,
        }
        in_ms = {name: 1000 * value for name, value in parts.items()}
        return {**in_ms, "plain": END_MS + sum(in_ms.values())}

    def close(self) -> None:
        """End the voice's process."""
        self._voice.close()


def report(rows: list[dict[str, Any]], given: argparse.Namespace) -> None:
    """Print one table and, if asked for, one JSON object."""
    answered = [row for row in rows if row["ours"] is not None and not row["cut_off"]]
    silent = sum(row["ours"] is None for row in rows)
    cut_off = sum(row["cut_off"] for row in rows)
    print(f"\n{len(rows)} clips, {given.asr}, {given.tts}, bot {given.bot.name}; ms after the end of speech")
    print(f"{'':24}{'p50':>8}{'p95':>8}")
    for name, label in (
        ("ours", "first sound"),
        ("endpoint", "  end of turn seen"),
        ("asr", "  words known"),
        ("rasa", "  bot's first message"),
        ("tts_first_audio", "  first sound of it"),
        ("plain", "first sound, plain way"),
        ("plain_asr", "  words known"),
        ("plain_rasa", "  bot's messages"),
        ("plain_tts", "  whole first message"),
    ):
        values = [row[name] for row in answered if row.get(name) is not None]
        print(f"{label:24}{percentile(values, 50):8.0f}{percentile(values, 95):8.0f}")
    ratio = statistics.median(row["plain"] / row["ours"] for row in answered)
    print(f"plain / ours, median over clips: {ratio:.2f}; cut off early: {cut_off}; no answer: {silent}")
    if given.json:
        print(
            json.dumps(
                {
                    "clips": len(rows),
                    "p50_ms": round(percentile([row["ours"] for row in answered], 50), 1),
                    "p95_ms": round(percentile([row["ours"] for row in answered], 95), 1),
                    "plain_p50_ms": round(percentile([row["plain"] for row in answered], 50), 1),
                    "plain_p95_ms": round(percentile([row["plain"] for row in answered], 95), 1),
                    "plain_over_ours": round(ratio, 2),
                    "cut_off_rate": round(cut_off / len(rows), 4),
                    "no_answer": silent,
                }
            )
        )


def percentile(values: list[float], q: float) -> float:
    """Percentile of what was measured."""
    return float(np.percentile(values, q)) if values else float("nan")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    root = Path(__file__).parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bot", type=Path, default=root / "bot", help="a trained Rasa project (default: bot)")
    parser.add_argument(
        "--wavs", type=Path, default=root.parent / "shared/data/speech/wav", help="folder of recordings"
    )
    parser.add_argument("--clips", type=int, default=30, help="how many of them (default: %(default)s)")
    parser.add_argument("--asr", default="whisper/base", help="model (default: %(default)s)")
    parser.add_argument("--tts", default="tts/vits-joe", help="model (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
