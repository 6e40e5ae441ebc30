"""Commands that speak to a gateway: submit, status, watch, jobs, cancel, delete, download."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from vasari.cli.arguments import JobName, Output, Portrait, Speech, writable
from vasari.cli.options import takes
from vasari.cli.server import Server
from vasari.cli.wishes import Wishes

if TYPE_CHECKING:
    from vasari.cli.show import StageBars
    from vasari.client import Client
    from vasari.proto.v1 import jobs_pb2

SHOWN_UPLOAD_BYTES: Final = 4 * 2**20
"""Files above this are uploaded in chunks, which is worth a bar."""


def register(app: typer.Typer) -> None:
    for command in (submit, status, watch, jobs, cancel, delete, download):
        app.command(rich_help_panel="With a server")(command)


@takes(wishes=Wishes, server=Server)
def submit(
    portrait: Portrait,
    speech: Speech,
    wishes: Wishes,
    server: Server,
    output: Output = Path("video.mp4"),
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the video, or only print the job.")] = True,
) -> None:
    """Have a server make a video, show how it gets on, and fetch it.

    [bold]Examples[/bold]

      vasari submit portrait.jpg speech.wav -o video.mp4

      vasari submit portrait.jpg speech.wav -o video.mp4 --emotion happy=0.6 --gaze 10,-5 --seed 7

      vasari submit portrait.jpg speech.wav --no-wait
    """
    from vasari.cli.show import StageBars, stderr, stdout

    controls = wishes.controls()
    writable(output)
    began = time.monotonic()
    with server.client() as client:
        with StageBars() as bars:
            photo, sound = _upload(client, portrait, bars), _upload(client, speech, bars)
        job = client.submit(photo, sound, controls)
        if not wait:
            stdout.print(job.name)
            return
        try:
            job = _follow(client, job)
        except KeyboardInterrupt:
            stderr.print(
                f"\n{job.name} goes on. See it again: vasari watch {job.name}; stop it: vasari cancel {job.name}",
                soft_wrap=True,
                highlight=False,
            )
            raise
        client.download(job, output)
    _summary(job, output, time.monotonic() - began)


@takes(server=Server)
def status(job: JobName, server: Server) -> None:
    """Show one job: its state, what each stage did, and why it failed if it did.

    [bold]Example[/bold]

      vasari status jobs/0b54c2a8-6f1e-4c57-9d0e-0d1c0f6d1c55
    """
    with server.client() as client:
        _describe(client.get(_name(job)))


@takes(server=Server)
def watch(job: JobName, server: Server) -> None:
    """Follow a job until it has ended; exits as `submit` would.

    [bold]Example[/bold]

      vasari watch jobs/0b54c2a8-6f1e-4c57-9d0e-0d1c0f6d1c55
    """
    with server.client() as client:
        _describe(_follow(client, client.get(_name(job))))


@takes(server=Server)
def jobs(
    server: Server,
    state: Annotated[
        Literal["queued", "running", "succeeded", "failed", "cancelled"] | None,
        typer.Option(help="Only jobs in this state."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
) -> None:
    """List jobs, newest first.

    [bold]Examples[/bold]

      vasari jobs

      vasari jobs --state running --limit 100
    """
    from itertools import islice

    from rich.table import Table

    from vasari.cli.show import stdout
    from vasari.proto.v1 import jobs_pb2

    table = Table(box=None, pad_edge=False)
    for heading in ("JOB", "STATE", "DONE", "MADE"):
        table.add_column(heading, no_wrap=True)
    states = [f"JOB_STATE_{state.upper()}"] if state else []
    with server.client() as client:
        for job in islice(client.jobs(states, page_size=min(limit, 200)), limit):
            made = job.create_time.ToDatetime().strftime("%m-%d %H:%M:%S")
            table.add_row(job.name, _word(jobs_pb2.JobState.Name(job.state)), f"{job.progress:.0%}", made)
    stdout.print(table)


@takes(server=Server)
def cancel(job: JobName, server: Server) -> None:
    """Stop a job. One that has ended stays as it is.

    [bold]Example[/bold]

      vasari cancel jobs/0b54c2a8-6f1e-4c57-9d0e-0d1c0f6d1c55
    """
    from vasari.cli.show import stdout
    from vasari.proto.v1 import jobs_pb2

    with server.client() as client:
        ended = client.cancel(_name(job))
    stdout.print(f"{ended.name} {_word(jobs_pb2.JobState.Name(ended.state))}", soft_wrap=True, highlight=False)


@takes(server=Server)
def delete(job: JobName, server: Server) -> None:
    """Forget a job and delete its media; one that is under way is stopped first.

    [bold]Example[/bold]

      vasari delete jobs/0b54c2a8-6f1e-4c57-9d0e-0d1c0f6d1c55
    """
    from vasari.cli.show import stdout

    with server.client() as client:
        client.delete(_name(job))
    stdout.print(f"{_name(job)} deleted", soft_wrap=True, highlight=False)


@takes(server=Server)
def download(job: JobName, server: Server, output: Output = Path("video.mp4")) -> None:
    """Fetch the video of a job that has succeeded.

    [bold]Example[/bold]

      vasari download jobs/0b54c2a8-6f1e-4c57-9d0e-0d1c0f6d1c55 -o video.mp4
    """
    from vasari.cli.show import StageBars, stdout

    writable(output)
    with server.client() as client, StageBars() as bars:
        client.download(_name(job), output, lambda done, total: bars.update("download", done, total, _mb(done)))
    stdout.print(str(output), soft_wrap=True, highlight=False)


def _name(job: str) -> str:
    return job if job.startswith("jobs/") else f"jobs/{job}"


def _upload(client: Client, path: Path, bars: StageBars) -> Path | jobs_pb2.Asset:
    """A large file, uploaded under a bar; a small one as it is, to travel with the request."""
    if path.stat().st_size <= SHOWN_UPLOAD_BYTES:
        return path
    return client.upload(path, lambda done, total: bars.update(f"upload {path.name}"[:14], done, total, _mb(done)))


def _follow(client: Client, job: jobs_pb2.Job) -> jobs_pb2.Job:
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
                bars.update(_stage_name(stage), done, total, _stage_words(stage))
    if failure := failure_of(job):
        raise failure
    return job


def _describe(job: jobs_pb2.Job) -> None:
    from vasari.cli.show import stdout
    from vasari.proto.v1 import jobs_pb2

    lines = [f"{job.name} {_word(jobs_pb2.JobState.Name(job.state))}, {job.progress:.0%} done"]
    lines += [f"  {_stage_name(stage):<8} {_stage_words(stage)}" for stage in job.stages]
    if job.HasField("failure"):
        lines.append(f"  {jobs_pb2.Reason.Name(job.failure.reason).removeprefix('REASON_')}: {job.failure.message}")
    if job.HasField("result"):
        result = job.result
        lines.append(f"  {result.width}x{result.height}, {result.fps} fps, {result.frames / result.fps:.1f} s")
    stdout.print("\n".join(lines), soft_wrap=True, highlight=False, markup=False)


def _summary(job: jobs_pb2.Job, output: Path, elapsed: float) -> None:
    from vasari.cli.show import summary
    from vasari.proto.v1 import jobs_pb2

    costs = {
        _stage_name(stage): None if stage.state == jobs_pb2.STAGE_STATE_SKIPPED else _seconds(stage)
        for stage in job.stages
    }
    summary(output, costs, elapsed, job.result.frames / job.result.fps)


def _stage_name(stage: jobs_pb2.Stage) -> str:
    from vasari.proto.v1 import jobs_pb2

    return jobs_pb2.StageKind.Name(stage.kind).removeprefix("STAGE_KIND_").removesuffix("_ENCODE").lower()


def _stage_words(stage: jobs_pb2.Stage) -> str:
    from vasari.proto.v1 import jobs_pb2

    match stage.state:
        case jobs_pb2.STAGE_STATE_SKIPPED:
            return "from the cache"
        case jobs_pb2.STAGE_STATE_SUCCEEDED:
            return f"{_seconds(stage):.2f} s"
        case jobs_pb2.STAGE_STATE_RUNNING if stage.frames_done:
            return f"{stage.frames_done} of {stage.frames_total or '?'} frames"
        case _:
            return _word(jobs_pb2.StageState.Name(stage.state))


def _seconds(stage: jobs_pb2.Stage) -> float:
    return (stage.end_time.ToDatetime() - stage.start_time.ToDatetime()).total_seconds()


def _word(name: str) -> str:
    """STAGE_STATE_RUNNING -> running."""
    return name.rpartition("_")[2].lower()


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
