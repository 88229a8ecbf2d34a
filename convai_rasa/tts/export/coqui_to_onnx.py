"""A Coqui checkpoint → graphs that onnxruntime speaks: VITS, Tacotron 2 and Glow-TTS with their vocoders.

They are put together from Coqui's own layers, and written by torch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import numpy as np

from convai_rasa.errors import ConfigurationError
from convai_rasa.tts.export.coqui import (
    CoquiFolder,
    GlowTts,
    MelScale,
    Tacotron2,
    export_vocoder,
    loading,
    read_checkpoint,
    read_symbols,
    vits,
)
from convai_rasa.tts.export.voice_file import VoiceFile
from convai_rasa.tts.export.writing import Graph, difference

_ONE_SPEAKER = ("use_speaker_embedding", "use_d_vector_file")
_SAME_FRAMES = ("num_mels", "hop_length", "sample_rate")


def convert(source: Path, target: Path, vocoder: Optional[str] = None) -> float:
    """Export a voice and compare it with what torch says of the same symbols and noise.

    Args:
        source: the voice's folder.
        target: empty folder; gets voice.json and the graphs.
        vocoder: its name or folder, where it does not lie in the voice's folder.

    Returns:
        The largest absolute difference between the two waveforms; full scale is 1.

    Raises:
        ConfigurationError: a kind of voice that cannot be exported.
        ModelCorrupt: a file is missing or damaged.
        ModelError: the graphs do not say what the original says.
    """
    folder = CoquiFolder.read(source, vocoder)
    export = vits.export if folder.config.get("model") == "vits" else _export_two_stages
    voice, largest = export(folder, target)
    voice.write(target, folder.files())
    return largest


def _export_two_stages(folder: CoquiFolder, target: Path) -> tuple[VoiceFile, float]:
    import torch

    second = folder.vocoder()
    _check(folder, second)
    symbols, made_in = read_symbols(folder.config), MelScale(folder.config["audio"], folder.path)
    wanted_in = MelScale(second.config["audio"], second.path)
    checkpoint = read_checkpoint(folder.checkpoint)
    kind = Tacotron2 if folder.config["model"] == "tacotron2" else GlowTts
    with loading(folder.checkpoint):
        acoustic = kind(
            folder.config, checkpoint, lambda mel: wanted_in.from_decibels(made_in.to_decibels(mel)), target
        )
    vocoder = export_vocoder(second, target)
    voice = VoiceFile(
        model=folder.config["model"],
        symbols=symbols,
        sample_rate=int(second.config["audio"]["sample_rate"]),
        hop_samples=vocoder.hop_samples,
        overlap_frames=vocoder.overlap_frames,
        padding_frames=vocoder.padding_frames,
        **acoustic.speaks_by,
    )
    with torch.no_grad():
        ours, theirs = (run(vocoder.graph, acoustic.frames(run))[0] for run in (Graph.written, Graph.original))
    return voice, difference(np.asarray(ours), np.asarray(theirs))


def _check(folder: CoquiFolder, vocoder: CoquiFolder) -> None:
    for key in _ONE_SPEAKER:
        if folder.config.get(key):
            raise ConfigurationError(f"The voice has '{key}'; only VITS voices may have several speakers.")
    for key in _SAME_FRAMES:
        made, wanted = folder.config["audio"].get(key), vocoder.config["audio"].get(key)
        if made != wanted:
            raise ConfigurationError(
                f"The voice and its vocoder do not match: '{key}' is {made} in one and {wanted} in the other; "
                "use the vocoder that was trained for this voice."
            )
