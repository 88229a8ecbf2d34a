"""How the components of a pipeline stand to each other."""

from __future__ import annotations

from typing import Iterator, Sequence

from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.extractors.duckling_entity_extractor import DucklingEntityExtractor
from rasa.nlu.extractors.entity_synonyms import EntitySynonymMapper
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.nlu.selectors.response_selector import ResponseSelector
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.utils.tensorflow.constants import FEATURIZERS

from convai_rasa.project.findings import Finding
from convai_rasa.project.training_checks.components import Step
from convai_rasa.project.training_checks.quietly import attempt
from convai_rasa.project.training_checks.wording import RASA, meant


def check_order(steps: Sequence[Step]) -> Iterator[Finding]:
    """See that each component of a pipeline finds above it what it needs."""
    yield from _missing(steps)
    tokenizers = [step for step in steps if step.is_a(Tokenizer)]
    if len(tokenizers) > 1:
        what = f"The pipeline has more than one tokenizer: {', '.join(step.short for step in tokenizers)}"
        yield tokenizers[0].found(what, "keep one")
    yield from _aliases(steps)
    yield from _after_synonyms(steps)
    yield from _classifiers(steps)


def _classifiers(steps: Sequence[Step]) -> Iterator[Finding]:
    classifiers = [
        step
        for step in steps
        if step.is_a(IntentClassifier) and not step.is_a(ResponseSelector) and step.short != "FallbackClassifier"
    ]
    silent = [step for step in classifiers if step.config.get("intent_classification") is False]
    if steps and all(step.made and step.rasas for step in steps) and len(classifiers) == len(silent):
        yield Finding("pipeline", "warning", "No component of the pipeline finds intents", "convai add --only nlu")
    for index, step in enumerate(steps):
        later = [one.short for one in steps[index + 1 :] if one in classifiers and one not in silent and not one.ours]
        if step.short == "FallbackClassifier" and later and any(other in classifiers for other in steps[:index]):
            what = f"FallbackClassifier comes before {', '.join(later)}, which decides after it"
            yield step.found(what, "move it to the end of the pipeline")


def _missing(steps: Sequence[Step]) -> Iterator[Finding]:
    lacking: dict[type, list[Step]] = {}
    for index, step in enumerate(steps):
        above = steps[:index]
        if step.kind is None or step.ours or any(other.kind is None for other in above):
            continue  # ``check_pipeline`` looks at ours; what nobody knows may be what is needed
        ours_below = step.short == "FallbackClassifier" and any(other.ours for other in steps[index:])
        for kind in attempt(step.kind.required_components)[0] or ():
            if not any(other.is_a(kind) for other in above) and not ours_below:  # ``check_pipeline`` says that
                lacking.setdefault(kind, []).append(step)
    for kind, needing in lacking.items():
        who = f"{', '.join(dict.fromkeys(step.short for step in needing))} {'needs' if len(needing) == 1 else 'need'}"
        below = next((step.short for step in steps if step.is_a(kind) and step not in needing), None)
        if below:
            yield needing[0].found(f"{who} {below} above, but it comes below", f"move {below} up")
        else:
            fix = RASA["providers"].get(kind.__name__, "put one in front of it")
            yield needing[0].found(f"{who} a {kind.__name__} above", fix)


def _aliases(steps: Sequence[Step]) -> Iterator[Finding]:
    given = [str(step.keys["alias"]) for step in steps if step.is_a(Featurizer) and step.keys.get("alias")]
    for alias in sorted(alias for alias in set(given) if given.count(alias) > 1):
        yield Finding("pipeline", "error", f"Two featurizers have the alias '{alias}'", "give each an alias of its own")
    for step in steps:
        wanted = step.keys.get(FEATURIZERS)
        for alias in wanted if isinstance(wanted, list) else ():
            if alias not in given:
                fix = meant(str(alias), set(given), f"give that featurizer the key alias: {alias}")
                yield step.found(f"{step.short} uses the featurizer '{alias}', but none has that alias", fix)


def _after_synonyms(steps: Sequence[Step]) -> Iterator[Finding]:
    names = [step.short for step in steps]
    at = names.index("EntitySynonymMapper") if "EntitySynonymMapper" in names else len(names)
    later = [
        step.short
        for step in steps[at + 1 :]
        if step.is_a(EntityExtractorMixin)
        and not step.is_a(ResponseSelector, EntitySynonymMapper, DucklingEntityExtractor)
        and not step.ours
        and step.config.get("entity_recognition") is not False
    ]
    if later:
        what = f"EntitySynonymMapper comes before {', '.join(later)} and will not see what it finds"
        yield steps[at].found(what, "move EntitySynonymMapper below it", "warning")
