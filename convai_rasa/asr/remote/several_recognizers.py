"""Several recognizers, of which the first that works is asked and the next stands in."""

from __future__ import annotations

from typing import Any, Sequence, Tuple

from convai_rasa.asr.recognizer import (
    Capabilities,
    Outcome,
    Recognizer,
    Request,
    TakesSeveral,
    Transcript,
    recognize_together,
)
from convai_rasa.errors import AudioError, ConfigurationError, ConvaiError, RecognitionError
from convai_rasa.remote import Roster, all_failed


class SeveralRecognizers(TakesSeveral):
    """A recognizer made of others; threads may share it. What one could not recognize, the next hears.

    Args:
        engines: with their names, in the order in which they are preferred.
    """

    def __init__(self, engines: Sequence[Tuple[str, Recognizer]]) -> None:
        self._engines = list(engines)
        probes = [getattr(engine, "probe", None) for _, engine in engines]
        self._roster = Roster("recognizer", [name for name, _ in engines], probes)
        each = [engine.capabilities for _, engine in engines]
        tells = all(one.languages for one in each)
        self.capabilities = Capabilities(
            languages=tuple(dict.fromkeys(code for one in each for code in one.languages)) if tells else (),
            partials=all(one.partials for one in each),
            together=max(2, *(one.together for one in each)),
        )

    def transcribe_together(self, requests: Sequence[Request]) -> list[Outcome]:
        """Transcribe utterances in one go; see ``SharingRecognizer.transcribe_together``."""
        outcomes: list[Outcome] = [None] * len(requests)
        failures: list[dict[str, BaseException]] = [{} for _ in requests]
        left = list(range(len(requests)))
        for number in self._roster.order():
            name, engine = self._engines[number]
            answers = recognize_together(engine, [requests[one] for one in left])
            self._tell(number, answers)
            failed = []
            for one, answer in zip(left, answers, strict=True):
                if isinstance(answer, ConvaiError) and not isinstance(answer, AudioError):
                    failures[one][name] = answer
                    failed.append(one)
                else:
                    outcomes[one] = answer
            left = failed
            if not left:
                break
        for one in left:
            outcomes[one] = RecognitionError(all_failed("No engine could recognize this", failures[one]))
        return outcomes

    def states(self) -> list[dict[str, Any]]:
        """Return how each engine is; see ``Roster.states``."""
        return self._roster.states()

    def close(self) -> None:
        """Free all of them."""
        for _, engine in self._engines:
            engine.close()

    def _tell(self, number: int, answers: Sequence[Outcome]) -> None:
        # A language that an engine does not know, or sound that is none, says nothing about how it is.
        faults = [
            one
            for one in answers
            if isinstance(one, ConvaiError) and not isinstance(one, (AudioError, ConfigurationError))
        ]
        if faults:
            self._roster.failed(number, faults[0])
        elif any(isinstance(one, Transcript) for one in answers):
            self._roster.served(number)
        else:
            self._roster.given_up(number)
