"""Conversions from the published form of a model to the one that is used here.

Each module has ``convert(source, target) -> float``: it reads the published files in the folder ``source``, writes the
installed ones into the empty folder ``target``, loads them back, compares them with the original and returns the
largest absolute difference of the outputs. They run in a process of their own (``python -m
convai_rasa.store.conversions``), because they import up to a gigabyte of libraries that warn a lot and because a
crash in native code then is an error message.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import NamedTuple

from convai_rasa.errors import (
    ConfigurationError,
    ConvaiError,
    MissingExtra,
    ModelCorrupt,
    ModelError,
    ModelNotFound,
    install_command,
)
from convai_rasa.store.apart import Unanswered, run_apart


class Conversion(NamedTuple):
    """Where a conversion is, the extra that brings what it imports, and those imports."""

    module: str
    extra: str
    imports: tuple[str, ...]


# Only names: this room knows nothing of what is in a voice or an encoder, and each runs in a process of its own.
CONVERSIONS = {
    "piper_to_onnx": Conversion("convai_rasa.tts.export.piper_to_onnx", "voice", ("onnx", "onnxruntime")),
    "coqui_to_onnx": Conversion("convai_rasa.tts.export.coqui_to_onnx", "coqui", ("TTS", "torch", "onnxruntime")),
    "bert_to_distilbert": Conversion(
        "convai_rasa.nlu.encoder.bert_to_distilbert", "nlu", ("numpy", "safetensors", "tokenizers")
    ),
}
_ENVIRONMENT = {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
_OF_THE_MODEL = (ConfigurationError, MissingExtra, ModelCorrupt, ModelNotFound)  # what was given


def require_libraries(conversion: str) -> None:
    """Check, without importing them, that the libraries of a conversion are installed; else raises MissingExtra."""
    _, extra, imports = CONVERSIONS[conversion]
    for module in imports:
        if importlib.util.find_spec(module) is None:
            raise MissingExtra(
                f"The conversion {conversion} needs {module}, which is not installed; install it with: "
                f"{install_command(extra)}"
            )


def run_conversion(conversion: str, source: Path, target: Path, *more: str) -> float:
    """Run one of ``CONVERSIONS`` in its own process, from the published files into an empty folder.

    ``more`` is what else its ``convert`` takes. Returns the largest absolute difference between the outputs of the
    result and of the original.

    Raises:
        ConfigurationError: the model is of a kind that cannot be converted.
        MissingExtra: a library is not installed.
        ModelError: it failed, or the result does not do what the original does.
    """
    try:
        answer = run_apart(__name__, conversion, str(source), str(target), *more, environment=_ENVIRONMENT)
        return float(answer["difference"])
    except (ConvaiError, Unanswered) as error:
        kind = type(error) if isinstance(error, _OF_THE_MODEL) else ModelError
        raise kind(f"The conversion {conversion} failed: {str(error).rstrip('.')}.") from error
