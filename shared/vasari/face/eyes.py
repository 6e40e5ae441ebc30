"""What eyes need to move: a ball with an iris of its own, a closed lid, and the layers of both lids."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.canonical import FaceSpace
from vasari.face.filling import fill
from vasari.face.patches import Patch, arch, blur
from vasari.values.appearance import EYE_PATCH
from vasari.values.landmarks import EyePoints

Array = NDArray[np.float64]
Image = NDArray[np.float32]

_HALF_PATCH = 0.45
_PLAIN_IRIS = np.array([70.0, 48.0, 34.0])
"""Brown, for eyes that the photo shows shut."""


def eye_patch(eye: EyePoints, points: Array, space: FaceSpace) -> Patch:
    """points: (478, 3) in frame units."""
    return Patch(points[eye.iris[0], :2], _HALF_PATCH * space.interocular, EYE_PATCH)


def eye_layers(
    patch: Patch, eye: EyePoints, pixels: NDArray[np.uint8], points: Array, space: FaceSpace
) -> tuple[NDArray[np.uint8], float]:
    """(K, K, 8) eyeball RGB, closed lid RGB, opacity of the upper and of the lower lid's layer; and the iris's radius
    in frame units."""
    unit = patch.length(space.interocular)
    down = space.axes[:2, 1] / np.linalg.norm(space.axes[:2, 1])
    image = patch.sample(pixels)
    upper, lower = points[list(eye.upper), :2], points[list(eye.lower), :2]
    step = down * space.interocular * arch(9)
    opening = patch.fill(np.vstack([upper + 0.010 * step, (lower - 0.004 * step)[::-1]]))
    iris_center = patch.pixel(points[eye.iris[0], :2])
    radius = _iris_radius(image, opening, iris_center, _rim_distance(patch, points, eye))
    distance = np.hypot(*(np.stack(np.meshgrid(*[np.arange(patch.size)] * 2)) - iris_center[:, None, None]))
    layers = [
        _ball(image, opening, distance, radius, unit),
        _closed_lid(patch, image, upper, lower, step, unit),
        *_lid_opacities(patch, upper, lower, step, down * space.interocular, unit),
    ]
    return np.concatenate(layers, -1).clip(0, 255).round().astype(np.uint8), radius / patch.length(1.0)


def _ball(image: Image, opening: Image, distance: Array, radius: float, unit: float) -> Image:
    """The eye as the photo shows it, its white and iris continued under the lids."""
    iris = np.clip((1.06 * radius - distance) / (0.22 * radius) + 0.5, 0, 1)[..., None]
    drawn = _sclera(image, opening, distance, radius, unit)
    with_iris = drawn + (_iris(image, opening, distance, radius) - drawn) * iris
    seen = blur(np.asarray(cv2.erode(opening, np.ones((3, 3), np.uint8)), np.float32), 1.2)[..., None]
    return np.asarray(with_iris + (image - with_iris) * seen, np.float32)


def _rim_distance(patch: Patch, points: Array, eye: EyePoints) -> float:
    center, *rim = patch.pixel(points[list(eye.iris), :2])
    return float(np.mean([np.linalg.norm(p - center) for p in rim]))


def _iris_radius(image: Image, opening: Image, center: Array, guess: float) -> float:
    """The radius at which brightness steps up most, along the visible left and right sides of the iris."""
    gray = blur(image.mean(2), 1.4)
    visible = cv2.erode((opening > 0.9).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    sides = np.concatenate([np.linspace(-0.7, 0.9, 20), np.linspace(np.pi - 0.9, np.pi + 0.7, 20)])
    direction = np.stack([np.cos(sides), np.sin(sides)], 1)
    best, found = 0.0, guess
    for radius in guess * np.linspace(0.8, 1.35, 23):
        outer, inner = (np.clip(center + (radius + d) * direction, 0, len(gray) - 1).astype(int) for d in (2.5, -2.5))
        seen = visible[outer[:, 1], outer[:, 0]] & visible[inner[:, 1], inner[:, 0]]
        if seen.sum() > 4:
            step = float(np.median((gray[outer[:, 1], outer[:, 0]] - gray[inner[:, 1], inner[:, 0]])[seen]))
            if step > best:
                best, found = step, radius
    return found


def _sclera(image: Image, opening: Image, distance: Array, radius: float, unit: float) -> Image:
    """The white of the eye, continued under the iris and the lids."""
    inside = cv2.erode(opening, np.ones((5, 5), np.uint8)) > 0.95
    white = (inside & (distance > 1.25 * radius)).astype(np.float32)
    if white.sum() < 20:
        gray = float(np.median(image))
        color = np.array([180.0, 175.0, 170.0]) * gray / 128
        filled = np.broadcast_to(color, image.shape).astype(np.float32)
    else:
        brightness = image.mean(2)
        white *= brightness >= np.percentile(brightness[white > 0], 35)
        color = np.median(image[white > 0], 0)
        filled = np.broadcast_to(color, image.shape).astype(np.float32)
        for sigma in (0.12, 0.05, 0.02):
            amount = blur(white, sigma * unit)
            near = np.clip(amount / 0.02, 0, 1)[..., None]
            mean = blur(image * white[..., None], sigma * unit) / np.maximum(amount, 1e-4)[..., None]
            filled = filled + (mean - filled) * near
    seen = blur((inside & (distance > 1.35 * radius)).astype(np.float32), 1.4)[..., None]
    return np.asarray(filled + (image - filled) * seen, np.float32)


def _iris(image: Image, opening: Image, distance: Array, radius: float) -> Image:
    """The iris, what the lids hide completed from its mean color at each distance from the center."""
    inside = cv2.erode(opening, np.ones((5, 5), np.uint8)) > 0.95
    seen = inside & (distance < 1.3 * radius)
    rings = np.clip((distance / radius * 24).astype(int), 0, 31)
    profile, color = np.zeros((32, 3)), _PLAIN_IRIS
    visible = [np.flatnonzero((seen & (rings == k)).ravel()) for k in range(32)]
    flat = image.reshape(-1, 3)
    known = [k for k in range(32) if len(visible[k]) >= 5]
    if known:
        color = np.median(flat[visible[known[0]]], 0)
    for k in range(32):
        if len(visible[k]) >= 5:
            color = np.median(flat[visible[k]], 0)
        profile[k] = color
    drawn = blur(profile[rings].astype(np.float32), 1.0)
    share = blur(seen.astype(np.float32), 1.4)[..., None]
    return np.asarray(drawn + (image - drawn) * share, np.float32)


def _closed_lid(patch: Patch, image: Image, upper: Array, lower: Array, step: Array, unit: float) -> Image:
    """The photo with eye and lashes painted over by the skin around them, and a line of lashes along the margin."""
    around = np.vstack([upper - 0.055 * step, (lower + 0.05 * step)[::-1]])
    eye = blur(patch.fill(around), 0.012 * unit)
    ring = cv2.dilate(eye, np.ones((3, 3), np.uint8), iterations=max(2, int(0.06 * unit))) - eye
    brightness = blur(image.mean(2), 0.01 * unit)
    dark = brightness < np.percentile(brightness[ring > 0.5], 30)  # lashes and liner that reach out of the mask
    skin = fill(image, np.clip(1 - 1.5 * eye, 0, 1) * (1 - 0.95 * dark * (ring > 0.1)).astype(np.float32))
    skin = image + (skin - image) * np.clip(2 * eye, 0, 1)[..., None]
    margin = patch.pixel(upper[1:-1])
    column = np.clip(margin[:, 0].round().astype(int), 0, patch.size - 1)
    rows = [np.clip(margin[:, 1].round().astype(int) + dy, 0, patch.size - 1) for dy in (-5, -4, -3, -2, -1, 0)]
    edge = np.concatenate([image[row, column] for row in rows])
    lashes = edge[np.argsort(edge.mean(1))[:6]].mean(0) * 0.8
    lashes = np.minimum(lashes, np.median(image[ring > 0.5], 0) * 0.55)
    line = blur(patch.fill(np.vstack([upper - 0.016 * step, (upper + 0.03 * step)[::-1]])), 0.008 * unit)
    return np.asarray(skin + (lashes - skin) * np.clip(1.3 * line, 0, 0.85)[..., None], np.float32)


def _lid_opacities(
    patch: Patch, upper: Array, lower: Array, step: Array, down: Array, unit: float
) -> tuple[Image, Image]:
    """The upper layer covers the lid up to the brow and fades out; the lower one has a hole where the eye is."""
    margin = upper + 0.010 * step
    hole = patch.fill(np.vstack([lower - 0.004 * step, (upper - 0.03 * step)[::-1]]))
    middle = upper.mean(0)
    inner, outer = upper[-1] - middle, upper[0] - middle
    zone = patch.fill(
        np.vstack([margin, upper[-1] + 0.35 * inner, (upper - 0.17 * down)[::-1], upper[0] + 0.35 * outer])
    )
    right, left = margin[-1] + 2 * inner, margin[0] + 2 * outer
    above = patch.fill(np.vstack([margin, right, right - down, left - down, left]))
    lid = patch.fill(np.vstack([margin, (upper - 0.05 * step)[::-1]]))
    fading = np.clip(2 * blur(zone, 0.03 * unit) - 1, 0, 1)
    opacity = np.maximum(fading, blur(lid, 0.8)) * blur(above, 0.8)
    return 255 * opacity[..., None], 255 * (1 - blur(hole, 0.8))[..., None]
