"""The census: how many jobs and stages there are in each state, for Prometheus.

Every dispatcher counts the same rows, so any number may: whoever adds them up takes the max over dispatchers.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any, Final

from prometheus_client import Gauge
from sqlalchemy import Engine, Float, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from vasari.jobs.requests import UNFINISHED
from vasari.jobs.schema import Hint, Job, Litter, Stage
from vasari.jobs.states import JobState, StageKind, StageState
from vasari.telemetry import metrics
from vasari.values import Reason

RECENT: Final = timedelta(minutes=10)
NOT_ENDED: Final = (StageState.BLOCKED, StageState.READY, StageState.RUNNING)
_BY_LABELS: Final = (metrics.JOBS, metrics.JOBS_ENDED, metrics.STAGES, metrics.OLDEST_READY_SECONDS)

Counted = dict[tuple[str, ...], float]


def take_census(engine: Engine) -> None:
    """Count, and set the metrics. No table is read in full: each count has an index of what is unfinished or recent.

    Raises:
        DBAPIError: the database does not answer. Rather than old numbers there are none until it does.
    """
    try:
        with Session(engine) as session, session.begin():
            counted = _count(session)
    except DBAPIError:
        for gauge in _BY_LABELS:
            gauge.clear()
        for gauge in (metrics.OUTBOX, metrics.LITTER):
            gauge.set(math.nan)
        raise
    for gauge, values in counted.items():
        for labels, value in values.items():
            (gauge.labels(*labels) if labels else gauge).set(value)


def _count(session: Session) -> dict[Gauge, Counted]:
    now = func.clock_timestamp()
    unfinished: Counted = {(state,): 0.0 for state in UNFINISHED}
    unfinished |= _rows(session, select(Job.state, func.count()).where(Job.state.in_(UNFINISHED)).group_by(Job.state))

    # Every series from the start, so that none stays behind with an old number.
    ended: Counted = {(state, ""): 0.0 for state in (JobState.SUCCEEDED, JobState.CANCELLED)}
    ended |= {(JobState.FAILED, reason): 0.0 for reason in Reason}
    reason = func.coalesce(Job.reason, "")
    recent = select(Job.state, reason, func.count()).where(Job.ended_at > now - RECENT).group_by(Job.state, reason)
    ended |= _rows(session, recent)

    stages: Counted = {(kind.queue, state): 0.0 for kind in StageKind for state in NOT_ENDED}
    of_jobs = select(Stage.kind, Stage.state, func.count()).join(Job).where(Job.state.in_(UNFINISHED))
    for kind, state, number in session.execute(of_jobs.group_by(Stage.kind, Stage.state)):
        if state in NOT_ENDED:
            stages[kind.queue, state] = number

    waits: Counted = {(kind.queue,): 0.0 for kind in StageKind}
    age = func.extract("epoch", now - func.min(Stage.run_after)).cast(Float)
    ready = select(Stage.kind, age).where(Stage.state == StageState.READY, Stage.run_after <= now)
    for kind, seconds in session.execute(ready.group_by(Stage.kind)):
        waits[(kind.queue,)] = seconds

    hints = session.scalar(select(func.count()).select_from(Hint).where(Hint.not_before <= now)) or 0
    litter = session.scalar(select(func.count()).select_from(Litter).where(Litter.not_before <= now)) or 0
    return {
        metrics.JOBS: unfinished,
        metrics.JOBS_ENDED: ended,
        metrics.STAGES: stages,
        metrics.OLDEST_READY_SECONDS: waits,
        metrics.OUTBOX: {(): hints},
        metrics.LITTER: {(): litter},
    }


def _rows(session: Session, statement: Any) -> Counted:
    """Rows of labels and, last, a number."""
    return {tuple(str(label) for label in labels): float(number) for *labels, number in session.execute(statement)}
