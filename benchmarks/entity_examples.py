"""Annotated messages to train and test entity extractors on, made from templates and lists of values.

    python benchmarks/entity_examples.py --train 300 --test 400 --into FOLDER

Writes ``train.jsonl`` and ``test.jsonl``: one message a line, ``{"text": …, "entities": [{"start", "end", "entity",
"role"?}]}``. The test messages have sentences and names of places, people and dishes that no training message has; half
of all are written as a recogniser hears them, without capitals and punctuation.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from pathlib import Path
from typing import Any

CITIES = (
    "Paris, Rome, Berlin, Oslo, Madrid, New York, Lisbon, Vienna, Tokyo, Los Angeles, Dublin, Prague, Boston, Athens, "
    "San Francisco, Warsaw, Chicago, Helsinki, Buenos Aires, Zurich, Munich, Cape Town, Milan, Seattle, Brussels, "
    "Mexico City, Denver, Krakow, Kuala Lumpur, Geneva, Toronto, Hong Kong, Naples, Glasgow, Salt Lake City, Porto"
)
NAMES = (
    "Anna, Robert Miller, Helen Parker, Bob, Maria Lopez, John, Priya Singh, Tom Becker, Olivia, Mark Jones, Chen Wei, "
    "Sarah Cole, David, Fatima Khan, Emma Stone, Peter, Laura Rossi, Kevin O'Brien, Julia, Ahmed Hassan, Grace Lee, "
    "Paul, Ingrid Berg, Samuel, Kate Morgan, Yuki Tanaka, Daniel Costa, Nora, Viktor Novak, Alice Wood, George, Mei Lin"
)
DISHES = (
    "pizza, mushroom risotto, green curry, pad thai, fish and chips, lasagne, beef stew, tomato soup, caesar salad, "
    "ramen, chicken tikka, onion rings, tacos, grilled salmon, pumpkin pie, falafel wrap, spring rolls, apple crumble, "
    "spaghetti carbonara, garlic bread, lamb chops, goat cheese salad, miso soup, chocolate cake, paella, veggie burger"
)
DATES = (
    "tomorrow, next Friday, on Monday, this weekend, December 3rd, the twenty third of May, in two weeks, next month, "
    "Saturday, the 5th of June, today, on Sunday, March 12, next Tuesday, the first of August, in three days"
)
TIMES = (
    "at eight, at half past seven, at noon, at 7:30 pm, at a quarter to nine, at six thirty, at 10 am, around five, "
    "at twenty past six, at nine o'clock, at 4 pm, at midnight"
)
SIZES = "two, four, 6, three, eight, twelve, 5, ten, seven, 9, twenty, 15"
PRICES = "50 dollars, $200, eighty euros, 30 pounds, a hundred dollars, $75.50, forty five euros, 500 dollars, £120"

TRAIN = """I want to fly from {city:departure} to {city:destination} {date}
book a flight to {city:destination} {date}
is there a train from {city:departure} to {city:destination}?
I need to get to {city:destination} from {city:departure} {time}
what does a ticket to {city:destination} cost {date}?
we live in {city} and would like to travel
show me hotels in {city} under {price}
I am leaving {city:departure} {date} {time}
a table for {party_size} {date} {time} please
book a table for {party_size} in {city}
can you reserve a table for {party_size} under {name}?
my name is {name}
this is {name} speaking, I would like to order {dish}
could I have the {dish} please
I'd like a {dish} and a {dish}
do you deliver {dish} in {city}?
{dish} for {party_size} people {time}
how much is the {dish}?
I don't want to spend more than {price}
send the bill of {price} to {name}
what is the weather in {city} {date}?
we are {party_size} people arriving {time}
put it under {name} for {date}
no thanks, that is all
hello, can you help me?
what are your opening hours?
I would like to cancel my order"""
TEST = """are there any flights leaving {city:departure} for {city:destination} {date}?
get me from {city:departure} to {city:destination} {time}
I have to be in {city:destination} {date}
tickets to {city:destination} from {city:departure} please
find me a room in {city} for {price}
which museums are there in {city}?
{name} would like a table for {party_size} {date}
a table {time} for {party_size} would be great
the reservation is under the name of {name}
hi, {name} here, is the {dish} spicy?
one {dish} to go please
we'll take the {dish} and then the {dish}
is {price} enough for the {dish}?
can {party_size} of us come {date} {time}?
please charge {price}
could you tell {name} that I'm coming {time}?
thank you so much, bye
where can I park my car?"""
LISTS = {
    "city": CITIES,
    "name": NAMES,
    "dish": DISHES,
    "date": DATES,
    "time": TIMES,
    "party_size": SIZES,
    "price": PRICES,
}
UNSEEN = frozenset({"city", "name", "dish"})  # their values are split between training and test
SPOKEN_SHARE = 0.5
_PLACE = re.compile(r"\{(\w+)(?::(\w+))?\}")


def main() -> None:
    """Write the two files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=int, default=300, metavar="MESSAGES")
    parser.add_argument("--test", type=int, default=400, metavar="MESSAGES")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    arguments = parser.parse_args()
    arguments.into.mkdir(parents=True, exist_ok=True)
    chance = random.Random(arguments.seed)
    for part, templates, count in (("train", TRAIN, arguments.train), ("test", TEST, arguments.test)):
        rows = [message(chance, templates.splitlines(), part) for _ in range(count)]
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (arguments.into / f"{part}.jsonl").write_text(text, encoding="utf-8")


def message(chance: random.Random, templates: list[str], part: str) -> dict[str, Any]:
    """Return one annotated message."""
    template, text, entities, done = chance.choice(templates), "", [], 0
    for place in _PLACE.finditer(template):
        text += template[done : place.start()]
        done = place.end()
        value = chance.choice(values(place[1], part))
        role = {"role": place[2]} if place[2] else {}
        entities.append({"start": len(text), "end": len(text) + len(value), "entity": place[1], **role})
        text += value
    text += template[done:]
    if chance.random() < SPOKEN_SHARE:
        text = text.lower().rstrip("?.").replace(",", " ")  # one character for another, or after the last entity
    return {"text": text, "entities": entities}


def values(entity: str, part: str) -> list[str]:
    """Return the values of an entity that a part may use."""
    every = LISTS[entity].split(", ")
    return every[part == "test" :: 2] if entity in UNSEEN else every


if __name__ == "__main__":
    main()
