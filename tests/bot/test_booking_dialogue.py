"""Conversations about a booking, turn by turn, without Rasa."""

from __future__ import annotations

import datetime as dt

import pytest
from actions.booking_dialogue import WHAT_TO_CHANGE, BookingDialogue
from actions.booking_state import CANCEL, CHANGE, BookingState, Reply, Turn
from actions.bookings import BookingBook, Request
from actions.restaurant import Restaurant


class Caller:
    """A guest on the phone: says things, and remembers what the form knows and asked last."""

    def __init__(self, dialogue: BookingDialogue) -> None:
        self.dialogue = dialogue
        self.reply = Reply(BookingState())

    def says(self, text: str, intent: str = "inform") -> Reply:
        last = self.reply.say[-1] if self.reply.say else ""
        self.reply = self.dialogue.take(self.reply.state, Turn(text, intent, self.reply.ask, (), last))
        return self.reply


@pytest.fixture
def caller(restaurant: Restaurant, book: BookingBook, now: dt.datetime) -> Caller:
    return Caller(BookingDialogue(restaurant, book, now, "this caller", restaurant.phone))


def test_one_sentence_is_enough(caller: Caller) -> None:
    reply = caller.says("a table for four tomorrow at eight under the name of Marta", "book_table")
    state = reply.state
    assert (state.date, state.time, state.party_size, state.name) == ("2026-11-25", "20:00", 4, "Marta")
    assert reply.ask == "confirmed"
    for fact in ("4 people", "tomorrow, Wednesday the 25th of November", "8 in the evening", "Marta"):
        assert fact in reply.say[-1]
    assert caller.says("yes", "affirm").state.confirmed is True


def test_step_by_step_with_naked_answers(caller: Caller) -> None:
    assert caller.says("a table please", "book_table").ask == "date"
    assert caller.says("the twenty sixth").ask == "time"
    assert caller.says("eight").ask == "party_size"
    assert caller.says("two", "affirm").ask == "name"
    reply = caller.says("marta", "greet")  # the classifier missed; the form does not
    assert reply.ask == "confirmed"
    assert reply.state.as_slots() == {
        "task": "book",
        "date": "2026-11-26",
        "time": "20:00",
        "party_size": 2,
        "name": "Marta",
        "booking_id": None,
        "confirmed": None,
    }


@pytest.mark.parametrize(
    ("said", "asked", "facts"),
    [
        ("monday at eight for two", "date", ["closed on Monday", "Tuesday the 1st of December"]),
        ("yesterday for two", "date", ["already passed"]),
        ("february 30th", "date", ["isn't in the calendar"]),
        ("in six months", "date", ["too far ahead", "90 days"]),
        ("christmas day", "date", ["closed"]),
        ("tomorrow at four in the afternoon", "time", ["no tables at 4", "from noon to 1:30", "from 6 to 9:30"]),
        ("today at noon", "time", ["already passed"]),
        ("tomorrow for twelve people", "party_size", ["call us on 555 0142", "up to 8"]),
    ],
)
def test_what_is_impossible_is_explained(caller: Caller, said: str, asked: str, facts: list[str]) -> None:
    reply = caller.says(said, "book_table")
    assert reply.ask == asked
    for fact in facts:
        assert fact in " ".join(reply.say)


def test_a_full_house_proposes_other_times(
    caller: Caller, book: BookingBook, restaurant: Restaurant, now: dt.datetime
) -> None:
    for number in range(restaurant.booking.seats // 8):
        book.book(Request("Group", dt.date(2026, 11, 28), dt.time(20), 8), conversation=str(number), now=now)
    reply = caller.says("a table for two on saturday at eight under the name of Marta", "book_table")
    assert reply.ask == "time"
    assert "full at 8 in the evening" in reply.say[0]
    assert "6 in the evening or 10 in the evening" in reply.say[0]
    assert caller.says("at ten then").ask == "confirmed"


def test_no_to_the_summary_changes_one_part(caller: Caller) -> None:
    caller.says("a table for four tomorrow at eight under the name of Marta", "book_table")
    assert caller.says("no", "deny").say == (WHAT_TO_CHANGE,)
    assert caller.says("the time").ask == "time"
    assert caller.says("half past seven").state.time == "19:30"
    reply = caller.says("yes but make it five people", "affirm")
    assert (reply.state.party_size, reply.state.confirmed) == (5, None)
    assert caller.says("yes", "affirm").state.confirmed is True


def test_a_number_that_may_be_guests_or_a_time_is_asked_about(caller: Caller) -> None:
    caller.says("a table for four tomorrow at eight under the name of Marta", "book_table")
    assert "5 people, or 5 o'clock" in caller.says("make it five").say[-1]
    assert caller.says("five people").state.party_size == 5


def test_no_twice_gives_up(caller: Caller) -> None:
    caller.says("a table for four tomorrow at eight under the name of Marta", "book_table")
    caller.says("no", "deny")
    assert caller.says("no", "deny").stopped


@pytest.mark.parametrize("intent", ["stop", "goodbye", "cancel_booking"])
def test_the_guest_may_stop_at_any_time(caller: Caller, intent: str) -> None:
    caller.says("a table please", "book_table")
    assert caller.says("leave it", intent).stopped


@pytest.mark.parametrize("intent", ["ask_hours", "ask_menu", "complaint", "repeat", "out_of_scope", "nlu_fallback"])
def test_a_question_is_left_to_others_and_then_asked_again(caller: Caller, intent: str) -> None:
    state = caller.says("a table for two", "book_table").state
    assert caller.says("something else entirely", intent).rejected
    assert caller.dialogue.ask_again(state).ask == "date"


def test_hours_of_a_day_are_not_taken_for_the_booking(caller: Caller) -> None:
    caller.says("a table for two", "book_table")
    assert caller.says("are you open on sunday at eight", "ask_hours").rejected


def test_change_a_booking_of_this_conversation(caller: Caller, book: BookingBook, now: dt.datetime) -> None:
    booking = book.book(Request("Marta", dt.date(2026, 11, 27), dt.time(20), 4), conversation="this caller", now=now)
    reply = caller.says("i'd like to change my booking", "change_booking")
    assert "What would you like to change" in reply.say[-1]
    assert caller.says("yes", "affirm").say == (WHAT_TO_CHANGE,)
    reply = caller.says("half past eight")
    assert (reply.state.task, reply.state.booking_id, reply.state.time) == (CHANGE, booking, "20:30")
    assert "Shall I change it" in reply.say[-1]
    assert caller.says("yes", "affirm").state.confirmed is True


def test_make_it_five_after_booking_is_a_change(caller: Caller, book: BookingBook, now: dt.datetime) -> None:
    book.book(Request("Marta", dt.date(2026, 11, 27), dt.time(20), 4), conversation="this caller", now=now)
    reply = caller.says("make it five people")
    assert (reply.state.task, reply.state.party_size) == (CHANGE, 5)


def test_a_strangers_booking_needs_name_and_day(caller: Caller, book: BookingBook, now: dt.datetime) -> None:
    booking = book.book(Request("Anna Bell", dt.date(2026, 11, 27), dt.time(20), 4), conversation="other", now=now)
    assert caller.says("cancel my booking", "cancel_booking").ask == "name"
    reply = caller.says("bell")
    assert reply.ask == "date"
    assert "8" not in " ".join(reply.say)
    reply = caller.says("saturday")
    assert "can't find" in reply.say[0]
    assert caller.says("anna").ask == "date"
    reply = caller.says("friday")
    assert (reply.state.task, reply.state.booking_id, reply.ask) == (CANCEL, booking, "confirmed")
    assert caller.says("yes cancel it", "cancel_booking").state.confirmed is True


def test_two_bookings_of_a_name_on_one_day(caller: Caller, book: BookingBook, now: dt.datetime) -> None:
    lunch = book.book(Request("Anna", dt.date(2026, 11, 27), dt.time(13), 2), conversation="other", now=now)
    book.book(Request("Anna", dt.date(2026, 11, 27), dt.time(20), 2), conversation="other", now=now)
    reply = caller.says("cancel the booking under the name of anna on friday", "cancel_booking")
    assert "1 in the afternoon and 8 in the evening" in reply.say[0]
    assert caller.says("the one at one").state.booking_id == lunch
