"""Each component of the pipeline and each policy, made as a training makes it: name, keys, packages, ``create``."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Sequence

import rasa.engine.validation as validation
from rasa.core.policies.policy import Policy
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema
from rasa.engine.recipes.default_components import DEFAULT_COMPONENTS
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.utils.common import find_unavailable_packages, override_defaults

from convai_rasa.errors import ConvaiError
from convai_rasa.project.change import short
from convai_rasa.project.checks import OUR_COMPONENTS, component_class
from convai_rasa.project.findings import Finding, Level
from convai_rasa.project.training_checks.loaded_bot import Bot
from convai_rasa.project.training_checks.quietly import attempt
from convai_rasa.project.training_checks.wording import RASA, meant, nearest, of_error
from convai_rasa.store import load_catalogue, resolve

_OURS = {short(component): component for component in OUR_COMPONENTS}
_BUILTIN: Mapping[str, Any] = {kind.__name__: kind for kind in DEFAULT_COMPONENTS}
# transformers 4 wants a huggingface_hub below 1, and this package one from 1 on.
_INSTEAD = (
    "use DistilBertIntentClassifier for the intents (convai add --only nlu), and SpacyNLP, SpacyTokenizer and "
    "SpacyFeaturizer where others need dense features"
)

Problem = tuple[str, str]  # what is wrong, and what to do


@dataclass(frozen=True)
class Step:
    """One component or policy.

    Attributes:
        section: ``pipeline`` or ``policies``, which is also the area of its findings.
        name: as it is written.
        keys: what is written below it.
        kind: its class; for a misspelt name, that of the nearest; None if nobody knows.
        made: by ``create``; None if that failed.
    """

    section: str
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
        return self.kind is not None and self.kind.__module__.startswith("convai_rasa.")

    @property
    def rasas(self) -> bool:
        """Whether it is a component of Rasa's own."""
        return self.kind is not None and self.kind.__module__.startswith("rasa.")

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

    def found(self, what: str, fix: str, level: Level = "error") -> Finding:
        """Return a finding about it."""
        return Finding(self.section, level, what, fix)


def make_steps(bot: Bot, section: str, storage: Path) -> tuple[list[Step], list[Finding]]:
    """Make every component of ``pipeline`` or ``policies``, each without the others, with a folder to write into."""
    steps, findings = [], []
    for index, written in enumerate(bot.steps(section)):
        step, found = _make(bot, Step(section, written.pop("name"), written, None), storage / f"{index}", index)
        steps.append(step)
        findings += found
    return steps, findings


def _make(bot: Bot, step: Step, storage: Path, index: int) -> tuple[Step, list[Finding]]:
    if step.short in _OURS or step.name.startswith("convai"):  # ``check_pipeline`` says what is wrong with ours
        return replace(step, kind=attempt(lambda: component_class(_OURS[step.short]))[0]), []
    kind, problem = _find(step, bot.folder)
    step = replace(step, kind=kind)
    if problem is not None:
        return step, [step.found(*problem)]
    found = [*_place(step), *_keys(step), *_requirements(step, bot)]
    if any(finding.level == "error" for finding in found) or not _can_be_made(step):
        return step, found
    component, error, _ = attempt(lambda: _create(step, storage, f"train_{step.name}{index}"))
    if error is not None:
        return step, [*found, _failed(step, error, bot.folder)]
    return replace(step, made=component), found


def _find(step: Step, folder: Path) -> tuple[Any, Optional[Problem]]:
    """Return the class of a step, or what is wrong and, if it can be guessed, the class that was meant."""
    name = step.name
    if name not in _BUILTIN and (instead := RASA["gone"].get(step.short)):
        return _BUILTIN.get(instead.split()[0].rstrip(",")), (f"Rasa 3 no longer has {name}", f"use {instead}")
    registered, error, _ = attempt(lambda: DefaultV1Recipe._from_registry(name))
    if registered is not None:
        return registered.clazz, None
    assert error is not None
    is_policy = step.section == "policies"
    noun = "policy" if is_policy else "component"
    close = nearest(step.short, [kind for kind in _BUILTIN if issubclass(_BUILTIN[kind], Policy) == is_policy])
    kind = _BUILTIN.get(close or "")
    if "." in name:
        return kind, _not_importable(name, noun, error, close, folder)
    fix = f"did you mean '{close}'?" if close else f"name one of your own with its module, such as nlu.my.{name}"
    return kind, (f"Rasa has no {noun} '{name}'", fix)


def _not_importable(name: str, noun: str, error: BaseException, close: Optional[str], folder: Path) -> Problem:
    module, _, class_name = name.rpartition(".")
    if isinstance(error, ModuleNotFoundError):
        missing = error.name or ""
        if missing and f"{module}.".startswith(f"{missing}."):
            fix = f"put it into {folder}, or install the package that has it, or correct the spelling"
            if module.startswith("rasa.") and close:
                fix = f"did you mean '{close}'?"
            return f"The {noun} {name} cannot be imported: there is no module '{missing}'", fix
        if missing.startswith("rasa."):
            what = f"The {noun} {name} is written for another version of Rasa: it imports '{missing}'"
            return what, "rewrite it as a GraphComponent, as Rasa's page on custom components shows"
        what = f"The {noun} {name} cannot be imported: it needs the package '{missing}', which is not installed"
        return what, f"pip install the package that has '{missing}'"
    if module in sys.modules and not hasattr(sys.modules[module], class_name) and isinstance(error, ImportError):
        there = nearest(class_name, vars(sys.modules[module]))
        fix = f"did you mean '{module}.{there}'?" if there else "correct the spelling"
        return f"The module '{module}' has no class '{class_name}'", fix
    if type(error).__name__ == "InvalidConfigException":
        fix = "put @DefaultV1Recipe.register([…], is_trainable=…) above its class"
        return f"The {noun} {name} is not registered with Rasa", fix
    return f"The {noun} {name} cannot be imported: {of_error(error, folder)}", "correct its module"


def _place(step: Step) -> Iterator[Finding]:
    if step.is_a(Policy) and step.section == "pipeline":
        yield step.found(f"{step.short} is a policy", "move it below 'policies'")
    if not step.is_a(Policy) and step.section == "policies":
        yield step.found(f"{step.short} is not a policy", "move it into the 'pipeline'")


def _keys(step: Step) -> Iterator[Finding]:
    """Look at the keys of Rasa's own components; others may read what they like."""
    if step.kind not in DEFAULT_COMPONENTS:
        return
    defaults = step.kind.get_default_config()
    more = RASA["policy_keys"] if step.section == "policies" else ()
    known = {*defaults, *RASA["more_keys"].get(step.short, ()), *more}
    for key, value in step.keys.items():
        if key not in known:
            what = f"{step.short} has no key '{key}', so Rasa ignores it"
            yield step.found(what, meant(str(key), known, "remove it"), "warning")
        elif wrong := _wrong_value(str(key), value, defaults.get(key)):
            yield step.found(f"{step.short}: {key} is {value!r}, which is {wrong}", "correct it")


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
    if key in RASA["shares"] and number and not 0 <= value <= 1:
        return "not between 0 and 1"
    if key == "epochs" and number and (value < 0 or value != int(value)):
        return "not a number of epochs"
    if isinstance(default, str) and isinstance(value, (list, dict)):
        return "no word"
    return None


def _requirements(step: Step, bot: Bot) -> Iterator[Finding]:
    """Look at the packages and the language that a component needs."""
    packages, error, _ = attempt(lambda: find_unavailable_packages(list(step.kind.required_packages())))
    if error is not None:
        yield step.found(f"{step.name}: required_packages fails: {of_error(error, bot.folder)}", "correct it")
    missing = sorted(packages or ())
    if step.short == "LanguageModelFeaturizer" and (missing or not _has_tensorflow_models()):
        what = "LanguageModelFeaturizer needs TensorFlow's models of transformers 4, which cannot be installed beside "
        yield step.found(f"{what}this package", _INSTEAD)
    elif missing:
        fix = "; ".join(RASA["packages"].get(package, f"pip install {package}") for package in missing)
        yield step.found(f"{step.short} needs packages that are not installed: {', '.join(missing)}", fix)
    language = bot.config.get("language")
    spoken, unspoken = step.kind.supported_languages(), step.kind.not_supported_languages()
    if language and ((spoken is not None and language not in spoken) or (unspoken and language in unspoken)):
        others = f"it knows only {', '.join(spoken)}" if spoken else "words are not divided by spaces there"
        fix = "use JiebaTokenizer" if language == "zh" and "Tokenizer" in step.short else "use another component"
        yield step.found(f"{step.short} does not support the language '{language}': {others}", fix)


def _has_tensorflow_models() -> bool:
    import transformers

    return hasattr(transformers, "TFBertModel")


def _can_be_made(step: Step) -> bool:
    """Whether all its keys are known, and making it fetches nothing: what is at an address the training fetches."""
    fetched = step.short == "ConveRTFeaturizer" and "://" in str(step.keys.get("model_url"))
    return not fetched and "${" not in str(step.keys)


def _create(step: Step, storage: Path, node_name: str) -> GraphComponent:
    storage.mkdir(parents=True, exist_ok=True)
    context = ExecutionContext(GraphSchema({}), node_name=node_name)
    made: GraphComponent = step.kind.create(step.config, LocalModelStorage(storage), Resource(node_name), context)
    return made


def _failed(step: Step, error: BaseException, folder: Path) -> Finding:
    said = of_error(error, folder)
    if step.short == "SpacyNLP":
        model = step.keys.get("model")
        if not model:
            return step.found("SpacyNLP has no 'model'", "name one, for example model: en_core_web_md")
        if "available spaCy model" in said:
            return step.found(f"SpacyNLP: the spaCy model '{model}' is not installed", _spacy_remedy(str(model)))
    if step.short == "MitieNLP":
        what = f"MitieNLP: there is no feature extractor {step.config.get('model')}"
        return step.found(what, "fetch MITIE's total_word_feature_extractor.dat, and name it as 'model'")
    if step.short == "LanguageModelFeaturizer" and type(error).__name__ in ("OSError", "LocalEntryNotFoundError"):
        name = step.keys.get("model_weights") or step.config.get("model_name")
        what = f"{step.short}: the weights of '{name}' are not on this machine, so 'rasa train' will fetch them"
        return step.found(what, "allow that, or name a folder that has them as model_weights", "warning")
    if step.short == "LanguageModelFeaturizer" and isinstance(error, KeyError):
        return step.found(f"{step.short}: {str(error.args[0]).partition(' or create')[0]}", "correct it")
    whose = "its code" if step.kind not in DEFAULT_COMPONENTS else "its keys"
    return step.found(f"{step.name} cannot be created: {said}", f"correct {whose}")


def _spacy_remedy(model: str) -> str:
    download = f"python -m spacy download {model}"
    name = f"spacy/{os.path.basename(model.rstrip('/'))}"
    if name not in load_catalogue().models:
        return download
    try:
        return f"{download}, or name the folder that has it: model: {resolve(name)}"
    except ConvaiError:
        return f"{download}, or: convai models {name}, and name its folder as model"


def check_signatures(steps: Sequence[Step]) -> Iterator[Finding]:
    """See that Rasa can call the bot's own components: the types that their methods say they take and give."""
    for step in steps:
        if step.made is None or step.kind in DEFAULT_COMPONENTS:
            continue
        _, error, _ = attempt(partial(_check_signatures, step))
        if error is not None:
            said = str(error).partition(". ")[0].replace("Your model uses a component", "Rasa cannot use the component")
            fix = "correct its signature, as Rasa's page on custom components shows"
            yield step.found(" ".join(said.split()), fix)


def _check_signatures(step: Step) -> None:
    config = {step.section: [{"name": step.name, **step.keys}]}
    graphs = DefaultV1Recipe().graph_config_for_recipe(config, {})
    for schema, training in ((graphs.train_schema, True), (graphs.predict_schema, False)):
        for node in schema.nodes.values():
            if node.uses is step.kind:
                validation._validate_interface_usage(node)
                parameters, returns = validation._get_parameter_information(node.uses, node.fn)
                validation._validate_run_fn(node, parameters, returns, training)
                created_with, _ = validation._get_parameter_information(node.uses, node.constructor_name)
                validation._validate_constructor(node, created_with)
