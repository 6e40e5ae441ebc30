"""The boundary of every RPC: callers and requests are checked before it, errors become gRPC statuses after it.

Statuses are those of google.rpc: an ErrorInfo with the reason code, a BadRequest with a violation for each field,
a RetryInfo where waiting helps.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final, NoReturn

import grpc
import structlog
from google.protobuf import any_pb2
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from vasari.values import Exhausted, Fault, Reason, VasariError
from vasari.values.rules import InvalidRequest, Violation, check
from vasari_gateway.call import Call
from vasari_gateway.callers import Callers

log = structlog.get_logger()

DOMAIN: Final = "vasari"
"""`ErrorInfo.domain` of every error."""
CALL_SECONDS: Final = 60.0
"""Most that a call with one answer may take, whatever its caller's deadline."""

Context = grpc.aio.ServicerContext[Any, Any]


class Boundary(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]
    """Checks and translates for the services whose full names start with `prefix`."""

    def __init__(self, prefix: str, callers: Callers) -> None:
        self._prefix = f"/{prefix}"
        self._callers = callers

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any]]],
        details: grpc.HandlerCallDetails,
    ) -> Any:
        handler: Any = await continuation(details)
        if handler is None or not details.method.startswith(self._prefix):
            return handler
        call = Call(details.method, details.invocation_metadata)
        refusal = await _refusal(self._callers, details, call)
        if refusal is not None:
            # As a stream, of which nothing is read: a stranger's message is not even parsed.
            return grpc.stream_stream_rpc_method_handler(refusal)
        coders = {
            "request_deserializer": call.counting_received(_tolerant(handler.request_deserializer)),
            "response_serializer": call.counting_sent(handler.response_serializer),
        }
        if handler.stream_unary:
            return grpc.stream_unary_rpc_method_handler(_guard_upload(handler.stream_unary, call), **coders)
        if handler.unary_stream:
            return grpc.unary_stream_rpc_method_handler(_guard_stream(handler.unary_stream, call), **coders)
        return grpc.unary_unary_rpc_method_handler(_guard_call(handler.unary_unary, call), **coders)


async def _refusal(callers: Callers, details: grpc.HandlerCallDetails, call: Call) -> Any:
    """What ends the call, if it cannot be admitted."""

    async def refuse(_: AsyncIterator[Any], context: Context) -> None:
        async with _translated(context, call):
            raise refused

    try:
        await callers.admit(details.invocation_metadata)
    except (VasariError, SQLAlchemyError, TimeoutError) as error:
        refused = error
        return refuse
    return None


def _tolerant(deserialize: Callable[[bytes], Message]) -> Callable[[bytes], Message | None]:
    """Bytes that are no message become None: gRPC would answer them with UNKNOWN and the name of a Python class."""

    def parse(data: bytes) -> Message | None:
        try:
            return deserialize(data)
        except DecodeError:
            return None

    return parse


def _check(request: Message | None) -> Message:
    """Raises InvalidRequest."""
    if request is None:
        raise InvalidRequest([Violation("", "the request is no message of this method")])
    check(request)
    return request


def _guard_call(method: Callable[[Any, Context], Awaitable[Any]], call: Call) -> Any:
    async def guarded(request: Message | None, context: Context) -> Any:
        async with _translated(context, call):
            _check(request)
            async with asyncio.timeout(CALL_SECONDS):
                return await method(request, context)

    return guarded


def _guard_stream(method: Callable[[Any, Context], AsyncIterator[Any]], call: Call) -> Any:
    async def guarded(request: Message | None, context: Context) -> AsyncIterator[Any]:
        async with _translated(context, call):
            _check(request)
            async for message in method(request, context):
                yield message

    return guarded


def _guard_upload(method: Callable[[AsyncIterator[Any], Context], Awaitable[Any]], call: Call) -> Any:
    async def checked(requests: AsyncIterator[Message | None]) -> AsyncIterator[Message]:
        async for request in requests:
            yield _check(request)

    async def guarded(requests: AsyncIterator[Message | None], context: Context) -> Any:
        async with _translated(context, call):
            return await method(checked(requests), context)

    return guarded


@asynccontextmanager
async def _translated(context: Context, call: Call) -> AsyncIterator[None]:
    with call.observed():
        try:
            yield
        except VasariError as error:
            await _abort(context, call, error)
        except (OperationalError, InterfaceError, PoolTimeoutError, TimeoutError) as error:
            log.warning("the database does not answer", error=str(error))
            await _abort(context, call, Fault(Reason.UNAVAILABLE, "the database does not answer; try again"))
        except grpc.aio.BaseError:
            raise
        except Exception:
            # A bug: the caller learns that it is ours, the log learns the rest.
            log.exception("an RPC failed")
            await _abort(context, call, VasariError(Reason.INTERNAL, "a fault of the server's own; it is in its log"))


async def _abort(context: Context, call: Call, error: VasariError) -> NoReturn:
    call.code = error.status
    details: list[Message] = [error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN)]
    if isinstance(error, InvalidRequest):
        details.append(
            error_details_pb2.BadRequest(
                field_violations=[
                    error_details_pb2.BadRequest.FieldViolation(field=v.field, description=v.description)
                    for v in error.violations
                ]
            )
        )
    if isinstance(error, Exhausted):
        details.append(error_details_pb2.RetryInfo(retry_delay=timedelta(seconds=error.retry_after)))
    status = status_pb2.Status(code=grpc.StatusCode[error.status].value[0], message=error.message)
    for detail in details:
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    answer = rpc_status.to_status(status)
    await context.abort(answer.code, answer.details, answer.trailing_metadata)
    raise AssertionError("abort raises")
