"""A bot trained without torch (``frozen``) and with it (``fine_tune``): seconds of ``rasa train``, what it understands.

    python benchmarks/bot_strategies.py [--bot bot] [--asr whisper/tiny.en] [--no-spoken] [--json]

Both are trained by ``rasa train`` in copies of the bot, and asked the sentences of its ``tests/test_nlu.yml``, which it
was not trained on: as they are written, and as Whisper hears them from the project's own voice, without a prompt.
"accepted" are the right answers that its FallbackClassifier (threshold and margin of its config.yml) lets pass. Where
torch is not installed, ``fine_tune`` is left out and the table says so.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Sequence

import yaml
from tqdm import tqdm

from convai_rasa.asr import load_recognizer
from convai_rasa.audio import pcm16_to_float, resample
from convai_rasa.errors import ConvaiError
from convai_rasa.nlu import IntentClassifier
from convai_rasa.nlu.encoder.compute import torch_installed
from convai_rasa.tts import load_synthesizer

COMPONENT = "convai_rasa.nlu.DistilBertIntentClassifier"
RATE = 16_000
STRATEGIES = ("frozen", "fine_tune")


def main() -> int:
    """Print one table, and with --json one JSON object last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bot", type=Path, default=Path("bot"))
    parser.add_argument("--asr", default="whisper/tiny.en")
    parser.add_argument("--no-spoken", dest="spoken", action="store_false")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    os.environ.setdefault("CONVAI_MODELS_DIR", str(Path(__file__).parents[1] / "models"))  # the copies lie elsewhere
    texts, intents = _held_out(arguments.bot)
    result: dict[str, dict[str, float]] = {}
    try:
        asked = {"written": texts}
        if arguments.spoken:
            asked["spoken"] = _heard(texts, arguments.asr)
        for strategy in STRATEGIES:
            if strategy == "fine_tune" and not torch_installed():
                print("fine_tune left out: torch is not installed; install it with: pip install 'convai-rasa[train]'")
                continue
            result[strategy] = _measure(arguments.bot, strategy, asked, intents)
    except ConvaiError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"\n{len(texts)} sentences, spoken ones by {arguments.asr}")
    print(f"{'':24}" + "".join(f"{strategy:>12}" for strategy in result))
    for name in next(iter(result.values())):
        print(f"{name:24}" + "".join(f"{figures[name]:12.3f}" for figures in result.values()))
    if arguments.json:
        print(json.dumps(result))
    return 0


def _held_out(bot: Path) -> tuple[list[str], list[str]]:
    from rasa.shared.nlu.training_data.loading import load_data

    examples = load_data(str(bot / "tests" / "test_nlu.yml")).intent_examples
    return [example.get("text") for example in examples], [example.get("intent") for example in examples]


def _heard(texts: Sequence[str], model: str) -> list[str]:
    recognizer = load_recognizer(model=model, language="en")
    with contextlib.closing(load_synthesizer()) as voice:
        return [
            recognizer.transcribe(resample(pcm16_to_float(voice.synthesize(text)), voice.sample_rate, RATE)).text
            for text in tqdm(texts, desc=f"Speaking, and hearing with {model}", unit="sentence", disable=None)
        ]


def _measure(bot: Path, strategy: str, asked: dict[str, list[str]], intents: Sequence[str]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "bot"
        shutil.copytree(bot, copy, ignore=shutil.ignore_patterns("models", "logs", ".rasa"))
        config = yaml.safe_load((copy / "config.yml").read_text(encoding="utf-8"))
        component = next(one for one in config["pipeline"] if one["name"] == COMPONENT)
        component["strategy"] = strategy
        (copy / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
        began = time.perf_counter()
        train = [sys.executable, "-m", "convai_rasa.quiet", "rasa", "train", "--quiet"]
        if subprocess.run(train, cwd=copy, check=False, stdout=subprocess.DEVNULL).returncode:
            raise ConvaiError(f"rasa train failed with strategy {strategy}; what it said is above.")
        figures = {"train_s": time.perf_counter() - began}
        classifier = IntentClassifier(next((copy / "models").glob("*.tar.gz")))
    fallback: dict[str, Any] = next((one for one in config["pipeline"] if one["name"] == "FallbackClassifier"), {})
    for kind, texts in asked.items():
        answers = classifier.predict(texts, ranking_length=2)
        right = [answer.name == intent for answer, intent in zip(answers, intents, strict=True)]
        passed = [
            answer.confidence >= fallback.get("threshold", 0.3)
            and answer.confidence - answer.ranking[1][1] >= fallback.get("ambiguity_threshold", 0.1)
            for answer in answers
        ]
        figures[f"{kind}_right"] = sum(right) / len(right)
        figures[f"{kind}_accepted"] = sum(map(all, zip(right, passed, strict=True))) / len(right)
    return figures


if __name__ == "__main__":
    sys.exit(main())
