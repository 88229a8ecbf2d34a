from __future__ import annotations

import os
from pathlib import Path

import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.hardware import choose_device, cores, has_bfloat16, instructions

X86 = """\
processor	: {number}
vendor_id	: GenuineIntel
model name	: Intel(R) Xeon(R) Processor @ 2.00GHz
cpu MHz		: 2000.000
flags		: fpu vme sse sse2 ht syscall nx {flags}
vmx flags	: vnmi preemption_timer invvpid
bugs		: spectre_v1 spectre_v2 bf16
bogomips	: 4000.00
"""
ARM = """\
processor	: {number}
BogoMIPS	: 243.75
Features	: fp asimd evtstrm aes crc32 {flags}
CPU implementer	: 0x41
CPU architecture: 8
CPU part	: 0xd40
"""


def cpu_info(folder: Path, form: str, *flags: str) -> Path:
    """Write what Linux would tell of a machine with so many processors."""
    path = folder / "cpuinfo"
    path.write_text("\n".join(form.format(number=number, flags=each) for number, each in enumerate(flags)))
    return path


@pytest.mark.parametrize(
    ("form", "flags", "known", "bfloat16"),
    [
        (X86, "avx2 fma", "avx2", False),
        (X86, "avx2 avx512f avx512_vnni", "avx512f", False),
        (X86, "avx2 avx512f avx512_bf16", "avx512_bf16", True),
        (X86, "avx512f amx_bf16 amx_tile amx_int8", "amx_tile", True),
        (ARM, "asimddp sve", "sve", False),
        (ARM, "asimddp sve i8mm bf16", "asimddp", True),
    ],
    ids=["AVX2", "AVX-512", "AVX-512 with bfloat16", "AMX", "ARM", "ARM with bfloat16"],
)
def test_what_the_processor_can_do(form: str, flags: str, known: str, bfloat16: bool, tmp_path: Path) -> None:
    told = cpu_info(tmp_path, form, flags, flags)
    assert known in instructions(told)
    assert "vnmi" not in instructions(told)
    assert has_bfloat16(told) is bfloat16


def test_only_what_all_processors_can_do_counts(tmp_path: Path) -> None:
    told = cpu_info(tmp_path, ARM, "asimddp bf16", "asimddp")
    assert "asimddp" in instructions(told)
    assert not has_bfloat16(told)


def test_a_system_that_does_not_tell_can_do_nothing_particular(tmp_path: Path) -> None:
    assert instructions(tmp_path / "none") == frozenset()
    assert has_bfloat16(tmp_path / "none") is False


@pytest.mark.parametrize(
    ("membership", "files", "expected"),
    [
        ("", {}, 64),
        ("0::/", {"cpu.max": "max 100000"}, 64),
        ("0::/", {"cpu.max": "200000 100000"}, 2),
        ("0::/", {"cpu.max": "150000 100000"}, 2),
        ("0::/", {"cpu.max": "10000 100000"}, 1),
        ("0::/a.slice/b.service", {"a.slice/b.service/cpu.max": "max 100000", "a.slice/cpu.max": "300000 100000"}, 3),
        ("0::/seen/from/outside", {"cpu.max": "200000 100000"}, 2),
        ("3:cpu,cpuacct:/", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 64),
        ("3:cpu,cpuacct:/d/1", {"cpu/cpu.cfs_quota_us": "400000", "cpu/cpu.cfs_period_us": "100000"}, 4),
        ("3:cpuset:/", {"cpu/cpu.cfs_quota_us": "400000", "cpu/cpu.cfs_period_us": "100000"}, 64),
        ("0::/", {"cpu.max": "9900000 100000"}, 64),
    ],
)
def test_a_container_has_as_many_cores_as_its_limit_allows(
    membership: str, files: dict[str, str], expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    told = {"proc/self/cgroup": membership, **{f"sys/fs/cgroup/{name}": text for name, text in files.items()}}
    for name, text in told.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{text}\n" if text else "")
    assert cores(tmp_path) == expected


def test_this_machine_has_a_core() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("wanted", "gpus", "chosen"),
    [("auto", 0, "cpu"), ("auto", 1, "cuda"), ("cpu", 1, "cpu"), ("cuda", 1, "cuda"), ("cuda:1", 2, "cuda:1")],
)
def test_the_device_is_the_one_that_is_wanted(wanted: str, gpus: int, chosen: str) -> None:
    assert choose_device(wanted, lambda: gpus, library="torch", remedy="install a driver") == chosen


@pytest.mark.parametrize(("wanted", "gpus", "there"), [("cuda", 0, "no GPU"), ("cuda:1", 1, "1 GPU")])
def test_a_device_that_is_not_there_is_refused_with_the_remedy(wanted: str, gpus: int, there: str) -> None:
    expected = (
        f"^device: {wanted} was requested, but torch computes on {there}; install a driver, or use device: auto.$"
    )
    with pytest.raises(ConfigurationError, match=expected):
        choose_device(wanted, lambda: gpus, library="torch", remedy="install a driver")


def test_nobody_looks_for_a_gpu_who_wants_none() -> None:
    def look() -> int:
        raise AssertionError("looked")

    assert choose_device("cpu", look, library="torch", remedy="install a driver") == "cpu"
