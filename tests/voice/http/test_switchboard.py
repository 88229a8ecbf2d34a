"""What is forgotten of callers without a name, with Rasa's own stores."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, List, Optional

import pytest
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from convai_rasa.voice.channel import VoiceOutput
from convai_rasa.voice.dialogue import RasaBot
from convai_rasa.voice.http.switchboard import Strangers

pytestmark = pytest.mark.rasa


def bot_with(store: TrackerStore) -> RasaBot:
    agent: Any = SimpleNamespace(processor=SimpleNamespace(tracker_store=store))
    return RasaBot("voice", lambda message: pytest.fail("nobody speaks"), VoiceOutput, lambda: agent)


def test_the_latest_are_kept_and_the_oldest_go_first() -> None:
    forgotten: List[str] = []
    strangers = Strangers(forgotten.append, kept=2)
    for name in "abcd":
        strangers.left(name)
    assert forgotten == ["a", "b"]


def test_one_who_comes_back_under_the_name_they_were_given_is_kept() -> None:
    forgotten: List[str] = []
    strangers = Strangers(forgotten.append, kept=2)
    for name in "ab":
        strangers.left(name)
    strangers.came_back("a")
    for name in "cd":
        strangers.left(name)
    assert forgotten == ["b"]


@pytest.mark.parametrize("kind", [None, "SQL"])
async def test_rasas_memory_forgets_and_a_database_does_not(kind: Optional[str], tmp_path: Path) -> None:
    endpoint = EndpointConfig(type=kind, dialect="sqlite", db=str(tmp_path / "rasa.db")) if kind else None
    store = TrackerStore.create(endpoint, Domain.empty())
    for name in ("ann", "bob"):
        tracker = DialogueStateTracker.from_events(name, [UserUttered("hello")])
        await store.save(tracker)
    bot_with(store).forget("ann")
    bot_with(store).forget("nobody")
    assert set(await store.keys()) == ({"bob"} if kind is None else {"ann", "bob"})
