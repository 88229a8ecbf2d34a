"""What the guest has booked, said at any time."""

from __future__ import annotations

from phrases import Phrases
from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from ..booking.wishes import WISHES
from ..conversation import BOOKING_FORM, Events, bot_turns, notes_of, say, words
from ..hearing.headcount import change_in_guests
from ..hearing.notes import asks_something, find_notes
from ..hearing.utterance import hear
from ..house import settings
from ..house.bookings import BookingBook, Request
from ..spoken import say_guests, say_list, say_when

SAID = Phrases(__file__)


class TellBookings(Action):
    """Say the bookings made in this conversation; a caller who made none here is asked for name and day."""

    action_name = "action_tell_bookings"

    def name(self) -> str:
        """Return the name used in the rules."""
        return self.action_name

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Say them, or let the booking form look one up."""
        own, notes, canceled = own_bookings(tracker), notes_of(tracker), canceled_here(tracker)
        if canceled:
            say(dispatcher, tracker, canceled)
            say(dispatcher, tracker, own or "Nothing else is booked for you here.")
            return []
        if own:
            say(dispatcher, tracker, own)
            return []
        if not notes and SAID.what_i_said.search(words(tracker).lower()):
            say(dispatcher, tracker, "I haven't noted anything yet. What can I do for you?")
            return []
        if notes:
            say(dispatcher, tracker, f"I have noted the {say_list(notes)}.")
        return [FollowupAction(BOOKING_FORM)]


def canceled_here(tracker: Tracker) -> str | None:
    """Say which table was canceled last in this conversation; None where none was, or another was booked since."""
    asked = hear(words(tracker), now=settings.now()).day
    for turn in reversed(bot_turns(tracker)):
        for text in turn:
            if text.startswith("It's booked: "):
                return None
            found = SAID.canceled.search(text)
            if found and asked and asked.date not in hear(found["when"], now=settings.now()).days:
                return None  # another day is asked about
            if found:
                return f"Your table, {found['when']}, is canceled, so we don't expect you then."
    return None


def own_bookings(tracker: Tracker) -> str | None:
    """Say what was booked in this conversation; None if nothing was."""
    book = BookingBook(settings.database(), settings.restaurant())
    own = [request for _, request in book.upcoming(now=settings.now(), conversation=tracker.sender_id)]
    return f"You have booked {say_list([booking_words(request) for request in own])}." if own else None


def about_own_booking(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events | None:
    """React to doubtful words that are about what was booked in this conversation; None where they are not.

    "Could you make it five instead" changes it, and "are we six or seven on the fifth" asks about it.
    """
    own = None if tracker.active_loop.get("name") else own_bookings(tracker)
    wishes = find_notes(words(tracker), wishes=True)
    if own and (WISHES.change_words.search(words(tracker).lower()) or wishes or change_in_guests(words(tracker))):
        return [FollowupAction(BOOKING_FORM)]
    if own and asks_something(words(tracker)) and hear(words(tracker), now=settings.now()).day:
        say(dispatcher, tracker, own)
        return []
    return None


def booking_words(request: Request) -> str:
    """Say a booking: "a table for 4 people, tomorrow, …, under the name of Marta"."""
    when = say_when(request.day, request.time, settings.now().date())
    note = f", with a note about the {say_list(request.notes)}" if request.note else ""
    return f"a table for {say_guests(request.party_size)}, {when}, under the name of {request.name}{note}"
