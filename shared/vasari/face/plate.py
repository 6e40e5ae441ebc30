"""Parting the person from the background, and filling the background in behind."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]

_HALO = 0.035
"""Interocular distances beyond the matte that are filled too: there sharpening and compression leave a rim."""


def background_plate(pixels: NDArray[np.uint8], matte: Image, unit: float) -> NDArray[np.uint8]:
    """(h, w, 3) the picture without the person, filled in from around; beyond the person's edge it stays as it is.

    Args:
        unit: pixels of an interocular distance.
    """
    reach = 2 * max(1, round(_HALO * unit)) + 1
    near = cv2.dilate(matte, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    known = np.asarray(cv2.erode((near < 0.01).astype(np.float32), np.ones((3, 3), np.uint8)), np.float32)
    if known.max() == 0:
        return pixels
    filled = fill(pixels.astype(np.float32), known)
    return np.where(near[..., None] < 0.01, pixels, filled.round().astype(np.uint8))


def fill(image: Image, known: Image) -> Image:
    """(H, W, 3) 0..255 with what is not known (0 in an (H, W) weight of 0..1) continued smoothly from what is.

    Push and pull through a Gaussian pyramid (Gortler et al., The Lumigraph, 1996).
    """
    levels = [(image, known)]
    while min(levels[-1][1].shape) > 4:
        color, weight = levels[-1]
        coarse = cv2.pyrDown(weight)
        mean = cv2.pyrDown(color * weight[..., None]) / np.maximum(coarse, 1e-4)[..., None]
        # A cell that knows a little counts as known: what is filled in takes after its nearest neighbours.
        levels.append((np.asarray(mean, np.float32), np.minimum(4 * coarse, 1)))
    filled = levels[-1][0]
    for color, weight in levels[-2::-1]:
        coarse = cv2.resize(filled, weight.shape[::-1], interpolation=cv2.INTER_LINEAR)
        filled = coarse + (color - coarse) * weight[..., None]
    return np.asarray(np.clip(filled, 0, 255), np.float32)
