"""The states of jobs and stages. The names are those of `vasari.v1`."""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    QUEUED = "QUEUED"
    """Accepted; no stage has started."""
    RUNNING = "RUNNING"
    """At least one stage has started."""
    SUCCEEDED = "SUCCEEDED"
    """The result is in the store and named by the job."""
    FAILED = "FAILED"
    """Ended with a reason and a sentence."""
    CANCELLED = "CANCELLED"
    """Stopped by its owner."""

    @property
    def ended(self) -> bool:
        return self in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


class StageKind(StrEnum):
    FACE_ENCODE = "FACE_ENCODE"
    """Photo to Appearance. One a job."""
    MOTION = "MOTION"
    """Speech to Motion, in windows. One a job."""
    RENDER = "RENDER"
    """One window of Motion on the Appearance to one segment of video. As many as the motion has windows."""
    JOIN = "JOIN"
    """Segments and sound to the finished MP4. One a job; the dispatcher's own work."""

    @property
    def queue(self) -> str:
        """Name of the Celery queue that carries its hints."""
        return self.value.lower().replace("_", "-")


class StageState(StrEnum):
    BLOCKED = "BLOCKED"
    """Waits for the stages before it."""
    READY = "READY"
    """May be claimed, from `run_after` on."""
    RUNNING = "RUNNING"
    """Leased to a worker."""
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    SKIPPED = "SKIPPED"
    """Its output was in the cache."""

    @property
    def ended(self) -> bool:
        return self not in (StageState.BLOCKED, StageState.READY, StageState.RUNNING)

    @property
    def done(self) -> bool:
        """Its output can be used."""
        return self in (StageState.SUCCEEDED, StageState.SKIPPED)


class Outcome(StrEnum):
    """How one attempt at a stage ended."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    """It raised."""
    LOST = "LOST"
    """Its worker fell silent past the lease."""
    RELEASED = "RELEASED"
    """Its worker handed the stage back, to shut down."""
    CANCELLED = "CANCELLED"
    """The job ended meanwhile."""
