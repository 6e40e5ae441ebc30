"""`vasari bench`."""

from __future__ import annotations

import asyncio
import json
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from vasari.cli.bench.inputs import Figures

if TYPE_CHECKING:
    from vasari.cli.show import StageBars


class Part(StrEnum):
    """What can be measured by itself. The names are those of the groups of figures."""

    RENDER = "render"
    FRAME = "frame"
    MINUTE = "minute"
    ANSWERS = "answers"
    JOB = "job"
    STREAMS = "streams"


def bench(
    only: Annotated[
        list[Part] | None,
        typer.Option(metavar="PART", help="Measure this part; may be given again. All of them without it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    target: Annotated[
        str | None,
        typer.Option(
            envvar="VASARI_TARGET",
            metavar="HOST:PORT",
            help="Measure this gateway and its workers; without it, a server is started for the time.",
        ),
    ] = None,
) -> None:
    """Measure speed on this machine: the model at 512x512, then the service around it. Takes some five minutes.

    [bold]render[/bold]: ten seconds of speech by `vasari render`, stage by stage, loading included.
    [bold]frame[/bold]: what a frame costs, step by step, beside the time that moving its bytes would take.
    [bold]minute[/bold]: a minute of speech from start to file, its CPU time over a yardstick's, its peak memory.
    [bold]answers[/bold]: rates of GetJob and CreateJob with nothing else at work.
    [bold]job[/bold]: how soon a job starts, and what the platform adds to the same work without it.
    [bold]streams[/bold]: what watching costs the database, by the number of streams.

    Times are of this machine at this moment: leave it alone meanwhile, and compare only what one run has measured.

    [bold]Examples[/bold]

      vasari bench

      vasari bench --only frame --only minute

      vasari bench --json --target 127.0.0.1:8470
    """
    from vasari.cli.bench.table import table
    from vasari.cli.show import StageBars, stdout

    with TemporaryDirectory(prefix="vasari-bench-") as folder, StageBars() as bars:
        figures = _measure(only or list(Part), target, Path(folder), bars)
    if as_json:
        print(json.dumps(figures, indent=2))
    else:
        stdout.print(table(figures), highlight=False, markup=False)


def _measure(parts: list[Part], target: str | None, folder: Path, bars: StageBars) -> Figures:
    from vasari.cli.bench.answers import measure_answers
    from vasari.cli.bench.frame import measure_frame
    from vasari.cli.bench.job import measure_job
    from vasari.cli.bench.process import measure_minute, measure_stages
    from vasari.cli.bench.server import server
    from vasari.cli.bench.streams import measure_streams

    figures: Figures = {}
    for part, measure in ((Part.RENDER, measure_stages), (Part.FRAME, measure_frame), (Part.MINUTE, measure_minute)):
        if part in parts:
            figures[part] = measure(folder, bars)
    if Part.ANSWERS in parts:
        with server(target, folder, bars, workers=False) as service:
            figures[Part.ANSWERS] = asyncio.run(measure_answers(service, folder, bars))
    if {Part.JOB, Part.STREAMS} & set(parts):
        with server(target, folder, bars, workers=True) as service:
            for part, ask in ((Part.JOB, measure_job), (Part.STREAMS, measure_streams)):
                if part in parts:
                    figures[part] = asyncio.run(ask(service, folder, bars))
    return figures
