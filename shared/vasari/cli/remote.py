"""Commands that speak to a gateway: submit, status, watch, jobs, cancel, delete, download."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vasari.cli.arguments import JobName, ResultOutput
from vasari.cli.follow import follow, megabytes, stage_name, stage_words, word
from vasari.cli.options import takes
from vasari.cli.output import as_named, result_path
from vasari.cli.server import Server
from vasari.cli.submit import submit

if TYPE_CHECKING:
    from vasari.proto.v1 import jobs_pb2


def register(app: typer.Typer) -> None:
    for command in (submit, status, watch, jobs, cancel, delete, download):
        app.command(rich_help_panel="With a server")(command)


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
    from vasari.cli.show import StageBars

    with server.client() as client:
        with StageBars() as bars:
            ended = follow(client, client.get(_name(job)), bars)
        _describe(ended)


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
            table.add_row(job.name, word(jobs_pb2.JobState.Name(job.state)), f"{job.progress:.0%}", made)
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
    stdout.print(f"{ended.name} {word(jobs_pb2.JobState.Name(ended.state))}", soft_wrap=True, highlight=False)


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
def download(job: JobName, server: Server, output: ResultOutput = None) -> None:
    """Fetch the video, or the motion, of a job that has succeeded.

    [bold]Example[/bold]

      vasari download jobs/0b54c2a8-6f1e-4c57-9d0e-0d1c0f6d1c55 -o video.mp4
    """
    from vasari.cli.show import StageBars, stdout
    from vasari.proto.v1 import jobs_pb2

    with server.client() as client, StageBars() as bars:
        done = client.get(_name(job))
        target = result_path(output, done.result_kind == jobs_pb2.RESULT_KIND_MOTION)
        with as_named(target, bars.count) as film:
            client.download(done, film, lambda now, total: bars.update("download", now, total, megabytes(now)))
    stdout.print(str(target), soft_wrap=True, highlight=False)


def _name(job: str) -> str:
    return job if job.startswith("jobs/") else f"jobs/{job}"


def _describe(job: jobs_pb2.Job) -> None:
    from vasari.cli.show import stdout
    from vasari.proto.v1 import jobs_pb2

    lines = [f"{job.name} {word(jobs_pb2.JobState.Name(job.state))}, {job.progress:.0%} done"]
    lines += [f"  {stage_name(stage):<8} {stage_words(stage)}" for stage in job.stages]
    if job.HasField("failure"):
        lines.append(f"  {jobs_pb2.Reason.Name(job.failure.reason).removeprefix('REASON_')}: {job.failure.message}")
    if job.HasField("result"):
        result = job.result
        what = f"{result.width}x{result.height}" if result.width else "motion"
        lines.append(f"  {what}, {result.fps} fps, {result.frames / result.fps:.1f} s")
    stdout.print("\n".join(lines), soft_wrap=True, highlight=False, markup=False)
