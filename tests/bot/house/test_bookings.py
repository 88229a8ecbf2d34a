"""The booking book on a real SQLite file, with two callers at once."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections import Counter
from pathlib import Path

import pytest
from actions.house.bookings import BookingBook, NoRoom, Request, UnknownBooking
from actions.house.database import Database
from actions.house.restaurant import Restaurant

SATURDAY = dt.date(2026, 11, 28)


def table(size: int, time: str = "20:00", name: str = "Marta", day: dt.date = SATURDAY) -> Request:
    return Request(name, day, dt.time.fromisoformat(time), size)


def test_a_booking_is_kept_and_found_again(book: BookingBook, now: dt.datetime) -> None:
    booking = book.book(table(4), conversation="caller", now=now)
    assert book.get(booking) == table(4)
    assert book.upcoming(now=now, conversation="caller") == [(booking, table(4))]
    assert book.upcoming(now=now, name="marta", day=SATURDAY) == [(booking, table(4))]
    assert book.upcoming(now=now, name="Peter") == []
    assert book.upcoming(now=dt.datetime(2026, 11, 29), conversation="caller") == []


def test_part_of_a_name_is_enough_but_not_of_a_word(book: BookingBook, now: dt.datetime) -> None:
    book.book(table(2, name="John Smith"), conversation="caller", now=now)
    assert len(book.upcoming(now=now, name="smith")) == 1
    assert len(book.upcoming(now=now, name="John")) == 1
    assert book.upcoming(now=now, name="Smi") == []


def test_the_house_fills_up_and_empties(book: BookingBook, restaurant: Restaurant, now: dt.datetime) -> None:
    seats = restaurant.booking.seats
    bookings = [book.book(table(8), conversation=str(number), now=now) for number in range(seats // 8)]
    with pytest.raises(NoRoom):
        book.book(table(1), conversation="late", now=now)
    assert not book.has_room(table(1, "18:15"))  # would still sit there at 20:00
    assert book.has_room(table(8, "18:00"))
    assert book.has_room(table(8, "22:00"))
    assert book.nearest_times(table(2), now=now) == [dt.time(18), dt.time(22)]
    book.cancel(bookings[0], now=now)
    assert book.has_room(table(8))


def test_a_party_that_arrives_later_counts(book: BookingBook, restaurant: Restaurant, now: dt.datetime) -> None:
    for number in range(restaurant.booking.seats // 8):
        book.book(table(8, "21:00"), conversation=str(number), now=now)
    assert not book.has_room(table(2, "19:30"))
    assert book.has_room(table(2, "19:00"))


def test_a_change_does_not_compete_with_itself(book: BookingBook, restaurant: Restaurant, now: dt.datetime) -> None:
    bookings = [book.book(table(8), conversation=str(n), now=now) for n in range(restaurant.booking.seats // 8)]
    book.change(bookings[0], table(7, "20:30", "Anna"))
    assert book.get(bookings[0]) == table(7, "20:30", "Anna")
    with pytest.raises(NoRoom):
        book.book(table(2), conversation="late", now=now)


def test_a_cancelled_booking_is_gone(book: BookingBook, now: dt.datetime) -> None:
    booking = book.book(table(4), conversation="caller", now=now)
    book.cancel(booking, now=now)
    assert book.upcoming(now=now) == []
    with pytest.raises(UnknownBooking):
        book.cancel(booking, now=now)
    with pytest.raises(UnknownBooking):
        book.change(booking, table(2))
    with pytest.raises(UnknownBooking):
        book.get(booking)


def test_two_callers_at_once_never_overbook(database: Database, restaurant: Restaurant, now: dt.datetime) -> None:
    """Twelve callers want eight seats each of forty, at the same moment, each with an own connection."""
    start = threading.Barrier(12)
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()

    def call(number: int) -> None:
        own = Database(database.path)
        start.wait()
        try:
            BookingBook(own, restaurant).book(table(8), conversation=str(number), now=now)
            outcome = "booked"
        except NoRoom:
            outcome = "full"
        finally:
            own.close()
        with lock:
            outcomes[outcome] += 1

    callers = [threading.Thread(target=call, args=(number,)) for number in range(12)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert outcomes == {"booked": restaurant.booking.seats // 8, "full": 12 - restaurant.booking.seats // 8}
    assert len(BookingBook(database, restaurant).upcoming(now=now)) == restaurant.booking.seats // 8


def test_a_note_is_kept_and_changed_with_the_booking(book: BookingBook, now: dt.datetime) -> None:
    booking = book.book(Request("Marta", SATURDAY, dt.time(20), 4, "nut allergy"), conversation="caller", now=now)
    assert book.get(booking).note == "nut allergy"
    book.change(booking, Request("Marta", SATURDAY, dt.time(20), 5, "nut allergy, high chair"))
    assert book.get(booking).note == "nut allergy, high chair"


def test_a_file_of_an_earlier_version_gets_the_columns_it_lacks(tmp_path: Path, restaurant: Restaurant) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as old:
        old.execute(
            "create table bookings (id integer primary key, conversation varchar not null, name varchar not null, "
            "day date not null, time time not null, party_size integer not null, created_at datetime not null, "
            "cancelled_at datetime)"
        )
        old.execute(
            "insert into bookings values (1, 'caller', 'Marta', '2026-11-28', '20:00:00.000000', 4, "
            "'2026-11-24 15:00:00.000000', null)"
        )
    database = Database(path)
    assert BookingBook(database, restaurant).get(1) == table(4)
    database.close()
