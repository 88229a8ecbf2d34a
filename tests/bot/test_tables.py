"""Tables of words, as a restaurant edits them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from actions.tables import Tables, any_of

TABLES = """
nuts: [tree nut, berry, wing]
drinks:
  wine: [house wine, wine]
  beer: [beer, pint]
"""


@pytest.mark.parametrize("said", ["tree nut", "tree-nuts", "treenuts", "berries", "berry", "wings"])
def test_plurals_hyphens_and_gaps_are_understood(said: str) -> None:
    assert re.fullmatch(any_of(["tree nut", "berry", "wing"]), said)


@pytest.mark.parametrize("said", ["tree", "nut", "winged", "berryes"])
def test_other_words_are_not(said: str) -> None:
    assert not re.fullmatch(any_of(["tree nut", "berry", "wing"]), said)


def test_a_table_finds_words_and_groups(tmp_path: Path) -> None:
    path = tmp_path / "words.yml"
    path.write_text(TABLES)
    tables = Tables(path)
    assert tables.pattern("nuts").search("no tree nuts please")
    assert not tables.pattern("nuts").search("no wingspan")
    assert tables.group_in("drinks", "a pint of something") == "beer"
    assert tables.group_in("drinks", "a glass of the house wine") == "wine"
    assert tables.group_in("drinks", "water") is None
    assert tables.words("drinks") == {"house wine", "wine", "beer", "pint"}
