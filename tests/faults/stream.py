"""Callers who want one result after the other, as good clients do: again under the same id until there is an answer."""

from __future__ import annotations

import random
import threading
import time
import wave
from collections import deque
from pathlib import Path
from typing import Any, Final

import av
import cv2
import matplotlib
import numpy as np

from vasari.client import Client
from vasari.values import Controls, NotFound, VasariError

SAMPLE: Final = Path(__file__).parents[2] / "samples" / "speech.flac"
HOPPER: Final = Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")
SIZE: Final = 128
FACELESS, CANCELLED, DELETED = 0.05, 0.1, 0.05
"""Parts of the jobs that have no face, are cancelled on the way, are deleted when they ended."""
MOTION_ONLY, PLAYED = 0.15, 0.15
"""Parts of the jobs that make no video but a motion, and that play a motion file without speech."""


class Callers:
    """Threads that each submit a job and watch it to its end, again and again; with what they know of the jobs.

    They go on until there are `jobs`, and then until `enough`.
    """

    def __init__(self, address: str, folder: Path, seed: int, jobs: int, threads: int = 6) -> None:
        self._address, self._chance, self._left = address, random.Random(seed), jobs
        self._enough = threading.Event()
        self._lock = threading.Lock()
        self.accepted: list[str] = []
        """Names of the jobs for which CreateJob was answered with OK."""
        self.cancelled: set[str] = set()
        self.deleted: set[str] = set()
        self.faceless: set[str] = set()
        self.repeated = 0
        """Calls that were made again under the same id, because no answer came."""
        self._faces = [_face(k) for k in range(12)]
        self._noise = _png(np.random.default_rng(seed).integers(0, 255, (256, 256, 3), np.uint8))
        self._speech = _speech()
        self._folder = folder
        self._threads = [threading.Thread(target=self._call, name=f"caller-{k}") for k in range(threads)]
        for thread in self._threads:
            thread.start()

    @property
    def busy(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def enough(self) -> None:
        """No more jobs than those that were asked for are needed."""
        self._enough.set()

    def _call(self) -> None:
        with Client(self._address) as client:
            while True:
                with self._lock:
                    if self._left <= 0 and self._enough.is_set():
                        return
                    self._left -= 1
                    draw = [self._chance.random() for _ in range(4)]
                    face, seconds = self._chance.choice(self._faces), self._chance.uniform(1.0, 9.0)
                    identifier = f"{self._chance.getrandbits(64):016x}"
                job = self._video(face, identifier, seconds)
                if draw[0] < FACELESS:
                    job["portrait"] = self._noise
                elif draw[3] < MOTION_ONLY:
                    job |= {"portrait": None, "motion_only": True}
                elif draw[3] < MOTION_ONLY + PLAYED:
                    job |= {"speech": None, "motion": _poses(seconds)}
                name = self._until_answered(client, identifier, job)
                with self._lock:
                    self.accepted.append(name)
                    if draw[0] < FACELESS:
                        self.faceless.add(name)
                if draw[1] < CANCELLED:
                    time.sleep(3 * draw[2])
                    self._try(lambda name=name: client.cancel(name))
                    self.cancelled.add(name)
                elif draw[1] < CANCELLED + DELETED:
                    self._try(lambda name=name: client.delete(name))
                    self.deleted.add(name)
                self._watch(client, name)

    def _video(self, face: bytes, identifier: str, seconds: float) -> dict[str, Any]:
        """What `Client.submit` is given."""
        speech = self._folder / f"{identifier}.wav"
        _write(speech, self._speech[: int(16000 * seconds)])
        return {"portrait": face, "speech": speech, "controls": Controls(size=SIZE)}

    def _until_answered(self, client: Client, identifier: str, job: dict[str, Any]) -> str:
        while True:
            try:
                return client.submit(**job, request_id=identifier).name
            except VasariError:
                self.repeated += 1
                time.sleep(0.5)

    def _watch(self, client: Client, name: str) -> None:
        """Until it ended, or is gone."""
        while True:
            try:
                deque(client.watch(name), maxlen=0)
                return
            except NotFound:
                return
            except VasariError:
                time.sleep(0.5)

    def _try(self, call) -> None:  # type: ignore[no-untyped-def]
        for _ in range(60):
            try:
                call()
                return
            except VasariError:
                time.sleep(0.5)


def _face(number: int) -> bytes:
    """One of several pictures of one person: each is another photo for the cache."""
    photo = cv2.imread(str(HOPPER))
    assert photo is not None
    photo = cv2.flip(photo, 1) if number % 2 else photo
    return _png(np.clip(photo.astype(np.float32) * (1 - 0.03 * (number // 2)), 0, 255).astype(np.uint8))


def new_face(number: int) -> bytes:
    """A photo that no other job has."""
    photo = cv2.imread(str(HOPPER))
    assert photo is not None
    return _png(photo[: -2 * number])


def _png(photo: np.ndarray) -> bytes:
    return cv2.imencode(".png", photo)[1].tobytes()


def _poses(seconds: float) -> bytes:
    """A motion file of a head that turns."""
    return f"second,yaw,pitch,roll\n0,-8,0,0\n{seconds:.2f},8,0,0\n".encode()


def _speech() -> np.ndarray:
    """The sample, 16 kHz int16."""
    resampler = av.AudioResampler("s16", "mono", 16000)
    with av.open(str(SAMPLE)) as source:
        frames = [part for frame in source.decode(audio=0) for part in resampler.resample(frame)]
    return np.resize(np.concatenate([frame.to_ndarray()[0] for frame in frames]), 16000 * 10)


def _write(path: Path, samples: np.ndarray) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(samples.tobytes())
