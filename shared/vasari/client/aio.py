"""The client, for asyncio."""

from __future__ import annotations

import asyncio
import hashlib
import random
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import grpc

from vasari.client.errors import from_rpc_error
from vasari.client.security import Tls
from vasari.proto.v1 import jobs_pb2, jobs_pb2_grpc
from vasari.values import Controls, Fault, RateLimited, Reason
from vasari.values.parts import Part
from vasari.values.wire import controls_to_proto

T = TypeVar("T")
Source = Path | str | bytes | jobs_pb2.Asset
"""A file by its path, its bytes, or what `upload` returned."""
Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all."""

DEFAULT_TARGET: Final = "127.0.0.1:8470"
INLINE_BYTES: Final = 4 * 2**20
"""Larger files are uploaded in chunks before the job is made; smaller ones travel in the request."""
CHUNK_BYTES: Final = 256 * 2**10
STREAM_SECONDS: Final = 600.0
"""Deadline of a stream. A watch is renewed when it passes."""
BACKOFF: Final = (0.2, 0.4, 0.8, 1.6)
"""Waits, in seconds, before a call that found no server is tried again."""
RECONNECT: Final = (*BACKOFF, *[3.2] * 17)
"""The same for a watch that was under way: a minute."""
MOST_PATIENCE: Final = 5.0
"""Longest wait, in seconds, that a server may ask for before a call is tried again."""
ENDED: Final = frozenset({jobs_pb2.JOB_STATE_SUCCEEDED, jobs_pb2.JOB_STATE_FAILED, jobs_pb2.JOB_STATE_CANCELLED})

_OPTIONS: Final = (
    ("grpc.max_send_message_length", 2 * INLINE_BYTES + 2**20),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
    # A peer that vanished without a word is noticed after half a minute.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
)


class AsyncClient:
    """Talks to a Vasari gateway: `async with AsyncClient() as client: ...`, inside a running event loop.

    Calls that find no server are tried again for a few seconds; each job is made with a `request_id`, so that a
    repeated call makes no second one. Every method raises a `VasariError`: `InputError` where the input cannot be
    used (`InvalidRequest` with the violations), `Unreachable` where no server answers, `NotFound`, `NotReady`,
    `Conflict`, `Unauthenticated`, `QueueFull`, `RateLimited` (after some waiting, as the server asks), `Fault`.

    Args:
        target: host:port of the gateway.
        api_key: `vsk_...`, where the gateway asks for one.
        tls: how to speak TLS; plain text if not given, over which a key should not leave this machine.
        timeout: deadline of each call in seconds.
    """

    def __init__(
        self,
        target: str = DEFAULT_TARGET,
        *,
        api_key: str | None = None,
        tls: Tls | None = None,
        timeout: float = 30.0,
    ) -> None:
        self.target = target
        self.timeout = timeout
        self._metadata = (("authorization", f"Bearer {api_key}"),) if api_key else None
        if tls is None:
            self._channel = grpc.aio.insecure_channel(target, options=_OPTIONS)
        else:
            credentials = tls.credentials()
            self._channel = grpc.aio.secure_channel(target, credentials, options=_OPTIONS)
        self._stub = jobs_pb2_grpc.JobServiceStub(self._channel)
        # Uploads go through a blocking channel in threads: they read files, and grpc.aio loses the status of a call
        # that the server ends while a message is on its way.
        self._uploads = (
            grpc.insecure_channel(target, options=_OPTIONS)
            if tls is None
            else grpc.secure_channel(target, credentials, options=_OPTIONS)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        self._uploads.close()
        await self._channel.close(None)

    async def submit(
        self,
        portrait: Source | None = None,
        speech: Source | None = None,
        controls: Controls | None = None,
        *,
        motion: Source | None = None,
        parts: Mapping[Part, Source] | None = None,
        background_picture: Source | None = None,
        motion_only: bool = False,
        request_id: str | None = None,
        timeout: float | None = None,
    ) -> jobs_pb2.Job:
        """Make a job: a video of a portrait, or a motion alone.

        Args:
            portrait: whom the video shows; with `motion_only` it may be left out, and speech moves an average face.
            speech: what is said; beside `motion` it is only heard, and may be left out.
            controls: wishes for the result; the defaults if not given.
            motion: a motion file that is played as it is; the result is as long as it.
            parts: motion files that one part of the motion comes from.
            background_picture: of the same formats, to stand behind the person; its middle fills the frame.
            motion_only: make no video, but a motion file: a CSV as Epic's Live Link Face writes it.
            request_id: a second call with the same id answers with the first one's job. A fresh one if not given.
            timeout: seconds after which the job fails unless it is done; the server's default if not given.
        """
        given: dict[str, Source | None] = {"portrait": portrait, "speech": speech, "motion": motion}
        given |= {part.value: source for part, source in (parts or {}).items()}
        given["background_picture"] = background_picture
        files: dict[str, Any] = {name: await self._media(source) for name, source in given.items() if source}
        request = jobs_pb2.CreateJobRequest(
            **files,
            result_kind="RESULT_KIND_MOTION" if motion_only else "RESULT_KIND_VIDEO",
            controls=controls_to_proto(controls or Controls()),
            request_id=request_id or str(uuid.uuid4()),
            timeout=None if timeout is None else timedelta(seconds=timeout),
        )
        return await self._call(self._stub.CreateJob, request)

    async def upload(self, source: Path | str | bytes, progress: Progress | None = None) -> jobs_pb2.Asset:
        """Store a picture, a piece of speech or a motion file for any number of jobs."""
        sha256, size = await asyncio.to_thread(_digest, source)

        def parts() -> Iterator[jobs_pb2.UploadAssetRequest]:
            yield jobs_pb2.UploadAssetRequest(header=jobs_pb2.AssetHeader(sha256=sha256, size_bytes=size))
            done = 0
            for chunk in _chunks(source):
                yield jobs_pb2.UploadAssetRequest(chunk=chunk)
                done += len(chunk)
                if progress:
                    progress(done, size)

        send = jobs_pb2_grpc.JobServiceStub(self._uploads).UploadAsset
        return await self._persist(
            lambda: asyncio.to_thread(send, parts(), timeout=STREAM_SECONDS, metadata=self._metadata)
        )

    async def get(self, job: jobs_pb2.Job | str) -> jobs_pb2.Job:
        """The job as it is now. Jobs are given by name, or as any earlier state of themselves."""
        return await self._call(self._stub.GetJob, jobs_pb2.GetJobRequest(name=_name(job)))

    async def jobs(
        self, states: Iterable[jobs_pb2.JobState | str] = (), *, page_size: int = 50
    ) -> AsyncIterator[jobs_pb2.Job]:
        """All jobs, newest first, or those in some states; pages are fetched as they are needed."""
        request = jobs_pb2.ListJobsRequest(states=states, page_size=page_size)
        while True:
            page = await self._call(self._stub.ListJobs, request)
            for job in page.jobs:
                yield job
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def cancel(self, job: jobs_pb2.Job | str) -> jobs_pb2.Job:
        """Ask a job to stop; one that has ended stays as it is."""
        return await self._call(self._stub.CancelJob, jobs_pb2.CancelJobRequest(name=_name(job)))

    async def delete(self, job: jobs_pb2.Job | str) -> None:
        """Forget a job and delete its media, cancelling it first if it is under way."""
        await self._call(self._stub.DeleteJob, jobs_pb2.DeleteJobRequest(name=_name(job)))

    async def watch(self, job: jobs_pb2.Job | str) -> AsyncIterator[jobs_pb2.Job]:
        """The job now and after every change, until it has ended; connects anew when the server restarts."""
        request = jobs_pb2.WatchJobRequest(name=_name(job))
        waits = iter(BACKOFF)
        while True:
            try:
                async for now in self._stub.WatchJob(request, timeout=STREAM_SECONDS, metadata=self._metadata):
                    waits = iter(RECONNECT)
                    yield now
                    if now.state in ENDED:
                        return
            except grpc.aio.AioRpcError as error:
                if error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
                    continue
                wait = next(waits, None)
                if error.code() != grpc.StatusCode.UNAVAILABLE or wait is None:
                    raise from_rpc_error(error, self.target) from None
                await asyncio.sleep(_jitter(wait))

    async def download(self, job: jobs_pb2.Job | str, path: Path | str, progress: Progress | None = None) -> Path:
        """Write the finished MP4, or a motion's CSV, to a path, which appears there whole and checked or not at all.

        Raises:
            NotReady: the job has no result, or not yet.
        """
        path, job = Path(path), await self.get(job)
        request = jobs_pb2.DownloadResultRequest(name=job.name)
        part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")

        async def fetch() -> None:
            done, digest = 0, hashlib.sha256()
            with part.open("wb") as file:
                stream = self._stub.DownloadResult(request, timeout=STREAM_SECONDS, metadata=self._metadata)
                async for message in stream:
                    file.write(message.chunk)
                    digest.update(message.chunk)
                    done += len(message.chunk)
                    if progress:
                        progress(done, job.result.size_bytes)
            if digest.hexdigest() != job.result.sha256:
                raise Fault(Reason.INTERNAL, f"the result of {job.name} arrived damaged; download it again")

        try:
            await self._persist(fetch)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return path

    async def _media(self, source: Source) -> jobs_pb2.Media:
        if isinstance(source, jobs_pb2.Asset):
            return jobs_pb2.Media(asset=source.name)
        size = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
        if size > INLINE_BYTES:
            return jobs_pb2.Media(asset=(await self.upload(source)).name)
        return jobs_pb2.Media(content=source if isinstance(source, bytes) else Path(source).read_bytes())

    async def _call(self, method: Callable[..., Awaitable[T]], request: object) -> T:
        return await self._persist(lambda: method(request, timeout=self.timeout, metadata=self._metadata))

    async def _persist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Make a call, and again when no server answers or it asks to slow down.

        Every call here may be repeated without harm.
        """
        for wait in (*BACKOFF, None):
            try:
                return await attempt()
            except grpc.RpcError as error:
                failure = from_rpc_error(error, self.target)
                limited = isinstance(failure, RateLimited)
                if wait is None or not (limited or error.code() == grpc.StatusCode.UNAVAILABLE):
                    raise failure from None
                if isinstance(failure, RateLimited):
                    wait = max(wait, min(failure.retry_after, MOST_PATIENCE))
            await asyncio.sleep(_jitter(wait))
        raise AssertionError("the last attempt returns or raises")


def _name(job: jobs_pb2.Job | str) -> str:
    return job if isinstance(job, str) else job.name


def _jitter(seconds: float) -> float:
    """Between half and the whole, so that clients of a restarted server do not come back all at once."""
    return seconds * random.uniform(0.5, 1.0)


def _chunks(source: Path | str | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield from (source[at : at + CHUNK_BYTES] for at in range(0, len(source), CHUNK_BYTES))
        return
    with Path(source).open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _digest(source: Path | str | bytes) -> tuple[str, int]:
    """Hex SHA-256 and size."""
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(source):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size
