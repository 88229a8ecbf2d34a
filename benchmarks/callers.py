"""Many callers at once: each speaks real clips in real time, one after the other, for some minutes.

Reports how long they wait for an answer, how many got none or were dropped, how long Rasa's event loop stood still at
most, and how the memory of Rasa and its children develops once the first five minutes are over.

    python benchmarks/callers.py
    python benchmarks/callers.py --callers 16 --minutes 2 --json
    python benchmarks/callers.py --callers 8 --minutes 30 --json
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import requests
from streamed import Answer, Clip, answer, arguments_for, bot_for, percentile, read_clips, run, running
from tqdm import tqdm

from convai_rasa.errors import ConvaiError

SAMPLE_EVERY_S = 5.0
PAUSE_S = (1.0, 3.0)  # between an answer and the next question, as people listen and think
WARM_S = 300.0  # memory counts from here on, if it can be watched for long enough then
WATCHED_S = 60.0


@dataclass
class Load:
    """What was measured.

    Attributes:
        answers: of all callers.
        dropped: calls that ended with an error, with its sentence.
        memory: (seconds since the start, megabytes), of Rasa and its children together.
        stalls_ms: how long the server's event loop stood still at most, of the last seconds each.
    """

    answers: list[Answer] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    stalls_ms: list[float] = field(default_factory=list)


def main() -> None:
    """Run the benchmark."""
    given = arguments()
    clips = read_clips(given.wavs)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bot = given.bot or bot_for(given.wavs, folder)
        voice = {"asr": {"model": given.asr, "language": given.language}, "tts": {"model": given.tts}}
        with running(bot, voice, folder / "callers") as server:
            load = asyncio.run(hold(server.url, server.processes["rasa"], clips, given))
    report(load, given)


async def hold(url: str, rasa_pid: int, clips: list[Clip], given: argparse.Namespace) -> Load:
    """Let all callers talk until the time is over."""
    load, began = Load(), time.monotonic()
    end = began + 60 * given.minutes
    watching = asyncio.ensure_future(watch(url, rasa_pid, began, end, load))
    callers = [talk(url, random.Random(number), clips, end, load) for number in range(given.callers)]
    await asyncio.gather(*callers)
    await watching
    return load


async def talk(url: str, choose: random.Random, clips: list[Clip], end: float, load: Load) -> None:
    """One caller: clip after clip, in a call each."""
    await asyncio.sleep(choose.uniform(0, 5))  # people do not call in step
    while time.monotonic() < end:
        try:
            load.answers.append(await answer(url, choose.choice(clips), settle_s=15.0))
        except ConvaiError as error:
            load.dropped.append(str(error))
        await asyncio.sleep(choose.uniform(*PAUSE_S))


async def watch(url: str, rasa_pid: int, began: float, end: float, load: Load) -> None:
    """Note every few seconds how much memory the server takes and how long its event loop stood still."""
    rasa, loop = psutil.Process(rasa_pid), asyncio.get_running_loop()
    with tqdm(total=round(end - began), unit="s", disable=None) as progress:
        while (now := time.monotonic()) < end:
            load.memory.append((now - began, await loop.run_in_executor(None, memory_mb, rasa)))
            health = await loop.run_in_executor(None, lambda: requests.get(url, timeout=30).json())
            load.stalls_ms.append(health["longest_stall_ms"])
            progress.update(round(now - began) - progress.n)
            await asyncio.sleep(SAMPLE_EVERY_S)


def memory_mb(process: psutil.Process) -> float:
    """Resident memory of a process and its children; none of one that has just ended.

    Not the proportional set size, which changes with other processes that share its pages.
    """
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += one.memory_info().rss / 1e6
    return total


def report(load: Load, given: argparse.Namespace) -> None:
    """Print what was measured and, if asked for, one JSON object."""
    times = [one.response_ms for one in load.answers if one.response_ms is not None and not one.cut_off]
    silent = sum(one.response_ms is None for one in load.answers)
    figures: dict[str, Any] = {
        "callers": given.callers,
        "minutes": given.minutes,
        "asr": given.asr,
        "turns": len(load.answers),
        "p50_ms": round(percentile(times, 50), 1),
        "p95_ms": round(percentile(times, 95), 1),
        "cut_off_rate": round(sum(one.cut_off for one in load.answers) / max(1, len(load.answers)), 4),
        "no_answer": silent,
        "dropped": len(load.dropped),
        "longest_stall_ms": max(load.stalls_ms, default=float("nan")),
        **memory_figures(load.memory),
    }
    print(f"\n{given.callers} callers for {given.minutes:g} min, {given.asr}: {len(load.answers)} turns")
    print(f"response p50 {figures['p50_ms']:.0f} ms, p95 {figures['p95_ms']:.0f} ms")
    why = sorted(set(load.dropped))[:3] or ""
    print(f"cut off {figures['cut_off_rate']:.1%}; no answer {silent}; dropped {len(load.dropped)} {why}")
    print(f"Rasa's event loop stood still for {figures['longest_stall_ms']:.0f} ms at most")
    growth = f"growing {figures['growth_mb_per_min']} MB a minute"
    if figures["growth_mb_per_min"] is None:
        growth = f"too short a run for its growth, which counts after {WARM_S / 60:g} min"
    print(
        f"memory after {figures['memory_from_s']:.0f} s {figures['memory_then_mb']} MB, at the end "
        f"{figures['memory_at_the_end_mb']} MB, {growth}"
    )
    if given.json:
        print(json.dumps(figures))


def memory_figures(samples: list[tuple[float, float]]) -> dict[str, float | None]:
    """Return how much memory it was after the first minutes and at the end, and how it grew between.

    The growth is Theil's and Sen's: the median slope of all pairs, which an utterance that is just being recognised
    does not move; None of a run that is too short to tell.
    """
    long_enough = samples[-1][0] >= WARM_S + WATCHED_S
    since = WARM_S if long_enough else samples[-1][0] / 2
    late = [sample for sample in samples if sample[0] >= since]
    slopes = [
        60 * (later - earlier) / (end - begin)
        for number, (begin, earlier) in enumerate(late)
        for end, later in late[number + 1 :]
    ]
    ends = [statistics.median(megabytes for _, megabytes in part) for part in (late[:6], late[-6:])]
    return {
        "memory_from_s": round(since),
        "memory_then_mb": round(ends[0]),
        "memory_at_the_end_mb": round(ends[1]),
        "growth_mb_per_min": round(statistics.median(slopes), 2) if long_enough else None,
    }


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = arguments_for(__doc__, asr="whisper/tiny.en")
    parser.add_argument("--callers", type=int, default=8, help="how many (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
