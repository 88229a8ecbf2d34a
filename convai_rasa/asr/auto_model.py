"""Which of the installed Whisper models to take on this machine: the largest that answers in time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from convai_rasa.asr.recognizer import load_recognizer
from convai_rasa.errors import ModelError, ModelNotFound
from convai_rasa.store import find_installed, load_catalogue

IN_TIME_S = 0.4  # between the first pause (96 ms) and the end of a turn by silence alone (512 ms)
_ENGLISH = ".en"


@dataclass(frozen=True)
class ModelChoice:
    """A model, and a sentence that says why."""

    model: str  # its name in the models/ tree
    seconds: float  # that an order of three seconds takes it here, on one thread
    why: str


def choose_model(language: str = "auto") -> ModelChoice:
    """Choose the largest installed Whisper model that answers in time, by trying; takes about a second.

    The smallest is timed, and how long the others would take is told from their sizes, so that no model is loaded
    which has no chance. Where not even the smallest answers in time, it is the one.

    Args:
        language: of the callers; models for English alone come first for ``en`` and are left out for all others.

    Raises:
        ModelNotFound: no Whisper model for the language is installed.
        ModelError: a model is damaged.
        MissingExtra: faster-whisper is not installed.
    """
    sizes = dict(_installed(language))
    if not sizes:
        raise ModelNotFound(
            "No Whisper model of the catalog is installed"
            + ("" if language in ("auto", "en") else f" that knows the language '{language}'")
            + "; fetch one with: convai models whisper/base"
        )
    smallest, *larger = sorted(sizes, key=lambda name: (sizes[name], name))
    chosen, took_s = smallest, _timed(smallest)
    s_per_byte = took_s / sizes[smallest]
    for name in reversed(larger):
        if s_per_byte * sizes[name] <= IN_TIME_S and (its_s := _timed(name)) <= IN_TIME_S:
            chosen, took_s = name, its_s
            break
    among = f"of {len(sizes)} installed"
    is_fast = took_s <= IN_TIME_S
    verdict = f"the largest {among} that is fast enough" if is_fast else f"the smallest {among}, yet too slow"
    return ModelChoice(
        chosen,
        took_s,
        f"{chosen} takes {1000 * took_s:.0f} ms for a three-second order on this machine (at most "
        f"{1000 * IN_TIME_S:.0f} ms are wanted); it is {verdict}.",
    )


def _installed(language: str) -> Iterator[tuple[str, int]]:
    """Yield the names of the models that know a language, with their sizes in bytes; of two of one size, one."""
    names = {name for name, model in load_catalogue().models.items() if model.component == "asr"}
    folders = {name: folder for name in names if (folder := find_installed(name)) is not None}
    many = {name for name in folders if not name.endswith(_ENGLISH)}
    for name, folder in folders.items():
        if language == "en":
            wanted = name not in many or name + _ENGLISH not in folders
        else:
            wanted = name in many or (language == "auto" and not many)
        if wanted:
            yield name, _bytes(folder)


def _bytes(folder: Path) -> int:
    try:
        return (folder / "model.bin").stat().st_size
    except OSError as error:
        raise ModelError(f"{folder / 'model.bin'} cannot be read ({error.strerror}); fetch the model again.") from error


def _timed(name: str) -> float:
    recognizer = load_recognizer("whisper", name, threads=1, vad_threshold=0)
    with contextlib.closing(recognizer):
        return recognizer.measure()  # type: ignore[attr-defined]  # Whisper has it
