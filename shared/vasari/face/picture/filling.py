"""Continuing a picture into a hole: smoothly, or as in a mirror."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]

_TEXTURE = 0.12
"""Interocular distances: what is finer counts as texture."""
_OUTLINE = 0.05
"""Interocular distances: bends of the hole's outline that are finer do not bend the mirror."""


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


def mirrored_fill(image: Image, known: NDArray[np.bool_], unit: float) -> Image:
    """(h, w, 3) with what is not known continued from what is: colors smoothly, texture as in a mirror along the hole's
    outline, so that lines across it go on and nothing changes its sharpness.

    Args:
        unit: pixels of an interocular distance.
    """
    weight = known.astype(np.float32)

    def blurred(x: Image) -> Image:
        return np.asarray(cv2.GaussianBlur(x, (0, 0), _TEXTURE * unit), np.float32)

    smooth = np.asarray(blurred(image * weight[..., None]) / np.maximum(blurred(weight), 1e-4)[..., None], np.float32)
    texture = (image - smooth) * weight[..., None]

    inside, outside = (cv2.distanceTransform(k.astype(np.uint8), cv2.DIST_L2, 5) for k in (~known, known))
    depth = cv2.GaussianBlur(cv2.subtract(inside, outside), (0, 0), _OUTLINE * unit)
    slope = np.stack([cv2.Sobel(depth, cv2.CV_32F, *axis, scale=1 / 8) for axis in ((1, 0), (0, 1))])
    step = -2 * np.maximum(depth, 0) * slope / np.maximum((slope**2).sum(0), 0.3)
    height, width = known.shape

    def seen(picture: Any, places: Any) -> Any:
        return cv2.remap(picture, places[0], places[1], cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT)

    places = np.stack(np.meshgrid(np.arange(width), np.arange(height))).astype(np.float32) + step
    for _ in range(2):  # in a bay of the outline the mirrored place may lie in the hole still
        places = places + np.stack([seen(axis, places) for axis in step])
    found = seen(np.dstack([texture, weight]), places)
    return np.asarray(np.clip(fill(smooth, weight) + found[..., :3] * found[..., 3:], 0, 255), np.float32)
