"""API keys, and what one tenant can learn of another: nothing, by any method."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from tests.conftest import Gateway, Start, Workers

from vasari.client import Client
from vasari.config import Settings
from vasari.jobs import tenants
from vasari.jobs.schema import ApiKey
from vasari.local.servers import free_ports
from vasari.proto.v1 import jobs_pb2
from vasari.proto.v1.jobs_pb2_grpc import JobServiceStub
from vasari.store import Store
from vasari.values import Controls, InputError, NotFound, QueueFull, Unauthenticated
from vasari.values.parts import Part
from vasari_gateway.callers import keys_are_required

METHODS = {method.name: method for method in jobs_pb2.DESCRIPTOR.services_by_name["JobService"].methods}
POSES = b"second,yaw,pitch,roll\n0,0,0,0\n"
SPEECH = b"what only its owner shall know"


@pytest.fixture(scope="module")
def guarded(start_gateway: Start, engine: Engine) -> Iterator[Gateway]:
    """A gateway that asks for keys."""
    make_key(engine, "owner")  # without any it would not start
    with start_gateway(require_keys=True) as gateway:
        yield gateway


def make_key(engine: Engine, tenant: str) -> str:
    with Session(engine) as session, session.begin():
        return tenants.create_key(session, tenant, "a test")


@pytest.fixture
def owner(guarded: Gateway, engine: Engine, address: str) -> Iterator[Client]:  # noqa: ARG001 - empties the tables
    with Client(guarded.address, api_key=make_key(engine, "owner")) as client:
        yield client


@pytest.fixture
def job(owner: Client, workers: Workers, photo: bytes) -> jobs_pb2.Job:
    """The owner's, with a video."""
    made = owner.submit(photo, SPEECH, request_id="mine")
    workers.finish(b"video")
    return owner.get(made)


Call = Callable[[str, Any], Any]


def caller(channel: grpc.Channel, key: str | None) -> Call:
    """Calls a method with a key; streams are read to their end."""
    metadata = (("authorization", f"Bearer {key}"),) if key is not None else ()

    def call(method: str, request: Any) -> Any:
        send = getattr(JobServiceStub(channel), method)
        answer = send(iter([request]) if METHODS[method].client_streaming else request, metadata=metadata, timeout=10)
        return list(answer) if METHODS[method].server_streaming else answer

    return call


@pytest.fixture
def channel(guarded: Gateway) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(guarded.address) as channel:
        yield channel


@pytest.fixture
def stranger(channel: grpc.Channel, engine: Engine) -> Call:
    """Another tenant, with a key of its own."""
    return caller(channel, make_key(engine, "stranger"))


def request_about(method: str, job: jobs_pb2.Job) -> Any:
    """A valid request that reaches for the job or its assets. A method without a name has to be told of here."""
    kind = getattr(jobs_pb2, METHODS[method].input_type.name)
    if "name" in kind.DESCRIPTOR.fields_by_name:
        return kind(name=job.name)
    if method == "CreateJob":
        return kind(portrait=jobs_pb2.Media(asset=job.portrait), speech=jobs_pb2.Media(asset=job.speech))
    if method == "UploadAsset":
        digest = job.speech.removeprefix("assets/")
        return kind(header=jobs_pb2.AssetHeader(sha256=digest, size_bytes=len(SPEECH)))
    assert method == "ListJobs", f"how could a stranger use {method}?"
    return kind()


@pytest.mark.parametrize("method", METHODS)
def test_a_stranger_learns_nothing(method: str, job: jobs_pb2.Job, owner: Client, stranger: Call) -> None:
    request = request_about(method, job)
    if method == "ListJobs":
        assert stranger(method, request) == jobs_pb2.ListJobsResponse()
        return
    with pytest.raises(grpc.RpcError) as refused:
        stranger(method, request)
    if method == "UploadAsset":  # the owner would be answered "is there already" upon the header
        assert "0 bytes came" in refused.value.details()
    else:
        assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    assert owner.get(job).state == jobs_pb2.JOB_STATE_SUCCEEDED


@pytest.mark.parametrize("role", ["motion", *Part])
def test_a_strangers_job_cannot_be_made_of_the_owners_motion_files(
    role: str, owner: Client, stranger: Call, photo: bytes
) -> None:
    asset = jobs_pb2.Media(asset=owner.upload(POSES).name)
    request = jobs_pb2.CreateJobRequest(portrait=jobs_pb2.Media(content=photo), **{role: asset})
    if role != "motion":
        request.speech.content = b"a speech of one's own"
    with pytest.raises(grpc.RpcError) as refused:
        stranger("CreateJob", request)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    assert stranger("ListJobs", jobs_pb2.ListJobsRequest()) == jobs_pb2.ListJobsResponse()


@pytest.mark.parametrize("method", [name for name in METHODS if name not in ("CreateJob", "UploadAsset", "ListJobs")])
def test_a_stranger_learns_nothing_of_a_motion(method: str, owner: Client, workers: Workers, stranger: Call) -> None:
    job = owner.submit(motion=POSES, motion_only=True)
    workers.motion_file(b"Timecode,JawOpen")
    with pytest.raises(grpc.RpcError) as refused:
        stranger(method, request_about(method, job))
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    assert owner.get(job).state == jobs_pb2.JOB_STATE_SUCCEEDED


def test_the_same_bytes_are_two_assets_of_two_tenants(
    guarded: Gateway, engine: Engine, owner: Client, workers: Workers, photo: bytes, store: Store
) -> None:
    with Client(guarded.address, api_key=make_key(engine, "other")) as other:
        mine = owner.submit(photo, SPEECH, request_id="same id")
        workers.finish(b"mine")
        theirs = other.submit(photo, SPEECH, Controls(seed=1), request_id="same id")
        assert theirs.name != mine.name
        # The owner's encoded face would be at hand, and its use would tell that somebody else knows the photo.
        assert theirs.stages[0].state == jobs_pb2.STAGE_STATE_READY
        owner.delete(mine)
        assert other.get(theirs) == theirs
        digest = hashlib.sha256(SPEECH).hexdigest()
        assert len(store.names(f"other/assets/{digest}/")) == 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("key", [None, "", "vsk_", "vsk_000000000000_" + 43 * "A", "x" * 5000])
def test_without_a_valid_key_no_method_answers(method: str, key: str | None, channel: grpc.Channel) -> None:
    asset = f"assets/{64 * 'a'}"
    job = jobs_pb2.Job(name="jobs/00000000-0000-4000-8000-000000000000", portrait=asset, speech=asset)
    with pytest.raises(grpc.RpcError) as refused:
        caller(channel, key)(method, request_about(method, job))
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    info = error_details_pb2.ErrorInfo()
    assert rpc_status.from_call(refused.value).details[0].Unpack(info)
    assert (info.reason, info.domain) == ("UNAUTHENTICATED", "vasari")


def test_every_character_of_a_key_counts(guarded: Gateway, engine: Engine) -> None:
    key = make_key(engine, "owner")
    for place in (5, 17, len(key) - 1):
        other = key[:place] + ("0" if key[place] != "0" else "1") + key[place + 1 :]
        with Client(guarded.address, api_key=other) as client, pytest.raises(Unauthenticated, match="not valid"):
            list(client.jobs())
    with Client(guarded.address, api_key=key) as client:
        list(client.jobs())


def call_until_refused(client: Client) -> None:
    for _ in range(200):
        list(client.jobs())
        time.sleep(0.05)


def test_a_new_key_opens_at_once_and_a_revoked_one_not_for_long(guarded: Gateway, engine: Engine) -> None:
    key = make_key(engine, "owner")
    with Client(guarded.address, api_key=key) as client:
        list(client.jobs())
        with Session(engine) as session, session.begin():
            tenants.revoke_key(session, key.split("_")[1])
        revoked = time.monotonic()
        with pytest.raises(Unauthenticated, match="not valid, or was revoked"):
            call_until_refused(client)
        assert time.monotonic() - revoked < 5


def test_keys_are_kept_as_digests(engine: Engine) -> None:
    key = make_key(engine, "owner")
    with Session(engine) as session:
        row = session.get(ApiKey, key.split("_")[1])
        assert row is not None
        assert row.digest == hashlib.sha256(key.encode()).hexdigest()
        assert key.split("_", 2)[2] not in str(vars(row))


def test_calls_cost_no_statement_about_keys(owner: Client, engine: Engine) -> None:
    with engine.connect() as connection:

        def scans() -> int:
            connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")
            found = connection.exec_driver_sql(
                "SELECT seq_scan + idx_scan FROM pg_stat_user_tables WHERE relname = 'api_keys'"
            )
            return int(found.scalar_one())

        before, began, calls = scans(), time.monotonic(), 0
        while time.monotonic() - began < 3:
            list(owner.jobs())
            calls += 1
        time.sleep(1.5)  # until the figures of the last ones are in
        assert scans() - before < calls / 10


@pytest.mark.usefixtures("owner")
def test_no_secret_is_logged(guarded: Gateway, engine: Engine, photo: bytes, settings: Settings) -> None:
    key = make_key(engine, "owner")
    with Client(guarded.address, api_key=key) as client:
        client.submit(photo, SPEECH)
        with pytest.raises(NotFound):
            client.get("jobs/00000000-0000-4000-8000-000000000000")
        with pytest.raises(InputError):
            client.submit(b"no photo", SPEECH)
    log = guarded.log.read_text()
    assert '"event": "ready"' in log
    secrets = [key.split("_", 2)[2], settings.s3_secret_key.get_secret_value()]
    secrets.append(settings.database_url.get_secret_value().split(":")[2].split("@")[0])
    assert not [secret for secret in secrets if secret in log]
    assert "**********" in repr(settings)


def error_of(call: Call) -> Any:
    try:
        call("ListJobs", jobs_pb2.ListJobsRequest())
    except grpc.RpcError as error:
        return error
    return None


@pytest.mark.usefixtures("address")
def test_a_caller_that_asks_too_often_is_told_to_wait(start_gateway: Start, engine: Engine) -> None:
    with start_gateway(require_keys=True, requests_per_second=20) as gateway, engine.begin() as connection:
        keys = {name: make_key(engine, name) for name in ("busy", "quiet", "slow")}
        connection.exec_driver_sql("UPDATE tenants SET requests_per_second = 1 WHERE id = 'slow'")
        connection.commit()
        with grpc.insecure_channel(gateway.address) as channel:

            def admitted(name: str) -> int:
                """Calls before one is refused."""
                number = 0
                while (error := error_of(caller(channel, keys[name]))) is None:
                    number += 1
                    assert number < 200
                assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
                info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
                details = rpc_status.from_call(error).details
                assert [details[0].Unpack(info), details[1].Unpack(retry)] == [True, True]
                assert info.reason == "RATE_LIMITED"
                assert 0 < retry.retry_delay.ToTimedelta().total_seconds() <= 1
                return number

            assert 40 <= admitted("busy") < 80
            assert 2 <= admitted("slow") < 5
            caller(channel, keys["quiet"])("ListJobs", jobs_pb2.ListJobsRequest())
        with Client(gateway.address, api_key=keys["busy"]) as patient:
            for _ in range(60):  # waits as it is asked to
                list(patient.jobs())


def test_the_queue_has_a_quota_of_the_tenants_own(
    guarded: Gateway, engine: Engine, owner: Client, photo: bytes
) -> None:
    with Session(engine) as session, session.begin():
        tenants.create_key(session, "small")
        tenants.limit_tenant(session, "small", tenants.Limits(max_unfinished_jobs=0))
        key = tenants.create_key(session, "small")
    owner.submit(photo, SPEECH)
    with Client(guarded.address, api_key=key) as small, pytest.raises(QueueFull, match="0 jobs are unfinished"):
        small.submit(photo, SPEECH)


@pytest.mark.parametrize(
    ("address", "changed", "required"),
    [
        ("127.0.0.1:1", {}, False),
        ("localhost:1", {}, False),
        ("[::1]:1", {}, False),
        ("127.0.0.1:1", {"require_keys": True}, True),
        ("0.0.0.0:1", {}, True),
        ("[::]:1", {}, True),
        ("vasari.example:1", {}, True),
        ("0.0.0.0:1", {"insecure": True}, False),
        ("0.0.0.0:1", {"insecure": True, "require_keys": True}, True),
    ],
)
def test_beyond_loopback_keys_are_asked_for(address: str, changed: dict[str, bool], required: bool) -> None:
    assert keys_are_required(Settings(gateway_address=address, **changed)) is required  # type: ignore[arg-type]


def test_without_a_key_the_gateway_starts_beyond_loopback_only_if_told_so(
    settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM api_keys")
    environment = os.environ | {
        "VASARI_DATABASE_URL": settings.database_url.get_secret_value(),
        "VASARI_S3_ENDPOINT": settings.s3_endpoint,
        "VASARI_S3_ACCESS_KEY": settings.s3_access_key.get_secret_value(),
        "VASARI_S3_SECRET_KEY": settings.s3_secret_key.get_secret_value(),
        "VASARI_GATEWAY_ADDRESS": f"0.0.0.0:{free_ports(1)[0]}",
        "VASARI_READY_FILE": str(tmp_path / "ready"),
    }
    command = [sys.executable, "-m", "vasari_gateway"]
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
    assert refused.returncode == 1
    assert "make one with `vasari keys create --tenant NAME`, or set VASARI_INSECURE=true" in refused.stderr
    started = subprocess.Popen([*command, "--insecure"], env=environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not (tmp_path / "ready").exists():
            assert started.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        started.terminate()
        started.wait(20)
