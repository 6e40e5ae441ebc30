"""Broken files at the media doors: each is read or refused in words, and no decoder takes its caller with it.

`make fuzz` tries many more than `make test`.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from tests.fuzz.corpus import MOTIONS, PICTURES, SOUNDS, broken, motion, picture, sound

from vasari.media.confined import Decoders
from vasari.media.motion_file import HEAD_BYTES, check_motion_head
from vasari.media.portrait import check_portrait_header
from vasari.values import InputError, Reason

TRIES = int(os.environ.get("FUZZ", "15"))
"""Broken files of each kind."""
SEED = int(os.environ.get("FUZZ_SEED", "1"))
DECODERS = Decoders(seconds=20, memory_bytes=2**30)
REFUSALS = {
    "portrait": {Reason.PORTRAIT_UNREADABLE, Reason.PORTRAIT_TOO_LARGE},
    "motion": {Reason.MOTION_UNREADABLE, Reason.MOTION_TOO_LONG},
    "speech": {Reason.SPEECH_UNREADABLE, Reason.SPEECH_EMPTY, Reason.SPEECH_SILENT, Reason.SPEECH_TOO_LONG},
}


def refused(error: InputError, door: str) -> str:
    """In one word; only reasons of that door will do."""
    assert error.reason in REFUSALS[door]
    return "decoder broke down" if "broke down" in error.message else error.reason


def report(kind: str, outcomes: Counter[str]) -> None:
    print(f"\n{kind}, seed {SEED}: {outcomes.total()} files, {dict(outcomes.most_common())}")


@pytest.mark.parametrize("kind", SOUNDS)
@pytest.mark.timeout(36_000)
def test_broken_speech(kind: str, tmp_path: Path) -> None:
    chance, path, outcomes = random.Random(f"{SEED} {kind}"), tmp_path / "speech", Counter[str]()
    for _ in range(TRIES):
        path.write_bytes(broken(sound(kind), chance))
        try:
            samples = DECODERS.read_speech(path, 60).samples
            assert abs(samples).max() <= 1
            outcomes["read"] += 1
        except InputError as error:
            outcomes[refused(error, "speech")] += 1
    report(kind, outcomes)


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.timeout(36_000)
def test_broken_portraits(kind: str) -> None:
    chance, outcomes = random.Random(f"{SEED} {kind}"), Counter[str]()
    for _ in range(TRIES):
        try:
            assert DECODERS.read_portrait(broken(picture(kind), chance), 10**6).shape[2] == 3
            outcomes["read"] += 1
        except InputError as error:
            outcomes[refused(error, "portrait")] += 1
    report(kind, outcomes)


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.timeout(36_000)
def test_broken_headers(kind: str) -> None:
    """What the gateway reads of a portrait, in its own process."""
    chance, outcomes = random.Random(f"{SEED} {kind} header"), Counter[str]()
    for _ in range(20 * TRIES):
        try:
            width, height = check_portrait_header(broken(picture(kind), chance), 10**6)
            assert 0 < width * height <= 10**6
            outcomes["accepted"] += 1
        except InputError as error:
            outcomes[refused(error, "portrait")] += 1
    report(f"{kind} header", outcomes)


@pytest.mark.parametrize("kind", MOTIONS)
@pytest.mark.timeout(36_000)
def test_broken_motions(kind: str, tmp_path: Path) -> None:
    chance, path, outcomes = random.Random(f"{SEED} {kind}"), tmp_path / "motion", Counter[str]()
    for _ in range(TRIES):
        path.write_bytes(broken(motion(kind), chance))
        try:
            played = DECODERS.read_motion(path, 25, 60)
            assert 0 < len(played) <= 60 * 25
            assert np.isfinite(played.rotation).all()
            outcomes["read"] += 1
        except InputError as error:
            outcomes[refused(error, "motion")] += 1
    report(kind, outcomes)


@pytest.mark.parametrize("kind", MOTIONS)
@pytest.mark.timeout(36_000)
def test_broken_beginnings(kind: str) -> None:
    """What the gateway reads of a motion file, in its own process."""
    chance, outcomes = random.Random(f"{SEED} {kind} head"), Counter[str]()
    for _ in range(20 * TRIES):
        try:
            check_motion_head(broken(motion(kind), chance)[:HEAD_BYTES])
            outcomes["accepted"] += 1
        except InputError as error:
            outcomes[refused(error, "motion")] += 1
    report(f"{kind} head", outcomes)


@pytest.mark.parametrize("kind", SOUNDS)
def test_unbroken_they_are_read(kind: str, tmp_path: Path) -> None:
    (tmp_path / "speech").write_bytes(sound(kind))
    assert DECODERS.read_speech(tmp_path / "speech", 60).seconds == pytest.approx(1 / 3, abs=0.1)
