"""What a worker does around its one function, on a real Postgres and a real store."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session
from tests.jobs.conftest import empty
from tests.jobs.world import TENANT, accept, job_of, leases_over

from vasari.config import Settings
from vasari.jobs import requests, schema, upkeep
from vasari.jobs.states import JobState, Outcome, StageKind, StageState
from vasari.store import Store
from vasari.values import Fault, InputError, Reason
from vasari.worker import StageContext, Unsound, Work, run_one

FACE = StageKind.FACE_ENCODE
ENCODED = {"object": "face"}

Run = Callable[[Work], bool]


@pytest.fixture
def job(engine: Engine) -> UUID:
    """The one job that there is."""
    empty(engine)
    with Session(engine) as session, session.begin():
        return accept(session)


@pytest.fixture
def stopping() -> threading.Event:
    return threading.Event()


@pytest.fixture
def run(engine: Engine, store: Store, settings: Settings, stopping: threading.Event, job: UUID) -> Run:  # noqa: ARG001
    """Be a face-encode worker for one stage."""
    quick = settings.model_copy(update={"heartbeat_seconds": 0.1, "lease_seconds": 1.0, "grace_seconds": 0.3})

    def run(do: Work) -> bool:
        return run_one(FACE, do, engine=engine, store=store, settings=quick, worker="test", stopping=stopping)

    return run


def face_stage(engine: Engine) -> schema.Stage:
    with Session(engine) as session:
        return session.scalars(select(schema.Stage).where(schema.Stage.kind == FACE)).one()


def outcomes(engine: Engine) -> list[Outcome | None]:
    with Session(engine) as session:
        return list(session.scalars(select(schema.Attempt.outcome).order_by(schema.Attempt.token)))


def cut_connections(engine: Engine) -> None:
    """What a restart of Postgres does to whoever is connected."""
    with engine.connect() as connection:
        others = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = user"
        )
        connection.execute(text(others))


def test_there_may_be_nothing_to_do(run: Run) -> None:
    assert run(lambda _: dict(ENCODED))
    assert not run(lambda _: dict(ENCODED))


def test_work_that_is_done_is_written_down(run: Run, engine: Engine) -> None:
    run(lambda _: dict(ENCODED))
    assert face_stage(engine).state is StageState.SUCCEEDED
    assert outcomes(engine) == [Outcome.SUCCEEDED]


def test_the_scratch_folder_is_there_and_then_gone(run: Run) -> None:
    seen: list[Path] = []

    def do(context: StageContext) -> dict[str, str]:
        assert context.scratch.is_dir()
        seen.append(context.scratch)
        return dict(ENCODED)

    run(do)
    assert not seen[0].exists()


def test_wrong_input_ends_the_job(run: Run, engine: Engine, job: UUID) -> None:
    def do(_: StageContext) -> dict[str, str]:
        raise InputError(Reason.NO_FACE, "no face")

    run(do)
    with Session(engine) as session:
        assert job_of(session, job).state is JobState.FAILED


def test_what_nobody_foresaw_is_tried_again_by_a_fresh_process(run: Run, engine: Engine) -> None:
    def do(_: StageContext) -> dict[str, str]:
        raise ZeroDivisionError("by zero")

    with pytest.raises(Unsound):
        run(do)
    assert face_stage(engine).state is StageState.READY
    assert outcomes(engine) == [Outcome.FAILED]


def test_a_long_stage_keeps_its_lease(run: Run, engine: Engine) -> None:
    def do(_: StageContext) -> dict[str, str]:
        time.sleep(2.0)  # twice the lease
        with Session(engine) as session, session.begin():
            assert not upkeep.sweep(session, max_attempts=3, retry_seconds=1.0)
        return dict(ENCODED)

    run(do)
    assert outcomes(engine) == [Outcome.SUCCEEDED]


def test_cancelled_work_stops_within_a_second(run: Run, engine: Engine, job: UUID) -> None:
    cancelled_at: list[float] = []

    def cancel() -> None:
        with Session(engine) as session, session.begin():
            requests.cancel_job(session, TENANT, job)
        cancelled_at.append(time.monotonic())

    def do(context: StageContext) -> dict[str, str]:
        threading.Timer(0.3, cancel).start()
        for _ in range(1000):
            time.sleep(0.02)
            context.advance(1)
        raise AssertionError("went on for 20 s")

    run(do)
    assert time.monotonic() - cancelled_at[0] < 1.0
    assert outcomes(engine) == [Outcome.CANCELLED]


def test_a_worker_that_lost_its_lease_writes_nothing(run: Run, engine: Engine) -> None:
    def do(_: StageContext) -> dict[str, str]:
        with Session(engine) as session, session.begin():
            leases_over(session)
            upkeep.sweep(session, max_attempts=3, retry_seconds=60.0)
        return dict(ENCODED)

    run(do)
    assert face_stage(engine).state is StageState.READY
    assert outcomes(engine) == [Outcome.LOST]


def test_a_stopping_worker_finishes_what_is_short(run: Run, engine: Engine, stopping: threading.Event) -> None:
    def do(context: StageContext) -> dict[str, str]:
        stopping.set()
        context.check()
        return dict(ENCODED)

    run(do)
    assert outcomes(engine) == [Outcome.SUCCEEDED]


def test_a_stopping_worker_hands_back_what_is_long(run: Run, engine: Engine, stopping: threading.Event) -> None:
    def do(context: StageContext) -> dict[str, str]:
        stopping.set()
        for _ in range(100):
            time.sleep(0.02)
            context.advance(1)
        raise AssertionError("went on")

    run(do)
    stage = face_stage(engine)
    assert (stage.state, stage.attempts) == (StageState.READY, 0)
    assert outcomes(engine) == [Outcome.RELEASED]


def test_finished_work_survives_the_connections(run: Run, engine: Engine) -> None:
    def do(_: StageContext) -> dict[str, str]:
        cut_connections(engine)
        return dict(ENCODED)

    run(do)
    assert outcomes(engine) == [Outcome.SUCCEEDED]


def test_an_outage_of_the_store_costs_no_attempt(run: Run, engine: Engine, settings: Settings) -> None:
    away = Store(settings.model_copy(update={"s3_endpoint": "127.0.0.1:9"}))

    def do(_: StageContext) -> dict[str, str]:
        away.put("a", b"b")
        raise AssertionError("nobody listens there")

    run(do)
    stage = face_stage(engine)
    assert (stage.state, stage.attempts) == (StageState.READY, 0)


def test_an_object_that_is_not_there_is_no_outage(store: Store) -> None:
    with pytest.raises(Fault) as missing:
        store.get("no/such/object")
    assert missing.value.reason is Reason.INTERNAL


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    plain = {
        f"VASARI_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in settings
        if value is not None
    }
    return {**os.environ, **plain}


def test_a_worker_that_cannot_load_its_model_ends(environment: dict[str, str]) -> None:
    script = """
from vasari.jobs.states import StageKind
from vasari.worker import serve
def load(settings):
    raise RuntimeError("the weights are damaged")
serve(StageKind.MOTION, load)
"""
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "the weights are damaged" in done.stderr


@pytest.fixture
def dispatcher(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "vasari_dispatcher"], env=environment)
    yield process
    process.terminate()
    process.wait(20)


@pytest.mark.usefixtures("dispatcher")
def test_the_dispatcher_takes_a_silent_workers_stage_and_collects_what_is_let_go(
    engine: Engine, store: Store, job: UUID
) -> None:
    name = f"{TENANT}/jobs/{job}/1/late"
    store.put(name, b"garbage")
    with Session(engine) as session, session.begin():
        requests.cancel_job(session, TENANT, job)
        silent = accept(session)
        session.execute(
            text("UPDATE stages SET state = 'RUNNING', token = 99, lease_expires_at = now() WHERE state = 'READY'")
        )
        session.add(
            schema.Attempt(token=99, stage_id=session.scalar(select(func.max(schema.Stage.id) - 2)), worker="w")
        )
    deadline = time.monotonic() + 15
    while name in store.names(f"{TENANT}/jobs/") or outcomes(engine) != [Outcome.LOST]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with Session(engine) as session:
        assert job_of(session, silent).state is JobState.QUEUED


def test_a_job_past_its_deadline_is_ended_while_another_is_frozen(
    engine: Engine, dispatcher: subprocess.Popen[bytes], job: UUID
) -> None:
    with Session(engine) as frozen:
        frozen.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # frozen for as long as it takes
        frozen.execute(select(schema.Job).where(schema.Job.id == job).with_for_update())
        with Session(engine) as session, session.begin():
            late = accept(session, timeout=0.0)
        deadline = time.monotonic() + 15
        while True:
            with Session(engine) as session:
                if job_of(session, late).state is JobState.FAILED:
                    break
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert dispatcher.poll() is None
