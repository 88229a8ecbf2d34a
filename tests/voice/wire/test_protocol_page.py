"""docs/protocol.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from convai_rasa.voice.wire import messages as m

PAGE = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text(encoding="utf-8")
ROWS = {
    row[1]: re.findall(r"`([\w.]+)`", row[2]) for row in re.finditer(r"^\| `([\w.]+)` \|([^|]*)\|", PAGE, re.MULTILINE)
}
MESSAGES = [*get_args(m.ClientMessage), *get_args(m.ServerMessage)]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.type)
def test_every_message_is_described_with_all_its_keys(message: Any) -> None:
    assert ROWS[message.type] == list(message.__fields__)


def test_nothing_else_is_described() -> None:
    assert set(ROWS) - {"type"} == {message.type for message in MESSAGES}


def test_every_metric_is_described() -> None:
    for name in m.TurnMetrics.__fields__:
        assert f"`{name}`" in PAGE
