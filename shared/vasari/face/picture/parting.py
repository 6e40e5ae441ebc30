"""The person and what stands behind, parted within the picture and continued beyond its edge."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.picture.filling import fill
from vasari.face.picture.framing import Frame, continued, cut, extended, lean_of_lines
from vasari.face.picture.matte import person_matte
from vasari.face.picture.plate import background_plate
from vasari.values.appearance import MARGIN
from vasari.values.landmarks import OVAL

_SOFT = 0.06
"""Interocular distances over which what is continued as in a mirror gives way to what is continued smoothly."""


@dataclass(frozen=True)
class Parted:
    """Over the frame and its margin, see `Appearance`."""

    pixels: NDArray[np.uint8]
    plate: NDArray[np.uint8]
    matte: NDArray[np.float32]
    """(N, N) 0..1"""


def parted(picture: NDArray[np.uint8], frame: Frame, points: NDArray[np.float64], interocular: float) -> Parted:
    """Args:
        picture: (H, W, 3) RGB.
        points: (478, 3) in frame units, as is the interocular distance.

    Raises:
        Fault: the weights are not installed.
    """
    pixels = cut(picture, frame)
    part, size = frame.within(*picture.shape[:2]), len(pixels)
    inside = pixels[part]
    matte_inside = person_matte(picture, frame, inside, points)
    unit = interocular * frame.side * frame.density
    plate = continued(background_plate(inside, matte_inside, unit), part, size)
    # Who ends within the picture is not mirrored into what lies beyond it.
    goes_on = extended(cv2.dilate(matte_inside, np.ones((5, 5), np.uint8)), part, size)
    lean = lean_of_lines(inside, unit)
    matte = np.minimum(continued(matte_inside, part, size, lean), goes_on)
    person = _without_features(continued(inside, part, size, lean), part, points, unit)
    pixels = (plate + (person - plate) * goes_on[..., None]).round().astype(np.uint8)
    pixels[part] = inside
    return Parted(pixels, plate, matte)


def _without_features(
    pixels: NDArray[np.uint8], part: tuple[slice, slice], points: NDArray[np.float64], unit: float
) -> NDArray[np.float32]:
    """(N, N, 3) the pixels, but where they would show the face in a mirror, which the picture cuts, its skin goes on
    smoothly: hair may be mirrored, no eye or brow."""
    size = len(pixels)
    outline = (points[list(OVAL), :2] + MARGIN) / (1 + 2 * MARGIN) * size - 0.5
    face = np.zeros((size, size), np.uint8)
    cv2.fillPoly(face, [outline.round().astype(np.int32)], 1)
    mirrored = continued(face[part].astype(np.float32), part, size)
    known = np.zeros((size, size), np.float32)
    known[part] = 1
    share = cv2.GaussianBlur(mirrored, (0, 0), _SOFT * unit) * (1 - known)
    if not share.any():
        return pixels.astype(np.float32)
    smooth = fill(pixels.astype(np.float32), known)
    return np.asarray(pixels + (smooth - pixels) * share[..., None], np.float32)
