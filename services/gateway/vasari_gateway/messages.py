"""Rows as the messages of `vasari.v1`."""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from google.protobuf import json_format

from vasari.jobs import schema
from vasari.jobs.states import JobState, StageKind, StageState
from vasari.proto.v1 import controls_pb2, jobs_pb2
from vasari.store import Store
from vasari.values.rules import InvalidRequest, Violation

SHARE: Final = {StageKind.FACE_ENCODE: 0.05, StageKind.MOTION: 0.1, StageKind.RENDER: 0.8, StageKind.JOIN: 0.05}
"""How much of a video's progress each stage is: about its share of the time. A motion has the first two alone."""


class Links:
    """Presigned links. One is handed out again while at least half of its life is left."""

    def __init__(self, store: Store, seconds: float) -> None:
        self._store = store
        self._seconds = seconds
        self._sign = lru_cache(maxsize=8192)(self._sign_now)

    def to(self, object_name: str) -> tuple[str, datetime]:
        """A link for GET, and when it expires."""
        return self._sign(object_name, int(time.time() / (self._seconds / 2)))

    def _sign_now(self, object_name: str, _half_life: int) -> tuple[str, datetime]:
        return self._store.presign(object_name, self._seconds)


def job_message(job: schema.Job, links: Links) -> jobs_pb2.Job:
    """A job with its stages; links to what can be watched now."""
    stages = [_stage_message(job, kind, [s for s in job.stages if s.kind is kind]) for kind in job.stage_kinds]
    assets: dict[str, Any] = {role: f"assets/{digest}" for role, digest in job.digests.items()}
    message = jobs_pb2.Job(
        name=f"jobs/{job.id}",
        state=f"JOB_STATE_{job.state}",
        stages=stages,
        progress=_progress(job, dict(zip(job.stage_kinds, stages, strict=True))),
        controls=json_format.ParseDict(job.controls, controls_pb2.Controls()),
        **assets,
        result_kind=f"RESULT_KIND_{job.result_kind}",
        create_time=job.created_at,
        start_time=job.started_at,
        end_time=job.ended_at,
        deadline=job.deadline_at,
        request_id=job.request_id or "",
    )
    if job.state is JobState.FAILED:
        message.failure.CopyFrom(jobs_pb2.Failure(reason=f"REASON_{job.reason}", message=job.message or ""))
    if job.result is not None:
        message.result.CopyFrom(_result_message(job.result, links))
    if not job.state.ended:
        message.segments.extend(
            jobs_pb2.Segment(
                index=stage.index,
                first_frame=stage.first_frame,
                frames=stage.frames,
                uri=links.to(stage.output["object"])[0],
            )
            for stage in sorted(job.stages, key=lambda stage: stage.index)
            if stage.kind is StageKind.RENDER and stage.state is StageState.SUCCEEDED and stage.output
        )
    return message


def asset_message(asset: schema.Asset) -> jobs_pb2.Asset:
    return jobs_pb2.Asset(
        name=f"assets/{asset.sha256}", size_bytes=asset.size, sha256=asset.sha256, create_time=asset.created_at
    )


def job_id(name: str) -> UUID:
    """The id in a name that keeps its rule, "jobs/{uuid}"."""
    return UUID(name.removeprefix("jobs/"))


def page_token(last: schema.Job) -> str:
    """Where the page after this job starts."""
    place = json.dumps([last.created_at.isoformat(), str(last.id)])
    return base64.urlsafe_b64encode(place.encode()).decode()


def read_page_token(token: str) -> tuple[datetime, UUID] | None:
    """What `page_token` wrote; None for the first page. Raises InvalidRequest for anything else."""
    if not token:
        return None
    try:
        created_at, last_id = json.loads(base64.urlsafe_b64decode(token.encode()))
        return datetime.fromisoformat(created_at), UUID(last_id)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise InvalidRequest(
            [Violation("page_token", "is not a next_page_token of this server; leave it empty to start")]
        ) from None


def _result_message(result: dict[str, Any], links: Links) -> jobs_pb2.Result:
    uri, expires = links.to(result["object"])
    return jobs_pb2.Result(
        uri=uri,
        uri_expire_time=expires,
        size_bytes=result["size"],
        **{name: result[name] for name in ("sha256", "width", "height", "fps", "frames")},
    )


def _stage_message(job: schema.Job, kind: StageKind, parts: Sequence[schema.Stage]) -> jobs_pb2.Stage:
    """One stage of the job, whether it is one row or, as render is, a row for each segment."""
    state = _joint_state(job, kind, parts)
    starts = [part.started_at for part in parts if part.started_at]
    ends = [part.ended_at for part in parts if part.ended_at]
    counted = kind in (StageKind.MOTION, StageKind.RENDER)
    return jobs_pb2.Stage(
        kind=f"STAGE_KIND_{kind}",
        state=f"STAGE_STATE_{state}",
        frames_done=sum(part.frames_done for part in parts) if counted else 0,
        frames_total=job.frames_total or 0 if counted else 0,
        attempts=max((part.attempts for part in parts), default=0),
        start_time=min(starts, default=None),
        end_time=max(ends, default=None) if state.ended else None,
    )


def _joint_state(job: schema.Job, kind: StageKind, parts: Sequence[schema.Stage]) -> StageState:
    states = {part.state for part in parts}
    if StageState.FAILED in states:
        return StageState.FAILED
    if StageState.CANCELLED in states or (not parts and job.state.ended):
        return StageState.CANCELLED
    if StageState.RUNNING in states:
        return StageState.RUNNING
    # Segments are added while motion goes on: that all there are are done does not mean that rendering is.
    complete = kind is not StageKind.RENDER or sum(part.frames or 0 for part in parts) == job.frames_total
    if parts and complete and all(state.done for state in states):
        return states.pop()
    if any(state.done for state in states):
        return StageState.RUNNING
    return StageState.READY if StageState.READY in states else StageState.BLOCKED


def _progress(job: schema.Job, stages: Mapping[StageKind, jobs_pb2.Stage]) -> float:
    if job.state is JobState.SUCCEEDED:
        return 1.0
    done = 0.0
    for kind, stage in stages.items():
        if stage.state in (jobs_pb2.STAGE_STATE_SUCCEEDED, jobs_pb2.STAGE_STATE_SKIPPED):
            done += SHARE[kind]
        elif stage.frames_total:
            done += SHARE[kind] * min(stage.frames_done / stage.frames_total, 1.0)
    return done / sum(SHARE[kind] for kind in stages)
