"""How the light on the skin changes as the face moves: cheeks that bulge catch it, folds and dimples lie in shade."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vasari.render.body.body import Body
from vasari.render.body.fields import GRID, Fields
from vasari.render.canvas.canvas import Canvas
from vasari.render.canvas.sampling import sample, widened
from vasari.render.native import call, fast
from vasari.render.state import State, lattice
from vasari.values import Appearance
from vasari.values.landmarks import EYES, LOWER_LIP, OVAL, UPPER_LIP

Array = NDArray[np.float32]

_HOLLOW: Final = 0.14
"""Size of a hollow that the surroundings shade, interocular distances."""
_DEPTH_OF_SHADE: Final = 0.8
"""Relative loss of light in a hollow, for each interocular distance that it is deep."""
_LAMBERT: Final = 0.8
"""Share of the normals' effect that shows: skin lets light through (subsurface scattering evens it out)."""
_MOST: Final = 0.2
"""Largest relative change of light."""
_TRAVEL: Final = 0.5
"""How far from its place in the photo the face may be seen shaded, interocular distances."""


class Shading:
    """Lightens and darkens the skin of what has been drawn."""

    def __init__(self, appearance: Appearance, fields: Fields, body: Body, canvas: Canvas) -> None:
        self._changes = changes(appearance, fields, body)
        outline = torch.as_tensor(appearance.landmarks[list(OVAL), :2])
        first, last = (bound.values for bound in (outline.min(0), outline.max(0)))
        reach = _TRAVEL * appearance.interocular
        grid = lattice(canvas, torch.device("cpu"))[0]
        self._rows = _within(grid[:, 0, 1], float(first[1]) - reach, float(last[1]) + reach)
        self._columns = _within(grid[0, :, 0], float(first[0]) - reach, float(last[0]) + reach)
        height, width = canvas.height / len(grid), canvas.width / grid.shape[1]
        self._top, self._bottom = (round(n * height) for n in (self._rows.start, self._rows.stop))
        self._left, self._right = (round(n * width) for n in (self._columns.start, self._columns.stop))

        self._nodes = lattice(canvas, fields.lower.device)[:, self._rows, self._columns]

    def draw(self, frames: Tensor, state: State, offsets: Tensor) -> None:
        """Shade (B, 3, H, W) frames in place.

        Args:
            offsets: `state.origins()`.
        """
        sources = self._nodes + offsets[:, self._rows, self._columns]
        if fast(frames):
            bounds = (self._top, self._bottom, self._left, self._right)
            change = frames.new_empty(GRID, GRID)
            for weights, places, frame in zip(state.weights, sources, frames, strict=True):
                call("combined", self._changes, weights, *self._changes.shape, change)
                call("shaded", change, GRID, places, *places.shape[:2], _MOST, *frame.shape[1:], *bounds, frame)
            return
        change = (state.weights @ self._changes).view(-1, 1, GRID, GRID)
        light = 1 + sample(change, 2 * sources - 1, "zeros").clamp(-_MOST, _MOST)
        part = frames[:, :, self._top : self._bottom, self._left : self._right]
        part *= widened(light, self._bottom - self._top, self._right - self._left)


def _within(places: Tensor, first: float, last: float) -> slice:
    """Of sorted places, those between two."""
    index = ((places >= first) & (places <= last)).nonzero()[:, 0]
    return slice(int(index[0]), int(index[-1]) + 1)


def changes(appearance: Appearance, fields: Fields, body: Body) -> Tensor:
    """(K + 1, GRID * GRID) relative change of brightness for each channel of the fields at 1.

    The moved surface's normals under the photo's light (`Appearance.light`: Lambert's law and a part that comes from
    everywhere), and the hollows' share of that part. Everything is as smooth as the fields: no lines are drawn, so a
    young face does not age, and what wrinkles the photo has move with the skin. Lips and eyes keep their own light.
    """
    a, unit = appearance, appearance.interocular
    moved = ((fields.lower + fields.upper) / 2).reshape(-1, 3, GRID, GRID).cpu().numpy()
    light, share = a.light, float(np.linalg.norm(a.light))
    even = 1 - share

    rest = np.zeros((3, GRID, GRID), np.float32)
    rest[2] = cv2.GaussianBlur(body.depth.cpu().numpy(), (0, 0), 0.05 * unit * GRID)
    before = _facing(rest, light)
    skin = _skin(appearance)
    each = []
    for displacement in moved:
        lambert = (_facing(rest + displacement, light) - before) / (even + before.clip(0))
        deeper = displacement[2] - cv2.GaussianBlur(displacement[2], (0, 0), _HOLLOW * unit * GRID)
        change = _LAMBERT * lambert - _DEPTH_OF_SHADE * deeper / unit
        each.append(_MOST * np.tanh(cv2.GaussianBlur(change, (0, 0), 0.03 * unit * GRID) / _MOST) * skin)
    return torch.from_numpy(np.stack(each).reshape(len(each), -1)).to(fields.lower.device)


def _facing(surface: Array, light: Array) -> Array:
    """(GRID, GRID) light that falls on a surface whose points lie (3, GRID, GRID) off the cells, frame units."""
    along_x, along_y = np.gradient(surface, 1 / GRID, axis=2), np.gradient(surface, 1 / GRID, axis=1)
    along_x[0] += 1
    along_y[1] += 1
    normal = -np.cross(along_x, along_y, axis=0)
    return np.asarray(np.tensordot(light, normal / np.linalg.norm(normal, axis=0), 1), np.float32).clip(min=0)


def _skin(appearance: Appearance) -> Array:
    """(GRID, GRID) 1 on the skin of the face, 0 on lips and eyes and outside the face's outline."""
    points, unit = appearance.landmarks[:, :2] * GRID - 0.5, appearance.interocular * GRID

    def filled(outline: tuple[int, ...]) -> NDArray[np.uint8]:
        area = np.zeros((GRID, GRID), np.uint8)
        cv2.fillPoly(area, [points[list(outline)].round().astype(np.int32)], 1)
        return area

    apart = filled((*UPPER_LIP[3], *LOWER_LIP[3][::-1]))
    for eye in EYES:
        apart |= filled((*eye.crease, *eye.pouch[::-1]))
    square = np.ones((3, 3), np.uint8)
    grown = cv2.dilate(apart, square, iterations=max(1, round(0.02 * unit)))
    face = cv2.erode(filled(OVAL), square, iterations=max(1, round(0.10 * unit)))
    reach = 2 * max(1, round(0.09 * unit)) + 1  # a box ends: outside the outline nothing changes at all
    inside = cv2.boxFilter(face.astype(np.float32), -1, (reach, reach))
    return np.asarray(inside * (1 - cv2.GaussianBlur(grown.astype(np.float32), (0, 0), 0.035 * unit)))
