"""The head as a body: how deep the surface lies at every place of the frame."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.linalg import spsolve

from vasari.render.body.thin_plate import interpolated
from vasari.values import Appearance
from vasari.values.appearance import MARGIN
from vasari.values.landmarks import CHIN, OVAL, SURFACE

Array = NDArray[np.float64]

SKULL_CENTER: Final = (0.0, 0.2, 1.15)
"""The middle of the head in face space: the plane of the ears, where the outline of the head lies when it looks ahead.

Tragion to exocanthion is 75 to 80 mm along z, an interocular distance 63 mm (Farkas, Anthropometry of the Head and
Face, 1994)."""
_NECK_RADIUS = 0.92
"""Of a neck 116 mm wide."""
_NECK_AXIS = 1.35
"""Depth of the neck's axis in face space."""
_BELOW_JAW = 0.16
"""From the jaw's edge down to where the neck has its own depth."""
_STEEPEST = 1.8
"""Slope of the surface against the picture's plane: steeper parts show too few pixels to be stretched when they turn to
the camera; and up to a turn by 29 degrees nothing folds over, what turns away narrows to a seam."""
_COARSE: Final = 64
_SMOOTHING: Final = 1e-5


def head_depth(appearance: Appearance, size: int) -> Array:
    """(size, size) z of the person's surface over the frame, in frame units.

    The face is its mesh. Around it skull and hair swell up from their outline, which lies in the plane of the ears:
    h, the square of the height over that plane, solves Poisson's equation laplacian(h) = -4, of which a sphere is the
    solution over a circle. Below the jaw stands the neck, a cylinder.
    """
    a = appearance
    unit, origin, axes = a.interocular, a.origin.astype(np.float64), a.axes.astype(np.float64)
    rim = float((origin + axes @ np.array(SKULL_CENTER) * unit)[2])
    surface = interpolated(
        a.landmarks[:SURFACE, :2].astype(np.float64), a.landmarks[:SURFACE, 2:].astype(np.float64), size, _SMOOTHING
    )
    face_depth: NDArray[Any] = np.minimum(surface.reshape(size, size).double().numpy(), rim)

    oval = a.landmarks[list(OVAL), :2].astype(np.float64)
    coarse = np.square((rim - cv2.resize(face_depth, (_COARSE, _COARSE), interpolation=cv2.INTER_AREA)) / unit)
    face, grown = _filled(oval, _COARSE), _filled(_grown(oval, 1.12), _COARSE)
    person = _person(a.matte) | grown
    neck, neck_height = _neck(a, (rim - origin[2]) / unit)
    known = face | ~person | (neck & ~grown)
    height = np.where(face, coarse, np.where(neck & person, neck_height, 0.0))
    height = _swollen(height, known, 1 / (_COARSE * unit))

    lifted = np.sqrt(np.maximum(height, 0) + 0.01) - 0.1  # rounded off, so that the outline does not fall off sheer
    swelling = cv2.resize(lifted, (size, size), interpolation=cv2.INTER_CUBIC)
    around = rim - unit * cv2.GaussianBlur(swelling, (0, 0), 0.05 * unit * size)
    inside = cv2.GaussianBlur(_filled(_grown(oval, 0.96), size).astype(np.float64), (0, 0), 0.05 * unit * size)
    smooth = cv2.GaussianBlur(face_depth, (0, 0), 0.025 * unit * size)
    depth = _no_steeper(np.asarray(around + (smooth - around) * inside), _STEEPEST / size)
    return np.asarray(cv2.GaussianBlur(depth, (0, 0), 0.02 * unit * size))


def _no_steeper(depth: Array, step: float) -> Array:
    """The nearest surface behind whose places no place lies more than `step` a cell."""
    result = depth
    for _ in range(len(depth) // 2):
        grown = np.pad(result, 1, mode="edge")
        size = len(depth)
        straight = [grown[y : y + size, x : x + size] for y, x in ((0, 1), (2, 1), (1, 0), (1, 2))]
        slanted = [grown[y : y + size, x : x + size] for y, x in ((0, 0), (0, 2), (2, 0), (2, 2))]
        nearer = np.minimum(np.min(straight, 0) + step, np.min(slanted, 0) + step * 2**0.5)
        if (nearer >= result).all():
            break
        result = np.minimum(result, nearer)
    return result


def _person(matte: NDArray[np.uint8]) -> NDArray[np.bool_]:
    margin = round(len(matte) * MARGIN / (1 + 2 * MARGIN))
    inner = matte[margin:-margin, margin:-margin]
    return np.asarray(cv2.resize(inner, (_COARSE, _COARSE), interpolation=cv2.INTER_AREA) > 127)


def _neck(a: Appearance, rim: float) -> tuple[NDArray[np.bool_], Array]:
    """Where neck and body are seen, and the square of their height over the rim's plane, as if the neck went on."""
    line = (np.arange(_COARSE) + 0.5) / _COARSE
    places = np.stack(np.meshgrid(line, line), -1)
    across, down = np.moveaxis((places - a.origin[:2]) @ a.axes[:2, :2] / a.interocular, -1, 0)
    mesh = a.mesh.astype(np.float64)
    jaw = mesh[[v for v in OVAL if mesh[v, 1] > 0.8]]
    order = np.argsort(jaw[:, 0])
    edge = np.interp(across, jaw[order, 0], jaw[order, 1], left=np.inf, right=np.inf)
    below = (down > edge + _BELOW_JAW) | (down > mesh[CHIN, 1] + 0.45)
    aside = across - mesh[CHIN, 0]
    depth = _NECK_AXIS - np.sqrt(np.maximum(_NECK_RADIUS**2 - aside**2, 0))
    return below, np.square(np.maximum(rim - depth, 0.05))


def _swollen(height: Array, known: NDArray[np.bool_], cell: float) -> Array:
    """The heights where known, and between them the solution of laplacian(height) = -4; free at the frame's edge.

    cell: a cell's side in the unit of the heights' roots.
    """
    index = np.arange(height.size).reshape(height.shape)
    a = np.concatenate([index[:, :-1].ravel(), index[:-1].ravel()])
    b = np.concatenate([index[:, 1:].ravel(), index[1:].ravel()])
    pairs = (np.ones(2 * len(a)), (np.concatenate([a, b]), np.concatenate([b, a])))
    adjacency = sparse.coo_matrix(pairs, shape=(height.size,) * 2).tocsr()
    laplacian = (sparse.diags(np.asarray(adjacency.sum(1)).ravel()) - adjacency).tocsr()
    value, free = height.ravel().copy(), ~known.ravel()
    if free.any():
        pull = laplacian[free][:, ~free] @ value[~free]
        value[free] = spsolve(laplacian[free][:, free].tocsc(), 4 * cell**2 - pull)
    return value.reshape(height.shape)


def _grown(outline: Array, factor: float) -> Array:
    center = outline.mean(0)
    return np.asarray(center + (outline - center) * factor)


def _filled(outline: Array, size: int) -> NDArray[Any]:
    mask = np.zeros((size, size), np.uint8)
    cv2.fillPoly(mask, [np.round(outline * size - 0.5).astype(np.int32)], 1)
    return mask > 0
