"""The speech service on a local Ray, as ``serve run`` starts it; run by a Python that has Ray.

    python ray_service.py serve.yaml

Prints a line once all replicas are there. Each line it reads names a deployment, one of whose replicas is killed as a
machine ends that loses its power; the answer is its process. The end of its input ends it all.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import ray
from ray import serve
from ray.util.state import list_actors

START_S = 240.0
CPUS = 8  # as Ray counts, however many there are


def main() -> None:
    """Serve until the input ends."""
    ray.init(num_cpus=CPUS, include_dashboard=True, log_to_driver=False)
    command = [str(Path(sys.executable).with_name("serve")), "run", sys.argv[1]]
    command += ["--address", ray.get_runtime_context().gcs_address]
    serving = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        wait_until_running(serving)
        tell("running")
        for line in sys.stdin:
            victim = replicas(line.strip())[0]
            os.kill(victim, signal.SIGKILL)
            tell(str(victim))
    finally:
        serving.send_signal(signal.SIGINT)
        serving.communicate()
        ray.shutdown()


def wait_until_running(serving: subprocess.Popen[str]) -> None:
    """Wait until the application runs with all its replicas."""
    give_up_at = time.monotonic() + START_S
    while True:
        applications = serve.status().applications.values()
        if applications and all(one.status == "RUNNING" for one in applications):
            return
        if serving.poll() is not None or any(one.status == "DEPLOY_FAILED" for one in applications):
            sys.exit(f"It does not run: {[one.message for one in applications]}")
        assert time.monotonic() < give_up_at
        time.sleep(0.2)


def replicas(name: str) -> list[int]:
    """Return the processes of a deployment's replicas."""
    actors = list_actors(filters=[("state", "=", "ALIVE")], limit=1000)
    return [actor.pid for actor in actors if actor.class_name.endswith(f":{name}")]


def tell(line: str) -> None:
    """Tell the test."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
