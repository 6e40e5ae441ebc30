"""JobService: each RPC of vasari/v1/jobs.proto, in its order."""

# ruff: noqa: N802, ARG002 - names and signatures are those of gRPC

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Final

import structlog
from google.protobuf import empty_pb2
from sqlalchemy.orm import Session

from vasari.config import Settings
from vasari.jobs import acceptance, requests, schema
from vasari.jobs.states import AssetRole, JobState, ResultKind
from vasari.jobs.watch import Watcher
from vasari.proto.v1 import jobs_pb2, jobs_pb2_grpc
from vasari.store import Store, names
from vasari.telemetry.traces import traceparent
from vasari.values import Fault, NotFound, NotReady, Reason
from vasari.values.appearance import ENCODER_VERSION
from vasari.values.encoding import VideoEncoding
from vasari.values.wire import controls_from_proto, controls_to_json
from vasari_gateway.boundary import Context
from vasari_gateway.callers import Callers, caller
from vasari_gateway.intake import Intake
from vasari_gateway.messages import Links, asset_message, job_id, job_message, page_token, read_page_token
from vasari_gateway.reader import Reader
from vasari_gateway.transactions import Transactions

log = structlog.get_logger()

DEFAULT_PAGE: Final = 50
WATCH_SECONDS: Final = 0.1
"""Least time between two messages of a watch; changes in between become one. All watches are read together."""
SAFETY_SECONDS: Final = 5.0
"""A watch looks at the row after so long even if it heard of no change."""


class JobService(jobs_pb2_grpc.JobServiceServicer):
    def __init__(
        self, transactions: Transactions, watcher: Watcher, store: Store, callers: Callers, settings: Settings
    ) -> None:
        self._transactions = transactions
        self._callers = callers
        self._watcher = watcher
        self._store = store
        self._settings = settings
        self._intake = Intake(transactions, store, settings)
        self._links = Links(store, settings.result_link_seconds)
        self._reader = Reader(transactions, self._links)
        self._watched = Reader(transactions, self._links, pause=WATCH_SECONDS)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End the watches, so that their callers connect to another gateway."""
        self._stopping.set()

    async def CreateJob(self, request: jobs_pb2.CreateJobRequest, context: Context) -> jobs_pb2.Job:
        tenant = caller()
        controls = controls_from_proto(request.controls)
        given = [role for role in AssetRole if request.HasField(role.value)]
        assets = {role: await self._intake.digest(tenant, role, getattr(request, role)) for role in given}
        portrait = assets.get(AssetRole.PORTRAIT)
        kind = request.result_kind or jobs_pb2.RESULT_KIND_VIDEO
        timeout = request.timeout.ToTimedelta().total_seconds()
        new = acceptance.NewJob(
            assets=assets,
            result_kind=ResultKind(jobs_pb2.ResultKind.Name(kind).removeprefix("RESULT_KIND_")),
            controls=controls_to_json(controls),
            appearance_key=names.appearance_key(ENCODER_VERSION, portrait, controls.face_index) if portrait else None,
            engine={
                "face": ENCODER_VERSION,
                "video": asdict(VideoEncoding()),
                "segment_frames": round(self._settings.segment_seconds * controls.fps),
            },
            timeout=timeout if request.HasField("timeout") else self._settings.job_timeout,
            request_id=request.request_id or None,
            traceparent=traceparent(),
        )
        limit = self._callers.limits(tenant).max_unfinished_jobs
        if limit is None:
            limit = self._settings.max_unfinished_jobs

        def create(session: Session) -> schema.Job | tuple[AssetRole, schema.Asset]:
            """The job, or a picture that has to be looked at first."""
            held = acceptance.hold_assets(session, tenant, set(assets.values()))
            unseen = self._intake.unseen_picture({role: held[digest] for role, digest in assets.items()})
            return unseen or acceptance.create_job(session, tenant, new, limit)

        try:
            while isinstance(made := await self._transactions.run(create), tuple):
                await self._intake.look_at(*made)
        except NotFound as error:
            named = [getattr(request, role).asset for role in given]
            if any(name and name in error.message for name in named):
                raise
            # What the request brought was there a moment ago: deleted with the last other job that used it.
            raise Fault(Reason.UNAVAILABLE, "what the request brought was deleted meanwhile; try again") from error
        log.info("job accepted", job=str(made.id))
        return job_message(made, self._links)

    async def UploadAsset(
        self, request_iterator: AsyncIterator[jobs_pb2.UploadAssetRequest], context: Context
    ) -> jobs_pb2.Asset:
        return asset_message(await self._intake.upload(caller(), request_iterator))

    async def GetJob(self, request: jobs_pb2.GetJobRequest, context: Context) -> jobs_pb2.Job:
        return await self._reader.job(caller(), job_id(request.name))

    async def ListJobs(self, request: jobs_pb2.ListJobsRequest, context: Context) -> jobs_pb2.ListJobsResponse:
        tenant, size = caller(), request.page_size or DEFAULT_PAGE
        states = [JobState(jobs_pb2.JobState.Name(state).removeprefix("JOB_STATE_")) for state in request.states]
        before = read_page_token(request.page_token)
        # One more than asked for tells whether there is a next page.
        jobs = await self._transactions.run(
            lambda session: requests.list_jobs(session, tenant, states, size + 1, before)
        )
        page = jobs[:size]
        return jobs_pb2.ListJobsResponse(
            jobs=[job_message(job, self._links) for job in page],
            next_page_token=page_token(page[-1]) if len(jobs) > size else "",
        )

    async def CancelJob(self, request: jobs_pb2.CancelJobRequest, context: Context) -> jobs_pb2.Job:
        tenant, wanted = caller(), job_id(request.name)
        job = await self._transactions.run(lambda session: requests.cancel_job(session, tenant, wanted))
        return job_message(job, self._links)

    async def DeleteJob(self, request: jobs_pb2.DeleteJobRequest, context: Context) -> empty_pb2.Empty:
        tenant, wanted = caller(), job_id(request.name)
        await self._transactions.run(lambda session: requests.delete_job(session, tenant, wanted))
        return empty_pb2.Empty()

    async def WatchJob(self, request: jobs_pb2.WatchJobRequest, context: Context) -> AsyncIterator[jobs_pb2.Job]:
        tenant, wanted = caller(), job_id(request.name)
        last = None
        async with self._watcher.subscribe(str(wanted)) as changed:
            while True:
                changed.clear()
                message = await (self._watched if last else self._reader).job(tenant, wanted)
                if message != last:
                    yield message
                    last = message
                if message.HasField("end_time"):
                    return
                await _first(changed, self._stopping)
                if self._stopping.is_set():
                    raise Fault(Reason.UNAVAILABLE, "this gateway is going down; connect again")

    async def DownloadResult(
        self, request: jobs_pb2.DownloadResultRequest, context: Context
    ) -> AsyncIterator[jobs_pb2.DownloadResultResponse]:
        job = await self._get(request.name)
        if job.result is None:
            ended = f"{job.state.lower()} and has no result" if job.state.ended else "is not done yet; watch it"
            raise NotReady(f"{request.name} {ended}")
        # Never closed here: when the caller goes away a thread may be inside; it closes with its last reference.
        chunks = self._store.stream(job.result["object"])
        while chunk := await asyncio.to_thread(next, chunks, b""):
            yield jobs_pb2.DownloadResultResponse(chunk=chunk)

    async def _get(self, name: str) -> schema.Job:
        tenant, wanted = caller(), job_id(name)
        return await self._transactions.run(lambda session: requests.get_job(session, tenant, wanted))


async def _first(*events: asyncio.Event) -> None:
    """Return when one of the events is set, or after SAFETY_SECONDS."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=SAFETY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
