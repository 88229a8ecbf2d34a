"""The number of a callback, as it was heard: read back, and repaired by what the guest says to it."""

from __future__ import annotations

from rasa_sdk import Tracker

from convai_rasa.capture import Asking, Taken, take

from ..conversation import intent, words

ASKING = "spoken_asking"  # the slot that keeps what was read back
_SLOT = "contact"


def is_read_back(tracker: Tracker) -> bool:
    """Say whether a number was read back, and not agreed on yet."""
    return bool(tracker.get_slot(ASKING))


def needs_reading_back(tracker: Tracker) -> bool:
    """Say whether the guest's words were recognized, and neither typed nor pressed on a telephone."""
    return "confidence" in ((tracker.latest_message.get("metadata") or {}).get("voice") or {})


def read_back(number: str) -> Taken:
    """Return what to say to a number that was heard."""
    return take(Asking(_SLOT), "phone", number)


def answered(tracker: Tracker) -> Taken:
    """Return what the guest's answer to a number makes of it; "yes" may be said in words of the bot's own."""
    asking = Asking.of(tracker.get_slot(ASKING), _SLOT)
    taken = take(asking, "phone", words(tracker))
    failed = taken.value is None and not taken.asking.heard
    return take(asking, "phone", "yes") if failed and intent(tracker) == "affirm" else taken


def is_an_answer(tracker: Tracker) -> bool:
    """Say whether the guest speaks of the number that was read back, and asks nothing else."""
    if not is_read_back(tracker):
        return False
    taken = answered(tracker)
    return taken.value is not None or taken.left_out or bool(taken.asking.heard)
