"""How many speech workers how many callers need: a model of the engines, with the times that they take on this machine.

Callers speak, wait, listen and think, on and on. What they say goes to the worker with the least in work, as HAProxy
chooses; a worker has so many processors, decodes recognitions that wait together, and speaks what no cache has. A Rasa
has one event loop for so many callers. Waiting is what a turn takes beyond what it takes with nobody else there.

    python benchmarks/scale_simulation.py --measure times.json      # measures this machine's engines first; two minutes
    python benchmarks/scale_simulation.py --times times.json
    python benchmarks/scale_simulation.py --times times.json --callers 1000 --plot scale.png --json

Needs simpy, for its plot matplotlib, and for --measure a trained bot in bot/.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

try:
    import simpy
except ImportError:
    sys.exit("This benchmark needs simpy; install it with: pip install simpy")

WORKERS = (1, 2, 4, 8, 16)
SENTENCES = (
    "Yes, please.",
    "I would like to book a table for two.",
    "What are your opening hours on Sunday?",
    "Tomorrow evening at eight, and could we sit outside if the weather is nice?",
)
TYPED = ("do you have parking", "what are your opening hours", "hello", "do you have anything vegan")
TYPED_TURNS = 40


@dataclass(frozen=True)
class Times:
    """Seconds of one processor, measured on this machine.

    Attributes:
        processor: which one it is.
        asr: the recognizer's model.
        tts: the voice's.
        recognition_s: of an utterance alone.
        together: of what an utterance costs alone, what it costs among eight.
        first_sound_s: until a sentence can be heard.
        sentence_s: for all of its sound.
        rasa_s: of Rasa's process, for a turn whose answer is in the cache.
    """

    processor: str
    asr: str
    tts: str
    recognition_s: float
    together: float
    first_sound_s: float
    sentence_s: float
    rasa_s: float


@dataclass(frozen=True)
class People:
    """What callers do, in seconds; each is drawn anew for every turn, evenly from half as long to half as long again.

    Attributes:
        speak_s: their sentence, and the pause after which it is over.
        listen_s: the answer.
        think_s: until they speak again.
        heard_again: how often an utterance is recognized, for pauses in its midst.
        uncached: the part of the answers that no cache has.
    """

    speak_s: float = 3.0
    listen_s: float = 4.0
    think_s: float = 3.0
    heard_again: float = 1.5
    uncached: float = 0.5


# ------------------------------------------------------------------ the model


class Worker:
    """A machine with some processors; recognitions that wait are begun together."""

    def __init__(self, world: simpy.Environment, times: Times, processors: int, most_together: int) -> None:
        self._world = world
        self._times = times
        self._processors = simpy.Resource(world, processors)
        self._most_together = most_together
        self._waiting: list[simpy.Event] = []
        self.in_work = 0

    def recognize(self) -> Iterator[Any]:
        """Recognize an utterance."""
        self.in_work += 1
        done = self._world.event()
        self._waiting.append(done)
        self._world.process(self._batch())
        yield done
        self.in_work -= 1

    def _batch(self) -> Iterator[Any]:
        with self._processors.request() as processor:
            yield processor
            batch, self._waiting = self._waiting[: self._most_together], self._waiting[self._most_together :]
            if batch:
                cheaper = 1 - (1 - self._times.together) * (len(batch) - 1) / 7
                yield self._world.timeout(self._times.recognition_s * cheaper * len(batch))
                for done in batch:
                    done.succeed()

    def speak(self) -> Iterator[Any]:
        """Speak a sentence; returns with its first sound, and goes on."""
        self.in_work += 1
        first = self._world.event()
        self._world.process(self._sentence(first))
        yield first

    def _sentence(self, first: simpy.Event) -> Iterator[Any]:
        with self._processors.request() as processor:
            yield processor
            yield self._world.timeout(self._times.first_sound_s)
            first.succeed()
            yield self._world.timeout(self._times.sentence_s - self._times.first_sound_s)
        self.in_work -= 1


def simulate(
    callers: int, workers: int, times: Times, people: People, given: argparse.Namespace
) -> tuple[list[float], list[float], float]:
    """Let callers talk for a while.

    Returns:
        For each turn how long it waited and how long the answer took, in seconds, and how busy the workers were.
    """
    choose = random.Random(given.seed)
    world = simpy.Environment()
    house = [Worker(world, times, given.processors, given.together) for _ in range(workers)]
    rasas = [simpy.Resource(world, 1) for _ in range(-(-callers // given.callers_per_rasa))]
    waits: list[float] = []
    answers: list[float] = []

    def about(seconds: float) -> float:
        return seconds * choose.uniform(0.5, 1.5)

    def freest() -> Worker:
        return min(house, key=lambda worker: worker.in_work)

    def caller(number: int) -> Iterator[Any]:
        yield world.timeout(choose.uniform(0, people.speak_s + people.listen_s + people.think_s))
        while True:
            spoken_s, paused_at = about(people.speak_s), choose.random()
            yield world.timeout(spoken_s * paused_at)
            if choose.random() < people.heard_again - 1:  # for nothing, as they speak on
                world.process(freest().recognize())
            yield world.timeout(spoken_s * (1 - paused_at))
            began, alone_s = world.now, times.recognition_s + times.rasa_s
            yield from freest().recognize()
            with rasas[number % len(rasas)].request() as turn:
                yield turn
                yield world.timeout(times.rasa_s)
            if choose.random() < people.uncached:
                alone_s += times.first_sound_s
                yield from freest().speak()
            if began > given.warm_s:
                waits.append(max(0.0, world.now - began - alone_s))
                answers.append(world.now - began)
            yield world.timeout(about(people.listen_s) + about(people.think_s))

    for number in range(callers):
        world.process(caller(number))
    world.run(until=given.warm_s + given.seconds)
    seconds_a_turn = people.heard_again * times.recognition_s + people.uncached * times.sentence_s
    return waits, answers, len(waits) * seconds_a_turn / (given.seconds * workers * given.processors)


def report(times: Times, people: People, given: argparse.Namespace) -> dict[str, Any]:
    """Print two tables: the same callers and more workers, and callers that grow with the workers."""
    seconds_a_turn = people.heard_again * times.recognition_s + people.uncached * times.sentence_s
    print(
        f"{times.processor}, {times.asr} and {times.tts}: an utterance {1000 * times.recognition_s:.0f} ms alone and "
        f"{1000 * times.recognition_s * times.together:.0f} ms among eight, a sentence {1000 * times.sentence_s:.0f} "
        f"ms (first sound {1000 * times.first_sound_s:.0f} ms), Rasa {1000 * times.rasa_s:.0f} ms.\n"
        f"A turn takes a worker {seconds_a_turn:.2f} s of a processor; each has {given.processors}."
    )
    each = given.callers // WORKERS[-1]
    tables = {
        f"{given.callers} callers": [(given.callers, workers) for workers in WORKERS],
        f"{each} callers for each worker": [(each * workers, workers) for workers in WORKERS],
    }
    figures: dict[str, Any] = {}
    for title, rows in tables.items():
        print(
            f"\n{title}\n{'workers':>8}{'callers':>9}{'Rasas':>7}{'turns/s':>9}{'busy':>7}"
            f"{'wait p50':>10}{'p95':>8}{'answer p50':>12}{'p95':>8}  (ms)"
        )
        figures[title] = []
        for callers, workers in rows:
            waits, answers, busy = simulate(callers, workers, times, people, given)
            row = [round(1000 * float(np.percentile(them, at))) for them in (waits, answers) for at in (50, 95)]
            rasas = -(-callers // given.callers_per_rasa)
            print(
                f"{workers:8}{callers:9}{rasas:7}{len(waits) / given.seconds:9.1f}{min(busy, 1):7.0%}"
                f"{row[0]:10}{row[1]:8}{row[2]:12}{row[3]:8}",
                flush=True,
            )
            figures[title].append(
                {"workers": workers, "callers": callers, "wait_p50_ms": row[0], "wait_p95_ms": row[1]}
            )
    return figures


def plot(figures: dict[str, Any], place: Path) -> None:
    """Draw both tables."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.2))
    for title, rows in figures.items():
        workers = [row["workers"] for row in rows]
        for at, style in (("p50", ":"), ("p95", "-")):
            waits = [max(1, row[f"wait_{at}_ms"]) for row in rows]
            axes.plot(workers, waits, style, marker="o", label=f"{title}, {at}")
    axes.set(xlabel="workers", ylabel="waiting, ms", xscale="log", yscale="log", xticks=WORKERS)
    axes.set_xticks(WORKERS, [str(number) for number in WORKERS])
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(place, dpi=120)
    print(f"\nThe plot is in {place}.")


# ------------------------------------------------------------------ the times


def measure(asr: str, tts: str, bot: Path) -> Times:
    """Measure the engines and Rasa on this machine, one after the other, on one thread, in seconds of a processor."""
    from tqdm import tqdm

    from convai_rasa.asr import Request, load_recognizer
    from convai_rasa.audio import StreamResampler, pcm16_to_float
    from convai_rasa.tts import load_synthesizer

    with contextlib.closing(load_synthesizer("coqui", tts)) as voice:
        spoken, firsts, alls = [], [], []
        voice.synthesize(SENTENCES[0])
        for text in tqdm(SENTENCES * 3, desc="the voice", leave=False, disable=None):
            began, pieces = time.process_time(), []
            for chunk in voice.stream(text):
                if not pieces:
                    firsts.append(time.process_time() - began)
                pieces.append(chunk)
            alls.append(time.process_time() - began)
            resample = StreamResampler(voice.sample_rate, 16_000)
            sound = resample.push(pcm16_to_float(np.concatenate(pieces)))
            spoken.append(np.concatenate([sound, resample.flush()]))
    with contextlib.closing(load_recognizer("whisper", asr, threads=1, workers=1)) as recognizer:
        alone, together = [], []
        recognizer.transcribe(spoken[0], language="en")
        for samples in tqdm(spoken, desc="the recognizer", leave=False, disable=None):
            began = time.process_time()
            recognizer.transcribe(samples, language="en")
            alone.append(time.process_time() - began)
            eight = [Request(samples, "en", None, lambda: True)] * 8
            began = time.process_time()
            recognizer.transcribe_together(eight)
            together.append((time.process_time() - began) / 8)
    return Times(
        processor=processor(),
        asr=asr,
        tts=tts,
        recognition_s=round(float(np.mean(alone)), 4),
        together=round(float(np.mean(together) / np.mean(alone)), 3),
        first_sound_s=round(float(np.mean(firsts)), 4),
        sentence_s=round(float(np.mean(alls)), 4),
        rasa_s=round(rasas_seconds(asr, tts, bot), 4),
    )


def rasas_seconds(asr: str, tts: str, bot: Path) -> float:
    """Return what a turn takes of Rasa's process, in seconds of a processor, when its answer is in the cache."""
    import psutil
    import yaml

    from convai_rasa.launch import RunningBot
    from convai_rasa.voice.wire.client import VoiceClient

    with tempfile.TemporaryDirectory() as name:
        credentials = Path(name, "credentials.yml")
        channel = {"asr": {"model": asr, "language": "en"}, "tts": {"model": tts}, "call": {"lead_s": 60}}
        credentials.write_text(yaml.safe_dump({"convai_rasa.voice.VoiceInput": channel}))
        environment = {"RESTAURANT_DB": str(Path(name, "bookings.db"))}
        with RunningBot(bot, port=0, actions_port=0, credentials=credentials, environment=environment) as server:

            async def talk(turns: int) -> None:
                async with VoiceClient(server.url) as client:
                    for number in range(turns):
                        await client.type(TYPED[number % len(TYPED)])

            asyncio.run(talk(2 * len(TYPED)))
            process = psutil.Process(server.processes["rasa"])
            before = process.cpu_times()
            asyncio.run(talk(TYPED_TURNS))
            after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / TYPED_TURNS


def processor() -> str:
    """Return the processor's name, as Linux knows it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return "an unknown processor"


def main() -> int:
    """Run the benchmark."""
    given = arguments()
    if given.measure is not None:
        times = measure(given.asr, given.tts, given.bot)
        given.measure.write_text(json.dumps(dataclasses.asdict(times), indent=2) + "\n")
    else:
        times = Times(**json.loads(given.times.read_text()))
    figures = report(times, People(heard_again=given.heard_again, uncached=given.uncached), given)
    if given.plot is not None:
        plot(figures, given.plot)
    if given.json:
        print(json.dumps(figures))
    return 0


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--measure", type=Path, metavar="FILE", help="measure, and write the times there")
    source.add_argument("--times", type=Path, metavar="FILE", help="that --measure has written")
    parser.add_argument("--asr", default="whisper/base", help="model to measure (default: %(default)s)")
    parser.add_argument("--tts", default="tts/vits-joe", help="voice to measure (default: %(default)s)")
    parser.add_argument("--bot", type=Path, default=Path("bot"), help="to measure Rasa with (default: %(default)s)")
    parser.add_argument("--callers", type=int, default=1_000, help="at the same time (default: %(default)s)")
    parser.add_argument("--processors", type=int, default=4, help="of a worker (default: %(default)s)")
    parser.add_argument("--together", type=int, default=8, help="recognitions at most (default: %(default)s)")
    parser.add_argument("--callers-per-rasa", type=int, default=32, help="(default: %(default)s)")
    parser.add_argument("--heard-again", type=float, default=1.5, help="recognitions of a turn (default: %(default)s)")
    parser.add_argument("--uncached", type=float, default=0.5, help="part of the answers (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=300.0, help="simulated (default: %(default)s)")
    parser.add_argument("--warm-s", type=float, default=300.0, help="not counted, before (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the tables")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
