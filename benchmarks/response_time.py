"""How long a person waits for an answer: real clips streamed in real time to a real `rasa run`.

For every clip, the time from the end of the person's speech to the first byte of the answer's sound, as the client
sees it: once where a fixed silence ends the turn, once where the dialogue decides. Beside it the same models used the
plain way in the same run, clip by clip in turn: recognition on Whisper's 30-second window after the end of the turn,
and the whole reply synthesised before it is played. The plain way decodes greedily as we do; faster-whisper's default
of five beams would only make it slower. Where the clips have labels, it also says how many were understood.

    python benchmarks/response_time.py
    python benchmarks/response_time.py --asr whisper/tiny.en --json
    python benchmarks/response_time.py --engine openai --clips 20 --no-cache
    python benchmarks/response_time.py --bot my_bot --wavs my_recordings --json

The server's own metrics are held against what the client saw: the last line of each way is what they leave out. Set
CT2_FORCE_CPU_ISA=AVX2 for the recognition of a processor without AVX-512.

--engine openai holds the same models behind OpenAI's API, in a `convai speech` on loopback, against the models in
Rasa's process, clip by clip in turn.

A bot's fixed replies are spoken ahead of time and come from the cache; --no-cache shows what others cost.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any, Iterator, Optional

import numpy as np
import requests
from streamed import Answer, Clip, answer, arguments_for, bot_for, percentile, read_clips, run, running, understood
from tqdm import tqdm

from convai_rasa.hardware import cores, instructions
from convai_rasa.store import resolve
from convai_rasa.tts import SharedVoice

WAYS = ("fixed", "dialogue")
PARTS = {
    "endpoint": "  end of turn seen",
    "asr": "  words known",
    "rasa": "  bot's first message",
    "tts_first_audio": "  first sound of it",
    "response": "  all of it, as the server says",
    "missing": "  what is missing in that",
}


def main() -> None:
    """Run the benchmark."""
    given = arguments()
    clips = read_clips(given.wavs, given.clips)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bot = given.bot or bot_for(given.wavs, folder)
        if given.engine is not None:
            report_engines(compare_engines(clips, bot, folder, given), given)
            return
        print("Starting the bot, twice, and the plain way's models …", file=sys.stderr)
        servers = {}
        for way in WAYS:
            decided_by = "silence" if way == "fixed" else "dialogue"
            voice = {
                "asr": {"model": given.asr, "language": given.language},
                "tts": {"model": given.tts, "cache": not given.no_cache},
                "turn": {"decided_by": decided_by, "end_ms": given.end_ms},
            }
            servers[way] = stack.enter_context(running(bot, voice, folder / way))
        plain = stack.enter_context(contextlib.closing(PlainWay(servers["fixed"].server, given)))
        slot_names = {name for clip in clips if clip.label for name in clip.label.get("slots", {})}
        rows = []
        for clip in tqdm(clips, desc="clips", disable=None):
            row: dict[str, Any] = {"clip": clip.name, "plain": plain.answer(clip)}
            for way in WAYS:
                row[way] = asyncio.run(answer(servers[way].url, clip))
                if clip.label:
                    row[f"{way}_accepted"] = understood(servers[way].server, row[way].sender_id, clip.label, slot_names)
            rows.append(row)
    report(rows, given, bot.name)


def compare_engines(clips: list[Clip], bot: Path, folder: Path, given: argparse.Namespace) -> dict[str, list[Answer]]:
    """Answer each clip by the models in Rasa's process and by the same ones behind an API; returns all answers."""
    here = {
        "asr": {"model": given.asr, "language": given.language},
        "tts": {"model": given.tts, "cache": not given.no_cache},
    }
    answers: dict[str, list[Answer]] = {"in process": [], given.engine: []}
    print("Starting the bot, twice, and a server with the same models …", file=sys.stderr)
    with contextlib.ExitStack() as stack:
        there = {"engine": given.engine, "base_url": stack.enter_context(speech_service(given))}
        voices = [
            here,
            {
                "asr": {**there, "language": given.language},
                "tts": {**there, "cache": not given.no_cache},
            },
        ]
        bots = {
            way: stack.enter_context(running(bot, voice, folder / way))
            for way, voice in zip(answers, voices, strict=True)
        }
        for number, clip in enumerate(tqdm(clips, desc="clips", disable=None)):
            for way in sorted(answers, reverse=bool(number % 2)):  # each comes first every other time
                answers[way].append(asyncio.run(answer(bots[way].url, clip)))
    return answers


@contextlib.contextmanager
def speech_service(given: argparse.Namespace) -> Iterator[str]:
    """Run ``convai speech`` with the models that are measured, and give its base URL."""
    command = [sys.executable, "-m", "convai_rasa.cli", "speech", "--port", "0"]
    command += ["--asr", given.asr, "--tts", given.tts]
    environment = {"CONVAI_MODELS_DIR": str(Path(__file__).parent.parent / "models"), **os.environ}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"http://\S+", line):
                yield found[0]
                break
        else:
            sys.exit("The speech service did not start.")
    finally:
        process.terminate()
        process.wait()


def report_engines(answers: dict[str, list[Answer]], given: argparse.Namespace) -> None:
    """Print one table and, if asked for, one JSON object."""
    print(f"\n{given.asr}, {given.tts}; ms after the end of speech; {processor()}")
    print(f"{'':34}{'p50':>8}{'p95':>8}{'cut off':>10}{'no answer':>11}")
    summaries = {way: summarise(each, [None] * len(each)) for way, each in answers.items()}
    for way, summary in summaries.items():
        print(
            f"{way:34}{summary['p50_ms']:8.0f}{summary['p95_ms']:8.0f}{summary['cut_off_rate']:10.1%}"
            f"{summary['no_answer']:11}"
        )
        for part, name in PARTS.items():
            values = part_of(answers[way], part)
            print(f"{name:34}{percentile(values, 50):8.0f}{percentile(values, 95):8.0f}")
    ratio = summaries[given.engine]["p50_ms"] / summaries["in process"]["p50_ms"]
    print(f"{given.engine} / in process, p50: {ratio:.2f}")
    if given.json:
        print(json.dumps({**summaries, "ratio": round(ratio, 3)}))


class PlainWay:
    """The same models as a straightforward pipeline uses them."""

    def __init__(self, server: str, given: argparse.Namespace) -> None:
        from faster_whisper import WhisperModel

        self._server, self._end_ms, self._language = server, given.end_ms, given.language
        self._whisper = WhisperModel(str(resolve(given.asr)), device="cpu", compute_type="int8", cpu_threads=1)
        self._voice = SharedVoice(model=given.tts)
        self._voice.wait_ready()

    def answer(self, clip: Clip) -> dict[str, float]:
        """Answer one clip; ms of each part and of all."""
        samples = clip.pcm.astype(np.float32) / 32768
        began = time.perf_counter()
        segments, _ = self._whisper.transcribe(
            samples, language=self._language, beam_size=1, condition_on_previous_text=False
        )
        text = " ".join(segment.text for segment in segments).strip()
        recognised = time.perf_counter()
        message = {"sender": uuid.uuid4().hex, "message": text or "hello"}
        replies = requests.post(f"{self._server}/webhooks/rest/webhook", json=message, timeout=60).json()
        answered = time.perf_counter()
        first = next((reply["text"] for reply in replies if reply.get("text")), None)
        if first:  # the first message is what the person waits for
            self._voice.synthesize(first)
        spoken = time.perf_counter()
        parts = {"asr": recognised - began, "rasa": answered - recognised, "tts": spoken - answered}
        in_ms = {name: 1000 * value for name, value in parts.items()}
        return {**in_ms, "all": self._end_ms + sum(in_ms.values())}

    def close(self) -> None:
        """Free the voice."""
        self._voice.close()


def report(rows: list[dict[str, Any]], given: argparse.Namespace, bot: str) -> None:
    """Print one table and, if asked for, one JSON object."""
    print(f"\n{len(rows)} clips, {given.asr}, {given.tts}, bot {bot}; ms after the end of speech; {processor()}")
    print(f"{'':34}{'p50':>8}{'p95':>8}{'cut off':>10}{'no answer':>11}{'understood':>12}")
    figures: dict[str, Any] = {"clips": len(rows), "asr": given.asr, "processor": processor()}
    for way in WAYS:
        answers: list[Answer] = [row[way] for row in rows]
        label = f"a silence of {given.end_ms} ms ends the turn" if way == "fixed" else "the dialogue decides"
        summary = summarise(answers, [row.get(f"{way}_accepted") for row in rows])
        figures.update({("" if way == "fixed" else "dialogue_") + name: value for name, value in summary.items()})
        accepted = summary["accepted"]
        print(
            f"{label:34}{summary['p50_ms']:8.0f}{summary['p95_ms']:8.0f}{summary['cut_off_rate']:10.1%}"
            f"{summary['no_answer']:11}" + ("" if accepted is None else f"{accepted:12.1%}")
        )
        for part, name in PARTS.items():
            values = part_of(answers, part)
            print(f"{name:34}{percentile(values, 50):8.0f}{percentile(values, 95):8.0f}")
    print_plain(rows, figures)
    if given.json:
        print(json.dumps(figures))


def part_of(answers: list[Answer], part: str) -> list[float]:
    """Return one of the server's metrics, of all answers that were not cut off."""
    kept = [one for one in answers if one.response_ms is not None and not one.cut_off]
    if part == "missing":
        return [one.response_ms - one.metrics["response"] for one in kept if "response" in one.metrics]  # type: ignore[operator]  # kept
    return [one.metrics[part] for one in kept if part in one.metrics]


def processor() -> str:
    """Return the cores, and the instructions that recognition uses."""
    known = instructions()
    best = "AVX512" if "avx512f" in known else "AVX2" if "avx2" in known else "unknown instructions"
    return f"{cores()} cores, {os.environ.get('CT2_FORCE_CPU_ISA', best)}"


def summarise(answers: list[Answer], accepted: list[Optional[bool]]) -> dict[str, Any]:
    """Return the figures of one way."""
    times = [one.response_ms for one in answers if one.response_ms is not None and not one.cut_off]
    known = [one for one in accepted if one is not None]
    return {
        "p50_ms": round(percentile(times, 50), 1),
        "p95_ms": round(percentile(times, 95), 1),
        "server_response_p50_ms": round(percentile(part_of(answers, "response"), 50), 1),
        "missing_p50_ms": round(percentile(part_of(answers, "missing"), 50), 1),
        "cut_off_rate": round(sum(one.cut_off for one in answers) / len(answers), 4),
        "no_answer": sum(one.response_ms is None for one in answers),
        "accepted": round(statistics.mean(known), 4) if known else None,
    }


def print_plain(rows: list[dict[str, Any]], figures: dict[str, Any]) -> None:
    """Print the plain way's times, and how many times slower it was clip by clip."""
    for key, label in (
        ("all", "the plain way, first sound"),
        ("asr", "  words known"),
        ("rasa", "  bot's messages"),
        ("tts", "  whole first message"),
    ):
        values = [row["plain"][key] for row in rows]
        print(f"{label:34}{percentile(values, 50):8.0f}{percentile(values, 95):8.0f}")
        if key == "all":
            figures["plain_p50_ms"] = round(percentile(values, 50), 1)
            figures["plain_p95_ms"] = round(percentile(values, 95), 1)
    for way in WAYS:
        ratios = list(_ratios(rows, way))
        if ratios:
            ratio = round(statistics.median(ratios), 2)
            figures["plain_over_ours" if way == "fixed" else "plain_over_dialogue"] = ratio
            print(f"plain / {way}, median over clips: {ratio:.2f}")


def _ratios(rows: list[dict[str, Any]], way: str) -> Iterator[float]:
    for row in rows:
        if row[way].response_ms is not None and not row[way].cut_off:
            yield row["plain"]["all"] / row[way].response_ms


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = arguments_for(__doc__, asr="whisper/base")
    parser.add_argument("--clips", type=int, help="how many of them (default: all)")
    parser.add_argument("--engine", choices=["openai"], help="compare the models in process with this engine")
    parser.add_argument("--end-ms", type=int, default=500, help="the fixed wait (default: %(default)s)")
    parser.add_argument(
        "--no-cache", action="store_true", help="compute every reply anew, as one that was never said before"
    )
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
