"""What SpokenValueMapper makes of typing errors, and what a long lookup table costs.

    python benchmarks/spoken_values.py [--towns 50000] [--seed 7] [--json]

Each value of the order bot gets one random typing error at a time, and is led back by the values alone. The towns are
made up of syllables; 300 of them, each with one wrong letter, are looked up among all of them, alone and as the entity
of a message that was heard.
"""

from __future__ import annotations

import argparse
import json
import random
import time

import numpy as np
from order_bot import SLOTS
from rasa.shared.nlu.training_data.message import Message

from convai_rasa.nlu.vocabulary import SpokenValueMapper, ValueMapper
from convai_rasa.nlu.vocabulary.sentence_model import Sentences, value_of
from convai_rasa.nlu.vocabulary.world import BotWorld

LETTERS = "abcdefghijklmnopqrstuvwxyz"
ERRORS_PER_ENTITY = 200
LOOKUPS = 300


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--towns", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    chance = random.Random(given.seed)
    typed, costs = typing_errors(chance), lookups(given.towns, chance)
    print(f"{typed['values']} values with a typing error: right {typed['right']:.3f}, wrong {typed['wrong']:.3f}")
    print(
        f"{given.towns} towns: trained in {costs['train_s']:.1f} s, one value takes p50 {costs['p50_ms']:.1f} ms, "
        f"p95 {costs['p95_ms']:.1f} ms, a message p50 {costs['message_p50_ms']:.1f} ms, "
        f"p95 {costs['message_p95_ms']:.1f} ms"
    )
    if given.json:
        print(json.dumps({**typed, **costs}))


def typing_errors(chance: random.Random) -> dict[str, float]:
    """Return how many values came back right, and as another value; the rest is left alone or asked about."""
    mapper = ValueMapper({entity: {value: value for value in values} for entity, values in SLOTS.items()})
    tried = right = wrong = 0
    for entity, values in SLOTS.items():
        for value in values:
            for _ in range(max(1, ERRORS_PER_ENTITY // len(values))):
                mapped = mapper.map(entity, with_error(value, chance))
                tried += 1
                right += mapped is not None and mapped.value == value
                wrong += mapped is not None and mapped.value not in (None, value)
    return {"values": tried, "right": round(right / tried, 3), "wrong": round(wrong / tried, 3)}


def lookups(count: int, chance: random.Random) -> dict[str, float]:
    """Return what so many values cost: seconds to learn them, milliseconds for a value, and for a whole message."""
    towns: dict[str, str] = {}
    while len(towns) < count:
        name = "".join(
            f"{chance.choice('bcdfghklmnprstvw')}{chance.choice(['a', 'e', 'i', 'o', 'u', 'ea', 'oo'])}"
            f"{chance.choice(['', 'n', 'r', 'l', 's'])}"
            for _ in range(chance.randint(2, 3))
        ) + chance.choice(["", "ton", "ville", "field", "ham", " heights", " springs"])
        towns[name] = name
    began = time.perf_counter()
    mapper = ValueMapper({"town": towns})
    trained_s = time.perf_counter() - began
    took = []
    names = list(towns)
    for _ in range(LOOKUPS):
        said = with_error(chance.choice(names), chance)
        began = time.perf_counter()
        mapper.map("town", said)
        took.append(1000 * (time.perf_counter() - began))
    component = SpokenValueMapper.create({}, None, None, None)  # type: ignore[arg-type]  # without files
    component.use(BotWorld(mapper, Sentences([["i", "live", "in", value_of("town")]]), {}))
    of_messages = []
    for _ in range(LOOKUPS):
        said = with_error(chance.choice(names), chance)
        town = {"entity": "town", "value": said, "start": 10, "end": 10 + len(said)}
        data = {"text": f"I live in {said}", "metadata": {"voice": {"confidence": 0.9}}, "entities": [town]}
        began = time.perf_counter()
        component.process([Message(data=data)])
        of_messages.append(1000 * (time.perf_counter() - began))
    found = {"train_s": round(trained_s, 1)}
    for name, each in (("", took), ("message_", of_messages)):
        p50, p95 = np.percentile(each, [50, 95])
        found |= {f"{name}p50_ms": round(float(p50), 2), f"{name}p95_ms": round(float(p95), 2)}
    return found


def with_error(value: str, chance: random.Random) -> str:
    """Leave a letter out, put one in, replace one, or exchange two."""
    while True:
        place, letter = chance.randrange(len(value)), chance.choice(LETTERS)
        before, here, after = value[:place], value[place], value[place + 1 :]
        changed = chance.choice(
            [
                before + after,
                before + letter + here + after,
                before + letter + after,
                before + after[:1] + here + after[1:],
            ]
        )
        if changed != value:
            return changed


if __name__ == "__main__":
    main()
