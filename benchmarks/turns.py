"""When is a person done, and how fast does the bot stop when they speak?

Waiting: every clip is replayed frame by frame through the channel's own listener, once for each of several fixed
waits and once with the dialogue deciding: at a pause the words so far are recognised and understood by the trained
bot, and the verdict counts from the frame on which it would have been there. Cut off is a clip whose turn ended before
its last word.

Interruption: the bot is asked something, and clips are spoken over its answer; the time runs from the first frame of
speech in the clip to the `interrupted` that the client gets.

    python benchmarks/turns.py
    python benchmarks/turns.py --bot my_bot --wavs my_recordings --json
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import tempfile
import time
from pathlib import Path
from typing import Any, Optional

import numpy as np
from streamed import Clip, arguments_for, bot_for, percentile, read_clips, run, running, stream
from tqdm import tqdm

from convai_rasa.asr import Recognizer, build_prompt, choose_phrases, load_recognizer
from convai_rasa.audio import SAMPLE_RATE, SileroVad
from convai_rasa.errors import ConvaiError
from convai_rasa.voice.bot import Understanding
from convai_rasa.voice.ears.by_dialogue import silence_to_wait
from convai_rasa.voice.ears.ending import Pause
from convai_rasa.voice.ears.listener import Listener
from convai_rasa.voice.ears.phrase_ends import PhraseEnds
from convai_rasa.voice.ears.phrases import read_phrases
from convai_rasa.voice.ears.turn import FRAME_MS, TurnEventKind
from convai_rasa.voice.options import TurnOptions
from convai_rasa.voice.wire import messages as m
from convai_rasa.voice.wire.client import VoiceClient

FIXED_WAITS_MS = (256, 384, 512, 640, 800)
TAIL_S = 2.0  # silence after each clip
NEAR_FRAMES = 2  # a turn that ends so shortly before the last word has lost nothing
LONG_ANSWER_S = 1.0  # of the bot's answer has to be heard before it is interrupted


class Understander:
    """The recogniser with the bot's own prompt, and the bot's understanding."""

    def __init__(self, bot: Path, asr: str, language: str) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        from rasa.core.agent import Agent
        from rasa.utils.log_utils import configure_structlog

        configure_structlog(logging.WARNING)
        archive = max((bot / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
        phrases = read_phrases(archive)
        self._agent = Agent.load(str(archive))
        self._recognizer: Recognizer = load_recognizer(model=asr, threads=1, language=language)
        self._prompt = build_prompt(choose_phrases(phrases))
        self.ends = PhraseEnds(phrases)

    def judge(self, samples: np.ndarray, options: TurnOptions) -> tuple[int, float, str]:
        """Return the silence to wait for in ms, how long the judging took in ms, and the words."""
        began = time.perf_counter()
        heard = self._recognizer.transcribe(samples, prompt=self._prompt)
        words = heard.text
        understanding: Optional[Understanding] = None
        if words:
            parse = asyncio.run(self._agent.parse_message(words))
            understanding = Understanding(parse["intent"]["name"], float(parse["intent"]["confidence"]), parse)
        pause = Pause(words, heard.language, understanding, phrase_ends=self.ends)
        wait = silence_to_wait(pause, options)
        return wait, 1000 * (time.perf_counter() - began), words


def main() -> None:
    """Run the benchmark."""
    given = arguments()
    clips = read_clips(given.wavs, given.clips)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bot = given.bot or bot_for(given.wavs, folder)
        figures = waiting(clips, bot, given)
        if not given.no_interruptions:
            figures.update(asyncio.run(interruptions(clips[: given.interruptions], bot, given, folder)))
    if given.json:
        print(json.dumps(figures))


def waiting(clips: list[Clip], bot: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Measure cut-offs and waiting, and print them."""
    understander = Understander(bot, given.asr, given.language)
    rows = {f"silence of {wait} ms": [fixed(clip, wait) for clip in clips] for wait in FIXED_WAITS_MS}
    rows["the dialogue decides"] = [
        decided(clip, understander, given.show) for clip in tqdm(clips, desc="clips", disable=None)
    ]
    print(f"\n{len(clips)} clips, {given.asr}; waiting in ms from the end of speech to the end of the turn")
    print(f"{'':24}{'cut off':>10}{'p50':>8}{'p95':>8}{'mean':>8}")
    figures: dict[str, Any] = {"clips": len(clips), "asr": given.asr, "waiting": {}}
    for name, waits in rows.items():
        kept = [wait for wait in waits if wait is not None]
        summary = {
            "cut_off_rate": round(1 - len(kept) / len(waits), 4),
            "wait_p50_ms": round(percentile(kept, 50)),
            "wait_p95_ms": round(percentile(kept, 95)),
            "wait_mean_ms": round(float(np.mean(kept))) if kept else None,
        }
        figures["waiting"][name] = summary
        print(
            f"{name:24}{summary['cut_off_rate']:10.1%}{summary['wait_p50_ms']:8}{summary['wait_p95_ms']:8}"
            f"{summary['wait_mean_ms'] or 0:8}"
        )
    figures["cut_off_rate"] = figures["waiting"]["the dialogue decides"]["cut_off_rate"]
    return figures


def fixed(clip: Clip, wait_ms: int) -> Optional[float]:
    """Return the waiting time of one clip with a fixed wait; None if it was cut off."""
    options = TurnOptions(end_ms=wait_ms, pause_ms=min(TurnOptions().pause_ms, wait_ms - FRAME_MS))
    listener = Listener(SileroVad().stream(), options, options.end_ms, SAMPLE_RATE)
    last_voiced = int(clip.speech_end_s * 1000 / FRAME_MS)
    for number, heard in enumerate(listener.push(_with_tail(clip))):
        if heard is not None and heard.kind is TurnEventKind.ENDED:
            return None if number < last_voiced - NEAR_FRAMES else (number + 1 - last_voiced) * FRAME_MS
    return None


def decided(clip: Clip, understander: Understander, show: bool) -> Optional[float]:
    """Return the waiting time of one clip with the dialogue deciding; None if it was cut off."""
    options = TurnOptions()
    listener = Listener(SileroVad().stream(), options, options.late_ms, SAMPLE_RATE)
    last_voiced = int(clip.speech_end_s * 1000 / FRAME_MS)
    due, wait, words = -1, 0, ""
    for number, heard in enumerate(listener.push(_with_tail(clip))):
        if heard is not None and heard.kind is TurnEventKind.PAUSED:
            wait, took_ms, words = understander.judge(heard.samples, options)
            due = number + int(np.ceil(took_ms / FRAME_MS))
        elif heard is not None and heard.kind is TurnEventKind.RESUMED:
            due = -1
        ended = heard if heard is not None and heard.kind is TurnEventKind.ENDED else None
        if ended is None and number == due:
            ended = listener.wait_until(wait)
        if ended is not None:
            cut = number < last_voiced - NEAR_FRAMES
            if show:
                tqdm.write(f"{clip.name[:8]} {'CUT' if cut else '   '} {wait:5} {words}")
            return None if cut else (number + 1 - last_voiced) * FRAME_MS
    return None


def _with_tail(clip: Clip) -> bytes:
    return clip.pcm.astype("<i2").tobytes() + bytes(2 * int(TAIL_S * SAMPLE_RATE))


async def interruptions(clips: list[Clip], bot: Path, given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Measure how fast the bot stops, and print it."""
    voice = {"asr": {"model": given.asr, "language": given.language}, "tts": {"model": given.tts}}
    times, missed = [], 0
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(running(bot, voice, folder / "interrupted"))
        for clip in tqdm(clips, desc="interruptions", disable=None):
            took = await interrupt(server.url, clip, given.question)
            if took is None:
                missed += 1
            else:
                times.append(took)
    figures = {
        "interrupt_p50_ms": round(percentile(times, 50), 1),
        "interrupt_p95_ms": round(percentile(times, 95), 1),
        "interruptions": len(times),
        "not_interrupted": missed,
    }
    print(
        f"\n{len(times)} interruptions; ms from the first frame of speech to 'interrupted': "
        f"p50 {figures['interrupt_p50_ms']:.0f}, p95 {figures['interrupt_p95_ms']:.0f}; not interrupted: {missed}"
    )
    return figures


async def interrupt(url: str, clip: Clip, question: str) -> Optional[float]:
    """Speak one clip over the bot's answer; ms until it was told to stop, None if it was not."""
    async with VoiceClient(url, m.Start(sample_rate=SAMPLE_RATE)) as client:
        await client.send(m.Text(text=question))
        while not isinstance(await client.receive(), m.AudioStart):
            pass
        await asyncio.sleep(LONG_ANSWER_S)
        # Only the beginning of the clip, silence in front of it left out: an answer lasts a few seconds.
        start = max(0, int((clip.speech_start_s - 0.2) * SAMPLE_RATE))
        began = time.monotonic()
        onset = began + clip.speech_start_s - start / SAMPLE_RATE
        speaking = asyncio.ensure_future(stream(client, clip.pcm[start : start + 2 * SAMPLE_RATE], began))
        try:
            while time.monotonic() < onset + 3.0:
                event = await client.receive(onset + 3.5 - time.monotonic())
                if isinstance(event, m.Interrupted):
                    return 1000 * (time.monotonic() - onset)
        except ConvaiError:
            return None
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
    return None


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = arguments_for(__doc__, asr="whisper/tiny.en")
    parser.add_argument("--clips", type=int, help="how many of them (default: all)")
    parser.add_argument("--question", default="when do you open", help="what the bot is asked before it is interrupted")
    parser.add_argument("--interruptions", type=int, default=30, help="how many (default: %(default)s)")
    parser.add_argument("--no-interruptions", action="store_true", help="measure the waiting alone")
    parser.add_argument("--show", action="store_true", help="print what was said at the end of each turn")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
