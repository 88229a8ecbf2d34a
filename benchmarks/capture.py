"""How many e-mail addresses, telephone numbers and surnames come out right that are spelled to the bot.

    python benchmarks/capture.py [--each 50] [--seed 1] [--asr whisper/base] [--voice own espeak] [--json]

Each is drawn from the lists below, spoken by the project's own voice and by espeak-ng (left out where that is not
installed), heard as in a call in which a form asks for it, and read. Where the bot reads another value back, or asks
again, the same voice corrects it once, as the bot asks for it: digit by digit, or with a word for each letter.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import random
import shutil
import subprocess
import sys
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from convai_rasa.asr import Request, build_prompt, choose_phrases, load_recognizer
from convai_rasa.audio import SAMPLE_RATE, pcm16_to_float, resample
from convai_rasa.capture import Asking, spelling_in, take
from convai_rasa.tts import TTSSynthesizer
from convai_rasa.voice.ears.hear_spelled import recognise_spelled
from convai_rasa.voice.ears.phrases import read_phrases

ROOT = Path(__file__).parents[1]
KINDS = ("email", "phone", "name")
SURNAMES = """
Abernathy Achebe Adeyemi Aguirre Albrecht Andersson Antonelli Arslan Ashworth Baptiste Barrow Bauer Beaumont Becker
Bergstrom Bianchi Blackwood Boucher Brennan Brzezinski Buchanan Calloway Cardoso Castellano Chaudhry Chen Cho Clarke
Cohen Connolly Costa Cunningham Dalgaard Davies Delacroix Demir Diaz Dimitrov Donnelly Dubois Duffy Eastwood
Eriksson Esposito Farouk Fernandez Fitzgerald Fletcher Fonseca Forsyth Fujimoto Gallagher Garcia Ghosh Gonzalez
Greenberg Grimaldi Gupta Haddad Hajek Hansen Hawthorne Henderson Hernandez Hoffmann Horvath Hughes Ibrahim Ivanov
Iyer Jablonski Jaeger Jankowski Jenkins Johansson Kapoor Katz Keller Khoury Kim Kowalczyk Kruger Kumar Lambert
Larsson Laurent Lefebvre Lindqvist Lombardi Lopez MacDonald Mbeki Machado Mancini Marchetti Matthews McCarthy Mehta
Mendoza Meyer Mitchell Moreau Mukherjee Murphy Nakamura Navarro Newton Nguyen Nielsen Novak Nowak Oakley Oconnor
Okafor Olsen Ortega Osborne Ozturk Palmer Papadakis Patel Pavlov Pereira Petrov Phillips Popescu Pritchard Quigley
Quinn Ramirez Rasmussen Reddy Reilly Richter Rodriguez Rossi Rutherford Sanchez Santoro Sato Schneider Schwartz Shah
Shapiro Siddiqui Silva Singh Sokolov Stewart Sullivan Suzuki Svensson Szabo Takahashi Tanaka Thibault Thompson
Torres Tran Ueda Underhill Vandenberg Vasquez Velasco Vogel Wagner Walsh Watanabe Weaver Whitaker Wilkins Wojcik
Wright Xu Yamamoto Yildiz Young Zapata Zhang Zielinski Zimmer
"""
FIRST = """
anna ben carla david elena felix grace hugo irina jack karim laura mehmet nina oliver paula quentin rosa samuel tara
ursula victor wendy xavier yusuf zoe bridget peter deborah philip stefan vivian emma dominic fatima geoffrey
"""
DOMAINS = (
    *("gmail.com", "gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com", "gmx.net", "aol.com"),
    *("protonmail.com", "yahoo.co.uk", "hotmail.co.uk"),
)
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ALPHABET = spelling_in("en").says
SIGNS = {".": "dot", "_": "underscore", "-": "dash", "+": "plus"}
Voice = Callable[[str], np.ndarray]


def main() -> None:
    """Measure, and print a line for each voice and kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=50, help="values of each kind by each voice")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--asr", default="whisper/base")
    parser.add_argument("--voice", nargs="+", default=["own", "espeak"], choices=["own", "espeak"])
    parser.add_argument("--kind", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--verbose", action="store_true", help="show each value that was not right at once")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    voices = voices_of(given.voice)
    ear = Ear(given.asr)
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for name, voice in voices.items():
        for kind in given.kind:
            chance = random.Random(f"{given.seed} {kind}")
            at_once = in_the_end = 0
            values = [VALUES[kind](chance) for _ in range(given.each)]
            for value in tqdm(values, desc=f"{name} {kind}", leave=False, disable=None):
                turns = converse(kind, value, voice, ear)
                right = [is_right(heard, value) for _, heard in turns]
                at_once += right[0]
                in_the_end += right[-1]
                if given.verbose and not right[0]:
                    print(f"{'repaired' if right[-1] else 'WRONG':8} {name} {kind} {value}: {turns}")
            share = {"at_once": round(at_once / given.each, 3), "repaired": round(in_the_end / given.each, 3)}
            figures.setdefault(name, {})[kind] = share
            print(f"{name:7} {kind:6} {share['at_once']:.2f} at once, {share['repaired']:.2f} after one repair at most")
    if given.json:
        print(json.dumps({"asr": given.asr, "seed": given.seed, "each": given.each, "right": figures}))


def converse(kind: str, value: str, voice: Voice, ear: Ear) -> list[tuple[str, str]]:
    """Return what was heard, and which value the bot has after it: once, and again after a repair if it is wrong."""
    asking, turns = Asking(kind), []
    said = SAID[kind](value)
    for _ in range(2):
        text = ear.hear(kind, voice(said))
        asking = take(asking, kind, text).asking
        turns.append((text, asking.heard))
        if is_right(asking.heard, value):
            break
        said = correction(kind, value, asking.heard)
    return turns


def is_right(heard: str, value: str) -> bool:
    """Whether a value is the one that was said; the D of MacDonald is no other letter when it is spelled."""
    return heard.casefold() == value.casefold()


def correction(kind: str, value: str, heard: str) -> str:
    """Return what a person says to a wrong value, or to none."""
    no = "no, " if heard else ""
    if kind == "phone":
        return no + ", ".join(DIGITS[int(digit)] for digit in value)
    return no + (address(value, word) if kind == "email" else ", ".join(word(letter) for letter in value))


def email(chance: random.Random) -> str:
    """Draw an e-mail address."""
    first, last = chance.choice(FIRST.split()), chance.choice(SURNAMES.split()).lower()
    number = chance.choice(["", "", str(chance.randrange(1, 100)), str(chance.randrange(1950, 2012))])
    pattern = chance.choice(["{f}.{l}", "{f}{l}", "{i}.{l}", "{f}_{l}", "{f}-{l}", "{i}{l}", "{f}.{i}"])
    local = pattern.format(f=first, l=last, i=chance.choice("abcdefghijklmnopqrstuvwxyz"))
    return f"{local}{number}@{chance.choice(DOMAINS)}"


def phone(chance: random.Random) -> str:
    """Draw a number of ten digits."""
    return "".join(chance.choice("0123456789") for _ in range(10))


def surname(chance: random.Random) -> str:
    """Draw a surname."""
    return chance.choice(SURNAMES.split())


def word(letter: str) -> str:
    """Return the word for a letter: Sierra for S."""
    return ALPHABET[letter.lower()]


def address(value: str, letter: Callable[[str], str]) -> str:
    """Return an address letter by letter; the domain is said in words."""
    local, _, domain = value.partition("@")
    parts = [SIGNS.get(sign) or (DIGITS[int(sign)] if sign.isdecimal() else letter(sign)) for sign in local]
    said = domain.replace("aol", "A O L").replace("gmx", "G M X").replace("protonmail", "proton mail")
    return f"{', '.join(parts)}, at {said.replace('.', ' dot ').replace(' uk', ' U K')}"


VALUES: dict[str, Callable[[random.Random], str]] = {"email": email, "phone": phone, "name": surname}
SAID: dict[str, Callable[[str], str]] = {
    "email": lambda value: address(value, str.upper),
    "phone": lambda value: ", ".join(
        " ".join(DIGITS[int(digit)] for digit in group) for group in (value[:3], value[3:6], value[6:])
    ),
    "name": lambda value: f"It's {value}.",
}


class Ear:
    """The recognizer, as a call uses it while a form asks for a value.

    Args:
        model: name of a Whisper model.
    """

    def __init__(self, model: str) -> None:
        self._recognizer = load_recognizer("whisper", model, language="en")
        archives = sorted((ROOT / "bot" / "models").glob("*.tar.gz"), key=lambda archive: archive.stat().st_mtime)
        self._otherwise = build_prompt(choose_phrases(read_phrases(archives[-1]))) if archives else None

    def hear(self, kind: str, samples: np.ndarray) -> str:
        """Return the words in float32 samples of shape (n,) at 16 kHz."""
        heard = recognise_spelled(self, samples, kind, language="en", otherwise=self._otherwise)  # type: ignore[arg-type]
        return asyncio.run(heard).text

    async def recognise(
        self, samples: np.ndarray, *, language: str, prompt: str, expected: Any = None, **_: Any
    ) -> Any:
        """Recognize an utterance; see ``Engines.recognise``."""
        outcome = self._recognizer.transcribe_together([Request(samples, language, prompt, expected=expected)])[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def voices_of(names: Sequence[str]) -> dict[str, Voice]:
    """Return the voices that are there."""
    voices: dict[str, Voice] = {}
    if "own" in names:
        synthesizer = TTSSynthesizer("tts/vits-joe")
        voices["own"] = lambda text: padded(pcm16_to_float(synthesizer.synthesize(text)), synthesizer.sample_rate)
    if "espeak" in names and shutil.which("espeak-ng"):
        voices["espeak"] = espeak
    elif "espeak" in names:
        print("espeak-ng is not installed (apt-get install espeak-ng): its voice is left out.", file=sys.stderr)
    return voices


def espeak(text: str) -> np.ndarray:
    """Return what espeak-ng says at its usual speed."""
    run = subprocess.run(["espeak-ng", "-v", "en-us", "--stdout", text], capture_output=True, check=True)
    with wave.open(io.BytesIO(run.stdout)) as recording:  # written to a pipe, its header knows no length
        sound = np.frombuffer(run.stdout[44:], np.int16)
        return padded(pcm16_to_float(sound.tobytes()), recording.getframerate())


def padded(sound: np.ndarray, rate: int) -> np.ndarray:
    """Return sound at 16 kHz, with half a second of silence around it."""
    silence = np.zeros(SAMPLE_RATE // 2, np.float32)
    return np.concatenate([silence, resample(sound, rate, SAMPLE_RATE), silence])


if __name__ == "__main__":
    main()
