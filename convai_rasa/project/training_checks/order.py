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
from convai_rasa.project.training_checks.wording import nearest

# What is put in where a kind is missing, and where.
_PROVIDERS = {
    "Tokenizer": "put WhitespaceTokenizer at the top of the pipeline",
    "Featurizer": "put CountVectorsFeaturizer in front of it",
    "DenseFeaturizer": "put SpacyNLP, SpacyTokenizer and SpacyFeaturizer in front of it",
    "SpacyNLP": "put SpacyNLP with a 'model' at the top of the pipeline",
    "SpacyTokenizer": "put SpacyTokenizer in front of it",
    "MitieNLP": "put MitieNLP with a 'model' at the top of the pipeline",
    "IntentClassifier": "put an intent classifier in front of it",
}


def check_order(steps: Sequence[Step]) -> Iterator[Finding]:
    """See that each component finds above it what it needs.

    Args:
        steps: of the pipeline.
    """
    yield from _missing(steps)
    tokenizers = [step.short for step in steps if step.is_a(Tokenizer)]
    if len(tokenizers) > 1:
        yield _error(f"The pipeline has more than one tokenizer: {', '.join(tokenizers)}", "keep one")
    yield from _aliases(steps)
    yield from _after_synonyms(steps)
    classifiers = [
        step
        for step in steps
        if step.is_a(IntentClassifier) and not step.is_a(ResponseSelector) and step.short != "FallbackClassifier"
    ]
    unknown = [step for step in steps if step.kind is None or (not step.made and not step.ours)]
    custom = [step for step in steps if step.kind is not None and not step.kind.__module__.startswith("rasa.")]
    silent = [step for step in classifiers if step.config.get("intent_classification") is False]
    if steps and not unknown and not custom and len(classifiers) == len(silent):
        yield Finding("pipeline", "warning", "No component of the pipeline finds intents", "convai add --only nlu")
    for index, step in enumerate(steps):
        later = [
            other.short
            for other in steps[index + 1 :]
            if other in classifiers and other not in silent and not other.ours
        ]
        if step.short == "FallbackClassifier" and later and any(other in classifiers for other in steps[:index]):
            what = f"FallbackClassifier comes before {', '.join(later)}, which decides after it"
            yield _error(what, "move it to the end of the pipeline")


def _missing(steps: Sequence[Step]) -> Iterator[Finding]:
    lacking: dict[type, list[Step]] = {}
    for index, step in enumerate(steps):
        above = steps[:index]
        if step.kind is None or step.ours or any(other.kind is None for other in above):
            continue  # check_understanding looks at ours; what nobody knows may be what is needed
        ours_below = step.short == "FallbackClassifier" and any(other.ours for other in steps[index:])
        for kind in attempt(step.kind.required_components)[0] or ():
            if not any(other.is_a(kind) for other in above) and not ours_below:  # check_understanding says that
                lacking.setdefault(kind, []).append(step)
    for kind, needing in lacking.items():
        names = ", ".join(dict.fromkeys(step.short for step in needing))
        below = next((step.short for step in steps if step.is_a(kind) and step not in needing), None)
        verb = "needs" if len(needing) == 1 else "need"
        if below:
            yield _error(f"{names} {verb} {below} above, but it comes below", f"move {below} up")
        else:
            yield _error(
                f"{names} {verb} a {kind.__name__} above", _PROVIDERS.get(kind.__name__, "put one in front of it")
            )


def _aliases(steps: Sequence[Step]) -> Iterator[Finding]:
    given = [str(step.keys["alias"]) for step in steps if step.is_a(Featurizer) and step.keys.get("alias")]
    aliases = set(given)
    for alias in sorted(alias for alias in aliases if given.count(alias) > 1):
        yield _error(f"Two featurizers have the alias '{alias}'", "give each an alias of its own")
    for step in steps:
        wanted = step.keys.get(FEATURIZERS)
        for alias in wanted if isinstance(wanted, list) else ():
            if alias not in aliases:
                close = nearest(str(alias), aliases)
                fix = f"did you mean '{close}'?" if close else f"give that featurizer the key alias: {alias}"
                yield _error(f"{step.short} uses the featurizer '{alias}', but none has that alias", fix)


def _after_synonyms(steps: Sequence[Step]) -> Iterator[Finding]:
    names = [step.short for step in steps]
    if "EntitySynonymMapper" not in names:
        return
    later = [
        step.short
        for step in steps[names.index("EntitySynonymMapper") + 1 :]
        if step.is_a(EntityExtractorMixin)
        and not step.is_a(ResponseSelector, EntitySynonymMapper, DucklingEntityExtractor)
        and not step.ours
        and step.config.get("entity_recognition") is not False
    ]
    if later:
        what = f"EntitySynonymMapper comes before {', '.join(later)} and will not see what it finds"
        yield Finding("pipeline", "warning", what, "move EntitySynonymMapper below it")


def _error(what: str, fix: str) -> Finding:
    return Finding("pipeline", "error", what, fix)
