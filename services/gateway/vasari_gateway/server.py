"""The gateway process: builds the server, says when it is ready, ends in order."""

from __future__ import annotations

import asyncio
import gc
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from sqlalchemy.exc import SQLAlchemyError

from vasari.config import Settings
from vasari.jobs.database import make_engine
from vasari.jobs.watch import Watcher
from vasari.proto.v1 import jobs_pb2, jobs_pb2_grpc
from vasari.store import Store
from vasari.telemetry import Readiness, configure_logging, configure_tracing, serve_page
from vasari_gateway.boundary import Boundary
from vasari_gateway.callers import Callers
from vasari_gateway.health import keep_health
from vasari_gateway.service import JobService
from vasari_gateway.tls import server_credentials
from vasari_gateway.transactions import Transactions

log = structlog.get_logger()

SERVICE: Final = jobs_pb2.DESCRIPTOR.services_by_name["JobService"].full_name
MESSAGE_BYTES: Final = 2 * 16 * 2**20 + 2**20
"""Largest request: two inline media of 16 MiB, and what is around them."""
TRANSACTIONS: Final = 8
"""Those that may be under way at once."""
STORE_THREADS: Final = 32
"""Calls to the store that may be under way at once; its client blocks."""

_OPTIONS: Final = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    # Two gateways on one port would share its callers without a word; the second shall fail.
    ("grpc.so_reuseport", 0),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_time_ms", 60_000),
)


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then refuse new calls and give those under way some seconds."""
    configure_logging("gateway")
    configure_tracing("gateway")
    readiness = Readiness(settings.ready_file)
    serve_page(settings.metrics_address, readiness)
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(STORE_THREADS, thread_name_prefix="store"))
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked_to_stop.set)

    engine = make_engine(settings, TRANSACTIONS)
    transactions, store = Transactions(engine, TRANSACTIONS), Store(settings)
    watcher = Watcher(engine.url.set(drivername="postgresql").render_as_string(hide_password=False))
    callers = Callers(transactions, settings)
    jobs = JobService(transactions, watcher, store, callers, settings)
    healths = health.aio.HealthServicer()  # type: ignore[attr-defined]

    server = grpc.aio.server(interceptors=[Boundary(SERVICE, callers)], options=_OPTIONS)
    jobs_pb2_grpc.add_JobServiceServicer_to_server(jobs, server)
    health_pb2_grpc.add_HealthServicer_to_server(healths, server)
    services = (SERVICE, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(services, server)
    credentials = server_credentials(settings)
    if credentials is None:
        port = server.add_insecure_port(settings.gateway_address)
    else:
        port = server.add_secure_port(settings.gateway_address, credentials)

    async with watcher.running():
        await _prepare(callers, asked_to_stop)
        # What is loaded by now stays. To look through it for garbage would stop all calls for a tenth of a second.
        gc.collect()
        gc.freeze()
        for service in ("", SERVICE):
            await healths.set(service, health_pb2.HealthCheckResponse.NOT_SERVING)
        await server.start()
        tasks = [
            asyncio.create_task(keep_health(healths.set, ("", SERVICE), transactions, store, readiness)),
            asyncio.create_task(callers.keep_fresh()),
        ]
        log.info("listening", address=settings.gateway_address, port=port, tls=credentials is not None)
        await asked_to_stop.wait()

        readiness.set("is stopping")
        for task in tasks:
            task.cancel()
        await healths.enter_graceful_shutdown()
        jobs.stop()
        await server.stop(settings.grace_seconds)
        log.info("no calls left")
    engine.dispose()
    log.info("stopped")


async def _prepare(callers: Callers, asked_to_stop: asyncio.Event) -> None:
    """Know who may call, as soon as there is a database with tables. Raises Unauthenticated if nobody could."""
    while not asked_to_stop.is_set():
        try:
            await callers.prepare()
        except SQLAlchemyError as error:
            log.warning("waiting for the database", error=str(error.__cause__ or error))
            await asyncio.sleep(1.0)
        else:
            return
