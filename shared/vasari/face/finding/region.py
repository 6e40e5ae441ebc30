"""Regions: the rotated squares of a picture that the face networks look at.

A region is a row (center x, center y, side, angle) in pixels and radians, clockwise as seen; N of them are an (N, 4)
tensor. Coordinates are MediaPipe's: pixel index i stands for coordinate i.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

ENLARGEMENT = 1.5
"""Side of a face's region over the longer side of its box: the framing that the mesh was trained with."""
_OUTER_EYE_CORNERS = (33, 263)


def around_detections(boxes: Tensor, keypoints: Tensor) -> Tensor:
    """Regions of detected faces: (N, 4) boxes x0 y0 x1 y1 and (N, 6, 2) key points, the eyes first -> (N, 4)."""
    return _around(boxes[:, :2], boxes[:, 2:], keypoints[:, 1] - keypoints[:, 0])


def around_landmarks(landmarks: Tensor) -> Tensor:
    """Regions of faces whose (N, 478, 3) landmarks are known: for a second look, or for a video's next frame."""
    points = landmarks[..., :2]
    left, right = _OUTER_EYE_CORNERS
    return _around(points.amin(1), points.amax(1), points[:, right] - points[:, left])


def _around(low: Tensor, high: Tensor, eye_line: Tensor) -> Tensor:
    side = (high - low).amax(1, keepdim=True) * ENLARGEMENT
    angle = torch.atan2(eye_line[:, 1:], eye_line[:, :1])
    return torch.cat([(low + high) / 2, side, angle], 1)


def crop(image: Tensor, regions: Tensor, size: int, *, border: str = "border") -> Tensor:
    """Cut regions out of one image and scale them to the size of a network's input.

    Plain bilinear sampling as in MediaPipe: output pixel i lies at i / size of the side, not at (i + 0.5) / size.

    Args:
        image: (3, H, W).
        regions: (N, 4).
        size: pixels of the output's side.
        border: what lies outside the image: "border" repeats its edge, "zeros" is black.

    Returns:
        (N, size, size, 3), the values of the image.
    """
    height, width = image.shape[1:]
    ticks = torch.arange(size, device=image.device, dtype=image.dtype) / size - 0.5
    x, y = to_image(ticks[None, None, :], ticks[None, :, None], regions[:, None, None])
    grid = torch.stack([(2 * x + 1) / width - 1, (2 * y + 1) / height - 1], -1)
    images = image.expand(len(regions), -1, -1, -1)
    return F.grid_sample(images, grid, padding_mode=border, align_corners=False).permute(0, 2, 3, 1)


def to_image(u: Tensor, v: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    """Positions within regions, -0.5..0.5 of the side from the center, to pixels x, y of the image.

    `u` (across) and `v` (down) broadcast with the regions' leading axes; their last axis holds the four figures.
    """
    center_x, center_y, side, angle = regions.unbind(-1)
    return (
        center_x + (u * angle.cos() - v * angle.sin()) * side,
        center_y + (u * angle.sin() + v * angle.cos()) * side,
    )
