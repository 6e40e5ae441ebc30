"""Following a job: its stages as bars, and as words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vasari.cli.show import StageBars
    from vasari.client import Client
    from vasari.proto.v1 import jobs_pb2


def follow(client: Client, job: jobs_pb2.Job, bars: StageBars) -> jobs_pb2.Job:
    """Show the stages until the job has ended. Raises what it failed with."""
    from vasari.client import failure_of

    shown: dict[str, int] = {}
    for now in client.watch(job):
        job = now
        for stage in job.stages:
            _show(stage, bars, changed=shown.get(stage_name(stage)) != stage.state)
            shown[stage_name(stage)] = stage.state
    if failure := failure_of(job):
        raise failure
    return job


def _show(stage: jobs_pb2.Stage, bars: StageBars, changed: bool) -> None:
    """A stage's bar; it counts the seconds of waiting for a worker, and then those of work."""
    from vasari.proto.v1 import jobs_pb2

    done, total = stage.frames_done, stage.frames_total
    seconds = 0.0 if changed else None
    match stage.state:
        case jobs_pb2.STAGE_STATE_BLOCKED:
            pass
        case jobs_pb2.STAGE_STATE_RUNNING:
            bars.count(stage_name(stage), done, total, seconds)
        case jobs_pb2.STAGE_STATE_SUCCEEDED:
            bars.count(stage_name(stage), total or 1, total or 1, stage_seconds(stage))
        case jobs_pb2.STAGE_STATE_SKIPPED:
            bars.update(stage_name(stage), 1, 1, stage_words(stage), seconds)
        case _:
            bars.update(stage_name(stage), done, total, stage_words(stage), seconds)


def stage_name(stage: jobs_pb2.Stage) -> str:
    from vasari.proto.v1 import jobs_pb2

    return jobs_pb2.StageKind.Name(stage.kind).removeprefix("STAGE_KIND_").removesuffix("_ENCODE").lower()


def stage_words(stage: jobs_pb2.Stage) -> str:
    from vasari.proto.v1 import jobs_pb2

    match stage.state:
        case jobs_pb2.STAGE_STATE_SKIPPED:
            return "from the cache"
        case jobs_pb2.STAGE_STATE_SUCCEEDED:
            return f"{stage_seconds(stage):.2f} s"
        case jobs_pb2.STAGE_STATE_RUNNING if stage.frames_done:
            return f"{stage.frames_done} of {stage.frames_total or '?'} frames"
        case jobs_pb2.STAGE_STATE_READY:
            return "waits for a worker"
        case _:
            return word(jobs_pb2.StageState.Name(stage.state))


def stage_seconds(stage: jobs_pb2.Stage) -> float:
    return (stage.end_time.ToDatetime() - stage.start_time.ToDatetime()).total_seconds()


def word(name: str) -> str:
    """STAGE_STATE_RUNNING -> running."""
    return name.rpartition("_")[2].lower()


def megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
