"""What happens on a call without a word being said: nobody speaks, or a telephone key is pressed."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from ..conversation import Events, bot_turns, say
from ..house import settings

_PERSON_KEY = "0"


class OnSilence(Action):
    """Ask whether the guest is still there, then once more with the question, then hang up."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_on_silence"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Say more the longer it lasts; a form asks its question by itself afterwards."""
        times = int(_entity(tracker, "count") or 1)
        if times < 2:
            say(dispatcher, tracker, "Are you still there?")
            return []
        if times == 2:
            say(dispatcher, tracker, "I'm still here, but I can't hear you.")
            earlier = [turn for turn in bot_turns(tracker)[:-2] if turn]
            if earlier and not tracker.active_loop.get("name"):
                say(dispatcher, tracker, earlier[-1][-1])
            return []
        goodbye = "I can't hear anything, so I'll hang up now. Please call again. Goodbye!"
        dispatcher.utter_message(text=goodbye, json_message={"voice": {"hangup": True}})
        return [ActiveLoop(None), SlotSet("requested_slot", None)]


class OnKeys(Action):
    """Put who presses 0 through to a person."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_on_keys"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Hand over, or say which key there is."""
        if _entity(tracker, "digits") != _PERSON_KEY:
            say(dispatcher, tracker, "Press 0 to talk to a person.")
            return []
        number = "".join(filter(str.isdigit, settings.restaurant().phone))
        transfer = {"voice": {"transfer": f"tel:{number}", "allow_interruptions": False}}
        dispatcher.utter_message(text="I'll put you through to our staff.", json_message=transfer)
        return []


def _entity(tracker: Tracker, name: str) -> str | None:
    entities = tracker.latest_message.get("entities") or ()
    return next((str(entity["value"]) for entity in entities if entity.get("entity") == name), None)
