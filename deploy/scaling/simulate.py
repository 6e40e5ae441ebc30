"""A day of traffic through the autoscaled service: replicas, waiting times and pod hours.

    python -m deploy.scaling.simulate            the table and the plot of docs/scaling.md
    python -m deploy.scaling.simulate --targets  the trials from which the thresholds were chosen

Stage times are those that `vasari bench --json` wrote to bench.json; rules are those of the ScaledObjects in
deploy/k8s/components/autoscaling.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
import simpy
import yaml
from deploy.scaling.autoscaler import Rules
from deploy.scaling.service import Pool, Process, Service, StageTimes
from deploy.scaling.traffic import DAY, SPIKE_SECONDS, SPIKE_START, arrivals

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent.parent
SCALED: Final = ROOT / "deploy" / "k8s" / "components" / "autoscaling"
RATES: Final = {1: 1, 100: 1, 10_000: 100}
"""Jobs a minute, and how many of them are simulated as one."""
KNOWN_FACES: Final = 0.5
"""Assumed part of the jobs whose portrait was encoded before."""
OVERHEAD: Final = 0.1
"""Assumed seconds for claiming a piece of work and moving its objects."""


def measured(bench: Path) -> StageTimes:
    """The stage times in the output of `vasari bench --json`."""
    render = json.loads(bench.read_text())["render"]
    seconds = {stage: cost["ms"] / 1000 for stage, cost in render["stages"].items()}
    length = render["frames"] / 25
    return StageTimes(seconds["face"], seconds["motion"] / length, seconds["render"] / length, OVERHEAD)


def rules(stage: str, **changed: float) -> Rules:
    """Those of a stage's ScaledObject, but for what is changed."""
    spec = yaml.safe_load((SCALED / f"{stage}.yaml").read_text())["spec"]
    (trigger,) = spec["triggers"]
    down = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
    said = Rules(
        target=float(trigger["metadata"]["targetQueryValue"]),
        largest=1_000_000,  # maxReplicaCount is the budget of who deploys; here it shall not hide the demand
        smallest=spec["minReplicaCount"],
        polling=spec["pollingInterval"],
        cooldown=spec["cooldownPeriod"],
        stabilization=down["stabilizationWindowSeconds"],
        shrink=down["policies"][0]["value"] / 100,
    )
    return dataclasses.replace(said, **changed)


def day(jobs_a_minute: float, bundle: int, times: StageTimes, *, ahead: bool = True, **changed: float) -> Service:
    """Simulate one day. `changed` replaces rules of the render stage."""
    env, chance = simpy.Environment(), random.Random(1)
    pools = [
        Pool(env, rules(stage, **(changed if stage == "render" else {})), times, bundle, chance)
        for stage in ("face-encode", "motion", "render")
    ]
    service = Service(env, times, *pools, chance, KNOWN_FACES, ahead)

    def callers() -> Process:
        for time, speech in arrivals(chance, jobs_a_minute / bundle):
            yield env.timeout(time - env.now)
            env.process(service.job(speech))

    env.process(callers())
    env.run(DAY + 3600)
    return service


def figures(service: Service, bundle: int) -> dict[str, Any]:
    """What a day cost and how long people waited."""
    came, first, whole, speech = np.array(service.waits).T
    spike = (came >= SPIKE_START) & (came < SPIKE_START + SPIKE_SECONDS)
    render = service.render
    return {
        "jobs": len(came) * bundle,
        "first segment p50, p95, s": np.percentile(first, (50, 95)).round(1).tolist(),
        "first segment in the spike p95, s": round(float(np.percentile(first[spike], 95)), 1),
        "whole video p50, p95, s": np.percentile(whole, (50, 95)).round(1).tolist(),
        "whole video over its length p50, p95": np.percentile(whole / speech, (50, 95)).round(2).tolist(),
        "render pods, most": max(count for _, count, _ in render.history),
        "render pod hours": round(render.pod_seconds / 3600),
        "of them at work, %": round(100 * render.busy_seconds / render.pod_seconds),
        "segments handed back": render.handed_back,
    }


def table(columns: dict[str, dict[str, Any]]) -> str:
    """Markdown, a column for each day."""
    names = list(next(iter(columns.values())))
    rows = [["", *columns], ["---"] * (len(columns) + 1)]
    rows += [[name, *(_words(figures[name]) for figures in columns.values())] for name in names]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else f"{value:,}"


def plot(services: Iterable[tuple[int, Service]], path: Path) -> None:
    """Replicas, unfinished work and waiting over the day, a column for each rate."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    columns = list(services)
    figure, axes = plt.subplots(3, len(columns), figsize=(4.6 * len(columns), 7.2), sharex=True, squeeze=False)
    for (rate, service), column in zip(columns, axes.T, strict=True):
        column[0].set_title(f"{rate:,} jobs a minute")
        for name in ("render", "motion", "face"):
            time, pods, _ = np.array(getattr(service, name).history).T
            column[0].plot(time / 3600, pods, lw=0.8, label=name)
        time, _, work = np.array(service.render.history).T
        column[1].plot(time / 3600, work, lw=0.8, color="tab:gray")
        came, first, whole, _ = np.array(service.waits).T
        pick = slice(None, None, max(1, len(came) // 4000))
        column[2].plot(came[pick] / 3600, whole[pick], ".", ms=1, color="tab:orange", label="whole video")
        column[2].plot(came[pick] / 3600, first[pick], ".", ms=1, color="tab:blue", label="first segment")
        column[2].set_yscale("log")
        column[2].set_xlabel("hour of the day")
    for row, label in zip(axes, ("pods", "unfinished segments", "seconds waited"), strict=True):
        row[0].set_ylabel(label)
    axes[0][0].legend(fontsize=8)
    axes[2][0].legend(fontsize=8, markerscale=8)
    figure.tight_layout()
    figure.savefig(path, dpi=90)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=HERE / "bench.json", help="output of `vasari bench --json`")
    parser.add_argument("--plot", type=Path, default=ROOT / "docs" / "images" / "scaling.png")
    parser.add_argument("--targets", action="store_true", help="try thresholds instead, at 100 jobs a minute")
    options = parser.parse_args()
    times = measured(options.bench)
    if options.targets:
        trials = {
            f"{target}, {shrink:.0%}": figures(day(100, 1, times, target=target, shrink=shrink), 1)
            for shrink, target in product((1.0, 0.1), (1, 2, 4, 8))
        }
        print(table(trials))
        return
    days = {rate: day(rate, bundle, times) for rate, bundle in RATES.items()}
    print(table({f"{rate:,} a minute": figures(service, RATES[rate]) for rate, service in days.items()}))
    plot(days.items(), options.plot)


if __name__ == "__main__":
    main()
