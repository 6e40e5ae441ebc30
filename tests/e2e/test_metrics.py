"""What the processes of a real stack export after real jobs, and that the page about it is whole. Takes 20 s."""

from __future__ import annotations

import io
from typing import Final

import pytest
from PIL import Image
from prometheus_client import REGISTRY
from tests.docs.pages import page, rows
from tests.e2e.conftest import PORTRAIT, SPEECH
from tests.telemetry.pages import metrics, value, wait_until

from vasari.client import Client
from vasari.local.stack import Stack
from vasari.proto.v1 import jobs_pb2
from vasari.values import Controls, NotFound

GPU: Final = {"vasari_gpu_memory_bytes", "vasari_gpu_memory_used_bytes", "vasari_gpu_memory_reserved_bytes"}
STAGES: Final = ("face-encode", "motion", "render", "join")


@pytest.fixture(scope="module")
def jobs(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> list[jobs_pb2.Job]:
    """One whose face was encoded and one whose face was known; then a download, and a call that failed."""
    photo = io.BytesIO()
    Image.open(PORTRAIT).save(photo, "jpeg", quality=88)  # of which no other test has made a face
    done = []
    with Client(stack.address) as client:
        for seed in (1, 2):
            job = client.submit(photo.getvalue(), SPEECH, Controls(size=256, seed=seed))
            for now in client.watch(job):
                job = now
            assert job.state == jobs_pb2.JOB_STATE_SUCCEEDED
            done.append(job)
        client.download(done[0], tmp_path_factory.mktemp("video") / "video.mp4")
        with pytest.raises(NotFound):
            client.get("jobs/00000000-0000-4000-8000-000000000000")
    return done


def total(stack: Stack, sample: str, **labels: str) -> float:
    return sum(value(address, sample, **labels) for address in stack.pages.values())


def test_the_page_lists_every_metric_that_there_is_with_its_type_and_labels(stack: Stack) -> None:
    documented = {name: row for name, row in rows(page("reference/metrics.md").text).items() if name != "metric"}
    defined = {}
    for collector in set(REGISTRY._collector_to_names):
        for family in collector.collect() if type(collector).__module__ == "prometheus_client.metrics" else ():
            if family.name.startswith("vasari_"):
                suffix = "_total" if family.type == "counter" else ""
                defined[family.name + suffix] = (family.type, getattr(collector, "_labelnames", ()))
    assert documented.keys() == defined.keys() | GPU
    for name, (kind, labels) in defined.items():
        assert documented[name][0] == kind, name
        assert [label.strip(" `") for label in documented[name][1].split(",") if label] == list(labels), name
    exported = {name for address in stack.pages.values() for name in metrics(address) if name.startswith("vasari_")}
    exported -= {name for name in exported if name.endswith("_created")}  # when a counter began
    assert {name.removesuffix("_total") for name in defined} == exported - GPU


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize("stage", STAGES)
def test_stages_tell_how_long_they_waited_and_took(stack: Stack, stage: str) -> None:
    waits = total(stack, "vasari_stage_queue_wait_seconds_count", stage=stage)
    succeeded = total(stack, "vasari_stage_duration_seconds_count", stage=stage, outcome="succeeded")
    assert waits >= succeeded >= 1
    assert 0 < total(stack, "vasari_stage_queue_wait_seconds_sum", stage=stage) / waits < 60
    assert total(stack, "vasari_stage_duration_seconds_sum", stage=stage, outcome="succeeded") > 0


def test_frames_are_those_of_the_videos(stack: Stack, jobs: list[jobs_pb2.Job]) -> None:
    frames = sum(job.result.frames for job in jobs)
    for stage in ("motion", "render"):
        assert total(stack, "vasari_frames_total", stage=stage) >= frames


@pytest.mark.usefixtures("jobs")
def test_faces_are_counted_as_known_or_not(stack: Stack) -> None:
    assert total(stack, "vasari_face_cache_lookups_total", result="miss") >= 1
    assert total(stack, "vasari_face_cache_lookups_total", result="hit") >= 1


def test_calls_are_counted_by_code_with_time_and_bytes(stack: Stack, jobs: list[jobs_pb2.Job]) -> None:
    gateway = stack.pages["gateway"]
    assert value(gateway, "vasari_grpc_requests_total", method="CreateJob", code="OK") >= 2
    assert value(gateway, "vasari_grpc_requests_total", method="WatchJob", code="OK") >= 2
    assert value(gateway, "vasari_grpc_requests_total", method="GetJob", code="NOT_FOUND") >= 1
    assert value(gateway, "vasari_grpc_request_duration_seconds_count", method="GetJob") >= 1
    assert value(gateway, "vasari_grpc_received_bytes_total") > SPEECH.stat().st_size
    assert value(gateway, "vasari_grpc_sent_bytes_total", method="DownloadResult") >= jobs[0].result.size_bytes
    assert value(gateway, "vasari_store_written_bytes_total") >= SPEECH.stat().st_size
    assert value(stack.pages["dispatcher"], "vasari_store_written_bytes_total") >= jobs[0].result.size_bytes


@pytest.mark.usefixtures("jobs")
def test_the_dispatcher_counts_jobs_by_state(stack: Stack) -> None:
    dispatcher = stack.pages["dispatcher"]
    wait_until(lambda: value(dispatcher, "vasari_recently_ended_jobs", state="SUCCEEDED") >= 2)
    with Client(stack.address) as client:
        job = client.submit(PORTRAIT, SPEECH, Controls(size=1024))
        wait_until(lambda: value(dispatcher, "vasari_jobs", state="RUNNING") == 1)
        assert value(dispatcher, "vasari_stages") >= 1
        client.cancel(job)
    wait_until(lambda: value(dispatcher, "vasari_recently_ended_jobs", state="CANCELLED") >= 1)
    assert value(dispatcher, "vasari_outbox_hints") == 0


def test_all_are_ready(stack: Stack) -> None:
    assert {value(address, "vasari_ready") for address in stack.pages.values()} == {1.0}
    assert set(stack.pages) == {"gateway", "dispatcher", "face-encode", "motion", "render-1", "render-2"}
