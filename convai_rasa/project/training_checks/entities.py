"""What the pipeline finds in a message against what the domain knows and its slots wait for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterator, Optional, Sequence

from rasa.nlu.classifiers.diet_classifier import DIETClassifier
from rasa.nlu.extractors.crf_entity_extractor import CRFEntityExtractor
from rasa.nlu.extractors.duckling_entity_extractor import DucklingEntityExtractor
from rasa.nlu.extractors.mitie_entity_extractor import MitieEntityExtractor
from rasa.nlu.extractors.regex_entity_extractor import RegexEntityExtractor
from rasa.nlu.extractors.spacy_entity_extractor import SpacyEntityExtractor
from rasa.nlu.selectors.response_selector import ResponseSelector
from rasa.nlu.utils.spacy_utils import SpacyNLP

from convai_rasa.project.change import ENTITIES, SENTIMENT, short
from convai_rasa.project.findings import Finding
from convai_rasa.project.training_checks.components import Step
from convai_rasa.project.training_checks.loaded_bot import Bot
from convai_rasa.project.training_checks.wording import listed, nearest

_TRAINED = (DIETClassifier, CRFEntityExtractor, MitieEntityExtractor)
_RASA = "rasa."
# https://github.com/facebook/duckling#supported-dimensions, under the names that Duckling gives them
DUCKLING_DIMENSIONS = (
    "amount-of-money",
    "credit-card-number",
    "distance",
    "duration",
    "email",
    "number",
    "ordinal",
    "phone-number",
    "quantity",
    "temperature",
    "time",
    "url",
    "volume",
)


@dataclass
class _Found:
    """Entities that a pipeline puts out.

    Attributes:
        pretrained: of each component that finds them without examples, the names.
        trained: what the annotations teach; None if nothing in the pipeline learns from them.
        unknown: whether a component of the bot's own may find anything.
    """

    pretrained: dict[str, list[str]] = field(default_factory=dict)
    trained: Optional[set[str]] = None
    unknown: bool = False

    @property
    def all(self) -> set[str]:
        return {*(self.trained or ()), *(name for names in self.pretrained.values() for name in names)}


def check_entities(bot: Bot, steps: Sequence[Step]) -> Iterator[Finding]:
    """Compare what the pipeline outputs with the domain's entities, and with the slots that are filled from them.

    Args:
        bot: what was read, with a domain.
        steps: of its pipeline.
    """
    assert bot.domain is not None
    found = _found(bot, steps)
    known = set(bot.domain.entities)
    if found.trained is None and bot.nlu.entities and steps and not found.unknown:
        what = (
            f"The training data annotates {listed(sorted(bot.nlu.entities))}, but nothing in the pipeline learns them"
        )
        fix = f"give {short(ENTITIES)} 'train: true', or add DIETClassifier"
        yield Finding("entities", "error", what, fix)
    if unlisted := sorted(set(bot.nlu.entities) - known):
        close = nearest(unlisted[0], known)
        fix = f"did you mean '{close}'?" if close and len(unlisted) == 1 else "add it to the domain's entities"
        what = f"The training data annotates {listed(unlisted)}, which the domain does not list as an entity"
        yield Finding("entities", "error", what, fix)
    for component, names in found.pretrained.items():
        if extra := [name for name in names if name not in known and name not in unlisted]:
            what = f"{component} outputs {listed(extra)}, which the domain does not list as an entity"
            yield Finding("entities", "warning", what, _remedy(component, [name for name in names if name in known]))
    yield from _roles(bot, steps)
    yield from _slots(bot, found, known)
    yield from _patterns(bot, steps)


def _remedy(component: str, wanted: list[str]) -> str:
    if component == short(SENTIMENT):
        return "add 'entity_labels: []' to it, or the entity to the domain"
    if component == "RegexEntityExtractor":
        return "add it to the domain's entities"
    return f"add it to the domain's entities, or leave it out with dimensions: [{', '.join(wanted)}]"


def _found(bot: Bot, steps: Sequence[Step]) -> _Found:
    found = _Found()
    labels: list[str] = []
    for step in steps:
        config = step.config
        if step.is_a(SpacyNLP) and step.made is not None:
            model: Any = step.made.provide().model
            labels = list(model.get_pipe("ner").labels) if "ner" in model.pipe_names else []
        if step.is_a(ResponseSelector):
            continue  # a DIETClassifier by descent, which finds no entities
        if step.is_a(*_TRAINED):
            if config.get("entity_recognition") is not False:
                found.trained = (found.trained or set()) | set(bot.nlu.entities)
        elif step.is_a(DucklingEntityExtractor):
            found.pretrained[step.short] = [
                name for name in config.get("dimensions") or DUCKLING_DIMENSIONS if name in DUCKLING_DIMENSIONS
            ]
        elif step.is_a(SpacyEntityExtractor):
            found.pretrained[step.short] = list(config.get("dimensions") or labels)
        elif step.is_a(RegexEntityExtractor):
            found.pretrained[step.short] = sorted(_names_of_patterns(bot, config) & set(bot.nlu.entities))
        elif step.ours:
            _add_ours(found, step, bot)
        elif step.kind is None or not step.kind.__module__.startswith(_RASA):
            found.unknown = True
    return found


def _add_ours(found: _Found, step: Step, bot: Bot) -> None:
    """Ours outputs of spaCy's labels only what the domain lists, unless ``dimensions`` asks for more."""
    if step.short == short(SENTIMENT):
        found.pretrained[step.short] = ["sentiment"] if step.keys.get("entity_labels") != [] else []
    elif step.short == short(ENTITIES):
        mapped: Any = step.keys.get("map")
        renamed: dict[str, str] = mapped if isinstance(mapped, dict) else {}
        dimensions: Any = step.keys.get("dimensions")
        asked: list[str] = [str(renamed.get(name, name)) for name in dimensions] if isinstance(dimensions, list) else []
        assert bot.domain is not None
        found.pretrained[step.short] = [*asked, *renamed.values(), *(set(bot.domain.entities) & LABELS)]
        if step.keys.get("train") is True:
            found.trained = (found.trained or set()) | set(bot.nlu.entities)
        found.pretrained[step.short] += sorted(_names_of_patterns(bot, {}) & set(bot.domain.entities))


# The labels of OntoNotes 5, which spaCy's pipelines for most languages put out, and those of WikiNER.
LABELS = frozenset(
    [
        *("CARDINAL", "DATE", "EVENT", "FAC", "GPE", "LANGUAGE", "LAW", "LOC", "MISC", "MONEY", "NORP", "ORDINAL"),
        *("ORG", "PER", "PERCENT", "PERSON", "PRODUCT", "QUANTITY", "TIME", "WORK_OF_ART"),
    ]
)


def _names_of_patterns(bot: Bot, config: dict[str, Any]) -> set[str]:
    regexes = {str(one["name"]) for one in bot.nlu.regex_features} if config.get("use_regexes", True) else set()
    lookups = {str(one["name"]) for one in bot.nlu.lookup_tables} if config.get("use_lookup_tables", True) else set()
    return regexes | lookups


def _patterns(bot: Bot, steps: Sequence[Step]) -> Iterator[Finding]:
    """Rasa's extractor passes over a pattern whose name no example is annotated with."""
    for step in steps:
        if step.is_a(RegexEntityExtractor):
            passed_over = _names_of_patterns(bot, step.config) & set(bot.domain.entities if bot.domain else ())
            if idle := sorted(passed_over - set(bot.nlu.entities)):
                what = f"RegexEntityExtractor does not look for {listed(idle)}, which no example is annotated with"
                yield Finding("entities", "warning", what, "annotate an example with it")


def _roles(bot: Bot, steps: Sequence[Step]) -> Iterator[Finding]:
    assert bot.domain is not None
    listed_roles = {role for roles in bot.domain.entity_properties.roles.values() for role in roles}
    listed_groups = {group for groups in bot.domain.entity_properties.groups.values() for group in groups}
    annotated = [entity for example in bot.nlu.entity_examples for entity in example.get("entities", [])]
    for kind, there in (("role", listed_roles), ("group", listed_groups)):
        used = {str(entity[kind]) for entity in annotated if entity.get(kind)}
        if unlisted := sorted(used - there):
            close = nearest(unlisted[0], there)
            fix = f"did you mean '{close}'?" if close else f"add it to that entity's {kind}s in the domain"
            what = f"The training data uses the {kind} {listed(unlisted)}, which the domain does not list"
            yield Finding("entities", "error", what, fix)


def _slots(bot: Bot, found: _Found, known: set[str]) -> Iterator[Finding]:
    assert bot.domain is not None
    waiting: dict[str, list[str]] = {}
    for slot in bot.domain.slots:
        for mapping in slot.mappings or ():
            if mapping.get("type") == "from_entity" and mapping.get("entity"):
                waiting.setdefault(str(mapping["entity"]), []).append(slot.name)
    for entity, slots in waiting.items():
        names = listed(slots)
        which = f"The slot {names} is" if len(set(slots)) == 1 else f"The slots {names} are"
        if entity not in known:
            close = nearest(entity, known)
            fix = f"did you mean '{close}'?" if close else "add it to the domain's entities, or correct the mapping"
            what = f"{which} filled from the entity '{entity}', which the domain does not list"
            yield Finding("entities", "error", what, fix)
        elif entity not in found.all and not found.unknown and bot.complete and bot.steps("pipeline"):
            if found.trained is None and entity in bot.nlu.entities:
                continue  # said above: nothing learns the annotations
            what = f"{which} filled from the entity '{entity}', which nothing in the pipeline outputs"
            yield Finding("entities", "warning", what, "annotate examples with it, or add a component that finds it")
