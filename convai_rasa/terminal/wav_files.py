"""A conversation through wav files instead of a microphone and a loudspeaker."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import AsyncIterator, List, Optional

import numpy as np

from convai_rasa.audio import FRAME_SAMPLES, SAMPLE_RATE, SileroVad, decode_audio, float_to_pcm16, wav_bytes
from convai_rasa.errors import AudioError, ConvaiError
from convai_rasa.terminal.exchange import Conversation
from convai_rasa.terminal.player import Player

MAX_S = 3_600.0
PIECE = SAMPLE_RATE // 50  # 20 ms
LONGEST_ANSWER_S = 120.0
_SPEECH = 0.5  # Silero's own threshold
_APART = 22  # frames, 0.7 s of silence: longer than the pauses within an utterance
_MARGIN = 8  # frames kept on each side, 0.25 s


class WavFiles:
    """Hears a recording and keeps what the bot said meanwhile.

    Args:
        recording: the person's side, in any container.
        output: wav file for what the bot said, if it is to be kept.
        fast: one utterance after the other, as soon as the bot has answered; else at the pace of the recording.

    Raises:
        AudioError: the recording cannot be read, or is no recording.
    """

    sample_rate = SAMPLE_RATE

    def __init__(self, recording: Path, output: Optional[Path] = None, *, fast: bool = False) -> None:
        if not recording.is_file():
            raise AudioError(f"There is no file {recording}.")
        self._samples = decode_audio(recording.read_bytes(), max_seconds=MAX_S)
        self._output = output
        self.player = Player(SAMPLE_RATE)
        self._fast = fast
        self._played: List[np.ndarray] = []

    @property
    def played(self) -> np.ndarray:
        """All that was played, int16 of shape (n,) at 16 kHz; in real time it lines up with the recording."""
        return np.concatenate([np.zeros(0, np.int16), *self._played])

    def save(self) -> None:
        """Write what was played to the output, if there is one.

        Raises:
            AudioError: the file cannot be written.
        """
        if self._output is None:
            return
        try:
            self._output.write_bytes(wav_bytes(self.played, SAMPLE_RATE))
        except OSError as error:
            raise AudioError(f"{self._output} cannot be written ({error.strerror}).") from error

    async def heard(self, conversation: Conversation) -> AsyncIterator[bytes]:
        """Yield the recording, then silence until the bot has answered."""
        async for piece in self._quickly(conversation) if self._fast else self._in_real_time(conversation):
            yield piece

    async def _in_real_time(self, conversation: Conversation) -> AsyncIterator[bytes]:
        recording = pieces(float_to_pcm16(self._samples))
        began = time.monotonic()
        number = 0
        while number < len(recording) or not _over(conversation, (number - len(recording)) * 0.02):
            self._played.append(self.player.pull(PIECE))
            yield recording[number] if number < len(recording) else bytes(2 * PIECE)
            number += 1
            await asyncio.sleep(began + number * 0.02 - time.monotonic())

    async def _quickly(self, conversation: Conversation) -> AsyncIterator[bytes]:
        for utterance in utterances(self._samples):
            for piece in pieces(float_to_pcm16(utterance)):
                yield piece
            await conversation.end_turn()
            await self._until_answered(conversation)

    async def _until_answered(self, conversation: Conversation) -> None:
        give_up_at = time.monotonic() + LONGEST_ANSWER_S
        while not conversation.settled:
            if time.monotonic() > give_up_at:
                raise _no_answer()
            self._played.append(self.player.pull(self.player.waiting))
            await conversation.report()
            await asyncio.sleep(0.02)


def _over(conversation: Conversation, silence_s: float) -> bool:
    if silence_s > LONGEST_ANSWER_S:
        raise _no_answer()
    return conversation.settled and silence_s > 2.0  # the longest wait for the end of a turn is shorter


def _no_answer() -> ConvaiError:
    return ConvaiError(f"The bot had not finished {LONGEST_ANSWER_S:g} s after the last word; see its log.")


def pieces(pcm: np.ndarray) -> List[bytes]:
    """Cut int16 samples of shape (n,) into 20 ms of bytes each, the last one filled up with silence."""
    padded = np.pad(pcm, (0, -len(pcm) % PIECE)).astype("<i2")
    return [padded[start : start + PIECE].tobytes() for start in range(0, len(padded), PIECE)]


def utterances(samples: np.ndarray) -> List[np.ndarray]:
    """Return the stretches of speech in a recording, float32 at 16 kHz, each with a little silence around it."""
    speech = np.flatnonzero(SileroVad().probabilities(samples) >= _SPEECH)
    if not len(speech):
        return []
    breaks = np.flatnonzero(np.diff(speech) > _APART)
    return [
        samples[max(0, stretch[0] - _MARGIN) * FRAME_SAMPLES : (stretch[-1] + 1 + _MARGIN) * FRAME_SAMPLES]
        for stretch in np.split(speech, breaks + 1)
    ]
