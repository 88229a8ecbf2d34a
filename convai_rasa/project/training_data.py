"""A project's training data, domain and configuration, read by Rasa's own importers.

What Rasa trains on is what counts, whatever it is written in (YAML, JSON, split over folders, by an importer of the
project's own); a second reader would see other things than the first.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import logging
import re
import sys
import warnings
from logging.handlers import BufferingHandler
from pathlib import Path
from typing import Any, Iterator, Optional

from convai_rasa.errors import ConfigurationError, ConvaiError, require
from convai_rasa.project.project_files import DataTraits, Project, read_text, working_in
from convai_rasa.project.yaml_reading import load_mapping

_MARKDOWN = re.compile(r"^##\s*(intent|synonym|lookup|regex):", re.MULTILINE)  # of Rasa 2, which Rasa 3 does not read


class ProjectData:
    """What Rasa reads of a project; each part is read when it is first asked for.

    Raises:
        ConfigurationError: on access to a part that Rasa cannot read, naming the file and, where Rasa does, the line.
        MissingExtra: Rasa is not installed.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self.warnings: list[str] = []

    @functools.cached_property
    def config(self) -> dict[str, Any]:
        """The configuration with environment variables in their places; YAML 1.2, in which ``no`` is a word."""
        with self._reading():
            return dict(self._importer.get_config())

    @functools.cached_property
    def language(self) -> Optional[str]:
        """What the configuration says the bot's language is, such as ``en``; None where it says nothing."""
        language = self._written.get("language")
        return None if language is None else str(language)

    @functools.cached_property
    def nlu(self) -> Any:
        """The NLU examples, synonyms, lookup tables and regexes: Rasa's ``TrainingData``."""
        with self._reading():
            return self._importer.importer.get_nlu_data(self.language or "en")

    @functools.cached_property
    def nlu_with_stories(self) -> Any:
        """What ``rasa train`` trains the pipeline with: ``nlu``, and the texts of end-to-end stories."""
        with self._reading():
            return self._importer.get_nlu_data(self.language or "en")

    @property
    def annotations(self) -> int:
        """Number of entities that the examples annotate."""
        return sum(len(example.get("entities") or []) for example in self.nlu_with_stories.training_examples)

    @functools.cached_property
    def domain(self) -> Any:
        """Rasa's ``Domain``; an empty one where the project has none."""
        with self._reading():
            domain = self._importer.importer.get_domain()
        for warning in self.warnings:
            if warning.startswith("Loading domain from"):  # Rasa would go on with an empty one
                what = warning.partition("Error: ")[2].strip("'")
                raise ConfigurationError(f"{self._project.domain}: {_first_sentence(what)}")
        return domain

    @functools.cached_property
    def stories(self) -> Any:
        """Stories and rules: Rasa's ``StoryGraph``."""
        with self._reading():
            return self._importer.get_stories()

    @functools.cached_property
    def unread(self) -> list[Path]:
        """Files among the training data that look like it and that Rasa passes over: Markdown, and broken JSON."""
        return [path for path in self._project.data_files((".json", ".md")) if _is_passed_over(path)]

    @functools.cached_property
    def _written(self) -> dict[str, Any]:
        """The configuration as it is written, which needs no environment variables."""
        return load_mapping(str(self._project.config), read_text(self._project.config))

    @functools.cached_property
    def _importer(self) -> Any:
        """Rasa's importer; the one in it is without what end-to-end training adds, for which all stories are read."""
        importers = require("rasa.shared.importers.importer", extra="rasa")
        domain = self._project.domain
        return importers.TrainingDataImporter.load_from_dict(
            self._written,
            str(self._project.config),
            str(domain) if domain.exists() else None,
            [str(path) for path in self._project.data if path.exists()],
        )

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """Work as ``rasa train`` does in the project's folder; keep warnings, and make errors one sentence."""
        with working_in(self._project.folder), _importable(self._project.folder), self._listening():
            try:
                yield
            except ConvaiError:
                raise
            except Exception as error:  # an importer of the project's own may raise anything
                raise ConfigurationError(self._sentence(error)) from error

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        log = BufferingHandler(sys.maxsize)
        log.setLevel(logging.WARNING)
        logging.getLogger().addHandler(log)
        caught: list[warnings.WarningMessage] = []
        printed = io.StringIO()  # structlog, with which Rasa warns here and there, prints
        try:
            with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(printed):
                warnings.simplefilter("always")
                for category in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
                    warnings.simplefilter("ignore", category)
                yield
        finally:
            logging.getLogger().removeHandler(log)
            logged = [record.getMessage() for record in log.buffer]
            said = [*logged, *(str(warning.message) for warning in caught), *printed.getvalue().splitlines()]
            self.warnings[:] = dict.fromkeys([*self.warnings, *said])

    def _sentence(self, error: Exception) -> str:
        """Return what Rasa says in many lines as one sentence: the file, the line where it is known, and what."""
        file, line, what = getattr(error, "filename", None), None, _first_sentence(str(error))
        marked = getattr(error, "underlying_yaml_exception", None)
        if marked is not None:
            marks = getattr(marked, "problem_mark", None), getattr(marked, "context_mark", None)
            at_key = str(getattr(marked, "context", "")).startswith("while scanning a simple key")
            mark = marks[1] if at_key else marks[0] or marks[1]
            line = mark.line + 1 if mark else None
            what = f"not valid YAML: {getattr(marked, 'problem', None) or _first_sentence(str(marked))}"
        elif getattr(error, "validation_errors", None):
            first = error.validation_errors[0]  # type: ignore[attr-defined]  # YamlValidationException's
            line = error._line_number_for_path(error.content, first.path)  # type: ignore[attr-defined]  # the same
            what = _first_sentence(str(first))
        elif file is None:
            file = self._culprit(error)
            line = _line_of(file, getattr(error, "doc", None)) if file else None
        if file is None and marked is not None:
            file = str(self._project.config)
        place = f"{file}{f', line {line}' if line else ''}: " if file else "Rasa cannot read this project: "
        return f"{place}{what.rstrip('.')}; {remedy_of(what)}, then run the command again."

    def _culprit(self, error: Exception) -> Optional[Path]:
        """Return the file of an error that names none, found by reading each alone."""
        loading = require("rasa.shared.nlu.training_data.loading", extra="rasa")
        for path in self._project.data_files():
            try:
                if loading.guess_format(str(path)) != loading.UNK:
                    loading.load_data(str(path))
            except type(error):
                return path
        return None


def remedy_of(what: str) -> str:
    """Return what helps against a complaint of Rasa's about a file."""
    if "required key 'mappings'" in what:  # which every slot has had since Rasa 3
        return "add them, or bring a domain of Rasa 2 up to date with 'rasa data migrate'"
    return "correct it"


def read_project(project: Project) -> ProjectData:
    """Return what Rasa reads of a project, part by part as it is asked for."""
    return ProjectData(project)


def data_traits(data: ProjectData) -> DataTraits:
    """Say what a project's training data asks of a pipeline."""
    end_to_end = data.nlu_with_stories.has_e2e_examples()
    if not data.nlu.training_examples:
        return DataTraits(None, None, end_to_end)
    return DataTraits(data.annotations > 0, bool(data.nlu.retrieval_intents), end_to_end)


@contextlib.contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Let Rasa find the project's own importers, as its command does."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _first_sentence(text: str) -> str:
    return " ".join(re.split(r"(?<=\.)\s|\n\n", text.strip(), maxsplit=1)[0].split())


def _line_of(file: Path, part: Optional[str]) -> Optional[int]:
    lines = read_text(file).splitlines()
    return next((number for number, line in enumerate(lines, 1) if part and part in line), None)


def _is_passed_over(path: Path) -> bool:
    text = read_text(path)
    if path.suffix == ".md":
        return bool(_MARKDOWN.search(text))
    try:
        json.loads(text)
    except ValueError:
        return True
    return False
