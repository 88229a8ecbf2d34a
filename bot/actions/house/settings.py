"""Where the action server finds its restaurant, its booking book and the present moment."""

from __future__ import annotations

import datetime as dt
import os
from functools import cache
from pathlib import Path

from .database import Database
from .restaurant import Restaurant, load

BOT_FOLDER = Path(__file__).resolve().parents[2]


@cache
def _restaurant(path: Path) -> Restaurant:
    return load(path)


@cache
def _database(path: Path) -> Database:
    return Database(path)


def restaurant() -> Restaurant:
    """Return the restaurant described by ``$RESTAURANT_FILE`` (default ``bot/restaurant.yml``), read once."""
    return _restaurant(Path(os.environ.get("RESTAURANT_FILE") or BOT_FOLDER / "restaurant.yml"))


def database() -> Database:
    """Return the database in ``$RESTAURANT_DB`` (default ``bot/bookings.db``), created when it does not exist."""
    return _database(Path(os.environ.get("RESTAURANT_DB") or BOT_FOLDER / "bookings.db"))


def now() -> dt.datetime:
    """Return the restaurant's local time, without time zone.

    ``$RESTAURANT_NOW`` (ISO, for example ``2026-11-24T15:00``) pins it, so that a demonstration or a test gives
    the same answer on every day of the week.
    """
    pinned = os.environ.get("RESTAURANT_NOW")
    if pinned:
        return dt.datetime.fromisoformat(pinned)
    return dt.datetime.now(restaurant().timezone).replace(tzinfo=None)
