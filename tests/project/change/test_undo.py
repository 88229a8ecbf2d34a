from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.errors import ConfigurationError
from convai_rasa.project.change.assistant_id import with_assistant_id
from convai_rasa.project.change.pipeline import COMPONENTS, ENTITIES, INTENTS, SENTIMENT, VOCABULARY, add_components
from convai_rasa.project.change.undo import undo
from convai_rasa.project.change.voice_channel import CHANNEL, add_channel
from convai_rasa.project.change.yaml_text import YamlText
from convai_rasa.project.project_files import DataTraits

NAMES = (
    "CRFEntityExtractor",
    "CountVectorsFeaturizer",
    "DIETClassifier",
    "EntitySynonymMapper",
    "FallbackClassifier",
    "KeywordIntentClassifier",
    "LogisticRegressionClassifier",
    "RegexFeaturizer",
    "ResponseSelector",
    "SklearnIntentClassifier",
    "SpacyNLP",
    "SpacyTokenizer",
    "WhitespaceTokenizer",
    "my.own.Component",
    INTENTS,
    SENTIMENT,
)
KEYS = (
    "epochs: 5",
    "epochs: 5  # few",
    "# epochs: 7",
    "",
    "entity_recognition: false",
    "intent_classification: true",
    "threshold: 0.7   # tuned",
    "featurizers: [a,\n  b]",
    "note: >\n  some\n  text",
    'url: "http://x/#y"',
)
SETTINGS = {"FallbackClassifier": {"threshold": 0.42}}
KEYS_OF_OURS = {ENTITIES: {"dimensions": ["GPE"], "map": {"GPE": "city"}, "train": True}}


@st.composite
def steps(draw: st.DrawFn) -> list[str]:
    """Lines of one component, written in one of the ways people write them."""
    dash, gap = draw(st.sampled_from(["", "  ", "    "])), draw(st.sampled_from([" ", "   "]))
    lines = []
    for _ in range(draw(st.integers(1, 5))):
        name = draw(st.sampled_from(NAMES))
        keys = draw(st.lists(st.sampled_from(KEYS), unique_by=lambda key: key.strip("# ").split(":")[0], max_size=3))
        if draw(st.booleans()):
            flow = [key for key in keys if ":" in key and "#" not in key and "\n" not in key]
            lines.append(f"{dash}-{gap}{{name: {name}{''.join(f', {key}' for key in flow)}}}  # flow")
        else:
            lines.append(f'{dash}-{gap}name: "{name}"')
            indent = dash + " " + gap
            lines += [indent + line if line else "" for key in keys for line in key.split("\n")]
        lines += draw(st.sampled_from([[], [""], [f"{dash}# what comes next"], ["# at the margin", ""]]))
    return lines


@st.composite
def configs(draw: st.DrawFn) -> str:
    """A configuration with or without a pipeline, with comments, either line end, and with or without a last one."""
    blocks = [
        ["language: en"],
        ["# a comment"],
        ["policies:", "- name: RulePolicy"],
        [""],
        ['recipe: "default.v1"'],
        ["assistant_id: placeholder_default  # made by rasa init"],
    ]
    chosen = draw(st.lists(st.sampled_from(blocks), unique_by=lambda block: block[0], max_size=5))
    empty = st.sampled_from([[], ["pipeline:"], ["pipeline: null  # chosen by Rasa"], ["pipeline: []"]])
    pipeline = draw(st.one_of(empty, steps().map(lambda lines: ["pipeline:", *lines])))
    at = draw(st.integers(0, len(chosen)))
    lines = [line for block in [*chosen[:at], pipeline, *chosen[at:]] for line in block]
    return finished(draw, lines)


@st.composite
def credentials(draw: st.DrawFn) -> str:
    blocks = st.sampled_from([["rest:"], ["# sockets"], [""], ["socketio:", "  path: /x  # here"], ["other: {a: 1}"]])
    chosen = draw(st.lists(blocks, unique_by=lambda block: block[0] or object(), max_size=5))
    return finished(draw, [line for block in chosen for line in block])


def finished(draw: st.DrawFn, lines: list[str]) -> str:
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = draw(st.sampled_from(["", "\ufeff"])) + newline.join(lines)
    return text + newline if lines and draw(st.booleans()) else text


traits = st.builds(DataTraits, *[st.sampled_from([None, True, False])] * 3)


@settings(max_examples=300, deadline=None)
@given(
    configs(),
    traits,
    st.lists(st.sampled_from([*COMPONENTS, VOCABULARY]), unique=True),
    st.sampled_from([{}, KEYS_OF_OURS]),
)
def test_what_was_added_to_a_config_can_be_taken_out_without_a_trace(
    text: str, traits: DataTraits, first: list[str], keys: dict[str, Any]
) -> None:
    try:
        once = added(text, tuple(first), traits, keys)
        twice = added(once, COMPONENTS, traits, keys)
    except ConfigurationError:
        return  # written in a way that is not edited
    for after in (once, twice):
        assert undo(YamlText("config.yml", after)).text == text or not edited(after)
    assert edited(twice) or twice == text


def added(text: str, wanted: tuple[str, ...], traits: DataTraits, keys: dict[str, Any]) -> str:
    after = add_components(YamlText("config.yml", text), wanted, traits, keys, SETTINGS).text
    return with_assistant_id(YamlText("config.yml", after), Path("bot")) if after != text else text


def edited(text: str) -> bool:
    return " by convai" in text or "before convai" in text


@given(credentials())
def test_the_channel_can_be_taken_out_without_a_trace(text: str) -> None:
    after = add_channel(YamlText("credentials.yml", text))
    assert add_channel(YamlText("credentials.yml", after)) == after
    assert undo(YamlText("credentials.yml", after)).text == text


def test_a_file_that_was_added_whole_goes_whole_unless_something_was_added_to_it() -> None:
    after = add_channel(YamlText("credentials.yml", ""), is_new=True)
    assert undo(YamlText("credentials.yml", after)).text is None
    assert undo(YamlText("credentials.yml", after + "\nrest:\n")).text == "\nrest:\n"


def test_what_was_changed_since_stays() -> None:
    text = (
        "pipeline:\n- name: WhitespaceTokenizer\n- name: CountVectorsFeaturizer\n- name: DIETClassifier\n"
        "- name: FallbackClassifier\n  threshold: 0.7\n"
    )
    after = added(text, COMPONENTS, DataTraits(False, False, False), {})
    assert "# before convai: - name: CountVectorsFeaturizer" in after
    since = after.replace("- name: WhitespaceTokenizer", "- name: JiebaTokenizer  # better").replace(
        "DistilBertIntentClassifier  # added by convai", "DistilBertIntentClassifier  # added by convai\n  model: mine"
    )
    assert since != after
    since += "- name: EntitySynonymMapper\nother: x\n"
    assert undo(YamlText("config.yml", since)).text == (
        text.replace("- name: WhitespaceTokenizer", "- name: JiebaTokenizer  # better")
        + "- name: EntitySynonymMapper\nother: x\n"
    )


def test_the_channel_goes_with_the_keys_it_was_given() -> None:
    after = add_channel(YamlText("credentials.yml", "rest:\n")) + "  asr: {model: whisper/base}\n  token: abc\n"
    assert undo(YamlText("credentials.yml", after + "slack:\n")).text == "rest:\nslack:\n"


def test_an_added_pipeline_that_was_built_on_keeps_what_was_built() -> None:
    after = added("language: en\n", COMPONENTS, DataTraits(None, None), {}) + "  - name: my.Component\n"
    assert undo(YamlText("config.yml", after)).text == "language: en\n\npipeline:\n  - name: my.Component\n"


def test_a_value_whose_former_one_was_deleted_stays_and_is_mentioned() -> None:
    after = added("pipeline:\n- name: FallbackClassifier\n  threshold: 0.7\n", COMPONENTS, DataTraits(None, None), {})
    lines = [line for line in after.splitlines(keepends=True) if "before convai" not in line]
    undone = undo(YamlText("config.yml", "".join(lines)))
    assert undone.text == "pipeline:\n- name: FallbackClassifier\n  threshold: 0.42\n"
    assert "'threshold: 0.42' stays" in undone.notes[0]


def test_what_was_there_before_stays_and_is_mentioned() -> None:
    text = f"pipeline:\n- name: {SENTIMENT}\n"
    undone = undo(YamlText("config.yml", added(text, COMPONENTS, DataTraits(None, None), {})))
    assert undone.text == text
    assert SENTIMENT in undone.notes[0]


def test_files_of_an_earlier_version_without_marks() -> None:
    config = (
        "pipeline:\n- name: DIETClassifier\n  epochs: 5\n  intent_classification: false\n"
        f"- name: {INTENTS}\n- name: {SENTIMENT}\n  entity_labels: []\n- name: EntitySynonymMapper\n"
    )
    undone = undo(YamlText("config.yml", config))
    assert undone.text == "pipeline:\n- name: DIETClassifier\n  epochs: 5\n- name: EntitySynonymMapper\n"
    assert "classifies intents again" in undone.notes[0]
    commented = f"pipeline:\n- name: WhitespaceTokenizer\n# - name: SklearnIntentClassifier\n- name: {INTENTS}\n"
    undone = undo(YamlText("config.yml", commented))
    assert undone.text == "pipeline:\n- name: WhitespaceTokenizer\n# - name: SklearnIntentClassifier\n"
    assert "no longer has an intent classifier" in undone.notes[0]
    assert undo(YamlText("credentials.yml", f"rest:\n\n{CHANNEL}:\n  token: a\n")).text == "rest:\n"
    assert undo(YamlText("config.yml", "pipeline: [{name: A}]\n")).text == "pipeline: [{name: A}]\n"


def test_what_cannot_be_undone_is_refused_in_a_sentence() -> None:
    after = added("language: en\n", COMPONENTS, DataTraits(None, None), {}).replace(
        "name: convai", "name: &x convai", 1
    )
    with pytest.raises(ConfigurationError, match="by hand"):
        undo(YamlText("config.yml", after + "other: *x\n"))
