"""What Rasa's own NLU components need of each other, so that one can be taken out together with what served it alone.

Written down in a file because the classes themselves only say it once TensorFlow is imported; a test compares the two.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any, Mapping, Sequence

from convai_rasa.project.project_files import read_text
from convai_rasa.project.yaml_reading import load_mapping

Step = Mapping[str, Any]

FEATURES, TOKENS, SPACY, MITIE = "features", "tokens", "spacy", "mitie"
SPACY_TOKENIZER, WHITESPACE_TOKENIZER = "SpacyTokenizer", "WhitespaceTokenizer"
_CRF = "CRFEntityExtractor"
_PATTERNS, _DENSE = "pattern", "text_dense_features"  # features of CRFEntityExtractor that others make
# CRFEntityExtractor looks for no entity in a message that has no features at all, though it reads none of these: what
# makes some of every message comes first, and of that what costs least.
_WAKES_CRF = {"LexicalSyntacticFeaturizer": 0, "CountVectorsFeaturizer": 1}
_NOT_END_TO_END = frozenset({"MemoizationPolicy", "AugmentedMemoizationPolicy", "RulePolicy"})


def short(name: Any) -> str:
    """Return the class name of a component, with which Rasa registers it, however it was written."""
    return str(name).rpartition(".")[2]


def names_of(steps: Sequence[Step]) -> list[str]:
    """Return the class names of steps."""
    return [short(step.get("name")) for step in steps]


def is_foreign(step: Step) -> bool:
    """Whether a component is neither Rasa's nor ours, so that nobody knows what it uses or finds."""
    return short(step.get("name")) not in _components() and not str(step.get("name")).startswith("convai_rasa.")


def provides(name: str) -> str | None:
    """Return what a component of this class name makes for others; None if nothing, or if it is not Rasa's."""
    found: str | None = _components().get(name, {}).get("provides")
    return found


def needs(name: str) -> Sequence[str]:
    """Return what a component of this class name takes from others."""
    found: Sequence[str] = _components().get(name, {}).get("needs", ())
    return found


@functools.cache
def _components() -> Mapping[str, Mapping[str, Any]]:
    file = Path(__file__).with_suffix(".yml")
    return load_mapping(file.name, read_text(file))


def unused(steps: Sequence[Step], *, end_to_end: bool) -> set[int]:
    """Return the indices of steps whose work nothing uses: no other step, and no policy (``end_to_end``: one does).

    Tokenizers count as used, since ``rasa test`` counts words with them; but not the one for which all of spaCy runs.
    So does everything where a component may use anything, which is neither Rasa's nor ours.
    """
    if any(map(is_foreign, steps)):
        return set()
    idle: set[int] = set()
    while True:  # what served only idle steps is idle, too
        left = {index: step for index, step in enumerate(steps) if index not in idle}
        more = {index for index, step in left.items() if not _is_used(step, [*left.values()], end_to_end)}
        if not more:
            return idle
        idle |= more


def _is_used(step: Step, left: Sequence[Step], end_to_end: bool) -> bool:
    name = short(step.get("name"))
    kind = provides(name)
    if kind is None or (kind == TOKENS and name != SPACY_TOKENIZER):
        return True
    others = [other for other in left if other is not step]
    if kind != FEATURES:
        return any(kind in needs(other) for other in names_of(others))
    return end_to_end or any(_uses_features(other, step) or step is _waking(other, left) for other in others)


def _waking(crf: Step, left: Sequence[Step]) -> Step | None:
    """Return the featurizer without which a CRFEntityExtractor would pass messages over; None where it is no such."""
    if short(crf.get("name")) != _CRF:
        return None
    named = zip(left, names_of(left), strict=True)
    featurizers = [(one, name) for one, name in named if provides(name) == FEATURES and _is_chosen(one, crf)]
    return min(featurizers, key=lambda one: _WAKES_CRF.get(one[1], 2), default=(None, ""))[0]


def _uses_features(step: Step, featurizer: Step) -> bool:
    name = short(step.get("name"))
    if name == _CRF:
        positions = step.get("features")
        positions = positions if isinstance(positions, list) else [_PATTERNS]  # it reads these unless told otherwise
        wanted = {feature for position in positions for feature in re.findall(r"\w+", str(position))}
        patterns = short(featurizer.get("name")) == "RegexFeaturizer" and _PATTERNS in wanted
        return patterns or (_DENSE in wanted and _is_chosen(featurizer, step))
    return FEATURES in needs(name) and _is_chosen(featurizer, step)


def _is_chosen(featurizer: Step, by: Step) -> bool:
    chosen = by.get("featurizers")
    return not isinstance(chosen, list) or not chosen or featurizer.get("alias") in chosen


def may_read_features(policies: Sequence[Any], end_to_end_stories: bool | None) -> bool:
    """Whether a policy reads what featurizers make of texts: with end-to-end stories, all but the simplest do.

    There are no policies where Rasa chooses them; None for the stories where that is not known.
    """
    if end_to_end_stories is False:
        return False
    names = set(names_of([policy for policy in policies if isinstance(policy, dict)]))
    return not names or bool(names - _NOT_END_TO_END)
