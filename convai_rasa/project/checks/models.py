"""The models that the pipeline and the channel name, and the one that is trained."""

from __future__ import annotations

import importlib.util
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Optional

from convai_rasa.asr import ENTRY_POINTS as RECOGNIZERS, check_whisper
from convai_rasa.errors import ConvaiError
from convai_rasa.nlu.encoder import read_config
from convai_rasa.nlu.entities import check_pipeline
from convai_rasa.project.change import COMPONENTS, ENTITIES, INTENTS, SENTIMENT, short
from convai_rasa.project.checks.understanding import options_class, our_steps
from convai_rasa.project.checks.voice import engines_of, is_remote, usable_options
from convai_rasa.project.findings import Finding, Level
from convai_rasa.project.project_files import Project
from convai_rasa.store import (
    FETCH_COMMAND,
    PUBLISHED,
    check_files,
    is_installed,
    kind_of,
    load_catalogue,
    read_manifest,
    resolve,
    verify_model,
)
from convai_rasa.tts import check_exported
from convai_rasa.voice import AUTO

_RECOGNIZER, _VOICE = "Speech recognition", "Voice"
_AGAIN = "--force"


def check_models(config: Mapping[str, Any], credentials: Mapping[str, Any], *, full: bool) -> list[Finding]:
    """See that each model that is named is there and whole, to every byte if ``full``.

    The working directory is the project's folder. Models that have to be fetched all get the one command for it.
    """
    return _fetched_together(list(_check_each(config, credentials, full=full)))


def _fetched_together(findings: list[Finding]) -> list[Finding]:
    start = f"{FETCH_COMMAND} "
    words = [word for one in findings if one.fix.startswith(start) for word in one.fix.removeprefix(start).split()]
    names = dict.fromkeys(word for word in words if word != _AGAIN)
    command = " ".join([FETCH_COMMAND, *([_AGAIN] if _AGAIN in words else []), *names])
    return [replace(one, fix=command) if one.fix.startswith(start) else one for one in findings]


def _check_each(config: Mapping[str, Any], credentials: Mapping[str, Any], *, full: bool) -> Iterator[Finding]:
    wanted = {**_of_pipeline(config), **_of_channel(credentials)}
    seen: set[Path] = set()
    for name, user in wanted.items():
        try:
            folder = resolve(name)
        except ConvaiError as error:
            problem, _, fix = str(error).partition("; ")
            fix = fix.partition(" (in a checkout")[0].removeprefix("fetch it with: ").rstrip(".")
            yield _finding("error", f"{user}: {problem}", fix)
            continue
        # A voice that has to be exported, as every voice was that the last version fetched, is looked at as well.
        own = not is_installed(folder) or (user == _VOICE and kind_of(folder).name in ("coqui", "piper"))
        try:
            if own and user in _TAKES:
                _TAKES[user](folder)
        except ConvaiError as error:
            problem, _, fix = str(error).rstrip(".").partition("; ")
            yield _finding("error", f"{user}: {problem}", fix or "name another folder, or a model of the catalog")
            continue
        if folder not in seen:
            seen.add(folder)
            yield from _whole(name, folder, user) if full else [_finding("ok", f"{user}: {name} in {folder}")]


def _whole(name: str, folder: Path, user: str) -> Iterator[Finding]:
    if not is_installed(folder):
        yield _finding("ok", f"{user}: {name} in {folder}, your own, so there is nothing to compare it with")
        return
    try:
        catalogued = read_manifest(folder).name
        problems = verify_model(folder, load_catalogue().models.get(catalogued))
    except ConvaiError as error:
        catalogued, problems = name, [str(error)]
    published = (folder / PUBLISHED).is_file()
    fix = "publish it again, or pin another version" if published else f"{FETCH_COMMAND} {_AGAIN} {catalogued}"
    for problem in problems:
        yield _finding("error", f"{user}: {problem.rstrip('.')}", fix)
    if not problems:
        yield _finding("ok", f"{user}: {name} in {folder}, every byte verified")


def _finding(level: Level, what: str, fix: str = "") -> Finding:
    return Finding("models", level, what, fix)


def _checkpoint_or(*saved: str, folder: Path) -> None:
    """Take a checkpoint, or what the component's own class saved.

    Raises:
        ConvaiError: it is neither.
    """
    kind = kind_of(folder)
    if kind.name in saved:
        check_files(folder, kind)
    else:
        read_config(folder)


# What takes a folder or a bot's archive that the user brings, and refuses another; other engines take what they like.
_TAKES: Mapping[str, Callable[[Path], object]] = {
    _RECOGNIZER: check_whisper,
    _VOICE: check_exported,
    short(INTENTS): lambda folder: _checkpoint_or("intents", "archive", folder=folder),
    short(ENTITIES): check_pipeline,
    short(SENTIMENT): lambda folder: _checkpoint_or("sentiments", folder=folder),
}


def _of_pipeline(config: Mapping[str, Any]) -> dict[str, str]:
    """Return who uses which model; a model by the name of an installed spaCy package needs no folder."""
    models = {}
    for step in our_steps(config):
        if step["name"] not in COMPONENTS:  # the others have no model
            continue
        model = step.get("model", _default(step["name"]))
        if isinstance(model, str) and not (step["name"] == ENTITIES and _is_package(model)):
            models[model] = short(step["name"])
    return models


def _default(component: str) -> Optional[str]:
    try:
        default: Optional[str] = options_class(component).__fields__["model"].get_default()
    except ImportError:
        return None  # check_understanding says so
    return default


def _is_package(name: str) -> bool:
    return name.isidentifier() and importlib.util.find_spec(name) is not None


def _of_channel(credentials: Mapping[str, Any]) -> dict[str, str]:
    options = usable_options(credentials)
    if options is None:
        return {}
    found = {}
    for group, engine in engines_of(options):
        user, usual = (_RECOGNIZER, "whisper") if group == RECOGNIZERS else (_VOICE, "coqui")
        if engine.model and not is_remote(group, engine):
            found[engine.model] = user if engine.engine == usual else f"{user} by {engine.engine}"
    found.pop(AUTO, None)  # check_voice says which that is
    return found


def check_trained(project: Project) -> Iterator[Finding]:
    """See that there is a trained model, that it can be opened, and that it is newer than what it was trained from."""
    archives = list((project.folder / "models").glob("*.tar.gz"))
    if not archives:
        yield Finding("trained model", "error", f"No trained model in {project.folder / 'models'}", "rasa train")
        return
    newest = max(archives, key=_written)
    try:
        with tarfile.open(newest) as archive:
            archive.next()
    except (tarfile.TarError, OSError, EOFError) as error:
        yield Finding("trained model", "error", f"{newest} cannot be opened ({error})", "rasa train")
        return
    domain = project.folder / "domain"
    domains = domain.rglob("*.y*ml") if domain.is_dir() else project.folder.glob("domain.y*ml")
    sources = [project.config, *domains, *project.data_files()]
    changed = sorted((path for path in sources if _written(path) > _written(newest)), key=_written)
    if not changed:
        yield Finding("trained model", "ok", f"{newest.name} is newer than the data")
        return
    others = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    what = f"{changed[-1]}{others} changed after {newest.name} was trained"
    yield Finding("trained model", "warning", what, "rasa train")


def _written(path: Path) -> float:
    return path.stat().st_mtime
