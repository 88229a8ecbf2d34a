"""Annotated messages, made into what spaCy trains on."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Mapping, Sequence

from convai_rasa.errors import ConfigurationError
from convai_rasa.nlu.entities.types import Kind

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Annotation:
    """An entity somebody marked in a text: characters from ``start`` to before ``end``."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True)
class AnnotatedText:
    """A message with its entities in the order of the text, none overlapping another."""

    text: str
    annotations: tuple[Annotation, ...]


def read_examples(examples: Iterable[Mapping[str, Any]]) -> list[AnnotatedText]:
    """Check annotated messages; blank ones are left out.

    Args:
        examples: mappings with ``text`` and ``entities``; each entity with ``start``, ``end``, ``entity`` and perhaps
            ``role`` and ``group``, as Rasa writes them.

    Raises:
        ConfigurationError: an annotation lies outside its text or lacks a key.
    """
    read, overlapping = [], []
    for example in examples:
        text = whole_characters(example.get("text") or "")
        if not text.strip():
            continue
        kept: list[Annotation] = []
        found = [_annotation(text, entity) for entity in example.get("entities") or ()]
        for annotation in sorted(found, key=lambda one: (one.start - one.end, one.start)):  # the longest first
            if any(annotation.start < other.end and other.start < annotation.end for other in kept):
                overlapping.append((annotation, text))
            else:
                kept.append(annotation)
        read.append(AnnotatedText(text, tuple(sorted(kept, key=lambda one: one.start))))
    _warn("overlap a longer one and are not trained", overlapping)
    return read


def whole_characters(text: str) -> str:
    """Return a text of the same length in which half a character, which is not Unicode, is a question mark."""
    return text.encode("utf-8", "replace").decode()


def spacy_examples(tokenize: Callable[[str], Any], texts: Sequence[AnnotatedText]) -> list[Any]:
    """Return spaCy's training examples; an annotation that ends inside a token is neither learned nor unlearned.

    ``tokenize`` makes a spaCy document of a text.
    """
    from spacy.training import Example

    examples, misaligned = [], []
    for annotated in texts:
        doc = tokenize(annotated.text)
        marks = [(mark.start, mark.end, mark.kind.label) for mark in annotated.annotations]
        misaligned += [
            (mark, annotated.text) for mark in annotated.annotations if doc.char_span(mark.start, mark.end) is None
        ]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=r"\[W030\]")  # spaCy's words for the warning below
            examples.append(Example.from_dict(doc, {"entities": marks}))
    _warn("begin or end inside a word, number or sign and cannot be learned", misaligned)
    return examples


def _annotation(text: str, entity: Mapping[str, Any]) -> Annotation:
    try:
        start, end = int(entity["start"]), int(entity["end"])
        kind = Kind(str(entity["entity"]), entity.get("role"), entity.get("group"))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"The entity {dict(entity)} in '{text}' needs 'start', 'end' and 'entity'; correct the annotation."
        ) from error
    if not (0 <= start < end <= len(text)) or not text[start:end].strip():
        raise ConfigurationError(
            f"The {kind.entity} from character {start} to {end} is outside '{text}'; correct the annotation."
        )
    inner = text[start:end]
    return Annotation(end - len(inner.lstrip()), start + len(inner.rstrip()), kind)


def _warn(what: str, cases: Sequence[tuple[Annotation, str]]) -> None:
    if cases:
        annotation, text = cases[0]
        logger.warning(
            "%d annotation(s) %s, such as the %s '%s' in '%s'.",
            len(cases),
            what,
            annotation.kind.entity,
            text[annotation.start : annotation.end],
            text,
        )
