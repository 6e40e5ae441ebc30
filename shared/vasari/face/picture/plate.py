"""The background behind the person."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.picture.filling import fill, mirrored_fill
from vasari.face.picture.texture import patch_fill

Image = NDArray[np.float32]

_HALO = 0.035
"""Interocular distances beyond the matte that are filled too: there sharpening and compression leave a rim."""
_MIRRORED = (0.15, 0.35)
"""Interocular distances behind the edge up to which the background is mirrored, and beyond which patches make it."""
_SOLID = 0.97
"""Matte of what is the person's own color."""
_SHARP = 0.03
"""Interocular distances: half the width of a matte's edge that is sharp."""
_SEEN_THROUGH = (0.2, 0.6)
"""Matte up to which, and from which on no longer, the photo tells the background behind."""
_SINGLE = 0.025
"""Interocular distances: half the size of what counts as a single pixel."""
_DOUBT = 14.0
"""Levels by which the matte's equation may be missed."""


def background_plate(pixels: NDArray[np.uint8], matte: Image, unit: float) -> NDArray[np.uint8]:
    """(h, w, 3) the picture without the person, filled in from around; beyond the person's edge it stays as it is.

    Args:
        unit: pixels of an interocular distance.
    """
    size = 2 * max(1, round(_HALO * unit)) + 1
    reached = cv2.dilate(matte, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    known = reached < 0.01
    if not known.any():
        return pixels
    # What lies nearest goes on across the person's edge, as in a mirror; deeper in patches have to do.
    depth = cv2.distanceTransform((~known).astype(np.uint8), cv2.DIST_L2, 5) / unit
    deep = np.clip((depth - _MIRRORED[0]) / (_MIRRORED[1] - _MIRRORED[0]), 0, 1)[..., None].astype(np.float32)
    near = mirrored_fill(pixels.astype(np.float32), known, unit)
    filled = near + (patch_fill(pixels, known, unit) - near) * deep
    filled = _as_seen_through(pixels, matte, filled, unit)
    return np.where(known[..., None], pixels, filled)


def _as_seen_through(pixels: NDArray[np.uint8], matte: Image, filled: Image, unit: float) -> NDArray[np.uint8]:
    """The filling, but where the person hides little of the background what the photo shows of it: through thin hair,
    and where the matte is in doubt. Not at a sharp edge, whose rim is the camera's.

    The photo is matte * person + (1 - matte) * plate: with the person's color taken from where the matte is 1, it tells
    the plate's. What is left beside the truth is single pixels, which a median takes away.
    """
    size = 2 * max(1, round(_SHARP * unit)) + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    wide = cv2.morphologyEx(cv2.inRange(matte, 0.03, _SOLID), cv2.MORPH_OPEN, disk)
    wide = cv2.GaussianBlur(wide.astype(np.float32) / 255, (0, 0), 0.01 * unit)
    alpha = matte[..., None]
    person = fill(pixels.astype(np.float32), (matte > _SOLID).astype(np.float32))
    seen = (pixels - alpha * person) / np.maximum(1 - alpha, 0.05)
    # Where the matte errs, that would be a color of its own.
    seen = seen.clip(np.minimum(filled, pixels), np.maximum(filled, pixels))
    share = wide * np.clip((_SEEN_THROUGH[1] - matte) / (_SEEN_THROUGH[1] - _SEEN_THROUGH[0]), 0, 1)
    plate = filled + (seen - filled) * share[..., None]
    # The person's color has to exist, too.
    least, most = pixels - 255 * alpha - _DOUBT, pixels + _DOUBT
    plate = np.clip(plate, least / np.maximum(1 - alpha, 1e-3), most / np.maximum(1 - alpha, 1e-3))
    rounded = plate.round().clip(0, 255).astype(np.uint8)
    even = cv2.medianBlur(rounded, 2 * max(1, round(_SINGLE * unit)) + 1)
    soft = (8 * alpha * (1 - alpha)).clip(0, 1)
    return np.asarray((rounded + (even.astype(np.float32) - rounded) * soft).round(), np.uint8)
