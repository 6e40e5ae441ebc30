"""Whether a process can work now (readiness), and whether starting it anew would help (liveness)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import structlog

from vasari.telemetry import metrics

log = structlog.get_logger()

HUNG_SECONDS: Final = 600.0
"""Work gives a sign of life every second or so; after so long without one it will never end."""


class Readiness:
    """Says so in three places: a metric, a file that exists while the process is ready, and the page `/ready`.

    Args:
        file: None for none. One of an earlier process is deleted at once.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self.problem: str | None = "is starting"
        """Why the process is not ready; None while it is."""
        self._publish()

    def set(self, problem: str | None) -> None:
        """Say what is missing; None for nothing."""
        changed = (problem is None) != (self.problem is None)
        self.problem = problem
        if changed:
            self._publish()
            if problem is None:
                log.info("ready")
            else:
                log.warning("not ready", problem=problem)

    def _publish(self) -> None:
        metrics.READY.set(self.problem is None)
        if self._file and self.problem is None:
            self._file.touch()
        elif self._file:
            self._file.unlink(missing_ok=True)


class Pulse:
    """When the work of this process last gave a sign of life."""

    def __init__(self) -> None:
        self._at: float | None = None

    def beat(self) -> None:
        """The work goes on."""
        self._at = time.monotonic()

    def rest(self) -> None:
        """There is no work."""
        self._at = None

    def problem(self) -> str | None:
        """That the work hangs; None while it does not."""
        at = self._at
        silent = time.monotonic() - at if at is not None else 0.0
        return f"the work has given no sign of life for {silent:.0f} s" if silent > HUNG_SECONDS else None


pulse: Final = Pulse()
"""A process does one piece of work at a time."""
