"""Models of one's own that others have pushed: no catalog describes them, but their manifest does."""

from __future__ import annotations

from urllib.parse import urlsplit

from convai_rasa.errors import DownloadError
from convai_rasa.store.catalogue import Model
from convai_rasa.store.choice import KINDS
from convai_rasa.store.installed import MANIFEST
from convai_rasa.store.manifest import parse_manifest
from convai_rasa.store.names import Name
from convai_rasa.store.publishing.remotes import open_remote
from convai_rasa.store.sources import locate, read_manifest_text

_COMPONENTS = {"whisper": "asr", "tts": "tts", "nlu": "nlu", "spacy": "spacy"}


def may_have(place: str | None, *, offline: bool) -> bool:
    """Whether a place that the user names can be asked for models that are not in the catalog."""
    if place is None or place in KINDS:
        return False
    scheme = urlsplit(place).scheme
    return scheme in ("", "file") or (scheme in ("s3", "gs") and not offline)


def find_own(name: Name, place: str) -> Model:
    """Return a model as its manifest in a place describes it.

    Args:
        name: of the model, with a version if that is wanted.
        place: a bucket or a folder.

    Raises:
        ConfigurationError: the place is none of these.
        DownloadError: the model is not there, or has no manifest.
        MissingExtra: the driver for the place is not installed.
    """
    with open_remote(place) as remote:
        try:
            folder, entries = locate(remote, name)
            if MANIFEST not in entries:
                raise DownloadError(
                    f"{name} has no {MANIFEST} there, so it may be incomplete; push it with convai models push"
                )
            manifest = parse_manifest(read_manifest_text(remote, folder, entries))
        except DownloadError as error:
            raise DownloadError(f"{name} is not in the catalog; {remote}: {error}.") from error
        except ValueError as error:
            raise DownloadError(f"{remote}: {MANIFEST} of {name} cannot be read.") from error
        return Model.construct(
            name=name.plain,
            purpose="a model of your own",
            use="",
            component=_COMPONENTS.get(name.kind, name.kind),
            languages=[],
            origin=str(remote),
            licence=manifest.licence,
            notice="",
            files={},
            size=max(1, sum(file.size for file in manifest.files.values())),
            sources=[],
        )
