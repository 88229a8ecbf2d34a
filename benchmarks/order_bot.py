"""A bot that takes coffee orders, made from written sentences: the project is written, and Rasa trains it.

Its slots are annotated by lists of values; no recording and no label of one is looked at.

    python benchmarks/order_bot.py --sentences training-sentences.txt --into order_bot
"""

from __future__ import annotations

import argparse
import functools
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterable, Sequence

import yaml

from convai_rasa.errors import ConvaiError

INTENT = "orderDrink"
_AMOUNTS = ("some ", "a bit of ", "a little bit of ", "a lot of ", "lots of ", "")
SLOTS: dict[str, tuple[str, ...]] = {
    "coffeeDrink": (
        *("coffee", "drip coffee", "house coffee", "iced coffee", "mocha", "iced mocha"),
        *("latte", "cappuccino", "espresso", "americano"),
    ),
    "roast": ("light roast", "medium roast", "dark roast"),
    "size": ("small", "medium", "large", "eight ounce", "twelve ounce", "sixteen ounce", "twenty ounce"),
    "numberOfShots": ("single shot", "double shot", "triple shot"),
    "milkAmount": tuple(
        amount + kind
        for amount in _AMOUNTS
        for kind in ("milk", "whole milk", "skim milk", "soy milk", "almond milk", "cream")
    ),
    "sugarAmount": tuple(amount + kind for amount in _AMOUNTS for kind in ("sugar", "brown sugar", "sweetener")),
}

OTHERS = {
    "greet": ("hello", "hi", "hi there", "good morning", "good evening", "hey", "hello there", "good afternoon"),
    "goodbye": ("bye", "goodbye", "see you later", "have a nice day", "bye bye", "that's all, goodbye", "see you"),
    "thank": ("thanks", "thank you", "thank you very much", "thanks a lot", "great, thank you", "cheers"),
    "affirm": ("yes", "yes please", "that's right", "correct", "sure", "yeah", "exactly", "that sounds good"),
    "deny": ("no", "no thanks", "that's wrong", "not at all", "nope", "I don't think so", "no, it isn't"),
    "cancel_order": (
        *("cancel my order", "forget it", "I don't want it any more", "please cancel that", "never mind"),
        *("take that off again", "I changed my mind, cancel it", "stop the order"),
    ),
    "ask_price": (
        *("how much is that", "what does it cost", "what's the price", "how much do I have to pay"),
        *("is it expensive", "what do I owe you", "tell me the total", "how much is a large one"),
    ),
    "ask_hours": (
        *("when do you open", "what are your opening hours", "are you open on sunday", "when do you close"),
        *("how long are you open today", "are you still open", "is the shop open tomorrow"),
    ),
    "ask_payment": (
        *("can I pay by card", "do you take cash", "is credit card fine", "can I pay with my phone"),
        *("which cards do you accept", "do you accept vouchers"),
    ),
    "ask_wait": (
        *("how long does it take", "when will it be ready", "is it ready yet", "how long do I have to wait"),
        *("how many people are before me", "will it be long"),
    ),
}

_REPLIES = {
    INTENT: "Thank you. Your drink will be ready in three minutes.",
    "greet": "Hello. What can I get you?",
    "goodbye": "Goodbye, and enjoy your drink.",
    "thank": "You are welcome.",
    "affirm": "Good.",
    "deny": "All right.",
    "cancel_order": "I have cancelled your order.",
    "ask_price": "That depends on the size. You pay at the counter.",
    "ask_hours": "We are open from seven in the morning to eight in the evening.",
    "ask_payment": "You can pay in cash or by card.",
    "ask_wait": "It takes about three minutes.",
}


def build(folder: Path, sentences: Path, *, asr: str = "whisper/base", tts: str = "tts/vits-joe") -> Path:
    """Write the project into a folder and train it.

    Args:
        folder: where to; created if need be.
        sentences: a text file with one order a line.
        asr: the recogniser's model, for the voice channel.
        tts: the voice's model, likewise.

    Returns:
        The folder, which now holds a trained model in ``models/``.

    Raises:
        ConvaiError: there are no sentences, or Rasa could not train the bot; the message holds what it said.
    """
    orders = [line.strip() for line in sentences.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not orders:
        raise ConvaiError(f"{sentences} holds no sentence; write one order a line.")
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "config.yml": _CONFIG,
        "domain.yml": _domain(),
        "credentials.yml": {"convai_rasa.voice.VoiceInput": _channel(asr, tts), "rest": None},
        "endpoints.yml": {},
        "data/nlu.yml": _nlu(orders),
        "data/rules.yml": _rules(),
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    _train(folder)
    return folder


def annotate(sentence: str) -> str:
    """Mark the slots of a sentence as Rasa's training data does; of overlapping values the longer one counts."""
    return _pattern().sub(lambda match: f'[{match.group()}]{{"entity": "{_slot(match.group())}"}}', sentence)


@functools.lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    values = sorted((value for values in SLOTS.values() for value in values), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, values))})\b", re.IGNORECASE)


def _slot(value: str) -> str:
    return next(slot for slot, values in SLOTS.items() if value.lower() in values)


_CONFIG = {
    "recipe": "default.v1",
    "assistant_id": "coffee",
    "language": "en",
    "pipeline": [
        {"name": "WhitespaceTokenizer"},
        {"name": "convai_rasa.nlu.DistilBertIntentClassifier", "model": "nlu/intent_classifier"},
        {"name": "convai_rasa.nlu.SpacyModelEntityExtractor", "train": True, "dimensions": []},
        {"name": "convai_rasa.nlu.SpokenValueMapper"},
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.05},
    ],
    "policies": [{"name": "RulePolicy"}],
}


def _channel(asr: str, tts: str) -> dict[str, Any]:
    return {"name": "Coffee", "asr": {"model": asr, "language": "en"}, "tts": {"model": tts}}


def _domain() -> dict[str, Any]:
    return {
        "version": "3.1",
        "intents": [{name: {"use_entities": []}} for name in _REPLIES],
        "entities": list(SLOTS),
        "slots": {
            slot: {
                "type": "text",
                "influence_conversation": False,
                "mappings": [{"type": "from_entity", "entity": slot}],
            }
            for slot in SLOTS
        },
        "responses": {f"utter_{name}": [{"text": text}] for name, text in _REPLIES.items()},
    }


def _rules() -> dict[str, Any]:
    steps = ([{"intent": name}, {"action": f"utter_{name}"}] for name in _REPLIES)
    return {
        "version": "3.1",
        "rules": [{"rule": name, "steps": step} for name, step in zip(_REPLIES, steps, strict=True)],
    }


def _nlu(orders: Sequence[str]) -> dict[str, Any]:
    intents = [{"intent": INTENT, "examples": _listed(annotate(order) for order in orders)}]
    intents += [{"intent": name, "examples": _listed(examples)} for name, examples in OTHERS.items()]
    lookups = [{"lookup": slot, "examples": _listed(values)} for slot, values in SLOTS.items()]
    return {"version": "3.1", "nlu": [*intents, *lookups]}


def _listed(examples: Iterable[str]) -> str:
    return "".join(f"- {example}\n" for example in examples)


def _train(folder: Path) -> None:
    models = os.environ.get("CONVAI_MODELS_DIR", str(Path(__file__).parent.parent / "models"))
    command = [sys.executable, "-m", "convai_rasa.quiet", "rasa", "train", "--quiet"]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "CONVAI_MODELS_DIR": models}, capture_output=True, text=True
    )
    if done.returncode:
        raise ConvaiError(f"rasa train failed in {folder}:\n{done.stderr.strip() or done.stdout.strip()}")


def main() -> int:
    """Build the bot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=Path, required=True, help="one order a line")
    parser.add_argument("--into", type=Path, required=True, help="folder of the project")
    parser.add_argument("--asr", default="whisper/base", help="model (default: %(default)s)")
    given = parser.parse_args()
    try:
        print(f"{build(given.into, given.sentences, asr=given.asr)} is trained.")
    except (ConvaiError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
