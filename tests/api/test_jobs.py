"""CreateJob, GetJob, ListJobs, CancelJob, DeleteJob."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from tests.conftest import Start, Workers

from vasari.client import Client
from vasari.jobs import work
from vasari.jobs.states import StageKind
from vasari.proto.v1 import jobs_pb2
from vasari.proto.v1.jobs_pb2_grpc import JobServiceStub
from vasari.values import Conflict, Controls, Emotion, NotFound, QueueFull, Reason
from vasari.values.wire import controls_from_proto

SPEECH = b"what a worker would find out about, not the gateway"


def test_a_job_is_accepted_with_all_that_was_asked(client: Client, photo: bytes) -> None:
    controls = Controls(emotion={Emotion.SAD: 0.5}, head_distance=1.25, seed=2**63 - 1, fps=30, face_index=0)
    job = client.submit(photo, SPEECH, controls, request_id="once", timeout=90)

    assert job.state == jobs_pb2.JOB_STATE_QUEUED
    assert controls_from_proto(job.controls) == controls
    assert job.portrait == f"assets/{hashlib.sha256(photo).hexdigest()}"
    assert job.speech == f"assets/{hashlib.sha256(SPEECH).hexdigest()}"
    assert job.request_id == "once"
    assert job.deadline.ToDatetime() - job.create_time.ToDatetime() == pytest.approx(
        timedelta(seconds=90), abs=timedelta(seconds=1)
    )
    assert [stage.kind for stage in job.stages] == [1, 2, 3, 4]
    assert [stage.state for stage in job.stages] == [jobs_pb2.STAGE_STATE_READY] + 3 * [jobs_pb2.STAGE_STATE_BLOCKED]
    assert client.get(job) == client.get(job.name) == job


def test_defaults_are_written_into_the_job(stub: JobServiceStub, photo: bytes) -> None:
    media = jobs_pb2.Media(content=photo)
    job = stub.CreateJob(jobs_pb2.CreateJobRequest(portrait=media, speech=jobs_pb2.Media(content=SPEECH)))
    assert (job.controls.fps, job.controls.size, job.controls.blink_rate) == (25, 512, 28)
    assert controls_from_proto(job.controls) == Controls()


def test_a_motion_alone_shows_the_stages_that_it_goes_through(client: Client, workers: Workers) -> None:
    job = client.submit(speech=SPEECH, motion_only=True)
    assert (job.portrait, job.result_kind) == ("", jobs_pb2.RESULT_KIND_MOTION)
    assert [stage.kind for stage in job.stages] == [jobs_pb2.STAGE_KIND_MOTION]
    lease = workers.claim(StageKind.MOTION)
    workers.do(work.set_length, lease, 400)
    workers.do(work.renew, lease, 100, 60.0)
    now = client.get(job)
    assert (now.state, now.progress) == (jobs_pb2.JOB_STATE_RUNNING, 0.25)
    assert (now.stages[0].frames_done, now.stages[0].frames_total) == (100, 400)
    assert client.cancel(job).stages[0].state == jobs_pb2.STAGE_STATE_CANCELLED


def test_a_repeated_request_makes_no_second_job(client: Client, photo: bytes) -> None:
    first = client.submit(photo, SPEECH, request_id="same")
    assert client.submit(photo, SPEECH, request_id="same").name == first.name
    assert client.submit(photo, SPEECH).name != first.name
    assert len(list(client.jobs())) == 2


def test_a_request_id_stands_for_one_request_only(client: Client, photo: bytes) -> None:
    client.submit(photo, SPEECH, request_id="same")
    with pytest.raises(Conflict, match="request_id 'same' was used for another request"):
        client.submit(photo, SPEECH, Controls(seed=1), request_id="same")


def test_uploaded_assets_serve_any_number_of_jobs(client: Client, photo: bytes) -> None:
    portrait, speech = client.upload(photo), client.upload(SPEECH)
    jobs = [client.submit(portrait, speech) for _ in range(2)]
    assert {(job.portrait, job.speech) for job in jobs} == {(portrait.name, speech.name)}


def test_an_asset_that_is_not_there(client: Client, photo: bytes) -> None:
    with pytest.raises(NotFound, match="there is no asset assets/0000"):
        client.submit(photo, jobs_pb2.Asset(name="assets/" + 64 * "0"))


CALLS = {
    "get": Client.get,
    "cancel": Client.cancel,
    "delete": Client.delete,
    "download": lambda client, name: client.download(name, "never.mp4"),
    "watch": lambda client, name: next(client.watch(name)),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_job_that_is_not_there(client: Client, call: str) -> None:
    name = f"jobs/{uuid.uuid4()}"
    with pytest.raises(NotFound, match=f"there is no job {name}"):
        CALLS[call](client, name)


def test_pages_hold_every_job_once_newest_first(client: Client, photo: bytes) -> None:
    portrait, speech = client.upload(photo), client.upload(SPEECH)
    names = [client.submit(portrait, speech, Controls(seed=seed)).name for seed in range(7)]
    assert [job.name for job in client.jobs(page_size=3)] == names[::-1]


def test_pages_of_some_states(client: Client, stub: JobServiceStub, photo: bytes) -> None:
    portrait, speech = client.upload(photo), client.upload(SPEECH)
    jobs = [client.submit(portrait, speech, Controls(seed=seed)) for seed in range(4)]
    client.cancel(jobs[1])
    client.cancel(jobs[2])
    cancelled = client.jobs([jobs_pb2.JOB_STATE_CANCELLED], page_size=1)
    assert [job.name for job in cancelled] == [jobs[2].name, jobs[1].name]
    both = stub.ListJobs(jobs_pb2.ListJobsRequest(states=["JOB_STATE_QUEUED", "JOB_STATE_CANCELLED"]))
    assert (len(both.jobs), both.next_page_token) == (4, "")


def test_cancel_ends_a_job_and_leaves_an_ended_one_alone(client: Client, photo: bytes) -> None:
    job = client.submit(photo, SPEECH)
    ended = client.cancel(job)
    assert ended.state == jobs_pb2.JOB_STATE_CANCELLED
    assert {stage.state for stage in ended.stages} == {jobs_pb2.STAGE_STATE_CANCELLED}
    assert client.cancel(job) == client.get(job) == ended


def test_delete_forgets_a_job_and_its_media(client: Client, photo: bytes) -> None:
    job, other = client.submit(photo, SPEECH), client.submit(photo, b"another speech")
    client.delete(job)
    with pytest.raises(NotFound):
        client.get(job)
    assert [left.name for left in client.jobs()] == [other.name]
    with pytest.raises(NotFound, match=job.speech):
        client.submit(jobs_pb2.Asset(name=other.portrait), jobs_pb2.Asset(name=job.speech))


@pytest.mark.usefixtures("address")
def test_a_full_queue_says_when_to_try_again(start_gateway: Start, photo: bytes) -> None:
    with start_gateway(max_unfinished_jobs=2) as gateway, Client(gateway.address) as narrow:
        jobs = [narrow.submit(photo, SPEECH, Controls(seed=seed)) for seed in range(2)]
        with pytest.raises(QueueFull, match="2 jobs are unfinished") as refused:
            narrow.submit(photo, SPEECH)
        assert refused.value.reason is Reason.QUEUE_FULL
        assert refused.value.retry_after > 0
        narrow.cancel(jobs[0])
        narrow.submit(photo, SPEECH)

        with grpc.insecure_channel(gateway.address) as channel:
            media = jobs_pb2.Media(content=photo)
            with pytest.raises(grpc.RpcError) as raw:
                JobServiceStub(channel).CreateJob(jobs_pb2.CreateJobRequest(portrait=media, speech=media))
        assert raw.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        details = rpc_status.from_call(raw.value).details
        info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
        assert [details[0].Unpack(info), details[1].Unpack(retry)] == [True, True]
        assert (info.reason, info.domain) == ("QUEUE_FULL", "vasari")
        assert retry.retry_delay.ToTimedelta() > timedelta(0)
