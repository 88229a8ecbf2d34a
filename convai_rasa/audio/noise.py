"""Keeps what is going on behind a person from counting as their speech.

The voice activity detector knows speech from noise, but not the person at the microphone from the people at the next
table, and a fan or a street can lift its judgment over the threshold. What is near is louder. A frame only counts if
its level is well above the floor of the last two seconds (minimum statistics after Martin, 2001, on one band), and not
far below the person's own, once that is known. Both forget within seconds, so that a person who moves away is heard.

Weak sounds of the person's own words are near the floor, too, so none of this is done where the detector needs no help:
in steady noise, whose quietest frames it does not take for speech.
"""

from __future__ import annotations

import math

import numpy as np

from convai_rasa.audio.frames import FRAME_SAMPLES
from convai_rasa.errors import AudioError

_MEMORY_FRAMES = 62  # 2 s: nobody speaks that long without a gap between words
_LOW = 0.1  # share of the frames that lie below the floor; a minimum would depend on a single frame
_RISE_DB = 0.8  # a frame, 25 dB a second: someone switches a fan on
_RISE_IN_SPEECH_DB = 0.1
_PRE_EMPHASIS = 0.5  # takes out the hum; more would favor noise, whose power is higher up than that of voices
_SILENT_DB = -66.0  # of full scale, pre-emphasised: a quiet room with a good microphone; nothing behind a person there
_NEAR_DB = 8.0  # above the floor: babble seldom is for longer than a frame or two
_STILL_NEAR_DB = 5.0
_BELOW_PERSON_DB = 20.0
_AT_FLOOR_DB = 2.0  # above the floor: nobody near speaks
_LEARNS = 0.05  # share of the difference, a frame at the floor
_FOOLED = 0.6
_PERSON_RISES = 0.15  # share of the difference, a frame
_PERSON_FADES_DB = 0.06  # a frame: 2 dB a second


class NoiseFloor:
    """Follows the background of one caller; knows no clock, time is the frames it was shown.

    Args:
        threshold: probability from which a frame counts as speech, as in the turn-taking.
    """

    def __init__(self, threshold: float = 0.5) -> None:
        self._threshold = threshold
        self._levels = np.full(_MEMORY_FRAMES, np.nan)
        self._frames = 0
        self._last_sample = 0.0
        self._near = False
        self.level_db = _SILENT_DB  # of the latest frame, pre-emphasised, in dB of full scale
        self.floor_db = _SILENT_DB  # of the background, likewise
        self.person_db = _SILENT_DB  # of the louder frames of what the person said last, likewise
        self.fooled = 0.0  # share of the frames at the floor that the detector takes for speech

    def probability(self, frame: np.ndarray, probability: float) -> float:
        """Return the probability to go by: the detector's own, or less than the threshold for the background.

        Args:
            frame: float32 of shape (512,) at 16 kHz, the next one.
            probability: in [0, 1], what the detector made of it.

        Raises:
            AudioError: the frame has another shape.
        """
        if frame.shape != (FRAME_SAMPLES,):
            raise AudioError(f"A frame for the noise floor has {FRAME_SAMPLES} samples, not shape {frame.shape}.")
        self._measure(frame)
        likely = probability >= self._threshold
        settled = self._frames > _MEMORY_FRAMES
        self._follow(_RISE_IN_SPEECH_DB if settled and likely and self._near else _RISE_DB)
        needed = _STILL_NEAR_DB if self._near else _NEAR_DB
        self._near = likely and self.level_db >= max(self.floor_db + needed, self.person_db - _BELOW_PERSON_DB)
        if self._near and self.level_db > self.person_db:
            self.person_db += _PERSON_RISES * (self.level_db - self.person_db)
        else:
            self.person_db = max(_SILENT_DB, self.person_db - _PERSON_FADES_DB)
        if self.level_db <= self.floor_db + _AT_FLOOR_DB:
            self.fooled += _LEARNS * (likely - self.fooled)
        if likely and not self._near and self.fooled >= _FOOLED:
            return min(probability, math.nextafter(self._threshold, 0.0)) * 0.5
        return probability

    def _measure(self, frame: np.ndarray) -> None:
        before = np.concatenate([[self._last_sample], frame[:-1]])
        self._last_sample = float(frame[-1])
        emphasised = frame - _PRE_EMPHASIS * before
        self.level_db = 10.0 * math.log10(float(np.mean(emphasised**2)) + 1e-12)
        self._levels[self._frames % _MEMORY_FRAMES] = self.level_db
        self._frames += 1

    def _follow(self, rise_db: float) -> None:
        known = self._levels[: min(self._frames, _MEMORY_FRAMES)]
        low = float(np.quantile(known, _LOW))
        # Until two seconds are known the quietest of them may well be speech, so the floor only comes up slowly.
        self.floor_db = max(_SILENT_DB, min(low, self.floor_db + rise_db))
