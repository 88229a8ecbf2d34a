"""From the command line to the models it means."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path

from convai_rasa.errors import ModelNotFound
from convai_rasa.store import LATEST, VERSION, Catalogue, Model, parse_name
from convai_rasa.store.publishing import find_own, may_have

DEFAULT_SET = "default"


@dataclass(frozen=True)
class Chosen:
    """One model to fetch.

    Attributes:
        model: from the catalog.
        version: which version of the tree it should become; None: its folder outside all versions.
    """

    model: Model = field(hash=False)  # pydantic's are compared, but have no hash
    version: str | None = None

    @property
    def label(self) -> str:
        """The name as a user writes it."""
        return self.model.name if self.version is None else f"{self.model.name}@{self.version}"

    def folder(self, tree: Path) -> Path:
        """Return where it is in a tree."""
        kind, name = self.model.name.split("/")
        return tree / kind / self.version / name if self.version else tree / kind / name


def chosen_models(args: argparse.Namespace, catalogue: Catalogue) -> list[Chosen]:
    """Return the models that the command line names, each once; those of the set ``default`` if it names none.

    Raises:
        ModelNotFound: a name, a set or a version is unknown.
    """
    picked = _picked(args, catalogue)
    if not picked or names_a_set(args):
        picked = [*set_members(args, catalogue), *picked]
    return list(dict.fromkeys(picked))


def names_a_set(args: argparse.Namespace) -> bool:
    """Whether the command line chooses from a set, by its name or by what should be another in it."""
    return any((args.set_name, args.components, args.asr_model, args.tts_model))


def _picked(args: argparse.Namespace, catalogue: Catalogue) -> list[Chosen]:
    picked = []
    for text in args.names:
        name = parse_name(text)
        if name is None:
            raise ModelNotFound(f"'{text}' is not the name of a model; {catalogue.hint(text)}.")
        if name.version is not None and not VERSION.fullmatch(name.version):
            raise ModelNotFound(
                f"'{text}': a fetched model goes under a version such as v1.0; "
                f"'{LATEST}' only finds what is already there."
            )
        known = name.plain in catalogue.models or name.plain in catalogue.jobs
        if not known and may_have(args.source, offline=args.offline):
            picked.append(Chosen(find_own(name, args.source), name.version))
        else:
            picked.append(Chosen(catalogue.fetchable(name.plain), name.version))
    return picked


def set_members(args: argparse.Namespace, catalogue: Catalogue) -> list[Chosen]:
    """Return the models of the set that is named, or of ``default``, with what the command line changes about it.

    Raises:
        ModelNotFound: a set, a recognizer or a voice is unknown.
    """
    models = catalogue.members(args.set_name or DEFAULT_SET)
    for component, wanted in (("asr", args.asr_model), ("tts", args.tts_model)):
        if wanted:
            models = [model for model in models if model.component != component]
            models.insert(0, _of_component(wanted, component, catalogue))
    if args.components:
        models = [model for model in models if model.component in args.components]
    return [Chosen(model) for model in models]


def _of_component(wanted: str, component: str, catalogue: Catalogue) -> Model:
    known = {name.partition("/")[2]: model for name, model in catalogue.models.items() if model.component == component}
    model = known.get(wanted.rpartition("/")[2])
    if model is None or wanted not in (model.name, model.name.partition("/")[2]):
        raise ModelNotFound(f"--{component}-model {wanted}: there is no such model; choose one of: {', '.join(known)}.")
    return model
