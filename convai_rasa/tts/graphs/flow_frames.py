"""The latent frames of VITS and Glow-TTS: the rhythm of a sentence, its melody, and what a flow makes of both."""

from __future__ import annotations

from typing import Iterator

import numpy as np

from convai_rasa.tts.export import VoiceFile
from convai_rasa.tts.graphs.frame_makers import Frames
from convai_rasa.tts.graphs.overlap import first_and_rest
from convai_rasa.tts.graphs.sessions import Session


class FlowFrames(Frames):
    """Makes latent frames; chance gives rhythm and melody.

    Args:
        voice: how to speak it.
        text: symbols to the mean, the spread and the duration of each.
        flow: frames drawn from those to latent frames.
    """

    def __init__(self, voice: VoiceFile, text: Session, flow: Session) -> None:
        super().__init__(voice, text)
        self._flow = flow

    def frames(
        self, ids: list[int], *, speed: float, rng: np.random.Generator, speaker: np.ndarray, first: int
    ) -> Iterator[np.ndarray]:
        """Yield the first few latent frames alone, so that they are there early, then all others; see ``Frames``."""
        prior = self.prior(ids, speed=speed, rng=rng, speaker=speaker)
        overlap = self._voice.flow_overlap_frames
        if overlap is None:
            yield self._latents(prior, speaker)
        else:
            yield from first_and_rest(prior, lambda part: self._latents(part, speaker), overlap=overlap, first=first)

    def prior(self, ids: list[int], *, speed: float, rng: np.random.Generator, speaker: np.ndarray) -> np.ndarray:
        """Return how each frame of a sentence sounds, float32 of shape (1, channels, frames); see ``frame_makers``."""
        voice = self._voice
        rhythm = rng.standard_normal((1, 2, len(ids)), np.float32) * np.float32(voice.duration_noise_scale)
        symbols = np.array([ids], np.int64)
        mean, log_scale, durations = self._text.run({"symbols": symbols, "duration_noise": rhythm, "speaker": speaker})
        lasting = np.ceil(durations.reshape(-1) * (voice.length_scale / speed))
        lasting = np.maximum(lasting, voice.shortest_frames).astype(np.int64)
        if not lasting.any():
            lasting[-1] = 1
        # Each symbol lasts some frames: repeating its column is Coqui's multiplication with a 0/1 path.
        mean, log_scale = (np.repeat(part, lasting, axis=2) for part in (mean, log_scale))
        melody = rng.standard_normal(mean.shape, np.float32) * np.float32(voice.noise_scale)
        return mean + melody * np.exp(log_scale)

    def _latents(self, prior: np.ndarray, speaker: np.ndarray) -> np.ndarray:
        return self._flow.run({"prior": prior, "speaker": speaker})[0]
