"""Clips streamed in real time to a running bot, as a microphone would, with everything timed from the outside."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterator, NoReturn, Optional

import numpy as np
import order_bot
import requests
import yaml

from convai_rasa.audio import FRAME_SAMPLES, SAMPLE_RATE, SileroVad, decode_audio, float_to_pcm16
from convai_rasa.errors import ConvaiError
from convai_rasa.launch import RunningBot
from convai_rasa.voice.wire import messages as m
from convai_rasa.voice.wire.client import CHUNK_MS, VoiceClient

SETTLE_S = 4.0  # after the last word of a clip, within which its answer has to begin
NEAR_S = 0.06  # a turn that ends no more than two frames before the last word has lost nothing


@dataclass(frozen=True)
class Clip:
    """A recording.

    Attributes:
        name: of its file.
        pcm: int16 of shape (n,) at 16 kHz.
        speech_start_s: of the first frame that holds speech.
        speech_end_s: of the last.
        label: its line in labels.jsonl, if there is one.
    """

    name: str
    pcm: np.ndarray
    speech_start_s: float
    speech_end_s: float
    label: Optional[dict[str, Any]] = None


@dataclass
class Answer:
    """What came back for one clip.

    Attributes:
        response_ms: end of speech → first sound of the answer; None without an answer.
        cut_off: whether a turn was ended before the last word.
        transcript: all that was understood.
        metrics: of the last turn, as the server measured them.
        sender_id: the caller, for Rasa's tracker.
    """

    response_ms: Optional[float] = None
    cut_off: bool = False
    transcript: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    sender_id: str = ""


def read_clips(folder: Path, limit: Optional[int] = None) -> list[Clip]:
    """Read all wav files of a folder, with their labels from ``labels.jsonl`` in it or beside it.

    Where none holds speech, the benchmark ends here, and says that it was skipped.
    """
    labels = {}
    for file in (folder / "labels.jsonl", folder.parent / "labels.jsonl"):
        if file.is_file():
            for line in file.read_text(encoding="utf-8").splitlines():
                label = json.loads(line)
                labels[Path(label["file"]).name] = label
            break
    vad, clips = SileroVad(), list[Clip]()
    for wav in sorted(folder.glob("*.wav"))[:limit]:
        samples = decode_audio(wav.read_bytes(), max_seconds=60)
        voiced = np.flatnonzero(vad.probabilities(samples) >= 0.5)
        if not len(voiced):
            continue
        start, end = int(voiced[0]) * FRAME_SAMPLES, min((int(voiced[-1]) + 1) * FRAME_SAMPLES, len(samples))
        clips.append(
            Clip(wav.stem, float_to_pcm16(samples), start / SAMPLE_RATE, end / SAMPLE_RATE, labels.get(wav.name))
        )
    if not clips:
        print(f"SKIPPED: {folder} holds no wav files with speech; name a folder of recordings with --wavs.")
        sys.exit(0)
    return clips


def bot_for(wavs: Path, folder: Path) -> Path:
    """Train a bot on the sentences beside the recordings, or take the project's own."""
    sentences = wavs.parent / "training-sentences.txt"
    if not sentences.is_file():
        return Path(__file__).parent.parent / "bot"
    print("Training a bot on the sentences beside the recordings …", file=sys.stderr)
    return order_bot.build(folder / "order_bot", sentences)


@contextlib.contextmanager
def running(bot: Path, voice: dict[str, Any], folder: Path) -> Iterator[RunningBot]:
    """Start a bot with a voice channel of our choice, its other channels as they are.

    Args:
        bot: a trained Rasa project.
        voice: options of the voice channel.
        folder: for what is written meanwhile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    credentials = folder / "credentials.yml"
    credentials.write_text(yaml.safe_dump({"convai_rasa.voice.VoiceInput": voice, "rest": None}))
    environment = {"RESTAURANT_DB": str(folder / "bookings.db")}
    if not (bot / "models" / "whisper").is_dir() and "CONVAI_MODELS_DIR" not in os.environ:
        environment["CONVAI_MODELS_DIR"] = str(Path(__file__).parent.parent / "models")
    with RunningBot(
        bot, port=0, actions_port=0, credentials=credentials, environment=environment, api=True
    ) as running_bot:
        yield running_bot


async def answer(url: str, clip: Clip, settle_s: float = SETTLE_S) -> Answer:
    """Say one clip to the bot in real time and time its answer, which has to begin within ``settle_s``."""
    async with VoiceClient(url, m.Start(sample_rate=SAMPLE_RATE)) as client:
        result = Answer(sender_id=client.sender_id)
        began = time.monotonic()
        speaking = asyncio.ensure_future(stream(client, clip.pcm, began))
        try:
            await _listen(client, clip, began, result, settle_s)
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
    return result


async def stream(client: VoiceClient, pcm: np.ndarray, began: float, *, then_silence: bool = True) -> None:
    """Send int16 sound of shape (n,) at 16 kHz as a microphone would; silence follows until cancelled."""
    size = SAMPLE_RATE * CHUNK_MS // 1000
    number = 0
    while then_silence or number * size < len(pcm):
        chunk = pcm[number * size : (number + 1) * size]
        number += 1
        await asyncio.sleep(began + number * CHUNK_MS / 1000 - time.monotonic())
        await client.send_sound(np.pad(chunk, (0, size - len(chunk))).astype("<i2").tobytes())


async def _listen(client: VoiceClient, clip: Clip, began: float, result: Answer, settle_s: float) -> None:
    speech_end, texts = began + clip.speech_end_s, []
    ended_well = False
    while True:
        left = speech_end + settle_s - time.monotonic()
        try:
            event = await client.receive(max(left, 0.05))
        except ConvaiError:
            break
        now = time.monotonic()
        if isinstance(event, m.SpeechStopped):
            if now < speech_end - NEAR_S:
                result.cut_off = True
            else:
                ended_well = True
        elif isinstance(event, m.TranscriptFinal) and event.text:
            texts.append(event.text)
        elif isinstance(event, bytes) and ended_well and result.response_ms is None:
            result.response_ms = 1000 * (now - speech_end)
        elif isinstance(event, m.TurnEnd) and ended_well and result.response_ms is not None:
            result.metrics = event.metrics.dict(exclude_none=True)
            break
    result.transcript = " ".join(texts)


def understood(server: str, sender_id: str, label: dict[str, Any], slot_names: set[str]) -> bool:
    """Whether the bot's tracker holds the intent and exactly the slots of a label, of those that labels name."""
    reply = requests.get(f"{server}/conversations/{sender_id}/tracker", timeout=30)
    reply.raise_for_status()
    said = [event for event in reply.json()["events"] if event["event"] == "user" and not event["text"].startswith("/")]
    if not said:
        return False
    parse = said[-1]["parse_data"]
    found = {entity["entity"]: str(entity["value"]).lower() for entity in parse["entities"]}
    slots = {name: value for name, value in found.items() if name in slot_names}
    return parse["intent"]["name"] == label["intent"] and slots == label.get("slots", {})


def arguments_for(about: str | None, *, asr: str) -> argparse.ArgumentParser:
    """Return a parser of what every benchmark of the channel takes: the bot, the recordings, the models."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = Path(__file__).parent.parent
    parser.add_argument(
        "--bot",
        type=Path,
        help="a trained Rasa project (default: one trained on training-sentences.txt beside the recordings, or bot)",
    )
    parser.add_argument(
        "--wavs",
        type=Path,
        default=root.parent / "shared/data/speech/wav",
        help="folder of recordings, with labels.jsonl in it or beside it (default: %(default)s)",
    )
    parser.add_argument("--asr", default=asr, help="model (default: %(default)s)")
    parser.add_argument("--tts", default="tts/vits-joe", help="model (default: %(default)s)")
    parser.add_argument("--language", default="en", help="that people speak (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    return parser


def run(benchmark: Callable[[], None]) -> NoReturn:
    """Run a benchmark as a program: what it cannot do is one sentence."""
    try:
        benchmark()
    except ConvaiError as error:
        sys.exit(f"{Path(sys.argv[0]).stem}: {error}")
    sys.exit(0)


def percentile(values: list[float], q: float) -> float:
    """Percentile of what was measured; nan of nothing."""
    return float(np.percentile(values, q)) if values else float("nan")
