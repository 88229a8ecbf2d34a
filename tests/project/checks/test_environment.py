from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Iterator, Optional

import pytest
import tomli as tomllib

from convai_rasa.project.checks import environment as check_environment
from convai_rasa.project.checks.environment import (
    check_disk,
    check_packages,
    check_ports,
    check_processor,
    check_python,
)

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


def test_another_python_is_an_error() -> None:
    (finding,) = check_python((3, 11, 4))
    assert (finding.level, finding.fix) == ("error", "use Python 3.10")
    assert [finding.level for finding in check_python((3, 10, 1))] == ["ok"]


@pytest.mark.parametrize(("flags", "level"), [("fpu sse4_2", "error"), ("fpu avx", "ok"), ("avx avx2", "ok")])
def test_a_processor_without_avx(flags: str, level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    assert [finding.level for finding in check_processor(tmp_path / "cpuinfo")] == [level]
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert list(check_processor(tmp_path / "cpuinfo")) == []


@pytest.mark.parametrize(("free", "level"), [(1e8, "error"), (1e9, "warning"), (1e10, "ok")])
def test_disk_space(free: float, level: str, tmp_path: Path) -> None:
    assert [finding.level for finding in check_disk(tmp_path, int(free))] == [level]


def test_this_environment_is_whole() -> None:
    assert [finding.level for finding in check_packages(["nlu", "voice"])] == ["ok", "ok"]


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Versions are looked up anew."""
    check_environment._version.cache_clear()
    yield
    check_environment._version.cache_clear()


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What pyproject.toml says, also where an older version was installed."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    lines = [
        f'{name}; {f"({marker.strip()}) and " if marker else ""}extra == "{extra}"'
        for extra, requirements in extras.items()
        for name, _, marker in (requirement.partition(";") for requirement in requirements)
    ]
    real = importlib.metadata.requires
    monkeypatch.setattr(
        importlib.metadata, "requires", lambda name: lines if name == check_environment.DISTRIBUTION else real(name)
    )
    check_environment._requirements.cache_clear()
    yield
    check_environment._requirements.cache_clear()


@pytest.mark.usefixtures("declared")
def test_extras_that_are_there_and_that_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name.lower() in ("torch", "tts"):
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    *problems, others = check_packages(["nlu", "train"])
    assert {(finding.level, finding.fix) for finding in problems} == {
        ("error", "pip install 'convai-rasa[rasa,train]'")
    }
    assert others.level == "ok"
    there, absent = others.what.split("; not installed: ")
    assert there.endswith("installed: voice, remote, terminal, s3, gcs")
    assert absent == "coqui (voices that come as Coqui checkpoints)"


def test_a_missing_extra_and_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name == "faster-whisper":
            raise importlib.metadata.PackageNotFoundError(name)
        return "99.0" if name.lower() == "packaging" else real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    findings = list(check_packages(["voice"]))
    missing = next(finding for finding in findings if "faster-whisper" in finding.what)
    assert (missing.level, missing.fix) == ("error", "pip install 'convai-rasa[rasa,voice]'")
    conflict: Optional[str] = next(finding.fix for finding in findings if "99.0" in finding.what)
    assert conflict
    assert conflict.startswith("pip install 'packaging<21")
    assert not [finding for finding in check_packages([]) if "faster-whisper" in finding.what]


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("http://localhost:5005/webhook", "which is Rasa's own"),
        ("http://127.0.0.1:5055", "answers at /webhook alone"),
        ("localhost:5055/webhook", "not a valid address"),
        ("http://localhost:many/webhook", "not a valid address"),
    ],
)
def test_an_action_endpoint_that_cannot_be_right(url: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "actions.py").touch()
    findings = [finding for finding in check_ports(tmp_path, {"action_endpoint": {"url": url}}) if what in finding.what]
    assert [finding.level for finding in findings] == ["error"]
    assert "/webhook" in findings[0].fix
