"""Builds the Dockerfile and runs what it says without a container engine, on this machine's own files.

A container here is what it is elsewhere: layers put together by overlayfs, namespaces of its own for mounts, processes
and the network, a root folder of its own, another user with no capability. Two things differ. In place of the Python
images there are this machine's files with its Python under /usr/local, so packages of the system that the real image
lacks are not missed. And /opt/venv starts as the virtual environment of these tests, so pip finds everything installed
that the lock asks for; it has no network to get anything from. Needs root and util-linux.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from build_context import copy
from dockerfile_stages import Instruction, Stage, expand, read_stages

ROOT = Path(__file__).parents[2]
START = Path(__file__).with_name("container_start.py")
VENV = "/opt/venv"
BASE_PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
BRIDGE = "172.18.0.2"  # whoever connects to it comes from it, as a neighbour on a container engine's network would
NETWORK_UP = f"""
import fcntl, signal, socket, struct
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x41))  # SIOCSIFFLAGS, IFF_UP | IFF_RUNNING
    address = struct.pack("16sH2x4s8x", b"lo:0", socket.AF_INET, socket.inet_aton("{BRIDGE}"))
    fcntl.ioctl(any_socket, 0x8916, address)  # SIOCSIFADDR
print("up", flush=True)
signal.pause()
"""


@dataclass(frozen=True)
class Image:
    """What a container starts with."""

    layers: list[str]
    environment: dict[str, str]
    user: str = "0:0"
    cwd: str = "/"
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    health: tuple[str, ...] = ()


@dataclass(frozen=True)
class Volume:
    """A folder that outlives the container, or one of this machine shown in it."""

    source: Path
    target: str
    read_only: bool = False


@dataclass
class Container:
    """A running container."""

    process: subprocess.Popen[bytes]
    log: Path
    image: Image
    environment: dict[str, str]
    prefix: list[str]

    @property
    def pid(self) -> int:
        """The first process in it, as this machine numbers it."""
        return _children(self.process)[0]

    def exec(self, command: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
        """Run another command in it, as its user."""
        enter = ["nsenter", "--target", str(self.pid), "--mount", "--ipc", "--pid", "--net", "--root", "--wd"]
        return subprocess.run(
            [*enter, *self.prefix, *command], env=self.environment, input=text, capture_output=True, text=True
        )

    def wait_healthy(self, test: list[str], tries: int = 300) -> None:
        """Repeat the health check until it succeeds."""
        for _ in range(tries):
            assert self.process.poll() is None, self.log.read_text()
            if self.exec(test).returncode == 0:
                return
            time.sleep(1)
        raise AssertionError(self.log.read_text())

    def stop(self) -> int:
        """Ask it to end, as engines do; return the exit status."""
        os.kill(self.pid, signal.SIGTERM)
        return self.process.wait(30)


@dataclass
class Engine:
    """Builds images and runs containers, which share one network of their own; use as a context manager.

    Args:
        folder: for layers; on a file system that can hold overlayfs's upper folders.
        hosts: names by which containers find each other.
    """

    folder: Path
    hosts: list[str]
    commands: list[str] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)
    _count: int = 0

    def __enter__(self) -> Engine:
        self._network = self._stack.enter_context(
            subprocess.Popen(["unshare", "--net", sys.executable, "-c", NETWORK_UP], stdout=subprocess.PIPE)
        )
        self._stack.callback(self._network.kill)
        assert self._network.stdout
        self._network.stdout.readline()
        self._venv_scratch = self._new("venv")
        scratch = self._new("base")
        machine = Image(["/"], {"PATH": BASE_PATH, "LANG": "C.UTF-8"})
        people = r"sed -i '/^[^:]*:[^:]*:[1-9][0-9][0-9][0-9]:/d' /etc/passwd /etc/group"  # an image has none
        prepare = f"rm -f {VENV}/bin/python* && ldconfig && {people}"
        self._build_command(machine, scratch, ["sh", "-c", prepare])
        self.base = replace(machine, layers=["/", str(scratch / "upper")])
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def build(self, arguments: dict[str, str]) -> Image:
        """Carry out the Dockerfile."""
        stages = read_stages(ROOT / "Dockerfile", arguments)
        built: dict[str, Image] = {}
        return self._build_stage(stages[""], stages, built, arguments)

    def run(
        self,
        image: Image,
        command: list[str],
        *,
        environment: dict[str, str] | None = None,
        volumes: list[Volume] | None = None,
        tmpfs: dict[str, str] | None = None,
        read_only: bool = True,
        read_only_folders: dict[str, str] | None = None,
    ) -> Container:
        """Start a container without any capability; it is ended with the engine."""
        variables = {**image.environment, **(environment or {})}
        user, group = image.user.split(":")
        prefix = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs"]
        prefix += ["--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--"]
        scratch = self._new("container")
        spec = self._spec(image, scratch, command, variables)
        spec |= {"command_prefix": prefix, "root_read_only": read_only, "tmpfs": tmpfs or {}}
        spec["read_only"] |= read_only_folders or {}
        spec["volumes"] = [
            {"source": str(volume.source), "target": volume.target, "read_only": volume.read_only}
            for volume in volumes or []
        ]
        log = scratch / "log"
        reading, spec["started"] = os.pipe()
        with log.open("wb") as out:
            process = subprocess.Popen(
                self._enter(spec, scratch), stdout=out, stderr=subprocess.STDOUT, pass_fds=[spec["started"]]
            )
        self._stack.callback(_end, process)
        os.close(spec["started"])
        with open(reading, "rb") as pipe:
            assert pipe.read(1), log.read_text()
        return Container(process, log, image, variables, prefix)

    def _build_stage(
        self, stage: Stage, stages: dict[str, Stage], built: dict[str, Image], arguments: dict[str, str]
    ) -> Image:
        if stage.name in built:
            return built[stage.name]
        if stage.base in stages:
            image = self._build_stage(stages[stage.base], stages, built, arguments)
        else:
            assert stage.base.startswith("python:3.10-"), stage.base
            image = self.base
        scratch = self._new(stage.name)
        known: dict[str, str] = {}
        for instruction in stage.instructions:
            if instruction.name == "ARG":
                name, _, default = instruction.value.partition("=")
                known[name] = arguments.get(name, default.strip('"'))
            elif instruction.name == "COPY" and "from" in instruction.flags:
                source = stages[instruction.flags["from"]]
                self._build_stage(source, stages, built, arguments)
                assert instruction.words == [VENV, VENV]  # shown in every container
            elif instruction.name == "COPY":
                copy(instruction.words, scratch / "upper", image.cwd)
            elif instruction.name == "RUN":
                assert all(mount.startswith("type=") for mount in instruction.flags.values())
                command = instruction.words if instruction.is_exec_form else [*image.shell, instruction.value]
                self.commands.append(instruction.value)
                variables = {**image.environment, **known}
                self._build_command(replace(image, environment=variables), scratch, command)
            else:
                image = _configure(image, instruction, known)
        built[stage.name] = replace(image, layers=[*image.layers, str(scratch / "upper")])
        return built[stage.name]

    def _build_command(self, image: Image, scratch: Path, command: list[str]) -> None:
        spec = self._spec(image, scratch, command, image.environment)
        done = subprocess.run(self._enter(spec, scratch), capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"

    def _spec(self, image: Image, scratch: Path, command: list[str], variables: dict[str, str]) -> dict[str, Any]:
        root = scratch / "root"
        root.mkdir(exist_ok=True)
        venv = {"layers": [sys.prefix], "scratch": str(self._venv_scratch)}
        return {
            "root": str(root),
            "layers": image.layers,
            "scratch": str(scratch),
            "trees": {VENV: venv},
            "read_only": {"/usr/local": sys.base_prefix},
            "hosts": self.hosts,
            "volumes": [],
            "tmpfs": {},
            "root_read_only": False,
            "started": 1,  # standard output
            "cwd": image.cwd,
            "command_prefix": [],
            "command": command,
            "environment": variables,
        }

    def _enter(self, spec: dict[str, Any], scratch: Path) -> list[str]:
        path = scratch / "spec.json"
        path.write_text(json.dumps(spec), encoding="utf-8")
        network = ["nsenter", f"--net=/proc/{self._network.pid}/ns/net"]
        namespaces = ["unshare", "--mount", "--ipc", "--pid", "--fork", "--kill-child", "--propagation", "private"]
        return [*network, *namespaces, sys.executable, "-I", str(START), str(path)]

    def _new(self, name: str) -> Path:
        self._count += 1
        scratch = self.folder / f"{self._count:02}-{name}"
        (scratch / "upper").mkdir(parents=True)
        return scratch


def _configure(image: Image, instruction: Instruction, known: dict[str, str]) -> Image:
    variables = {**image.environment, **known}
    words = instruction.words if instruction.name != "HEALTHCHECK" else []
    if instruction.name == "ENV":
        pairs = (word.partition("=") for word in words)
        added = {name: expand(value, variables) for name, _, value in pairs}
        return replace(image, environment={**image.environment, **added})
    if instruction.name == "HEALTHCHECK":
        return replace(image, health=tuple(json.loads(instruction.value.partition("CMD ")[2])))
    if instruction.name == "USER":
        return replace(image, user=expand(instruction.value, variables))
    if instruction.name == "WORKDIR":
        return replace(image, cwd=instruction.value)
    if instruction.name in ("LABEL", "EXPOSE"):
        return image
    part = {"SHELL": "shell", "ENTRYPOINT": "entrypoint", "CMD": "command"}[instruction.name]
    assert instruction.is_exec_form
    return replace(image, **{part: tuple(words)})


def _end(process: subprocess.Popen[bytes]) -> None:
    # The kernel forgets --kill-child where a container's first process becomes another user.
    for first in _children(process) if process.poll() is None else ():
        with suppress(ProcessLookupError):
            os.kill(first, signal.SIGKILL)
    process.kill()
    process.wait()


def _children(process: subprocess.Popen[bytes]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
