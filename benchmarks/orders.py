"""How many spoken orders a bot takes down wholly right: the intent and every slot.

A bot is trained on written orders (``order_bot.py``), the recordings are recognised as the voice channel does, with
the bot's own words as the prompt; of doubtful ones there are several readings, of which the channel takes the one that
the bot makes most sense of. An order counts when its intent and all
its slots are right and there is no slot too many. Beside the recordings as they are: with a noise behind them, mixed in
as the speech-to-intent benchmark does; or with babble, several of the other recordings at once, at so many dB below the
speech. As in the channel, what people behind the speaker say before and after the order is left out where there are
any; each recording counts as a caller's first turn, so that nothing was heard of them before.

    python benchmarks/orders.py --wavs DIR/wav --sentences DIR/training-sentences.txt
    python benchmarks/orders.py --noise kitchen.wav --snr 24 12 6 --asr whisper/base --json

The folder holds wav files, and it or the folder above it a ``labels.jsonl`` with ``file``, ``intent`` and ``slots``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import tempfile
import time
import warnings
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Optional, Sequence

import numpy as np
from order_bot import INTENT, OTHERS, build
from tqdm import tqdm

from convai_rasa.asr import Expected, Recognizer, Request, Transcript, build_prompt, load_recognizer, recognize_together
from convai_rasa.audio import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    NoiseFloor,
    SileroVad,
    decode_audio,
    pcm16_to_float,
    resample,
)
from convai_rasa.errors import ConvaiError
from convai_rasa.quiet import ENVIRONMENT
from convai_rasa.tts import TTSSynthesizer
from convai_rasa.voice.bot import UserTurn
from convai_rasa.voice.ears import BotPhrases, Caller, Reading, choose, readings_of

DATA = Path(__file__).parent.parent.parent / "shared/data/speech"
MODELS = ("whisper/base", "whisper/tiny.en")
TALKERS = 6
# In kitchen noise, as Picovoice's speech-to-intent benchmark publishes it for all its speakers; by dB.
PUBLISHED = {
    "Rhino": {6: 0.96, 9: 0.97, 12: 0.98, 15: 0.99, 18: 0.99, 21: 0.99, 24: 0.99},
    "LUIS": {6: 0.86, 12: 0.90, 24: 0.93},
    "Watson": {6: 0.72, 12: 0.89, 24: 0.96},
    "Lex": {6: 0.80, 12: 0.85, 24: 0.88},
    "Dialogflow": {6: 0.70, 12: 0.78, 24: 0.83},
}
LOUDEST = 2048  # samples; a level is that of the loudest such piece


@dataclass(frozen=True)
class Order:
    """One recording.

    Attributes:
        name: of the file.
        samples: float32 of shape (n,) at 16 kHz.
        intent: that a person found in it.
        slots: likewise, by name.
    """

    name: str
    samples: np.ndarray
    intent: str
    slots: dict[str, str]


def read_orders(wavs: Path) -> list[Order]:
    """Read the recordings of a folder and their labels.

    Raises:
        ConvaiError: there are no labels, or a recording cannot be read.
    """
    labels = next((path for path in (wavs / "labels.jsonl", wavs.parent / "labels.jsonl") if path.is_file()), None)
    if labels is None:
        raise ConvaiError(
            f"There is no labels.jsonl in {wavs} or beside it; it has one object a line: file, intent, slots."
        )
    orders = []
    for line in labels.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        path = wavs / Path(label["file"]).name
        if path.is_file():
            samples = decode_audio(path.read_bytes(), max_seconds=60)
            orders.append(Order(path.stem, samples, label["intent"], label["slots"]))
    if not orders:
        raise ConvaiError(f"None of the files that {labels} names is in {wavs}.")
    return orders


def speech_level_db(samples: np.ndarray) -> float:
    """Return the level of the speech in a recording, its pauses left out, in dB of full scale."""
    whole = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES]
    spoken = SileroVad().probabilities(whole) >= 0.5
    frames = whole.reshape(-1, FRAME_SAMPLES)[spoken] if spoken.any() else whole
    return float(10 * np.log10(np.mean(frames**2) + 1e-12))


def with_babble(samples: np.ndarray, others: Sequence[np.ndarray], ratio_db: float, seed: int) -> np.ndarray:
    """Put people talking behind a recording.

    Args:
        samples: float32 of shape (n,).
        others: what they say, each float32 of shape (m,).
        ratio_db: of the recording's speech over the babble.
        seed: who talks, and where each begins.
    """
    draw = np.random.default_rng(seed)
    babble = np.zeros(len(samples), np.float32)
    for number in draw.choice(len(others), size=min(TALKERS, len(others)), replace=False):
        talk = others[number] / np.sqrt(np.mean(others[number] ** 2) + 1e-12)
        babble += np.resize(np.roll(talk, int(draw.integers(len(talk)))), len(samples))
    level = 10 ** ((speech_level_db(samples) - ratio_db) / 20)
    return (samples + babble * level / np.sqrt(np.mean(babble**2) + 1e-12)).astype(np.float32)


def with_noise(order: Order, noise: np.ndarray, ratio_db: float) -> np.ndarray:
    """Put a piece of a noise behind a recording, at the same place in every run, and make it half as loud as it can be.

    Args:
        order: the recording.
        noise: float32 of shape (n,) at 16 kHz, longer than it.
        ratio_db: of the loudest piece of speech over the loudest piece of noise.
    """
    draw = np.random.default_rng(zlib.crc32(f"{order.name}.wav{float(ratio_db)}".encode()))
    clean = order.samples.astype(np.float64)
    start = int(draw.integers(0, len(noise) - len(clean)))
    behind = noise[start : start + len(clean)].astype(np.float64)
    mixed = clean + behind * np.sqrt(_loudest(clean) / (_loudest(behind) * 10 ** (ratio_db / 10)))
    return (mixed / (2 * np.abs(mixed).max())).astype(np.float32)


def callers_part(samples: np.ndarray) -> np.ndarray:
    """Return what is the caller's of a recording, as the channel cuts an utterance: all of it where nobody else speaks.

    Args:
        samples: float32 of shape (n,) at 16 kHz.
    """
    frames = np.zeros((-(-len(samples) // FRAME_SAMPLES), FRAME_SAMPLES), np.float32)
    frames.reshape(-1)[: len(samples)] = samples
    detector, floor = SileroVad().stream(), NoiseFloor()
    levels_db, spoken = [], []
    for frame in frames:
        probability = detector.probability(frame)
        floor.probability(frame, probability)
        levels_db.append(floor.level_db)
        spoken.append(probability >= 0.5)
    part = Caller().part(levels_db, spoken)
    return samples if part is None else samples[part[0] * FRAME_SAMPLES : part[1] * FRAME_SAMPLES]


def _loudest(samples: np.ndarray) -> float:
    pieces = samples[: len(samples) // LOUDEST * LOUDEST].reshape(-1, LOUDEST)
    return float((pieces**2).sum(axis=1).max())


@dataclass(frozen=True)
class Heard:
    """An order as it was heard.

    Attributes:
        reading: that was taken for what was meant.
        first: text of the first one.
        extra_s: seconds that other readings took.
        parse_s: seconds that the bot took for the first.
    """

    reading: Reading
    first: str
    extra_s: float
    parse_s: float = 0.0

    @property
    def confidence(self) -> float:
        """The probability that it was heard and understood rightly, as ``VoiceConfidence`` computes it."""
        from rasa.shared.nlu.training_data.message import Message

        from convai_rasa.nlu.voice_confidence import turn_confidence

        understanding = self.reading.understanding
        if understanding is None:
            return 0.0
        about = {"voice": {"confidence": self.reading.transcript.confidence}}
        return turn_confidence(Message({**understanding.parse, "metadata": about})) or 0.0

    def as_order(self) -> tuple[Optional[str], dict[str, str]]:
        """Return the intent and the slots."""
        understanding = self.reading.understanding
        return OrderModel.as_order(understanding.parse) if understanding is not None else (None, {})


class OrderModel:
    """The trained bot's understanding.

    Args:
        bot: folder of the project.
    """

    def __init__(self, bot: Path) -> None:
        os.environ.update(ENVIRONMENT)
        warnings.simplefilter("ignore")  # Rasa's dependencies warn about each other
        import structlog
        from rasa.core.agent import Agent
        from rasa.core.channels.channel import CollectingOutputChannel

        from convai_rasa.voice.dialogue import RasaBot

        # Rasa's commands do this; without it every message that is parsed is printed.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        archive = max((bot / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
        agent = Agent.load(str(archive))
        self._bot = RasaBot("voice", _nothing, CollectingOutputChannel, lambda: agent)  # type: ignore[arg-type,return-value]  # it never answers
        phrases = BotPhrases()
        asyncio.run(phrases.follow(archive, "en"))
        self.prompt, self.expected = build_prompt(phrases.chosen), Expected(phrases.ends.words)

    def hear(self, recognizer: Recognizer, samples: np.ndarray) -> Heard:
        """Recognize an order as the channel does."""
        (transcript,) = recognize_together(recognizer, [Request(samples, prompt=self.prompt, expected=self.expected)])
        if not isinstance(transcript, Transcript):
            raise ConvaiError(f"An order could not be recognized: {transcript}")
        if not transcript.text:
            return Heard(Reading(transcript, 0.0), "", 0.0)
        began = time.perf_counter()
        first, *others = readings_of(transcript)
        first = self.understood(first)
        parsed = time.perf_counter()
        chosen = choose([first, *map(self.understood, others)])
        extra_s = transcript.alternatives_s + (time.perf_counter() - parsed if others else 0.0)
        return Heard(chosen, transcript.text, extra_s, parsed - began)

    def understood(self, reading: Reading) -> Reading:
        """Return a reading with what the bot makes of it."""
        turn = UserTurn(reading.transcript.text, {"voice": {"confidence": reading.transcript.confidence}})
        return replace(reading, understanding=asyncio.run(self._bot.understand("caller", turn)))

    @staticmethod
    def as_order(parse: dict[str, Any]) -> tuple[Optional[str], dict[str, str]]:
        """Return the intent and the slots of a result; of two values for one slot the last, as Rasa does."""
        return parse["intent"]["name"], {entity["entity"]: str(entity["value"]).lower() for entity in parse["entities"]}


def others(noise: Optional[np.ndarray], snrs: Sequence[float]) -> list[tuple[str, np.ndarray]]:
    """Return what is no order, as the project's own voice says it, as it is and with a noise behind it."""
    voice = TTSSynthesizer("tts/vits-joe")
    found = []
    for sentence in (sentence for sentences in OTHERS.values() for sentence in sentences):
        said = resample(pcm16_to_float(voice.synthesize(sentence)), voice.sample_rate, SAMPLE_RATE)
        silence = np.zeros(SAMPLE_RATE // 2, np.float32)
        order = Order(sentence, np.concatenate([silence, said, silence]), "", {})
        found.append((sentence, order.samples))
        found += [(sentence, with_noise(order, noise, snr)) for snr in snrs] if noise is not None else []
    return found


def invented(model: OrderModel, recognizer: Recognizer, sounds: Sequence[tuple[str, np.ndarray]]) -> dict[str, Any]:
    """Count what is no order and is taken for one, or given a value that nobody said."""
    counts = {"utterances": len(sounds), "taken_for_an_order": 0, "with_a_value_nobody_said": 0, "intent_right": 0}
    intents = {sentence: intent for intent, sentences in OTHERS.items() for sentence in sentences}
    for sentence, samples in tqdm(sounds, "no orders", leave=False, disable=None):
        intent, slots = model.hear(recognizer, samples).as_order()
        counts["taken_for_an_order"] += intent == INTENT
        counts["with_a_value_nobody_said"] += any(value not in sentence.lower() for value in slots.values())
        counts["intent_right"] += intent == intents[sentence]
    return counts


def calibration_error(sure: Sequence[float], right: Sequence[bool], bins: int = 5) -> float:
    """Return the expected calibration error: how far confidence and the share that is right lie apart, in [0, 1].

    Args:
        sure: a confidence in [0, 1] for each turn.
        right: whether it was right.
        bins: groups of equal width.
    """
    each = np.minimum((np.array(sure) * bins).astype(int), bins - 1)
    apart = 0.0
    for number in range(bins):
        rows = np.flatnonzero(each == number)
        if len(rows):
            apart += len(rows) * abs(float(np.mean(np.array(sure)[rows]) - np.mean(np.array(right, float)[rows])))
    return apart / len(each) if len(each) else 0.0


async def _nothing(_: Any) -> None:
    """Take a message for a bot that never answers."""


def conditions(
    orders: Sequence[Order], ratios_db: Sequence[float], noise: Optional[np.ndarray], snrs: Sequence[float]
) -> dict[str, list[np.ndarray]]:
    """Return the recordings by what is behind them: babble at the ratios, and the noise, if any, at the others."""
    found = {"clean": [order.samples for order in orders]}
    if noise is not None:
        found.update({f"noise {snr:g} dB": [with_noise(order, noise, snr) for order in orders] for snr in snrs})
    for ratio_db in ratios_db:
        found[f"{ratio_db:g} dB"] = [
            with_babble(order.samples, [one.samples for one in orders if one is not order], ratio_db, seed)
            for seed, order in enumerate(orders)
        ]
    return found


def main() -> int:
    """Print one table, and with --json one JSON object last."""
    given = arguments()
    if not given.wavs.is_dir() or not given.sentences.is_file():
        print("SKIPPED: no recordings; give --wavs FOLDER and --sentences FILE.")
        return 0
    rows = []
    try:
        orders = read_orders(given.wavs)
        with tempfile.TemporaryDirectory() as folder:
            if given.bot is None:
                print("Training the bot, which takes minutes …", file=sys.stderr)
            model = OrderModel(given.bot or build(Path(folder), given.sentences))
        noise = decode_audio(given.noise.read_bytes(), max_seconds=3600) if given.noise else None
        no_orders = others(noise, given.snr) if given.others else []
        made_up: list[dict[str, Any]] = []
        ratios = given.ratios if given.ratios is not None else [] if given.noise else [24, 12, 6]
        sounds = conditions(orders, ratios, noise, given.snr)
        for asr in given.asr or MODELS:
            recognizer = load_recognizer(model=asr, threads=1, language="en")
            for name, recordings in sounds.items():
                recordings = recordings if given.everybody else [callers_part(samples) for samples in recordings]
                right, extra_ms, sure, correct = 0, [], [], []
                for order, samples in zip(
                    tqdm(orders, f"{asr}, {name}", leave=False, disable=None), recordings, strict=True
                ):
                    heard = model.hear(recognizer, samples)
                    parsed = heard.as_order()
                    right += parsed == (order.intent, order.slots)
                    extra_ms.append(1000 * heard.extra_s)
                    sure.append(heard.confidence)
                    correct.append(parsed == (order.intent, order.slots))
                    if given.misses and parsed != (order.intent, order.slots):
                        tqdm.write(
                            f"{asr} {name} {order.name}\n  said  {order.slots}\n  heard {heard.first!r}\n"
                            f"  taken {heard.reading.transcript.text!r}\n  as    {parsed}"
                        )
                p50, p95 = np.percentile(extra_ms, [50, 95])
                rows.append(
                    {"asr": asr, "condition": name, "right": right, "share": round(right / len(orders), 4)}
                    | {"extra_ms_p50": round(float(p50)), "extra_ms_p95": round(float(p95))}
                    | {"calibration_error": round(calibration_error(sure, correct), 3)}
                )
            if given.others:
                counts = invented(model, recognizer, no_orders)
                made_up.append({"asr": asr, **counts})
            recognizer.close()
    except (ConvaiError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    names = list(sounds)
    print("Time of other readings: p50 / p95; most of it passes while the turn is not over yet.")
    print(f"{f'wholly right, of {len(orders)}':<24}" + "".join(f"{name:>14}" for name in names))
    for asr in given.asr or MODELS:
        own = [row for row in rows if row["asr"] == asr]
        cells = [f"{row['share']:.3f} ({row['right']})" for row in own]
        print(f"{asr:<24}" + "".join(f"{cell:>14}" for cell in cells))
        extra = [f"{row['extra_ms_p50']} / {row['extra_ms_p95']}" for row in own]
        print(f"{'  other readings, ms':<24}" + "".join(f"{cell:>14}" for cell in extra))
        print(f"{'  calibration error':<24}" + "".join(f"{row['calibration_error']:>14.3f}" for row in own))
    for engine, shares in PUBLISHED.items() if given.noise else ():
        cells = ["", *(f"{shares[snr]:.2f}" if snr in shares else "" for snr in given.snr), *("" for _ in ratios)]
        print(f"{f'published: {engine}':<24}" + "".join(f"{cell:>14}" for cell in cells))
    for row in made_up:
        print(", ".join(f"{key.replace('_', ' ')}: {value}" for key, value in row.items()))
    if given.json:
        print(json.dumps({"orders": len(orders), **summary(rows), "results": rows, "others": made_up}))
    return 0


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the shares of the first recognizer: clean, by noise, and the mean over the noise."""
    shares = {row["condition"]: row["share"] for row in rows if row["asr"] == rows[0]["asr"]}
    noise = {name.split()[1]: share for name, share in shares.items() if name.startswith("noise")}
    mean = round(sum(noise.values()) / len(noise), 4) if noise else None
    return {"asr": rows[0]["asr"], "clean": shares["clean"], "noise": noise, "mean": mean}


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wavs", type=Path, default=DATA / "wav", help="folder of recordings")
    parser.add_argument("--sentences", type=Path, default=DATA / "training-sentences.txt", help="one order a line")
    parser.add_argument("--bot", type=Path, help="a folder that order_bot.py made before")
    parser.add_argument("--asr", action="append", help="model; may be given again (default: base and tiny.en)")
    parser.add_argument("--noise", type=Path, help="recording of a noise to put behind the orders")
    parser.add_argument("--snr", type=float, nargs="+", default=[24, 12, 6], help="speech over that noise in dB")
    parser.add_argument(
        "--ratios", type=float, nargs="*", help="speech over babble in dB (default: 24 12 6, with --noise none)"
    )
    parser.add_argument(
        "--everybody", action="store_true", help="leave in what others say, as turn.leave_out_others: false does"
    )
    parser.add_argument("--others", action="store_true", help="also say what is no order, and count what is made of it")
    parser.add_argument("--misses", action="store_true", help="print every order that is not wholly right")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
