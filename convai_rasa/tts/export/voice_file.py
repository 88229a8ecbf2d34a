"""What lies beside the graphs of a voice and says how to speak them: ``voice.json``.

A voice that is served is a folder with this file and its graphs, all of them run by onnxruntime:

- ``text.onnx``: symbol numbers to what the voice makes of them,
- ``flow.onnx`` (VITS, Glow-TTS): how each frame is to sound to latent frames, or
  ``step.onnx`` and ``frames.onnx`` (Tacotron 2): one step of the decoder, and what smoothes its frames,
- ``wave.onnx``: latent frames to samples.

The two in the middle are graphs of their own so that the first sound need not wait for the whole sentence.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Iterable, Mapping, Optional

from convai_rasa.errors import ModelCorrupt
from convai_rasa.store import joint_sha256

VOICE_FILE = "voice.json"
EXPORTER = 1  # raise it when graphs or voice.json change: exports that others have made are then made anew
OPSET = 17  # onnxruntime 1.13 and later
TEXT, FLOW, STEP, FRAMES, WAVE = "text.onnx", "flow.onnx", "step.onnx", "frames.onnx", "wave.onnx"


@dataclass(frozen=True)
class Symbols:
    """How a sentence becomes the symbol numbers that the voice was trained on.

    Attributes:
        language: that the voice speaks, such as ``en-us``.
        ids: number of each symbol.
        phonemes: IPA from gruut; else letters.
        as_espeak: phonemes as espeak writes them, with stress; else as Coqui uses gruut, without.
        lower: letters are made small.
        blank: number that stands between all symbols; None where none does.
        start: numbers before the first symbol.
        end: numbers after the last.
    """

    language: str
    ids: Mapping[str, int]
    phonemes: bool = True
    as_espeak: bool = True
    lower: bool = False
    blank: Optional[int] = None
    start: tuple[int, ...] = ()
    end: tuple[int, ...] = ()

    def numbers(self, written: str) -> list[int]:
        """Return the numbers of phonemes or letters, with those around and between them; unknown ones are left out."""
        numbers = [self.ids[symbol] for symbol in written if symbol in self.ids]
        if self.blank is not None:
            spaced = [self.blank] * (2 * len(numbers) + 1)
            spaced[1::2] = numbers
            numbers = spaced
        return [*self.start, *numbers, *self.end]


@dataclass(frozen=True)
class VoiceFile:
    """All that speaking needs beside the graphs.

    Attributes:
        model: what the graphs are of: ``vits``, ``glow_tts`` or ``tacotron2``.
        symbols: what ``text.onnx`` takes.
        sample_rate: of the sound in Hz.
        hop_samples: samples per frame.
        overlap_frames: frames at each side that the sound of a frame depends on.
        padding_frames: how often the first and the last frame are repeated before they become sound.
        flow_overlap_frames: the same of ``flow.onnx``; None: it takes all frames of a sentence at once.
        noise_scale: how much the melody varies.
        duration_noise_scale: how much the rhythm varies.
        length_scale: times the duration of each symbol.
        shortest_frames: of a symbol.
        longest_steps: steps after which Tacotron 2 is stopped.
        speakers: number of each speaker by name; empty where there is one.
        source: SHA-256 over the files that the graphs were made of.
        opset: of the graphs.
        exporter: ``EXPORTER`` of the code that made them.
        graphs: size of each graph in bytes.
    """

    model: str
    symbols: Symbols
    sample_rate: int
    hop_samples: int
    overlap_frames: int
    padding_frames: int = 0
    flow_overlap_frames: Optional[int] = None
    noise_scale: float = 0.0
    duration_noise_scale: float = 0.0
    length_scale: float = 1.0
    shortest_frames: int = 0
    longest_steps: int = 0
    speakers: Mapping[str, int] = field(default_factory=dict)
    source: str = ""
    opset: int = OPSET
    exporter: int = EXPORTER
    graphs: Mapping[str, int] = field(default_factory=dict)

    def write(self, folder: Path, made_of: Iterable[Path]) -> None:
        """Write it beside the graphs, with their sizes, and with the hash of the files they were made of."""
        graphs = {path.name: path.stat().st_size for path in sorted(folder.glob("*.onnx"))}
        whole = {**asdict(self), "graphs": graphs, "source": source_sha256(made_of)}
        text = json.dumps(whole, indent=1, ensure_ascii=False)
        (folder / VOICE_FILE).write_text(text + "\n", encoding="utf-8")


def source_sha256(files: Iterable[Path]) -> str:
    """Return what tells whether graphs were made of these files."""
    return joint_sha256((path.name, path) for path in files)


def read_voice_file(folder: Path) -> VoiceFile:
    """Read ``voice.json``, and see that all graphs are there.

    Raises:
        ModelCorrupt: it is damaged, or a graph is missing or cut short.
    """
    path = folder / VOICE_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        voice = VoiceFile(**{**content, "symbols": _symbols(content["symbols"])})
        sizes = dict(voice.graphs)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelCorrupt(f"{path} cannot be read ({error}).") from error
    for name, size in sizes.items():
        try:
            found = (folder / name).stat().st_size
        except OSError:
            raise ModelCorrupt(f"The voice in {folder} is incomplete: {name} is missing.") from None
        if found != size:
            raise ModelCorrupt(f"The voice in {folder} is incomplete: {name} has {found:,} bytes instead of {size:,}.")
    return voice


def _symbols(content: Mapping[str, Any]) -> Symbols:
    return Symbols(**{**content, "start": tuple(content["start"]), "end": tuple(content["end"])})
