"""Where a photo's light comes from, as far as the skin tells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vasari.face.picture.patches import Patch
from vasari.face.shape.canonical import FaceSpace
from vasari.face.shape.topology import EDGES
from vasari.values.landmarks import EYES, LOWER_LIP, SURFACE, UPPER_LIP

Array = NDArray[np.float64]

_FRONTAL = 0.8
"""How much of the light is taken to come from the camera's side, relative to what its lateral parts are measured by."""
_STRONGEST = 0.75


def light(pixels: NDArray[np.uint8], points: Array, space: FaceSpace) -> NDArray[np.float32]:
    """(3,) direction towards the light, frame axes; its length is the share of light that comes from there, 0..1.

    Skin that faces it is brighter: a plane is fitted to the brightness of mesh points over their normals (first order
    of spherical harmonics, Ramamoorthi and Hanrahan 2001), shadows and highlights given less weight.
    """
    apart = {*UPPER_LIP[3], *LOWER_LIP[3], *UPPER_LIP[0], *LOWER_LIP[0]}
    apart |= {v for eye in EYES for v in (*eye.upper, *eye.lower, *eye.brow, *eye.crease, *eye.pouch)}
    skin = np.array([v for v in range(SURFACE) if v not in apart])
    normals = _normals(points)[skin]
    small = 0.03 * space.interocular
    bright = np.array([Patch(points[v, :2], small, 3).sample(pixels).mean() for v in skin])
    facing = normals[:, 2] < -0.35
    normals, bright = normals[facing], bright[facing]
    weights = np.ones(len(bright))
    columns = np.stack([np.ones(len(bright)), normals[:, 0], normals[:, 1]], 1)
    fit = np.zeros(3)
    for _ in range(6):
        damped = columns * weights[:, None]
        fit = np.linalg.solve(damped.T @ columns + np.diag([0, 1.0, 1.0]), damped.T @ bright)
        residual = np.abs(bright - columns @ fit)
        weights = 1 / (1 + (residual / (1.5 * np.median(residual) + 1e-6)) ** 2)
    direction = np.array([fit[1], fit[2], 0.0]) / max(fit[0], 1.0)
    direction[2] = -_FRONTAL
    strength = min(float(0.35 + np.hypot(direction[0], direction[1])), _STRONGEST)
    return np.asarray(direction / np.linalg.norm(direction) * strength, np.float32)


def _normals(points: Array) -> Array:
    """(468, 3) unit normals towards the camera: a plane through each point's neighbours."""
    a, b = np.concatenate([EDGES, EDGES[:, ::-1]]).T
    step = points[b] - points[a]
    moments = np.zeros((SURFACE, 2, 2))
    sides = np.zeros((SURFACE, 2))
    np.add.at(moments, a, step[:, :2, None] * step[:, None, :2])
    np.add.at(sides, a, step[:, :2] * step[:, 2:])
    slope = np.linalg.solve(moments + 1e-8 * np.eye(2), sides[..., None])[..., 0]
    normals = np.concatenate([slope, -np.ones((SURFACE, 1))], 1)
    return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True))
