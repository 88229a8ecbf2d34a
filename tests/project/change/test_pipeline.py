from __future__ import annotations

from typing import Any

import pytest
import yaml

from convai_rasa.errors import ConfigurationError
from convai_rasa.project.change.marks import before
from convai_rasa.project.change.pipeline import COMPONENTS, ENTITIES, INTENTS, SENTIMENT, VOCABULARY, add_components
from convai_rasa.project.change.undo import undo
from convai_rasa.project.change.yaml_text import YamlText
from convai_rasa.project.project_files import DataTraits

UNKNOWN = DataTraits(None, None)
PLAIN = DataTraits(False, False)
RICH = DataTraits(True, True)


def add(text: str, wanted: tuple[str, ...] = COMPONENTS, traits: DataTraits = UNKNOWN) -> str:
    return add_components(YamlText("config.yml", text), wanted, traits, {}, {}).text


def names(text: str) -> list[str]:
    return [step["name"].rpartition(".")[2] for step in yaml.safe_load(text)["pipeline"]]


def step(text: str, name: str) -> dict[str, Any]:
    (found,) = [step for step in yaml.safe_load(text)["pipeline"] if step["name"].endswith(name)]
    return dict(found)


@pytest.mark.parametrize(
    "config",
    [
        "",
        "# only a comment\n",
        "language: en\n",
        "language: en",
        "language: en\npipeline:\n",
        "pipeline: null  # chosen by Rasa\npolicies:\n- name: RulePolicy\n",
        "pipeline: []\nlanguage: en\n",
        "pipeline:\n# - name: DIETClassifier\n\npolicies:\n",
        "language: en\r\npipeline:\r\npolicies: null\r\n",
    ],
)
def test_an_empty_pipeline_is_filled_and_nothing_else_changes(config: str) -> None:
    after = add(config)
    assert names(after) == [
        "WhitespaceTokenizer",
        "DistilBertIntentClassifier",
        "SpacyModelEntityExtractor",
        "HybridSentimentAnalyzer",
        "EntitySynonymMapper",
        "FallbackClassifier",
    ]
    others = {**(yaml.safe_load(config) or {})}
    others.pop("pipeline", None)
    assert {key: value for key, value in yaml.safe_load(after).items() if key != "pipeline"} == others
    assert [line for line in config.splitlines() if line.startswith("#")] == [
        line for line in after.splitlines() if line.startswith("#") and before(line) is None
    ]
    assert ("\r\n" in config) == ("\r\n" in after)
    assert after.count("\n") == after.count("\r\n") or "\r" not in after
    assert add(after) == after


def test_a_comment_behind_an_empty_value_stays() -> None:
    assert add("pipeline: null  # chosen by Rasa\n").startswith(
        "# before convai: pipeline: null  # chosen by Rasa\n"
        "pipeline:  # chosen by Rasa  # changed by convai\n"
        "  - name: WhitespaceTokenizer  # added by convai\n"
    )


def test_annotated_data_gets_an_extractor_that_learns_and_retrieval_intents_a_selector() -> None:
    after = add("language: en\n", traits=RICH)
    assert step(after, "DIETClassifier")["intent_classification"] is False
    assert names(after).index("DIETClassifier") < names(after).index("DistilBertIntentClassifier")
    assert "ResponseSelector" in names(after)


def test_without_our_intents_diet_keeps_them() -> None:
    after = add("language: en\n", wanted=(SENTIMENT,))
    assert "intent_classification" not in step(after, "DIETClassifier")


def test_ours_comes_after_diet_and_before_the_fallback() -> None:
    after = add("pipeline:\n- name: WhitespaceTokenizer\n- name: DIETClassifier\n- name: FallbackClassifier\n")
    assert names(after) == [
        "WhitespaceTokenizer",
        "DIETClassifier",
        "DistilBertIntentClassifier",
        "SpacyModelEntityExtractor",
        "HybridSentimentAnalyzer",
        "FallbackClassifier",
    ]
    assert step(after, "DIETClassifier") == {"name": "DIETClassifier", "intent_classification": False}


@pytest.mark.parametrize(
    ("there", "after"),
    [
        (["DIETClassifier", "EntitySynonymMapper"], ["DIETClassifier", "EntitySynonymMapper", "Vocabulary"]),
        (
            ["DIETClassifier", "EntitySynonymMapper", "ResponseSelector", "FallbackClassifier"],
            ["DIETClassifier", "EntitySynonymMapper", "Vocabulary", "ResponseSelector", "FallbackClassifier"],
        ),
        (
            ["FallbackClassifier", "RegexEntityExtractor", "VoiceConfidence"],
            ["FallbackClassifier", "RegexEntityExtractor", "Vocabulary", "VoiceConfidence"],
        ),
        (["DIETClassifier", "SpokenValueMapper"], ["DIETClassifier", "SpokenValueMapper"]),
        (["FallbackClassifier"], ["Vocabulary", "FallbackClassifier"]),
    ],
)
def test_the_vocabulary_comes_below_all_that_finds_entities(there: list[str], after: list[str]) -> None:
    text = "".join(["pipeline:\n", *(f"- name: {name}\n" for name in there)])
    changed = add(text, wanted=(VOCABULARY,))
    assert names(changed.replace("name: ", "name: x.")) == after
    assert add(changed, wanted=(VOCABULARY,)) == changed
    assert undo(YamlText("config.yml", changed)).text == text


def test_a_vocabulary_alone_makes_no_pipeline() -> None:
    assert add("language: en\n", wanted=(VOCABULARY,)) == "language: en\n"


def test_keywords_keep_the_last_word() -> None:
    after = add("pipeline:\n- name: WhitespaceTokenizer\n- name: KeywordIntentClassifier\n", wanted=(INTENTS,))
    assert names(after) == ["WhitespaceTokenizer", "DistilBertIntentClassifier", "KeywordIntentClassifier"]


def test_entities_come_before_the_synonyms_even_if_intents_come_late() -> None:
    before = (
        "pipeline:\n- name: WhitespaceTokenizer\n- name: EntitySynonymMapper\n- name: LogisticRegressionClassifier\n"
    )
    after = names(add(before))
    assert after.index("SpacyModelEntityExtractor") < after.index("EntitySynonymMapper")


@pytest.mark.parametrize(
    ("diet", "traits"),
    [("- name: DIETClassifier\n  entity_recognition: false\n", UNKNOWN), ("- name: DIETClassifier\n", PLAIN)],
)
def test_a_classifier_that_only_did_intents_is_commented_out(diet: str, traits: DataTraits) -> None:
    after = add(f"pipeline:\n- name: WhitespaceTokenizer\n{diet}- name: FallbackClassifier\n", traits=traits)
    assert "DIETClassifier" not in names(after)
    for line in diet.splitlines():
        assert f"# before convai: {line}" in after.splitlines()


def test_a_commented_step_keeps_its_indentation_and_its_inner_lines() -> None:
    before = (
        "pipeline:\n    -   name: SklearnIntentClassifier\n        C: [1,\n            2]\n\n"
        "    -   name: FallbackClassifier\n"
    )
    after = add(before, wanted=(INTENTS,))
    assert "    # before convai: -   name: SklearnIntentClassifier\n    # before convai:     C: [1,\n" in after
    assert "\n    -   name: convai_rasa.nlu.DistilBertIntentClassifier  # added by convai\n" in after


@pytest.mark.parametrize(
    ("diet", "expected"),
    [
        ("- name: DIETClassifier\n  epochs: 5  # few\n", "- name: DIETClassifier\n  epochs: 5  # few\n"),
        ("- {name: DIETClassifier, epochs: 5}  # few\n", "- {name: DIETClassifier, epochs: 5, intent_class"),
        (
            "- name: DIETClassifier\n  intent_classification: true  # it does\n",
            "intent_classification: false  # it does  # changed by convai\n",
        ),
        ("- name: rasa.nlu.classifiers.diet_classifier.DIETClassifier\n", "intent_classification: false  # added"),
        ("- name: DIETClassifier\n  intent_classification: false\n", "intent_classification: false\n"),
    ],
)
def test_diet_leaves_the_intents_however_it_is_written(diet: str, expected: str) -> None:
    after = add(f"pipeline:\n- name: WhitespaceTokenizer\n{diet}- name: FallbackClassifier\n")
    assert step(after, "DIETClassifier")["intent_classification"] is False
    assert expected in after


def test_what_is_there_stays_as_the_user_configured_it() -> None:
    text = f"pipeline:\n- name: {ENTITIES}\n  dimensions: [GPE]\n- name: {INTENTS}\n  strategy: frozen\n"
    after = add(text)
    assert after.startswith(text)
    assert names(after)[-1] == "HybridSentimentAnalyzer"


def test_a_pipeline_in_one_line_gets_a_line_for_each_component() -> None:
    text = "pipeline: [{name: WhitespaceTokenizer}, {name: DIETClassifier, epochs: 5}]  # short\npolicies: null\n"
    after = add(text, wanted=(INTENTS,))
    assert after == (
        "# before convai: pipeline: [{name: WhitespaceTokenizer}, {name: DIETClassifier, epochs: 5}]  # short\n"
        "pipeline:  # changed by convai\n"
        "  - name: WhitespaceTokenizer  # added by convai\n"
        "  - name: DIETClassifier  # added by convai\n    epochs: 5\n    intent_classification: false\n"
        f"  - name: {INTENTS}  # added by convai\n"
        "policies: null\n"
    )
    assert undo(YamlText("config.yml", after)).text == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("pipeline: [{name: WhitespaceTokenizer},\n  {name: DIETClassifier}]\n", "one item a line"),
        ("pipeline: [WhitespaceTokenizer]\n", "one item a line"),
        ("pipeline: hello\n", "must be a list"),
        ("recipe: graph.v1\n", "by hand"),
        ("pipeline:\n- WhitespaceTokenizer\n", "no 'name:'"),
        ("language: en\n...\n", "by hand"),
        ("{language: en}\n", "by hand"),
        ("pipeline:\n- name: A\n name: B\n", "line 3"),
        ("- a\n- b\n", "expected keys and values"),
        ("a: 1\n---\nb: 2\n", "line 2.*second YAML document"),
        ("a: \x00\n", "not valid YAML"),
        ("a: !!python/object:os.system {}\n", "not valid YAML"),
    ],
)
def test_what_is_no_config_or_cannot_be_edited_safely_is_refused_in_a_sentence(text: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        add(text)
