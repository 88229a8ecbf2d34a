"""The forms in which a model can be published, told by the files that each needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from convai_rasa.errors import ConfigurationError, ModelCorrupt
from convai_rasa.store import Name
from convai_rasa.store.sources import CHECKPOINTS

_WEIGHTS = ("model.safetensors", "pytorch_model.bin", "model.safetensors.index.json", "pytorch_model.bin.index.json")


class Form(NamedTuple):
    """One form.

    Attributes:
        words: what it is.
        kinds: of models that have it.
        files: what its folder needs; of a tuple one is enough.
        component: for what a Rasa component saved, the name of it on the command line.
    """

    words: str
    kinds: tuple[str, ...]
    files: Sequence[tuple[str, ...]]
    component: str = ""

    def lacks(self, folder: Path) -> list[str]:
        """Return what a folder lacks to be one."""
        return [" or ".join(names) for names in self.files if not any((folder / name).is_file() for name in names)]


# The first file of a trained component is the one that tells it from everything else.
FORMS = (
    Form("a trained intent classifier", ("nlu",), [("intent_classifier.json",)], "intent_classifier"),
    Form(
        "a trained entity extractor",
        ("nlu", "spacy"),
        [("entity_extractor.json",), ("meta.json",), ("config.cfg",)],
        "entity_extractor",
    ),
    Form("a trained sentiment analyzer", ("nlu",), [("sentiment.json",), ("sentiment_head.safetensors",)], "sentiment"),
    Form("a checkpoint", ("nlu",), [("config.json",), _WEIGHTS, ("tokenizer.json", "vocab.txt")]),
    Form("a spaCy pipeline", ("spacy", "nlu"), [("meta.json",), ("config.cfg",)]),
    Form(
        "a Whisper model for CTranslate2",
        ("whisper",),
        [("config.json",), ("model.bin",), ("tokenizer.json",), ("vocabulary.json", "vocabulary.txt")],
    ),
    Form("a voice for onnxruntime", ("tts",), [("voice.json",), ("text.onnx",), ("wave.onnx",)]),
    Form("a Coqui voice", ("tts",), [("config.json",), CHECKPOINTS]),
)
TRAINED = {form.component: form for form in FORMS if form.component}


def form_of(folder: Path, name: Name) -> Form:
    """Return the form of the model in a folder.

    Raises:
        ConfigurationError: no model of this kind has such a folder; says what is missing in it.
    """
    fitting = [form for form in FORMS if name.kind in form.kinds]
    if not fitting:
        kinds = sorted({kind for form in FORMS for kind in form.kinds})
        raise ConfigurationError(f"There are no models of the kind '{name.kind}'; name it under {', '.join(kinds)}.")
    lacking = [form.lacks(folder) for form in fitting]
    for form, missing in zip(fitting, lacking, strict=True):
        if not missing:
            return form
    words = "; ".join(f"for {form.words} it lacks {', '.join(m)}" for form, m in zip(fitting, lacking, strict=True))
    raise ConfigurationError(f"{folder} is not a model of the kind '{name.kind}': {words}.")


def component_in(
    archive: Path, name: Name, component: str | None
) -> Callable[[Sequence[PurePosixPath]], PurePosixPath]:
    """Return what chooses the component of a bot's archive that is to be published.

    Args:
        archive: for messages.
        name: of the model to be; if there are several components it tells which, unless ``component`` does.
        component: one of ``TRAINED``, or the name of its folder in the archive, or None.
    """

    def choose(files: Sequence[PurePosixPath]) -> PurePosixPath:
        marks = {form.files[0][0]: form.component for form in TRAINED.values()}
        homes = {path.parent: marks[path.name] for path in files if path.name in marks}
        wanted = component or (name.model if len(homes) > 1 else None)
        fitting = [home for home, kind in homes.items() if wanted in (None, kind, home.name)]
        if not homes:
            raise ModelCorrupt(
                f"{archive} contains no trained component of this package; publish the archive of a bot that has one."
            )
        if len(fitting) != 1:
            there = ", ".join(f"{home.name} ({kind})" for home, kind in homes.items())
            raise ConfigurationError(f"{archive} contains {there}; say which to publish with --component.")
        return fitting[0]

    return choose
