"""A head of known pose: a photographed face on a solid of known depth, turned and projected by the book.

What the face mesh says of it is what the mesh can see at all of a photo that turns, whatever draws it: lighting, the
underside of nose and chin and all else that the photo does not hold are missing from both.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from vasari.evaluation.tracking import Picture, Points
from vasari.face.tracking.pose import solid_face
from vasari.values.landmarks import SURFACE
from vasari.values.motion import CAMERA_DISTANCE

Array = NDArray[np.float64]

_SHIFT = 4
"""Binary places after the point of the triangles' corners."""


class Solid:
    """The surface of a face ahead, with the canonical face's depth (`vasari.face.shape.canonical`)."""

    def __init__(self, photo: Picture, landmarks: Points, pivot: Array) -> None:
        """
        Args:
            photo: (H, W, 3) RGB.
            landmarks: (478, 3) in its pixels.
            pivot: (3,) about which it turns, interocular distances from midway between the eyes.
        """
        solid, self._origin, self._unit = solid_face(landmarks)
        self._photo, self._places, self._pivot = photo, landmarks[:SURFACE, :2].astype(np.float64), pivot
        self._solid = solid[:SURFACE]
        self._triangles = Delaunay(self._places).simplices

    def turned(self, rotation: Array, around: Picture) -> Picture:
        """(H, W, 3) it by a (3, 3) rotation, before what a picture shows around it."""
        moved = (self._solid - self._pivot) @ rotation.T + self._pivot
        places = moved[:, :2] / (1 + moved[:, 2:] / CAMERA_DISTANCE) * self._unit + self._origin[:2]
        picture = around.copy()
        for corners in sorted(self._triangles, key=lambda t: -float(moved[t, 2].mean())):  # the farthest first
            self._lay(picture, self._places[corners], places[corners])
        return picture

    def _lay(self, picture: Picture, source: Array, target: Array) -> None:
        """Draw a triangle of the photo where it lies now, if it faces the camera."""
        if _area(source) * _area(target) <= 0:
            return
        low, high = np.floor(target.min(0)).astype(int) - 1, np.ceil(target.max(0)).astype(int) + 2
        if (low < 0).any() or (high > picture.shape[1::-1]).any():
            return
        width, height = (int(n) for n in high - low)
        inside = (target - low).astype(np.float32)
        matrix = cv2.getAffineTransform(source.astype(np.float32), inside)
        drawn = cv2.warpAffine(self._photo, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
        mask = np.zeros((height, width), np.uint8)
        cv2.fillConvexPoly(mask, np.round(inside * 2**_SHIFT).astype(np.int32), 1, cv2.LINE_8, _SHIFT)
        part = picture[low[1] : high[1], low[0] : high[0]]
        part[mask > 0] = drawn[mask > 0]


def _area(triangle: Array) -> float:
    """Twice its signed area."""
    (ax, ay), (bx, by) = triangle[1:] - triangle[0]
    return float(ax * by - ay * bx)
