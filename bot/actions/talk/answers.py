"""The way here, how to reach us, how tables are booked, and what nobody wrote down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from phrases import Phrases

from ..conversation import Answer
from ..hearing.calendar import days_and_times
from ..house import settings
from ..spoken import say_minutes, say_phone
from ..tables import Tables
from .hours import asks_when_seated, say_hours

SAID = Phrases(__file__)
_TOPICS = Tables(Path(__file__).with_name("topics.yml"))


def answer_hours(asked: str) -> Answer:
    """Say when we are open, or how tables are booked; a part of the house has hours that nobody wrote down."""
    if rules := booking_rules(asked):
        return Answer(rules)
    if _named("with_hours_of_its_own", asked) and not SAID.stands_outside.search(asked.lower()):
        return answer_other(asked)
    return say_hours(asked)


def answer_directions(asked: str) -> Answer:
    """Say where we are and how to come, for each way of travelling that was named, and what else was asked for."""
    house = settings.restaurant()
    said = facts_named(asked)
    if not said:
        said = [f"We are at {house.address}."]
    if len(said) == 1 and said[0].startswith("We are at"):
        said.append(house.directions.get("on_foot", ""))
    return Answer(" ".join(said).strip())


def answer_contact(asked: str) -> Answer:
    """Say how to reach a person: the telephone number, and the rest on a written channel or when it was asked for."""
    house = settings.restaurant()
    written = "\n".join(line for line in (f"Phone: {house.phone}", house.email, house.website) if line)
    call = f"You can call us on {say_phone(house.phone)}."
    facts = [fact for fact in facts_named(asked) if fact != call]
    return Answer(" ".join([call, *facts]), "\n".join([written, *(f for f in facts if f.startswith("We are at"))]))


def answer_other(asked: str) -> Answer:
    """Say what restaurant.yml says of it, or admit that it does not, and name who knows."""
    return known(asked) or admit([asked])


def known(asked: str) -> Answer | None:
    """Say what restaurant.yml says of a question; None where it says nothing."""
    house = settings.restaurant()
    if SAID.late.search(asked.lower()):
        keep = "Thank you for letting us know. Please tell our staff, so that they keep your table, on"
        return Answer(f"{keep} {say_phone(house.phone)}.", f"{keep} {house.phone}.")
    facts = [house.accessibility] if house.accessibility and _named("access", asked) else []
    written = any(_named(name, asked) for name in ("address", "email", "website"))
    facts += [fact for fact in facts_named(asked) if written and fact not in facts]
    if rules := booking_rules(asked):
        facts.append(rules)
    if facts:
        return Answer(" ".join(facts))
    if asks_when_seated(asked):
        return answer_hours(asked)
    if (_named("eating", asked) or SAID.when.search(asked.lower())) and any(days_and_times(asked, settings.now())):
        return answer_hours(asked)
    return None


def admit(asked: Sequence[str]) -> Answer:
    """Say once what is not known of all these questions, each by its name, and who knows it."""
    topics = [topic_of(question) for question in asked]
    named = [f"about {topic}" for topic in dict.fromkeys(topics) if topic]
    if named and None in topics:
        named.append("the answer to your other question")
    what = ", nor ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named) or "that"
    unknown, phone = f"I'm afraid I don't know {what}. Our staff will gladly tell you on", settings.restaurant().phone
    return Answer(f"{unknown} {say_phone(phone)}.", f"{unknown} {phone}.")


def topic_of(asked: str) -> str | None:
    """Return the name of what a question is about that restaurant.yml says nothing of: "a dress code"."""
    return of_a_dish(asked) or beside_the_menu(asked) or _TOPICS.group_in("house", asked.lower())


def of_a_dish(asked: str) -> str | None:
    """Return the name of what is asked of a dish that restaurant.yml says nothing of: "calories"."""
    return _TOPICS.group_in("of_a_dish", asked.lower())


def beside_the_menu(asked: str) -> str | None:
    """Return the name of what is eaten or drunk that restaurant.yml says nothing of: "drinks"."""
    return _TOPICS.group_in("beside_the_menu", asked.lower())


def booking_rules(asked: str) -> str | None:
    """Say how far ahead, for how long or for how many a table can be booked, where that is asked."""
    rules, asked = settings.restaurant().booking, asked.lower()
    said = []
    if SAID.ahead.search(asked):
        said.append(f"You can book a table up to {rules.days_ahead} days ahead.")
    if SAID.how_long.search(asked):
        said.append(f"A table is yours for {say_minutes(rules.table_minutes)}.")
    if SAID.how_many.search(asked):
        said.append(
            f"I can book tables for up to {rules.largest_party} people, and we have {rules.seats} seats in all. "
            f"For larger parties please call us on {say_phone(settings.restaurant().phone)}."
        )
    return " ".join(said) or None


def facts_named(asked: str) -> list[str]:
    """Return a sentence for each thing of restaurant.yml that a question names: the address, the bus, the website."""
    house = settings.restaurant()
    ways = _TOPICS.groups("ways")
    said = [f"We are at {house.address}."] if _named("address", asked) else []
    on_the_way = _TOPICS.pattern("access").sub("#", asked.lower())  # who has a walking frame does not ask for a walk
    said += [told for way, told in house.directions.items() if way in ways and ways[way].search(on_the_way)]
    if house.accessibility and _named("access", asked):
        said.append(house.accessibility)
    if _named("phone", asked):
        said.append(f"You can call us on {say_phone(house.phone)}.")
    if house.email and _named("email", asked):
        said.append(f"Our email address is {house.email.replace('@', ' at ')}.")
    if house.website and _named("website", asked):
        said.append(f"Our website is {house.website}.")
    return said


def asks_a_cost(text: str) -> bool:
    """Say whether it is asked, or told, what something costs."""
    return bool(SAID.costs.search(text.lower()))


def costs_named(asked: str) -> str | None:
    """Return what restaurant.yml says of the costs of what a question names: "the car park is free"."""
    sentences = [sentence for fact in facts_named(asked) for sentence in re.split(r"(?<=\.)\s+", fact)]
    return " ".join(filter(asks_a_cost, sentences)) or None


def _named(table: str, text: str) -> bool:
    return bool(_TOPICS.pattern(table).search(text.lower()))
