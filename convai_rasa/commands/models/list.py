"""List the models of the catalog, and write README.md of the models/ tree."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from convai_rasa.commands.models.choosing import chosen_models, names_a_set
from convai_rasa.errors import ModelError
from convai_rasa.store import (
    Catalogue,
    Model,
    explain,
    find_installed,
    load_catalogue,
    readable_bytes,
    tree_to_fetch_into,
)


def run(args: argparse.Namespace) -> int:
    """Print the list, as a table or as JSON; or write the README."""
    catalogue = load_catalogue()
    tree = tree_to_fetch_into(args.models_dir)
    if args.write_readme:
        from convai_rasa.commands.models.readme import readme

        print(f"Wrote {_write(tree / 'README.md', readme(catalogue))}")
        return 0
    models = list(catalogue.models.values())
    if args.names or names_a_set(args):
        models = [chosen.model for chosen in chosen_models(args, catalogue)]
    found = {model.name: find_installed(model.name, args.models_dir) for model in models}
    if args.json:
        print(json.dumps(as_json(catalogue, models, found, tree), indent=2))
        return 0
    print(as_table(models, found))
    print(f"\nWhat serves the components unless their 'model' says otherwise:\n{_jobs(catalogue, args.models_dir)}")
    print("\nSets: " + "; ".join(f"{name} ({', '.join(members)})" for name, members in catalogue.sets.items()))
    print("Fetch with: convai models --set SET, or the names of single models.")
    return 0


def _jobs(catalogue: Catalogue, models_dir: Path | None) -> str:
    """Return a line for each name that stands for a job, with the model that does it here."""
    width = max(map(len, catalogue.jobs), default=0)
    lines = []
    for name, job in catalogue.jobs.items():
        found = next((look.folder for look in explain(name, models_dir=models_dir) if look.folder), None)
        missing = f"not installed; any of {', '.join(job.models)} will do"
        lines.append(f"  {name:<{width}}  {found or missing}")
    return "\n".join(lines)


def as_json(
    catalogue: Catalogue, models: list[Model], found: dict[str, Path | None], fetch_into: Path
) -> dict[str, Any]:
    """Return what ``--list --json`` prints: sizes in bytes, ``path`` is null where a model is not installed."""
    listed = []
    for model in models:
        folder = found[model.name]
        listed.append(
            {
                "name": model.name,
                "purpose": model.purpose,
                "use": model.use,
                "component": model.component,
                "languages": model.languages,
                "licence": model.licence,
                "origin": model.origin,
                "bytes": model.installed_bytes,
                "sources": [str(source) for source in model.sources],
                "published": model.published,
                "measured": model.measured,
                "sets": [name for name, members in catalogue.sets.items() if model.name in members],
                "installed": folder is not None,
                "path": str(folder) if folder else None,
            }
        )
    return {"models_dir": str(fetch_into), "models": listed, "aliases": catalogue.aliases}


def as_table(models: list[Model], found: dict[str, Path | None]) -> str:
    """Return the table that ``--list`` prints."""
    rows = [("name", "size", "license", "installed", "where")]
    for model in models:
        folder = found[model.name]
        licence = model.licence if len(model.licence) <= 12 else "see README"  # a sentence would push all else away
        where = str(folder) if folder else ""
        rows.append((model.name, readable_bytes(model.installed_bytes), licence, "yes" if folder else "no", where))
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        f"{row[0]:<{wide[0]}}  {row[1]:>{wide[1]}}  {row[2]:<{wide[2]}}  {row[3]:<{wide[3]}}  {row[4]}".rstrip()
        for row in rows
    )


def _write(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ModelError(f"{path} cannot be written: {error.strerror}.") from error
    return path
