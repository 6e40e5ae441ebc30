"""How near the pictures stay to the photo: at rest, in the background, in sharpness, in who it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.evaluation import identity, tracking
from vasari.evaluation.cells import both, posed
from vasari.evaluation.tracking import Picture
from vasari.render import Renderer, RenderOptions
from vasari.values import Appearance, Framing, Motion
from vasari.values.appearance import MARGIN
from vasari.values.landmarks import EYES, LOWER_LIP, OVAL, UPPER_LIP

Mask = NDArray[np.bool_]

LARGEST: Final = 1280
"""Pixels along a photo's longer side that are measured at most; a larger photo is reduced first."""
_APART: Final = 0.6
"""What is farther from the person than this, in interocular distances, should stand still."""
_SPEAKING: Final = 24
"""Frames of speech that are looked at, spread evenly over it."""


def measurable(photo: Picture) -> Picture:
    """The photo at most LARGEST pixels long and of even size, so that it can be rendered pixel by pixel."""
    scale = LARGEST / max(photo.shape[:2])
    if scale < 1:
        size = (round(photo.shape[1] * scale), round(photo.shape[0] * scale))
        photo = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    height, width = (n // 2 * 2 for n in photo.shape[:2])
    return np.ascontiguousarray(photo[:height, :width])


def psnr(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Peak signal to noise ratio of 8-bit values, dB; at most 99."""
    error = float(np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2))
    return min(99.0, 10 * math.log10(255**2 / max(error, 1e-9)))


@dataclass(frozen=True)
class Likeness:
    """All at the photo's own resolution, in the photo."""

    source: float
    """PSNR of the photo's expression rendered again against the photo, within the frame, dB."""
    background: float
    """Largest change of a pixel that should stand still, grey levels; NaN where the photo shows none."""
    sharpness: float
    """Energy of the Laplacian on the skin in speech over that in the photo: of the finest grain, noise included."""
    detail: float
    """The same after a Gaussian of one pixel: of pores, hairs and edges."""
    found: float
    """Part of the frames in which the mesh finds the face."""
    identity: float
    """Mean distance of the face in speech from the photo's, see `vasari.evaluation.identity`; NaN without network."""


def likeness(photo: Picture, appearance: Appearance, speaking: Motion, device: str = "cpu") -> Likeness:
    """
    Args:
        photo: as `measurable` gives it; `appearance` was encoded from it.
        speaking: a motion with speech and moving head.
    """
    options = RenderOptions(size=max(photo.shape[:2]), framing=Framing.PORTRAIT, photo=photo)
    renderer = Renderer(appearance, options, device)
    photo = appearance.upright.of(photo)
    rest = tracking.drawn(renderer, appearance.source_motion)[0]
    frames = tracking.drawn(renderer, _sample(speaking))
    left, top, side = appearance.crop
    points = tracking.tracked([photo, *frames], tracking.expected(appearance, left, top, side), device)
    found = ~np.isnan(points[:, 0, 0])
    seen = [(f, p) for f, p, there in zip(frames, points[1:], found[1:], strict=True) if there]
    still = _still(photo, appearance)
    turned = tracking.drawn(renderer, _turned()) if still.any() else []

    frame = np.s_[top : top + side, left : left + side]
    sharpness, detail = (
        float(np.mean([laplacian_energy(f, p, blur) for f, p in seen])) / laplacian_energy(photo, points[0], blur)
        for blur in (0.0, 1.0)
    )
    return Likeness(
        source=psnr(rest[frame], photo[frame]),
        background=max(_change(f, photo, still) for f in [*turned, *frames]) if still.any() else math.nan,
        sharpness=sharpness,
        detail=detail,
        found=float(found.mean()),
        identity=_distance(photo, points[0], seen) if identity.installed() else math.nan,
    )


def laplacian_energy(picture: Picture, points: tracking.Points, blur: float = 0.0) -> float:
    """Mean square of the Laplacian of the brightness on the skin: within the face's oval, without eyes and mouth.

    Args:
        blur: standard deviation in pixels of a Gaussian before it.
    """
    mask = np.zeros(picture.shape[:2], np.uint8)

    def fill(outline: tuple[int, ...], value: int, grow: float) -> None:
        polygon = points[list(outline), :2]
        middle = polygon.mean(0)
        cv2.fillPoly(mask, [np.round(middle + (polygon - middle) * grow).astype(np.int32)], value)

    fill(OVAL, 1, 0.94)
    fill(UPPER_LIP[3] + LOWER_LIP[3][::-1], 0, 1.3)
    for eye in EYES:
        fill(eye.upper + eye.lower[::-1], 0, 1.8)
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    if blur:
        gray = np.asarray(cv2.GaussianBlur(gray, (0, 0), blur), np.float32)
    energy = cv2.Laplacian(gray, cv2.CV_32F) ** 2
    return float(energy[mask > 0].mean())


def _sample(motion: Motion) -> Motion:
    return Motion.concatenate(motion[i : i + 1] for i in np.linspace(0, len(motion) - 1, _SPEAKING).astype(int))


def _turned() -> Motion:
    """The head as far as it goes in every direction."""
    poses = [posed(rotation=r) for r in ((20, 0, 0), (-20, 0, 0), (0, 15, 0), (0, -15, 0), (0, 0, 12), (0, 0, -12))]
    return Motion.concatenate([*poses, posed({"jawOpen": 1.0, **both(eyeBlink=1.0)})])


def _still(photo: Picture, appearance: Appearance) -> Mask:
    """(H, W) what lies so far from the person that nothing moves there, within the part of the photo that is drawn."""
    left, top, side = appearance.crop
    edge = round(side * MARGIN)
    size = side + 2 * edge
    matte = cv2.resize(appearance.matte, (size, size), interpolation=cv2.INTER_AREA)
    person = np.zeros((photo.shape[0] + 2 * size, photo.shape[1] + 2 * size), np.uint8)
    person[top - edge + size : top - edge + 2 * size, left - edge + size : left - edge + 2 * size] = matte > 0
    reach = round(_APART * appearance.interocular * side)
    away = cv2.distanceTransform(1 - person, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) > reach
    inside = np.zeros_like(person)
    inside[top - edge + size : top - edge + 2 * size, left - edge + size : left - edge + 2 * size] = 1
    return np.asarray((away & (inside > 0))[size:-size, size:-size], np.bool_)


def _change(frame: Picture, photo: Picture, still: Mask) -> float:
    return float(np.abs(frame[still].astype(int) - photo[still]).max())


def _distance(photo: Picture, points: tracking.Points, seen: list[tuple[Picture, tracking.Points]]) -> float:
    own = identity.descriptor(photo, points)
    return float(np.mean([np.linalg.norm(identity.descriptor(f, p) - own) for f, p in seen]))
