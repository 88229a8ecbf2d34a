"""What ``convai add --set`` writes into a project: the models of a set, for the bot's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from convai_rasa.errors import ConfigurationError
from convai_rasa.project.change.fitting import ENGLISH, base_language
from convai_rasa.project.change.pipeline import INTENTS
from convai_rasa.store import load_catalogue

SETS = ("embedded", "multilingual")
MULTILINGUAL_ENCODER = "nlu/multilingual-minilm"
_RECOGNIZER = "whisper/base"
_ENGLISH_VOICE = "tts/vits-joe"


@dataclass(frozen=True)
class SetKeys:
    """What a set makes of a project.

    Attributes:
        components: for each component, keys to write under its step.
        channel: keys to write under the voice channel, by part (``asr``, ``tts``).
        fetch: commands that fetch what these keys name.
        notes: sentences about what the set cannot give.
    """

    components: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    channel: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fetch: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def set_keys(name: str, language: Optional[str]) -> SetKeys:
    """Return the keys that set a project in some language to a set of models, one of ``SETS``.

    Raises:
        ConfigurationError: there is no such set to add.
    """
    if name not in SETS:
        raise ConfigurationError(f"There is no set '{name}' to add; the sets are: {', '.join(SETS)}.")
    fetch = [f"convai models --set {name}"]
    if name == "embedded":  # which has the defaults
        return SetKeys(fetch=tuple(fetch))
    spoken = base_language(language)
    voice = _ENGLISH_VOICE if spoken == ENGLISH else load_catalogue().voice_of(spoken)
    channel = {"asr": {"model": _RECOGNIZER}, **({"tts": {"model": voice}} if voice else {})}
    fetch.append(f"convai models {voice or _ENGLISH_VOICE}")
    notes = []
    if voice is None:
        notes.append(
            f"There is no voice for '{spoken}' among the models, so an English voice reads the bot's words; "
            "name a Coqui or Piper voice in that language as tts.model, or use the bot only as text on the page."
        )
    elif spoken != ENGLISH:
        fetch.append(f"pip install 'gruut[{spoken}]'")
    return SetKeys({INTENTS: {"model": MULTILINGUAL_ENCODER}}, channel, tuple(fetch), tuple(notes))
