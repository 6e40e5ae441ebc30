"""Each service has an image that is built from the pinned requirements and starts what it should. Takes 2 s."""

from __future__ import annotations

import ast
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from tests.deploy.dockerfiles import ROOT, SERVICES, dockerfile, runnable

from vasari.config import Settings

NAMES = [service.name for service in SERVICES]
WITHOUT_TORCH = {"gateway", "dispatcher"}


@pytest.mark.parametrize("service", NAMES)
def test_the_linter_finds_nothing(service: str) -> None:
    hadolint = Path(sysconfig.get_path("scripts"), "hadolint")
    found = subprocess.run([hadolint, dockerfile(service).path], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "")


@pytest.mark.parametrize("service", NAMES)
def test_what_is_copied_exists_and_is_not_ignored(service: str) -> None:
    let_in = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    for source in dockerfile(service).sources:
        assert (ROOT / source).exists(), source
        assert Path(source).parts[0] in let_in, source


@pytest.mark.parametrize("service", NAMES)
def test_it_starts_the_services_own_package(service: str) -> None:
    assert dockerfile(service).entrypoint == ["python", "-m", f"vasari_{service}"]
    assert runnable(f"vasari_{service}")


@pytest.mark.parametrize("service", NAMES)
def test_versions_come_from_the_lock_file(service: str) -> None:
    installs = [run for run in dockerfile(service).all("RUN") if "pip install" in run]
    assert any(
        f"-c requirements/lock.txt --no-build-isolation ./shared ./services/{service}" in run for run in installs
    )
    for command in (part for run in installs for part in run.split("&&") if "pip install" in part):
        assert "-c requirements/lock.txt" in command or "--no-deps" in command, command


@pytest.mark.parametrize("service", NAMES)
def test_torch_and_published_weights_are_only_where_they_are_used(service: str) -> None:
    installs = " ".join(dockerfile(service).all("RUN"))
    assert ("requirements/torch.txt" in installs) == (service not in WITHOUT_TORCH)
    code = "".join(path.read_text() for path in (ROOT / "services" / service).rglob("*.py"))
    assert ("grep mediapipe requirements/models.txt" in installs) == ("vasari.face" in code)
    assert ("grep whisper requirements/models.txt" in installs) == ("vasari.motion " in code)


@pytest.mark.parametrize("service", NAMES)
def test_its_environment_names_settings_that_exist(service: str) -> None:
    names = {name for name in dockerfile(service).environment if name.startswith("VASARI_")}
    assert "VASARI_READY_FILE" in names
    assert {name.removeprefix("VASARI_").lower() for name in names} <= set(Settings.model_fields)


@pytest.mark.parametrize("service", sorted(set(NAMES) - {"gateway"}))
def test_health_is_the_ready_file(service: str) -> None:
    file = dockerfile(service)
    assert file.healthcheck == ["test", "-f", file.environment["VASARI_READY_FILE"]]


@pytest.mark.parametrize(("status", "exit_code"), [("SERVING", 0), ("NOT_SERVING", 1)])
def test_health_of_the_gateway_is_what_it_says_of_itself(status: str, exit_code: int) -> None:
    server, service = grpc.server(ThreadPoolExecutor(1)), health.HealthServicer()
    service.set("", health_pb2.HealthCheckResponse.ServingStatus.Value(status))
    health_pb2_grpc.add_HealthServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()

    python, option, code = dockerfile("gateway").healthcheck
    assert (python, option) == ("python", "-c")
    code = code.replace("127.0.0.1:8470", f"127.0.0.1:{port}")
    assert str(port) in code
    assert ast.parse(code)
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == exit_code
    server.stop(None)
