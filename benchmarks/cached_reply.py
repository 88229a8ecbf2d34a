"""Time to the first sound of a reply: made anew, kept on disk, and kept in memory.

Speaks the fixed replies of a bot through ``Engines.speak``, as the voice channel does, and prints the time from the
text to its first chunk.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

from convai_rasa.commands.warm import read_responses
from convai_rasa.voice.engines.shared import Engines
from convai_rasa.voice.mouth.fixed import fixed_texts
from convai_rasa.voice.options import VoiceOptions


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bot", type=Path, default=Path("bot"), help="a Rasa project (default: %(default)s)")
    parser.add_argument("--tts", default="tts/vits-joe", help="the voice (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")
    given = parser.parse_args()
    texts = fixed_texts(read_responses(given.bot))
    with tempfile.TemporaryDirectory() as folder:
        rows = {
            "made anew": asyncio.run(first_sound(texts, given.tts, folder)),
            "kept on disk": asyncio.run(first_sound(texts, given.tts, folder)),
            "kept in memory": asyncio.run(first_sound(texts, given.tts, folder, rounds=2)),
        }
    print(f"{'first sound, ms':16}{'p50':>8}{'p95':>8}{'max':>8}   ({len(texts)} replies of {given.bot})")
    for name, times in rows.items():
        print(f"{name:16}{np.median(times):8.1f}{np.percentile(times, 95):8.1f}{max(times):8.1f}")
    if given.json:
        figures = {name.replace(" ", "_"): round(float(np.median(times)), 2) for name, times in rows.items()}
        print(json.dumps({**figures, "cached_p95_ms": round(float(np.percentile(rows["kept on disk"], 95)), 2)}))
    return 0


async def first_sound(texts: list[str], voice: str, folder: str, *, rounds: int = 1) -> list[float]:
    """Return the times to the first chunk of each text, ms, in the last round of a fresh start."""
    tts = {"model": voice, "cache": {"folder": folder}}
    engines = Engines(VoiceOptions.parse_obj({"tts": tts, "asr": {"model": "whisper/tiny.en"}}))
    try:
        await engines.wait_ready()
        for _ in range(rounds):
            times = []
            for text in tqdm(texts, desc="replies", leave=False, disable=None):
                began, first = time.perf_counter(), None
                async for _ in engines.speak(text):
                    first = first or time.perf_counter()
                times.append(1000 * ((first or time.perf_counter()) - began))
        return times
    finally:
        engines.close()


if __name__ == "__main__":
    raise SystemExit(main())
