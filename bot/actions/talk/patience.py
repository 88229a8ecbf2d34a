"""A guest who gets angrier from message to message is offered a person, once in a conversation."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from convai_rasa.actions import ActionTrackMood

from ..conversation import Events, phone_words, say
from ..house import settings


class TrackMood(ActionTrackMood):
    """Follow the guest's mood; what merely answers a question or stops something says nothing about it."""

    ignored_intents = frozenset({"affirm", "deny", "stop"})


class OfferPerson(Action):
    """Apologize, and say how to reach a person."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_offer_person"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Offer, and remember it."""
        return offer_person(dispatcher, tracker)


def is_losing_patience(tracker: Tracker) -> bool:
    """Say whether the guest is angry and has not been offered a person yet."""
    return tracker.get_slot("mood_label") == "angry" and not tracker.get_slot("person_offered")


def offer_person(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """Apologize, name the telephone, and return what keeps the offer from being made twice."""
    phone = phone_words(tracker, settings.restaurant().phone)
    say(dispatcher, tracker, "I'm sorry, I know this is frustrating.")
    say(dispatcher, tracker, f"If you would rather talk to a person, our staff will gladly help you on {phone}.")
    return [SlotSet("person_offered", True)]
