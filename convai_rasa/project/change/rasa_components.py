"""What Rasa's own NLU components need of each other, so that one can be taken out together with what served it alone.

Written down here because the classes themselves only say it once TensorFlow is imported; a test compares the two.
"""

from __future__ import annotations

import re
from typing import Any, Mapping, Sequence

Step = Mapping[str, Any]

FEATURES, TOKENS, SPACY, MITIE = "features", "tokens", "spacy", "mitie"
SPACY_TOKENIZER, WHITESPACE_TOKENIZER = "SpacyTokenizer", "WhitespaceTokenizer"
_PROVIDES = {
    "SpacyNLP": SPACY,
    "MitieNLP": MITIE,
    **dict.fromkeys([WHITESPACE_TOKENIZER, "JiebaTokenizer", "MitieTokenizer", SPACY_TOKENIZER], TOKENS),
    **dict.fromkeys(
        [
            "ConveRTFeaturizer",
            "CountVectorsFeaturizer",
            "LanguageModelFeaturizer",
            "LexicalSyntacticFeaturizer",
            "MitieFeaturizer",
            "RegexFeaturizer",
            "SpacyFeaturizer",
        ],
        FEATURES,
    ),
}
_NEEDS: Mapping[str, tuple[str, ...]] = {
    SPACY_TOKENIZER: (SPACY,),
    "SpacyFeaturizer": (SPACY, TOKENS),
    "MitieFeaturizer": (MITIE, TOKENS),
    **dict.fromkeys(
        [
            "ConveRTFeaturizer",
            "CountVectorsFeaturizer",
            "LanguageModelFeaturizer",
            "LexicalSyntacticFeaturizer",
            "RegexFeaturizer",
        ],
        (TOKENS,),
    ),
    **dict.fromkeys(["DIETClassifier", "ResponseSelector", "LogisticRegressionClassifier"], (FEATURES,)),
    "SklearnIntentClassifier": (FEATURES,),
    "MitieIntentClassifier": (MITIE, TOKENS),
    "MitieEntityExtractor": (MITIE, TOKENS),
    "SpacyEntityExtractor": (SPACY,),
    "CRFEntityExtractor": (TOKENS,),
    # These need nothing of another component.
    **dict.fromkeys(
        [
            "DucklingEntityExtractor",
            "EntitySynonymMapper",
            "FallbackClassifier",
            "KeywordIntentClassifier",
            "RegexEntityExtractor",
            "RegexMessageHandler",
        ],
        (),
    ),
}
_PATTERNS, _DENSE = "pattern", "text_dense_features"  # features of CRFEntityExtractor that others make
# CRFEntityExtractor looks for no entity in a message that has no features at all, though it reads none of these: what
# makes some of every message comes first, and of that what costs least.
_WAKES_CRF = ("LexicalSyntacticFeaturizer", "CountVectorsFeaturizer")
_END_TO_END = frozenset({"TEDPolicy", "UnexpecTEDIntentPolicy"})
_NOT_END_TO_END = frozenset({"MemoizationPolicy", "AugmentedMemoizationPolicy", "RulePolicy"})


def short(name: Any) -> str:
    """Return the class name of a component, with which Rasa registers it, however it was written."""
    return str(name).rpartition(".")[2]


def is_rasas(name: str) -> bool:
    """Whether Rasa brings a component of this class name."""
    return name in _NEEDS or name in _PROVIDES


def is_featurizer(name: str) -> bool:
    """Whether a component of this class name makes features and nothing else."""
    return _PROVIDES.get(name) == FEATURES


def unused(steps: Sequence[Step], *, foreign: bool, end_to_end: bool) -> set[int]:
    """Return the indices of steps whose work no other step uses.

    Tokenizers count as used, since ``rasa test`` counts words with them; but not the one for which all of spaCy runs.

    Args:
        steps: of a pipeline, each with a ``name``.
        foreign: whether a component that may use anything is among them, which is neither Rasa's nor ours.
        end_to_end: whether a policy uses the features, too.
    """
    if foreign:
        return set()
    idle: set[int] = set()
    while True:  # what served only idle steps is idle, too
        left = [index for index in range(len(steps)) if index not in idle]
        more = {index for index in left if not _is_used(index, [steps[other] for other in left], steps, end_to_end)}
        if not more:
            return idle
        idle |= more


def _is_used(index: int, left: Sequence[Step], steps: Sequence[Step], end_to_end: bool) -> bool:
    step, name = steps[index], short(steps[index].get("name"))
    if name not in _PROVIDES or (_PROVIDES[name] == TOKENS and name != SPACY_TOKENIZER):
        return True
    others = [other for other in left if other is not step]
    kind = _PROVIDES[name]
    if kind != FEATURES:
        return any(kind in _NEEDS.get(short(other.get("name")), ()) for other in others)
    return end_to_end or any(_uses_features(other, step) or step is _waking(other, left) for other in others)


def _waking(crf: Step, left: Sequence[Step]) -> Step | None:
    """Return the featurizer without which a CRFEntityExtractor would pass messages over; None where it is no such."""
    if short(crf.get("name")) != "CRFEntityExtractor":
        return None
    featurizers = [one for one in left if is_featurizer(short(one.get("name"))) and _is_chosen(one, crf)]
    for name in _WAKES_CRF:
        for one in featurizers:
            if short(one.get("name")) == name:
                return one
    return featurizers[0] if featurizers else None


def _uses_features(step: Step, featurizer: Step) -> bool:
    name = short(step.get("name"))
    if name == "CRFEntityExtractor":
        positions = step.get("features")
        positions = positions if isinstance(positions, list) else [_PATTERNS]  # it reads these unless told otherwise
        wanted = {feature for position in positions for feature in re.findall(r"\w+", str(position))}
        patterns = short(featurizer.get("name")) == "RegexFeaturizer" and _PATTERNS in wanted
        return patterns or (_DENSE in wanted and _is_chosen(featurizer, step))
    if FEATURES not in _NEEDS.get(name, ()):
        return False
    return _is_chosen(featurizer, step)


def _is_chosen(featurizer: Step, by: Step) -> bool:
    chosen = by.get("featurizers")
    return not isinstance(chosen, list) or not chosen or featurizer.get("alias") in chosen


def may_read_features(policies: Sequence[Any], end_to_end_stories: bool | None) -> bool:
    """Whether a policy reads what featurizers make of texts: with end-to-end stories, all but the simplest do.

    Args:
        policies: of the configuration; none where Rasa chooses them.
        end_to_end_stories: whether stories hold texts instead of intents and actions; None where that is not known.
    """
    if end_to_end_stories is False:
        return False
    names = {short(policy.get("name")) for policy in policies if isinstance(policy, dict)}
    return not names or bool(names - _NOT_END_TO_END)
