"""An appearance and a motion in, frames out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vasari.render.canvas import Canvas
from vasari.render.eyes import both_eyes
from vasari.render.fields import GRID, build_fields
from vasari.render.layers import build_layers
from vasari.render.limits import carried_expression, carried_pose
from vasari.render.mouth import Mouth
from vasari.render.options import RenderOptions
from vasari.render.sampling import enlarge, sample
from vasari.render.state import State
from vasari.render.warp import Pose, invert
from vasari.values import Appearance, Motion
from vasari.values.motion import rotation_matrix

_BATCH = {"cpu": 4, "cuda": 32}
"""Frames computed at once. Always this many, so that a frame's arithmetic does not depend on its neighbours."""


class Renderer:
    """Draws one appearance. Prepared once; every frame then depends on its own row of the motion alone."""

    def __init__(self, appearance: Appearance, options: RenderOptions, device: str = "cpu") -> None:
        self.device = torch.device(device)
        self.width = self.height = options.size
        self._canvas = Canvas(self.height, self.width, 0.0, 0.0, float(options.size))
        with torch.inference_mode():
            self._fields = build_fields(appearance, self.device, fixed_edges=False)
            self._layers = build_layers(appearance, self._canvas, self.device)
            nodes = [round(n * GRID / self._canvas.side) for n in (self._canvas.height, self._canvas.width)]
            self._nodes = self._canvas.nodes(nodes[0], nodes[1], self.device)[None]
            self._mouth = Mouth(appearance, self._layers, self._canvas, self.device)
            self._eyes = both_eyes(appearance, self._layers, self._canvas, self.device)
        self._unit = appearance.interocular
        self._source = torch.from_numpy(appearance.source_motion.coefficients).to(self.device)

    def frames(self, motion: Motion, batch: int | None = None) -> Iterator[Tensor]:
        """uint8 (B, height, width, 3) RGB batches on the device, in order; only the last may be smaller."""
        size = _BATCH[self.device.type]
        for start in range(0, len(motion), size):
            part = motion[start : start + size]
            with torch.inference_mode():
                yield self._draw(self._state(part, size))[: len(part)]

    def _state(self, motion: Motion, size: int) -> State:
        """The motion's rows, the last one repeated up to the size of a batch."""
        rows = np.minimum(np.arange(size), len(motion) - 1)
        rotation, translation, coefficients = (
            torch.from_numpy(a[rows]) for a in (motion.rotation, motion.translation, motion.coefficients)
        )
        turn, shift, scale = carried_pose(rotation, translation)
        matrix = torch.from_numpy(rotation_matrix(turn.numpy().astype(np.float64))) * scale[:, None, None]
        pose = Pose(matrix.to(self.device), self._fields.pivot, F.pad(shift * self._unit, (0, 1)).to(self.device))
        absolute = carried_expression(coefficients.to(self.device))
        relative = (absolute - self._source)[:, self._fields.channels]
        return State.of(absolute, F.pad(relative, (0, 1), value=1.0), pose, self._fields)

    def _draw(self, state: State) -> Tensor:
        source = self._layers.person.normalize(invert(state.lower, self._nodes))
        person = sample(self._layers.person.image, enlarge(source, self._canvas.height, self._canvas.width))
        frames = torch.addcmul(person[:, :3], person[:, 3:], self._layers.background)
        self._mouth.draw(frames, state)
        for eye in self._eyes:
            eye.draw(frames, state)
        return frames.add_(0.5).clamp_(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()
