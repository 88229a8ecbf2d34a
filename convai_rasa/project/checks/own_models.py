"""Folders that a user brings instead of a model of the catalog: is each what its component takes?"""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Mapping, Optional

from convai_rasa.asr import check_whisper
from convai_rasa.errors import ConvaiError
from convai_rasa.nlu.encoder import read_config
from convai_rasa.nlu.entities import check_pipeline
from convai_rasa.project.change import ENTITIES, INTENTS, SENTIMENT, short
from convai_rasa.store import check_files, kind_of
from convai_rasa.tts import check_exported

RECOGNISER, VOICE = "Speech recognition", "Voice"


def complaint(user: str, folder: Path) -> Optional[ConvaiError]:
    """Return what a component would say of a folder when it looks at its files, None if nothing.

    Args:
        user: who takes it, as ``check_models`` calls them; others than ours take what they like.
        folder: or a bot's archive.
    """
    check = _CHECKS.get(user)
    if check is None:
        return None
    try:
        check(folder)
    except ConvaiError as error:
        return error
    return None


def _checkpoint_or(*saved: str) -> Callable[[Path], object]:
    """Take a checkpoint, or what the component's own class saved."""

    def check(folder: Path) -> None:
        kind = kind_of(folder)
        if kind.name in saved:
            check_files(folder, kind)
        else:
            read_config(folder)

    return check


_CHECKS: Mapping[str, Callable[[Path], object]] = {
    RECOGNISER: check_whisper,
    VOICE: check_exported,
    short(INTENTS): _checkpoint_or("intents", "archive"),
    short(ENTITIES): check_pipeline,
    short(SENTIMENT): _checkpoint_or("sentiments"),
}
