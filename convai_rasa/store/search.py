"""The places in which a model is looked for, in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from convai_rasa.errors import ModelNotFound
from convai_rasa.store import versions
from convai_rasa.store.installed import is_installed
from convai_rasa.store.look import Look
from convai_rasa.store.names import LATEST, Name

CATALOGUE_FILE = Path(__file__).with_name("catalogue.yml")
NOT_WHOLE = "it was not installed by this package, so it may be incomplete"


def search(name: Name, trees: Sequence[tuple[str, Path]], *, caches: bool) -> Iterator[Look]:
    """Look for a model in one place after another; whoever wants the first alone stops there.

    First the trees, for the name and then for the models that can do the job of that name; then, in the same order, the
    caches of other programs: what a project has comes before what happens to lie on the machine. Last, for a name of
    the catalog, the highest version, so that publishing one does not change what the name has meant so far.

    Args:
        name: of a model or of a job.
        trees: as ``labelled_trees`` gives them.
        caches: whether to look in the caches too.
    """
    yield from (look_in_tree(place, tree, name) for place, tree in trees)

    from convai_rasa.store.catalogue import load_catalogue  # only now: most look-ups never need it

    catalogue = load_catalogue()
    stand_ins = [name._replace(kind=kind, model=model) for kind, model in _split(catalogue.aliases.get(name.plain, ()))]
    for stand_in in stand_ins:
        yield from (look_in_tree(place, tree, stand_in) for place, tree in trees)
    if caches and name.version in (None, LATEST):  # what other programs keep has no versions of ours
        from convai_rasa.store.caches import look_in_caches

        for candidate in (name, *stand_ins):
            if candidate.plain in catalogue.models:
                yield from look_in_caches(catalogue.models[candidate.plain])
    if name.version is None and _is_catalogued(name.plain):
        for place, tree in trees:
            for candidate in (name, *stand_ins):
                highest = _highest_version(tree, candidate)
                if highest:
                    yield Look(f"{place}, highest version", highest, highest)


def look_in_tree(place: str, tree: Path, name: Name) -> Look:
    """Look for a model in one tree.

    Without a version it is the pinned one, else the folder outside versions, else, for a name that the catalog does
    not know, the highest version. A model of the catalog that lies outside versions counts only once it was installed
    whole; any other folder is the user's own.
    """
    plain = tree / name.kind / name.model
    try:
        folder = versions.current(tree, name) if name.version is None else versions.version_folder(tree, name)
    except ModelNotFound as error:
        return Look(place, plain, problem=str(error).rstrip("."))
    problem = None
    if folder is None and name.version is None and plain.is_dir():
        folder = plain
    if folder == plain and not is_installed(plain) and _is_a_model(name.plain):
        folder, problem = None, NOT_WHOLE
    if folder is None and name.version is None and problem is None:
        highest = _highest_version(tree, name)
        folder = None if highest and _is_catalogued(name.plain) else highest
    if folder:
        return Look(place, folder, folder)
    return Look(place, tree / name.kind / name.version / name.model if name.version else plain, problem=problem)


def _highest_version(tree: Path, name: Name) -> Path | None:
    present = versions.versions_of(tree, name)
    return tree / name.kind / present[-1] / name.model if present else None


def _is_catalogued(plain: str) -> bool:
    """Whether the catalog has a model or a job of this name."""
    if plain not in CATALOGUE_FILE.read_text(encoding="utf-8"):
        return False  # most models of a user's own; parsing the catalog would take hundreds of times as long

    from convai_rasa.store.catalogue import load_catalogue

    return plain in load_catalogue().models or plain in load_catalogue().jobs


def _is_a_model(plain: str) -> bool:
    if not _is_catalogued(plain):
        return False

    from convai_rasa.store.catalogue import load_catalogue

    return plain in load_catalogue().models


def _split(names: Sequence[str]) -> list[list[str]]:
    return [name.split("/", 1) for name in names]
