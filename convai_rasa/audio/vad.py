"""Voice activity detection with Silero v6, the ONNX file that ships with faster-whisper.

The model is shared by the whole process; a stream is a few hundred numbers and belongs to one caller.
"""

from __future__ import annotations

import functools
import importlib.util
import pathlib
from typing import Any

import numpy as np

from convai_rasa.audio.frames import FRAME_SAMPLES
from convai_rasa.errors import AudioError, MissingExtra, install_command, require

_CONTEXT_SAMPLES = 64  # of the frame before, which the model wants to see again
_STATE_SHAPE = (1, 1, 128)
_BATCH_FRAMES = 2_000  # 64 s a call keeps the memory of long recordings small


class SileroVad:
    """The voice activity model; creating a second one is free.

    Raises:
        MissingExtra: onnxruntime or faster-whisper is not installed.
    """

    def __init__(self) -> None:
        self._session = _session()

    def stream(self) -> VadStream:
        """Return the detector for one caller."""
        return VadStream(self._session)

    def probabilities(self, samples: np.ndarray) -> np.ndarray:
        """Judge a whole recording, float32 of shape (n,) at 16 kHz; return float32 of shape (ceil(n / 512),)."""
        stream = self.stream()
        count = -(-len(samples) // FRAME_SAMPLES)
        frames = np.zeros((count, FRAME_SAMPLES), np.float32)
        frames.reshape(-1)[: len(samples)] = samples
        parts = [stream.probabilities(frames[i : i + _BATCH_FRAMES]) for i in range(0, count, _BATCH_FRAMES)]
        return np.concatenate([np.zeros(0, np.float32), *parts])


class VadStream:
    """Judges the frames of one caller in order; not to be shared between threads."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.reset()

    def reset(self) -> None:
        """Forget what was heard, as at the start of a new call."""
        self._h = np.zeros(_STATE_SHAPE, np.float32)
        self._c = np.zeros(_STATE_SHAPE, np.float32)
        self._context = np.zeros(_CONTEXT_SAMPLES, np.float32)

    def probability(self, frame: np.ndarray) -> float:
        """Return the probability in [0, 1] that the next frame, float32 of shape (512,) at 16 kHz, holds speech.

        Raises:
            AudioError: the frame has another shape.
        """
        if frame.shape != (FRAME_SAMPLES,):
            raise AudioError(f"A frame for voice detection has {FRAME_SAMPLES} samples, not shape {frame.shape}.")
        return float(self.probabilities(frame[None])[0])

    def probabilities(self, frames: np.ndarray) -> np.ndarray:
        """Judge several frames at once: float32 of shape (n, 512) in, float32 of shape (n,) out."""
        before = np.concatenate([self._context[None], frames[:-1, -_CONTEXT_SAMPLES:]])
        inputs = {"input": np.concatenate([before, frames], axis=1), "h": self._h, "c": self._c}
        output, self._h, self._c = self._session.run(None, inputs)
        self._context = frames[-1, -_CONTEXT_SAMPLES:].copy()
        return output.reshape(-1)


@functools.lru_cache(maxsize=1)
def _session() -> Any:
    onnxruntime = require("onnxruntime", extra="voice")
    # The package is only located: importing it would load CTranslate2 and more for one data file.
    package = importlib.util.find_spec("faster_whisper")
    if package is None or not package.submodule_search_locations:
        raise MissingExtra(
            "faster_whisper, which brings the voice activity model, is not installed; "
            f"install it with: {install_command('voice')}"
        )
    model = pathlib.Path(package.submodule_search_locations[0], "assets", "silero_vad_v6.onnx")
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1  # 0.1 ms of work: threads would only cost
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
