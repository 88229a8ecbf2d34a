"""Folders that a user brings instead of a model of the catalog: is each what its component takes?"""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Mapping, Optional

from convai_rasa.asr import whisper_folder
from convai_rasa.errors import ConvaiError
from convai_rasa.nlu.encoder import read_config
from convai_rasa.nlu.entities import pipeline as entity_pipeline
from convai_rasa.project.change import ENTITIES, INTENTS, SENTIMENT, short
from convai_rasa.store import kind_of
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


def _or_saved(kinds: tuple[str, ...]) -> Callable[[Path], object]:
    """Take a checkpoint, or what the component's own class saved, which says itself what is missing in it."""
    return lambda folder: None if kind_of(folder).name in kinds else read_config(folder)


_CHECKS: Mapping[str, Callable[[Path], object]] = {
    RECOGNISER: whisper_folder.check_folder,
    VOICE: check_exported,
    short(INTENTS): _or_saved(("intents", "archive")),
    short(ENTITIES): entity_pipeline.check_folder,
    short(SENTIMENT): _or_saved(("sentiments",)),
}
