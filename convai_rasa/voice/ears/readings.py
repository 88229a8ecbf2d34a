"""Which of several readings of an utterance was meant: what was heard, judged by what the bot makes of each."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import List, Optional, Sequence, Tuple

from convai_rasa.asr import Transcript
from convai_rasa.voice.bot import Understanding

# Fitted by benchmarks/readings.py, on orders that the project's own voice speaks in made-up noise.
WEIGHTS = (0.74, 0.34, 0.41, 0.38, 1.19)
# Nine people of ten answer what they are asked: ln 9. Who does otherwise is believed where the rest says so.
ANSWER = 2.2
MARGIN = 0.5  # by which a reading has to be better than the first
_LEAST = 1e-3  # confidence: a classifier's zero is none


@dataclass(frozen=True)
class Reading:
    """One reading, and what the bot makes of it."""

    transcript: Transcript  # with the text and its own confidence
    log_probability: float  # natural logarithm of the probability that the recognizer gives the whole text
    understanding: Optional[Understanding] = None  # of exactly these words; None where the bot does not tell


def readings_of(transcript: Transcript) -> List[Reading]:
    """Return the first reading and the others, each as a transcript of its own."""
    first = transcript.log_probability
    if first is None:
        return [Reading(transcript, 0.0)]
    alone = replace(transcript, alternatives=())
    found = [Reading(alone, first)]
    # The confidence is the mean probability of a token, and all readings have about as many.
    tokens = first / math.log(transcript.confidence) if 0 < transcript.confidence < 1 else 0.0
    for other in transcript.alternatives:
        confidence = math.exp(other.log_probability / tokens) if tokens > 0 else transcript.confidence
        heard = replace(alone, text=other.text, confidence=min(1.0, confidence), log_probability=other.log_probability)
        found.append(Reading(heard, other.log_probability))
    return found


def choose(readings: Sequence[Reading]) -> Reading:
    """Return the reading that was most likely meant.

    The first, which is the recognizer's own choice, stays where the bot does not tell how well each fits into its
    world, and where no other is better by a margin.
    """
    scores = [_score(reading) for reading in readings]
    known = [score for score in scores if score is not None]
    if len(known) < len(scores):
        return readings[0]
    best = known.index(max(known))  # of equals the first
    return readings[best] if known[best] - known[0] > MARGIN else readings[0]


def features(reading: Reading) -> Optional[Tuple[float, ...]]:
    """Return what ``WEIGHTS`` are for; None where the bot does not tell how well a reading fits.

    These are logarithms: of the recognizer's probability, of that which the bot's sentences give the words, of how
    much the values agree with known ones, and of the intent's confidence; and, because each word makes a text less
    likely, how many words it has.
    """
    understanding = reading.understanding
    if understanding is None or understanding.fit is None:
        return None
    return (
        reading.log_probability,
        understanding.fit.log_probability,
        understanding.fit.values,
        math.log(max(understanding.confidence, _LEAST)),
        float(len(reading.transcript.text.split())),
    )


def _score(reading: Reading) -> Optional[float]:
    """Return how likely a reading is, as a logarithm without a zero: only differences have a meaning."""
    found = features(reading)
    if found is None or reading.understanding is None or reading.understanding.fit is None:
        return None
    weighed = sum(weight * feature for weight, feature in zip(WEIGHTS, found, strict=True))
    return weighed + ANSWER * reading.understanding.fit.answers
