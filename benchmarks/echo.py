"""What the bot's own voice does when it comes back through the microphone, and what a person can do about it.

The bot's real voice is played through simulated loudspeakers and rooms into a microphone: unknown delay, gain, band
limits, reverberation, clipping and noise. Without a person, every turn that starts is a false start. Then a real
recording of a person begins while the bot speaks; the turn has to start as early as on the recording alone.

    python benchmarks/echo.py --wavs ../shared/data/speech/wav [--rooms 40] [--json]

Without recordings only the false starts are measured.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Optional, Sequence

import numpy as np
from scipy import signal
from tqdm import tqdm

from convai_rasa.audio import FRAME_SAMPLES, SAMPLE_RATE, SileroVad, decode_audio, resample
from convai_rasa.audio.echo import EchoGate
from convai_rasa.errors import ConvaiError
from convai_rasa.tts import SharedVoice

THRESHOLD = 0.5  # of voice activity, as TurnOptions.threshold
START_FRAMES = 3  # as TurnOptions.start_ms
CHUNK_SAMPLES = 640  # what the server sends at a time
CALL_S = 30.0
JITTER_MS = 60.0  # a client begins some sentences later than others
RATIOS_DB = (-6.0, 0.0, 6.0, 12.0)  # the person's level above the echo's, at the microphone

SENTENCES = (
    "Welcome. I can book a table for you, tell you about the menu, or answer questions about our opening hours.",
    "For how many people would you like to book a table?",
    "Which day would suit you, and at what time?",
    "I have booked a table for four people on Friday at seven thirty in the evening. Is there anything else?",
    "We are open from eleven in the morning to ten at night, every day except Monday.",
    "I am sorry, I did not understand that. Could you say it again, please?",
    "Today the chef recommends grilled salmon with lemon potatoes, and for dessert there is a warm apple tart.",
    "One moment, please.",
    "The large coffee is three dollars and fifty cents, the small one two dollars ninety.",
)


@dataclass(frozen=True)
class Room:
    """How the bot's sound comes back.

    Attributes:
        delay_ms: network, buffers and air.
        gain_db: level at the microphone, relative to what was sent.
        reverberation_s: RT60.
        band_hz: what the loudspeaker lets through.
        clip: amplitude, relative to the peak, beyond which the loudspeaker distorts; 1 is none.
        noise_db: of the microphone, dBFS.
        seed: of the reverberation.
    """

    delay_ms: float
    gain_db: float
    reverberation_s: float
    band_hz: tuple[float, float]
    clip: float
    noise_db: float
    seed: int

    @classmethod
    def drawn(cls, seed: int) -> Room:
        """Draw a room by chance."""
        draw = np.random.default_rng(seed)
        return cls(
            delay_ms=float(draw.uniform(20, 500)),
            gain_db=float(draw.uniform(-30, -6)),
            reverberation_s=float(draw.uniform(0.2, 0.6)),
            band_hz=(float(draw.uniform(80, 400)), float(draw.uniform(3_300, 7_500))),
            clip=float(draw.choice([1.0, 0.7, 0.4])),
            noise_db=float(draw.uniform(-75, -50)),
            seed=seed,
        )

    def echo(self, played: np.ndarray) -> np.ndarray:
        """Return what the microphone hears of ``played``, float32 of the same shape."""
        draw = np.random.default_rng(self.seed)
        peak = float(np.max(np.abs(played), initial=1e-9))
        loud = self.clip * peak * np.tanh(played / (self.clip * peak)) if self.clip < 1 else played
        loud = signal.sosfilt(signal.butter(2, self.band_hz, "bandpass", fs=SAMPLE_RATE, output="sos"), loud)
        length = int(self.reverberation_s * SAMPLE_RATE)
        tail = draw.standard_normal(length) * 10 ** (-3 * np.arange(length) / length)
        tail *= draw.uniform(0.3, 1.0) / np.sqrt(np.sum(tail**2))  # as strong as the direct sound at most
        tail[0] += 1.0
        room = np.concatenate([np.zeros(int(self.delay_ms * SAMPLE_RATE / 1000)), tail])
        echo = signal.fftconvolve(loud, room)[: len(played)] * 10 ** (self.gain_db / 20)
        return echo.astype(np.float32)

    def noise(self, length: int) -> np.ndarray:
        """Return the microphone's own noise, float32 of shape (length,)."""
        draw = np.random.default_rng(self.seed + 1)
        return (draw.standard_normal(length) * 10 ** (self.noise_db / 20)).astype(np.float32)


def call(sentences: Sequence[np.ndarray], seed: int) -> list[tuple[int, np.ndarray]]:
    """Return what the bot says in one call: the sample at which it begins, and the sound."""
    draw = np.random.default_rng(seed)
    order, at, said = draw.permutation(len(sentences)), int(0.3 * SAMPLE_RATE), []
    for number in order:
        if at + len(sentences[number]) > CALL_S * SAMPLE_RATE:
            break
        said.append((at, sentences[number]))
        at += len(sentences[number]) + int(draw.uniform(0.0, 1.5) * SAMPLE_RATE)
    return said


def heard(microphone: np.ndarray, said: Sequence[tuple[int, np.ndarray]], gated: bool) -> tuple[np.ndarray, float]:
    """Return per frame whether it counts as a person's speech, and the seconds that the gate took."""
    voice, gate, cost = SileroVad().stream(), EchoGate(), 0.0
    waiting = list(said)
    voiced = []
    for at in range(0, len(microphone) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        frame = microphone[at : at + FRAME_SAMPLES]
        began = time.perf_counter()
        while waiting and waiting[0][0] < at + FRAME_SAMPLES:
            sound = waiting.pop(0)[1]
            for start in range(0, len(sound), CHUNK_SAMPLES):
                gate.sent(sound[start : start + CHUNK_SAMPLES])
        own = gated and gate.hears_itself(frame)
        cost += time.perf_counter() - began
        voiced.append(voice.probability(frame) >= THRESHOLD and not own)
    return np.array(voiced), cost


def starts(voiced: np.ndarray) -> list[int]:
    """Return the frames at which a turn starts; one that has started ends after 16 frames without speech."""
    found, run, quiet, speaking = [], 0, 0, False
    for number, frame in enumerate(voiced):
        run = run + 1 if frame else 0
        quiet = 0 if frame else quiet + 1
        if not speaking and run >= START_FRAMES:
            speaking = True
            found.append(number)
        elif speaking and quiet >= 16:
            speaking = False
    return found


def false_starts(sentences: Sequence[np.ndarray], rooms: Sequence[Room], gated: bool) -> dict[str, float]:
    """Let the bot speak to nobody."""
    count, spoken_s, cost, frames = 0, 0.0, 0.0, 0
    for room in tqdm(rooms, desc="nobody there", leave=False, disable=None):
        said = call(sentences, room.seed)
        microphone = _echo(said, room)
        voiced, seconds = heard(microphone, said, gated)
        count += len(starts(voiced))
        spoken_s += sum(len(sound) for _, sound in said) / SAMPLE_RATE
        cost, frames = cost + seconds, frames + len(voiced)
    return {"per_minute": 60 * count / spoken_s, "ms_per_frame": 1000 * cost / frames, "minutes": spoken_s / 60}


def interruptions(
    sentences: Sequence[np.ndarray], clips: Sequence[np.ndarray], rooms: Sequence[Room], ratio_db: float
) -> dict[str, float]:
    """Let a person begin to speak while the bot does; the delay counts from where the recording alone starts a turn."""
    late, missed = [], 0
    vad = SileroVad()
    for room in tqdm(rooms, desc=f"person at {ratio_db:+.0f} dB", leave=False, disable=None):
        draw = np.random.default_rng(room.seed + 2)
        said = call(sentences, room.seed)
        echo = _echo(said, room)
        clip = clips[int(draw.integers(len(clips)))]
        alone = np.flatnonzero(vad.probabilities(clip) >= THRESHOLD)
        clip = clip[max(0, int(alone[0]) * FRAME_SAMPLES - 1600) :]
        begin, sound = said[int(draw.integers(1, len(said)))]
        room_left = max(1, len(sound) - SAMPLE_RATE)
        at = begin + int(room.delay_ms * SAMPLE_RATE / 1000) + int(draw.integers(0, room_left))
        at -= at % FRAME_SAMPLES
        speech = _level(clip) - _level(echo)
        person = np.zeros_like(echo)
        length = min(len(clip), len(person) - at)
        person[at : at + length] = clip[:length] * 10 ** ((ratio_db - speech) / 20)
        quiet = room.noise(len(echo))
        expected = starts(vad.probabilities(person + quiet) >= THRESHOLD)
        if not expected:
            continue
        voiced, _ = heard(echo + person, said, gated=True)
        found = [frame for frame in starts(voiced) if frame >= expected[0] - 16]
        if not found or found[0] > expected[0] + 31:
            missed += 1
        else:
            late.append(found[0] - expected[0])
    return {
        "frames_late_p50": statistics.median(late) if late else float("nan"),
        "frames_late_p90": float(np.percentile(late, 90)) if late else float("nan"),
        "missed": missed,
        "of": len(late) + missed,
    }


def _echo(said: Sequence[tuple[int, np.ndarray]], room: Room) -> np.ndarray:
    played = np.zeros(int(CALL_S * SAMPLE_RATE), np.float32)
    draw = np.random.default_rng(room.seed + 3)
    for at, sound in said:
        late = int(draw.uniform(0, JITTER_MS) * SAMPLE_RATE / 1000)
        length = min(len(sound), len(played) - at - late)
        played[at + late : at + late + length] += sound[:length]
    return room.echo(played) + room.noise(len(played))


def _level(samples: np.ndarray) -> float:
    """Return the level of the louder frames in dB, so that pauses do not count."""
    whole = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    power = np.mean(whole**2, axis=1)
    return float(10 * np.log10(np.mean(power[power >= np.percentile(power, 70)]) + 1e-12))


def spoken(model: str) -> Iterator[np.ndarray]:
    """Yield the bot's sentences at 16 kHz."""
    with contextlib.closing(SharedVoice(model=model)) as voice:
        for text in tqdm(SENTENCES, desc="the bot's voice", leave=False, disable=None):
            sound = voice.synthesize(text).astype(np.float32) / 32768
            yield resample(sound, voice.sample_rate, SAMPLE_RATE)


def main() -> int:
    """Print one table, and with --json one JSON object last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wavs", type=Path, help="folder of recordings of people")
    parser.add_argument("--rooms", type=int, default=40, help="how many (default: %(default)s)")
    parser.add_argument("--tts", default="tts/vits-joe", help="the bot's voice (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    given = parser.parse_args()
    rooms = [Room.drawn(seed) for seed in range(given.rooms)]
    try:
        sentences = list(spoken(given.tts))
    except ConvaiError as error:
        print(error, file=sys.stderr)
        return 1
    results: dict[str, dict[str, float]] = {}
    print(f"{'the bot speaks, nobody there':<32}{'false starts a minute':>24}{'ms a frame':>12}")
    for name, gated in (("without the gate", False), ("with it", True)):
        results[name] = row = false_starts(sentences, rooms, gated)
        cost = f"{row['ms_per_frame']:.3f}" if gated else ""
        print(f"{name:<32}{row['per_minute']:>24.2f}{cost:>12}")
    clips = _clips(given.wavs)
    if clips:
        print(f"\n{'a person begins to speak':<32}{'frames late: p50':>18}{'p90':>6}{'missed':>10}")
        for ratio_db in RATIOS_DB:
            name = f"at {ratio_db:+.0f} dB over the echo"
            results[name] = row = interruptions(sentences, clips, rooms, ratio_db)
            missed = f"{row['missed']} / {row['of']}"
            print(f"{name:<32}{row['frames_late_p50']:>18.0f}{row['frames_late_p90']:>6.0f}{missed:>10}")
    else:
        print("skipped: no recordings of people; give --wavs FOLDER.")
    if given.json:
        print(json.dumps(results))
    return 0


def _clips(folder: Optional[Path]) -> list[np.ndarray]:
    if folder is None:
        return []
    return [decode_audio(path.read_bytes(), max_seconds=60) for path in sorted(folder.glob("*.wav"))]


if __name__ == "__main__":
    sys.exit(main())
