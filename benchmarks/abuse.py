"""What strangers and greedy clients can take from the others: memory, places, time.

One client sends sound at ten times real time for a minute; sockets and uploads come without a token; a caller speaks
while twelve long voice notes are sent. With --peer, a second checkout of this repository answers the same questions in
turn with this one, so that the price of the defence shows as a ratio.

    python benchmarks/abuse.py
    python benchmarks/abuse.py --questions 20 --peer ../older-checkout --json
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Iterator
from urllib.parse import urlsplit

import numpy as np
import psutil
import requests
import yaml
from streamed import percentile
from websockets.client import connect

from convai_rasa.audio import float_to_pcm16, pcm16_to_float, resample, wav_bytes
from convai_rasa.launch import RunningBot
from convai_rasa.tts import SharedVoice
from convai_rasa.voice.wire import messages as m
from convai_rasa.voice.wire.client import VoiceClient

ROOT = Path(__file__).parent.parent
TOKEN = "a token for this benchmark alone"
RATE = 16_000
QUESTIONS = ("What are your opening hours?", "Do you have anything vegan?", "Is there parking nearby?")
WARM_S, FLOOD_S, FLOOD_SPEED = 15, 60, 10
IDLE_SOCKETS = 40
UPLOADS, UPLOAD_BYTES = 8, 90 << 20
NOTES, NOTE_S = 12, 100
SILENCE_S = 1.5  # after an utterance: longer than any wait for the end of a turn


def main() -> int:
    """Run the benchmark."""
    given = arguments()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        spoken = speak(QUESTIONS)
        with serving(given.asr, folder, max_sessions=16) as bot:
            pid = bot.processes["rasa"]
            asyncio.run(flood(bot.url, pid, spoken, WARM_S))  # what the engines take once and for good
            results = {"flood": asyncio.run(flood(bot.url, pid, spoken, FLOOD_S))}
            results["without_token"] = asyncio.run(without_token(bot, pid))
            results["notes"] = asyncio.run(notes(bot.url, spoken, given.questions))
        if given.peer is not None:
            results["response"] = against_peer(given, folder, spoken)
    report(results, given)
    return 0


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--asr", default="whisper/tiny.en", help="model (default: %(default)s)")
    parser.add_argument("--questions", type=int, default=12, help="asked each time (default: %(default)s)")
    parser.add_argument("--peer", type=Path, help="another checkout, to compare response times with")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    return parser.parse_args()


def speak(texts: tuple[str, ...]) -> list[np.ndarray]:
    """Say texts with the project's own voice: int16 of shape (n,) at 16 kHz each."""
    with contextlib.closing(SharedVoice(model="tts/vits-joe")) as voice:
        sounds = [pcm16_to_float(voice.synthesize(text)) for text in texts]
        return [float_to_pcm16(resample(sound, voice.sample_rate, RATE)) for sound in sounds]


@contextlib.contextmanager
def serving(asr: str, folder: Path, **channel: Any) -> Iterator[RunningBot]:
    """Start the project's bot with a token."""
    credentials = folder / "credentials.yml"
    options = {"token": TOKEN, "asr": {"model": asr}, **channel}
    credentials.write_text(yaml.safe_dump({"convai_rasa.voice.VoiceInput": options}))
    environment = {"RESTAURANT_DB": str(folder / "bookings.db"), "TWILIO_AUTH_TOKEN": "0" * 32}
    with RunningBot(ROOT / "bot", port=0, actions_port=0, credentials=credentials, environment=environment) as bot:
        yield bot


def megabytes(pid: int) -> float:
    """Return the resident memory of a process."""
    return float(psutil.Process(pid).memory_info().rss) / (1 << 20)


# ---------------------------------------------------------------------- sound faster than real time


async def flood(url: str, pid: int, spoken: list[np.ndarray], seconds: float) -> dict[str, float]:
    """Send sound ten times as fast as it is spoken, and wait until all of it is heard."""
    silence = np.zeros(int(SILENCE_S * RATE), np.int16)
    utterances = [np.concatenate([sound, silence]).tobytes() for sound in spoken]
    before = peak = megabytes(pid)
    sent = heard = 0
    async with VoiceClient(url, m.Start(token=TOKEN)) as client:

        async def send() -> int:
            count, began, sent_s = 0, time.monotonic(), 0.0
            while time.monotonic() - began < seconds:
                utterance = utterances[count % len(utterances)]
                for start in range(0, len(utterance), 32_000):
                    await client.send_sound(utterance[start : start + 32_000])
                count, sent_s = count + 1, sent_s + len(utterance) / 2 / RATE
                await asyncio.sleep(max(0.0, sent_s / FLOOD_SPEED - (time.monotonic() - began)))
            return count

        sending = asyncio.ensure_future(send())
        while not sending.done() or heard < sent:
            event = await client.receive(60)
            peak = max(peak, megabytes(pid))
            heard += isinstance(event, m.TranscriptFinal) and bool(event.text)
            sent = sending.result() if sending.done() else heard + 1
    return {"sent": sent, "heard": heard, "before_mb": before, "peak_mb": peak, "growth_mb": peak - before}


# ---------------------------------------------------------------------- without a token


async def without_token(bot: RunningBot, pid: int) -> dict[str, float]:
    """Hold sockets and send uploads without proof."""
    before = megabytes(pid)
    began = time.monotonic()
    stream = bot.url.replace("http", "ws", 1)
    idle = [await connect(stream + route) for route in ("stream", "twilio") for _ in range(IDLE_SOCKETS // 2)]
    places = requests.get(bot.url, timeout=10).json()["sessions"]
    async with VoiceClient(bot.url, m.Start(token=TOKEN)) as client:
        served = bool((await client.type("hello")).text)
    await asyncio.gather(*(one.wait_closed() for one in idle))
    held_s = time.monotonic() - began
    taken = await asyncio.gather(*(asyncio.to_thread(upload, bot.url) for _ in range(UPLOADS)))
    return {
        "places": places,
        "caller_served": served,
        "sockets_held_s": held_s,
        "upload_answered_s": max(seconds for seconds, _ in taken),
        "memory_mb": megabytes(pid) - before,
    }


def upload(url: str) -> tuple[float, int]:
    """Send a large form without a token, as long as the server takes it; return seconds, and bytes sent."""
    parts, sent, began = urlsplit(url), 0, time.monotonic()
    head = f"POST {parts.path}message HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {UPLOAD_BYTES}\r\n\r\n"
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection, contextlib.suppress(OSError):
        connection.sendall(head.encode())
        while sent < UPLOAD_BYTES and not select.select([connection], [], [], 0)[0]:
            sent += connection.send(bytes(4096))
        connection.recv(4096)
    return time.monotonic() - began, sent


# ---------------------------------------------------------------------- voice notes beside a caller


async def notes(url: str, spoken: list[np.ndarray], questions: int) -> dict[str, float]:
    """Compare how long a caller's words take, alone and while long voice notes are sent."""
    alone = await ask(url, spoken, questions)
    pause = np.zeros(RATE, np.int16)
    sound = np.concatenate([np.concatenate([sound, pause]) for sound in spoken])
    note = wav_bytes(np.resize(sound, NOTE_S * RATE), RATE)
    stop = threading.Event()
    statuses: list[int] = []
    senders = [threading.Thread(target=send_notes, args=(url, note, stop, statuses)) for _ in range(NOTES)]
    for sender in senders:
        sender.start()
    await asyncio.sleep(2)
    beside = await ask(url, spoken, questions)
    stop.set()
    await asyncio.gather(*(asyncio.to_thread(sender.join) for sender in senders))
    return {
        "alone_ms": statistics.median(alone["words_ms"]),
        "beside_ms": statistics.median(beside["words_ms"]),
        "ratio": statistics.median(beside["words_ms"]) / statistics.median(alone["words_ms"]),
        "beside_p95_ms": percentile(beside["words_ms"], 95),
        "answered": statuses.count(200),
        "told_to_come_back": statuses.count(503),
    }


def send_notes(url: str, note: bytes, stop: threading.Event, statuses: list[int]) -> None:
    """Send one voice note after the other until told to stop."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    while not stop.is_set():
        reply = requests.post(url + "message", files={"audio": note}, headers=headers, timeout=300)
        statuses.append(reply.status_code)
        stop.wait(min(2.0, float(reply.headers.get("Retry-After", 0))))


async def ask(url: str, spoken: list[np.ndarray], count: int) -> dict[str, list[float]]:
    """Ask in real time; return when the words and the first sound came, in ms after the last word."""
    words, sounds = [], []
    for number in range(count):
        sound = spoken[number % len(spoken)]
        async with VoiceClient(url, m.Start(token=TOKEN)) as client:
            began = time.monotonic()
            turn = await client.say(sound, real_time=True)
        end = began + len(sound) / RATE
        words.append(1000 * (turn.arrived["transcript.final"] - end))
        sounds.append(1000 * (turn.arrived["audio"] - end))
    return {"words_ms": words, "sound_ms": sounds}


# ---------------------------------------------------------------------- the price of it


def against_peer(given: argparse.Namespace, folder: Path, spoken: list[np.ndarray]) -> dict[str, float]:
    """Ask this checkout and another one in turn."""
    mine: list[float] = []
    theirs: list[float] = []
    with serving(given.asr, folder) as bot, peer(given, folder) as other:
        asyncio.run(ask(bot.url, spoken, 2))
        asyncio.run(ask(other, spoken, 2))
        for number in range(given.questions):
            one = [spoken[number % len(spoken)]]
            mine += asyncio.run(ask(bot.url, one, 1))["sound_ms"]
            theirs += asyncio.run(ask(other, one, 1))["sound_ms"]
    return {
        "this_p50_ms": statistics.median(mine),
        "peer_p50_ms": statistics.median(theirs),
        "ratio": statistics.median(mine) / statistics.median(theirs),
    }


@contextlib.contextmanager
def peer(given: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Serve the same bot with the code of another checkout; yield its address."""
    program = (
        "import pathlib, sys\nfrom convai_rasa.launch import RunningBot\n"
        "with RunningBot(pathlib.Path(sys.argv[1]), port=0, actions_port=0, credentials=pathlib.Path(sys.argv[2]),"
        " environment={'RESTAURANT_DB': sys.argv[3]}) as bot:\n    print(bot.url, flush=True)\n    sys.stdin.read()\n"
    )
    credentials = folder / "peer-credentials.yml"
    credentials.write_text(
        yaml.safe_dump({"convai_rasa.voice.VoiceInput": {"token": TOKEN, "asr": {"model": given.asr}}})
    )
    environment = {**os.environ, "PYTHONPATH": str(given.peer.resolve()), "CONVAI_MODELS_DIR": str(ROOT / "models")}
    bot = str(ROOT / "bot")
    process = subprocess.Popen(
        [sys.executable, "-c", program, bot, str(credentials), str(folder / "peer.db")],
        env=environment,
        cwd=given.peer,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(60)


def report(results: dict[str, dict[str, float]], given: argparse.Namespace) -> None:
    """Print one table."""
    flooded, strangers, beside = results["flood"], results["without_token"], results["notes"]
    rows = [
        (
            f"{FLOOD_S} s of sound at {FLOOD_SPEED} times real time, one client: memory",
            f"{flooded['growth_mb']:+.0f} MB",
        ),
        ("  utterances sent / heard", f"{flooded['sent']} / {flooded['heard']}"),
        (f"without a token, {IDLE_SOCKETS} idle sockets: places taken", f"{strangers['places']}"),
        ("  a caller with the token is answered", "yes" if strangers["caller_served"] else "no"),
        ("  until the last is closed", f"{strangers['sockets_held_s']:.1f} s"),
        (f"  {UPLOADS} uploads of {UPLOAD_BYTES >> 20} MB: until refused", f"{strangers['upload_answered_s']:.1f} s"),
        ("  memory", f"{strangers['memory_mb']:+.1f} MB"),
        ("a caller's words after the last one spoken, alone, p50", f"{beside['alone_ms']:.0f} ms"),
        (
            f"  while {NOTES} notes of {NOTE_S} s are sent, p50 / p95",
            f"{beside['beside_ms']:.0f} / {beside['beside_p95_ms']:.0f} ms",
        ),
        ("  ratio", f"{beside['ratio']:.2f}"),
        ("  notes answered / told to come back", f"{beside['answered']} / {beside['told_to_come_back']}"),
    ]
    if "response" in results:
        response = results["response"]
        rows += [
            (
                "end of speech to first sound, this checkout / the other, p50",
                f"{response['this_p50_ms']:.0f} / {response['peer_p50_ms']:.0f} ms",
            ),
            ("  ratio", f"{response['ratio']:.3f}"),
        ]
    print(f"\nAbuse, {given.asr}")
    for name, value in rows:
        print(f"{name:68}{value:>20}")
    if given.json:
        print(json.dumps(results))


if __name__ == "__main__":
    sys.exit(main())
