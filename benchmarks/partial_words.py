"""How soon a person sees their words while they speak: long sentences streamed in real time to a real `rasa run`.

Three settings, one after the other: alone, beside another caller who speaks without pause, and on a machine whose
every core is busy with something else. Of each: how long after the first sound of speech the first words came, how
long the words then stood without a newer reading, and how many of the sentences showed words before their end.

    python benchmarks/partial_words.py
    python benchmarks/partial_words.py --asr whisper/tiny.en --sentences 5 --json

The sentences are spoken by the project's own voice, so nothing but the embedded models is needed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

import numpy as np
from response_time import processor
from streamed import arguments_for, percentile, run, running, stream
from tqdm import tqdm

from convai_rasa.audio import FRAME_SAMPLES, SAMPLE_RATE, SileroVad, pcm16_to_float, resample
from convai_rasa.errors import ConvaiError
from convai_rasa.hardware import cores
from convai_rasa.tts import SharedVoice
from convai_rasa.voice.wire import messages as m
from convai_rasa.voice.wire.client import VoiceClient

SETTINGS = ("alone", "beside another caller", "every core busy")
SENTENCES = (
    "Good evening, I would like to ask whether you still have a table for six people on Saturday evening at about "
    "half past seven, if possible near the window.",
    "We are coming with two small children and my grandmother, who uses a wheelchair, so we would need some room "
    "beside the table and perhaps a high chair.",
    "My husband and I celebrate our anniversary next Thursday and I wondered if the kitchen could prepare a small "
    "cake with a candle on it for us.",
    "Could you tell me which of the dishes on the menu are made without any dairy, because my daughter does not "
    "tolerate milk or cheese at all.",
    "I left a black umbrella and a grey scarf at your place yesterday afternoon, we were sitting at the round table "
    "right next to the bar.",
    "If it is not too much trouble, I would like to change the booking that I made this morning from four people to "
    "seven people and one dog.",
)
SETTLE_S = 3.0


@dataclass
class Seen:
    """What was on the page while one sentence was spoken, in s since its first sound."""

    speech_s: float
    words_at: list[float] = field(default_factory=list)

    @property
    def stood_s(self) -> list[float]:
        """How long each reading stood before the next one, or the end of the speech."""
        return list(np.diff([*self.words_at, max(self.speech_s, *self.words_at)])) if self.words_at else []


def main() -> None:
    """Run the benchmark."""
    given = arguments()
    sentences = [spoken(sound) for sound in say(SENTENCES[: given.sentences])]
    figures = {}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        print("Starting the bot …", file=sys.stderr)
        voice = {"asr": {"model": given.asr, "language": given.language}, "tts": {"model": given.tts}}
        bot = stack.enter_context(running(given.bot or Path(__file__).parent.parent / "bot", voice, folder))
        for setting in SETTINGS:
            with busy(cores() if setting == "every core busy" else 0):
                others = 1 if setting == "beside another caller" else 0
                seen = [
                    asyncio.run(speak(bot.url, pcm, speech, others))
                    for pcm, speech in tqdm(sentences, desc=setting, disable=None)
                ]
            figures[setting] = summary(seen)
    print(f"\n{len(sentences)} sentences, {given.asr}; s; {processor()}")
    print(f"{'':26}{'first words p50':>17}{'p95':>8}{'newer after p50':>18}{'p95':>8}{'seen in time':>15}")
    for setting, row in figures.items():
        print(
            f"{setting:26}{row['first_p50_s']:17.2f}{row['first_p95_s']:8.2f}"
            f"{row['newer_p50_s']:18.2f}{row['newer_p95_s']:8.2f}{row['in_time']:15.0%}"
        )
    if given.json:
        print(json.dumps({"asr": given.asr, "processor": processor(), **figures}))


def say(texts: tuple[str, ...]) -> Iterator[np.ndarray]:
    """Speak the texts; int16 of shape (n,) at 16 kHz each."""
    with contextlib.closing(SharedVoice(model="tts/vits-joe")) as voice:
        voice.wait_ready()
        for text in texts:
            sound = resample(pcm16_to_float(voice.synthesize(text)), voice.sample_rate, SAMPLE_RATE)
            yield (sound * 32_767).clip(-32_768, 32_767).astype(np.int16)


def spoken(pcm: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """Return the sound, and when its speech begins and ends, s."""
    voiced = np.flatnonzero(SileroVad().probabilities(pcm16_to_float(pcm)) >= 0.5)
    return pcm, (int(voiced[0]) * FRAME_SAMPLES / SAMPLE_RATE, (int(voiced[-1]) + 1) * FRAME_SAMPLES / SAMPLE_RATE)


async def speak(url: str, pcm: np.ndarray, speech: tuple[float, float], others: int) -> Seen:
    """Say one sentence in real time, and note when words came; others say the same without pause meanwhile."""
    async with contextlib.AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(VoiceClient(url, m.Start(sample_rate=SAMPLE_RATE)))
            for _ in range(1 + others)
        ]
        began = time.monotonic()
        endless = np.tile(pcm[: int(speech[1] * SAMPLE_RATE)], 3)
        speaking = [
            asyncio.ensure_future(stream(client, sound, began))
            for client, sound in zip(clients, [pcm, *[endless] * others], strict=True)
        ]
        reading = [asyncio.ensure_future(drain(client)) for client in clients[1:]]
        seen = Seen(speech[1] - speech[0])
        try:
            await watch(clients[0], began + speech[0], seen)
        finally:
            for task in (*speaking, *reading):
                task.cancel()
            await asyncio.gather(*speaking, *reading, return_exceptions=True)
    return seen


async def watch(client: VoiceClient, first_sound: float, seen: Seen) -> None:
    """Note when unfinished words came, until the turn is over."""
    until = first_sound + seen.speech_s + SETTLE_S
    while (left := until - time.monotonic()) > 0:
        try:
            event = await client.receive(left)
        except ConvaiError:
            return
        if isinstance(event, m.TranscriptPartial) and time.monotonic() < first_sound + seen.speech_s:
            seen.words_at.append(time.monotonic() - first_sound)
        elif isinstance(event, m.TranscriptFinal):
            return


async def drain(client: VoiceClient) -> None:
    """Read all that comes for another caller."""
    with contextlib.suppress(ConvaiError):
        while True:
            await client.receive(60)


def summary(seen: list[Seen]) -> dict[str, float]:
    """Return the figures of one setting."""
    first = [one.words_at[0] for one in seen if one.words_at]
    stood = [value for one in seen for value in one.stood_s]
    return {
        "first_p50_s": round(percentile(first, 50), 2),
        "first_p95_s": round(percentile(first, 95), 2),
        "newer_p50_s": round(percentile(stood, 50), 2),
        "newer_p95_s": round(percentile(stood, 95), 2),
        "in_time": len(first) / len(seen),
    }


@contextlib.contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep so many processes computing."""
    working = [multiprocessing.Process(target=compute, daemon=True) for _ in range(processes)]
    for process in working:
        process.start()
    try:
        yield
    finally:
        for process in working:
            process.terminate()
            process.join()


def compute() -> None:
    """Compute until terminated."""
    values = np.random.default_rng(0).random((256, 256))
    while True:
        values = np.tanh(values @ values)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = arguments_for(__doc__, asr="whisper/base")
    parser.add_argument("--sentences", type=int, default=len(SENTENCES), help="how many (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
