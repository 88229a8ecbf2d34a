"""Where the components go in a pipeline, and what becomes of those that are there already.

Rasa runs a pipeline from top to bottom, and of two intent classifiers the later one decides. Hence:

- intents: after the last trained intent classifier, else before the first that only corrects others
  (KeywordIntentClassifier, FallbackClassifier);
- a classifier that did nothing but intents is commented out; DIET stays for its entities, told to leave the intents,
  unless ours learns them instead;
- what served only a component that is commented out goes with it;
- entities: before the first EntitySynonymMapper, which maps what stands above it;
- sentiment: beside them, without its entity, which would change what stories and tests see;
- vocabulary: below all that finds entities, unless SpokenValueMapper is there, which has it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping

from convai_rasa.errors import ConfigurationError
from convai_rasa.project.change import marks
from convai_rasa.project.change.rasa_components import (
    SPACY_TOKENIZER,
    WHITESPACE_TOKENIZER,
    may_read_features,
    names_of,
    short,
    unused,
)
from convai_rasa.project.change.yaml_text import Edit, Step, YamlText
from convai_rasa.project.project_files import DataTraits

INTENTS = "convai_rasa.nlu.DistilBertIntentClassifier"
ENTITIES = "convai_rasa.nlu.SpacyModelEntityExtractor"
SENTIMENT = "convai_rasa.nlu.HybridSentimentAnalyzer"
COMPONENTS = (INTENTS, ENTITIES, SENTIMENT)  # what ``convai add`` puts in, whatever the bot is used for
VOCABULARY = "convai_rasa.nlu.Vocabulary"  # what it puts in for voice
VOICE_CONFIDENCE = "convai_rasa.nlu.VoiceConfidence"
SPOKEN_VALUES = "convai_rasa.nlu.SpokenValueMapper"

DIET = "DIETClassifier"
INTENTS_ONLY = frozenset({"SklearnIntentClassifier", "MitieIntentClassifier", "LogisticRegressionClassifier"})
_CORRECTING = frozenset({"KeywordIntentClassifier", "FallbackClassifier"})
_FINDS_NO_ENTITIES = _CORRECTING | {"ResponseSelector", "VoiceConfidence"}
_SELECTOR = "ResponseSelector"
_SYNONYMS = "EntitySynonymMapper"


@dataclass(frozen=True)
class Plan:
    """A changed config file.

    Attributes:
        text: the new content; the old one if nothing needs to change.
        notes: sentences about what the diff does not explain.
        before: the pipeline's steps as they were.
        after: the pipeline's steps as they will be.
    """

    text: str
    notes: list[str] = field(default_factory=list)
    before: list[Step] = field(default_factory=list)
    after: list[Step] = field(default_factory=list)


def add_components(
    config: YamlText,
    wanted: tuple[str, ...],
    traits: DataTraits,
    keys: Mapping[str, Mapping[str, Any]],
    settings: Mapping[str, Mapping[str, Any]],
) -> Plan:
    """Put components into the pipeline of a config file; those that are there already stay as they are.

    Args:
        config: the file.
        wanted: some of ``COMPONENTS``, and ``VOCABULARY``.
        traits: of the training data.
        keys: for each component, what to write under its name: scalars, lists and mappings of scalars.
        settings: for the class name of components that are there, keys to set.

    Raises:
        ConfigurationError: the file uses another recipe, or is written in a way that cannot be edited.
    """
    pipeline = steps_of(config)
    known = (*COMPONENTS, VOCABULARY)
    ours = {component: _step(component, keys.get(component, {})) for component in known if component in wanted}
    if pipeline:
        return _Change(config, pipeline, ours, traits, settings).plan()
    if not ours.keys() - {VOCABULARY}:  # a vocabulary alone makes no pipeline
        return Plan(config.text)
    return _write_pipeline(config, _fresh_pipeline(ours, traits))


def steps_of(config: YamlText) -> list[Step]:
    """Return the pipeline's steps, none where there are none; one that is a bare name as a mapping.

    Raises:
        ConfigurationError: the file uses another recipe, or its pipeline is no list.
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
    return [step if isinstance(step, dict) else {"name": step} for step in pipeline or []]


def _step(component: str, keys: Mapping[str, Any]) -> Step:
    return {"name": component, **({"entity_labels": []} if component == SENTIMENT else {}), **keys}


def _write_pipeline(config: YamlText, steps: list[Step]) -> Plan:
    """Fill an empty pipeline, for which Rasa would choose its own at each training."""
    lines = marks.added_steps(steps, dash=2, key_column=4)
    node = config.value("pipeline")
    if node is None:
        end = len(config.lines)
        edit = Edit(end, 0, [*([""] if end else []), *marks.added(["pipeline:"]), *lines])
    else:
        number = node.start_mark.line
        line = config.line(number)
        start, end = node.start_mark.column, node.end_mark.column
        if line[start:end].strip():  # 'pipeline: null' and 'pipeline: []' lose their value; a comment behind it stays
            emptied = (line[:start].rstrip() + ("  " + line[end:].lstrip() if line[end:].strip() else "")).rstrip()
            edit = Edit(number, 1, [*marks.replaced(line, emptied), *lines])
        else:
            edit = Edit(number + 1, 0, lines)
    return Plan(config.edited([edit], {**config.data, "pipeline": steps}), after=steps)


def _fresh_pipeline(ours: Mapping[str, Step], traits: DataTraits) -> list[Step]:
    """Return a pipeline for a bot that had none: ours, and of Rasa's what the training data needs."""
    learns_entities = bool(ours.get(ENTITIES, {}).get("train"))
    diet = INTENTS not in ours or (bool(traits.entities) and not learns_entities)
    steps: list[Step] = [{"name": WHITESPACE_TOKENIZER}]
    if diet or traits.retrieval_intents:
        steps += [
            {"name": "RegexFeaturizer"},
            {"name": "LexicalSyntacticFeaturizer"},
            {"name": "CountVectorsFeaturizer"},
            {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        ]
    if diet:
        leave = {"intent_classification": False} if INTENTS in ours else {}
        steps.append({"name": DIET, "epochs": 100, **leave})
    steps += [step for component, step in ours.items() if component != VOCABULARY]
    if diet or ENTITIES in ours:
        steps.append({"name": _SYNONYMS})
    steps += [ours[VOCABULARY]] if VOCABULARY in ours else []
    if traits.retrieval_intents:
        steps.append({"name": _SELECTOR, "epochs": 100})
    return [*steps, {"name": "FallbackClassifier", "threshold": 0.4, "ambiguity_threshold": 0.05}]


class _Change:
    """What becomes of each step of a pipeline, and what comes between them."""

    def __init__(
        self,
        config: YamlText,
        pipeline: list[Step],
        ours: Mapping[str, Step],
        traits: DataTraits,
        settings: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._config = config
        self._pipeline = pipeline
        self._names = names_of(pipeline)
        self._traits = traits
        there = {*self._names, *([short(VOCABULARY)] if short(SPOKEN_VALUES) in self._names else [])}
        self._missing = {name: step for name, step in ours.items() if short(name) not in there}
        self._learns = bool(self._missing.get(ENTITIES, {}).get("train"))
        self._settings = settings
        self._notes: list[str] = []

    def plan(self) -> Plan:
        """Return the changed file."""
        settings = [self._setting(step, name) for step, name in zip(self._pipeline, self._names, strict=True)]
        if not self._missing and not any(settings):
            return Plan(self._config.text, self._notes, self._pipeline, self._pipeline)
        line = self._config.one_line("pipeline")
        places = self._config.steps("pipeline") if line is None else []
        out = self._classifiers_out()
        out |= self._idle(out)
        new = self._insertions(out)
        after: list[Step] = []
        for index, (step, setting) in enumerate(zip(self._pipeline, settings, strict=True)):
            after += new.get(index, [])
            after += [] if index in out else [{**step, **setting}]
        after += new.get(len(self._pipeline), [])
        if line is not None:
            written = marks.replaced(self._config.line(line), "pipeline:")
            edits = [Edit(line, 1, [*written, *marks.added_steps(after, dash=2, key_column=4)])]
        else:
            edits = []
            for index, (place, setting) in enumerate(zip(places, settings, strict=True)):
                if index in out:
                    edits.append(marks.comment_out(self._config, place))
                else:
                    edits += marks.set_keys(self._config, place, setting)
            for index, steps in new.items():
                lines = marks.added_steps(steps, dash=places[0].dash, key_column=places[0].key_column)
                # Right behind the step above, so that comments over the next one stay with that one.
                edits.append(Edit(places[index - 1].last_comment + 1 if index else places[0].first, 0, lines))
        text = self._config.edited(edits, {**self._config.data, "pipeline": after})
        return Plan(text, self._notes, self._pipeline, after)

    def _classifiers_out(self) -> set[int]:
        """Return the steps that ours do the work of."""
        out: set[int] = set()
        replaced = INTENTS in self._missing
        for index, (name, step) in enumerate(zip(self._names, self._pipeline, strict=True)):
            if name in INTENTS_ONLY and replaced:
                out.add(index)
            if name == DIET and (replaced or self._learns):
                finds = not (step.get("entity_recognition") is False or self._traits.entities is False or self._learns)
                classifies = not replaced and step.get("intent_classification") is not False
                if not finds and not classifies:
                    out.add(index)
        return out

    def _idle(self, out: set[int]) -> set[int]:
        """Return the steps that served only those that go."""
        if not out:
            return set()
        policies = self._config.data.get("policies")
        end_to_end = may_read_features(policies if isinstance(policies, list) else [], self._traits.end_to_end)

        def idle(gone: set[int]) -> set[int]:
            left = [index for index in range(len(self._pipeline)) if index not in gone]
            found = unused([self._pipeline[index] for index in left], end_to_end=end_to_end)
            return {left[index] for index in found}

        selectors = {index for index, name in enumerate(self._names) if name == _SELECTOR}
        if selectors and self._traits.retrieval_intents is False and (more := idle(out | selectors)) - idle(out):
            self._notes.append(
                f"{_SELECTOR} selects nothing, as no intent has the form faq/ask_hours, so it was commented out, too."
            )
            return (selectors | more) - idle(set())
        return idle(out) - idle(set())

    def _insertions(self, out: set[int]) -> dict[int, list[Step]]:
        """Return the new steps by the index of the step in front of which they go."""
        new: dict[int, list[Step]] = {}
        for index in out:
            if self._names[index] == SPACY_TOKENIZER:
                new[index] = [{"name": WHITESPACE_TOKENIZER}]
        intents_at = _intents_at(self._names)
        entities_at = min(intents_at, self._names.index(_SYNONYMS)) if _SYNONYMS in self._names else intents_at
        finders = [index for index, name in enumerate(self._names) if name not in _FINDS_NO_ENTITIES]
        below_entities = finders[-1] + 1 if finders else 0
        places = {ENTITIES: entities_at, VOCABULARY: max(intents_at, below_entities)}
        for component, step in self._missing.items():
            new.setdefault(places.get(component, intents_at), []).append(step)
        return new

    def _setting(self, step: Step, name: str) -> dict[str, Any]:
        setting = dict(self._settings.get(name, {}))
        if name == DIET and INTENTS in self._missing:
            setting["intent_classification"] = False
        if name == DIET and self._learns:
            setting["entity_recognition"] = False
        return {key: value for key, value in setting.items() if step.get(key) != value or key not in step}


def _intents_at(names: list[str]) -> int:
    """Return the index of the step in front of which the intent classifier goes."""
    trained = [index for index, name in enumerate(names) if name == DIET or name in INTENTS_ONLY]
    if trained:
        return trained[-1] + 1
    return next((index for index, name in enumerate(names) if name in _CORRECTING), len(names))
