"""Each component of the pipeline and each policy, made as a training makes it: name, keys, packages, ``create``."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Sequence

import rasa.engine.validation as validation
from rasa.core.policies.policy import Policy
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.recipes.default_components import DEFAULT_COMPONENTS
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.utils.common import find_unavailable_packages, override_defaults

from convai_rasa.errors import ConvaiError
from convai_rasa.project.change import short
from convai_rasa.project.findings import Finding
from convai_rasa.project.training_checks.loaded_bot import Bot
from convai_rasa.project.training_checks.quietly import attempt
from convai_rasa.project.training_checks.wording import nearest, of_error
from convai_rasa.store import load_catalogue, resolve

AREAS = {"pipeline": "pipeline", "policies": "policies"}
OURS = "convai_rasa."

# What Rasa reads beside a component's defaults.
_MORE_KEYS = {
    "SpacyNLP": {"model"},
    "SklearnIntentClassifier": {"featurizers", "num_threads"},
    "MitieIntentClassifier": {"num_threads"},
    "MitieEntityExtractor": {"num_threads"},
}
_POLICY_KEYS = {"featurizer", "state_featurizer", "max_history", "priority"}
_SHARES = {"threshold", "ambiguity_threshold", "core_fallback_threshold", "tolerance"}  # 0 to 1

# Rasa 3 no longer has these; what took their place.
_GONE = {
    "DucklingHTTPExtractor": "DucklingEntityExtractor",
    "EmbeddingIntentClassifier": "DIETClassifier",
    "TensorFlowEmbedding": "DIETClassifier",
    "EmbeddingPolicy": "TEDPolicy",
    "KerasPolicy": "TEDPolicy",
    "SklearnPolicy": "TEDPolicy",
    "FallbackPolicy": "RulePolicy with core_fallback_threshold, and FallbackClassifier in the pipeline",
    "TwoStageFallbackPolicy": "RulePolicy, and FallbackClassifier in the pipeline",
    "FormPolicy": "RulePolicy",
    "MappingPolicy": "RulePolicy",
    "HFTransformersNLP": "LanguageModelFeaturizer alone",
    "LanguageModelTokenizer": "WhitespaceTokenizer, and LanguageModelFeaturizer",
    "ConveRTTokenizer": "WhitespaceTokenizer, and ConveRTFeaturizer",
}
_PACKAGES = {
    "sklearn": "pip install 'scikit-learn>=0.22,<1.2'",
    "sklearn_crfsuite": "pip install 'sklearn-crfsuite>=0.3,<0.4'",
    "tensorflow_hub": "pip install 'tensorflow_hub>=0.13,<0.14'",
    "tensorflow_text": "pip install tensorflow-text==2.12.0",
    "jieba": "pip install 'jieba>=0.39,<0.43'",
    "mitie": "pip install mitie (it is built with cmake and a C++ compiler)",
    "spacy": "pip install 'convai-rasa[rasa,nlu]'",
}
# transformers 4 wants a huggingface_hub below 1, and this package one from 1 on.
_INSTEAD = (
    "use DistilBertIntentClassifier for the intents (convai add --only nlu), and SpacyNLP, SpacyTokenizer and "
    "SpacyFeaturizer where others need dense features"
)


@dataclass(frozen=True)
class Step:
    """One component or policy.

    Attributes:
        name: as it is written.
        keys: what is written below it.
        kind: its class; for a misspelt name, that of the nearest; None if nobody knows.
        made: by ``create``; None if that failed.
    """

    name: str
    keys: Mapping[str, Any]
    kind: Any  # Rasa's classes have no types here
    made: Optional[GraphComponent] = None

    @property
    def short(self) -> str:
        """Its class name."""
        return short(self.name)

    @property
    def ours(self) -> bool:
        """Whether it is a component of this package."""
        return self.kind is not None and self.kind.__module__.startswith(OURS)

    def is_a(self, *kinds: type) -> bool:
        """Whether it is of one of some classes."""
        return self.kind is not None and issubclass(self.kind, kinds)

    @property
    def config(self) -> dict[str, Any]:
        """Its keys over its defaults, as ``create`` gets them."""
        if self.kind is None:
            return dict(self.keys)
        defaults = self.kind.get_default_config()
        fitting = {
            key: value
            for key, value in self.keys.items()
            if isinstance(value, dict) or not isinstance(defaults.get(key), dict)  # the others ``_keys`` tells of
        }
        return override_defaults(defaults, fitting)


def make_steps(bot: Bot, section: str, storage: Path) -> tuple[list[Step], list[Finding]]:
    """Make every component of a section of the config, each without the others.

    Args:
        bot: what was read.
        section: ``pipeline`` or ``policies``.
        storage: an empty folder, for what a component may write.
    """
    steps, findings = [], []
    for index, written in enumerate(bot.steps(section)):
        step, found = _make(bot, section, written, index, storage)
        steps.append(step)
        findings += found
    return steps, findings


def _make(bot: Bot, section: str, written: dict[str, Any], index: int, storage: Path) -> tuple[Step, list[Finding]]:
    name = written.pop("name")
    if short(name) in _ours() or name.startswith("convai"):
        kind = attempt(lambda: _ours().get(short(name)))[0]  # check_understanding says what is wrong with ours
        return Step(name, written, kind), []
    kind, problem = _find(name, section, bot.folder)
    if problem is not None:
        return Step(name, written, kind), [problem]
    step = Step(name, written, kind)
    assert kind is not None
    found = [*_place(step, section), *_keys(step, section), *_requirements(step, section, bot)]
    if any(finding.level == "error" for finding in found):
        return step, found
    component, error, _ = attempt(lambda: _create(step, index, storage)) if _can_be_made(step) else (None, None, [])
    if error is not None:
        return step, [*found, _failed(step, section, error, bot)]
    return Step(name, written, kind, component), found


def _ours() -> dict[str, type]:
    from convai_rasa.project.checks import OUR_COMPONENTS, component_class

    found = {}
    for component in OUR_COMPONENTS:
        try:
            found[short(component)] = component_class(component)
        except ImportError:
            continue  # check_understanding says so
    return found


def _find(name: str, section: str, folder: Path) -> tuple[Any, Optional[Finding]]:
    """Return the class of a name, or what is wrong and, if it can be guessed, the class that was meant."""
    area = AREAS[section]
    builtin = {kind.__name__: kind for kind in DEFAULT_COMPONENTS}
    if name not in builtin and (instead := _GONE.get(short(name))):
        what = f"Rasa 3 no longer has {name}"
        return builtin.get(instead.split()[0].rstrip(",")), Finding(area, "error", what, f"use {instead}")
    registered, error, _ = attempt(lambda: DefaultV1Recipe._from_registry(name))
    if error is None and registered is not None:
        return registered.clazz, None
    assert error is not None
    fitting = [kind for kind in builtin if issubclass(builtin[kind], Policy) == (section == "policies")]
    close = nearest(short(name), fitting)
    meant = builtin.get(close or "")
    noun = "policy" if section == "policies" else "component"
    if "." not in name:
        what = f"Rasa has no {noun} '{name}'"
        fix = f"did you mean '{close}'?" if close else f"name one of your own with its module, such as nlu.my.{name}"
        return meant, Finding(area, "error", what, fix)
    return meant, _not_importable(name, noun, area, error, close, folder)


def _not_importable(
    name: str, noun: str, area: str, error: BaseException, close: Optional[str], folder: Path
) -> Finding:
    module, _, class_name = name.rpartition(".")
    if isinstance(error, ModuleNotFoundError) and error.name and f"{module}.".startswith(f"{error.name}."):
        what = f"The {noun} {name} cannot be imported: there is no module '{error.name}'"
        fix = (
            f"did you mean '{close}'?"
            if module.startswith("rasa.") and close
            else (f"put it into {folder}, or install the package that has it, or correct the spelling")
        )
        return Finding(area, "error", what, fix)
    if isinstance(error, ModuleNotFoundError) and (error.name or "").startswith("rasa."):
        what = f"The {noun} {name} is written for another version of Rasa: it imports '{error.name}'"
        return Finding(area, "error", what, "rewrite it as a GraphComponent, as Rasa's page on custom components shows")
    if isinstance(error, ModuleNotFoundError):
        what = f"The {noun} {name} cannot be imported: it needs the package '{error.name}', which is not installed"
        return Finding(area, "error", what, f"pip install the package that has '{error.name}'")
    if module in sys.modules and not hasattr(sys.modules[module], class_name) and isinstance(error, ImportError):
        there = nearest(class_name, vars(sys.modules[module]))
        fix = f"did you mean '{module}.{there}'?" if there else "correct the spelling"
        return Finding(area, "error", f"The module '{module}' has no class '{class_name}'", fix)
    if type(error).__name__ == "InvalidConfigException":
        what = f"The {noun} {name} is not registered with Rasa"
        return Finding(area, "error", what, "put @DefaultV1Recipe.register([…], is_trainable=…) above its class")
    return Finding(
        area, "error", f"The {noun} {name} cannot be imported: {of_error(error, folder)}", "correct its module"
    )


def _place(step: Step, section: str) -> Iterator[Finding]:
    if step.is_a(Policy) and section == "pipeline":
        yield Finding("pipeline", "error", f"{step.short} is a policy", "move it below 'policies'")
    if not step.is_a(Policy) and section == "policies":
        yield Finding("policies", "error", f"{step.short} is not a policy", "move it into the 'pipeline'")


def _keys(step: Step, section: str) -> Iterator[Finding]:
    """Look at the keys of Rasa's own components; others may read what they like."""
    if step.kind not in DEFAULT_COMPONENTS:
        return
    defaults = step.kind.get_default_config()
    known = {*defaults, *_MORE_KEYS.get(step.short, ()), *(_POLICY_KEYS if section == "policies" else ())}
    area = AREAS[section]
    for key, value in step.keys.items():
        if key not in known:
            close = nearest(str(key), known)
            fix = f"did you mean '{close}'?" if close else "remove it"
            yield Finding(area, "warning", f"{step.short} has no key '{key}', so Rasa ignores it", fix)
        elif wrong := _wrong_value(str(key), value, defaults.get(key)):
            yield Finding(area, "error", f"{step.short}: {key} is {value!r}, which is {wrong}", "correct it")


def _wrong_value(key: str, value: Any, default: Any) -> Optional[str]:
    if isinstance(value, str) and "${" in value:
        return None  # a variable that is not set, which is said of the whole file
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(default, dict) and not isinstance(value, dict):
        return "not a mapping of keys to values"
    if isinstance(default, bool):
        return None if isinstance(value, (bool, dict)) or value is None else "neither true nor false"
    if isinstance(default, (int, float)) and isinstance(value, (str, bool)):
        return "no number"
    if key in _SHARES and number and not 0 <= value <= 1:
        return "not between 0 and 1"
    if key == "epochs" and number and (value < 0 or value != int(value)):
        return "not a number of epochs"
    if isinstance(default, str) and isinstance(value, (list, dict)):
        return "no word"
    return None


def _requirements(step: Step, section: str, bot: Bot) -> Iterator[Finding]:
    """Look at the packages and the language that a component needs."""
    area = AREAS[section]
    packages, error, _ = attempt(lambda: find_unavailable_packages(list(step.kind.required_packages())))
    if error is not None:
        yield Finding(
            area, "error", f"{step.name}: required_packages fails: {of_error(error, bot.folder)}", "correct it"
        )
    missing = sorted(packages or ())
    if step.short == "LanguageModelFeaturizer" and (missing or not _has_tensorflow_models()):
        what = (
            "LanguageModelFeaturizer needs TensorFlow's models of transformers 4, which cannot be installed beside "
            "this package"
        )
        yield Finding(area, "error", what, _INSTEAD)
    elif missing:
        fix = "; ".join(_PACKAGES.get(package, f"pip install {package}") for package in missing)
        yield Finding(area, "error", f"{step.short} needs packages that are not installed: {', '.join(missing)}", fix)
    language = bot.config.get("language")
    spoken, unspoken = step.kind.supported_languages(), step.kind.not_supported_languages()
    if language and ((spoken is not None and language not in spoken) or (unspoken and language in unspoken)):
        others = f"it knows only {', '.join(spoken)}" if spoken else "words are not divided by spaces there"
        fix = "use JiebaTokenizer" if language == "zh" and "Tokenizer" in step.short else "use another component"
        yield Finding(area, "error", f"{step.short} does not support the language '{language}': {others}", fix)


def _has_tensorflow_models() -> bool:
    import transformers

    return hasattr(transformers, "TFBertModel")


def _can_be_made(step: Step) -> bool:
    """Whether all its keys are known, and making it fetches nothing: what is at an address the training fetches."""
    fetched = step.short == "ConveRTFeaturizer" and "://" in str(step.keys.get("model_url"))
    return not fetched and "${" not in str(step.keys)


def _create(step: Step, index: int, storage: Path) -> GraphComponent:
    assert step.kind is not None
    node_name = f"train_{step.name}{index}"
    folder = storage / f"{index}"
    folder.mkdir(parents=True, exist_ok=True)
    context = ExecutionContext(GraphSchema({}), node_name=node_name)
    made: GraphComponent = step.kind.create(step.config, LocalModelStorage(folder), Resource(node_name), context)
    return made


def _failed(step: Step, section: str, error: BaseException, bot: Bot) -> Finding:
    area, said = AREAS[section], of_error(error, bot.folder)
    model = step.keys.get("model")
    if step.short == "SpacyNLP" and not model:
        return Finding(area, "error", "SpacyNLP has no 'model'", "name one, for example model: en_core_web_md")
    if step.short == "SpacyNLP" and "available spaCy model" in said:
        return Finding(
            area, "error", f"SpacyNLP: the spaCy model '{model}' is not installed", _spacy_remedy(str(model))
        )
    if step.short == "MitieNLP":
        what = f"MitieNLP: there is no feature extractor {step.config.get('model')}"
        return Finding(area, "error", what, "fetch MITIE's total_word_feature_extractor.dat, and name it as 'model'")
    if step.short == "LanguageModelFeaturizer" and type(error).__name__ in ("OSError", "LocalEntryNotFoundError"):
        name = step.keys.get("model_weights") or step.config.get("model_name")
        what = (
            f"LanguageModelFeaturizer: the weights of '{name}' are not on this machine, so 'rasa train' will fetch them"
        )
        return Finding(area, "warning", what, "allow that, or name a folder that has them as model_weights")
    if step.short == "LanguageModelFeaturizer" and isinstance(error, KeyError):
        return Finding(
            area, "error", f"LanguageModelFeaturizer: {str(error.args[0]).partition(' or create')[0]}", "correct it"
        )
    whose = "its code" if step.kind not in DEFAULT_COMPONENTS else "its keys"
    return Finding(area, "error", f"{step.name} cannot be created: {said}", f"correct {whose}")


def _spacy_remedy(model: str) -> str:
    name = f"spacy/{short_model(model)}"
    if name not in load_catalogue().models:
        return f"python -m spacy download {model}"
    try:
        return f"python -m spacy download {model}, or name the folder that has it: model: {resolve(name)}"
    except ConvaiError:
        return f"python -m spacy download {model}, or: convai models {name}, and name its folder as model"


def short_model(model: str) -> str:
    """Return the name of a spaCy model, however it was written."""
    return os.path.basename(model.rstrip("/"))


def check_signatures(steps: Sequence[Step], section: str) -> Iterator[Finding]:
    """See that Rasa can call the bot's own components: the types that their methods say they take and give."""
    for step in steps:
        if step.made is None or step.kind is None or step.kind in DEFAULT_COMPONENTS:
            continue
        config = {section: [{"name": step.name, **step.keys}]}
        graphs, error, _ = attempt(lambda config=config: DefaultV1Recipe().graph_config_for_recipe(config, {}))  # type: ignore[misc]  # called at once
        nodes = (
            []
            if graphs is None
            else [
                (node, training)
                for schema, training in ((graphs.train_schema, True), (graphs.predict_schema, False))
                for node in schema.nodes.values()
                if node.uses is step.kind
            ]
        )
        for node, training in nodes:
            if error is None:
                _, error, _ = attempt(lambda node=node, training=training: _check_node(node, training))  # type: ignore[misc]  # the same
        if error is not None:
            said = str(error).partition(". ")[0].replace("Your model uses a component", "Rasa cannot use the component")
            fix = "correct its signature, as Rasa's page on custom components shows"
            yield Finding(AREAS[section], "error", " ".join(said.split()), fix)


def _check_node(node: SchemaNode, training: bool) -> None:
    validation._validate_interface_usage(node)
    parameters, returns = validation._get_parameter_information(node.uses, node.fn)
    validation._validate_run_fn(node, parameters, returns, training)
    created_with, _ = validation._get_parameter_information(node.uses, node.constructor_name)
    validation._validate_constructor(node, created_with)
