"""What the pipeline finds in a message against what the domain knows and its slots wait for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping, Optional, Sequence

from rasa.nlu.classifiers.diet_classifier import DIETClassifier
from rasa.nlu.extractors.crf_entity_extractor import CRFEntityExtractor
from rasa.nlu.extractors.duckling_entity_extractor import DucklingEntityExtractor
from rasa.nlu.extractors.mitie_entity_extractor import MitieEntityExtractor
from rasa.nlu.extractors.regex_entity_extractor import RegexEntityExtractor
from rasa.nlu.extractors.spacy_entity_extractor import SpacyEntityExtractor
from rasa.nlu.selectors.response_selector import ResponseSelector
from rasa.nlu.utils.spacy_utils import SpacyNLP
from rasa.shared.core.domain import Domain

from convai_rasa.project.change import ENTITIES, PRETRAINED_LABELS, SENTIMENT, short
from convai_rasa.project.findings import Finding, Level
from convai_rasa.project.training_checks.components import Step
from convai_rasa.project.training_checks.loaded_bot import Bot
from convai_rasa.project.training_checks.wording import RASA, listed, meant

_TRAINED = (DIETClassifier, CRFEntityExtractor, MitieEntityExtractor)
# With those of WikiNER, what spaCy's pipelines for most languages put out.
_LABELS = PRETRAINED_LABELS | {"MISC", "PER"}


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


def check_entities(bot: Bot, domain: Domain, steps: Sequence[Step]) -> Iterator[Finding]:
    """Compare what a pipeline outputs with the domain's entities, and with the slots that are filled from them."""
    found = _found(bot, domain, steps)
    known = set(domain.entities)
    if found.trained is None and bot.nlu.entities and steps and not found.unknown:
        what = f"The training data annotates {listed(sorted(bot.nlu.entities))}, but nothing in the pipeline learns "
        yield _finding(f"{what}them", f"give {short(ENTITIES)} 'train: true', or add DIETClassifier")
    if unlisted := sorted(set(bot.nlu.entities) - known):
        what = f"The training data annotates {listed(unlisted)}, which the domain does not list as an entity"
        yield _finding(what, meant(unlisted[0], known if len(unlisted) == 1 else (), "add it to the domain's entities"))
    for component, names in found.pretrained.items():
        if extra := [name for name in names if name not in known and name not in unlisted]:
            what = f"{component} outputs {listed(extra)}, which the domain does not list as an entity"
            yield _finding(what, _remedy(component, [name for name in names if name in known]), "warning")
    yield from _roles(bot, domain)
    yield from _slots(bot, domain, found)
    yield from _patterns(bot, domain, steps)


def _remedy(component: str, wanted: list[str]) -> str:
    if component == short(SENTIMENT):
        return "add 'entity_labels: []' to it, or the entity to the domain"
    if component == "RegexEntityExtractor":
        return "add it to the domain's entities"
    return f"add it to the domain's entities, or leave it out with dimensions: [{', '.join(wanted)}]"


def _found(bot: Bot, domain: Domain, steps: Sequence[Step]) -> _Found:
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
            known = RASA["duckling_dimensions"]
            found.pretrained[step.short] = [name for name in config.get("dimensions") or known if name in known]
        elif step.is_a(SpacyEntityExtractor):
            found.pretrained[step.short] = list(config.get("dimensions") or labels)
        elif step.is_a(RegexEntityExtractor):
            found.pretrained[step.short] = sorted(_names_of_patterns(bot, config) & set(bot.nlu.entities))
        elif step.ours:
            _add_ours(found, step, bot, domain)
        elif not step.rasas:
            found.unknown = True
    return found


def _add_ours(found: _Found, step: Step, bot: Bot, domain: Domain) -> None:
    """Ours outputs of spaCy's labels only what the domain lists, unless ``dimensions`` asks for more."""
    if step.short == short(SENTIMENT):
        found.pretrained[step.short] = ["sentiment"] if step.keys.get("entity_labels") != [] else []
    elif step.short == short(ENTITIES):
        mapped, dimensions = step.keys.get("map"), step.keys.get("dimensions")
        renamed: Mapping[str, str] = mapped if isinstance(mapped, dict) else {}
        asked = [str(renamed.get(name, name)) for name in dimensions] if isinstance(dimensions, list) else []
        listed_here = set(domain.entities)
        patterns = sorted(_names_of_patterns(bot, {}) & listed_here)
        found.pretrained[step.short] = [*asked, *renamed.values(), *(listed_here & _LABELS), *patterns]
        if step.keys.get("train") is True:
            found.trained = (found.trained or set()) | set(bot.nlu.entities)


def _names_of_patterns(bot: Bot, config: Mapping[str, Any]) -> set[str]:
    regexes = bot.nlu.regex_features if config.get("use_regexes", True) else []
    lookups = bot.nlu.lookup_tables if config.get("use_lookup_tables", True) else []
    return {str(one["name"]) for one in [*regexes, *lookups]}


def _patterns(bot: Bot, domain: Domain, steps: Sequence[Step]) -> Iterator[Finding]:
    """Rasa's extractor passes over a pattern whose name no example is annotated with."""
    for step in steps:
        if step.is_a(RegexEntityExtractor):
            passed_over = _names_of_patterns(bot, step.config) & set(domain.entities)
            if idle := sorted(passed_over - set(bot.nlu.entities)):
                what = f"RegexEntityExtractor does not look for {listed(idle)}, which no example is annotated with"
                yield _finding(what, "annotate an example with it", "warning")


def _roles(bot: Bot, domain: Domain) -> Iterator[Finding]:
    annotated = [entity for example in bot.nlu.entity_examples for entity in example.get("entities", [])]
    properties = domain.entity_properties
    for kind, of_entities in (("role", properties.roles), ("group", properties.groups)):
        there = {name for names in of_entities.values() for name in names}
        if unlisted := sorted({str(entity[kind]) for entity in annotated if entity.get(kind)} - there):
            what = f"The training data uses the {kind} {listed(unlisted)}, which the domain does not list"
            yield _finding(what, meant(unlisted[0], there, f"add it to that entity's {kind}s in the domain"))


def _slots(bot: Bot, domain: Domain, found: _Found) -> Iterator[Finding]:
    known = set(domain.entities)
    waiting: dict[str, list[str]] = {}
    for slot in domain.slots:
        for mapping in slot.mappings or ():
            if mapping.get("type") == "from_entity" and mapping.get("entity"):
                waiting.setdefault(str(mapping["entity"]), []).append(slot.name)
    for entity, slots in waiting.items():
        names = listed(slots)
        which = f"The slot {names} is" if len(set(slots)) == 1 else f"The slots {names} are"
        if entity not in known:
            what = f"{which} filled from the entity '{entity}', which the domain does not list"
            yield _finding(what, meant(entity, known, "add it to the domain's entities, or correct the mapping"))
        elif entity not in found.all and not found.unknown and bot.complete and bot.steps("pipeline"):
            if found.trained is None and entity in bot.nlu.entities:
                continue  # said above: nothing learns the annotations
            what = f"{which} filled from the entity '{entity}', which nothing in the pipeline outputs"
            yield _finding(what, "annotate examples with it, or add a component that finds it", "warning")


def _finding(what: str, fix: str, level: Level = "error") -> Finding:
    return Finding("entities", level, what, fix)
