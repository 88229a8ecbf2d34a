"""Forms that ask for what people spell or say digit by digit, in any bot's action server.

The kind of a value stands in the domain, as ``spoken`` of a slot of the type ``convai_rasa.capture.SpokenSlot``. A
form's own validation is mixed with :class:`SpokenForm`, and each such slot asked for by an :class:`AskSpoken`::

    class ValidateContactForm(SpokenForm, FormValidationAction):
        def name(self):
            return "validate_contact_form"


    class AskPhone(AskSpoken):
        form, slot = "contact_form", "phone"
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any, Callable

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict
from rasa_sdk.utils import call_potential_coroutine

from convai_rasa.capture import Asking, Captured, check_kind, read, take
from convai_rasa.errors import ConfigurationError

ASKING = "spoken_asking"  # the slot that keeps how far the asking is


class SpokenForm:
    """To be mixed with ``FormValidationAction``, before it.

    Each value is read back until the person agrees, repaired by what they say to it, and left out if they want or if it
    does not work. A method ``validate_<slot>`` of the form is called with a value once it is agreed on, and may refuse
    it as ever. The domain needs a slot ``spoken_asking``, which remembers how far the asking is.

    Attributes:
        language: of callers, where their messages do not say.
        left_out: a slot's value where the person gives none, so that the form goes on.
    """

    language: str = "en"
    left_out: Any = "none"

    async def get_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Any]:
        """Validate slots; those with the key ``spoken`` here, and all others as the form does."""
        for slot, kind in spoken_slots(domain).items():
            method = f"validate_{slot.replace('-', '_')}"
            own = getattr(type(self), method, None)
            setattr(self, method, partial(self._take, slot, kind, own))
        events: list[Any] = await super().get_validation_events(dispatcher, tracker, domain)  # type: ignore[misc]
        return events

    async def _take(
        self, slot: str, kind: str, own: Callable[..., Any] | None, said: Any, *given: Any
    ) -> dict[str, Any]:
        dispatcher, tracker, _ = given
        voice = (tracker.latest_message.get("metadata") or {}).get("voice") or {}
        language = voice.get("language") or self.language
        asking, exact = Asking.of(tracker.get_slot(ASKING), slot), "confidence" not in voice
        taken = take(asking, kind, str(said), language=language, exact=exact, reading=_reading)
        if taken.left_out:
            dispatcher.utter_message(text=taken.asking.say)
            return {slot: self.left_out, ASKING: None}
        if taken.value is None:
            return {slot: None, ASKING: taken.asking.as_dict()}
        if own is None:
            return {slot: taken.value, ASKING: None}
        judged = await call_potential_coroutine(own(self, taken.value, *given))
        return {ASKING: None, **judged}


class AskSpoken(Action):
    """Asks for one slot: first with the response ``utter_ask_<slot>``, then with what its value needs.

    Attributes:
        form: name of the form.
        slot: name of the slot.
    """

    form: str = ""
    slot: str = ""

    def name(self) -> str:
        """Return the name under which Rasa's form finds this action; it goes into the domain's ``actions``."""
        return f"action_ask_{self.form}_{self.slot}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Ask."""
        say = Asking.of(tracker.get_slot(ASKING), self.slot).say
        if say:
            dispatcher.utter_message(text=say)
        else:
            dispatcher.utter_message(response=f"utter_ask_{self.slot}")
        return []


def spoken_slots(domain: DomainDict) -> dict[str, str]:
    """Return the kinds of a domain's spoken slots, by name.

    Raises:
        ConfigurationError: a kind does not exist, or the domain lacks the slot that remembers how far the asking is.
    """
    slots = domain.get("slots") or {}
    kinds = {name: check_kind(slot["spoken"], slot=name) for name, slot in slots.items() if "spoken" in (slot or {})}
    if kinds and ASKING not in slots:
        raise ConfigurationError(
            f"The domain has no slot '{ASKING}', in which a form keeps how far the asking is; add to its slots: "
            f"{ASKING}: {{type: any, influence_conversation: false, mappings: [{{type: custom}}]}}."
        )
    return kinds


def _reading(kind: str, text: str, language: str) -> Captured | None:
    if kind != "date":
        return read(kind, text, language=language)
    from convai_rasa.nlu.values import read as read_value  # needs the extra nlu, which others kinds do not

    found = read_value(text, "date", language=language, reference=dt.datetime.now())
    return Captured(str(found.value), kind, False) if found is not None and found.value else None
