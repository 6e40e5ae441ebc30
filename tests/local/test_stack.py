"""The stack: servers and services as one thing that starts, mends itself, and stops."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tests.local.conftest import Children

from vasari.client import Client
from vasari.local.process import Event, State
from vasari.local.stack import STAGES, Stack
from vasari.values import Fault, InputError, Unauthenticated

NO_WORKERS = dict.fromkeys(STAGES, 0)


def is_serving(address: str) -> bool:
    with grpc.insecure_channel(address) as channel:
        request = health_pb2.HealthCheckRequest()
        try:
            reply = health_pb2_grpc.HealthStub(channel).Check(request, timeout=2)
        except grpc.RpcError:
            return False
        return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


def test_it_starts_mends_itself_and_stops_in_order(data_dir: Path, children: Children) -> None:
    events: list[Event] = []
    keys: list[str] = []
    with Stack(data_dir, NO_WORKERS, listener=events.append, show_key=keys.append) as stack:
        assert is_serving(stack.address)
        (first,) = keys
        with Client(stack.address, api_key=first) as client:
            assert list(client.jobs()) == []
        with Client(stack.address) as stranger, pytest.raises(Unauthenticated):
            stranger.get("jobs/7c9b6c1e-1111-4222-8333-444444444444")
        environment = data_dir / "run" / "environment"
        assert environment.stat().st_mode & 0o777 == 0o600
        command = f"set -a; . {environment}; {Path(sys.executable).with_name('vasari')} keys create --tenant acme"
        key = subprocess.run(["sh", "-c", command], check=True, capture_output=True, text=True).stdout
        assert key.startswith("vsk_")
        gateway = next(p for p in children() if "vasari_gateway" in p.cmdline())
        gateway.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 30
        while State.DIED not in {event.state for event in events} or not is_serving(stack.address):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        mine = children()
        began = time.monotonic()
    assert time.monotonic() - began < 15
    assert not [child for child in mine if child.is_running()]

    story = [event.state for event in events if event.name == "gateway"]
    assert story == [State.STARTED, State.READY, State.DIED, State.STARTED, State.STOPPED]
    died = next(event for event in events if event.state is State.DIED)
    assert died.detail.startswith("was ended by SIGKILL")
    stopped = [event.name for event in events if event.state is State.STOPPED]
    assert set(stopped[:2]) == {"gateway", "dispatcher"}, "the servers stop after those that need them"


def test_service_that_cannot_start_says_why(data_dir: Path, children: Children) -> None:
    """Of a folder that has a key already: no other is made."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        stack = Stack(data_dir, NO_WORKERS, gateway_port=taken.getsockname()[1], show_key=pytest.fail)
        with pytest.raises(Fault, match=r"(?s)gateway ended with exit code 1; the end of .*gateway\.log.*bind"):
            stack.__enter__()
    assert not children()


def test_unknown_stage_is_refused_by_name(data_dir: Path) -> None:
    with pytest.raises(InputError, match="there is no stage rendering: workers are for face-encode, motion, render"):
        Stack(data_dir, {"rendering": 2})
