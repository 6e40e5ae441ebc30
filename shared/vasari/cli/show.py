"""What a user sees while work goes on: one bar a stage on stderr, and a summary on stdout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table

if TYPE_CHECKING:
    from vasari.evaluation.figures import Figure

stdout = Console()
stderr = Console(stderr=True)


class StageBars:
    """A bar for each stage, named when it first shows progress. Enter it, then `update` as often as there is news."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<14}"),
            BarColumn(),
            TextColumn("{task.fields[state]}"),
            console=stderr,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def count(self, stage: str, done: int, total: int) -> None:
        """Show a stage of this process by its frames."""
        self.update(stage, done, total, "" if total <= 1 else f"{done} of {total} frames")

    def update(self, stage: str, done: int, total: int, state: str) -> None:
        """Show how far a stage is; `total` 0 means not known."""
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=None, state="")
        self._progress.update(self._tasks[stage], completed=done, total=total or None, state=state)


def note(words: str) -> None:
    """What a user should know although all goes well, above the bars; nothing for no words."""
    if words:
        stderr.print(f"note: {words}", soft_wrap=True, highlight=False, markup=False)


def summary(path: Path, costs: Mapping[str, float | None], elapsed: float, seconds: float, what: str = "video") -> None:
    """Where the result is, what each stage cost (None: the cache had it), and how fast that was against real time."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for stage, cost in costs.items():
        table.add_row(stage, "from the cache" if cost is None else f"{cost:.2f} s")
    table.add_row("in all", f"{elapsed:.2f} s", style="bold")
    stdout.print(table)
    ratio = seconds / elapsed
    stdout.print(f"{path}: {seconds:.1f} s of {what}, {ratio:.2f} times real time", soft_wrap=True, highlight=False)


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
