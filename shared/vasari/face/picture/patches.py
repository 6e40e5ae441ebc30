"""Small square pictures of one part of the face, at a resolution of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.values.appearance import MARGIN

Array = NDArray[np.float64]
Image = NDArray[np.float32]


@dataclass(frozen=True)
class Patch:
    """A square of the frame, `size` pixels along its side, upright unless told otherwise."""

    center: Array
    """(2,) in frame units."""
    half: float
    """Half the side, in frame units."""
    size: int
    right: Array = field(default_factory=lambda: np.array([1.0, 0.0]))
    """(2,) unit vector along the rows."""

    @property
    def axes(self) -> Array:
        """(2, 2) its columns point along the rows and down the columns."""
        return np.array([[self.right[0], -self.right[1]], [self.right[1], self.right[0]]])

    @property
    def place(self) -> NDArray[np.float32]:
        return np.array([*self.center, self.half], np.float32)

    def pixel(self, points: Array) -> Array:
        """(..., 2) frame units -> pixel coordinates, centers of pixels at integers."""
        return (self.local(points) + 1) / 2 * self.size - 0.5

    def local(self, points: Array) -> Array:
        """(..., 2) frame units -> the patch's own, -1..1 from its left and top edge to its right and bottom one."""
        return np.asarray((np.asarray(points) - self.center) @ self.axes / self.half)

    def frame(self, points: Array) -> Array:
        """The reverse of `local`."""
        return np.asarray(np.asarray(points) @ self.axes.T * self.half + self.center)

    def length(self, distance: float) -> float:
        """A distance of the frame in this patch's pixels."""
        return distance / (2 * self.half) * self.size

    def sample(self, pixels: NDArray[np.uint8]) -> Image:
        """(size, size, C) of an Appearance's aligned pixels, by cubic interpolation."""
        frame = len(pixels) / (1 + 2 * MARGIN)
        scale = 2 * self.half * frame / self.size
        axes = self.axes
        corner = (self.center - self.half * axes.sum(1) + MARGIN) * frame - 0.5 + scale / 2 * axes.sum(1)
        matrix = np.concatenate([scale * axes, corner[:, None]], 1)
        flags = (cv2.INTER_AREA if scale > 1.5 else cv2.INTER_CUBIC) | cv2.WARP_INVERSE_MAP
        sampled = cv2.warpAffine(pixels, matrix, (self.size, self.size), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(sampled, np.float32)

    def fill(self, outline: Sequence[Array] | Array) -> Image:
        """(size, size) how far each pixel lies in a polygon of frame points, 0..1, with soft edges."""
        scale, shift = 4, 4
        points = (self.pixel(np.asarray(outline)) + 0.5) * scale - 0.5
        mask = np.zeros((self.size * scale, self.size * scale), np.uint8)
        cv2.fillPoly(mask, [np.round(points * 2**shift).astype(np.int32)], 255, cv2.LINE_AA, shift)
        filled = cv2.resize(mask, (self.size, self.size), interpolation=cv2.INTER_AREA)
        return np.asarray(filled / 255, np.float32)


def blur(image: Image, sigma: float) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), max(sigma, 0.3)), np.float32)


def arch(count: int) -> Array:
    """(count, 1) half a sine: 0 at both ends, 1 in the middle."""
    return np.asarray(np.sin(np.linspace(0, np.pi, count))[:, None])
