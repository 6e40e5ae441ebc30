"""Health, reflection, deadlines, graceful stops, and what a gateway does without."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import uuid

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from sqlalchemy import Engine, text
from tests.conftest import Start

from vasari.client import AsyncClient, Client, Unreachable
from vasari.local.servers import free_ports
from vasari.proto.v1 import jobs_pb2
from vasari.proto.v1.jobs_pb2_grpc import JobServiceStub
from vasari.store import Store
from vasari.telemetry import Readiness, pulse, readiness
from vasari.values import Fault, Reason
from vasari_gateway.health import keep_health
from vasari_gateway.transactions import Transactions

SERVICE = "vasari.v1.JobService"
Health = health_pb2.HealthCheckResponse


def health_of(address: str, service: str) -> int:
    with grpc.insecure_channel(address) as channel:
        request = health_pb2.HealthCheckRequest(service=service)
        return health_pb2_grpc.HealthStub(channel).Check(request, timeout=5).status


@pytest.mark.parametrize("service", ["", SERVICE])
def test_it_serves_while_database_and_store_answer(address: str, service: str) -> None:
    assert health_of(address, service) == Health.SERVING


@pytest.mark.usefixtures("address")
def test_it_does_not_serve_while_the_store_is_away(start_gateway: Start, photo: bytes) -> None:
    nowhere = f"127.0.0.1:{free_ports(1)[0]}"
    with start_gateway(until="listening", s3_endpoint=nowhere) as gateway:
        deadline = time.monotonic() + 10
        while health_of(gateway.address, SERVICE) != Health.NOT_SERVING:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        with Client(gateway.address) as client:
            with pytest.raises(Fault, match="object store does not answer") as refused:
                client.submit(photo, b"speech")
            assert refused.value.reason is Reason.UNAVAILABLE
            assert list(client.jobs()) == []


async def test_an_event_loop_that_hangs_is_not_alive(
    engine: Engine, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def set_status(_service: str, _status: int) -> None:
        pass

    ready = Readiness(None)
    looking = asyncio.create_task(keep_health(set_status, ("",), Transactions(engine, 1), store, ready))
    while ready.problem:
        await asyncio.sleep(0.05)
    assert pulse.problem() is None
    monkeypatch.setattr(readiness, "HUNG_SECONDS", 0.2)
    time.sleep(0.3)
    assert "no sign of life" in str(pulse.problem())
    looking.cancel()
    pulse.rest()


def test_it_tells_what_it_offers(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        ask = reflection_pb2.ServerReflectionRequest
        questions = [ask(list_services=""), ask(file_containing_symbol=SERVICE)]
        services, file = stub.ServerReflectionInfo(iter(questions))
    names = {service.name for service in services.list_services_response.service}
    assert {SERVICE, "grpc.health.v1.Health"} <= names
    assert b"vasari/v1/jobs.proto" in file.file_descriptor_response.file_descriptor_proto[0]


def test_a_deadline_ends_the_work_behind_it(client: Client, stub: JobServiceStub, engine: Engine, photo: bytes) -> None:
    job = client.submit(photo, b"speech")
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%jobs%'")
    with engine.connect() as rival, engine.connect() as looker:
        rival.execute(text("SELECT 1 FROM jobs FOR UPDATE"))
        asked = time.monotonic()
        with pytest.raises(grpc.RpcError) as late:
            stub.CancelJob(jobs_pb2.CancelJobRequest(name=job.name), timeout=0.5)
        assert late.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert time.monotonic() - asked < 1
        while looker.scalar(waiting):
            assert time.monotonic() - asked < 3, "the query goes on without its caller"
            time.sleep(0.05)
            looker.rollback()
        rival.rollback()
    assert client.get(job).state == jobs_pb2.JOB_STATE_QUEUED


def test_a_stopping_gateway_finishes_what_it_began(
    start_gateway: Start, client: Client, engine: Engine, photo: bytes
) -> None:
    job = client.submit(photo, b"speech")
    with start_gateway() as gateway, grpc.insecure_channel(gateway.address) as channel, engine.connect() as rival:
        rival.execute(text("SELECT 1 FROM jobs FOR UPDATE"))
        cancelling = JobServiceStub(channel).CancelJob.future(jobs_pb2.CancelJobRequest(name=job.name))
        time.sleep(0.5)
        gateway.process.terminate()
        time.sleep(0.5)
        rival.rollback()
        assert cancelling.result(timeout=5).state == jobs_pb2.JOB_STATE_CANCELLED
        assert gateway.process.wait(10) == 0


def test_nobody_there() -> None:
    address = f"127.0.0.1:{free_ports(1)[0]}"
    with Client(address) as client, pytest.raises(Unreachable, match=f"no Vasari server answers at {address}"):
        client.get(f"jobs/{uuid.uuid4()}")


def test_the_clients_offer_the_same() -> None:
    offered = [{name for name in vars(kind) if not name.startswith("_")} for kind in (Client, AsyncClient)]
    assert offered[0] == offered[1]


async def test_the_asyncio_client(address: str, photo: bytes) -> None:
    async with AsyncClient(address) as client:
        portrait = await client.upload(photo)
        job = await client.submit(portrait, b"speech")
        watch = client.watch(job)
        assert await anext(watch) == await client.get(job)
        await client.cancel(job)
        assert [now.state async for now in watch] == [jobs_pb2.JOB_STATE_CANCELLED]
        assert [each.name async for each in client.jobs()] == [job.name]
        await client.delete(job)
        assert [each async for each in client.jobs()] == []


def test_no_model_is_loaded() -> None:
    heavy = {"torch", "cv2", "scipy", "av", "matplotlib"}
    program = f"import sys, vasari_gateway.server; print({heavy} & set(sys.modules))"
    output = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert output.strip() == "set()"
