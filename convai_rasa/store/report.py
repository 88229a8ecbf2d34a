"""What there is: the table of ``--list``, its JSON, and models/README.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from convai_rasa.store.catalogue import Catalogue
from convai_rasa.store.files import readable_bytes
from convai_rasa.store.manifest import is_installed
from convai_rasa.store.tree import MODELS_DIR_VARIABLE, README_MARK


def installed_folder(name: str, trees: list[Path]) -> Path | None:
    """Return the folder of an installed model, in the first tree that has it."""
    return next((tree / name for tree in trees if is_installed(tree / name)), None)


def as_json(catalogue: Catalogue, trees: list[Path], fetch_into: Path) -> dict[str, Any]:
    """Return what ``--list --json`` prints: sizes in bytes, ``path`` is null where a model is not installed."""
    models = []
    for name, model in catalogue.models.items():
        folder = installed_folder(name, trees)
        models.append(
            {
                "name": name,
                "purpose": model.purpose,
                "component": model.component,
                "languages": model.languages,
                "licence": model.licence,
                "origin": model.origin,
                "bytes": model.installed_bytes,
                "sets": [set_name for set_name, members in catalogue.sets.items() if name in members],
                "installed": folder is not None,
                "path": str(folder) if folder else None,
            }
        )
    return {"models_dir": str(fetch_into), "models": models, "aliases": catalogue.aliases}


def as_table(catalogue: Catalogue, trees: list[Path]) -> str:
    """Return the table that ``--list`` prints."""
    rows = [("name", "size", "installed", "licence")]
    for name, model in catalogue.models.items():
        folder = installed_folder(name, trees)
        rows.append((name, readable_bytes(model.installed_bytes), str(folder) if folder else "no", model.licence))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), row[1].rjust(widths[1]), row[2].ljust(widths[2]), row[3]]) for row in rows
    )


def as_readme(catalogue: Catalogue) -> str:
    """Return models/README.md."""
    models = "\n".join(
        f"| `{name}` | {model.purpose} | {', '.join(model.languages)} | {readable_bytes(model.installed_bytes)} "
        f"| {model.licence} | {model.origin} |"
        for name, model in catalogue.models.items()
    )
    sets = "\n".join(
        f"- `{name}`, {readable_bytes(sum(model.installed_bytes for model in catalogue.members(name)))}: "
        + ", ".join(f"`{member}`" for member in members)
        for name, members in catalogue.sets.items()
    )
    aliases = "\n".join(
        f"- `{alias}`: " + ", else ".join(f"`{name}`" for name in names) for alias, names in catalogue.aliases.items()
    )
    return f"""{README_MARK}
# Models

Everything here but this file is fetched, and never enters git. Each file is checked against its published SHA-256.

```
python scripts/download_models.py --set embedded   # or: convai models --set embedded
python scripts/download_models.py --list           # what there is, and what is installed
python scripts/download_models.py --verify         # reads every byte of what is installed
```

| name | what for | languages | on disk | licence | origin |
|---|---|---|---|---|---|
{models}

A folder `models/<name>/` is complete once it has `convai-model.json`, which says where it came from and what is in it;
`NOTICE.txt` beside it is what its licence asks to be passed on.

Sets:
{sets}

Names for a job, which mean the first of these that is installed:
{aliases}

A model of your own is a folder too: put it at `models/nlu/custom/` and name it `nlu/custom`, or give its path.
Models are looked for in `{MODELS_DIR_VARIABLE}` if that is set, else in each `models/` folder from the working
directory upward.
"""
