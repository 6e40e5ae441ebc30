"""Following a job: its stages as bars, and as words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vasari.client import Client
    from vasari.proto.v1 import jobs_pb2


def follow(client: Client, job: jobs_pb2.Job) -> jobs_pb2.Job:
    """Show the stages until the job has ended. Raises what it failed with."""
    from vasari.cli.show import StageBars
    from vasari.client import failure_of
    from vasari.proto.v1 import jobs_pb2

    with StageBars() as bars:
        for now in client.watch(job):
            job = now
            for stage in job.stages:
                done, total = stage.frames_done, stage.frames_total
                if stage.state in (jobs_pb2.STAGE_STATE_SUCCEEDED, jobs_pb2.STAGE_STATE_SKIPPED):
                    done = total = total or 1
                bars.update(stage_name(stage), done, total, stage_words(stage))
    if failure := failure_of(job):
        raise failure
    return job


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
        case _:
            return word(jobs_pb2.StageState.Name(stage.state))


def stage_seconds(stage: jobs_pb2.Stage) -> float:
    return (stage.end_time.ToDatetime() - stage.start_time.ToDatetime()).total_seconds()


def word(name: str) -> str:
    """STAGE_STATE_RUNNING -> running."""
    return name.rpartition("_")[2].lower()


def megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
