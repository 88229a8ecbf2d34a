"""The Helm chart, rendered by Helm's own code and held against what the programs in it take; there is no cluster."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any

import pytest
import yaml

from convai_rasa.cli import parse
from convai_rasa.launch import STOP_MARGIN_S
from convai_rasa.options import parse_options
from convai_rasa.voice.options import VoiceOptions

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-chart" / "bin" / "python"
HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
CHANNEL = "convai_rasa.voice.VoiceInput"
EVERYTHING = {
    "bot": {"secret": "bot", "allowedHosts": ["bot.example.com"]},
    "speech": {"secret": "speech"},
    "networkPolicy": {"from": [{"podSelector": {}}], "monitoring": [{"namespaceSelector": {}}]},
    "podAnnotations": {"example.com/note": "x"},
    "models": {"storage": {"className": "shared"}},
    "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "talk", "operator": "Exists"}],
    "imagePullSecrets": [{"name": "registry"}],
}
NOTHING_MORE = {"bot": {"actions": False}, "speech": {"enabled": False}, "networkPolicy": {"enabled": False}}
FIXED = {"rasa": {"replicas": 3, "maxReplicas": 3}, "speech": {"replicas": 3, "maxReplicas": 3}}
WRONG = [{"rasa": {"replica": 3}}, {"rasa": {"drainS": 9_000}}, {"speech": {"queue": "long"}}]

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not PYTHON.exists(), reason="needs Helm's code in .venv-chart: make chart"),
]


@pytest.fixture(scope="module")
def results() -> list[dict[str, Any]]:
    values = [{}, EVERYTHING, NOTHING_MORE, FIXED, *WRONG]
    command = [str(PYTHON), str(Path(__file__).with_name("rendering.py"))]
    done = subprocess.run(command, input=json.dumps(values), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


@pytest.fixture(scope="module")
def chart(results: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The chart with its defaults: documents by template."""
    return dict(results[0]["documents"])


def of_kind(documents: dict[str, list[dict[str, Any]]], *kinds: str) -> Iterator[dict[str, Any]]:
    for template in documents.values():
        yield from (document for document in template if document["kind"] in kinds)


def the(documents: dict[str, list[dict[str, Any]]], kind: str, name: str) -> dict[str, Any]:
    return next(each for each in of_kind(documents, kind) if each["metadata"]["name"] == name)


def pods(documents: dict[str, list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    for each in of_kind(documents, "Deployment", "StatefulSet", "Job"):
        yield each["spec"]["template"]["spec"]


def configuration(documents: dict[str, list[dict[str, Any]]], name: str, **secrets: str) -> Any:
    text = the(documents, "ConfigMap", "demo-convai-rasa")["data"][name]
    return yaml.safe_load(Template(text).safe_substitute(secrets))


@pytest.mark.parametrize("number", range(4), ids=["defaults", "everything", "nothing more", "fixed numbers"])
def test_helm_and_kubernetes_take_it(results: list[dict[str, Any]], number: int) -> None:
    assert results[number]["lint"] == []
    assert results[number]["errors"] == []
    assert len(results[number]["documents"]) >= 7


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_a_value_that_makes_no_sense_is_refused(results: list[dict[str, Any]], number: int) -> None:
    key = next(iter(next(iter(WRONG[number].values()))))
    assert key in results[4 + number]["refused"]


def test_the_schema_knows_every_value() -> None:
    schema = json.loads((ROOT / "deploy" / "chart" / "values.schema.json").read_text("utf-8"))
    values = yaml.safe_load((ROOT / "deploy" / "chart" / "values.yaml").read_text("utf-8"))
    for name, inside in values.items():
        known = schema["properties"][name].get("properties")
        assert known is None or set(inside) == set(known), name


def test_no_pod_has_more_rights_than_it_needs(results: list[dict[str, Any]]) -> None:
    for result in results[:4]:
        for pod in pods(result["documents"]):
            assert pod["automountServiceAccountToken"] is False
            assert pod["securityContext"]["runAsNonRoot"] is True
            assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            for container in (*pod["containers"], *pod.get("initContainers", [])):
                rights = container["securityContext"]
                assert rights["readOnlyRootFilesystem"] is True
                assert rights["allowPrivilegeEscalation"] is False
                assert rights["capabilities"] == {"drop": ["ALL"]}
                assert container["resources"]["limits"]["memory"]


def test_every_secret_is_named_and_none_is_written_down(results: list[dict[str, Any]]) -> None:
    for result in results[:4]:
        assert not list(of_kind(result["documents"], "Secret"))
        for document in of_kind(result["documents"], "ConfigMap"):
            for line in str(document["data"]).split("\\n"):
                if "password" in line.lower() or "token" in line.lower():
                    assert "${" in line, line


@pytest.mark.parametrize("number", range(4))
def test_the_channel_takes_its_configuration(results: list[dict[str, Any]], number: int) -> None:
    given = configuration(results[number]["documents"], "credentials.yml", VOICE_TOKEN="t", CONVAI_SPEECH_TOKEN="s")
    options = parse_options(VoiceOptions, given[CHANNEL], where="credentials.yml")
    assert (options.token, options.allow_anyone) == (("t", False) if number == 1 else (None, True))
    assert options.asr.engine == ("whisper" if number == 2 else "openai")
    assert "demo-convai-haproxy" in options.allowed_hosts


def test_the_stores_are_those_of_the_image_for_one_server(chart: dict[str, list[dict[str, Any]]]) -> None:
    ours = configuration(chart, "endpoints.yml")
    shipped = yaml.safe_load((ROOT / "docker" / "endpoints.yml").read_text("utf-8"))
    assert {name: set(store) for name, store in ours.items()} == {name: set(store) for name, store in shipped.items()}
    for name in ("tracker_store", "lock_store"):
        assert ours[name].get("type") == shipped[name]["type"]


def test_a_pod_is_given_the_time_that_its_calls_have(results: list[dict[str, Any]]) -> None:
    for result in results[:4]:
        channel = configuration(result["documents"], "credentials.yml")[CHANNEL]
        pod = the(result["documents"], "StatefulSet", "demo-convai-rasa")["spec"]["template"]["spec"]
        call = channel["call"]
        assert pod["terminationGracePeriodSeconds"] >= call["drain_s"] + call["goodbye_s"] + STOP_MARGIN_S
        haproxy = the(result["documents"], "Deployment", "demo-convai-haproxy")["spec"]["template"]["spec"]
        assert haproxy["terminationGracePeriodSeconds"] >= pod["terminationGracePeriodSeconds"]


def test_the_probes_ask_what_they_mean(chart: dict[str, list[dict[str, Any]]]) -> None:
    rasa = the(chart, "StatefulSet", "demo-convai-rasa")["spec"]["template"]["spec"]["containers"][0]
    asked = {name: rasa[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    alive = "/webhooks/voice/"
    assert asked == {"startup": alive, "liveness": alive, "readiness": f"{alive}ready"}
    assert {"name": "CONVAI_REPLICA", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}} in rasa["env"]


def test_the_workers_are_started_as_the_command_takes_it(results: list[dict[str, Any]]) -> None:
    for number in (0, 1):
        worker = the(results[number]["documents"], "Deployment", "demo-convai-speech")["spec"]["template"]["spec"]
        module, *words = worker["containers"][0]["args"]
        assert module == "convai_rasa.cli"
        given = parse(words)
        assert (given.interface, given.port, given.allow_anyone) == ("0.0.0.0", 8000, number == 0)
        assert worker["terminationGracePeriodSeconds"] > given.drain_s


def test_more_workers_are_started_by_what_waits(chart: dict[str, list[dict[str, Any]]]) -> None:
    from convai_rasa.speech.prometheus import Metrics

    scaler = the(chart, "HorizontalPodAutoscaler", "demo-convai-speech")["spec"]
    (metric,) = scaler["metrics"]
    assert metric["pods"]["metric"]["name"] in Metrics().text()[0].decode()
    assert scaler["scaleTargetRef"]["name"] == "demo-convai-speech"
    assert "replicas" not in the(chart, "Deployment", "demo-convai-speech")["spec"]


def test_where_the_number_is_fixed_nothing_scales(results: list[dict[str, Any]]) -> None:
    fixed = results[3]["documents"]
    assert not list(of_kind(fixed, "HorizontalPodAutoscaler"))
    assert the(fixed, "StatefulSet", "demo-convai-rasa")["spec"]["replicas"] == 3
    assert the(fixed, "Deployment", "demo-convai-speech")["spec"]["replicas"] == 3


def test_every_service_finds_its_pods_and_every_pod_has_its_rules(chart: dict[str, list[dict[str, Any]]]) -> None:
    templates = [each["spec"]["template"] for each in of_kind(chart, "Deployment", "StatefulSet")]
    labels = [template["metadata"]["labels"] for template in templates]

    def selected(selector: dict[str, str]) -> list[dict[str, str]]:
        return [each for each in labels if selector.items() <= each.items()]

    for service in of_kind(chart, "Service"):
        (found,) = (
            template
            for template in templates
            if service["spec"]["selector"].items() <= template["metadata"]["labels"].items()
        )
        names = {port["name"] for port in found["spec"]["containers"][0]["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= names
    policies = list(of_kind(chart, "NetworkPolicy"))
    assert all(len(selected(policy["spec"]["podSelector"]["matchLabels"])) == 1 for policy in policies)
    assert len(policies) == len(labels)
    for policy in policies:
        assert "Ingress" in policy["spec"]["policyTypes"]
        is_front = policy["metadata"]["name"] == "demo-convai-haproxy"
        for rule in policy["spec"]["ingress"]:
            assert "from" in rule or (is_front and rule["ports"] == [{"port": "voice"}]), policy["metadata"]["name"]


@pytest.mark.skipif(HAPROXY is None, reason="needs HAProxy (Debian's package haproxy)")
def test_haproxy_takes_its_configuration(results: list[dict[str, Any]], tmp_path: Path) -> None:
    assert HAPROXY
    for result in results[:4]:
        text = the(result["documents"], "ConfigMap", "demo-convai-haproxy")["data"]["haproxy.cfg"]
        place = tmp_path / "haproxy.cfg"
        place.write_text(text, encoding="utf-8")
        done = subprocess.run([HAPROXY, "-c", "-f", str(place)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        pods_known = {line.split()[1] for line in text.splitlines() if line.strip().startswith("server demo")}
        scaled = the(result["documents"], "StatefulSet", "demo-convai-rasa")["metadata"]["name"]
        assert f"{scaled}-0" in pods_known, "a caller comes back under the name of a pod"


def test_the_rules_of_the_file_for_two_servers_are_in_the_chart_too(chart: dict[str, list[dict[str, Any]]]) -> None:
    text = the(chart, "ConfigMap", "demo-convai-haproxy")["data"]["haproxy.cfg"]
    shipped = (ROOT / "deploy" / "haproxy.cfg").read_text("utf-8")
    lines = [line.partition(" #")[0].strip() for line in shipped.splitlines()]
    rules = [line for line in lines if line.startswith(("option ", "use-server ", "use_backend", "http-", "timeout"))]
    assert len(rules) >= 12
    for rule in rules:
        assert rule in text, rule
