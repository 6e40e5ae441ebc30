"""The background behind the person."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.filling import mirrored_fill
from vasari.face.texture import patch_fill

Image = NDArray[np.float32]

_HALO = 0.035
"""Interocular distances beyond the matte that are filled too: there sharpening and compression leave a rim."""
_MIRRORED = (0.15, 0.35)
"""Interocular distances behind the edge up to which the background is mirrored, and beyond which patches make it."""
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
    # What the photo shows is matte * person + (1 - matte) * plate, for some color of the person that exists.
    alpha = matte[..., None]
    least, most = pixels - 255 * alpha - _DOUBT, pixels + _DOUBT
    filled = np.clip(filled, least / np.maximum(1 - alpha, 1e-3), most / np.maximum(1 - alpha, 1e-3))
    return np.where(known[..., None], pixels, filled.round().clip(0, 255).astype(np.uint8))
