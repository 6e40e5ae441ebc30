"""deploy/k8s is whole: every name leads to something. Takes 1 s."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import kubernetes_validate
import pytest
import yaml
from tests.deploy.dockerfiles import ROOT, SERVICES, dockerfile, runnable

from vasari.config import Settings

K8S: Final = ROOT / "deploy" / "k8s"
KUSTOMIZATIONS: Final = sorted(K8S.rglob("kustomization.yaml"))
OVERLAYS: Final = sorted(K8S.glob("overlays/*"))
KUBERNETES: Final = "1.34"
"""The version whose schemas the objects are held against."""
WORKERS: Final = {"face-encode", "motion", "render"}
SECRETS: Final = {
    "vasari-secrets": {"VASARI_DATABASE_URL", "VASARI_BROKER_URL", "VASARI_S3_ACCESS_KEY", "VASARI_S3_SECRET_KEY"},
    "vasari-autoscaling": {"AUTOSCALING_DATABASE_URL"},
    "vasari-servers": {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"},
}
"""Made by whoever deploys: docs/how-to/run-in-a-cluster.md."""

Object = dict[str, Any]


def load(path: Path) -> list[Object]:
    return list(yaml.safe_load_all(path.read_text()))


@cache
def objects() -> dict[tuple[str, str], Object]:
    """Everything that the base and the components make, by kind and name."""
    files = [path for path in K8S.rglob("*.yaml") if path.name != "kustomization.yaml" and "overlays" not in path.parts]
    return {(item["kind"], item["metadata"]["name"]): item for path in files for item in load(path)}


def pods() -> Iterator[tuple[str, Object]]:
    for (kind, name), item in objects().items():
        if kind in ("Deployment", "StatefulSet", "Job"):
            yield name, item["spec"]["template"]


def containers() -> Iterator[Object]:
    for _, pod in pods():
        yield from pod["spec"].get("initContainers", ())
        yield from pod["spec"]["containers"]


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=lambda path: path.parent.name)
def test_what_a_kustomization_names_exists(path: Path) -> None:
    (kustomization,) = load(path)
    named = [*kustomization.get("resources", ()), *kustomization.get("components", ())]
    named += [patch["path"] for patch in kustomization.get("patches", ()) if "path" in patch]
    for name in named:
        target = path.parent / name
        assert target.is_file() or (target / "kustomization.yaml").is_file(), name


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=lambda path: path.parent.name)
def test_a_kustomization_leaves_out_no_file_beside_it(path: Path) -> None:
    (kustomization,) = load(path)
    patches = {patch["path"] for patch in kustomization.get("patches", ()) if "path" in patch}
    named = {*kustomization.get("resources", ()), *patches}
    assert {file.name for file in path.parent.glob("*.yaml")} - {"kustomization.yaml"} <= named


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.name)
@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")
def test_an_overlay_can_be_built_and_kubernetes_would_take_it(overlay: Path) -> None:
    built = subprocess.run(["kubectl", "kustomize", overlay], capture_output=True, text=True, check=True).stdout
    items = list(yaml.safe_load_all(built))
    assert {service.name.replace("_", "-") for service in SERVICES} <= {item["metadata"]["name"] for item in items}
    for item in items:
        if not item["apiVersion"].startswith("keda.sh/"):  # test_scaling checks those
            kubernetes_validate.validate(item, KUBERNETES, strict=True)


@pytest.mark.parametrize(
    "kind", ["Deployment", "StatefulSet", "Job", "NetworkPolicy", "PodDisruptionBudget", "PriorityClass"]
)
def test_kubernetes_would_take_every_object(kind: str) -> None:
    found = [item for (its_kind, _), item in objects().items() if its_kind == kind]
    assert found
    for item in found:
        kubernetes_validate.validate(item, KUBERNETES, strict=True)


def test_every_service_is_deployed() -> None:
    for service in SERVICES:
        assert ("Deployment", service.name.replace("_", "-")) in objects()


def test_images_are_those_of_compose() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    ours = {name: part for name, part in compose.items() if name not in ("prometheus", "grafana")}
    assert {container["image"] for container in containers()} == {part["image"] for part in ours.values()}


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.name)
def test_overlays_give_tags_to_images_that_are_used(overlay: Path) -> None:
    (kustomization,) = load(overlay / "kustomization.yaml")
    used = {container["image"] for container in containers()}
    assert {image["name"] for image in kustomization["images"]} <= used


def test_modules_that_are_run_exist() -> None:
    commands = [container["command"] for container in containers() if "command" in container]
    assert commands
    for python, option, module in commands:
        assert (python, option) == ("python", "-m")
        assert runnable(module)


def test_settings_exist() -> None:
    fields = {f"VASARI_{field.upper()}" for field in Settings.model_fields}
    assert set(objects()["ConfigMap", "vasari-settings"]["data"]) <= fields
    assert SECRETS["vasari-secrets"] <= fields
    patches = [item for overlay in OVERLAYS for path in overlay.glob("*.yaml") for item in load(path)]
    for item in patches:
        if item["kind"] == "ConfigMap":
            assert set(item["data"]) <= fields
    templates = [item["spec"]["template"] for item in patches if item["kind"] == "Deployment"]
    for template in templates:
        for container in template["spec"]["containers"]:
            assert {variable["name"] for variable in container["env"]} <= fields


def test_secrets_and_settings_are_taken_from_where_they_are() -> None:
    for container in containers():
        for source in container.get("envFrom", ()):
            if "configMapRef" in source:
                assert ("ConfigMap", source["configMapRef"]["name"]) in objects()
            else:
                assert source["secretRef"]["name"] in SECRETS
        for variable in container.get("env", ()):
            if "valueFrom" in variable:
                key = variable["valueFrom"]["secretKeyRef"]
                assert key["key"] in SECRETS[key["name"]]


def test_every_secret_is_explained() -> None:
    explained = (ROOT / "docs" / "how-to" / "run-in-a-cluster.md").read_text()
    for name, keys in SECRETS.items():
        assert name in explained
        for key in keys:
            assert key in explained, key


def test_services_lead_to_pods_and_ports() -> None:
    for (kind, name), item in objects().items():
        if kind == "Service":
            template = dict(pods())[name]
            assert item["spec"]["selector"].items() <= template["metadata"]["labels"].items()
            open_ports = {port["containerPort"] for c in template["spec"]["containers"] for port in c["ports"]}
            assert {port["port"] for port in item["spec"]["ports"]} <= open_ports


def test_containers_can_change_nothing_but_their_scratch_folders_and_their_data() -> None:
    for name, pod in pods():
        assert pod["spec"]["securityContext"]["runAsNonRoot"], name
        assert pod["spec"]["automountServiceAccountToken"] is False, name
        for container in (*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]):
            assert container["securityContext"]["readOnlyRootFilesystem"], name
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}, name
            assert container["securityContext"]["allowPrivilegeEscalation"] is False, name


def test_the_broker_forgets_nothing_that_it_took() -> None:
    (redis,) = dict(pods())["redis"]["spec"]["containers"]
    assert "--maxmemory-policy noeviction" in " ".join(redis["args"])


def test_the_network_lets_through_what_is_named_and_no_more() -> None:
    policies = {name: item["spec"] for (kind, name), item in objects().items() if kind == "NetworkPolicy"}
    assert policies["deny-by-default"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    named = {
        value
        for spec in policies.values()
        for labels in [spec["podSelector"]]
        for value in (
            *labels.get("matchLabels", {}).values(),
            *(v for expression in labels.get("matchExpressions", ()) for v in expression["values"]),
        )
    }
    assert named == {name for name, _ in pods()}


def test_budgets_and_priorities_are_for_pods_that_exist() -> None:
    for (kind, name), item in objects().items():
        if kind == "PodDisruptionBudget":
            replicas = objects()["Deployment", name]["spec"]["replicas"]
            assert 0 < item["spec"]["minAvailable"] < replicas, "a node could never be drained"
    for name, pod in pods():
        if "priorityClassName" in pod["spec"]:
            assert ("PriorityClass", pod["spec"]["priorityClassName"]) in objects(), name


def test_every_container_that_stays_says_when_it_is_ready() -> None:
    for name, pod in pods():
        if name != "prepare":
            assert all("readinessProbe" in container for container in pod["spec"]["containers"]), name


def test_probes_ask_the_page_that_prometheus_may_read() -> None:
    pages = [policy for (kind, name), policy in objects().items() if (kind, name) == ("NetworkPolicy", "monitoring")]
    (ingress,) = pages[0]["spec"]["ingress"]
    for service in SERVICES:
        pod = dict(pods())[service.name.replace("_", "-")]
        (container,) = pod["spec"]["containers"]
        (port,) = (port["containerPort"] for port in container["ports"] if port["name"] == "metrics")
        assert f"0.0.0.0:{port}" == dockerfile(service.name).environment["VASARI_METRICS_ADDRESS"]
        assert container["readinessProbe"]["httpGet"] == {"path": "/ready", "port": "metrics"}
        assert container["livenessProbe"]["httpGet"] == {"path": "/live", "port": "metrics"}
        assert pod["metadata"]["annotations"]["prometheus.io/port"] == str(port)
        assert port in [each["port"] for each in ingress["ports"]]


def test_a_worker_has_time_to_hand_its_stage_back() -> None:
    grace = Settings.model_fields["grace_seconds"].default
    for name in WORKERS:
        assert dict(pods())[name]["spec"]["terminationGracePeriodSeconds"] > grace
