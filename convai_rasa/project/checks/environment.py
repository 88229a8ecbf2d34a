"""Python, the processor, the installed packages, disk space and ports."""

from __future__ import annotations

import functools
import importlib.metadata
import platform
import shutil
import sys
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Sequence
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from convai_rasa.errors import ConfigurationError, install_command
from convai_rasa.hardware import CPU_INFO, instructions
from convai_rasa.launch import check_port_free
from convai_rasa.project.findings import Finding, Level

DISTRIBUTION = "convai-rasa"
RASA_PORT, ACTIONS_PORT = 5005, 5055
MINIMUM_FREE_BYTES = 200_000_000  # a trained archive and Rasa's cache beside it
COMFORTABLE_FREE_BYTES = 2_000_000_000  # the embedded models and a few trainings

# What one of this package's extras is for.
_EXTRAS = {
    "nlu": "intents, entities and sentiment",
    "voice": "the voice channel",
    "remote": "engines on other machines",
    "train": "fine-tuning of the intents",
    "coqui": "voices that come as Coqui checkpoints",
    "terminal": "convai talk",
    "s3": "models from S3",
    "gcs": "models from Google Cloud Storage",
}


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Iterator[Finding]:
    """Rasa 3.6 runs on one version of Python only, while the rest of this package runs on later ones, too."""
    shown = ".".join(str(part) for part in version)
    if version[:2] == (3, 10):
        yield _finding("ok", f"Python {shown}")
    else:
        yield _finding("error", f"Python {shown} cannot run Rasa 3.6", "use Python 3.10")


def check_processor(cpu_info: Path = CPU_INFO) -> Iterator[Finding]:
    """TensorFlow's wheels for x86 stop with an illegal instruction where AVX is missing."""
    known = instructions(cpu_info)
    if platform.machine() not in ("x86_64", "AMD64") or not known:
        return  # other processors have wheels of their own; other systems do not tell
    if "avx" in known:
        yield _finding("ok", f"Processor with {'AVX2' if 'avx2' in known else 'AVX, slow without AVX2'}")
    else:
        what = "The processor has no AVX, so TensorFlow, and with it Rasa, cannot start"
        yield _finding("error", what, "use another machine, or a virtual machine with CPU type 'host'")


def check_packages(extras: Sequence[str]) -> Iterator[Finding]:
    """See that every package that some extras need is installed in a version that all others accept."""
    if _version(DISTRIBUTION) is None:
        yield _finding("error", f"{DISTRIBUTION} is running but is not installed", f"pip install {DISTRIBUTION}")
        return
    problems = list(_unmet(["rasa", *extras]))
    yield from problems
    if not problems:
        named = f" with {', '.join(extras)}" if extras else ""
        yield _finding("ok", f"Rasa {_version('rasa')} and every package of {DISTRIBUTION}{named}")
    others = [extra for extra in _EXTRAS if extra not in extras]
    there = [extra for extra in others if _is_installed(extra)]
    absent = [f"{extra} ({_EXTRAS[extra]})" for extra in others if extra not in there]
    parts = [
        f"{which}: {', '.join(names)}" for which, names in (("installed", there), ("not installed", absent)) if names
    ]
    yield _finding("ok", f"Extras this project does not need: {'; '.join(parts)}")


def _is_installed(extra: str) -> bool:
    return all(
        _is_met(requirement) and (requirement.name != DISTRIBUTION or all(map(_is_installed, requirement.extras)))
        for requirement in _requirements(DISTRIBUTION, frozenset([extra]))
    )


def _is_met(requirement: Requirement) -> bool:
    installed = _version(requirement.name)
    return installed is not None and requirement.specifier.contains(installed, prereleases=True)


def _unmet(extras: Sequence[str]) -> Iterator[Finding]:
    todo = [(DISTRIBUTION, frozenset(extras))]
    told: set[str] = set()
    lacking: dict[str, list[str]] = {}
    for name, wanted in todo:  # which grows meanwhile
        for requirement in _requirements(name, wanted):
            if _is_met(requirement):
                needed = str(canonicalize_name(requirement.name)), frozenset(requirement.extras)
                todo += [needed] if needed not in todo else []
            elif requirement.name not in told:
                told.add(requirement.name)
                extra = _extra(requirement) if name == DISTRIBUTION else None
                if extra and _version(requirement.name) is None:
                    lacking.setdefault(extra, []).append(requirement.name)
                else:
                    yield _unmet_finding(name, requirement, extra)
    for extra, names in lacking.items():
        what = f"Packages of {DISTRIBUTION}[{extra}] are not installed: {', '.join(names)}"
        yield _finding("error", what, install_command(extra))


def _extra(requirement: Requirement) -> Optional[str]:
    """Return the extra that asks for a package, None if the package itself does."""
    _, asked, extra = str(requirement.marker or "").rpartition("extra == ")
    return extra.strip("\"'") if asked else None


def _unmet_finding(name: str, requirement: Requirement, extra: Optional[str]) -> Finding:
    installed = _version(requirement.name)
    fix = install_command(extra) if extra else f"pip install '{requirement.name}{requirement.specifier}'"
    needed = f"{name} needs {requirement.name}{requirement.specifier}"
    found = "it is not installed" if installed is None else f"{installed} is installed"
    # What lies deeper is often a bound that was drawn too narrow, so it only warns.
    is_error = installed is None or name in (DISTRIBUTION, "rasa")
    return _finding("error" if is_error else "warning", f"{needed}, but {found}", fix)


@functools.cache  # parsing takes a second for all, and does not change while this process runs
def _requirements(name: str, extras: frozenset[str]) -> tuple[Requirement, ...]:
    requirements = []
    for line in importlib.metadata.requires(name) or []:
        if not extras and "extra ==" in line:
            continue  # most lines are, and need no parsing then
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue  # written before there was a grammar; pip cannot read it either
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, "")):
            requirements.append(requirement)
    return tuple(requirements)


@functools.cache  # the same; each reads a file
def _version(name: str) -> Optional[str]:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def check_disk(folder: Path, free_bytes: Optional[int] = None) -> Iterator[Finding]:
    """Training writes an archive and a cache into the project."""
    free = shutil.disk_usage(folder).free if free_bytes is None else free_bytes
    shown = f"{free / 1e9:.1f} GB free in {folder}"
    if free < MINIMUM_FREE_BYTES:
        yield _finding("error", f"Only {shown}: training cannot store a model", "make room")
    elif free < COMFORTABLE_FREE_BYTES:
        yield _finding("warning", f"Only {shown}", "make room before you fetch models or train")
    else:
        yield _finding("ok", shown)


def _finding(level: Level, what: str, fix: str = "") -> Finding:
    return Finding("environment", level, what, fix)


def check_ports(project_folder: Path, endpoints: Mapping[str, Any]) -> Iterator[Finding]:
    """See whether the servers can listen, and whether Rasa knows where the bot's own actions are."""
    yield from _check_port(RASA_PORT, "rasa run --port", "Rasa")
    has_actions = (project_folder / "actions").is_dir() or (project_folder / "actions.py").is_file()
    endpoint = endpoints.get("action_endpoint")
    if not has_actions and endpoint is None:
        return
    url = endpoint.get("url") if isinstance(endpoint, dict) else None
    usual = f'url: "http://localhost:{ACTIONS_PORT}/webhook"'
    if not url:
        what = "The bot has actions, but endpoints.yml has no action_endpoint, so 'rasa run' will not find them"
        yield Finding("ports", "warning", what, f"action_endpoint: {{{usual}}}, or start with convai serve")
        yield from _check_port(ACTIONS_PORT, "rasa run actions --port", "the action server")
        return
    found = _address(str(url))
    if found is None:
        what = f"endpoints.yml: action_endpoint has the url {url!r}, which is not a valid address"
        yield Finding("ports", "error", what, usual)
        return
    host, port, path = found
    if path in ("", "/"):
        what = "endpoints.yml: the url of action_endpoint has no path, but the action server answers at /webhook alone"
        yield Finding("ports", "error", what, f'url: "{str(url).rstrip("/")}/webhook"')
    local = host in ("localhost", "127.0.0.1", "::1", "0.0.0.0")
    if local and port == RASA_PORT:
        what = f"endpoints.yml: action_endpoint is at port {port}, which is Rasa's own, so Rasa would ask itself"
        yield Finding("ports", "error", what, usual)
    elif local:
        yield from _check_port(port, "rasa run actions --port", "the action server")


def _address(url: str) -> Optional[tuple[str, int, str]]:
    """Return the host, the port and the path of an address; None if it is none."""
    try:
        address = urlsplit(url)
        host, port = address.hostname, address.port or 80
    except ValueError:
        return None
    return (host, port, address.path) if host and address.scheme in ("http", "https") else None


def _check_port(port: int, option: str, server: str) -> Iterator[Finding]:
    try:
        check_port_free(port)
    except ConfigurationError:
        what = f"Port {port} for {server} is taken by {_listener(port)}"
        fix = f"stop it, unless it is the bot itself, or choose another port with {option}"
        yield Finding("ports", "warning", what, fix)
    else:
        yield Finding("ports", "ok", f"Port {port} for {server} is free")


def _listener(port: int) -> str:
    """Name the program that listens on a port, as far as this user may know."""
    try:
        import psutil  # comes with packages of the extras; only names the culprit
    except ImportError:
        return "another program"
    try:
        for connection in psutil.net_connections(kind="tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        return "a program of another user"
    return "another program"
