"""What is forgotten, when, and what stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from tests.jobs.conftest import Transaction
from tests.jobs.world import POSES, TENANT, accept, job_of, run_everything, upload_assets

from vasari.jobs import requests, tenants, upkeep
from vasari.jobs.schema import Asset, Job, Litter, Usage
from vasari.jobs.states import AssetRole, JobState

HOUR = 3600.0


def ended(session: Session, seconds_ago: float) -> Job:
    job = accept(session)
    run_everything(session)
    moment = func.clock_timestamp() - timedelta(seconds=seconds_ago)
    session.execute(update(Job).where(Job.id == job).values(ended_at=moment))
    return job_of(session, job)


def test_old_jobs_go_and_young_ones_stay(transaction: Transaction) -> None:
    with transaction() as session:
        old, young = ended(session, 2 * HOUR), ended(session, 0)
        assert upkeep.forget_old_job(session, HOUR)
        assert not upkeep.forget_old_job(session, HOUR)
        assert session.scalars(select(Job.id)).all() == [young.id]
        assert session.get(Usage, old.id) is not None


def test_a_tenant_may_have_a_time_of_its_own(transaction: Transaction) -> None:
    with transaction() as session:
        ended(session, 60)
        upload_assets(session)
        session.execute(update(Asset).values(created_at=func.now() - timedelta(seconds=60)))
        tenants.limit_tenant(session, TENANT, tenants.Limits(retention_seconds=HOUR))
        assert not upkeep.forget_old_job(session, 0)
        tenants.limit_tenant(session, TENANT, tenants.Limits(retention_seconds=30))
        assert upkeep.forget_old_job(session, 2 * HOUR)


def test_an_upload_that_no_job_uses_goes_by_the_tenants_time(transaction: Transaction) -> None:
    with transaction() as session:
        upload_assets(session)
        session.execute(update(Asset).values(created_at=func.now() - timedelta(seconds=60)))
        tenants.limit_tenant(session, TENANT, tenants.Limits(retention_seconds=HOUR))
        assert not upkeep.forget_old_asset(session, 0)
        tenants.limit_tenant(session, TENANT, tenants.Limits(retention_seconds=30))
        doomed = set(session.scalars(select(Asset.object_name)))
        while upkeep.forget_old_asset(session, HOUR):
            pass
        assert doomed <= set(session.scalars(select(Litter.prefix)))
        assert session.scalars(select(Asset)).all() == []


@pytest.mark.parametrize("role", AssetRole)
def test_an_asset_that_a_job_uses_stays_in_whatever_role(transaction: Transaction, role: AssetRole) -> None:
    with transaction() as session:
        accept(session, assets={role: POSES})
        session.execute(update(Asset).values(created_at=func.now() - timedelta(seconds=2 * HOUR)))
        assert not upkeep.forget_old_asset(session, HOUR)


def test_what_stays_of_a_job_is_what_accounting_needs(transaction: Transaction) -> None:
    with transaction() as session:
        job = ended(session, 0)
        requests.delete_job(session, TENANT, job.id)
        session.flush()
        (usage,) = session.scalars(select(Usage))
        assert (usage.tenant_id, usage.state, usage.frames) == (TENANT, JobState.SUCCEEDED, 100)
        assert usage.work_seconds >= 0
        assert usage.ended_at is not None
        personal = {"controls", "appearance_key", "message", "request_id", *(f"{role}_sha256" for role in AssetRole)}
        assert not personal & set(Usage.__table__.columns.keys())
    with transaction() as session:
        job_id = accept(session)
        requests.delete_job(session, TENANT, job_id)
        session.flush()
        assert session.get_one(Usage, job_id).state is JobState.CANCELLED
