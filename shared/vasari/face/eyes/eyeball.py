"""The eyeball behind the lids: its white, an iris that can be moved over it, and the light that glints on it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.eyes.eye_shape import EyeShape
from vasari.face.picture.filling import fill
from vasari.face.picture.patches import blur

Array = NDArray[np.float64]
Image = NDArray[np.float32]

_PLAIN_IRIS = np.array([70.0, 48.0, 34.0])
"""Brown, for eyes that the photo shows shut."""
_RINGS = 24
"""Of the iris's radial profile, within its radius."""
_CORNER_SHADE = 0.4
"""How much darker the white lies in the corners."""
_TONES = (0.35, 1.0)
"""Least and most brightness of the white over that of its brighter half, beyond the margins."""
_LID_SHADOW, _SHADOW_REACH = 0.35, 0.03
"""How much the upper lid darkens the ball at its margin, and interocular distances over which that fades."""


def lid_shadow(depth: Array) -> Array:
    """What is left of the light so many interocular distances below the upper lid's margin."""
    return np.asarray(1 - _LID_SHADOW * np.exp(-np.maximum(depth, 0) / _SHADOW_REACH))


def eyeball(shape: EyeShape, image: Image) -> tuple[Image, Array, float]:
    """(K, K, 8) white RGB, iris RGB (times its opacity), the iris's opacity 0..255 and the glint;
    (2,) the iris's center and its radius, in the patch's coordinates.

    white * (1 - opacity) + iris + glint is what the photo shows, without the shadow of the lid.
    """
    x, y = shape.rows()
    depth = np.minimum(y - shape.upper, shape.lower - y) / shape.unit
    image = (image / lid_shadow((y - shape.upper) / shape.unit)[..., None]).astype(np.float32)
    seen = np.clip((depth - 0.008) / 0.012, 0, 1).astype(np.float32)
    center, radius = _fitted_iris(shape, image, depth > 0.008)
    distance = np.hypot(x - center[0], y - center[1]) / radius

    white = _white(shape, image, seen, distance)
    glint = _glint(image, seen, distance)
    iris = _iris(image - glint[..., None], seen, distance)
    opacity = np.clip((1.12 - distance) / 0.2, 0, 1).astype(np.float32)
    shown = np.asarray(image - glint[..., None] - (1 - opacity[..., None]) * white, np.float32)
    near = np.clip((1.3 - distance) / 0.12, 0, 1).astype(np.float32)
    continued = iris * opacity[..., None]
    moved = (continued + (shown - continued) * seen[..., None]) * near[..., None]
    return np.concatenate([white, moved, 255 * opacity[..., None], glint[..., None]], -1), center, radius


def _fitted_iris(shape: EyeShape, image: Image, inside: NDArray[np.bool_]) -> tuple[Array, float]:
    """Center and radius of the circle that best parts the iris from the white, near where the mesh has them."""
    x, y = shape.rows()
    guess = shape.iris_radius
    away = np.abs(x - shape.iris[0]) / guess
    beside = inside & (away > 1.15) & (away < 2)
    if beside.sum() < 20:
        return shape.iris, guess
    smooth = blur(image, shape.pixels(0.008))
    least = smooth.min(2)
    white = np.median(smooth[beside & (least > np.percentile(least[beside], 65))], 0)
    darker = np.clip((0.80 - smooth.mean(2) / white.mean()) / 0.2, 0, 1)
    tinted = np.abs(smooth / smooth.mean(2, keepdims=True) - white / white.mean()).max(2)
    colored = np.maximum(darker, np.clip((tinted - 0.08) / 0.1, 0, 1))[inside]
    places = np.stack([x, y], -1)[inside]

    best, found = 0.3, (shape.iris, guess)
    for dx in np.linspace(-0.3, 0.3, 11):
        for dy in np.linspace(-0.2, 0.2, 5):
            center = shape.iris + np.array([dx, dy]) * guess
            distance = np.linalg.norm(places - center, axis=1) / guess
            for radius in np.linspace(0.85, 1.4, 23):
                within, around = distance < radius, (distance > radius) & (distance < 1.4 * radius)
                if min(within.sum(), around.sum()) < 12:
                    continue
                prior = np.exp(-0.5 * ((dx**2 + dy**2) / 0.3**2 + ((radius - 1.04) / 0.3) ** 2))
                score = (float(colored[within].mean()) - float(colored[around].mean())) * prior
                if score > best:
                    best, found = score, (center, radius * guess)
    return found


def _white(shape: EyeShape, image: Image, seen: Image, distance: Array) -> Image:
    """The white of the eye, continued under the iris and the lids."""
    sure = seen * np.clip((distance - 1.2) / 0.1, 0, 1).astype(np.float32)
    brightness = image.mean(2)
    if (sure > 0.5).sum() < 20:
        color = np.array([180.0, 175.0, 170.0]) * float(np.median(image)) / 128
        return np.broadcast_to(color, image.shape).astype(np.float32)
    redness = image[..., 0] - image[..., 1:].mean(2)
    pale = sure * (redness <= np.median(redness[sure > 0.5]) + 6)  # without the flesh of the inner corner
    bright = pale * (brightness >= np.percentile(brightness[pale > 0.5], 50))
    filled = np.broadcast_to(np.median(image[bright > 0.5], 0), image.shape).astype(np.float32)
    for reach in (0.12, 0.05, 0.02):
        amount = blur(bright, shape.pixels(reach))
        mean = blur(image * bright[..., None], shape.pixels(reach)) / np.maximum(amount, 1e-4)[..., None]
        filled = filled + (mean - filled) * np.clip(amount / 0.02, 0, 1)[..., None]
    x, _ = shape.rows()
    shade = 1 - _CORNER_SHADE * np.clip(np.abs(x) / shape.corners[1] / 0.3 - 7 / 3, 0, 1) ** 2
    filled = np.asarray(filled * shade[..., None], np.float32)
    # A corner that lies in the dark goes on beyond the margins, so that it is no dark spot when the lids part farther.
    iris = seen * (distance < 0.5)
    darker = (image / np.maximum(filled, 1)).clip(*_TONES)
    darker = np.asarray(darker + (1 - darker) * iris[..., None], np.float32)
    going_on = filled * fill(255 * darker, np.maximum(sure, iris)) / 255
    return np.asarray(going_on + (image - going_on) * sure[..., None], np.float32)


def _glint(image: Image, seen: Image, distance: Array) -> Image:
    """(K, K) what reflected light adds to the iris: that which stands out from everything at its radius."""
    brightness = image.min(2)
    profile = _profile(brightness[..., None], seen, distance, 40.0)[..., 0]
    glint = np.clip(brightness - profile - 25, 0, None) * np.clip((1.0 - distance) / 0.15, 0, 1)
    near = np.asarray(cv2.dilate(glint, np.ones((3, 3), np.uint8)), np.float32) > 0
    return np.asarray(blur(glint * near, 0.6) * (seen > 0), np.float32)


def _iris(image: Image, seen: Image, distance: Array) -> Image:
    """The iris, what the lids hide completed from its median color at each distance from the center."""
    drawn = blur(_profile(image, seen, distance, _PLAIN_IRIS), 1.0)
    return np.asarray(drawn + (image - drawn) * seen[..., None], np.float32)


def _profile(image: Image, seen: Image, distance: Array, otherwise: Array | float) -> Image:
    """The median of what is seen at each distance from the center; rings of which nothing is seen are as the next."""
    rings = np.minimum((distance * _RINGS).astype(int), _RINGS * 4 // 3)
    flat = image.reshape(-1, image.shape[-1])
    members = [np.flatnonzero(((seen > 0.5) & (rings == k)).ravel()) for k in range(rings.max() + 1)]
    known = [k for k, m in enumerate(members) if len(m) >= 5 and k < rings.max()]
    if not known:
        return np.broadcast_to(np.asarray(otherwise, np.float32), image.shape).astype(np.float32)
    medians = np.array([np.median(flat[members[k]], 0) for k in known])
    table = np.stack([np.interp(np.arange(rings.max() + 1), known, channel) for channel in medians.T], -1)
    return np.asarray(table[rings], np.float32)
