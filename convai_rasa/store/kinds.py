"""What kind of model is in a folder, told by the names of its files and its small JSON: to say what a user gave.

Whether a model can be used is for the room that knows its format; here is only what a refusal says about it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple, Optional, Sequence

from convai_rasa.errors import ModelCorrupt
from convai_rasa.store.installed import MANIFEST
from convai_rasa.store.lfs import describe_pointer, first_pointer

_LISTED = 6  # names of files in a message


class Kind(NamedTuple):
    """What a path looks like.

    Attributes:
        name: for code, such as ``coqui``.
        words: for a person, such as ``a Coqui voice (vits)``.
        taken_by: the class of this package that takes it; None where none does.
    """

    name: str
    words: str
    taken_by: Optional[str] = None


def kind_of(path: Path) -> Kind:
    """Tell what a path looks like; reads no more than a few small files.

    The names are ``whisper`` (for CTranslate2), ``whisper-transformers``, ``whisper-openai``, ``whisper-cpp``,
    ``voice``, ``coqui``, ``vocoder``, ``piper``, ``intents``, ``sentiments``, ``entities``, ``spacy``, ``classifier``
    and ``checkpoint`` (of Hugging Face), ``archive``, ``file``, ``empty``, ``folders`` and ``unknown``.
    """
    if not path.is_dir():
        return _kind_of_file(path)
    names = {entry.name for entry in path.iterdir() if not entry.name.startswith(".")}
    if not names:
        return Kind("empty", "an empty folder")
    if "voice.json" in names and "wave.onnx" in names:
        return Kind("voice", "a voice for onnxruntime", "TTSSynthesizer")
    return _saved_here(names) or _configured(path, names) or _by_names(path, names)


def refuse(
    path: Path, wanted: str, lacking: Sequence[str] = (), advice: Optional[str] = None, *, kinds: Sequence[str] = ()
) -> ModelCorrupt:
    """Return the error that says why a folder is not the model that was asked for.

    Args:
        path: what was given.
        wanted: what it should be, such as ``a Coqui voice``.
        lacking: the files that are missing; empty where it is not about files.
        advice: what to do with what it looks like; None says which class takes it, if one does.
        kinds: names of kinds that would be right; of one of those only what is missing is told.
    """
    pointer = first_pointer(path) if path.is_dir() else None
    if pointer is not None:
        return ModelCorrupt(f"{describe_pointer(pointer)}.")
    kind = kind_of(path)
    missing = [f"it lacks {listed(lacking)}"] if lacking and kind.name != "empty" and path.is_dir() else []
    another = not (missing and kind.name in kinds)
    found = [f"it is {kind.words}"] if another else []
    taker = f"{kind.taken_by} takes it" if kind.taken_by and another else None
    after = f"; {advice or taker}" if advice or taker else ""
    return ModelCorrupt(f"{path} is not {wanted}: {', and '.join(missing + found)}{after}.")


def refuse_pointers(path: Path) -> None:
    """Refuse a model whose weights are git-LFS pointers.

    Raises:
        ModelCorrupt: one is; the message has the command that brings the real file.
    """
    pointer = first_pointer(path)
    if pointer is not None:
        raise ModelCorrupt(f"{describe_pointer(pointer)}.")


def how_to_mend(path: Path) -> str:
    """Return what to do about a damaged model, as the end of a sentence: fetch it again, where it was fetched."""
    from convai_rasa.store.catalogue import load_catalogue

    name = _json(path / MANIFEST).get("name")
    if name in load_catalogue().models:
        return f"fetch it again with: convai models --force {name}"
    return "copy it again from where it came, or recreate it"


def listed(names: Sequence[str]) -> str:
    """Return names as a person lists them: ``a, b and c``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _kind_of_file(path: Path) -> Kind:
    if path.name.endswith(".tar.gz"):
        return Kind("archive", "a .tar.gz archive")
    if path.suffix == ".pt":
        return Kind("whisper-openai", "a PyTorch file, as OpenAI's whisper keeps its models")
    return Kind("file", "a file, not a folder")


def _saved_here(names: set[str]) -> Optional[Kind]:
    """What this package's own classes save."""
    for file, name, words in (
        ("intent_classifier.json", "intents", "IntentClassifier"),
        ("sentiment.json", "sentiments", "SentimentAnalyzer"),
        ("entity_extractor.json", "entities", "EntityExtractor"),
    ):
        if file in names:
            return Kind(name, f"what {words}.save wrote", words)
    return None


def _configured(path: Path, names: set[str]) -> Optional[Kind]:
    """What its config.json or meta.json tells."""
    config = _json(path / "config.json") if "config.json" in names else {}
    converted = "model.bin" in names and {"vocabulary.json", "vocabulary.txt"} & names
    if "suppress_ids" in config or "alignment_heads" in config or (converted and "model_type" not in config):
        return Kind("whisper", "a Whisper model for CTranslate2", "WhisperRecognizer")
    if "generator_model" in config:
        return Kind("vocoder", f"a Coqui vocoder ({config['generator_model']})")
    if isinstance(config.get("audio"), dict) and "model" in config:
        return Kind("coqui", f"a Coqui voice ({config['model']})", "TTSSynthesizer")
    if config.get("model_type") == "whisper":
        return Kind("whisper-transformers", "a Whisper model as transformers saves it")
    if "model_type" in config:
        return _checkpoint(config)
    if "config.cfg" in names or "spacy_version" in (_json(path / "meta.json") if "meta.json" in names else {}):
        return Kind("spacy", "a spaCy pipeline", "EntityExtractor")
    return None


def _checkpoint(config: dict[str, Any]) -> Kind:
    architecture = next(iter(config.get("architectures") or []), "")
    words = f"a Hugging Face checkpoint of type {config['model_type']!r}" + (
        f" ({architecture})" if architecture else ""
    )
    return Kind("classifier" if str(architecture).endswith("ForSequenceClassification") else "checkpoint", words)


def _by_names(path: Path, names: set[str]) -> Kind:
    for ending, name, words, taker in (
        (".pt", "whisper-openai", "a PyTorch file, as OpenAI's whisper keeps its models", None),
        (".onnx.json", "piper", "a Piper voice", "TTSSynthesizer"),
    ):
        found = sorted(file for file in names if file.endswith(ending))
        if found:
            return Kind(name, f"a folder with {found[0]}, {words}", taker)
    if any(file.startswith("ggml") for file in names):
        return Kind("whisper-cpp", "a model of whisper.cpp")
    if "config.json" in names and not _json(path / "config.json"):
        return Kind("unknown", "a folder whose config.json is not a JSON object, or is empty")
    if all((path / name).is_dir() for name in names):
        return Kind("folders", f"a folder of folders ({_some(names)})")
    return Kind("unknown", f"a folder with {_some(names)}")


def _some(names: set[str]) -> str:
    shown = sorted(names)[:_LISTED]
    return f"{', '.join(shown)} and {len(names) - _LISTED} more" if len(names) > _LISTED else listed(shown)


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
