"""The conversation about a booking, as a function: what is known and what was said → what is known and what to say.

No Rasa here, so that every turn can be tested as a value. ``booking`` wraps it as the validation of booking_form.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from ..hearing.headcount import change_in_guests
from ..hearing.naming import booked_under, sounds_like
from ..hearing.notes import (
    asks_something,
    drops_a_wish,
    find_notes,
    is_question,
    merged,
    revised_notes,
    say_noted,
    say_revised,
)
from ..hearing.utterance import Heard, days_and_times, hear, weekday_asked
from ..hearing.yes_no import begins_with_answer, plain_answer
from ..house.bookings import BookingBook, Request, UnknownBooking
from ..house.restaurant import Restaurant
from ..spoken import say_day, say_list, say_openings, say_time
from .state import BOOK, CANCEL, CHANGE, SHOW, BookingState, Reply, Turn
from .values import TAKES_BACK, BookingValues
from .wishes import (
    AGREES_TO_CHANGE,
    CANCEL_WORDS,
    CANCELS,
    CHANGE_WORDS,
    EXISTING,
    HAS_ONE,
    INTERRUPTING,
    LEAVES_OPEN,
    MOVE_WORDS,
    NEVER_AN_ANSWER,
    NOT_CANCEL,
    NOT_THEN,
    PART_NAMES,
    REVISES,
    START_OVER,
    TO_ANOTHER,
    VAGUE,
    WANTS_ONE,
)
from .words import (
    CHANGE_QUESTION,
    COMPLAINT_QUESTION,
    FIND_QUESTIONS,
    NO_FURTHER,
    NOT_UNDERSTOOD,
    OR_CALL,
    PEOPLE_OR_TIME_ASKED,
    QUESTIONS,
    STOP_QUESTION,
    WHAT_TO_CHANGE,
    acknowledge,
    people_or_time,
    so_far,
    summary,
    understood,
)

_SAME_AGAIN = 2  # times in a row that the same was said, before it would be said once more
_REMEMBERED = 4  # turns in which a question about a number is not asked again
_ABOUT_A_NUMBER = 7  # words; a number in a longer sentence is seldom what it is about


class BookingDialogue:
    """One restaurant's way of taking, changing and cancelling bookings.

    Args:
        restaurant: hours and rules.
        book: the booking book.
        now: local time.
        conversation: id of this conversation; a booking made in it need not be looked up by name.
        phone: the restaurant's number, as the channel should say or show it.
    """

    def __init__(
        self, restaurant: Restaurant, book: BookingBook, now: dt.datetime, conversation: str, phone: str
    ) -> None:
        self._book = book
        self._now = now
        self._today = now.date()
        self._conversation = conversation
        self._phone = phone
        self._restaurant = restaurant
        self._values = BookingValues(restaurant, book, now, phone)

    def take(self, state: BookingState, turn: Turn) -> Reply:
        """Advance by one turn of the guest, and show a way out where nothing moves."""
        return self._way_out(turn, self._take(state, turn))

    def _take(self, state: BookingState, turn: Turn) -> Reply:
        if state.task is None:
            begun = self._begin(turn)
            known = state.name if begun.task != BOOK and begun.booking_id is None else None  # who said a name before
            day = begun.date or (state.date if begun.task == BOOK else None)
            state = begun.with_(notes=state.notes, name=begun.name or known, date=day)
        if turn.asked == "confirmed" or turn.last_question in (COMPLAINT_QUESTION, STOP_QUESTION):
            answered = plain_answer(turn.text) or begins_with_answer(turn.text)  # whatever it was taken for
            turn = replace(turn, intent=answered, sure=True) if answered else turn
        if turn.asked == "confirmed" and state.task == CANCEL and turn.intent != "affirm" and self._cancels(turn):
            turn = replace(turn, intent="affirm", sure=True)
        changes = state.task == CHANGE and turn.last_question.endswith(CHANGE_QUESTION)
        if turn.asked == "confirmed" and changes and AGREES_TO_CHANGE.fullmatch(turn.text):
            turn = replace(turn, intent="affirm", sure=True)
        state = self._other_task(state, turn)
        heard = self._hear(turn, state)
        state, say = self._with_notes(state, turn)
        if turn.asked:
            reply = self._beside_the_question(state, turn, heard, bool(say))
            if reply is not None:
                return reply
        if state.task != BOOK and state.booking_id is None:
            return self._find(state, turn, heard)
        return self._fill(state, turn, heard, say)

    def _way_out(self, turn: Turn, reply: Reply) -> Reply:
        """Name the telephone before the same is said a third time in a row, and leave it at that afterwards."""
        offer, words = OR_CALL.format(phone=self._phone), " ".join(reply.say)
        if not reply.ask or not words:
            return reply
        same = 0
        for said in reversed(turn.replies):
            if said.replace(f"{offer} ", "") != words:
                break
            same += 1
        if same < _SAME_AGAIN:
            return reply
        if any(offer in said for said in turn.replies[-same:]):
            return Reply(reply.state, (NO_FURTHER.format(phone=self._phone),), stopped=True)
        return replace(reply, say=(*reply.say[:-1], offer, reply.say[-1]))

    def _cancels(self, turn: Turn) -> bool:
        """Say whether words agree to canceling that do not say yes: "take it off, please"."""
        kept = re.search(
            r"\b(?:don't|do not|not to|never|didn't)(?: \w+){0,2} cancel|\bkeep\b|\bcoming\b", turn.text, re.I
        )
        doubtful = kept or MOVE_WORDS.search(turn.text) or is_question(turn.text)
        return CANCELS.search(turn.text) is not None and not doubtful

    def _other_task(self, state: BookingState, turn: Turn) -> BookingState:
        """Turn canceling into changing, or changing into canceling, where the guest says so; both ask before "
        "acting."""
        if not turn.asked or state.booking_id is None:
            return state
        if state.task == CANCEL and turn.intent != "stop":
            moves = turn.intent == "change_booking" or MOVE_WORDS.search(turn.text)
            if moves and (NOT_CANCEL.search(turn.text) or "cancel" not in turn.text.lower()):
                return state.with_(task=CHANGE)
        if state.task == CHANGE and turn.intent == "cancel_booking" and not NOT_CANCEL.search(turn.text):
            return self._open(state.with_(task=CANCEL, notes=None), state.booking_id, self._book.get(state.booking_id))
        return state

    def _with_notes(self, state: BookingState, turn: Turn) -> tuple[BookingState, list[str]]:
        """Note what the guest said in passing, or took back, and return also what to say about it."""
        revised = revised_notes(turn.text, state.notes or ())
        if revised is not None:
            return state.with_(notes=revised or None), [say_revised(state.notes or (), revised)]
        passing = self._in_passing(state, turn)
        said = [say_noted(passing)] if passing else []
        return state.with_(notes=merged(state.notes or (), passing) or None), said

    def _in_passing(self, state: BookingState, turn: Turn) -> list[str]:
        """Return what the guest said in passing; what belongs to a question is noted by who answers it."""
        if state.task not in (BOOK, CHANGE) or (is_question(turn.text) and turn.intent in INTERRUPTING):
            return []
        found = find_notes(turn.text, wishes=True)
        return [note for note in found if note not in (state.notes or ())]

    def _beside_the_question(self, state: BookingState, turn: Turn, heard: Heard, noted: bool) -> Reply | None:
        """React to a turn that is no answer to what the form asked: a question, a complaint, the wish to stop."""
        if turn.last_question in (COMPLAINT_QUESTION, STOP_QUESTION) and not heard:
            if turn.intent == "deny":
                return self._ask(state, ["All right."])
            if turn.intent in ("affirm", "stop"):
                stops = turn.last_question == STOP_QUESTION or turn.intent == "stop"
                return Reply(state, stopped=True) if stops else Reply(state, rejected=True, ask=turn.asked)
        if turn.intent == "ask_bookings" and (not heard or (is_question(turn.text) and not REVISES.search(turn.text))):
            return self._ask(state, [so_far(state, self._today, turn.text)])
        if state.task == BOOK and START_OVER.search(turn.text) and not heard:
            return self._ask(BookingState(task=BOOK, notes=state.notes), ["All right, from the beginning."])
        if asks_something(turn.text) and (weekday := weekday_asked(turn.text, self._now, state.day)):
            return self._ask(state, [weekday])
        if turn.intent == "complaint" and not turn.sure:
            return None if heard or noted else Reply(state, (COMPLAINT_QUESTION,), ask=turn.asked)
        if not noted and self._is_interruption(turn, heard, state.name):
            return Reply(state, rejected=True, ask=turn.asked)
        gives_up = turn.intent in ("stop", "goodbye") or (turn.intent == "cancel_booking" and state.task != CANCEL)
        said = heard.day or heard.times or heard.party_size
        if gives_up and not noted and not said and (turn.sure or not heard.name):  # "never mind" is no name
            return Reply(state, stopped=True) if turn.sure else Reply(state, (STOP_QUESTION,), ask=turn.asked)
        return None

    def ask_again(self, state: BookingState) -> Reply:
        """Repeat the open question, after somebody else has answered an interruption."""
        return self._ask(state, [])

    def full_house(self, request: Request, instead_of: int | None = None) -> str:
        """Say that there is no room then, and when there is."""
        return self._values.full_house(request, instead_of)

    # --- the beginning ------------------------------------------------------------------------------------------

    def _begin(self, turn: Turn) -> BookingState:
        own = self._book.upcoming(now=self._now, conversation=self._conversation)
        task = {"change_booking": CHANGE, "cancel_booking": CANCEL, "ask_bookings": SHOW}.get(turn.intent or "", BOOK)
        heard = hear(turn.text, now=self._now)
        changes = turn.intent in ("inform", "nlu_fallback") and CHANGE_WORDS.search(turn.text.lower())
        if task == BOOK and HAS_ONE.search(turn.text) and CHANGE_WORDS.search(turn.text.lower()):
            task = CHANGE
        if own and task == BOOK and (changes or (change_in_guests(turn.text) and heard.party_size is None)):
            task = CHANGE  # "make it five people", "my cousin would like to come along", said after booking
        details = heard.party_size and (heard.day or heard.times)
        told = heard.day and heard.times and not is_question(turn.text)  # "Thursday at eight", which asks nothing
        filled_in = details and re.match(r"\W*(?:new )?(?:booking|reservation|table)\W*[:,-]", turn.text, re.I)
        wants = details or told or WANTS_ONE.search(turn.text)
        if task == CANCEL and details and not CANCEL_WORDS.search(turn.text):
            task = BOOK  # whatever "Thursday at eight for seven" was taken for
        if task in (SHOW, CHANGE) and not own and wants and (filled_in or not EXISTING.search(turn.text)):
            task = BOOK  # "have you got a table on the third for five"
        if (
            task == CANCEL
            and drops_a_wish(turn.text)
            and not re.search(r"\b(?:table|booking|reservation)\b", turn.text)
        ):
            task = CHANGE  # "cancel the high chair for Friday"
        state = BookingState(task=task)
        if task == BOOK:
            return state
        meant = [one for one in own if heard.day is None or one[1].day in heard.days] or own
        if len(meant) == 1:
            return self._open(state, *meant[0])
        names = {request.name for _, request in own}
        return state.with_(name=names.pop()) if len(names) == 1 else state

    def _hear(self, turn: Turn, state: BookingState) -> Heard:
        day = state.day or self._day_talked_about(turn)
        noted = dt.datetime.combine(day, state.clock or dt.time()) if day else None
        return hear(
            turn.text,
            now=self._now,
            asked=turn.asked,
            people=turn.people,
            noted=noted,
            name=state.name,
            guests=state.party_size,
            before=turn.before,
        )

    def _day_talked_about(self, turn: Turn) -> dt.date | None:
        """Return the day that was named before a day was asked for: "We are open again on …" - "The Tuesday, "
        "then"."""
        if turn.asked != "date":
            return None
        days, _ = days_and_times(turn.answered, self._now)
        return max(days, default=None)

    def _is_interruption(self, turn: Turn, heard: Heard, name: str | None) -> bool:
        corrected = heard.name is not None and name is not None and sounds_like(heard.name, name)
        renamed = corrected or (heard.name is not None and re.search(r"\b(?:under|name)\b", turn.text, re.I))
        if turn.intent not in INTERRUPTING or renamed:
            return False
        if turn.intent in NEVER_AN_ANSWER or turn.intent == "complaint":
            return True
        if turn.asked == "time" and turn.intent in ("nlu_fallback", "out_of_scope") and LEAVES_OPEN.search(turn.text):
            return False
        # a classifier that misses must not make the form deaf: "Marta" may look like a greeting
        return not heard

    # --- finding a booking to change or cancel ------------------------------------------------------------------

    def _find(self, state: BookingState, turn: Turn, heard: Heard) -> Reply:
        """Look a booking up by name and day; both are needed, so that nobody learns a stranger's plans."""
        name = heard.name or booked_under(turn.text)
        if name:
            state = state.with_(name=name)
        new_day = turn.asked is None and state.task == CHANGE and TO_ANOTHER.search(turn.text)
        if heard.day and heard.day.date and not new_day:
            state = state.with_(date=heard.day.date.isoformat())
        if not state.name or not state.date:
            missing = turn.asked is not None and not heard and not name
            if missing and turn.intent == "deny":
                return Reply(state, stopped=True)
            return self._ask(state, [NOT_UNDERSTOOD] if missing else [])
        found = self._book.upcoming(now=self._now, name=state.name, day=state.day)
        if heard.times and len(found) > 1:
            found = [one for one in found if one[1].time in heard.times]
        if len(found) == 1:
            state = self._open(state, *found[0])
            if state.task == SHOW:
                return Reply(state, (f"{summary(state, self._today)}.",), stopped=True)
            if state.task == CHANGE and not turn.asked:  # what shall be another may have been said already
                return self._fill(state, turn, self._hear(turn, state), [])
            return self._ask(state, [])
        if found:
            times = say_list([say_time(request.time) for _, request in found])
            return Reply(state, (f"I see bookings at {times}.", "Which one do you mean?"), ask="time")
        day = say_day(state.day, self._today) if state.day else "that day"
        sorry = f"I can't find a booking under {state.name} for {day}. You can also call us on {self._phone}."
        return self._ask(state.with_(name=None, date=None), [sorry])

    def _open(self, state: BookingState, booking_id: int, request: Request) -> BookingState:
        return state.with_(
            booking_id=booking_id,
            date=request.day.isoformat(),
            time=request.time.strftime("%H:%M"),
            party_size=request.party_size,
            name=request.name,
            notes=merged(request.notes, state.notes or ()) or None,
        )

    # --- filling in what was said -------------------------------------------------------------------------------

    def _fill(self, state: BookingState, turn: Turn, heard: Heard, say: list[str]) -> Reply:
        before, refused, replaced, noted = state, None, None, bool(say)
        if state.task != CANCEL:
            heard = self._values.which_number(state, turn, heard)
            state, refused = self._values.take(state, heard, say)
            replaced = acknowledge(before, state, self._today, heard.replaced[1] if heard.replaced else None)
            say[:0] = [replaced] if replaced else []
            state = self._vaguely_changed(before, state, turn, heard)
        if state == before and (noted or not say):
            answered = self._yes_or_no(state, turn, heard)
            if answered is not None:
                return answered if not noted else Reply(answered.state, (*say, *answered.say), answered.ask)
        if state.task == CANCEL:
            return self._ask(state, [NOT_UNDERSTOOD] if turn.asked else [])
        known = state.party_size is not None and state.time is not None
        unclear = self._unclear_number(state, turn, heard) if state == before and not say else None
        if unclear is not None and (known or TAKES_BACK.search(turn.text)):
            return Reply(state, (people_or_time(unclear),), ask=turn.asked)
        aside = PEOPLE_OR_TIME_ASKED.search(turn.last_question) is not None  # dropped when it is not answered
        if not heard and turn.asked and not noted and state == before and not aside:
            say.append(self._vague_time(state, turn) or NOT_UNDERSTOOD)
        state = self._values.with_room(state, say)
        new = understood(before, state, self._today) or self._repeated(before, state, heard)
        new = None if len(say) > noted + bool(replaced) else new
        reply = self._ask(state, [*say, *([new] if new else [])], first=refused)
        return reply if reply.ask != "confirmed" or not new else self._ask(state, say, first=refused)

    def _unclear_number(self, state: BookingState, turn: Turn, heard: Heard) -> int | None:
        """Return the number to ask about: once, where it is new, and where it is what a sentence is about."""
        known = (state.party_size, state.clock.hour % 12 or 12 if state.clock else None)
        asked = [PEOPLE_OR_TIME_ASKED.search(said) for said in (turn.last_question, *turn.replies[-_REMEMBERED:])]
        if any(asked) or heard.number in known:
            return None
        about = len(turn.text.split()) <= _ABOUT_A_NUMBER or TAKES_BACK.search(turn.text)
        return heard.number if about else None

    def _vague_time(self, state: BookingState, turn: Turn) -> str | None:
        """Say when tables begin to somebody who leaves the time open: "any time in the afternoon"."""
        if turn.asked != "time" or state.day is None or not LEAVES_OPEN.search(turn.text):
            return None
        return f"We seat guests {say_openings(self._restaurant.seatings(state.day))}."

    def _repeated(self, before: BookingState, state: BookingState, heard: Heard) -> str | None:
        """Repeat what was said again and is noted already: "did you get ten? it's two"."""
        if state != before:
            return None
        said = BookingState(
            party_size=state.party_size if state.party_size in (heard.party_size, heard.number) else None,
            date=state.date if heard.day else None,
            time=state.time if heard.times else None,
        )
        return understood(BookingState(), said, self._today)

    def _vaguely_changed(self, before: BookingState, state: BookingState, turn: Turn, heard: Heard) -> BookingState:
        """Forget what shall be another that is not told yet: "could it be a bit later", "another day is better"."""
        if state != before or not turn.asked or (is_question(turn.text) and turn.intent in INTERRUPTING):
            return state
        vague = [slot for slot, words in VAGUE.items() if words.search(turn.text)]
        if state.name and re.search(rf"\b(?:not|isn't) {re.escape(state.name)}\b", turn.text, re.I) and not heard:
            vague = ["name"]
        if not vague and NOT_THEN.search(turn.text):  # "not on Friday", "he can't do seven"
            heard = heard or self._hear(replace(turn, text=re.sub(r"\bnot\b", "", turn.text)), state)
            only_day = len(heard.days) == 1 and heard.days[0] == state.day
            vague = [slot for slot, named in (("date", only_day), ("time", heard.times)) if named]
        return state.with_(**{slot: None for slot in vague})

    def _yes_or_no(self, state: BookingState, turn: Turn, heard: Heard) -> Reply | None:
        """React to words that gave no new value."""
        if turn.asked != "confirmed":
            if turn.intent == "deny":
                return self._ask(state, ["If you'd rather not go on, just say stop."])
            return None
        agreed = turn.sure and (turn.intent == "affirm" or (state.task == CANCEL and turn.intent == "cancel_booking"))
        if agreed and (turn.last_question == WHAT_TO_CHANGE or (state.task == CHANGE and self._unchanged(state))):
            return Reply(state, (WHAT_TO_CHANGE,), ask="confirmed")  # "What would you like to change?" - "Yes."
        if agreed:
            return Reply(state.with_(confirmed=True))
        part = next((slot for slot, words in PART_NAMES.items() if re.search(words, turn.text.lower())), None)
        if part and is_question(turn.text) and not CHANGE_WORDS.search(turn.text.lower()):
            return self._ask(state, [so_far(state, self._today)])  # "what's the date on Thursday"
        if part and state.task != CANCEL:
            return self._ask(state.with_(**{part: None}), [])
        unclear = self._unclear_number(state, turn, heard)
        if unclear is not None and state.task != CANCEL:
            return Reply(state, (people_or_time(unclear),), ask="confirmed")
        if turn.intent == "deny":
            if state.task == CANCEL or turn.last_question == WHAT_TO_CHANGE:
                return Reply(state, stopped=True)
            return Reply(state, (WHAT_TO_CHANGE,), ask="confirmed")
        return None

    # --- asking -------------------------------------------------------------------------------------------------

    def _ask(self, state: BookingState, say: list[str], first: str | None = None) -> Reply:
        """Ask for the first thing that is missing, or for ``first``."""
        if state.task != BOOK and state.booking_id is None:
            slot = "name" if not state.name else "date"
            return Reply(state, (*say, FIND_QUESTIONS[slot]), ask=slot)
        for slot in [first, *QUESTIONS] if first else QUESTIONS:
            if getattr(state, slot) is None:
                return Reply(state, (*say, QUESTIONS[slot]), ask=slot)
        return Reply(state, (*say, self._open_question(state)), ask="confirmed")

    def _open_question(self, state: BookingState) -> str:
        """Sum the booking up and ask for a yes."""
        whole = summary(state, self._today)
        if state.task == BOOK:
            return f"{whole}. Shall I book it?"
        if state.task == CANCEL:
            return f"I found {whole[:1].lower()}{whole[1:]}. Shall I cancel it?"
        if self._unchanged(state):
            return f"I found {whole[:1].lower()}{whole[1:]}. What would you like to change?"
        return f"{whole}. {CHANGE_QUESTION}"

    def _unchanged(self, state: BookingState) -> bool:
        if state.booking_id is None:
            return False
        try:
            return state == self._open(state, state.booking_id, self._book.get(state.booking_id))
        except UnknownBooking:  # canceled in another conversation meanwhile; saving will say so
            return False
