"""The booking book: who sits when, and whether there is room."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from .database import Booking, Database, local_moment
from .restaurant import BookingRules, Restaurant

SLOT_MINUTES = 15  # other times are proposed on quarters of an hour


class NoRoom(Exception):
    """The seats that are still free at that time are fewer than the party."""


class UnknownBooking(Exception):
    """The booking does not exist any more."""


@dataclass(frozen=True)
class Request:
    """A table somebody wants; ``note`` is what the staff should know, such as allergies."""

    name: str
    day: dt.date
    time: dt.time
    party_size: int
    note: str = ""

    @property
    def notes(self) -> list[str]:
        """The single notes."""
        return self.note.split(", ") if self.note else []


class BookingBook:
    """All bookings of one restaurant; every method is one transaction."""

    def __init__(self, database: Database, restaurant: Restaurant) -> None:
        self._database = database
        self._restaurant = restaurant

    def book(self, request: Request, *, conversation: str, now: dt.datetime) -> int:
        """Write a booking down and return its id.

        Raises:
            NoRoom: too few seats are free at that time.
        """
        with self._database.transaction() as session:
            self._require_room(session, request, instead_of=None)
            booking = Booking(
                conversation=conversation,
                name=request.name,
                day=request.day,
                time=request.time,
                party_size=request.party_size,
                note=request.note or None,
                created_at=now,
            )
            session.add(booking)
            session.flush()
            return int(booking.id)

    def change(self, booking_id: int, request: Request) -> None:
        """Give an existing booking a new time, size or name.

        Raises:
            NoRoom: too few seats are free at the new time.
            UnknownBooking: it was canceled meanwhile.
        """
        with self._database.transaction() as session:
            booking = _live(session, booking_id)
            self._require_room(session, request, instead_of=booking_id)
            booking.name, booking.party_size = request.name, request.party_size
            booking.day, booking.time = request.day, request.time
            booking.note = request.note or None

    def cancel(self, booking_id: int, *, now: dt.datetime) -> None:
        """Free the seats of a booking.

        Raises:
            UnknownBooking: it was canceled already.
        """
        with self._database.transaction() as session:
            _live(session, booking_id).cancelled_at = now

    def canceled(self, *, day: dt.date, time: dt.time, name: str) -> Request | None:
        """Return what the booking said that was canceled last of those at a moment under a name."""
        query = select(Booking).where(Booking.cancelled_at.is_not(None), Booking.day == day, Booking.time == time)
        with self._database.transaction() as session:
            found = session.execute(query.order_by(Booking.cancelled_at.desc())).scalars().all()
            return next((_request(one) for one in found if _same_name(one.name, name)), None)

    def get(self, booking_id: int) -> Request:
        """Return what a booking says.

        Raises:
            UnknownBooking: it does not exist or was canceled.
        """
        with self._database.transaction() as session:
            return _request(_live(session, booking_id))

    def upcoming(
        self, *, now: dt.datetime, conversation: str | None = None, name: str | None = None,
        day: dt.date | None = None,
    ) -> list[tuple[int, Request]]:  # fmt: skip
        """Return the bookings still to come that match everything given, the earliest first."""
        query = select(Booking).where(Booking.cancelled_at.is_(None), Booking.day >= now.date())
        if conversation is not None:
            query = query.where(Booking.conversation == conversation)
        if day is not None:
            query = query.where(Booking.day == day)
        with self._database.transaction() as session:
            found = session.execute(query.order_by(Booking.day, Booking.time)).scalars().all()
            return [
                (int(booking.id), _request(booking))
                for booking in found
                if local_moment(booking.day, booking.time) >= now and (name is None or _same_name(booking.name, name))
            ]

    def has_room(self, request: Request, *, instead_of: int | None = None) -> bool:
        """Say whether the party can be seated then, ``instead_of`` being the booking it would replace."""
        with self._database.transaction() as session:
            return _free_seats(session, request, self._restaurant.booking, instead_of) >= request.party_size

    def nearest_times(self, request: Request, *, now: dt.datetime, instead_of: int | None = None) -> list[dt.time]:
        """Return up to two times of the same day with room, the nearest to the one wanted, in order of the day."""
        wanted = local_moment(request.day, request.time)
        free = []
        with self._database.transaction() as session:
            for stretch in self._restaurant.seatings(request.day):
                moment = local_moment(request.day, stretch.start)
                while moment <= local_moment(request.day, stretch.end):
                    other = Request(request.name, request.day, moment.time(), request.party_size)
                    room = _free_seats(session, other, self._restaurant.booking, instead_of)
                    if moment > now and room >= request.party_size:
                        free.append(moment)
                    moment += dt.timedelta(minutes=SLOT_MINUTES)
        nearest = sorted(free, key=lambda moment: abs(moment - wanted))[:2]
        return [moment.time() for moment in sorted(nearest)]

    def _require_room(self, session: Session, request: Request, instead_of: int | None) -> None:
        if _free_seats(session, request, self._restaurant.booking, instead_of) < request.party_size:
            raise NoRoom


def _free_seats(session: Session, request: Request, rules: BookingRules, instead_of: int | None) -> int:
    """Return the fewest seats free at any moment of the party's stay.

    The number of guests only rises when a party arrives, so it is enough to count at the party's own arrival and
    at each arrival during its stay.
    """
    stay = dt.timedelta(minutes=rules.table_minutes)
    start = local_moment(request.day, request.time)
    query = select(Booking).where(
        Booking.cancelled_at.is_(None),
        Booking.day.between(request.day - dt.timedelta(days=1), request.day + dt.timedelta(days=1)),
    )
    others = [
        (local_moment(other.day, other.time), int(other.party_size))
        for other in session.execute(query).scalars()
        if other.id != instead_of
    ]
    arrivals = [start] + [arrival for arrival, _ in others if start <= arrival < start + stay]
    busiest = max(sum(size for arrival, size in others if arrival <= moment < arrival + stay) for moment in arrivals)
    return rules.seats - busiest


def _live(session: Session, booking_id: int) -> Booking:
    booking = session.get(Booking, booking_id)
    if booking is None or booking.cancelled_at is not None:
        raise UnknownBooking
    return booking


def _request(booking: Booking) -> Request:
    return Request(str(booking.name), booking.day, booking.time, int(booking.party_size), str(booking.note or ""))


def _same_name(one: str, other: str) -> bool:
    """Compare names as heard: case does not matter, and either may be only a part of the full name."""
    first, second = set(one.casefold().split()), set(other.casefold().split())
    return bool(first and second) and (first <= second or second <= first)
