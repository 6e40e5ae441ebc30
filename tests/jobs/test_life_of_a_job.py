"""What the state machine promises, one sentence a test."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session
from tests.jobs.conftest import Transaction
from tests.jobs.world import (
    KINDS_OF_JOB,
    LEASE_SECONDS,
    MAX_ATTEMPTS,
    MOTION_FILE,
    PORTRAIT,
    POSES,
    SPEECH,
    TENANT,
    accept,
    claim,
    do,
    job_of,
    leases_over,
    new_job,
    output_of,
    run_everything,
    states,
    upload_assets,
    waits_over,
)

from vasari.jobs import acceptance, requests, tenants, transitions, upkeep, work
from vasari.jobs.schema import Appearance, Asset, Attempt, Hint, Job, Litter, Stage
from vasari.jobs.states import AssetRole, JobState, Outcome, ResultKind, StageKind, StageState
from vasari.values import Conflict, Defect, Fault, InputError, NotFound, QueueFull, Reason, SpoiltAppearance

FACE, MOTION, RENDER, JOIN = StageKind.FACE_ENCODE, StageKind.MOTION, StageKind.RENDER, StageKind.JOIN
RETRY = {"max_attempts": MAX_ATTEMPTS, "retry_seconds": 1.0}


def test_stages_become_ready_in_order(transaction: Transaction) -> None:
    with transaction() as session:
        job = accept(session)
        assert [claim(session, kind) for kind in (MOTION, RENDER, JOIN)] == [None, None, None]
        face = claim(session, FACE)
        assert face is not None
        assert job_of(session, job).state is JobState.RUNNING
        do(session, face)
        motion = claim(session, MOTION)
        assert motion is not None
        assert motion.appearance_object == output_of(face)["object"]
        assert claim(session, RENDER) is None


def test_segments_render_while_later_motion_is_being_made(transaction: Transaction) -> None:
    with transaction() as session:
        job = accept(session)
        do(session, claim(session, FACE))  # type: ignore[arg-type]
        motion = claim(session, MOTION)
        assert motion is not None
        work.set_length(session, motion, 100)
        work.add_segment(session, motion, 0, 0, 50, {"motion": "first"})
        first = claim(session, RENDER)
        assert first is not None
        assert first.input == {"motion": "first"}
        do(session, first)
        assert states(session, job)[JOIN, 0] is StageState.BLOCKED, "there may be more segments to come"
        work.add_segment(session, motion, 1, 50, 50, {"motion": "second"})
        work.finish(session, motion, output_of(motion))
        assert claim(session, JOIN) is None
        do(session, claim(session, RENDER))  # type: ignore[arg-type]
        assert claim(session, JOIN) is not None


def test_a_job_succeeds_with_its_result(transaction: Transaction) -> None:
    with transaction() as session:
        job = accept(session)
        run_everything(session)
        done = job_of(session, job)
        assert done.state is JobState.SUCCEEDED
        assert done.result is not None
        assert done.result["object"].endswith("video.mp4")
        assert done.frames_total == 100
        assert done.ended_at is not None


@pytest.mark.parametrize("kind", KINDS_OF_JOB)
def test_a_job_goes_through_the_stages_that_its_result_needs(transaction: Transaction, kind: str) -> None:
    asked = new_job(**KINDS_OF_JOB[kind])
    film = [(RENDER, 0), (RENDER, 1), (JOIN, 0)] if asked.result_kind is ResultKind.VIDEO else []
    face = [(FACE, 0)] if AssetRole.PORTRAIT in asked.assets else []
    with transaction() as session:
        job = accept(session, **KINDS_OF_JOB[kind])
        assert [(s.kind, s.index) for s in job_of(session, job).stages] == [*face, (MOTION, 0), *film[2:]]
        run_everything(session)
        done = job_of(session, job)
        assert states(session, job) == dict.fromkeys([*face, (MOTION, 0), *film], StageState.SUCCEEDED)
        assert done.state is JobState.SUCCEEDED
        assert done.result is not None
        assert done.result["object"].endswith("video.mp4" if film else "motion.csv")


def test_motion_is_told_of_all_that_it_is_to_be_made_of(transaction: Transaction) -> None:
    with transaction() as session:
        accept(session, **KINDS_OF_JOB["portrait's mouth, speech and poses to motion"])
        do(session, claim(session, FACE))  # type: ignore[arg-type]
        motion = claim(session, MOTION)
        assert motion is not None
        assert motion.assets == {
            role: f"{TENANT}/assets/{digest}/1"
            for role, digest in ((AssetRole.PORTRAIT, PORTRAIT), (AssetRole.SPEECH, SPEECH), (AssetRole.POSE, POSES))
        }
        assert motion.appearance_object is not None
        accept(session, **KINDS_OF_JOB["speech to motion"])
        motion = claim(session, MOTION)
        assert motion is not None
        assert (motion.appearance_object, motion.appearance_key) == (None, None)


def test_another_motion_file_is_another_request(transaction: Transaction) -> None:
    files = {AssetRole.PORTRAIT: PORTRAIT, AssetRole.SPEECH: SPEECH}
    with transaction() as session:
        job = accept(session, request_id="once", assets={**files, AssetRole.POSE: POSES})
        assert accept(session, request_id="once", assets={**files, AssetRole.POSE: POSES}) == job
        others = ({}, {AssetRole.POSE: MOTION_FILE}, {AssetRole.MOUTH: POSES}, {AssetRole.MOTION: POSES})
        for other in others:
            with pytest.raises(Conflict):
                accept(session, request_id="once", assets={**files, **other})
        with pytest.raises(Conflict):
            accept(session, request_id="once", assets={**files, AssetRole.POSE: POSES}, result_kind=ResultKind.MOTION)


def test_requests_of_earlier_releases_keep_their_digest() -> None:
    """Or one that is repeated across a rollout would be refused as another one."""
    assert new_job().digest == "cfabe9bf7dc8eb0361bebe3b36ab33e37d3676be0254b9a77ea610d9552b231e"


def test_a_known_face_is_not_encoded_again(transaction: Transaction) -> None:
    with transaction() as session:
        accept(session)
        run_everything(session)
        second = accept(session)
        assert states(session, second)[FACE, 0] is StageState.SKIPPED
        motion = claim(session, MOTION)
        assert motion is not None
        assert motion.appearance_object == session.scalars(select(Appearance.object_name)).one()


def test_two_jobs_that_encode_one_face_agree_on_one_appearance(transaction: Transaction) -> None:
    with transaction() as session:
        accept(session), accept(session)
        first, second = claim(session, FACE), claim(session, FACE)
        assert first is not None
        assert second is not None
        do(session, first)
        do(session, second)
        leases = [claim(session, MOTION), claim(session, MOTION)]
        assert {lease.appearance_object for lease in leases if lease} == {output_of(first)["object"]}
        assert output_of(second)["object"] in session.scalars(select(Litter.prefix)).all()


def test_a_repeated_request_id_makes_no_second_job(transaction: Transaction) -> None:
    with transaction() as session:
        first = accept(session, request_id="once")
    with transaction() as session:
        assert accept(session, request_id="once") == first
        assert session.scalar(select(func.count()).select_from(Job)) == 1
        with pytest.raises(Conflict, match="another request"):
            accept(session, request_id="once", controls={"seed": "2"})


def test_rivals_with_one_request_id_get_one_job(transaction: Transaction, engine: Engine) -> None:
    with transaction() as session:
        upload_assets(session)
    start = threading.Barrier(4)

    def create(_: int) -> object:
        with Session(engine) as session, session.begin():
            start.wait()
            return acceptance.create_job(session, TENANT, new_job(request_id="rivals"), max_unfinished=9).id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(create, range(4)))) == 1


def test_rival_workers_never_hold_one_stage(transaction: Transaction, engine: Engine) -> None:
    with transaction() as session:
        for _ in range(6):
            accept(session)
    start = threading.Barrier(4)

    def take(_: int) -> list[int]:
        start.wait()
        taken = []
        while True:
            with Session(engine) as session, session.begin():
                lease = claim(session, FACE)
            if lease is None:
                return taken
            taken.append(lease.stage_id)

    with ThreadPoolExecutor(4) as pool:
        taken = [stage for stages in pool.map(take, range(4)) for stage in stages]
    assert len(taken) == len(set(taken)) == 6


def test_the_last_two_segments_finishing_at_once_still_start_the_join(transaction: Transaction, engine: Engine) -> None:
    with transaction() as session:
        accept(session)
        do(session, claim(session, FACE))  # type: ignore[arg-type]
        do(session, claim(session, MOTION), segments=4)  # type: ignore[arg-type]
        leases = [claim(session, RENDER) for _ in range(4)]
    start = threading.Barrier(4)

    def finish(lease: work.Lease | None) -> None:
        assert lease is not None
        with Session(engine) as session, session.begin():
            start.wait()
            do(session, lease)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(finish, leases))
    with transaction() as session:
        assert claim(session, JOIN) is not None


def test_a_silent_worker_loses_its_stage_and_can_no_longer_touch_it(transaction: Transaction) -> None:
    with transaction() as session:
        accept(session)
        late = claim(session, FACE)
        assert late is not None
        leases_over(session)
        assert upkeep.sweep(session, **RETRY)  # type: ignore[arg-type]
        waits_over(session)
        new = claim(session, FACE)
        assert new is not None
        assert new.token > late.token
        assert new.prefix != late.prefix
        for touch in (
            lambda: work.renew(session, late, 1, LEASE_SECONDS),
            lambda: work.finish(session, late, output_of(late)),
            lambda: work.fail(session, late, Fault(Reason.INTERNAL, "late"), **RETRY),  # type: ignore[arg-type]
            lambda: work.release(session, late),
        ):
            with pytest.raises(work.LeaseLost):
                touch()
        do(session, new)
        assert session.get(Attempt, late.token).outcome is Outcome.LOST  # type: ignore[union-attr]


def test_a_heartbeat_keeps_the_lease(transaction: Transaction) -> None:
    with transaction() as session:
        accept(session)
        lease = claim(session, FACE)
        assert lease is not None
        leases_over(session)
        work.renew(session, lease, 0, LEASE_SECONDS)
        assert not upkeep.sweep(session, **RETRY)  # type: ignore[arg-type]


def test_faults_are_tried_again_later_each_time_and_then_fail_the_job_in_words(transaction: Transaction) -> None:
    with transaction() as session:
        job = accept(session)
        waits = []
        for attempt in range(MAX_ATTEMPTS):
            waits_over(session)
            lease = claim(session, FACE)
            assert lease is not None
            work.fail(session, lease, Fault(Reason.INTERNAL, "the disk is full"), **RETRY)  # type: ignore[arg-type]
            session.flush()
            if attempt < MAX_ATTEMPTS - 1:
                assert claim(session, FACE) is None, "not before its backoff has passed"
                wait = select(func.extract("epoch", Stage.run_after - func.now())).where(Stage.kind == FACE)
                waits.append(float(session.scalars(wait).one()))
        assert waits == pytest.approx([1.0, 2.0], abs=0.3)
        failed = job_of(session, job)
        assert failed.state is JobState.FAILED
        assert failed.reason == Reason.ATTEMPTS_EXHAUSTED
        assert failed.message == "face-encode failed 3 times; the last time: the disk is full"
        assert all(state.ended for state in states(session, job).values())


def test_an_outage_of_a_server_costs_no_attempt(transaction: Transaction) -> None:
    with transaction() as session:
        job = accept(session)
        for _ in range(MAX_ATTEMPTS + 2):
            waits_over(session)
            lease = claim(session, FACE)
            assert lease is not None
            away = Fault(Reason.UNAVAILABLE, "the object store does not answer")
            work.fail(session, lease, away, **RETRY)  # type: ignore[arg-type]
            session.flush()
            assert claim(session, FACE) is None, "not at once"
        run_everything(session)
        assert job_of(session, job).state is JobState.SUCCEEDED


def test_wrong_input_fails_the_job_at_once(transaction: Transaction) -> None:
    with transaction() as session:
        job = accept(session)
        lease = claim(session, FACE)
        assert lease is not None
        work.fail(session, lease, InputError(Reason.NO_FACE, "no face"), **RETRY)  # type: ignore[arg-type]
        failed = job_of(session, job)
        assert (failed.state, failed.reason, failed.message) == (JobState.FAILED, "NO_FACE", "no face")
        assert states(session, job)[MOTION, 0] is StageState.CANCELLED


def test_a_spoilt_face_from_the_cache_is_encoded_again(transaction: Transaction) -> None:
    with transaction() as session:
        accept(session)
        run_everything(session)
        job = accept(session)
        assert states(session, job)[FACE, 0] is StageState.SKIPPED
        motion = claim(session, MOTION)
        assert motion is not None
        work.fail(session, motion, SpoiltAppearance("damaged"), **RETRY)  # type: ignore[arg-type]
        assert session.scalars(select(Appearance)).all() == []
        assert motion.appearance_object in session.scalars(select(Litter.prefix)).all()
        run_everything(session)
        assert job_of(session, job).state is JobState.SUCCEEDED
        assert states(session, job)[FACE, 0] is StageState.SUCCEEDED


@pytest.mark.parametrize("defect", [SpoiltAppearance("damaged"), Defect("damaged")])
def test_what_would_be_wrong_again_fails_the_job_at_once(transaction: Transaction, defect: Defect) -> None:
    with transaction() as session:
        job = accept(session)
        do(session, claim(session, FACE))  # type: ignore[arg-type]
        motion = claim(session, MOTION)
        assert motion is not None
        work.fail(session, motion, defect, **RETRY)  # type: ignore[arg-type]
        failed = job_of(session, job)
        assert (failed.state, failed.reason, failed.message) == (JobState.FAILED, "INTERNAL", "damaged")


def test_a_stage_handed_back_counts_no_attempt(transaction: Transaction) -> None:
    with transaction() as session:
        accept(session)
        for _ in range(MAX_ATTEMPTS + 2):
            lease = claim(session, FACE)
            assert lease is not None
            work.release(session, lease)
            session.flush()
        assert claim(session, FACE) is not None


def test_motion_that_starts_again_keeps_the_segments_it_made(transaction: Transaction) -> None:
    with transaction() as session:
        job = accept(session)
        do(session, claim(session, FACE))  # type: ignore[arg-type]
        motion = claim(session, MOTION)
        assert motion is not None
        work.add_segment(session, motion, 0, 0, 50, {"motion": "from the first attempt"})
        do(session, claim(session, RENDER))  # type: ignore[arg-type]
        work.release(session, motion)
        run_everything(session)
        assert job_of(session, job).state is JobState.SUCCEEDED
        inputs = session.scalars(select(Stage.input).where(Stage.kind == RENDER).order_by(Stage.index)).all()
        assert inputs[0] == {"motion": "from the first attempt"}
        assert len(inputs) == 2


def test_cancelling_ends_the_job_and_voids_its_leases(transaction: Transaction) -> None:
    with transaction() as session:
        job = accept(session)
        lease = claim(session, FACE)
        assert lease is not None
        assert requests.cancel_job(session, TENANT, job).state is JobState.CANCELLED
        with pytest.raises(work.LeaseLost):
            work.renew(session, lease, 1, LEASE_SECONDS)
        assert claim(session, FACE) is None
        assert requests.cancel_job(session, TENANT, job).state is JobState.CANCELLED, "once more changes nothing"


def test_a_job_past_its_deadline_fails(transaction: Transaction) -> None:
    with transaction() as session:
        job, patient = accept(session, timeout=-1.0), accept(session)
        assert upkeep.end_overdue(session)
        assert not upkeep.end_overdue(session)
        assert job_of(session, job).reason == Reason.DEADLINE_EXCEEDED
        assert job_of(session, patient).state is JobState.QUEUED


def test_hints_are_relayed_once_and_kept_while_the_broker_is_away(transaction: Transaction) -> None:
    def away(_: str) -> None:
        raise ConnectionError

    sent: list[str] = []
    with transaction() as session:
        accept(session)
    with pytest.raises(ConnectionError), transaction() as session:
        upkeep.relay(session, away)
    with transaction() as session:
        assert upkeep.relay(session, sent.append) == 1
    with transaction() as session:
        assert upkeep.relay(session, sent.append) == 0
        assert session.scalar(select(func.count()).select_from(Hint)) == 0
    assert sent == ["face-encode"]


def test_a_hint_that_was_lost_comes_again(transaction: Transaction) -> None:
    sent: list[str] = []
    with transaction() as session:
        accept(session)
        upkeep.relay(session, lambda _: None)
        assert upkeep.remind(session, hint_seconds=60.0) == 0
        assert upkeep.remind(session, hint_seconds=-1.0) == 1
        assert upkeep.remind(session, hint_seconds=-1.0) == 0, "that one still waits in the outbox"
        upkeep.relay(session, sent.append)
    assert sent == ["face-encode"]


def test_many_waiting_stages_are_hinted_at_by_a_few(transaction: Transaction) -> None:
    with transaction() as session:
        for _ in range(3 * upkeep.MOST_REMINDERS):
            accept(session)
        session.execute(delete(Hint))
        assert upkeep.remind(session, hint_seconds=-1.0) == upkeep.MOST_REMINDERS


def test_the_queue_limit_is_per_tenant(transaction: Transaction) -> None:
    with transaction() as session:
        upload_assets(session)
        for _ in range(3):
            acceptance.create_job(session, TENANT, new_job(), max_unfinished=3)
        with pytest.raises(QueueFull) as full:
            acceptance.create_job(session, TENANT, new_job(), max_unfinished=3)
        assert full.value.retry_after > 0
        run_everything(session)
        acceptance.create_job(session, TENANT, new_job(), max_unfinished=3)


def test_another_tenant_sees_nothing(transaction: Transaction) -> None:
    with transaction() as session:
        job = accept(session)
        tenants.ensure_tenant(session, "other")
        for look in (requests.get_job, requests.cancel_job, requests.delete_job):
            with pytest.raises(NotFound):
                look(session, "other", job)
        with pytest.raises(NotFound):
            requests.find_asset(session, "other", PORTRAIT)
        assert requests.list_jobs(session, "other") == []
        assert job_of(session, job).state is JobState.QUEUED


def test_deleting_the_last_job_of_a_face_forgets_its_media(transaction: Transaction) -> None:
    with transaction() as session:
        first, second = accept(session), accept(session)
        run_everything(session)
        requests.delete_job(session, TENANT, first)
        assert session.scalar(select(func.count()).select_from(Asset)) == 2, "the second job still needs them"
        appearance = session.scalars(select(Appearance.object_name)).one()
        requests.delete_job(session, TENANT, second)
        assert session.scalar(select(func.count()).select_from(Asset)) == 0
        assert session.scalar(select(func.count()).select_from(Appearance)) == 0
        doomed = set(session.scalars(select(Litter.prefix)).all())
        assert {appearance, f"{TENANT}/assets/{PORTRAIT}/1", f"{TENANT}/jobs/{second}/"} <= doomed


def test_motion_files_go_with_the_last_job_that_uses_them(transaction: Transaction) -> None:
    with transaction() as session:
        first = accept(session, **KINDS_OF_JOB["portrait and motion to a video"])
        second = accept(
            session, assets={AssetRole.PORTRAIT: PORTRAIT, AssetRole.SPEECH: SPEECH, AssetRole.MOUTH: MOTION_FILE}
        )
        run_everything(session)
        requests.delete_job(session, TENANT, first)
        name = f"{TENANT}/assets/{MOTION_FILE}/1"
        assert name not in session.scalars(select(Litter.prefix)).all(), "the second job's mouth comes from it"
        requests.delete_job(session, TENANT, second)
        assert session.scalar(select(func.count()).select_from(Asset)) == 0
        assert name in session.scalars(select(Litter.prefix)).all()


def test_what_a_finished_job_no_longer_needs_is_collected_but_not_its_result(transaction: Transaction) -> None:
    with transaction() as session:
        job = accept(session)
        run_everything(session)
        result = job_of(session, job).result
        assert result is not None
        litter = upkeep.take_litter(session)
        assert litter is not None
        assert (litter.prefix, litter.keep) == (f"{TENANT}/jobs/{job}/", result["object"])
        assert upkeep.take_litter(session) is None, "it is taken, and what comes later is not due"
        upkeep.drop_litter(session, litter)
        later = session.scalars(select(Litter)).one()
        assert later.prefix == litter.prefix, "once more, when no late writer can be left"


def test_litter_that_was_taken_and_not_collected_comes_again_after_the_rest(transaction: Transaction) -> None:
    with transaction() as session:
        transitions.discard(session, "stuck")
        transitions.discard(session, "next")
        assert [litter.prefix for litter in (upkeep.take_litter(session), upkeep.take_litter(session)) if litter] == [
            "stuck",
            "next",
        ]
        again = select(func.count()).where(Litter.prefix == "stuck")
        assert session.scalar(again) == 2


def test_a_face_that_was_encoded_in_vain_is_collected(transaction: Transaction) -> None:
    with transaction() as session:
        accept(session)
        for end in (
            lambda lease: work.release(session, lease),
            lambda lease: work.fail(session, lease, Fault(Reason.INTERNAL, "broken"), **RETRY),  # type: ignore[arg-type]
            lambda lease: requests.cancel_job(session, TENANT, lease.job_id),
        ):
            waits_over(session)
            lease = claim(session, FACE)
            assert lease is not None
            end(lease)
            session.flush()
            assert lease.prefix in session.scalars(select(Litter.prefix)).all()


def test_a_frozen_transaction_holds_up_no_other_job(transaction: Transaction, engine: Engine) -> None:
    with transaction() as session:
        frozen, silent, late = accept(session), accept(session), accept(session, timeout=-1.0)
        claim(session, FACE), claim(session, FACE)
        leases_over(session)
    with Session(engine) as holder:
        transitions.lock_job(holder, frozen)
        with transaction() as session:
            assert upkeep.sweep(session, **RETRY)  # type: ignore[arg-type]
            assert not upkeep.sweep(session, **RETRY)  # type: ignore[arg-type]
            assert upkeep.end_overdue(session)
            assert states(session, silent)[FACE, 0] is StageState.READY
            assert job_of(session, late).state is JobState.FAILED


def collected(session: Session) -> list[str]:
    """What a collector takes now, to remove it from the store."""
    removed: list[str] = []
    while (litter := upkeep.take_litter(session)) is not None:
        removed.append(litter.prefix)
    return removed


def hours_pass(session: Session) -> None:
    """As if the time of all litter had come."""
    session.flush()
    session.execute(update(Litter).values(not_before=func.clock_timestamp()))
    session.expire_all()


def test_an_upload_that_is_never_registered_is_collected_in_time(transaction: Transaction) -> None:
    with transaction() as session:
        tenants.ensure_tenant(session, TENANT)
        requests.expect_upload(session, "upload")
        assert collected(session) == [], "it may still be under way"
        hours_pass(session)
        assert collected(session) == ["upload"]
        with pytest.raises(Fault, match="took too long") as late:
            requests.register_asset(session, TENANT, PORTRAIT, 10, "upload")
        assert late.value.reason is Reason.UNAVAILABLE
        with pytest.raises(NotFound):
            requests.find_asset(session, TENANT, PORTRAIT)


def test_of_two_uploads_of_the_same_bytes_the_first_is_kept_and_the_other_collected(transaction: Transaction) -> None:
    with transaction() as session:
        tenants.ensure_tenant(session, TENANT)
        for upload in ("first", "second"):
            requests.expect_upload(session, upload)
        for upload in ("first", "second"):
            assert requests.register_asset(session, TENANT, PORTRAIT, 10, upload).object_name == "first"
        hours_pass(session)
        assert set(collected(session)) == {"second"}


def test_old_jobs_are_forgotten(transaction: Transaction) -> None:
    with transaction() as session:
        job = accept(session)
        run_everything(session)
        assert not upkeep.forget_old_job(session, retention_seconds=60.0)
        session.execute(update(Job).values(ended_at=func.now() - func.make_interval(0, 0, 0, 1)))
        assert upkeep.forget_old_job(session, retention_seconds=60.0)
        with pytest.raises(NotFound):
            job_of(session, job)


def test_jobs_are_listed_newest_first_in_pages(transaction: Transaction) -> None:
    with transaction() as session:
        made = [accept(session) for _ in range(5)]
        first = requests.list_jobs(session, TENANT, limit=3)
        rest = requests.list_jobs(session, TENANT, limit=3, before=(first[-1].created_at, first[-1].id))
        assert [job.id for job in first + rest] == made[::-1]
        requests.cancel_job(session, TENANT, made[2])
        assert [job.id for job in requests.list_jobs(session, TENANT, [JobState.CANCELLED])] == [made[2]]
