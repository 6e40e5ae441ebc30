"""Every metric of every process, in Prometheus's terms: base units, counters end in `_total`.

The label `stage` is face-encode, motion, render or join. docs/reference/metrics.md lists them for people.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

_CALLS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_WORK: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640)

# Every process.
READY: Final = Gauge("vasari_ready", "1 while the process can do its work, 0 while something that it needs is missing")
STORE_READ_BYTES: Final = Counter("vasari_store_read_bytes_total", "Bytes read from the object store")
STORE_WRITTEN_BYTES: Final = Counter("vasari_store_written_bytes_total", "Bytes written to the object store")

# The gateway.
GRPC_REQUESTS: Final = Counter(
    "vasari_grpc_requests_total", "Calls that ended, by gRPC status code; streams count once", ["method", "code"]
)
GRPC_SECONDS: Final = Histogram(
    "vasari_grpc_request_duration_seconds", "From a call to the end of its answer", ["method"], buckets=_CALLS
)
GRPC_RECEIVED_BYTES: Final = Counter(
    "vasari_grpc_received_bytes_total", "Bytes of request messages, media included", ["method"]
)
GRPC_SENT_BYTES: Final = Counter(
    "vasari_grpc_sent_bytes_total", "Bytes of response messages, videos included", ["method"]
)
FACE_CACHE_LOOKUPS: Final = Counter(
    "vasari_face_cache_lookups_total",
    "Faces that jobs needed: `hit` when a job before had encoded it, `miss` when it was encoded",
    ["result"],
)

# Workers, and the dispatcher for the join.
QUEUE_WAIT_SECONDS: Final = Histogram(
    "vasari_stage_queue_wait_seconds", "From when a stage was ready to when it was claimed", ["stage"], buckets=_WORK
)
STAGE_SECONDS: Final = Histogram(
    "vasari_stage_duration_seconds",
    "Of an attempt at a stage, by how it ended: succeeded, skipped, failed, cancelled or released",
    ["stage", "outcome"],
    buckets=_WORK,
)
RETRIES: Final = Counter("vasari_stage_retries_total", "Attempts that followed one that failed or was lost", ["stage"])
FRAMES: Final = Counter("vasari_frames_total", "Frames that a stage has worked through", ["stage"])

# The dispatcher.
LEASES_LOST: Final = Counter(
    "vasari_leases_lost_total", "Stages taken back from workers that fell silent past their lease", ["stage"]
)
JOBS: Final = Gauge("vasari_jobs", "Unfinished jobs: QUEUED or RUNNING", ["state"])
JOBS_ENDED: Final = Gauge(
    "vasari_recently_ended_jobs",
    "Jobs that ended within the last ten minutes; `reason` is empty unless they failed",
    ["state", "reason"],
)
STAGES: Final = Gauge("vasari_stages", "Stages of unfinished jobs: BLOCKED, READY or RUNNING", ["stage", "state"])
OLDEST_READY_SECONDS: Final = Gauge(
    "vasari_oldest_ready_stage_age_seconds", "How long the stage that has waited longest could have run", ["stage"]
)
OUTBOX: Final = Gauge("vasari_outbox_hints", "Hints that are due and were not sent to the broker yet")
LITTER: Final = Gauge("vasari_due_litter", "Deletions from the object store that are due and not done yet")


# A counter that is first seen at 1 shows no increase: these begin at 0.
for _stage in ("face-encode", "motion", "render", "join"):
    RETRIES.labels(_stage)
    LEASES_LOST.labels(_stage)
for _result in ("hit", "miss"):
    FACE_CACHE_LOOKUPS.labels(_result)


class _Gpu(Collector):
    """Memory of the GPU that this process's models run on, asked for when somebody looks; nothing without one."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        torch = sys.modules.get("torch")
        if torch is None or not torch.cuda.is_initialized():
            return
        free, total = torch.cuda.mem_get_info()
        yield GaugeMetricFamily("vasari_gpu_memory_bytes", "Memory of the GPU", value=total)
        yield GaugeMetricFamily(
            "vasari_gpu_memory_used_bytes", "Of it, what all processes together use", value=total - free
        )
        yield GaugeMetricFamily(
            "vasari_gpu_memory_reserved_bytes", "Of it, what this process holds", value=torch.cuda.memory_reserved()
        )


REGISTRY.register(_Gpu())
