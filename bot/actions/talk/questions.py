"""Questions and their answers: each by its intent, and several in one message one after the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from ..conversation import BOOKING_FORM, Answer, Events, Part, add_notes, notes_of, parts, said_before, say, words
from ..food.menu import course_in, dishes_named
from ..food.replies import answer_allergens, answer_menu, doubted, names_food
from ..food.safety import ASK_KITCHEN
from ..hearing.notes import asks_something, find_notes, is_question, merged, say_noted
from ..house import settings
from ..house.restaurant import Dish
from .answers import admit, answer_contact, answer_directions, answer_hours, answer_other, known, topic_of
from .overview import own_bookings

SURE = 0.5  # a part of a message that is understood with less is not answered
# Questions answered by the action server, and those whose answer is a response of the domain.
_ANSWERS: Mapping[str, Callable[[str], Answer]] = {
    "ask_hours": answer_hours,
    "ask_directions": answer_directions,
    "ask_contact": answer_contact,
    "ask_other": answer_other,
}
_FOOD = ("ask_menu", "ask_allergens")
_RESPONSES = {"ask_help": "utter_help", "ask_robot": "utter_robot", "ask_how_are_you": "utter_how_are_you"}
QUESTIONS = frozenset({*_ANSWERS, *_FOOD, *_RESPONSES, "ask_bookings"})
# "Can we bring a birthday cake" is not about our cake, nor "can you deliver two lasagnas".
_BRINGS = re.compile(
    r"\b(?:bring|own|deliver\w*|take ?away|take ?out|pick ?up|collect|to go|recipe|voucher|birthday|candles?|"
    r"surprise|decorat\w*|cater\w*|cook at home)\b"
)
_TO_EAT = re.compile(
    r"\b(?:what|which|anything|something|could|can|is there|are there)\b.*\b(?:eat|have|order|avoid|stay away|"
    r"steer clear|safe|left|suggest|"
    r"recommend|options?|start with|desserts?|mains?|starters?|puddings?|for (?:me|him|her|them|us))\b"
)
_IF = re.compile(r"\W*(?:(?:and|but|so|or|also) )?(?:if|in case|assuming|supposing)\b", re.I)
_IT = re.compile(r"\b(?:it|that|there|they|them)\b")


class AnswerHours(Action):
    """Answer a message whose intent is ask_hours."""

    asked = "hours"

    def name(self) -> str:
        """Return the name used in the rules."""
        return f"action_answer_{self.asked}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Answer everything that the message asks."""
        return answer_questions(questions(tracker) or self.doubtful(tracker), dispatcher, tracker)

    def doubtful(self, tracker: Tracker) -> list[Part]:
        """Return what is answered where no part of the message is surely understood: the whole of it."""
        return [Part(words(tracker), f"ask_{self.asked}", 1.0)]


class AnswerDirections(AnswerHours):
    """The same for ask_directions."""

    asked = "directions"


class AnswerContact(AnswerHours):
    """The same for ask_contact."""

    asked = "contact"


class AnswerMenu(AnswerHours):
    """The same for ask_menu."""

    asked = "menu"


class AnswerAllergens(AnswerHours):
    """The same for ask_allergens."""

    asked = "allergens"


class AnswerOther(AnswerHours):
    """The same for ask_other."""

    asked = "other"


class AnswerSeveral(AnswerHours):
    """Answer a message with several questions."""

    asked = "several"

    def doubtful(self, tracker: Tracker) -> list[Part]:
        """Return the parts as they are most likely meant, or the whole as a question that may have no answer."""
        found = [part for part in parts(tracker) if part.intent in QUESTIONS - {"ask_bookings"}]
        return found or [Part(words(tracker), "ask_other", 1.0)]


def questions(tracker: Tracker) -> list[Part]:
    """Return the parts of the latest message that are questions and are surely understood; a whole one has none."""
    if again := doubted(words(tracker), said_before(tracker)):  # "are you certain?" after a verdict
        return [Part(again, "ask_allergens", 1.0)]
    booking = tracker.active_loop.get("name") == BOOKING_FORM  # which says itself what it has noted
    asked = QUESTIONS - {"ask_bookings"} if booking else QUESTIONS
    cannot_eat = bool(find_notes(words(tracker)))
    found = [_about_food(part, cannot_eat) for part in parts(tracker)]
    return [part for part in found if part.intent in asked and part.confidence >= SURE]


def _about_food(part: Part, cannot_eat: bool = False) -> Part:
    """Return a part with the intent ask_menu where it names a dish, an allergen or a diet and is doubtful otherwise.

    One that names what nobody wrote down, such as a dress code, has the intent ask_other.

    Args:
        part: of a message.
        cannot_eat: the message also says what somebody cannot eat, so that "what's left for him?" is about food.
    """
    doubtful = part.intent in ("ask_other", "ask_help") or part.confidence < SURE
    if doubtful and cannot_eat and _TO_EAT.search(part.text.lower()) and not find_notes(part.text):
        return Part(part.text, "ask_allergens", 1.0)
    if doubtful and _asks(part.text) and not _BRINGS.search(part.text.lower()) and names_food(part.text):
        return Part(part.text, "ask_menu", 1.0)
    if part.intent in QUESTIONS and part.confidence < SURE and _asks(part.text) and topic_of(part.text):
        return Part(part.text, "ask_other", 1.0)
    return part


def _asks(text: str) -> bool:
    """Say whether a part asks something, after a condition too: "if my son is vegan is there anything for him"."""
    return is_question(text) or (bool(_IF.match(text)) and asks_something(text))


def answer_questions(asked: list[Part], dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """Say the answer to each question, in order, and keep what was said in passing, such as an allergy."""
    notes = find_notes(words(tracker))
    new = [note for note in notes if note not in notes_of(tracker)]
    statements = [part for part in asked if find_notes(part.text) and not _asks(part.text)]
    if len(asked) > len(statements):  # "I'm allergic to nuts, can I have the cake?": the verdict comes first
        asked = [part for part in asked if part not in statements]
    elif new:
        say(dispatcher, tracker, say_noted(new))
    last, before, told = dishes_talked_about(tracker), "", set[str]()
    meant = [_about_food(part) for part in asked]
    unknown = [part for part in meant if part.intent == "ask_other" and known(part.text) is None]
    for part in meant:
        goes_on = bool(before) and before not in _FOOD and bool(_IT.search(part.text.lower()))
        if goes_on and part.intent in _FOOD and not names_food(part.text):
            continue  # "do you have parking, and how much is it": not a price of the menu
        if part.intent in _RESPONSES:
            dispatcher.utter_message(response=_RESPONSES[part.intent])
            continue
        if part.intent == "ask_bookings":
            say(dispatcher, tracker, own_bookings(tracker) or "I see no booking from this conversation.")
            continue
        if part in unknown:
            if part is unknown[0]:  # said once, for all of them
                answer = admit([each.text for each in unknown])
                say(dispatcher, tracker, answer.spoken, shown=answer.shown)
            before = part.intent
            continue
        answer = _answer(part, last, merged(notes_of(tracker), notes), notes)
        if answer.kitchen and tracker.active_loop.get("name") == BOOKING_FORM:
            notes.append(f"question for the kitchen: {answer.kitchen.strip(' ?.')}")
            answer = Answer(answer.spoken.replace(ASK_KITCHEN, "I've noted the question for the kitchen."))
        if answer.spoken not in told:
            say(dispatcher, tracker, answer.spoken, shown=answer.shown)
            told.add(answer.spoken)
        last, before = _dishes_meant(part.text) or last, part.intent
    if new and asked != statements:
        say(dispatcher, tracker, say_noted(new))
    return add_notes(tracker, notes)


def dishes_talked_about(tracker: Tracker) -> tuple[Dish, ...]:
    """Return the dishes that the guest named last, or those of the course, before the latest message."""
    return next((meant for meant in map(_dishes_meant, reversed(said_before(tracker))) if meant), ())


def _dishes_meant(text: str) -> tuple[Dish, ...]:
    """Return the dishes that "them" means after this: those named, or those of the course."""
    menu = settings.restaurant().menu
    course = course_in(text, menu)
    return dishes_named(text, menu).dishes or tuple(dish for dish in menu if course and dish.course == course)


def _answer(part: Part, last: tuple[Dish, ...], noted: list[str], said_here: list[str]) -> Answer:
    if part.intent in _FOOD:
        return (answer_menu if part.intent == "ask_menu" else answer_allergens)(part.text, last, noted, said_here)
    return _ANSWERS[part.intent](part.text)
