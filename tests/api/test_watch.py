"""WatchJob: what happens to a job, as it happens."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Iterator

import grpc
import pytest
from tests.conftest import Start, Workers

from vasari.client import Client
from vasari.jobs import work
from vasari.jobs.states import StageKind
from vasari.local.servers import free_ports
from vasari.proto.v1 import jobs_pb2
from vasari.proto.v1.jobs_pb2_grpc import JobServiceStub

SPEECH = b"speech"


def until(jobs: Iterator[jobs_pb2.Job], state: int) -> jobs_pb2.Job:
    return next(job for job in jobs if job.state == state)


def stage(job: jobs_pb2.Job, kind: int) -> jobs_pb2.Stage:
    return job.stages[kind - 1]


def test_a_watch_shows_every_stage_and_ends_with_the_job(client: Client, workers: Workers, photo: bytes) -> None:
    job = client.submit(photo, SPEECH)
    watch = client.watch(job)
    assert next(watch) == job

    workers.face()
    running = until(watch, jobs_pb2.JOB_STATE_RUNNING)
    while stage(running, jobs_pb2.STAGE_KIND_FACE_ENCODE).state != jobs_pb2.STAGE_STATE_SUCCEEDED:
        running = next(watch)

    workers.motion(2, frames=100)
    workers.segment(b"first")
    while not running.segments:
        running = next(watch)
    render = stage(running, jobs_pb2.STAGE_KIND_RENDER)
    assert (render.state, render.frames_done, render.frames_total) == (jobs_pb2.STAGE_STATE_RUNNING, 100, 200)
    assert 0.5 < running.progress < 0.6
    (segment,) = running.segments
    assert (segment.index, segment.first_frame, segment.frames) == (0, 0, 100)
    with urllib.request.urlopen(segment.uri) as answer:
        assert answer.read() == b"first"

    workers.segment(b"second")
    workers.join(b"video")
    *_, ended = watch
    assert ended.state == jobs_pb2.JOB_STATE_SUCCEEDED
    assert ended.progress == 1
    assert ended.result.frames == 200
    assert {each.state for each in ended.stages} == {jobs_pb2.STAGE_STATE_SUCCEEDED}
    for each in ended.stages:
        assert each.end_time.ToDatetime() > each.start_time.ToDatetime()
    assert not ended.segments


def test_a_change_is_told_at_once(client: Client, photo: bytes) -> None:
    job = client.submit(photo, SPEECH)
    watch = client.watch(job)
    next(watch)
    time.sleep(0.5)
    asked = time.monotonic()
    client.cancel(job)
    assert next(watch).state == jobs_pb2.JOB_STATE_CANCELLED
    assert time.monotonic() - asked < 0.5
    assert list(watch) == []


def test_changes_come_at_most_ten_times_a_second(client: Client, workers: Workers, photo: bytes) -> None:
    job = client.submit(photo, SPEECH)
    lease = workers.claim(StageKind.FACE_ENCODE)
    seen: list[jobs_pb2.Job] = []
    watching = threading.Thread(target=lambda: seen.extend(client.watch(job)))
    watching.start()
    began = time.monotonic()
    while time.monotonic() - began < 2:
        workers.do(work.renew, lease, 1, 60.0)
    workers.do(work.finish, lease, {"object": "face"})
    workers.motion(1, frames=1000)
    lease = workers.claim(StageKind.RENDER)
    began = time.monotonic()
    for frame in range(200):
        workers.do(work.renew, lease, frame, 60.0)
        time.sleep(0.005)
    seconds = time.monotonic() - began
    client.cancel(job)
    watching.join(5)
    assert seen[-1].state == jobs_pb2.JOB_STATE_CANCELLED
    assert 5 <= len(seen) <= 10 * seconds + 8
    done = [stage(each, jobs_pb2.STAGE_KIND_RENDER).frames_done for each in seen]
    assert done == sorted(done)


def test_a_watch_outlives_the_gateway(start_gateway: Start, client: Client, workers: Workers, photo: bytes) -> None:
    job = client.submit(photo, SPEECH)
    address = f"127.0.0.1:{free_ports(1)[0]}"
    with Client(address) as other:
        with start_gateway(gateway_address=address):
            watch = other.watch(job)
            next(watch)
        with start_gateway(gateway_address=address):
            workers.finish(b"video")
            *_, ended = watch
    assert ended.state == jobs_pb2.JOB_STATE_SUCCEEDED


def test_a_stopping_gateway_ends_its_watches_so_that_they_come_again(
    start_gateway: Start, client: Client, photo: bytes
) -> None:
    job = client.submit(photo, SPEECH)
    with start_gateway() as gateway, grpc.insecure_channel(gateway.address) as channel:
        watch = JobServiceStub(channel).WatchJob(jobs_pb2.WatchJobRequest(name=job.name))
        assert next(watch) == job
        gateway.process.terminate()
        with pytest.raises(grpc.RpcError) as ended:
            next(watch)
        assert ended.value.code() is grpc.StatusCode.UNAVAILABLE
        assert gateway.process.wait(10) == 0
