"""The trained archive in the project's models/ folder."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Iterator

from convai_rasa.project.findings import Finding
from convai_rasa.project.project_files import Project


def check_trained(project: Project) -> Iterator[Finding]:
    """See that there is a trained model, that it can be opened, and that it is newer than what it was trained from."""
    archives = list((project.folder / "models").glob("*.tar.gz"))
    if not archives:
        yield Finding("trained model", "error", f"No trained model in {project.folder / 'models'}", "rasa train")
        return
    newest = max(archives, key=lambda path: path.stat().st_mtime)
    try:
        with tarfile.open(newest) as archive:
            archive.next()
    except (tarfile.TarError, OSError, EOFError) as error:
        yield Finding("trained model", "error", f"{newest} cannot be opened ({error})", "rasa train")
        return
    changed = [path for path in _sources(project) if path.stat().st_mtime > newest.stat().st_mtime]
    if not changed:
        yield Finding("trained model", "ok", f"{newest.name} is newer than the data")
        return
    last = max(changed, key=lambda path: path.stat().st_mtime)
    others = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    yield Finding("trained model", "warning", f"{last}{others} changed after {newest.name} was trained", "rasa train")


def _sources(project: Project) -> Iterator[Path]:
    yield project.config
    domain = project.folder / "domain"
    yield from domain.rglob("*.y*ml") if domain.is_dir() else project.folder.glob("domain.y*ml")
    yield from project.data_files()
