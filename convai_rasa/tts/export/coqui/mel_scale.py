"""The scale of spectrograms: an acoustic model and its vocoder need not have been trained on the same."""

from __future__ import annotations

import collections
import pathlib
import pickle
from typing import Any, Mapping, Tuple

import numpy as np

from convai_rasa.errors import ConfigurationError, ModelCorrupt

_STATISTICS = "scale_stats.npy"
# What numpy's own pickles of arrays are made of; anything else in a file of statistics could run code.
_HARMLESS = {
    ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"),
    ("numpy", "ndarray"), ("numpy", "dtype"), ("collections", "OrderedDict"), ("_codecs", "encode"),
}  # fmt: skip


class MelScale:
    """Takes spectrograms in decibels to what a model was trained on, and back, as Coqui's ``AudioProcessor`` does.

    Args:
        audio: the key ``audio`` of a ``config.json``.
        folder: of that file; the statistics of mean-variance scaling lie beside it.

    Raises:
        ConfigurationError: the statistics are missing.
        ModelCorrupt: they cannot be read.
    """

    def __init__(self, audio: Mapping[str, Any], folder: pathlib.Path) -> None:
        self._normal = bool(audio.get("signal_norm", True))
        self._symmetric = bool(audio.get("symmetric_norm", True))
        self._clips = bool(audio.get("clip_norm", True))
        self._top = float(audio.get("max_norm", 4.0))
        self._floor_db = float(audio.get("min_level_db", -100))
        self._reference_db = float(audio.get("ref_level_db", 20))
        self.statistics = statistics_file(audio, folder)
        if self.statistics is not None:
            self._mean, self._deviation = _read_statistics(self.statistics)

    def to_decibels(self, mel: Any) -> Any:
        """Take a tensor of shape (1, mels, frames) from the model's scale."""
        if not self._normal:
            return mel
        if self.statistics is not None:
            return mel * self._as(mel, self._deviation) + self._as(mel, self._mean)
        low = -self._top if self._symmetric else 0.0
        if self._clips:
            mel = mel.clamp(low, self._top)
        return (mel - low) * -self._floor_db / (self._top - low) + self._floor_db + self._reference_db

    def from_decibels(self, mel: Any) -> Any:
        """Take a tensor of shape (1, mels, frames) to the model's scale."""
        if not self._normal:
            return mel
        if self.statistics is not None:
            return (mel - self._as(mel, self._mean)) / self._as(mel, self._deviation)
        low = -self._top if self._symmetric else 0.0
        mel = (mel - self._reference_db - self._floor_db) / -self._floor_db * (self._top - low) + low
        return mel.clamp(low, self._top) if self._clips else mel

    def _as(self, mel: Any, values: np.ndarray) -> Any:
        return mel.new_tensor(values.astype(np.float32)).reshape(1, -1, 1)


def statistics_file(audio: Mapping[str, Any], folder: pathlib.Path) -> pathlib.Path | None:
    """Return where the statistics lie that a configuration asks for; None if it asks for none.

    Raises:
        ConfigurationError: they are not there.
    """
    if not audio.get("stats_path") or not audio.get("signal_norm", True):
        return None
    # The path is that of the machine the model was trained on.
    for name in (pathlib.PurePath(str(audio["stats_path"])).name, _STATISTICS):
        if (folder / name).is_file():
            return folder / name
    raise ConfigurationError(f"The voice was trained with statistics, but {folder / _STATISTICS} is missing.")


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _HARMLESS:
            raise pickle.UnpicklingError(f"it holds {module}.{name}")
        return collections.OrderedDict if name == "OrderedDict" else super().find_class(module, name)


def _read_statistics(path: pathlib.Path) -> Tuple[np.ndarray, np.ndarray]:
    try:
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            header = np.lib.format
            (header.read_array_header_1_0 if version == (1, 0) else header.read_array_header_2_0)(file)
            statistics = _Unpickler(file).load().item()
        return np.asarray(statistics["mel_mean"]), np.asarray(statistics["mel_std"])
    # A damaged pickle surfaces as nearly anything.
    except Exception as error:
        raise ModelCorrupt(f"{path} cannot be read ({error}); fetch the voice again.") from error
