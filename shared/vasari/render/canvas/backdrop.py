"""What lies behind the person as a moving camera sees it: a picture on a wall."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from vasari.render.body.body import Body
from vasari.render.canvas.canvas import Canvas
from vasari.render.canvas.layers import Layers
from vasari.values.appearance import MARGIN

_BEHIND: Final = 0.2
"""How far the wall stands behind the person, as a part of the camera's distance. A real one may be farther: but what
would come into the picture from its sides, the photo does not show."""
_LARGEST_SCALE: Final = 0.2
"""How much the wall grows or shrinks at most (as a logarithm)."""


class Backdrop:
    """The background that a camera sees which may move."""

    def __init__(self, layers: Layers, body: Body, canvas: Canvas) -> None:
        self._picture, self._body = layers.behind, body
        self._arm = body.pivot.new_tensor([0.0, 0.0, _BEHIND * body.distance])
        self._places = canvas.nodes(canvas.height, canvas.width, layers.background.device)[None]

    def seen(self, turn: Tensor, distance: Tensor) -> Tensor:
        """(B, 3, H, W) the background on the canvas.

        It shifts and scales as one: straight lines stay straight.

        Args:
            turn: (B, 3, 3) of the person, as the camera sees it.
            distance: (B, 1) of the camera, over that of the photo.
        """
        body = self._body
        joint = body.pivot - body.eye
        wall, moved = joint + self._arm, joint + turn @ self._arm
        far = 1 + wall[2] / body.distance
        before, after = wall[:2] / far, moved[:, :2] / (1 + moved[:, 2:] / body.distance)
        shift = MARGIN * torch.tanh((after - before) / MARGIN)
        growth = _LARGEST_SCALE * torch.tanh(torch.log(far / (distance - 1 + far)) / _LARGEST_SCALE)
        middle = body.eye[:2]
        places = (self._places - middle - shift[:, None, None]) * torch.exp(-growth)[:, None, None] + middle
        return self._picture.at(places, outside="reflection")
