"""By which names a recognizer and voices are asked for: their own, and those that OpenAI's clients send."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from convai_rasa.speech.openai_errors import Refusal

# Whoever never chose one sends these, and means whatever is there.
_THEIR_RECOGNIZERS = frozenset({"whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe"})
_THEIR_SPEAKERS = frozenset({"tts-1", "tts-1-hd", "gpt-4o-mini-tts"})
_THEIR_VOICES = frozenset(
    (
        *("alloy", "ash", "ballad", "cedar", "coral", "echo", "fable"),
        *("marin", "nova", "onyx", "sage", "shimmer", "verse"),
    )
)
_LONGEST_SHOWN = 60  # characters


@dataclass(frozen=True)
class Names:
    """What is served: the recognizer's model, None where there is none, and the voices' models, the default first."""

    asr: str | None
    tts: Sequence[str] = ()

    @property
    def all(self) -> list[str]:
        """The names of all models."""
        return [*([self.asr] if self.asr else []), *self.tts]

    def check_recognizer(self, asked: str) -> None:
        """See that the recognizer may be asked for by this name.

        Raises:
            Refusal: it is another's, or there is no recognizer.
        """
        if self.asr is None:
            raise Refusal(404, "This service recognizes nothing; start it with --asr MODEL.", code="model_not_found")
        if asked and asked not in _THEIR_RECOGNIZERS and asked not in _own(self.asr):
            _unknown("model", asked, [self.asr])

    def voice(self, model: str, voice: str) -> str:
        """Return the model of the voice that is asked for: by its name as the voice, or as the model.

        Raises:
            Refusal: a name is unknown, or there is no voice.
        """
        if not self.tts:
            raise Refusal(404, "This service has no voice; start it with --tts MODEL.", code="model_not_found")
        for name in self.tts:
            if voice in _own(name):
                return name
        if voice and voice not in _THEIR_VOICES:
            _unknown("voice", voice, [_short(name) for name in self.tts])
        for name in self.tts:
            if model in _own(name):
                return name
        if model and model not in _THEIR_SPEAKERS:
            _unknown("model", model, self.tts)
        return self.tts[0]


def _own(name: str) -> tuple[str, str]:
    return name, _short(name)


def _short(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2]


def _unknown(what: str, asked: str, known: Iterable[str]) -> NoReturn:
    shown = asked if asked.isprintable() and len(asked) <= _LONGEST_SHOWN else ascii(asked)[1:-1][:_LONGEST_SHOWN]
    raise Refusal(
        404,
        f"There is no {what} '{shown}' here; ask for {' or '.join(known)}.",
        param=what,
        code="model_not_found",
    )
