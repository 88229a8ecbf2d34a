"""Which sources to ask: those of the catalog, those of one kind, or a place the user names."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from convai_rasa.errors import ConfigurationError, DownloadError
from convai_rasa.options import parse_options
from convai_rasa.store.catalogue import Model, Source
from convai_rasa.store.sources import Bucket, Folder, Https, Place, is_allowed

KINDS = tuple(Source.__fields__)
BUCKETS = ("s3", "gs")


def places(model: Model, wanted: str | None = None, *, offline: bool = False) -> list[Place]:
    """Return the places to ask for a model, in order; offline those alone that are on this machine.

    ``wanted`` is None for all of the catalog, a kind such as ``hugging_face``, or a place that holds models by their
    names: a folder, ``s3://…``, ``gs://…`` or ``https://…``.

    Raises:
        ConfigurationError: ``wanted`` is none of these.
        DownloadError: nothing is left.
    """
    listed = ", ".join(str(source) for source in model.sources)
    if wanted is None:
        found: list[Place] = [source.place for source in model.sources]
    elif wanted in KINDS:
        found = [source.place for source in model.sources if source.kind == wanted]
        if not found:
            raise DownloadError(f"{model.name} is not available from {wanted}; its sources are: {listed}.")
    else:
        found = [parse_place(wanted)]
    if offline:
        found = [place for place in found if isinstance(place, Folder)]
        if not found:
            raise DownloadError(
                f"{model.name} is not installed, and --offline allows no download; name a folder that has it with "
                f"--source, or fetch it online from: {listed}."
            )
    return found


def parse_place(text: str) -> Place:
    """Return the place that a user names on the command line.

    Raises:
        ConfigurationError: no such folder, or an address of a kind that is not known.
    """
    folder = local_folder(text)
    if folder:
        if not folder.is_dir():
            raise ConfigurationError(
                f"--source {text}: there is no such folder; give one, an s3://, gs:// or https:// address, or one of: "
                f"{', '.join(KINDS)}."
            )
        return Folder(path=str(folder))
    scheme = urlsplit(text).scheme
    if scheme in BUCKETS:
        return parse_options(Bucket, {"url": text}, where="--source")
    if scheme == "https" or is_allowed(text):
        return parse_options(Https, {"base": text}, where="--source")
    raise ConfigurationError(f"--source: {scheme}:// is not supported; use a folder, s3://, gs:// or https://.")


def local_folder(text: str) -> Path | None:
    """Return the folder that a user names by a path or a file:// address; None for an address of another kind."""
    if "://" not in text:
        return Path(text).expanduser().absolute()
    parts = urlsplit(text)
    return Path(url2pathname(parts.path)) if parts.scheme == "file" else None
