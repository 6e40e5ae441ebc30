"""What can go wrong, typed: each error has a reason code, a gRPC status and a sentence for the user.

Three kinds matter to the platform: an `InputError` is the caller's to mend and is never tried again; a `Fault` is
ours (a machine, a network, a bug) and is tried again with backoff; a `Defect` is ours too, and is there to stay.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Reason(StrEnum):
    """Why a job failed or a request was refused. The names are those of `vasari.v1.Reason`."""

    NO_FACE = "NO_FACE"
    """No human face was found in the portrait."""
    SEVERAL_FACES = "SEVERAL_FACES"
    """Several faces, none of which dominates; choose one with `face_index`."""
    FACE_TOO_SMALL = "FACE_TOO_SMALL"
    """The face has too few pixels to be animated."""
    FACE_TURNED_AWAY = "FACE_TURNED_AWAY"
    """The head is turned too far from the camera."""
    FACE_CUT_OFF = "FACE_CUT_OFF"
    """The photo ends in an eye or in the mouth."""
    MOUTH_COVERED = "MOUTH_COVERED"
    """Something lies before the mouth: a mask, a hand, a microphone."""
    PORTRAIT_UNREADABLE = "PORTRAIT_UNREADABLE"
    """Not an image, of a format that is not supported, or damaged."""
    PORTRAIT_TOO_LARGE = "PORTRAIT_TOO_LARGE"
    """More pixels or bytes than the limit."""
    SPEECH_UNREADABLE = "SPEECH_UNREADABLE"
    """Not a sound file, without a sound track, or damaged."""
    SPEECH_SILENT = "SPEECH_SILENT"
    """Nothing audible in the whole of the speech."""
    SPEECH_EMPTY = "SPEECH_EMPTY"
    """No samples, or too few for one frame of video."""
    SPEECH_TOO_LONG = "SPEECH_TOO_LONG"
    """Longer than the limit of this server."""
    MOTION_UNREADABLE = "MOTION_UNREADABLE"
    """Not a motion file, or one with rows that cannot be played."""
    MOTION_TOO_LONG = "MOTION_TOO_LONG"
    """Longer than the limit of this server."""
    INVALID_REQUEST = "INVALID_REQUEST"
    """The request itself is wrong; the violations name the fields."""
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    """The job's own deadline passed before it was done."""
    ATTEMPTS_EXHAUSTED = "ATTEMPTS_EXHAUSTED"
    """A stage failed as often as it may; the message tells how the last attempt ended."""
    QUEUE_FULL = "QUEUE_FULL"
    """The caller has as many unfinished jobs as allowed; try again later."""
    NOT_FOUND = "NOT_FOUND"
    """No such job or asset."""
    NOT_READY = "NOT_READY"
    """The job has no result yet, or none at all."""
    UNAVAILABLE = "UNAVAILABLE"
    """A server that is needed does not answer."""
    INTERNAL = "INTERNAL"
    """A fault of Vasari's own."""
    RATE_LIMITED = "RATE_LIMITED"
    """The caller asks more often than allowed; try again in a moment."""
    UNAUTHENTICATED = "UNAUTHENTICATED"
    """The call carries no API key, or one that is not valid."""


class VasariError(Exception):
    """Base of all errors that reach a user.

    Args:
        reason: the code, stable across releases.
        message: one sentence that says what is wrong and, where it can, how to mend it.
    """

    status: ClassVar[str] = "INTERNAL"
    """Name of the gRPC status code that this kind of error answers with."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class InputError(VasariError):
    """The input cannot be used as it is: refused, never tried again. The CLI exits with 2."""

    status = "INVALID_ARGUMENT"


class Fault(VasariError):
    """Something of ours failed: tried again with backoff until the attempts are used up."""

    status = "UNAVAILABLE"


class Defect(VasariError):
    """Something of ours is wrong, and would be the next time: the job fails at once."""

    def __init__(self, message: str) -> None:
        super().__init__(Reason.INTERNAL, message)


class SpoiltAppearance(Defect):
    """An encoded face cannot be read any more. One from the cache is encoded again, from the photo."""


class Cancelled(VasariError):
    """The work was asked to stop: its job was cancelled, or its lease was lost to another worker."""

    status = "CANCELLED"

    def __init__(self, message: str = "the work was cancelled") -> None:
        super().__init__(Reason.INTERNAL, message)


class NotFound(VasariError):
    """The caller has no such job or asset."""

    status = "NOT_FOUND"

    def __init__(self, message: str) -> None:
        super().__init__(Reason.NOT_FOUND, message)


class NotReady(VasariError):
    """The job is in no state for what was asked of it."""

    status = "FAILED_PRECONDITION"

    def __init__(self, message: str) -> None:
        super().__init__(Reason.NOT_READY, message)


class Conflict(VasariError):
    """The request_id was used before, for another request."""

    status = "ALREADY_EXISTS"

    def __init__(self, message: str) -> None:
        super().__init__(Reason.INVALID_REQUEST, message)


class Unauthenticated(VasariError):
    """The call carries no API key, or one that is not known, or revoked."""

    status = "UNAUTHENTICATED"

    def __init__(self, message: str) -> None:
        super().__init__(Reason.UNAUTHENTICATED, message)


class Exhausted(VasariError):
    """The caller has used up what it may use. `retry_after` seconds is a good time to try again."""

    status = "RESOURCE_EXHAUSTED"

    def __init__(self, reason: Reason, message: str, retry_after: float) -> None:
        super().__init__(reason, message)
        self.retry_after = retry_after


class QueueFull(Exhausted):
    """The caller has as many unfinished jobs as it may."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(Reason.QUEUE_FULL, message, retry_after)


class RateLimited(Exhausted):
    """The caller asks more often than it may."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(Reason.RATE_LIMITED, message, retry_after)
