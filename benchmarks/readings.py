"""Fits how several readings of one utterance are judged, and how sure a turn is, on speech of the project's own voice.

A bot is trained on the larger part of the written orders. The rest is spoken by the project's voice, higher and lower,
faster and slower, with made-up noise behind it, and recognized with alternatives. A reading is right when the bot's
intent and all slots are. The weights are those of a conditional logit: the right readings are to be the likelier ones.
The turn's confidence is a logistic regression: whether what was taken is right. No recording of a person, and not the
noise that ``orders.py`` is measured with, has a part in it.

    python benchmarks/readings.py [--kept FILE] [--bot FOLDER] [--json]

It prints the constants of ``convai_rasa/voice/ears/readings.py`` and ``convai_rasa/nlu/voice_confidence.py``, and what
they are worth on sentences that had no part in fitting them. 800 utterances take six minutes of processor time on two
hyper-threads; with ``--kept`` they are recognized once.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from inventions import coloured, taps
from order_bot import INTENT, annotate, build
from orders import DATA, Order, OrderModel, calibration_error, with_noise
from scipy.optimize import minimize
from tqdm import tqdm

from convai_rasa.asr import Expected, Request, Transcript, load_recognizer, recognize_together
from convai_rasa.audio import SAMPLE_RATE, pcm16_to_float, resample
from convai_rasa.nlu.voice_confidence import evidence
from convai_rasa.tts import TTSSynthesizer
from convai_rasa.voice.bot import Fit, Understanding
from convai_rasa.voice.ears.readings import MARGIN, Reading, features, readings_of

MODELS = ("whisper/base", "whisper/tiny.en")
HELD_OUT = 100  # orders
RATIOS_DB = (12.0, 6.0, 0.0)
HIGHER = (0.85, 1.18)  # the voice, from a large person's to a small one's
ALWAYS = Expected(frozenset({"-"}))  # no word is known, so that every reading is doubtful
MARKED = re.compile(r"\[([^\]]+)\](\{[^}]+\})")
FOLDS = 5
SMALL = 0.01  # weight of the squares of the weights, for each utterance


def main() -> None:
    """Speak, recognize and understand; then fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=Path, default=DATA / "training-sentences.txt", help="one order a line")
    parser.add_argument("--bot", type=Path, help="a folder that order_bot.py made of the same part before")
    parser.add_argument("--kept", type=Path, help="what was recognized; written if it is not there")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.kept and given.kept.is_file():
        turns = json.loads(given.kept.read_text())
    elif not given.sentences.is_file():
        print(f"SKIPPED: there are no sentences in {given.sentences}; give --sentences FILE.")
        return
    else:
        turns = recognized(given.sentences, given.bot)
        if given.kept:
            given.kept.write_text(json.dumps(turns))
    for turn in turns:
        turn["features"], turn["evidence"] = as_features(turn)
    says = sorted({turn["said"] for turn in turns})
    random.Random(2).shuffle(says)
    fold = {text: number % FOLDS for number, text in enumerate(says)}
    taken, sure = [], []
    for number in range(FOLDS):
        theirs = [turn for turn in turns if fold[turn["said"]] != number]
        weights = fitted_weights(theirs)
        confidence = fitted_confidence(theirs, weights)
        for turn in turns:
            if fold[turn["said"]] == number and turn["readings"]:
                place = choice(turn, weights)
                taken.append((turn["asr"], turn["db"], turn["readings"][0]["right"], turn["readings"][place]["right"]))
                sure.append(float(logistic(confidence @ turn["evidence"][place])))
    print(f"{'not in the fit':<18}{'SNR':>8}{'first':>8}{'taken':>8}{'calibration error':>20}")
    for asr, ratio in dict.fromkeys((asr, ratio) for asr, ratio, _, _ in taken):
        rows = [place for place, row in enumerate(taken) if row[:2] == (asr, ratio)]
        first, right = (np.mean([taken[row][column] for row in rows]) for column in (2, 3))
        error = calibration_error([sure[row] for row in rows], [taken[row][3] for row in rows])
        print(f"{asr:<18}{'clean' if ratio is None else ratio:>8}{first:>8.3f}{right:>8.3f}{error:>20.3f}")
    weights = fitted_weights(turns)
    confidence = fitted_confidence(turns, weights)
    found = {"weights": weights.round(2).tolist(), "confidence": confidence.round(2).tolist()}
    print(f"convai_rasa/voice/ears/readings.py: WEIGHTS = {tuple(found['weights'])}")
    print(f"convai_rasa/nlu/voice_confidence.py: _WEIGHTS = {tuple(found['confidence'])}")
    if given.json:
        print(json.dumps(found))


def as_features(turn: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return what the weights of each reading are for, and what those of its confidence are for; a row a reading."""
    judged, evident = [], []
    for one in turn["readings"]:
        told, intent = one["vocabulary"], one["intent"]
        fit = Fit(told["log_probability"], told["values"])
        understanding = Understanding(intent["name"], intent["confidence"], None, fit)
        heard = Transcript(one["text"], one["confidence"], "en", 0.0, 0.0)
        judged.append(features(Reading(heard, one["heard"], understanding)))
        evident.append(evidence(one["confidence"], intent["confidence"], told))
    return np.array(judged), np.array(evident)


def fitted_weights(turns: Sequence[dict[str, Any]]) -> np.ndarray:
    """Return the weights under which the right readings are likeliest."""
    told = [
        (turn["features"], np.array([one["right"] for one in turn["readings"]]))
        for turn in turns
        if {one["right"] for one in turn["readings"]} == {True, False}
    ]

    def unlikely(weights: np.ndarray) -> tuple[float, np.ndarray]:
        loss, slope = SMALL * len(told) * weights @ weights / 2, SMALL * len(told) * weights
        for rows, right in told:
            scores = rows @ weights
            each = np.exp(scores - scores.max())
            theirs = each * right
            loss += np.log(each.sum()) - np.log(theirs.sum())
            slope = slope + rows.T @ (each / each.sum() - theirs / theirs.sum())
        return loss, slope

    return np.asarray(minimize(unlikely, np.zeros(told[0][0].shape[1]), jac=True).x)


def fitted_confidence(turns: Sequence[dict[str, Any]], weights: np.ndarray) -> np.ndarray:
    """Return the weights of a logistic regression: whether the reading that is taken is right."""
    taken = [(turn, choice(turn, weights)) for turn in turns if turn["readings"]]
    rows = np.array([turn["evidence"][place] for turn, place in taken])
    right = np.array([turn["readings"][place]["right"] for turn, place in taken], float)

    def unlikely(found: np.ndarray) -> tuple[float, np.ndarray]:
        sure = logistic(rows @ found)
        loss = -np.mean(right * np.log(sure + 1e-12) + (1 - right) * np.log(1 - sure + 1e-12))
        return loss + SMALL * found @ found / 20, rows.T @ (sure - right) / len(right) + SMALL * found / 10

    return np.asarray(minimize(unlikely, np.zeros(rows.shape[1]), jac=True).x)


def choice(turn: dict[str, Any], weights: np.ndarray) -> int:
    """Return which reading is taken, as ``convai_rasa.voice.ears.readings.choose`` does it."""
    scores = turn["features"] @ weights
    best = int(scores.argmax())
    return best if scores[best] - scores[0] > MARGIN else 0


def logistic(score: Any) -> Any:
    """Return a probability for the logarithm of odds."""
    return 1 / (1 + np.exp(-score))


def recognized(sentences: Path, bot: Path | None) -> list[dict[str, Any]]:
    """Return of each utterance its readings, what the bot makes of each, and whether that is right."""
    lines = [line.strip() for line in sentences.read_text(encoding="utf-8").splitlines() if line.strip()]
    random.Random(1).shuffle(lines)
    spoken, written = lines[:HELD_OUT], lines[HELD_OUT:]
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "sentences.txt"
        part.write_text("\n".join(written), encoding="utf-8")
        model = OrderModel(bot or build(Path(folder) / "bot", part))
    sounds = [(order, sound) for order in said(spoken) for sound in in_noise(order)]
    turns = []
    for asr in MODELS:
        recognizer = load_recognizer(model=asr, threads=1, language="en")
        for order, (ratio_db, sound) in tqdm(sounds, asr, leave=False, disable=None):
            (heard,) = recognize_together(recognizer, [Request(sound, prompt=model.prompt, expected=ALWAYS)])
            assert isinstance(heard, Transcript)  # Whisper takes any sound
            turn = {"asr": asr, "db": ratio_db, "said": order.name, "readings": []}
            for reading in readings_of(heard) if heard.text else []:
                parse = model.understood(reading).understanding.parse
                right = model.as_order(parse) == (order.intent, order.slots)
                told = {"text": reading.transcript.text, "heard": reading.log_probability, "right": right}
                told["confidence"] = reading.transcript.confidence
                turn["readings"].append(told | {key: parse[key] for key in ("intent", "vocabulary")})
            turns.append(turn)
        recognizer.close()
    return turns


def said(sentences: Sequence[str]) -> list[Order]:
    """Return orders as the project's voice says them, each a little differently."""
    voice = TTSSynthesizer("tts/vits-joe")
    orders = []
    for number, sentence in enumerate(tqdm(sentences, "speaking", leave=False, disable=None)):
        draw = np.random.default_rng(number)
        sound = pcm16_to_float(voice.synthesize(sentence, speed=float(draw.uniform(0.9, 1.25))))
        sound = resample(sound, int(voice.sample_rate * draw.uniform(*HIGHER)), SAMPLE_RATE)
        slots = {json.loads(mark)["entity"]: value.lower() for value, mark in MARKED.findall(annotate(sentence))}
        silence = np.zeros(SAMPLE_RATE // 2, np.float32)
        orders.append(Order(sentence, np.concatenate([silence, sound, silence]), INTENT, slots))
    return orders


def in_noise(order: Order) -> list[tuple[float | None, np.ndarray]]:
    """Return an order as it is and with noise behind it, each with its speech over the noise in dB."""
    draw = np.random.default_rng(len(order.name))
    behind = coloured(draw, 50, 1.0) * (1 + 0.5 * np.sin(np.arange(50 * SAMPLE_RATE) / SAMPLE_RATE))
    behind = (behind / 10 + taps(draw)).astype(np.float32)
    return [(None, order.samples), *((ratio, with_noise(order, behind, ratio)) for ratio in RATIOS_DB)]


if __name__ == "__main__":
    main()
