"""Traces, by OpenTelemetry: from the call that makes a job, through the queue, to the last segment and the join.

A job's row keeps the context of that call as W3C Trace Context writes it (https://www.w3.org/TR/trace-context/), so
that no lost hint and no restart breaks the trace.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from structlog.typing import EventDict, WrappedLogger

TRACEPARENT: Final = "traceparent"
TRACEPARENT_LENGTH: Final = 55
"""Characters of version 00."""
FLUSH_MS: Final = 2000

_propagator: Final = TraceContextTextMapPropagator()
_tracer: Final = trace.get_tracer("vasari")


def configure_tracing(service: str) -> None:
    """Send spans where the standard variables OTEL_* say; nowhere, and at no cost, where they name no collector.

    Exits with a sentence when they ask for an exporter or a protocol that is not there.
    """
    exporter = os.environ.get("OTEL_TRACES_EXPORTER", "otlp" if _endpoint() else "none")
    if exporter == "none" or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return
    if exporter != "otlp":
        sys.exit(f"error: OTEL_TRACES_EXPORTER is {exporter!r}; use otlp or none")
    general = os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", general)
    if protocol != "http/protobuf":
        sys.exit(f"error: OTEL_EXPORTER_OTLP_PROTOCOL is {protocol!r}; use http/protobuf, to the collector's port 4318")

    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    os.environ.setdefault("OTEL_SERVICE_NAME", f"vasari-{service}")
    resource = Resource.create({"service.instance.id": f"{socket.gethostname()}:{os.getpid()}"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def _endpoint() -> str | None:
    return os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")


def flush() -> None:
    """Hand on what was recorded, before a process ends without leave."""
    if flush := getattr(trace.get_tracer_provider(), "force_flush", None):
        flush(FLUSH_MS)


def begin_call(method: str, metadata: Iterable[tuple[str, str | bytes]]) -> Span:
    """A span for a call of a full method name such as "vasari.v1.JobService/GetJob"; the caller ends it.

    It continues the trace of who calls, if the metadata names one, and is current for the rest of the task.
    """
    parent = next((str(value) for key, value in metadata if key == TRACEPARENT), None)
    span = _tracer.start_span(
        method, _context_of(parent), SpanKind.SERVER, {"rpc.system": "grpc", "rpc.method": method.rpartition("/")[2]}
    )
    context.attach(trace.set_span_in_context(span))  # never detached: each call runs in a task of its own
    return span


def end_call(span: Span, code: str, server_error: bool) -> None:
    """End a call's span with the name of its gRPC status."""
    span.set_attribute("rpc.grpc.status", code)
    if server_error:
        span.set_status(Status(StatusCode.ERROR, code))
    span.end()


def traceparent() -> str | None:
    """The current context, to be kept; None when there is no trace."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get(TRACEPARENT)


@contextmanager
def attempt(stage: str, parent: str | None, waited: float, attributes: Mapping[str, str | int]) -> Iterator[None]:
    """Two spans of a job's trace: the wait in the queue that is over, and the attempt at a stage inside the block.

    Args:
        parent: the job's traceparent.
        waited: seconds between when the stage was ready and now.
    """
    within, now, kind = _context_of(parent), time.time_ns(), SpanKind.CONSUMER
    ready = now - round(waited * 1e9)
    _tracer.start_span(f"{stage} queue", within, kind, attributes, start_time=ready).end(now)
    described = {**attributes, "vasari.queue_wait_seconds": waited}
    with _tracer.start_as_current_span(stage, within, kind, described):
        yield


def end_attempt(outcome: str, error: str | None = None) -> None:
    """Say on the current attempt's span how it ended."""
    span = trace.get_current_span()
    span.set_attribute("vasari.outcome", outcome)
    if error is not None:
        span.set_status(Status(StatusCode.ERROR, error))


def add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """For structlog: the ids of the trace and span that a log line belongs to."""
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        event["trace_id"], event["span_id"] = f"{span.trace_id:032x}", f"{span.span_id:016x}"
    return event


def _context_of(parent: str | None) -> Context:
    return _propagator.extract({TRACEPARENT: parent} if parent else {}, Context())
