"""Which of the components know the language that a bot is spoken to in."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Optional

from convai_rasa import languages
from convai_rasa.errors import ConvaiError
from convai_rasa.nlu.encoder import MOST_LOST, cannot_read, lost_share, tokenizer_of
from convai_rasa.project.change.encoder_trial import try_encoder
from convai_rasa.project.change.pipeline import ENTITIES, INTENTS, SENTIMENT
from convai_rasa.project.change.rasa_components import short
from convai_rasa.store import load_catalogue, resolve

DEFAULT_MODELS = {INTENTS: "nlu/intent_classifier", ENTITIES: "nlu/entity_extractor", SENTIMENT: "nlu/sentiment"}
ENGLISH = "en"
_MULTILINGUAL = "multilingual"
_REMEDY = "run 'convai add --set multilingual' for one that knows many languages, or keep the classifier you have"


class Fitting(NamedTuple):
    """Those of the wanted components that know a bot's language, and a sentence for each other one, with what to do."""

    components: tuple[str, ...]
    notes: list[str]


def fitting_components(
    wanted: Sequence[str],
    texts: Sequence[str],
    language: Optional[str],
    models: Mapping[str, str] = DEFAULT_MODELS,
    intents: Sequence[str] = (),
) -> Fitting:
    """Choose the components that know the bot's language: intents by its examples, the others by what it is called.

    In another language than English the encoder is also tried on the examples, which takes a few seconds.

    Args:
        wanted: some of ``pipeline.COMPONENTS``.
        texts: the examples of the bot's intents.
        language: what config.yml says, None where it says nothing.
        models: what each component would use, by its path; ``DEFAULT_MODELS`` where nothing is written.
        intents: of each text; without them nothing is tried.
    """
    fitting = []
    notes = []
    for component in wanted:
        model = models.get(component, DEFAULT_MODELS[component])
        if component == INTENTS:
            note = _unread(model, texts) or _no_better(model, texts, intents, language)
        else:
            note = _unspoken(component, model, language, texts)
        if note is None:
            fitting.append(component)
        else:
            notes.append(f"{short(component)} was left out: {note}.")
    return Fitting(tuple(fitting), notes)


def base_language(language: Optional[str]) -> str:
    """Return ``de`` for ``de-AT``; English where none is given, as in Rasa."""
    return languages.base_language(language or ENGLISH)


def lost_on(model: str, texts: Sequence[str]) -> float:
    """Return how much of a bot's examples is lost on an encoder, from 0 to 1; 0 where its tokenizer cannot be read.

    An encoder that is not installed yet is judged by the languages that the catalog gives it: letters outside the
    Latin script are lost on one that knows English alone.
    """
    try:
        folder = _checkpoint(model)
    except ConvaiError:
        return 0.0 if _is_multilingual(model) else _share_outside_latin(texts)
    try:
        return lost_share(tokenizer_of(folder), texts) if folder else 0.0
    except ConvaiError:
        return 0.0  # damaged: training and doctor say so


def _checkpoint(model: str) -> Optional[Path]:
    """Return the folder of an encoder; None for a trained classifier or an archive: whoever names that knows it.

    Raises:
        ConvaiError: it is not installed.
    """
    folder = resolve(model)
    return folder if folder.is_dir() and (folder / "config.json").is_file() else None


def _unread(model: str, texts: Sequence[str]) -> Optional[str]:
    lost = lost_on(model, texts)
    if lost <= MOST_LOST:
        return None
    return f"{cannot_read(model, lost).replace('The encoder', 'its encoder')}; {_REMEDY}"


def _no_better(model: str, texts: Sequence[str], intents: Sequence[str], language: Optional[str]) -> Optional[str]:
    """Try the encoder where it was not made for the language, and its pieces are not lost."""
    if base_language(language) == ENGLISH or not intents:
        return None
    try:
        folder = _checkpoint(model)
        trial = try_encoder(folder, texts, intents) if folder else None
    except ConvaiError:
        return None  # not installed, or damaged: there is nothing to try
    if trial is None or trial.passed:
        return None
    return (
        f"of {trial.examples} examples, each tested after learning from the others, its encoder {model} gets "
        f"{100 * trial.encoder:.0f} % right and a classifier on letters {100 * trial.letters:.0f} %; {_REMEDY}"
    )


def _unspoken(component: str, model: str, language: Optional[str], texts: Sequence[str]) -> Optional[str]:
    spoken = base_language(language)
    other_script = _share_outside_latin(texts) > MOST_LOST  # whatever config.yml says, or leaves out
    if model != DEFAULT_MODELS[component] or (spoken == ENGLISH and not other_script):
        return None
    named = "examples are in another script" if spoken == ENGLISH else f"language is '{spoken}'"
    what = "spaCy pipeline" if component == ENTITIES else "sentiment checkpoint"
    return f"its model knows English, but the bot's {named}; to use it, name a {what} for that language as its 'model'"


def _is_multilingual(model: str) -> bool:
    found: Any = load_catalogue()
    name = found.jobs[model].fetch if model in found.jobs else model
    return name not in found.models or _MULTILINGUAL in found.models[name].languages


def _share_outside_latin(texts: Sequence[str]) -> float:
    shares = []
    for text in texts:
        letters = [character for character in text if character.isalpha()]
        foreign = sum(not unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
        if letters:
            shares.append(foreign / len(letters))
    return sum(shares) / len(shares) if shares else 0.0
