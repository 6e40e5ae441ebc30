"""The eyeball behind the lids: its white, an iris that can be moved over it, and the light that glints on it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.eyes.eye_shape import EyeShape
from vasari.face.eyes.unseen import Ball
from vasari.face.picture.filling import fill
from vasari.face.picture.patches import blur

Array = NDArray[np.float64]
Image = NDArray[np.float32]

_RINGS, _OUTMOST = 24, 32
"""Of the iris's radial profile, within its radius, and in all."""
_CORNER_SHADE = 0.4
"""How much darker the white lies in the corners."""
_TONES = (0.35, 1.0)
"""Least and most brightness of the white over that of its brighter half, beyond the margins."""
_LID_SHADOW, _SHADOW_REACH = 0.35, 0.03
"""How much the upper lid darkens the ball at its margin, and interocular distances over which that fades."""
_EDGE, _EDGES = 0.008, 0.012
"""What counts as a margin, of open eyes and of lowered lids, in interocular distances."""
_SURE = 0.025
"""Interocular distances from the margins within which no lashes are."""
_ENOUGH = 0.03
"""Area of the white, in squared interocular distances, that tells its color as well as an open eye's."""
_LIKE = (0.4, 2.5)
"""Brightness of the iris that is seen over that of the usual one, at least and at most."""


def lid_shadow(depth: Array) -> Array:
    """What is left of the light so many interocular distances below the upper lid's margin."""
    return np.asarray(1 - _LID_SHADOW * np.exp(-np.maximum(depth, 0) / _SHADOW_REACH))


def unshaded(shape: EyeShape, image: Image) -> Image:
    """(K, K, 3) of the patch without the shadow of the upper lid."""
    _, y = shape.rows()
    return np.asarray(image / lid_shadow((y - shape.upper) / shape.unit)[..., None], np.float32)


def eyeball(shape: EyeShape, image: Image, usual: Ball) -> tuple[Ball, Image]:
    """The whole ball, and its layers as an Appearance has them.

    Args:
        image: (K, K, 3) of the patch, unshaded.
        usual: what the ball is like where the photo does not tell it. Of eyes that it shows open it tells all.

    Returns:
        The ball, and (K, K, 8) white RGB, iris RGB (times its opacity), the iris's opacity 0..255 and the glint:
        white * (1 - opacity) + iris + glint is what the photo shows, without the shadow of the lid.
    """
    x, y = shape.rows()
    lowered = shape.shown < 1
    # The edges of lids that part are lashes' and shadows', which go with the lids.
    edge = _EDGES if lowered else _EDGE
    seen = np.clip((shape.depth() - edge) / 0.012, 0, 1).astype(np.float32)
    distance = np.hypot(x - shape.iris[0], y - shape.iris[1]) / shape.iris_radius

    white = _white(shape, image, seen, distance, usual.white)
    glint = _glint(image, seen, distance)
    complete = _complete(image - glint[..., None], seen, distance, usual.iris if lowered else None)
    iris = complete + (image - glint[..., None] - complete) * seen[..., None]
    if lowered:
        glint = np.asarray(usual.glint + (glint - usual.glint) * seen, np.float32)
    opacity = np.clip((1.12 - distance) / 0.2, 0, 1).astype(np.float32)
    shown = np.asarray(image - glint[..., None] - (1 - opacity[..., None]) * white, np.float32)
    near = np.clip((1.3 - distance) / 0.12, 0, 1).astype(np.float32)
    continued = iris * opacity[..., None]
    moved = (continued + (shown - continued) * seen[..., None]) * near[..., None]
    layers = np.concatenate([white, moved, 255 * opacity[..., None], glint[..., None]], -1)
    sure = np.clip((shape.depth() - _SURE) / 0.012, 0, 1) * np.clip((0.95 - distance) / 0.1, 0, 1)
    own = np.asarray(complete + (image - glint[..., None] - complete) * sure[..., None], np.float32)
    return Ball(white, own, glint), layers


def _white(shape: EyeShape, image: Image, seen: Image, distance: Array, usual: Image) -> Image:
    """The white of the eye, continued under the iris and the lids."""
    sure = seen * np.clip((distance - 1.2) / 0.1, 0, 1).astype(np.float32)
    x, _ = shape.rows()
    shade = 1 - _CORNER_SHADE * np.clip(np.abs(x) / shape.corners[1] / 0.3 - 7 / 3, 0, 1) ** 2
    brightness = image.mean(2)
    if (sure > 0.5).sum() < 20:
        return usual
    redness = image[..., 0] - image[..., 1:].mean(2)
    pale = sure * (redness <= np.median(redness[sure > 0.5]) + 6)  # without the flesh of the inner corner
    bright = pale * (brightness >= np.percentile(brightness[pale > 0.5], 50))
    filled = np.broadcast_to(np.median(image[bright > 0.5], 0), image.shape).astype(np.float32)
    for reach in (0.12, 0.05, 0.02):
        amount = blur(bright, shape.pixels(reach))
        mean = blur(image * bright[..., None], shape.pixels(reach)) / np.maximum(amount, 1e-4)[..., None]
        filled = filled + (mean - filled) * np.clip(amount / 0.02, 0, 1)[..., None]
    filled = np.asarray(filled * shade[..., None], np.float32)
    # A corner that lies in the dark goes on beyond the margins, so that it is no dark spot when the lids part farther.
    iris = seen * (distance < 0.5)
    darker = (image / np.maximum(filled, 1)).clip(*_TONES)
    darker = np.asarray(darker + (1 - darker) * iris[..., None], np.float32)
    going_on = filled * fill(255 * darker, np.maximum(sure, iris)) / 255
    if shape.shown < 1:
        told = min(float(sure.sum()) / (_ENOUGH * shape.pixels(1.0) ** 2), 1.0)
        going_on = np.asarray(usual + (going_on - usual) * told, np.float32)
    return np.asarray(going_on + (image - going_on) * sure[..., None], np.float32)


def _glint(image: Image, seen: Image, distance: Array) -> Image:
    """(K, K) what reflected light adds to the iris: that which stands out from everything at its radius."""
    brightness = image.min(2)
    known = _known(seen, distance)
    if not known:
        return np.zeros_like(brightness)
    profile = _profile(brightness[..., None], seen, distance, known)[..., 0]
    glint = np.clip(brightness - profile - 25, 0, None) * np.clip((1.0 - distance) / 0.15, 0, 1)
    near = np.asarray(cv2.dilate(glint, np.ones((3, 3), np.uint8)), np.float32) > 0
    return np.asarray(blur(glint * near, 0.6) * (seen > 0), np.float32)


def _complete(image: Image, seen: Image, distance: Array, usual: Image | None) -> Image:
    """The whole iris in its median color at each distance from the center.

    Args:
        usual: what stands for the distances of which nothing is seen, in the colors of the others; without it the next
            ones do.
    """
    known = _known(seen, distance)
    if not known:
        return image if usual is None else usual
    drawn = _profile(image, seen, distance, known)
    if usual is not None:
        told = (seen > 0.5) & (distance < 0.95)
        ratio = np.median(image[told], 0) / np.maximum(np.median(usual[told], 0), 1) if told.any() else np.ones(3)
        inmost = min(known) / _RINGS
        usual = np.asarray(usual * ratio.clip(*_LIKE), np.float32)
        drawn = np.asarray(usual + (drawn - usual) * np.clip((distance - inmost) / 0.1, 0, 1)[..., None], np.float32)
    return blur(drawn, 1.0)


def _known(seen: Image, distance: Array) -> list[int]:
    """Rings around the iris's center of which enough is seen."""
    count = np.bincount(_rings(distance)[seen > 0.5], minlength=_OUTMOST + 1)
    return [k for k in range(_OUTMOST) if count[k] >= 5]


def _profile(image: Image, seen: Image, distance: Array, known: list[int]) -> Image:
    """The median of what is seen at each distance from the center; rings of which nothing is seen are as the next."""
    rings = _rings(distance)
    medians = np.array([np.median(image[(rings == k) & (seen > 0.5)], 0) for k in known])
    table = np.stack([np.interp(np.arange(_OUTMOST + 1), known, channel) for channel in medians.T], -1)
    return np.asarray(table[rings], np.float32)


def _rings(distance: Array) -> NDArray[np.int_]:
    return np.asarray(np.minimum((distance * _RINGS).astype(int), _OUTMOST), np.int_)
