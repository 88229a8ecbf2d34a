"""A folder with a Whisper model for CTranslate2: looked at before anything heavy is imported, and loaded."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any, Optional, Sequence

from convai_rasa.errors import ConfigurationError, ModelCorrupt, require
from convai_rasa.hardware import choose_device, cores
from convai_rasa.store import FORMATS, check_files, how_to_mend, kind_of, load_catalogue, refusal

_WHISPER = FORMATS["whisper"]
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
_MULTILINGUAL_TOKENS = 51_865  # at least; the models for English alone have one less
_COPIED = "tokenizer.json preprocessor_config.json"  # what the converter leaves behind unless it is told


def check_whisper(path: Path) -> None:
    """Refuse a path that holds no Whisper model for CTranslate2.

    Raises:
        ModelCorrupt: in one sentence what is missing, what was found, and how to make a model of that.
    """
    check_files(path, _WHISPER, _advice)
    if kind_of(path).name != _WHISPER.name:
        raise refusal(path, _WHISPER, advice=_advice(path))


def load_whisper(path: Path, options: Any) -> Any:
    """Return a ``faster_whisper.WhisperModel``, as ``WhisperOptions`` say.

    Raises:
        ConfigurationError: the device or the type is not one of this machine.
        ModelCorrupt: the folder holds no such model, or one that cannot be loaded.
        MissingExtra: faster-whisper is not installed.
    """
    check_whisper(path)
    faster_whisper = require("faster_whisper", extra="voice")
    device = choose_device(
        options.device,
        require("ctranslate2", extra="voice").get_cuda_device_count,
        library="Whisper's CTranslate2",
        remedy="install NVIDIA's driver and CUDA's libraries",
    )
    compute_type = "float16" if device == "cuda" else "int8"
    try:
        whisper = faster_whisper.WhisperModel(
            str(path),
            device=device,
            compute_type=compute_type if options.compute_type == "auto" else options.compute_type,
            cpu_threads=options.threads or min(4, cores()),
            num_workers=options.workers,
        )
    except ValueError as error:  # CTranslate2's word for a type or device that this machine cannot do
        raise ConfigurationError(f"whisper: {error}") from error
    # A damaged file surfaces as RuntimeError, MemoryError or a plain Exception from the tokenizer's Rust code.
    except Exception as error:
        raise ModelCorrupt(f"The Whisper model in {path} cannot be loaded ({error}); {how_to_mend(path)}.") from error
    mels = whisper.model.n_mels
    if len(whisper.feature_extractor.mel_filters) != mels:  # a conversion without preprocessor_config.json
        whisper.feature_extractor = type(whisper.feature_extractor)(feature_size=mels)
    return whisper


def detects_languages(path: Path) -> bool:
    """Whether the model knows which of its tokens are languages; else CTranslate2 cannot tell one from another."""
    try:
        return bool(json.loads((path / "config.json").read_text(encoding="utf-8")).get("lang_ids"))
    except (ValueError, AttributeError) as error:
        raise ModelCorrupt(
            f"{path / 'config.json'} is not a JSON object ({error}); convert the model again."
        ) from error


def knows_english_only(path: Path) -> bool:
    """Whether the model is one for English alone, told as CTranslate2 tells it: by the size of its vocabulary."""
    for name in _VOCABULARIES:
        if (path / name).is_file():
            text = (path / name).read_text(encoding="utf-8")
            return len(json.loads(text) if name.endswith(".json") else text.split("\n")[:-1]) < _MULTILINGUAL_TOKENS
    return False


def _advice(path: Path, missing: Sequence[str] = ()) -> Optional[str]:
    kind = kind_of(path)
    if kind.name == "whisper-transformers" and not (path / "tokenizer.json").is_file():
        return "save its tokenizer beside it first: WhisperTokenizerFast.from_pretrained(…).save_pretrained(…)"
    if kind.name == "whisper-transformers":
        copied = " ".join(name for name in _COPIED.split() if (path / name).is_file())
        source, target = shlex.quote(str(path)), shlex.quote(f"{path}-ct2")
        return (
            f"convert it with: ct2-transformers-converter --model {source} --output_dir {target} --copy_files {copied}"
        )
    if kind.name == "whisper-openai":
        file = path if path.is_file() else next(path.glob("*.pt"))
        if f"whisper/{file.stem}" in load_catalogue().models:
            return f"fetch the same model in that form with: convai models whisper/{file.stem}"
        return "convert it with transformers' convert_openai_to_hf.py, and the result with ct2-transformers-converter"
    if kind.name == "whisper" and list(missing) == ["tokenizer.json"]:
        return f"copy that file from the model it was converted from, or convert it again with --copy_files {_COPIED}"
    return None
