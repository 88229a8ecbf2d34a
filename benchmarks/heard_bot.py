"""What a bot's vocabulary is worth to it: speech understood with other readings of doubtful words, and without.

The sentences are spoken by the project's own voice, higher and lower, faster and slower, with made-up noise behind
it. Right is the intent that the bot finds in the written sentence. The bot needs a ``Vocabulary`` or a
``SpokenValueMapper`` in its pipeline; what it would understand without one is what it makes of the first reading.

    python benchmarks/heard_bot.py --bot bot [--sentences FILE] [--number 60] [--json]
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from orders import OrderModel
from readings import in_noise, said
from tqdm import tqdm

from convai_rasa.asr import Transcript, load_recognizer
from convai_rasa.languages import words_of
from convai_rasa.voice.bot import Understanding
from convai_rasa.voice.ears import Reading

HERE = Path(__file__).parent
RATIOS_DB = (None, 12.0, 6.0)  # speech over noise


def main() -> int:
    """Speak, recognize, understand, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bot", type=Path, required=True, help="folder of a trained bot")
    parser.add_argument("--sentences", type=Path, help="one a line (default: what guests say in benchmarks/dialogues)")
    parser.add_argument("--number", type=int, default=60, help="of sentences, chosen at random (default: %(default)s)")
    parser.add_argument("--asr", default="whisper/base", help="model (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    given = parser.parse_args()
    sys.path.insert(0, str(given.bot))  # its own components
    model = OrderModel(given.bot)
    known = {" ".join(words_of(text)) for text in training_sentences(given.bot)}
    lines = given.sentences.read_text(encoding="utf-8").splitlines() if given.sentences else guests()
    fresh = [line for line in dict.fromkeys(lines) if " ".join(words_of(line)) not in known and line.strip()]
    chosen = random.Random(3).sample(fresh, min(given.number, len(fresh)))
    recognizer = load_recognizer(model=given.asr, threads=1, language="en")
    if not model.expected.words:
        print("SKIPPED: the bot has no vocabulary; put convai_rasa.nlu.Vocabulary into its pipeline and train.")
        return 0
    rows: dict[Any, list[tuple[bool, bool, bool, float]]] = {ratio: [] for ratio in RATIOS_DB}
    for order in tqdm(said(chosen), "hearing", leave=False, disable=None):
        meant = understood(model, order.name).intent
        for ratio, sound in (one for one in in_noise(order) if one[0] in RATIOS_DB):
            heard = model.hear(recognizer, sound)
            first = understood(model, heard.first).intent if heard.first else None
            taken = heard.reading.understanding.intent if heard.reading.understanding else None
            other = heard.reading.transcript.text != heard.first
            rows[ratio].append((first == meant, taken == meant, other, 1000 * heard.extra_s))
    print(f"{len(chosen)} sentences{'SNR':>8}{'first':>8}{'taken':>8}{'another':>9}{'ms p50':>8}{'ms p95':>8}")
    found = []
    for ratio, each in rows.items():
        first, taken, other, extra = np.array(each, float).T
        p50, p95 = np.percentile(extra, [50, 95])
        found.append(
            {"db": ratio, "first": round(first.mean(), 3), "taken": round(taken.mean(), 3)}
            | {"another_reading": round(other.mean(), 3), "extra_ms_p50": round(p50), "extra_ms_p95": round(p95)}
        )
        print(
            f"{'':<12}{'clean' if ratio is None else ratio:>9}{first.mean():>8.3f}{taken.mean():>8.3f}"
            f"{other.mean():>9.3f}{p50:>8.0f}{p95:>8.0f}"
        )
    if given.json:
        print(json.dumps({"sentences": len(chosen), "rows": found}))
    return 0


def guests() -> list[str]:
    """Return what the guests of the written dialogues say by themselves."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((HERE / "dialogues").glob("*.yml"))]
    dialogues = [one for content in files for one in content if isinstance(one, dict)]
    return [str(turn["user"]) for one in dialogues for turn in one.get("turns", ()) if "user" in turn]


def training_sentences(bot: Path) -> list[str]:
    """Return the lines of a bot's examples, annotations left in."""
    files = (path.read_text(encoding="utf-8") for path in (bot / "data").rglob("*.yml"))
    return [line.strip().removeprefix("- ") for text in files for line in text.splitlines()]


def understood(model: OrderModel, text: str) -> Understanding:
    """Return what the bot makes of a written sentence."""
    found = model.understood(Reading(Transcript(text, 1.0, "en", 0.0, 0.0), 0.0)).understanding
    assert found is not None  # the bot is loaded
    return found


if __name__ == "__main__":
    sys.exit(main())
