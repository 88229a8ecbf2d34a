"""Opening hours, the way here, and how to reach us."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from ..booking.rules import next_open_day
from ..conversation import Answer
from ..hearing.utterance import days_and_times
from ..house import settings
from ..house.restaurant import WEEKDAYS, Opening, Restaurant
from ..spoken import say_day, say_list, say_minutes, say_openings, say_phone, say_time

_WAYS = {
    "by_train": r"trains?|station|subway|underground|metro|tube",
    "by_car": r"cars?|drive|driving|park|parking|garage",
    "by_bus": r"bus|buses|trams?|public transport|stop",
    "on_foot": r"walk|walking|foot",
}
_ACCESS = (
    r"wheel ?chairs?|accessible|accessibility|strollers?|rollators?|zimmer|buggies|scooter|prams?|pushchairs?|"
    r"buggy|buggies|steps?|step.free|stairs|"
    r"ramps?|lift|elevator|disabled|restrooms?|toilets?|walker|walking frame|crutches|mobility"
)
_LATE = re.compile(
    r"\b(?:be|running|are|is|we're|i'm|arrive|get there|come)(?: \w+){0,5} (?:late|behind)\b(?! (?:on|in|at night|"
    r"open))|"
    r"\b(?:minutes|hour) late\b|\b(?:stuck in|held up|delayed)\b"
)
# What the rules for bookings are asked for.
_AHEAD = re.compile(
    r"\b(?:ahead|in advance|beforehand|furthest|farthest)\b|\bhow (?:early|far|long before) (?:can|could|may|do|"
    r"should)"
)
_HOW_LONG = re.compile(
    r"\btime limit\b|\bhow long\b(?!.*\b(?:walk|drive|wait|take|open|from|to get|been)\b)|\bstay (?:all|the "
    r"whole|as long)\b"
    r"|\bsit (?:all|the whole|as long)\b|\b(?:table|seats?) back\b|\bback (?:the|our) table\b|\btwo sittings\b|"
    r"\bturn(?:ed)? (?:the )?tables?\b"
)
_HOW_MANY = re.compile(
    r"\bhow (?:big|large)\b|\b(?:biggest|largest|maximum|max) (?:group|party|table|number|size)\b"
    r"|\bhow many\b.*\b(?:seat|seats|sit|fit|take|book|tables|accommodate|people can|guests can|hold|host|come|"
    r"inside|group|there)\b"
)
_EATING = r"eat|food|open|kitchen|serving|served|dinner|lunch"
# Parts of the house have hours that nobody wrote down; who stands outside asks for ours.
_PARTS_OF_THE_HOUSE = (
    r"terrace|patio|garden|(?<!stood )(?<!standing )(?<!waiting )(?<!i'm )(?<!we're )outside|cloakroom|bar"
)
_WRITTEN_WAYS = r"web ?site|e.?mail|address"
# What restaurant.yml says nothing of, as it is called when that is admitted.
_UNKNOWN = {
    "dogs": r"dogs?|pup(?:py|pies)?|labrador|terrier|dachshund",
    "pets": r"pets?|cats?",
    "vouchers": r"vouchers?|gift (?:cards?|certificates?)",
    "a deposit": r"deposits?",
    "paying by card or in cash": r"cards?|visa|mastercard|amex|american express|contactless|apple pay|google pay|cash",
    "payment": r"pay(?:ing|ment)?|split the bill|invoices?",
    "a dress code": r"dress(?:ed)?(?: up| code)?|wear|jackets?|ties?|jeans|shorts|trainers|sneakers|smart casual|"
    r"flip.?flops|formal",
    "music": r"music|band|pianist|piano|dj|singers?|karaoke|jazz",
    "birthdays": r"birthdays?|candles?",
    "anniversaries": r"anniversar\w+",
    "lost property": r"(?:lost|left|forgot|forgotten) (?:my|our|his|her)|lost (?:and found|property)|handed in|"
    r"left behind",
    "delivery": r"deliver\w*|uber|doordash|courier",
    "takeout": r"take ?away|take ?out|carry ?out|(?:food|meals?|order|dishes) to go",
    "high chairs": r"high ?chairs?|booster(?: seats?)?",
    "offers for children": r"kids?|kiddies?|child(?:ren)?(?:'s)?|toddlers?|little ones?|colou?ring|play area",
    "internet for guests": r"wi.?fi|wireless|internet",
    "smoking": r"smok(?:e|ing|ers?)|cigarettes?|vap(?:e|ing)",
    "corkage": r"corkage|own (?:wine|bottle|drinks?|alcohol|champagne)",
    "bringing food": r"(?:own|bring)(?: \w+){0,3} (?:cake|food)",
    "a private room": r"private|separate room|function room",
    "tips": r"tips?|tipping|gratuity|service (?:charge|included)",
    "the terrace": r"terrace|patio|garden|outdoors?|al fresco|(?:sit|sitting|seat\w*|eat|eating|tables?|dine) outside",
    "air conditioning": r"air ?con\w*",
    "charging a car": r"charging (?:point|station)s?|charge (?:my|our|an|the) (?:electric )?car|electric cars?",
}


def answer_hours(asked: str) -> Answer:
    """Say when we are open: on the days asked about, at the time asked about, or all week."""
    house, now = settings.restaurant(), settings.now()
    if rules := booking_rules(asked):
        return Answer(rules)
    if _named(_PARTS_OF_THE_HOUSE, asked.lower()):
        return answer_other(asked)
    days, times = days_and_times(asked, now)
    if set(days) <= {now.date()} and (
        _named(r"now|at the moment", asked.lower()) or (not times and _named("still open", asked.lower()))
    ):
        return Answer(_right_now(house, now))
    if not days:
        return Answer(week(house), _week_listing(house))
    return Answer(" ".join(on_day(house, day, now.date(), times) for day in days))


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
    if _LATE.search(asked.lower()):
        keep = "Thank you for letting us know. Please tell our staff, so that they keep your table, on"
        return Answer(f"{keep} {say_phone(house.phone)}.", f"{keep} {house.phone}.")
    facts = [house.accessibility] if house.accessibility and _named(_ACCESS, asked.lower()) else []
    facts += [fact for fact in facts_named(asked) if _named(_WRITTEN_WAYS, asked.lower()) and fact not in facts]
    if rules := booking_rules(asked):
        facts.append(rules)
    if facts:
        return Answer(" ".join(facts))
    if _named(_EATING, asked.lower()) and any(days_and_times(asked, settings.now())):
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
    return next((topic for topic, named in _UNKNOWN.items() if _named(named, asked.lower())), None)


def booking_rules(asked: str) -> str | None:
    """Say how far ahead, for how long or for how many a table can be booked, where that is asked."""
    rules, asked = settings.restaurant().booking, asked.lower()
    said = []
    if _AHEAD.search(asked):
        said.append(f"You can book a table up to {rules.days_ahead} days ahead.")
    if _HOW_LONG.search(asked):
        said.append(f"A table is yours for {say_minutes(rules.table_minutes)}.")
    if _HOW_MANY.search(asked):
        said.append(
            f"I can book tables for up to {rules.largest_party} people, and we have {rules.seats} seats in all. "
            f"For larger parties please call us on {say_phone(settings.restaurant().phone)}."
        )
    return " ".join(said) or None


def facts_named(asked: str) -> list[str]:
    """Return a sentence for each thing of restaurant.yml that a question names: the address, the bus, the website."""
    house, asked = settings.restaurant(), asked.lower()
    said = [f"We are at {house.address}."] if _named(r"address|street|located|location", asked) else []
    said += [house.directions[way] for way, named in _WAYS.items() if way in house.directions and _named(named, asked)]
    if house.accessibility and _named(_ACCESS, asked):
        said.append(house.accessibility)
    if _named(r"(?:tele)?phone(?: number)?|number to (?:call|ring)", asked):
        said.append(f"You can call us on {say_phone(house.phone)}.")
    if house.email and _named(r"e.?mail|mail|write to", asked):
        said.append(f"Our email address is {house.email.replace('@', ' at ')}.")
    if house.website and _named(r"web ?site|web|internet|online|url", asked):
        said.append(f"Our website is {house.website}.")
    return said


def _named(words: str, text: str) -> bool:
    return bool(re.search(rf"\b(?:{words})\b", text))


def on_day(house: Restaurant, day: dt.date, today: dt.date, times: list[dt.time]) -> str:
    """Say the hours of one day, and whether a time falls into them."""
    named, openings = say_day(day, today), house.openings(day)
    if not openings:
        reopening = next_open_day(day, house)
        then = f" We are open again on {say_day(reopening, today).removeprefix('tomorrow, ')}." if reopening else ""
        return f"No, we are closed {_on(named)}.{then}" if times else f"We are closed {_on(named)}.{then}"
    hours = f"We are open {_on(named)} {say_openings(openings)}."
    if not times:
        return hours
    inside = [time for time in times if any(opening.start <= time < opening.end for opening in openings)]
    return f"Yes, we are open at {say_time(inside[0])}. {hours}" if inside else f"No. {hours}"


def week(house: Restaurant) -> str:
    """Say the hours of the week, days with the same hours together, then the days off."""
    parts = [f"{_days(days)} {say_openings(openings)}" for days, openings in _grouped(house) if openings]
    closed = [WEEKDAYS[day].capitalize() for days, openings in _grouped(house) if not openings for day in days]
    sentences = [f"We are open {parts[0]}.", *(f"{part[:1].upper()}{part[1:]}." for part in parts[1:])] if parts else []
    if closed:
        sentences.append(f"We are closed on {say_list([f'{day}s' for day in closed])}.")
    return " ".join(sentences)


def _right_now(house: Restaurant, now: dt.datetime) -> str:
    openings = house.openings(now.date())
    if any(opening.start <= now.time() < opening.end for opening in openings):
        closing = next(opening.end for opening in openings if opening.start <= now.time() < opening.end)
        return f"Yes, we are open now, until {say_time(closing)}."
    later = next((opening for opening in openings if opening.start > now.time()), None)
    if later:
        return f"Not right now. We open at {say_time(later.start)} today."
    following = next_open_day(now.date(), house)
    return f"Not right now. We open again {_on(say_day(following, now.date()))}." if following else "Not right now."


def _grouped(house: Restaurant) -> list[tuple[list[int], tuple[Opening, ...]]]:
    groups: list[tuple[list[int], tuple[Opening, ...]]] = []
    for day in range(len(WEEKDAYS)):
        openings = tuple(house.hours.get(day, ()))
        if groups and groups[-1][1] == openings:
            groups[-1][0].append(day)
        else:
            groups.append(([day], openings))
    return groups


def _days(days: list[int]) -> str:
    first, last = WEEKDAYS[days[0]].capitalize(), WEEKDAYS[days[-1]].capitalize()
    if len(days) == 1:
        return f"on {first}"
    return f"{first} {'and' if len(days) == 2 else 'to'} {last}"


def _week_listing(house: Restaurant) -> str:
    lines = []
    for day, name in enumerate(WEEKDAYS):
        hours = ", ".join(f"{o.start:%H:%M}–{o.end:%H:%M}" for o in house.hours.get(day, ()))
        lines.append(f"{name.capitalize()}: {hours or 'closed'}")
    return "\n".join(lines)


def _on(day: str) -> str:
    return day if day.startswith(("today", "tomorrow")) else f"on {day}"
