"""What decides on replicas, by the published formulas.

Sources: Kubernetes, "Horizontal Pod Autoscaling" (algorithm details, default behavior) and the KEDA reference "Scaling
Deployments" (polling, activation, cooldown). KEDA itself only switches between zero and one; above that it measures for
an HPA.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

SYNC_SECONDS: Final = 15.0
"""How often the HPA controller decides."""
TOLERANCE: Final = 0.1
"""A ratio of measured to wanted closer to 1 than this changes nothing."""
POLICY_SECONDS: Final = 15.0
SHRINK_SECONDS: Final = 60.0
POLICY_FACTOR, POLICY_PODS = 2.0, 4
"""In POLICY_SECONDS replicas may double, or grow by so many: the larger of the two."""


@dataclass(frozen=True)
class Rules:
    """What a ScaledObject says. Times in seconds."""

    target: float
    """targetQueryValue: unfinished pieces of work for one pod."""
    largest: int
    """maxReplicaCount"""
    smallest: int = 0
    """minReplicaCount"""
    polling: float = 5.0
    """pollingInterval: how often KEDA looks whether there is any work."""
    cooldown: float = 120.0
    """cooldownPeriod: without work for so long, the last pod goes."""
    stabilization: float = 120.0
    """scaleDown.stabilizationWindowSeconds: the largest recommendation of this time counts."""
    shrink: float = 1.0
    """scaleDown.policies, Percent: the part of the pods that may go in a minute."""


class Autoscaler:
    """KEDA and the HPA of one Deployment. Time only grows."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._last_active = -math.inf
        self._recommended: deque[tuple[float, int]] = deque()
        self._before: deque[tuple[float, int]] = deque()

    def poll(self, now: float, work: int, replicas: int) -> int:
        """KEDA's own decision, every `polling` seconds: replicas wanted, given unfinished work and present replicas."""
        if work > 0:
            self._last_active = now
            return max(replicas, 1, self.rules.smallest)
        if now - self._last_active >= self.rules.cooldown:
            return self.rules.smallest
        return replicas

    def sync(self, now: float, work: int, replicas: int) -> int:
        """The HPA's decision, every SYNC_SECONDS; it sleeps while there are no replicas."""
        if replicas == 0:
            self._recommended.clear()
            self._before.clear()
            return 0
        ratio = work / (self.rules.target * replicas)
        steady = abs(ratio - 1) <= TOLERANCE
        desired = replicas if steady else math.ceil(work / self.rules.target)

        self._recommended.append((now, desired))
        while self._recommended[0][0] < now - self.rules.stabilization:
            self._recommended.popleft()
        if desired < replicas:
            desired = min(replicas, max(count for _, count in self._recommended))

        self._before.append((now, replicas))
        while self._before[0][0] <= now - SHRINK_SECONDS:
            self._before.popleft()
        least = min(count for time, count in self._before if time > now - POLICY_SECONDS)
        most = max(count for _, count in self._before)
        desired = min(desired, max(math.ceil(least * POLICY_FACTOR), least + POLICY_PODS))
        desired = max(desired, min(replicas, math.floor(most * (1 - self.rules.shrink))))
        return min(max(desired, self.rules.smallest, 1), self.rules.largest)
