"""The project as Rasa reads it, without what cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence

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

from convai_rasa.errors import ConfigurationError
from convai_rasa.project.findings import Finding
from convai_rasa.project.project_files import Project, read_text
from convai_rasa.project.training_checks.quietly import attempt
from convai_rasa.project.training_checks.wording import meant, nearest, of_warnings, sentences
from convai_rasa.project.training_data import ProjectData, read_project, remedy_of
from convai_rasa.project.yaml_reading import load_mapping

_KEYS = ("nlu", "stories", "rules", "responses", "version")
_DOMAIN_KEYS = ("intents", "entities", "slots", "actions", "forms", "session_config", "e2e_actions", "config")


@dataclass(frozen=True)
class Bot:
    """What Rasa would train on, as far as it could be read.

    Attributes:
        project: where the files are.
        config: with the pipeline and the policies that Rasa chooses where none are written.
        domain: None if it cannot be read; the checks that need it are left out then.
        nlu: the examples and what goes with them.
        stories: and rules.
        complete: whether all of the examples and the stories could be read.
    """

    project: Project
    config: Mapping[str, Any]
    domain: Optional[Domain]
    nlu: TrainingData
    stories: StoryGraph
    complete: bool

    @property
    def folder(self) -> Path:
        """The project's."""
        return self.project.folder

    def steps(self, section: str) -> list[dict[str, Any]]:
        """Return the components of ``pipeline`` or ``policies``, as far as they are written as such."""
        written = self.config.get(section)
        steps = written if isinstance(written, list) else []
        return [dict(step) for step in steps if isinstance(step, dict) and isinstance(step.get("name"), str)]


class _Parts(TrainingDataImporter):
    """The parts of a bot, as what completes them takes them."""

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
        project = replace(project, config=storage / "config.yml")
    else:
        filled = _read(lambda data: data.config, project, "pipeline", findings) or filled
        missing = {key for key in ("pipeline", "policies") if filled.get(key) is None}
        if missing and filled.get("recipe", "default.v1") == "default.v1":
            filled = DefaultV1Recipe.complete_config(dict(filled), missing)
    domain = _read_domain(project, findings)
    data = project if domain is not None else replace(project, domain=project.folder / "no domain")
    before = len(findings)
    nlu = _read_parts(data, lambda read: read.nlu, findings)
    stories = _read_parts(data, lambda read: read.stories, findings) if domain is not None else []
    graph = StoryGraph([step for part in stories for step in part.story_steps])
    findings += _unknown_files(project)
    for file in read_project(project).unread:
        why = "it no longer reads Markdown" if file.suffix == ".md" else "it is not valid JSON"
        findings.append(Finding("training data", "warning", f"Rasa ignores {file}: {why}", "write it as YAML"))
    if not config.get("importers") and not any(project.data_files()):
        what = f"There is no training data in {', '.join(map(str, project.data))}"
        findings.append(Finding("training data", "error", what, "name it with --data"))
    unread = (one.level == "error" or "Rasa ignores" in one.what for one in findings[before:])
    bot = Bot(project, filled, domain, TrainingData().merge(*nlu), graph, domain is not None and not any(unread))
    return _synchronized(bot), findings


def _synchronized(bot: Bot) -> Bot:
    """Let domain, examples and stories complete each other, as Rasa does."""
    whole = E2EImporter(ResponsesSyncImporter(CombinedDataImporter([_Parts(bot)])))
    parts, error, _ = attempt(lambda: (whole.get_domain(), whole.get_nlu_data()))
    if error is not None or parts is None:
        return bot  # what keeps them from it, the checks of each say
    return replace(bot, domain=parts[0] if bot.domain is not None else None, nlu=parts[1])


def _read(part: Callable[[ProjectData], Any], project: Project, area: str, findings: list[Finding]) -> Any:
    data = read_project(project)
    result, error, _ = attempt(lambda: part(data))
    found: list[Finding] = []
    if error is not None:
        cause = error.__cause__ if getattr(error.__cause__, "validation_errors", None) else None
        file = {"pipeline": project.config, "domain": project.domain}.get(area, project.data[0])
        for what in sentences(cause or error, project.folder, file):
            if "expand the environment variables" not in what:  # examination says which
                found.append(_unreadable(area, what))
    # Of a domain in one file Rasa says that it has twice what the examples add to it.
    passed_over = ["Loading domain from", *([] if project.domain.is_dir() else ["across multiple domain files"])]
    found += of_warnings(area, (text for text in data.warnings if not any(part in text for part in passed_over)))
    findings += [finding for finding in found if finding not in findings]
    return result


def _unreadable(area: str, what: str) -> Finding:
    remedy = remedy_of(what)
    said = what.partition(f"; {remedy}")[0].removeprefix("Rasa cannot read this project: ")
    return Finding(area, "error", said, "correct the file" if remedy == "correct it" else remedy)


def _read_domain(project: Project, findings: list[Finding]) -> Optional[Domain]:
    if not project.domain.exists():
        what = f"There is no domain: neither {project.folder / 'domain.yml'} nor a folder {project.folder / 'domain'}"
        findings.append(Finding("domain", "error", what, "write one, or name it with --domain"))
        return None
    files = [file for file in sorted(project.domain.rglob("*")) if file.suffix in (".yml", ".yaml")]
    alone = [replace(project, domain=file) for file in files]  # none where the domain is a file
    return _read_each(lambda data: data.domain, project, alone, "domain", findings)[0]


def _read_parts(project: Project, part: Callable[[ProjectData], Any], findings: list[Finding]) -> list[Any]:
    alone = [replace(project, data=(file,)) for file in project.data_files()]
    whole, parts = _read_each(part, project, alone, "training data", findings)
    return parts if whole is None else [whole]


def _read_each(
    part: Callable[[ProjectData], Any],
    project: Project,
    alone: Sequence[Project],
    area: str,
    findings: list[Finding],
) -> tuple[Any, list[Any]]:
    """Read all files at once; where that fails, each alone, so that a finding names the file."""
    before = len(findings)
    whole = _read(part, project, area, findings)
    if whole is not None or not alone:
        return whole, []
    del findings[before:]
    parts = [_read(part, one, area, findings) for one in alone]
    if len(findings) == before:  # each can be read, but not all of them together
        _read(part, project, area, findings)
    return None, [one for one in parts if one is not None]


def _unknown_files(project: Project) -> Iterator[Finding]:
    """Rasa ignores a file of which it knows no key."""
    for file in project.data_files((".yml", ".yaml")):
        try:
            keys = set(map(str, load_mapping(str(file), read_text(file))))
        except ConfigurationError:
            continue  # reading it says so
        if file.name.startswith("test_"):
            continue
        for key in sorted(keys - {*_KEYS, *_DOMAIN_KEYS}):
            if nearest(key, _KEYS) or not keys & set(_KEYS) - {"version"}:
                fix = meant(key, _KEYS, "the keys are nlu, stories, rules and responses")
                yield Finding("training data", "warning", f"{file}: Rasa ignores the key '{key}'", fix)
