"""How many numbers said digit by digit come out right, and how many run away.

    python benchmarks/digits.py [--wavs DIR] [--numbers 15] [--seed 1] [--asr whisper/base] [--asked] [--json]

Ten-digit numbers are joined from single digits, with the pauses of a telephone number: of recordings named
``digits_SPEAKER_DIGITS.wav`` (default: those beside this checkout, if any), cut where they are silent, and of the
project's own voice. Each is recognized with the demo bot's own sentences as a prompt, as in a call; with ``--asked`` as
the answer to a question for a number. Single digits are measured besides.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from convai_rasa.asr import (
    Expected,
    Request,
    Transcript,
    build_prompt,
    choose_phrases,
    load_recognizer,
    recognize_together,
)
from convai_rasa.audio import SAMPLE_RATE, pcm16_to_float, resample
from convai_rasa.tts import TTSSynthesizer
from convai_rasa.voice.ears.phrases import read_phrases

ROOT = Path(__file__).parents[1]
RECORDINGS = ROOT.parent / "shared" / "field" / "inputs"
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
FIGURES = {**{word: str(number) for number, word in enumerate(WORDS)}, "oh": "0", "o": "0"}
BLOCK = SAMPLE_RATE // 100
SILENT = 0.0025  # root mean square of a block, of full scale
APART = 5  # blocks of silence between two digits

Digits = Mapping[str, Sequence[np.ndarray]]  # by figure, its recordings at 16 kHz


def main() -> None:
    """Measure, and print a line a speaker."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wavs", type=Path, default=RECORDINGS)
    parser.add_argument("--numbers", type=int, default=15, help="of each speaker")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--asr", default="whisper/base")
    parser.add_argument("--asked", action="store_true", help="the bot has asked for a number")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    speakers = {"own voice": own_voice(), **recorded(given.wavs)}
    if len(speakers) == 1:
        print(f"There are no digits_*.wav in {given.wavs}: only the project's own voice speaks.", file=sys.stderr)
    archives = sorted((ROOT / "bot" / "models").glob("*.tar.gz"), key=lambda archive: archive.stat().st_mtime)
    prompt = build_prompt(choose_phrases(read_phrases(archives[-1]))) if archives else None
    recognizer = load_recognizer("whisper", given.asr, language="en")
    chance = random.Random(given.seed)
    expected = Expected(digits=True) if given.asked else None
    right: dict[str, float] = {}
    singles: dict[str, float] = {}
    ran_away = 0

    def heard(said: str, digits: Digits) -> str:
        request = Request(number(said, digits, chance), prompt=prompt, expected=expected)
        (outcome,) = recognize_together(recognizer, [request])
        assert isinstance(outcome, Transcript)  # Whisper takes any sound
        return figures(outcome.text)

    for speaker, digits in speakers.items():
        correct = alone = 0
        for _ in tqdm(range(given.numbers), desc=speaker, leave=False, disable=None):
            said = "".join(chance.choice(sorted(digits)) for _ in range(10))
            found = heard(said, digits)
            correct += found == said
            ran_away += len(found) > len(said) + 2
        for said in sorted(digits):
            alone += sum(heard(said, {said: [one]}) == said for one in digits[said])
        right[speaker] = round(correct / given.numbers, 3)
        singles[speaker] = round(alone / sum(map(len, digits.values())), 3)
        print(
            f"{speaker:12} {right[speaker]:.2f} of {given.numbers} numbers right, {singles[speaker]:.2f} of its digits"
        )
    print(f"{ran_away} of {given.numbers * len(speakers)} ran away")
    if given.json:
        print(json.dumps({"asr": given.asr, "right": right, "digits": singles, "ran_away": ran_away}))


def own_voice() -> Digits:
    """Return each digit as the project's own voice says it."""
    voice = TTSSynthesizer("tts/vits-joe")
    spoken = {str(number): pcm16_to_float(voice.synthesize(word)) for number, word in enumerate(WORDS)}
    return {figure: [resample(sound, voice.sample_rate, SAMPLE_RATE)] for figure, sound in spoken.items()}


def recorded(folder: Path) -> dict[str, Digits]:
    """Return each speaker's digits, cut out of recordings of numbers."""
    speakers: dict[str, dict[str, list[np.ndarray]]] = {}
    for file in sorted(folder.glob("digits_*.wav")):
        _, speaker, named = file.stem.split("_")
        with wave.open(str(file)) as recording:
            sound = pcm16_to_float(recording.readframes(recording.getnframes()))
            parts = spoken_parts(resample(sound, recording.getframerate(), SAMPLE_RATE))
        if len(parts) != len(named):
            print(f"{file.name} is cut into {len(parts)} parts; it is left out.", file=sys.stderr)
            continue
        for figure, part in zip(named, parts, strict=True):
            speakers.setdefault(speaker, {}).setdefault(figure, []).append(part)
    return dict(speakers)


def spoken_parts(sound: np.ndarray) -> list[np.ndarray]:
    """Cut float32 samples of shape (n,) at 16 kHz where they are silent."""
    blocks = sound[: len(sound) // BLOCK * BLOCK].reshape(-1, BLOCK)
    loud = np.flatnonzero(np.sqrt(np.mean(blocks**2, axis=1)) > SILENT)
    parts = np.split(loud, np.flatnonzero(np.diff(loud) > APART) + 1)
    return [sound[max(0, part[0] - 5) * BLOCK : (part[-1] + 11) * BLOCK] for part in parts if len(part) > 8]


def number(said: str, digits: Digits, chance: random.Random) -> np.ndarray:
    """Join digits into a number of three, three and four: float32 of shape (n,) at 16 kHz."""

    def silence(shortest_s: float, longest_s: float) -> np.ndarray:
        return np.zeros(int(SAMPLE_RATE * chance.uniform(shortest_s, longest_s)), np.float32)

    parts = [silence(0.5, 0.5)]
    for place, figure in enumerate(said):
        parts += [silence(0.3, 0.6)] if place in (3, 6) else []
        parts += [chance.choice(list(digits[figure])), silence(0.0, 0.12)]
    return np.concatenate([*parts, silence(0.6, 0.6)])


def figures(text: str) -> str:
    """Return the digits of a text, whether written as figures or as words."""
    return "".join(word if word.isdigit() else FIGURES.get(word, "") for word in re.findall(r"[a-z]+|\d", text.lower()))


if __name__ == "__main__":
    main()
