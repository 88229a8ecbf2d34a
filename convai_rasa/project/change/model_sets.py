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
MULTILINGUAL_RECOGNISER = "whisper/base"
ENGLISH_VOICE = "tts/vits-joe"


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
    """Return the keys that set a project to a set of models.

    Args:
        name: one of ``SETS``; ``embedded`` has the defaults, so it writes no key.
        language: what config.yml says, None where it says nothing.

    Raises:
        ConfigurationError: there is no such set to add.
    """
    if name not in SETS:
        raise ConfigurationError(f"There is no set '{name}' to add; the sets are: {', '.join(SETS)}.")
    if name == "embedded":
        return SetKeys(fetch=("convai models --set embedded",))
    spoken = base_language(language)
    voice = ENGLISH_VOICE if spoken == ENGLISH else load_catalogue().voice_of(spoken)
    channel: dict[str, dict[str, Any]] = {"asr": {"model": MULTILINGUAL_RECOGNISER}}
    fetch, notes = ["convai models --set multilingual"], []
    if voice is not None:
        channel["tts"] = {"model": voice}
        fetch.append(f"convai models {voice}")
    else:
        fetch.append(f"convai models {ENGLISH_VOICE}")
        notes.append(
            f"There is no voice for '{spoken}' among the models, so an English voice reads the bot's words; "
            "name a Coqui or Piper voice in that language as tts.model, or use the bot only as text on the page."
        )
    if spoken != ENGLISH and voice is not None:
        fetch.append(f"pip install 'gruut[{spoken}]'")
    return SetKeys({INTENTS: {"model": MULTILINGUAL_ENCODER}}, channel, tuple(fetch), tuple(notes))
