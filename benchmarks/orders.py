"""How many spoken orders a bot takes down wholly right: the intent and every slot.

A bot is trained on written orders (``order_bot.py``), the recordings are recognised as the voice channel does, with
the bot's own words as the prompt, and the trained model parses what was heard. An order counts when its intent and all
its slots are right and there is no slot too many. Beside the recordings as they are: with a noise behind them, mixed in
as the speech-to-intent benchmark does; or with babble, several of the other recordings at once, at so many dB below the
speech.

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
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Sequence

import numpy as np
from order_bot import build
from tqdm import tqdm

from convai_rasa.asr import build_prompt, choose_phrases, load_recognizer
from convai_rasa.audio import FRAME_SAMPLES, SileroVad, decode_audio
from convai_rasa.errors import ConvaiError
from convai_rasa.quiet import ENVIRONMENT
from convai_rasa.voice.ears.phrases import read_phrases

DATA = Path(__file__).parent.parent.parent / "shared/data/speech"
MODELS = ("whisper/base", "whisper/tiny.en")
TALKERS = 6
LOUDEST = 2048  # samples; a level is that of the loudest such piece
HEARD = {"voice": {"confidence": 1.0}}  # how a component knows that a message was spoken


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


def _loudest(samples: np.ndarray) -> float:
    pieces = samples[: len(samples) // LOUDEST * LOUDEST].reshape(-1, LOUDEST)
    return float((pieces**2).sum(axis=1).max())


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
        from rasa.core.channels.channel import UserMessage

        # Rasa's commands do this; without it every message that is parsed is printed.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        archive = max((bot / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
        processor = Agent.load(str(archive)).processor
        assert processor is not None
        self._parse = lambda text: processor.parse_message(UserMessage(text, metadata=HEARD))
        self.prompt = build_prompt(choose_phrases(read_phrases(archive)))

    def parse(self, text: str) -> tuple[Optional[str], dict[str, str]]:
        """Return the intent and the slots of what was heard; of two values for one slot the last, as Rasa does."""
        if not text:
            return None, {}
        found: dict[str, Any] = asyncio.run(self._parse(text))
        return found["intent"]["name"], {entity["entity"]: str(entity["value"]).lower() for entity in found["entities"]}


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
        ratios = given.ratios if given.ratios is not None else [] if given.noise else [24, 12, 6]
        sounds = conditions(orders, ratios, noise, given.snr)
        for asr in given.asr or MODELS:
            recognizer = load_recognizer(model=asr, threads=1, language="en")
            for name, recordings in sounds.items():
                right = 0
                for order, samples in zip(
                    tqdm(orders, f"{asr}, {name}", leave=False, disable=None), recordings, strict=True
                ):
                    text = recognizer.transcribe(samples, prompt=model.prompt).text
                    parsed = model.parse(text)
                    right += parsed == (order.intent, order.slots)
                    if given.misses and parsed != (order.intent, order.slots):
                        tqdm.write(
                            f"{asr} {name} {order.name}\n  said  {order.slots}\n  heard {text!r}\n  as    {parsed}"
                        )
                rows.append({"asr": asr, "condition": name, "right": right, "share": round(right / len(orders), 4)})
            recognizer.close()
    except (ConvaiError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    names = list(sounds)
    print(f"{f'wholly right, of {len(orders)}':<24}" + "".join(f"{name:>14}" for name in names))
    for asr in given.asr or MODELS:
        cells = [f"{row['share']:.3f} ({row['right']})" for row in rows if row["asr"] == asr]
        print(f"{asr:<24}" + "".join(f"{cell:>14}" for cell in cells))
    if given.json:
        print(json.dumps({"orders": len(orders), **summary(rows), "results": rows}))
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
    parser.add_argument("--misses", action="store_true", help="print every order that is not wholly right")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
