"""restaurant.yml: what a restaurant may get wrong, and what it is told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml
from actions.house.restaurant import Restaurant, RestaurantFileError, load

BOT = Path(__file__).resolve().parents[3] / "bot"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"hours": {"mittwoch": ["12:00-13:00"]}}, "'mittwoch' is not a day of the week"),
        ({"hours": {"monday": ["18:00-02:00"]}}, "ends before it begins"),
        ({"hours": {"monday": ["noon"]}}, "should look like 18:00-22:30"),
        ({"timezone": "Atlantis"}, "'Atlantis' is not a time zone"),
        ({"menu": {"mains": [{"name": "pie", "price": 1, "allergens": ["wheat"]}]}}, "'wheat' is not one of gluten"),
        ({"phone": None}, "lacks the key 'phone'"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, change: dict[str, object], told: str) -> None:
    raw = yaml.safe_load((BOT / "restaurant.yml").read_text(encoding="utf-8")) | change
    raw = {key: value for key, value in raw.items() if value is not None}
    path = tmp_path / "restaurant.yml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(RestaurantFileError, match=told):
        load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RestaurantFileError, match="cannot be read"):
        load(tmp_path / "nowhere.yml")


def test_tables_are_given_until_an_hour_before_closing(restaurant: Restaurant) -> None:
    friday = dt.date(2026, 11, 27)
    assert restaurant.seats_at(friday, dt.time(22, 0))
    assert not restaurant.seats_at(friday, dt.time(22, 15))
    assert not restaurant.seats_at(friday, dt.time(16, 0))
    assert restaurant.openings(dt.date(2026, 11, 30)) == ()
    assert restaurant.openings(dt.date(2026, 12, 25)) == ()
