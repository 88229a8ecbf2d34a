"""The examination itself: every check that ``convai doctor`` makes, in order."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Callable, Iterable

from convai_rasa.errors import ConvaiError
from convai_rasa.project.change import CHANNEL
from convai_rasa.project.checks import (
    check_credentials,
    check_disk,
    check_models,
    check_packages,
    check_pipeline,
    check_ports,
    check_processor,
    check_python,
    check_remote_engines,
    check_trained,
    check_vocabulary,
    engines_of,
    filled,
    is_remote,
    our_steps,
    unset_variables,
    usable_options,
)
from convai_rasa.project.findings import Finding
from convai_rasa.project.project_files import Project, read_text, working_in
from convai_rasa.project.yaml_reading import load_mapping


def examine(project: Project, *, full: bool = False) -> list[Finding]:
    """Make every check, with ``full`` of every byte of the models; a file that cannot be read is a finding, too."""
    findings: list[Finding] = []
    config = _read(project.config, "pipeline", findings)
    credentials = _read(project.credentials, "voice", findings)
    endpoints = _read(project.folder / "endpoints.yml", "ports", findings)
    checks: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        ("environment", check_python),
        ("environment", check_processor),
        ("environment", lambda: check_packages(wanted_extras(config, credentials))),
        ("environment", lambda: check_disk(project.folder)),
        ("pipeline", lambda: unset_variables(config, "pipeline", "The config uses")),
        ("pipeline", lambda: check_pipeline(config)),
        ("pipeline", lambda: check_vocabulary(config, credentials)),
        ("pipeline", lambda: _check_training(project, config, credentials, endpoints)),
        ("voice", lambda: check_credentials(credentials)),
        ("voice", lambda: check_remote_engines(credentials)),
        ("models", lambda: check_models(config, credentials, full=full)),
        ("trained model", lambda: check_trained(project)),
        ("services", lambda: unset_variables(endpoints, "services", "endpoints.yml uses")),
        ("ports", lambda: check_ports(project.folder, endpoints)),
    ]
    with working_in(project.folder):
        for area, check in checks:
            try:
                findings += check()
            except ConvaiError as error:
                findings.append(Finding(area, "error", str(error).rstrip(".")))
    return findings


def _check_training(
    project: Project, config: dict[str, Any], credentials: dict[str, Any], endpoints: dict[str, Any]
) -> list[Finding]:
    if importlib.util.find_spec("rasa") is None:
        return []  # check_packages says so
    from convai_rasa.project.training_checks import examine_training  # Rasa, which takes seconds

    return examine_training(project, config, filled(credentials), filled(endpoints))


def _read(path: Path, area: str, findings: list[Finding]) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return load_mapping(str(path), read_text(path))
    except ConvaiError as error:
        findings.append(Finding(area, "error", str(error).rstrip("."), "correct the file"))
        return {}


def wanted_extras(config: dict[str, Any], credentials: dict[str, Any]) -> list[str]:
    """Return the extras the project uses, or is about to."""
    steps, options = our_steps(config), usable_options(credentials)
    uses = {
        "nlu": bool(steps),
        "voice": CHANNEL in credentials,
        "remote": options is not None and any(is_remote(*one) for one in engines_of(options)),
        "train": any(step.get("strategy") == "fine_tune" for step in steps),
    }
    return [extra for extra, needed in uses.items() if needed] or ["nlu", "voice"]
