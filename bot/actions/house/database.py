"""The tables in SQLite and the transactions on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Date, DateTime, Float, Integer, String, Time, create_engine, event
from sqlalchemy.orm import Session, declarative_base, sessionmaker

Base = declarative_base()
BUSY_SECONDS = 10  # how long a booking waits for another one to finish writing


class Booking(Base):  # type: ignore[misc,valid-type]  # SQLAlchemy 1.4's base class is made at run time
    """A table that somebody has booked; cancelled ones stay, with ``cancelled_at`` set."""

    __tablename__ = "bookings"

    id = Column(Integer, primary_key=True)
    conversation = Column(String, nullable=False, index=True)
    name = Column(String, nullable=False)
    day = Column(Date, nullable=False, index=True)
    time = Column(Time, nullable=False)
    party_size = Column(Integer, nullable=False)
    note = Column(String)  # allergies and wishes, "nut allergy, high chair"
    created_at = Column(DateTime, nullable=False)
    cancelled_at = Column(DateTime)


class Callback(Base):  # type: ignore[misc,valid-type]  # as above
    """A complaint handed over to the staff, who call back and then set ``done_at``."""

    __tablename__ = "callbacks"

    id = Column(Integer, primary_key=True)
    conversation = Column(String, nullable=False, index=True)
    message = Column(String, nullable=False)
    sentiment = Column(String)
    sentiment_score = Column(Float)
    name = Column(String)
    phone = Column(String)
    created_at = Column(DateTime, nullable=False)
    done_at = Column(DateTime)


class Database:
    """One SQLite file.

    Args:
        path: the file, created with its tables when it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_SECONDS}, future=True)
        event.listen(self.engine, "connect", _let_us_begin)
        event.listen(self.engine, "begin", _begin_immediate)
        Base.metadata.create_all(self.engine)
        self._add_missing_columns()
        self._session = sessionmaker(self.engine, expire_on_commit=False, future=True)

    def _add_missing_columns(self) -> None:
        """Give a file written by an earlier version the columns that came since."""
        with self.engine.begin() as connection:
            for table in Base.metadata.tables.values():
                present = {row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table.name})")}
                for column in table.columns:
                    if column.name not in present:
                        kind = column.type.compile(self.engine.dialect)
                        connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}")

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session that sees no other writer until the block ends, then commit (or undo on an error)."""
        with self._session.begin() as session:
            yield session

    def close(self) -> None:
        """Close the connections to the file."""
        self.engine.dispose()


def _let_us_begin(connection: Any, _record: Any) -> None:
    # The sqlite3 module opens a transaction only at the first write, so two bookings could both count the free
    # seats before either writes. SQLAlchemy's recipe: switch that off and issue BEGIN ourselves.
    connection.isolation_level = None


def _begin_immediate(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def local_moment(day: dt.date, time: dt.time) -> dt.datetime:
    """Join a day and a time of the restaurant's clock."""
    return dt.datetime.combine(day, time)
