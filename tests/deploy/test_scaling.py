"""Autoscaling: the ScaledObjects ask the right question, and the simulation decides as the published formulas do.
Takes 6 s."""

from __future__ import annotations

from typing import Any, Final

import psycopg
import pytest
from deploy.scaling.autoscaler import Autoscaler, Rules
from deploy.scaling.simulate import HERE, day, figures, measured, rules
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from tests.deploy.test_kubernetes import K8S, WORKERS, load

from vasari.config import Settings
from vasari.jobs.database import make_engine
from vasari.jobs.migrate import migrate
from vasari.jobs.states import StageKind, StageState

SCALED: Final = {path.stem: load(path)[0]["spec"] for path in (K8S / "components" / "autoscaling").glob("[!dk]*.yaml")}


def trigger(stage: str) -> dict[str, Any]:
    (only,) = SCALED[stage]["triggers"]
    return dict(only)


def test_each_worker_scales_by_itself_to_none_and_back() -> None:
    assert set(SCALED) == WORKERS
    for stage, spec in SCALED.items():
        assert spec["scaleTargetRef"] == {"name": stage}
        assert spec["minReplicaCount"] == 0 < spec["maxReplicaCount"]
        assert float(trigger(stage)["metadata"]["activationTargetQueryValue"]) == 0


def test_fields_are_those_that_keda_has() -> None:
    """From KEDA's ScaledObject specification and its PostgreSQL scaler, 2.18."""
    for stage, spec in SCALED.items():
        assert set(spec) <= {
            *("scaleTargetRef", "pollingInterval", "cooldownPeriod", "initialCooldownPeriod", "minReplicaCount"),
            *("maxReplicaCount", "idleReplicaCount", "fallback", "advanced", "triggers"),
        }
        assert set(spec["fallback"]) <= {"failureThreshold", "replicas", "behavior"}
        assert spec["fallback"]["behavior"] in {"static", "currentReplicas", "currentReplicasIfHigher"}
        assert set(trigger(stage)) <= {"type", "metadata", "authenticationRef", "metricType", "name"}
        assert set(trigger(stage)["metadata"]) <= {"query", "targetQueryValue", "activationTargetQueryValue"}
        assert all(isinstance(value, str) for value in trigger(stage)["metadata"].values())
    for item in load(K8S / "components" / "autoscaling" / "database.yaml"):
        (target,) = item["spec"]["secretTargetRef"]
        assert target["parameter"] == "connection"


@pytest.mark.parametrize("stage", sorted(WORKERS))
def test_a_query_counts_queued_and_running_work(stage: str, database_url: str) -> None:
    wanted = StageKind(stage.upper().replace("-", "_"))
    engine = make_engine(Settings(database_url=SecretStr(database_url)))
    migrate(engine)
    engine.dispose()
    with psycopg.connect(database_url) as connection:
        counted = {}
        connection.execute("CREATE TEMPORARY TABLE stages AS SELECT kind, state FROM stages WITH NO DATA")
        for kind in StageKind:
            for state in StageState:
                connection.execute("DELETE FROM pg_temp.stages")
                connection.execute("INSERT INTO pg_temp.stages VALUES (%s, %s)", (kind, state))
                row = connection.execute(trigger(stage)["metadata"]["query"]).fetchone()
                assert row is not None
                if row[0]:
                    counted[kind, state] = row[0]
    expected = {(wanted, StageState.READY), (wanted, StageState.RUNNING)}
    if wanted is StageKind.RENDER:  # a pod may start while the motion is made
        expected |= {(StageKind.MOTION, s) for s in (StageState.BLOCKED, StageState.READY, StageState.RUNNING)}
    assert counted == dict.fromkeys(expected, 1)


def test_a_pod_that_is_scaled_away_has_time_to_hand_its_work_back() -> None:
    for stage in WORKERS:
        (deployment,) = load(K8S / "base" / f"{stage}.yaml")
        grace = deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        assert grace > Settings.model_fields["grace_seconds"].default


@pytest.mark.parametrize(
    ("work", "replicas", "wanted"),
    [
        (40, 5, 10),  # ceil(40 / 4)
        (41, 8, 11),
        (21, 5, 5),  # 1.05 of the target: within the tolerance
        (400, 5, 10),  # twice as many at once, no more
        (400, 2, 6),  # or four more, whichever is the larger
    ],
)
def test_replicas_follow_work_by_the_formula(work: int, replicas: int, wanted: int) -> None:
    assert Autoscaler(Rules(target=4, largest=100)).sync(0, work, replicas) == wanted


def test_less_work_takes_pods_only_after_the_stabilization_window() -> None:
    autoscaler = Autoscaler(Rules(target=4, largest=100, stabilization=60))
    assert autoscaler.sync(0, 40, 10) == 10
    assert [autoscaler.sync(15.0 * k, 4, 10) for k in range(1, 6)] == [10, 10, 10, 10, 1]


def test_pods_go_no_faster_than_told() -> None:
    autoscaler = Autoscaler(Rules(target=4, largest=100, stabilization=0, shrink=0.1))
    replicas = [100]
    for k in range(9):
        replicas.append(autoscaler.sync(15.0 * k, 4, replicas[-1]))
    assert replicas[4] >= 90
    assert replicas[8] >= 81


def test_the_first_work_starts_a_pod_and_the_last_pod_goes_after_the_cooldown() -> None:
    autoscaler = Autoscaler(Rules(target=4, largest=100, cooldown=300))
    assert autoscaler.poll(0, 0, 0) == 0
    assert autoscaler.poll(5, 1, 0) == 1
    assert autoscaler.poll(300, 0, 1) == 1
    assert autoscaler.poll(305, 0, 1) == 0


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_replicas_stay_within_their_bounds(work: list[int]) -> None:
    autoscaler = Autoscaler(Rules(target=4, largest=20))
    replicas = 0
    for step, unfinished in enumerate(work):
        replicas = autoscaler.poll(5.0 * step, unfinished, replicas)
        if step % 3 == 0 and replicas:
            replicas = autoscaler.sync(5.0 * step, unfinished, replicas)
        assert 0 <= replicas <= 20
        assert replicas > 0 or not unfinished


def test_every_job_of_a_simulated_day_is_done_and_pods_work_no_more_than_they_are_there() -> None:
    service = day(1, 1, measured(HERE / "bench.json"))
    cost = figures(service, 1)
    assert cost["jobs"] == len(service.waits) > 1000
    assert service.render.unfinished == service.render.expected == 0
    assert 0 < cost["of them at work, %"] <= 100
    assert service.render.history[-1][1] == 0, "an idle stage goes to none"
    assert min(first for _, first, _, _ in service.waits) > 0


def test_the_simulation_takes_the_rules_that_are_deployed() -> None:
    for stage in WORKERS:
        assert rules(stage).target == float(trigger(stage)["metadata"]["targetQueryValue"])
        assert rules(stage).cooldown == SCALED[stage]["cooldownPeriod"]
