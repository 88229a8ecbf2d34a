"""Symbol numbers to sound by the graphs of a voice."""

from __future__ import annotations

from pathlib import Path
from typing import Iterable, Iterator, Optional

import numpy as np

from convai_rasa.errors import ConfigurationError
from convai_rasa.tts.export import FLOW, FRAMES, STEP, TEXT, WAVE, VoiceFile
from convai_rasa.tts.graphs.latent_frames import FlowFrames, Frames, StepFrames
from convai_rasa.tts.graphs.overlap import in_pieces
from convai_rasa.tts.graphs.sessions import Session

FIRST_FRAMES = 24  # a quarter of a second of sound: computed fast, and it lasts until the next piece is there
LONGEST_FRAMES = 160


class GraphVoice:
    """A voice in memory.

    Args:
        voice: how to speak it.
        frames: makes its latent frames.
        wave: the graph that makes sound of them.
        speaker: number of the speaker.
    """

    def __init__(self, voice: VoiceFile, frames: Frames, wave: Session, speaker: int) -> None:
        self.voice = voice
        self._frames = frames
        self._wave = wave
        self._speaker = np.array([speaker], np.int64)

    def speak(self, ids: list[int], *, speed: float, seed: int) -> Iterator[np.ndarray]:
        """Speak symbols piece by piece: float32 arrays of shape (n,).

        Args:
            ids: symbol numbers from ``SymbolEncoder.encode``.
            speed: 1.0 is the voice's own pace, 2.0 twice as fast.
            seed: the same seed gives the same melody and rhythm.
        """
        yield from self.speak_in_pieces(self.latents(ids, speed=speed, seed=seed), FIRST_FRAMES, LONGEST_FRAMES)

    def latents(self, ids: list[int], *, speed: float, seed: int) -> Iterator[np.ndarray]:
        """Yield the frames that sound is made of as they become known: (1, channels, frames), see ``speak``."""
        first = FIRST_FRAMES + self.voice.overlap_frames
        frames = self._frames.frames(
            ids, speed=speed, rng=np.random.default_rng(seed), speaker=self._speaker, first=first
        )
        return _padded(frames, self.voice.padding_frames)

    def speak_in_pieces(
        self, blocks: Iterable[np.ndarray], first_frames: int, longest_frames: int
    ) -> Iterator[np.ndarray]:
        """Turn frames into sound as they become known; the pieces joined equal ``decode`` of all.

        Args:
            blocks: as ``latents`` yields them.
            first_frames: length of the first piece; each following one is twice as long.
            longest_frames: up to this length.
        """
        for sound in in_pieces(
            blocks,
            self._decode,
            overlap=self.voice.overlap_frames,
            first=first_frames,
            longest=longest_frames,
            scale=self.voice.hop_samples,
        ):
            yield sound[0, 0]

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """Return the sound of all frames at once: float32 of shape (n,)."""
        sound: np.ndarray = self._decode(latents)[0, 0]
        return sound

    def _decode(self, latents: np.ndarray) -> np.ndarray:
        return self._wave.run({"latents": latents, "speaker": self._speaker})[0].reshape(1, 1, -1)


def load_voice(
    folder: Path, voice: VoiceFile, *, threads: int = 1, device: str = "cpu", speaker: Optional[str] = None
) -> GraphVoice:
    """Load the graphs of a voice.

    Args:
        folder: of the graphs.
        voice: the content of its ``voice.json``.
        threads: that one computation may use.
        device: ``auto``, ``cpu`` or ``cuda``.
        speaker: name of one of several speakers; None takes the first.

    Raises:
        ConfigurationError: there is no such speaker, or no GPU.
        MissingExtra: onnxruntime is not installed, or too old.
        ModelCorrupt: a graph is damaged, or takes something else.
    """
    number = _number(folder, voice, speaker)

    def session(name: str, *needs: str, may_have: tuple[str, ...] = ("speaker",)) -> Session:
        return Session(
            folder / name,
            threads=threads,
            device=device,
            opset=voice.opset,
            needs=needs,
            may_have=may_have,
        )

    text = session(TEXT, "symbols", may_have=("duration_noise", "speaker"))
    frames: Frames
    if STEP in voice.graphs:
        step = session(STEP, "inputs", "memory", may_have=(*text.outputs, "dropout"))
        frames = StepFrames(voice, text, step, session(FRAMES, "frames"))
    else:
        frames = FlowFrames(voice, text, session(FLOW, "prior"))
    return GraphVoice(voice, frames, session(WAVE, "latents"), number)


def _number(folder: Path, voice: VoiceFile, speaker: Optional[str]) -> int:
    if speaker is None:
        return min(voice.speakers.values(), default=0)
    if speaker not in voice.speakers:
        names = ", ".join(sorted(voice.speakers)[:8])
        there = f"it has {len(voice.speakers)}, such as {names}" if names else "it has one, so leave out 'speaker'"
        raise ConfigurationError(f"The voice in {folder} has no speaker '{speaker}'; {there}.")
    return voice.speakers[speaker]


def _padded(blocks: Iterable[np.ndarray], frames: int) -> Iterator[np.ndarray]:
    """Repeat the first and the last frame of a sentence, as Coqui does before a vocoder."""
    last: Optional[np.ndarray] = None
    for block in blocks:
        if last is None and frames:
            yield np.repeat(block[:, :, :1], frames, axis=2)
        last = block
        yield block
    if last is not None and frames:
        yield np.repeat(last[:, :, -1:], frames, axis=2)
