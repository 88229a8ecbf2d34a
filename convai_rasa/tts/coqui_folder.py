"""The files of a Coqui voice."""

from __future__ import annotations

import json
import pathlib
from dataclasses import dataclass
from typing import Any, Mapping, Optional

from convai_rasa.errors import ConfigurationError, ModelCorrupt
from convai_rasa.store import resolve
from convai_rasa.tts.mel_scale import statistics_file

_CHECKPOINTS = ("model.pth", "model_file.pth", "model_file.pth.tar")  # the latter two in Coqui's older releases
_VOCODER = "vocoder"


@dataclass(frozen=True)
class CoquiFolder:
    """A model's folder.

    Attributes:
        path: of the folder.
        config: its ``config.json``.
        checkpoint: the file with the weights.
        vocoder_name: name in the models/ tree or path of the vocoder, where it is not the subfolder ``vocoder``.
    """

    path: pathlib.Path
    config: Mapping[str, Any]
    checkpoint: pathlib.Path
    vocoder_name: Optional[str] = None

    @classmethod
    def read(cls, path: pathlib.Path, vocoder_name: Optional[str] = None) -> CoquiFolder:
        """Look into a folder.

        Raises:
            ModelCorrupt: a file is missing, or the configuration is none.
        """
        found = [path / name for name in _CHECKPOINTS if (path / name).is_file()]
        config = path / "config.json"
        missing = [] if config.is_file() else [config.name]
        missing += [] if found else [_CHECKPOINTS[0]]
        if missing:
            raise ModelCorrupt(f"The voice in {path} lacks {' and '.join(missing)}; fetch it again.")
        return cls(path, _read(config), found[0], vocoder_name)

    def vocoder(self) -> CoquiFolder:
        """Return the folder of the vocoder that makes sound of this model's spectrograms.

        Raises:
            ConfigurationError: there is none.
            ModelNotFound: there is none of the name that was given.
            ModelCorrupt: a file of it is missing.
        """
        if self.vocoder_name:
            return CoquiFolder.read(resolve(self.vocoder_name))
        beside = self.path / _VOCODER
        if not beside.is_dir():
            raise ConfigurationError(
                f"The voice in {self.path} is a '{self.config.get('model')}' model, which needs a vocoder: put it with "
                f"its config.json into {beside}, or name it with the key 'vocoder'."
            )
        return CoquiFolder.read(beside)

    def files(self, *, with_vocoder: bool) -> list[pathlib.Path]:
        """Return all files that decide on the sound."""
        statistics = statistics_file(self.config.get("audio") or {}, self.path) if with_vocoder else None
        own = [self.path / "config.json", self.checkpoint, *([statistics] if statistics else [])]
        vocoder = self.vocoder() if with_vocoder else None
        if vocoder is None:
            return own
        scale = statistics_file(vocoder.config.get("audio") or {}, vocoder.path)
        return [*own, vocoder.path / "config.json", vocoder.checkpoint, *([scale] if scale else [])]


def _read(path: pathlib.Path) -> Mapping[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelCorrupt(f"{path} is not JSON ({error}); fetch the voice again.") from error
    if not isinstance(config, dict) or not isinstance(config.get("audio"), dict):
        raise ModelCorrupt(f"{path} is no Coqui configuration; fetch the voice again.")
    return config
