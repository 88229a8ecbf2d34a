"""From a folder to a Whisper model in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from convai_rasa.asr.whisper.folder import check_whisper
from convai_rasa.errors import ConfigurationError, ModelCorrupt, require
from convai_rasa.hardware import choose_device, cores
from convai_rasa.store import how_to_mend


def load_whisper(path: Path, *, device: str, compute_type: str, threads: int, workers: int) -> Any:
    """Return a ``faster_whisper.WhisperModel``; see ``WhisperOptions`` for what its arguments mean.

    Raises:
        ConfigurationError: the device or the type is not one of this machine.
        ModelCorrupt: the folder holds no such model, or one that cannot be loaded.
        MissingExtra: faster-whisper is not installed.
    """
    check_whisper(path)
    faster_whisper = require("faster_whisper", extra="voice")
    device = _device(device)
    try:
        whisper = faster_whisper.WhisperModel(
            str(path),
            device=device,
            compute_type=_compute_type(compute_type, device),
            cpu_threads=threads or min(4, cores()),
            num_workers=workers,
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


def _device(wanted: str) -> str:
    ctranslate2 = require("ctranslate2", extra="voice")
    return choose_device(
        wanted,
        ctranslate2.get_cuda_device_count,
        library="Whisper's CTranslate2",
        remedy="install NVIDIA's driver and CUDA's libraries",
    )


def _compute_type(wanted: str, device: str) -> str:
    if wanted != "auto":
        return wanted
    return "float16" if device == "cuda" else "int8"
