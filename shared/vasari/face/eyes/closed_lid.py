"""The closed eye: skin where the ball was, and lashes along the line where the lids meet."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.eyes.eye_shape import EyeShape
from vasari.face.picture.filling import fill
from vasari.face.picture.patches import blur
from vasari.values.landmarks import EyePoints

Array = NDArray[np.float64]
Image = NDArray[np.float32]

_ABOVE, _BELOW, _BESIDE = 0.06, 0.045, 0.06
"""How far lashes and the edge of the eye reach beyond its margins, in interocular distances."""
_LASHES = 26
_ROUGHEST: Final = (14.0, 30.0)
"""Levels of the skin's fine structure that a lid takes on, at least and at most."""
_FRINGE: Final = 0.022
"""How far the lashes' fringe reaches, in interocular distances."""
_SHARP, _SOFTEST = 0.0065, 0.03
"""Blur of the eye's sharpest edges in sharp photos, and the most that is believed, in interocular distances."""
_MARGIN, _LASHES_REACH = 0.012, 0.05
"""Distances from the margins within which all is the lids' own, and beyond which no line is."""


def closed_lid(shape: EyeShape, eye: EyePoints, image: Image, points: Array, worn: Image, darkness: float) -> Image:
    """(K, K, 6) RGB of the closed eye, how far it replaces the photo, how much the lashes darken, and how far glasses
    lie before it, 0..255.

    Drawn with the lids meeting where the photo has the lower one's margin.

    Args:
        points: (478, 3) in frame units.
        worn: (K, K) how far a pixel is taken for glasses, 0..1; it may be a line of the lids as well.
        darkness: of the lashes, see `lash_darkness`.
    """
    x, y = shape.rows()
    unit = shape.unit
    lip = np.clip((np.abs(x) - shape.corners[1]) / unit, 0, 1)
    above, below = (shape.upper - y) / unit, (y - shape.lower) / unit
    outside = np.maximum(np.maximum(above, below), lip)
    eye_itself = np.clip(1.5 - np.maximum(np.maximum(above / _ABOVE, below / _BELOW), lip / _BESIDE), 0, 1)
    brow = shape.patch.fill(points[list(eye.brow), :2][_outline(points[list(eye.brow), :2])])
    brow = np.asarray(cv2.dilate(brow, np.ones((5, 5), np.uint8)), np.float32)

    brightness = blur(image.mean(2), shape.pixels(0.008))
    around = (outside > 0.06) & (outside < 0.2) & (brow < 0.1)
    skin = float(np.median(brightness[around])) if around.any() else float(np.median(brightness))
    local = _broad(image, (around & (brightness > 0.6 * skin)).astype(np.float32), shape)
    dark = np.clip((0.86 - brightness / np.maximum(local.mean(2), 1)) / 0.12, 0, 1)
    other = np.clip((np.abs(_cast(blur(image, 1.0)) - _cast(local)).max(2) - 0.10) / 0.05, 0, 1)
    strange = np.maximum(dark, other) * (outside < 0.13)
    before = worn * (1 - _lid_lines(worn, above, below) * np.clip(1 - lip / _MARGIN, 0, 1))
    unknown = np.maximum(np.maximum(eye_itself, before), np.maximum(strange, brow)).astype(np.float32)
    unknown = np.asarray(cv2.dilate(unknown, np.ones((3, 3), np.uint8)), np.float32)
    smooth = fill(image, np.asarray(1 - blur(unknown, 1.0).clip(0, 1) ** 0.5, np.float32))
    smooth = smooth + (local - smooth) * 0.35
    # The dark of the eye takes color out of what is filled in: a lid is at least as colored as the skin around.
    if around.any():
        own = _cast(np.median(image[around], 0))
        less = np.clip((np.ptp(own) - np.ptp(_cast(smooth), axis=-1)) / 0.1, 0, 1)[..., None]
        smooth = smooth + (smooth.mean(2, keepdims=True) * own - smooth) * less

    lid = smooth + _grain(shape, image, y)
    lid = lid * _relief(shape, y)[..., None]
    replaced = np.maximum(eye_itself, strange * np.clip(1.4 - outside / 0.09, 0, 1)) * (1 - brow)
    replaced = blur(np.asarray(cv2.dilate(replaced.astype(np.float32), np.ones((5, 5), np.uint8))), shape.pixels(0.012))
    lashes = _lashes(shape, eye, image, y) * darkness
    return np.concatenate(
        [lid, 255 * replaced[..., None], 255 * lashes[..., None], 255 * before[..., None]], -1
    ).astype(np.float32)


def _lid_lines(worn: Image, above: Array, below: Array) -> Image:
    """(K, K) which of the lines that might be glasses begin at the margins, and so are the lids' own."""
    own = np.maximum(above, below) < _MARGIN
    for distance, rows in ((above, range(len(worn) - 1, -1, -1)), (below, range(len(worn)))):
        goes_on = np.ones(worn.shape[1], bool)
        for row in rows:
            goes_on &= (distance[row] < _MARGIN) | ((worn[row] > 0.25) & (distance[row] < _LASHES_REACH))
            own[row] |= goes_on & (distance[row] >= 0)
    return blur(own.astype(np.float32), 0.7)


def _outline(points: Array) -> NDArray[np.int64]:
    return np.asarray(cv2.convexHull(points.astype(np.float32), returnPoints=False)[:, 0], np.int64)


def _cast(image: Image) -> Image:
    """Color without brightness."""
    return np.asarray(image / np.maximum(image.mean(-1, keepdims=True), 8), np.float32)


def _broad(image: Image, weight: Image, shape: EyeShape) -> Image:
    """The color of the skin around, as it changes from side to side."""
    amount = blur(weight, shape.pixels(0.12))
    return np.asarray(blur(image * weight[..., None], shape.pixels(0.12)) / np.maximum(amount, 1e-3)[..., None])


def _grain(shape: EyeShape, image: Image, y: Array) -> Image:
    """The fine structure of the skin below the eye, mirrored up."""
    detail = image - blur(image, shape.pixels(0.02))
    most = float(np.clip(1.5 * detail.std(), *_ROUGHEST))
    detail = np.clip(detail, -most, most)
    start = shape.lower + 0.07 * shape.unit
    height = 0.10 * shape.unit
    way = np.abs(start - y) % (2 * height)
    rows = (start + np.minimum(way, 2 * height - way) + 1) / 2 * shape.patch.size - 0.5
    columns = np.broadcast_to(np.arange(shape.patch.size), rows.shape)
    moved = cv2.remap(detail, columns.astype(np.float32), rows.astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(0.7 * moved, np.float32)


def _relief(shape: EyeShape, y: Array) -> Array:
    """Light on the lid's bulge: brightest at its middle, darker towards the fold and the lashes."""
    height = np.clip((shape.lower - y) / np.maximum(shape.lower - shape.fold, 1e-3), 0, 1)
    across = np.clip(shape.opening / shape.opening.max(), 0, 1) ** 0.5
    bulge = 0.09 * np.sin(np.pi * height) ** 2 - 0.10 * (1 - height) ** 4
    crease = 0.18 * np.exp(-(((y - shape.fold) / (0.016 * shape.unit)) ** 2))
    return np.asarray(1 + across * (bulge * (height > 0) * (height < 1) - crease))


def lash_darkness(shape: EyeShape, image: Image) -> float:
    """How much darker the photo's lashes are than the skin around the eye, 0..1."""
    _, y = shape.rows()
    brightness = blur(image.mean(2), shape.pixels(0.008))
    strip = (np.abs(y - shape.upper + 0.008 * shape.unit) < 0.014 * shape.unit) & (shape.upper < shape.lower)
    above, below = (shape.fold - y) / shape.unit, (y - shape.lower) / shape.unit
    skin = (np.maximum(above, below) > 0.03) & (np.maximum(above, below) < 0.12) & (shape.upper < shape.lower)
    if not strip.any() or not skin.any():
        return 0.5
    contrast = 1 - float(np.percentile(brightness[strip], 20)) / max(float(np.median(brightness[skin])), 1.0)
    return float(np.clip(1.3 * contrast, 0.45, 0.9))


def _lashes(shape: EyeShape, eye: EyePoints, image: Image, y: Array) -> Image:
    """A line along the closed margin that thins out at the corners, lashes that hang from it, and their fringe below,
    as soft as the picture's own lines are."""
    unit = shape.unit
    across = np.clip(shape.opening / shape.opening.max(), 0, 1) ** 0.4
    thickness = (0.005 + 0.011 * across) * unit
    below = y - shape.lower + 0.002 * unit
    line = 0.7 * np.exp(-((below / thickness) ** 2))
    fringe = 0.42 * np.exp(-np.clip(below, 0, None) / (_FRINGE * unit)) * (below > 0)
    line = np.maximum(line, fringe) * across
    scale, shift = 4, 4
    size = shape.patch.size
    canvas = np.zeros((size * scale, size * scale), np.uint8)
    left, right = shape.corners
    for k in range(_LASHES):
        along = (k + 0.5 + 0.35 * np.sin(7.3 * k)) / _LASHES
        outer = along if eye.outward > 0 else 1 - along
        start_x = left + (right - left) * along
        start_y = float(np.interp(start_x, shape.columns, shape.lower))
        length = unit * (0.018 + 0.034 * outer**0.7 * (1 - max(0, outer - 0.85) * 4)) * (1 + 0.2 * np.sin(5.1 * k))
        lean = eye.outward * (outer - 0.35) * 0.9
        t = np.linspace(0, 1, 6)
        curve = np.stack([start_x + lean * length * t**1.4, start_y + length * (t - 0.25 * t**2)], 1)
        pixels = ((curve + 1) / 2 * size) * scale - 0.5
        cv2.polylines(canvas, [np.round(pixels * 2**shift).astype(np.int32)], False, 150, 2, cv2.LINE_AA, shift)
    hairs = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    drawn = np.maximum(line, 0.8 * blur(np.asarray(hairs, np.float32), 0.7))
    soft = blur(np.asarray(drawn.clip(0, 1), np.float32), _softness(shape, image))
    # What lies side by side is as dark when it is blurred as what is sharp; a line alone keeps half of what it loses.
    return np.asarray(soft * np.sqrt(drawn.max() / max(float(soft.max()), 1e-3)), np.float32).clip(0, 1)


def _softness(shape: EyeShape, image: Image) -> float:
    """Sigma in pixels by which the sharpest edge of the open eye is more blurred than a sharp photo's: an edge has a
    slope of its height / (sqrt(2 pi) sigma)."""
    inside = shape.upper < shape.lower
    _, y = shape.rows()
    near = inside & (y > shape.upper - _ABOVE * shape.unit) & (y < shape.lower + _BELOW * shape.unit)
    brightness = image.mean(2)
    if not near.any():
        return 0.0
    dark, bright = np.percentile(brightness[near], (2, 98))
    slope = np.hypot(cv2.Sobel(brightness, -1, 1, 0, scale=1 / 8), cv2.Sobel(brightness, -1, 0, 1, scale=1 / 8))
    steepest = max(float(np.percentile(slope[near], 99)), 1e-3)
    sigma = (bright - dark) / (np.sqrt(2 * np.pi) * steepest) / shape.pixels(1.0)
    return shape.pixels(float(np.sqrt(max(min(sigma, _SOFTEST) ** 2 - _SHARP**2, 0.0))))
