"""A spaCy pipeline with only the pipes that find entities."""

from __future__ import annotations

import difflib
import json
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Iterable, Mapping, Optional, Sequence

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from convai_rasa.errors import ConfigurationError, ModelCorrupt, require
from convai_rasa.nlu.encoder import lean_import
from convai_rasa.nlu.entities.confidence import ScoredRecognizer
from convai_rasa.store import FORMATS, check_files, how_to_mend, joint_sha256, refusal

# Pipes that never set entities. Leaving them out makes a message two to three times faster.
_UNNEEDED_FACTORIES = frozenset(
    {"tagger", "morphologizer", "parser", "senter", "sentencizer", "attribute_ruler", "lemmatizer"}
    | {"trainable_lemmatizer", "textcat", "textcat_multilabel", "merge_noun_chunks"}
)
_DEFAULT_TOKENIZER = "spacy.Tokenizer.v1"  # others keep their files under names of their own


class PretrainedPipeline:
    """Finds the spans of a ready pipeline, with confidences where the pipes have any."""

    def __init__(self, pipeline: Any, own: frozenset[str] = frozenset()) -> None:
        """Take a spaCy ``Language`` with the pipes that are to run, and the names of those that are somebody else's."""
        self._pipes = []
        for name, pipe in pipeline.pipeline:
            if name not in own:
                greedy = pipeline.get_pipe_meta(name).factory == "ner" and pipe.cfg.get("beam_width", 1) == 1
                self._pipes.append(ScoredRecognizer(pipe) if greedy else pipe)
        self.labels = tuple(
            sorted({label for name, labels in pipeline.pipe_labels.items() if name not in own for label in labels})
        )

    def find(self, docs: Sequence[Any]) -> list[list[tuple[Any, Optional[float]]]]:
        """Return the spans of each spaCy document with their confidence, or None where the pipe gives none."""
        known: list[dict[tuple[int, int, str], Optional[float]]] = [{} for _ in docs]
        found: list[list[tuple[Any, Optional[float]]]]
        docs = list(docs)
        for pipe in self._pipes:
            if isinstance(pipe, ScoredRecognizer):
                found = [[(one.span, one.confidence(temperature=1.0)) for one in spans] for spans in pipe.find(docs)]
            else:
                docs = list(pipe.pipe(docs)) if hasattr(pipe, "pipe") else [pipe(doc) for doc in docs]
                found = [[(span, None) for span in doc.ents] for doc in docs]
            for confidences, spans in zip(known, found, strict=True):
                for span, confidence in spans:
                    confidences.setdefault(_key(span), confidence)
        return [_spans(doc, confidences) for doc, confidences in zip(docs, known, strict=True)]


def _spans(doc: Any, confidences: Mapping[tuple[int, int, str], Optional[float]]) -> list[tuple[Any, Optional[float]]]:
    spans = [(span, confidences.get(_key(span))) for span in doc.ents]
    for group in doc.spans.values():  # span categorisers
        scores = group.attrs.get("scores")
        spans += [(span, None if scores is None else float(scores[index])) for index, span in enumerate(group)]
    return spans


def _key(span: Any) -> tuple[int, int, str]:
    return span.start, span.end, span.label_


def load_pipeline(folder: Path, *, whole: bool = False) -> Any:
    """Load a pipeline folder, without the pipes that entities do not depend on unless the ``whole`` is wanted.

    Raises:
        ModelCorrupt: the folder is not a whole spaCy pipeline.
        MissingExtra: spaCy is not installed.
    """
    check_pipeline(folder)
    # A transformer pipeline needs torch; any other would only look whether it is there.
    needs_torch = "transformer" in (folder / "config.cfg").read_text(encoding="utf-8")
    spacy = require("spacy", extra="nlu") if needs_torch else lean_import("spacy")
    try:
        config = spacy.util.load_config(folder / "config.cfg")
        return spacy.load(folder, exclude=[] if whole else _unneeded_pipes(config))
    # a damaged pipeline fails in whatever library reads the damaged file
    except Exception as error:
        reason = " ".join(str(error).split())
        raise ModelCorrupt(f"{folder} cannot be loaded by spaCy ({reason}); {how_to_mend(folder)}.") from error


def check_pipeline(folder: Path) -> None:
    """Refuse what spaCy cannot load, before spaCy is imported.

    Raises:
        ModelCorrupt: a file is missing, or the pipeline was made for another major version of spaCy.
    """
    check_files(folder, FORMATS["spacy"], _point_inside)
    has_default_tokenizer = _DEFAULT_TOKENIZER in (folder / "config.cfg").read_text(encoding="utf-8")
    if has_default_tokenizer and not (folder / "tokenizer").exists():
        raise refusal(folder, FORMATS["spacy"], ["tokenizer"])
    made_for = _made_for(folder / "meta.json")
    installed = Version(version("spacy")) if find_spec("spacy") else None
    if made_for is not None and installed is not None and made_for != installed.major:
        raise ModelCorrupt(
            f"The pipeline in {folder} was made for spaCy {made_for}, and spaCy {installed} is installed; train it "
            f"again with this one, or use a release of it for spaCy {installed.major}."
        )


def _point_inside(folder: Path, missing: Sequence[str]) -> Optional[str]:
    inside = sorted(folder.glob("*/config.cfg"))
    return f"there is a pipeline in {inside[0].parent}" if inside else None


def _made_for(meta: Path) -> Optional[int]:
    """Return the major version of spaCy that a pipeline was made for, None where it does not say."""
    try:
        wanted = SpecifierSet(json.loads(meta.read_text(encoding="utf-8")).get("spacy_version") or "")
    except (ValueError, AttributeError) as error:
        raise ModelCorrupt(f"{meta} cannot be read ({error}); {how_to_mend(meta.parent)}.") from error
    lowest = [Version(bound.version.removesuffix(".*")) for bound in wanted if bound.operator in (">=", "==", "~=")]
    return max(lowest).major if lowest else None


def blank_pipeline(language: str) -> Any:
    """Make a pipeline that knows only how a language splits into words.

    Raises:
        ConfigurationError: spaCy does not know the language.
    """
    try:
        pipeline = lean_import("spacy").blank(language)
    except ImportError as error:
        raise ConfigurationError(
            f"language: spaCy knows no language '{language}'; give a code such as en, de or xx for any."
        ) from error
    pipeline.config["initialize"]["lookups"] = None  # tables of word forms, which would have to be fetched
    return pipeline


def _unneeded_pipes(config: Mapping[str, Any]) -> list[str]:
    components = config["components"]
    unneeded = [name for name, pipe in components.items() if pipe.get("factory") in _UNNEEDED_FACTORIES]
    # A shared tok2vec is needed only when one of the pipes that stay listens to it.
    needed = [pipe for name, pipe in components.items() if name not in unneeded]
    if not any("Listener" in json.dumps(pipe.get("model", {}), default=str) for pipe in needed):
        unneeded += [name for name, pipe in components.items() if pipe.get("factory") == "tok2vec"]
    return unneeded


def check_labels(names: Iterable[str], labels: Sequence[str], key: str) -> None:
    """Refuse names that are no labels of the pipeline.

    Raises:
        ConfigurationError: with the ``key`` in config.yml, the name, and the labels there are.
    """
    for name in names:
        if name not in labels:
            close = difflib.get_close_matches(name, labels, n=1)
            hint = f"did you mean '{close[0]}'? " if close else ""
            raise ConfigurationError(f"{key}: the model has no label '{name}' ({hint}it has {', '.join(labels)}).")


def pipeline_hash(folder: Path) -> str:
    """Return a SHA-256 over the names and contents of all files of a pipeline folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return joint_sha256((str(file.relative_to(folder)), file) for file in files)
