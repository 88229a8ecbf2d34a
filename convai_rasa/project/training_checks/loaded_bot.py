"""The project as Rasa reads it, without what cannot be read."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Optional

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import (
    CombinedDataImporter,
    E2EImporter,
    ResponsesSyncImporter,
    TrainingDataImporter,
)
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.errors import ConvaiError
from convai_rasa.project.change import load_mapping
from convai_rasa.project.findings import Finding
from convai_rasa.project.project_files import Project
from convai_rasa.project.training_checks.quietly import attempt
from convai_rasa.project.training_checks.wording import nearest, of_warnings, sentences
from convai_rasa.project.training_data import ProjectData, read_project, remedy_of

_KEYS = ("nlu", "stories", "rules", "responses", "version")
_DOMAIN_KEYS = ("intents", "entities", "slots", "actions", "forms", "session_config", "e2e_actions", "config")


@dataclass(frozen=True)
class Bot:
    """What Rasa would train on.

    Attributes:
        project: where the files are.
        config: with the pipeline and the policies that Rasa chooses where none are written.
        domain: None if it cannot be read; the checks that need it are left out then.
        nlu: what could be read.
        stories: and rules; what could be read.
        chosen: keys of the config that Rasa chooses.
        complete: whether all of the examples and the stories could be read.
    """

    project: Project
    config: Mapping[str, Any]
    domain: Optional[Domain]
    nlu: TrainingData
    stories: StoryGraph
    chosen: frozenset[str]
    complete: bool

    @property
    def folder(self) -> Path:
        """The project's."""
        return self.project.folder

    def steps(self, section: str) -> list[dict[str, Any]]:
        """Return the components of ``pipeline`` or ``policies``, as far as they are written as such."""
        written = self.config.get(section)
        return (
            [dict(step) for step in written or [] if isinstance(step, dict) and isinstance(step.get("name"), str)]
            if isinstance(written, list)
            else []
        )

    @property
    def importer(self) -> TrainingDataImporter:
        """The parts, as what Rasa's own checks take."""
        return _Parts(self)


class _Parts(TrainingDataImporter):
    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    def get_domain(self) -> Domain:
        return self._bot.domain or Domain.empty()

    def get_stories(self, exclusion_percentage: Optional[int] = None) -> StoryGraph:
        return self._bot.stories

    def get_conversation_tests(self) -> StoryGraph:
        return StoryGraph([])

    def get_config(self) -> dict[str, Any]:
        return dict(self._bot.config)

    def get_config_file_for_auto_config(self) -> Optional[str]:
        return None

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        return self._bot.nlu


def read_bot(project: Project, config: Mapping[str, Any], storage: Path) -> tuple[Bot, list[Finding]]:
    """Read a project; every file that cannot be read is a finding, and the others are read all the same.

    Args:
        project: where the files are; its folder is the working directory.
        config: the config file as it is written, empty if it cannot be read.
        storage: an empty folder.
    """
    findings: list[Finding] = []
    filled = dict(config)
    if not config:
        (storage / "config.yml").touch()  # the rest can be read without it
        project = dataclasses.replace(project, config=storage / "config.yml")
    else:
        filled = _read(lambda data: data.config, project, "pipeline", findings) or filled
    missing = {key for key in ("pipeline", "policies") if filled.get(key) is None} if config else set()
    if filled.get("recipe", "default.v1") != "default.v1":
        missing = set()
    chosen = DefaultV1Recipe.complete_config(dict(filled), missing) if missing else filled
    domain = _read_domain(project, findings)
    data = project if domain is not None else dataclasses.replace(project, domain=project.folder / "no domain")
    before = len(findings)
    nlu = _read_parts(data, lambda read: read.nlu, "training data", findings)
    stories = _read_parts(data, lambda read: read.stories, "training data", findings) if domain is not None else []
    graph = StoryGraph([step for part in stories for step in part.story_steps])
    findings += _unknown_files(project)
    for file in read_project(project).unread:
        what = f"Rasa ignores {file}: " + (
            "it no longer reads Markdown" if file.suffix == ".md" else "it is not valid JSON"
        )
        findings.append(Finding("training data", "warning", what, "write it as YAML"))
    if not config.get("importers") and not any(project.data_files()):
        shown = ", ".join(str(path) for path in project.data)
        findings.append(
            Finding("training data", "error", f"There is no training data in {shown}", "name it with --data")
        )
    unread = (one.level == "error" or "Rasa ignores" in one.what for one in findings[before:])
    complete = domain is not None and not any(unread)
    bot = Bot(project, chosen, domain, TrainingData().merge(*nlu), graph, frozenset(missing), complete)
    return _synchronized(bot), findings


def _synchronized(bot: Bot) -> Bot:
    """Let domain, examples and stories complete each other, as Rasa does."""
    whole = E2EImporter(ResponsesSyncImporter(CombinedDataImporter([bot.importer])))
    parts, error, _ = attempt(lambda: (whole.get_domain(), whole.get_nlu_data()))
    if error is not None or parts is None:
        return bot  # what keeps them from it, the checks of each say
    return dataclasses.replace(bot, domain=parts[0] if bot.domain is not None else None, nlu=parts[1])


def _read(part: Callable[[ProjectData], Any], project: Project, area: str, findings: list[Finding]) -> Any:
    data = read_project(project)
    result, error, _ = attempt(lambda: part(data))
    found: list[Finding] = []
    if error is not None:
        cause = error.__cause__ if getattr(error.__cause__, "validation_errors", None) else None
        file = project.config if area == "pipeline" else project.domain if area == "domain" else project.data[0]
        for what in sentences(cause or error, project.folder, file):
            if "expand the environment variables" not in what:  # examination says which
                found.append(_unreadable(area, what))
    # Of a domain in one file Rasa says that it has twice what the examples add to it.
    several = project.domain.is_dir()
    passed_over = ("Loading domain from", *(() if several else ("across multiple domain files",)))
    found += of_warnings(area, (text for text in data.warnings if not any(part in text for part in passed_over)))
    findings += [finding for finding in found if finding not in findings]
    return result


def _unreadable(area: str, what: str) -> Finding:
    remedy = remedy_of(what)
    said, _, _ = what.partition(f"; {remedy}")
    fix = "correct the file" if remedy == "correct it" else remedy
    return Finding(area, "error", said.removeprefix("Rasa cannot read this project: "), fix)


def _read_domain(project: Project, findings: list[Finding]) -> Optional[Domain]:
    if not project.domain.exists():
        what = f"There is no domain: neither {project.folder / 'domain.yml'} nor a folder {project.folder / 'domain'}"
        findings.append(Finding("domain", "error", what, "write one, or name it with --domain"))
        return None
    before = len(findings)
    domain: Optional[Domain] = _read(lambda data: data.domain, project, "domain", findings)
    if domain is None and project.domain.is_dir():
        del findings[before:]
        files = [file for file in sorted(project.domain.rglob("*")) if file.suffix in (".yml", ".yaml")]
        for file in files:
            _read(lambda data: data.domain, dataclasses.replace(project, domain=file), "domain", findings)
        if len(findings) == before:  # each can be read, but not all of them together
            _read(lambda data: data.domain, project, "domain", findings)
    return domain


def _read_parts(project: Project, part: Callable[[ProjectData], Any], area: str, findings: list[Finding]) -> list[Any]:
    """Read all training data at once, or each file alone if that fails."""
    before = len(findings)
    whole = _read(part, project, area, findings)
    if whole is not None:
        return [whole]
    del findings[before:]
    parts = []
    for file in project.data_files():
        one = _read(part, dataclasses.replace(project, data=(file,)), area, findings)
        parts += [one] if one is not None else []
    if len(findings) == before:
        _read(part, project, area, findings)
    return parts


def _unknown_files(project: Project) -> Iterator[Finding]:
    """Rasa ignores a file of which it knows no key."""
    for file in project.data_files((".yml", ".yaml")):
        try:
            keys = set(map(str, load_mapping(str(file), file.read_text(encoding="utf-8"))))
        except (ConvaiError, OSError, UnicodeDecodeError):
            continue  # reading it says so
        unknown = keys - set(_KEYS) - set(_DOMAIN_KEYS)
        if file.name.startswith("test_") or not unknown:
            continue
        for key in sorted(unknown):
            close = nearest(key, _KEYS)
            if close or not keys & set(_KEYS) - {"version"}:
                fix = f"did you mean '{close}'?" if close else "the keys are nlu, stories, rules and responses"
                yield Finding("training data", "warning", f"{file}: Rasa ignores the key '{key}'", fix)
