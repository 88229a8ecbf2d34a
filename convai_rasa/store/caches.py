"""Where other programs keep models of the catalog: one function for each of them.

A folder counts only with every file that the catalog lists, of its published size; it is used where it lies, and
never written to. A model that is converted before it is installed is never found here, for what lies here was not.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Optional

from convai_rasa.store.files import find_file, read_json

if TYPE_CHECKING:  # whoever calls these functions has loaded the catalog
    from convai_rasa.store.catalogue import Model

# Of the same weights these differ between packages: meta.json names the package, and the others are for people.
_SPACY_TEXTS = frozenset({"meta.json", "README.md", "LICENSE", "LICENSES_SOURCES", "accuracy.json"})


class Look(NamedTuple):
    """What was found in one place in which a model was looked for, here or in a models/ tree."""

    place: str  # in words, such as ``Whisper's cache``
    path: Path  # where it would lie there
    folder: Optional[Path] = None  # the model; None if it is not there, or not usable
    problem: Optional[str] = None  # why what lies there is no use; None if nothing lies there, or the model


def look_in_caches(model: Model) -> Iterator[Look]:
    """Look in the caches of Whisper, Hugging Face, Coqui and spaCy, in this order."""
    yield from whisper_cache(model)
    yield from hub_cache(model)
    yield from coqui_cache(model)
    yield from spacy_packages(model)


def whisper_cache(model: Model) -> Iterator[Look]:
    """Look where OpenAI's Whisper and faster-whisper's ``download_root`` put theirs."""
    if model.component != "asr":
        return
    place = "Whisper's cache (WHISPER_CACHE_DIR)"
    root = _folder("WHISPER_CACHE_DIR", _user_cache() / "whisper")
    short = model.name.rpartition("/")[2]
    for name in (short, f"faster-whisper-{short}"):
        yield _look(place, root / name, model)
    yield from _snapshots(place, root, model)
    original = root / f"{short}.pt"
    if original.is_file():
        yield Look(place, original, problem="it is in OpenAI's own format, but CTranslate2's is needed")


def hub_cache(model: Model) -> Iterator[Look]:
    """Look where huggingface_hub, and with it transformers and faster-whisper, keeps what it fetched."""
    home = _folder("HF_HOME", _user_cache() / "huggingface")
    root = _folder("HF_HUB_CACHE", _folder("HUGGINGFACE_HUB_CACHE", home / "hub"))
    yield from _snapshots("Hugging Face's cache (HF_HOME)", root, model)


def coqui_cache(model: Model) -> Iterator[Look]:
    """Look where Coqui's TTS keeps what it fetched; the vocoder lies beside the voice there."""
    named = [os.environ[name] for name in ("TTS_HOME", "XDG_DATA_HOME") if os.environ.get(name)]
    roots = [Path(name).expanduser() / "tts" for name in named]
    roots += [Path.home() / ".local/share/tts", _user_cache() / "TTS"]
    for voice in [source.coqui for source in model.sources if source.coqui]:
        for root in dict.fromkeys(roots):
            look = _look("Coqui's cache (TTS_HOME)", root / voice.voice.replace("/", "--"), model)
            vocoder = root / voice.vocoder.replace("/", "--") if voice.vocoder else None
            lack = _lacks_of_coqui(vocoder) if look.folder and vocoder else None
            yield look._replace(folder=None, problem=f"its vocoder {vocoder} {lack}") if lack else look


def spacy_packages(model: Model) -> Iterator[Look]:
    """Look for a pipeline that was installed as a Python package; it is found without importing it."""
    if model.component != "spacy":
        return
    package = model.name.rpartition("/")[2]
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec else None
    where = "the installed spaCy packages"
    version = next((source.spacy_release.version for source in model.sources if source.spacy_release), None)
    for folder in map(Path, places or ()):
        data = folder / f"{package}-{version}" if version else folder
        if version and not data.is_dir():
            others = sorted(path.name for path in folder.glob(f"{package}-*"))
            problem = f"it is {', '.join(others) or 'another package'}, but {version} is needed"
            yield Look(where, folder, problem=problem)
        else:
            yield _look(where, data, model, ignore=_SPACY_TEXTS)
    if not places:
        yield Look(where, Path(package))


def _snapshots(place: str, root: Path, model: Model) -> Iterator[Look]:
    for source in model.sources:
        repo = source.hugging_face
        if repo and not repo.rename:  # renamed files are not under the names they are read by
            home = root / f"models--{repo.repo.replace('/', '--')}"
            revision = repo.revision or "main"
            if not repo.revision:
                with contextlib.suppress(OSError, UnicodeDecodeError):  # what was the newest when it was fetched
                    revision = (home / "refs/main").read_text(encoding="ascii").strip()
            yield _look(place, home / "snapshots" / revision / repo.prefix, model)


def _look(place: str, folder: Path, model: Model, ignore: frozenset[str] = frozenset()) -> Look:
    if not folder.is_dir():
        return Look(place, folder)
    if model.conversion:
        return Look(place, folder, problem="it has to be converted before it can be used")
    lack = _lacks(folder, model, ignore) if model.files else _lacks_of_coqui(folder)
    return Look(place, folder, problem=f"it {lack}") if lack else Look(place, folder, folder)


def _lacks(folder: Path, model: Model, ignore: frozenset[str]) -> str | None:
    for name, file in model.files.items():
        if name in ignore:
            continue
        try:
            found = (folder / name).stat().st_size
        except OSError:
            return f"lacks {name}"
        if file.size is not None and found != file.size:
            return f"has another {name}, of {found:,} bytes instead of {file.size:,}"
    return None


def _lacks_of_coqui(folder: Path) -> str | None:
    """Return what a voice or vocoder lacks of which no file is listed, because it comes in an archive."""
    if not read_json(folder / "config.json"):
        return "lacks a config.json"
    if any(folder.glob("*.zip")):
        return "was not unpacked to the end"
    found = find_file(folder, "model.pth")
    return None if found and found.stat().st_size else "lacks model.pth"


def _folder(variable: str, default: Path) -> Path:
    named = os.environ.get(variable)
    return Path(named).expanduser().absolute() if named else default


def _user_cache() -> Path:
    return _folder("XDG_CACHE_HOME", Path.home() / ".cache")
