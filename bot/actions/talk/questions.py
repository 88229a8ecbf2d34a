"""Questions and their answers: each by its intent, and several in one message one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from phrases import Phrases
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from ..conversation import (
    BOOKING_FORM,
    Answer,
    Events,
    Part,
    add_notes,
    notes_of,
    parts,
    said_before,
    say,
    text_of,
    words,
)
from ..food.foods import content_words
from ..food.menu import dishes_named
from ..food.party import Need, needs_of, needs_told
from ..food.question import asks_about_food, keeps_off_something
from ..food.replies import FEW, answer_allergens, answer_menu, doubted, names_food
from ..food.safety import ASK_KITCHEN
from ..hearing.calendar import days_and_times
from ..hearing.notes import asks_something, find_notes, is_question, merged, say_noted
from ..house import settings
from .answers import (
    admit,
    answer_contact,
    answer_directions,
    answer_hours,
    answer_other,
    asks_a_cost,
    beside_the_menu,
    costs_named,
    known,
    of_a_dish,
    topic_of,
)
from .dishes import dishes_pointed_at, dishes_talked_about
from .follow_up import FOOD, follow_up
from .hours import asks_when_seated
from .overview import own_bookings

SURE = 0.5  # a part of a message that is understood with less is answered only where it surely asks something
# Questions answered by the action server, and those whose answer is a response of the domain.
_ANSWERS: Mapping[str, Callable[[str], Answer]] = {
    "ask_hours": answer_hours,
    "ask_directions": answer_directions,
    "ask_contact": answer_contact,
    "ask_other": answer_other,
}
_REQUESTS = ("book_table", "change_booking", "cancel_booking", "complaint")
_RESPONSES = {"ask_help": "utter_help", "ask_robot": "utter_robot", "ask_how_are_you": "utter_how_are_you"}
QUESTIONS = frozenset({*_ANSWERS, *FOOD, *_RESPONSES, "ask_bookings"})
SAID = Phrases(__file__)


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
    if follow := follow_up(tracker, QUESTIONS):
        return follow
    booking = tracker.active_loop.get("name") == BOOKING_FORM  # which says itself what it has noted
    asked = QUESTIONS - {"ask_bookings"} if booking else QUESTIONS
    cannot_eat = bool(find_notes(words(tracker)))
    found = [_about_food(part, cannot_eat) for part in parts(tracker)]
    sure = [part for part in found if part.intent in asked and part.confidence >= SURE]
    # beside what is surely asked, what is doubtful is answered too: as it may be meant, or that it is not known
    return [each for part in found for each in ([part] if part in sure else _doubtful(part) if sure else [])]


def _doubtful(part: Part) -> list[Part]:
    """Return a doubtful part as a question that may have no answer, where it asks something."""
    if part.confidence >= SURE or not _asks(part.text) or not content_words(part.text):
        return []  # "would that be a problem" asks nothing of its own
    return [part if part.intent in (*_ANSWERS, *FOOD) else Part(part.text, "ask_other", 1.0)]


def _about_food(part: Part, cannot_eat: bool = False) -> Part:
    """Return a part with the intent ask_menu where it names a dish, an allergen or a diet and is doubtful otherwise.

    One that names what nobody wrote down, such as a dress code, has the intent ask_other.

    Args:
        part: of a message.
        cannot_eat: the message also says what somebody cannot eat, so that "what's left for him?" is about food.
    """
    unknown = of_a_dish(part.text) or (beside_the_menu(part.text) and not names_food(part.text))
    if part.intent in (*FOOD, "ask_other") and unknown and not keeps_off_something(part.text):
        return Part(part.text, "ask_other", 1.0)
    doubtful = part.intent in ("ask_other", "ask_help", "nlu_fallback") or part.confidence < SURE
    other = part.intent not in (*FOOD, *_REQUESTS) or part.confidence < SURE
    if other and _asks_for_a_verdict(part.text, cannot_eat):
        return Part(part.text, "ask_allergens", 1.0)
    if doubtful and _asks(part.text) and not SAID.brings.search(part.text.lower()) and names_food(part.text):
        return Part(part.text, "ask_menu", 1.0)
    if (doubtful or part.intent == "ask_menu") and _asks(part.text) and SAID.allergies.search(part.text.lower()):
        return Part(part.text, "ask_allergens", 1.0)
    if part.intent in QUESTIONS and part.confidence < SURE and _asks(part.text) and topic_of(part.text):
        return Part(part.text, "ask_other", 1.0)
    return part


def _asks_for_a_verdict(text: str, cannot_eat: bool) -> bool:
    """Say whether it is asked what somebody can eat, whatever the words were taken for: "may I eat the lasagna"."""
    if SAID.brings.search(text.lower()) or not _asks(text) or not SAID.to_eat.search(text.lower()):
        return False
    if cannot_eat and not find_notes(text):
        return True
    return asks_about_food(text, settings.restaurant().menu) and not SAID.notes.search(text.lower())


def taken_as_question(text: str) -> list[Part]:
    """Return words that were not understood as a question about food or about a topic that is known by its words."""
    part = _about_food(Part(text, "nlu_fallback", 0.0), bool(find_notes(text)))
    asks = _asks(text) or SAID.wants.search(text.lower())
    if part.intent == "nlu_fallback" and asks and (topic_of(text) or known(text)):
        part = Part(text, "ask_other", 1.0)
    return [] if part.intent == "nlu_fallback" else [part]


def _asks(text: str) -> bool:
    """Say whether a part asks something, after a condition too: "if my son is vegan is there anything for him"."""
    if SAID.cannot.match(text):
        return False
    return (
        is_question(text)
        or bool(SAID.which.search(text.lower()))
        or (bool(SAID.condition.match(text)) and asks_something(text))
    )


def answer_questions(asked: list[Part], dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """Say the answer to each question, in order, and keep what was said in passing, such as an allergy."""
    notes = find_notes(words(tracker))
    new = [note for note in notes if note not in notes_of(tracker)]
    statements = [part for part in asked if find_notes(part.text) and not _asks(part.text)]
    if any(part.intent in FOOD and _asks(part.text) for part in asked):  # "I fancy the cake. Is it safe?"
        statements = [part for part in asked if part.intent in FOOD and not _asks(part.text)]
    if len(asked) > len(statements):  # "I'm allergic to nuts, can I have the cake?": the verdict comes first
        asked = [part for part in asked if part not in statements]
    elif new:
        say(dispatcher, tracker, say_noted(new))
    beside = [part.text for part in parts(tracker) if part not in asked and not _asks(part.text)]
    answers = _Answers(tracker, notes, list(dict.fromkeys([*(part.text for part in statements), *beside])))
    meant = [_about_food(part) for part in asked]
    meant = [part for part in meant if len(meant) == 1 or not SAID.what_there_is.match(part.text)]
    unknown = [part for part in meant if answers.is_unknown(part)]
    for part in meant:
        if part.intent in _RESPONSES:
            dispatcher.utter_message(response=_RESPONSES[part.intent])
        elif part not in unknown:
            answers.say(part, dispatcher)
        elif part is unknown[0]:  # said once, for all of them
            admitted = admit([each.text for each in unknown])
            say(dispatcher, tracker, admitted.spoken, shown=admitted.shown)
        answers.before = part.intent
    if new and asked != statements:
        say(dispatcher, tracker, say_noted(new))
    return add_notes(tracker, [*notes, *answers.for_the_kitchen])


class _Answers:
    """The answers to one message, each in the light of what was said before it.

    Attributes:
        before: the intent of the question before.
        for_the_kitchen: what to note down of questions that only the kitchen can answer.
    """

    def __init__(self, tracker: Tracker, notes: list[str], told: Sequence[str] = ()) -> None:
        """Remember what was talked about.

        Args:
            tracker: of the conversation.
            notes: what the latest message says that somebody cannot eat.
            told: its statements beside the questions.
        """
        self.before = ""
        self.for_the_kitchen: list[str] = []
        self._tracker = tracker
        self._notes = notes
        self._noted = merged(notes_of(tracker), notes)
        # what keeps somebody off a food in words that are no note: "the little one can have neither eggs nor milk"
        self._told_here = [
            text.lower() for text in told if not find_notes(text) and keeps_off_something(text, unknown=True)
        ]
        self._wanted = [text for text in told if SAID.only_eats.search(text)]
        every = [*said_before(tracker), words(tracker)] if self._noted else []
        self._needs: list[Need] = needs_told(every, find_notes)
        self._last = next((meant[0] for meant in map(dishes_pointed_at, told) if meant), dishes_talked_about(tracker))
        self._told = set[str]()
        users = [event for event in tracker.events if event["event"] == "user"]
        self._said = text_of(users[-2]) if users[1:] else ""
        self._earlier = str((users[-2].get("parse_data") or {}).get("intent", {}).get("name")) if users[1:] else ""

    def is_unknown(self, part: Part) -> bool:
        """Say whether nobody wrote down what a part asks."""
        if self._price_of_the_house(part):
            return False
        of_the_house = self._earlier in QUESTIONS and self._earlier not in FOOD
        if of_the_house and part.intent in FOOD and SAID.it.search(part.text.lower()) and not names_food(part.text):
            return True  # "can I bring my dog", "and how much is it": no price of the menu
        return part.intent == "ask_other" and known(part.text) is None

    def say(self, part: Part, dispatcher: CollectingDispatcher) -> None:
        """Say the answer to a part, unless it was said to the part before."""
        goes_on = bool(self.before) and self.before not in FOOD and bool(SAID.it.search(part.text.lower()))
        if goes_on and part.intent in FOOD and not names_food(part.text):
            return  # "do you have parking, and how much is it": not a price of the menu
        answer = self._answer(part)
        if answer.kitchen and self._tracker.active_loop.get("name") == BOOKING_FORM:
            self.for_the_kitchen.append(f"question for the kitchen: {answer.kitchen.strip(' ?.')}")
            answer = Answer(answer.spoken.replace(ASK_KITCHEN, "I've noted the question for the kitchen."))
        if answer.spoken not in self._told:
            say(dispatcher, self._tracker, answer.spoken, shown=answer.shown)
            self._told.add(answer.spoken)
        told = dishes_named(answer.spoken, settings.restaurant().menu).dishes
        few = 1 <= len(told) <= FEW and not dishes_named(part.text, settings.restaurant().menu).dishes
        meant = [told] if few else dishes_pointed_at(part.text)
        self._last = meant[0] if meant else self._last

    def _price_of_the_house(self, part: Part) -> str | None:
        """Return what is known of the price of what was asked about before: "is there parking" - "how much is it"."""
        asked = self._earlier in QUESTIONS and self._earlier not in FOOD and asks_a_cost(part.text)
        if not asked or not SAID.it.search(part.text.lower()) or names_food(part.text):
            return None
        return costs_named(self._said)

    def _answer(self, part: Part) -> Answer:
        if price := self._price_of_the_house(part):
            return Answer(price)
        if part.intent == "ask_bookings":
            return Answer(own_bookings(self._tracker) or "I see no booking from this conversation.")
        if part.intent not in FOOD:
            whole = asks_when_seated(part.text) and not any(days_and_times(part.text, settings.now()))
            return _ANSWERS[part.intent](words(self._tracker) if whole else part.text)
        answer = answer_menu if part.intent == "ask_menu" else answer_allergens
        wanted = [] if self._notes or self._told_here else self._wanted
        noted, said_here = (needs_of(part.text, self._needs, each) for each in (self._noted, self._notes))
        return answer(
            " ".join([*wanted, part.text]), self._last, [*noted, *self._told_here], [*said_here, *self._told_here]
        )
