"""The files of a Coqui voice."""

from __future__ import annotations

import json
import pathlib
from dataclasses import dataclass
from typing import Any, Mapping, Optional, Sequence

from convai_rasa.errors import ConfigurationError, ModelCorrupt
from convai_rasa.store import FORMATS, Format, check_files, find_file, how_to_mend, kind_of, refusal, resolve
from convai_rasa.store.sources import VOCODER
from convai_rasa.tts.export.coqui.mel_scale import statistics_file

CHECKPOINT = "model.pth"
SPEAKER_FILES = ("speakers.json", "speaker_ids.json", "speakers.pth")  # names of several speakers, with their numbers


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
    def read(
        cls, path: pathlib.Path, vocoder_name: Optional[str] = None, *, wanted: Format = FORMATS["coqui"]
    ) -> CoquiFolder:
        """Look into a folder; ``wanted`` is what it should be: a voice or a vocoder.

        Raises:
            ModelCorrupt: a file is missing, or the folder holds something else; says which, and what to do.
        """
        check_files(path, wanted, _advice)
        checkpoint = find_file(path, CHECKPOINT)
        assert checkpoint is not None, "check_files has found it"
        return cls(path, _read(path / "config.json", wanted), checkpoint, vocoder_name)

    def vocoder(self) -> CoquiFolder:
        """Return the folder of the vocoder that makes sound of this model's spectrograms.

        Raises:
            ConfigurationError: there is none.
            ModelNotFound: there is none of the name that was given.
            ModelCorrupt: a file of it is missing.
        """
        if self.vocoder_name:
            return CoquiFolder.read(resolve(self.vocoder_name), wanted=FORMATS["vocoder"])
        beside = self.path / VOCODER
        if not beside.is_dir():
            beside = _vocoder_in_coquis_cache(self.path) or beside
        if not beside.is_dir():
            raise ConfigurationError(
                f"The voice in {self.path} is a '{self.config.get('model')}' model, which needs a vocoder: put it with "
                f"its config.json into {beside}, or name it with the key 'vocoder'."
            )
        return CoquiFolder.read(beside, wanted=FORMATS["vocoder"])

    def files(self) -> list[pathlib.Path]:
        """Return all files that decide on the sound, those of a vocoder that is needed too.

        Raises:
            ConfigurationError: statistics or a vocoder are missing; see ``vocoder``.
        """
        if self.config.get("model") == "vits":
            speakers = [self.path / name for name in SPEAKER_FILES if (self.path / name).is_file()]
            return [self.path / "config.json", self.checkpoint, *speakers]
        return [*self._with_scale(), *self.vocoder()._with_scale()]

    def _with_scale(self) -> list[pathlib.Path]:
        scale = statistics_file(self.config["audio"], self.path)
        return [self.path / "config.json", self.checkpoint, *([scale] if scale else [])]


def _vocoder_in_coquis_cache(voice: pathlib.Path) -> Optional[pathlib.Path]:
    """Return where the vocoder lies that Coqui's own list names for a voice, if the voice lies in Coqui's own cache.

    There the voice ``tts_models/en/ljspeech/tacotron2-DDC`` is ``tts_models--en--ljspeech--tacotron2-DDC``, and its
    vocoder is a folder of the same kind beside it.
    """
    parts = voice.name.split("--", 3)
    if len(parts) != 4:
        return None

    from convai_rasa.store.sources import list_of_releases

    listed: Any = json.loads(list_of_releases().read_text(encoding="utf-8"))
    for part in parts:
        listed = listed.get(part, {})
    vocoder = listed.get("default_vocoder")
    return voice.with_name(vocoder.replace("/", "--")) if vocoder else None


def _read(path: pathlib.Path, wanted: Format) -> Mapping[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelCorrupt(f"{path} is not JSON ({error}); {how_to_mend(path.parent)}.") from error
    if not isinstance(config, dict) or not isinstance(config.get("audio"), dict):
        raise refusal(path.parent, wanted)
    return config


def _advice(path: pathlib.Path, missing: Sequence[str]) -> Optional[str]:
    others = sorted(file.name for file in path.glob("*.pth"))
    if others and list(missing) == [CHECKPOINT] and kind_of(path).includes(FORMATS["coqui"]):
        return f"rename the checkpoint to use, such as {others[0]}, to {CHECKPOINT}"
    return None
