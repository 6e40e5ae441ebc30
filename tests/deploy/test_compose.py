"""docker-compose.yml starts the whole service in order, from files that exist. Takes 0.1 s."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import compose_spec
import pytest
import yaml
from tests.deploy.dockerfiles import ROOT, SERVICES, dockerfile, runnable

from vasari.config import Settings

TEXT: Final = (ROOT / "docker-compose.yml").read_text()
COMPOSE: Final[dict[str, Any]] = yaml.safe_load(TEXT)
PARTS: Final[dict[str, dict[str, Any]]] = COMPOSE["services"]
OURS: Final = {name for name, part in PARTS.items() if "build" in part}
MONITORING: Final = {"prometheus", "grafana"}
ONE_SHOTS: Final = {"migrate", "bucket", "volume"}
SERVERS: Final = {"postgres", "redis", "minio"} | MONITORING


def test_it_keeps_to_the_compose_specification() -> None:
    compose_spec.PyCompose.from_json(json.dumps(COMPOSE)).validate()


def test_it_names_every_service_and_every_server() -> None:
    services = {service.name.replace("_", "-") for service in SERVICES}
    assert set(PARTS) == services | SERVERS | ONE_SHOTS


@pytest.mark.parametrize("name", sorted(OURS))
def test_images_are_built_from_dockerfiles_that_exist(name: str) -> None:
    build = PARTS[name]["build"]
    assert build["context"] == "."
    assert (ROOT / build["dockerfile"]).is_file()


@pytest.mark.parametrize("name", sorted(SERVERS))
def test_images_of_others_are_pinned_by_tag(name: str) -> None:
    _, _, tag = PARTS[name]["image"].partition(":")
    assert re.search(r"\d", tag)


@pytest.mark.parametrize("name", ["migrate", "bucket"])
def test_one_shots_are_modules_that_can_be_run(name: str) -> None:
    python, option, module = PARTS[name]["entrypoint"]
    assert (python, option) == ("python", "-m")
    assert runnable(module)


@pytest.mark.parametrize("name", sorted(OURS))
def test_settings_exist(name: str) -> None:
    fields = {f"VASARI_{field.upper()}" for field in Settings.model_fields}
    assert set(PARTS[name]["environment"]) <= fields


def test_what_it_takes_from_the_environment_stands_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    for name in set(re.findall(r"\$\{(\w+):\?", TEXT)):
        assert re.search(rf"^{name}=$", example, re.MULTILINE), name
    for name in set(re.findall(r"\$\{(\w+):-", TEXT)):
        assert re.search(rf"^#{name}=", example, re.MULTILINE), name


def test_everything_waits_for_what_it_needs_to_be_healthy_or_done() -> None:
    for name, part in PARTS.items():
        for other, how in part.get("depends_on", {}).items():
            one_shot = other in ONE_SHOTS
            assert how["condition"] == ("service_completed_successfully" if one_shot else "service_healthy"), name
            assert one_shot or "healthcheck" in PARTS[other], name
    for service in OURS - {"migrate", "bucket"}:
        assert {"migrate", "bucket"} <= set(PARTS[service]["depends_on"])


def test_data_lies_in_named_volumes() -> None:
    mounts = {volume.split(":")[0] for name in SERVERS for volume in PARTS[name]["volumes"]}
    volumes = {mount for mount in mounts if not mount.startswith("./")}
    assert volumes == set(COMPOSE["volumes"]) == SERVERS


def test_nothing_listens_beyond_this_machine() -> None:
    for part in PARTS.values():
        for port in part.get("ports", ()):
            assert port.startswith("127.0.0.1:")


def test_the_broker_keeps_what_it_took() -> None:
    command = " ".join(PARTS["redis"]["command"])
    assert "--maxmemory-policy noeviction" in command
    assert "--appendonly yes" in command


def test_a_worker_has_time_to_hand_its_stage_back() -> None:
    grace = Settings.model_fields["grace_seconds"].default
    for name in OURS - {"migrate", "bucket"}:
        assert float(PARTS[name]["stop_grace_period"].removesuffix("s")) > grace


@pytest.mark.parametrize("name", sorted(PARTS))
def test_no_container_can_be_changed_or_gain_powers(name: str) -> None:
    part = PARTS[name]
    assert part["read_only"] is True
    assert part["cap_drop"] == ["ALL"]
    assert "cap_add" not in part
    assert part["security_opt"] == ["no-new-privileges:true"]


def test_no_server_is_root() -> None:
    """Ours say so in their Dockerfiles."""
    for name in SERVERS - MONITORING:
        assert PARTS[name]["user"] not in ("0", "root"), name


def test_the_store_can_write_to_its_volume() -> None:
    """Whoever mounts an empty volume first gives it its owner."""
    assert PARTS["volume"]["image"] == PARTS["redis"]["image"], "the image whose /data belongs to user 999"
    assert PARTS["volume"]["volumes"] == PARTS["minio"]["volumes"]
    assert PARTS["minio"]["depends_on"]["volume"] == {"condition": "service_completed_successfully"}
    assert PARTS["minio"]["user"] == "999"


@pytest.mark.parametrize("name", sorted(set(PARTS) - ONE_SHOTS))
def test_what_stays_is_asked_for_its_health_and_started_again(name: str) -> None:
    assert name in OURS or "healthcheck" in PARTS[name]  # ours stand in their Dockerfiles
    assert PARTS[name]["restart"] == "unless-stopped"


def test_files_that_are_mounted_exist_and_cannot_be_written() -> None:
    mounts = [mount for part in PARTS.values() for mount in part.get("volumes", ()) if mount.startswith("./")]
    assert len(mounts) == 5
    for mount in mounts:
        source, _, mode = mount.split(":")
        assert (ROOT / source).is_file(), source
        assert mode == "ro"


def test_prometheus_reads_the_page_of_every_service() -> None:
    (scrape,) = yaml.safe_load((ROOT / "deploy" / "monitoring" / "prometheus.yaml").read_text())["scrape_configs"]
    (found,) = scrape["dns_sd_configs"]
    assert set(found["names"]) == OURS - {"migrate", "bucket"}
    for service in SERVICES:
        address = dockerfile(service.name).environment["VASARI_METRICS_ADDRESS"]
        assert address == f"0.0.0.0:{found['port']}"
        assert str(found["port"]) in dockerfile(service.name).all("EXPOSE")[0].split()


def test_grafana_finds_prometheus_and_the_dashboard() -> None:
    folder = ROOT / "deploy" / "monitoring" / "grafana"
    (source,) = yaml.safe_load((folder / "datasource.yaml").read_text())["datasources"]
    host, port = source["url"].removeprefix("http://").split(":")
    assert f"127.0.0.1:{port}:{port}" in PARTS[host]["ports"]
    (provider,) = yaml.safe_load((folder / "dashboards.yaml").read_text())["providers"]
    targets = [mount.split(":")[1] for mount in PARTS["grafana"]["volumes"]]
    assert f"{provider['options']['path']}/vasari.json" in targets
    dashboard = json.loads((folder / "vasari.json").read_text())
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"]} == {source["uid"]}
