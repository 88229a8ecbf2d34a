"""Conversions from the published form of a model to the one that is used here.

Each module has ``convert(source, target) -> float``: it reads the published files in the folder ``source``, writes the
installed ones into the empty folder ``target``, loads them back, compares them with the original and returns the
largest absolute difference of the outputs. They run in a process of their own (``python -m
convai_rasa.store.conversions``), because they import up to a gigabyte of libraries that warn a lot and because a
crash in native code then is an error message.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from convai_rasa.errors import (
    ConfigurationError,
    MissingExtra,
    ModelCorrupt,
    ModelError,
    ModelNotFound,
    install_command,
)


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

# Errors about what was given, which stay of their kind.
_OF_THE_MODEL = {kind.__name__: kind for kind in (ConfigurationError, MissingExtra, ModelCorrupt, ModelNotFound)}


def require_libraries(conversion: str) -> None:
    """Check, without importing them, that the libraries of a conversion are installed.

    Raises:
        MissingExtra: one is not; names the extra to install.
    """
    _, extra, imports = CONVERSIONS[conversion]
    for module in imports:
        if importlib.util.find_spec(module) is None:
            raise MissingExtra(
                f"The conversion {conversion} needs {module}, which is not installed; install it with: "
                f"{install_command(extra)}"
            )


def run_conversion(conversion: str, source: Path, target: Path, *more: str) -> float:
    """Run a conversion in its own process.

    Args:
        conversion: a key of ``CONVERSIONS``.
        source: folder with the published files.
        target: empty folder for the result.
        *more: what else its ``convert`` takes.

    Returns:
        The largest absolute difference between the outputs of the result and of the original.

    Raises:
        ConfigurationError: the model is of a kind that cannot be converted.
        MissingExtra: a library is not installed.
        ModelError: it failed, or the result does not do what the original does.
    """
    package_parent = str(Path(__file__).parents[3])
    path = os.pathsep.join(filter(None, [package_parent, os.environ.get("PYTHONPATH")]))
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", __name__, conversion, str(source), str(target), *more],
        env={**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    last = (finished.stdout.strip().splitlines() or [""])[-1]
    try:
        result = json.loads(last)
    except ValueError:
        complaint = (finished.stderr.strip().splitlines() or [f"exit status {finished.returncode}"])[-1]
        raise ModelError(f"The conversion {conversion} failed: {complaint}.") from None
    if "error" in result:
        kind = _OF_THE_MODEL.get(result["kind"], ModelError)
        raise kind(f"The conversion {conversion} failed: {result['error'].rstrip('.')}.")
    return float(result["difference"])
