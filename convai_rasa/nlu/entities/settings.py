"""What an extractor keeps beside its spaCy pipeline."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, Collection, Mapping, Optional, Sequence

from convai_rasa.errors import ModelCorrupt
from convai_rasa.nlu.entities.word_boundaries import Cuts

SETTINGS_FILE = "entity_extractor.json"


@dataclasses.dataclass(frozen=True)
class Learned:
    """What training found out beside the pipes.

    Attributes:
        temperature: of the trained recognizer's confidences.
        regexes: of each entity its patterns.
        unread: words whose value is not read, because the bot's author gave them one; lower case.
        cuts: where words end besides where spaCy ends them.
    """

    temperature: float = 1.0
    regexes: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    unread: Collection[str] = ()
    cuts: Cuts = dataclasses.field(default_factory=Cuts)


@dataclasses.dataclass(frozen=True)
class Settings:
    """What ``EntityExtractor.save`` writes.

    Attributes:
        dimensions: labels of the pretrained pipeline that are kept; None for all.
        mapping: from them to the bot's names.
        learned: by training.
    """

    dimensions: Optional[Collection[str]] = None
    mapping: Mapping[str, str] = dataclasses.field(default_factory=dict)
    learned: Learned = dataclasses.field(default_factory=Learned)


def write_settings(folder: Path, settings: Settings) -> None:
    """Write the settings into the folder of the pipeline."""
    fields = dataclasses.asdict(settings)
    fields["dimensions"] = None if settings.dimensions is None else sorted(settings.dimensions)
    (folder / SETTINGS_FILE).write_text(json.dumps(fields, indent=2, ensure_ascii=False), encoding="utf-8")


def read_settings(folder: Path) -> Settings:
    """Read the settings from the folder of a pipeline; a pipeline of somebody else has none.

    Raises:
        ModelCorrupt: the file is damaged.
    """
    path = folder / SETTINGS_FILE
    if not path.is_file():
        return Settings()
    try:
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        cuts = Cuts(**fields["learned"].pop("cuts", {}))  # older ones have none
        return Settings(fields["dimensions"], fields["mapping"], Learned(**fields["learned"], cuts=cuts))
    except (ValueError, KeyError, TypeError) as error:
        raise ModelCorrupt(
            f"{path} is not what EntityExtractor.save wrote ({error}); save the extractor again."
        ) from error
