"""The service as queues and pods, for a discrete-event simulation (SimPy)."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import simpy
from deploy.scaling.autoscaler import SYNC_SECONDS, Autoscaler, Rules

Process = Iterator[simpy.Event]


@dataclass(frozen=True)
class StageTimes:
    """Seconds of one pod; measured by `vasari bench`, or assumed where they depend on the cluster."""

    face: float
    """One photo."""
    motion: float
    """One second of speech."""
    render: float
    """One second of video, encoded."""
    overhead: float
    """One claim: finding the work, reading its input, storing and reporting its output."""
    segment: float = 4.0
    """Seconds of video in one piece of work."""
    start: float = 30.0
    """From a new pod to its first claim: scheduling, starting, loading the model. Assumed; a new node takes longer."""
    grace: float = 8.0
    """A pod told to stop ends its work if that takes no longer, and else hands it back."""


@dataclass(eq=False)
class Pod:
    ready: bool = False
    stopping: bool = False
    work: tuple[Any, simpy.Event, float] | None = None
    """What it works on, what happens when that is done, and when that is."""


class Pool:
    """One Deployment with its queue and its autoscaler. A simulated pod stands for `bundle` real ones."""

    def __init__(self, env: simpy.Environment, rules: Rules, times: StageTimes, bundle: int, chance: random.Random):
        self._env, self._times, self._bundle, self._chance = env, times, bundle, chance
        self._autoscaler = Autoscaler(rules)
        self._queue: list[tuple[float, int, float, simpy.Event]] = []
        self._order = count()
        self._pods: list[Pod] = []
        self._idle: list[Pod] = []
        self._busy = 0
        self.pod_seconds = self.busy_seconds = 0.0
        self.expected = 0
        """Work that will come for certain and counts already."""
        self.handed_back = 0
        self.history: list[tuple[float, int, int]] = []
        """Time, real replicas, real unfinished pieces of work: once a minute."""
        env.process(self._scale())

    @property
    def unfinished(self) -> int:
        return len(self._queue) + self._busy

    def submit(self, seconds: float, since: float) -> simpy.Event:
        """A piece of work that takes one pod so long, served by age of its job; the event says that it is done."""
        done = self._env.event()
        heapq.heappush(self._queue, (since, next(self._order), seconds, done))
        self._serve()
        return done

    def _serve(self) -> None:
        while self._queue and self._idle:
            self._start(self._idle.pop())

    def _start(self, pod: Pod) -> None:
        since, _, seconds, done = heapq.heappop(self._queue)
        seconds += self._times.overhead
        pod.work = (since, done, self._env.now + seconds)
        self._busy += 1
        self._env.process(self._work(pod, seconds))

    def _work(self, pod: Pod, seconds: float) -> Process:
        work = pod.work
        yield self._env.timeout(seconds)
        if pod.work is not work or work is None:
            return  # handed back meanwhile
        pod.work = None
        self._busy -= 1
        self.busy_seconds += seconds * self._bundle
        work[1].succeed()
        self._free(pod)

    def _free(self, pod: Pod) -> None:
        if not pod.stopping:
            self._idle.append(pod)
            self._serve()

    def _scale(self) -> Process:
        polling = self._autoscaler.rules.polling
        steps = round(SYNC_SECONDS / polling)
        for step in count():
            pods = len(self._pods) * self._bundle
            work = (self.unfinished + self.expected) * self._bundle
            wanted = self._autoscaler.poll(self._env.now, work, pods)
            if step % steps == 0 and wanted:
                wanted = self._autoscaler.sync(self._env.now, work, pods)
            self._resize(-(-wanted // self._bundle))
            self.pod_seconds += len(self._pods) * self._bundle * polling
            if step % (12 * steps // 3) == 0:
                self.history.append((self._env.now, len(self._pods) * self._bundle, work))
            yield self._env.timeout(polling)

    def _resize(self, wanted: int) -> None:
        for _ in range(wanted - len(self._pods)):
            pod = Pod()
            self._pods.append(pod)
            self._env.process(self._begin(pod))
        # Kubernetes takes pods that are not ready first, and does not know which of the others work.
        for _ in range(len(self._pods) - wanted):
            waiting = [pod for pod in self._pods if not pod.ready]
            self._stop(self._chance.choice(waiting or self._pods))

    def _begin(self, pod: Pod) -> Process:
        yield self._env.timeout(self._times.start)
        pod.ready = True
        self._free(pod)

    def _stop(self, pod: Pod) -> None:
        self._pods.remove(pod)
        pod.stopping = True
        if pod in self._idle:
            self._idle.remove(pod)
        if pod.work is not None and pod.work[2] - self._env.now > self._times.grace:
            since, done, end = pod.work
            pod.work = None
            self._busy -= 1
            self.handed_back += self._bundle
            heapq.heappush(self._queue, (since, next(self._order), end - self._env.now, done))
            self._serve()


@dataclass(eq=False)
class Service:
    """The three worker pools and the way of a job through them."""

    env: simpy.Environment
    times: StageTimes
    face: Pool
    motion: Pool
    render: Pool
    chance: random.Random
    known_faces: float
    """Part of the jobs whose portrait was encoded before."""
    ahead: bool
    """Whether a job whose motion is not finished counts as one piece of rendering already."""
    waits: list[tuple[float, float, float, float]] = field(default_factory=list)
    """For each job: when it came, seconds to its first segment, to its end, and of its speech."""

    def job(self, speech: float) -> Process:
        began, env = self.env.now, self.env
        self.render.expected += self.ahead
        if self.chance.random() >= self.known_faces:
            yield self.face.submit(self.times.face, began)
        # Motion hands its windows on one by one; they follow each other far faster than they can be rendered.
        segments = max(1, -(-speech // self.times.segment))
        yield self.motion.submit(speech * self.times.motion, began)
        self.render.expected -= self.ahead
        lengths = [min(self.times.segment, speech - n * self.times.segment) for n in range(int(segments))]
        parts = [self.render.submit(length * self.times.render, began) for length in lengths]
        yield parts[0]
        first = env.now - began
        yield env.all_of(parts)
        self.waits.append((began, first, env.now - began, speech))
