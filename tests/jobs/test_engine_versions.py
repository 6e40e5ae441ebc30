"""Two releases at once: no job is worked on by both, and none is left behind."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from tests.jobs.conftest import Transaction
from tests.jobs.world import KINDS_OF_JOB, LEASE_SECONDS, accept, do, job_of, run_everything, states, waits_over

from vasari.jobs import upkeep, work
from vasari.jobs.schema import Appearance, Stage
from vasari.jobs.states import JobState, StageKind, StageState
from vasari.values.appearance import ENCODER_VERSION
from vasari.values.engine import ENGINE_VERSION

FACE, MOTION, RENDER, JOIN = StageKind.FACE_ENCODE, StageKind.MOTION, StageKind.RENDER, StageKind.JOIN
OLD = "older+1"


def claim(session: Session, kind: StageKind, version: str) -> work.Lease | None:
    return work.claim(session, kind, "worker", LEASE_SECONDS, version)


def old_job(session: Session, **changes: object) -> object:
    return accept(session, **{"engine_version": OLD, "appearance_key": "older/face"} | changes)


def hours_pass(session: Session) -> None:
    session.flush()
    session.execute(
        update(Stage)
        .where(Stage.state == StageState.READY)
        .values(run_after=func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 5))
    )


def test_each_version_works_on_its_own_jobs_alone(transaction: Transaction) -> None:
    with transaction() as session:
        old, new = old_job(session), accept(session, appearance_key=f"{ENCODER_VERSION}/face")
        by_old, by_new = claim(session, FACE, OLD), claim(session, FACE, ENGINE_VERSION)
        assert by_old is not None
        assert by_new is not None
        assert (by_old.job_id, by_new.job_id) == (old, new)
        # The name under which a face is kept is that of the encoder that made it.
        assert (by_old.appearance_key, by_new.appearance_key) == ("older/face", f"{ENCODER_VERSION}/face")
        do(session, by_old)
        do(session, by_new)
        for kind in (MOTION, RENDER, RENDER):
            for version, job in ((OLD, old), (ENGINE_VERSION, new)):
                lease = claim(session, kind, version)
                assert lease is not None
                assert lease.job_id == job
                do(session, lease)
        # Segments are joined by any dispatcher.
        assert {claim(session, JOIN, ENGINE_VERSION).job_id for _ in range(2)} == {old, new}  # type: ignore[union-attr]


def test_jobs_of_a_release_that_pinned_nothing_are_everybodys(transaction: Transaction) -> None:
    with transaction() as session:
        accept(session, engine_version=None)
        assert claim(session, FACE, "any") is not None


def test_a_job_that_the_old_release_left_behind_begins_anew(transaction: Transaction) -> None:
    with transaction() as session:
        job = old_job(session)
        for kind in (FACE, MOTION, RENDER):
            lease = claim(session, kind, OLD)
            assert lease is not None
            do(session, lease)
        assert claim(session, RENDER, ENGINE_VERSION) is None
        assert not upkeep.restart_stranded(session, seconds=3600)
        hours_pass(session)
        assert upkeep.restart_stranded(session, seconds=3600)
        assert not upkeep.restart_stranded(session, seconds=3600)

        assert states(session, job) == {  # type: ignore[arg-type]
            (FACE, 0): StageState.READY,
            (MOTION, 0): StageState.BLOCKED,
            (JOIN, 0): StageState.BLOCKED,
        }
        restarted = job_of(session, job)  # type: ignore[arg-type]
        assert restarted.engine_version == ENGINE_VERSION
        assert restarted.appearance_key == f"{ENCODER_VERSION}/face"
        assert session.scalars(select(Appearance)).all() == []
        run_everything(session)
        assert job_of(session, job).state is JobState.SUCCEEDED  # type: ignore[arg-type]


def test_a_job_without_a_face_begins_anew_with_its_motion(transaction: Transaction) -> None:
    with transaction() as session:
        job = old_job(session, **KINDS_OF_JOB["speech to motion"])
        hours_pass(session)
        assert upkeep.restart_stranded(session, seconds=3600)
        assert states(session, job) == {(MOTION, 0): StageState.READY}  # type: ignore[arg-type]
        assert job_of(session, job).appearance_key is None  # type: ignore[arg-type]
        run_everything(session)
        assert job_of(session, job).state is JobState.SUCCEEDED  # type: ignore[arg-type]


def test_a_job_that_an_old_worker_still_works_on_is_left_to_it(transaction: Transaction) -> None:
    with transaction() as session:
        job = old_job(session)
        for kind in (FACE, MOTION):
            do(session, claim(session, kind, OLD))  # type: ignore[arg-type]
        busy = claim(session, RENDER, OLD)
        assert busy is not None
        hours_pass(session)
        assert not upkeep.restart_stranded(session, seconds=3600)
        do(session, busy)
        waits_over(session)
        do(session, claim(session, RENDER, OLD))  # type: ignore[arg-type]
        hours_pass(session)  # the join waits: that is no reason
        assert not upkeep.restart_stranded(session, seconds=3600)
        assert job_of(session, job).engine_version == OLD  # type: ignore[arg-type]


def test_a_late_worker_of_the_old_release_changes_nothing(transaction: Transaction) -> None:
    with transaction() as session:
        job = old_job(session)
        late = claim(session, FACE, OLD)
        assert late is not None
        work.release(session, late)
        hours_pass(session)
        assert upkeep.restart_stranded(session, seconds=3600)
        try:
            work.finish(session, late, {"object": "older"})
        except work.LeaseLost:
            assert states(session, job)[FACE, 0] is StageState.READY  # type: ignore[arg-type]
        else:
            raise AssertionError("its lease was over")
