"""Whisper on a slow machine: an engine as somebody else's package would bring it."""

from __future__ import annotations

import time
from typing import Sequence

from convai_rasa.asr import Outcome, Request, WhisperRecognizer

SLOWER_S = 0.7  # than it is: the words come after the longest wait for the end of an ordinary turn


class SlowWhisper(WhisperRecognizer):
    """Takes its time."""

    def transcribe_together(self, requests: Sequence[Request]) -> list[Outcome]:
        time.sleep(SLOWER_S)
        return super().transcribe_together(requests)
