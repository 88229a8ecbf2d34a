"""What a stranger sends is bounded, and docs/protocol.md says by how much."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from convai_rasa.errors import ProtocolError
from convai_rasa.voice import limits

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
# Bounds that nobody meets who sends what a message may hold.
INNER = {"MAX_TYPE", "MAX_PLAYED_MS", "FORM_OVERHEAD_BYTES"}
STATED = [name for name in vars(limits) if name.isupper() and not name.startswith("_") and name not in INNER]


@pytest.mark.parametrize("name", STATED)
def test_the_page_states_every_limit(name: str) -> None:
    rows = PAGE[PAGE.index("## Limits") :]
    assert f"{getattr(limits, name):,.0f}" in rows


@pytest.mark.parametrize("value", ["\ud800", "a\x00", "\x1b[31m", "\x85", float("nan"), float("-inf"), {"\udc00": 1}])
def test_what_no_honest_client_sends_is_refused_however_deep(value: Any) -> None:
    for wrapped in (value, [value], {"a": [{"b": value}]}):
        with pytest.raises(ProtocolError):
            limits.check_values(wrapped)


@pytest.mark.parametrize(
    "value", ["a table\tfor\r\ntwo", "日本語 👍🏽 é", 1e300, 10**40, None, True, {}, [[[["deep"]]]]]
)
def test_what_people_say_and_programs_need_passes(value: Any) -> None:
    limits.check_values(value)


def test_nesting_is_followed_no_deeper_than_allowed() -> None:
    deep: Any = 0
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ProtocolError, match="nested 8 deep"):
        limits.check_values(deep)
