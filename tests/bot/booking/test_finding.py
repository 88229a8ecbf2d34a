"""Which of several bookings is meant, and what becomes of one that is doubted or canceled by mistake."""

from __future__ import annotations

import datetime as dt

import pytest
from actions.booking.dialogue import BookingDialogue
from actions.booking.state import Reply
from actions.house.bookings import BookingBook, Request
from actions.house.restaurant import Restaurant

from .test_dialogue import Caller

FRIDAY, SATURDAY, DECEMBER = dt.date(2026, 11, 27), dt.date(2026, 11, 28), dt.date(2026, 12, 5)


@pytest.fixture
def caller(restaurant: Restaurant, book: BookingBook, now: dt.datetime) -> Caller:
    for day, time, people in ((FRIDAY, 19, 2), (SATURDAY, 20, 6), (DECEMBER, 13, 4)):
        book.book(Request("Marsh", day, dt.time(time), people), conversation="this caller", now=now)
    return Caller(BookingDialogue(restaurant, book, now, "this caller", restaurant.phone))


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("cancel the big one please", SATURDAY),
        ("please cancel the table for two", FRIDAY),
        ("cancel the one in december", DECEMBER),
        ("i want to cancel the last one", DECEMBER),
        ("keep the friday one and the december one and cancel the rest", SATURDAY),
        ("cancel the saturday", SATURDAY),
        ("the friday one can go but not the others", FRIDAY),
    ],
)
def test_one_of_several_bookings_is_named(caller: Caller, said: str, day: dt.date) -> None:
    reply = caller.says(said, "cancel_booking")
    assert (reply.state.day, reply.ask) == (day, "confirmed")


def test_several_bookings_are_told_where_none_is_named(caller: Caller) -> None:
    reply = caller.says("i need to cancel a table", "cancel_booking")
    assert "2 people" in reply.say[0]
    assert "6 people" in reply.say[0]
    assert reply.say[-1] == "Which one do you mean?"
    assert caller.says("the one on saturday").state.day == SATURDAY
    assert caller.says("no not that one the friday one", "deny").state.day == FRIDAY


@pytest.mark.parametrize(
    "said",
    ["we might have to cancel friday", "there's a chance we won't come on friday", "i'm not sure yet if we can come"],
)
def test_a_doubtful_cancellation_cancels_nothing(caller: Caller, said: str) -> None:
    reply = caller.says(said, "cancel_booking")
    assert reply == Reply(reply.state, ("Just let us know once you are sure.",), stopped=True)


@pytest.mark.parametrize(
    ("said", "confirmed"),
    [
        ("ok i'll let you know", None),
        ("yes maybe later", None),
        ("ok we'll think about it", None),
        ("yes please take it off", True),
        ("ok go ahead", True),
    ],
)
def test_only_an_agreement_cancels(caller: Caller, said: str, confirmed: bool | None) -> None:
    caller.says("cancel the friday one", "cancel_booking")
    assert caller.says(said, "nlu_fallback").state.confirmed is confirmed


def test_what_was_canceled_by_mistake_can_be_had_again(caller: Caller, book: BookingBook, now: dt.datetime) -> None:
    name = caller.says("cancel the friday one", "cancel_booking").state.name
    book.cancel(caller.reply.state.booking_id or 0, now=now)
    told = "I've canceled your table, Friday the 27th of November, at 7 in the evening. Thank you for telling us."
    caller.replies.append(told)
    caller.reply = Reply(caller.reply.state.__class__(name=name))
    reply = caller.says("oh no i didn't mean that can you undo it", "change_booking")
    assert (reply.state.task, reply.state.day, reply.state.party_size) == ("book", FRIDAY, 2)
    assert reply.ask == "confirmed"
