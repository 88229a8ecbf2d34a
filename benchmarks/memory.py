"""How much memory a talking bot takes: every process of it, after a few spoken turns.

Counts the proportional set size, so that pages shared between processes count once.

    python benchmarks/memory.py
    python benchmarks/memory.py --asr whisper/base --json
    python benchmarks/memory.py --speech-service

--speech-service starts the same models behind OpenAI's API, in a process of their own, and a Rasa that asks it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
import yaml

from convai_rasa.launch import RunningBot
from convai_rasa.tts import SharedVoice
from convai_rasa.voice.wire import messages as m
from convai_rasa.voice.wire.client import VoiceClient

sys.path.append(str(Path(__file__).parent.parent / "tests" / "programs"))
from openai_server import openai_server

QUESTIONS = ("What are your opening hours?", "Book a table for two tomorrow at eight.", "Do you have anything vegan?")


def main() -> int:
    """Run the benchmark."""
    root = Path(__file__).parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bot", type=Path, default=root / "bot", help="a trained Rasa project (default: bot)")
    parser.add_argument("--asr", default="whisper/tiny.en", help="model (default: %(default)s)")
    parser.add_argument("--tts", default="tts/vits-joe", help="model (default: %(default)s)")
    parser.add_argument("--speech-service", action="store_true", help="recognition and the voice are elsewhere")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        credentials = folder / "credentials.yml"
        engines: dict[str, Any] = {"asr": {"model": given.asr}, "tts": {"model": given.tts}}
        if given.speech_service:
            service = stack.enter_context(openai_server(asr=given.asr, tts=given.tts))
            elsewhere = {"engine": "openai", "base_url": service.base_url, "api_key": ""}
            engines = {"asr": elsewhere, "tts": {**elsewhere, "sample_rate": 22_050}}
        credentials.write_text(yaml.safe_dump({"convai_rasa.voice.VoiceInput": engines}))
        environment = {"RESTAURANT_DB": str(folder / "bookings.db")}
        with contextlib.closing(SharedVoice(model=given.tts)) as voice:
            spoken = [voice.synthesize(question) for question in QUESTIONS]
            rate = voice.sample_rate
        bot = stack.enter_context(
            RunningBot(given.bot, port=0, actions_port=0, credentials=credentials, environment=environment)
        )
        asyncio.run(converse(bot.url, spoken, rate))
        megabytes = {name: memory_mb(pid) for name, pid in processes(bot).items()}
    place = "behind a speech service" if given.speech_service else "in Rasa's process"
    print(f"\nMemory after {len(QUESTIONS)} spoken turns, {given.asr} and {given.tts} {place}, MB")
    for name, value in megabytes.items():
        print(f"{name:24}{value:8.0f}")
    channel_mb = sum(value for name, value in megabytes.items() if name != "action server")
    print(f"{'Rasa and its children':24}{channel_mb:8.0f}\n{'everything':24}{sum(megabytes.values()):8.0f}")
    if given.json:
        print(json.dumps({"pss_mb": round(channel_mb), "total_mb": round(sum(megabytes.values()))}))
    return 0


async def converse(url: str, spoken: list, rate: int) -> None:
    """Hold a short conversation."""
    async with VoiceClient(url, m.Start(sample_rate=rate)) as client:
        for pcm in spoken:
            await client.say(pcm)


def processes(bot: RunningBot) -> dict[str, int]:
    """Return the process id of every part."""
    found = {}
    for name, pid in bot.processes.items():
        found["action server" if name == "actions" else "Rasa with the channel"] = pid
        for child in psutil.Process(pid).children(recursive=True):
            found[f"its child {child.pid}" if name == "rasa" else f"{name} ({child.pid})"] = child.pid
    return found


def memory_mb(pid: int) -> float:
    """Proportional set size in MB."""
    return psutil.Process(pid).memory_full_info().pss / 1e6


if __name__ == "__main__":
    sys.exit(main())
