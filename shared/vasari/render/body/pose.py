"""The head's rigid motion, and what of the head is seen under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from vasari.render.body.body import Body
from vasari.render.canvas.sampling import enlarge, gaussian, sample
from vasari.render.native import call, fast

_LEVELS: Final = 8
"""Depths at which a line of sight is tried, from the nearest to the farthest."""
_RIM: Final = 1.0
"""Nodes over which the rim of a cheek that hides what lies behind it is softened: found node by node, it has teeth."""
_COARSE: Final = 4
"""Lines of sight are laid through every fourth node; between them they are interpolated."""


def thinned(nodes: Tensor) -> Tensor:
    """(1, h, w, 2) places of a regular grid -> (1, h / 4, w / 4, 2) of a coarser one."""
    rows, columns = nodes.shape[1:3]
    size = (max(2, rows // _COARSE), max(2, columns // _COARSE))
    return F.interpolate(nodes.permute(0, 3, 1, 2), size, mode="area").permute(0, 2, 3, 1).contiguous()


class Places:
    """Places of the photo around which a pose's motion is asked for.

    Args:
        points: (N, 3) places and depths in the frame.
    """

    def __init__(self, points: Tensor, body: Body) -> None:
        x = points - body.eye
        share = 1 + x[:, 2:] / body.distance
        self.lifted = torch.cat([x[:, :2] * share, x[:, 2:]], 1) - (body.pivot - body.eye)
        """(N, 3) in space, from the pivot."""
        self.lifting = torch.diag_embed(torch.cat([share, share, torch.ones_like(share)], 1))
        """(N, 3, 3) how that changes with place and depth."""
        self.lifting[:, :2, 2] = x[:, :2] / body.distance


@dataclass(frozen=True)
class Pose:
    """Motion of the head for each frame of a batch, as a camera at a finite distance sees it.

    A place of the photo at depth z (from the eyes' plane) is the point (place * (1 + z / distance), z), both measured
    from `eye`; it turns about the pivot, shifts, and is projected again. At rest every place stays exactly.
    """

    matrix: Tensor
    """(B, 3, 3) rotation of the head."""
    around: Tensor | None
    """(B, 3, 3) rotation of the whole person, as a camera that goes round it sees it; part of the head's."""
    shift: Tensor
    """(B, 3) in frame units."""
    pivot: Tensor
    """(3,) in the frame."""
    eye: Tensor
    """(3,) the point of the frame that the camera looks at."""
    distance: float
    """From the camera to that point, in frame units."""

    def near(self, places: Places) -> tuple[Tensor, Tensor]:
        """What the motion is around N places of the photo: a turn with a scale, as if seen from afar.

        Returns:
            (B, N, 3, 3) a rotation times a scale, and (B, N, 3) where the places go, depth included.
        """
        moved = places.lifted @ self.matrix.transpose(1, 2) + (self.pivot - self.eye + self.shift)[:, None]
        nearness = 1 / (1 + moved[..., 2:] / self.distance)
        seen = torch.cat([moved[..., :2] * nearness, moved[..., 2:]], -1)
        columns = self.matrix[:, None] @ places.lifting
        slopes = columns[..., :2, :] - seen[..., :2, None] * columns[..., 2:, :] / self.distance
        slopes = slopes * nearness[..., None]
        scale = slopes.norm(dim=-1).mean(-1)
        # The two directions that are square to each other and nearest to these.
        across, down = F.normalize(slopes, dim=-1).unbind(-2)
        half, rest = F.normalize(torch.stack([across + down, across - down]), dim=-1)
        across, down = (half + rest) / 2**0.5, (half - rest) / 2**0.5
        turn = torch.stack([across, down, torch.linalg.cross(across, down)], -2)
        return turn * scale[..., None, None], seen + self.eye

    def sources(self, depth: Tensor, body: Body, nodes: Tensor, coarse: Tensor) -> Tensor:
        """(B, h, w, 2) offsets from places in the picture to the places of the photo that are seen there.

        A line of sight, followed from the front, ends where it first goes beneath the surface: what lies behind is
        hidden, as the far cheek behind the nose. (Relief mapping: Policarpo, Oliveira and Comba, 2005.)

        Args:
            depth: (B, 1, n, n) depth of the surface over the frame, see `Body.depth`.
            nodes: (1, h, w, 2) places in the picture, a regular grid.
            coarse: (1, h / 4, w / 4, 2) a coarser one, `thinned`.
        """
        rows, columns = nodes.shape[1:3]
        if fast(depth):
            return self._sights(depth, body, coarse, nodes)
        start, end = (enlarge(self._at_depth(d, body, coarse) - coarse, rows, columns) for d in (body.front, body.back))
        across = 2 * (end - start)
        first = 2 * (nodes + start) - 1

        share = torch.linspace(0, 1, _LEVELS, device=depth.device)
        tried = (first[:, None] + across[:, None] * share[:, None, None, None]).flatten(1, 2)
        level = body.front + (body.back - body.front) * share
        above = sample(depth, tried).view(-1, _LEVELS, rows, columns) - level[:, None, None]
        above[:, -1].clamp_(max=-1e-6)  # whatever the surface, the line ends at the back
        index = torch.arange(_LEVELS, device=depth.device, dtype=depth.dtype)[:, None, None]
        hit = torch.where(above > 0, float(_LEVELS), index).amin(1, keepdim=True).long().clamp(min=1)
        over, under = above.gather(1, hit - 1), above.gather(1, hit)
        low, high = (hit - 1) / (_LEVELS - 1), hit / (_LEVELS - 1)
        for _ in range(2):
            at = low + (high - low) * (over / (over - under)).clamp(0, 1)
            gap = sample(depth, first + across * at[:, 0, ..., None]) - (body.front + (body.back - body.front) * at)
            outside = gap > 0
            low, over = torch.where(outside, at, low), torch.where(outside, gap, over)
            high, under = torch.where(outside, high, at), torch.where(outside, under, gap)
        at = low + (high - low) * (over / (over - under)).clamp(0, 1)
        offsets = start + (end - start) * at[:, 0, ..., None]
        return gaussian(offsets.permute(0, 3, 1, 2), _RIM).permute(0, 2, 3, 1)

    def _sights(self, depth: Tensor, body: Body, coarse: Tensor, nodes: Tensor) -> Tensor:
        around = torch.eye(3).expand_as(self.matrix) if self.around is None else self.around
        fixed = body.figures.expand(len(around), -1)
        motion = torch.cat([self.matrix.flatten(1), around.flatten(1), self.shift, fixed], 1)
        cells, offsets = depth.shape[-1], depth.new_empty(len(depth), *nodes.shape[1:])
        size, finer = coarse.shape[1:3], nodes.shape[1:3]
        for how, surface, out in zip(motion, depth, offsets, strict=True):
            call("sights", how, surface, body.follow_by_place, cells, coarse, *size, nodes, *finer, out)
        return offsets

    def _at_depth(self, level: float, body: Body, places: Tensor) -> Tensor:
        """(B, h, w, 2) places of the photo that would be seen at (1, h, w, 2) ones if all lay at one depth."""
        source = places.expand(len(self.matrix), -1, -1, -1)
        for _ in range(3):  # how far a place follows the head depends on where it comes from
            source = self._back(level, sample(body.follow, 2 * source - 1), places)
        return source

    def _back(self, level: float, follow: Tensor, places: Tensor) -> Tensor:
        z = level / (1 - level / self.distance)
        turn, shift, far, whole = follow.unbind(1)
        pivot, still = self.pivot - self.eye, torch.eye(3, device=places.device)
        m = turn[:, None, None] * (self.matrix - (still if self.around is None else self.around))[..., None, None]
        if self.around is not None:
            m = m + whole[:, None, None] * (self.around - still)[..., None, None]
        held = (m * pivot[:, None, None]).sum(2)
        t = self.shift[..., None, None]
        follow_z = torch.where(t[:, 2] > 0, far, torch.ones_like(far))
        x, y = ((places[..., k] - self.eye[k]) for k in (0, 1))
        back = m[:, 2, 2] * z - held[:, 2] + follow_z * t[:, 2] + z  # depth, less what x and y add to it
        share = 1 + back / self.distance
        a = 1 + m[:, 0, 0] - x * m[:, 2, 0] / self.distance
        b = m[:, 0, 1] - x * m[:, 2, 1] / self.distance
        c = m[:, 1, 0] - y * m[:, 2, 0] / self.distance
        d = 1 + m[:, 1, 1] - y * m[:, 2, 1] / self.distance
        u = x * share - m[:, 0, 2] * z + held[:, 0] - shift * t[:, 0]
        v = y * share - m[:, 1, 2] * z + held[:, 1] - shift * t[:, 1]
        scale = 1 / ((a * d - b * c) * (1 + z / self.distance))
        return torch.stack([(d * u - b * v) * scale + self.eye[0], (a * v - c * u) * scale + self.eye[1]], -1)
