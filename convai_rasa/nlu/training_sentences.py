"""The bot's training sentences, stored in the archive for the voice channel, which hears with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Dict, List, Sequence

PHRASES_FILE = "phrases.json"  # the bot's own words make the recognizer better
MAX_PHRASES = 2_000
EXAMPLES_FILE = "intent_examples.json"  # what the channel's page suggests that people ask
MAX_EXAMPLES = 12  # of an intent


def write_sentences(folder: Path, texts: Sequence[str], intents: Sequence[str]) -> None:
    """Write the training sentences, at most 2,000 taken evenly from all, and what shows what the bot can do.

    That is how many examples each intent has, and the first of them, which authors choose with most care. ``folder`` is
    the component's in the archive, ``intents`` those of the ``texts``.
    """
    unique = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    step = max(1.0, len(unique) / MAX_PHRASES)
    chosen = [unique[int(index * step)] for index in range(min(len(unique), MAX_PHRASES))]
    (folder / PHRASES_FILE).write_text(json.dumps(chosen, ensure_ascii=False, indent=0), encoding="utf-8")
    by_intent: Dict[str, List[str]] = {}
    for text, intent in zip(texts, intents, strict=True):
        by_intent.setdefault(intent, []).append(text.strip())
    kept = {
        intent: {"count": len(found), "first": list(dict.fromkeys(filter(None, found)))[:MAX_EXAMPLES]}
        for intent, found in by_intent.items()
    }
    (folder / EXAMPLES_FILE).write_text(json.dumps(kept, ensure_ascii=False, indent=0), encoding="utf-8")
