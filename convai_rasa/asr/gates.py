"""Keeps out what nobody said: sound before and after the person's own speech, and text that has no speech behind it.

Whisper continues its prompt and its training data where it hears nothing, so what it writes is only believed as far
as there is sound for it.
"""

from __future__ import annotations

import re
from typing import Optional, Tuple

import numpy as np

from convai_rasa.asr.recognizer import check_samples
from convai_rasa.audio import FRAME_SAMPLES, SAMPLE_RATE, SileroVad

_PRE_EMPHASIS = 0.95  # takes the hum out of the level
_LOUD = 90  # percentile of the frames with speech: the person's own level
_SURELY_NEAR_DB = 12.0  # below it
_MAYBE_NEAR_DB = 18.0  # the weakest last syllables of 62 recordings are 10 frames of it, within the margin kept
_GAP_FRAMES = 6  # 192 ms: a longer gap before or after sound this weak, and somebody else speaks

MIN_SPEECH_FRAMES = 3  # 96 ms; the shortest "no" has five, a click or a chirp one or two

_SPEECH_MARGIN_S = 0.4  # kept around speech when silence at both ends is left out

_MOST_CHARACTERS_PER_S = 30.0  # of 62 recordings the fastest has 28
_SPARE_CHARACTERS = 12
_FEWEST_WORDS_PER_S = 0.9  # of 62 recordings the slowest has 2.1, in noise
_SHORT_SPEECH_S = 2.0
_SURE = -0.45  # mean log-probability; of 62 recordings none is below -0.35
_UNSURE = -0.8
_SOMEBODY = 0.12  # no-speech probability; of 62 recordings none is above 0.08
_NOT_WORD = re.compile(r"[^\w']+")

# What the training data has where nobody speaks: ends of videos, and the makers of subtitles.
_FILLERS = frozenset(
    (
        *("you", "thank you", "thanks", "thank you so much", "thank you very much", "thanks for watching"),
        *("thank you for watching", "thanks for listening", "bye", "bye bye", "okay", "so", "i'm sorry", "the end"),
        *("please subscribe", "subscribe", "subtitles by the amara org community"),
    )
)
# What it writes for a voice without words, or for what sounds like one.
_INTERJECTIONS = frozenset(
    (
        *("ah", "aah", "aha", "eh", "er", "ha", "haha", "hm", "hmm", "hum", "huh", "mm", "mmm", "mhm", "oh", "ohh"),
        *("ooh", "uh", "uhh", "um", "whoa", "who", "wow"),
    )
)
_DRAWN_OUT = re.compile(r"(?:w?h?o+a*h*|a+h+|wow+|h*m+)+")


def near_speech(samples: np.ndarray, probabilities: np.ndarray, threshold: float) -> Optional[Tuple[int, int]]:
    """Find the speech of the person at the microphone.

    Weaker speech before and after it, which a gap separates, is somebody else's.

    Args:
        samples: float32 of shape (n,) at 16 kHz.
        probabilities: of speech, for each frame of 512 samples, the last one filled up.
        threshold: from which a frame counts as speech.

    Returns:
        The first and the last frame; None when there is no speech.
    """
    spoken = probabilities >= threshold
    if np.count_nonzero(spoken) < MIN_SPEECH_FRAMES:
        return None
    levels = _levels(samples, len(spoken))
    own = float(np.percentile(levels[spoken], _LOUD))
    sure = np.flatnonzero(spoken & (levels >= own - _SURELY_NEAR_DB))
    maybe = np.flatnonzero(spoken & (levels >= own - _MAYBE_NEAR_DB))
    first, last = int(sure[0]), int(sure[-1])
    for frame in maybe[maybe < first][::-1]:
        if first - frame > _GAP_FRAMES:
            break
        first = int(frame)
    for frame in maybe[maybe > last]:
        if frame - last > _GAP_FRAMES:
            break
        last = int(frame)
    return first, last


class SpeechFinder:
    """Leaves out what is not the person's speech at both ends of a recording; threads may share it.

    Args:
        threshold: from which a frame counts as speech; 0 takes everything that is not silence.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._vad = SileroVad() if threshold > 0 else None

    def find(self, samples: np.ndarray) -> Optional[Tuple[np.ndarray, float]]:
        """Return the rest of some samples, float32 of shape (n,) at 16 kHz, and the seconds of speech in it, or None.

        Raises:
            AudioError: they are no mono float samples in [-1, 1]; see ``check_samples``.
        """
        check_samples(samples)
        samples = samples.astype(np.float32, copy=False)
        if not np.any(samples):
            return None
        if self._vad is None:
            return samples, len(samples) / SAMPLE_RATE
        probabilities = self._vad.probabilities(samples)
        found = near_speech(samples, probabilities, self._threshold)
        if found is None:
            return None
        margin = int(_SPEECH_MARGIN_S * SAMPLE_RATE)
        start = max(0, found[0] * FRAME_SAMPLES - margin)
        spoken = np.count_nonzero(probabilities[found[0] : found[1] + 1] >= self._threshold)
        return samples[start : (found[1] + 1) * FRAME_SAMPLES + margin], spoken * FRAME_SAMPLES / SAMPLE_RATE


def is_invented(
    text: str, *, speech_s: float, log_probability: float, no_speech: float, prompt: Optional[str] = None
) -> bool:
    """Whether a text has no words, or too little speech behind it to have been said.

    Args:
        text, prompt: what the model wrote, and what it was shown before.
        speech_s: seconds of sound that the detector holds for speech.
        log_probability: mean over the text's tokens.
        no_speech: the model's own belief that nobody spoke, in [0, 1].
    """
    has_words = any(character.isalnum() for character in text)
    if not has_words or len(text) > _MOST_CHARACTERS_PER_S * speech_s + _SPARE_CHARACTERS:
        return True
    words = _NOT_WORD.sub(" ", text.lower()).strip()
    empty = sum(word in _INTERJECTIONS or _DRAWN_OUT.fullmatch(word) is not None for word in words.split())
    if no_speech > _SOMEBODY and (log_probability < _UNSURE or 2 * empty >= len(words.split())):
        return True
    if speech_s >= _SHORT_SPEECH_S or (log_probability >= _SURE and no_speech <= _SOMEBODY):
        return False
    return words in _FILLERS or _echoes(words, prompt)


def leaves_out(text: str, speech_s: float) -> bool:
    """Whether a text has too few words for so many seconds of sound that the detector holds for speech."""
    return len(_NOT_WORD.sub(" ", text).split()) < _FEWEST_WORDS_PER_S * speech_s


def _echoes(words: str, prompt: Optional[str]) -> bool:
    """Whether the text is, word for word, a sentence of the prompt; short answers to a question are not one."""
    if not prompt or len(words.split()) < 3:
        return False
    return any(words == _NOT_WORD.sub(" ", sentence.lower()).strip() for sentence in re.split(r"[.?!…]", prompt))


def _levels(samples: np.ndarray, count: int) -> np.ndarray:
    """Return the level of each frame in dB, float64 of shape (count,)."""
    padded = np.zeros(count * FRAME_SAMPLES, np.float32)
    padded[: len(samples)] = samples
    padded[1:] -= _PRE_EMPHASIS * padded[:-1].copy()
    return 10.0 * np.log10(np.mean(padded.reshape(count, FRAME_SAMPLES) ** 2, axis=1) + 1e-12)
