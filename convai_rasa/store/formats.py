"""What a model folder holds: every format that this package knows in one table, and what can be read off it.

A folder is told by the names of its files and by its small JSON. Whether its weights are any good is for the room that
loads them; that room asks here what is lacking, and how to say so.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Optional

from convai_rasa.errors import ModelCorrupt
from convai_rasa.store.lfs import check_pointers

# Under which other names a file may lie: as Coqui's older releases and its training call theirs, and, of weights in
# several files, the list of them.
ALSO_CALLED: Mapping[str, tuple[str, ...]] = {
    "model.pth": ("model_file.pth", "model_file.pth.tar", "best_model.pth"),
    "model.safetensors": ("model.safetensors.index.json",),
    "pytorch_model.bin": ("pytorch_model.bin.index.json",),
}
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
    """One format of a model.

    Attributes:
        name: for code, such as ``coqui``.
        words: for a person, such as ``a Coqui voice``.
        needs: the files and folders in it; of those with ``|`` between them one is enough.
        has: the files that tell it from others, as patterns; where there are none, ``says`` does.
        says: whether what a folder contains makes it one.
        found: what to call a folder that is one, or is meant to be, with values of its ``config.json`` in it, its
            ``{architecture}``, or the ``{file}`` that tells it; by default ``words``.
        taken_by: the class of this package that takes it; None where none does.
        job: what ``convai models --verify --deep`` does with it; None where nothing.
        kinds: of models that can be published in this format.
        component: of what a Rasa component saves, its name on the command line.
    """

    name: str
    words: str
    needs: str = ""
    has: str = ""
    says: Callable[[Contents], bool] = lambda folder: False
    found: str = ""
    taken_by: Optional[str] = None
    job: Optional[str] = None
    kinds: tuple[str, ...] = ()
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
        if not (all(hits) if hits else self.says(folder)):
            return None
        architecture = f" ({folder.architecture})" if folder.architecture else ""
        facts = {**folder.config, "architecture": architecture, "file": "".join(hits[:1])}
        return self.called((self.found or self.words).format_map(facts))


def _is_whisper(folder: Contents) -> bool:
    converted = "model.bin" in folder.names and any(f"vocabulary.{end}" in folder.names for end in ("json", "txt"))
    by_config = "suppress_ids" in folder.config or "alignment_heads" in folder.config
    return by_config or (converted and "model_type" not in folder.config)


_CHECKPOINT = "config.json tokenizer.json|vocab.txt model.safetensors|pytorch_model.bin"
_CHECKPOINT_FOUND = "a Hugging Face checkpoint of type {model_type!r}{architecture}"
_PYTORCH = "a PyTorch file, as OpenAI's whisper keeps its models"

_ROWS = (  # in the order in which a folder is compared with them
    Format(
        "voice",
        "a voice for onnxruntime",
        needs="voice.json text.onnx wave.onnx",
        has="voice.json wave.onnx",
        taken_by="TTSSynthesizer",
        job="speak",
        kinds=("tts",),
    ),
    Format(
        "intents",
        "a trained intent classifier",
        needs="intent_classifier.json head.safetensors encoder",
        has="intent_classifier.json",
        found="what IntentClassifier.save wrote",
        taken_by="IntentClassifier",
        job="classify",
        kinds=("nlu",),
        component="intent_classifier",
    ),
    Format(
        "sentiments",
        "a trained sentiment analyzer",
        needs="sentiment.json sentiment_head.safetensors encoder|classifier",
        has="sentiment.json",
        found="what SentimentAnalyzer.save wrote",
        taken_by="SentimentAnalyzer",
        job="judge",
        kinds=("nlu",),
        component="sentiment",
    ),
    Format(
        "entities",
        "a trained entity extractor",
        needs="entity_extractor.json meta.json config.cfg",
        has="entity_extractor.json",
        found="what EntityExtractor.save wrote",
        taken_by="EntityExtractor",
        job="find_entities",
        kinds=("nlu", "spacy"),
        component="entity_extractor",
    ),
    Format(
        "whisper",
        "a Whisper model for CTranslate2",
        needs="config.json model.bin tokenizer.json vocabulary.json|vocabulary.txt",
        says=_is_whisper,
        taken_by="WhisperRecognizer",
        job="recognise",
        kinds=("whisper",),
    ),
    Format(
        "vocoder",
        "a Coqui vocoder",
        needs="config.json model.pth",
        says=lambda folder: "generator_model" in folder.config,
        found="a Coqui vocoder ({generator_model})",
    ),
    Format(
        "coqui",
        "a Coqui voice",
        needs="config.json model.pth",
        says=lambda folder: isinstance(folder.config.get("audio"), dict) and "model" in folder.config,
        found="a Coqui voice ({model})",
        taken_by="TTSSynthesizer",
        job="speak",
        kinds=("tts",),
    ),
    Format(
        "whisper-transformers",
        "a Whisper model as transformers saves it",
        says=lambda folder: folder.config.get("model_type") == "whisper",
    ),
    Format(
        "classifier",
        "a sequence classifier",
        needs=_CHECKPOINT,
        says=lambda folder: folder.architecture.endswith("ForSequenceClassification"),
        found=_CHECKPOINT_FOUND,
        job="classify",
    ),
    Format(
        "checkpoint",
        "a checkpoint",
        needs=_CHECKPOINT,
        says=lambda folder: "model_type" in folder.config,
        found=_CHECKPOINT_FOUND,
        job="encode",
        kinds=("nlu",),
    ),
    Format(
        "spacy",
        "a spaCy pipeline",
        needs="meta.json config.cfg",
        says=lambda folder: "config.cfg" in folder.names or "spacy_version" in read_json(folder.path / "meta.json"),
        taken_by="EntityExtractor",
        job="parse",
        kinds=("spacy", "nlu"),
    ),
    Format("whisper-openai", _PYTORCH, has="*.pt", found=f"a folder with {{file}}, {_PYTORCH}"),
    Format(
        "piper",
        "a Piper voice",
        has="*.onnx.json",
        found="a folder with {file}, a Piper voice",
        taken_by="TTSSynthesizer",
        job="speak",
    ),
    Format("whisper-cpp", "a model of whisper.cpp", has="ggml*"),
    Format("archive", "a .tar.gz archive", job="classify"),
)
FORMATS: Mapping[str, Format] = {row.name: row for row in _ROWS}


def kind_of(path: Path) -> Format:
    """Tell what a path looks like, in words for this very path; reads no more than a few small files.

    What is none of ``FORMATS`` is called ``file``, ``empty``, ``folders`` or ``unknown``.
    """
    if not path.is_dir():
        return _kind_of_file(path)
    names = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))
    if not names:
        return Format("empty", "an empty folder")
    contents = Contents(path, names, read_json(path / "config.json"))
    found = next(filter(None, (row.recognize(contents) for row in _ROWS)), None)
    if found:
        return found
    if "config.json" in names and not contents.config:
        return Format("unknown", "a folder whose config.json is not a JSON object, or is empty")
    if all((path / name).is_dir() for name in names):
        return Format("folders", f"a folder of folders ({_some(names)})")
    return Format("unknown", f"a folder with {_some(names)}")


def find_file(folder: Path, name: str) -> Optional[Path]:
    """Return a file or folder of a model under its own name, or under the first other one that it may have."""
    paths = (folder / known for known in (name, *ALSO_CALLED.get(name, ())))
    return next((path for path in paths if path.exists()), None)


def check_files(
    path: Path, wanted: Format, advice: Callable[[Path, Sequence[str]], Optional[str]] = lambda path, missing: None
) -> None:
    """See that a folder has all files of a format, and that none of its weights is a git-LFS pointer.

    Args:
        path: what was given.
        wanted: the format.
        advice: given the path and what is missing, returns what to do; None says which class takes what is there.

    Raises:
        ModelCorrupt: in one sentence what is missing, what was found, and what to do.
    """
    missing = wanted.lacks(path)
    if missing:
        raise refusal(path, wanted, missing, advice(path, missing))
    check_pointers(path)


def refusal(path: Path, wanted: Format, missing: Sequence[str] = (), advice: Optional[str] = None) -> ModelCorrupt:
    """Return the error that says why a folder is not the model that was asked for.

    Args:
        path: what was given.
        wanted: what it should be.
        missing: what it lacks; empty where it is not about files.
        advice: what to do with what it looks like; None says which class takes it, if one does.
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


def _kind_of_file(path: Path) -> Format:
    if path.name.endswith(".tar.gz"):
        return FORMATS["archive"]
    return FORMATS["whisper-openai"] if path.suffix == ".pt" else Format("file", "a file, not a folder")


def _some(names: Sequence[str]) -> str:
    return listed([*names[:_NAMED], f"{len(names) - _NAMED} more"] if len(names) > _NAMED else names)


def read_json(path: Path) -> Mapping[str, Any]:
    """Return what a JSON file holds by names; nothing where there is none, or none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
