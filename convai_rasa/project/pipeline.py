"""Where the components go in a pipeline, and what becomes of those that are there already.

Rasa runs a pipeline from top to bottom, and of two intent classifiers the later one decides. Hence:

- intents: after the last trained intent classifier, else before the first that only corrects others
  (KeywordIntentClassifier, FallbackClassifier);
- a classifier that did nothing but intents is commented out; DIET stays for its entities, told to leave the intents;
- entities: before the first EntitySynonymMapper, which maps what stands above it;
- sentiment: beside them, without its entity, which would change what stories and tests see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

import yaml

from convai_rasa.errors import ConfigurationError
from convai_rasa.project.files import DataTraits
from convai_rasa.project.yaml_text import BlockStep, Edit, Step, YamlText, insert, merge, step_lines

INTENTS = "convai_rasa.nlu.DistilBertIntentClassifier"
ENTITIES = "convai_rasa.nlu.SpacyModelEntityExtractor"
SENTIMENT = "convai_rasa.nlu.HybridSentimentAnalyzer"
COMPONENTS = (INTENTS, ENTITIES, SENTIMENT)  # what ``convai add`` puts in
VOICE_CONFIDENCE = "convai_rasa.nlu.VoiceConfidence"

DIET = "DIETClassifier"
_INTENTS_ONLY = frozenset({"SklearnIntentClassifier", "MitieIntentClassifier", "LogisticRegressionClassifier"})
_CORRECTING = frozenset({"KeywordIntentClassifier", "FallbackClassifier"})
_SYNONYMS = "EntitySynonymMapper"
_SPACY = "SpacyEntityExtractor"
HIGHEST_FITTING_THRESHOLD = 0.6  # the confidence of our classifier sums to less than one over the intents


@dataclass(frozen=True)
class Plan:
    """A changed config file.

    Attributes:
        text: the new content; the old one if nothing needs to change.
        notes: sentences about what the diff does not explain.
    """

    text: str
    notes: list[str] = field(default_factory=list)


def short(name: Any) -> str:
    """Return the class name of a component, with which Rasa registers it, however it was written."""
    return str(name).rpartition(".")[2]


def add_components(config: YamlText, wanted: tuple[str, ...], traits: DataTraits) -> Plan:
    """Put components into the pipeline of a config file; those that are there already stay as they are.

    Args:
        config: the file.
        wanted: some of ``COMPONENTS``.
        traits: of the training data.

    Raises:
        ConfigurationError: the file uses another recipe, or is written in a way that cannot be edited.
    """
    recipe = config.data.get("recipe", "default.v1")
    if recipe != "default.v1":
        raise ConfigurationError(
            f"{config.name} uses the recipe '{recipe}', whose graph cannot be extended by a command; "
            "add the components by hand."
        )
    pipeline = config.data.get("pipeline")
    if pipeline is not None and not isinstance(pipeline, list):
        raise ConfigurationError(f"{config.name}: 'pipeline' must be a list of components, or empty.")
    plan = _add_to_steps(config, wanted, traits) if pipeline else _write_pipeline(config, wanted, traits)
    language = str(config.data.get("language", "en"))
    if plan.text != config.text and not language.startswith("en"):
        plan.notes.append(
            f"The bot's language is '{language}', but the embedded models know English best: "
            "give the components a 'model' of that language."
        )
    return plan


def _write_pipeline(config: YamlText, wanted: tuple[str, ...], traits: DataTraits) -> Plan:
    """Fill an empty pipeline, for which Rasa would choose its own at each training."""
    steps = _fresh_pipeline(wanted, traits)
    lines = [line for step in steps for line in step_lines(step, dash=2, key_column=4)]
    node = config.value("pipeline")
    if node is None:
        blank = [] if config.ends_with_blank_line else [""]
        edits = [insert(config.line_count, [*blank, "pipeline:", *lines])]
    else:
        number = node.start_mark.line
        line = config.line(number)
        start, end = node.start_mark.column, node.end_mark.column
        # 'pipeline: null' and 'pipeline: []' lose their value; a comment behind it stays.
        emptied = (line[:start].rstrip() + ("  " + line[end:].lstrip() if line[end:].strip() else "")).rstrip()
        edits = [Edit(number, 1, (emptied, *lines))]
    return Plan(config.edited(edits, {**config.data, "pipeline": steps}))


def _fresh_pipeline(wanted: tuple[str, ...], traits: DataTraits) -> list[Step]:
    """Return a pipeline for a bot that had none: ours, and of Rasa's what the training data needs."""
    ours: list[Step] = [_step(component) for component in COMPONENTS if component in wanted]
    diet = INTENTS not in wanted or traits.entities
    steps: list[Step] = [{"name": "WhitespaceTokenizer"}]
    if diet or traits.retrieval_intents:
        steps += [
            {"name": "RegexFeaturizer"},
            {"name": "LexicalSyntacticFeaturizer"},
            {"name": "CountVectorsFeaturizer"},
            {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        ]
    if diet:
        leave = {"intent_classification": False} if INTENTS in wanted else {}
        steps.append({"name": DIET, "epochs": 100, **leave})
    steps += ours
    if diet or ENTITIES in wanted:
        steps.append({"name": _SYNONYMS})
    if traits.retrieval_intents:
        steps.append({"name": "ResponseSelector", "epochs": 100})
    return [*steps, {"name": "FallbackClassifier", "threshold": 0.4, "ambiguity_threshold": 0.05}]


def _step(component: str) -> Step:
    return {"name": component, "entity_labels": []} if component == SENTIMENT else {"name": component}


def _add_to_steps(config: YamlText, wanted: tuple[str, ...], traits: DataTraits) -> Plan:
    pipeline = config.data["pipeline"]
    names = [short(step.get("name") if isinstance(step, dict) else step) for step in pipeline]
    missing = [name for name in COMPONENTS if name in wanted and short(name) not in names]
    notes = []
    if ENTITIES in missing and _SPACY in names:
        missing.remove(ENTITIES)
        notes.append(f"{_SPACY} is in the pipeline and finds the same entities, so {short(ENTITIES)} was left out.")
    if not missing:
        return Plan(config.text, notes)
    places = config.steps("pipeline")
    dash, key_column = places[0].dash, places[0].key_column
    edits: list[Edit] = []
    expected = [[step] for step in pipeline]  # what stands in the place of each old step
    if INTENTS in missing:
        for index, name in enumerate(names):
            edit, expected[index] = _leave_intents(config, places[index], pipeline[index], name, traits)
            edits += edit
        notes += _threshold_notes(pipeline, names)
    intents_at = _intents_at(names)
    entities_at = min(intents_at, names.index(_SYNONYMS)) if _SYNONYMS in names else intents_at
    before: dict[int, list[Step]] = {}
    for component in missing:
        index = entities_at if component == ENTITIES else intents_at
        before.setdefault(index, []).append(_step(component))
    for index, steps in before.items():
        lines = [line for step in steps for line in step_lines(step, dash=dash, key_column=key_column)]
        # Right behind the step above, so that comments over the next one stay with that one.
        edits.append(insert(places[index - 1].last_comment + 1 if index else places[0].first, lines))
    result = [step for index, kept in enumerate([*expected, []]) for step in [*before.get(index, []), *kept]]
    return Plan(config.edited(merge(edits), {**config.data, "pipeline": result}), notes)


def _intents_at(names: list[str]) -> int:
    """Return the index of the step in front of which the intent classifier goes."""
    trained = [index for index, name in enumerate(names) if name == DIET or name in _INTENTS_ONLY]
    if trained:
        return trained[-1] + 1
    return next((index for index, name in enumerate(names) if name in _CORRECTING), len(names))


def _leave_intents(
    config: YamlText, place: BlockStep, step: dict[str, Any], name: str, traits: DataTraits
) -> tuple[list[Edit], list[Step]]:
    """Take the intents from a classifier; returns the edits and what is left of the step."""
    if name in _INTENTS_ONLY or (
        name == DIET and (step.get("entity_recognition") is False or traits.entities is False)
    ):
        return _comment_out(config, place), []
    if name != DIET or step.get("intent_classification") is False:
        return [], [step]
    return _without_intents(config, place), [{**step, "intent_classification": False}]


def _comment_out(config: YamlText, place: BlockStep) -> list[Edit]:
    lines = [config.line(number) for number in range(place.first, place.last + 1)]
    commented = [line[: place.dash] + "# " + line[place.dash :] if line.strip() else line for line in lines]
    return [Edit(place.first, len(lines), tuple(commented))]


def _without_intents(config: YamlText, place: BlockStep) -> list[Edit]:
    written = _value_of(place.node, "intent_classification")
    if written is not None:
        line = config.line(written.start_mark.line)
        changed = line[: written.start_mark.column] + "false" + line[written.end_mark.column :]
        return [Edit(written.start_mark.line, 1, (changed,))]
    if place.node.flow_style:
        number, column = place.node.end_mark.line, place.node.end_mark.column - 1
        line = config.line(number)
        return [Edit(number, 1, (line[:column].rstrip() + ", intent_classification: false" + line[column:],))]
    return [insert(place.last + 1, [" " * place.key_column + "intent_classification: false"])]


def _value_of(node: yaml.MappingNode, key: str) -> Optional[yaml.Node]:
    return next((value for name, value in node.value if name.value == key), None)


def _threshold_notes(pipeline: list[dict[str, Any]], names: list[str]) -> list[str]:
    thresholds = [
        step.get("threshold") for step, name in zip(pipeline, names, strict=True) if name == "FallbackClassifier"
    ]
    return [
        f"FallbackClassifier's threshold of {threshold:g} was made for another classifier; 0.3 to 0.5 suits this one."
        for threshold in thresholds
        if isinstance(threshold, (int, float)) and threshold > HIGHEST_FITTING_THRESHOLD
    ]
