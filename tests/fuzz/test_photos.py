"""A portrait as chance makes it lie: rolled, cropped, mirrored, scaled, in bars or a circle, compressed. Each is drawn,
with the frame inside the photo, or refused in words.

`make fuzz` tries many more than `make test`.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from io import BytesIO
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vasari.face import encode
from vasari.render import Renderer, RenderOptions
from vasari.values import Framing, InputError, Motion, Reason

Photo = NDArray[np.uint8]

TRIES = max(1, int(os.environ.get("FUZZ", "15")) // 5)
"""Photos, each of which takes half a second."""
SEED = int(os.environ.get("FUZZ_SEED", "1"))
REFUSALS = {
    Reason.NO_FACE,
    Reason.SEVERAL_FACES,
    Reason.FACE_TOO_SMALL,
    Reason.FACE_TURNED_AWAY,
    Reason.FACE_CUT_OFF,
}


def rolled(photo: Photo, chance: random.Random) -> Photo:
    degrees = chance.choice([chance.uniform(-180, 180), 90, 180, 270])
    height, width = photo.shape[:2]
    cos, sin = abs(np.cos(np.deg2rad(degrees))), abs(np.sin(np.deg2rad(degrees)))
    size = (round(width * cos + height * sin), round(width * sin + height * cos))
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
    matrix[:, 2] += [(size[0] - width) / 2, (size[1] - height) / 2]
    border = chance.choice([cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE])
    return np.asarray(cv2.warpAffine(photo, matrix, size, borderMode=border, borderValue=_color(chance)), np.uint8)


def cropped(photo: Photo, chance: random.Random) -> Photo:
    """At most two fifths of it are cut off at any side."""
    height, width = photo.shape[:2]
    top, bottom, left, right = (chance.choice([0, chance.uniform(0, 0.4)]) for _ in range(4))
    return photo[round(top * height) : round((1 - bottom) * height), round(left * width) : round((1 - right) * width)]


def mirrored(photo: Photo, _: random.Random) -> Photo:
    return photo[:, ::-1]


def scaled(photo: Photo, chance: random.Random) -> Photo:
    scale = chance.uniform(0.3, 1.7)
    return np.asarray(cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def barred(photo: Photo, chance: random.Random) -> Photo:
    top, bottom, left, right = (chance.choice([0, chance.randint(1, 12), chance.randint(1, 400)]) for _ in range(4))
    return np.asarray(
        cv2.copyMakeBorder(photo, top, bottom, left, right, cv2.BORDER_CONSTANT, value=_color(chance)), np.uint8
    )


def round_cut(photo: Photo, chance: random.Random) -> Photo:
    side = min(photo.shape[:2])
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    return np.where((np.hypot(x, y) < side / 2)[..., None], photo[:side, :side], _color(chance)).astype(np.uint8)


def compressed(photo: Photo, chance: random.Random) -> Photo:
    file = BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=chance.randint(20, 95))
    return np.array(Image.open(file).convert("RGB"))


def _color(chance: random.Random) -> tuple[int, int, int]:
    gray = chance.choice([0, 255, chance.randint(0, 255)])
    return gray, gray, chance.choice([gray, chance.randint(0, 255)])


def refused(error: InputError, names: str) -> str:
    """The reason; only those of faces will do."""
    assert error.reason in REFUSALS, names
    return error.reason


CHANGES = (rolled, cropped, mirrored, scaled, barred, round_cut, compressed)


@pytest.mark.timeout(36_000)
def test_a_portrait_however_it_lies() -> None:
    portrait = np.array(
        Image.open(Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg").convert("RGB")
    )
    chance, outcomes = random.Random(f"{SEED} photos"), Counter[str]()
    for _ in range(TRIES):
        photo, changes = portrait, chance.choices(CHANGES, k=chance.randint(1, 4))
        for change in changes:
            photo = np.ascontiguousarray(change(photo, chance))
        names = " ".join(change.__name__ for change in changes)
        try:
            appearance = encode(photo)
        except InputError as error:
            outcomes[refused(error, names)] += 1
            continue
        left, top, side = appearance.crop
        height, width = appearance.upright.size
        assert min(left, top) >= 0, names
        assert left + side <= width, names
        assert top + side <= height, names
        for framing in Framing:
            frames = list(Renderer(appearance, RenderOptions(128, framing, photo)).frames(_moving(chance)))
            assert sum(map(len, frames)) == 4, names
        outcomes["drawn"] += 1
    print(f"\nphotos, seed {SEED}: {outcomes.total()} photos, {dict(outcomes.most_common())}")


def _moving(chance: random.Random) -> Motion:
    """Four frames in which everything is somewhere."""
    numbers = np.random.default_rng(chance.randrange(2**32))
    motion = Motion.neutral(4)
    motion.rotation[:] = numbers.normal(0, 15, (4, 3))
    motion.translation[:] = numbers.normal(0, 0.3, (4, 3))
    motion.coefficients[:] = numbers.uniform(0, 1, (4, 52))
    return motion
