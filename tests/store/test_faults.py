"""Whatever goes wrong while a model is replaced by another one: afterwards either is there whole, and never a mix."""

from __future__ import annotations

import importlib
import os
import random
import resource
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hub_server import HubServer, running_hub
from toy_entry import toy_entry

from convai_rasa.errors import ConvaiError
from convai_rasa.store.catalogue import Model, parse_model
from convai_rasa.store.check import verify_model
from convai_rasa.store.installing import Wishes, fetch_model, is_up_to_date
from convai_rasa.store.manifest import MANIFEST, is_installed
from convai_rasa.store.sources import jobs
from convai_rasa.store.tree import STAGING

pytestmark = pytest.mark.processes

SEEDS = range(50)
FAULTS = ["kill", "kill", "cut", "wrong", "refused", "full disk", "damaged staging", "two writers", "one of two killed"]
LONGEST_SECONDS = 60.0
seen: Counter[str] = Counter()


def files(version: int) -> dict[str, bytes]:
    weights = random.Random(version).randbytes(2_000_000)
    return {"config.json": b'{"version": %d}' % version, "sub/weights.bin": weights, "sub/more.bin": weights[::-1]}


@pytest.fixture(scope="module")
def hub() -> Iterator[HubServer]:
    with running_hub() as hub:
        yield hub


@pytest.fixture(scope="module")
def models(hub: HubServer) -> tuple[Model, Model]:
    """The model that is installed, and the one that the catalogue has now; both on the hub."""
    return _model(hub, 1), _model(hub, 2)


def _model(hub: HubServer, version: int) -> Model:
    source = {"hugging_face": {"repo": "toy/echo", "revision": hub.add("toy/echo", files(version))}}
    return parse_model("toy/echo", toy_entry(files(version), source), where="test")


@pytest.fixture
def start(
    hub: HubServer, models: tuple[Model, Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., int]]:
    """Starts a process that fetches the new model; returns its number. It is a fork, for imports take a second."""
    for used in ("huggingface_hub", "requests"):
        importlib.import_module(used)  # before the fork
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setattr(jobs, "FIRST_WAIT_SECONDS", 0.01)
    hub.faults.clear()

    def start(largest_file: int | None = None) -> int:
        child = os.fork()
        if child:
            return child
        try:
            if largest_file is not None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
            fetch_model(models[1], tmp_path / "models", Wishes())
        except ConvaiError:
            os._exit(1)
        except BaseException:
            os._exit(2)
        os._exit(0)

    yield start
    hub.faults.clear()


def wait(child: int) -> int:
    """Wait for a process, though not for ever; returns its exit status, negative for a signal."""
    end = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    pytest.fail("it hangs")


@pytest.mark.parametrize("seed", SEEDS)
def test_either_the_old_model_or_the_new_one_is_whole(
    seed: int, hub: HubServer, models: tuple[Model, Model], start: Callable[..., int], tmp_path: Path
) -> None:
    dice = random.Random(seed)
    tree, folder = tmp_path / "models", tmp_path / "models/toy/echo"
    old, new = models
    before = dice.choice([True, True, False])
    if before:
        fetch_model(old, tree)
    for _ in range(dice.randint(1, 2)):  # the second finds what the first has left
        statuses = _let_it_go_wrong(dice, hub, start, tree)
        assert 2 not in statuses, "an error that is not one of ours"
        whole = [model for model in (old, new) if is_up_to_date(model, folder) and not verify_model(folder, model)]
        assert whole if before else (whole == [new] or not folder.exists()), "what is there is not whole"
        assert {path.name for path in tree.iterdir()} <= {"toy", STAGING} if tree.exists() else True
        assert {path.name for path in (tree / "toy").iterdir()} <= {"echo"} if (tree / "toy").exists() else True
        seen["new" if whole == [new] else "old" if whole else "none"] += 1
    hub.faults.clear()
    fetch_model(new, tree)
    assert verify_model(folder, new) == []
    assert is_installed(folder)
    assert {path.name for path in folder.rglob("*.bin")} == {"weights.bin", "more.bin"}


def _let_it_go_wrong(dice: random.Random, hub: HubServer, start: Callable[..., int], tree: Path) -> list[int]:
    """Fetch the new model with one fault; returns how the processes ended."""
    fault = dice.choice(FAULTS)
    hub.faults.clear()
    hub.fail("slow", "/cdn/", times=dice.randint(0, 2))
    if fault == "cut":
        hub.fail("cut", "", times=dice.randint(1, 30))
    elif fault == "wrong":
        hub.fail("wrong", "/cdn/", times=dice.randint(1, 3))
    elif fault == "refused":
        hub.fail(dice.choice([401, 404, 429, 500, 503]), "", times=dice.randint(1, 30))
    elif fault == "damaged staging":
        _damage(dice, tree / STAGING)
    limit = dice.choice([10, 100, 500_000, 1_900_000]) if fault == "full disk" else None
    children = [start(limit) for _ in range(2 if "two" in fault else 1)]
    if "kill" in fault:
        if dice.random() < 0.5:
            _wait_for(tree / STAGING / "toy--echo/delivered" / MANIFEST)  # all is there, and about to take its place
            time.sleep(dice.uniform(0.0, 0.03))
        else:
            time.sleep(dice.uniform(0.0, 0.5))
        os.kill(children[0], signal.SIGKILL)
    return [wait(child) for child in children]


def _wait_for(path: Path) -> None:
    end = time.monotonic() + 1.0
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.0005)


def _damage(dice: random.Random, staging: Path) -> None:
    for path in [path for path in staging.rglob("*") if path.is_file()]:
        if dice.random() < 0.5:
            content = bytearray(path.read_bytes())
            if content:
                content[dice.randrange(len(content))] ^= 0xFF
            path.write_bytes(content[: dice.randint(0, len(content))])


def test_the_faults_ended_in_every_way_there_is() -> None:
    """The dice must not have missed what the test above is about."""
    if sum(seen.values()) < len(SEEDS):
        pytest.skip("only a part of the faults was run")
    assert seen["old"] > 5
    assert seen["new"] > 5
    assert seen["none"] > 2
