"""Turning displacements about: from where places go to where they come from."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vasari.render.canvas.sampling import enlarge, gaussian, nowhere, sample
from vasari.render.native import call, fast

LONGEST_STEP = 0.04
"""Of a search for a source, in frame units."""
_LEAST, _PRESSED = 0.15, 0.3
"""Area of what was 1 for which the search's steps are bounded, and for which a displacement is smoothed."""
_ROUNDS = 4
"""Of smoothing, at most."""


def unfolded(moved: Tensor) -> Tensor:
    """(B, 2, n, n) displacement over the frame, smoothed where it presses the picture so far together that it folds:
    at the far corner of a mouth that the photo shows from the side."""
    for _ in range(_ROUNDS):
        folding = (_PRESSED - _determinant(*_slopes(moved)))[:, None].clamp(min=0) * (1 / _PRESSED)
        if nowhere(folding):
            break
        share = gaussian(F.max_pool2d(folding, 7, 1, 3), 1.5).clamp(max=1)
        moved = torch.lerp(moved, gaussian(moved, 2.0), share)
    return moved


def searched(moved: Tensor) -> Tensor:
    """(B, 2, n, n) displacement over the frame -> what a search for sources needs: the displacement, and the inverse of
    its derivative, row by row. Where the picture folds, the determinant is held up, which keeps the steps bounded.

    (B, 6, n, n); on CPUs with kernels (B, n, n, 8), of which two are unused.
    """
    if fast(moved):
        cells = moved.shape[-1]
        field = moved.new_empty(len(moved), cells, cells, 8)
        for displacement, out in zip(moved, field, strict=True):
            if call("searched", displacement, cells, _LEAST, out) < _PRESSED:
                call("searched", unfolded(displacement[None])[0].contiguous(), cells, _LEAST, out)
        return field
    return _with_inverse(unfolded(moved))


def _with_inverse(moved: Tensor) -> Tensor:
    """(B, 2, n, n) -> (B, 6, n, n)"""
    a, b, c, d = _slopes(moved)
    determinant = _determinant(a, b, c, d).clamp(min=_LEAST)
    return torch.cat([moved, torch.stack([d, -b, -c, a], 1) / determinant[:, None]], 1)


def _slopes(moved: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """(B, n, n) each: how the x of where a place goes changes with its x and y, and then its y."""
    cells = moved.shape[-1]
    pad = F.pad(moved, (1, 1, 1, 1), mode="replicate")
    slope_x = (pad[:, :, 1:-1, 2:] - pad[:, :, 1:-1, :-2]) * (cells / 2)
    slope_y = (pad[:, :, 2:, 1:-1] - pad[:, :, :-2, 1:-1]) * (cells / 2)
    return 1 + slope_x[:, 0], slope_y[:, 0], slope_x[:, 1], 1 + slope_y[:, 1]


def _determinant(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    return a * d - b * c


def inverted(field: Tensor, cells: Tensor) -> Tensor:
    """(B, 2, n, n) offsets from cells of the frame to where what is seen there comes from: solves
    source + displacement(source) = cell.

    First on grids four times as coarse, where even the largest motion is found from afar, then on the full ones.

    Args:
        field: see `searched`.
        cells: (1, n, n, 2) the places of its cells.
    """
    n = cells.shape[1]
    if fast(field):
        offsets = field.new_empty(len(field), n, n, 2)
        for searchable, out in zip(field, offsets, strict=True):
            call("inverted", searchable, n, _LEAST, LONGEST_STEP, out)
        return offsets
    rows = max(2, n // 4)
    coarse = F.interpolate(cells.permute(0, 3, 1, 2), (rows, rows), mode="area").permute(0, 2, 3, 1)
    start = coarse.expand(len(field), -1, -1, -1)
    found = refine(_with_inverse(F.avg_pool2d(field[:, :2], 4)), coarse, start, steps=8)
    return refine(field, cells, cells + enlarge(found - coarse, n, n), steps=2) - cells


def refine(field: Tensor, places: Tensor, start: Tensor, steps: int) -> Tensor:
    """Where what is seen at some places comes from, by Newton's method from a first guess.

    Args:
        field: see `searched`.
        places: (B, h, w, 2) or (1, h, w, 2) frame units.
        start: (B, h, w, 2) the guess.
    Returns:
        (B, h, w, 2)
    """
    if fast(field):
        found, targets = start.contiguous().clone(), places.expand_as(start).contiguous()
        count, cells = found[0].numel() // 2, field.shape[1]
        for searchable, target, out in zip(field, targets, found, strict=True):
            call("refined", searchable, cells, target, count, steps, LONGEST_STEP, out)
        return found
    target, source = places.permute(0, 3, 1, 2), start.permute(0, 3, 1, 2)
    for _ in range(steps):
        dx, dy, xx, xy, yx, yy = sample(field, (2 * source - 1).permute(0, 2, 3, 1)).unbind(1)
        miss_x = source[:, 0] + dx - target[:, 0]
        miss_y = source[:, 1] + dy - target[:, 1]
        step = torch.stack([xx * miss_x + xy * miss_y, yx * miss_x + yy * miss_y], 1)
        source = source - step.clamp(-LONGEST_STEP, LONGEST_STEP)
    return source.permute(0, 2, 3, 1)
