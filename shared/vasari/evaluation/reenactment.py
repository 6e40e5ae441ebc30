"""Self-reenactment: a filmed person is drawn again from one frame of the film and the motion captured from it.

The photo is the film's calmest frame. Pictures are compared in its frame (the square around head and shoulders), 512
pixels wide, with the filmed ones cut and resized alike; the photo's own frame is left out. Two baselines show what a
film offers: the photo itself, and the photo moved by the head's motion alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.evaluation import tracking
from vasari.evaluation.figures import Figure, Measured, Quantity, Show, at_least, gathered
from vasari.evaluation.likeness import psnr
from vasari.evaluation.tracking import Picture, Points
from vasari.face.tracking.capture import Capture, capture_film
from vasari.media.film import Film
from vasari.render import Renderer, RenderOptions
from vasari.values import Appearance, Motion
from vasari.values.landmarks import LOWER_LIP, OVAL, UPPER_LIP

_SIZE: Final = 512
_FRAMES: Final = 60
"""Frames of a film that are compared at most, spread evenly over it; all of them are tracked."""
_AROUND_LIPS: Final = 0.15
"""The mouth's region is the box around the outer lips and this much more on every side, interocular distances."""
_AIMS: Final = {"face": at_least(22), "mouth": at_least(19)}


def measure_clips(paths: Sequence[Path], device: str, show: Show) -> list[Figure]:
    """PSNR and SSIM of face and mouth on each film, with baselines.

    Raises:
        InputError: a film cannot be used.
    """
    found: dict[str, list[Measured]] = {}
    for path in paths:
        show("clips", len(found), len(paths))
        found[path.stem] = list(_measured(Film.of(path), device))
    show("clips", len(found), len(paths))
    return gathered(found)


def _measured(film: Film, device: str) -> Iterator[Measured]:
    captured = capture_film(film, film.fps, device)
    count = len(captured.motion)
    chosen = [i for i in np.unique(np.linspace(0, count - 1, _FRAMES).astype(int)).tolist() if i != captured.index]
    wanted = set(chosen)
    filmed = [in_frame(frame, captured.appearance) for i, frame in enumerate(film) if i in wanted]
    regions = [_regions(points) for points in _placed(captured, chosen)]

    renderer = Renderer(captured.appearance, RenderOptions(size=_SIZE), device)
    for label, motion in _variants(captured, chosen).items():
        drawn = tracking.drawn(renderer, motion)
        for part in ("face", "mouth"):
            pairs = list(zip(drawn, filmed, (r[part] for r in regions), strict=True))
            aim = _AIMS[part] if not label else None
            yield Quantity(f"{part} PSNR{label}", "dB", aim), float(np.mean([psnr(a[m], b[m]) for a, b, m in pairs]))
            if not label:
                similarity = [float(ssim(a, b)[m].mean()) for a, b, m in pairs]
                yield Quantity(f"{part} SSIM"), float(np.mean(similarity))


def _variants(captured: Capture, chosen: list[int]) -> dict[str, Motion]:
    """The captured motion at some frames, and what the baselines leave of it."""
    motion = Motion.concatenate(captured.motion[i : i + 1] for i in chosen)
    photographed = np.repeat(captured.appearance.source_motion.coefficients, len(motion), 0)
    posed = dataclasses.replace(motion, coefficients=photographed)
    still = dataclasses.replace(posed, rotation=0 * motion.rotation, translation=0 * motion.translation)
    return {"": motion, ", pose only": posed, ", photo only": still}


def in_frame(picture: Picture, appearance: Appearance) -> Picture:
    """(H, W, 3) of the film -> (512, 512, 3) of the appearance's frame."""
    picture, (left, top, side) = appearance.upright.of(picture), appearance.crop
    scale = _SIZE / side
    offset = 0.5 * scale - 0.5
    place = np.array([[scale, 0, offset - left * scale], [0, scale, offset - top * scale]])
    if scale < 1:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.4 * (1 / scale - 1) + 1e-3), np.uint8)
    cut = cv2.warpAffine(picture, place, (_SIZE, _SIZE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.uint8)


def _placed(captured: Capture, chosen: list[int]) -> Points:
    """Landmarks of some frames in the pixels of `in_frame`."""
    left, top, side = captured.appearance.crop
    places = captured.appearance.upright.places(captured.landmarks[chosen])
    place = (places - np.array([left - 0.5, top - 0.5, 0])) * (_SIZE / side)
    return np.asarray(place - np.array([0.5, 0.5, 0]), np.float32)


def _regions(points: Points) -> dict[str, NDArray[np.bool_]]:
    """The face's oval, and the box around the lips, of the filmed face."""
    face, mouth = np.zeros((2, _SIZE, _SIZE), np.uint8)
    cv2.fillPoly(face, [points[list(OVAL), :2].round().astype(np.int32)], 1)
    lips = points[[*UPPER_LIP[3], *LOWER_LIP[3]], :2]
    more = _AROUND_LIPS * float(tracking.interocular(points))
    (x0, y0), (x1, y1) = (lips.min(0) - more).clip(0).astype(int), (lips.max(0) + more).astype(int)
    mouth[y0:y1, x0:x1] = 1
    return {"face": face > 0, "mouth": mouth > 0}


def ssim(a: Picture, b: Picture) -> NDArray[np.float64]:
    """(H, W) structural similarity of the brightness of two pictures (Wang et al. 2004: Gaussian of 1.5 pixels)."""

    def mean(x: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(cv2.GaussianBlur(x, (11, 11), 1.5), np.float64)

    x, y = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float64) for p in (a, b))
    mx, my = mean(x), mean(y)
    vx, vy, cov = mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return np.asarray((2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2)))
