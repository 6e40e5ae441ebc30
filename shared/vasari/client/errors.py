"""What a server answers, as the errors of `vasari.values`."""

from __future__ import annotations

from typing import Final, cast

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from vasari.proto.v1 import jobs_pb2
from vasari.values import (
    Cancelled,
    Conflict,
    Fault,
    InputError,
    NotFound,
    NotReady,
    QueueFull,
    RateLimited,
    Reason,
    Unauthenticated,
    VasariError,
)
from vasari.values.rules import InvalidRequest, Violation

_UNMENDABLE: Final = frozenset(
    {
        Reason.DEADLINE_EXCEEDED,
        Reason.ATTEMPTS_EXHAUSTED,
        Reason.QUEUE_FULL,
        Reason.NOT_FOUND,
        Reason.NOT_READY,
        Reason.UNAVAILABLE,
        Reason.INTERNAL,
        Reason.RATE_LIMITED,
        Reason.UNAUTHENTICATED,
    }
)
"""Reasons that another portrait, speech or request would not mend."""


class Unreachable(Fault):
    """No gateway answers at the target, or not in time."""

    def __init__(self, message: str) -> None:
        super().__init__(Reason.UNAVAILABLE, message)


def failure_of(job: jobs_pb2.Job) -> VasariError | None:
    """Why a job that ended has no result, as an error to raise: InputError where the input is at fault. Else None."""
    if job.state == jobs_pb2.JOB_STATE_CANCELLED:
        return Cancelled(f"{job.name} was cancelled")
    if job.state != jobs_pb2.JOB_STATE_FAILED:
        return None

    reason = _reason(jobs_pb2.Reason.Name(job.failure.reason).removeprefix("REASON_"))
    kind = Fault if reason in _UNMENDABLE else InputError
    return kind(reason, job.failure.message)


def from_rpc_error(error: grpc.RpcError, target: str) -> VasariError:
    """The error that the server meant, from the status's details (google.rpc.ErrorInfo, BadRequest, RetryInfo).

    Without an ErrorInfo the answer is not of the gateway's making: then the way to it is at fault.
    """
    info, bad_request, retry = (
        error_details_pb2.ErrorInfo(),
        error_details_pb2.BadRequest(),
        error_details_pb2.RetryInfo(),
    )
    status = rpc_status.from_call(cast("grpc.Call", error))
    for detail in status.details if status else ():
        for message in (info, bad_request, retry):
            detail.Unpack(message)

    code, reason, words = error.code(), _reason(info.reason), error.details() or ""
    violations = [Violation(violation.field, violation.description) for violation in bad_request.field_violations]
    match code:
        case grpc.StatusCode.INVALID_ARGUMENT if violations:
            return InvalidRequest(violations, reason, words)
        case grpc.StatusCode.INVALID_ARGUMENT:
            return InputError(reason if info.reason else Reason.INVALID_REQUEST, words)
        case grpc.StatusCode.NOT_FOUND:
            return NotFound(words)
        case grpc.StatusCode.FAILED_PRECONDITION:
            return NotReady(words)
        case grpc.StatusCode.ALREADY_EXISTS:
            return Conflict(words)
        case grpc.StatusCode.RESOURCE_EXHAUSTED if info.reason == Reason.QUEUE_FULL:
            return QueueFull(words, retry.retry_delay.ToTimedelta().total_seconds())
        case grpc.StatusCode.RESOURCE_EXHAUSTED if info.reason == Reason.RATE_LIMITED:
            return RateLimited(words, retry.retry_delay.ToTimedelta().total_seconds())
        case grpc.StatusCode.UNAUTHENTICATED:
            return Unauthenticated(words)
        case grpc.StatusCode.UNAVAILABLE if not info.reason:
            return Unreachable(f"no Vasari server answers at {target}")
        case grpc.StatusCode.UNAVAILABLE:
            return Fault(reason, words)
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return Unreachable(f"the Vasari server at {target} did not answer in time")
        case grpc.StatusCode.CANCELLED:
            return Cancelled("the call was cancelled")
        case _:
            return VasariError(Reason.INTERNAL, f"the server answered {code.name}: {words}")


def _reason(name: str) -> Reason:
    """A reason by name; one that a later server knows and this client does not is INTERNAL."""
    return Reason.__members__.get(name, Reason.INTERNAL)
