"""The figures for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vasari.cli.bench.inputs import Figures

if TYPE_CHECKING:
    from rich.table import Table

Row = tuple[str, str]


def table(figures: Figures) -> Table:
    """What was measured, a line each, part after part."""
    from rich.table import Table

    shown = Table(box=None, pad_edge=False, show_header=False)
    shown.add_column()
    shown.add_column(justify="right", no_wrap=True)
    for part, rows in _PARTS.items():
        if figures.get(part):
            shown.add_section()
            for name, value in rows(figures[part]):
                shown.add_row(name, value, style="" if value else "bold")
    return shown


def _render(part: Figures) -> Iterator[Row]:
    yield f"{part['frames']} frames of {part['size'][0]}x{part['size'][1]} by `vasari render`, loading included", ""
    for stage, cost in part["stages"].items():
        yield f"  {stage}", f"{cost['ms']:.0f} ms  {cost['frames_per_second']:7.1f} frames/s"
    yield "  in all", f"{part['ms']:.0f} ms  {part['frames_per_second']:7.1f} frames/s"
    yield "  times real time", f"{part['times_real_time']:.2f}"


def _frame(part: Figures) -> Iterator[Row]:
    yield f"a frame of {part['size'][0]}x{part['size'][1]}, drawn and not encoded", ""
    yield "  CPU time", f"{part['cpu_ms']:.1f} ms"
    for step, cost in part["steps_cpu_ms"].items():
        yield f"    {step}", f"{cost:.1f} ms"
    yield "  frames a second, a thread for each core", f"{part['frames_per_second']:.0f}"
    yield "  frames a second, a process for each core", f"{part['frames_per_second_by_processes']:.0f}"
    yield "  one core's memory bandwidth", f"{part['bandwidth_bytes_per_second'] / 1e9:.1f} GB/s"
    yield "  least that it could move", f"{part['least_bytes'] / 1e6:.1f} MB: {part['least_ms']:.2f} ms"
    yield "  what torch's operations move", f"{part['moved_bytes'] / 1e6:.1f} MB: {part['moved_ms']:.2f} ms"


def _minute(part: Figures) -> Iterator[Row]:
    yield f"{part['speech_s']} s of speech, `vasari render` from start to file", ""
    yield "  took", f"{part['ms'] / 1000:.1f} s"
    yield "  times real time", f"{part['times_real_time']:.2f}"
    yield "  CPU time", f"{part['cpu_ms'] / 1000:.1f} s"
    yield "    of one frame", f"{part['cpu_ms_per_frame']:.1f} ms"
    yield "    over OpenCV's remap, colors and x264 superfast of it", f"{part['cpu_over_yardstick']:.1f}"
    yield "  peak memory", f"{part['peak_memory_mib']:.0f} MiB"


def _answers(part: Figures) -> Iterator[Row]:
    yield f"answers, {part['callers']} callers, nothing else at work", ""
    for name, call in (("GetJob", part["get_job"]), ("CreateJob, assets in place", part["create_job"])):
        yield f"  {name}", f"{call['per_second']:.0f}/s, p50 {call['p50_ms']:.1f} ms, p99 {call['p99_ms']:.1f} ms"


def _job(part: Figures) -> Iterator[Row]:
    start, platform = part["submit_to_first_stage_ms"], part["platform"]
    yield "a job", ""
    yield "  accepted to first stage's start", f"p50 {start['p50']:.0f} ms, p99 {start['p99']:.0f} ms"
    yield f"  {platform['clip_s']} s of speech without a service", f"{platform['alone_ms']:.0f} ms"
    yield f"  {platform['clip_s']} s of speech as a job", f"{platform['job_ms']:.0f} ms"
    yield "  what the platform adds", f"{platform['added_ms']:+.0f} ms"
    yield "    of the clip's length", f"{platform['added_to_clip_percent']:+.1f}%"
    if "added_cpu_percent" in platform:
        yield "    of the work's CPU time", f"{platform['added_cpu_percent']:+.1f}%"


def _streams(part: Figures) -> Iterator[Row]:
    yield "WatchJob streams while workers work: Postgres, and callers", ""
    for streams, cost in part.items():
        rate, messages = cost["transactions_per_second"], cost["messages_per_second"]
        yield f"  {streams}", f"{rate:.0f} transactions/s, {messages:.0f} messages/s"


_PARTS = {
    "render": _render,
    "frame": _frame,
    "minute": _minute,
    "answers": _answers,
    "job": _job,
    "streams": _streams,
}
