from __future__ import annotations

from typing import Any

import pytest

from convai_rasa.project.change.rasa_components import (
    FEATURES,
    MITIE,
    SPACY,
    TOKENS,
    is_foreign,
    may_read_features,
    needs,
    provides,
    unused,
)


def idle(*names: Any, end_to_end: bool = False) -> set[int]:
    steps = [name if isinstance(name, dict) else {"name": name} for name in names]
    return unused(steps, end_to_end=end_to_end)


@pytest.mark.rasa
def test_what_rasa_says_its_components_need_is_what_is_written_here() -> None:
    from rasa.core.policies.policy import Policy
    from rasa.engine.recipes.default_components import DEFAULT_COMPONENTS
    from rasa.nlu.featurizers.featurizer import Featurizer
    from rasa.nlu.tokenizers.tokenizer import Tokenizer
    from rasa.nlu.utils.mitie_utils import MitieNLP
    from rasa.nlu.utils.spacy_utils import SpacyNLP

    kinds = {Featurizer: FEATURES, Tokenizer: TOKENS, SpacyNLP: SPACY, MitieNLP: MITIE}

    def kind(needed: type) -> str:
        return next(name for base, name in kinds.items() if issubclass(needed, base))

    for component in DEFAULT_COMPONENTS:
        if issubclass(component, Policy):
            continue
        name = component.__name__
        needed = {kind(needed) for needed in component.required_components() if needed.__name__ != "IntentClassifier"}
        written = set(needs(name))
        # SpacyFeaturizer needs SpacyTokenizer, which needs SpacyNLP; MitieIntentClassifier counts its own features.
        assert needed - {FEATURES} <= written, name
        assert (FEATURES in needed) == (FEATURES in written) or name == "MitieIntentClassifier", name
        assert not is_foreign({"name": name})
        provided = next((kind_ for base, kind_ in kinds.items() if issubclass(component, base)), None)
        assert provides(name) == provided, name


def test_featurizers_serve_what_reads_features() -> None:
    featurizers = ["WhitespaceTokenizer", "RegexFeaturizer", "CountVectorsFeaturizer"]
    assert idle(*featurizers) == {1, 2}
    for reader in ("DIETClassifier", "ResponseSelector", "SklearnIntentClassifier", "LogisticRegressionClassifier"):
        assert idle(*featurizers, reader) == set()
    assert idle(*featurizers, "my.Component") == set()
    assert idle(*featurizers, end_to_end=True) == set()


def test_a_reader_may_have_chosen_its_featurizers() -> None:
    chosen = {"name": "DIETClassifier", "featurizers": ["words"]}
    words = {"name": "CountVectorsFeaturizer", "alias": "words"}
    assert idle("WhitespaceTokenizer", words, {"name": "CountVectorsFeaturizer", "alias": "x"}, chosen) == {2}


@pytest.mark.parametrize(
    ("features", "expected"),
    [(None, {3}), ([["low"]], {1, 3}), ([["low"], ["pattern"]], {3}), ([["text_dense_features"]], set())],
)
def test_crf_reads_only_the_features_it_names(features: Any, expected: set[int]) -> None:
    crf = {"name": "CRFEntityExtractor", **({"features": features} if features else {})}
    steps = ["WhitespaceTokenizer", "RegexFeaturizer", "CountVectorsFeaturizer", "LanguageModelFeaturizer", crf]
    assert idle(*steps) == expected


def test_crf_keeps_one_featurizer_as_it_passes_over_messages_without_features() -> None:
    words, shapes = "CountVectorsFeaturizer", "LexicalSyntacticFeaturizer"
    assert idle("WhitespaceTokenizer", words, words, shapes, {"name": "CRFEntityExtractor", "features": [["low"]]}) == {
        1,
        2,
    }
    chosen = {"name": "CRFEntityExtractor", "features": [["low"]], "featurizers": ["x"]}
    assert idle("WhitespaceTokenizer", shapes, {"name": words, "alias": "x"}, chosen) == {1}


def test_spacy_runs_only_for_what_uses_it() -> None:
    assert idle("SpacyNLP", "SpacyTokenizer", "SpacyFeaturizer") == {0, 1, 2}
    assert idle("SpacyNLP", "SpacyTokenizer", "SpacyFeaturizer", "SpacyEntityExtractor") == {1, 2}
    assert idle("SpacyNLP", "SpacyTokenizer", "CRFEntityExtractor") == set()
    assert idle("MitieNLP", "MitieTokenizer", "MitieFeaturizer") == {0, 2}


@pytest.mark.parametrize(
    ("policies", "stories", "expected"),
    [
        ([{"name": "TEDPolicy"}], True, True),
        ([{"name": "TEDPolicy"}], None, True),
        ([{"name": "TEDPolicy"}], False, False),
        ([{"name": "RulePolicy"}, {"name": "MemoizationPolicy"}], True, False),
        ([{"name": "my.Policy"}], True, True),
        ([], True, True),
    ],
)
def test_policies_read_features_of_end_to_end_stories(
    policies: list[Any], stories: bool | None, expected: bool
) -> None:
    assert may_read_features(policies, stories) is expected
