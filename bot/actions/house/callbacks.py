"""The list of guests whom the staff should call back."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from .database import Callback, Database


class CallbackList:
    """Complaints handed over to people; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, message: str, *, conversation: str, sentiment: str, score: float, name: str | None, now: dt.datetime
    ) -> int:
        """Write a complaint down at once, so that nothing is lost when the guest hangs up, and return its id."""
        with self._database.transaction() as session:
            callback = Callback(
                conversation=conversation,
                message=message,
                sentiment=sentiment,
                sentiment_score=score,
                name=name,
                created_at=now,
            )
            session.add(callback)
            session.flush()
            return int(callback.id)

    def add_contact(self, callback_id: int, *, name: str | None = None, phone: str | None = None) -> None:
        """Add how to reach the guest; what is None stays as it was."""
        with self._database.transaction() as session:
            callback = session.get(Callback, callback_id)
            if callback is None:
                return  # the staff may already have dealt with it and removed the row
            callback.name = name or callback.name
            callback.phone = phone or callback.phone

    def withdraw(self, callback_id: int) -> None:
        """Remove what a guest does not want to be passed on after all."""
        with self._database.transaction() as session:
            callback = session.get(Callback, callback_id)
            if callback is not None and callback.done_at is None:
                session.delete(callback)

    def open(self) -> list[Callback]:
        """Return the complaints nobody has dealt with, the angriest first."""
        query = select(Callback).where(Callback.done_at.is_(None)).order_by(Callback.sentiment_score, Callback.id)
        with self._database.transaction() as session:
            return list(session.execute(query).scalars())
