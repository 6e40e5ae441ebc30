"""Closed-form matting (Levin, Lischinski and Weiss, 2008), solved where the matte is not known."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

Image = NDArray[np.float32]

_EPSILON = 3e-5
"""Variance of color within a window that is taken for noise, of 1."""
_STEPS = (40, 12)
"""Of the conjugate gradients, on the coarse and on the full picture."""


def closed_form(pixels: NDArray[np.uint8], guess: Image, unknown: NDArray[np.bool_], trust: Image) -> Image:
    """The matte for which, in every window of 3 x 3 pixels, it is as near as can be to a linear function of color.

    Args:
        pixels: (h, w, 3) RGB.
        guess: (h, w) 0..1; exact where the matte is known.
        unknown: (h, w) where it is to be found.
        trust: (h, w) how much a pixel's guess counts against the picture's evidence, which counts about 1.

    Returns:
        (h, w), about 0..1.
    """
    half = (max(4, pixels.shape[1] // 2), max(4, pixels.shape[0] // 2))

    def halved(image: NDArray[Any]) -> Any:
        return cv2.resize(image, half, interpolation=cv2.INTER_AREA)

    small = halved(guess)
    coarse = _solve(halved(pixels), small, halved(unknown.astype(np.float32)) > 0, halved(trust), small, _STEPS[0])
    start = np.where(unknown, cv2.resize(coarse, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR), guess)
    return _solve(pixels, guess, unknown, trust, start.astype(np.float32), _STEPS[1])


def _solve(
    pixels: NDArray[np.uint8], guess: Image, unknown: NDArray[np.bool_], trust: Image, start: Image, steps: int
) -> Image:
    """Conjugate gradients, preconditioned by the diagonal.

    The matting Laplacian is count - A' A, with four rows of A for each window: its mean, and its colors, whitened.
    """
    height, width = unknown.shape
    centers = cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    centers[[0, -1]] = False
    centers[:, [0, -1]] = False
    around = (np.arange(-1, 2)[:, None] * width + np.arange(-1, 2)).ravel()
    window = np.flatnonzero(centers)[:, None] + around
    color = pixels.reshape(-1, 3)[window].astype(np.float32) / 255
    color -= color.mean(1, keepdims=True)
    covariance = np.einsum("kni,knj->kij", color, color) / 9 + _EPSILON / 9 * np.eye(3, dtype=np.float32)
    whitened = np.einsum("kij,knj->kin", np.linalg.inv(np.linalg.cholesky(covariance)), color) / 3
    rows = np.concatenate([np.full((len(window), 1, 9), 1 / 3, np.float32), whitened.astype(np.float32)], 1)

    place = np.full(height * width, -1)
    touched = cv2.dilate(centers.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    involved = np.flatnonzero(touched)
    place[involved] = np.arange(len(involved))
    index = np.repeat(place[window][:, None], 4, 1).ravel()
    a = sparse.csr_matrix(
        (rows.ravel(), index, np.arange(0, 36 * len(window) + 1, 9)), (4 * len(window), len(involved))
    )
    back = a.T.tocsr()
    count = np.bincount(place[window].ravel(), minlength=len(involved)).astype(np.float32)
    free = unknown.ravel()[involved]
    weight = trust.ravel()[involved]

    def residual_of(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray((count * x - back @ (a @ x)) * free, np.float32)

    x = start.ravel()[involved].copy()
    scale = np.asarray(free / (weight + 0.3 * count + 1e-6), np.float32)
    residual = weight * free * (guess.ravel()[involved] - x) - residual_of(x)
    z = scale * residual
    direction: Image = z
    energy = float(residual @ z)
    for _ in range(steps):
        if energy < 1e-8:
            break
        turned = residual_of(direction) + weight * direction
        step = energy / float(direction @ turned)
        x += step * direction
        residual -= step * turned
        z = scale * residual
        fall = float(residual @ z) / energy
        direction, energy = (z + fall * direction).astype(np.float32), fall * energy
    result = start.ravel().copy()
    result[involved[free]] = x[free]
    return result.reshape(height, width)
