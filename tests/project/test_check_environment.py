from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Optional

import pytest

from convai_rasa.project.check_environment import check_disk, check_packages, check_processor, check_python


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
    assert [finding.level for finding in check_packages(["nlu", "voice"])] == ["ok"]


def test_a_missing_extra_and_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name == "faster-whisper":
            raise importlib.metadata.PackageNotFoundError(name)
        return "99.0" if name.lower() == "packaging" else real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    findings = list(check_packages(["voice"]))
    missing = next(finding for finding in findings if "faster-whisper" in finding.what)
    assert (missing.level, missing.fix) == ("error", "pip install 'convai-rasa[voice]'")
    conflict: Optional[str] = next(finding.fix for finding in findings if "99.0" in finding.what)
    assert conflict
    assert conflict.startswith("pip install 'packaging<21")
    assert not [finding for finding in check_packages([]) if "faster-whisper" in finding.what]
