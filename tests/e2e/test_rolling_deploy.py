"""A new release is rolled out over jobs under way: processes are asked to stop, and no caller sees an error."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import cv2
import psycopg
import pytest
from tests.e2e.conftest import PORTRAIT, SPEECH

from vasari.client import Client
from vasari.local.stack import Stack
from vasari.proto.v1 import jobs_pb2
from vasari.values import Controls

SMALL = Controls(size=256)
KINDS = {
    "face-encode": jobs_pb2.STAGE_KIND_FACE_ENCODE,
    "motion": jobs_pb2.STAGE_KIND_MOTION,
    "render-1": jobs_pb2.STAGE_KIND_RENDER,
}


@pytest.fixture
def new_photo(request: pytest.FixtureRequest) -> bytes:
    """One that no other test has, so that its face is not known."""
    photo = cv2.imread(str(PORTRAIT))
    assert photo is not None
    cv2.putText(photo, request.node.name, (0, 12), cv2.FONT_HERSHEY_PLAIN, 0.8, (0, 0, 0))
    return cv2.imencode(".png", photo)[1].tobytes()


def ask_to_stop(stack: Stack, name: str) -> int:
    pid = stack.processes[name].pid
    assert pid is not None
    os.kill(pid, signal.SIGTERM)
    return pid


def wait_for(what: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def outcomes(stack: Stack, job: jobs_pb2.Job) -> Counter[str]:
    query = "SELECT outcome FROM attempts JOIN stages ON stages.id = stage_id WHERE job_id = %s"
    with psycopg.connect(stack.environment["VASARI_DATABASE_URL"]) as connection:
        return Counter(row[0] for row in connection.execute(query, [UUID(job.name.removeprefix("jobs/"))]))


@pytest.mark.parametrize("worker", KINDS)
def test_a_worker_that_is_asked_to_stop_in_mid_stage_finishes_it_or_hands_it_back(
    client: Client, stack: Stack, speech_of: Callable[[float], Path], new_photo: bytes, tmp_path: Path, worker: str
) -> None:
    at_work = "SELECT count(*) FROM stages WHERE state = 'RUNNING' AND worker LIKE '%%:' || %s::text"
    job = client.submit(new_photo, speech_of(10.0), SMALL)
    watch = client.watch(job)
    with psycopg.connect(stack.environment["VASARI_DATABASE_URL"], autocommit=True) as connection:
        wait_for(lambda: connection.execute(at_work, [stack.processes[worker].pid]).fetchone() == (1,))
    pid = ask_to_stop(stack, worker)
    *_, done = watch  # an error would be raised here
    assert done.state == jobs_pb2.JOB_STATE_SUCCEEDED, done.failure
    client.download(done, tmp_path / "video.mp4")
    ended = outcomes(stack, job)
    assert set(ended) <= {"SUCCEEDED", "RELEASED"}, "nothing is lost, nothing fails"
    assert sum(stage.attempts > 1 for stage in done.stages) == 0, "what is handed back counts no attempt"
    wait_for(lambda: stack.processes[worker].running and stack.processes[worker].pid != pid)


def test_every_process_is_replaced_under_a_job_that_is_watched(
    client: Client, stack: Stack, speech_of: Callable[[float], Path], tmp_path: Path
) -> None:
    job = client.submit(PORTRAIT, speech_of(12.0), SMALL)
    watch = client.watch(job)
    done = job
    for name in ("gateway", "dispatcher", "face-encode", "motion", "render-1", "render-2"):
        done = next(watch, done)  # of the last ones the job may have no need any more
        pid = ask_to_stop(stack, name)
        wait_for(lambda name=name, pid=pid: stack.processes[name].running and stack.processes[name].pid != pid)  # type: ignore[misc]
    *_, done = done, *watch
    assert done.state == jobs_pb2.JOB_STATE_SUCCEEDED, done.failure
    assert set(outcomes(stack, job)) <= {"SUCCEEDED", "RELEASED"}
    client.download(done, tmp_path / "video.mp4")
    again = client.submit(PORTRAIT, SPEECH, SMALL)
    *_, done = client.watch(again)
    assert done.state == jobs_pb2.JOB_STATE_SUCCEEDED, "and those that came after them serve"
