"""The latent frames that sound is made of: all at once by a flow (VITS, Glow-TTS), or step by step (Tacotron 2)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Iterator

import numpy as np

from convai_rasa.tts.export import VoiceFile
from convai_rasa.tts.graphs.overlap import first_and_rest, in_pieces
from convai_rasa.tts.graphs.sessions import Session

_SMOOTHING_REACH = 10  # frames that one depends on to each side: five convolutions of five frames
_BLOCK_FRAMES = 20
_LONGEST_PER_SYMBOL = 30  # frames; a model that never stops would else speak noise for minutes
_STOP = 0.5
_DROPPED = (1, 512)  # outputs of the two layers of the prenet, each dropped or not


class Frames(ABC):
    """Makes frames of symbols.

    Args:
        voice: how to speak it.
        text: the first graph, which takes the symbols.
    """

    def __init__(self, voice: VoiceFile, text: Session) -> None:
        self._voice = voice
        self._text = text

    @abstractmethod
    def frames(
        self, ids: list[int], *, speed: float, rng: np.random.Generator, speaker: np.ndarray, first: int
    ) -> Iterator[np.ndarray]:
        """Yield frames of shape (1, channels, n) as they become known.

        Args:
            ids: symbol numbers.
            speed: 1.0 is the voice's own pace.
            rng: for whatever a model leaves to chance.
            speaker: int64 of shape (1,).
            first: how many frames the first piece has, where the voice can have them early.
        """


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
        """Return how each frame of a sentence sounds, float32 of shape (1, channels, frames)."""
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


class StepFrames(Frames):
    """Makes frames; see ``Tacotron2`` in ``tts.export.coqui`` for what its graphs take and give.

    Chance drops connections, where a model has it so. ``speaker`` and ``first`` are not used: there is one speaker, and
    pieces come as they are made.

    Args:
        voice: how to speak it.
        text: symbols to what stays the same in a sentence and the state before the first step.
        step: one step of the decoder.
        smoothing: frames as they were decoded to frames as the vocoder takes them.
    """

    def __init__(self, voice: VoiceFile, text: Session, step: Session, smoothing: Session) -> None:
        super().__init__(voice, text)
        self._step = step
        self._smoothing = smoothing

    def frames(
        self, ids: list[int], *, speed: float, rng: np.random.Generator, speaker: np.ndarray, first: int
    ) -> Iterator[np.ndarray]:
        """Yield frames as they are made; for another speed than 1.0 the whole is made first and then stretched."""
        pieces = in_pieces(
            self._blocks(ids, rng),
            lambda frames: self._smoothing.run({"frames": frames})[0],
            overlap=_SMOOTHING_REACH,
            first=_BLOCK_FRAMES,
            longest=4 * _BLOCK_FRAMES,
        )
        if speed == 1.0:
            yield from pieces
        else:
            yield stretched(np.concatenate(list(pieces), axis=2), 1 / speed)

    def _blocks(self, ids: list[int], rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Decode step by step, as Coqui's ``Decoder.inference`` does, and hand on what is there."""
        symbols = {"symbols": np.array([ids], np.int64)}
        state = dict(zip(self._text.outputs, self._text.run(symbols), strict=True))
        after = [name.removeprefix("next_") for name in self._step.outputs[2:]]
        frames: list[np.ndarray] = []
        for number in range(self._voice.longest_steps):
            if "dropout" in self._step.inputs:
                state["dropout"] = 2 * rng.integers(0, 2, _DROPPED).astype(np.float32)
            made, stop, *values = self._step.run(state)
            state.update(zip(after, values, strict=True))
            frames.append(made)
            spoken = (number + 1) * made.shape[2]
            if (number and stop.item() > _STOP) or spoken >= len(ids) * _LONGEST_PER_SYMBOL:
                break
            if len(frames) * made.shape[2] >= _BLOCK_FRAMES:
                yield np.concatenate(frames, axis=2)
                frames = []
        if frames:
            yield np.concatenate(frames, axis=2)


def stretched(frames: np.ndarray, factor: float) -> np.ndarray:
    """Return frames that last longer by a factor, each between its neighbors; float32 of shape (1, mels, n)."""
    count = frames.shape[2]
    length = max(1, round(count * factor))
    place = np.clip((np.arange(length) + 0.5) * count / length - 0.5, 0, count - 1)
    before = np.floor(place).astype(np.int64)
    after = np.minimum(before + 1, count - 1)
    share = (place - before).astype(np.float32)
    result: np.ndarray = frames[:, :, before] * (1 - share) + frames[:, :, after] * share
    return result
