"""Many callers at once: each speaks real clips in real time, one after the other, for some minutes.

Reports how long they wait for an answer, how many got none or were dropped, and how the memory of Rasa and the voice's
process develops.

    python benchmarks/callers.py
    python benchmarks/callers.py --callers 4 --minutes 2 --asr whisper/tiny.en --json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from streamed import Answer, Clip, add_arguments, answer, bot_for, percentile, read_clips, running
from tqdm import tqdm

from convai_rasa.errors import ConvaiError

SAMPLE_EVERY_S = 5.0
PAUSE_S = (1.0, 3.0)  # between an answer and the next question, as people listen and think
WARM_S = 60.0  # memory counts from here on


@dataclass
class Load:
    """What was measured.

    Attributes:
        answers: of all callers.
        dropped: calls that ended with an error, with its sentence.
        memory: (seconds since the start, megabytes), of Rasa and the voice's process together.
    """

    answers: list[Answer] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)


def main() -> int:
    """Run the benchmark."""
    given = arguments()
    clips = read_clips(given.wavs)
    if not clips:
        print(f"SKIPPED: {given.wavs} holds no wav files with speech; name a folder of recordings with --wavs.")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bot = given.bot or bot_for(given.wavs, folder)
        voice = {"asr": {"model": given.asr, "language": given.language}, "tts": {"model": given.tts}}
        with running(bot, voice, folder / "callers") as server:
            load = asyncio.run(hold(server.url, server.processes["rasa"], clips, given))
    report(load, given)
    return 0


async def hold(url: str, rasa_pid: int, clips: list[Clip], given: argparse.Namespace) -> Load:
    """Let all callers talk until the time is over."""
    load, began = Load(), time.monotonic()
    end = began + 60 * given.minutes
    watching = asyncio.ensure_future(watch_memory(rasa_pid, began, end, load))
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


async def watch_memory(rasa_pid: int, began: float, end: float, load: Load) -> None:
    """Note the resident memory of the server and its children every few seconds."""
    rasa = psutil.Process(rasa_pid)
    with tqdm(total=round(end - began), unit="s", disable=None) as progress:
        while (now := time.monotonic()) < end:
            resident = sum(process.memory_info().rss for process in (rasa, *rasa.children(recursive=True)))
            load.memory.append((now - began, resident / 2**20))
            progress.update(round(now - began) - progress.n)
            await asyncio.sleep(SAMPLE_EVERY_S)


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
        **memory_figures(load.memory),
    }
    print(f"\n{given.callers} callers for {given.minutes:g} min, {given.asr}: {len(load.answers)} turns")
    print(f"response p50 {figures['p50_ms']:.0f} ms, p95 {figures['p95_ms']:.0f} ms")
    why = sorted(set(load.dropped))[:3] or ""
    print(f"cut off {figures['cut_off_rate']:.1%}; no answer {silent}; dropped {len(load.dropped)} {why}")
    print(
        f"memory after the first minute {figures['memory_after_a_minute_mb']} MB, at the end "
        f"{figures['memory_at_the_end_mb']} MB, growing {figures['memory_mb_per_minute']} MB a minute"
    )
    if given.json:
        print(json.dumps(figures))


def memory_figures(samples: list[tuple[float, float]]) -> dict[str, float]:
    """Return the memory after the first minute, at the end, and the slope of a line between."""
    late = np.array([sample for sample in samples if sample[0] >= WARM_S] or samples)
    slope = float(np.polyfit(late[:, 0] / 60, late[:, 1], 1)[0]) if len(late) > 2 else float("nan")
    return {
        "memory_after_a_minute_mb": round(float(late[0, 1])),
        "memory_at_the_end_mb": round(float(late[-1, 1])),
        "memory_mb_per_minute": round(slope, 1),
    }


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser, asr="whisper/tiny.en")
    parser.add_argument("--callers", type=int, default=8, help="how many (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ConvaiError as error:
        sys.exit(f"callers: {error}")
