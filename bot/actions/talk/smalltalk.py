"""Saying something again, helping when nothing was understood, and greeting a caller."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, FollowupAction, SessionStarted
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from ..conversation import (
    BOOKING_FORM,
    COMPLAINT_FORM,
    Events,
    Part,
    bot_turns,
    intent,
    people,
    phone_words,
    say,
    words,
)
from ..food.replies import names_food
from ..hearing.notes import asks_something
from ..hearing.utterance import hear
from ..house import settings
from .complaints import is_upset, may_complain
from .overview import about_own_booking
from .questions import answer_questions, questions, taken_as_question

_HELP = (
    "I can book, change or cancel a table, and tell you about our opening hours, the menu, allergens and the way here."
)

_HARD_TO_HEAR = 3  # requests in a row to say it again
_LONG_ENOUGH = 4  # words; what is shorter may be anything

_ONLY_ENGLISH = {
    "de": "Ich spreche leider nur Englisch.",
    "es": "Lo siento, solo hablo inglés.",
    "fr": "Désolé, je ne parle qu'anglais.",
    "it": "Mi dispiace, parlo solo inglese.",
    "pt": "Desculpe, só falo inglês.",
    "nl": "Het spijt me, ik spreek alleen Engels.",
    "tr": "Üzgünüm, sadece İngilizce konuşuyorum.",
    "pl": "Przepraszam, mówię tylko po angielsku.",
    "sv": "Tyvärr talar jag bara engelska.",
    "da": "Jeg taler desværre kun engelsk.",
}


def gives_details(tracker: Tracker) -> bool:
    """Say whether the latest message holds two details of a booking, such as a day and a number of guests."""
    heard = hear(words(tracker), now=settings.now(), people=people(tracker))
    details = sum(bool(value) for value in (heard.day, heard.times, heard.party_size))
    return details > 1 and (heard.party_size is not None or intent(tracker) != "out_of_scope")


class Repeat(Action):
    """Say the last answer again; in the middle of a form without its question, which the form repeats itself."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_repeat"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Repeat what was said in answer to the message before."""
        earlier = [turn for turn in bot_turns(tracker)[:-1] if turn]
        last = earlier[-1] if earlier else []
        if tracker.active_loop.get("name"):
            last = last[:-1]
        elif not last:
            last = ["I haven't said anything yet. How can I help you?"]
        for text in last:
            say(dispatcher, tracker, text)
        if _in_a_row(tracker, "repeat") == _HARD_TO_HEAR:
            phone = phone_words(tracker, settings.restaurant().phone)
            say(dispatcher, tracker, f"If I'm hard to hear, you can also call our staff on {phone}.")
        return []


class Fallback(Action):
    """Help when nothing was understood: say what is possible, then name the telephone; an upset guest is heard."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_help_out"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Answer what the parts of the message ask, or according to how often it happened in a row."""
        asked = questions(tracker) or taken_as_question(words(tracker))
        if not asked and names_food(words(tracker)):
            asked = [Part(words(tracker), "ask_menu", 1.0)]
        if asked:
            return answer_questions(asked, dispatcher, tracker)
        events = about_own_booking(dispatcher, tracker)
        if events is not None:
            return events
        if not tracker.active_loop.get("name") and gives_details(tracker):
            return [FollowupAction(BOOKING_FORM)]
        if (is_upset(tracker) or may_complain(tracker)) and not tracker.active_loop.get("name"):
            return [FollowupAction(COMPLAINT_FORM)]
        foreign = intent(tracker) == "out_of_scope"
        if not foreign and asks_something(words(tracker)) and len(words(tracker).split()) >= _LONG_ENOUGH:
            return answer_questions([Part(words(tracker), "ask_other", 1.0)], dispatcher, tracker)
        if tracker.active_loop.get("name"):
            say(dispatcher, tracker, "I'm afraid I can't help with that." if foreign else "Sorry, I didn't get that.")
        elif foreign:
            say(dispatcher, tracker, f"I'm afraid I can't help with that. {_HELP}")
        else:
            say_not_understood(dispatcher, tracker)
        return []


class TellLanguage(Action):
    """Say which language this is, to somebody who speaks another."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_tell_language"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Say it in English, which the voice speaks, and on a written channel in the guest's language too."""
        phone = phone_words(tracker, settings.restaurant().phone)
        english = f"I'm sorry, I only speak English. You can also call our staff on {phone}."
        theirs = _ONLY_ENGLISH.get(tracker.latest_message.get("language") or "")
        say(dispatcher, tracker, english, shown=f"{theirs}\n{english}" if theirs else None)
        return []


class StartSession(Action):
    """Begin a conversation, and greet who waits to be spoken to first, as on a telephone."""

    def name(self) -> str:
        """Return the name of Rasa's own action, which this one takes the place of."""
        return "action_session_start"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Greet a caller; a conversation that begins with words is answered by the rules."""
        voice = (tracker.latest_message.get("metadata") or {}).get("voice") or {}
        if words(tracker).startswith("/session_start") and voice.get("greet", True):
            say(dispatcher, tracker, f"Welcome to {settings.restaurant().name}! How can I help you?")
        return [SessionStarted(), ActionExecuted("action_listen")]


def say_not_understood(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Say what is possible; the second time in a row, name a person instead."""
    if _in_a_row(tracker, "nlu_fallback", but_latest=True):
        phone = phone_words(tracker, settings.restaurant().phone)
        say(dispatcher, tracker, f"I'm sorry, I still don't understand. Our staff will help you on {phone}.")
    else:
        say(dispatcher, tracker, f"Sorry, I didn't catch that. {_HELP}")


def _in_a_row(tracker: Tracker, name: str, *, but_latest: bool = False) -> int:
    """Return how many of the guest's latest messages in a row have an intent.

    Args:
        tracker: of the conversation.
        name: of the intent.
        but_latest: leave out the latest message.
    """
    messages = [event for event in tracker.events if event["event"] == "user"]
    names = [((message.get("parse_data") or {}).get("intent") or {}).get("name") for message in messages]
    names = names[:-1] if but_latest else names
    return next((count for count, each in enumerate(reversed(names)) if each != name), len(names))
