"""Which entities a project's domain leaves to the entity extractor, and under which keys it finds them.

A pretrained pipeline knows places, people, numbers and more, under its own labels. A bot wants those that its domain
lists and that nothing else in its pipeline finds; under the domain's names, and no others.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence

from convai_rasa.project.change.pipeline import DIET, ENTITIES
from convai_rasa.project.change.rasa_components import Step, is_foreign, names_of, short
from convai_rasa.project.project_files import read_text
from convai_rasa.project.yaml_reading import load_mapping

_NAMES = load_mapping("entity_names.yml", read_text(Path(__file__).with_name("entity_names.yml")))
PRETRAINED_LABELS = frozenset(_NAMES)
_LEARNING = frozenset({DIET, "CRFEntityExtractor", "MitieEntityExtractor"})
_TOKENIZERS_APART = frozenset({"ja", "ko", "th", "vi"})
_ANY_LANGUAGE = "xx"  # spaCy's name for a tokenizer that knows none in particular
_DUCKLING = "DucklingEntityExtractor"
_DUCKLINGS_OWN = ["amount-of-money", "distance", "duration", "number", "ordinal", "quantity", "temperature", "time"]


@dataclass(frozen=True)
class EntityPlan:
    """What ``convai add`` writes for the entity extractor: its keys, None where it has nothing to do; and notes."""

    keys: Optional[Mapping[str, Any]]
    notes: list[str] = field(default_factory=list)


def plan_blank(language: str) -> EntityPlan:
    """Return the keys with which the extractor learns annotations alone, without a pretrained pipeline.

    A language (two letters) whose tokenizer needs packages of its own is split at spaces and punctuation.
    """
    known = importlib.util.find_spec(f"spacy.lang.{language}") if importlib.util.find_spec("spacy") else None
    spoken = language if known and language not in _TOKENIZERS_APART else _ANY_LANGUAGE
    return EntityPlan({"train": True, "base": "blank", "language": spoken, "dimensions": []})


def plan_entities(
    steps: Sequence[Step], listed: Sequence[str], annotated: Optional[Sequence[str]], *, train: bool = False
) -> EntityPlan:
    """Choose ``dimensions`` and ``map`` for a pipeline and the entities that the domain lists.

    ``annotated`` are those that the training data annotates, None where there is none; ``train``: it learns them.
    """
    foreign = names_of([step for step in steps if is_foreign(step)])
    found = _found(steps, listed, annotated)
    dimensions: list[str] = []
    mapping: dict[str, str] = {}
    notes: list[str] = []
    for label, names in _NAMES.items() if not foreign else ():
        meant = [entity for entity in listed if entity == label]
        meant = meant or [entity for entity in listed if _plain(entity) in (label.lower(), *names)]
        if set(meant) & found:
            continue
        if len(meant) > 1:
            notes.append(
                f"{label} of the pretrained pipeline could be {' or '.join(meant)}, so it was left out; choose one "
                f"with 'dimensions' and 'map' of {short(ENTITIES)}."
            )
        elif meant:
            dimensions.append(label)
            mapping |= {label: meant[0]} if meant[0] != label else {}
    if not dimensions and not train:
        return EntityPlan(None, [*notes, _why_not(foreign)])
    keys = {"dimensions": dimensions, **({"map": mapping} if mapping else {}), **({"train": True} if train else {})}
    return EntityPlan(keys, notes)


def _plain(entity: str) -> str:
    return entity.lower().replace("-", "_")


def _found(steps: Sequence[Step], listed: Sequence[str], annotated: Optional[Sequence[str]]) -> set[str]:
    """Return the entities that the pipeline finds without us, or would once it is trained."""
    found = set(annotated or ())
    for name, step in zip(names_of(steps), steps, strict=True):
        if name == _DUCKLING:
            dimensions = step.get("dimensions")
            found |= {str(one) for one in (dimensions if isinstance(dimensions, list) else _DUCKLINGS_OWN)}
        elif name in _LEARNING and step.get("entity_recognition") is not False and annotated is None:
            found |= set(listed)
    return found


def _why_not(foreign: Sequence[str]) -> str:
    left_out = f"{short(ENTITIES)} was left out"
    if foreign:
        return (
            f"{left_out}: {foreign[0]} may find any of the domain's entities; to use the pretrained pipeline's as "
            "well, add the component by hand, with 'dimensions'."
        )
    return (
        f"{left_out}: the domain lists no entity that its pretrained pipeline knows and nothing else finds; to use "
        "some, list them in the domain (for example PERSON, GPE, DATE) and run the command again."
    )
