"""What jobs and stages are, and their states. The names are those of `vasari.v1`."""

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


class ResultKind(StrEnum):
    """What a job makes."""

    VIDEO = "VIDEO"
    MOTION = "MOTION"
    """The motion alone, as a file."""


class AssetRole(StrEnum):
    """What an asset is to a job. A job has at most one in each role."""

    PORTRAIT = "portrait"
    SPEECH = "speech"
    MOTION = "motion"
    """A motion file that is played instead of what the speech would bring about."""
    MOUTH = "mouth"
    POSE = "pose"
    EXPRESSION = "expression"
    """Motion files that one part of the motion comes from, see `vasari.values.parts.Part`."""
    BACKGROUND_PICTURE = "background_picture"
    """What stands behind the person instead of the photo's background."""

    @property
    def is_picture(self) -> bool:
        return self in (AssetRole.PORTRAIT, AssetRole.BACKGROUND_PICTURE)

    @property
    def is_motion(self) -> bool:
        """Whether it is a motion file."""
        return not self.is_picture and self is not AssetRole.SPEECH


class StageKind(StrEnum):
    FACE_ENCODE = "FACE_ENCODE"
    """Photo to Appearance. One a job."""
    MOTION = "MOTION"
    """Speech and motion files to Motion, in windows or as the job's result. One a job."""
    RENDER = "RENDER"
    """One window of Motion on the Appearance to one segment of video. As many as the motion has windows."""
    JOIN = "JOIN"
    """Segments and sound to the finished MP4. One a job; the dispatcher's own work."""

    @property
    def queue(self) -> str:
        """Name of the Celery queue that carries its hints."""
        return self.value.lower().replace("_", "-")


def stage_kinds(result: ResultKind, portrait: bool) -> tuple[StageKind, ...]:
    """The stages of a job, in order. Each waits for all before it; when the last is done, its output is the result."""
    face = (StageKind.FACE_ENCODE,) if portrait else ()
    film = (StageKind.RENDER, StageKind.JOIN) if result is ResultKind.VIDEO else ()
    return (*face, StageKind.MOTION, *film)


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
