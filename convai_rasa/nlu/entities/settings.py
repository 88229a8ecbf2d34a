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


def write_settings(
    folder: Path, dimensions: Optional[Collection[str]], mapping: Mapping[str, str], learned: Learned
) -> None:
    """Write the settings into the folder of the pipeline.

    ``dimensions`` are the labels of the pretrained pipeline that are kept, None for all; ``mapping`` leads from them to
    the bot's names.
    """
    kept = None if dimensions is None else sorted(dimensions)
    fields = {"dimensions": kept, "mapping": mapping, "learned": dataclasses.asdict(learned)}
    (folder / SETTINGS_FILE).write_text(json.dumps(fields, indent=2, ensure_ascii=False), encoding="utf-8")


def read_settings(folder: Path) -> tuple[Optional[Collection[str]], Mapping[str, str], Learned]:
    """Return the dimensions, the mapping and what was learned; a pipeline of somebody else has no settings.

    Raises:
        ModelCorrupt: the file is damaged.
    """
    path = folder / SETTINGS_FILE
    if not path.is_file():
        return None, {}, Learned()
    try:
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        cuts = Cuts(**fields["learned"].pop("cuts", {}))  # older ones have none
        return fields["dimensions"], fields["mapping"], Learned(**fields["learned"], cuts=cuts)
    except (ValueError, KeyError, TypeError) as error:
        raise ModelCorrupt(
            f"{path} is not what EntityExtractor.save wrote ({error}); save the extractor again."
        ) from error
