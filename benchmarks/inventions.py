"""How often words are made up where nobody speaks: ten minutes of noise, hum, music, breath, keys and murmuring.

Everything goes the way of a call: frames, noise floor, turn-taking, and for each turn that starts Whisper with a
prompt of the bot's own words, which it likes to repeat. A text is an invention, whatever it says. Murmuring is made of
recordings played backwards, many at once, so that there are voices but no words in it.

    python benchmarks/inventions.py --wavs ../shared/data/speech/wav [--json]

Without recordings the murmuring is left out. The real recordings are put through the same gates, as they are and in
noise, to see that none is lost.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Callable, Iterator, Optional, Sequence

import numpy as np
from scipy import signal
from tqdm import tqdm

from convai_rasa.asr import Recognizer, build_prompt, load_recognizer
from convai_rasa.audio import FRAME_SAMPLES, SAMPLE_RATE, SileroVad, decode_audio, float_to_pcm16
from convai_rasa.errors import ConvaiError
from convai_rasa.voice.ears.listener import Listener
from convai_rasa.voice.ears.turn import TurnEventKind
from convai_rasa.voice.options import TurnOptions

SECONDS = 50  # of each kind; twelve kinds are ten minutes
MODELS = ("whisper/base", "whisper/tiny.en")
PROMPT = (
    "I'd like to book a table for four people on Friday at seven.",
    "Can I get a large iced coffee with a lot of milk?",
    "What are your opening hours?",
    "Yes please.",
    "For how many people would you like to book a table?",
)
Draw = np.random.Generator


def coloured(draw: Draw, seconds: float, slope: float) -> np.ndarray:
    """Return noise whose power falls with frequency to the power of ``slope``; float64 of unit deviation."""
    length = int(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(draw.standard_normal(length))
    hertz = np.maximum(np.fft.rfftfreq(length, 1 / SAMPLE_RATE), 20.0)
    noise = np.fft.irfft(spectrum * hertz ** (-slope / 2), length)
    return noise / np.std(noise)


def steady(slope: float) -> Callable[[Draw], np.ndarray]:
    """Noise whose level changes every few seconds."""
    return lambda draw: np.concatenate(
        [coloured(draw, 5, slope) * 10 ** (draw.uniform(-50, -18) / 20) for _ in range(SECONDS // 5)]
    )


def fan(draw: Draw) -> np.ndarray:
    """Blades and mains hum with their harmonics, slowly beating."""
    at = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    hum = sum(np.sin(2 * np.pi * hertz * at + 0.3 * np.sin(at)) / n for n, hertz in enumerate(range(50, 800, 50), 1))
    return (hum * 0.02 + coloured(draw, SECONDS, 1.5) * 0.01) * (1 + 0.4 * np.sin(2 * np.pi * 0.7 * at))


def music(draw: Draw) -> np.ndarray:
    """Chords and melodies of plucked and of held notes with six harmonics each."""
    sound = np.zeros(SECONDS * SAMPLE_RATE)
    at = 0
    while at < len(sound) - 2 * SAMPLE_RATE:
        length = int(draw.choice([0.2, 0.4, 0.8]) * SAMPLE_RATE)
        time = np.arange(length) / SAMPLE_RATE
        for note in draw.choice([48, 50, 52, 53, 55, 57, 59, 60, 62, 64, 67, 72], size=int(draw.integers(1, 4))):
            hertz = 440 * 2 ** ((note - 69) / 12)
            vibrato = 1 + 0.004 * np.sin(2 * np.pi * 5.5 * time)
            tone = sum(np.sin(2 * np.pi * hertz * n * time * vibrato) / n for n in range(1, 7))
            envelope = np.exp(-3 * time / time[-1]) if draw.random() < 0.5 else np.hanning(length)
            sound[at : at + length] += tone * envelope
        at += int(length * draw.choice([0.5, 1.0]))
    return sound / np.max(np.abs(sound)) * 0.3


def breath(draw: Draw) -> np.ndarray:
    """Breathing in and out into the microphone: noise through a mouth's resonances."""
    sound = np.zeros(SECONDS * SAMPLE_RATE)
    at = 0
    while at < len(sound) - 3 * SAMPLE_RATE:
        length = int(draw.uniform(0.5, 1.6) * SAMPLE_RATE)
        wind = draw.standard_normal(length) * np.hanning(length) ** 0.7
        low, high = draw.uniform(200, 900), draw.uniform(1_500, 5_000)
        wind = signal.sosfilt(signal.butter(2, (low, high), "bandpass", fs=SAMPLE_RATE, output="sos"), wind)
        sound[at : at + length] += wind / np.std(wind) * 10 ** (draw.uniform(-40, -18) / 20)
        at += length + int(draw.uniform(0.1, 1.0) * SAMPLE_RATE)
    return sound


def keys(draw: Draw) -> np.ndarray:
    """Typing: bursts of clicks, each a decaying knock."""
    sound = draw.standard_normal(SECONDS * SAMPLE_RATE) * 3e-4
    at = 0
    while at < len(sound) - SAMPLE_RATE:
        length = int(draw.uniform(0.01, 0.05) * SAMPLE_RATE)
        knock = draw.standard_normal(length) * np.exp(-6 * np.arange(length) / length)
        sound[at : at + length] += knock * 10 ** (draw.uniform(-30, -8) / 20)
        at += int(draw.choice([0.08, 0.12, 0.2, 0.9]) * SAMPLE_RATE * draw.uniform(0.7, 1.3))
    return sound


def telephone_keys(draw: Draw) -> np.ndarray:
    """Dialling."""
    sound = np.zeros(SECONDS * SAMPLE_RATE)
    for at in range(0, len(sound) - SAMPLE_RATE, SAMPLE_RATE * 3 // 10):
        if draw.random() < 0.7:
            time = np.arange(int(draw.uniform(0.08, 0.25) * SAMPLE_RATE)) / SAMPLE_RATE
            low, high = draw.choice([697, 770, 852, 941]), draw.choice([1209, 1336, 1477])
            sound[at : at + len(time)] = 0.15 * (np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * high * time))
    return sound


def taps(draw: Draw) -> np.ndarray:
    """Knocks on the table, a chair, a door: low, and ringing for a moment."""
    sound = coloured(draw, SECONDS, 1.0) * 1e-3
    at = 0
    while at < len(sound) - SAMPLE_RATE:
        time = np.arange(int(draw.uniform(0.1, 0.4) * SAMPLE_RATE)) / SAMPLE_RATE
        ring = np.sin(2 * np.pi * draw.uniform(80, 900) * time) * np.exp(-time * draw.uniform(10, 40))
        sound[at : at + len(time)] += ring * draw.uniform(0.05, 0.5)
        at += int(draw.uniform(0.2, 2.5) * SAMPLE_RATE)
    return sound


def sirens(draw: Draw) -> np.ndarray:
    """Glides up and down with harmonics: the tone detectors are fooled by most."""
    time = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    hertz = 300 + 200 * np.sin(2 * np.pi * 0.4 * time) + 60 * np.sin(2 * np.pi * 3 * time)
    phase = 2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE
    loud = 0.1 * (0.5 + 0.5 * signal.square(2 * np.pi * 0.23 * time))
    return sum(np.sin(n * phase) / n for n in range(1, 6)) * loud + draw.standard_normal(len(time)) * 1e-3


def silence(draw: Draw) -> np.ndarray:
    """Digital silence, and that of a cheap microphone."""
    half = SECONDS * SAMPLE_RATE // 2
    return np.concatenate([np.zeros(half), draw.standard_normal(SECONDS * SAMPLE_RATE - half) * 3e-4])


def murmur(clips: Sequence[np.ndarray], talkers: int) -> Callable[[Draw], np.ndarray]:
    """People at other tables, backwards, so that there is no word in it."""

    def mixed(draw: Draw) -> np.ndarray:
        sound = np.zeros(SECONDS * SAMPLE_RATE)
        for _ in range(talkers):
            order = draw.permutation(len(clips))
            talk = np.concatenate([clips[number][::-1] for number in order])
            sound += np.resize(np.roll(talk, int(draw.integers(len(talk)))), len(sound)) / (np.std(talk) + 1e-9)
        return sound / np.std(sound) * 10 ** (-38 / 20)

    return mixed


def kinds(clips: Sequence[np.ndarray]) -> dict[str, Callable[[Draw], np.ndarray]]:
    """Return what makes each kind of sound."""
    found: dict[str, Callable[[Draw], np.ndarray]] = {
        "white noise": steady(0.0),
        "pink noise": steady(1.0),
        "brown noise": steady(2.0),
        "fan and hum": fan,
        "music": music,
        "breath": breath,
        "typing": keys,
        "dialling": telephone_keys,
        "knocks": taps,
        "glides": sirens,
        "silence": silence,
    }
    if clips:
        found["murmuring, 8 people"] = murmur([_speech(clip) for clip in clips], 8)
    return found


def turns(sound: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the turns that a caller's sound has, as the voice channel finds them."""
    options = TurnOptions()
    listener = Listener(SileroVad().stream(), options, options.end_ms, SAMPLE_RATE)
    for heard in listener.push(float_to_pcm16(sound).tobytes()):
        if heard is not None and heard.kind is TurnEventKind.ENDED:
            yield heard.samples
    for heard in listener.finish():
        if heard is not None and heard.kind is TurnEventKind.ENDED:
            yield heard.samples


def inventions(recognizer: Recognizer, sound: np.ndarray, prompt: Optional[str]) -> list[str]:
    """Return the texts that come of a sound."""
    texts = (recognizer.transcribe(turn, prompt=prompt).text for turn in turns(sound))
    return [text for text in texts if text]


def lost(recognizer: Recognizer, clips: Sequence[np.ndarray], prompt: Optional[str], noise_db: Optional[float]) -> int:
    """Count the recordings of which nothing is left."""
    count = 0
    for seed, clip in enumerate(tqdm(clips, "real speech", leave=False, disable=None)):
        draw = np.random.default_rng(seed)
        heard = clip
        if noise_db is not None:
            level = np.std(_speech(clip)) * 10 ** (-noise_db / 20)
            heard = clip + coloured(draw, len(clip) / SAMPLE_RATE, 1.0)[: len(clip)] * level
        count += not inventions(recognizer, heard, prompt)
    return count


def _speech(clip: np.ndarray) -> np.ndarray:
    whole = clip[: len(clip) // FRAME_SAMPLES * FRAME_SAMPLES]
    spoken = SileroVad().probabilities(whole) >= 0.5
    return whole.reshape(-1, FRAME_SAMPLES)[spoken].reshape(-1) if spoken.any() else whole


def main() -> int:
    """Print one table, and with --json one JSON object last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wavs", type=Path, help="folder of recordings")
    parser.add_argument("--asr", action="append", help="model; may be given again (default: base and tiny.en)")
    parser.add_argument("--texts", action="store_true", help="print what was made up")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    given = parser.parse_args()
    paths = sorted(given.wavs.glob("*.wav")) if given.wavs else []
    prompt = build_prompt(PROMPT[:-1], PROMPT[-1])
    results: dict[str, dict[str, float]] = {}
    try:
        clips = [decode_audio(path.read_bytes(), max_seconds=60) for path in paths]
        sounds = {
            name: make(np.random.default_rng(number)).astype(np.float32)
            for number, (name, make) in enumerate(kinds(clips).items())
        }
        for asr in given.asr or MODELS:
            recognizer = load_recognizer(model=asr, threads=1, language="en")
            row: dict[str, float] = {}
            for name in tqdm(sounds, asr, leave=False, disable=None):
                made_up = [text for use in (prompt, None) for text in inventions(recognizer, sounds[name], use)]
                row[name] = 60 * len(made_up) / (2 * SECONDS)
                if given.texts and made_up:
                    tqdm.write(f"{asr}, {name}: {made_up}")
            for name, noise_db in (("clean", None), ("12 dB", 12.0), ("6 dB", 6.0)) if clips else ():
                row[f"lost, {name}"] = lost(recognizer, clips, prompt, noise_db)
            results[asr] = row
            recognizer.close()
    except ConvaiError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{'made-up texts a minute':<26}" + "".join(f"{asr:>18}" for asr in results))
    for name in sounds:
        print(f"{name:<26}" + "".join(f"{row[name]:>18.2f}" for row in results.values()))
    for name in [name for name in next(iter(results.values())) if name.startswith("lost")]:
        label = f"{name}: of {len(clips)}"
        print(f"{label:<26}" + "".join(f"{row[name]:>18.0f}" for row in results.values()))
    if not clips:
        print("skipped: murmuring and real speech; give --wavs FOLDER.")
    if given.json:
        total = {asr: sum(row[name] for name in sounds) / len(sounds) for asr, row in results.items()}
        print(json.dumps({"per_minute": total, "minutes": SECONDS * len(sounds) / 60, "results": results}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
