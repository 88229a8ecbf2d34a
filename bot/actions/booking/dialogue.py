"""The conversation about a booking, as a function: what is known and what was said → what is known and what to say.

No Rasa here, so that every turn can be tested as a value. ``booking`` wraps it as the validation of booking_form.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from itertools import takewhile

from ..hearing.calendar import days_and_times, weekday_asked
from ..hearing.heard import Day, Heard
from ..hearing.notes import (
    asks_for_a_wish,
    asks_something,
    find_notes,
    is_question,
    merged,
    revised_notes,
    say_noted,
    say_revised,
)
from ..hearing.renaming import sounds_like
from ..hearing.yes_no import begins_with_answer, plain_answer
from ..house.bookings import BookingBook, Request, UnknownBooking
from ..house.restaurant import Restaurant
from ..spoken import say_openings
from .finding import BookingFinder, opened
from .listening import listen, repeated, times_offered, unclear_number, vaguely_changed, with_referent
from .rules import OTHER_DAY
from .state import BOOK, CANCEL, CHANGE, SHOW, BookingState, Reply, Turn
from .values import TAKES_BACK, BookingValues
from .wishes import INTERRUPTING, LATER_OR_ANOTHER, NEVER_AN_ANSWER, PART_NAMES, WISHES, agrees_to_cancel, keeps_table
from .words import (
    CHANGE_QUESTION,
    COMPLAINT_QUESTION,
    LET_US_KNOW,
    NO_CHANGE,
    NO_FURTHER,
    NOT_UNDERSTOOD,
    OR_CALL,
    PEOPLE_OR_TIME_ASKED,
    QUESTIONS,
    STOP_QUESTION,
    WHAT_TO_CHANGE,
    acknowledge,
    confirmed_or_told,
    people_or_time,
    so_far,
    summary,
    understood,
)

_SAME_AGAIN = 2  # times in a row that the same was said, before it would be said once more


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
        self._phone = phone
        self._restaurant = restaurant
        self._values = BookingValues(restaurant, book, now, phone)
        self._finder = BookingFinder(book, now, conversation, phone)

    def take(self, state: BookingState, turn: Turn) -> Reply:
        """Advance by one turn of the guest, and show a way out where nothing moves."""
        return self._way_out(turn, self._take(state, turn))

    def _take(self, state: BookingState, turn: Turn) -> Reply:
        turn = with_referent(turn)
        if state.task is None:
            if restored := self._finder.restored(state, turn):
                return self._ask(restored, [])
            begun = self._finder.begin(turn)
            known = state.name if begun.task != BOOK and begun.booking_id is None else None  # who said a name before
            day = begun.date or (state.date if begun.task == BOOK else None)
            state = begun.with_(notes=state.notes, name=begun.name or known, date=day)
            if state.task == SHOW and state.booking_id is not None:
                return Reply(state, (f"{summary(state, self._today)}.",), stopped=True)
            if state.task == CANCEL and WISHES.undecided.search(turn.text):
                return Reply(state, (LET_US_KNOW,), stopped=True)
        if turn.asked == "confirmed" or turn.last_question in (COMPLAINT_QUESTION, STOP_QUESTION):
            answered = plain_answer(turn.text) or begins_with_answer(turn.text)  # whatever it was taken for
            turn = replace(turn, intent=answered, sure=True) if answered else turn
        if turn.asked == "confirmed" and state.task == CANCEL and turn.intent != "affirm":
            kept = keeps_table(turn.text)
            answered = "deny" if kept else "affirm" if agrees_to_cancel(turn.text) else None
            turn = replace(turn, intent=answered, sure=True) if answered else turn
        changes = state.task == CHANGE and turn.last_question.endswith(CHANGE_QUESTION)
        if turn.asked == "confirmed" and changes and WISHES.agrees_to_change.fullmatch(turn.text):
            turn = replace(turn, intent="affirm", sure=True)
        if turn.asked and (other := self._finder.another(state, turn.text)):
            return self._ask(other, [])
        state = self._other_task(state, turn)
        heard = listen(turn, state, self._now)
        state, say = self._with_notes(state, turn)
        if turn.asked:
            reply = self._beside_the_question(state, turn, heard, bool(say))
            if reply is not None:
                return reply
        if state.task != BOOK and state.booking_id is None:
            found = self._finder.find(state, turn, heard)
            if isinstance(found, Reply):
                return found
            if found.task != CHANGE or turn.asked:
                return self._ask(found, [])
            # what shall be another may have been said already
            state, heard, say = found, listen(turn, found, self._now), list[str]()
        return self._fill(state, turn, heard, say)

    def _way_out(self, turn: Turn, reply: Reply) -> Reply:
        """Name the telephone before the same is said a third time in a row, and leave it at that afterwards."""
        offer, words = OR_CALL.format(phone=self._phone), " ".join(reply.say)
        if not reply.ask or not words:
            return reply
        same = len(list(takewhile(lambda said: said.replace(f"{offer} ", "") == words, reversed(turn.replies))))
        if same < _SAME_AGAIN:
            return reply
        if any(offer in said for said in turn.replies[-same:]):
            return Reply(reply.state, (NO_FURTHER.format(phone=self._phone),), stopped=True)
        return replace(reply, say=(*reply.say[:-1], offer, reply.say[-1]))

    def _other_task(self, state: BookingState, turn: Turn) -> BookingState:
        """Turn canceling into changing, or the other way round, where the guest says so; both ask before acting."""
        if not turn.asked or state.booking_id is None:
            return state
        if state.task == CANCEL and turn.intent != "stop" and not keeps_table(turn.text):
            moves = (
                turn.intent == "change_booking"
                or WISHES.move_words.search(turn.text)
                or WISHES.change_words.search(turn.text)
            )
            if moves and (WISHES.not_cancel.search(turn.text) or "cancel" not in turn.text.lower()):
                return state.with_(task=CHANGE)
        if state.task == CHANGE and turn.intent == "cancel_booking" and not WISHES.not_cancel.search(turn.text):
            return opened(state.with_(task=CANCEL, notes=None), state.booking_id, self._book.get(state.booking_id))
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
        asks = is_question(turn.text) and turn.intent in INTERRUPTING and not asks_for_a_wish(turn.text)
        if state.task not in (BOOK, CHANGE) or asks:
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
        if (seatings := self._seatings(state, turn, WISHES.asks_for_times, WISHES.asks_for_room)) and not heard.times:
            return self._ask(state, [seatings])
        if WISHES.waits.search(turn.text) and not heard and not plain_answer(turn.text):
            return self._ask(state, ["Of course, take your time."])
        another = any(
            words.search(turn.text) for words in LATER_OR_ANOTHER.values()
        )  # "you've nothing earlier, have you"
        if (
            turn.intent == "ask_bookings"
            and not another
            and (not heard or (is_question(turn.text) and not WISHES.revises.search(turn.text)))
        ):
            return self._ask(state, [so_far(state, self._today, turn.text)])
        if state.task == BOOK and WISHES.start_over.search(turn.text) and not heard:
            return self._ask(BookingState(task=BOOK, notes=state.notes), ["All right, from the beginning."])
        if asks_something(turn.text) and (weekday := weekday_asked(turn.text, self._now, state.day)):
            return self._ask(state, [weekday])
        says_again = WISHES.tag.search(turn.text) and not WISHES.revises.search(turn.text)
        if says_again and heard:  # "that's the third, isn't it"
            return self._ask(state, [confirmed_or_told(state, heard, self._today)])
        if WISHES.only_a_detail.search(turn.text) and not noted and not heard:
            return self._ask(state, [NO_CHANGE])
        if turn.intent == "complaint" and not turn.sure:
            return None if heard or noted else Reply(state, (COMPLAINT_QUESTION,), ask=turn.asked)
        if not noted and self._is_interruption(turn, heard, state.name):
            return Reply(state, rejected=True, ask=turn.asked)
        gives_up = turn.intent in ("stop", "goodbye") or (turn.intent == "cancel_booking" and state.task != CANCEL)
        said = heard.day or heard.times or heard.party_size or (heard.name and not WISHES.gives_up.search(turn.text))
        if gives_up and not noted and not said and (turn.sure or not heard.name):  # "never mind" is no name
            return Reply(state, stopped=True) if turn.sure else Reply(state, (STOP_QUESTION,), ask=turn.asked)
        return None

    def ask_again(self, state: BookingState, misunderstood: Turn | None = None) -> Reply:
        """Repeat the open question, after somebody else has answered an interruption, or said it was not understood."""
        reply = self._ask(state, [])
        if misunderstood is None:
            return reply
        whole = self._way_out(misunderstood, replace(reply, say=(NOT_UNDERSTOOD, *reply.say)))
        return replace(whole, say=tuple(each for each in whole.say if each != NOT_UNDERSTOOD))

    def full_house(self, request: Request, instead_of: int | None = None) -> str:
        """Say that there is no room then, and when there is."""
        return self._values.full_house(request, instead_of)

    def _is_interruption(self, turn: Turn, heard: Heard, name: str | None) -> bool:
        corrected = heard.name is not None and name is not None and sounds_like(heard.name, name)
        renamed = corrected or (heard.name is not None and re.search(r"\b(?:under|name)\b", turn.text, re.I))
        if turn.intent not in INTERRUPTING or renamed:
            return False
        if turn.intent in NEVER_AN_ANSWER or turn.intent == "complaint":
            return True
        if (
            turn.asked == "time"
            and turn.intent in ("nlu_fallback", "out_of_scope")
            and WISHES.leaves_open.search(turn.text)
        ):
            return False
        # a classifier that misses must not make the form deaf: "Marta" may look like a greeting
        return not heard

    # --- filling in what was said -------------------------------------------------------------------------------

    def _fill(self, state: BookingState, turn: Turn, heard: Heard, say: list[str]) -> Reply:
        before, refused, replaced, noted = state, None, None, bool(say)
        if state.task != CANCEL:
            heard = self._values.which_number(state, turn, heard)
            state, refused = self._values.take(state, heard, say)
            replaced = acknowledge(before, state, self._today, heard.replaced[1] if heard.replaced else None)
            say[:0] = [replaced] if replaced else []
            state = vaguely_changed(state, turn, heard, self._now) if state == before else state
        if state == before and (noted or not say):
            answered = self._yes_or_no(state, turn, heard)
            if answered is not None:
                return answered if not noted else Reply(answered.state, (*say, *answered.say), answered.ask)
        if state.task == CANCEL:
            return self._ask(state, [NOT_UNDERSTOOD] if turn.asked else [])
        known = state.party_size is not None and state.time is not None
        unclear = unclear_number(state, turn, heard) if state == before and not say else None
        if unclear is not None and (known or TAKES_BACK.search(turn.text)):
            return Reply(state, (people_or_time(unclear),), ask=turn.asked)
        aside = PEOPLE_OR_TIME_ASKED.search(turn.last_question) is not None  # dropped when it is not answered
        unheard = not heard or (heard.edge and state.time is None)
        if unheard and turn.asked and not noted and state == before and not aside:
            say.append(
                self._seatings(state, turn, WISHES.leaves_open)
                or (NO_CHANGE if WISHES.same.search(turn.text) else NOT_UNDERSTOOD)
            )
        state = self._values.with_room(state, say)
        new = understood(before, state, self._today) or repeated(before, state, heard, self._today)
        new = None if len(say) > noted + bool(replaced) else new
        reply = self._ask(state, [*say, *([new] if new else [])], first=refused)
        return reply if reply.ask != "confirmed" or not new else self._ask(state, say, first=refused)

    def _seatings(self, state: BookingState, turn: Turn, *words: re.Pattern[str]) -> str | None:
        """Say when tables begin to somebody who asks or leaves the time open: "any time in the afternoon"."""
        if turn.asked != "time" or state.day is None or not any(each.search(turn.text) for each in words):
            return None
        return times_offered(turn) or f"We seat guests {say_openings(self._restaurant.seatings(state.day))}."

    def _yes_or_no(self, state: BookingState, turn: Turn, heard: Heard) -> Reply | None:
        """React to words that gave no new value."""
        if turn.asked != "confirmed":
            offered = days_and_times(turn.answered, self._now)[0] if OTHER_DAY in turn.answered else []
            if turn.asked == "date" and turn.intent == "affirm" and offered:  # "We are open again on …" - "Fine."
                return self._fill(state, turn, Heard(day=Day(max(offered))), [])
            if turn.intent == "deny":
                return self._ask(state, ["If you'd rather not go on, just say stop."])
            return None
        agreed = turn.sure and (turn.intent == "affirm" or (state.task == CANCEL and turn.intent == "cancel_booking"))
        if agreed and (turn.last_question == WHAT_TO_CHANGE or (state.task == CHANGE and self._unchanged(state))):
            return Reply(state, (WHAT_TO_CHANGE,), ask="confirmed")  # "What would you like to change?" - "Yes."
        if agreed:
            return Reply(state.with_(confirmed=True))
        part = next((slot for slot, words in PART_NAMES.items() if re.search(words, turn.text.lower())), None)
        if part and is_question(turn.text) and not WISHES.change_words.search(turn.text.lower()):
            return self._ask(state, [so_far(state, self._today)])  # "what's the date on Thursday"
        if part and state.task != CANCEL:
            return self._ask(state.with_(**{part: None}), [])
        unclear = unclear_number(state, turn, heard)
        if unclear is not None and state.task != CANCEL:
            return Reply(state, (people_or_time(unclear),), ask="confirmed")
        if turn.intent == "deny":
            if state.task == CANCEL or turn.last_question == WHAT_TO_CHANGE:
                return Reply(state, stopped=True)
            return Reply(state, (WHAT_TO_CHANGE,), ask="confirmed")
        return None

    def _ask(self, state: BookingState, say: list[str], first: str | None = None) -> Reply:
        """Ask for the first thing that is missing, or for ``first``."""
        if state.task != BOOK and state.booking_id is None:
            return self._finder.ask(state, say)
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
            return state == opened(state.with_(notes=None), state.booking_id, self._book.get(state.booking_id))
        except UnknownBooking:  # canceled in another conversation meanwhile; saving will say so
            return False
