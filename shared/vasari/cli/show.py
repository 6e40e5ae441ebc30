"""What a user sees while work goes on: one bar a stage on stderr, and what came of it on stdout."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from vasari.evaluation.figures import Figure

stdout = Console()
stderr = Console(stderr=True)

DOING: Final = {
    "load": "loading the networks",
    "face": "finding the face",
    "motion": "making the motion",
    "sound": "encoding the sound",
    "render": "drawing",
    "join": "joining the segments",
    "convert": "converting",
}
"""What a stage does while it has no frames to count."""

_QUIET_SECONDS: Final = 10.0
"""Where there is no terminal: from one line about a stage to the next."""


class _Seconds(ProgressColumn):
    """How long a stage has taken."""

    def render(self, task: Task) -> Text:
        return Text(f"{(task.finished_time if task.finished else task.elapsed) or 0.0:6.1f} s")


class StageBars:
    """What each stage does and for how long. Enter it, then `update` as often as there is news.

    On a terminal a bar for each stage, and a clock that runs by itself; elsewhere a line when a stage begins and when
    it is done, and one every ten seconds of news meanwhile.
    """

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<14}"),
            BarColumn(bar_width=24),
            _Seconds(),
            TextColumn("{task.fields[state]}"),
            console=stderr,
            disable=not stderr.is_terminal or stderr.is_dumb_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._said: dict[TaskID, float] = {}
        """When the last line about a stage was written."""

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def count(self, stage: str, done: int, total: int, seconds: float | None = None) -> None:
        """Show a stage of this process by its frames, or by what it does while there are none."""
        counted = f"{done} of {total} frames" if total else f"{done} frames"
        self.update(stage, done, total, counted if done and total != 1 else DOING.get(stage, ""), seconds)

    def update(self, stage: str, done: int, total: int, state: str, seconds: float | None = None) -> None:
        """Show how far a stage is.

        Args:
            total: 0 if it is not known.
            state: in words.
            seconds: that it has taken so far; if not given, they are counted from its first update.
        """
        progress, begins = self._progress, stage not in self._tasks or seconds == 0.0
        if stage not in self._tasks:
            self._tasks[stage] = progress.add_task(stage, total=None, state="")
        task = progress.tasks[self._tasks[stage]]
        if seconds is not None:
            task.start_time = progress.get_time() - seconds
        # A bar that stands at nothing looks as if nothing went on: until there is something, it moves.
        was_finished = task.finished
        progress.update(task.id, completed=done, total=(done and total) or None, state=state)
        if progress.disable and not was_finished:
            self._say(task, begins)

    def _say(self, task: Task, begins: bool) -> None:
        now = time.monotonic()
        if begins or task.finished or now - self._said[task.id] >= _QUIET_SECONDS:
            self._said[task.id] = now
            seconds = [] if begins and not task.finished else [f"{task.elapsed or 0.0:.1f} s"]
            said = ", ".join([*filter(None, [task.fields["state"]]), *seconds])
            stderr.print(f"{task.description}: {said}", soft_wrap=True, highlight=False, markup=False)


def note(words: str) -> None:
    """What a user should know although all goes well, above the bars; nothing for no words."""
    if words:
        stderr.print(f"note: {words}", soft_wrap=True, highlight=False, markup=False)


def summary(path: Path, elapsed: float, seconds: float, what: str = "video") -> None:
    """Where the result is, how long it took to make, and how fast that was against real time."""
    words = f"{seconds:.1f} s of {what} in {elapsed:.1f} s, {seconds / elapsed:.2f} times real time"
    stdout.print(f"{path}: {words}", soft_wrap=True, highlight=False)


def figure_table(figures: Sequence[Figure]) -> Table:
    """What was measured: mean, worst value and whose, aim and whether it is kept."""
    table = Table(box=None, pad_edge=False)
    table.add_column("figure", no_wrap=True)
    for heading in ("mean", "worst"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("of", "aim", ""):
        table.add_column(heading, no_wrap=True)
    for figure in figures:
        worst, quantity = figure.worst, figure.quantity
        table.add_row(
            f"{quantity.name}, {quantity.unit}" if quantity.unit else quantity.name,
            f"{figure.mean:.3g}" if figure.measured else "not measured",
            f"{figure.measured[worst]:.3g}" if worst else "",
            worst or "",
            str(quantity.aim or ""),
            {True: "[green]kept[/green]", False: "[red]missed[/red]", None: ""}[figure.kept],
        )
    return table
