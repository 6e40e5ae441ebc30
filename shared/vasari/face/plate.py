"""Parting the person from the background, and filling the background in behind."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


def refine_matte(matte: Image, pixels: NDArray[np.uint8], radius: int) -> Image:
    """Fit a coarse (N, N) matte 0..1 to the picture's edges: the guided filter (He, Sun and Tang, 2010)."""
    guide = pixels.astype(np.float32).mean(2) / 255
    window = (2 * radius + 1, 2 * radius + 1)

    def mean(image: Image) -> Image:
        return np.asarray(cv2.boxFilter(image, -1, window), np.float32)

    guide_mean, matte_mean = mean(guide), mean(matte)
    slope = (mean(guide * matte) - guide_mean * matte_mean) / (mean(guide * guide) - guide_mean**2 + 1e-3)
    fitted = np.clip(mean(slope) * guide + mean(matte_mean - slope * guide_mean), 0, 1)
    t = np.clip((fitted - 0.25) / 0.6, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def background_plate(pixels: NDArray[np.uint8], matte: Image, reach: int) -> NDArray[np.uint8]:
    """(N, N, 3) the picture without the person.

    Pixels more than `reach` from the person stay as they are; the hole is filled from them.
    """
    near = cv2.dilate(matte, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    known = np.clip(1 - near / 0.1, 0, 1).astype(np.float32)
    if known.max() == 0:
        return pixels
    return fill(pixels.astype(np.float32), known).round().astype(np.uint8)


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
