"""A graph in memory, ready to be run by onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Collection, Mapping, Sequence

import numpy as np

from convai_rasa.errors import MissingExtra, ModelCorrupt, SynthesisError, first_line, require
from convai_rasa.hardware import choose_device
from convai_rasa.store import how_to_mend, listed

_ERRORS_ONLY = 3  # onnxruntime's log level: it warns of what its own optimiser did


class Session:
    """A graph in memory; threads may run it at the same time.

    Args:
        path: of the graph.
        threads: that one run may use.
        device: ``cpu`` or ``cuda``.
        opset: of the operators in the graph, for the message where onnxruntime does not know it.
        needs: inputs that it has to have.
        may_have: inputs that it may have beside them.

    Attributes:
        inputs: names.
        outputs: names.

    Raises:
        MissingExtra: onnxruntime is not installed, or too old.
        ModelCorrupt: the file is damaged, or takes something else.
    """

    def __init__(
        self,
        path: Path,
        *,
        threads: int,
        device: str,
        opset: int,
        needs: Collection[str],
        may_have: Collection[str],
    ) -> None:
        onnxruntime = require("onnxruntime", extra="voice")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        # Threads that wait for the next piece must not keep a core busy: recognition wants it.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        best_first = providers(onnxruntime, device)
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=best_first)
        # onnxruntime has an exception class for each way of failing, with no base of their own.
        except Exception as error:
            raise _complaint(path, error, opset, onnxruntime.__version__) from error
        self.inputs = tuple(entry.name for entry in self._session.get_inputs())
        self.outputs = tuple(entry.name for entry in self._session.get_outputs())
        missing = sorted(set(needs) - set(self.inputs))
        unknown = sorted(set(self.inputs) - {*needs, *may_have})
        if missing or unknown:
            what = f"has no input {listed(missing)}" if missing else f"wants {listed(unknown)}, which no voice gives"
            raise ModelCorrupt(f"{path} is not the expected graph of a voice: it {what}; {how_to_mend(path.parent)}.")

    def run(self, inputs: Mapping[str, Any]) -> list[np.ndarray]:
        """Return all outputs, in the order of ``outputs``.

        Args:
            inputs: by name; those that the graph does not take are left out.

        Raises:
            SynthesisError: onnxruntime cannot compute them.
        """
        try:
            return list(self._session.run(None, {name: inputs[name] for name in self.inputs}))
        except Exception as error:
            raise SynthesisError(f"onnxruntime cannot compute this sentence ({str(error).strip()}).") from error


def providers(onnxruntime: Any, device: str) -> Sequence[str]:
    """Return what onnxruntime is to compute on, best first.

    Raises:
        ConfigurationError: a GPU is wanted, and this onnxruntime has no use for one.
    """
    cpu, cuda = "CPUExecutionProvider", "CUDAExecutionProvider"
    chosen = choose_device(
        device,
        lambda: onnxruntime.get_available_providers().count(cuda),
        library="the voice's onnxruntime",
        remedy="install onnxruntime-gpu in its place",
    )
    return [cuda, cpu] if chosen == "cuda" else [cpu]


def _complaint(path: Path, error: Exception, opset: int, version: str) -> Exception:
    reason = first_line(error)
    if "opset" in reason or "IR version" in reason:
        return MissingExtra(
            f"onnxruntime {version} is too old for the voice in {path.parent} (operators of version {opset}); "
            "bring it up to date with: pip install --upgrade onnxruntime"
        )
    return ModelCorrupt(f"{path} cannot be loaded ({reason}); {how_to_mend(path.parent)}.")
