"""One call, as it is seen from outside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from vasari.telemetry import metrics, traces


class Call:
    """Counts a call of a method of ours; those of strangers' methods are not counted.

    Args:
        method: its full name, as gRPC has it: "/vasari.v1.JobService/GetJob".
        metadata: what the caller sent before the request.
    """

    def __init__(self, method: str, metadata: Iterable[tuple[str, str | bytes]]) -> None:
        self._full_name, self._method, self._metadata = method[1:], method.rpartition("/")[2], metadata
        self.code = "OK"
        """Name of the gRPC status that it ends with."""

    @contextmanager
    def observed(self) -> Iterator[None]:
        """From the call to the end of its answer."""
        began, span = time.perf_counter(), traces.begin_call(self._full_name, self._metadata)
        try:
            yield
        except (asyncio.CancelledError, GeneratorExit):
            self.code = "CANCELLED"  # its caller went away
            raise
        finally:
            metrics.GRPC_REQUESTS.labels(self._method, self.code).inc()
            metrics.GRPC_SECONDS.labels(self._method).observe(time.perf_counter() - began)
            traces.end_call(span, self.code, server_error=self.code in ("INTERNAL", "UNAVAILABLE"))

    def counting_received(self, deserialize: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
        received = metrics.GRPC_RECEIVED_BYTES.labels(self._method)

        def counted(data: bytes) -> Any:
            received.inc(len(data))
            return deserialize(data)

        return counted

    def counting_sent(self, serialize: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
        sent = metrics.GRPC_SENT_BYTES.labels(self._method)

        def counted(message: Any) -> bytes:
            data = serialize(message)
            sent.inc(len(data))
            return data

        return counted
