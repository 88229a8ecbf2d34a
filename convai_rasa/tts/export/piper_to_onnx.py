"""A Piper voice → the graphs it is spoken by: its one ONNX graph, cut where frames are made and where sound is.

Nothing is computed anew: every node and weight is the original's. The noise that the original draws itself becomes an
input, so that the same text can always sound the same.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping

import numpy as np

from convai_rasa.errors import ModelCorrupt, ModelError
from convai_rasa.store import how_to_mend
from convai_rasa.tts.export.onnx_parts import Parts
from convai_rasa.tts.export.voice_file import FLOW, TEXT, WAVE, Symbols, VoiceFile
from convai_rasa.tts.export.writing import difference, spread

# Frames at each side that one depends on: of the sound, so that pieces joined equal the whole to 1e-6
# (tests/tts/test_graphs.py); of the flow, four blocks of four convolutions of five frames.
OVERLAP_FRAMES, FLOW_OVERLAP_FRAMES = 10, 32

PAD, BOS, EOS = "_", "^", "$"
_CHECK_PHONEMES = ("aɪd lˈaɪk ɐ tˈeɪbəl fɔːɹ tˈuː.", "jˈɛs, θˈæŋk juː!", "wˌɛn ɑːɹ juː ˈoʊpən?")


@dataclass(frozen=True)
class PiperFolder:
    """The files of a Piper voice: one ``.onnx``, and ``.onnx.json`` beside it."""

    path: Path
    graph: Path
    config: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> PiperFolder:
        """Look into a folder.

        Raises:
            ModelCorrupt: there is no such voice in it, or more than one.
        """
        found = [file for file in sorted(path.glob("*.onnx")) if Path(f"{file}.json").is_file()]
        if len(found) != 1:
            raise ModelCorrupt(f"{path} is not a Piper voice: it needs one .onnx file with its .onnx.json beside it.")
        described = Path(f"{found[0]}.json")
        try:
            config = json.loads(described.read_text(encoding="utf-8"))
            config["phoneme_id_map"][BOS], config["audio"]["sample_rate"], config["inference"]["noise_scale"]
        except (ValueError, KeyError, TypeError) as error:
            raise ModelCorrupt(f"{described} is not what Piper writes ({error!r}); {how_to_mend(path)}.") from error
        return cls(path, found[0], config)

    def files(self) -> list[Path]:
        """Return all files that decide on the sound."""
        return [self.graph, Path(f"{self.graph}.json")]


def convert(source: Path, target: Path) -> float:
    """Cut a voice and compare its parts with the whole.

    Args:
        source: folder with one ``.onnx`` file, its ``.onnx.json``, and MODEL_CARD if it has one.
        target: empty folder; gets voice.json, text.onnx, flow.onnx and wave.onnx.

    Returns:
        The largest absolute difference between the two waveforms (full scale is 1) with the same noise.

    Raises:
        ModelCorrupt: not a Piper voice.
        ModelError: its graph is not that of a VITS voice as expected, or its parts do not say what it says.
    """
    folder = PiperFolder.read(source)
    graph = _Graph(_load(folder))
    speakers = folder.config.get("speaker_id_map") or {}
    if graph.speaker and not speakers:
        speakers = {str(number): number for number in range(int(folder.config.get("num_speakers", 1)))}
    graph.cut(target)
    ids = folder.config["phoneme_id_map"]
    voice = VoiceFile(
        model="vits",
        symbols=Symbols(
            language=folder.config["espeak"]["voice"],
            ids={symbol: numbers[0] for symbol, numbers in ids.items() if symbol not in (PAD, BOS, EOS)},
            blank=ids[PAD][0],  # a pad between all phonemes
            start=tuple(ids[BOS]),
            end=tuple(ids[EOS]),
        ),
        sample_rate=folder.config["audio"]["sample_rate"],
        hop_samples=graph.hop_samples(),
        overlap_frames=OVERLAP_FRAMES,
        flow_overlap_frames=FLOW_OVERLAP_FRAMES,
        noise_scale=folder.config["inference"]["noise_scale"],
        duration_noise_scale=folder.config["inference"]["noise_w"],
        length_scale=folder.config["inference"]["length_scale"],
        speakers=speakers,
        opset=graph.parts.opset,
    )
    voice.write(target, folder.files())
    if (source / "MODEL_CARD").is_file():
        shutil.copyfile(source / "MODEL_CARD", target / "MODEL_CARD")
    return _compare(graph, voice, target)


def _load(folder: PiperFolder) -> Any:
    import onnx

    try:
        return onnx.load(str(folder.graph))
    # protobuf and onnx report a damaged file in several ways, none of which says more.
    except Exception as error:
        raise ModelCorrupt(f"{folder.graph} is not an ONNX graph; {how_to_mend(folder.path)}.") from error


class _Graph:
    """A Piper graph, and the tensors at which it is cut, each found by the nodes around it.

    Raises:
        ModelError: there is none where one is expected.
    """

    def __init__(self, model: Any) -> None:
        self.parts = parts = Parts(model)
        self.speaker = {"speaker": "sid"} if "sid" in parts.inputs else {}
        try:
            self.rhythm, self.melody = (node.output[0] for node in parts.of_type("RandomNormalLike"))
            self.scaled_rhythm = parts.after(self.rhythm, "Mul").output[0]
            self.durations = parts.before(parts.of_type("Ceil")[0], "Exp")
            varied = parts.after(self.melody, "Mul")
            scaled = parts.after(varied.output[0], "Mul").output[0]
            self.prior = parts.after(scaled, "Add").output[0]
            self.mean = self._per_symbol(next(name for name in parts.maker(self.prior).input if name != scaled))
            self.log_scale = self._per_symbol(parts.maker(parts.before(varied, "Exp")).input[0])
            self.latents = next(
                node.input[0] for node in parts.of_type("Conv") if node.name.endswith("dec/conv_pre/Conv")
            )
            self.mask = parts.maker(self.latents).input[1]
        except (StopIteration, KeyError, ValueError, IndexError) as error:
            raise ModelError("its graph is not that of a Piper voice as expected") from error

    def _per_symbol(self, per_frame: str) -> str:
        """Return the tensor of symbols that was multiplied with a path to become one of frames."""
        product = self.parts.maker(self.parts.maker(per_frame).input[0])
        return str(self.parts.maker(product.input[1]).input[0])

    def hop_samples(self) -> int:
        """Return how many samples the voice makes of a frame: what its transposed convolutions stretch it by."""
        stretched = 1
        for node in self.parts.of_type("ConvTranspose"):
            stretched *= next(attribute.ints[0] for attribute in node.attribute if attribute.name == "strides")
        return int(stretched)

    def cut(self, target: Path) -> None:
        """Write the parts."""
        from onnx import helper

        ones = helper.make_tensor("one", 1, [1], [1.0])
        length = helper.make_node("Shape", ["symbols"], ["input_lengths"], start=1, end=2)
        mask = [
            helper.make_node("Constant", [], ["batch_and_channel"], value_ints=[1, 1]),
            helper.make_node("Shape", ["prior"], ["frames"], start=2, end=3),
            helper.make_node("Concat", ["batch_and_channel", "frames"], ["mask_shape"], axis=0),
            helper.make_node("ConstantOfShape", ["mask_shape"], [self.mask], value=ones),
        ]
        given = {"symbols": "input", "duration_noise": self.scaled_rhythm, **self.speaker}
        spoken = {"mean": self.mean, "log_scale": self.log_scale, "durations": self.durations}
        self.parts.write(given, spoken, target / TEXT, made=[length])
        self.parts.write({"prior": self.prior, **self.speaker}, {"latents": self.latents}, target / FLOW, made=mask)
        self.parts.write({"latents": self.latents, **self.speaker}, {"sound": self.parts.outputs[0]}, target / WAVE)

    def whole(self, path: Path) -> None:
        """Write the graph as it is, but with its noise as inputs."""
        given = {name: name for name in self.parts.inputs}
        noise = {"rhythm": self.rhythm, "melody": self.melody}
        self.parts.write({**given, **noise}, {"sound": self.parts.outputs[0]}, path)


def _compare(graph: _Graph, voice: VoiceFile, target: Path) -> float:
    """Speak a few sentences by the whole graph and by its parts, with the same noise."""
    with tempfile.TemporaryDirectory() as scratch:
        graph.whole(Path(scratch, "whole.onnx"))
        whole = _session(Path(scratch, "whole.onnx"))
    text, flow, wave = (_session(target / name) for name in (TEXT, FLOW, WAVE))
    rng = np.random.default_rng(0)
    scales = {"scales": np.array([voice.noise_scale, 1.0, voice.duration_noise_scale], np.float32)}
    speaker = {"sid": np.zeros(1, np.int64)} if graph.speaker else {}
    ours = {"speaker": speaker["sid"]} if speaker else {}
    largest = 0.0
    for phonemes in _CHECK_PHONEMES:
        symbols = np.array([voice.symbols.numbers(phonemes)], np.int64)
        rhythm = rng.standard_normal((1, 2, symbols.shape[1])).astype(np.float32)
        mean, log_scale, durations = text.run(
            ["mean", "log_scale", "durations"],
            {"symbols": symbols, "duration_noise": rhythm * scales["scales"][2], **ours},
        )
        durations = np.ceil(durations)
        mean, log_scale = spread(mean, durations), spread(log_scale, durations)
        melody = rng.standard_normal(mean.shape).astype(np.float32)
        prior = mean + melody * np.exp(log_scale) * scales["scales"][0]
        (latents,) = flow.run(None, {"prior": prior, **ours})
        (spoken,) = wave.run(None, {"latents": latents, **ours})
        lengths = {"input_lengths": np.array([symbols.shape[1]], np.int64)}
        noise = {"rhythm": rhythm, "melody": melody}
        (original,) = whole.run(None, {"input": symbols, **lengths, **scales, **speaker, **noise})
        largest = max(largest, difference(spoken.reshape(-1), original.reshape(-1)))
    return largest


def _session(path: Path) -> Any:
    import onnxruntime

    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
