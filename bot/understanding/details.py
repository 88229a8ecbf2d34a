"""What shows the meaning of a message whatever a classifier takes it for."""

from __future__ import annotations

import datetime as dt
import re

from phrases import Phrases

from convai_rasa.nlu.values import find, find_people

_ANY_DAY = dt.datetime(2000, 1, 3, 12)
SAID = Phrases(__file__)


def names_a_table(text: str) -> bool:
    """Say whether a text names a number of guests together with a day or a time."""
    text = re.sub(r"\bwe(?:'d| would| might) be\b", "we will be", text.replace("\u2019", "'"), flags=re.I)
    if find_people(text) is None or SAID.existing.search(text):
        return False
    moments = find(text, "datetime", reference=_ANY_DAY, prefer="evening")
    return any(moment.info.get("type") != "duration" for moment in moments)


def wants_a_table(text: str) -> bool:
    """Say whether a text asks to book, in plain words: "can I reserve something for Sunday"."""
    return bool(SAID.wants.search(text)) and not SAID.no_table.search(text)


def is_late(text: str) -> bool:
    """Say whether somebody tells that they will come late: "our train is delayed, we'll be twenty minutes late"."""
    return bool(SAID.late.search(text)) and not re.search(r"\?|\b(?:how|waited|came|was|were|food|last)\b", text, re.I)


def is_elliptic(text: str) -> bool:
    """Say whether a part of a message goes on with the question before it and has no verb of its own."""
    return bool(SAID.goes_on.match(text)) and not SAID.verb.search(text)


def asks_about_rules(text: str) -> bool:
    """Say whether somebody asks how far ahead, for how many or for how long a table is given."""
    return bool(SAID.rules.search(text)) and not SAID.no_rule.search(text) and find_people(text) is None


def wants_a_person(text: str) -> bool:
    """Say whether somebody would rather talk to a person: "is there a real person I can speak to"."""
    return bool(SAID.person.search(text)) and not SAID.no_person.search(text)


def asks_for_a_robot(text: str) -> bool:
    """Say whether somebody asks whom they talk to: "am I talking to a machine"."""
    return bool(SAID.robot.search(text)) and not SAID.person_wanted.search(text)


def doubts_what_is_safe(text: str) -> bool:
    """Say whether somebody doubts what was said of a dish: "it was fine last time, are you certain"."""
    return bool(SAID.doubts_food.search(text))


def lost_something(text: str) -> bool:
    """Say whether somebody looks for what they left behind: "I think I left my scarf at your place"."""
    return bool(SAID.lost.search(text)) and not re.search(r"\byour? \w*\b.*\b(?:dropped|lost|forgot)\b", text, re.I)


def asks_what_is_noted(text: str) -> bool:
    """Say whether somebody asks what they said or what is booked: "under which name is that now?"."""
    return bool(SAID.recalls.search(text)) and not SAID.about_food.search(text) and not SAID.says_anew.search(text)


def backs_out(text: str) -> bool:
    """Say whether the party does not come: "sorry, we have to bail on Thursday"."""
    return bool(SAID.backs_out.search(text)) and "?" not in text


def moves_a_time(text: str) -> bool:
    """Say whether a day or time shall take another's place: "could we eat at nine tomorrow rather than eight"."""
    if not (SAID.instead.search(text) or SAID.makes_it.search(text)):
        return False
    moments = find(text, "datetime", reference=_ANY_DAY, prefer="evening")
    return any(moment.info.get("type") != "duration" for moment in moments)


def keeps(text: str) -> bool:
    """Say whether nothing shall be canceled, and nothing else is said: "don't cancel anything yet"."""
    return bool(SAID.keeps.search(text))


def asks_what_canceling_costs(text: str) -> bool:
    """Say whether somebody asks what it costs not to come: "would we have to pay if we did cancel"."""
    return bool(SAID.canceling_costs.search(text)) and bool(
        re.search(r"\b(?:if|is there|do|does|would|will|what)\b", text, re.I)
    )


def cancels(text: str) -> bool:
    """Say whether a table shall be canceled in so many words: "actually yes cancel it"."""
    return bool(SAID.cancel_it.search(text)) and not SAID.not_cancel.search(text)


def asks_for_room(text: str) -> bool:
    """Say whether somebody asks for a table on a day without saying so: "do you have anything on New Year's Eve"."""
    if not SAID.available.search(text) or SAID.other_than_a_table.search(text) or SAID.existing.search(text):
        return False
    return _names_a_moment(text)


def asks_for_the_last_table(text: str) -> bool:
    """Say whether it is asked how late one may come on a day: "what's the last table you'd give us on Friday"."""
    return bool(SAID.last_table.search(text)) and find_people(text) is None and _names_a_moment(text)


def _names_a_moment(text: str) -> bool:
    moments = find(text, "datetime", reference=_ANY_DAY, prefer="evening")
    return any(moment.info.get("type") != "duration" for moment in moments)


def asks_for_a_course(text: str) -> bool:
    """Say whether somebody asks what there is for a course: "anything I could start with?"."""
    return bool(SAID.course.search(text)) and find_people(text) is None


def asks_where_to_park(text: str) -> bool:
    """Say whether somebody asks for a place for their car: "if we come by car is there anywhere to leave it"."""
    return bool(SAID.park.search(text)) and not SAID.no_park.search(text)
