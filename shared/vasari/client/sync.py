"""The client, for code without an event loop: `AsyncClient` on a loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from vasari.client.aio import DEFAULT_TARGET, AsyncClient, Progress, Source
from vasari.client.security import Tls
from vasari.proto.v1 import jobs_pb2
from vasari.values import Controls
from vasari.values.parts import Part

T = TypeVar("T")
_END: Final[Any] = object()
CLOSE_SECONDS: Final = 2.0


class Client:
    """`AsyncClient`, blocking: `with Client() as client: ...`. Usable from several threads."""

    def __init__(
        self,
        target: str = DEFAULT_TARGET,
        *,
        api_key: str | None = None,
        tls: Tls | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="vasari-client", daemon=True)
        self._thread.start()

        async def connect() -> AsyncClient:
            return AsyncClient(target, api_key=api_key, tls=tls, timeout=timeout)

        self._client = self._wait(connect())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back the connection. An interrupted call may keep gRPC from closing; nobody waits for that for long."""
        closing = asyncio.run_coroutine_threadsafe(self._client.close(), self._loop)
        with suppress(TimeoutError):
            closing.result(CLOSE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    def submit(
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
        return self._wait(
            self._client.submit(
                portrait,
                speech,
                controls,
                motion=motion,
                parts=parts,
                background_picture=background_picture,
                motion_only=motion_only,
                request_id=request_id,
                timeout=timeout,
            )
        )

    def upload(self, source: Path | str | bytes, progress: Progress | None = None) -> jobs_pb2.Asset:
        return self._wait(self._client.upload(source, progress))

    def get(self, job: jobs_pb2.Job | str) -> jobs_pb2.Job:
        return self._wait(self._client.get(job))

    def jobs(self, states: Iterable[jobs_pb2.JobState | str] = (), *, page_size: int = 50) -> Iterator[jobs_pb2.Job]:
        return self._iterate(self._client.jobs(states, page_size=page_size))

    def cancel(self, job: jobs_pb2.Job | str) -> jobs_pb2.Job:
        return self._wait(self._client.cancel(job))

    def delete(self, job: jobs_pb2.Job | str) -> None:
        self._wait(self._client.delete(job))

    def watch(self, job: jobs_pb2.Job | str) -> Iterator[jobs_pb2.Job]:
        return self._iterate(self._client.watch(job))

    def download(self, job: jobs_pb2.Job | str, path: Path | str, progress: Progress | None = None) -> Path:
        return self._wait(self._client.download(job, path, progress))

    submit.__doc__ = AsyncClient.submit.__doc__
    upload.__doc__ = AsyncClient.upload.__doc__
    get.__doc__ = AsyncClient.get.__doc__
    jobs.__doc__ = AsyncClient.jobs.__doc__
    cancel.__doc__ = AsyncClient.cancel.__doc__
    delete.__doc__ = AsyncClient.delete.__doc__
    watch.__doc__ = AsyncClient.watch.__doc__
    download.__doc__ = AsyncClient.download.__doc__

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run on the loop and wait; an interrupt (Ctrl-C) cancels the call."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def _iterate(self, stream: AsyncIterator[T]) -> Iterator[T]:
        async def advance() -> T:
            return await anext(stream, _END)

        while (item := self._wait(advance())) is not _END:
            yield item
