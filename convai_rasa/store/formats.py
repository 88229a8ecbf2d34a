"""What a model folder holds: what can be read off one, by the table of formats in formats.yml beside this file.

A folder is told by the names of its files and by its small JSON. Whether its weights are any good is for the room that
loads them; that room asks here what is lacking, and how to say so.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Optional

from convai_rasa.data_files import read_yaml
from convai_rasa.errors import ModelCorrupt
from convai_rasa.store.files import find_file, read_json
from convai_rasa.store.lfs_pointers import check_pointers

_NAMED = 6  # files in a message


class Contents(NamedTuple):
    """What is looked at of a folder: the names in it that are not hidden, and its ``config.json``, if that is one."""

    path: Path
    names: Sequence[str]
    config: Mapping[str, Any]

    @property
    def architecture(self) -> str:
        """Name of the class that a Hugging Face checkpoint was saved from, if it says."""
        return str(next(iter(self.config.get("architectures") or []), ""))


@dataclass(frozen=True)
class Format:
    """One format of a model: a row of formats.yml, which says what each key means; ``name`` is for code."""

    name: str
    words: str
    needs: str = ""
    has: str = ""
    found: str = ""
    taken_by: Optional[str] = None
    job: Optional[str] = None
    kinds: Sequence[str] = ()
    component: str = ""

    def called(self, words: str) -> Format:
        """Return the same format under other words."""
        return replace(self, words=words)

    def includes(self, other: Format) -> bool:
        """Whether a folder of this format is one of the other, too."""
        return self.name == other.name or (bool(other.needs) and set(other.needs.split()) <= set(self.needs.split()))

    def lacks(self, folder: Path) -> list[str]:
        """Return what a folder lacks to be one, in words such as ``vocabulary.json or vocabulary.txt``."""
        needs = [names.split("|") for names in self.needs.split()]
        return [" or ".join(names) for names in needs if not any(find_file(folder, name) for name in names)]

    def recognize(self, folder: Contents) -> Format | None:
        """Return the format in words for this very folder, None if the folder is of another."""
        hits = [min(fnmatch.filter(folder.names, pattern), default="") for pattern in self.has.split()]
        is_one = all(hits) if hits else self.name in _SAYS and _SAYS[self.name](folder)
        if not is_one:
            return None
        architecture = f" ({folder.architecture})" if folder.architecture else ""
        facts = {**folder.config, "architecture": architecture, "file": "".join(hits[:1])}
        return self.called((self.found or self.words).format_map(facts))


def _is_whisper(folder: Contents) -> bool:
    converted = "model.bin" in folder.names and any(f"vocabulary.{end}" in folder.names for end in ("json", "txt"))
    by_config = "suppress_ids" in folder.config or "alignment_heads" in folder.config
    return by_config or (converted and "model_type" not in folder.config)


_SAYS: Mapping[str, Callable[[Contents], bool]] = {  # whether a folder is of a format that no file of its tells
    "whisper": _is_whisper,
    "vocoder": lambda folder: "generator_model" in folder.config,
    "coqui": lambda folder: isinstance(folder.config.get("audio"), dict) and "model" in folder.config,
    "whisper-transformers": lambda folder: folder.config.get("model_type") == "whisper",
    "classifier": lambda folder: folder.architecture.endswith("ForSequenceClassification"),
    "checkpoint": lambda folder: "model_type" in folder.config,
    "spacy": lambda folder: "config.cfg" in folder.names or "spacy_version" in read_json(folder.path / "meta.json"),
}
_ROWS = read_yaml(Path(__file__).with_suffix(".yml"))
FORMATS: Mapping[str, Format] = {name: Format(name, **row) for name, row in _ROWS.items()}


def kind_of(path: Path) -> Format:
    """Tell what a path looks like, in words for this very path; reads no more than a few small files.

    What is none of ``FORMATS`` is called ``file``, ``empty``, ``folders`` or ``unknown``.
    """
    if not path.is_dir():
        other = FORMATS["whisper-openai"] if path.suffix == ".pt" else Format("file", "a file, not a folder")
        return FORMATS["archive"] if path.name.endswith(".tar.gz") else other
    names = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))
    if not names:
        return Format("empty", "an empty folder")
    contents = Contents(path, names, read_json(path / "config.json"))
    found = next(filter(None, (row.recognize(contents) for row in FORMATS.values())), None)
    if found:
        return found
    if "config.json" in names and not contents.config:
        return Format("unknown", "a folder whose config.json is not a JSON object, or is empty")
    if all((path / name).is_dir() for name in names):
        return Format("folders", f"a folder of folders ({_some(names)})")
    return Format("unknown", f"a folder with {_some(names)}")


def check_files(
    path: Path, wanted: Format, advice: Callable[[Path, Sequence[str]], Optional[str]] = lambda path, missing: None
) -> None:
    """See that a folder has all files of a format, and that none of its weights is a git-LFS pointer.

    ``advice`` is given the path and what is missing; it returns what to do, or None to say which class takes what is
    there.

    Raises:
        ModelCorrupt: in one sentence what is missing, what was found, and what to do.
    """
    missing = wanted.lacks(path)
    if missing:
        raise refusal(path, wanted, missing, advice(path, missing))
    check_pointers(path)


def refusal(path: Path, wanted: Format, missing: Sequence[str] = (), advice: Optional[str] = None) -> ModelCorrupt:
    """Return the error that says why a folder is not the model that was asked for.

    ``missing`` is what it lacks, if it is about files; ``advice`` is what to do with what it looks like, by default to
    give it to the class that takes it, if one does.
    """
    try:
        check_pointers(path)
    except ModelCorrupt as error:
        return error
    kind = kind_of(path)
    lacks = [f"it lacks {listed(missing)}"] if missing and kind.name != "empty" and path.is_dir() else []
    other = not (lacks and kind.includes(wanted))
    found = [f"it is {kind.words}"] if other else []
    advice = advice or (f"{kind.taken_by} takes it" if kind.taken_by and other else None)
    return ModelCorrupt(
        f"{path} is not {wanted.words}: {', and '.join(lacks + found)}{f'; {advice}' if advice else ''}."
    )


def listed(names: Sequence[str]) -> str:
    """Return names as a person lists them: ``a, b and c``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _some(names: Sequence[str]) -> str:
    return listed([*names[:_NAMED], f"{len(names) - _NAMED} more"] if len(names) > _NAMED else names)
