"""Where the lips' opening ends: round, and the farther from their corners the wider it is.

Two margins that part from one point leave a pointed wedge between them. Where people's lips part, they still touch
beside the corners, and the skin between them is drawn to a round web.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

from vasari.render.canvas.sampling import sample
from vasari.values import Appearance
from vasari.values.appearance import MOUTH_PATCH
from vasari.values.landmarks import LOWER_LIP, UPPER_LIP

_COLUMNS: Final = 32
"""Places across the mouth at which its opening is known."""
_INWARD: Final = 0.35
"""How far the opening's ends move in from the corners: that share of half the mouth's width for every interocular
distance that half the opening is high."""
_SLACK: Final = 1.15
"""Height over the opening's own of the curve that bounds it, which is to round the ends only."""
_SOFT: Final = 0.035
"""Interocular distances over which it ends."""


class Corners:
    height: Tensor
    """(MOUTH_PATCH, MOUTH_PATCH) over the mouth's patch: how far a place of the photo lies above the lower lip's
    margin, interocular distances."""

    def __init__(self, appearance: Appearance, device: torch.device) -> None:
        a, unit = appearance, appearance.interocular
        down = a.axes[:2, 1] / np.linalg.norm(a.axes[:2, 1])
        across = np.array([down[1], -down[0]])
        upper, lower = (a.landmarks[list(ring[0]), :2] for ring in (UPPER_LIP, LOWER_LIP))
        middle, half = (lower[0] + lower[-1]) / 2, float((lower[-1] - lower[0]) @ across) / 2
        places = np.maximum.accumulate((lower - middle) @ across / half)
        columns = (np.arange(_COLUMNS) + 0.5) / _COLUMNS * 2 - 1
        active = np.abs(a.shapes).max((1, 2)) > 0
        moved = np.concatenate([a.shapes[active], a.closure[None]])[:, :, 1]
        parting = moved[:, list(LOWER_LIP[0])] - moved[:, list(UPPER_LIP[0])]

        def tensor(x: object) -> Tensor:
            return torch.as_tensor(np.asarray(x), dtype=torch.float32, device=device)

        self._parting = tensor([np.interp(columns, places, row) for row in parting])
        self._parted = tensor(np.interp(columns, places, (lower - upper) @ down / unit))
        self._across, self._middle = tensor(across / half), float(middle @ across / half)
        self._sharp = half / unit / (3 * _SOFT)

        x, y, side = (float(v) for v in a.mouth_place)
        grid = ((np.arange(MOUTH_PATCH) + 0.5) / MOUTH_PATCH * 2 - 1) * side
        patch = np.stack(np.meshgrid(grid + x, grid + y), -1) - middle
        margin = np.interp(patch @ across / half, places, (lower - middle) @ down)
        self.height = tensor((margin - patch @ down) / unit)

    def within(self, sources: Tensor, height: Tensor, weights: Tensor) -> Tensor:
        """(B, 1, h, w) how far places lie within the rounded ends of the opening, 0..1.

        Args:
            sources: (B, h, w, 2) places of the photo that the lower lip's field shows there.
            height: (B, 1, h, w) theirs.
            weights: as in `State`.
        """
        gaps = weights @ self._parting + self._parted
        half = (gaps.amax(1) / 2).clamp(min=1e-3)[:, None, None, None]
        across = (sources @ self._across - self._middle)[:, None]
        columns = torch.stack([across[:, 0], torch.zeros_like(across[:, 0])], -1)
        above = (height - sample(gaps[:, None, None], columns) / 2) / (_SLACK * half)
        across = across / (1 - _INWARD * half)
        beyond = (across * across * across).abs_() + (above * above * above).abs_()
        return beyond.sub_(1).mul_(-self._sharp).clamp_(0, 1)
