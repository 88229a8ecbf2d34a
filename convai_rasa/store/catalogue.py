"""The models this package knows how to fetch, read from catalogue.yml beside this file."""

from __future__ import annotations

import difflib
import functools
from pathlib import Path
from typing import Any, Literal, Optional

from convai_rasa.data_files import read_yaml
from convai_rasa.errors import ModelNotFound
from convai_rasa.options import Field, Options, parse_options
from convai_rasa.store.manifest import Manifest
from convai_rasa.store.sources import Coqui, Https, HuggingFace, PackageIndex, Place, PublishedFile, SpacyRelease

CATALOGUE_FILE = Path(__file__).with_name("catalogue.yml")


class Source(Options):
    """One place a model can be had from; the one key says which kind of place."""

    package_index: Optional[PackageIndex] = None
    hugging_face: Optional[HuggingFace] = None
    coqui: Optional[Coqui] = None
    spacy_release: Optional[SpacyRelease] = None
    https: Optional[Https] = None

    @property
    def kind(self) -> str:
        """The kind of place, such as ``hugging_face``."""
        return next(kind for kind, place in self if place is not None)

    @property
    def place(self) -> Place:
        """The place itself."""
        place: Place = getattr(self, self.kind)
        return place

    def __str__(self) -> str:
        return str(self.place)


class Conversion(Options):
    """What turns the published files into the installed folder, of about so many bytes (``bytes`` in the YAML)."""

    name: Literal["piper_to_onnx", "bert_to_distilbert"]
    size: int = Field(alias="bytes", gt=0)


class Model(Options):
    """One model of the catalog, with the keys that the head of catalogue.yml explains.

    Its name, kind/name, is its folder under models/. Languages are ISO codes, or ``multilingual``; ``size`` is about
    how many bytes are fetched (``bytes`` in the YAML), where the sizes of the files do not tell. Where an archive
    brings whatever it holds, there are no files.
    """

    name: str = Field(regex="^[a-z0-9]+/[A-Za-z0-9][A-Za-z0-9._-]*$")
    purpose: str
    use: str
    component: Literal["asr", "tts", "nlu", "spacy"]
    languages: list[str]
    origin: str
    licence: str
    notice: str
    files: dict[str, PublishedFile] = Field(default_factory=dict)
    size: Optional[int] = Field(None, alias="bytes", gt=0)
    sources: list[Source] = Field(min_items=1)
    conversion: Optional[Conversion] = None
    published: dict[str, str] = Field(default_factory=dict)
    measured: dict[str, str] = Field(default_factory=dict)

    @property
    def fetched_bytes(self) -> int:
        """Size of what is fetched; an estimate where the publisher does not tell."""
        known = sum(file.size or 0 for file in self.files.values())
        return known if self.size is None else self.size

    @property
    def installed_bytes(self) -> int:
        """Size of the installed folder; an estimate where the model is converted."""
        return self.conversion.size if self.conversion else self.fetched_bytes

    def matches(self, manifest: Manifest) -> bool:
        """Whether the catalog would still install what a manifest describes."""
        if manifest.conversion != (self.conversion and self.conversion.name):
            return False
        if manifest.archives:
            known = {source.spacy_release.sha256 for source in self.sources if source.spacy_release}
            return set(manifest.archives.values()) <= known
        if self.files and self.files.keys() != manifest.published.keys():
            return False
        return all(file.sha256 in (None, manifest.published[name]) for name, file in self.files.items())


class Job(Options):
    """A name for something that more than one model can do, best first; ``fetch`` is for where none is installed."""

    purpose: str
    models: list[str] = Field(min_items=1)
    fetch: str


class Catalogue(Options):
    """All models by name, in the order of the file, and the two ways to name several or one of several."""

    models: dict[str, Model]
    sets: dict[str, list[str]]
    jobs: dict[str, Job]

    @property
    def aliases(self) -> dict[str, list[str]]:
        """For the name of each job, the models that can do it, best first."""
        return {name: job.models for name, job in self.jobs.items()}

    def fetchable(self, name: str) -> Model:
        """Return the model that the name of a model, or of a job, would fetch; raises ModelNotFound for others."""
        model = self.models.get(self.jobs[name].fetch if name in self.jobs else name)
        if model is None:
            raise ModelNotFound(f"There is no model '{name}' in the catalog; {self.hint(name)}.")
        return model

    def voice_of(self, language: str) -> Optional[str]:
        """Return the name of the first voice that speaks a language (ISO 639-1 code), None where there is none."""
        voices = (model for model in self.models.values() if model.component == "tts")
        return next((voice.name for voice in voices if language in voice.languages), None)

    def members(self, set_name: str) -> list[Model]:
        """Return the models of a set, in order; raises ModelNotFound if there is no such set."""
        if set_name not in self.sets:
            raise ModelNotFound(f"There is no set '{set_name}' of models; the sets are: {', '.join(self.sets)}.")
        return [self.models[name] for name in self.sets[set_name]]

    def hint(self, name: str) -> str:
        """Return what to say about a name nobody knows: the nearest right one, or all of them."""
        if name in self.sets:
            return f"'{name}' is a set of models: --set {name}"
        names, last = [*self.models, *self.jobs], name.rpartition("/")[2]
        by_last = {known.rpartition("/")[2]: known for known in names}
        close = difflib.get_close_matches(name, names, n=1, cutoff=0.7)
        close = close or [by_last[part] for part in difflib.get_close_matches(last, by_last, n=1, cutoff=0.7)]
        return f"the nearest name is '{close[0]}'" if close else f"the models are: {', '.join(self.models)}"


def parse_model(name: str, fields: dict[str, Any], *, where: str) -> Model:
    """Check one entry of a catalog, by its key; ``where`` is what the ConfigurationError for a wrong one points at."""
    return parse_options(Model, {**fields, "name": name}, where=where)


def load_catalogue(path: Path | None = None) -> Catalogue:
    """Return a catalog, by default this package's; each is read once per process."""
    return _load(path or CATALOGUE_FILE)


@functools.cache
def _load(path: Path) -> Catalogue:
    content = read_yaml(path)
    content.pop("notices", None)  # only there to hold the YAML anchors
    models = content["models"].items()
    content["models"] = {name: parse_model(name, fields, where=f"{path.name}, {name}") for name, fields in models}
    return parse_options(Catalogue, content, where=path.name)
