"""The pipeline in config.yml."""

from __future__ import annotations

import difflib
import importlib.util
import os
import sys
import warnings
from typing import Any, Iterator, Mapping, Type

from convai_rasa.errors import ConfigurationError, install_command
from convai_rasa.options import Options, parse_options
from convai_rasa.project.change import (
    CHANNEL,
    DIET,
    ENTITIES,
    INTENTS,
    INTENTS_ONLY,
    SENTIMENT,
    SPOKEN_VALUES,
    VOCABULARY,
    VOICE_CONFIDENCE,
    names_of,
    short,
)
from convai_rasa.project.findings import Finding, Level

_OPTIONS = {
    INTENTS: "IntentOptions",
    ENTITIES: "EntityOptions",
    SENTIMENT: "SentimentOptions",
    VOICE_CONFIDENCE: "VoiceConfidenceOptions",
    SPOKEN_VALUES: "SpokenValueOptions",
    VOCABULARY: "VocabularyOptions",
}
OUR_COMPONENTS = tuple(_OPTIONS)
# The confidence says how often an answer is right; a higher threshold turns away four right ones for a wrong one.
_HIGHEST_FITTING_THRESHOLD = 0.8

Step = Mapping[str, Any]


def our_steps(config: Mapping[str, Any]) -> list[Step]:
    """Return the steps of a pipeline that this package provides, however their names are written."""
    known = {short(component): component for component in OUR_COMPONENTS}
    steps = _steps(config)
    return [{**step, "name": known[name]} for step, name in zip(steps, names_of(steps), strict=True) if name in known]


def check_pipeline(config: Mapping[str, Any]) -> Iterator[Finding]:
    """Check the names, the keys and the order of the components."""
    pipeline = config.get("pipeline")
    if pipeline is not None and not isinstance(pipeline, list):
        yield _finding("error", "'pipeline' is not a list", "write one '- name: …' per line")
        return
    if any(not isinstance(step, dict) or not step.get("name") for step in pipeline or []):
        yield _finding("error", "A component in 'pipeline' has no name", "write '- name: …'")
    yield from _misspelt(config)
    ours = our_steps(config)
    if not ours:
        yield _finding("note", "The pipeline uses no component of this package", "convai add --only nlu")
        return
    problems = [*_keys(ours), *_order(_steps(config))]
    yield from problems
    if not any(problem.level == "error" for problem in problems):
        yield _finding("ok", f"Pipeline with {', '.join(names_of(ours))}")


def check_vocabulary(config: Mapping[str, Any], credentials: Mapping[str, Any]) -> Iterator[Finding]:
    """See that a bot which is spoken to is heard with its own words and values."""
    names = names_of(_steps(config))
    vocabularies = [name for name in names if name in (short(VOCABULARY), short(SPOKEN_VALUES))]
    if not vocabularies and CHANNEL in credentials:
        what = "The pipeline has no vocabulary, so speech is heard without the bot's values, and by one reading only"
        yield _finding("note", what, f"put '- name: {VOCABULARY}' below what finds entities, and train")
    if len(set(vocabularies)) > 1:
        what = f"{short(SPOKEN_VALUES)} brings the vocabulary with it, so {short(VOCABULARY)} learns it a second time"
        yield _finding("warning", what, f"remove {short(VOCABULARY)}")
    below = names[names.index(short(VOICE_CONFIDENCE)) :] if short(VOICE_CONFIDENCE) in names else []
    if set(vocabularies) & set(below) and short(INTENTS) not in below:  # or else it has to move further
        what = f"{short(VOICE_CONFIDENCE)} comes before {vocabularies[0]}, so it does not know how well words fit"
        yield _finding("warning", what, f"move {short(VOICE_CONFIDENCE)} below it")


def _misspelt(config: Mapping[str, Any]) -> Iterator[Finding]:
    known = [short(component) for component in OUR_COMPONENTS]
    for name in (str(step.get("name")) for step in _steps(config)):
        bare = name in known  # Rasa knows a class by its bare name only once its module is imported
        if name in OUR_COMPONENTS or not (bare or name.lower().startswith("convai")):
            continue
        if not bare and short(name) in known and _importable(name):
            continue  # by the module it is defined in, which Rasa accepts as well
        nearest = max(OUR_COMPONENTS, key=lambda component: difflib.SequenceMatcher(None, name, component).ratio())
        yield _finding("error", f"There is no component '{name}'", f"did you mean '{nearest}'?")


def _importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name.rpartition(".")[0]) is not None
    except ImportError:
        return False


def _keys(ours: list[Step]) -> Iterator[Finding]:
    for step in ours:
        name = step["name"]
        try:
            options = options_class(name)
        except ImportError as error:
            extra = "rasa" if (error.name or "").split(".")[0] in ("rasa", "rasa_sdk") else "nlu"
            yield _finding("error", f"{short(name)} cannot be imported ({error})", install_command(extra))
            continue
        try:
            given = {key: value for key, value in step.items() if key != "name"}
            parse_options(options, given, where=short(name))
        except ConfigurationError as error:
            yield _finding("error", str(error).rstrip("."), "correct it in the config file")


def options_class(component: str) -> Type[Options]:
    """Return the class that lists a component's keys; imports Rasa, as training will.

    Raises:
        ImportError: a package of the extra ``nlu`` is missing.
    """
    found: Type[Options] = getattr(sys.modules[component_class(component).__module__], _OPTIONS[component])
    return found


def component_class(component: str) -> type:
    """Return one of our components; imports Rasa.

    Raises:
        ImportError: a package of the extra ``nlu`` is missing.
    """
    from convai_rasa import nlu

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow is imported
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dependencies about each other; nobody can act on them
        found: type = getattr(nlu, short(component))
    return found


def _order(steps: list[Step]) -> Iterator[Finding]:
    names = names_of(steps)
    for name in sorted(short(component) for component in OUR_COMPONENTS):
        if names.count(name) > 1:
            yield _finding("warning", f"{name} is in the pipeline more than once", "keep one")
    if short(INTENTS) in names:
        yield from _around_intents(steps, names, names.index(short(INTENTS)))
    if short(ENTITIES) in names and "EntitySynonymMapper" in names[: names.index(short(ENTITIES))]:
        what = f"EntitySynonymMapper comes before {short(ENTITIES)} and will not see its entities"
        yield _finding("warning", what, f"move {short(ENTITIES)} up")


def _around_intents(steps: list[Step], names: list[str], intents: int) -> Iterator[Finding]:
    for index, (step, name) in enumerate(zip(steps, names, strict=True)):
        if name in ("FallbackClassifier", short(VOICE_CONFIDENCE)) and index < intents:
            yield _finding("error", f"{name} comes before {short(INTENTS)}", "move it to the end of the pipeline")
        elif name == "FallbackClassifier":
            threshold = step.get("threshold")
            if isinstance(threshold, (int, float)) and threshold > _HIGHEST_FITTING_THRESHOLD:
                what = f"FallbackClassifier's threshold of {threshold:g} is high for {short(INTENTS)}"
                yield _finding("warning", what, "use 0.3 to 0.7")
        elif name not in {*INTENTS_ONLY, DIET} or step.get("intent_classification") is False:
            continue
        elif index > intents:
            otherwise = ", or give DIETClassifier 'intent_classification: false'" if name == DIET else ""
            what = f"{name} comes after {short(INTENTS)}, so it decides the intents"
            yield _finding("warning", what, f"move {short(INTENTS)} after it{otherwise}")
        else:
            what = f"{name} learns intents too, although {short(INTENTS)} decides"
            yield _finding(
                "note", what, "give it 'intent_classification: false'" if name == DIET else "it can be removed"
            )


def _steps(config: Mapping[str, Any]) -> list[Step]:
    pipeline = config.get("pipeline")
    return [step for step in pipeline if isinstance(step, dict)] if isinstance(pipeline, list) else []


def _finding(level: Level, what: str, fix: str = "") -> Finding:
    return Finding("pipeline", level, what, fix)
