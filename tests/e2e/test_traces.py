"""One job, one trace: from the call through the queue to the last segment, through real processes. Takes 10 s."""

from __future__ import annotations

import io
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from PIL import Image
from tests.e2e.conftest import PORTRAIT, SPEECH
from tests.telemetry.collector import Collector, Span
from tests.telemetry.pages import wait_until

from vasari.client import Client
from vasari.config import Settings
from vasari.local.stack import Stack
from vasari.proto.v1 import jobs_pb2, jobs_pb2_grpc

CALLERS_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLERS_SPAN = "00f067aa0ba902b7"


@pytest.fixture(scope="module")
def job(stack: Stack, speech_of: Callable[[float], Path]) -> jobs_pb2.Job:
    """A job whose face no test has encoded, made by a caller who traces too."""
    photo = io.BytesIO()
    Image.open(PORTRAIT).save(photo, "jpeg", quality=87)
    request = jobs_pb2.CreateJobRequest(
        portrait={"content": photo.getvalue()}, speech={"content": speech_of(9.0).read_bytes()}, controls={"size": 256}
    )
    with grpc.insecure_channel(stack.address) as channel:
        stub = jobs_pb2_grpc.JobServiceStub(channel)
        made = stub.CreateJob(request, metadata=[("traceparent", f"00-{CALLERS_TRACE}-{CALLERS_SPAN}-01")])
    with Client(stack.address) as client:
        for now in client.watch(made):
            made = now
    assert made.state == jobs_pb2.JOB_STATE_SUCCEEDED
    return made


@pytest.fixture(scope="module")
def trace(job: jobs_pb2.Job, collector: Collector) -> list[Span]:
    def complete() -> bool:
        return any(span.name == "join" for span in collector.trace_of(job.name))

    wait_until(complete)
    time.sleep(1.0)  # so does the last of the others
    return collector.trace_of(job.name)


def test_it_holds_the_call_and_every_attempt_at_every_stage(trace: list[Span], job: jobs_pb2.Job) -> None:
    work = sorted((span.service, span.name) for span in trace if span.service != "vasari-gateway")
    segments = math.ceil(job.result.frames / (Settings().segment_seconds * job.result.fps))
    assert segments >= 2
    expected = [("vasari-face-encode", "face-encode"), ("vasari-motion", "motion"), ("vasari-dispatcher", "join")]
    expected += [("vasari-render", "render")] * segments
    assert work == sorted(expected + [(service, f"{name} queue") for service, name in expected])
    assert {span.attributes["vasari.index"] for span in trace if span.name == "render"} == set(range(segments))


def test_it_continues_the_callers_trace_and_each_stage_the_call(trace: list[Span]) -> None:
    (call,) = (span for span in trace if span.service == "vasari-gateway")
    assert (call.name, call.trace, call.parent) == ("vasari.v1.JobService/CreateJob", CALLERS_TRACE, CALLERS_SPAN)
    assert call.attributes["rpc.grpc.status"] == "OK"
    assert {span.parent for span in trace if span is not call} == {call.id}


def test_a_stages_wait_in_the_queue_ends_where_its_attempt_begins(trace: list[Span]) -> None:
    for attempt in (span for span in trace if span.service != "vasari-gateway" and not span.name.endswith(" queue")):
        (queue,) = (
            span
            for span in trace
            if span.name == f"{attempt.name} queue"
            and span.attributes["vasari.index"] == attempt.attributes["vasari.index"]
        )
        assert queue.end == pytest.approx(attempt.start, abs=0.1)
        assert queue.end - queue.start == pytest.approx(attempt.attributes["vasari.queue_wait_seconds"], abs=0.001)
        assert attempt.attributes["vasari.outcome"] == "succeeded"
        assert not attempt.failed


def test_a_job_that_fails_shows_where(stack: Stack, collector: Collector) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (256, 256), "gray").save(picture, "png")
    with Client(stack.address) as client:
        job = client.submit(picture.getvalue(), SPEECH)
        for now in client.watch(job):
            job = now
    assert job.state == jobs_pb2.JOB_STATE_FAILED

    def failed() -> list[Span]:
        return [span for span in collector.trace_of(job.name) if span.failed]

    wait_until(lambda: bool(failed()))
    (span,) = failed()
    assert (span.name, span.attributes["vasari.outcome"]) == ("face-encode", "failed")


def test_log_lines_carry_the_job_and_its_trace(stack: Stack, job: jobs_pb2.Job) -> None:
    uuid = job.name.removeprefix("jobs/")
    told = set()
    for name, process in stack.processes.items():
        for line in process.log.read_text().splitlines():
            entry = json.loads(line) if line.startswith("{") else {}
            if entry.get("job") == uuid:
                assert entry["trace_id"] == CALLERS_TRACE, entry
                assert name.startswith(entry["service"]), entry
                told.add((name.partition("-")[0], entry["event"]))
    assert {("gateway", "job accepted"), ("face", "finished"), ("motion", "finished")} <= told
    assert {("render", "finished"), ("dispatcher", "finished")} <= told


@pytest.mark.parametrize(
    ("variable", "value", "mend"),
    [
        ("OTEL_TRACES_EXPORTER", "zipkin", "use otlp or none"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "use http/protobuf"),
    ],
)
def test_what_cannot_be_exported_to_is_said_at_the_start(variable: str, value: str, mend: str) -> None:
    environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", variable: value}
    command = [sys.executable, "-m", "vasari_dispatcher"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert mend in done.stderr


def test_without_a_collector_nothing_of_the_sdk_is_imported() -> None:
    code = "import sys; from vasari.telemetry import configure_tracing; configure_tracing('x'); print(*sys.modules)"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "opentelemetry.trace" in done.stdout.split()
    assert not [name for name in done.stdout.split() if name.startswith(("opentelemetry.sdk", "requests"))]
