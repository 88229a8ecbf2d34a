"""The bot's action server as the tests see it: a fixed Tuesday afternoon, a restaurant.yml and an empty book."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

BOT = Path(__file__).resolve().parents[2] / "bot"
if str(BOT) not in sys.path:
    sys.path.insert(0, str(BOT))  # as `rasa run actions` does by running in that folder

from actions.house import settings  # noqa: E402  # needs the path above
from actions.house.bookings import BookingBook  # noqa: E402  # as above
from actions.house.database import Database  # noqa: E402  # as above
from actions.house.restaurant import Restaurant, load  # noqa: E402  # as above

NOW = dt.datetime(2026, 11, 24, 15, 0)  # a Tuesday


@pytest.fixture
def now() -> dt.datetime:
    """The moment at which every test of the bot happens."""
    return NOW


@pytest.fixture(scope="session")
def restaurant() -> Restaurant:
    """The restaurant that comes with the bot."""
    return load(BOT / "restaurant.yml")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite file."""
    database = Database(tmp_path / "bookings.db")
    yield database
    database.close()


@pytest.fixture
def book(database: Database, restaurant: Restaurant) -> BookingBook:
    """An empty booking book."""
    return BookingBook(database, restaurant)


@pytest.fixture
def action_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The environment of an action server with its own database, whose path is given."""
    path = tmp_path / "server.db"
    monkeypatch.setenv("RESTAURANT_DB", str(path))
    monkeypatch.setenv("RESTAURANT_NOW", NOW.isoformat())
    monkeypatch.delenv("RESTAURANT_FILE", raising=False)
    yield path
    settings.database().close()
