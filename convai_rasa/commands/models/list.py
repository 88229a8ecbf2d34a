"""List the models of the catalog, and write README.md of the models/ tree."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from convai_rasa import store
from convai_rasa.commands.models.arguments import chosen_models, names_a_set
from convai_rasa.commands.models.printing import print_json, table
from convai_rasa.errors import ModelError

_TITLES = {
    "asr": "Speech recognition: `whisper/`",
    "tts": "Speech synthesis: `tts/`",
    "nlu": "Understanding: `nlu/`",
    "spacy": "spaCy pipelines: `spacy/`",
}
_HEAD = "| name | what | use | languages | on disk | figures | license | sources |\n|---|---|---|---|---|---|---|---|"


def run(given: argparse.Namespace) -> int:
    """Print the list, as a table or as JSON; or write the README."""
    catalogue = store.load_catalogue()
    tree = store.tree_to_fetch_into(given.models_dir)
    if given.write_readme:
        path = tree / "README.md"
        try:
            with store.replacing(path) as file:
                file.write(_readme(catalogue).encode())
        except OSError as error:
            raise ModelError(f"{path} cannot be written: {error.strerror}.") from error
        print(f"Wrote {path}")
        return 0
    models = list(catalogue.models.values())
    if given.names or names_a_set(given):
        models = list(chosen_models(given, catalogue).values())
    found = {model.name: store.find_installed(model.name, given.models_dir) for model in models}
    if given.json:
        listed = [_as_json(model, found[model.name], catalogue) for model in models]
        print_json({"models_dir": str(tree), "models": listed, "aliases": catalogue.aliases})
        return 0
    print(_as_table(models, found))
    print("\nWhat serves the components unless their 'model' says otherwise:")
    width = max(map(len, catalogue.jobs), default=0)
    for name, job in catalogue.jobs.items():
        missing = f"not installed; any of {', '.join(job.models)} will do"
        print(f"  {name:<{width}}  {store.look_up(name, given.models_dir) or missing}")
    print("\nSets: " + "; ".join(f"{name} ({', '.join(members)})" for name, members in catalogue.sets.items()))
    print("Fetch with: convai models --set SET, or the names of single models.")
    return 0


def _as_json(model: store.Model, folder: Path | None, catalogue: store.Catalogue) -> dict[str, Any]:
    """Return what ``--json`` prints of a model: its size in bytes, ``path`` is null where it is not installed."""
    as_they_are = ("name", "purpose", "use", "component", "languages", "licence", "origin")
    return {
        **{key: getattr(model, key) for key in as_they_are},
        "bytes": model.installed_bytes,
        "sources": [str(source) for source in model.sources],
        "published": model.published,
        "measured": model.measured,
        "sets": [name for name, members in catalogue.sets.items() if model.name in members],
        "installed": folder is not None,
        "path": str(folder) if folder else None,
    }


def _as_table(models: Sequence[store.Model], found: Mapping[str, Path | None]) -> str:
    rows = [("name", "size", "license", "installed", "where")]
    for model in models:
        folder = found[model.name]
        licence = model.licence if len(model.licence) <= 12 else "see README"  # a sentence would push all else away
        size = store.readable_bytes(model.installed_bytes)
        rows.append((model.name, size, licence, "yes" if folder else "no", str(folder or "")))
    return table(rows, right={1})


def _readme(catalogue: store.Catalogue) -> str:
    tables = "\n\n".join(
        "\n".join([f"## {title}\n", _HEAD, *(_row(m) for m in catalogue.models.values() if m.component == component)])
        for component, title in _TITLES.items()
    )
    sets = "\n".join(
        f"- `{name}`, {store.readable_bytes(sum(model.installed_bytes for model in catalogue.members(name)))}: "
        + ", ".join(f"`{member}`" for member in members)
        for name, members in catalogue.sets.items()
    )
    jobs = "\n".join(
        f"| `{name}` | {job.purpose} | {', else '.join(f'`{model}`' for model in job.models)} |"
        for name, job in catalogue.jobs.items()
    )
    template = Path(__file__).with_name("tree_readme.md").read_text(encoding="utf-8")
    return template.format(
        mark=store.README_MARK,
        lock=store.LOCK_FILE,
        variable=store.MODELS_DIR_VARIABLE,
        sets=sets,
        tables=tables,
        jobs=jobs,
    )


def _row(model: store.Model) -> str:
    figures = [f"{name} {value}" for name, value in model.published.items()]
    figures += [f"*{name} {value}*" for name, value in model.measured.items()]
    cells = [
        f"`{model.name}`",
        model.purpose,
        model.use,
        ", ".join(model.languages),
        store.readable_bytes(model.installed_bytes),
        "; ".join(figures),
        model.licence,
        "; ".join(str(source) for source in model.sources),
    ]
    return f"| {' | '.join(cells)} |"
