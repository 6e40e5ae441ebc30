"""Filling a hole in a picture with patches of the rest of it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.face.picture.filling import mirrored_fill

Image = NDArray[np.float32]

_PATCH = 7
"""Cells along the side of a patch."""
_FEATURES = 12
"""Principal components by which patches are compared."""
_LEVELS = ((12, 4, 99.0), (26, 2, 0.5))
"""Cells for an interocular distance, rounds, and how deep in the hole patches are sought, of each level."""
_SOURCES = 4000
"""Patches of a level that are looked through, at most."""


@dataclass(frozen=True)
class Copies:
    """For some cells of a grid, the cells that are copied there."""

    target: NDArray[np.int64]
    """(T, 2) row and column."""
    source: NDArray[np.int64]
    """(T, 2)"""


def patch_fill(pixels: NDArray[np.uint8], known: NDArray[np.bool_], unit: float) -> Image:
    """(h, w, 3) 0..255 with what is not known made of pieces of what is.

    Wexler, Shechtman and Irani, Space-Time Completion of Video, 2007: every patch that touches the hole takes after the
    one most like it outside, from coarse to fine. Along the hole's outline the pieces so found are then copied at full
    resolution, with their grain; deep inside, which no pose uncovers, the coarse filling stays.

    Args:
        unit: pixels of an interocular distance.
    """
    height, width = known.shape
    filled, copies = pixels.astype(np.float32), None
    for cells, rounds, depth in _LEVELS:
        size = (max(2 * _PATCH, round(width * cells / unit)), max(2 * _PATCH, round(height * cells / unit)))
        known_cells = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.98
        hole_depth = cv2.distanceTransform((~known_cells).astype(np.uint8), cv2.DIST_L2, 5)
        small = np.asarray(cv2.resize(filled, size, interpolation=cv2.INTER_AREA), np.float32)
        if copies is None:
            small = mirrored_fill(small, known_cells, cells)
        small, found = _completed(small, known_cells, (hole_depth < depth * cells) & ~known_cells, rounds)
        copies = found or copies
        grown = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
        filled = np.where(known[..., None], filled, grown)
    if copies is None:  # too little is known
        return filled
    return _copied(pixels, filled, copies, ~known, unit / _LEVELS[-1][0])


def _completed(
    image: Image, known: NDArray[np.bool_], sought: NDArray[np.bool_], rounds: int
) -> tuple[Image, Copies | None]:
    """One level: the picture with what is sought filled in; and the last round's copies, None without a source."""
    half = _PATCH // 2
    whole = cv2.erode(known.astype(np.uint8), np.ones((_PATCH, _PATCH), np.uint8), borderValue=0) > 0
    source = np.argwhere(whole)
    near = cv2.dilate(sought.astype(np.uint8), np.ones((_PATCH, _PATCH), np.uint8)) > 0
    near[:half], near[-half:], near[:, :half], near[:, -half:] = False, False, False, False
    target = np.argwhere(near & ~whole)
    if len(source) < 50 or len(target) == 0:
        return image, None
    source = source[:: -(-len(source) // _SOURCES)]

    def patches(at: NDArray[np.int64]) -> Image:
        windows = np.lib.stride_tricks.sliding_window_view(image, (_PATCH, _PATCH), axis=(0, 1))
        return np.asarray(windows[at[:, 0] - half, at[:, 1] - half].reshape(len(at), -1), np.float32)

    image = image.copy()
    examples = patches(source)
    mean = examples.mean(0)
    _, axes = np.linalg.eigh((examples - mean).T @ (examples - mean))
    axes = axes[:, -_FEATURES:]
    features = (examples - mean) @ axes
    length = (features**2).sum(1) / 2
    found = source[:0]
    for _ in range(rounds):
        wish = (patches(target) - mean) @ axes
        found = np.concatenate([source[(length - w @ features.T).argmin(1)] for w in np.array_split(wish, 8)])
        total, weight = np.zeros_like(image), np.zeros(known.shape, np.float32)
        for dy in range(-half, half + 1):
            for dx in range(-half, half + 1):
                share = np.exp(-(dy**2 + dx**2) / 4)
                total[target[:, 0] + dy, target[:, 1] + dx] += share * image[found[:, 0] + dy, found[:, 1] + dx]
                weight[target[:, 0] + dy, target[:, 1] + dx] += share
        voted = sought & (weight > 0)
        image[voted] = total[voted] / weight[voted][:, None]
    return image, Copies(target, found)


def _copied(pixels: NDArray[np.uint8], filled: Image, copies: Copies, wanted: NDArray[np.bool_], cell: float) -> Image:
    """The copies at full resolution: a pixel is a mean of what its cell's copy and its neighbors' put there, mostly the
    nearest one's."""
    height, width = wanted.shape
    shape = (round(height / cell), round(width / cell))
    shift = np.zeros((*shape, 2), np.int64)
    has = np.zeros(shape, bool)
    shift[copies.target[:, 0], copies.target[:, 1]] = copies.source - copies.target
    has[copies.target[:, 0], copies.target[:, 1]] = True
    near = np.asarray(cv2.resize(has.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)) > 0
    place = np.argwhere(wanted & near)
    at = (place + 0.5) / cell - 0.5
    nearest = np.round(at).astype(np.int64)
    total, weight = np.zeros((len(place), 3), np.float32), np.zeros(len(place), np.float32)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            row = np.clip(nearest[:, 0] + dy, 0, shape[0] - 1)
            column = np.clip(nearest[:, 1] + dx, 0, shape[1] - 1)
            apart = ((np.stack([row, column], 1) - at) ** 2).sum(1)
            share = has[row, column] * np.exp(-apart / 0.25).astype(np.float32)
            origin = place + np.round(shift[row, column] * cell).astype(np.int64)
            total += share[:, None] * pixels[origin[:, 0].clip(0, height - 1), origin[:, 1].clip(0, width - 1)]
            weight += share
    result = filled.copy()
    drawn = weight > 0
    result[place[drawn, 0], place[drawn, 1]] = total[drawn] / weight[drawn][:, None]
    return result
