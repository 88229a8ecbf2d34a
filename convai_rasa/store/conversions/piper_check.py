"""Does a converted voice say exactly what the original says?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from convai_rasa.errors import ModelError

if TYPE_CHECKING:
    import onnxruntime

TOLERANCE = 1e-3
_CHECK_PHONEMES = ("aɪd lˈaɪk ɐ tˈeɪbəl fɔːɹ tˈuː.", "jˈɛs, θˈæŋk juː!", "wˌɛn ɑːɹ juː ˈoʊpən?")
_PAD, _BOS, _EOS = "_", "^", "$"


def compare(onnx_file: Path, ids: dict[str, list[int]], converted: Path) -> float:
    """Speak a few sentences with both and compare the waveforms.

    All noise is set to zero, which makes VITS deterministic.

    Args:
        onnx_file: the original voice.
        ids: its ``phoneme_id_map``.
        converted: folder with model.pth and config.json.

    Returns:
        The largest absolute difference of two samples; full scale is 1.

    Raises:
        ModelError: the waveforms differ in length, or by more than the tolerance.
    """
    import onnxruntime
    import torch
    from TTS.config import load_config
    from TTS.tts.models.vits import Vits

    config = load_config(str(converted / "config.json"))
    model = Vits.init_from_config(config, verbose=False)
    model.load_checkpoint(config, str(converted / "model.pth"), eval=True)
    model.inference_noise_scale, model.inference_noise_scale_dp, model.length_scale = 0.0, 0.0, 1.0
    original = onnxruntime.InferenceSession(str(onnx_file), providers=["CPUExecutionProvider"])
    difference = 0.0
    for phonemes in _CHECK_PHONEMES:
        symbols = _BOS + _PAD + _PAD.join(phonemes) + _PAD + _EOS  # a pad between all phonemes, as Piper has it
        theirs = _speak_original(original, [ids[symbol][0] for symbol in symbols])
        with torch.inference_mode():
            tokens = torch.tensor([[model.tokenizer.characters.char_to_id(symbol) for symbol in symbols]])
            ours = model.inference(tokens)["model_outputs"].numpy().reshape(-1)
        if len(ours) != len(theirs):
            raise ModelError(f"the converted voice speaks {len(ours)} samples where the original speaks {len(theirs)}")
        difference = max(difference, float(np.abs(ours - theirs).max()))
    if not difference <= TOLERANCE:  # also true for nan
        raise ModelError(f"the converted voice differs from the original by {difference:.2g}, allowed is {TOLERANCE}")
    return difference


def _speak_original(session: onnxruntime.InferenceSession, ids: list[int]) -> np.ndarray:
    """Return the waveform, float32 of shape (samples,), of a Piper voice without noise and at normal speed."""
    noise, length, duration_noise = 0.0, 1.0, 0.0
    inputs = {
        "input": np.array([ids], dtype=np.int64),
        "input_lengths": np.array([len(ids)], dtype=np.int64),
        "scales": np.array([noise, length, duration_noise], dtype=np.float32),
    }
    return np.asarray(session.run(None, inputs)[0]).reshape(-1)
