"""The arguments that several verbs have, and the models they mean."""

from __future__ import annotations

import argparse
from pathlib import Path

from convai_rasa import store
from convai_rasa.errors import ConfigurationError, ModelNotFound

DEFAULT_SET = "default"


def add_tree(parser: argparse._ActionsContainer, words: str = "the models/ tree (default: the nearest)") -> None:
    """Add ``--models-dir``."""
    parser.add_argument("--models-dir", type=Path, metavar="DIR", help=words)


def add_json(parser: argparse._ActionsContainer) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def plain_name(text: str) -> store.Name:
    """Read the name of a model without a version; raises ConfigurationError for anything else."""
    name = store.parse_name(text.removeprefix("models/"))
    if name is None or name.version is not None:
        raise ConfigurationError(f"'{text}' is not the name of a model without a version, such as nlu/intents.")
    return name


def names_a_set(given: argparse.Namespace) -> bool:
    """Whether the command line chooses from a set, by its name or by what should be another in it."""
    return any((given.set_name, given.components, given.asr_model, given.tts_model))


def chosen_models(given: argparse.Namespace, catalogue: store.Catalogue) -> dict[store.Name, store.Model]:
    """Return the models that the command line names, or those of the set ``default`` if it names none.

    They are by what they are to be called in the tree: with a version, where the command line says one. What is unknown
    raises ModelNotFound.
    """
    named = dict(_chosen(text, given, catalogue) for text in given.names)
    of_set = set_members(given, catalogue) if names_a_set(given) or not named else []
    return {store.Name.of(model.name): model for model in of_set} | named


def set_members(given: argparse.Namespace, catalogue: store.Catalogue) -> list[store.Model]:
    """Return the models of the set that is named, or of ``default``, with what the command line changes about it."""
    models = catalogue.members(given.set_name or DEFAULT_SET)
    for component, wanted in (("asr", given.asr_model), ("tts", given.tts_model)):
        if wanted:
            others = [model for model in models if model.component != component]
            models = [_of_component(wanted, component, catalogue), *others]
    return [model for model in models if not given.components or model.component in given.components]


def _chosen(text: str, given: argparse.Namespace, catalogue: store.Catalogue) -> tuple[store.Name, store.Model]:
    name = store.parse_name(text)
    if name is None:
        raise ModelNotFound(f"'{text}' is not the name of a model; {catalogue.hint(text)}.")
    if name.version is not None and not store.VERSION.fullmatch(name.version):
        raise ModelNotFound(
            f"'{text}': a fetched model goes under a version such as v1.0; '{store.LATEST}' only finds what is already "
            "there."
        )
    known = name.plain in catalogue.models or name.plain in catalogue.jobs
    own = None if known else store.find_own(name, given.source, offline=given.offline)
    model = own or catalogue.fetchable(name.plain)
    return store.Name.of(model.name, name.version), model


def _of_component(wanted: str, component: str, catalogue: store.Catalogue) -> store.Model:
    known = {name.partition("/")[2]: model for name, model in catalogue.models.items() if model.component == component}
    model = known.get(wanted.rpartition("/")[2])
    if model is None or wanted not in (model.name, model.name.partition("/")[2]):
        raise ModelNotFound(f"--{component}-model {wanted}: there is no such model; choose one of: {', '.join(known)}.")
    return model
